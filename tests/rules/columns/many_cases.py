"""Cases by the hundred thousand, and the three back ends held against each other on them.

Promise: the same (plan, seed, count) gives the same cases. A case is a worked case of the plan with some facts replaced by others at
and between the bounds of their elements, by what other worked cases have, and by figures of the plan give or take one; some facts
are left out. Every value lies within its element's bounds, so that all three back ends decide it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
import numpy as np

from rules.columns import Amounts, Batch, ColumnPack, prepare
from rules.columns.batch import Facts, column_of
from rules.columns.column import taken
from rules.engine import ElementId, FactsError, Pack, canonical, decide, decode_facts, load_pack
from rules.engine.dating import Timeline
from rules.engine.document import ElementSpec, ValueType
from rules.engine.generated import GeneratedPack, generate
from rules.engine.values import bounds, check
from rules.tools.sample import sample_pack_bytes
from tests.rules.columns.comparing import said_by_columns, said_by_reference

_ABSENT = object()
REPLACED, DROPPED = 0.12, 0.001
_TEXTS = ("C50.9", "C73", "D03.9", "8000/3", "8240/3", "I", "II", "T1a", "N0", "M0", "x", "a b")


@dataclass(frozen=True)
class Tally:
    """How many cases each pair of back ends decided alike, how many the generated code left to the reference, and what differed."""

    columns_generated: int
    columns_reference: int
    generated_reference: int
    declined: int
    paid: int
    differences: tuple[str, ...]

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.columns_generated + other.columns_generated,
            self.columns_reference + other.columns_reference,
            self.generated_reference + other.generated_reference,
            self.declined + other.declined,
            self.paid + other.paid,
            self.differences + other.differences,
        )


NOTHING = Tally(0, 0, 0, 0, 0, ())


@dataclass(frozen=True)
class _Element:
    """An element's values to choose from: ``own[case]`` is the place of what a worked case has; the last one is "absent"."""

    spec: ElementSpec
    values: tuple[Any, ...]
    own: Any


class Cases:
    """The cases of one plan."""

    def __init__(self, pack: Pack, plan: str) -> None:
        worked = [dict(decode_facts(pack, msgspec.json.encode(test.facts))) for test in pack.tests]
        own = [facts for facts in worked if facts["plan"] == plan]  # type: ignore[index]
        figures = _figures(pack, plan)
        needed = [name for name in pack.required_elements(plan) if any(name in facts for facts in own)]
        self._count = len(own)
        self._elements = [
            _element(
                pack.elements[ElementId(name)], [facts.get(ElementId(name), _ABSENT) for facts in own], worked, figures
            )
            for name in needed
        ]

    def draw(self, seed: int, count: int) -> tuple[Batch, list[Mapping[ElementId, Any]]]:
        """Return the same cases as a batch and as facts."""
        random = np.random.default_rng(seed)
        base = random.integers(0, self._count, count)
        columns: dict[str, Facts] = {}
        chosen: list[list[Any]] = []
        for element in self._elements:
            places = element.own[base]
            absent = len(element.values)
            if element.spec.id != "plan":
                other = random.integers(0, absent, count)
                places = np.where((random.random(count) < REPLACED) & (places != absent), other, places)
                places = np.where(random.random(count) < DROPPED, absent, places)
            present = places != absent
            column = column_of(element.spec, [*element.values, None])
            if present.any():
                columns[element.spec.id] = Facts(taken(column, places), None if present.all() else present)
            objects = np.empty(absent + 1, dtype=object)
            objects[:] = [*element.values, _ABSENT]
            chosen.append(objects[places].tolist())
        names = [ElementId(element.spec.id) for element in self._elements]
        facts = [
            {name: value for name, value in zip(names, row, strict=True) if value is not _ABSENT}
            for row in zip(*chosen, strict=True)
        ]
        return Batch(count, columns), facts  # type: ignore[return-value]  # one dict a case


def _figures(pack: Pack, plan: str) -> list[Any]:
    found: list[Any] = []
    chosen = pack.plans[plan]
    for parameters in (chosen.parameters, *(own for _, own in chosen.liabilities)):
        for given in parameters.values():
            values = given.values if isinstance(given, Timeline) else (given,)
            for value in values:
                found += value if isinstance(value, tuple) else (value,)
    return found


def _element(
    spec: ElementSpec, own: Sequence[Any], worked: Sequence[Mapping[Any, Any]], figures: Sequence[Any]
) -> _Element:
    values: dict[Any, None] = dict.fromkeys(value for value in own if value is not _ABSENT)
    if spec.id != "plan":
        values.update(dict.fromkeys(facts[spec.id] for facts in worked if spec.id in facts))
        values.update(dict.fromkeys(_more(spec, figures)))
    places = {value: at for at, value in enumerate(values)}
    return _Element(spec, tuple(values), np.array([places.get(value, len(places)) for value in own]))


