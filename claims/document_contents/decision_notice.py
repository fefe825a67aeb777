"""理赔决定通知书: benefit by benefit what is paid, on which basis, how it was worked out, to whom; pre-approved until headquarters is final.

Promise: drawn from the stored determination that the voucher rests on and its explanation, from vouchers and from headquarters' signed
decisions; nothing is worked out again.
Source: notes/domain.md §7, §1.3; design.md "One claim, one direction" (7).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from claims.amounts import yuan
from claims.document_contents.content import (
    Asked,
    PrintedRow,
    Written,
    fields_of,
    fixed_choice,
    in_capitals,
    one_line_each,
    said,
)
from claims.document_contents.delivery import DELIVERY_KEYS, delivery_values, undeliverable
from claims.document_contents.dossier import Dossier
from claims.document_contents.outcomes import FINAL_NAMES, PolicyOutcome, paying, undecided
from claims.document_contents.people_on_paper import account_shown, payee_row, relation_words
from claims.document_contents.waived_papers import WAIVED, waived_rows
from claims.document_types import Entered, Row, RowsForm, problem, row_key
from claims.errors import Bilingual
from claims.events import PayeeFact
from claims.explained_steps import StepRole
from claims.explanation import BasisLine, basis, other_sums
from claims.explanation_claimant import claimant_text
from claims.form_fields import FactValue, FieldProblem
from claims.paper_definitions import PaperId
from claims.papers import Mark, Printed
from rules.engine.model import Determination, LiabilityResult

PAPER = PaperId.DECISION_NOTICE
PAYEES = "payees"
_NOTHING = Bilingual(
    "还没有可以通知的给付决定：先出给付凭证，或等总部的决定。",
    "There is no decision to pay yet: issue the voucher, or wait for headquarters' decision.",
)
_UNLIKE = Bilingual(
    "有效的凭证出自不同的理算结果，请先作废不对的那张。",
    "The standing vouchers rest on different calculations: void the wrong one first.",
)
_PRE_APPROVED = Bilingual(
    "预核：按总部授权在现场作出，已出给付凭证。总部复核后为最终决定；如有变化，会书面告知并说明原因，已出凭证不会自行失效。",
    "Pre-approved on site under headquarters' authority; the voucher has been issued. Headquarters' review is final; any change is told in writing with its reason, and the voucher does not lapse by itself.",
)
_FINAL = Bilingual("总部最终决定。", "Final, by headquarters.")
_MIXED = Bilingual(
    "部分保单为总部最终决定，其余为现场预核，以总部复核为准。",
    "Final by headquarters for some policies; pre-approved on site for the others until reviewed.",
)
_BY_HEADQUARTERS = Bilingual("总部核定", "decided by headquarters")
_WAIVED = Bilingual("豁免", "waived")
_PAYEE_KEYS = ("payee.name", "payee.relation", "payee.bank", "payee.account", "payee.amount")


def why_not(dossier: Dossier) -> Bilingual | None:
    """Return why there is no decision to tell yet."""
    if paying(dossier):
        return None
    return _UNLIKE if any(dossier.vouchers(each) for each in dossier.policy_nos) and not dossier.finals else _NOTHING


def asked(dossier: Dossier) -> Asked:
    """Return who receives it and how; and, where headquarters decided a sum that no voucher promises, who is paid."""
    open_ones = _without_voucher(dossier)
    rows: tuple[RowsForm, ...] = ()
    if open_ones:
        policy_field, *others = fields_of(
            PAPER, "policy.number", *_PAYEE_KEYS, required=("policy.number", *_PAYEE_KEYS)
        )
        choice = fixed_choice(policy_field, [each.policy_no for each in open_ones])
        # A case without a policy on record has nothing to choose from.
        fields = (choice, *others) if any(each.policy_no for each in open_ones) else tuple(others)
        rows = (
            RowsForm(
                key=PAYEES,
                label=Bilingual("领款人", "Who is paid"),
                fields=fields,
                rows=tuple(_proposed(dossier, each) for each in open_ones),
                least=1,
            ),
        )
    return Asked(
        fields=fields_of(PAPER, "notice.addressee", *DELIVERY_KEYS),
        values={"notice.addressee": dossier.addressee(), "delivery.method": "in_person"},
        rows=rows,
    )


def problems(dossier: Dossier, entered: Entered) -> Sequence[FieldProblem]:
    """Return payees whose sums do not come to what headquarters decided, and a delivery to nowhere."""
    return (*undeliverable(entered), *_sums_differ(dossier, entered))


def written(dossier: Dossier, entered: Entered) -> Written:
    """Return the notice."""
    outcomes = paying(dossier)
    pre_approved = any(each.pre_approved for each in outcomes)
    values = {
        **entered.values,
        **delivery_values(dossier),
        "case.policy_nos": "、".join(each.policy_no for each in outcomes if each.policy_no)
        or "、".join(dossier.policy_nos),
        "decision.standing": _standing(outcomes),
        "decision.total": sum(each.amount_fen for each in outcomes),
        "decision.story": _story(outcomes),
        "decision.pending": _pending(dossier),
        **_headquarters(outcomes),
    }
    attached = {
        f"determination-{each.policy_no}.json": dossier.record(each.policy_no).decision
        for each in outcomes
        if each.decision is not None
    }
    return Written(
        values=said(values),
        tables={
            "liabilities": tuple(row for each in outcomes for row in _liabilities(dossier, each)),
            "steps": tuple(row for each in outcomes for row in _steps(dossier, each)),
            PAYEES: (
                *(row for each in outcomes for row in _paid(each)),
                *(_typed(row) for row in entered.rows.get(PAYEES, ())),
            ),
            "others": tuple(row for each in outcomes for row in _others(each)),
            WAIVED: waived_rows(dossier),
        },
        marks=(Mark.PRE_APPROVED,) if pre_approved else (),
        attached=attached,
    )


def _standing(outcomes: Sequence[PolicyOutcome]) -> Bilingual:
    open_ones = [each.pre_approved for each in outcomes]
    if all(open_ones):
        return _PRE_APPROVED
    return _MIXED if any(open_ones) else _FINAL


def _story(outcomes: Sequence[PolicyOutcome]) -> Bilingual | None:
    """Return what happened to the money in plain words, where the calculation here is what is paid."""
    told = [
        line.text
        for each in outcomes
        if each.as_calculated and isinstance(each.decision, Determination)
        for line in claimant_text(each.decision).lines
    ]
    return one_line_each(list({each.zh: each for each in told}.values())) if told else None


def _pending(dossier: Dossier) -> Bilingual | None:
    lines = [_waiting(dossier, policy_no) for policy_no in undecided(dossier)]
    return one_line_each(lines) if lines else None


def _waiting(dossier: Dossier, policy_no: str) -> Bilingual:
    product = dossier.product(policy_no)
    if policy_no in dossier.determinations:
        return Bilingual(
            f"{policy_no} {product.zh}：由总部核定，结果另行书面通知。",
            f"{policy_no} {product.en}: headquarters decides; you will be told in writing.",
        )
    return Bilingual(
        f"{policy_no} {product.zh}：尚未理算，结果另行书面通知。",
        f"{policy_no} {product.en}: not calculated yet; you will be told in writing.",
    )


def _headquarters(outcomes: Sequence[PolicyOutcome]) -> dict[str, Printed | None]:
    finals = list({id(each.final): each.final for each in outcomes if each.final is not None}.values())
    if not finals:
        return {}
    numbers = {
        id(one): "、".join(each.policy_no for each in outcomes if each.final is one and each.policy_no)
        for one in finals
    }

    def lines(texts: Sequence[str]) -> str:
        if len(finals) == 1:
            return texts[0]
        return "\n".join(f"保单 {numbers[id(one)]}：{text}" for one, text in zip(finals, texts, strict=True) if text)

    kinds = [FINAL_NAMES[each.decision] for each in finals]
    return {
        "decision.kind": Bilingual("；".join(each.zh for each in kinds), "; ".join(each.en for each in kinds)),
        "decision.on": "、".join(dict.fromkeys(each.decided_on.isoformat() for each in finals)),
        "decision.by": "、".join(dict.fromkeys(each.decided_by for each in finals)),
        "decision.facts": lines([each.facts for each in finals]),
        "decision.clause": lines([each.clause for each in finals]),
        "decision.grounds": _grounds(outcomes, lines([each.grounds for each in finals])),
    }


def _grounds(outcomes: Sequence[PolicyOutcome], grounds: str) -> Printed:
    """Return headquarters' grounds, and where the sum is another than that of the calculation, both sums."""
    differing = [
        Bilingual(
            f"保单 {each.policy_no} 现场计算 {yuan(each.decision.total_fen)} 元，总部核定 {yuan(each.amount_fen)} 元，以总部核定为准。",
            f"Policy {each.policy_no}: {yuan(each.decision.total_fen)} yuan as calculated on site, {yuan(each.amount_fen)} yuan as decided by headquarters, which prevails.",
        )
        for each in outcomes
        if each.final is not None and each.decision is not None and not each.as_calculated
    ]
    return one_line_each([Bilingual(grounds, grounds), *differing]) if differing else grounds


