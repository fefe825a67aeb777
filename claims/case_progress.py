"""How far a case has come, folded event by event: what its steps and clocks need to know, and no more.

Promise: pure; a function of the case's events and headquarters' answers in their order. The store keeps one of these beside each
case, so that a screen over thousands of cases reads one short record a case and never a case's history. Order is seq, never a
clock: "newer" means later in the log.

Source: design.md "Log", "Time"; docs/adr/0090.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import singledispatch

import msgspec

from claims.events import (
    PAPER_SUBJECT,
    BlankEntered,
    CaseOpened,
    CaseStateChanged,
    DeterminationMade,
    DocumentAdded,
    Event,
    FactsRecorded,
    NumberSpoiled,
    Outcome,
    PaperAsked,
    PaperHandedOver,
    PaperKind,
    PaperPrinted,
    PaperRendered,
    PaperSigned,
    SlipIssued,
    VoucherIssued,
    VoucherVoided,
)
from claims.lifecycle import CaseState
from claims.materials import Material
from claims.paper_definitions import PaperId
from claims.records import CaseRecord, PaperRecord, PaperState
from claims.statements import SettlementAnswered

FOLD = 3
"""Rises with every change of what is folded or how: stores that hold another fold replay theirs."""
SETTLED, HOLD, IDENTICAL = "settled", "hold", "identical"
_SIGNED_BY = {
    PaperId.APPLICATION: (Material.APPLICATION, frozenset({"claimant"})),
    PaperId.POWER_OF_ATTORNEY: (Material.POWER_OF_ATTORNEY, frozenset({"claimant", "agent"})),
}
"""Papers of the claim that are made here: which one each is, and whose signatures make it one (``claims.signing.Role``)."""
OVER_STATES = frozenset(
    state.value
    for state in (CaseState.WITHDRAWN, CaseState.CANCELLED, CaseState.PAID, CaseState.CLOSED, CaseState.ARCHIVED)
)
"""States in which nobody in the field has anything left to do."""
_RANK = {state: rank for rank, state in enumerate(PaperState)}


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """A place in the log and the trusted instant written there, UTC."""

    seq: int
    at: datetime


class Decided(msgspec.Struct, frozen=True, array_like=True):
    """The newest determination of a policy. ``decision_sha256`` is what a signature and a voucher refer to."""

    mark: Mark
    pack_hash: str
    decision_sha256: str
    outcome: Outcome


class Signed(msgspec.Struct, frozen=True, array_like=True):
    """The newest signature (or refusal) of one role under one decision."""

    decision_sha256: str
    role: str
    refused: bool
    mark: Mark


class PaperProgress(msgspec.Struct, frozen=True, array_like=True):
    """A numbered paper. A slip has neither policy nor decision; ``handed`` is None until it is in the claimant's hands."""

    number: str
    kind: PaperKind
    state: PaperState
    mark: Mark
    policy_no: str = ""
    decision_sha256: str = ""
    copies_printed: int = 0
    handed: Mark | None = None

    @property
    def live(self) -> bool:
        """Whether it stands: it was not voided."""
        return self.state is not PaperState.VOIDED


class DocumentProgress(msgspec.Struct, frozen=True, array_like=True):
    """A document that was made here and counts in the case: an application or power of attorney once ``signed`` by whom it needs, a supplement
    notice once it is ``handed``. ``arrived``: when the last needed signature came."""

    number: str
    paper: PaperId
    signed: tuple[str, ...] = ()
    arrived: Mark | None = None
    handed: Mark | None = None


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """Headquarters' newest verdict on a voucher (or, ``voucher_no`` empty, on the case)."""

    voucher_no: str
    replay: str
    settlement: str | None
    at: datetime


