"""预付赔款协议: an amount ahead of the final benefit, its purpose, and how it is deducted or returned (Insurance Law art. 25).

Promise: it promises nothing by itself: it takes effect with headquarters' approval and is paid on a voucher, and it says so in a watermark.
What it names together with earlier agreements never passes what the determination came to, nor the sum insured.
Source: notes/domain.md §1.1 (side leg PREPAID), §1.3 (PREPAY), §7.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from claims.amounts import yuan
from claims.document_contents.content import Asked, Written, fields_of, fixed_choice, said
from claims.document_contents.dossier import Dossier
from claims.document_contents.issued import issued_contents
from claims.document_contents.people_on_paper import known_payees, payee_row
from claims.document_types import Entered, problem
from claims.errors import Bilingual
from claims.form_fields import FactValue, FieldProblem, NeededWhen
from claims.paper_definitions import PaperId
from claims.papers import Mark
from claims.waivers import WaiverCode

PAPER = PaperId.PREPAYMENT_AGREEMENT
_KEYS = (
    "prepay.amount",
    "prepay.purpose",
    "prepay.reason",
    "prepay.details",
    "payee.name",
    "payee.relation",
    "payee.id_number",
    "payee.bank",
    "payee.account",
)
_NO_POLICY = Bilingual("案件还没有登记保单。", "The case names no policy yet.")
_ALL_DECIDED = Bilingual(
    "各保单都已出给付凭证或已由总部决定，不需要预付。",
    "Every policy has its voucher or was decided by headquarters: nothing is left to prepay.",
)


def why_not(dossier: Dossier) -> Bilingual | None:
    """Return why nothing can be prepaid."""
    if not dossier.policy_nos:
        return _NO_POLICY
    return None if _open_policies(dossier) else _ALL_DECIDED


def asked(dossier: Dossier) -> Asked:
    """Return policy, amount, purpose and payee."""
    policies = _open_policies(dossier)
    (policy_field,) = fields_of(PAPER, "prepay.policy_no")
    first = next(iter(dossier.applicants()), None)
    values: dict[str, FactValue] = {"prepay.reason": _usual_reason(dossier)}
    if len(policies) == 1:
        values["prepay.policy_no"] = policies[0]
    if first is not None:
        values |= {"payee.name": first.name, "payee.relation": first.relation, "payee.id_number": first.id_number}
    for payee in known_payees(dossier)[:1]:
        values |= payee_row(payee)
    return Asked(
        fields=(
            fixed_choice(policy_field, policies),
            *fields_of(PAPER, *_KEYS, required=[key for key in _KEYS if key.startswith("payee.")]),
        ),
        values={key: value for key, value in values.items() if value},
        relations=(NeededWhen("prepay.details", "prepay.purpose", "other"),),
    )


def problems(dossier: Dossier, entered: Entered) -> Sequence[FieldProblem]:
    """Return an amount above what may become due, and a reason that does not hold for this case."""
    return (*_too_much(dossier, entered), *_no_such_measure(dossier, entered))


def written(dossier: Dossier, entered: Entered) -> Written:  # noqa: ARG001 - the shape of every content
    """Return the agreement, not yet approved."""
    return Written(values=said(dict(entered.values)), marks=(Mark.PRE_APPROVED,))


def _open_policies(dossier: Dossier) -> tuple[str, ...]:
    return tuple(each for each in dossier.policy_nos if not dossier.vouchers(each) and dossier.final(each) is None)


def _prepay_waived(dossier: Dossier) -> bool:
    waivers = () if dossier.catastrophe is None else dossier.catastrophe.waivers
    return any(each.code == WaiverCode.PREPAY for each in waivers)


def _usual_reason(dossier: Dossier) -> str:
    return "catastrophe" if _prepay_waived(dossier) else ""


def _no_such_measure(dossier: Dossier, entered: Entered) -> Iterator[FieldProblem]:
    if entered.text("prepay.reason") == "catastrophe" and not _prepay_waived(dossier):
        yield problem(
            "prepay.reason",
            "no_such_measure",
            "本案没有适用的预付便利措施，请选择其他原因。",
            "No measure of a catastrophe allows prepayment for this case: choose another reason.",
        )


def _too_much(dossier: Dossier, entered: Entered) -> Iterator[FieldProblem]:
    amount_fen, policy_no = entered.values.get("prepay.amount"), entered.text("prepay.policy_no")
    if not isinstance(amount_fen, int):
        return
    before_fen = sum(
        _fen(each.values.get("prepay.amount"))
        for each in issued_contents(dossier, PAPER)
        if each.values.get("prepay.policy_no") == policy_no
    )
    ceiling = _ceiling(dossier, policy_no)
    if ceiling is None or amount_fen + before_fen <= ceiling[0]:
        return
    ceiling_fen, what = ceiling
    earlier = Bilingual(
        f"（另有协议已预付 {yuan(before_fen)} 元）" if before_fen else "",
        f" (other agreements name {yuan(before_fen)} yuan)" if before_fen else "",
    )
    yield problem(
        "prepay.amount",
        "above_benefit",
        f"预付 {yuan(amount_fen)} 元{earlier.zh}，超过{what.zh} {yuan(ceiling_fen)} 元，请减少预付金额。",
        f"A prepayment of {yuan(amount_fen)} yuan{earlier.en} is above {what.en}, {yuan(ceiling_fen)} yuan: prepay less.",
    )


def _ceiling(dossier: Dossier, policy_no: str) -> tuple[int, Bilingual] | None:
    decision = dossier.decisions.get(policy_no)
    if decision is not None and decision.total_fen:
        return decision.total_fen, Bilingual("现有理算结果", "what was calculated")
    policy = dossier.policy(policy_no)
    insured_fen = None if policy is None else policy.terms.get("sum_insured")
    if isinstance(insured_fen, int) and not isinstance(insured_fen, bool):
        return insured_fen, Bilingual("保险金额", "the sum insured")
    return None


def _fen(value: object) -> int:
    return value if isinstance(value, int) else 0