def _liabilities(dossier: Dossier, outcome: PolicyOutcome) -> Iterator[PrintedRow]:
    decision = outcome.decision
    if decision is None or not outcome.as_calculated:
        clause = outcome.final.clause if outcome.final is not None else ""
        yield _liability(dossier, outcome, _BY_HEADQUARTERS, clause, outcome.amount_fen)
        return
    for benefit in decision.liabilities:
        if benefit.amount_fen:
            yield _liability(dossier, outcome, benefit.name, _clauses(dossier, outcome, benefit), benefit.amount_fen)


def _liability(dossier: Dossier, outcome: PolicyOutcome, name: Bilingual, clause: str, amount_fen: int) -> PrintedRow:
    product = dossier.product(outcome.policy_no)
    number = outcome.policy_no
    policy = (
        Bilingual(f"{number} {product.zh}", f"{number} {product.en}")
        if product.zh != number
        else Bilingual(number, number)
    )
    return said(
        {
            "policy.number": policy,
            "liability.name": name,
            "liability.basis": clause,
            "liability.amount": amount_fen,
            "liability.capitals": in_capitals(amount_fen),
        }
    )


def _clauses(dossier: Dossier, outcome: PolicyOutcome, benefit: LiabilityResult) -> str:
    """Return the clauses that the sum of a benefit rests on, each once, in the order of the calculation."""
    return "、".join(
        dict.fromkeys(line.clause for line in _lines(dossier, outcome) if line.benefit == benefit.name and line.clause)
    )


