"""FEEL's built-in functions: values, names of parameters, and null for every call that does not fit."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from rules.engine.language import Days, Months
from rules.tools.feel import evaluate_feel
from rules.tools.feel_functions import BUILTINS
from rules.tools.feel_values import DateTime, DayTime, OutOfScope, TimeOfDay, Zone

HOUR = 3_600 * 10**9


def plain(value):
    """Numbers as texts, lists as lists: short to write down."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return {key: plain(each) for key, each in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # numbers
        ("decimal(1/3, 2)", "0.33"),
        ("decimal(6.5, 0)", "6"),
        ("decimal(n: 3.5, scale: 0)", "4"),
        ("floor(-1.5)", "-2"),
        ("floor(scale: 1, n: 1.56)", "1.5"),
        ("ceiling(-7.18, 1)", "-7.1"),
        ("round up(-8.2, 0)", "-9"),
        ("round down(-5.5, 0)", "-5"),
        ("round half up(2.5, 0)", "3"),
        ("round half down(2.5, 0)", "2"),
        ("round half up(0.12345678901234567, 15)", "0.123456789012346"),
        ("round up(5.5, -20)", "100000000000000000000"),
        ("round up(5.5, 6177)", None),
        ("round up(5.5)", None),
        ("floor(1.5, null)", None),
        ("abs(-3)", "3"),
        ('abs(@"-PT1H")', DayTime(HOUR)),
        ("modulo(-20.3, 3.5)", "0.7"),
        ("modulo(dividend: 12, divisor: -5)", "-3"),
        ("modulo(1, 0)", None),
        ("sqrt(16)", "4"),
        ("sqrt(-1)", None),
        ("log(0)", None),
        ("exp(0)", "1"),
        ("odd(-3)", True),
        ("even(number: 3)", False),
        ('number("1.000.000,01", ".", ",")', "1000000.01"),
        ('number(from: "1 000.5", grouping separator: " ", decimal separator: null)', "1000.5"),
        ('number("1,000", null, ".")', None),
        ('number("1,5", ",", ",")', None),
        ('number("1e3", null, null)', None),
        # texts
        ('substring("foobar", 3)', "obar"),
        ('substring("foobar", -2, 1)', "a"),
        ('substring(string: "foobar", start position: 3, length: 2)', "ob"),
        ('substring("foobar", 0)', None),
        ('substring("\U0001f40eab", 2)', "ab"),
        ('string length("\\uD83D\\uDC0E")', "1"),
        ('upper case("aBc4")', "ABC4"),
        ('lower case(string: "?@{")', "?@{"),
        ('substring before("foobar", "bar")', "foo"),
        ('substring before("foobar", "x")', ""),
        ('substring after("foobar", "ob")', "ar"),
        ('substring after("foobar", "")', "foobar"),
        ('replace("abcd", "(ab)|(a)", "[$1][$2]")', "[ab][]cd"),
        ('replace("a.b", ".", "$1", "q")', "a$1b"),
        ('replace("aBc", "b", "\\\\$", "i")', "a$c"),
        ('matches("foobar", "^Fo*b", "i")', True),
        ('matches("a\\n", "a$")', False),
        ('matches("a", "[")', None),
        ('matches("a", "a", "z")', None),
        ('split("John Doe", "\\\\s")', ["John", "Doe"]),
        ('split("a;b;;", ";")', ["a", "b", "", ""]),
        ('string join(["a", null, "c"], "-")', "a-c"),
        ('string join(list: ["a", "b"])', "ab"),
        ('string join(["a", 1], "-")', None),
        ("string(1.50)", "1.50"),
        ('string([1, "a", null, true])', '[1, "a", null, true]'),
        ('string({a: "x", b: [1..3)})', '{a: "x", b: [1..3)}'),
        ("string(null)", None),
        # lists
        ("list contains([1, null], null)", True),
        ("count([])", "0"),
        ("count(1)", None),
        ("sum([])", None),
        ("product(2, 3, 4)", "24"),
        ("mean([1, 2])", "1.5"),
        ("median([9, 3, 4, 6])", "5"),
        ("stddev([47])", None),
        ("mode(6, 1, 9, 6, 1)", ["1", "6"]),
        ("mode([])", []),
        ('min("b", "a")', "a"),
        ('max([1, "a"])', None),
        ("max([])", None),
        ("min([null, 1])", None),
        ("sublist([4, 5, 6], 2)", ["5", "6"]),
        ("sublist([4, 5, 6], -2, 1)", ["5"]),
        ("append([1], 2, 3)", ["1", "2", "3"]),
        ("concatenate([1], [2, 1])", ["1", "2", "1"]),
        ("insert before([1, 3], 1, 2)", ["2", "1", "3"]),
        ("insert before([1, 3], 3, 2)", None),
        ("remove([1, 2, 3], -1)", ["1", "2"]),
        ("list replace([2, 4, 7], 3, 6)", ["2", "4", "6"]),
        ("list replace([2, 4, 7], function(item, newItem) item < newItem, 5)", ["5", "5", "7"]),
        ("reverse([1, 2])", ["2", "1"]),
        ("index of([1, 2, 1], 1)", ["1", "3"]),
        ("union([1, 2], [2, 3])", ["1", "2", "3"]),
        ("distinct values([1, 2, 1])", ["1", "2"]),
        ("flatten([[1, [2]], 3])", ["1", "2", "3"]),
        ("sort([3, 1, 2])", ["1", "2", "3"]),
        ("sort(list: [3, 1, 2], precedes: function(x, y) x > y)", ["3", "2", "1"]),
        ("all([])", True),
        ("any([])", False),
        ("all(true, null, false)", False),
        ("any([1, true])", True),
        ("all(list: [true, null])", None),
        # ranges
        ("before([1..10), 10)", True),
        ("before([1..10], 10)", False),
        ("before(point: 1, range: (1..10])", True),
        ("after(12, [1..10])", True),
        ("meets([1..5], [5..10])", True),
        ("meets([1..5), [5..10])", False),
        ("met by([5..10], [1..5])", True),
        ("overlaps([1..5], (5..8])", False),
        ("overlaps before([1..5], [3..8])", True),
        ("overlaps after([3..8], [1..5])", True),
        ("finishes(10, [1..10])", True),
        ("finishes((5..10], [1..10])", True),
        ("finished by([1..10], 10)", True),
        ("includes([1..10], [2..10])", True),
        ("includes((1..10], 1)", False),
        ("during([2..3], [1..10])", True),
        ("starts([1..5], [1..10])", True),
        ("started by([1..10], 1)", True),
        ("coincides([1..5], [1..5))", False),
        ("before([1..10], null)", None),
        ("meets(1, [1..5])", None),
        # contexts
        ('get value({a: {b: 5}}, ["a", "b"])', "5"),
        ('get value({a: 1}, "b")', None),
        ("get entries({a: 1})", [{"key": "a", "value": "1"}]),
        ('context put({a: {b: 1}}, ["a", "b"], 2)', {"a": {"b": "2"}}),
        ('context put({a: 1}, key: "b", value: 2)', OutOfScope),
        ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": "2", "b": "3"}),
        ('context([{key: "a", value: 1}])', {"a": "1"}),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', None),
        # dates and times
        ("date(2024, 2, 29)", date(2024, 2, 29)),
        ("date(2023, 2, 29)", None),
        ("date(0, 1, 1)", OutOfScope),
        ('date(from: @"2024-02-29T10:00:00Z")', date(2024, 2, 29)),
        ('string(date("-999999999-01-01"))', "-999999999-01-01"),
        ('date("998-12-31")', None),
        ('date("02024-02-29")', None),
        ('date("+2024-02-29")', None),
        ('time(12, 59, 1.3, @"-PT1H")', TimeOfDay(46_741, 300_000_000, Zone(-3600))),
        ("time(hour: 12, minute: 0, second: 0)", TimeOfDay(43_200)),
        ("time(12, 0, 0, null)", TimeOfDay(43_200)),
        ("time(24, 0, 0)", None),
        ('time("10:00:00+25:00")', None),
        (
            'date and time(@"2024-02-29", @"10:00:00Z")',
            DateTime(date(2024, 2, 29), TimeOfDay(36_000, 0, Zone(0))),
        ),
        ('string(date and time("2024-02-29T10:00:00@Asia/Shanghai"))', "2024-02-29T10:00:00@Asia/Shanghai"),
        ('date and time("2024-02-29T10:00:00@Asia/Shanghai").time offset', DayTime(8 * HOUR)),
        ('@"2024-07-01T10:00:00@Europe/Paris" = @"2024-07-01T08:00:00Z"', True),
        ('duration("P2Y15M")', Months(39)),
        ('duration("PT24H")', Days(1)),
        ('duration("P1Y2D")', None),
        ('duration("PT")', None),
        ('duration("P11999999988M")', Months(11_999_999_988)),
        ('duration("P12000000000M")', None),
        ('years and months duration(@"2016-02-29", @"2017-11-05")', Months(20)),
        ('years and months duration(from: @"2019-10-01", to: @"2014-12-31")', Months(-57)),
        ("day of year(date(2019, 9, 17))", "260"),
        ("day of week(date(2019, 9, 17))", "Tuesday"),
        ("month of year(date(2019, 9, 17))", "September"),
        ("week of year(date(2003, 12, 29))", "1"),
        ('is(@"10:00:00Z", @"11:00:00+01:00")', False),
        ("today()", OutOfScope),
        ("now()", OutOfScope),
    ],
)
def test_a_function_gives_its_value(text, value):
    if value is OutOfScope:
        with pytest.raises(OutOfScope):
            evaluate_feel(text, {})
        return
    assert plain(evaluate_feel(text, {})) == value


