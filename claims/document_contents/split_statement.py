"""理赔分割单: for the next insurer, what each party paid of one bill, what is left of it, and where the original is.

Promise: a bill stands as it was entered; our part is what determinations behind standing vouchers, or headquarters, paid on that bill.
Nothing is stated for a bill that was entered differently for two policies. Source: notes/domain.md §5 conventions 2, 13, §7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claims.amounts import yuan
from claims.document_contents.content import Asked, PrintedRow, Written, fields_of, fixed_choice, said
from claims.document_contents.delivery import delivery_values
from claims.document_contents.dossier import Dossier
from claims.document_contents.issued import filled_of, standing
from claims.document_contents.outcomes import PolicyOutcome, paying
from claims.document_types import Entered, problem
from claims.errors import Bilingual
from claims.form_fields import FactValue, FieldProblem
from claims.paper_definitions import PaperId
from claims.papers import Mark, Printed

PAPER = PaperId.SPLIT_STATEMENT
_COPIED = (
    "bill_kind",
    "admission_date",
    "discharge_date",
    "bill_total",
    "self_expense",
    "account_paid",
    "si_settled",
)
_OTHERS = {
    "fund_paid": Bilingual("社会医疗保险统筹基金", "social insurance fund"),
    "other_payers_paid": Bilingual("其他途径（非商业保险）", "others (not commercial insurance)"),
    "commercial_paid": Bilingual("其他商业保险公司", "other commercial insurers"),
}
_COMPARED = ("bill_total", "self_expense", "account_paid", *_OTHERS)
_NO_BILL = Bilingual("本案没有录入医疗票据。", "No medical bill was entered for this case.")
_NOT_PAID = Bilingual(
    "我公司还没有就录入的票据作出给付：先出给付凭证，或等总部的决定。",
    "We have not paid on the bill yet: issue the voucher, or wait for headquarters' decision.",
)
_PRE_APPROVED = Bilingual(
    "我公司赔付为现场预核，以总部复核为准。", "Our payment is pre-approved on site until headquarters has reviewed it."
)
_FINAL = Bilingual("我公司赔付已由总部核定。", "Our payment was decided by headquarters.")


@dataclass(frozen=True)
class _Bill:
    """One bill as entered, and what of it is on record for each policy."""

    name: str
    loss_key: str
    facts: Mapping[str, object]
    consistent: bool


@dataclass(frozen=True)
class _Payment:
    """What one policy paid on a bill. ``amount_fen`` None: headquarters' sum can't be told apart by bill here."""

    outcome: PolicyOutcome
    basis: Bilingual
    amount_fen: int | None


def why_not(dossier: Dossier) -> Bilingual | None:
    """Return why there is nothing to state."""
    bills = _bills(dossier)
    if not bills:
        return _NO_BILL
    reasons = [_bill_reason(dossier, each) for each in bills]
    return next((each for each in reasons if each is not None), None) if all(reasons) else None


def asked(dossier: Dossier) -> Asked:
    """Return for which bill, for whom, and where the original is."""
    ready = [each.name for each in _bills(dossier) if _bill_reason(dossier, each) is None]
    (bill_field,) = fields_of(PAPER, "split.bill")
    values: dict[str, FactValue] = {"notice.addressee": dossier.addressee()}
    if len(ready) == 1:
        values["split.bill"] = ready[0]
    return Asked(
        fields=(
            fixed_choice(bill_field, ready),
            *fields_of(PAPER, "split.next_insurer", "split.original", "split.original_place", "notice.addressee"),
        ),
        values=values,
    )


def problems(dossier: Dossier, entered: Entered) -> Sequence[FieldProblem]:
    """Return a bill that nothing can be stated for, and an original kept elsewhere without a place."""
    found: list[FieldProblem] = []
    bill = _chosen(dossier, entered)
    reason = None if bill is None else _bill_reason(dossier, bill)
    if reason is not None:
        found.append(problem("split.bill", "bill_not_ready", reason.zh, reason.en))
    if entered.text("split.original") == "other_insurer" and not entered.text("split.original_place"):
        found.append(
            problem(
                "split.original_place",
                "missing",
                "原件由其他公司留存的，请写明是哪家公司。",
                "Where another insurer keeps the original say which one.",
            )
        )
    return found


def written(dossier: Dossier, entered: Entered) -> Written:
    """Return the statement of the chosen bill; without one only what was typed."""
    values: dict[str, Printed | None] = dict(entered.values)
    values |= delivery_values(dossier)
    values |= {"insured.name": dossier.case.insured.name, "insured.id_number": dossier.case.insured.id_number}
    bill = _chosen(dossier, entered)
    if bill is None or _bill_reason(dossier, bill) is not None:
        return Written(values=said(values))
    ours = _ours(dossier, bill)
    rows = (*_outside(bill), *(_own_row(dossier, each) for each in ours))
    paid_fen = sum(_fen(row.get("payment.amount")) for row in rows)
    pre_approved = any(each.outcome.pre_approved for each in ours)
    values |= {key: _printed(bill.facts.get(key)) for key in _COPIED}
    values |= {
        "split.paid": paid_fen,
        "split.left": _fen(bill.facts.get("bill_total")) - paid_fen,
        "split.earlier": _earlier(dossier, bill),
        "split.standing": _PRE_APPROVED if pre_approved else _FINAL,
    }
    return Written(values=said(values), tables={"payments": rows}, marks=(Mark.PRE_APPROVED,) if pre_approved else ())


def _bills(dossier: Dossier) -> tuple[_Bill, ...]:
    found: dict[str, _Bill] = {}
    for policy_no, facts in dossier.facts.items():
        if dossier.decided_again(policy_no):
            # What was entered since is not what the voucher rests on.
            continue
        code, number = facts.get("bill_code"), facts.get("bill_number")
        if not code or not number or not facts.get("bill_total"):
            continue
        name = f"{code} {number}"
        before = found.get(name)
        same = before is None or all(before.facts.get(key) == facts.get(key) for key in _COMPARED)
        found[name] = _Bill(
            name=name,
            loss_key=f"bill:{code}:{number}",
            facts=facts if before is None else before.facts,
            consistent=same and (before is None or before.consistent),
        )
    return tuple(found.values())


def _chosen(dossier: Dossier, entered: Entered) -> _Bill | None:
    return next((each for each in _bills(dossier) if each.name == entered.text("split.bill")), None)


def _bill_reason(dossier: Dossier, bill: _Bill) -> Bilingual | None:
    if not bill.consistent:
        return Bilingual(
            f"票据 {bill.name} 在各保单里录入的金额不一致，请核对后重新理算。",
            f"The sums of bill {bill.name} were entered differently for the policies: check them and calculate again.",
        )
    ours = _ours(dossier, bill)
    if not ours:
        return _NOT_PAID
    if any(each.amount_fen is None for each in ours):
        return Bilingual(
            f"总部核定的金额与现场计算不同，票据 {bill.name} 分到多少由总部出具。",
            f"Headquarters decided another sum than was calculated here; it states itself what falls on bill {bill.name}.",
        )
    total_fen = _fen(bill.facts.get("bill_total"))
    paid_fen = sum(_fen(bill.facts.get(key)) for key in _OTHERS) + sum(each.amount_fen or 0 for each in ours)
    if paid_fen > total_fen:
        return Bilingual(
            f"票据 {bill.name} 各方支付合计 {yuan(paid_fen)} 元，超过医疗费总额 {yuan(total_fen)} 元，请核对票据。",
            f"Payments on bill {bill.name} come to {yuan(paid_fen)} yuan, above its total of {yuan(total_fen)} yuan: check the bill.",
        )
    return None


def _ours(dossier: Dossier, bill: _Bill) -> tuple[_Payment, ...]:
    """Return what our policies paid on a bill. Benefits of a fixed sum (hospital cash) are no payment on a bill."""
    found: list[_Payment] = []
    for outcome in paying(dossier):
        if outcome.decision is None:
            continue
        paid = [each for each in outcome.decision.liabilities if each.amount_fen]
        on_bill = [each for each in paid if each.loss_key.casefold() == bill.loss_key.casefold()]
        if not on_bill:
            continue
        amount_fen: int | None = sum(each.amount_fen for each in on_bill)
        if not outcome.as_calculated:
            amount_fen = outcome.amount_fen if len(paid) == len(on_bill) else None
        names = Bilingual("、".join(each.name.zh for each in on_bill), ", ".join(each.name.en for each in on_bill))
        found.append(_Payment(outcome, names, amount_fen))
    return tuple(found)


def _outside(bill: _Bill) -> tuple[PrintedRow, ...]:
    entered = Bilingual("按票据和结算单", "by the bill and its settlement")
    return tuple(
        {"payment.payer": name, "payment.basis": entered, "payment.amount": _fen(bill.facts.get(key))}
        for key, name in _OTHERS.items()
    )


def _own_row(dossier: Dossier, payment: _Payment) -> PrintedRow:
    number = payment.outcome.policy_no
    product = dossier.product(number)
    basis = Bilingual(f"{number} {product.zh}　{payment.basis.zh}", f"{number} {product.en}, {payment.basis.en}")
    return {
        "payment.payer": dossier.identity.company,
        "payment.basis": basis,
        "payment.amount": payment.amount_fen or 0,
    }


def _earlier(dossier: Dossier, bill: _Bill) -> str:
    numbers = [
        each.number
        for each in standing(dossier, PAPER)
        if (found := filled_of(each)) is not None and found.values.get("split.bill") == bill.name
    ]
    return "、".join(numbers)


def _printed(value: object) -> Printed | None:
    return value if isinstance(value, (bool, int, str)) else None


def _fen(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