def _lines(dossier: Dossier, outcome: PolicyOutcome) -> Sequence[BasisLine]:
    """Return the stored explanation's lines of the benefits that are paid."""
    if outcome.decision is None:
        return ()
    paid = {benefit.name for benefit in outcome.decision.liabilities if benefit.amount_fen}
    lines = basis(outcome.decision, dossier.catastrophe)
    return [line for line in lines if line.benefit in paid and line.role is not StepRole.STOPPED]


def _steps(dossier: Dossier, outcome: PolicyOutcome) -> Iterator[PrintedRow]:
    for line in _lines(dossier, outcome):
        waived = (
            Bilingual(f"（{'、'.join(line.waivers)}）", f" ({', '.join(line.waivers)})")
            if line.waivers
            else Bilingual("", "")
        )
        yield said(
            {
                "step.liability": line.benefit,
                "step.item": line.name,
                "step.clause": line.clause,
                "step.text": Bilingual(f"{line.text.zh}{waived.zh}", f"{line.text.en}{waived.en}"),
                "step.result": _result(line),
            }
        )


def _result(line: BasisLine) -> Printed | None:
    if line.role is StepRole.WAIVED:
        return _WAIVED
    return line.verdict if line.amount_fen is None else yuan(line.amount_fen)


def _paid(outcome: PolicyOutcome) -> Iterator[PrintedRow]:
    if not outcome.paid_by_voucher:
        return
    for voucher in outcome.vouchers:
        if voucher.payee is not None and voucher.amount_fen is not None:
            yield _payee(voucher.payee, voucher.number, voucher.amount_fen)


