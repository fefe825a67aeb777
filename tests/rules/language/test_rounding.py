"""Named roundings: vectors by hand, money in fen, and the same answer through an exact quotient."""

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.engine.language import Type, compile_expression
from rules.engine.language.exact import Rounding, round_decimal, round_fraction

MODES = {
    Rounding.UP: ROUND_UP,
    Rounding.DOWN: ROUND_DOWN,
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_DOWN: ROUND_HALF_DOWN,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.FLOOR: ROUND_FLOOR,
    Rounding.CEILING: ROUND_CEILING,
}

# value, scale: up, down, half up, half down, half even, floor, ceiling
VECTORS = [
    ("0.005", 2, "0.01", "0", "0.01", "0", "0", "0", "0.01"),
    ("-0.005", 2, "-0.01", "0", "-0.01", "0", "0", "-0.01", "0"),
    ("0.015", 2, "0.02", "0.01", "0.02", "0.01", "0.02", "0.01", "0.02"),
    ("0.025", 2, "0.03", "0.02", "0.03", "0.02", "0.02", "0.02", "0.03"),
    ("0.0251", 2, "0.03", "0.02", "0.03", "0.03", "0.03", "0.02", "0.03"),
    ("-5.9", 0, "-6", "-5", "-6", "-6", "-6", "-6", "-5"),
    ("5.5", 0, "6", "5", "6", "5", "6", "5", "6"),
    ("-5.5", 0, "-6", "-5", "-6", "-5", "-6", "-6", "-5"),
    ("2.5", 0, "3", "2", "3", "2", "2", "2", "3"),
    ("1.0049999999999999999999999", 2, "1.01", "1", "1", "1", "1", "1", "1.01"),
    ("1.1", 0, "2", "1", "1", "1", "1", "1", "2"),
    ("-0.3", 0, "-1", "0", "0", "0", "0", "-1", "0"),
    ("1250", -2, "1300", "1200", "1300", "1200", "1200", "1200", "1300"),
    ("7", 3, "7", "7", "7", "7", "7", "7", "7"),
]
COLUMNS = [
    Rounding.UP,
    Rounding.DOWN,
    Rounding.HALF_UP,
    Rounding.HALF_DOWN,
    Rounding.HALF_EVEN,
    Rounding.FLOOR,
    Rounding.CEILING,
]
CASES = [
    (mode, value, scale, expected)
    for value, scale, *row in VECTORS
    for mode, expected in zip(COLUMNS, row, strict=True)
]


@pytest.mark.parametrize(("mode", "value", "scale", "expected"), CASES)
def test_a_number_is_rounded_as_the_rounding_is_named(mode, value, scale, expected):
    found = compile_expression(f"{mode}(x, {scale})", {"x": Type.NUMBER}).evaluate({"x": Decimal(value)})
    assert str(found) == expected


@pytest.mark.parametrize(("mode", "value", "scale", "expected"), [case for case in CASES if case[2] <= 2])
def test_money_is_rounded_in_yuan(mode, value, scale, expected):
    fen = compile_expression(f"{mode}(1 yuan * x, {scale})", {"x": Type.NUMBER}).evaluate({"x": Decimal(value)})
    assert isinstance(fen, int)
    assert fen == Decimal(expected) * 100


def test_decimal_and_default_scales():
    names = {"x": Type.NUMBER, "m": Type.MONEY}
    assert compile_expression("decimal(x, 0)", names).evaluate({"x": Decimal("2.5")}) == 2
    assert compile_expression("decimal(x, 0)", names).evaluate({"x": Decimal("-5.9")}) == -6
    assert compile_expression("floor(x)", names).evaluate({"x": Decimal("-1.5")}) == -2
    assert compile_expression("ceiling(m)", names).evaluate({"m": 101}) == 200


def test_a_quotient_is_rounded_once():
    # 1/3 cut to 28 digits first would round 0.5 minus nothing up wrongly; so would a quotient that only looks like a tie.
    names = {"a": Type.NUMBER, "b": Type.NUMBER, "m": Type.MONEY}
    just_below = {"a": Decimal("49999999999999999999999999999999999"), "b": Decimal("1E+37")}
    assert compile_expression("round half up(a / b, 2)", names).evaluate(just_below) == 0
    assert compile_expression("round half up(m / 3, 2)", names).evaluate({"m": 5}) == 2
    assert compile_expression("round half up(m / 3, 2)", names).evaluate({"m": -5}) == -2
    assert (
        compile_expression("round half up(m * a / b, 2)", names).evaluate({"m": 100, "a": Decimal(1), "b": Decimal(8)})
        == 13
    )


def test_the_receipt_of_the_seed_case():
    # 7,743.62 - 1,048.38 = 6,695.24, and no sum of cents is off by one.
    expression = compile_expression("bill - social", {"bill": Type.MONEY, "social": Type.MONEY})
    assert expression.evaluate({"bill": 774_362, "social": 104_838}) == 669_524


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9),
    st.integers(-3, 5),
    st.sampled_from(list(Rounding)),
)
def test_fractions_and_decimals_round_alike(value, scale, mode):
    expected = value.quantize(Decimal(1).scaleb(-scale), rounding=MODES[mode])
    assert round_decimal(value, scale, mode) == expected
    assert round_fraction(Fraction(value), scale, mode) == expected


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6), st.integers(-2, 6), st.sampled_from(list(Rounding)))
def test_a_rounded_quotient_is_within_one_unit_and_on_the_right_side(above, below, scale, mode):
    exact = Fraction(above, below)
    rounded = Fraction(round_fraction(exact, scale, mode))
    unit = Fraction(10) ** -scale
    assert abs(rounded - exact) < unit
    if mode in (Rounding.HALF_UP, Rounding.HALF_DOWN, Rounding.HALF_EVEN):
        assert abs(rounded - exact) <= unit / 2
    if mode is Rounding.FLOOR:
        assert rounded <= exact
    if mode is Rounding.DOWN:
        assert abs(rounded) <= abs(exact)
