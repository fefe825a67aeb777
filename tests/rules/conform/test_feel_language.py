"""FEEL's grammar beyond packs: contexts, filters, iteration, functions, names of several words; and hostile texts."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine.language import Days, LanguageError, Months
from rules.engine.language import dates as strict_dates
from rules.tools import feel_calendar as calendar
from rules.tools.feel import evaluate_feel
from rules.tools.feel_temporal_text import read_temporal, written
from rules.tools.feel_values import NANOS_A_DAY, DateTime, OutOfScope, TimeOfDay, Zone, day_time
from tests.rules.conform.test_feel_functions import plain

ENV = {
    "Flu Symptoms": ("fever", "cough"),
    "Approved/Declined": "Approved",
    "person": {"name": "An", "home address": {"post code": "100000"}},
    "people": ({"age": Decimal(30), "name": "An"}, {"age": Decimal(60), "name": "Bo"}, {"age": None, "name": "Cy"}),
    "age": Decimal(7),
    "a": Decimal(3),
    "b": Decimal(2),
    "a-b": "one name",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Flu  Symptoms[1]", "fever"),
        ('"cough" in Flu Symptoms', True),
        ('Approved/Declined = "Approved"', True),
        ("person.home address.post code", "100000"),
        ("a-b", "one name"),
        ("a - b", "1"),
        ("{my total: a + b, twice: my total * 2}.twice", "10"),
        ('{"x y": 1} = {x y: 1}', True),
        ("{a: 10, c: a}.c", "10"),
        ("people.name", ["An", "Bo", "Cy"]),
        ("people[age > 40].name", ["Bo"]),
        ("people[-1].name", "Cy"),
        ("people[age > 40][1].name", "Bo"),
        ("[1, 2, 3][item >= 2]", ["2", "3"]),
        ("[1, 2, 3][a]", "3"),
        ("[][item > 1]", []),
        ("for x in [1, 2], y in [10, 20] return x + y", ["11", "21", "12", "22"]),
        ("for i in 3..1 return i", ["3", "2", "1"]),
        ("for i in 0..3 return if i = 0 then 1 else i * partial[-1]", ["1", "1", "2", "6"]),
        ('for d in @"2024-02-28"..@"2024-03-01" return d.day', ["28", "29", "1"]),
        ("some x in [1, 2], y in [2] satisfies x = y", True),
        ("every x in [1, 2] satisfies x < 2", False),
        ("(function(x: number, y: number) x - y)(y: 1, x: 5)", "4"),
        ("{f: function(x) x * 2}.f(4)", "8"),
        ("if a > 2 then if b > 2 then 1 else 2 else 3", "2"),
        ("1 + if a > 2 then 1 else 2", OutOfScope),
        ("(1 + (if a > 2 then 1 else 2))", "2"),
        ("5 in (> 3, < 1)", True),
        ("5 in ]5..6[", False),
        ("[1..3].end included", True),
        ("-a ** 2", "9"),
        ("10 - 2 - 3", "5"),
        ("2 * 3 + 4 / 2 ** 2", "7"),
        ("a instance of number", True),
        ("people instance of list<context<name: string>>", True),
        ('@"PT1H" instance of days and time duration', True),
        ("null instance of Any", False),
        ("[1, null] instance of list<number>", False),
        ("(1..3] instance of range<number>", True),
        ("1 /* one */ + // two\n 2", "3"),
        ("9 ** 99 > 10 ** 94", True),
        ("0.1 + 0.2 = 0.3", True),
        ("1 / 3 * 3 = 1", False),
        ("90071992547409.93 * 100", "9007199254740993"),
        ("12345678901234567890123456789012345 + 0", "12345678901234567890123456789012340"),
        ('"a" + "b" < "b"', True),
    ],
)
def test_a_text_means_what_the_standard_says(text, value):
    if value is OutOfScope:
        with pytest.raises(OutOfScope):
            evaluate_feel(text, ENV)
        return
    assert plain(evaluate_feel(text, ENV)) == value


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "1 +",
            "(1",
            "[1, ]",
            "{a}",
            "{a: 1, a: 2}",
            '"open',
            '@"nonsense"',
            "if 1 then 2",
            "1 2",
            "for x return x",
        ),
        *("1 < 2 < 3", "[..2]", "f(x: 1, 2)", '"\\uD83D"', "function(x) external {}", "a.", "#", "some x satisfies x"),
        *(
            "null[1]",
            "[1][1.5]",
            "if 1 then 2 else 3",
            "for i in 1..100000 return i",
            "unknown",
            "for x in null return x",
        ),
    ],
)
def test_a_text_without_a_meaning_is_refused(text):
    with pytest.raises(OutOfScope):
        evaluate_feel(text, ENV)


@pytest.mark.parametrize("opening", ["(", "[", "-", "not(", "{a: ", "if true then ", "1 in (", "function(x) "])
def test_depth_is_refused_before_the_stack_ends(opening):
    with pytest.raises((OutOfScope, LanguageError)):
        evaluate_feel(opening * 5_000 + "1", {})


ATOMS = [
    *("1", "-2.5", "1e6000", '"a"', "true", "null", "[1, 2]", "[]", "[null]", "[1..3]", "(null..3]", "(< 5)", "{a: 1}"),
    *('@"2021-01-31"', '@"10:10:10Z"', '@"10:10:10@Europe/Paris"', '@"2021-01-01T10:10:10@Asia/Shanghai"', '@"P1D"'),
    *('@"PT1H"', '@"P1Y2M"', 'date("-1234-06-30")', 'duration("P888888888M")', "abs", "(function(x, y) x < y)"),
]
INFIX = ["+", "-", "*", "/", "**", "=", "!=", "<", ">=", "and", "or", "in"]


@st.composite
def texts(draw):
    def text(depth):
        if depth == 0:
            return draw(st.sampled_from(ATOMS))
        left, right = text(depth - 1), text(depth - 1)
        shapes = [
            f"({left} {draw(st.sampled_from(INFIX))} {right})",
            f"({left})[{right}]",
            f"(if {left} then {right} else 1)",
            f"(for x in {left} return {right})",
            f"sum({left}, {right})",
            f"string({left})",
            f"(some x in {left} satisfies x = {right})",
            f"({left} between {right} and 3)",
            f"({left}).year",
        ]
        return draw(st.sampled_from(shapes))

    return text(draw(st.integers(1, 3)))


@settings(max_examples=100, deadline=None)
@given(texts())
def test_any_expression_ends_in_a_value_or_a_refusal(text):
    with suppress(OutOfScope, LanguageError):
        evaluate_feel(text, {})


# --- the calendar against the standard library's and the strict language's

near_dates = st.dates()
zones = (
    st.none()
    | st.integers(-18 * 60, 18 * 60).map(lambda minutes: Zone(minutes * 60))
    | st.just(Zone(None, "Asia/Shanghai"))
)
times = st.builds(TimeOfDay, st.integers(0, 86_399), st.integers(0, 999_999_999), zones)
far_dates = st.builds(
    calendar.make_date, st.integers(-999_999_999, 999_999_999), st.integers(1, 12), st.integers(1, 28)
)
durations = st.integers(-(10**20), 10**20).map(day_time)
months = st.integers(-(10**9), 10**9).map(Months)


@settings(max_examples=100)
@given(near_dates | far_dates | times | st.builds(DateTime, near_dates | far_dates, times) | durations | months)
def test_what_is_written_is_read_back(value):
    text = written(value)
    if text is None or (text.startswith("-") and text[1:5] == "0000"):
        return
    assert read_temporal(text) == value


@settings(max_examples=100)
@given(near_dates, st.integers(-4_000, 4_000))
def test_days_are_added_as_the_standard_library_adds_them(day, count):
    try:
        expected = day + timedelta(days=count)
    except OverflowError:
        return
    assert calendar.date_of_number(calendar.day_number(day) + count) == expected
    assert evaluate_feel("d + n", {"d": day, "n": Days(count)}) == expected


@settings(max_examples=100)
@given(near_dates, near_dates, st.integers(-600, 600))
def test_months_are_counted_as_the_strict_language_counts_them(start, end, count):
    assert calendar.months_between(start, end) == strict_dates.months_between(start, end)
    later = calendar.plus_months(start, Months(count))
    if isinstance(later, date):
        assert later == strict_dates.add_months(start, Months(count))


@settings(max_examples=100)
@given(far_dates, st.integers(-(10**6), 10**6))
def test_far_dates_count_days_without_a_gap(day, count):
    number = calendar.day_number(day)
    assert calendar.date_of_number(number) == day
    other = calendar.date_of_number(number + count)
    if other is not None:
        assert calendar.day_number(other) == number + count


@given(times, durations)
def test_a_clock_goes_round(time, duration):
    there = calendar.time_plus(time, duration)
    assert there.zone == time.zone
    assert calendar.time_plus(there, day_time(-NANOS_A_DAY)) == there
