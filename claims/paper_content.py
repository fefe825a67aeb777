"""Turns records into what stands on a paper: the same facts, in the reader's order, nothing computed that decides anything.

Promise: amounts come from the signed determination; the waterfall's lines are its steps. A reprint carries the same signed
bytes as the first print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from claims.contacts import mask_account
from claims.explained_steps import StepRole, ToldStep, told_steps, waiver_numbers
from claims.identity import mask_id
from claims.materials import MATERIAL_NAMES, Material
from claims.papers import PaperHead, PaperStep, SlipContent, SlipItem, VoucherContent
from claims.plain_words import in_words
from claims.records import CaseRecord, DeterminationRecord, DocumentRecord, PaperRecord, PaperState
from claims.reference import Catastrophe
from claims.station import StationIdentity
from rules.engine.model import Bilingual, Decision, Unit, read_decision

# What a payee is to the insured, as printed; a relation that was typed in stays as typed.
RELATIONS = {
    "self": "本人",
    "spouse": "配偶",
    "child": "子女",
    "parent": "父母",
    "guardian": "监护人",
    "beneficiary": "受益人",
    "heir": "法定继承人",
}

_NAMED_BESIDES = 3
_ON_PAPER = frozenset({StepRole.START, StepRole.MORE, StepRole.CUT, StepRole.WAIVED})

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
    catastrophe: Catastrophe | None,
) -> VoucherContent:
    """Return the voucher's content. ``paper`` must be a voucher with its payee, sum and signed bytes."""
    if paper.payee is None or paper.amount_fen is None or paper.cose is None or paper.policy_no is None:
        raise ValueError(f"{paper.number} is not a voucher")
    decision = read_decision(determination.decision)
    return VoucherContent(
        head=head,
        policy_no=paper.policy_no,
        payee_name=paper.payee.name,
        payee_relation=RELATIONS.get(paper.payee.relation, paper.payee.relation),
        account_masked=f"{paper.payee.bank} {mask_account(paper.payee.account)}",
        steps=voucher_steps(decision, catastrophe),
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


def voucher_steps(decision: Decision, catastrophe: Catastrophe | None) -> tuple[PaperStep, ...]:
    """Return the lines that lead from the bill to the sum, and one that counts what was checked besides.

    Shown: the sum a benefit starts from, every step that changed it, every waived one. A check that passed and a cut of nothing
    are counted only; the window and headquarters have them all.
    """
    lines: list[PaperStep] = []
    besides: list[str] = []
    for told in told_steps(decision):
        if told.benefit.amount_fen == 0:
            continue
        if told.role in _ON_PAPER:
            lines.append(_line(told, catastrophe))
        elif told.role is not StepRole.TOGETHER:
            besides.append(told.step.name.zh)
    if besides:
        # All of them would push sum, code and signatures onto a second page; the window and headquarters have every one.
        names = tuple(dict.fromkeys(besides))
        named = "、".join(names[:_NAMED_BESIDES]) + ("等" if len(names) > _NAMED_BESIDES else "")
        lines.append(
            PaperStep(name=f"另核 {len(besides)} 项，均不影响金额", basis=named, amount_fen=None, verdict="通过")
        )
    return tuple(lines)


def material_name(material: str) -> str:
    """Return a material's Chinese name; one this version does not know keeps its code."""
    return MATERIAL_NAMES[Material(material)].zh if material in set(Material) else material


def slip_content(
    head: PaperHead,
    case: CaseRecord,
    documents: Sequence[DocumentRecord],
    reasons: tuple[Bilingual, ...],
    missing: tuple[str, ...],
) -> SlipContent:
    """Return the acceptance slip's content: what was handed in and why no voucher was made."""
    items = tuple(
        SlipItem(material=material_name(each.material), filename=each.filename, pages=each.pages, sha256=each.sha256)
        for each in documents
    )
    return SlipContent(
        head=head,
        policy_nos=case.policy_nos,
        items=items,
        reasons=tuple(in_words(each) for each in reasons),
        missing=missing,
        claimant=case.reporter.name,
    )


def _line(told: ToldStep, catastrophe: Catastrophe | None) -> PaperStep:
    step = told.step
    numbers = waiver_numbers(step.waiver, catastrophe)
    basis = f"{step.clause}，豁免 {'、'.join(numbers)}" if numbers else step.clause
    name = "、".join(each.name.zh for each in (*told.together, step))
    if step.unit is Unit.BOOL or (step.amount_fen is None and not told.change_fen):
        return PaperStep(name=name, basis=basis, amount_fen=None, verdict="豁免" if numbers else "通过")
    return PaperStep(name=name, basis=basis, amount_fen=told.change_fen, verdict=None)
