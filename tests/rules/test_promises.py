"""What a liability promises about its benefit: exclusions, elements that only raise it, and the sum that it never exceeds."""

from __future__ import annotations

import msgspec
import pytest

from rules.engine import Pack, PackError, decide, decode_facts, load_pack
from rules.engine.language import Failure
from rules.engine.scope import Scope
from tests.rules.dated_packs import pack_with, with_parameter
from tests.rules.edited_packs import Change, by_id, changed

MEDICAL = "accident_medical"


def promise(**fields: object) -> Change:
    return lambda document: by_id(document, "liabilities", MEDICAL).update(fields)


REFUSED: dict[str, tuple[Change, str]] = {
    "an exclusion that is no step": (promise(exclusions=["no_suicide"]), "bad_structure"),
    "an exclusion that is a sum": (promise(exclusions=["scope_cut"]), "bad_structure"),
    "an exclusion that nobody knows": (promise(exclusions=["nobody"]), "bad_structure"),
    "an exclusion twice": (promise(exclusions=["no_exclusion", "no_exclusion"]), "twice"),
    "rising in what nobody knows": (promise(rising_in=["nobody"]), "unknown_name"),
    "rising in a rule": (promise(rising_in=["unreimbursed"]), "unknown_name"),
    "rising in a text": (promise(rising_in=["bill_number"]), "unknown_name"),
    "rising in a yes or no": (promise(rising_in=["si_settled"]), "unknown_name"),
    "rising in a list": (promise(rising_in=["disability_grades"]), "unknown_name"),
    "rising in an element twice": (promise(rising_in=["bill_total", "bill_total"]), "twice"),
    "at most a number": (promise(at_most="hospital_level"), "bad_expression"),
    "at most an unrounded sum": (promise(at_most="bill_total * 0.9"), "bad_expression"),
    "at most what nobody knows": (promise(at_most="nobody"), "bad_expression"),
    "at most the benefit itself": (promise(at_most="paid"), "bad_expression"),
    "at most a figure that the plan lacks": (promise(at_most="malignancy_limit_sum"), "missing_parameter"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_promise_that_cannot_be_is_refused(case: str) -> None:
    change, code = REFUSED[case]
    raw = changed(change)
    with pytest.raises(PackError) as caught:
        load_pack(raw)
    assert caught.value.code == code
    assert MEDICAL in caught.value.values["part"]


def test_the_promise_is_compiled_with_the_liability(pack: Pack) -> None:
    liabilities = {liability.spec.id: liability for plan in pack.plans.values() for liability, _ in plan.liabilities}
    limit = liabilities[MEDICAL].at_most
    assert limit is not None
    assert limit.reads == {"unreimbursed"}
    assert liabilities["accident_cash"].at_most is None
    assert all(liability.spec.exclusions for liability in liabilities.values())


def test_a_promise_asks_for_no_facts() -> None:
    pack = pack_with(promise(at_most="sum_insured"))
    assert "sum_insured" not in pack.required_elements("AT-A", "accident_medical")


def test_a_promise_reads_dated_figures_by_the_liabilitys_date() -> None:
    pack = pack_with(
        promise(at_most="medical_limit_sum"), with_parameter("medical_limit_sum", {"2011-04-01": 2000000}, "AT-A")
    )
    limit = next(each.at_most for each, _ in pack.plans["AT-A"].liabilities if each.spec.id == MEDICAL)
    assert limit is not None
    assert limit.reads == {"medical_limit_sum@liability"}


def test_no_case_of_the_sample_is_paid_above_its_promise(pack: Pack) -> None:
    checked = 0
    for test in pack.tests:
        facts = decode_facts(pack, msgspec.json.encode(test.facts))
        paid = {result.liability: result.amount_fen for result in decide(pack, facts).liabilities}
        for liability, parameters in pack.plans[str(test.facts["plan"])].liabilities:
            if liability.at_most is None or not paid.get(liability.spec.id):
                continue
            scope = Scope(pack, facts, parameters, {}, liability.spec.date_basis)
            try:
                most = liability.at_most.evaluate(scope)
            except Failure as failure:
                pytest.fail(f"{test.name}: {failure}")
            assert paid[liability.spec.id] <= most, test.name  # type: ignore[operator]  # money, as checked on loading
            checked += 1
    assert checked > 60
