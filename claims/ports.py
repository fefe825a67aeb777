"""The ports: what the use cases need of the world. Adapters live on floor 2 and in ``app``; they meet only here.

Promise: a port says which error an adapter may raise; adapters translate everything else at their edge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from claims.case_progress import CaseGlance, CaseProgress
from claims.custody import CustodyNote
from claims.errors import Bilingual
from claims.events import (
    AllowanceReceived,
    AllowanceTransferred,
    AnyEvent,
    DayCounted,
    PaperRedeemed,
    PaperSigned,
    VoucherIssued,
    VoucherRecovered,
)
from claims.link_records import LinkRecord
from claims.overviews import CaseAtRisk, CaseFilter, CodesFound, GreyPicture, PaperMoment
from claims.paper_definitions import PaperSize
from claims.papers import FilledPaper, Language
from claims.records import (
    AttachmentRef,
    CaseRecord,
    DeletableOriginal,
    DeterminationRecord,
    DocumentRecord,
    FieldChangeRecord,
    FieldReviewRecord,
    LogPosition,
    NumberBlock,
    NumberTally,
    PaperHappening,
    PaperRecord,
    SafetyCounts,
    StoredCommit,
    TaskRecord,
)
from claims.reference import ExtractHeader, ExtractPolicy, PersonHit
from claims.statements import (
    AuthorityGranted,
    CasesLinked,
    ClaimDecided,
    PaymentReported,
    PrepaymentMade,
    SettlementAnswered,
)
from trust.vouchers import OpenedVoucher

if TYPE_CHECKING:
    from claims.allowances import Allowance, AllowanceBook
    from claims.registers import Register, RegisterFormat


SIGNED_TIME = "signed_time"
"""Name of the floor that holds the highest signed time of a sync's answers, in microseconds since 1970 UTC."""


class Clock(Protocol):
    """The machine's clock. Only ``app.system_clock`` reads the real one."""

    def utc_now(self) -> datetime:
        """Return the wall clock as an aware UTC datetime. It may be wrong: see ``claims.trusted_time``."""

    def monotonic_s(self) -> float:
        """Return seconds on a clock that never goes back."""


class StepProbe(Protocol):
    """Called at every durable step with its name, so that tests and the demo can cut the process exactly there."""

    def __call__(self, step: str, /) -> None:
        """Return at once, or never."""


def no_probe(step: str, /) -> None:
    """Do nothing: the probe outside drills and tests."""


