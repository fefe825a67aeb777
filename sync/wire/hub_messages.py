"""What laptops and a station hub say to one another on the local network.

Promise: a question carries a nonce; every answer is a statement of the answering device (``trust.device_statements``) that repeats the
nonce and names the hash of the bytes that come with it. The kind of the statement is the struct's tag. Nothing here is headquarters' word:
custody deletes nothing, and what is HQ's (answers, releases, grants) travels inside as HQ signed or sealed it.

Source: design.md "Log", "Allowances"; docs/adr/0146, 0147.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum

import msgspec

LAN_PROTOCOL = 1
PIECE_BYTES = 64 * 1024
MAX_MESSAGE_BYTES = 64 * 1024
MAX_PAYLOAD_BYTES = 1024 * 1024
"""Of an answer: lists travel whole. A question carries one piece at most."""


class NeighbourRole(StrEnum):
    """What a device is to its neighbours."""

    HUB = "hub"
    LAPTOP = "laptop"


class Refusal(StrEnum):
    """Why a neighbour does not do what it was asked. Nothing is lost by any of them."""

    TOO_OLD = "too_old"
    UNREADABLE = "unreadable"
    NOT_YOURS = "not_yours"
    """A device speaks for its own log and its own allowances only."""
    TOO_LARGE = "too_large"
    NO_ROOM = "no_room"
    """Disk or quota: what is there stays."""
    DAMAGED = "damaged"
    """The bytes are not those that were announced."""
    UNKNOWN = "unknown"
    RETIRED = "retired"
    """This epoch of the device is over: headquarters gave it a newer one."""
    ALLOWANCE_SHORT = "allowance_short"
    ALLOWANCE_DECLINED = "allowance_declined"


class Mark(msgspec.Struct, frozen=True):
    """How far a device's log went: its last event and the chain hash (hex) there.

    ``label`` proves it: what that device itself signed about the bundle (``claims.custody.BundleLabel``). Nobody's word counts against a device
    but its own, else one stolen laptop could stop a whole station.
    """

    through_seq: int
    digest: str
    label: bytes


class ListedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a neighbour can hand out. ``name`` says what it is for; its content is known by its hash alone."""

    name: str
    sha256: str
    size_bytes: int


