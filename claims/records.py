"""What the store can tell about the present: read models, a function of (own log, inbox) and nothing else.

Promise: every record is a frozen copy; changing the present means appending an event.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from claims.events import Outcome, PaperKind, PayeeFact, PersonFact
from rules.bilingual import Bilingual


class Acknowledgement(StrEnum):
    """Where a record is safe. Only HQ's word lets anything be deleted (design.md "Sync")."""

    DISK = "disk"
    CUSTODY = "custody"
    HQ = "hq"


class PaperState(StrEnum):
    """Life of a numbered paper. ``asked`` is T1: the number is used, the drawing may still be missing."""

    ASKED = "asked"
    RENDERED = "rendered"
    PRINTED = "printed"
    HANDED_OVER = "handed_over"
    VOIDED = "voided"
    REDEEMED = "redeemed"


class CaseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One claim case as it stands. ``last_seq`` is the log position of its newest event; ``ack`` follows from it."""

    case_no: str
    state: str
    claim_type: str
    channel: str
    insured: PersonFact
    reporter: PersonFact
    policy_nos: tuple[str, ...]
    loss_date: date
    loss_place: str
    loss_region: str | None
    catastrophe_id: str | None
    description: str
    opened_at: datetime
    updated_at: datetime
    last_seq: int
    ack: Acknowledgement
    outcome: Outcome | None
    payable_fen: int | None


class DocumentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A paper taken in for a case."""

    case_no: str
    document_id: str
    material: str
    sha256: str
    size_bytes: int
    media_type: str
    filename: str
    thumbnail_sha256: str | None
    pages: int
    at: datetime
    held_by_hq: bool


class DeterminationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The newest decision for one policy of a case; ``facts`` and ``decision`` are the exact bytes of the event."""

    case_no: str
    policy_no: str
    pack_hash: str
    facts: bytes
    decision: bytes
    decision_sha256: str
    outcome: Outcome
    outcome_reasons: tuple[Bilingual, ...]
    at: datetime
    seq: int


class PaperRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A numbered paper: a voucher (``cose`` set), an acceptance slip, or a document (``content``: the bytes of its ``PaperAsked``).

    ``paper`` is the definition it is drawn by. ``case_no`` is empty for a paper of the station and for a blank form that nobody has entered yet.
    ``blank``: it was printed empty, to be filled in by hand. ``settlement``/``replay`` come from HQ's answer.
    """

    number: str
    kind: PaperKind
    case_no: str
    state: PaperState
    issued_at: datetime
    seq: int
    ack: Acknowledgement
    policy_no: str | None = None
    payee: PayeeFact | None = None
    amount_fen: int | None = None
    cose: bytes | None = None
    decision_sha256: str | None = None
    authority_id: str | None = None
    pdf_sha256: str | None = None
    copies: int = 0
    void_reason: str | None = None
    outcome: Outcome | None = None
    reasons: tuple[Bilingual, ...] = ()
    replay: str | None = None
    settlement: str | None = None
    paper: str = ""
    content: bytes | None = None
    blank: bool = False
    filled_on: date | None = None
    """The day written on a blank form that was entered."""


class NumberBlock(msgspec.Struct, frozen=True, kw_only=True):
    """A block of numbers of one kind; ``used_to`` is the highest number ever used (``first`` - 1 when none)."""

    kind: str
    prefix: str
    first: int
    last: int
    used_to: int


class NumberTally(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the numbers of a block, counted one by one.

    ``taken`` is how many have a record at all; of these ``voided`` never count again and ``blank`` are on forms that nobody has entered yet.
    ``last_at``: when the last one was taken.
    """

    block: NumberBlock
    taken: int
    voided: int
    blank: int
    last_at: datetime | None = None


class PaperHappening(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a numbered paper, among those of other papers. ``what`` is the state it entered; ``detail`` printer, receiver or reason."""

    number: str
    kind: PaperKind
    paper: str
    case_no: str
    what: PaperState
    at: datetime
    copy_no: int
    detail: str


class SafetyCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Events only this disk has, events in custody elsewhere, events HQ has receipted; and waiting attachments in bytes."""

    disk: int
    custody: int
    hq: int
    attachments_waiting: int
    attachment_bytes_waiting: int
    attachments_in_custody: int = 0
    """Of the waiting ones, those that somebody else holds whole."""
    attachment_bytes_in_custody: int = 0


class DeletableOriginal(msgspec.Struct, frozen=True, kw_only=True):
    """A document's original that headquarters holds in every backup, of cases that are finished."""

    sha256: str
    size_bytes: int
    case_no: str
    filename: str


class TaskRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person at the station must do. ``kind``: ``assigned``, ``event_rejected``, ``grant_refused``, ...

    ``at`` is headquarters' instant; ``after_seq`` is the end of the log when it arrived: what was recorded later may answer it. ``owner`` is as in
    ``TaskAssigned``: a staff number or a role, empty for the adjuster of this laptop.
    """

    task_id: str
    kind: str
    case_no: str | None
    text: Bilingual
    at: datetime
    after_seq: int
    owner: str = ""


class FieldReviewRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a case that was changed in two places. ``values`` are all that were kept; ``value`` is headquarters' word, None while it is open."""

    review_id: str
    case_no: str
    field: str
    values: tuple[str, ...]
    opened_at: datetime
    value: str | None
    decided_at: datetime | None


class FieldChangeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a field. ``base`` is what it replaced here, None for headquarters' own word."""

    case_no: str
    field: str
    base: str | None
    value: str
    reason: str
    at: datetime
    by_headquarters: bool


class LogPosition(msgspec.Struct, frozen=True, kw_only=True):
    """End of this device's log. ``next_seq`` starts at 1; ``head`` is the chain hash after the last commit."""

    device: str
    epoch: int
    next_seq: int
    head: bytes
    hq_watermark_seq: int


class AttachmentRef(msgspec.Struct, frozen=True, kw_only=True):
    """A stored file that HQ does not hold yet. Lower ``priority`` goes first (papers 2, thumbnails 3, photos 4)."""

    sha256: str
    size_bytes: int
    priority: int


class StoredCommit(msgspec.Struct, frozen=True, kw_only=True):
    """A signed commit exactly as written."""

    first_seq: int
    last_seq: int
    raw: bytes
    hash: bytes
