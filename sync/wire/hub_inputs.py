"""What happens to a custodian (inputs) and what it wants done (effects). ``link`` numbers a conversation.

Promise: plain data. An effect names everything its driver (``sync.lan_hub``) needs; the driver answers each effect that says so by an input.
"""

from __future__ import annotations

import msgspec

from sync.wire.hub_messages import AnyAnswer, AnyQuestion, Mark
from sync.wire.hub_state import Caller, Held


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """Common base of what ``step`` is told."""


class Started(Input, frozen=True, kw_only=True):
    """What the shelf holds from former days."""

    held: tuple[Held, ...]


class Asked(Input, frozen=True, kw_only=True):
    """A question arrived over a channel whose other end proved to be ``caller``."""

    link: int
    caller: Caller
    question: AnyQuestion
    payload: bytes = b""


class Remembered(Input, frozen=True, kw_only=True):
    """What is known of a device: its marks, and its newest epoch with the certificate that proves it."""

    device: str
    epoch: int
    marks: tuple[Mark, ...]
    newest_epoch: int
    newest_certificate: bytes


class LinkClosed(Input, frozen=True, kw_only=True):
    """The conversation is over; nobody waits for an answer any more."""

    link: int


class PieceKept(Input, frozen=True, kw_only=True):
    """A piece is written (not yet durable). ``sha256`` is the bundle's, here as below: an id may be offered anew with other content."""

    bundle_id: str
    sha256: str
    index: int


class BundleDurable(Input, frozen=True, kw_only=True):
    """The whole bundle has the announced hash and survives a power cut; ``receipt`` is signed."""

    bundle_id: str
    sha256: str
    receipt: bytes


class BundleDamaged(Input, frozen=True, kw_only=True):
    """The pieces do not make the bundle that was announced; they are gone."""

    bundle_id: str
    sha256: str


class NoRoom(Input, frozen=True, kw_only=True):
    """The disk would not take a piece or the bundle; the pieces are gone."""

    bundle_id: str
    sha256: str


class BundleDropped(Input, frozen=True, kw_only=True):
    """The bytes are gone from here, because headquarters has them; the mark stays."""

    bundle_id: str


class Outstanding(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer that was made for the asker earlier: it may never have arrived."""

    transfer_id: str
    amount_fen: int
    transfer: bytes


class AllowanceStanding(Input, frozen=True, kw_only=True):
    """What this device may still give away from the pool, and what it gave the asker before and is still good."""

    link: int
    left_fen: int
    outstanding: tuple[Outstanding, ...]


class TransferMade(Input, frozen=True, kw_only=True):
    """Debited durably; these are the signed transfers."""

    link: int
    transfers: tuple[bytes, ...]


class TransferFailed(Input, frozen=True, kw_only=True):
    """It could not be made; nothing was debited that did not stay."""

    link: int


class PersonDecided(Input, frozen=True, kw_only=True):
    """The user of this laptop said yes or no to a neighbour's wish; yes up to ``amount_fen``."""

    device: str
    pool: str
    amount_fen: int
    yes: bool


AnyInput = (
    Started
    | Remembered
    | Asked
    | LinkClosed
    | PieceKept
    | BundleDurable
    | BundleDamaged
    | NoRoom
    | BundleDropped
    | AllowanceStanding
    | TransferMade
    | TransferFailed
    | PersonDecided
)


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Common base of what ``step`` returns."""


class Reply(Effect, frozen=True, kw_only=True):
    """Sign and send."""

    link: int
    answer: AnyAnswer
    payload: bytes = b""


class KeepPiece(Effect, frozen=True, kw_only=True):
    """Write a piece; answer ``PieceKept`` or ``NoRoom``."""

    bundle_id: str
    sha256: str
    index: int
    content: bytes


class MakeDurable(Effect, frozen=True, kw_only=True):
    """Check the whole, sync it to disk, sign the receipt; answer ``BundleDurable``, ``BundleDamaged`` or ``NoRoom``."""

    bundle_id: str
    sha256: str
    size_bytes: int
    device: str
    epoch: int
    mark: Mark


class DropPieces(Effect, frozen=True, kw_only=True):
    """Forget a bundle under way; no answer."""

    bundle_id: str


class LookUpAllowance(Effect, frozen=True, kw_only=True):
    """Answer ``AllowanceStanding``."""

    link: int
    device: str
    epoch: int
    pool: str


class MakeTransfer(Effect, frozen=True, kw_only=True):
    """Debit durably, then answer ``TransferMade``; ``TransferFailed`` otherwise."""

    link: int
    device: str
    epoch: int
    pool: str
    amount_fen: int


class AskPerson(Effect, frozen=True, kw_only=True):
    """Tell the user of this laptop that a neighbour would like some of its allowance; no answer now."""

    device: str
    station: str
    pool: str
    amount_fen: int


class CompareOwn(Effect, frozen=True, kw_only=True):
    """A neighbour says how far it holds this very device's log: compare, and stop promising where this disk can't explain it; no answer."""

    device: str
    epoch: int
    marks: tuple[Mark, ...]
    newest_certificate: bytes


class GiveList(Effect, frozen=True, kw_only=True):
    """Send ``FilesListed`` of what this caller may fetch; no answer."""

    link: int
    caller: Caller
    nonce: str
    under: str


class GivePiece(Effect, frozen=True, kw_only=True):
    """Send ``PieceGiven``, or ``Refused`` for a file this caller may not fetch; no answer."""

    link: int
    caller: Caller
    nonce: str
    sha256: str
    offset: int


class NoteTaken(Effect, frozen=True, kw_only=True):
    """These answers arrived at their device; no answer."""

    caller: Caller
    sha256: tuple[str, ...]


AnyEffect = (
    Reply
    | KeepPiece
    | MakeDurable
    | DropPieces
    | LookUpAllowance
    | MakeTransfer
    | AskPerson
    | CompareOwn
    | GiveList
    | GivePiece
    | NoteTaken
)