class CaseProgress(msgspec.Struct, frozen=True, array_like=True):
    """One case. ``materials`` holds when the first file of each material came (``present`` counts
    what was signed here as well); ``decided`` the newest determination a policy.

    ``assessed_marks`` are all determinations in which the field did not refer, oldest first: together with the papers they tell
    when the case was assessed. ``accident`` and ``birth_date`` are what the newest facts say, else what was reported.
    """

    case_no: str
    state: str
    claim_type: str
    channel: str
    opened: Mark
    loss_date: date
    loss_region: str | None
    catastrophe_id: str | None
    birth_date: date | None
    policy_nos: tuple[str, ...]
    materials: dict[str, Mark] = {}
    newest_document: Mark | None = None
    accident: bool | None = None
    decided: dict[str, Decided] = {}
    first_decided: Mark | None = None
    assessed_marks: tuple[Mark, ...] = ()
    signatures: tuple[Signed, ...] = ()
    papers: tuple[PaperProgress, ...] = ()
    answers: tuple[Answer, ...] = ()
    documents: tuple[DocumentProgress, ...] = ()

    @property
    def present(self) -> dict[str, Mark]:
        """Material -> when the first paper of it came: handed in as a file, or filled in and signed on this laptop."""
        found = dict(self.materials)
        for each in self.documents:
            if each.paper in _SIGNED_BY and each.arrived is not None:
                material = _SIGNED_BY[each.paper][0].value
                if material not in found or each.arrived.seq < found[material].seq:
                    found[material] = each.arrived
        return found

    @property
    def live_papers(self) -> tuple[PaperProgress, ...]:
        """The papers that were not voided, in order of issue."""
        return tuple(each for each in self.papers if each.live)

    def signature(self, decision_sha256: str, role: str) -> Signed | None:
        """Return the newest word of a role on a decision, signed or refused."""
        for each in self.signatures:
            if each.decision_sha256 == decision_sha256 and each.role == role:
                return each
        return None

    def answer(self, voucher_no: str) -> Answer | None:
        """Return headquarters' newest verdict on a voucher; ``""`` asks for the case."""
        return next((each for each in self.answers if each.voucher_no == voucher_no), None)


class CaseGlance(msgspec.Struct, frozen=True, kw_only=True):
    """What a row shows of a case, read in one go. ``sent_back``: headquarters wants a person to look, by verdict or by task."""

    case: CaseRecord
    progress: CaseProgress
    papers: tuple[PaperRecord, ...]
    sent_back: bool


def opened(event: CaseOpened, seq: int) -> CaseProgress:
    """Return the progress of a case that has just opened."""
    return CaseProgress(
        case_no=event.case_no,
        state=CaseState.NOTIFIED.value,
        claim_type=event.claim_type,
        channel=event.channel,
        opened=Mark(seq, event.at),
        loss_date=event.loss_date,
        loss_region=event.loss_region,
        catastrophe_id=event.catastrophe_id,
        birth_date=event.insured.birth_date,
        policy_nos=event.policy_nos,
    )


def after(progress: CaseProgress, event: Event, seq: int) -> CaseProgress:
    """Return the progress after one more event of the case; an event that moves nothing returns it unchanged."""
    return _after(event, progress, Mark(seq, event.at))


def answered(progress: CaseProgress, statement: SettlementAnswered) -> CaseProgress:
    """Return the progress after a verdict of headquarters; the newest on each voucher counts."""
    voucher_no = statement.voucher_no or ""
    new = Answer(voucher_no, statement.replay, statement.settlement, statement.issued_at)
    others = tuple(each for each in progress.answers if each.voucher_no != voucher_no)
    return msgspec.structs.replace(progress, answers=(*others, new))


def withdrawn(progress: CaseProgress) -> CaseProgress:
    """Return the progress after headquarters closed the case for good."""
    return msgspec.structs.replace(progress, state=CaseState.CANCELLED.value)


def own_vouchers(progress: CaseProgress, policy_no: str) -> list[PaperProgress]:
    """Return the live vouchers that promise exactly the newest determination of a policy."""
    decision = progress.decided[policy_no]
    return [
        each
        for each in progress.live_papers
        if each.policy_no == policy_no and each.decision_sha256 == decision.decision_sha256
    ]


def covered(progress: CaseProgress, policy_no: str) -> bool:
    """Say whether a determination has led to paper in the claimant's hands: its own vouchers, or a slip given after it.

    A voucher that headquarters settled counts even when nobody recorded handing it over.
    """
    own = own_vouchers(progress, policy_no)
    if own:
        return all(each.handed is not None or settled(progress, each) for each in own)
    return any(
        each.kind is PaperKind.SLIP
        and each.live
        and each.handed is not None
        and each.mark.seq > progress.decided[policy_no].mark.seq
        for each in progress.papers
    )


def settled(progress: CaseProgress, paper: PaperProgress) -> bool:
    """Say whether headquarters has settled this voucher."""
    answer = progress.answer(paper.number) if paper.kind is PaperKind.VOUCHER else None
    return answer is not None and answer.settlement == SETTLED


