"""What the screens show: the present seen from one place at a time, finished enough to be drawn without further questions.

Promise: every struct is a frozen copy of what the disk held at one moment; nothing here promises, decides or writes.
Sentences come in both languages; sums are fen; instants are UTC and shown as Beijing time.

Source: design.md "Sync" (three acknowledgements), notes/domain.md §1.2, §2, §8.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

import msgspec

from claims.completeness import Completeness
from claims.errors import Bilingual
from claims.events import Outcome, PaperSigned
from claims.records import (
    Acknowledgement,
    CaseRecord,
    DeterminationRecord,
    DocumentRecord,
    FieldChangeRecord,
    FieldReviewRecord,
    PaperRecord,
    SafetyCounts,
)
from claims.reference import Catastrophe, ExtractPolicy, PersonHit
from claims.statements import CasesLinked, PaymentReported
from claims.time_limits import CaseClock
from claims.trusted_time import TrustedTime


class CaseStep(StrEnum):
    """The five steps of a case, in their order."""

    REPORT = "report"
    PAPERS = "papers"
    BENEFIT = "benefit"
    SIGN = "sign"
    VOUCHER = "voucher"


class StepState(StrEnum):
    """``locked``: it can't be done yet, and ``StepStanding.why`` says why and what to do."""

    DONE = "done"
    OPEN = "open"
    LOCKED = "locked"


class StepStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One step of one case: ``line`` is its state in a few words ("08:52 完成", "缺 1 项", "6,488.24")."""

    step: CaseStep
    state: StepState
    line: Bilingual
    why: Bilingual | None = None


class CaseStanding(msgspec.Struct, frozen=True, kw_only=True):
    """All that the case page shows. ``steps`` are the five, in order; ``current`` is the first that is not done.

    ``clocks``: the one that runs out first comes first, stopped ones last. ``papers`` are the numbered ones, newest first.
    ``given``: by policy, the facts that were handed in for its determination, before other policies of the case changed them.
    ``payments``, ``links``, ``reviews`` and ``withdrawn`` are headquarters' words on the case; ``corrections``: every change of a field.
    """

    case: CaseRecord
    at: TrustedTime
    catastrophe: Catastrophe | None
    steps: tuple[StepStanding, ...]
    current: CaseStep
    clocks: tuple[CaseClock, ...]
    documents: tuple[DocumentRecord, ...]
    completeness: Completeness
    policies: tuple[ExtractPolicy, ...]
    determinations: tuple[DeterminationRecord, ...]
    signatures: tuple[PaperSigned, ...]
    papers: tuple[PaperRecord, ...]
    given: Mapping[str, bytes] = {}
    payments: tuple[PaymentReported, ...] = ()
    links: tuple[CasesLinked, ...] = ()
    reviews: tuple[FieldReviewRecord, ...] = ()
    corrections: tuple[FieldChangeRecord, ...] = ()
    withdrawn: Bilingual | None = None

    def step(self, step: CaseStep) -> StepStanding:
        """Return where one step stands."""
        return next(each for each in self.steps if each.step is step)


class CaseFilter(StrEnum):
    """Filter chips over the cases."""

    ALL = "all"
    OPEN = "open"
    MISSING_PAPERS = "missing_papers"
    TO_PRINT = "to_print"
    REFERRED = "referred"
    DISK_ONLY = "disk_only"
    SENT_BACK = "sent_back"
    DONE = "done"


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the queue or of the cases. ``clock`` is the running (or overdue) one that ends first; None when all stopped.

    ``done`` counts the finished steps; ``step`` is the current one. ``missing`` names the papers still needed.
    """

    case: CaseRecord
    step: CaseStep
    done: int
    clock: CaseClock | None
    missing: tuple[Bilingual, ...]
    sent_back: bool
    papers: tuple[PaperRecord, ...]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An unfinished report that was on the screen when the program ended; ``fields`` are raw texts by form key."""

    draft_id: str
    fields: dict[str, str]


class DayCount(msgspec.Struct, frozen=True):
    """How many in one hour of the Beijing day (0 to 23)."""

    hour: int
    count: int


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """The desk at a glance. ``by_step`` counts open cases by current step, in step order.

    ``allowance_left_fen``/``allowance_limit_fen``: over this laptop's live allowances, the emergency float apart.
    """

    at: TrustedTime
    cases_today: int
    cases_yesterday: int
    by_hour: tuple[DayCount, ...]
    promised_today_fen: int
    allowance_limit_fen: int
    allowance_left_fen: int
    float_left_fen: int
    by_step: tuple[tuple[CaseStep, int], ...]
    longest_open: CaseRecord | None
    clocks: tuple[tuple[CaseRecord, CaseClock], ...]
    waiting_papers: tuple[CaseRow, ...]
    waiting_count: int = 0
    open_count: int = 0
    sent_back: tuple[SentBack, ...]
    unfinished_papers: tuple[PaperRecord, ...]


class SentBack(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict of headquarters that a person must look at (held, differing or refused); ``owner`` is an adjuster's name."""

    case: CaseRecord
    number: str | None
    amount_fen: int | None
    reason: Bilingual
    owner: str
    next_step: Bilingual
    at: datetime


