"""The desk: everything an adjuster can do, as one object. The window, the command line and the demo all drive this one.

Promise: each method is one use case with its own transaction; none of them needs a network but ``sync``. What a method
returned is on disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from claims import (
    adjudication,
    allowance_moves,
    blank_papers,
    case_receipts,
    case_rows,
    case_standing,
    corrections,
    document_signing,
    document_types,
    documents,
    intake,
    originals,
    page_check,
    paper_history,
    paper_life,
    person_standing,
    promising,
    recovery_from_paper,
    registers,
    reporting,
    safety_standing,
    sent_back,
    signing,
    station_papers,
    today,
    verification,
)
from claims.active_cases import ActiveCases
from claims.allowance_lacks import AllowanceLack, allowance_lacks
from claims.allowance_standing import AllowanceStanding, allowance_standing
from claims.allowances import exposure
from claims.authority_room import AuthorityRoom, authority_room
from claims.bundles import BundleCarried, BundleProgressed, Bundles, BundlesRead, BundleWritten, HeldBundle
from claims.catastrophe_near import catastrophe_near
from claims.completeness import Completeness
from claims.custody import CustodyNote
from claims.day_end import DayEnd
from claims.day_end import count_day as count_day_of
from claims.day_end import day_end as day_end_of
from claims.desk_ports import DeskPorts
from claims.distribution import ReleasesTaken
from claims.errors import Bilingual, EnvironmentProblem, InputError
from claims.events import (
    AllowanceClosed,
    AllowanceReceived,
    AllowanceTransferred,
    Outcome,
    PaperKind,
    PayeeFact,
)
from claims.form_fields import FactValue
from claims.materials import Material
from claims.neighbours import (
    AllowanceWish,
    AskedReport,
    CustodyReport,
    Neighbour,
    Neighbourhood,
    PushProgressed,
    Sharing,
)
from claims.number_blocks import BlockStanding
from claims.number_blocks import number_blocks as blocks_of
from claims.overviews import (
    AtRisk,
    CaseFilter,
    CaseReceipt,
    CaseRow,
    CaseStanding,
    GreyPicture,
    PageCheck,
    PaperMoment,
    PeopleCount,
    PersonRow,
    SentBack,
    Standing,
    Today,
)
from claims.own_disk import disk_reason
from claims.paper_definitions import PaperId, PaperSize
from claims.papers import Language
from claims.records import (
    CaseRecord,
    DeterminationRecord,
    DocumentRecord,
    FieldChangeRecord,
    FieldReviewRecord,
    PaperRecord,
    SafetyCounts,
)
from claims.reference import Catastrophe, ExtractPolicy, PersonHit
from claims.register_columns import RegisterKind
from claims.rulebook import InstalledPack
from claims.statements import CasesLinked, PaymentReported, SettlementAnswered
from claims.station import StationIdentity
from claims.synchronising import SyncHandle, Synchroniser, SyncProgressed, SyncReport
from claims.trusted_time import TrustedTime
from claims.weighed_again import promisable_now


class Desk:
    """The use cases over one set of ports."""

    def __init__(
        self,
        ports: DeskPorts,
        synchroniser: Synchroniser | None = None,
        close: Callable[[], None] = lambda: None,
        neighbourhood: Neighbourhood | None = None,
    ) -> None:
        """Work over these ports; ``synchroniser`` None: no address of headquarters is known; ``close`` lets go of the files.

        ``neighbourhood``: the local network, None where there is none.
        """
        self._ports = ports
        self._synchroniser = synchroniser
        self._close = close
        self._neighbourhood = neighbourhood
        self._active = ActiveCases()
        self._one_sync = threading.Lock()
        self._one_bundle = threading.Lock()

    @property
    def identity(self) -> StationIdentity:
        """Who this laptop is."""
        return self._ports.identity

    def time(self) -> TrustedTime:
        """Return the trusted time."""
        return self._ports.time()

    def rules(self) -> InstalledPack | None:
        """Return the installed pack."""
        return self._ports.rulebook.installed_pack()

    def catastrophes(self) -> Sequence[Catastrophe]:
        """Return the declared catastrophes on this laptop."""
        return self._ports.rulebook.catastrophes()

    def catastrophe_near(self, region: str | None, on: date) -> Catastrophe | None:
        """Return the declared catastrophe that a loss on this day in this region belongs to; region None: by the day alone."""
        return catastrophe_near(self.catastrophes(), region, on)

    # The desk at a glance

    def standing(self) -> Standing:
        """Return the truth about safety and freshness that the frame shows."""
        return safety_standing.standing(self._ports)

    def today(self) -> Today:
        """Return the desk at a glance."""
        return today.today(self._ports, self._active)

    def at_risk(self) -> AtRisk:
        """Return what would be lost if this laptop died now."""
        return safety_standing.at_risk(self._ports)

    def queue(self, *, offset: int = 0, limit: int = 50) -> Sequence[CaseRow]:
        """Return the open cases, the clock that runs out first on top."""
        return case_rows.queue(self._ports, self._active, offset, limit)

    def case_rows(
        self, text: str = "", only: CaseFilter = CaseFilter.ALL, *, offset: int = 0, limit: int = 50
    ) -> Sequence[CaseRow]:
        """Return cases newest first; ``text`` finds case number, policy number or a name."""
        return case_rows.case_rows(self._ports, self._active, text, only, offset=offset, limit=limit)

    def count_cases(self, text: str = "") -> Mapping[CaseFilter, int]:
        """Return how many cases each filter shows."""
        return case_rows.count_cases(self._ports, self._active, text)

    def case_standing(self, case_no: str) -> CaseStanding:
        """Return everything the page of a case shows."""
        return case_standing.case_standing(self._ports, case_no)

    def receipts(self, *, offset: int = 0, limit: int = 50) -> Sequence[CaseReceipt]:
        """Return the three acknowledgements a case, the one in which something was recorded last first."""
        return case_receipts.case_receipts(self._ports, offset, limit)

    def sent_back(self) -> tuple[SentBack, ...]:
        """Return what headquarters wants a person to look at, newest first."""
        return sent_back.sent_back(self._ports)

    # People and policies

    def search_people(
        self, text: str, *, limit: int = 20, cancelled: Callable[[], bool] = lambda: False
    ) -> Sequence[PersonHit]:
        """Search persons by name, pinyin, initials, 4+ ID digits, phone or policy number."""
        return self._ports.extract.search(text, limit=limit, cancelled=cancelled)

    def person_rows(
        self, text: str, *, offset: int = 0, limit: int = 20, cancelled: Callable[[], bool] = lambda: False
    ) -> Sequence[PersonRow]:
        """Search persons as ``search_people``, each with cover, allowance on this laptop and earlier claims."""
        return person_standing.person_rows(self._ports, text, offset, limit, cancelled)

    def count_people(self, text: str, *, cancelled: Callable[[], bool] = lambda: False) -> PeopleCount:
        """Return how many persons a text finds; counting gives up in time for the next keystroke (``at_least``)."""
        return person_standing.count_people(self._ports, text, cancelled)

    def person_row(self, person_id: str) -> PersonRow | None:
        """Return one person by id."""
        return person_standing.person_row(self._ports, person_id)

    def policies_of(self, person_id: str) -> Sequence[ExtractPolicy]:
        """Return every policy a person is connected with."""
        return self._ports.extract.policies_of(person_id)

    # Cases

    def open_case(self, report: reporting.NewCase, *, draft_id: str | None = None) -> str:
        """Open a case; return its number. The draft it was typed in is dropped with it."""
        return reporting.open_case(self._ports, report, draft_id=draft_id)

    def save_draft(self, draft_id: str, report: bytes) -> None:
        """Keep an unfinished report."""
        reporting.save_draft(self._ports, draft_id, report)

    def drop_draft(self, draft_id: str) -> None:
        """Remove a draft."""
        reporting.drop_draft(self._ports, draft_id)

    def drafts(self) -> Sequence[tuple[str, bytes]]:
        """Return the drafts."""
        with self._ports.store.read() as reads:
            return reads.drafts()

    def draft(self, draft_id: str) -> bytes | None:
        """Return one draft, None where there is none."""
        with self._ports.store.read() as reads:
            return reads.draft(draft_id)

    def case(self, case_no: str) -> CaseRecord:
        """Return a case as it stands."""
        with self._ports.store.read() as reads:
            return reads.case(case_no)

    def cases(self, text: str = "", *, offset: int = 0, limit: int = 50) -> Sequence[CaseRecord]:
        """Return cases, newest first."""
        with self._ports.store.read() as reads:
            return reads.cases(text=text, offset=offset, limit=limit)

    def add_document(self, case_no: str, material: Material, filename: str, content: bytes) -> DocumentRecord:
        """Take a paper in."""
        return intake.add_document(self._ports, case_no, material, filename, content)

    def take_in(self, case_no: str, material: Material, filename: str, content: bytes) -> intake.TakenIn:
        """Take a paper in, and return with it what the adjuster should know about its file."""
        return intake.take_in(self._ports, case_no, material, filename, content)

    def documents(self, case_no: str) -> Sequence[DocumentRecord]:
        """Return the papers taken in for a case."""
        with self._ports.store.read() as reads:
            return reads.documents(case_no)

    def attachment(self, sha256: str) -> bytes:
        """Return a stored file. Raises ``EnvironmentProblem``: ``original_at_hq`` where it was deleted here on headquarters' word."""
        return originals.attachment(self._ports, sha256)

    def completeness(self, case_no: str) -> Completeness:
        """Return what is missing and what is waived."""
        return intake.completeness(self._ports, case_no)

    # Corrections and reviews

    def correct_case(self, case_no: str, field: str, value: str, reason: str) -> CaseRecord:
        """Correct a field (``claims.correctable_fields.CaseField``); return the case as it reads now."""
        return corrections.correct_case(self._ports, case_no, field, value, reason)

    def corrections(self, case_no: str) -> Sequence[FieldChangeRecord]:
        """Return every change of a case's fields, here and at headquarters, in order."""
        return corrections.corrections(self._ports, case_no)

    def reviews(self, case_no: str) -> Sequence[FieldReviewRecord]:
        """Return the fields that were changed in two places; those without ``value`` wait for headquarters."""
        return corrections.reviews(self._ports, case_no)

    def links(self, case_no: str) -> Sequence[CasesLinked]:
        """Return the cases elsewhere that are about the same loss."""
        return corrections.links(self._ports, case_no)

    def payments(self, case_no: str) -> Sequence[PaymentReported]:
        """Return what the bank said of a case's vouchers and prepayments, oldest first."""
        return corrections.payments(self._ports, case_no)

    def withdrawn(self, case_no: str) -> Bilingual | None:
        """Return why headquarters closed the case for good, None while it did not."""
        return corrections.withdrawn(self._ports, case_no)

    # Benefit, signature, paper

    def adjudicate(self, case_no: str, policy_no: str, entered: Mapping[str, FactValue]) -> adjudication.Adjudicated:
        """Decide one policy of a case and record the determination."""
        return adjudication.adjudicate(self._ports, case_no, policy_no, entered)

    def authority_room(self, case_no: str) -> AuthorityRoom:
        """Return the adjuster's ceiling now and what this case comes to."""
        return authority_room(self._ports, case_no)

    def promisable_now(self, case_no: str) -> tuple[str, ...]:
        """Return the policies that only a slip could be given for when they were calculated, and that could be promised now."""
        return promisable_now(self._ports, case_no)

    def determinations(self, case_no: str) -> Sequence[DeterminationRecord]:
        """Return the newest determination of each policy of a case."""
        with self._ports.store.read() as reads:
            return reads.determinations(case_no)

    def sign(
        self,
        case_no: str,
        policy_no: str,
        *,
        role: signing.Role,
        name: str,
        ink: signing.Ink = (),
        refused: bool = False,
        note: str = "",
    ) -> None:
        """Record a signature under the newest determination, or its refusal. ``note``: see ``claims.events.PaperSigned``."""
        signing.sign_determination(
            self._ports, case_no, policy_no, role=role, name=name, ink=ink, refused=refused, note=note
        )

    def promise(self, case_no: str, policy_no: str, payees: Sequence[PayeeFact]) -> tuple[PaperRecord, ...]:
        """T1: issue one voucher a payee."""
        issued = promising.promise(self._ports, case_no, policy_no, payees)
        if self._neighbourhood is not None:
            self._neighbourhood.nudge()
        return issued

    def give_slip(self, case_no: str, because: Sequence[Bilingual] = ()) -> PaperRecord:
        """T1 of an acceptance slip, which promises nothing; ``because``: why a voucher could not be issued just now."""
        return promising.give_slip(self._ports, case_no, because)

    def conclude(self, case_no: str, policy_no: str, payees: Sequence[PayeeFact]) -> tuple[PaperRecord, ...]:
        """Issue vouchers where the case is pre-approved, else the acceptance slip with the reasons; also while no voucher number is left."""
        record = next((each for each in self.determinations(case_no) if each.policy_no == policy_no), None)
        if record is not None and record.outcome is Outcome.PRE_APPROVED:
            try:
                return self.promise(case_no, policy_no, payees)
            except promising.NotPreApprovedError as error:
                return (self.give_slip(case_no, error.reasons),)
            except promising.NoVoucherNumberError as error:
                return (self.give_slip(case_no, (error.reason,)),)
        return (self.give_slip(case_no),)

    def draw(self, number: str, size: PaperSize = PaperSize.A4, *, instead: bool = False) -> paper_life.DrawnPaper:
        """T2: draw a paper; the second and later drawings are reprints, but for one made ``instead`` of one that never left."""
        return paper_life.draw(self._ports, number, size, instead=instead)

    def preview(self, number: str, size: PaperSize = PaperSize.A4) -> bytes:
        """Return a paper as it would be drawn now, to be looked at; nothing is recorded."""
        return paper_life.preview(self._ports, number, size)

    def drawing(self, number: str) -> bytes:
        """Return the newest stored drawing of a paper."""
        return paper_life.stored_drawing(self._ports, number)

    def mark_printed(self, number: str, destination: str) -> None:
        """Record that a page left the printer or was saved."""
        paper_life.mark_printed(self._ports, number, destination)

    def hand_over(self, number: str, receiver: str) -> None:
        """Record that the claimant holds the paper."""
        paper_life.hand_over(self._ports, number, receiver)

    def void(self, number: str, reason: str) -> None:
        """Void a paper of any kind; its number is never used again."""
        paper_life.void(self._ports, number, reason)

    def papers(self, case_no: str | None = None) -> Sequence[PaperRecord]:
        """Return numbered papers, of one case or all."""
        with self._ports.store.read() as reads:
            return reads.papers(case_no)

    def paper(self, number: str) -> PaperRecord:
        """Return one numbered paper."""
        with self._ports.store.read() as reads:
            return reads.paper(number)

    def paper_history(self, number: str) -> tuple[PaperMoment, ...]:
        """Return what happened to a paper, moment by moment."""
        return paper_history.paper_history(self._ports, number)

    def check_page(self, number: str, page: GreyPicture) -> PageCheck:
        """Read the QR code from a page's pixels and check it against this voucher."""
        return page_check.check_page(self._ports, number, page)

    def answers(self, case_no: str) -> Sequence[SettlementAnswered]:
        """Return headquarters' verdicts on a case, oldest first."""
        with self._ports.store.read() as reads:
            return reads.answers(case_no)

    def unfinished_papers(self) -> tuple[PaperRecord, ...]:
        """Return papers whose number is used and whose drawing is missing."""
        return paper_life.unfinished(self._ports)

    # Numbers and days

    def number_blocks(self) -> tuple[BlockStanding, ...]:
        """Return every block of this laptop: what became of its numbers, how long they last, a warning a day before they run out."""
        return blocks_of(self._ports)

    def prepare_blanks(self, paper: PaperId, count: int) -> tuple[PaperRecord, ...]:
        """Take numbers for blank forms (T1), for the hour when the laptop is dead; draw and print them like other papers."""
        return blank_papers.prepare_blanks(self._ports, paper, count)

    def enter_blank(self, number: str, case_no: str, *, filled_on: date, receiver: str) -> PaperRecord:
        """Tie a form that was filled in by hand to its case, once."""
        return blank_papers.enter_blank(self._ports, number, case_no, filled_on=filled_on, receiver=receiver)

    def spoil(self, number: str, reason: str) -> None:
        """Give up a blank form; its number is never used."""
        blank_papers.spoil(self._ports, number, reason)

    def day_end(self, day: date) -> DayEnd:
        """Return how the papers of a day stand: used + voided + blank + unused = block, printed = recorded, else what differs."""
        return day_end_of(self._ports, day)

    def count_day(self, day: date, counted: Mapping[PaperKind, int]) -> DayEnd:
        """Record what was counted by hand; return the day with it."""
        return count_day_of(self._ports, day, counted)

    # Documents

    def papers_possible(self, case_no: str) -> tuple[document_types.PossiblePaper, ...]:
        """Return every document that a case may need, whether it can be issued now (or why not), and which were."""
        return documents.papers_possible(self._ports, case_no)

    def paper_form(self, case_no: str, paper: PaperId) -> document_types.PaperForm:
        """Return what is typed for a document, prefilled from the case, and what else will be printed."""
        return documents.paper_form(self._ports, case_no, paper)

    def ask_paper(
        self,
        case_no: str,
        paper: PaperId,
        entered: Mapping[str, FactValue],
        rows: Mapping[str, Sequence[Mapping[str, FactValue]]] | None = None,
        *,
        another: bool = False,
    ) -> PaperRecord:
        """T1 of a document. One that says the same and stands is returned instead, unless ``another`` is asked for on purpose."""
        return documents.ask_paper(self._ports, case_no, paper, entered, rows, another=another)

    def station_form(self, paper: PaperId) -> document_types.PaperForm:
        """Return what is typed for a paper of the station."""
        return station_papers.station_form(self._ports, paper)

    def station_paper(self, paper: PaperId, entered: Mapping[str, FactValue]) -> PaperRecord:
        """T1 of a paper of the station, which belongs to no case."""
        return station_papers.station_paper(self._ports, paper, entered)

    def signers(self, number: str) -> tuple[document_types.Signer, ...]:
        """Return who signs a document, and who has."""
        return document_signing.signers(self._ports, number)

    def sign_paper(
        self,
        number: str,
        *,
        role: signing.Role,
        name: str,
        ink: signing.Ink = (),
        refused: bool = False,
        note: str = "",
    ) -> None:
        """Record a signature under a document, or its refusal."""
        document_signing.sign_paper(self._ports, number, role=role, name=name, ink=ink, refused=refused, note=note)

    def reading_copy(self, number: str) -> bytes:
        """Return the English reading copy of a paper as a PDF; nothing is recorded."""
        return documents.reading_copy(self._ports, number)

    # Registers

    def open_papers(self) -> Sequence[PaperRecord]:
        """Return papers that are neither handed over nor voided, blank forms that nobody has entered among them, in order of issue."""
        with self._ports.store.read() as reads:
            return reads.open_papers()

    def register(self, kind: RegisterKind, first: date, last: date) -> registers.Register:
        """Return what was recorded of a kind from the first day to the last, both included, as Beijing counts days."""
        return registers.register(self._ports, kind, first, last)

    def register_file(self, register: registers.Register, form: registers.RegisterFormat, language: Language) -> bytes:
        """Return a register as a file."""
        return self._ports.registers.write(register, form, language)

    # Verification

    def verify_text(self, text: str, *, max_age_days: int | None = None) -> verification.PaperVerdict:
        """Say whether the text of a code is a genuine voucher, and what is known here against paying it."""
        return verification.verify_text(self._ports, text, max_age_days=max_age_days)

    def verify_file(self, filename: str, content: bytes) -> tuple[verification.PaperVerdict, ...]:
        """Verify every code in a PDF or photo; one verdict at least. Raises ``InputError`` for a file that can't be read."""
        return verification.verify_file(self._ports, filename, content)

    def redeem(self, text: str, presented_by: str) -> verification.PaperVerdict:
        """Verify a voucher that somebody presents and record it, so that a second time is noticed."""
        return verification.redeem(self._ports, text, presented_by)

    # Recovery

    def recover_vouchers(self, files: Sequence[tuple[str, bytes]]) -> recovery_from_paper.RecoveryReport:
        """Read the vouchers of a lost laptop from PDFs or photos (name, content) and record those that are new here."""
        return recovery_from_paper.recover_vouchers(self._ports, files)

    # Allowances

    def allowances(self) -> AllowanceStanding:
        """Return how the allowances stand, pool by pool, the emergency float, and this laptop's exposure in words and fen."""
        return allowance_standing(self._ports)

    def allowance_lacks(self, case_no: str) -> tuple[AllowanceLack, ...]:
        """Return what a case's promises lack, pool by pool, where nothing but the allowance stands in the way."""
        return allowance_lacks(self._ports, case_no)

    def transfer_allowance(self, pool: str, amount_fen: int, to_device: str, to_epoch: int) -> bytes:
        """T1: hand part of an allowance to another laptop; return the signed transfer, which ``transfers_out`` gives again any time."""
        return allowance_moves.transfer_allowance(self._ports, pool, amount_fen, to_device, to_epoch)

    def transfers_out(self) -> Sequence[AllowanceTransferred]:
        """Return what was handed on, in order, each with its signed transfer."""
        return allowance_moves.transfers_out(self._ports)

    def receive_allowance(self, transfer: bytes) -> AllowanceReceived:
        """T1: take in what a colleague handed on, from its bytes or its text; the same one again changes nothing."""
        return allowance_moves.receive_allowance(self._ports, transfer)

    def close_allowances(self, *, expired_only: bool = True) -> tuple[AllowanceClosed, ...]:
        """Give closing statements on expired allowances, or on all: nothing is promised from them again, the rest goes back."""
        return allowance_moves.close_allowances(self._ports, expired_only=expired_only)

    # Neighbours

    def neighbours(self) -> Sequence[Neighbour]:
        """Return who is known on the local network, hubs first; touches no network."""
        return () if self._neighbourhood is None else self._neighbourhood.neighbours()

    def sharing(self) -> Sharing:
        """Return whether this laptop takes part in the local network."""
        return Sharing(on=False) if self._neighbourhood is None else self._neighbourhood.sharing()

    def share(self, on: bool) -> Sharing:
        """Take part in the local network from now on, or no more; remembered. Raises ``EnvironmentProblem``."""
        return self._local_network().share(on)

    def add_neighbour(self, address: str) -> Neighbour:
        """Try a typed address (``host`` or ``host:port``) and remember it; ``problem`` says what is wrong. Raises ``InputError``."""
        return self._local_network().add(address)

    def forget_neighbour(self, address: str) -> None:
        """Forget a typed address."""
        self._local_network().forget(address)

    def push_to_neighbours(self, progress: Callable[[PushProgressed], None] = lambda _: None) -> CustodyReport:
        """Give what headquarters does not hold into neighbours' custody, the money first. Never raises for a neighbour."""
        return self._local_network().push(progress)

    def ask_neighbours(self, pool: str, amount_fen: int) -> AskedReport:
        """Ask the hub, then colleagues, for allowance; what they hand on is taken in. Asking again after a lost answer debits nothing twice."""
        return self._local_network().ask(pool, amount_fen)

    def update_from_neighbours(self) -> bool:
        """Take in rule packs, catastrophes and extracts that a hub hands out, verified; False where none was new. Raises ``OutpostError``."""
        with self._one_sync:
            return self._local_network().update()

    def neighbours_wishes(self) -> Sequence[AllowanceWish]:
        """Return what neighbours asked this laptop's user for."""
        return () if self._neighbourhood is None else self._neighbourhood.wishes()

    def decide_wish(self, wish: AllowanceWish, *, yes: bool) -> None:
        """Say yes or no to a neighbour's wish; the neighbour gets it when it asks again."""
        self._local_network().decide(wish, yes=yes)

    def disk_fault(self) -> Bilingual | None:
        """Return why this disk must promise nothing more (copied, or put back to an older state), None where nothing is known against it."""
        with self._ports.store.read() as reads:
            return disk_reason(reads)

    def _local_network(self) -> Neighbourhood:
        if self._neighbourhood is None:
            raise InputError(
                "no_local_network",
                Bilingual("这里没有启用同事电脑之间的交换。", "Exchange between laptops is not available here."),
                Bilingual("请用 U 盘交接，或直接与总部同步。", "Use a stick, or sync with headquarters."),
            )
        return self._neighbourhood

    # Safety

    def safety(self) -> SafetyCounts:
        """Return what only this disk has, what is in custody, and what headquarters has receipted."""
        with self._ports.store.read() as reads:
            return reads.safety()

    def exposure_fen(self) -> int:
        """Return the most that this laptop could promise beyond limits: its float and what a restored disk could re-spend."""
        with self._ports.store.read() as reads:
            return exposure([reads.allowance_book()]).total_fen

    def sync_handle(self) -> SyncHandle:
        """Make a handle that steers one ``sync`` from any thread. Raises as ``sync``."""
        return self._to_headquarters().handle()

    def sync(
        self,
        *,
        money_only: bool = False,
        byte_budget: int | None = None,
        progress: Callable[[SyncProgressed], None] = lambda _: None,
        control: SyncHandle | None = None,
    ) -> SyncReport:
        """Run one sync. Raises ``InputError`` (``no_address``) when no address of headquarters is known.

        ``byte_budget``: the most that may go over a metered line; the log goes in any case and counts first. None: no bound.
        """
        with self._one_sync:
            synchroniser = self._to_headquarters()
            # A full disk must not keep what is there from being sent; closing is tried again before the next sync.
            with suppress(EnvironmentProblem):
                allowance_moves.close_expired(self._ports)
            return synchroniser.run(money_only=money_only, progress=progress, control=control, byte_budget=byte_budget)

    def sync_due_in_s(self) -> float:
        """Return the seconds until the program should sync by itself again after a failure, 0.0 for at once; a person never waits for it."""
        return 0.0 if self._synchroniser is None else self._synchroniser.due_in_s()

    def take_releases(self, folder: Path) -> ReleasesTaken:
        """Take in rules, people and policies from a stick that headquarters made.

        Raises:
            InputError: ``stick_empty``.
            EnvironmentProblem: the stick can't be read, is out of date, older than what is installed, or not headquarters'.
        """
        with self._one_sync:
            if self._ports.release_folder is None:
                raise EnvironmentProblem(
                    "no_release_folder",
                    Bilingual("这里不能从优盘读取。", "Nothing can be taken from a stick here."),
                    Bilingual("请联网同步。", "Sync by link."),
                    retryable=False,
                )
            return self._ports.release_folder.take(folder)

    def _to_headquarters(self) -> Synchroniser:
        if self._synchroniser is None:
            raise InputError(
                "no_address",
                Bilingual("还没有设置总部地址。", "The address of headquarters is not set."),
                Bilingual(
                    "地址在登记时写入；请联系总部，重新登记这台电脑。",
                    "It is written at enrolment: ask headquarters and enrol this laptop again.",
                ),
            )
        return self._synchroniser

    # Bundles and custody

    def write_bundle(
        self,
        folder: Path,
        *,
        money_only: bool = False,
        budget_bytes: int | None = None,
        progress: Callable[[BundleProgressed], None] = lambda _: None,
    ) -> BundleWritten:
        """Write everything headquarters does not hold yet as a sealed bundle into a folder on a stick, read it back and note the custody.

        Args:
            folder: an existing folder.
            money_only: leave papers and photos out.
            budget_bytes: bytes of files that may go along; None: what the stick has room for.
            progress: called now and then, on this thread.

        Raises:
            InputError: ``bundle_folder``.
            EnvironmentProblem: ``stick_full``, ``stick_gone``, ``stick_read_only``, ``stick_lies``; nothing is lost and nothing counts then.
        """
        with self._one_bundle:
            return self._bundles().write(folder, money_only=money_only, budget_bytes=budget_bytes, progress=progress)

    def read_bundles(self, place: Path) -> BundlesRead:
        """Take in headquarters' sealed answers from a file, or all in a folder; each says in a sentence what it was worth.

        Raises:
            InputError: ``bundle_missing``.
            EnvironmentProblem: the stick or the store can't be read or written.
        """
        with self._one_bundle:
            return self._bundles().read(place)

    def carry_bundle(self, file: Path) -> BundleCarried:
        """Keep a colleague's sealed bundle here; the next sync hands it to headquarters.

        Raises:
            InputError: ``bundle_label``, ``bundle_differs``, ``bundle_own``.
            EnvironmentProblem: ``shelf_full``, or a disk refuses.
        """
        with self._one_bundle:
            return self._bundles().carry(file)

    def held_bundles(self) -> tuple[HeldBundle, ...]:
        """Return what is kept for colleagues, the oldest first."""
        return () if self._ports.bundles is None else self._ports.bundles.held()

    def custody(self) -> Sequence[CustodyNote]:
        """Return who holds copies of this log, the newest first."""
        with self._ports.store.read() as reads:
            return reads.custody_notes()

    def originals_deletable(self) -> originals.OriginalsDeletable:
        """Return how many originals may go from this disk: finished cases, and every backup of headquarters holds them."""
        return originals.originals_deletable(self._ports)

    def delete_originals(self, limit_bytes: int | None = None) -> originals.OriginalsDeleted:
        """Delete originals that may go, the oldest first, until about this much came free; records and thumbnails stay."""
        return originals.delete_originals(self._ports, limit_bytes)

    def _bundles(self) -> Bundles:
        if self._ports.bundles is None:
            raise EnvironmentProblem(
                "no_bundles",
                Bilingual("这里不能读写封存包。", "Bundles can't be written or read here."),
                Bilingual("请联网同步。", "Sync by link."),
            )
        return self._ports.bundles

    def close(self) -> None:
        """Let go of the store and its files, once a sync or a bundle that still ends on another thread is over. Closing twice is harmless."""
        if self._neighbourhood is not None:
            self._neighbourhood.close()
        with self._one_sync, self._one_bundle:
            self._close()
