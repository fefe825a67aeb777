"""What lies inside a sealed bundle, and how a carrier hands one to headquarters: the wire's own requests and answers, as records.

Promise: pure. A bundle up is a laptop's requests in the wire's order, each signed as over HTTP, so that headquarters answers it by the same
code; an answer bundle is headquarters' signed statements. Nothing in either is believed because of the bundle: each request carries its
device's signature, each answer headquarters'. Records are MessagePack (photos stay as they are), one struct each, tagged.

A carrier (any enrolled device) hands a sealed bundle over in parts, by ``POST /v1/bundle`` with a ``BundlePart`` in JSON as the wire's other
messages; the answer is a signed ``BundleAnswered``. Parts may come in any order and again; without content the message only asks what lacks.
A body that begins with the bundles' magic word is a whole bundle (up to the limit of a message) and is answered likewise.

Source: docs/adr/0144.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from claims.custody import LABEL_KIND, BundleLabel
from sync.wire.messages import CHUNK_BYTES, WireMessage

__all__ = [
    "ANSWER_SUFFIX",
    "BUNDLE_SUFFIX",
    "LABEL_KIND",
    "LABEL_SUFFIX",
    "MAX_CARRIED_BYTES",
    "PART_BYTES",
    "Answer",
    "AnswerRecord",
    "AnswersBegun",
    "BundleAnswered",
    "BundleLabel",
    "BundlePart",
    "Refused",
    "Request",
    "UpBegun",
    "UpRecord",
    "encode_record",
    "part_count",
    "read_answer_record",
    "read_up_record",
]

BUNDLE_SUFFIX = ".fcb"
"""Field claims bundle: what goes to headquarters."""
ANSWER_SUFFIX = ".answer.fcb"
LABEL_SUFFIX = ".label"
"""Beside a bundle lies its label (``claims.custody.BundleLabel``), signed by the writer."""
PART_BYTES = CHUNK_BYTES
MAX_CARRIED_BYTES = 4 * 1024 * 1024 * 1024
"""The largest bundle that headquarters takes from a carrier."""


class Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Common base of a bundle's records."""


class UpBegun(Record, frozen=True, kw_only=True, tag="up_begun@1"):
    """First record of a bundle to headquarters: whose it is, and which part of the log is inside (after, through, digest there)."""

    device: str
    epoch: int
    made_at: datetime
    after_seq: int
    through_seq: int
    digest: str


class Request(Record, frozen=True, kw_only=True, tag="request@1"):
    """A request as it would go over HTTP. ``path`` is whole (``/v1/log``); ``packed`` bodies are zstd; ``signature`` is the device's over
    ``request_bytes`` of the body as it is here."""

    method: str
    path: str
    body: bytes
    packed: bool
    signature: bytes


class AnswersBegun(Record, frozen=True, kw_only=True, tag="answers_begun@1"):
    """First record of an answer bundle: for whom, and to which bundle (empty: what headquarters had to say anyway)."""

    device: str
    epoch: int
    made_at: datetime
    to_bundle: str


class Answer(Record, frozen=True, kw_only=True, tag="answer@1"):
    """A signed statement of headquarters: ``LogReceipted``, ``HaveAnswered`` or ``DownAnswered``, raw. Its nonce is the bundle's id."""

    raw: bytes


class Refused(Record, frozen=True, kw_only=True, tag="refused@1"):
    """How many requests of the bundle headquarters could not take, and the first reason. Words, no statement: it changes nothing."""

    count: int
    code: str
    zh: str
    en: str


UpRecord = UpBegun | Request
AnswerRecord = AnswersBegun | Answer | Refused

_up: msgspec.msgpack.Decoder[UpRecord] = msgspec.msgpack.Decoder(UpRecord)
_answers: msgspec.msgpack.Decoder[AnswerRecord] = msgspec.msgpack.Decoder(AnswerRecord)


class BundlePart(WireMessage, frozen=True, kw_only=True, tag="bundle_part@1"):
    """A carrier's message: part ``index`` (of ``PART_BYTES``, the last one shorter) of a sealed bundle; None: what do you lack?

    ``device`` and ``epoch`` are the carrier's, which knows what ``later`` in an answer means if it ``can_wait``.
    """

    device: str
    epoch: int
    nonce: str
    sha256: str
    size_bytes: int
    index: int | None = None
    content: bytes = b""
    can_wait: bool = False


class BundleAnswered(WireMessage, frozen=True, kw_only=True, tag="bundle_answered@1"):
    """Headquarters to the carrier. ``taken``: every request inside was carried out or refused, nothing more need be sent.

    ``lacking`` are the first missing parts otherwise. ``answer`` is the sealed answer bundle for the writer, None where headquarters has no
    key to seal it with. ``problem``: why a bundle that is here whole can't be taken (not sealed to headquarters, damaged): send it no more.
    ``later``: it is here whole and can't be read *yet*; keep it, go on with the next, and offer it again another day.
    """

    device: str
    epoch: int
    nonce: str
    hq_time: datetime
    sha256: str
    taken: bool
    lacking: tuple[int, ...] = ()
    answer: bytes | None = None
    problem: str = ""
    later: bool = False


def encode_record(record: UpRecord | AnswerRecord) -> bytes:
    """Return a record's bytes."""
    return msgspec.msgpack.encode(record)


def read_up_record(raw: bytes) -> UpRecord:
    """Read a record of a bundle to headquarters. Raises ``msgspec.DecodeError``."""
    return _up.decode(raw)


def read_answer_record(raw: bytes) -> AnswerRecord:
    """Read a record of an answer bundle. Raises ``msgspec.DecodeError``."""
    return _answers.decode(raw)


def part_count(size_bytes: int) -> int:
    """Return how many parts a bundle of this size has."""
    return max(1, -(-size_bytes // PART_BYTES))
