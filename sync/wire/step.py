"""The sync cycle as a pure function: what is told in, what to do out.

Promise (each is a property test):

- the watermark moves only on a verified receipt whose digest is this laptop's own chain hash there;
- a file counts as held only by HQ's signed word: ``HaveAnswered``, or ``AttachmentsHeld`` in the feed;
- whatever is lost, doubled, late or refused, once the link is well the cycle ends with everything acknowledged;
- a late or doubled answer changes nothing (the nonce and ``awaiting`` say which answer is due);
- after a failure at most the open window of chunks is sent again.

Source: design.md "Sync", docs/adr/0061-sync-cycle.md.
"""

from __future__ import annotations

import msgspec

from sync.wire.backoff import delay_s
from sync.wire.effects import ApplyStatements, Wait
from sync.wire.faults import FINAL, LinkFault
from sync.wire.files import (
    chunk_landed,
    file_set_aside,
    have_arrived,
    merged_waiting,
    reopened_files,
    told_held,
    with_trouble,
)
from sync.wire.inputs import (
    AnyInput,
    BudgetAsked,
    CancelAsked,
    ChunkSent,
    CycleStarted,
    DownArrived,
    FileUnreadable,
    HaveArrived,
    HelloArrived,
    LinkFailed,
    LogReceiptArrived,
    MoneyOnlyAsked,
    NewWork,
    PauseAsked,
    ReleaseFetched,
    ResumeAsked,
    StoreFailed,
    Tick,
)
from sync.wire.next_move import Moved, advance, finish, report_of
from sync.wire.pace import Pace, bounded, landed, narrowed
from sync.wire.state import (
    LOG_FIRST_BYTES,
    LOG_GROWTH,
    LOG_MOST_BYTES,
    MAX_ATTEMPTS,
    WINDOW_MAX,
    WINDOW_MIN,
    Awaiting,
    ChunkRef,
    ReleaseRef,
    SyncState,
)

_CHUNK_FAILURES_MAX = 3
"""Chunks lost in a row before the whole link counts as down; one lost chunk of sixteen is everyday weather."""
_HOPELESS = frozenset({LinkFault.NO_ROUTE, LinkFault.CAPTIVE_PORTAL, LinkFault.NOT_HEADQUARTERS, LinkFault.BUSY})
"""Faults that the next chunk would meet too."""
replace = msgspec.structs.replace


def step(state: SyncState, message: AnyInput) -> Moved:  # noqa: PLR0911, PLR0912 - one line per input is the clearest table
    """Return the next state and what to do. Anything that comes when it is not due changes nothing."""
    if isinstance(message, CycleStarted):
        return _started(state, message)
    if not state.running:
        return state, ()
    if message.wire_bytes > state.wire_bytes:
        state = replace(state, wire_bytes=message.wire_bytes)
    match message:
        case HelloArrived():
            return _hello_arrived(state, message)
        case LogReceiptArrived():
            return _receipt_arrived(state, message)
        case DownArrived():
            return _down_arrived(state, message)
        case HaveArrived():
            due = state.awaiting is Awaiting.HAVE and message.answer.nonce == state.nonce
            return advance(have_arrived(state, message.answer)) if due else (state, ())
        case ChunkSent():
            return _chunk_sent(state, message)
        case FileUnreadable():
            return advance(file_set_aside(state, message.sha256, LinkFault.FILE_UNREADABLE))
        case ReleaseFetched():
            return _release_fetched(state, message)
        case LinkFailed():
            return _link_failed(state, message)
        case Tick():
            due = state.awaiting is Awaiting.TIMER
            return advance(replace(state, awaiting=Awaiting.NOTHING)) if due else (state, ())
        case NewWork():
            return advance(_with_new_work(state, message))
        case PauseAsked():
            paused = replace(state, paused=True)
            return paused, (report_of(paused),)
        case ResumeAsked():
            return _resumed(state) if state.paused else (state, ())
        case MoneyOnlyAsked():
            return advance(replace(state, money_only=True, queue=(), releases=()))
        case BudgetAsked():
            bounded = replace(reopened_files(state), byte_budget=message.byte_budget, budget_spent=False)
            return advance(bounded)
        case CancelAsked():
            return finish(state, LinkFault.CANCELLED)
        case StoreFailed():
            return finish(state, LinkFault.STORE_FAILED)


def _started(state: SyncState, message: CycleStarted) -> Moved:
    position = message.position
    window = min(max(state.window, WINDOW_MIN), WINDOW_MAX)
    fresh = SyncState(
        running=True,
        money_only=message.money_only,
        byte_budget=message.byte_budget,
        device=position.device,
        epoch=position.epoch,
        seed=message.seed,
        next_seq=position.next_seq,
        head=position.head.hex(),
        start_seq=position.hq_watermark_seq,
        receipted_seq=position.hq_watermark_seq,
        feed_position=message.feed_position,
        fetch_releases=message.fetch_releases,
        releases_held=message.releases_held,
        late_releases=message.late_releases,
        window=window,
        pace=Pace(best_window=window),
    )
    return advance(merged_waiting(fresh, message.waiting))