class Reads(Protocol):
    """The present, read from projections. Unknown numbers raise ``InputError``; a damaged store ``EnvironmentProblem``."""

    def position(self) -> LogPosition: ...
    def time_floor(self) -> datetime | None:
        """The highest *signed* time seen, UTC."""

    def floor(self, name: str) -> int:
        """The highest value remembered under a name (``SIGNED_TIME``, ``release:<kind>``), 0 when none was."""

    def link(self, destination: str) -> LinkRecord:
        """What is remembered of a way to headquarters; an empty record where nothing is."""

    def case(self, case_no: str) -> CaseRecord: ...
    def cases(self, *, text: str = "", offset: int = 0, limit: int = 50) -> Sequence[CaseRecord]:
        """Newest first; ``text`` filters by case number, name or policy number."""

    def documents(self, case_no: str) -> Sequence[DocumentRecord]: ...
    def facts(self, case_no: str, policy_no: str) -> bytes | None: ...
    def determinations(self, case_no: str) -> Sequence[DeterminationRecord]:
        """The newest per policy, in order of first decision."""

    def papers(self, case_no: str | None = None) -> Sequence[PaperRecord]:
        """Numbered papers of one case or of all, in order of issue; ``""``: those that belong to none (the station's, blank forms)."""

    def paper(self, number: str) -> PaperRecord: ...
    def voucher_issued(self, number: str) -> VoucherIssued:
        """A voucher as its event says it, with keys and debits."""

    def number_blocks(self, kind: str) -> Sequence[NumberBlock]: ...
    def allowance_book(self) -> AllowanceBook: ...
    def grant_proof(self, grant_id: str) -> bytes | None:
        """What proves this laptop's right to a grant: HQ's signed word, or the signed transfer that brought it."""

    def transfers_out(self) -> Sequence[AllowanceTransferred]:
        """What this laptop handed on, in order."""

    def transfer_in(self, transfer_id: str) -> AllowanceReceived | None:
        """How a transfer was taken in here, None where it was not."""

    def promised_fen(self, pool: str, *, without: Sequence[str] = ()) -> int:
        """What this laptop's vouchers promised from a pool, voided ones included (their debits stay used).

        ``without``: numbers of vouchers to leave out.
        """

    def signatures(self, case_no: str) -> Sequence[PaperSigned]:
        """Who signed (or refused) what, in order."""

    def answers(self, case_no: str | None = None) -> Sequence[SettlementAnswered]:
        """HQ's verdicts on a case's promises and referrals (or on all), in order of arrival."""

    def authorities(self) -> Sequence[AuthorityGranted]: ...
    def revoked(self) -> bool: ...
    def safety(self) -> SafetyCounts: ...
    def drafts(self) -> Sequence[tuple[str, bytes]]: ...
    def draft(self, draft_id: str) -> bytes | None: ...

    # What whole screens are made of; each is one or two statements, however many cases the store holds.

    def progress(self, case_no: str) -> CaseProgress:
        """How far one case has come."""

    def active_revisions(self) -> Sequence[tuple[int, int]]:
        """(seq of its opening, revision) of every case that is not finished or has no standing voucher, oldest first.

        The revision changes with everything that changes the progress.
        """

    def active_progress(self, opened_seqs: Sequence[int]) -> Sequence[tuple[CaseProgress, bool]]:
        """The progress of these cases, and whether each is finished; in no order."""

    def case_numbers(self, text: str, only: CaseFilter, *, offset: int, limit: int) -> Sequence[str]:
        """Numbers of cases, newest first. Not for ``MISSING_PAPERS`` and ``TO_PRINT``: those need more than the store knows."""

    def matching(self, case_nos: Sequence[str], text: str) -> Sequence[str]:
        """Those of these cases that a text finds, in the order given."""

    def known_cases(self, case_nos: Sequence[str]) -> frozenset[str]:
        """Those of these numbers that are cases of this laptop."""

    def count_cases(self, text: str) -> Mapping[CaseFilter, int]:
        """How many cases each filter shows that ``case_numbers`` knows."""

    def glances(self, case_nos: Sequence[str]) -> Sequence[CaseGlance]:
        """What a row shows of each of these cases, in the order given."""

    def cases_of(self, insured_key: str) -> Sequence[CaseRecord]:
        """The cases of one insured (``claims.settlement.person_key``), newest first."""

    def newest_cases(self, *, offset: int, limit: int) -> Sequence[str]:
        """Numbers of cases in which something was recorded last, newest first."""

    def opened_between(self, start: datetime, end: datetime) -> Sequence[datetime]:
        """When cases were opened, from ``start`` on and before ``end``."""

    def promised_between(self, start: datetime, end: datetime) -> int:
        """Fen of the standing vouchers issued from ``start`` on and before ``end``."""

    def allowances(self, pool_starts: Sequence[str] | None = None) -> Sequence[Allowance]:
        """Grants in order of arrival: all, or those on pools whose id starts with one of these texts."""

    def papers_without_drawing(self) -> Sequence[PaperRecord]:
        """Papers whose number is used and whose drawing is missing, in order of issue."""

    def paper_moments(self, number: str) -> Sequence[PaperMoment]:
        """What happened to a paper on this laptop, in order."""

    def promised_determination(self, number: str) -> DeterminationRecord:
        """The determination that a voucher rests on, also where its policy was decided anew since."""

    def open_papers(self) -> Sequence[PaperRecord]:
        """Papers that are neither handed over nor voided, in order of issue: asked, drawn or printed, and blanks that nobody has entered."""

    def paper_signatures(self, number: str) -> Sequence[PaperSigned]:
        """Who signed (or refused to sign) one document (subject ``paper:<number>``), in order."""

    def happenings(self, start: datetime, end: datetime) -> Sequence[PaperHappening]:
        """What happened to numbered papers on this laptop, from ``start`` on and before ``end``, in order."""

    def number_tallies(self) -> Sequence[NumberTally]:
        """Every block in order of arrival with what became of its numbers."""

    def numbers_taken(self, kind: str, start: datetime, end: datetime) -> int:
        """How many numbers of a kind were taken from ``start`` on and before ``end``."""

    def number_spoiled(self, number: str) -> str | None:
        """The reason why a number without a paper will never be used, None where it was not spoiled."""

    def decisions(self, case_no: str) -> Sequence[ClaimDecided]:
        """Headquarters' final decisions on a case, in order of arrival."""

    def redemptions(self, voucher_no: str | None = None) -> Sequence[PaperRedeemed]:
        """When a voucher (or any) was presented here and found genuine, in order."""

    def stopped_device(self, device: str, epoch: int) -> Bilingual | None:
        """Why headquarters stopped another laptop, None where nothing is known against it here."""

    def recovered(self) -> Sequence[VoucherRecovered]:
        """Vouchers of lost laptops that were read here, in order."""

    def day_counts(self, day: date) -> Sequence[DayCounted]:
        """The hand counts of a day, in order; the last one stands."""

    def received_at(self, seq: int) -> datetime | None:
        """HQ's instant on the first receipt that covers an event, None while there is none."""

    def payments(self, case_no: str) -> Sequence[PaymentReported]:
        """What the bank said of a case's vouchers and prepayments, in order of arrival."""

    def prepayments(self, policy_no: str) -> Sequence[PrepaymentMade]:
        """What HQ paid ahead on a policy's losses, in order of arrival."""

    def prepaid_fen(self, pool: str) -> int:
        """What prepayments took from a pool."""

    def links(self, case_no: str) -> Sequence[CasesLinked]:
        """The cases elsewhere that are about the same loss, in order of arrival."""

    def reviews(self, case_no: str) -> Sequence[FieldReviewRecord]:
        """The fields of a case that were changed in two places, decided ones as well."""

    def corrections(self, case_no: str) -> Sequence[FieldChangeRecord]:
        """Every change of a case's fields as this laptop learned of them, in order."""

    def withdrawn(self, case_no: str) -> Bilingual | None:
        """Why HQ closed a case for good, None while it did not."""

    def tasks(self) -> Sequence[TaskRecord]:
        """What HQ wants a person to look at, in order of arrival."""

    def cases_only_here(self) -> Sequence[CaseRecord]:
        """The cases with an event or a file that neither HQ nor a custodian holds, oldest first."""

    def promised_only_here_fen(self) -> int:
        """Fen of the standing vouchers that neither HQ nor a custodian holds."""

    def cases_at_risk(self) -> Sequence[CaseAtRisk]:
        """Every case with anything that HQ does not hold, oldest first, told apart by whether a custodian does."""

    def custody_seq(self) -> int:
        """How far somebody else holds this log, 0 when nobody does."""

    def custody_at(self, seq: int) -> datetime | None:
        """When somebody else first held an event, None while nobody does."""

    def custody_notes(self) -> Sequence[CustodyNote]:
        """Every note of custody, the newest first."""

    def box_key_announced(self) -> bytes | None:
        """The public box key that this log announced last."""

    def originals_deletable(self) -> Sequence[DeletableOriginal]:
        """Originals whose deletion HQ allows and whose cases are finished, the oldest first; they may be gone from the disk already."""

    def original_let_go(self, sha256: str) -> bool:
        """Whether HQ allowed this file to be deleted here at any time."""


