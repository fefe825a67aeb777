"""The FEEL mode: null semantics over the strict evaluator."""

from datetime import date
from decimal import Decimal

import pytest

from rules.engine.language import Days, Months
from rules.tools.feel import evaluate_feel
from rules.tools.feel_values import FarDate, OutOfScope, Range, TimeOfDay

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
        ("nothing != nothing", False),
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
        ('"e" in ("f".."h")', False),
        ("true in [false, 2]", False),
        ("null in [1..2]", None),
        ("null in [1, null]", OutOfScope),
        ("1 in null", OutOfScope),
        ("0 between 1 and null", OutOfScope),
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
        ("median([9, 3, 4, 6])", Decimal(5)),
        ("modulo(-17, 5)", Decimal(3)),
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
        ("round up(4.5, 6176)", Decimal("4.5")),
        ('@"P1M" * 2.5', Months(2)),
        ('@"P10D" / 4 * 2', Days(5)),
        ('@"PT0.000000001S" / 2', OutOfScope),
        ('@"P10D" / 5', Days(2)),
        ('date("2024-02-30")', None),
        ('@"2024-02-30"', OutOfScope),
        ('@"10:00:00"', TimeOfDay(36_000)),
        ('date("-1234-06-30")', FarDate(-1234, 6, 30)),
        ("5 ** 0.5", Decimal("2.236067977499789696409173668731276")),
        ("(-8) ** 0.5", None),
        ("0 ** 0", OutOfScope),
        ("1 = 1 = true", OutOfScope),
        ("unknown + 1", OutOfScope),
        ("[1..3] = [1..3]", True),
        ("[1..3]", Range(Decimal(1), Decimal(3), True, True)),
        ("(< 12) = (null..12)", False),
        ("3 in [[1..2], [3..4]]", True),
        ("[1, 2] in [[1, 2, 3], [1, 2]]", True),
        ("some x in the list satisfies x > 1", True),
        ("every x in the list satisfies x > 1", False),
    ],
)
def test_feel_answers_or_refuses(text, value):
    if isinstance(value, type):
        with pytest.raises(value):
            evaluate_feel(text, ENV)
        return
    found = evaluate_feel(text, ENV)
    assert found == value
    assert type(found) is type(value)
