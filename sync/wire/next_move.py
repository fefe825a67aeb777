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
from sync.wire.files import left_for_later
from sync.wire.messages import PROTOCOL, Down, Have, HaveItem, Hello
from sync.wire.state import CHUNK_HEAD_BYTES, LINE_TOLL_PERCENT, Awaiting, Offer, SyncState

Moved = tuple[SyncState, tuple[AnyEffect, ...]]


def advance(state: SyncState, before: tuple[AnyEffect, ...] = ()) -> Moved:
    """Return the next question (or chunks, or the end) after ``before``, and a progress report."""
    state, effects = _next(state)
    return state, (*before, *effects, report_of(state)) if state.running else (*before, *effects)


def finish(state: SyncState, fault: LinkFault | None) -> Moved:
    """End the cycle. Without a fault of its own, the first trouble met on the way says why not everything was done."""
    reason = fault if fault is not None else next(iter(state.troubles), None)
    done = msgspec.structs.replace(state, running=False, awaiting=Awaiting.NOTHING, queue=(), last_fault=reason)
    end = Finish(
        finished=reason is None,
        fault=reason,
        rejected=len(state.rejected),
        files_left=len(state.waiting) + len(state.offered) + len(state.set_aside),
        bytes_left=max(0, state.file_bytes_total - state.file_bytes_done),
        budget_spent=state.budget_spent,
        set_aside=state.set_aside,
    )
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
        tallies=state.tallies,
    )


def _next(state: SyncState) -> Moved:  # noqa: PLR0911 - the order of the questions, one line each
    if state.paused or state.awaiting is not Awaiting.NOTHING:
        return state, ()
    if not state.greeted:
        return _hello(state)
    if state.fork is not None:
        # HQ must see the other history to freeze the device: the log from the last receipt on is the evidence.
        return _log(state, after_seq=max(state.evidence_seq, min(state.receipted_seq, max(0, state.hq_seq - 1))))
    if not state.revoked and (state.hq_seq < state.next_seq - 1 or state.receipted_seq < state.hq_seq):
        return _log(state, after_seq=state.hq_seq)
    if state.downs == 0:
        return _down(state, quick=state.sent)
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
    if state.releases and not state.money_only and state.byte_budget is None:
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


def _down(state: SyncState, *, quick: bool = False) -> Moved:
    """``quick``: what must not wait (a stop, a grant) is in the feed already; what HQ makes of this cycle's log is asked after later."""
    asked = _ask(state, Awaiting.DOWN)
    down = Down(
        device=state.device,
        epoch=state.epoch,
        feed_position=state.feed_position,
        nonce=asked.nonce,
        quick=quick,
    )
    return asked, (FetchDown(down=down),)


def _release(state: SyncState, kind: str, version: int) -> Moved:
    return _ask(state, Awaiting.RELEASE), (FetchRelease(kind=kind, version=version),)


def _files(state: SyncState) -> Moved | None:
    """Fill the window; when nothing is left to send, ask for the next page and for word on what went out."""
    if state.queue:
        urgent = tuple(o for o in state.waiting[: state.page_files] if o.priority < state.queue[0].priority)
        if urgent and not state.budget_spent:
            # A voucher that was signed meanwhile goes before the photos that wait in the queue.
            return _have(state, urgent, urgent)
        return _chunks(state)
    page = () if state.budget_spent else state.waiting[: state.page_files]
    if page and state.settled and state.sent and state.downs == 1:
        # Between two pages of many photos: answers to promises must not wait for the last one.
        return _down(state, quick=True)
    flying = {chunk.sha256 for chunk in state.in_flight}
    landed = tuple(offer for offer in state.offered if offer.sha256 not in flying)
    return _have(state, page, (*landed, *page)) if page else _confirmation(state, landed)


def _confirmation(state: SyncState, landed: tuple[Offer, ...]) -> Moved | None:
    """Everything has left: learn what is held. The feed is due anyway and names each file that has become whole."""
    if state.in_flight:
        if landed and state.sent and not state.feed_ahead:
            # Most of it comes while the last chunks travel; a long answer at the end would be one more wait.
            return _down(msgspec.structs.replace(state, feed_ahead=state.questions + 1), quick=True)
        return state, ()
    if not landed:
        return None
    if state.sent and state.downs == 1:
        return _down(state)
    # What the feed did not name is asked for, once, when the last chunk has landed.
    return _have(state, (), landed)


def _chunks(state: SyncState) -> Moved:
    room = state.window - len(state.in_flight)
    if room <= 0:
        return state, ()
    leaving = state.queue[: _affordable(state, room)]
    if not leaving and not state.in_flight:
        # The bound is reached by what is known to have gone; what is left waits for another cycle.
        return _next(left_for_later(msgspec.structs.replace(state, budget_spent=True)))
    state = msgspec.structs.replace(
        state, queue=state.queue[len(leaving) :], in_flight=(*state.in_flight, *leaving), feed_ahead=0
    )
    return state, tuple(SendChunk(chunk=chunk) for chunk in leaving)


def _affordable(state: SyncState, room: int) -> int:
    """Return how many of the next ``room`` chunks fit in the byte budget.

    What is under way counts in full beside the driver's count, which may hold part of it already: too careful for a moment,
    exact once it has landed.
    """
    if state.byte_budget is None:
        return room
    used = state.wire_bytes + sum(chunk.size_bytes + CHUNK_HEAD_BYTES for chunk in state.in_flight)
    count = 0
    for chunk in state.queue[:room]:
        used += chunk.size_bytes + CHUNK_HEAD_BYTES
        if used * (100 + LINE_TOLL_PERCENT) > state.byte_budget * 100:
            break
        count += 1
    return count


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
