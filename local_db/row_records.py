"""From rows to records: the projections' columns and JSON become the frozen structs of ``claims.records``.

Promise: pure; a row gives the same record every time.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from claims.events import (
    ABSENT,
    BlanksPrepared,
    CaseOpened,
    DeterminationMade,
    DocumentAdded,
    Outcome,
    PaperAsked,
    PaperKind,
    SlipIssued,
    VoucherIssued,
)
from claims.records import Acknowledgement, CaseRecord, DeterminationRecord, DocumentRecord, PaperRecord, PaperState
from claims.statements import SettlementAnswered
from local_db.custody import HeldTo
from local_db.row_text import instant_of

SETTLED = "settled"
CASES = "SELECT case_no, last_seq, state, opened_at, updated_at, opening, outcome, payable_fen FROM case_file"  # one row, one case
GLANCES = (
    "SELECT case_file.case_no, last_seq, state, opened_at, updated_at, opening, outcome, payable_fen, sent_back, body"
    " FROM case_file JOIN case_progress USING (opened_seq)"
)  # the columns of CASES, then the flag and the progress
PAPERS = (
    "SELECT number, kind, case_no, seq, state, body, pdf_sha256, copies, void_reason, paper, blank, filled_on,"
    " CASE kind WHEN 'voucher' THEN"
    " (SELECT body FROM hq_answer WHERE voucher_no = number ORDER BY position DESC LIMIT 1)"
    " WHEN 'slip' THEN (SELECT body FROM hq_answer WHERE voucher_no IS NULL AND hq_answer.case_no = paper.case_no"
    " ORDER BY position DESC LIMIT 1) END FROM paper"
)  # one row, one paper, with headquarters' newest answer to it

_openings = msgspec.json.Decoder(CaseOpened)
_issued = msgspec.json.Decoder(VoucherIssued | SlipIssued | PaperAsked | BlanksPrepared)
_answers = msgspec.json.Decoder(SettlementAnswered)


def acknowledgement(seq: int, held: HeldTo) -> Acknowledgement:
    """Say where what was written at ``seq`` is safe."""
    if seq <= held.hq:
        return Acknowledgement.HQ
    return Acknowledgement.CUSTODY if seq <= held.custody else Acknowledgement.DISK


def case_record(row: Any, held: HeldTo) -> CaseRecord:
    """Build a case from a row of ``CASES``."""
    case_no, last_seq, state, opened_at, updated_at, opening, outcome, payable_fen = row
    opened = _openings.decode(opening)
    return CaseRecord(
        case_no=case_no,
        state=state,
        claim_type=opened.claim_type,
        channel=opened.channel,
        insured=opened.insured,
        reporter=opened.reporter,
        policy_nos=opened.policy_nos,
        loss_date=opened.loss_date,
        loss_place=opened.loss_place,
        loss_region=opened.loss_region,
        catastrophe_id=opened.catastrophe_id,
        description=opened.description,
        opened_at=instant_of(opened_at),
        updated_at=instant_of(updated_at),
        last_seq=last_seq,
        ack=acknowledgement(last_seq, held),
        outcome=None if outcome is None else Outcome(outcome),
        payable_fen=payable_fen,
    )


def document_record(body: str, held: bool) -> DocumentRecord:
    """Build a document from its event."""
    added = msgspec.json.decode(body, type=DocumentAdded)
    return DocumentRecord(
        case_no=added.case_no,
        document_id=added.document_id,
        material=added.material,
        sha256=added.sha256,
        size_bytes=added.size_bytes,
        media_type=added.media_type,
        filename=added.filename,
        thumbnail_sha256=added.thumbnail_sha256,
        pages=added.pages,
        at=added.at,
        held_by_hq=held,
    )


def determination_record(body: str, seq: int) -> DeterminationRecord:
    """Build a determination from its event."""
    made = msgspec.json.decode(body, type=DeterminationMade)
    return DeterminationRecord(
        case_no=made.case_no,
        policy_no=made.policy_no,
        pack_hash=made.pack_hash,
        facts=bytes(made.facts),
        decision=bytes(made.decision),
        decision_sha256=made.decision_sha256,
        outcome=made.outcome,
        outcome_reasons=made.outcome_reasons,
        at=made.at,
        seq=seq,
    )


def paper_state(kind: str, state: PaperState, answered: SettlementAnswered | None) -> PaperState:
    """Return a paper's state: what its events say, and whether headquarters has settled it."""
    # Settled before it is handed over, a voucher still has its way to the claimant before it.
    settled = kind == PaperKind.VOUCHER.value and answered is not None and answered.settlement == SETTLED
    return PaperState.REDEEMED if settled and state is PaperState.HANDED_OVER else state


def paper_record(row: Any, held: HeldTo) -> PaperRecord:
    """Build a paper from a row of ``PAPERS``: the event that took its number, what happened to it since, headquarters' answer."""
    number, kind, case_no, seq, stored_state, body, pdf_sha256, copies, void_reason, paper, blank, filled_on, answer = (
        row
    )
    answered = None if answer is None else _answers.decode(answer)
    issued: VoucherIssued | SlipIssued | PaperAsked | BlanksPrepared = _issued.decode(body)
    record = PaperRecord(
        number=number,
        kind=PaperKind(kind),
        case_no=case_no or "",
        state=paper_state(kind, PaperState(stored_state), answered),
        issued_at=issued.at,
        seq=seq,
        ack=acknowledgement(seq, held),
        pdf_sha256=pdf_sha256,
        copies=copies,
        void_reason=void_reason,
        replay=None if answered is None else answered.replay,
        settlement=None if answered is None else answered.settlement,
        paper=paper,
        blank=bool(blank),
        filled_on=None if filled_on is None else date.fromisoformat(filled_on),
    )
    match issued:
        case VoucherIssued():
            return msgspec.structs.replace(
                record,
                policy_no=issued.policy_no,
                payee=issued.payee,
                amount_fen=issued.amount_fen,
                cose=issued.cose,
                decision_sha256=issued.decision_sha256,
                authority_id=issued.authority_id,
                outcome=Outcome.PRE_APPROVED,
            )
        case SlipIssued():
            return msgspec.structs.replace(
                record,
                outcome=issued.outcome,
                reasons=issued.reasons,
                content=None if bytes(issued.content) == bytes(ABSENT) else bytes(issued.content),
            )
        case PaperAsked():
            return msgspec.structs.replace(record, content=bytes(issued.content))
        case BlanksPrepared():
            return record