def _payee(payee: PayeeFact, voucher: str, amount_fen: int) -> PrintedRow:
    return said(
        {
            "payee.name": payee.name,
            "payee.relation_shown": relation_words(payee.relation),
            "payee.account_shown": account_shown(payee),
            "payee.voucher": voucher,
            "payee.amount": amount_fen,
            "payee.capitals": in_capitals(amount_fen),
        }
    )


def _typed(row: Row) -> PrintedRow:
    amount = row.get("payee.amount")
    texts = {key: str(row.get(key, "")) for key in _PAYEE_KEYS}
    payee = PayeeFact(
        name=texts["payee.name"],
        id_number=None,
        relation=texts["payee.relation"],
        bank=texts["payee.bank"],
        account=texts["payee.account"],
    )
    return _payee(payee, "", amount if isinstance(amount, int) else 0)


def _others(outcome: PolicyOutcome) -> Iterator[PrintedRow]:
    if outcome.decision is not None and outcome.as_calculated:
        for other in other_sums(outcome.decision):
            yield {"policy.number": outcome.policy_no, "other.name": other.name, "other.amount": other.amount_fen}
    elif outcome.final is not None and outcome.final.refund_fen:
        name = Bilingual("退还保险费或现金价值", "premium or cash value returned")
        yield {"policy.number": outcome.policy_no, "other.name": name, "other.amount": outcome.final.refund_fen}


def _without_voucher(dossier: Dossier) -> list[PolicyOutcome]:
    return [each for each in paying(dossier) if each.amount_fen and not each.paid_by_voucher]


def _proposed(dossier: Dossier, outcome: PolicyOutcome) -> dict[str, FactValue]:
    known = next((each.payee for each in outcome.vouchers if each.payee is not None), None)
    row: dict[str, FactValue] = {"payee.name": dossier.addressee(), "payee.amount": outcome.amount_fen}
    if known is not None:
        row |= {key: value for key, value in payee_row(known).items() if key in _PAYEE_KEYS}
    return row | ({"policy.number": outcome.policy_no} if outcome.policy_no else {})


def _sums_differ(dossier: Dossier, entered: Entered) -> Iterator[FieldProblem]:
    rows = entered.rows.get(PAYEES, ())
    for outcome in _without_voucher(dossier):
        own = [
            (place, row)
            for place, row in enumerate(rows)
            if row.get("policy.number", outcome.policy_no) == outcome.policy_no
        ]
        total_fen = sum(_fen(row.get("payee.amount")) for _, row in own)
        if total_fen != outcome.amount_fen:
            last = own[-1][0] if own else max(0, len(rows) - 1)
            yield problem(
                row_key(PAYEES, last, "payee.amount"),
                "payees_differ",
                f"保单 {outcome.policy_no} 各领款人合计 {yuan(total_fen)} 元，总部核定 {yuan(outcome.amount_fen)} 元，两者应相同。",
                f"The payees of policy {outcome.policy_no} come to {yuan(total_fen)} yuan, headquarters decided {yuan(outcome.amount_fen)} yuan: both must be the same.",
            )


def _fen(value: FactValue | None) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
