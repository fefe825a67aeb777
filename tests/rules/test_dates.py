"""Dated parameters and rule versions: the value of the right day, by the date that the reading rule names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import Determination, Pack, Referral, Step, Value, decide
from rules.engine.dating import AT, Timeline
from rules.engine.language import Table
from tests.rules.dated_packs import dated, facts_in, pack_with, with_basis, with_parameter, with_versions
from tests.rules.edited_packs import Document

MEDICAL = "A-1 settled by social insurance"
# 1,580.04 of eligible cost; 100 or 200 of deductible; 90 %.
WITH_100, WITH_200 = 133204, 124204
DEDUCTIBLE = {"2011-04-01": 10000, "2024-01-01": 20000}


def paid(pack: Pack, case: str, **facts: Value) -> int:
    decision = decide(pack, facts_in(pack, case, **facts))
    assert isinstance(decision, Determination), decision
    return decision.total_fen


def referred(pack: Pack, case: str, *, drop: str = "", **facts: Value) -> Referral:
    given_facts = {name: value for name, value in facts_in(pack, case, **facts).items() if name != drop}
    decision = decide(pack, given_facts)
    assert isinstance(decision, Referral), decision
    return decision


def step(pack: Pack, case: str, rule: str, **facts: Value) -> Step:
    decision = decide(pack, facts_in(pack, case, **facts))
    return next(each for result in decision.liabilities for each in result.steps if each.rule == rule)


# --- a parameter that changes in the middle of a policy year (2023-07-01 to 2024-06-30)


@pytest.mark.parametrize(
    ("accident", "total", "told"),
    [
        (date(2023, 9, 2), WITH_100, "100.00"),
        (date(2023, 12, 31), WITH_100, "100.00"),  # the day before the new value
        (date(2024, 1, 1), WITH_200, "200.00"),  # its first day
        (date(2024, 6, 30), WITH_200, "200.00"),
    ],
)
def test_a_dated_figure_is_that_of_the_accidents_day(accident: date, total: int, told: str) -> None:
    pack = pack_with(with_parameter("deductible", DEDUCTIBLE, "AT-A"))
    dates = {"accident_date": accident, "admission_date": date(2024, 7, 1) if accident > date(2024, 1, 1) else accident}
    assert paid(pack, MEDICAL, **dates) == total
    taken = step(pack, MEDICAL, "event_deductible", **dates)
    assert taken.value == str(10000 if total == WITH_100 else 20000)
    assert told in taken.reason.zh
    assert told in taken.reason.en


def test_each_rule_reads_by_its_own_basis() -> None:
    # Accident in 2023, treatment in 2024: the same figure, read by two rules, has two values.
    pack = pack_with(
        with_parameter("deductible", DEDUCTIBLE, "AT-A"),
        with_basis("treatment", "event_deductible_left"),
    )
    assert paid(pack, MEDICAL, admission_date=date(2023, 12, 31)) == WITH_100
    assert paid(pack, MEDICAL, admission_date=date(2024, 1, 1)) == WITH_200


def test_a_sentence_speaks_the_value_that_its_rule_reads() -> None:
    pack = pack_with(with_parameter("accident_cover_days", {"2011-04-01": "90", "2023-09-01": "180"}, "AT-A"))
    told = step(pack, MEDICAL, "treated_in_time").reason
    early = step(pack, MEDICAL, "treated_in_time", accident_date=date(2023, 8, 31)).reason
    assert "180" in told.zh
    assert "90" in early.zh
    assert "180" not in early.zh


def test_a_plan_that_gives_one_value_is_not_asked_for_a_date() -> None:
    pack = pack_with(
        with_parameter("deductible", DEDUCTIBLE, "AT-A"),
        with_basis("report", "event_deductible_left", "year_deductible_left"),
    )
    assert "report_date" in pack.required_elements("AT-A", "accident_medical")
    assert "report_date" not in pack.required_elements("AT-A", "hospital_cash")
    assert "report_date" not in pack.required_elements("AT-J", "accident_medical")
    assert "report_date" not in pack.required_elements("MG-B")
    assert paid(pack, "B-1 bill less fund less deductible") == 1552035


def test_a_list_over_time_is_read_whole() -> None:
    tiers = {"2011-04-01": ["0.5", "0.6", "0.7", "0.8", "0.9"], "2024-02-27": ["0.4", "0.6", "0.7", "0.8", "0.9"]}
    pack = pack_with(with_parameter("tier_ratios", tiers, "ZH-S"))
    case = next(test.name for test in pack.tests if test.name.startswith("D-1"))
    # 12,345.67 in tiers: 1,000.00 at 50 or 40 %, the rest as before.
    assert paid(pack, case, admission_date=date(2024, 2, 26)) == 827654
    assert paid(pack, case, admission_date=date(2024, 2, 27)) == 817654


def test_a_benefits_own_parameter_may_be_dated() -> None:
    def change(document: Document) -> None:
        for plan in document["plans"]:
            if plan["id"] == "AT-A":
                for each in plan["liabilities"]:
                    if each["liability"] == "accident_medical":
                        each["parameters"] = {"deductible": dated(DEDUCTIBLE)}

    pack = pack_with(change)
    treated = {"admission_date": date(2024, 1, 2)}
    assert paid(pack, MEDICAL, accident_date=date(2023, 12, 31), **treated) == WITH_100
    assert paid(pack, MEDICAL, accident_date=date(2024, 1, 1), **treated) == WITH_200
    assert not isinstance(pack.plans["AT-A"].parameters["deductible"], Timeline)


def test_what_a_step_shows_is_the_value_that_its_rule_reads() -> None:
    def change(document: Document) -> None:
        for rule in document["rules"]:
            if rule["id"] == "event_deductible":
                rule.update(expression="max(0.00 yuan, amount - deductible)", shows="deductible")

    pack = pack_with(change, with_parameter("deductible", DEDUCTIBLE, "AT-A"))
    for accident, value in ((date(2023, 12, 31), "10000"), (date(2024, 1, 1), "20000")):
        shown = step(pack, MEDICAL, "event_deductible", accident_date=accident, admission_date=date(2024, 1, 2))
        assert (shown.value, str(shown.unit)) == (value, "fen")


def test_a_waivers_reason_speaks_the_value_of_the_day() -> None:
    def change(document: Document) -> None:
        for rule in document["rules"]:
            if rule["id"] == "event_deductible":
                rule["waiver"]["reason"] = {"zh": "免赔额 {deductible}", "en": "deductible {deductible}"}

    pack = pack_with(change, with_parameter("deductible", DEDUCTIBLE, "AT-A"))
    dates = {"accident_date": date(2024, 1, 1), "admission_date": date(2024, 1, 2)}
    lifted = step(pack, MEDICAL, "event_deductible", waive_deductible=True, **dates)
    assert (lifted.waiver, lifted.reason.en) == ("NO_DEDUCTIBLE", "deductible 200.00")


def test_a_plan_tells_what_it_gives_on_a_day() -> None:
    plan = pack_with(with_parameter("deductible", {"2023-01-01": 10000}, "AT-A")).plans["AT-A"]
    assert plan.parameter("deductible", date(2022, 12, 31)) is None
    assert plan.parameter("deductible", date(2023, 1, 1)) == 10000
    assert plan.parameter("medical_limit_sum", date(1900, 1, 1)) == 2000000
    assert plan.parameter("waiting_days", date(2023, 1, 1)) is None


# --- a rule that changed between the accident and its report


RATIO = {
    "2011-04-01": "if si_settled then ratio_si else ratio_no_si",
    "2023-10-01": "if si_settled then 0.5 else 0.25",
}


def test_a_rule_that_changed_between_accident_and_report() -> None:
    reported = {"report_date": date(2023, 10, 8)}  # the accident was on 2 September
    by_accident = pack_with(with_versions("ratio", "accident", RATIO))
    by_report = pack_with(with_versions("ratio", "report", RATIO))
    assert paid(by_accident, MEDICAL, **reported) == WITH_100  # 1,480.04 at 90 %
    assert paid(by_report, MEDICAL, **reported) == 74002  # 1,480.04 at 50 %
    assert paid(by_report, MEDICAL, report_date=date(2023, 9, 30)) == WITH_100
    # The step that shows the figure tells which version of it held.
    assert step(by_accident, MEDICAL, "reimbursed", **reported).reason.en.endswith("(version of 2011-04-01)")
    assert step(by_report, MEDICAL, "reimbursed", **reported).reason.zh.endswith("（2023-10-01 起的版本）")
    assert paid(by_report, MEDICAL, report_date=date(2023, 10, 1)) == 74002


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("bill_adds_up", "fund_paid <= bill_total", "self_expense <= bill_total"),  # a gate
        ("prepaid_for_several", "false", "prepaid > bill_total"),  # a referral
        ("reimbursed", "amount * 1", "amount * 0.9"),  # a sum
        ("to_the_fen", "round down(amount, 2)", "round half up(amount, 2)"),
    ],
)
def test_a_step_tells_which_version_held(rule: str, old: str, new: str) -> None:
    pack = pack_with(with_versions(rule, "accident", {"2011-04-01": old, "2023-09-02": new}))
    assert paid(pack, MEDICAL) == WITH_100
    told = step(pack, MEDICAL, rule).reason
    assert told.zh.endswith("（2023-09-02 起的版本）")
    assert told.en.endswith("(version of 2023-09-02)")
    assert step(pack, MEDICAL, rule, accident_date=date(2023, 9, 1)).reason.en.endswith("(version of 2011-04-01)")


def test_a_rule_of_several_liabilities_goes_by_the_date_of_the_one_that_asks() -> None:
    # Plan A's medical benefit goes by the accident, plan B's by the admission.
    pack = pack_with(with_versions("ratio", "liability", {"2011-04-01": "1", "2024-05-01": "0.5"}))
    assert paid(pack, MEDICAL, accident_date=date(2024, 4, 30), admission_date=date(2024, 5, 1)) == 148004
    assert paid(pack, "B-1 bill less fund less deductible", admission_date=date(2024, 4, 30)) == 1552035
    assert paid(pack, "B-1 bill less fund less deductible", admission_date=date(2024, 5, 1)) == 776018


@pytest.mark.parametrize(
    ("death", "age", "row", "cap"),
    [
        (date(2015, 12, 31), 9, "1", "10000000"),
        (date(2015, 12, 31), 10, "1", "10000000"),
        (date(2016, 1, 1), 9, "1", "20000000"),
        (date(2016, 1, 1), 10, "2", "50000000"),
    ],
)
def test_the_cap_for_minors_names_the_row_of_its_version(pack: Pack, death: date, age: int, row: str, cap: str) -> None:
    facts: dict[str, Value] = {
        "policy_effective": date(2015, 7, 1),
        "policy_expiry": date(2016, 6, 30),
        "accident_date": date(2015, 12, 30),
        "death_date": death,
        "birth_date": date(death.year - age, 1, 1),
        "policyholder_is_parent": True,
    }
    told = step(pack, "A junior, cap used elsewhere", "minor_cap", **facts)
    assert told.value == cap
    version = "2011-04-01" if death.year < 2016 else "2016-01-01"
    assert told.reason.en.endswith(f"(version of {version}, table row {row})")
    assert told.reason.zh.endswith(f"（{version} 起的版本，表第 {row} 行）")


def test_versions_of_a_table_are_no_steps_of_their_own(pack: Pack) -> None:
    for test in pack.tests:
        decision = decide(pack, facts_in(pack, test.name))
        rules = [each.rule for result in decision.liabilities for each in result.steps]
        rules += [reason.rule for reason in decision.reasons] if isinstance(decision, Referral) else []
        assert not any(AT in rule for rule in rules)


# --- what is not in force yet, and what is missing


def test_a_figure_before_its_first_value_refers_and_names_all_of_it() -> None:
    pack = pack_with(with_parameter("deductible", {"2023-09-03": 10000}, "AT-A"))
    decision = referred(pack, MEDICAL)
    (reason,) = decision.reasons
    assert (decision.total_fen, reason.rule, reason.clause) == (0, "event_deductible_left", "免赔额")
    for words in ("免赔额", "事故日期", "2023-09-02", "2023-09-03"):
        assert words in reason.text.zh
    for words in ("deductible", "date of the accident", "2023-09-02", "2023-09-03"):
        assert words in reason.text.en
    assert paid(pack, MEDICAL, accident_date=date(2023, 9, 3)) == WITH_100


@pytest.mark.parametrize("kind", ["formula", "table"])
def test_a_rule_before_its_first_version_refers_and_names_all_of_it(kind: str) -> None:
    if kind == "formula":
        pack = pack_with(with_versions("ratio", "accident", {"2023-09-03": "1"}))
        case, rule, named = MEDICAL, "ratio", ("给付比例", "事故日期", "2023-09-02", "2023-09-03")
    else:
        pack = pack_with(lambda d: _first_version_of_the_cap(d, "2024-06-02"))
        case, rule, named = (
            "D-5 age 9, other insurer paid 100,000",
            "minor_cap",
            ("未成年人身故限额", "身故日期", "2024-06-01", "2024-06-02"),
        )
    decision = referred(pack, case)
    (reason,) = decision.reasons
    assert (decision.total_fen, reason.rule) == (0, rule)
    assert all(words in reason.text.zh for words in named)
    assert [each.rule for each in decision.liabilities[0].steps][-1] == rule


def _first_version_of_the_cap(document: Document, start: str) -> None:
    for rule in document["rules"]:
        if rule["id"] == "minor_cap":
            rule["versions"] = [{**rule["versions"][1], "valid_from": start}]


@pytest.mark.parametrize("change", ["parameter", "version"])
def test_a_missing_date_refers_and_names_rule_and_element(change: str) -> None:
    pack = (
        pack_with(with_parameter("deductible", DEDUCTIBLE, "AT-A"), with_basis("report", "event_deductible_left"))
        if change == "parameter"
        else pack_with(with_versions("event_deductible_left", "report", {"2011-04-01": "deductible"}))
    )
    decision = referred(pack, MEDICAL)
    (reason,) = decision.reasons
    assert (decision.total_fen, reason.rule) == (0, "event_deductible_left")
    assert reason.text.zh == "缺少“报案日期”，请补录后重算或转人工"
    assert paid(pack, MEDICAL, report_date=date(2023, 10, 1)) == WITH_100


def test_an_untaken_branch_asks_for_no_date() -> None:
    # Before plan A's cover begins the case stops; what comes after is not looked at, whatever its dates.
    pack = pack_with(with_parameter("deductible", {"2030-01-01": 10000}, "AT-A"))
    decision = referred(pack, MEDICAL, accident_date=date(2023, 6, 30))
    assert [reason.rule for reason in decision.reasons] == ["cover_accident"]


# --- pools, draws and outputs


def test_a_pools_limit_goes_by_the_liabilitys_date() -> None:
    limits = {"2011-04-01": 2000000, "2023-12-01": 100000}
    pack = pack_with(with_parameter("medical_limit_sum", limits, "AT-A"))
    before, after = date(2023, 11, 30), date(2023, 12, 1)
    assert paid(pack, MEDICAL, accident_date=before, admission_date=after) == WITH_100
    assert paid(pack, MEDICAL, accident_date=after, admission_date=after) == 100000
    decision = decide(pack, facts_in(pack, MEDICAL, accident_date=after, admission_date=after))
    assert [draw.limit for result in decision.liabilities for draw in result.pools] == [100000]


def test_a_draw_goes_by_the_liabilitys_date() -> None:
    def change(document: Document) -> None:
        for liability in document["liabilities"]:
            if liability["id"] == "accident_medical":
                liability["draws"] = [{"pool": "medical_year", "amount": "min(paid, deductible)"}]

    pack = pack_with(change, with_parameter("deductible", DEDUCTIBLE, "AT-A"))
    for accident, taken in ((date(2023, 12, 31), 10000), (date(2024, 1, 1), 20000)):
        decision = decide(pack, facts_in(pack, MEDICAL, accident_date=accident, admission_date=date(2024, 1, 2)))
        assert [draw.amount for result in decision.liabilities for draw in result.pools] == [taken]


def test_an_output_reads_a_dated_figure_through_a_rule_with_a_basis() -> None:
    def change(document: Document) -> None:
        rule = dict(next(each for each in document["rules"] if each["id"] == "paid_by_others"))
        document["rules"].append(
            {**rule, "id": "ratio_of_the_visit", "type": "number", "unit": "ratio", "expression": "counter_ratio"}
        )
        for plan in document["plans"]:
            if plan["id"] == "KQ-Z":
                (output,) = plan["outputs"]
                output["expression"] = "if ratio_of_the_visit < 0.8 then total else bill_total - fund_paid - total"

    pack = pack_with(change, with_parameter("counter_ratio", {"2011-04-01": "0.8", "2024-05-07": "0.5"}, "KQ-Z"))
    case = next(test.name for test in pack.tests if test.name.startswith("F-1"))
    old = decide(pack, facts_in(pack, case, admission_date=date(2024, 5, 6)))
    new = decide(pack, facts_in(pack, case, admission_date=date(2024, 5, 7)))
    assert (old.total_fen, old.outputs_fen) == (419352, {"patient_pays": 104838})
    assert (new.total_fen, new.outputs_fen) == (262095, {"patient_pays": 262095})


# --- what back ends see


def names_read(pack: Pack) -> Iterator[str]:
    for rule in pack.rules.values():
        yield from rule.body.reads
    for pool in pack.pools.values():
        yield from pool.limit.reads if pool.limit else ()


def test_no_dated_name_is_read_without_a_basis() -> None:
    pack = pack_with(with_parameter("deductible", DEDUCTIBLE), with_parameter("medical_limit_sum", {"2011-04-01": 1}))
    read = set(names_read(pack))
    assert not {"deductible", "medical_limit_sum", "minor_cap_child", "minor_cap_youth"} & read
    assert {
        "deductible@accident",
        "deductible@treatment",
        "medical_limit_sum@liability",
        "minor_cap_child@death",
        "date@death",
    } <= read


def test_a_table_version_is_a_rule_that_back_ends_find(pack: Pack) -> None:
    hidden = {name: rule for name, rule in pack.rules.items() if AT in name}
    assert list(hidden) == ["minor_cap@2011-04-01", "minor_cap@2016-01-01"]
    assert all(isinstance(rule.body, Table) for rule in hidden.values())
    assert pack.rules["minor_cap"].body.reads == {"date@death", "minor_cap@death", *hidden}


STARTS = [date(2023, 9, day) for day in (1, 2, 9, 10, 30)]
CHAINED = pack_with(
    with_versions("ratio", "accident", {str(start): f"0.{index + 1}" for index, start in enumerate(STARTS)})
)

days = st.dates(date(2000, 1, 1), date(2030, 12, 31))


@given(starts=st.lists(days, min_size=1, max_size=8, unique=True).map(sorted), on=days)
@settings(max_examples=100)
def test_a_timeline_gives_the_last_value_that_began(starts: list[date], on: date) -> None:
    timeline = Timeline(starts=tuple(starts), values=tuple(range(len(starts))))
    begun = [index for index, start in enumerate(starts) if start <= on]
    assert timeline.at(on) == (begun[-1] if begun else None)
    assert timeline.at(starts[0] - timedelta(days=1)) is None


@given(on=st.dates(date(2023, 9, 1), date(2023, 9, 30)))
@settings(max_examples=40)
def test_a_chain_of_versions_gives_the_last_that_began(on: date) -> None:
    begun = [index for index, start in enumerate(STARTS) if start <= on]
    expected = round(148004 * (begun[-1] + 1) / 10)
    assert paid(CHAINED, MEDICAL, accident_date=on, admission_date=on) == expected