def _hello_arrived(state: SyncState, message: HelloArrived) -> Moved:
    answer = message.answer
    if state.awaiting is not Awaiting.HELLO or answer.nonce != state.nonce:
        return state, ()
    fork: LinkFault | None = None
    if answer.watermark_seq > 0 and message.own_digest != answer.digest:
        fork = LinkFault.RESTORED if answer.watermark_seq >= state.next_seq else LinkFault.FORKED
    releases = tuple(
        ReleaseRef(kind, version, urgent=kind not in state.late_releases)
        for kind, version in sorted(answer.releases.items())
        if version > state.releases_held.get(kind, 0)
    )
    pace, window = bounded(state.pace, state.window, message.most_chunks)
    return advance(
        replace(
            state,
            pace=pace,
            window=window,
            awaiting=Awaiting.NOTHING,
            greeted=True,
            hq_seq=answer.watermark_seq,
            start_seq=min(state.start_seq, answer.watermark_seq),
            fork=fork,
            revoked=answer.revoked,
            releases=releases if state.fetch_releases and not state.money_only else (),
            # HQ's signed word that there is nothing new in the feed is worth a round trip; what this cycle brings about is fetched at its end.
            downs=1 if answer.feed_length == state.feed_position else state.downs,
            # A feed shorter than what was read from it was set back to an older copy: read it again from the start.
            feed_position=0 if answer.feed_length < state.feed_position else state.feed_position,
        )
    )


def _receipt_arrived(state: SyncState, message: LogReceiptArrived) -> Moved:
    receipt = message.receipt
    if state.awaiting is not Awaiting.LOG:
        return state, ()
    if state.fork is not None:
        if state.evidence_seq < message.sent_to < min(state.next_seq - 1, state.hq_seq):
            # HQ has all of this: the histories part further on, and only the place where they do makes it freeze the device.
            return advance(replace(state, awaiting=Awaiting.NOTHING, evidence_seq=message.sent_to))
        return finish(state, state.fork)
    if receipt.watermark_seq > 0 and message.own_digest != receipt.digest:
        return finish(state, LinkFault.FORKED)
    known = state.hq_seq if state.receipted_seq >= state.hq_seq else state.hq_seq - 1
    if receipt.watermark_seq <= known:
        return _failed(state, LinkFault.NO_PROGRESS, 0.0)
    rejected = {*state.rejected, *(seq for seq in receipt.rejected_seqs if seq > state.start_seq)}
    moved = replace(
        state,
        awaiting=Awaiting.NOTHING,
        hq_seq=receipt.watermark_seq,
        receipted_seq=max(state.receipted_seq, receipt.watermark_seq),
        next_seq=max(state.next_seq, receipt.watermark_seq + 1),
        rejected=tuple(sorted(rejected)),
        sent=True,
        downs=min(state.downs, 1),
        attempts=0,
        last_fault=None,
        # One commit at a time (1) stays so: HQ said that more are too large for it.
        log_bytes=1 if state.log_bytes == 1 else min(LOG_MOST_BYTES, state.log_bytes * LOG_GROWTH),
    )
    return advance(moved, (ApplyStatements(raws=(message.raw,)),))


def _down_arrived(state: SyncState, message: DownArrived) -> Moved:
    answer = message.answer
    if state.awaiting is not Awaiting.DOWN or answer.nonce != state.nonce:
        return state, ()
    good = answer.statements[: message.good] if answer.feed_position == state.feed_position else ()
    position = state.feed_position + len(good)
    whole = len(good) == len(answer.statements) and (bool(good) or answer.feed_length <= position)
    # What came beside the last chunks is not the feed of the end, whether or not they have landed by now.
    more = (whole and position < answer.feed_length) or state.questions == state.feed_ahead
    state = replace(
        state,
        awaiting=Awaiting.NOTHING,
        feed_position=position,
        downs=state.downs if more else state.downs + 1,
        troubles=state.troubles if whole else with_trouble(state, LinkFault.FEED_DAMAGED),
        attempts=0 if good else state.attempts,
    )
    return advance(told_held(state, message.held), (ApplyStatements(raws=good),)) if good else advance(state)


def _chunk_sent(state: SyncState, message: ChunkSent) -> Moved:
    chunk = message.chunk
    if chunk not in state.in_flight:
        return state, ()
    sent = replace(
        state,
        in_flight=tuple(each for each in state.in_flight if each != chunk),
        sent=True,
        downs=min(state.downs, 1),
        chunk_failures=0,
    )
    pace, window = landed(state.pace, state.window, chunk.size_bytes, message.seconds)
    return advance(replace(chunk_landed(sent, chunk), pace=pace, window=window))


