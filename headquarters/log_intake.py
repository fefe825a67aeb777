"""Takes in a device's log and says, signed, how far headquarters holds it.

Promise: what a receipt names was committed to disk before the receipt was signed. Commits are stored verbatim, in order and
without a gap; the same batch twice changes nothing; the same numbers with other bytes freeze the device and keep the
evidence. An event that can't be read or breaks a rule is stored as received-and-rejected with a task for the station: one
bad item never blocks the log.

Source: design.md "Log", notes/sync.md §3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from claims.errors import Bilingual
from claims.events import AnyEvent, CaseOpened, Event, decode_event
from claims.statements import LogReceipted
from headquarters.devices import require_going, stop_device
from headquarters.event_rules import broken_rule, needs_processing, subject_of
from headquarters.installation import Headquarters
from headquarters.models import Device, DeviceState, EventState, LogCommit, LogEvent, LogFork
from headquarters.number_blocks import Replenishing
from headquarters.refusals import CommitRefused
from headquarters.station_tasks import assign
from headquarters.turn import Turn
from trust.certificates import TrustStore
from trust.commits import SignedCommit, open_commit, peek_commit
from trust.errors import TrustError

_MAX_TYPE = 64


class _Fork(Exception):  # noqa: N818 - a finding that ends the batch, not an error of the program
    """A verified commit under numbers that are taken."""

    def __init__(self, first_seq: int, raw: bytes) -> None:
        super().__init__(f"fork at {first_seq}")
        self.first_seq = first_seq
        self.raw = raw


def receive_log(hq: Headquarters, device: str, epoch: int, commits: Sequence[bytes]) -> LogReceipted:
    """Store the commits that follow what is held, and return the receipt. No commits: the receipt as it stands.

    Raises:
        CommitRefused: ``commit_forged`` or ``commit_foreign``; nothing of the batch was stored.
        DeviceFrozen: the batch shows a fork; what came before it in the batch was stored.
        DeviceStopped: the device was stopped before.
    """
    at = hq.now()

    def take(session: Session) -> tuple[LogReceipted, bool]:
        found = session.get_one(Device, (device, epoch))
        require_going(found)
        roots = hq.trust_store()
        roots.add_device(found.certificate)
        roots.add_head(device, epoch, found.watermark_seq + 1, found.digest)
        turn = Turn(hq, session, found, at)
        forked = False
        batch = _Batch(_KnownCases(session), Replenishing(turn))
        try:
            for raw in commits:
                _take(turn, roots, batch, raw)
        except _Fork as evidence:
            forked = True
            _freeze(turn, evidence)
        batch.store(session)
        return _receipt(session, found, at), forked

    # One device's log and feed: nothing here moves money, so the devices go side by side.
    receipt, forked = hq.database.run(take, alone=False)
    if forked:
        with hq.database.read() as session:
            require_going(session.get_one(Device, (device, epoch)))
    return receipt


class _KnownCases:
    """Which cases exist, asked once a batch: a laptop sends many entries of few cases."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: set[str] = set()

    def __call__(self, case_no: str) -> bool:
        if case_no not in self._known and opening_of(self._session, case_no) is not None:
            self._known.add(case_no)
        return case_no in self._known

    def opened(self, case_no: str) -> None:
        """Note a case that this batch opened."""
        self._known.add(case_no)


@dataclass
class _Batch:
    """What one batch brought, on its way to the disk: rows are written together, which costs a tenth of one by one."""

    cases: _KnownCases
    replenish: Replenishing
    commits: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)

    def store(self, session: Session) -> None:
        """Write what was collected. Whoever looks for commits or events in the transaction calls this first."""
        connection = session.connection()
        for statement, rows in ((_INSERT_COMMITS, self.commits), (_INSERT_EVENTS, self.events)):
            if rows:
                connection.execute(statement, rows)
                rows.clear()


_INSERT_COMMITS: Final = insert(LogCommit)
_INSERT_EVENTS: Final = insert(LogEvent)


def _take(turn: Turn, roots: TrustStore, batch: _Batch, raw: bytes) -> None:
    session, device = turn.session, turn.device
    try:
        written_by, epoch, first_seq, last_seq = peek_commit(raw)
    except TrustError as problem:
        raise _forged(0) from problem
    if (written_by, epoch) != (device.device, device.epoch):
        raise CommitRefused(
            "commit_foreign",
            Bilingual(
                f"记录属于设备 {written_by}（第 {epoch} 次登记），不属于 {device.device}。",
                f"The record was written by device {written_by} (epoch {epoch}), not by {device.device}.",
            ),
            Bilingual("请联系总部。", "Call headquarters."),
        )
    if first_seq > device.watermark_seq + 1:
        return  # what lies between has not come yet; the receipt says how far we are
    if first_seq <= device.watermark_seq:
        batch.store(session)
        known = session.get(LogCommit, (device.device, device.epoch, first_seq))
        if known is not None and known.raw == raw:
            return
        _require_fork(session, device, roots, raw, first_seq)
        raise _Fork(first_seq, raw)
    commit = _open(raw, roots, first_seq)
    batch.commits.append(
        {
            "device": device.device,
            "epoch": device.epoch,
            "first_seq": first_seq,
            "last_seq": last_seq,
            "hash": commit.hash,
            "raw": raw,
            "received_at": turn.at,
        }
    )
    for place, body in enumerate(commit.events):
        _take_event(turn, batch, first_seq + place, body)
    device.watermark_seq, device.digest = last_seq, commit.hash
    roots.add_head(device.device, device.epoch, last_seq + 1, commit.hash)


