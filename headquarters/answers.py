"""The answers to hello, have and down.

Promise: each carries the question's nonce and headquarters' time; what the log brought is settled before the answer is given
(up to ``EVENTS_BEFORE_ANSWER``), so a device that asks ``down`` right after ``log`` learns what became of its promises.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.errors import Bilingual
from headquarters.attachments import offer
from headquarters.devices import STOPPED
from headquarters.enrolment import protocol_too_old
from headquarters.installation import Headquarters
from headquarters.log_intake import freeze_for_fork
from headquarters.models import Device, LogCommit
from headquarters.number_blocks import complete_kinds
from headquarters.processing import process_pending
from headquarters.refusals import BodyRefused
from headquarters.relearning import note_hello
from headquarters.relearning_by_stick import note_old_hello, wanted_from
from headquarters.releases import current_versions
from headquarters.restores import feed_waits
from headquarters.statements_out import feed_after
from headquarters.tuf_repository import upkeep
from headquarters.turn import Turn
from sync.tuf_targets import TUF
from sync.wire.dictionary import accepted
from sync.wire.messages import (
    EARLY_LOG,
    PROTOCOL,
    Down,
    DownAnswered,
    Have,
    HaveAnswered,
    Hello,
    HelloAnswered,
    LogBatch,
)
from trust.certificates import FIRST_SEQ, genesis_hash

MAX_FEED_BYTES = 512 * 1024
EVENTS_BEFORE_ANSWER = 1000
"""A day of a whole station; what a stick brings beyond it is processed behind the answer, before a client's patience ends."""


def answer_hello(hq: Headquarters, hello: Hello, *, live: bool = True) -> HelloAnswered:
    """Tell a device how far headquarters holds its log, and whether it is stopped.

    A head that contradicts the log held here is a fork: the device is frozen on the spot.
    """
    if hello.protocol != PROTOCOL:
        raise protocol_too_old(hello.protocol)
    if hello.next_seq < FIRST_SEQ:
        raise BodyRefused(
            "position_unreadable",
            Bilingual(f"日志位置 {hello.next_seq} 不合理。", f"The log position {hello.next_seq} makes no sense."),
            Bilingual("请联系总部。", "Call headquarters."),
        )
    process_pending(hq, hello.device, hello.epoch, most=EVENTS_BEFORE_ANSWER)
    releases = {**current_versions(hq), TUF: upkeep(hq)}
    at = hq.now()

    def greet(session: Session) -> HelloAnswered:
        device = session.get_one(Device, (hello.device, hello.epoch))
        device.seen_at = at
        # What a stick brings may be older than the restore: only a device that is at the other end now was heard.
        turn = Turn(hq, session, device, at)
        relearn_from = note_hello(turn, hello) if live else note_old_hello(turn)
        held = _held_head(hq, hello)
        if device.state not in STOPPED and held is not None and held != hello.head:
            freeze_for_fork(Turn(hq, session, device, at), hello.next_seq - 1)
        complete_kinds(Turn(hq, session, device, at))
        return HelloAnswered(
            device=device.device,
            epoch=device.epoch,
            nonce=hello.nonce,
            hq_time=at,
            watermark_seq=device.watermark_seq,
            digest=device.digest.hex(),
            feed_length=device.feed_length,
            releases=releases,
            revoked=device.state in STOPPED,
            incarnation=hq.incarnation.number,
            incarnation_id=hq.incarnation.name,
            relearn_from=relearn_from,
            accepts=(*accepted(), EARLY_LOG),
        )

    return hq.database.run(greet, alone=False)


def commits_due(hq: Headquarters, batch: LogBatch) -> tuple[bytes, ...]:
    """Return what of a batch may be taken: nothing of an early one while headquarters has not told, or not learned, which life of it this is."""
    if batch.incarnation > hq.incarnation.number:
        return ()
    if batch.early:
        with hq.database.read() as session:
            if feed_waits(hq, session, session.get_one(Device, (batch.device, batch.epoch))):
                return ()
    return batch.commits


def answer_have(hq: Headquarters, have: Have) -> HaveAnswered:
    """Tell a device which of its files are held and which chunks are missing."""
    held, missing = offer(hq, have.device, have.epoch, have.items)
    return HaveAnswered(
        device=have.device, epoch=have.epoch, nonce=have.nonce, hq_time=hq.now(), held=held, missing=missing
    )


def answer_down(hq: Headquarters, down: Down) -> DownAnswered:
    """Give a device its feed from a position on."""
    if not down.quick:
        process_pending(hq, down.device, down.epoch, most=EVENTS_BEFORE_ANSWER)
    with hq.database.read() as session:
        device = session.get_one(Device, (down.device, down.epoch))
        position = min(max(0, down.feed_position), device.feed_length)
        return DownAnswered(
            device=down.device,
            epoch=down.epoch,
            nonce=down.nonce,
            hq_time=hq.now(),
            feed_position=position,
            feed_length=device.feed_length,
            statements=tuple(feed_after(session, device, position, MAX_FEED_BYTES)),
            incarnation=hq.incarnation.number,
            incarnation_id=hq.incarnation.name,
            relearn_from=wanted_from(hq, session, device),
        )


def _held_head(hq: Headquarters, hello: Hello) -> str | None:
    """Return the chain hash held where the device says its log ends; None where headquarters can't tell."""
    with hq.database.read() as session:
        device = session.get_one(Device, (hello.device, hello.epoch))
        last_seq = hello.next_seq - 1
        if last_seq == 0:
            return genesis_hash(device.certificate).hex()
        if last_seq > device.watermark_seq:
            return None
        commit = session.scalars(
            select(LogCommit).where(
                LogCommit.device == hello.device, LogCommit.epoch == hello.epoch, LogCommit.last_seq == last_seq
            )
        ).first()
        return "" if commit is None else commit.hash.hex()