def _more(spec: ElementSpec, figures: Sequence[Any]) -> Iterator[Any]:
    """Yield further values that the element allows."""
    random = np.random.default_rng(20_261_122)
    scalars = [value for value in _scalars(spec, figures, random) if _allowed(spec, (value,) if spec.many else value)]
    if not spec.many:
        yield from scalars
        return
    yield ()
    for _ in range(40):
        size = int(random.integers(1, min(spec.items or 1, 5) + 1))
        yield tuple(scalars[int(at)] for at in random.integers(0, len(scalars), size))


def _scalars(spec: ElementSpec, figures: Sequence[Any], random: np.random.Generator) -> Iterator[Any]:
    low, high = bounds(spec)
    if spec.type is ValueType.BOOL:
        yield from (True, False)
    elif spec.type is ValueType.MONEY:
        near = [value + less for value in figures if type(value) is int for less in (-1, 0, 1)]
        yield from (
            low,
            high,
            *near,
            *map(int, random.integers(0, 10_000_000, 200)),
            *(10**power for power in range(12)),
        )
    elif spec.type is ValueType.NUMBER:
        near = [value + less for value in figures if isinstance(value, Decimal) for less in (-1, 0, 1)]
        unit = Decimal(1).scaleb(-(spec.scale or 0))
        yield from (low, high, *near, *(Decimal(each) for each in range(40)))
        yield from (low + unit * int(step) for step in random.integers(0, 2000, 40))  # type: ignore[operator]
    elif spec.type is ValueType.DATE:
        yield from (low, high, date(2024, 2, 29), date(2016, 1, 1), date(2015, 12, 31))
        yield from (date(2022, 6, 1) + timedelta(days=int(day)) for day in random.integers(0, 900, 150))
    else:
        yield from _TEXTS


def _allowed(spec: ElementSpec, value: Any) -> bool:
    try:
        check(spec, value)
    except FactsError:
        return False
    return True


@cache
def _sample() -> tuple[Pack, ColumnPack, GeneratedPack]:
    pack = load_pack(sample_pack_bytes())
    return pack, prepare(pack), generate(pack)


@cache
def _cases(plan: str) -> Cases:
    return Cases(_sample()[0], plan)


def compare(plan: str, seed: int, count: int, by_reference: int) -> Tally:
    """Decide ``count`` cases of a plan of the sample pack and compare them."""
    return compare_with(*_sample(), _cases(plan), plan, seed, count, by_reference)


def compare_with(  # noqa: PLR0917 - three back ends, and which cases
    pack: Pack,
    columns: ColumnPack,
    generated: GeneratedPack,
    cases: Cases,
    plan: str,
    seed: int,
    count: int,
    by_reference: int,
) -> Tally:
    """Compare total and every benefit's sum of all cases between columns and generated code, and ``by_reference`` cases in full.

    A case that generated code leaves to the reference is no comparison with it; of these as many are held to the reference.
    """
    batch, facts = cases.draw(seed, count)
    amounts = columns.decide(batch)
    totals, sums = _by_generated(generated, facts, [liability.spec.id for liability, _ in pack.plans[plan].liabilities])
    decided = totals >= 0
    wrong = decided & (totals != amounts.total_fen)
    for liability, fen in sums.items():
        own = amounts.liabilities.get(liability)
        wrong |= decided & (fen != (0 if own is None else own))
    differences = [f"{plan} {seed} {row}: columns and generated code" for row in np.nonzero(wrong)[0][:5].tolist()]
    sampled = [*range(by_reference), *np.nonzero(~decided)[0][:by_reference].tolist()]
    with_generated = 0
    for row in sampled:
        expected = decide(pack, facts[row])
        if said_by_reference(expected) != said_by_columns(amounts, row):
            differences.append(f"{plan} {seed} {row}: columns and reference")
        if decided[row]:
            with_generated += 1
            if canonical(generated.decide(facts[row])) != canonical(expected):
                differences.append(f"{plan} {seed} {row}: generated code and reference")
    return Tally(
        columns_generated=int(decided.sum()),
        columns_reference=len(sampled),
        generated_reference=with_generated,
        declined=int((~decided).sum()),
        paid=_paid(amounts),
        differences=tuple(differences),
    )


def _paid(amounts: Amounts) -> int:
    return int((amounts.total_fen > 0).sum())


def _by_generated(
    generated: GeneratedPack, facts: Sequence[Mapping[ElementId, Any]], liabilities: Sequence[str]
) -> tuple[Any, dict[str, Any]]:
    totals = np.full(len(facts), -1, dtype=np.int64)
    sums = [np.zeros(len(facts), dtype=np.int64) for _ in liabilities]
    for row, claim in enumerate(facts):
        trace = generated.traced(claim)
        if trace is not None:
            totals[row] = trace.total_fen
            for part in trace.parts:
                sums[part.liability][row] = part.values[0]
    return totals, dict(zip(liabilities, sums, strict=True))