def quiet(text):
    try:
        return evaluate_feel(text, {})
    except OutOfScope:
        return None


FIXED = {name: builtin for name, builtin in BUILTINS.items() if not any(each.variadic for each in builtin.overloads)}


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_too_few_arguments_are_null(name):
    for count in range(min(each.required for each in BUILTINS[name].overloads)):
        assert quiet(f"{name}({', '.join(['1'] * count)})") is None


@pytest.mark.parametrize("name", sorted(FIXED))
def test_too_many_arguments_are_null(name):
    most = max(len(each.parameters) for each in FIXED[name].overloads)
    assert quiet(f"{name}({', '.join(['1'] * (most + 1))})") is None


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_a_wrong_or_doubled_parameter_name_is_null(name):
    for overload in BUILTINS[name].overloads:
        given = [f"{each}: 1" for each in overload.parameters]
        assert quiet(f"{name}({', '.join([*given, 'nobody: 1'])})") is None
        if given:
            assert quiet(f"{name}({', '.join([*given, given[0]])})") is None


# What null is a proper argument of.
TAKES_NULL = {
    "append",
    "list contains",
    "index of",
    "is",
    "get value",
    "context put",
    "insert before",
    "list replace",
} | {*("all", "any", "mode", "concatenate", "union", "string join")}


