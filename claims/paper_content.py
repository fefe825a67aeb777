"""Turns records into what stands on a voucher or slip: the same facts, in the reader's order, nothing computed that decides anything.

Promise: amounts come from the signed determination; the waterfall's lines are its steps. A reprint carries the same signed
bytes as the first print.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from claims.case_progress import SETTLED
from claims.contacts import mask_account
from claims.explained_steps import StepRole, ToldStep, told_steps, waiver_numbers
from claims.identity import mask_id
from claims.materials import MATERIAL_NAMES, Material
from claims.paper_definitions import PaperId
from claims.papers import FilledPaper, Mark, PaperHead, Printed, Signed
from claims.plain_words import in_words
from claims.records import CaseRecord, DeterminationRecord, DocumentRecord, PaperRecord, PaperState
from claims.reference import Catastrophe
from claims.station import StationIdentity
from rules.engine.model import Bilingual, Decision, Unit, read_decision
from trust.vouchers import voucher_qr_text

# What a payee is to the insured, as printed; a relation that was typed in stays as typed.
RELATIONS = {
    "self": Bilingual("本人", "the insured"),
    "spouse": Bilingual("配偶", "spouse"),
    "child": Bilingual("子女", "child"),
    "parent": Bilingual("父母", "parent"),
    "guardian": Bilingual("监护人", "guardian"),
    "beneficiary": Bilingual("受益人", "beneficiary"),
    "heir": Bilingual("法定继承人", "legal heir"),
    "hospital": Bilingual("医院（直付）", "hospital, direct settlement"),
}
PENDING = Bilingual("预核凭证，尚待总部结算", "Pre-approved, pending headquarters' settlement")
FINAL = Bilingual("总部已结算", "Settled by headquarters")
_PENDING_OUTLOOK = Bilingual(
    "总部核对无误后按上列金额付入收款账户；如有差异，由专人联系您，本凭证不会自行作废。",
    "The amount is paid into the account above once headquarters has checked it; if anything differs a person will contact you, and this "
    "voucher does not lapse by itself.",
)
_FINAL_OUTLOOK = Bilingual(
    "总部已核对并结算本凭证，金额付入上列收款账户。",
    "Headquarters has checked and settled this voucher; the amount is paid into the account above.",
)
_PASSED = Bilingual("通过", "passed")
_WAIVED = Bilingual("豁免", "waived")
_NAMED_BESIDES = 3
_HASH_DIGITS = 12
_ON_PAPER = frozenset({StepRole.START, StepRole.MORE, StepRole.CUT, StepRole.WAIVED})

PrintedRow = dict[str, Printed]


@dataclass(frozen=True)
class PackAge:
    """How old the rules behind a voucher were when it was promised."""

    version: str
    days: int
    warning: bool


def paper_head(
    identity: StationIdentity,
    case: CaseRecord | None,
    number: str,
    *,
    copy_no: int,
    printed_at: datetime,
    catastrophe: Catastrophe | None,
) -> PaperHead:
    """Return the head that every paper carries; without a case for a paper of the station and a blank form."""
    return PaperHead(
        company=identity.company,
        station=f"{identity.station_name} {identity.station}",
        hotline=identity.hotline,
        number=number,
        copy_no=copy_no,
        printed_at=printed_at,
        case_no="" if case is None else case.case_no,
        insured_name="" if case is None else case.insured.name,
        insured_sex=None if case is None else case.insured.sex,
        insured_id_masked=mask_id(case.insured.id_number) if case is not None and case.insured.id_number else "",
        loss_date=None if case is None else case.loss_date,
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
    signed: Sequence[Signed],
    catastrophe: Catastrophe | None,
    attached: Mapping[str, bytes],
) -> FilledPaper:
    """Return the voucher's content. ``paper`` must be a voucher with its payee, sum and signed bytes."""
    if paper.payee is None or paper.amount_fen is None or paper.cose is None or paper.policy_no is None:
        raise ValueError(f"{paper.number} is not a voucher")
    decision = read_decision(determination.decision)
    relation = RELATIONS.get(paper.payee.relation, Bilingual(paper.payee.relation, paper.payee.relation))
    final = paper.settlement == SETTLED
    values: dict[str, Printed] = {
        "voucher.policy": paper.policy_no,
        "voucher.payee": Bilingual(f"{paper.payee.name}（{relation.zh}）", f"{paper.payee.name} ({relation.en})"),
        "voucher.signs": paper.payee.name,
        "voucher.account": f"{paper.payee.bank} {mask_account(paper.payee.account)}",
        "voucher.amount": paper.amount_fen,
        "voucher.authority": paper.authority_id or "—",
        "voucher.standing": FINAL if final else PENDING,
        "voucher.outlook": _FINAL_OUTLOOK if final else _PENDING_OUTLOOK,
        "pack.version": age.version,
        "pack.days": age.days,
    }
    if age.warning:
        values["pack.warning"] = True
    patient_pays = decision.outputs_fen.get("patient_pays")
    if patient_pays is not None:
        values["voucher.patient_pays"] = patient_pays
    voided = paper.state is PaperState.VOIDED
    marks = ((Mark.VOIDED,) if voided else ()) + (() if final else (Mark.PRE_APPROVED,))
    return FilledPaper(
        paper=PaperId.VOUCHER,
        head=head,
        values=values,
        tables={"steps": voucher_steps(decision, catastrophe)},
        signed=tuple(signed),
        marks=marks,
        code=None if voided else voucher_qr_text(paper.cose),
        attached=dict(attached),
    )


