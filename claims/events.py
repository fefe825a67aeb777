"""The events of the laptop's log: facts in the past tense, never edited; a correction is a new event.

Promise: the JSON that msgspec writes in struct order is what gets signed, stored and forwarded verbatim. Fields are only
added, with a default; a changed meaning is a new tag (``...@2``). Amounts are integer fen, instants are UTC.

Source: design.md "Log", notes/domain.md §1.1 and §7.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from rules.bilingual import Bilingual


class Outcome(StrEnum):
    """What the field may say of a case. The field never declines."""

    PRE_APPROVED = "pre_approved"
    REFERRED = "referred"
    RECEIPT_ONLY = "receipt_only"


class PaperKind(StrEnum):
    """Which numbered paper."""

    VOUCHER = "voucher"
    SLIP = "slip"
    DOCUMENT = "document"
    """Every other paper (``PaperAsked.paper`` says which), from a block of its own."""


ABSENT = msgspec.Raw(b"null")
"""A raw part of an event that is not there; msgspec reads no optional ``Raw``."""


class PersonFact(msgspec.Struct, frozen=True, kw_only=True):
    """A person as taken in: from the extract (``person_id`` set) or entered by hand."""

    name: str
    id_number: str | None = None
    person_id: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    phone: str | None = None


class PayeeFact(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets the money. ``relation`` is to the insured (``self``, ``heir``, ...); the account is a full number."""

    name: str
    id_number: str | None
    relation: str
    bank: str
    account: str


class KeyedAmount(msgspec.Struct, frozen=True, kw_only=True):
    """One settlement key with its sum and the pool ids it draws on (design.md "Pools and settlement keys")."""

    settlement_key: str
    liability: str
    amount_fen: int
    pools: tuple[str, ...]


class GrantDebit(msgspec.Struct, frozen=True, kw_only=True):
    """A debit of one grant, in the same transaction as the promise. ``counter`` counts the debits of that grant from 1."""

    grant_id: str
    pool: str
    settlement_key: str
    amount_fen: int
    counter: int


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every event has: the trusted instant at which it was recorded (never used for ordering)."""

    at: datetime


RECOVERY_AAD = b"outpost recovery slot 1"
"""Bound into the sealed recovery slot, so that no other box for headquarters passes for one."""


class RecoverySlotSealed(Event, frozen=True, kw_only=True, tag="recovery_slot_sealed@1"):
    """The store's keys, sealed to headquarters' recovery key. The log carries them to HQ, who can mend a lost key file with them."""

    sealed: bytes


class CaseOpened(Event, frozen=True, kw_only=True, tag="case_opened@1"):
    """A claim was reported. ``policy_nos`` may be empty: a person who is not in the extract is taken in all the same."""

    case_no: str
    channel: str
    claim_type: str
    insured: PersonFact
    reporter: PersonFact
    policy_nos: tuple[str, ...]
    loss_date: date
    loss_place: str
    loss_region: str | None
    catastrophe_id: str | None
    description: str


class CaseStateChanged(Event, frozen=True, kw_only=True, tag="case_state_changed@1"):
    """The case moved on (claims/lifecycle.py holds the legal moves)."""

    case_no: str
    from_state: str
    to_state: str
    reason: str


class DocumentAdded(Event, frozen=True, kw_only=True, tag="document_added@1"):
    """A file was taken in; its encrypted content is on disk under its hash before this event commits."""

    case_no: str
    document_id: str
    material: str
    sha256: str
    size_bytes: int
    media_type: str
    filename: str
    thumbnail_sha256: str | None
    pages: int
    thumbnail_size_bytes: int | None = None


class FactsRecorded(Event, frozen=True, kw_only=True, tag="facts_recorded@1"):
    """The facts for one policy, as canonical JSON of the pack's elements (rules.engine.facts)."""

    case_no: str
    policy_no: str
    pack_hash: str
    facts: msgspec.Raw


class DeterminationMade(Event, frozen=True, kw_only=True, tag="determination_made@1"):
    """The rules decided. ``decision`` is the canonical JSON of a Determination or Referral; HQ replays ``facts``."""

    case_no: str
    policy_no: str
    pack_hash: str
    facts: msgspec.Raw
    decision: msgspec.Raw
    decision_sha256: str
    outcome: Outcome
    outcome_reasons: tuple[Bilingual, ...]