@pytest.mark.parametrize("name", sorted(BUILTINS.keys() - TAKES_NULL))
def test_null_for_the_first_argument_is_null(name):
    for count in range(1, 4):
        assert quiet(f"{name}({', '.join(['null', *['1'] * (count - 1)])})") is None


WRONG_KIND = {
    **dict.fromkeys(("decimal", "floor", "ceiling", "round up", "round down"), 2),
    **dict.fromkeys(("round half up", "round half down", "modulo"), 2),
    **dict.fromkeys(("sqrt", "log", "exp", "odd", "even"), 1),
}
WRONG_VALUES = ['"1"', "true", '@"2018-12-06"', '@"10:00:00"', '@"P1Y"', "[1, 2]", "{a: 1}", "[1..2]", "function(x) x"]


@pytest.mark.parametrize(("name", "wrong"), [*product(WRONG_KIND, WRONG_VALUES)])
def test_a_function_of_numbers_is_null_for_anything_else(name, wrong):
    others = ["1"] * (WRONG_KIND[name] - 1)
    assert quiet(f"{name}({', '.join([wrong, *others])})") is None
    if others:
        assert quiet(f"{name}(1, {wrong})") is None


@pytest.mark.parametrize("wrong", ["1", "true", '@"2018-12-06"', "[1]", "{a: 1}", "null"])
@pytest.mark.parametrize(
    "name", ["contains", "starts with", "ends with", "substring before", "substring after", "matches", "split"]
)
def test_a_function_of_texts_is_null_for_anything_else(name, wrong):
    assert quiet(f'{name}({wrong}, "a")') is None
    assert quiet(f'{name}("a", {wrong})') is None


@pytest.mark.parametrize("text", ['"abs"(1)', "123()", "true()", "null()", "[1](1)", "{a: 1}.a(1)", "unknown(1)"])
def test_what_is_no_function_is_not_called(text):
    assert quiet(text) is None
