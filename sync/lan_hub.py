"""The custodian at work: carries out what ``sync.wire.hub.step`` decides, on this disk, with this laptop's key and book of allowances.

Promise: one question at a time; every answer is signed by this device. A receipt is signed after the bundle and its name are durable. A
full disk, a refused transfer or a question that can't be read is an answer, never an end.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from claims.bundles import BundleCarried, HeldBundle
from claims.custody import CUSTODY_KIND, LABEL_KIND, BundleLabel, CustodyReceipt
from claims.errors import EnvironmentProblem, OutpostError
from sync.lan_channel import OwnIdentity
from sync.lan_spool import PieceSpool
from sync.wire.hub import step
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
    Outstanding,
    PersonDecided,
    PieceKept,
    Remembered,
    Reply,
    Started,
    TransferFailed,
    TransferMade,
)
from sync.wire.hub_messages import (
    PIECE_BYTES,
    AllowanceAsked,
    AnyAnswer,
    BundleOffered,
    FilesListed,
    Greet,
    HighestAsked,
    HighestHeld,
    ListedFile,
    Mark,
    NeighbourRole,
    PieceGiven,
    Refusal,
    Refused,
    decode_question,
    kind_of,
    with_payload,
)
from sync.wire.hub_state import HUB_LIMITS, LAPTOP_LIMITS, Caller, Held, HubState, Limits, SubGrantRule
from trust.certificates import DeviceCertificate, read_device_certificate
from trust.device_statements import open_device_statement
from trust.errors import TrustError

ANSWERS, RELEASES = "answer/", "release/"


class GivenAway(Protocol):
    """This laptop's book of allowances, for its neighbours."""

    def standing(self, pool: str, device: str, epoch: int) -> tuple[int, Sequence[Outstanding]]:
        """Return what could be handed on from a pool in one piece (fen), and the live transfers already made to a device."""

    def transfer(self, pool: str, amount_fen: int, device: str, epoch: int) -> bytes:
        """Debit durably, then return the signed transfer. Raises ``OutpostError``; nothing is debited then."""


class KeptBundles(Protocol):
    """Where durable bundles lie (``local_db.bundle_shelf``)."""

    def held(self) -> Sequence[HeldBundle]:
        """Return what is kept, the oldest first."""

    def take(self, label: bytes, source: BinaryIO) -> BundleCarried:
        """Keep a bundle durably, then sign for it. Raises ``OutpostError``: not the label's, no room; nothing is kept then."""

    def answers(self) -> Mapping[tuple[str, int], Path]:
        """Return headquarters' sealed answers that wait, by device and epoch."""


class MarkBook(Protocol):
    """How far neighbours' logs went, with the proofs, however long their bundles are gone (``sync.lan_marks``)."""

    def marks(self, device: str, epoch: int) -> tuple[Mark, ...]:
        """Return the highest marks of a device's life."""

    def keep_mark(self, device: str, epoch: int, mark: Mark) -> None:
        """Keep one, durably. Raises ``OSError``."""

    def newest(self, device: str) -> bytes:
        """Return the certificate (DER) of the highest epoch seen of a device, empty for none."""

    def keep_certificate(self, certificate: DeviceCertificate) -> None:
        """Keep it where its epoch is the highest, durably. Raises ``OSError``."""


class HandedOut(Protocol):
    """Public data that neighbours may fetch: releases as headquarters signed them. By content; whoever fetches verifies."""

    def listed(self, under: str) -> Sequence[ListedFile]:
        """Return the files whose name starts like this."""

    def piece(self, sha256: str, offset: int, size: int) -> tuple[int, bytes] | None:
        """Return a file's whole size and some of its bytes; None for one that is not here."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A neighbour would like some of this laptop's allowance; its user decides."""

    device: str
    station: str
    pool: str
    amount_fen: int


