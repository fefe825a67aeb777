"""The evaluator equals direct Python arithmetic on generated expression trees, and depends on nothing outside."""

import decimal
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine.language import Failure, Intrinsic, Type, compile_expression
from rules.engine.language.exact import MAX_MONEY_FEN

NAMES = {"x": Type.NUMBER, "y": Type.NUMBER, "m": Type.MONEY, "n": Type.MONEY, "p": Type.BOOL}


@dataclass(frozen=True)
class Case:
    """A text, and what direct arithmetic makes of it with exact fractions (money in fen)."""

    text: str
    value: object  # a function of the environment


def _number(value):
    return Case(f"{value:f}" if value >= 0 else f"({value:f})", lambda _env: Fraction(value))


def _money(fen):
    text = f"{Decimal(abs(fen)).scaleb(-2):f} yuan"
    return Case(text if fen >= 0 else f"(-{text})", lambda _env: Fraction(fen))


def _name(name):
    return Case(name, lambda env: Fraction(env[name]))


def _apply(pattern, function, *cases):
    return Case(
        pattern.format(*(case.text for case in cases)), lambda env: function(*(case.value(env) for case in cases))
    )


def _round_half_up(value, scale):
    scaled = abs(value) * 10**scale
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**scale)


OPERATORS = [
    ("({} + {})", lambda a, b: a + b),
    ("({} - {})", lambda a, b: a - b),
    ("max({}, {})", max),
    ("min({}, {})", min),
]
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000)


def trees(leaf, own):
    return st.recursive(leaf, lambda below: st.one_of(*own(below)), max_leaves=12)


numbers = trees(
    decimals.map(_number) | st.sampled_from(["x", "y"]).map(_name),
    lambda below: [
        *(st.builds(_apply, st.just(pattern), st.just(function), below, below) for pattern, function in OPERATORS),
        st.builds(_apply, st.just("({} * {})"), st.just(lambda a, b: a * b), below, below),
        st.builds(_apply, st.just("-{}"), st.just(lambda a: -a), below),
        st.builds(_apply, st.just("abs({})"), st.just(abs), below),
        st.builds(_apply, st.just("({} / 8)"), st.just(lambda a: a / 8), below),
        st.builds(_apply, st.just("round half up({}, 2)"), st.just(lambda a: _round_half_up(a, 2)), below),
        st.builds(
            _apply,
            st.just("(if {} < {} then {} else {})"),
            st.just(lambda a, b, c, d: c if a < b else d),
            *(below,) * 4,
        ),
    ],
)
money = trees(
    st.integers(-(10**6), 10**6).map(_money) | st.sampled_from(["m", "n"]).map(_name),
    lambda below: [
        *(st.builds(_apply, st.just(pattern), st.just(function), below, below) for pattern, function in OPERATORS),
        st.builds(
            _apply, st.just("round half up({} * {}, 2)"), st.just(lambda a, b: _round_half_up(a * b, 0)), below, numbers
        ),
        st.builds(
            _apply, st.just("round half up({} / 7, 0)"), st.just(lambda a: 100 * _round_half_up(a / 700, 0)), below
        ),
        st.builds(
            _apply,
            st.just("(if {} between 0 yuan and max(0 yuan, {}) then {} else {})"),
            st.just(lambda a, b, c, d: c if 0 <= a <= max(0, b) else d),
            *(below,) * 4,
        ),
    ],
)
environments = st.fixed_dictionaries(
    {"x": decimals, "y": decimals, "m": st.integers(0, 10**9), "n": st.integers(-(10**6), 10**9), "p": st.booleans()}
)


def evaluate_or_refuse(case, env):
    """Return the result, None where a value on the way left the range (the only failure these trees can have)."""
    try:
        return compile_expression(case.text, NAMES).evaluate(env)
    except Failure as failure:
        assert failure.code == "out_of_range"  # noqa: PT017 - the tree decides whether there is a failure at all
        return None


@settings(max_examples=150)
@given(numbers, environments)
def test_number_trees_equal_exact_fractions(case, env):
    found = evaluate_or_refuse(case, env)
    if found is not None:
        assert isinstance(found, Decimal)
        assert Fraction(found) == case.value(env)
        assert int(found.as_tuple().exponent) <= 0, "no power of ten: 100, not 1E+2"
        assert not str(found).startswith("-0") or found < 0


