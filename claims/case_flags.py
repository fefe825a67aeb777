"""Reads the red flags of one case and policy from its facts: what the rules were asked and what the contract says.

Promise: only what stands in the facts is looked at; a check that lacks a figure is not made. A flag sends the case to a
person, it never refuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from claims.bill_checks import Bill, bill_keys
from claims.case_papers import loss_link
from claims.errors import Bilingual, EnvironmentProblem
from claims.known_elsewhere import file_keys, stands_elsewhere
from claims.records import CaseRecord, DocumentRecord
from claims.red_flags import FlagInput, FlagWeight, RedFlag, red_flags, routes_to_person
from claims.reference import Catastrophe, ExtractPolicy
from claims.rulebook import Rulebook
from rules.engine import Pack
from rules.engine.model import ElementId, Value


def flags_for_a_person(
    pack: Pack,
    facts: Mapping[ElementId, Value],
    *,
    case: CaseRecord,
    policy: ExtractPolicy,
    catastrophe: Catastrophe | None,
) -> tuple[RedFlag, ...]:
    """Return the flags that send this case to a person."""
    found = FlagInput(
        loss_date=case.loss_date,
        covered_since=policy.effective,
        waiting_days=_waiting_days(pack, policy, facts),
        diagnosis_date=_day(facts, "diagnosis_date"),
        accident=_truth(facts, "accident"),
        icd10=_text(facts, "icd10"),
        recorded_on=_day(facts, "diagnosis_date") or _day(facts, "admission_date"),
        discharge_date=_day(facts, "discharge_date"),
        bills=_bills(facts),
        onset_date=_day(facts, "accident_date"),
    )
    return routes_to_person(red_flags(found, catastrophe=catastrophe, link=loss_link(case)))


def known_elsewhere(
    rulebook: Rulebook, facts: Mapping[ElementId, Value], case_no: str, documents: Sequence[DocumentRecord]
) -> tuple[RedFlag, ...]:
    """Return a flag for each bill, and each file of a bill, that headquarters knows from another case.

    Without the index, or with one that can't be read, the check is not made: headquarters makes it again with every case at hand.
    """
    try:
        index = rulebook.duplicate_index()
    except EnvironmentProblem:
        return ()
    found = []
    for bill in _bills(facts):
        if any(stands_elsewhere(index, key, case_no) for key in bill_keys(bill)):
            shown = f"{bill.code} {bill.number}"
            sentence = Bilingual(
                f"票据 {shown} 已在另一案件中使用（总部索引）。",
                f"Bill {shown} was used in another case (headquarters' index).",
            )
            found.append(RedFlag(id="R5", weight=FlagWeight.REVIEW, sentence=sentence))
    for each in documents:
        if any(stands_elsewhere(index, key, case_no) for key in file_keys(each.material, each.sha256)):
            sentence = Bilingual(
                f"票据文件 {each.filename} 已在另一案件中使用（总部索引）。",
                f"The bill's file {each.filename} was used in another case (headquarters' index).",
            )
            found.append(RedFlag(id="R14", weight=FlagWeight.REVIEW, sentence=sentence))
    return tuple(found)


def _waiting_days(pack: Pack, policy: ExtractPolicy, facts: Mapping[ElementId, Value]) -> int:
    known = pack.plans.get(policy.plan)
    if known is None or _truth(facts, "renewal") or _truth(facts, "accident"):
        return 0
    days = known.parameter("waiting_days", policy.effective)
    return int(days) if isinstance(days, int | Decimal) else 0


def _bills(facts: Mapping[ElementId, Value]) -> tuple[Bill, ...]:
    code, number = _text(facts, "bill_code"), _text(facts, "bill_number")
    if code is None or number is None:
        return ()
    return (
        Bill(
            code=code,
            number=number,
            total_fen=_fen(facts, "bill_total"),
            fund_fen=_fen(facts, "fund_paid"),
            other_fen=_fen(facts, "other_payers_paid"),
            account_fen=_fen(facts, "account_paid"),
            self_expense_fen=_fen(facts, "self_expense"),
        ),
    )


def _day(facts: Mapping[ElementId, Value], element: str) -> date | None:
    value = facts.get(ElementId(element))
    return value if isinstance(value, date) else None


def _text(facts: Mapping[ElementId, Value], element: str) -> str | None:
    value = facts.get(ElementId(element))
    return value if isinstance(value, str) else None


def _truth(facts: Mapping[ElementId, Value], element: str) -> bool | None:
    value = facts.get(ElementId(element))
    return value if isinstance(value, bool) else None


def _fen(facts: Mapping[ElementId, Value], element: str) -> int | None:
    value = facts.get(ElementId(element))
    return value if isinstance(value, int) and not isinstance(value, bool) else None