class LanHub:
    """One custodian. Any thread may ask."""

    def __init__(
        self,
        own: OwnIdentity,
        role: NeighbourRole,
        *,
        shelf: KeptBundles,
        spool: PieceSpool,
        marks: MarkBook,
        given_away: GivenAway,
        handed_out: HandedOut,
        wish: Callable[[Wish], None] = lambda _: None,
        told: Callable[[HighestHeld], None] = lambda _: None,
        limits: Limits | None = None,
        rule: SubGrantRule | None = None,
    ) -> None:
        """Start with what the shelf holds.

        Args:
            spool: pieces under way.
            marks: how far neighbours' logs went.
            given_away: this laptop's book of allowances.
            handed_out: public files.
            wish: called, on the asking neighbour's thread, where this laptop's user must decide.
            told: called with a neighbour's word on this device's own log; it stops promising before it returns where it must.
            limits: how much is taken; None: by role.
            rule: what a hub gives away by itself; None: the default.
        """
        self._own, self._shelf, self._given_away, self._handed_out = own, shelf, given_away, handed_out
        self._spool, self._marks, self._wish, self._told = spool, marks, wish, told
        self._lock = threading.RLock()
        self._replies: dict[int, tuple[AnyAnswer, bytes]] = {}
        by_role = HUB_LIMITS if role is NeighbourRole.HUB else LAPTOP_LIMITS
        self._state = HubState(role=role, limits=limits or by_role, rule=rule or SubGrantRule())
        self._tell(Started(held=tuple(self._described(each) for each in shelf.held())))

    @property
    def role(self) -> NeighbourRole:
        """What this device is to its neighbours."""
        return self._state.role

    @property
    def shelf(self) -> KeptBundles:
        """Where the bundles lie."""
        return self._shelf

    def answer(self, link: int, device: DeviceCertificate, message: bytes, payload: bytes) -> tuple[bytes, bytes]:
        """Return the signed answer to one question, and the bytes that go with it.

        Raises:
            msgspec.DecodeError: the question can't be read: the conversation is over.
        """
        question = decode_question(message)
        caller = Caller(device.device, device.epoch, device.station)
        with self._lock:
            if isinstance(question, BundleOffered) and not self._label_fits(question):
                answer: AnyAnswer = Refused(nonce=question.nonce, reason=Refusal.UNREADABLE)
                found = (answer, b"")
            else:
                if isinstance(question, (Greet, HighestAsked, AllowanceAsked)):
                    self._recall(device)
                self._tell(Asked(link=link, caller=caller, question=question, payload=payload))
                nothing = Refused(nonce=question.nonce, reason=Refusal.UNKNOWN)
                found = self._replies.pop(link, (nothing, b""))
        return self._own.sign(kind_of(found[0]), msgspec.json.encode(found[0])), found[1]

    def close_link(self, link: int) -> None:
        """A conversation ended."""
        with self._lock:
            self._tell(LinkClosed(link=link))

    def decide(self, wish: Wish, *, yes: bool) -> None:
        """Take the user's word on a neighbour's wish; the neighbour learns it when it asks again."""
        with self._lock:
            self._tell(PersonDecided(device=wish.device, pool=wish.pool, amount_fen=wish.amount_fen, yes=yes))

    def _tell(self, message: AnyInput) -> None:
        self._state, effects = step(self._state, message)
        for effect in effects:
            answer = self._carry_out(effect)
            if answer is not None:
                self._tell(answer)

    def _carry_out(self, effect: AnyEffect) -> AnyInput | None:
        match effect:
            case Reply():
                self._replies[effect.link] = (effect.answer, effect.payload)
            case KeepPiece():
                return self._keep(effect)
            case MakeDurable():
                return self._make_durable(effect)
            case DropPieces():
                self._spool.drop(effect.bundle_id)
            case LookUpAllowance():
                return self._look_up(effect)
            case MakeTransfer():
                try:
                    raw = self._given_away.transfer(effect.pool, effect.amount_fen, effect.device, effect.epoch)
                except OutpostError:
                    return TransferFailed(link=effect.link)
                return TransferMade(link=effect.link, transfers=(raw,))
            case AskPerson():
                self._wish(Wish(effect.device, effect.station, effect.pool, effect.amount_fen))
            case CompareOwn():
                self._compare(effect)
            case GiveList():
                self._give_list(effect)
            case GivePiece():
                self._give_piece(effect)
            case NoteTaken():
                self._let_answers_go(effect)
        return None

    def _keep(self, effect: KeepPiece) -> AnyInput:
        try:
            self._spool.keep(effect.bundle_id, effect.index, effect.content)
        except OSError:
            return NoRoom(bundle_id=effect.bundle_id, sha256=effect.sha256)
        return PieceKept(bundle_id=effect.bundle_id, sha256=effect.sha256, index=effect.index)

    def _make_durable(self, effect: MakeDurable) -> AnyInput:
        try:
            with self._spool.open(effect.bundle_id) as source:
                carried = self._shelf.take(effect.mark.label, source)
            self._marks.keep_mark(effect.device, effect.epoch, effect.mark)
        except (OSError, EnvironmentProblem):
            return NoRoom(bundle_id=effect.bundle_id, sha256=effect.sha256)
        except OutpostError:
            return BundleDamaged(bundle_id=effect.bundle_id, sha256=effect.sha256)
        self._spool.drop(effect.bundle_id)
        here = {each.bundle_id for each in self._shelf.held()}
        for gone in [each.bundle_id for each in self._state.held if each.bundle_id not in here]:
            # The shelf made room: headquarters has those.
            self._tell(BundleDropped(bundle_id=gone))
        return BundleDurable(bundle_id=effect.bundle_id, sha256=effect.sha256, receipt=carried.receipt)

    def _recall(self, asks: DeviceCertificate) -> None:
        """Tell the core what is known of who asks, and remember its life."""
        known = self._marks.newest(asks.device)
        newest = asks if not known else max(asks, read_device_certificate(known), key=lambda each: each.epoch)
        if newest.der != known:
            self._marks.keep_certificate(newest)
        self._tell(
            Remembered(
                device=asks.device,
                epoch=asks.epoch,
                marks=self._marks.marks(asks.device, asks.epoch),
                newest_epoch=newest.epoch,
                newest_certificate=newest.der,
            )
        )

    def _described(self, held: HeldBundle) -> Held:
        receipt = CustodyReceipt(
            bundle_id=held.bundle_id,
            sha256=held.sha256,
            size_bytes=held.size_bytes,
            device=held.device,
            epoch=held.epoch,
            through_seq=held.through_seq,
            digest=held.digest,
            taken_at=held.taken_at,
        )
        return Held(
            bundle_id=held.bundle_id,
            sha256=held.sha256,
            size_bytes=held.size_bytes,
            device=held.device,
            epoch=held.epoch,
            mark=Mark(held.through_seq, held.digest, b""),
            receipt=self._own.sign(CUSTODY_KIND, msgspec.json.encode(receipt)),
        )

    def _look_up(self, effect: LookUpAllowance) -> AnyInput:
        try:
            left_fen, outstanding = self._given_away.standing(effect.pool, effect.device, effect.epoch)
        except OutpostError:
            return TransferFailed(link=effect.link)
        return AllowanceStanding(link=effect.link, left_fen=left_fen, outstanding=tuple(outstanding))

    def _give_list(self, effect: GiveList) -> None:
        found: list[ListedFile] = []
        if effect.under.startswith(ANSWERS):
            found += [listed for _, listed in self._answers(effect.caller)]
        else:
            found += self._handed_out.listed(effect.under)
        payload = msgspec.json.encode(found)
        self._replies[effect.link] = (with_payload(FilesListed(nonce=effect.nonce), payload), payload)

    def _give_piece(self, effect: GivePiece) -> None:
        found = self._answer_piece(effect) or self._handed_out.piece(effect.sha256, effect.offset, PIECE_BYTES)
        if found is None:
            self._replies[effect.link] = (Refused(nonce=effect.nonce, reason=Refusal.UNKNOWN), b"")
            return
        size_bytes, payload = found
        given = PieceGiven(nonce=effect.nonce, sha256=effect.sha256, offset=effect.offset, size_bytes=size_bytes)
        self._replies[effect.link] = (with_payload(given, payload), payload)

    def _compare(self, effect: CompareOwn) -> None:
        own = self._own.certificate
        if (effect.device, effect.epoch) == (own.device, own.epoch):
            self._told(
                HighestHeld(
                    nonce="",
                    device=effect.device,
                    epoch=effect.epoch,
                    marks=effect.marks,
                    newest_certificate=effect.newest_certificate,
                )
            )

    def _let_answers_go(self, effect: NoteTaken) -> None:
        for path, listed in self._answers(effect.caller):
            if listed.sha256 in effect.sha256:
                path.unlink(missing_ok=True)

    def _answer_piece(self, effect: GivePiece) -> tuple[int, bytes] | None:
        for path, listed in self._answers(effect.caller):
            if listed.sha256 == effect.sha256:
                try:
                    with path.open("rb") as file:
                        file.seek(effect.offset)
                        return listed.size_bytes, file.read(PIECE_BYTES)
                except OSError:
                    return None
        return None

    def _answers(self, caller: Caller) -> list[tuple[Path, ListedFile]]:
        path = self._shelf.answers().get((caller.device, caller.epoch))
        if path is None:
            return []
        try:
            content = path.read_bytes()
        except OSError:
            return []
        name = f"{ANSWERS}{caller.device}-{caller.epoch}"
        sha256 = hashlib.sha256(content).hexdigest()
        return [(path, ListedFile(name=name, sha256=sha256, size_bytes=len(content)))]

    def _label_fits(self, offer: BundleOffered) -> bool:
        """Say whether the writer's signed label says the same as the offer."""
        try:
            said = open_device_statement(offer.label, self._own.roots)
            label = msgspec.json.decode(said.body, type=BundleLabel)
        except (TrustError, msgspec.DecodeError, UnicodeDecodeError):
            return False
        signer = (said.signed_by.device, said.signed_by.epoch)
        return (
            said.kind == LABEL_KIND
            and signer == (offer.device, offer.epoch)
            and label
            == BundleLabel(
                bundle_id=offer.bundle_id,
                sha256=offer.sha256,
                size_bytes=offer.size_bytes,
                device=offer.device,
                epoch=offer.epoch,
                through_seq=offer.through_seq,
                digest=offer.digest,
            )
        )
