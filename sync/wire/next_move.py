"""What a cycle asks next, from its state alone: money before photos, whatever happened on the way here.

Promise: pure. The order is hello, log, feed, urgent releases, files by priority, large releases, feed again, finish. At most one
question is open beside the chunks; no new chunk leaves while one is, so a new commit overtakes between chunks.
"""

from __future__ import annotations

import msgspec

from sync.wire.effects import (
    AnyEffect,
    FetchDown,
    FetchRelease,
    Finish,
    Report,
    SendChunk,
    SendHave,
    SendHello,
    SendLog,
)
from sync.wire.faults import LinkFault
from sync.wire.messages import PROTOCOL, Down, Have, HaveItem, Hello
from sync.wire.state import Awaiting, Offer, SyncState

Moved = tuple[SyncState, tuple[AnyEffect, ...]]


def advance(state: SyncState, before: tuple[AnyEffect, ...] = ()) -> Moved:
    """Return the next question (or chunks, or the end) after ``before``, and a progress report."""
    state, effects = _next(state)
    return state, (*before, *effects, report_of(state)) if state.running else (*before, *effects)


def finish(state: SyncState, fault: LinkFault | None) -> Moved:
    """End the cycle. Without a fault of its own, the first trouble met on the way says why not everything was done."""
    reason = fault if fault is not None else next(iter(state.troubles), None)
    done = msgspec.structs.replace(state, running=False, awaiting=Awaiting.NOTHING, queue=(), last_fault=reason)
    end = Finish(finished=reason is None, fault=reason, rejected=len(state.rejected))
    return done, (report_of(done), end)


def report_of(state: SyncState, retry_in_s: float | None = None) -> Report:
    """Return how far the cycle is."""
    return Report(
        phase=state.phase,
        events_done=max(0, state.hq_seq - state.start_seq),
        events_total=max(0, state.next_seq - 1 - state.start_seq),
        file_bytes_done=state.file_bytes_done,
        file_bytes_total=state.file_bytes_total,
        window=state.window,
        retry_in_s=retry_in_s,
        fault=state.last_fault,
    )


def _next(state: SyncState) -> Moved:  # noqa: PLR0911 - the order of the questions, one line each
    if state.paused or state.awaiting is not Awaiting.NOTHING:
        return state, ()
    if not state.greeted:
        return _hello(state)
    if state.fork is not None:
        # HQ must see the other history to freeze the device: the log from the last receipt on is the evidence.
        return _log(state, after_seq=min(state.receipted_seq, max(0, state.hq_seq - 1)))
    if not state.revoked and (state.hq_seq < state.next_seq - 1 or state.receipted_seq < state.hq_seq):
        return _log(state, after_seq=state.hq_seq)
    if state.downs == 0:
        return _down(state)
    if state.revoked:
        return finish(state, LinkFault.REVOKED)
    for release in state.releases:
        if release.urgent:
            return _release(state, release.kind, release.version)
    if not state.money_only:
        moved = _files(state)
        if moved is not None:
            return moved
    if state.in_flight:
        return state, ()
    return _last_things(state)


def _last_things(state: SyncState) -> Moved:
    if state.releases and not state.money_only:
        return _release(state, state.releases[0].kind, state.releases[0].version)
    if state.sent and state.downs == 1:
        return _down(state)
    return finish(state, None)


def _hello(state: SyncState) -> Moved:
    asked = _ask(state, Awaiting.HELLO)
    hello = Hello(
        protocol=PROTOCOL,
        device=state.device,
        epoch=state.epoch,
        next_seq=state.next_seq,
        head=state.head,
        watermark_seq=state.receipted_seq,
        feed_position=state.feed_position,
        nonce=asked.nonce,
    )
    return asked, (SendHello(hello=hello),)


def _log(state: SyncState, after_seq: int) -> Moved:
    return _ask(state, Awaiting.LOG), (SendLog(after_seq=after_seq, max_bytes=state.log_bytes),)


def _down(state: SyncState) -> Moved:
    asked = _ask(state, Awaiting.DOWN)
    down = Down(device=state.device, epoch=state.epoch, feed_position=state.feed_position, nonce=asked.nonce)
    return asked, (FetchDown(down=down),)


def _release(state: SyncState, kind: str, version: int) -> Moved:
    return _ask(state, Awaiting.RELEASE), (FetchRelease(kind=kind, version=version),)


def _files(state: SyncState) -> Moved | None:
    """Fill the window; when nothing is left to send, ask for the next page and for word on what went out."""
    if state.queue:
        room = state.window - len(state.in_flight)
        if room <= 0:
            return state, ()
        leaving = state.queue[:room]
        state = msgspec.structs.replace(
            state, queue=state.queue[len(leaving) :], in_flight=(*state.in_flight, *leaving)
        )
        return state, tuple(SendChunk(chunk=chunk) for chunk in leaving)
    page = state.waiting[: state.page_files]
    flying = {chunk.sha256 for chunk in state.in_flight}
    landed = tuple(offer for offer in state.offered if offer.sha256 not in flying)
    if not page and (flying or not landed):
        # A confirmation alone is asked for once, when the last chunk has landed.
        return (state, ()) if flying else None
    return _have(state, page, (*landed, *page))


def _have(state: SyncState, page: tuple[Offer, ...], asking: tuple[Offer, ...]) -> Moved:
    asked = msgspec.structs.replace(
        _ask(state, Awaiting.HAVE),
        waiting=state.waiting[len(page) :],
        offered=(*state.offered, *page),
        asked=tuple(offer.sha256 for offer in asking),
    )
    items = tuple(HaveItem(sha256=offer.sha256, size_bytes=offer.size_bytes) for offer in asking)
    return asked, (SendHave(have=Have(device=state.device, epoch=state.epoch, items=items, nonce=asked.nonce)),)


def _ask(state: SyncState, awaiting: Awaiting) -> SyncState:
    return msgspec.structs.replace(state, awaiting=awaiting, questions=state.questions + 1)
