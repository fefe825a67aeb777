"""Turns records into what stands on a paper: the same facts, in the reader's order, nothing computed that decides anything.

Promise: amounts come from the signed determination; the waterfall's lines are its steps. A reprint carries the same signed
bytes as the first print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from claims.contacts import mask_account
from claims.identity import mask_id
from claims.papers import PaperHead, PaperStep, SlipContent, SlipItem, VoucherContent
from claims.records import CaseRecord, DeterminationRecord, DocumentRecord, PaperRecord, PaperState
from claims.reference import Catastrophe
from claims.station import StationIdentity
from rules.engine.model import Bilingual, Decision, Step, Unit, read_decision

Ink = tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True)
class PackAge:
    """How old the rules behind a voucher were when it was promised."""

    version: str
    days: int
    warning: bool


def paper_head(
    identity: StationIdentity,
    case: CaseRecord,
    number: str,
    *,
    copy_no: int,
    printed_at: datetime,
    catastrophe: Catastrophe | None,
) -> PaperHead:
    """Return the head that every paper of a case carries."""
    return PaperHead(
        company=identity.company,
        station=f"{identity.station_name} {identity.station}",
        hotline=identity.hotline,
        number=number,
        copy_no=copy_no,
        printed_at=printed_at,
        case_no=case.case_no,
        insured_name=case.insured.name,
        insured_sex=case.insured.sex,
        insured_id_masked=mask_id(case.insured.id_number) if case.insured.id_number else "",
        loss_date=case.loss_date,
        catastrophe=None if catastrophe is None else catastrophe.name.zh,
        adjuster=f"{identity.adjuster_name} {identity.adjuster}",
        device=identity.device,
    )


def voucher_content(
    head: PaperHead,
    paper: PaperRecord,
    determination: DeterminationRecord,
    *,
    age: PackAge,
    authority_id: str,
    ink_claimant: Ink,
    ink_adjuster: Ink,
) -> VoucherContent:
    """Return the voucher's content. ``paper`` must be a voucher with its payee, sum and signed bytes."""
    if paper.payee is None or paper.amount_fen is None or paper.cose is None or paper.policy_no is None:
        raise ValueError(f"{paper.number} is not a voucher")
    decision = read_decision(determination.decision)
    relation = "本人" if paper.payee.relation == "self" else paper.payee.relation
    return VoucherContent(
        head=head,
        policy_no=paper.policy_no,
        payee_name=paper.payee.name,
        payee_relation=relation,
        account_masked=f"{paper.payee.bank} {mask_account(paper.payee.account)}",
        steps=voucher_steps(decision),
        amount_fen=paper.amount_fen,
        patient_pays_fen=decision.outputs_fen.get("patient_pays"),
        pack_version=age.version,
        pack_age_days=age.days,
        pack_warning=age.warning,
        authority_id=authority_id,
        cose=paper.cose,
        signed_claimant=ink_claimant,
        signed_adjuster=ink_adjuster,
        voided=paper.state is PaperState.VOIDED,
    )


def voucher_steps(decision: Decision) -> tuple[PaperStep, ...]:
    """Return one line a step that bears on the sum: gates by their verdict, amounts by what they change."""
    lines: list[PaperStep] = []
    for liability in decision.liabilities:
        if liability.amount_fen == 0:
            continue
        before: int | None = None
        for step in liability.steps:
            lines.append(_line(step, before))
            if step.amount_fen is not None:
                before = step.amount_fen
    return tuple(lines)


def slip_content(
    head: PaperHead,
    case: CaseRecord,
    documents: Sequence[DocumentRecord],
    reasons: tuple[Bilingual, ...],
    missing: tuple[str, ...],
) -> SlipContent:
    """Return the acceptance slip's content: what was handed in and why no voucher was made."""
    items = tuple(
        SlipItem(material=each.material, filename=each.filename, pages=each.pages, sha256=each.sha256)
        for each in documents
    )
    return SlipContent(
        head=head,
        policy_nos=case.policy_nos,
        items=items,
        reasons=reasons,
        missing=missing,
        claimant=case.reporter.name,
    )


def _line(step: Step, before: int | None) -> PaperStep:
    basis = step.clause if step.waiver is None else f"{step.clause}，{step.waiver}"
    if step.amount_fen is not None:
        change = step.amount_fen if before is None else step.amount_fen - before
        return PaperStep(name=step.name.zh, basis=basis, amount_fen=change, verdict=None)
    return PaperStep(name=step.name.zh, basis=basis, amount_fen=None, verdict=_verdict(step))


def _verdict(step: Step) -> str:
    if step.unit is Unit.BOOL:
        return "通过" if step.value == "true" else "未通过"
    return step.value