class UnitOfWork(Reads, Protocol):
    """One use case, one transaction, one signed commit. Reads see what was appended. After an error it is poisoned."""

    def append(self, *events: AnyEvent) -> None:
        """Add events to the commit and apply them to the projections. Raises ``EnvironmentProblem`` when the disk is full."""

    def receive(self, statement: bytes) -> bool:
        """Put a verified HQ statement (raw signed bytes) in the inbox and apply it. False when it was there already."""

    def note_custody(self, note: CustodyNote) -> None:
        """Keep that somebody else holds this log, after checking it. Raises ``EnvironmentProblem`` (``custody_not_genuine``)."""

    def raise_floor(self, name: str, value: int) -> None:
        """Remember the highest value seen under a name; a lower one changes nothing. Outside the log, kept encrypted."""

    def keep_link(self, destination: str, record: LinkRecord) -> None:
        """Remember a way to headquarters. Outside the log."""

    def save_draft(self, draft_id: str, content: bytes) -> None: ...
    def drop_draft(self, draft_id: str) -> None: ...


class Store(Protocol):
    """The encrypted store."""

    def write(self) -> AbstractContextManager[UnitOfWork]:
        """Open the one transaction; commits on a clean exit, rolls back on any error."""

    def read(self) -> AbstractContextManager[Reads]: ...