PAPER_SUBJECT = "paper:"
"""Starts ``PaperSigned.subject`` of a signature under a document; its number follows."""


class PaperSigned(Event, frozen=True, kw_only=True, tag="paper_signed@1"):
    """A person signed (or refused to sign) exactly the bytes with this hash. ``strokes`` is vector ink, may be empty.

    ``note``: why it was refused, why there is no ink, what was consented to; empty where there is nothing to say.
    """

    case_no: str
    subject: str
    content_sha256: str
    role: str
    name: str
    refused: bool
    strokes: tuple[tuple[tuple[int, int], ...], ...]
    note: str = ""


class VoucherIssued(Event, frozen=True, kw_only=True, tag="voucher_issued@1"):
    """T1: number, debits and the signed voucher bytes, in one commit. ``cose`` is the COSE_Sign1 message."""

    case_no: str
    policy_no: str
    voucher_no: str
    payee: PayeeFact
    amount_fen: int
    keys: tuple[KeyedAmount, ...]
    debits: tuple[GrantDebit, ...]
    pack_hash: str
    decision_sha256: str
    authority_id: str
    cose: bytes


class SlipIssued(Event, frozen=True, kw_only=True, tag="slip_issued@1"):
    """An acceptance slip was given a number. It lists what was handed in and promises nothing.

    ``content`` is everything that stands on it (``claims.papers.FilledPaper`` as JSON), so that a reprint lists what was handed in then;
    absent in logs of before.
    """

    case_no: str
    slip_no: str
    outcome: Outcome
    reasons: tuple[Bilingual, ...]
    content: msgspec.Raw = ABSENT


class PaperAsked(Event, frozen=True, kw_only=True, tag="paper_asked@1"):
    """T1 of every paper but voucher and slip: its number and everything that will stand on it (``claims.papers.FilledPaper`` as JSON).

    ``case_no`` is None for a paper of the station (day-end count, leaflet). Signatures come later, as ``PaperSigned`` with the subject
    ``paper:<number>`` and the hash of ``content``.
    """

    number: str
    paper: str
    case_no: str | None
    content: msgspec.Raw


class BlanksPrepared(Event, frozen=True, kw_only=True, tag="blanks_prepared@1"):
    """Numbers were taken for forms that are filled in by hand when the laptop is dead. Each is used once it is entered, or spoiled."""

    kind: PaperKind
    paper: str
    numbers: tuple[str, ...]


class BlankEntered(Event, frozen=True, kw_only=True, tag="blank_entered@1"):
    """A form that was filled in by hand was entered: from now on it belongs to this case. ``filled_on``: the day written on it; ``paper``: which
    form it is (absent in logs of before)."""

    kind: PaperKind
    number: str
    case_no: str
    filled_on: date
    receiver: str
    paper: str = ""


class VoucherRecovered(Event, frozen=True, kw_only=True, tag="voucher_recovered@1"):
    """A voucher of another (lost) laptop was read from paper or a file and verified.

    ``facts`` and ``decision`` are what the PDF held inside, checked against the signed hash; ``promise`` (``claims.promise_record``) with the lost
    device's ``seal`` on it. ``ABSENT`` where only the code was readable, or where they were not what the device had signed.
    """

    cose: bytes
    source: str
    source_sha256: str
    facts: msgspec.Raw = ABSENT
    decision: msgspec.Raw = ABSENT
    promise: msgspec.Raw = ABSENT
    seal: bytes | None = None


class PaperRedeemed(Event, frozen=True, kw_only=True, tag="paper_redeemed@1"):
    """Somebody presented a voucher here and it was genuine. The next one with this number is told that it was used before."""

    voucher_no: str
    device: str
    code_sha256: str
    presented_by: str


class DayCounted(Event, frozen=True, kw_only=True, tag="day_counted@1"):
    """The papers of a day were counted by hand against the records. ``differences`` are sentences; none when all agree.

    ``by_kind`` is what was counted of each kind; ``counted`` is their sum and ``recorded`` what should have been there.
    """

    day: date
    counted: int
    recorded: int
    differences: tuple[Bilingual, ...]
    by_kind: dict[PaperKind, int] = {}