class Question(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Common part of what is asked."""

    nonce: str


class Greet(Question, frozen=True, kw_only=True, tag="lan_greet@1"):
    """Who are you to me? Opens a conversation."""

    protocol: int = LAN_PROTOCOL


class HighestAsked(Question, frozen=True, kw_only=True, tag="lan_highest@1"):
    """How far does the log of me go that you hold? ``device`` and ``epoch`` are the asker's own."""

    device: str
    epoch: int


class HighestTold(Question, frozen=True, kw_only=True, tag="lan_highest_told@1"):
    """So far goes the log of *you* that I hold: told unasked, before anything is asked of you. ``device`` and ``epoch`` are the answerer's."""

    device: str
    epoch: int
    marks: tuple[Mark, ...]
    newest_certificate: bytes


class BundleOffered(Question, frozen=True, kw_only=True, tag="lan_bundle@1"):
    """Will you keep this sealed bundle of mine? ``through_seq`` and ``digest`` are what is inside, by the word of its writer.

    ``label`` is that word, signed (``claims.custody.BundleLabel``), for whoever carries the bundle on.
    """

    bundle_id: str
    sha256: str
    size_bytes: int
    device: str
    epoch: int
    through_seq: int
    digest: str
    label: bytes


class PieceSent(Question, frozen=True, kw_only=True, tag="lan_piece@1"):
    """One piece of a bundle under way (``PIECE_BYTES`` but for the last); its bytes come with it."""

    bundle_id: str
    index: int
    sha256: str


class BundleClosed(Question, frozen=True, kw_only=True, tag="lan_bundle_closed@1"):
    """That was all: make it durable and say so."""

    bundle_id: str


class AllowanceAsked(Question, frozen=True, kw_only=True, tag="lan_allowance@1"):
    """Give me of your right to promise. ``known`` are the transfers from this neighbour that arrived here already."""

    pool: str
    amount_fen: int
    known: tuple[str, ...] = ()


class FilesAsked(Question, frozen=True, kw_only=True, tag="lan_files@1"):
    """What can you hand out whose name starts like this? ``answer/``: sealed answers of HQ for me; ``release/``: releases."""

    under: str


class PieceAsked(Question, frozen=True, kw_only=True, tag="lan_piece_asked@1"):
    """Give me ``PIECE_BYTES`` of a listed file from an offset on."""

    sha256: str
    offset: int


class AnswersTaken(Question, frozen=True, kw_only=True, tag="lan_answers_taken@1"):
    """These answers of HQ are in my store: you need not keep them for me."""

    sha256: tuple[str, ...]


AnyQuestion = (
    Greet
    | HighestAsked
    | HighestTold
    | BundleOffered
    | PieceSent
    | BundleClosed
    | AllowanceAsked
    | FilesAsked
    | PieceAsked
    | AnswersTaken
)


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Common part of what is answered; ``payload_sha256`` (hex) is of the bytes that come with it, empty without any."""

    nonce: str
    payload_sha256: str = ""


class Greeted(Answer, frozen=True, kw_only=True, tag="lan_greeted@1"):
    """Who answers, and how much it would still keep for the asker."""

    role: NeighbourRole
    room_bytes: int
    protocol: int = LAN_PROTOCOL


class HighestHeld(Answer, frozen=True, kw_only=True, tag="lan_highest_held@1"):
    """The marks of the durable bundles of this (device, epoch), the highest first.

    ``newest_certificate``: the device's certificate (DER) of the highest epoch that was seen here: headquarters' own word that a life is over.
    """

    device: str
    epoch: int
    marks: tuple[Mark, ...]
    newest_certificate: bytes


class PiecesWanted(Answer, frozen=True, kw_only=True, tag="lan_pieces_wanted@1"):
    """Send these pieces, then close."""

    bundle_id: str
    missing: tuple[int, ...]


class PieceTaken(Answer, frozen=True, kw_only=True, tag="lan_piece_taken@1"):
    """The piece is here; that is no custody yet."""

    bundle_id: str
    index: int


class CustodyGiven(Answer, frozen=True, kw_only=True, tag="lan_custody@1"):
    """The bundle is durable here. ``receipt`` is the signed ``claims.custody.CustodyReceipt``, good without this answer."""

    receipt: bytes


class AllowanceGiven(Answer, frozen=True, kw_only=True, tag="lan_allowance_given@1"):
    """Signed transfers, one after another in the payload, each as long as ``sizes`` says. Debited here before they left."""

    sizes: tuple[int, ...]


class AllowanceWaits(Answer, frozen=True, kw_only=True, tag="lan_allowance_waits@1"):
    """A person there was asked. Ask again."""


class FilesListed(Answer, frozen=True, kw_only=True, tag="lan_files_listed@1"):
    """The payload is the list: JSON of ``ListedFile``."""


class PieceGiven(Answer, frozen=True, kw_only=True, tag="lan_piece_given@1"):
    """The payload is the piece; ``size_bytes`` is the whole file's."""

    sha256: str
    offset: int
    size_bytes: int


class Noted(Answer, frozen=True, kw_only=True, tag="lan_noted@1"):
    """Understood."""


class Refused(Answer, frozen=True, kw_only=True, tag="lan_refused@1"):
    """No, and why."""

    reason: Refusal


AnyAnswer = (
    Greeted
    | HighestHeld
    | PiecesWanted
    | PieceTaken
    | CustodyGiven
    | AllowanceGiven
    | AllowanceWaits
    | FilesListed
    | PieceGiven
    | Noted
    | Refused
)

_questions: msgspec.json.Decoder[AnyQuestion] = msgspec.json.Decoder(AnyQuestion)
_answers: msgspec.json.Decoder[AnyAnswer] = msgspec.json.Decoder(AnyAnswer)
_lists: msgspec.json.Decoder[tuple[ListedFile, ...]] = msgspec.json.Decoder(tuple[ListedFile, ...])


def decode_question(raw: bytes) -> AnyQuestion:
    """Read a question. Raises ``msgspec.DecodeError`` (an unknown kind too)."""
    return _questions.decode(raw)


def decode_answer(body: bytes) -> AnyAnswer:
    """Read the body of a verified answer. Raises ``msgspec.DecodeError``."""
    return _answers.decode(body)


def decode_list(payload: bytes) -> tuple[ListedFile, ...]:
    """Read the payload of ``FilesListed``. Raises ``msgspec.DecodeError``."""
    return _lists.decode(payload)


def kind_of(answer: AnyAnswer) -> str:
    """Return the kind that the statement of an answer carries."""
    return str(answer.__struct_config__.tag)


def with_payload(answer: AnyAnswer, payload: bytes) -> AnyAnswer:
    """Return the answer naming the bytes that go with it."""
    return msgspec.structs.replace(answer, payload_sha256=hashlib.sha256(payload).hexdigest() if payload else "")


def piece_count(size_bytes: int) -> int:
    """Return how many pieces a file of this size has; an empty one has one."""
    return max(1, -(-size_bytes // PIECE_BYTES))


def piece_size(size_bytes: int, index: int) -> int:
    """Return the size of one piece: all but the last are full."""
    return min(PIECE_BYTES, max(0, size_bytes - index * PIECE_BYTES))