class Outbox(Protocol):
    """What sync reads of the store: the log is the outbox."""

    def position(self) -> LogPosition: ...
    def commits_after(self, seq: int, max_bytes: int) -> Sequence[StoredCommit]:
        """Whole commits in order after ``seq``, at least one if any, then up to ``max_bytes``."""

    def attachments_waiting(self) -> Sequence[AttachmentRef]: ...
    def inbox_count(self) -> int:
        """How many HQ statements were received through the numbered feed (position for the next ``down``)."""


class Attachments(Protocol):
    """Encrypted, content-addressed files. ``put`` returns only after the bytes are durable."""

    def put(self, content: bytes) -> str:
        """Store and return the SHA-256 (hex) of the plaintext. Raises ``EnvironmentProblem`` when the disk is full."""

    def get(self, sha256: str) -> bytes:
        """Return the plaintext. Raises ``EnvironmentProblem`` when the file is missing or damaged."""

    def __contains__(self, sha256: str) -> bool: ...

    def remove(self, sha256: str) -> int:
        """Delete a file for good; return the bytes that came free, 0 when there was none. Raises ``EnvironmentProblem``."""


class PolicyExtract(Protocol):
    """The searchable reference data. Read-only; replaced whole."""

    def header(self) -> ExtractHeader | None: ...
    def search(
        self, text: str, *, offset: int = 0, limit: int = 20, cancelled: Callable[[], bool] = ...
    ) -> Sequence[PersonHit]:
        """Search by name, pinyin, initials, 4+ ID digits, phone or policy number. An empty list when nothing fits."""

    def count(self, text: str, *, stop: Callable[[int], bool], cancelled: Callable[[], bool] = ...) -> tuple[int, bool]:
        """How many fit, and whether counting stopped early: ``stop`` is asked with the number so far, every now and then."""

    def policy(self, policy_no: str) -> ExtractPolicy | None: ...
    def person(self, person_id: str) -> PersonHit | None: ...
    def policies_of(self, person_id: str) -> Sequence[ExtractPolicy]: ...


class Examined(Protocol):
    """What an examined file turned out to be."""

    @property
    def sha256(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def pages(self) -> int: ...
    @property
    def thumbnail(self) -> bytes | None: ...
    @property
    def note(self) -> Bilingual | None:
        """Something the adjuster should know though the file is taken in."""


class Examiner(Protocol):
    """Looks at a file before it is taken in."""

    def examine(self, filename: str, content: bytes) -> Examined:
        """Raises ``InputError`` for an empty, truncated, mislabelled, oversized or unreadable file."""


class Drawing(Protocol):
    """Draws papers. Pure: same content, same bytes."""

    def paper(self, content: FilledPaper, *, language: Language = Language.ZH, size: PaperSize = PaperSize.A4) -> bytes:
        """Return a paper's PDF; an English one is a reading copy without code and signatures."""


class RegisterFiles(Protocol):
    """Writes registers as files for other programs."""

    def write(self, register: Register, form: RegisterFormat, language: Language) -> bytes:
        """Return the file. What looks like a formula stays text."""


class CodeReader(Protocol):
    """Finds the QR codes of a page in its pixels, and tells what is wrong with a voucher's."""

    def texts(self, page: GreyPicture) -> Sequence[str]:
        """Return the texts of the codes on a page, empty when there are none."""

    def in_file(self, filename: str, content: bytes) -> CodesFound:
        """Return the codes in a PDF or a picture, however it was held.

        Raises:
            InputError: empty, too large, locked, damaged, or of another kind, in words.
        """

    def inside(self, content: bytes) -> Mapping[str, bytes]:
        """Return the machine-readable files inside a PDF by name, unverified; none for anything else."""

    def voucher(self, text: str, root_certificate: bytes) -> OpenedVoucher:
        """Return the verified voucher behind a text.

        Raises:
            InputError: ``voucher_unreadable``, ``voucher_forged`` or ``voucher_other_root``, each with its words.
        """


class ReleaseSource(Protocol):
    """Where signed releases come from: HTTP, LAN or a stick."""

    def fetch(self, kind: str, write: Callable[[bytes], None], have: int = 0) -> bytes:
        """Write the blob's bytes from offset ``have`` on; return the raw signed release record."""

    def record(self, kind: str) -> bytes | None:
        """Return the newest raw signed release record of a kind, or None."""
