"""Every operator over every pair of kinds: a value exactly where the standard gives one, null or a refusal everywhere else.

The tables are written out by hand from the standard (DMN 1.5, tables 53, 54, 58 to 60), not derived from the evaluator.
"""

from itertools import product

import pytest

from rules.tools.feel import evaluate_feel
from rules.tools.feel_strict import type_of
from rules.tools.feel_values import OutOfScope

VALUES = {
    "number": "10",
    "string": '"10"',
    "boolean": "true",
    "date": '@"2021-01-01"',
    "time": '@"10:10:10"',
    "moment": '@"2021-01-01T10:10:10"',
    "days": '@"P1D"',
    "clock": '@"PT1H"',
    "months": '@"P1Y"',
    "list": "[10]",
    "range": "[1..10]",
    "context": "{a: 1}",
    "function": "(function(x) x)",
    "null": "null",
}
PERIODS = ("days", "clock")
POINTS = ("date", "time", "moment")

ADDED = {("number", "number"), ("string", "string"), ("months", "months"), *product(PERIODS, PERIODS)}
ADDED |= {*product(POINTS, PERIODS), *product(PERIODS, POINTS)}
ADDED |= {(each, "months") for each in ("date", "moment")} | {("months", each) for each in ("date", "moment")}
TAKEN = {("number", "number"), ("months", "months"), *product(PERIODS, PERIODS), *((each, each) for each in POINTS)}
TAKEN |= {*product(POINTS, PERIODS)} | {(each, "months") for each in ("date", "moment")}
SCALED = {("number", "number")} | {(each, "number") for each in (*PERIODS, "months")}
RESULTS = {
    "+": ADDED,
    "-": TAKEN,
    "*": SCALED | {("number", each) for each in (*PERIODS, "months")},
    "/": SCALED | {("months", "months"), *product(PERIODS, PERIODS)},
    "**": {("number", "number")},
}
LIKE = {(each, each) for each in VALUES} | {*product(PERIODS, PERIODS)}
ORDERED = {pair for pair in LIKE if pair[0] in ("number", "string", *POINTS, *PERIODS, "months")}
COMPARED = {
    "<": ORDERED,
    "<=": ORDERED,
    ">": ORDERED,
    ">=": ORDERED,
    # Null is never equal to a value, and that is a value; functions are not compared.
    "=": (LIKE | {pair for pair in product(VALUES, VALUES) if "null" in pair}) - {("function", "function")},
}


def answer(text):
    try:
        return evaluate_feel(text, {})
    except OutOfScope:
        return None


@pytest.mark.parametrize(("operator", "left"), [*product({**RESULTS, **COMPARED}, VALUES)])
def test_an_operator_has_a_value_exactly_where_the_standard_gives_one(operator, left):
    answered = {right for right in VALUES if answer(f"{VALUES[left]} {operator} {VALUES[right]}") is not None}
    assert answered == {right for right in VALUES if (left, right) in {**RESULTS, **COMPARED}[operator]}


@pytest.mark.parametrize("kind", VALUES)
def test_only_numbers_and_durations_are_negated(kind):
    assert (answer(f"-({VALUES[kind]})") is not None) is (kind in ("number", *PERIODS, "months"))


@pytest.mark.parametrize(("operator", "decisive"), [("and", False), ("or", True)])
@pytest.mark.parametrize(("left", "right"), [*product(["true", "false", "null", "0", '"true"', "[true]"], repeat=2)])
def test_three_valued_logic(operator, decisive, left, right):
    sides = [{"true": True, "false": False}.get(each) for each in (left, right)]
    expected = decisive if decisive in sides else None if None in sides else not decisive
    assert evaluate_feel(f"{left} {operator} {right}", {}) is expected


def test_an_unknown_python_value_is_no_value_of_the_language():
    with pytest.raises(OutOfScope):
        type_of(1.5)
