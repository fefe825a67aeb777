"""The sample pack: all worked cases come out, nothing in it is dead, source and built file agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rules.engine import Pack, load_pack
from rules.tools.building import build_pack
from rules.tools.describing import describe_elements, describe_plans
from rules.tools.pack_tests import rules_hit, rules_never_bitten, run_tests
from rules.tools.sample import sample_pack_bytes

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "resources" / "packs" / "sample"

# Every numbered case of the domain reference (§5); E-4, E-5 and E-6 and the like may have several variants.
WORKED = [
    f"{plan}-{number}"
    for plan, count in {"A": 6, "B": 6, "C": 6, "D": 6, "E": 6, "F": 1}.items()
    for number in range(1, count + 1)
]


def test_the_built_pack_is_what_its_source_builds() -> None:
    assert build_pack(SOURCE) == sample_pack_bytes()


def test_every_worked_case_comes_out_to_the_fen(pack: Pack) -> None:
    results = run_tests(pack)
    assert [(result.name, result.differences) for result in results if not result.passed] == []


@pytest.mark.parametrize("case", WORKED)
def test_the_pack_holds_the_worked_case(pack: Pack, case: str) -> None:
    assert any(test.name.split(" ")[0] == case for test in pack.tests)


def test_case_names_are_unique(pack: Pack) -> None:
    names = [test.name for test in pack.tests]
    assert len(set(names)) == len(names)


def test_every_rule_in_a_pipeline_is_hit_by_a_case(pack: Pack) -> None:
    used = {
        rule.spec.id
        for plan in pack.plans.values()
        for liability, _ in plan.liabilities
        for rule in (*liability.concerns, *liability.steps)
    }
    assert used - rules_hit(run_tests(pack)) == set()


def test_every_rule_bites_in_some_case_but_the_safety_net(pack: Pack) -> None:
    # All ratios of the sample are at most 100 %, so a sum never rises above the loss: the rule only guards other parameters.
    assert rules_never_bitten(pack, run_tests(pack)) == ("not_above_loss",)


def test_every_rule_element_parameter_and_pool_is_used(pack: Pack) -> None:
    names: frozenset[str] = frozenset()
    for plan in pack.plans.values():
        for liability, _ in plan.liabilities:
            names |= {rule.spec.id for rule in (*liability.concerns, *liability.steps)}
            names |= {f"{draw.pool.spec.id}_left" for draw in liability.draws} | {liability.spec.date_basis}
            names |= liability.loss_key.names
            for rule in (*liability.concerns, *liability.steps):
                names |= rule.applied.names | rule.not_applied.names
            if liability.spec.shares:
                names |= {liability.spec.shares}
            for draw in liability.draws:
                names |= draw.when.reads if draw.when else frozenset()
        for output in plan.outputs:
            names |= output.expression.reads | (output.when.reads if output.when else frozenset())
    # A date basis is for every rule to choose, whether or not one of the sample's does.
    reached = pack.needs(names) | {"plan", "claim_types", *pack.date_bases.values()}
    assert [name for name in (*pack.rules, *pack.elements, *pack.parameters) if name not in reached] == []
    assert [pool for pool in pack.pools if f"{pool}_left" not in reached] == []


def test_every_sentence_fills_all_its_places_in_the_cases(pack: Pack) -> None:
    unfilled = [
        (result.name, step.rule)
        for result in run_tests(pack)
        if result.decision is not None
        for liability in result.decision.liabilities
        for step in liability.steps
        if re.search(r"[{}]", step.reason.zh + step.reason.en) or not step.reason.zh or not step.reason.en
    ]
    assert unfilled == []


def test_figures_stand_in_plans_and_not_in_rules(pack: Pack) -> None:
    # A literal amount above zero inside a formula would be a limit that no plan can set. The statutory cap is a table.
    literals = [
        rule.spec.id
        for rule in pack.rules.values()
        if rule.spec.expression and re.search(r"[1-9][0-9.]* yuan|0\.0*[1-9][0-9]* yuan", rule.spec.expression)
    ]
    assert literals == []


def test_the_documentation_lists_every_plan_and_element(pack: Pack) -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert describe_plans(pack) in page
    assert describe_elements(pack) in page


def test_loading_twice_gives_the_same_pack() -> None:
    assert load_pack(sample_pack_bytes()).hash == load_pack(sample_pack_bytes()).hash
