"""Dates and durations: whole days, whole months, month ends, and the counting that contracts use."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.engine.language import Days, Months, Type, compile_expression

NAMES = {"a": Type.DATE, "b": Type.DATE, "n": Type.NUMBER}


def value_of(text, **env):
    return compile_expression(text, NAMES).evaluate(env)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('date("2024-01-31") + duration("P1M")', date(2024, 2, 29)),
        ('date("2023-01-31") + duration("P1M")', date(2023, 2, 28)),
        ('date("2024-02-29") + duration("P1Y")', date(2025, 2, 28)),
        ('date("2024-02-29") + duration("P4Y")', date(2028, 2, 29)),
        ('date("2024-03-31") - duration("P1M")', date(2024, 2, 29)),
        ('date("2024-01-15") - duration("P2Y3M")', date(2021, 10, 15)),
        ('date("2024-12-31") + duration("P1D")', date(2025, 1, 1)),
        ('date("2024-03-01") - duration("P1D")', date(2024, 2, 29)),
        ('duration("P30D") + date("2024-01-01")', date(2024, 1, 31)),
        ('date("2024-03-01") - date("2024-02-28")', Days(2)),
        ('date("2024-02-28") - date("2024-03-01")', Days(-2)),
        ("date(2024, 2, 29)", date(2024, 2, 29)),
        ('@"P30D" + @"P1D"', Days(31)),
        ('duration("P1Y") - duration("P2M")', Months(10)),
        ('years and months duration(date("2011-12-22"), date("2013-08-24"))', Months(20)),
        ('years and months duration(date("2023-01-31"), date("2023-02-28"))', Months(0)),
        ('years and months duration(date("2024-02-29"), date("2025-02-28"))', Months(11)),
        ('years and months duration(date("2016-01-21"), date("2015-01-21"))', Months(-12)),
        ('(years and months duration(date("2000-05-01"), date("2024-04-30"))).years', Decimal(23)),
        ('(duration("-P1Y6M")).years', Decimal(-1)),
        ('(duration("-P1Y6M")).months', Decimal(-6)),
        ('(date("2024-03-01") - date("2024-02-01")).days', Decimal(29)),
        ('round down((date("2024-03-01") - date("2024-02-01")) / duration("P7D"), 0)', Decimal(4)),
        ('3 * duration("P1M")', Months(3)),
        ('duration("P30D") * -2', Days(-60)),
        ('1.5 * duration("P2M")', Months(3)),
        ('(date("2024-09-01")).weekday', Decimal(7)),
        ('date("2024-02-29") in [date("2024-02-01")..date("2024-03-01"))', True),
        ('date("2024-03-01") in [date("2024-02-01")..date("2024-03-01"))', False),
        ('duration("P12M") = duration("P1Y")', True),
        ('duration("P11M") < duration("P1Y")', True),
        ('abs(date("2024-01-01") - date("2024-01-31"))', Days(30)),
    ],
)
def test_the_calendar(text, value):
    assert value_of(text) == value


def test_a_waiting_period_of_30_days_ends_at_the_31st_day():
    text = 'a - b > duration("P30D")'
    assert value_of(text, b=date(2024, 1, 1), a=date(2024, 1, 31)) is False
    assert value_of(text, b=date(2024, 1, 1), a=date(2024, 2, 1)) is True


dates = st.dates(date(1900, 1, 1), date(2200, 12, 31))


@given(dates, dates)
def test_the_difference_of_dates_added_gives_the_other_date(a, b):
    assert value_of("a + (b - a)", a=a, b=b) == b
    assert value_of("(b - a).days", a=a, b=b) == (b - a) // timedelta(days=1)


@given(dates, dates)
def test_whole_months_are_the_most_that_do_not_pass_the_end(a, b):
    months = value_of("years and months duration(a, b)", a=a, b=b)
    early, late = min(a, b), max(a, b)
    count = abs(months.months)
    index = early.year * 12 + early.month - 1 + count
    assert (index // 12, index % 12 + 1) <= (late.year, late.month)
    same_month = (index // 12, index % 12 + 1) == (late.year, late.month)
    assert not same_month or early.day <= late.day
    following = index + 1
    assert (following // 12, following % 12 + 1, early.day) > (late.year, late.month, late.day)
    assert months.months == (count if a <= b else -count)
