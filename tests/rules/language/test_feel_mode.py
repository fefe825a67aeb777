"""The FEEL mode: null semantics over the strict evaluator, and a scoring that counts a wrong value as wrong."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from rules.engine.language import Days, LanguageError, Months
from rules.engine.language.errors import Failure
from rules.tools.feel import evaluate_feel
from rules.tools.feel_functions import OutOfScope
from rules.tools.tck import MODES, Verdict, main, score, score_file, score_tables
from rules.tools.tck_cases import Case

ENV = {
    "a": Decimal(3),
    "nothing": None,
    "the list": (Decimal(1), Decimal(2)),
    "s": {"x": Decimal(5), "d": date(2024, 2, 29)},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + nothing", None),
        ("nothing = null", True),
        ("a = null", False),
        ("null != null", False),
        ('a = "3"', None),
        ("a / 0", None),
        ("a / 4", Decimal("0.75")),
        ("1 / 3", Decimal("0.3333333333333333333333333333333333")),
        ("-2 ** 2", Decimal(4)),
        ("2 ** 3 ** 2", Decimal(64)),
        ("2 ** -1", Decimal("0.5")),
        ("false and nothing", False),
        ("true and nothing", None),
        ("true or 7", True),
        ("false or 7", None),
        ("not(nothing)", None),
        ('"a" < "b"', True),
        ('"a" in ("b".."d")', False),
        ("true in [false, 2]", False),
        ("null in [1..2]", None),
        ("if nothing then 1 else 2", Decimal(2)),
        ('[1, "a", null]', (Decimal(1), "a", None)),
        ("[1, 2, 3][-1]", Decimal(3)),
        ("[1, 2, 3][4]", None),
        ("the list[1]", Decimal(1)),
        ("sum(the list)", Decimal(3)),
        ("sum([])", None),
        ("count([])", Decimal(0)),
        ("max([])", None),
        ("mean(1, 2, 4)", Decimal("2.333333333333333333333333333333333")),
        ("median([8, 2, 5, 7])", Decimal(6)),
        ("modulo(-12, 5)", Decimal(3)),
        ("even(-2)", True),
        ('odd("1")', None),
        ("all([true, null])", None),
        ("any([false, true, null])", True),
        ('number("1,000.5", ",", ".")', Decimal("1000.5")),
        ('number("1,000.5", ".", ".")', None),
        ("string(1.50)", "1.50"),
        ("1.23e2 = 123", True),
        ("s.x + 1", Decimal(6)),
        ("s.d.year", Decimal(2024)),
        ("s.y", None),
        ("abs(nothing)", None),
        ("abs(1, 2)", None),
        ("round up(5.5, 6176)", Decimal("5.5")),
        ('@"P1M" * 2.5', Months(2)),
        ('@"P10D" / 4 * 2', OutOfScope),
        ('@"P10D" / 5', Days(2)),
        ('date("2024-02-30")', LanguageError),
        ('@"10:00:00"', LanguageError),
        ("5 ** 0.5", OutOfScope),
        ("unknown + 1", OutOfScope),
        ("[1..3] = [1..3]", True),
        ("(< 10) = (null..10)", False),
        ("3 in [[1..2], [3..4]]", True),
        ("[1, 2] in [[1, 2, 3], [1, 2]]", True),
        ("some x in the list satisfies x > 1", True),
        ("every x in the list satisfies x > 1", False),
    ],
)
def test_feel_answers_or_refuses(text, value):
    if isinstance(value, type):
        with pytest.raises((value, Failure)):
            evaluate_feel(text, ENV)
        return
    found = evaluate_feel(text, ENV)
    assert found == value
    assert type(found) is type(value)


def case(expression, expected, *, error=False):
    return Case("t/1", "core", expression, {}, expected, error)


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        (case("1 + 1", Decimal(2)), Verdict.RIGHT),
        (case("1 + 1", Decimal(3)), Verdict.WRONG),
        (case("1 + 1", "2"), Verdict.WRONG),
        (case("1 = 1", Decimal(1)), Verdict.WRONG),
        (case("1 + 1", None, error=True), Verdict.WRONG),
        (case("1 + true", None, error=True), Verdict.RIGHT),
        (case("(1", Decimal(1)), Verdict.REFUSED),
        (case("round half even(0.66666666666666, 12)", Decimal("0.66666666667")), Verdict.RIGHT),
        (case("2.4", Decimal(2)), Verdict.WRONG),
        (case("[1, 2]", (Decimal(1),)), Verdict.WRONG),
    ],
)
@pytest.mark.parametrize("mode", list(MODES))
def test_scoring(asked, verdict, mode):
    assert score(asked, MODES[mode]).verdict is verdict
    assert score(asked, lambda _case: "something else").verdict is Verdict.WRONG


def test_a_null_where_a_value_is_expected_is_wrong():
    assert score(case("null + 1", Decimal(1)), MODES["feel mode"]).verdict is Verdict.WRONG


def test_the_command_prints_a_score_and_fails_on_wrong(tmp_path, capsys):
    lines = [
        {
            "id": "x/1",
            "group": "core",
            "expression": "1 + 1",
            "inputs": {},
            "expected": {"number": "2"},
            "error": False,
        },
        {
            "id": "x/2",
            "group": "core",
            "expression": "a.b",
            "inputs": {"a": {"context": {}}},
            "expected": True,
            "error": False,
        },
        {
            "id": "0082-feel-coercion/1",
            "group": "core",
            "expression": "1",
            "inputs": {},
            "expected": None,
            "error": True,
        },
    ]
    data = tmp_path / "expressions.jsonl"
    data.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert main([str(data)]) == 1
    table = capsys.readouterr().out
    assert "strict     core            3      1        1      0           1" in table
    assert "feel mode  core            3      1        0      1           1" in table


OUTSIDE = sorted(Path(__file__).resolve().parents[4].glob("*/tck/feel.jsonl"))
outside_data = pytest.mark.skipif(
    not OUTSIDE, reason="the outside FEEL test data (tck/feel.jsonl in a folder beside the repository) is not here"
)


@outside_data
@pytest.mark.parametrize(("mode", "core", "temporal"), [("strict", 399, 321), ("feel mode", 497, 332)])
def test_outside_cases_are_never_wrong_and_no_fewer_are_right(mode, core, temporal):
    outcomes = score_file(OUTSIDE[0], MODES[mode])
    assert [outcome for outcome in outcomes if outcome.verdict is Verdict.WRONG] == []
    right = [outcome.case.group for outcome in outcomes if outcome.verdict is Verdict.RIGHT]
    assert right.count("core") >= core
    assert right.count("temporal") >= temporal


@outside_data
def test_outside_tables_are_never_wrong():
    outcomes = score_tables(OUTSIDE[0].with_name("tables.jsonl"))
    assert [outcome for outcome in outcomes if outcome.verdict is Verdict.WRONG] == []
    assert sum(outcome.verdict is Verdict.RIGHT for outcome in outcomes) >= 19
