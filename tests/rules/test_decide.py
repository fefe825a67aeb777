"""The explanation: which steps are told, in which order, with which sums, waivers and reasons."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from rules.engine import Determination, Pack, PoolScope, Referral, Step, Unit, decide
from tests.rules.conftest import FactsOf


def steps_of(decision: Determination | Referral, liability: str) -> dict[str, Step]:
    return {
        step.rule: step for result in decision.liabilities if result.liability == liability for step in result.steps
    }


def test_a6_tells_the_whole_waterfall(pack: Pack, facts_of: FactsOf) -> None:
    decision = decide(pack, facts_of("A-6 hospital and scope waivers"))
    assert isinstance(decision, Determination)
    told = [
        (step.rule, step.applied, step.value, step.amount_fen, step.waiver) for step in decision.liabilities[0].steps
    ]
    assert told == [
        ("cover_accident", False, "true", None, None),
        ("by_accident", False, "true", None, None),
        ("no_exclusion", False, "true", None, None),
        ("treated_in_time", False, "true", None, None),
        ("hospital", False, "false", None, "NO_HOSPITAL_LIST"),
        ("bill_adds_up", False, "true", None, None),
        ("scope_waived_whole", False, "true", None, None),
        ("bill_amount", True, "821030", 821030, None),
        ("scope_cut", False, "191580", 821030, "NO_DRUG_SCOPE+NO_ITEM_SCOPE"),
        ("less_fund", False, "0", 821030, None),
        ("less_others", False, "0", 821030, None),
        ("event_deductible", True, "10000", 811030, None),
        ("reimbursed", True, "0.8", 648824, None),
        ("medical_limit", False, "2000000", 648824, None),
        ("not_above_loss", False, "821030", 648824, None),
        ("to_the_fen", True, "0", 648824, None),
        ("prepaid_for_several", False, "false", None, None),
        ("less_prepaid", False, "0", 648824, None),
    ]
    (draw,) = decision.liabilities[0].pools
    assert (draw.pool, draw.scope, draw.unit, draw.limit, draw.used_before, draw.amount) == (
        "medical_year",
        PoolScope.POLICY_YEAR,
        Unit.FEN,
        2000000,
        0,
        648824,
    )
    assert decision.liabilities[0].loss_key == "bill:99060123:0000000001"
    assert decision.liabilities[0].shares_fen == (648824,)


def test_an_unrounded_sum_has_no_fen_until_the_named_rounding(pack: Pack, facts_of: FactsOf) -> None:
    steps = steps_of(decide(pack, facts_of("A-1 settled by social insurance")), "accident_medical")
    assert steps["event_deductible"].amount_fen == 148004
    assert steps["reimbursed"].amount_fen is None
    assert (steps["to_the_fen"].value, steps["to_the_fen"].amount_fen) == ("0.4", 133204)
    assert "1,332.04" in steps["to_the_fen"].reason.zh


def test_each_step_names_clause_and_reason_in_both_languages(pack: Pack, facts_of: FactsOf) -> None:
    for step in steps_of(decide(pack, facts_of("B-1 bill less fund less deductible")), "medical_general").values():
        assert step.clause
        assert step.name.zh
        assert step.name.en
        assert step.reason.zh
        assert step.reason.en
        assert "{" not in step.reason.zh + step.reason.en


def test_a_failed_gate_names_itself_and_lists_what_was_not_reached(pack: Pack, facts_of: FactsOf) -> None:
    decision = decide(pack, facts_of("A-6 no waiver, no emergency"))
    assert isinstance(decision, Referral)
    (reason,) = decision.reasons
    assert reason.rule == "hospital"
    assert reason.text.zh.startswith("就诊医院不是 2 级以上公立医院")
    steps = steps_of(decision, "accident_medical")
    assert (steps["hospital"].applied, steps["hospital"].amount_fen) == (True, 0)
    assert not steps["event_deductible"].applied
    assert steps["event_deductible"].reason.en.startswith("not reached")
    (result,) = decision.liabilities
    assert (result.amount_fen, result.loss_key, result.pools, result.shares_fen) == (0, "", (), ())


def test_emergency_is_its_own_override_and_uses_no_waiver(pack: Pack, facts_of: FactsOf) -> None:
    decision = decide(pack, facts_of("A-6 emergency", waive_hospital_list=True))
    step = steps_of(decision, "accident_medical")["hospital"]
    assert (decision.waivers, step.waiver, step.applied) == ((), None, False)
    assert "司法解释三第二十条" in step.reason.zh


def test_a_waiver_that_changes_nothing_is_not_used(pack: Pack, facts_of: FactsOf) -> None:
    facts = facts_of(
        "A-1 settled by social insurance",
        self_expense=0,
        waive_hospital_list=True,
        waive_drug_scope=True,
        waive_item_scope=True,
    )
    assert decide(pack, facts).waivers == ()


def test_a_benefit_that_does_not_concern_the_loss_is_told_without_a_referral(pack: Pack, facts_of: FactsOf) -> None:
    decision = decide(pack, facts_of("A accident death without a disaster"))
    assert isinstance(decision, Determination)
    extra = decision.liabilities[1]
    assert (extra.liability, extra.amount_fen, extra.loss_key) == ("disaster_death", 0, "")
    assert [(step.rule, step.applied) for step in extra.steps] == [("natural_disaster", False)]
    assert "非重大自然灾害" in extra.steps[0].reason.zh


def test_one_referred_benefit_makes_the_whole_decision_a_referral(pack: Pack, facts_of: FactsOf) -> None:
    facts = {
        **facts_of("D-3 illness of 3 days pays nothing"),
        **facts_of("D-1 tiers", claim_types=("illness_medical", "hospital_cash")),
    }
    decision = decide(pack, facts)
    assert isinstance(decision, Referral)
    assert decision.total_fen == 827654
    assert [(result.liability, result.amount_fen) for result in decision.liabilities] == [
        ("student_medical", 827654),
        ("student_cash", 0),
    ]
    assert [reason.rule for reason in decision.reasons] == ["cash_student"]


def test_a_second_benefit_sees_what_the_first_took_from_the_pool(pack: Pack, facts_of: FactsOf) -> None:
    facts = {
        **facts_of("A-4 grades 8, 8, 9"),
        **facts_of("A-5 death on day 180 after case 4", used_basic_sum=0, claim_types=("accident_death", "disability")),
    }
    decision = decide(pack, facts)
    assert isinstance(decision, Referral)
    assert decision.total_fen == 50000000
    assert [reason.rule for reason in decision.reasons] == ["basic_sum_rest"]


def test_malignancy_spends_its_own_limit_before_the_general_one(pack: Pack, facts_of: FactsOf) -> None:
    decision = decide(pack, facts_of("B malignancy spends its own limit first"))
    draws = [(draw.pool, draw.amount) for result in decision.liabilities for draw in result.pools]
    assert draws == [("malignancy_year", 1000000), ("medical_year", 1552035)]


def test_days_are_drawn_from_day_pools(pack: Pack, facts_of: FactsOf) -> None:
    decision = decide(pack, facts_of("A cash, day limits"))
    draws = [
        (draw.pool, draw.unit, draw.limit, draw.used_before, draw.amount) for draw in decision.liabilities[0].pools
    ]
    assert draws == [("cash_event", Unit.DAY, 90, 86, 4), ("cash_year", Unit.DAY, 180, 100, 4)]


def test_a_table_names_the_row_that_decided(pack: Pack, facts_of: FactsOf) -> None:
    steps = steps_of(decide(pack, facts_of("E-1 premiums times 140 %")), "whole_life_death")
    assert (steps["premium_multiple"].value, steps["premium_multiple"].unit) == ("1.4", Unit.RATIO)
    assert steps["premium_multiple"].reason.zh.endswith("（表第 2 行）")


def test_the_figures_behind_a_step_are_told_before_it(pack: Pack, facts_of: FactsOf) -> None:
    decision = decide(pack, facts_of("C-3 age 56 T1N1M0 is stage II"))
    told = [(step.rule, step.value) for step in decision.liabilities[0].steps[:7]]
    assert told == [
        ("malignant", "true"),
        ("thyroid_differentiated", "true"),
        ("staging_by_person", "false"),
        ("thyroid_stage", "II"),
        ("early_tumour", "false"),
        ("tumour_grade", "severe"),
        ("not_mild_grade", "true"),
    ]
    stage = decision.liabilities[0].steps[3]
    assert stage.reason.zh == "确诊时按年龄与 T1N1M0 为 II 期（表第 4 行）"


def test_telling_a_sentence_works_nothing_out(pack: Pack, facts_of: FactsOf) -> None:
    # The waiting sentence names a date that an accident never comes to: it is told, but is no step of its own.
    steps = steps_of(decide(pack, facts_of("B-4 an accident has no waiting")), "medical_general")
    rules = [step for step in steps if step in ("year_deductible_left", "waiting_last_day", "after_waiting")]
    assert rules == ["waiting_last_day", "after_waiting"]


def test_a_waived_deductible_names_the_sum_it_left_in(pack: Pack, facts_of: FactsOf) -> None:
    step = steps_of(decide(pack, facts_of("A-6 all waivers")), "accident_medical")["event_deductible"]
    assert (step.waiver, step.value, step.amount_fen) == ("NO_DEDUCTIBLE", "10000", 821030)


def test_a_loss_key_part_with_a_blank_or_a_colon_refers(pack: Pack, facts_of: FactsOf) -> None:
    for number in ("0000 1", " 1", "1:2", "1\n"):
        decision = decide(pack, facts_of("A-1 settled by social insurance", bill_number=number))
        assert isinstance(decision, Referral)
        assert decision.total_fen == 0


def test_the_premium_waiver_starts_at_the_next_due_date(pack: Pack, facts_of: FactsOf) -> None:
    for diagnosed, first in ((date(2024, 2, 29), "2024-03-01"), (date(2024, 3, 1), "2025-03-01")):
        steps = steps_of(decide(pack, facts_of("C-2 thyroid stage I at 38", diagnosis_date=diagnosed)), "critical_mild")
        assert steps["waiver_from"].value == first


def test_a_list_fact_longer_than_its_element_allows_refers(pack: Pack, facts_of: FactsOf) -> None:
    decision = decide(pack, facts_of("A-4 grades 8, 8, 9", disability_grades=(Decimal(8),) * 21))
    assert isinstance(decision, Referral)
    assert decision.reasons[0].rule == "element:disability_grades"


def test_unused_facts_change_only_the_inputs_hash(pack: Pack, facts_of: FactsOf) -> None:
    plain = decide(pack, facts_of("F-1 cholecystectomy at the counter"))
    more = decide(pack, facts_of("F-1 cholecystectomy at the counter", cash_value=5))
    assert plain.inputs_hash != more.inputs_hash
    assert msgspec.structs.replace(plain, inputs_hash="") == msgspec.structs.replace(more, inputs_hash="")