def _release_fetched(state: SyncState, message: ReleaseFetched) -> Moved:
    if state.awaiting is not Awaiting.RELEASE:
        return state, ()
    return advance(
        replace(
            state,
            awaiting=Awaiting.NOTHING,
            releases=tuple(release for release in state.releases if release.kind != message.kind),
            troubles=state.troubles if message.accepted else with_trouble(state, LinkFault.RELEASE_REFUSED),
        )
    )


def _link_failed(state: SyncState, message: LinkFailed) -> Moved:
    if message.chunk is not None:
        return _chunk_failed(state, message, message.chunk)
    if state.awaiting in (Awaiting.NOTHING, Awaiting.TIMER):
        return state, ()
    return _refused(state, message) if message.fault in FINAL else _failed(state, message.fault, message.retry_after_s)


def _chunk_failed(state: SyncState, message: LinkFailed, chunk: ChunkRef) -> Moved:
    if chunk not in state.in_flight:
        return state, ()
    state = replace(state, in_flight=tuple(each for each in state.in_flight if each != chunk))
    if message.fault is LinkFault.BAD_REQUEST:
        return advance(file_set_aside(state, chunk.sha256, LinkFault.FILE_NOT_TAKEN))
    if message.fault in FINAL:
        return finish(state, message.fault)
    if not state.greeted:
        # It left before a failure that was counted already; the hello that is under way or due tells how the line is now.
        return advance(state)
    # Several lost in a row are one event, whether one connection died or sixteen.
    pace, window = (state.pace, state.window) if state.chunk_failures else narrowed(state.window, state.pace.most)
    state = replace(state, pace=pace, window=window, chunk_failures=state.chunk_failures + 1)
    weather = message.fault not in _HOPELESS and state.chunk_failures < _CHUNK_FAILURES_MAX
    if not weather and state.awaiting is not Awaiting.TIMER:
        return _failed(state, message.fault, message.retry_after_s)
    wanted = not state.money_only and any(offer.sha256 == chunk.sha256 for offer in state.offered)
    return advance(replace(state, queue=(chunk, *state.queue)) if wanted else state)


def _refused(state: SyncState, message: LinkFailed) -> Moved:
    if state.fork is not None:
        # The refusal of the evidence is HQ's freeze; the reason a person needs is the fork.
        return finish(state, state.fork)
    if message.fault is LinkFault.TOO_LARGE and state.awaiting is Awaiting.LOG and state.log_bytes > 1:
        # Fewer commits a batch first; only a single commit that is too large is a person's matter.
        return advance(replace(state, awaiting=Awaiting.NOTHING, log_bytes=1))
    if message.fault is LinkFault.BAD_REQUEST and state.awaiting is Awaiting.HAVE:
        return _offer_refused(state)
    return finish(state, message.fault)


def _offer_refused(state: SyncState) -> Moved:
    """One file in the offer makes no sense to HQ: ask one by one until it is alone, then leave it aside."""
    asked = state.asked
    state = replace(state, awaiting=Awaiting.NOTHING)
    if len(asked) == 1:
        return advance(file_set_aside(replace(state, asked=()), asked[0], LinkFault.FILE_NOT_TAKEN))
    return advance(replace(reopened_files(state), page_files=1))


def _failed(state: SyncState, fault: LinkFault, retry_after_s: float) -> Moved:
    """Give way for a while, then start over from hello; HQ's answers, not this memory, say what is still to do."""
    attempts = state.attempts + 1
    if attempts > MAX_ATTEMPTS:
        return finish(replace(state, attempts=attempts), fault)
    seconds = delay_s(state.seed, attempts, retry_after_s)
    waiting = replace(
        reopened_files(state),
        awaiting=Awaiting.TIMER,
        greeted=False,
        attempts=attempts,
        chunk_failures=0,
        # What comes back may be another line: it is found out afresh, beginning with what is left of the window.
        pace=Pace(best_window=state.window, most=state.pace.most),
        last_fault=fault,
        log_bytes=min(state.log_bytes, max(1, LOG_FIRST_BYTES if state.awaiting is Awaiting.LOG else state.log_bytes)),
    )
    return waiting, (report_of(waiting, retry_in_s=seconds), Wait(seconds=seconds))


def _resumed(state: SyncState) -> Moved:
    """Go on at once: a person asked, so a wait that was under way is over."""
    awaiting = Awaiting.NOTHING if state.awaiting is Awaiting.TIMER else state.awaiting
    return advance(replace(reopened_files(state), paused=False, greeted=False, awaiting=awaiting))


def _with_new_work(state: SyncState, message: NewWork) -> SyncState:
    grown = max(state.next_seq, message.position.next_seq)
    head = message.position.head.hex() if message.position.next_seq >= grown else state.head
    return merged_waiting(replace(state, next_seq=grown, head=head), message.waiting)