class ReleaseAge(msgspec.Struct, frozen=True, kw_only=True):
    """Age of the rules or the policies on this laptop. ``warning``: past its warning date; ``expired``: collect only."""

    label: str
    made_at: datetime
    days: int
    warning: bool
    expired: bool


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The truth about safety and freshness that the frame shows. ``last_contact_at`` None: never spoken with headquarters.

    ``numbers_left`` are vouchers'; ``document_numbers_left`` None: headquarters has granted none yet. ``busiest_day``: by kind, how many numbers
    the busiest of the last days took; with so many left it is time to sync. ``notices`` are headquarters' words that concern no case; ``problems`` say which rules or
    policies on this laptop can't be read.
    """

    at: TrustedTime
    safety: SafetyCounts
    last_contact_at: datetime | None
    rules: ReleaseAge | None
    policies: ReleaseAge | None
    persons: int
    stopped: bool
    numbers_left: int
    sent_back: int
    slip_numbers_left: int = 0
    case_numbers_left: int = 0
    document_numbers_left: int | None = None
    busiest_day: dict[str, int] = {}
    notices: tuple[Bilingual, ...] = ()
    problems: tuple[Bilingual, ...] = ()
    disk_fault: Bilingual | None = None
    """Why this disk must promise nothing more (``claims.own_disk``), None where nothing is known against it."""


class CaseAtRisk(msgspec.Struct, frozen=True, kw_only=True):
    """One case with something that headquarters does not hold. ``custody_*`` is what a custodian holds of it; the rest only this disk has.

    ``log_only_here``: its newest record is on this disk alone. ``promised_fen``: sum of its standing vouchers of which that holds.
    """

    case_no: str
    log_only_here: bool
    promised_fen: int
    attachments: int
    attachment_bytes: int
    custody_promised_fen: int
    custody_attachments: int
    custody_attachment_bytes: int

    @property
    def only_here(self) -> bool:
        """Whether anything of the case would be lost if this laptop died now."""
        return self.log_only_here or self.attachments > 0


class AtRisk(msgspec.Struct, frozen=True, kw_only=True):
    """If this laptop died now: the cases with anything that only this disk has, and what was promised in them.

    What a custodian holds and headquarters does not is counted apart (``custody_*``). ``by_case``: every case that headquarters does not
    hold in full, with both.
    """

    cases: tuple[CaseRecord, ...]
    events: int
    promised_fen: int
    attachments: int
    attachment_bytes: int
    custody_events: int = 0
    custody_promised_fen: int = 0
    custody_attachments: int = 0
    custody_attachment_bytes: int = 0
    by_case: tuple[CaseAtRisk, ...] = ()


class PolicyStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A policy on a day. ``sums``: name and fen of the sums insured it carries; ``allowance_fen`` None: ask headquarters."""

    policy: ExtractPolicy
    in_force: bool
    line: Bilingual
    sums: tuple[tuple[Bilingual, int], ...]
    allowance_fen: int | None


class EarlierClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A payment the extract knows of (``case_no`` None), or a case on this laptop."""

    on: date
    line: Bilingual
    amount_fen: int | None
    case_no: str | None = None


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of people: cover in force, allowance on this laptop, earlier claims. ``age`` in full years today."""

    hit: PersonHit
    age: int
    policies: tuple[PolicyStanding, ...]
    allowance_fen: int | None
    earlier: tuple[EarlierClaim, ...]


class PeopleCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many persons fit a search; ``at_least``: counting stopped there. ``persons`` are all on this laptop."""

    found: int
    at_least: bool
    persons: int


class PaperMoment(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a numbered paper. ``what`` is a ``PaperState`` value; ``detail`` is the copy, printer or receiver."""

    what: str
    at: datetime | None
    detail: Bilingual
    copy_no: int = 0


class GreyPicture(msgspec.Struct, frozen=True):
    """A page as grey pixels, row by row, one byte each: what a camera or a renderer saw."""

    width: int
    height: int
    pixels: bytes


class CodesFound(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of the QR codes in a file or picture. ``seen``: a code is there that could not be read."""

    texts: tuple[str, ...]
    seen: bool = False


class CheckItem(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a check: what was looked at, whether it holds, and the value found."""

    name: Bilingual
    passed: bool
    found: Bilingual


class PageCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The QR of a page read back and checked. ``genuine`` only when every item passed."""

    genuine: bool
    items: tuple[CheckItem, ...]


class CaseReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """The three acknowledgements of one case; None where it is not there yet. ``hq_at`` is when this laptop learnt it, where known.

    ``payment``: what the bank said over all vouchers of the case (``paid``, ``returned``, ``refused``).
    """

    case: CaseRecord
    promised_fen: int | None
    ack: Acknowledgement
    disk_at: datetime
    custody_at: datetime | None
    hq_at: datetime | None
    outcome: Outcome | None
    replay: str | None
    settlement: str | None
    reason: Bilingual | None
    payment: str | None = None
