"""The silent nulls of other engines: each is a Failure here, with place and cause, or is refused when built.

Source: notes on rules engines, sections 1 and 2 (FEEL's null, quotes forgotten, division by zero, empty lists, wrong types).
"""

from datetime import date, datetime
from decimal import Decimal

import pytest

from rules.engine.language import Failure, FailureCode, Intrinsic, LanguageError, Type, Undefined, compile_expression

NAMES = {
    "a": Type.NUMBER,
    "b": Type.NUMBER,
    "bill": Type.MONEY,
    "text": Type.TEXT,
    "yes": Type.BOOL,
    "day": Type.DATE,
    "lines": Type.list_of(Type.MONEY),
}
ENV = {
    "a": Decimal(1),
    "b": Decimal(0),
    "bill": 100,
    "text": "x",
    "yes": True,
    "day": date(2024, 1, 31),
    "lines": (1, 2),
}


def failure_of(text, functions=None, /, **changes):
    env = {name: value for name, value in {**ENV, **changes}.items() if value is not Ellipsis}
    with pytest.raises(Failure) as caught:
        compile_expression(text, NAMES, functions).evaluate(env)
    return caught.value


@pytest.mark.parametrize(
    "text", ["a + 1", "a = 1", "a != 1", "a > 1", "if a > 1 then 1 else 2", "a in (1, 2)", "max(a, 2)", "not(a = 2)"]
)
@pytest.mark.parametrize(("found", "code"), [(..., FailureCode.MISSING), (None, FailureCode.NULL)])
def test_a_missing_or_empty_value_is_a_failure_not_a_comparison_with_null(text, found, code):
    failure = failure_of(text, a=found)
    assert failure.failure_code is code
    assert failure.detail == "a"
    assert failure.place.text == "a"
    assert "a" in failure.sentence.zh


def test_a_missing_value_never_equals_another_missing_value():
    with pytest.raises(Failure) as caught:
        compile_expression("a = b", NAMES).evaluate({})
    assert caught.value.failure_code is FailureCode.MISSING


def test_an_unquoted_text_is_refused_when_built():
    with pytest.raises(LanguageError) as caught:
        compile_expression("text = VIP", NAMES)
    assert caught.value.code == "unknown_name"
    assert caught.value.place.column == 8


@pytest.mark.parametrize(
    "text",
    [
        "round half up(a / b, 2)",
        "a / b > 1",
        "round half up(bill / b, 2)",
        "round half up(bill / (bill - bill), 2)",
        "floor(a / (b * 5))",
        "a > 0 and (day - day) / (day - day) = 1",
    ],
)
def test_division_by_zero_is_a_failure(text):
    assert failure_of(text).failure_code is FailureCode.DIVISION_BY_ZERO


@pytest.mark.parametrize("text", ["sum(lines)", "min(lines)", "max(lines)"])
def test_an_empty_list_has_no_sum_and_no_extreme(text):
    assert failure_of(text, lines=()).failure_code is FailureCode.EMPTY_LIST


def test_an_empty_list_can_be_counted_first():
    expression = compile_expression("if count(lines) = 0 then 0 yuan else sum(lines)", NAMES)
    assert expression.evaluate({"lines": ()}) == 0
    assert expression.evaluate({"lines": (1, 2)}) == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a", 1),
        ("a", 1.5),
        ("a", "1"),
        ("a", True),
        ("bill", Decimal(100)),
        ("bill", 100.0),
        ("bill", True),
        ("bill", "100"),
        ("text", 1),
        ("yes", 1),
        ("yes", "true"),
        ("day", "2024-01-31"),
        ("day", datetime(2024, 1, 31)),  # noqa: DTZ001 - a date with a clock must be refused with or without a zone
        ("lines", [1, 2]),
        ("lines", (1, None)),
        ("lines", (1, Decimal(2))),
        ("lines", 1),
    ],
)
def test_a_value_of_another_type_is_never_converted(name, value):
    text = {
        "a": "a + 1",
        "bill": "bill + 1 yuan",
        "text": 'text = "x"',
        "yes": "not(yes)",
        "day": "day.year",
        "lines": "count(lines)",
    }
    failure = failure_of(text[name], **{name: value})
    assert failure.failure_code is FailureCode.WRONG_TYPE
    assert name in failure.detail


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("a + 1", {"a": Decimal("NaN")}),
        ("a + 1", {"a": Decimal("Infinity")}),
        ("a + 1", {"a": Decimal("1E+40")}),
        ("a + 1", {"a": Decimal("1E-31")}),
        ("a / 3 > 0", {"a": Decimal("1E+999999")}),
        ("a * a * a * a * a", {"a": Decimal("1234567890123456789012345678901234567890")}),
        ("bill + 1 yuan", {"bill": 10**16}),
        ("bill + bill", {"bill": 10**15}),
        ("round half up(bill * 100, 2)", {"bill": 10**15}),
        ("sum(lines)", {"lines": (10**15, 1)}),
        ("date(a, 1, 1)", {"a": Decimal(0)}),
        ("date(a, 2, 29)", {"a": Decimal(2023)}),
        ("date(a, 2, 29)", {"a": Decimal("2024.5")}),
        ('day + duration("P9998Y")', {}),
        ('day - duration("P999999D")', {}),
        ('0.5 * duration("P1M") > duration("P0M")', {}),
        ('a * duration("P3000000D") > duration("P0D")', {"a": Decimal(2)}),
    ],
)
def test_what_is_out_of_range_is_a_failure(text, changes):
    assert failure_of(text, **changes).failure_code is FailureCode.OUT_OF_RANGE


def test_a_guard_keeps_the_guarded_side_from_being_evaluated():
    guarded = compile_expression("b != 0 and a / b > 1", NAMES)
    assert guarded.evaluate(ENV) is False
    assert compile_expression("b = 0 or a / b > 1", NAMES).evaluate(ENV) is True
    assert compile_expression("if b = 0 then 0 else round half up(a / b, 2)", NAMES).evaluate(ENV) == 0


def test_the_unguarded_side_is_not_forgiven_by_the_other():
    assert failure_of("a / b > 1 or yes").failure_code is FailureCode.DIVISION_BY_ZERO


@pytest.mark.parametrize(
    ("returned", "code"),
    [(None, FailureCode.NULL), (1, FailureCode.WRONG_TYPE), (Decimal("NaN"), FailureCode.OUT_OF_RANGE)],
)
def test_what_an_intrinsic_returns_is_checked(returned, code):
    functions = {"odd": Intrinsic("odd", (), Type.NUMBER, lambda: returned)}
    assert failure_of("odd() + 1", functions).failure_code is code


def test_an_intrinsic_says_where_it_has_no_value():
    def refuse(_number):
        raise Undefined(FailureCode.OUT_OF_RANGE, "grade 11")

    functions = {"grade ratio": Intrinsic("grade ratio", (Type.NUMBER,), Type.NUMBER, refuse)}
    failure = failure_of("1 + grade ratio(a)", functions)
    assert (failure.failure_code, failure.detail, failure.place.text) == (
        FailureCode.OUT_OF_RANGE,
        "grade 11",
        "grade ratio(a)",
    )


def test_a_failure_names_line_and_column():
    failure = failure_of("a +\n   round half up(\n  a / b, 2)")
    assert (failure.place.line, failure.place.column, failure.place.text) == (3, 3, "a / b")
    assert failure.values["detail"] == "1 / 0"
