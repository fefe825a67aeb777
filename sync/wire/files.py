"""What a cycle knows of the files it offers: which wait, which were asked for, what HQ lacks of them.

Promise: a file leaves the books only because HQ said it holds it (asked, or in the feed), or it is set aside with a trouble that the end names.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from claims.records import AttachmentRef
from sync.wire.faults import LinkFault
from sync.wire.messages import CHUNK_BYTES, HaveAnswered
from sync.wire.state import MAX_ROUNDS, WINDOW_MAX, Awaiting, ChunkRef, Offer, SetAside, SyncState, Tally, kind_of_file

replace = msgspec.structs.replace
_LAST_CHUNKS = 2 * WINDOW_MAX
"""Of the last chunks of a queue the short ones go last, so that the line stays filled to the end: a whole chunk that leaves last travels alone."""


def merged_waiting(state: SyncState, files: Iterable[AttachmentRef]) -> SyncState:
    """Queue files that are not on the books yet, the most urgent first, the smaller of equals first."""
    known = {offer.sha256 for offer in (*state.waiting, *state.offered)} | set(state.settled)
    new = {
        file.sha256: Offer(file.sha256, file.size_bytes, file.priority) for file in files if file.sha256 not in known
    }
    if not new:
        return state
    more = replace(
        state,
        waiting=_by_priority((*state.waiting, *new.values())),
        tallies=tuple(_with(tally, new.values()) for tally in state.tallies),
    )
    return tallied(more)


def reopened_files(state: SyncState) -> SyncState:
    """Forget what HQ lacked: it will be asked again. Chunks under way stay on the books until they land or fail."""
    again = (*(replace(offer, asked=False) for offer in state.offered), *state.waiting)
    return replace(state, waiting=_by_priority(again), offered=(), asked=(), queue=())


def file_set_aside(state: SyncState, sha256: str, fault: LinkFault) -> SyncState:
    """Leave one file for a later cycle; the others go on."""
    if any(each.sha256 == sha256 for each in state.set_aside):
        return state
    gone = [offer for offer in (*state.waiting, *state.offered) if offer.sha256 == sha256]
    smaller = replace(
        state,
        tallies=tuple(_with(tally, gone, -1) for tally in state.tallies),
        waiting=tuple(offer for offer in state.waiting if offer.sha256 != sha256),
        offered=tuple(offer for offer in state.offered if offer.sha256 != sha256),
        queue=tuple(chunk for chunk in state.queue if chunk.sha256 != sha256),
        in_flight=tuple(chunk for chunk in state.in_flight if chunk.sha256 != sha256),
        settled=(*state.settled, sha256),
        troubles=with_trouble(state, fault),
        set_aside=(*state.set_aside, SetAside(sha256, fault)),
    )
    return tallied(smaller)


def have_arrived(state: SyncState, answer: HaveAnswered) -> SyncState:
    """Take HQ's word on the files asked for: held ones leave the books, lacking chunks queue up by priority."""
    asked = set(state.asked)
    held = asked & set(answer.held)
    missing = {item.sha256: item.indices for item in answer.missing}
    state = replace(state, awaiting=Awaiting.NOTHING, asked=())
    forward = bool(held)
    offered: list[Offer] = []
    given_up: list[Offer] = []
    queue: list[ChunkRef] = []
    flying = {(chunk.sha256, chunk.index) for chunk in state.in_flight}
    for offer in state.offered:
        if offer.sha256 in held:
            continue
        if offer.sha256 not in asked:
            offered.append(offer)
            continue
        lacking = sorted({index for index in missing.get(offer.sha256, ()) if 0 <= index < offer.chunks})
        forward = forward or (offer.missing is not None and len(lacking) < offer.missing)
        rounds = offer.rounds + 1 if offer.asked or not lacking else offer.rounds
        if rounds >= MAX_ROUNDS:
            given_up.append(offer)
            continue
        offered.append(replace(offer, missing=len(lacking), asked=True, rounds=rounds))
        queue += [
            ChunkRef(offer.sha256, index, offer.chunk_bytes(index), offer.priority)
            for index in lacking
            if (offer.sha256, index) not in flying
        ]
    state = replace(
        state,
        offered=tuple(offered),
        queue=_in_order(offered, (*state.queue, *queue), whole_files=state.byte_budget is not None),
        settled=(*state.settled, *sorted(held), *(offer.sha256 for offer in given_up)),
        tallies=tuple(_with(tally, given_up, -1) for tally in state.tallies),
        set_aside=(*state.set_aside, *(SetAside(offer.sha256, LinkFault.FILE_NOT_TAKEN) for offer in given_up)),
        sent=state.sent or bool(held),
        # The feed tells of each file that became whole; it may have been read before the last chunk landed.
        downs=min(state.downs, 1) if held else state.downs,
        attempts=0 if forward else state.attempts,
        last_fault=None if forward else state.last_fault,
        troubles=with_trouble(state, LinkFault.FILE_NOT_TAKEN) if given_up else state.troubles,
    )
    return tallied(state)


