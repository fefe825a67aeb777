"""Dated parameters in another engine (openfisca-core): the same value is in force on the same day."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openfisca_core.parameters import Parameter, ParameterNode

from rules.engine.dating import Timeline
from tests.rules.dated_packs import pack_with, with_parameter
from tests.rules.test_dates import MEDICAL, step

PLAN = "AT-A"


def theirs(values):
    return Parameter("deductible", {"values": {day: {"value": value} for day, value in values.items()}})


def loaded(values):
    """Return the parameter as a pack holds it."""
    return pack_with(with_parameter("deductible", values, PLAN)).plans[PLAN].parameters["deductible"]


def around(values):
    """The day before each change, its day, the day after, and a day far on either side."""
    changes = [date.fromisoformat(day) for day in values]
    days = {change + timedelta(days=beside) for change in changes for beside in (-1, 0, 1)}
    return sorted(days | {min(changes) - timedelta(days=4_000), max(changes) + timedelta(days=4_000)})


days = st.dates(date(1990, 1, 1), date(2080, 12, 31))
histories = st.dictionaries(days.map(date.isoformat), st.integers(0, 10**9), min_size=1, max_size=20).map(
    lambda values: dict(sorted(values.items()))
)


@settings(max_examples=30, deadline=None)
@given(histories, st.lists(days, max_size=10))
def test_the_same_value_is_in_force_on_every_day(values, others):
    timeline, parameter = loaded(values), theirs(values)
    assert isinstance(timeline, Timeline)
    for day in [*around(values), *others]:
        assert timeline.at(day) == parameter.get_at_instant(day.isoformat()), day


@settings(max_examples=100)
@given(histories, st.lists(days, max_size=20))
def test_a_timeline_finds_the_value_of_the_day(values, others):
    timeline = Timeline(tuple(date.fromisoformat(day) for day in values), tuple(values.values()))
    parameter = theirs(values)
    assert [timeline.at(day) for day in [*around(values), *others]] == [
        parameter.get_at_instant(day.isoformat()) for day in [*around(values), *others]
    ]


def test_a_node_of_parameters_is_read_alike():
    figures = {
        "deductible": {"2016-01-01": 10000, "2024-01-01": 20000},
        "cash_per_day": {"2015-06-30": 5000, "2024-02-29": 8000},
    }
    pack = pack_with(*(with_parameter(name, values, PLAN) for name, values in figures.items()))
    node = ParameterNode(
        "plan",
        data={
            name: {"values": {day: {"value": value} for day, value in values.items()}}
            for name, values in figures.items()
        },
    )
    # A node is read as a whole: from the day on which both parameters have a value.
    for day in sorted({day for values in figures.values() for day in around(values) if day >= date(2016, 1, 1)}):
        held = node(day.isoformat())
        for name in figures:
            assert pack.plans[PLAN].parameters[name].at(day) == getattr(held, name)


@pytest.mark.parametrize(
    "on", [date(2023, 9, 2), date(2023, 12, 31), date(2024, 1, 1), date(2024, 1, 2), date(2024, 6, 30)]
)
def test_a_decision_takes_the_value_that_the_other_engine_has(on):
    values = {"2011-04-01": 10000, "2024-01-01": 20000}
    pack = pack_with(with_parameter("deductible", values, PLAN))
    dates = {"accident_date": on, "admission_date": on}
    assert step(pack, MEDICAL, "event_deductible", **dates).value == str(theirs(values).get_at_instant(on.isoformat()))