def _take_event(turn: Turn, batch: _Batch, seq: int, body: bytes) -> None:
    device = turn.device
    event, reason = _read_event(turn, batch.cases, body)
    state = EventState.PROCESSED
    if reason is not None:
        state = EventState.REJECTED
    elif event is not None and needs_processing(event):
        state = EventState.PENDING
    batch.events.append(
        {
            "device": device.device,
            "epoch": device.epoch,
            "seq": seq,
            "sha256": hashlib.sha256(body).hexdigest(),
            "type": _type_of(body),
            "subject": None if event is None else subject_of(event),
            "body": body,
            "state": state,
            "reason_zh": None if reason is None else reason.zh,
            "reason_en": None if reason is None else reason.en,
            "processed_at": None if state == EventState.PENDING else turn.at,
        }
    )
    if reason is not None:
        case_no = getattr(event, "case_no", None)
        text = Bilingual(
            f"第 {seq} 条记录总部已收到但未采用：{reason.zh}请核对后补记一条更正。",
            f"Record {seq} reached headquarters but was not taken: {reason.en} Check it and record a correction.",
        )
        assign(turn, text, case_no=case_no)
    elif event is not None:
        batch.replenish(event)
        if isinstance(event, CaseOpened):
            batch.cases.opened(event.case_no)


def _read_event(turn: Turn, cases: _KnownCases, body: bytes) -> tuple[AnyEvent | None, Bilingual | None]:
    try:
        event = decode_event(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        text = str(problem)[:200]
        return None, Bilingual(f"内容无法识别（{text}）。", f"It can't be read ({text}).")
    return event, broken_rule(event, turn.device, cases)


def opening_of(session: Session, case_no: str) -> tuple[CaseOpened, str] | None:
    """Return how a case was opened and the device that did it: any laptop, in any of its lives. None for an unknown case."""
    row = session.scalars(
        select(LogEvent)
        .where(LogEvent.type == _tag(CaseOpened), LogEvent.subject == case_no, LogEvent.state != EventState.REJECTED)
        .limit(1)
    ).first()
    if row is None:
        return None
    return msgspec.json.decode(row.body, type=CaseOpened), row.device


def _tag(event: type[Event]) -> str:
    tag = event.__struct_config__.tag
    if not isinstance(tag, str):
        raise TypeError(f"{event.__name__} has no tag")
    return tag


def _type_of(body: bytes) -> str:
    """Return the tag as written, also of an event this version does not know."""
    try:
        tag = _HEAD.decode(body).type
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "unreadable"
    return tag[:_MAX_TYPE] if isinstance(tag, str) else "unreadable"


class _Head(msgspec.Struct):
    """The one field that every event has; the rest is skipped."""

    type: object = None


_HEAD: Final = msgspec.json.Decoder(_Head)


def _require_fork(session: Session, device: Device, roots: TrustStore, raw: bytes, first_seq: int) -> None:
    """Check that the device itself signed this other commit on top of what is held; anything else is a forgery."""
    before = session.scalars(
        select(LogCommit).where(
            LogCommit.device == device.device, LogCommit.epoch == device.epoch, LogCommit.last_seq == first_seq - 1
        )
    ).first()
    if before is not None:
        roots.add_head(device.device, device.epoch, first_seq, before.hash)
    _open(raw, roots, first_seq)


def _open(raw: bytes, roots: TrustStore, first_seq: int) -> SignedCommit:
    try:
        return open_commit(raw, roots)
    except TrustError as problem:
        raise _forged(first_seq) from problem


def _freeze(turn: Turn, fork: _Fork) -> None:
    turn.session.merge(
        LogFork(
            device=turn.device.device,
            epoch=turn.device.epoch,
            first_seq=fork.first_seq,
            sha256=hashlib.sha256(fork.raw).hexdigest(),
            raw=fork.raw,
            received_at=turn.at,
        )
    )
    freeze_for_fork(turn, fork.first_seq)


def freeze_for_fork(turn: Turn, seq: int) -> None:
    """Freeze a device whose log has two versions from ``seq`` on."""
    reason = Bilingual(
        f"第 {seq} 条记录有两个不同版本，硬盘可能被复制或还原过。",
        f"Record {seq} exists in two versions: the disk was probably cloned or restored.",
    )
    stop_device(turn, DeviceState.FROZEN, reason)
    turn.session.flush()


def _receipt(session: Session, device: Device, at: datetime) -> LogReceipted:
    life = {"device": device.device, "epoch": device.epoch}
    rejected = session.connection().execute(_REJECTED, life).scalars()
    # The id follows from the content, so the same receipt asked for twice is applied once.
    return LogReceipted(
        statement_id=f"{device.device}.{device.epoch}.log.{device.watermark_seq}",
        device=device.device,
        epoch=device.epoch,
        issued_at=at,
        watermark_seq=device.watermark_seq,
        digest=device.digest.hex(),
        rejected_seqs=tuple(rejected),
    )


_REJECTED: Final = (
    select(LogEvent.seq)
    .where(
        LogEvent.device == bindparam("device"),
        LogEvent.epoch == bindparam("epoch"),
        LogEvent.state == EventState.REJECTED,
    )
    .order_by(LogEvent.seq)
)


def _forged(first_seq: int) -> CommitRefused:
    return CommitRefused(
        "commit_forged",
        Bilingual(
            f"从第 {first_seq} 条开始的记录签名不符，总部没有接收。",
            f"The record from {first_seq} on has a wrong signature; headquarters did not take it.",
        ),
        Bilingual("数据仍在本机。请联系总部。", "The data are still on this laptop. Call headquarters."),
    )