class PaperRendered(Event, frozen=True, kw_only=True, tag="paper_rendered@1"):
    """T2: the drawing is stored under its hash. ``copy_no`` 1 is the first; later ones are marked as reprints."""

    number: str
    kind: PaperKind
    pdf_sha256: str
    size_bytes: int
    copy_no: int


class PaperPrinted(Event, frozen=True, kw_only=True, tag="paper_printed@1"):
    """The printer took the page, or the page was saved as a file."""

    number: str
    kind: PaperKind
    copy_no: int
    destination: str


class PaperHandedOver(Event, frozen=True, kw_only=True, tag="paper_handed_over@1"):
    """The paper is in the claimant's hands."""

    number: str
    kind: PaperKind
    receiver: str


class VoucherVoided(Event, frozen=True, kw_only=True, tag="voucher_voided@1"):
    """A voucher was voided. Its number and its debits stay used; HQ decides on the debits."""

    voucher_no: str
    reason: str


class NumberSpoiled(Event, frozen=True, kw_only=True, tag="number_spoiled@1"):
    """A number of a block will never be used (notes/domain.md §7: spoiled numbers are voided, not reused)."""

    kind: PaperKind
    number: str
    reason: str


class AllowanceClosed(Event, frozen=True, kw_only=True, tag="allowance_closed@1"):
    """The device's closing statement on a grant: nothing is spent from it after this event."""

    grant_id: str
    spent_fen: int


class BoxKeyAnnounced(Event, frozen=True, kw_only=True, tag="box_key_announced@1"):
    """This (device, epoch) opens what is sealed to ``public_key`` (X25519, 32 bytes): answers and reference data that travel on sticks."""

    public_key: bytes


class AllowanceTransferred(Event, frozen=True, kw_only=True, tag="allowance_transferred@1"):
    """The donor's debit of a transfer, durable before ``transfer`` leaves this laptop. ``transfer`` is the signed record
    (``claims.allowance_transfers.AllowanceTransfer``); ``counter`` counts in the same row as the grant's promises."""

    transfer_id: str
    grant_id: str
    pool: str
    amount_fen: int
    counter: int
    to_device: str
    to_epoch: int
    transfer: bytes


class AllowanceReceived(Event, frozen=True, kw_only=True, tag="allowance_received@1"):
    """A transfer was taken in: from now on this laptop may promise from it, as from a grant whose id is ``transfer_id``.

    ``hands``: how often the right changed hands until here; ``catastrophe_id``: what headquarters granted it ahead of."""

    transfer_id: str
    pool: str
    amount_fen: int
    expires_at: datetime
    transfer: bytes
    hands: int = 1
    catastrophe_id: str | None = None


class CaseCorrected(Event, frozen=True, kw_only=True, tag="case_corrected@1"):
    """A field of a case was changed. ``base`` is the value that was replaced: headquarters unites changes that do not touch, and opens a review
    where another change of the same field has the same base."""

    case_no: str
    field: str
    base: str
    value: str
    reason: str


AnyEvent = (
    RecoverySlotSealed
    | BoxKeyAnnounced
    | AllowanceTransferred
    | AllowanceReceived
    | CaseCorrected
    | CaseOpened
    | CaseStateChanged
    | DocumentAdded
    | FactsRecorded
    | DeterminationMade
    | PaperSigned
    | VoucherIssued
    | SlipIssued
    | PaperAsked
    | BlanksPrepared
    | BlankEntered
    | VoucherRecovered
    | PaperRedeemed
    | DayCounted
    | PaperRendered
    | PaperPrinted
    | PaperHandedOver
    | VoucherVoided
    | NumberSpoiled
    | AllowanceClosed
)

_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode_event(event: AnyEvent) -> bytes:
    """Return the bytes that get signed."""
    return msgspec.json.encode(event)


def decode_event(raw: bytes) -> AnyEvent:
    """Read an event. Unknown fields are kept in the raw bytes and ignored here; an unknown tag raises ``msgspec.ValidationError``."""
    return _decoder.decode(raw)
