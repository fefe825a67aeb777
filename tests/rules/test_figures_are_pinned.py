"""Mutation test of the sample pack: turn any figure of a plan a little, and one of the plan's cases notices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from rules.engine import Pack, load_pack
from rules.engine.dating import Given, Timeline
from rules.engine.document import PackTest
from rules.engine.pack import Plan
from rules.tools.pack_tests import run_tests
from rules.tools.sample import sample_pack_bytes

PACK = load_pack(sample_pack_bytes())
PLANS = ("AT-A", "MG-B", "HS-C", "ZH-S", "CQ-L", "KQ-Z")
# What sets a variant apart from its main plan.
VARIANTS = (("AT-J", "disaster_multiple"), ("MG-B-N", "deductible_offset"), ("HS-C-R", "mild_reduces_severe"))

# Morphologies that no case uses are codes of the same clause, ratios of grades 1 to 10 the standard's table.
FREE = {"differentiated_morphologies", "grade_ratios"}
FIGURES = [(plan, name) for plan in PLANS for name in sorted(PACK.plans[plan].parameters)] + list(VARIANTS)


def turned(value: Given) -> Iterator[Given]:
    """The value a little higher, a little lower, or the other one; of a dated one, each value, and each day that a new one began."""
    if isinstance(value, Timeline):
        for index, each in enumerate(value.values):
            for other in turned(each):
                yield replace(value, values=(*value.values[:index], other, *value.values[index + 1 :]))
        for index, start in enumerate(value.starts):
            # Before its first day a figure is not read, so an earlier first day changes nothing.
            for days in (1, -1) if index else (1,):
                day = start + timedelta(days=days)
                yield replace(value, starts=(*value.starts[:index], day, *value.starts[index + 1 :]))
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 100, value - 100)
    elif isinstance(value, Decimal):
        # A whole number counts days, levels or times; anything else is a ratio.
        step = Decimal(1) if value == value.to_integral_value() and value > 1 else Decimal("0.01")
        yield from (value + step, value - step) if value >= step else (value + 4,)
    elif isinstance(value, str):
        yield value + "9"
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            for other in turned(each):
                yield (*value[:index], other, *value[index + 1 :])


def with_figure(pack: Pack, plan: str, name: str, value: Given) -> Pack:
    def changed(parameters: Mapping[str, Given]) -> Mapping[str, Given]:
        return {**parameters, name: value}

    old: Plan = pack.plans[plan]
    liabilities = tuple((liability, changed(parameters)) for liability, parameters in old.liabilities)
    new = replace(old, parameters=changed(old.parameters), liabilities=liabilities)
    tests: tuple[PackTest, ...] = tuple(test for test in pack.tests if test.facts["plan"] == plan)
    document = msgspec.structs.replace(pack.document, tests=tests)
    return replace(pack, plans={**pack.plans, plan: new}, document=document)


@pytest.mark.parametrize(("plan", "name"), FIGURES)
def test_a_changed_figure_is_noticed(plan: str, name: str) -> None:
    value = PACK.plans[plan].parameters[name]
    assert all(result.passed for result in run_tests(with_figure(PACK, plan, name, value)))
    unnoticed = [
        other
        for other in turned(value)
        if all(result.passed for result in run_tests(with_figure(PACK, plan, name, other)))
    ]
    if name in FREE:
        assert len(unnoticed) < len(list(turned(value)))
    else:
        assert unnoticed == []
