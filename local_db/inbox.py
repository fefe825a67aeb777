"""The inbox: what headquarters signed, verbatim, numbered in order of arrival, with the log position at which it was applied.

Promise: nothing gets in before its signature was checked against the pinned root and its address against this device; the
same statement gets in once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from claims.errors import Bilingual, EnvironmentProblem
from claims.statements import LogReceipted, decode_statement
from local_db.apply_statements import Addressed
from local_db.connection import Engine
from local_db.identity import Identity
from trust.certificates import TrustStore
from trust.errors import TrustError
from trust.sign1 import take_apart
from trust.statements import open_statement

_MOST_AT_ONCE = 1000
OUTSIDE_FEED = frozenset({"log_receipted@1"})
"""Kinds that answer a request directly; every other kind comes through the numbered feed (sync/wire/messages.py)."""


_LATE_RECEIPTS = 32
"""Receipts by stick may arrive in another order than they were signed in; so many of the last ones are compared."""


@dataclass(frozen=True)
class InboxItem:
    """One stored statement. ``feed_position`` counts from 0 in the feed, None for direct answers."""

    position: int
    feed_position: int | None
    kind: str
    statement_id: str
    applied_after_seq: int
    raw: bytes


@dataclass(frozen=True)
class Verified:
    """A statement that headquarters signed for this device. ``receipt`` is set for a log receipt."""

    raw: bytes
    kind: str
    body: bytes
    statement_id: str
    receipt: LogReceipted | None


def verify(raw: bytes, roots: TrustStore, identity: Identity) -> Verified:
    """Check signature, structure and address of a statement.

    Raises:
        EnvironmentProblem: ``statement_forged`` or ``statement_misaddressed``; it must not be believed.
    """
    try:
        kind, body = open_statement(raw, roots)
        addressed = msgspec.json.decode(body, type=Addressed)
        written_kind = msgspec.json.decode(body, type=_Tagged).type
    except (TrustError, msgspec.MsgspecError) as error:
        raise _forged(str(error)) from error
    if written_kind != kind:
        raise _forged(f"{kind} / {written_kind}")
    if addressed.issued_at.tzinfo is None:
        raise _forged(f"{addressed.issued_at.isoformat()} without a time zone")
    if (addressed.device, addressed.epoch) != (identity.device, identity.epoch):
        raise EnvironmentProblem(
            "statement_misaddressed",
            Bilingual(
                f"收到的总部消息是给 {addressed.device}（第 {addressed.epoch} 期）的，本机是 {identity.device}（第 {identity.epoch} 期），未采用。",
                f"The message from headquarters is for {addressed.device} (epoch {addressed.epoch}); this is {identity.device} (epoch {identity.epoch}). It was not taken.",
            ),
            Bilingual("请重新同步；若再次出现，请联系总部。", "Sync again; if it comes back, call headquarters."),
        )
    return Verified(raw, kind, body, addressed.statement_id, _receipt(body))


def is_known(engine: Engine, statement: Verified) -> bool:
    """Say whether this statement is in the inbox already, even if it came signed by another service key."""
    return engine.execute("SELECT 1 FROM inbox WHERE sha256 = ?", (_sha256(statement),)).fetchone() is not None


def add(engine: Engine, statement: Verified, applied_after_seq: int) -> int:
    """Store a statement and return its position; the caller holds the transaction."""
    row = engine.execute(
        "INSERT INTO inbox (statement_id, kind, in_feed, applied_after_seq, sha256, raw) VALUES (?, ?, ?, ?, ?, ?) RETURNING position",
        (
            statement.statement_id,
            statement.kind,
            int(statement.kind not in OUTSIDE_FEED),
            applied_after_seq,
            _sha256(statement),
            statement.raw,
        ),
    ).fetchone()
    return int(row[0])


def newest_receipt_seq(engine: Engine) -> int | None:
    """Return the watermark of the receipt that headquarters signed last, None before the first.

    It may lie below an earlier one: headquarters was restored from an older backup and wants the log from there.
    """
    rows = engine.execute(
        "SELECT raw FROM inbox WHERE kind = 'log_receipted@1' ORDER BY position DESC LIMIT ?", (_LATE_RECEIPTS,)
    ).fetchall()
    receipts = [msgspec.json.decode(take_apart(bytes(raw)).payload, type=LogReceipted) for (raw,) in rows]
    return max(receipts, key=lambda each: each.issued_at).watermark_seq if receipts else None


def feed_count(engine: Engine) -> int:
    """Return how many statements came through the feed."""
    return int(engine.execute("SELECT count(*) FROM inbox WHERE in_feed = 1").fetchone()[0])


def feed_statements(engine: Engine, position: int, max_bytes: int) -> list[bytes]:
    """Return raw statements of the feed from a position on, at least one if any, then up to ``max_bytes``."""
    rows = engine.execute(
        "SELECT raw FROM inbox WHERE in_feed = 1 ORDER BY position LIMIT ? OFFSET ?", (_MOST_AT_ONCE, max(0, position))
    ).fetchall()
    taken: list[bytes] = []
    size = 0
    for (raw,) in rows:
        if taken and size + len(raw) > max_bytes:
            break
        taken.append(bytes(raw))
        size += len(raw)
    return taken


def items(engine: Engine, after: int = 0) -> Iterator[InboxItem]:
    """Yield stored statements in order of arrival, after an inbox position."""
    rows = engine.execute(
        "SELECT position, CASE in_feed WHEN 1 THEN row_number() OVER (PARTITION BY in_feed ORDER BY position) - 1 END,"
        " kind, statement_id, applied_after_seq, raw FROM inbox ORDER BY position"
    ).fetchall()
    for position, feed_position, kind, statement_id, applied_after_seq, raw in rows:
        if position > after:
            yield InboxItem(position, feed_position, kind, statement_id, applied_after_seq, bytes(raw))


def digest_refused(watermark_seq: int, theirs: str, ours: bytes | None) -> EnvironmentProblem:
    """A receipt for a log that is not this one: a cloned or restored disk, or a mix-up at headquarters."""
    mine = "—" if ours is None else ours.hex()[:16]
    return EnvironmentProblem(
        "receipt_digest_differs",
        Bilingual(
            f"总部回执到第 {watermark_seq} 条的校验码（{theirs[:16]}）与本机（{mine}）不一致，未采用。本机或总部的记录可能被复制或还原过。",
            f"Headquarters' receipt up to entry {watermark_seq} has digest {theirs[:16]}, this laptop's is {mine}. It was not believed; a disk may have been cloned or restored.",
        ),
        Bilingual(
            "请暂停出凭证，保留本机全部资料，并立即联系总部。",
            "Stop issuing vouchers, keep everything on this laptop, and call headquarters now.",
        ),
    )


class _Tagged(msgspec.Struct, frozen=True):
    type: str


def _receipt(body: bytes) -> LogReceipted | None:
    try:
        statement = decode_statement(body)
    except msgspec.ValidationError:
        return None
    return statement if isinstance(statement, LogReceipted) else None


def _sha256(statement: Verified) -> str:
    return hashlib.sha256(statement.kind.encode() + b"\0" + statement.body).hexdigest()


def _forged(detail: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "statement_forged",
        Bilingual(
            f"收到的消息不是总部签发的（{detail}），未采用。",
            f"A message was not signed by headquarters ({detail}) and was not taken.",
        ),
        Bilingual(
            "请换一个网络再同步；若再次出现，请联系总部。",
            "Sync again over another network; if it comes back, call headquarters.",
        ),
    )
