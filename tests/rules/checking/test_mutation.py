"""Mutation: which slips are tried, that cases notice them, and that missing cases show."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from rules.checking import Check, Report, mutation
from rules.checking.mutants import Mutant, mutants
from rules.checking.node_changes import changes, neighbours
from rules.checking.node_text import text_of
from rules.checking.nodes import children, everywhere, rebuilt
from rules.checking.probing import Notes, probe
from rules.engine import Pack
from rules.engine.language import Table, Type, compile_expression
from rules.engine.language.closures import build
from tests.rules.checking.broken_packs import loaded, without_cases

NAMES = {
    "a": Type.MONEY,
    "b": Type.MONEY,
    "n": Type.NUMBER,
    "yes": Type.BOOL,
    "no": Type.BOOL,
    "t": Type.TEXT,
    "d": Type.DATE,
}


@pytest.fixture(scope="module")
def notes(pack: Pack) -> Notes:
    return probe(pack)


@pytest.fixture(scope="module")
def found(pack: Pack, notes: Notes) -> list[Mutant]:
    return list(mutants(pack, notes))


def _slips(text: str) -> set[str]:
    return {text_of(change.whole) for change in changes(compile_expression(text, NAMES).node)}


@pytest.mark.parametrize(
    ("text", "slips"),
    [
        ("a + b", {"a - b"}),
        ("n < 18", {"n <= 18", "n >= 18", "n < 19", "n < 17"}),
        ("yes and no", {"yes or no", "yes", "no"}),
        ("min(a, b)", {"max(a, b)", "a", "b"}),
        ("not(yes)", {"yes"}),
        ("a * 0.8", {"a", "a * 0.9", "a * 0.7"}),
        (
            "round half up(a * n, 2)",
            {
                "round half even(a * n, 2)",
                "round down(a * n, 2)",
                "round up(a * n, 2)",
                "round half up(a * n, 1)",
                "round half up(a, 2)",
            },
        ),
        ("if yes then a else b", {"a", "b"}),
        ('starts with(t, "C")', {'not(starts with(t, "C"))', 'starts with(t, "C~")'}),
        ('d >= @"2016-01-01"', {'d > @"2016-01-01"', 'd < @"2016-01-01"', 'd >= @"2016-01-02"', 'd >= @"2015-12-31"'}),
        ("a = 100.00 yuan", {"a != 100.00 yuan", "a = 100.01 yuan", "a = 99.99 yuan"}),
    ],
)
def test_the_slips_of_a_formula(text: str, slips: set[str]) -> None:
    assert _slips(text) == slips


def test_walking_a_formula_and_putting_it_together_again(pack: Pack) -> None:
    for rule in pack.rules.values():
        if not isinstance(rule.body, Table):
            for node, put in everywhere(rule.body.node):
                assert rebuilt(node, children(node)) == node
                assert put(node) == rule.body.node


def test_every_slip_of_the_sample_can_be_run(pack: Pack) -> None:
    for rule in pack.rules.values():
        if not isinstance(rule.body, Table):
            for change in changes(rule.body.node):
                assert change.whole != rule.body.node
                assert change.whole.type == rule.body.node.type
                assert callable(build(change.whole))


def test_neighbours_stay_of_their_kind() -> None:
    for value in (True, 5, "x"):
        assert all(type(other) is type(value) and other != value for other in neighbours(value))


def _shown(found: Iterable[Mutant]) -> list[tuple[str, str, str]]:
    return [(each.part, each.before, each.after) for each in found]


def test_mutants_come_in_a_fixed_order(pack: Pack, notes: Notes, found: list[Mutant]) -> None:
    assert _shown(mutants(pack, notes)) == _shown(found)
    assert len(set(_shown(found))) > 900


def test_each_kind_of_part_has_mutants(found: list[Mutant]) -> None:
    shown = _shown(found)
    assert ("rule less_fund", "amount - fund_paid", "amount + fund_paid") in shown
    assert ("rule no_exclusion", "not(possible_exclusion)", "not(not(possible_exclusion))") in shown
    assert ("rule hospital", "waiver", "-") in shown
    assert ("rule less_prepaid", "remainder", "-") in shown
    assert ("rule thyroid_stage", "age at(birth_date, diagnosis_date): 55", "56") in shown
    assert ("rule premium_multiple", "row 2: 1.4", "1.5") in shown
    assert ("rule minor_cap", "date@death", "date@accident") in shown
    assert ("plan AT-A", "deductible 100.00 yuan", "100.01 yuan") in shown
    assert any(
        part == "plan AT-A" and "2016-01-01" in before and "2016-01-02" in after for part, before, after in shown
    )
    assert ("liability accident_medical", "hospital", "-") in shown
    assert ("liability medical_malignancy", "draw min(paid, malignancy_year_left)", "paid") in shown
    assert ("pool mild_sum", "mild_ratio * mild_times", "mild_ratio") not in shown
    assert ("plan KQ-Z, output patient_pays", "patient_pays", "-") in shown


def test_what_changes_nothing_is_called_equivalent(found: list[Mutant]) -> None:
    same = _shown(each for each in found if each.equivalent)
    assert ("liability accident_medical", "not_above_loss", "-") in same
    assert ("rule not_above_loss", "min(amount, unreimbursed)", "amount") in same
    assert ("rule medical_limit", "min(amount, medical_year_left + prepaid)", "amount") not in same


def test_an_equivalent_slip_is_never_noticed(notes: Notes, found: list[Mutant]) -> None:
    # What is called equivalent must come out as expected in every case that reaches it.
    for mutant in found:
        if mutant.equivalent:
            assert mutation.noticed_by(mutant, notes.cases) is None, mutant


def test_few_cases_score_badly_and_block() -> None:
    pack = loaded(lambda document: without_cases(document, but="F-1"))
    found = mutation.score(pack, probe(pack))
    told = mutation.findings_of(found)
    assert found.mutation.score_percent < 50
    assert told[0].blocking
    assert not any(finding.blocking for finding in told[1:])
    assert len(told) == 1 + len(found.survivors)
    assert "no case comes by here" in told[-1].text.en + told[1].text.en


def test_a_huge_pack_is_sampled_and_says_so(pack: Pack, notes: Notes) -> None:
    found = mutation.score(pack, notes, most_decisions=4_000)
    assert found.mutation.sampled
    assert 50 < found.mutation.mutants < 300
    assert (
        "抽样 / sampled"
        in Report(pack="p", version=1, hash="", findings=(), checks=(Check.MUTATION,), mutation=found.mutation).told()
    )