def told_held(state: SyncState, held: Iterable[str]) -> SyncState:
    """Take the feed's word for files that were offered and have left whole: they leave the books."""
    busy = {chunk.sha256 for chunk in (*state.queue, *state.in_flight)}
    named = set(held) - busy
    whole = {offer.sha256 for offer in state.offered if offer.sha256 in named}
    if not whole:
        return state
    return tallied(
        replace(
            state,
            offered=tuple(offer for offer in state.offered if offer.sha256 not in whole),
            settled=(*state.settled, *sorted(whole)),
            attempts=0,
            last_fault=None,
        )
    )


def tallied(state: SyncState) -> SyncState:
    """Count by HQ's word: everything offered in this cycle less what waits, is queued or under way."""
    files_left: dict[str, int] = {}
    bytes_left: dict[str, int] = {}
    for offer in (*state.waiting, *state.offered):
        kind = kind_of_file(offer.priority)
        files_left[kind] = files_left.get(kind, 0) + 1
    pieces: tuple[Offer | ChunkRef, ...] = (*state.waiting, *state.queue, *state.in_flight)
    for piece in pieces:
        kind = kind_of_file(piece.priority)
        bytes_left[kind] = bytes_left.get(kind, 0) + piece.size_bytes
    tallies = tuple(
        replace(
            tally,
            files_done=max(0, tally.files - files_left.get(tally.kind, 0)),
            bytes_done=max(0, tally.size_bytes - bytes_left.get(tally.kind, 0)),
        )
        for tally in state.tallies
    )
    return _summed(replace(state, tallies=tallies))


def left_for_later(state: SyncState) -> SyncState:
    """Put files whose chunks still wait back among those not asked for; what went out whole is confirmed all the same."""
    unsent = {chunk.sha256 for chunk in state.queue}
    back = (replace(offer, asked=False) for offer in state.offered if offer.sha256 in unsent)
    return tallied(
        replace(
            state,
            waiting=_by_priority((*back, *state.waiting)),
            offered=tuple(offer for offer in state.offered if offer.sha256 not in unsent),
            queue=(),
        )
    )


def chunk_landed(state: SyncState, chunk: ChunkRef) -> SyncState:
    """Count one chunk that went out; HQ's next word corrects it."""
    kind = kind_of_file(chunk.priority)
    return _summed(
        replace(
            state,
            tallies=tuple(
                replace(tally, bytes_done=min(tally.size_bytes, tally.bytes_done + chunk.size_bytes))
                if tally.kind == kind
                else tally
                for tally in state.tallies
            ),
        )
    )


def _with(tally: Tally, offers: Iterable[Offer], sign: int = 1) -> Tally:
    mine = [offer for offer in offers if kind_of_file(offer.priority) == tally.kind]
    return replace(
        tally,
        files=tally.files + sign * len(mine),
        size_bytes=tally.size_bytes + sign * sum(offer.size_bytes for offer in mine),
    )


def _summed(state: SyncState) -> SyncState:
    return replace(
        state,
        file_bytes_total=sum(tally.size_bytes for tally in state.tallies),
        file_bytes_done=sum(tally.bytes_done for tally in state.tallies),
    )


def with_trouble(state: SyncState, fault: LinkFault) -> tuple[LinkFault, ...]:
    """Return the troubles with one more, each named once."""
    return state.troubles if fault in state.troubles else (*state.troubles, fault)


def _by_priority(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    return tuple(sorted(offers, key=lambda offer: (offer.priority, offer.size_bytes, offer.sha256)))


def _in_order(offers: Iterable[Offer], chunks: Iterable[ChunkRef], *, whole_files: bool) -> tuple[ChunkRef, ...]:
    """File by file; towards the end the short pieces last, unless a bound may end the queue anywhere (``whole_files``)."""
    rank = {offer.sha256: place for place, offer in enumerate(_by_priority(offers))}
    wanted = {(rank[chunk.sha256], chunk.index): chunk for chunk in chunks if chunk.sha256 in rank}
    ordered = tuple(wanted[place] for place in sorted(wanted))
    return ordered if whole_files else (*ordered[:-_LAST_CHUNKS], *sorted(ordered[-_LAST_CHUNKS:], key=_large_first))


def _large_first(chunk: ChunkRef) -> tuple[int, bool]:
    return chunk.priority, chunk.size_bytes < CHUNK_BYTES
