"""The custodian's core: a station hub, or a laptop that keeps its neighbours' logs. ``step(state, input) -> (state, effects)``.

Promise: pure. A custody receipt leaves only after the driver said that the bundle is durable. A device is answered about its own log only,
and keeps and asks for its own only: who it is comes from the channel, never from the question. Asking again gives the same: the same
receipt for the same bundle, the same transfer for a request whose answer was lost. Every reply repeats the question's nonce.

Source: design.md "Log", "Allowances"; notes/sync.md §3; docs/adr/0146.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

import msgspec

from sync.wire.hub_inputs import (
    AllowanceStanding,
    AnyEffect,
    AnyInput,
    Asked,
    AskPerson,
    BundleDamaged,
    BundleDropped,
    BundleDurable,
    CompareOwn,
    DropPieces,
    GiveList,
    GivePiece,
    KeepPiece,
    LinkClosed,
    LookUpAllowance,
    MakeDurable,
    MakeTransfer,
    NoRoom,
    NoteTaken,
    PersonDecided,
    PieceKept,
    Remembered,
    Reply,
    Started,
    TransferFailed,
    TransferMade,
)
from sync.wire.hub_messages import (
    LAN_PROTOCOL,
    AllowanceAsked,
    AllowanceGiven,
    AllowanceWaits,
    AnswersTaken,
    AnyAnswer,
    BundleClosed,
    BundleOffered,
    CustodyGiven,
    FilesAsked,
    Greet,
    Greeted,
    HighestAsked,
    HighestHeld,
    HighestTold,
    Mark,
    NeighbourRole,
    Noted,
    PieceAsked,
    PieceSent,
    PiecesWanted,
    PieceTaken,
    Refusal,
    Refused,
    with_payload,
)
from sync.wire.hub_state import MAX_UNDER_WAY, Caller, Held, HubState, UnderWay, Waiting, merged_marks

__all__ = ["HubState", "step"]

replace = msgspec.structs.replace
Moved = tuple[HubState, tuple[AnyEffect, ...]]
_HASH = re.compile(r"[0-9a-f]{64}")
_BUNDLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def step(state: HubState, message: AnyInput) -> Moved:  # noqa: PLR0911, PLR0912 - one branch per input
    """Return the new state and what to do, in order. An input that fits nothing (late, repeated) changes nothing."""
    match message:
        case Started():
            return replace(state, held=message.held), ()
        case Remembered():
            life = (message.device, message.epoch)
            marks = merged_marks(state.marks.get(life, ()), message.marks)
            newest = _newest(state.newest, message.device, message.newest_epoch, message.newest_certificate)
            return replace(state, marks={**state.marks, life: marks}, newest=newest), ()
        case Asked():
            return _asked(state, message)
        case LinkClosed():
            return _without_waiting(state, {message.link}), ()
        case PieceKept():
            return _piece_kept(state, message)
        case BundleDurable():
            return _durable(state, message)
        case BundleDamaged():
            return _given_up(state, message, Refusal.DAMAGED)
        case NoRoom():
            return _given_up(state, message, Refusal.NO_ROOM)
        case BundleDropped():
            return replace(state, held=tuple(each for each in state.held if each.bundle_id != message.bundle_id)), ()
        case AllowanceStanding():
            return _allowance_standing(state, message)
        case TransferMade():
            return _transfer_made(state, message)
        case TransferFailed():
            return _answered(state, message.link, Refusal.ALLOWANCE_SHORT)
        case PersonDecided():
            return _person_decided(state, message), ()


def _asked(state: HubState, message: Asked) -> Moved:  # noqa: PLR0911 - one line per question
    link, caller, question = message.link, message.caller, message.question
    state = _without_waiting(state, {link})
    match question:
        case Greet():
            if question.protocol < LAN_PROTOCOL:
                return state, (_refuse(link, question.nonce, Refusal.TOO_OLD),)
            room = max(0, state.limits.device_bytes - state.used_bytes(caller.device))
            return state, (Reply(link=link, answer=Greeted(nonce=question.nonce, role=state.role, room_bytes=room)),)
        case HighestAsked():
            return state, (Reply(link=link, answer=_highest(state, caller, question)),)
        case HighestTold():
            compare = CompareOwn(
                device=question.device,
                epoch=question.epoch,
                marks=question.marks,
                newest_certificate=question.newest_certificate,
            )
            return state, (compare, Reply(link=link, answer=Noted(nonce=question.nonce)))
        case BundleOffered():
            return _offered(state, link, caller, question)
        case PieceSent():
            return _piece(state, link, caller, question, message.payload)
        case BundleClosed():
            return _closed(state, link, caller, question)
        case AllowanceAsked():
            return _allowance(state, link, caller, question)
        case FilesAsked():
            return state, (GiveList(link=link, caller=caller, nonce=question.nonce, under=question.under),)
        case PieceAsked():
            if not _HASH.fullmatch(question.sha256) or question.offset < 0:
                return state, (_refuse(link, question.nonce, Refusal.UNKNOWN),)
            give = GivePiece(
                link=link, caller=caller, nonce=question.nonce, sha256=question.sha256, offset=question.offset
            )
            return state, (give,)
        case AnswersTaken():
            noted = Reply(link=link, answer=Noted(nonce=question.nonce))
            return state, (NoteTaken(caller=caller, sha256=question.sha256), noted)


def _highest(state: HubState, caller: Caller, question: HighestAsked) -> AnyAnswer:
    if (question.device, question.epoch) != (caller.device, caller.epoch):
        return Refused(nonce=question.nonce, reason=Refusal.NOT_YOURS)
    return HighestHeld(
        nonce=question.nonce,
        device=caller.device,
        epoch=caller.epoch,
        marks=state.marks.get((caller.device, caller.epoch), ()),
        newest_certificate=state.newest.get(caller.device, (0, b""))[1],
    )


# Bundles


def _offered(state: HubState, link: int, caller: Caller, offer: BundleOffered) -> Moved:
    refusal = _why_not(state, caller, offer)
    if refusal is not None:
        return state, (_refuse(link, offer.nonce, refusal),)
    held = _held(state, offer.bundle_id)
    if held is not None:
        same = (held.sha256, held.device, held.epoch) == (offer.sha256, offer.device, offer.epoch)
        if not same:
            return state, (_refuse(link, offer.nonce, Refusal.DAMAGED),)
        return state, (Reply(link=link, answer=CustodyGiven(nonce=offer.nonce, receipt=held.receipt)),)
    known = _under_way(state, offer.bundle_id)
    mark = Mark(offer.through_seq, offer.digest, offer.label)
    if known is not None and (known.device, known.epoch) != (caller.device, caller.epoch):
        return state, (_refuse(link, offer.nonce, Refusal.NOT_YOURS),)
    if known is not None and (known.sha256, known.size_bytes) == (offer.sha256, offer.size_bytes):
        wanted = PiecesWanted(nonce=offer.nonce, bundle_id=offer.bundle_id, missing=known.missing)
        return state, (Reply(link=link, answer=wanted),)
    gone = [known.bundle_id] if known is not None else []
    of_device = [each.bundle_id for each in state.under_way if each.device == caller.device and each is not known]
    gone += of_device[: max(0, len(of_device) + 1 - MAX_UNDER_WAY)]
    taken = UnderWay(
        bundle_id=offer.bundle_id,
        sha256=offer.sha256,
        size_bytes=offer.size_bytes,
        device=offer.device,
        epoch=offer.epoch,
        mark=mark,
    )
    kept = tuple(each for each in state.under_way if each.bundle_id not in gone)
    state, refusals = _refuse_waiting(replace(state, under_way=(*kept, taken)), gone, Refusal.UNKNOWN)
    wanted = PiecesWanted(nonce=offer.nonce, bundle_id=offer.bundle_id, missing=taken.missing)
    drops = tuple(DropPieces(bundle_id=each) for each in gone)
    return state, (*refusals, *drops, Reply(link=link, answer=wanted))


def _why_not(state: HubState, caller: Caller, offer: BundleOffered) -> Refusal | None:
    if (offer.device, offer.epoch) != (caller.device, caller.epoch):
        return Refusal.NOT_YOURS
    sound = _BUNDLE_ID.fullmatch(offer.bundle_id) and _HASH.fullmatch(offer.sha256) and _HASH.fullmatch(offer.digest)
    if not sound or offer.size_bytes <= 0 or offer.through_seq < 0:
        return Refusal.UNREADABLE
    if offer.size_bytes > state.limits.bundle_bytes:
        return Refusal.TOO_LARGE
    kept: tuple[Held | UnderWay, ...] = (*state.held, *state.under_way)
    here = sum(each.size_bytes for each in kept if each.device == caller.device and each.bundle_id == offer.bundle_id)
    if state.used_bytes(caller.device) - here + offer.size_bytes > state.limits.device_bytes:
        return Refusal.NO_ROOM
    return None


def _piece(state: HubState, link: int, caller: Caller, sent: PieceSent, content: bytes) -> Moved:
    bundle = _of(state, caller, sent.bundle_id)
    if bundle is None:
        return state, (_refuse(link, sent.nonce, Refusal.UNKNOWN),)
    if not bundle.fits(sent.index, len(content)) or hashlib.sha256(content).hexdigest() != sent.sha256:
        return state, (_refuse(link, sent.nonce, Refusal.DAMAGED),)
    if sent.index in bundle.taken:
        taken = PieceTaken(nonce=sent.nonce, bundle_id=sent.bundle_id, index=sent.index)
        return state, (Reply(link=link, answer=taken),)
    waits = Waiting(caller=caller, nonce=sent.nonce, bundle_id=sent.bundle_id, index=sent.index)
    keep = KeepPiece(bundle_id=sent.bundle_id, sha256=bundle.sha256, index=sent.index, content=content)
    return _waits(state, link, waits), (keep,)


def _piece_kept(state: HubState, message: PieceKept) -> Moved:
    bundle = _under_way(state, message.bundle_id)
    if bundle is None or bundle.sha256 != message.sha256:
        return state, ()
    state = _with_bundle(state, replace(bundle, taken=bundle.taken | {message.index}))
    links = {
        link: waiting
        for link, waiting in state.waiting.items()
        if (waiting.bundle_id, waiting.index) == (message.bundle_id, message.index)
    }
    replies = tuple(
        Reply(
            link=link,
            answer=PieceTaken(nonce=waiting.nonce, bundle_id=message.bundle_id, index=message.index),
        )
        for link, waiting in links.items()
    )
    return _without_waiting(state, links), replies


_WHOLE = -1
"""``Waiting.index`` of a conversation that waits for the whole bundle."""


def _closed(state: HubState, link: int, caller: Caller, closed: BundleClosed) -> Moved:
    held = _held(state, closed.bundle_id)
    if held is not None and (held.device, held.epoch) == (caller.device, caller.epoch):
        return state, (Reply(link=link, answer=CustodyGiven(nonce=closed.nonce, receipt=held.receipt)),)
    bundle = _of(state, caller, closed.bundle_id)
    if bundle is None:
        return state, (_refuse(link, closed.nonce, Refusal.UNKNOWN),)
    if bundle.missing:
        wanted = PiecesWanted(nonce=closed.nonce, bundle_id=closed.bundle_id, missing=bundle.missing)
        return state, (Reply(link=link, answer=wanted),)
    asked_already = any(_waits_for_whole(each, closed.bundle_id) for each in state.waiting.values())
    waits = Waiting(caller=caller, nonce=closed.nonce, bundle_id=closed.bundle_id, index=_WHOLE)
    state = _waits(state, link, waits)
    if asked_already:
        return state, ()
    durable = MakeDurable(
        bundle_id=bundle.bundle_id,
        sha256=bundle.sha256,
        size_bytes=bundle.size_bytes,
        device=bundle.device,
        epoch=bundle.epoch,
        mark=bundle.mark,
    )
    return state, (durable,)


def _durable(state: HubState, message: BundleDurable) -> Moved:
    bundle = _under_way(state, message.bundle_id)
    if bundle is None or bundle.sha256 != message.sha256 or bundle.missing:
        return state, ()
    life = (bundle.device, bundle.epoch)
    marks = merged_marks(state.marks.get(life, ()), (bundle.mark,))
    state = replace(state, marks={**state.marks, life: marks})
    held = Held(
        bundle_id=bundle.bundle_id,
        sha256=bundle.sha256,
        size_bytes=bundle.size_bytes,
        device=bundle.device,
        epoch=bundle.epoch,
        mark=bundle.mark,
        receipt=message.receipt,
    )
    links = {link: each for link, each in state.waiting.items() if _waits_for_whole(each, message.bundle_id)}
    others = tuple(each for each in state.held if each.bundle_id != message.bundle_id)
    under_way = tuple(each for each in state.under_way if each.bundle_id != message.bundle_id)
    replies = tuple(
        Reply(link=link, answer=CustodyGiven(nonce=each.nonce, receipt=message.receipt)) for link, each in links.items()
    )
    return _without_waiting(replace(state, held=(*others, held), under_way=under_way), links), replies


def _given_up(state: HubState, message: BundleDamaged | NoRoom, refusal: Refusal) -> Moved:
    bundle_id = message.bundle_id
    bundle = _under_way(state, bundle_id)
    if bundle is None or bundle.sha256 != message.sha256:
        return state, ()
    under_way = tuple(each for each in state.under_way if each.bundle_id != bundle_id)
    state, refusals = _refuse_waiting(replace(state, under_way=under_way), [bundle_id], refusal)
    return state, (DropPieces(bundle_id=bundle_id), *refusals)


# Allowances


def _allowance(state: HubState, link: int, caller: Caller, asked: AllowanceAsked) -> Moved:
    if state.newest.get(caller.device, (0, b""))[0] > caller.epoch:
        return state, (_refuse(link, asked.nonce, Refusal.RETIRED),)
    if asked.amount_fen <= 0 or asked.pool in ("", "*"):
        return state, (_refuse(link, asked.nonce, Refusal.UNREADABLE),)
    busy = any((each.caller, each.pool) == (caller, asked.pool) for each in state.waiting.values())
    if busy:
        # Its book is being looked up for another conversation; a second look would debit twice.
        return state, (Reply(link=link, answer=AllowanceWaits(nonce=asked.nonce)),)
    waits = Waiting(caller=caller, nonce=asked.nonce, pool=asked.pool, amount_fen=asked.amount_fen, known=asked.known)
    look = LookUpAllowance(link=link, device=caller.device, epoch=caller.epoch, pool=asked.pool)
    return _waits(state, link, waits), (look,)


def _allowance_standing(state: HubState, message: AllowanceStanding) -> Moved:  # noqa: PLR0911 - each way out is another answer
    waiting = state.waiting.get(message.link)
    if waiting is None or not waiting.pool:
        return state, ()
    lost = [each for each in message.outstanding if each.transfer_id not in waiting.known]
    short_fen = waiting.amount_fen - sum(each.amount_fen for each in lost)
    if short_fen <= 0:
        return _transfer_made(state, TransferMade(link=message.link, transfers=tuple(each.transfer for each in lost)))
    wish = (waiting.caller.device, waiting.pool)
    if wish in state.declined:
        state = replace(state, declined=state.declined - {wish})
        return _answered(state, message.link, Refusal.ALLOWANCE_DECLINED)
    if short_fen > message.left_fen:
        return _answered(state, message.link, Refusal.ALLOWANCE_SHORT)
    make = MakeTransfer(
        link=message.link,
        device=waiting.caller.device,
        epoch=waiting.caller.epoch,
        pool=waiting.pool,
        amount_fen=short_fen,
    )
    if state.allowed.get(wish, 0) >= short_fen:
        allowed = {each: fen for each, fen in state.allowed.items() if each != wish}
        return replace(state, allowed=allowed), (make,)
    if state.role is NeighbourRole.HUB:
        if short_fen * 100 > message.left_fen * state.rule.share_percent:
            return _answered(state, message.link, Refusal.ALLOWANCE_SHORT)
        return state, (make,)
    asks = AskPerson(
        device=waiting.caller.device, station=waiting.caller.station, pool=waiting.pool, amount_fen=short_fen
    )
    new = state.asked_person.get(wish) != short_fen
    state = replace(_without_waiting(state, {message.link}), asked_person={**state.asked_person, wish: short_fen})
    reply = Reply(link=message.link, answer=AllowanceWaits(nonce=waiting.nonce))
    return state, (asks, reply) if new else (reply,)


def _transfer_made(state: HubState, message: TransferMade) -> Moved:
    waiting = state.waiting.get(message.link)
    if waiting is None or not waiting.pool:
        return state, ()
    payload = b"".join(message.transfers)
    given = with_payload(
        AllowanceGiven(nonce=waiting.nonce, sizes=tuple(len(each) for each in message.transfers)), payload
    )
    return _without_waiting(state, {message.link}), (Reply(link=message.link, answer=given, payload=payload),)


def _person_decided(state: HubState, message: PersonDecided) -> HubState:
    wish = (message.device, message.pool)
    asked = {each: fen for each, fen in state.asked_person.items() if each != wish}
    if not message.yes:
        return replace(state, asked_person=asked, declined=state.declined | {wish})
    return replace(
        state,
        asked_person=asked,
        allowed={**state.allowed, wish: message.amount_fen},
        declined=state.declined - {wish},
    )


# The books of conversations and bundles


def _refuse(link: int, nonce: str, reason: Refusal) -> Reply:
    return Reply(link=link, answer=Refused(nonce=nonce, reason=reason))


def _answered(state: HubState, link: int, reason: Refusal) -> Moved:
    waiting = state.waiting.get(link)
    if waiting is None:
        return state, ()
    return _without_waiting(state, {link}), (_refuse(link, waiting.nonce, reason),)


def _refuse_waiting(
    state: HubState, bundle_ids: Iterable[str], reason: Refusal
) -> tuple[HubState, tuple[AnyEffect, ...]]:
    gone = set(bundle_ids)
    links = {link: each for link, each in state.waiting.items() if each.bundle_id in gone}
    refusals = tuple(_refuse(link, each.nonce, reason) for link, each in links.items())
    return _without_waiting(state, links), refusals


def _waits(state: HubState, link: int, waiting: Waiting) -> HubState:
    return replace(state, waiting={**state.waiting, link: waiting})


def _without_waiting(state: HubState, links: Iterable[int]) -> HubState:
    gone = set(links)
    if not gone & state.waiting.keys():
        return state
    return replace(state, waiting={link: each for link, each in state.waiting.items() if link not in gone})


def _waits_for_whole(waiting: Waiting, bundle_id: str) -> bool:
    return (waiting.bundle_id, waiting.index) == (bundle_id, _WHOLE)


def _held(state: HubState, bundle_id: str) -> Held | None:
    return next((each for each in state.held if each.bundle_id == bundle_id), None)


def _under_way(state: HubState, bundle_id: str) -> UnderWay | None:
    return next((each for each in state.under_way if each.bundle_id == bundle_id), None)


def _of(state: HubState, caller: Caller, bundle_id: str) -> UnderWay | None:
    bundle = _under_way(state, bundle_id)
    return bundle if bundle is not None and (bundle.device, bundle.epoch) == (caller.device, caller.epoch) else None


def _with_bundle(state: HubState, bundle: UnderWay) -> HubState:
    return replace(
        state,
        under_way=tuple(bundle if each.bundle_id == bundle.bundle_id else each for each in state.under_way),
    )


def _newest(
    known: dict[str, tuple[int, bytes]], device: str, epoch: int, certificate: bytes
) -> dict[str, tuple[int, bytes]]:
    if epoch <= known.get(device, (0, b""))[0]:
        return known
    return {**known, device: (epoch, certificate)}