def voucher_steps(decision: Decision, catastrophe: Catastrophe | None) -> tuple[PrintedRow, ...]:
    """Return the lines that lead from the bill to the sum, and one that counts what was checked besides.

    Shown: the sum a benefit starts from, every step that changed it, every waived one. A check that passed and a cut of nothing
    are counted only; the window and headquarters have them all.
    """
    lines: list[PrintedRow] = []
    besides: list[Bilingual] = []
    for told in told_steps(decision):
        if told.benefit.amount_fen == 0:
            continue
        if told.role in _ON_PAPER:
            lines.append(_line(told, catastrophe))
        elif told.role is not StepRole.TOGETHER:
            besides.append(told.step.name)
    if besides:
        # All of them would push sum, code and signatures onto a second page; the window and headquarters have every one.
        names = tuple(dict.fromkeys(besides))
        more = len(names) > _NAMED_BESIDES
        named = names[:_NAMED_BESIDES]
        lines.append(
            {
                "voucher.step": Bilingual(
                    f"另核 {len(besides)} 项，均不影响金额", f"{len(besides)} more checks, none changes the sum"
                ),
                "voucher.step_basis": Bilingual(
                    "、".join(name.zh for name in named) + ("等" if more else ""),
                    ", ".join(name.en for name in named) + (" and more" if more else ""),
                ),
                "voucher.step_amount": _PASSED,
            }
        )
    return tuple(lines)


def material_name(material: str) -> Bilingual:
    """Return a material's name; one this version does not know keeps its code."""
    return MATERIAL_NAMES[Material(material)] if material in set(Material) else Bilingual(material, material)


def slip_content(
    head: PaperHead,
    case: CaseRecord,
    documents: Sequence[DocumentRecord],
    reasons: tuple[Bilingual, ...],
    missing: Sequence[Bilingual],
) -> FilledPaper:
    """Return the acceptance slip's content: what was handed in and why no voucher was made."""
    values: dict[str, Printed] = {
        "slip.policies": "\n".join(case.policy_nos) if case.policy_nos else Bilingual("待核对", "to be checked"),
        "slip.from": case.reporter.name,
        "slip.count": len(documents),
        "slip.pages": sum(each.pages for each in documents),
    }
    if reasons:
        values["slip.reasons"] = _listed([in_words(each) for each in reasons])
    if missing:
        values["slip.missing"] = _lines([Bilingual(f"□ {each.zh}", f"□ {each.en}") for each in missing])
    return FilledPaper(
        paper=PaperId.SLIP,
        head=head,
        values=values,
        tables={
            "documents": tuple(
                {
                    "document.material": material_name(each.material),
                    "document.file": each.filename,
                    "document.pages": each.pages,
                    "document.fingerprint": short_hash(each.sha256),
                }
                for each in documents
            )
        },
    )


def short_hash(sha256_hex: str) -> str:
    """Return the first 12 hex digits in fours: enough to tell any two papers of a case apart by eye.

    >>> short_hash("0123456789abcdef" * 4)
    '0123 4567 89ab'
    """
    head = sha256_hex[:_HASH_DIGITS]
    return " ".join(head[start : start + 4] for start in range(0, len(head), 4))


def _listed(sentences: Sequence[Bilingual]) -> Bilingual:
    return _lines(
        [Bilingual(f"{number}. {each.zh}", f"{number}. {each.en}") for number, each in enumerate(sentences, 1)]
    )


def _lines(sentences: Sequence[Bilingual]) -> Bilingual:
    return Bilingual("\n".join(each.zh for each in sentences), "\n".join(each.en for each in sentences))


def _line(told: ToldStep, catastrophe: Catastrophe | None) -> PrintedRow:
    step = told.step
    numbers = waiver_numbers(step.waiver, catastrophe)
    basis = (
        Bilingual(f"{step.clause}，豁免 {'、'.join(numbers)}", f"{step.clause}, waived by {', '.join(numbers)}")
        if numbers
        else Bilingual(step.clause, step.clause)
    )
    names = [each.name for each in (*told.together, step)]
    amount: Printed = told.change_fen
    if step.unit is Unit.BOOL or (step.amount_fen is None and not told.change_fen):
        amount = _WAIVED if numbers else _PASSED
    return {
        "voucher.step": Bilingual("、".join(name.zh for name in names), ", ".join(name.en for name in names)),
        "voucher.step_basis": basis,
        "voucher.step_amount": amount,
    }