def finished(progress: CaseProgress) -> bool:
    """Say whether the field has nothing left to do."""
    return progress.state in OVER_STATES or paper_given(progress)


def paper_given(progress: CaseProgress) -> bool:
    """Say whether every paper of the case is in the claimant's hands, and nothing came in since that needs another.

    A determination without paper, or a document handed in after an acceptance slip, opens the case again; one after a voucher
    does not, because its promise stands (docs/adr/0090).
    """
    papers = progress.live_papers
    if not papers or any(each.handed is None and not settled(progress, each) for each in papers):
        return False
    if not all(covered(progress, each) for each in progress.decided):
        return False
    if progress.newest_document is None or any(each.kind is PaperKind.VOUCHER for each in papers):
        return True
    return papers[-1].mark.seq > progress.newest_document.seq


def unpromised(progress: CaseProgress) -> bool:
    """Say whether papers could still be wanted: no voucher stands and the case is not over."""
    return progress.state not in OVER_STATES and not any(
        each.kind is PaperKind.VOUCHER for each in progress.live_papers
    )


def sent_back(progress: CaseProgress) -> bool:
    """Say whether headquarters' newest word on a paper or on the case is one that a person must look at."""
    voided = {each.number for each in progress.papers if not each.live}
    return any(
        needs_a_person(each.replay, each.settlement) for each in progress.answers if each.voucher_no not in voided
    )


def needs_a_person(replay: str, settlement: str | None) -> bool:
    """Say whether a verdict is one to look at: held, or replayed otherwise with nothing settled."""
    return settlement == HOLD or (settlement is None and replay != IDENTICAL)


@singledispatch
def _after(event: Event, progress: CaseProgress, mark: Mark) -> CaseProgress:  # noqa: ARG001 - the shape of its registered cases
    return progress


@_after.register
def _state_changed(event: CaseStateChanged, progress: CaseProgress, mark: Mark) -> CaseProgress:  # noqa: ARG001 - as above
    return msgspec.structs.replace(progress, state=event.to_state)


@_after.register
def _document_added(event: DocumentAdded, progress: CaseProgress, mark: Mark) -> CaseProgress:
    materials = progress.materials
    if event.material not in materials:
        materials = materials | {event.material: mark}
    return msgspec.structs.replace(progress, materials=materials, newest_document=mark)


class _Circumstance(msgspec.Struct, frozen=True):
    """The facts that change which papers are needed; a pack without them says nothing."""

    accident: bool | None = None
    birth_date: date | None = None


@_after.register
def _facts_recorded(event: FactsRecorded, progress: CaseProgress, mark: Mark) -> CaseProgress:  # noqa: ARG001 - as above
    try:
        facts = msgspec.json.decode(event.facts, type=_Circumstance)
    except msgspec.ValidationError:
        # Another pack may mean another thing by these names.
        return progress
    return msgspec.structs.replace(
        progress,
        accident=progress.accident if facts.accident is None else facts.accident,
        birth_date=facts.birth_date or progress.birth_date,
    )


@_after.register
def _determination_made(event: DeterminationMade, progress: CaseProgress, mark: Mark) -> CaseProgress:
    decided = Decided(mark, event.pack_hash, event.decision_sha256, event.outcome)
    assessed = progress.assessed_marks
    if event.outcome is not Outcome.REFERRED:
        assessed = (*assessed, mark)
    return msgspec.structs.replace(
        progress,
        decided=progress.decided | {event.policy_no: decided},
        first_decided=progress.first_decided or mark,
        assessed_marks=assessed,
    )


@_after.register
def _paper_signed(event: PaperSigned, progress: CaseProgress, mark: Mark) -> CaseProgress:
    if event.subject.startswith(PAPER_SUBJECT):
        return _document_signed(progress, event.subject.removeprefix(PAPER_SUBJECT), event, mark)
    new = Signed(event.content_sha256, event.role, event.refused, mark)
    others = tuple(
        each for each in progress.signatures if (each.decision_sha256, each.role) != (new.decision_sha256, new.role)
    )
    return msgspec.structs.replace(progress, signatures=(*others, new))


@_after.register
def _voucher_issued(event: VoucherIssued, progress: CaseProgress, mark: Mark) -> CaseProgress:
    paper = PaperProgress(
        event.voucher_no, PaperKind.VOUCHER, PaperState.ASKED, mark, event.policy_no, event.decision_sha256
    )
    return msgspec.structs.replace(progress, papers=(*progress.papers, paper))