@settings(max_examples=150)
@given(money, environments)
def test_money_trees_equal_exact_fractions(case, env):
    found = evaluate_or_refuse(case, env)
    if found is not None:
        assert isinstance(found, int)
        assert found == case.value(env)
        assert abs(found) <= MAX_MONEY_FEN


@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=20),
    st.integers(-(10**6), 10**6),
    st.integers(-(10**6), 10**6),
)
def test_list_functions_equal_python(items, low, high):
    names = {"items": Type.list_of(Type.MONEY), "low": Type.MONEY, "high": Type.MONEY}
    env = {"items": tuple(items), "low": low, "high": high}

    def value(text):
        return compile_expression(text, names).evaluate(env)

    assert value("sum(items)") == sum(items)
    assert value("min(items)") == min(items)
    assert value("max(items)") == max(items)
    assert value("count(items)") == len(items)
    assert value("list contains(items, low)") is (low in items)
    assert value("some i in items satisfies i in [low..high)") is any(low <= i < high for i in items)
    assert value("every i in items satisfies i > low or i <= high") is all(i > low or i <= high for i in items)
    assert value("low in items") is (low in items)


@given(decimals, decimals, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]))
def test_a_compared_division_is_exact(x, y, operator):
    third = compile_expression(f"x / 3 {operator} y", NAMES)
    compare = {
        "<": Fraction.__lt__,
        "<=": Fraction.__le__,
        ">": Fraction.__gt__,
        ">=": Fraction.__ge__,
        "=": Fraction.__eq__,
        "!=": Fraction.__ne__,
    }[operator]
    assert third.evaluate({"x": x, "y": y}) is bool(compare(Fraction(x) / 3, Fraction(y)))


def test_three_thirds_are_compared_exactly():
    assert (
        compile_expression("x / 3 = y", NAMES).evaluate(
            {"x": Decimal(1), "y": Decimal("0.3333333333333333333333333333")}
        )
        is False
    )
    assert (
        compile_expression("x / y = m / n", NAMES).evaluate({"x": Decimal(1), "y": Decimal(3), "m": 7, "n": 21}) is True
    )


@pytest.mark.parametrize("precision", [1, 6, 200])
@pytest.mark.parametrize("rounding", [decimal.ROUND_UP, decimal.ROUND_FLOOR])
def test_the_callers_decimal_context_changes_nothing(precision, rounding):
    expression = compile_expression("round half up(m * x / 7, 2) + round half even(n * y, 1)", NAMES)
    env = {"m": 123_456_789, "x": Decimal("0.987654321"), "n": 98_765, "y": Decimal("1.05")}
    expected = expression.evaluate(env)
    with decimal.localcontext(decimal.Context(prec=precision, rounding=rounding, Emax=3, Emin=-3)):
        again = compile_expression(expression.text, NAMES)
        assert again.evaluate(env) == expected
        assert expression.evaluate(env) == expected


def test_where_float_is_wrong_the_language_is_right():
    names = {"r": Type.NUMBER, "m": Type.MONEY}
    # 1.005 * 100 and 0.1 + 0.2 are the classical traps; 167,772.17 is one that 32 bits cannot hold.
    assert compile_expression("0.1 + 0.2 = 0.3", {}).evaluate({}) is True
    assert compile_expression("round half up(r, 2)", names).evaluate({"r": Decimal("1.005")}) == Decimal("1.01")
    assert compile_expression("round half up(m * 1, 2)", names).evaluate({"m": 16_777_217}) == 16_777_217
    assert compile_expression("9007199254740993 + 0", {}).evaluate({}) == Decimal("9007199254740993")


def test_zero_has_no_sign():
    for text in ("-1 * 0", "-0", "-(1 - 1)", "0 / 5 * -1", "round down(-0.4, 0)", "abs(-0)"):
        assert str(compile_expression(text, {}).evaluate({})) == "0"


@pytest.mark.parametrize("text", ["x * 0", "round down(x / 10, 0)", "x * 0 / 8", "ceiling(x / 10)"])
def test_an_intrinsic_never_sees_a_signed_zero(text):
    seen = []

    def look(number):
        seen.append(str(number))
        return number

    functions = {"look at": Intrinsic("look at", (Type.NUMBER,), Type.NUMBER, look)}
    compile_expression(f"look at({text})", NAMES, functions).evaluate({"x": Decimal(-4)})
    assert not seen[0].startswith("-")