@_after.register
def _slip_issued(event: SlipIssued, progress: CaseProgress, mark: Mark) -> CaseProgress:
    paper = PaperProgress(event.slip_no, PaperKind.SLIP, PaperState.ASKED, mark)
    return msgspec.structs.replace(progress, papers=(*progress.papers, paper))


@_after.register
def _paper_rendered(event: PaperRendered, progress: CaseProgress, mark: Mark) -> CaseProgress:  # noqa: ARG001 - as above
    return _moved(progress, event.number, PaperState.RENDERED)


@_after.register
def _paper_printed(event: PaperPrinted, progress: CaseProgress, mark: Mark) -> CaseProgress:  # noqa: ARG001 - as above
    return _moved(progress, event.number, PaperState.PRINTED, printed=True)


@_after.register
def _paper_handed_over(event: PaperHandedOver, progress: CaseProgress, mark: Mark) -> CaseProgress:
    documents = tuple(
        msgspec.structs.replace(each, handed=each.handed or mark) if each.number == event.number else each
        for each in progress.documents
    )
    return _moved(
        msgspec.structs.replace(progress, documents=documents), event.number, PaperState.HANDED_OVER, handed=mark
    )


@_after.register
def _voucher_voided(event: VoucherVoided, progress: CaseProgress, mark: Mark) -> CaseProgress:  # noqa: ARG001 - as above
    return _moved(progress, event.voucher_no, PaperState.VOIDED)


@_after.register
def _paper_asked(event: PaperAsked, progress: CaseProgress, mark: Mark) -> CaseProgress:  # noqa: ARG001 - as above
    if event.paper != PaperId.SUPPLEMENT_NOTICE and event.paper not in _SIGNED_BY:
        return progress
    new = DocumentProgress(event.number, PaperId(event.paper))
    return msgspec.structs.replace(progress, documents=(*progress.documents, new))


@_after.register
def _number_spoiled(event: NumberSpoiled, progress: CaseProgress, mark: Mark) -> CaseProgress:  # noqa: ARG001 - as above
    # A voided application is none, whoever signed it.
    standing = tuple(each for each in progress.documents if each.number != event.number)
    return _moved(msgspec.structs.replace(progress, documents=standing), event.number, PaperState.VOIDED)


@_after.register
def _blank_entered(event: BlankEntered, progress: CaseProgress, mark: Mark) -> CaseProgress:
    if event.paper in _SIGNED_BY:
        paper = PaperId(event.paper)
        signed = tuple(sorted(_SIGNED_BY[paper][1]))
        entered = DocumentProgress(event.number, paper, signed=signed, arrived=mark, handed=mark)
        return msgspec.structs.replace(progress, documents=(*progress.documents, entered))
    if event.kind is not PaperKind.SLIP:
        return progress
    # The claimant has held it since the day written on it; to the log it exists from now on.
    slip = PaperProgress(event.number, PaperKind.SLIP, PaperState.HANDED_OVER, mark, copies_printed=1, handed=mark)
    return msgspec.structs.replace(progress, papers=(*progress.papers, slip))


def _document_signed(progress: CaseProgress, number: str, event: PaperSigned, mark: Mark) -> CaseProgress:
    def signed(document: DocumentProgress) -> DocumentProgress:
        if document.number != number or document.paper not in _SIGNED_BY:
            return document
        others = {*document.signed} - {event.role}
        names = tuple(sorted(others if event.refused else others | {event.role}))
        whole = _SIGNED_BY[document.paper][1] <= set(names)
        return msgspec.structs.replace(document, signed=names, arrived=(document.arrived or mark) if whole else None)

    return msgspec.structs.replace(progress, documents=tuple(signed(each) for each in progress.documents))


def _moved(
    progress: CaseProgress, number: str, state: PaperState, *, printed: bool = False, handed: Mark | None = None
) -> CaseProgress:
    return msgspec.structs.replace(
        progress,
        papers=tuple(
            msgspec.structs.replace(
                each,
                # A reprint draws and prints again; the paper's life only goes forward.
                state=max(each.state, state, key=_RANK.__getitem__),
                copies_printed=each.copies_printed + printed,
                handed=each.handed or handed,
            )
            if each.number == number
            else each
            for each in progress.papers
        ),
    )
