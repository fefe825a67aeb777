"""Looking for a case that breaks a promise, where it could not be proven.

Promise: deterministic. Every worked case of the plan that asks for the benefit is a base; the element takes every value that could
matter (bounds, literals, figures of the plan, facts of the base, and one unit beside each), alone and with one other fact moved.
What is found is a real case with real payouts; what is not found may still exist, and the report says "searched".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import msgspec

from rules.checking.nodes import everywhere
from rules.checking.probing import Notes
from rules.engine import ElementId, Facts, FactsError, Pack, Value
from rules.engine.dating import Given, Timeline
from rules.engine.document import JsonValue
from rules.engine.facts import check_facts
from rules.engine.language import Expression, Failure, Table
from rules.engine.language.ir import Constant, Node
from rules.engine.pack import CLAIM_TYPES, PLAN, Liability, liability_names
from rules.engine.pipeline import run_liability
from rules.engine.scope import Scope
from rules.engine.values import bounds, to_json

MAX_RUNS = 3_000
_MOST_SUMS = 20
# A value of an element, and what is paid for it in fen.
Point = tuple[Value, int]


@dataclass(frozen=True, slots=True)
class Broken:
    """A case that breaks a promise: for a rising element the smaller and the larger case, for a ceiling the case and the ceiling."""

    facts: Facts
    paid_fen: int
    against: Value
    against_fen: int


@dataclass
class Search:
    """Looks for broken promises of one benefit of one plan. ``runs`` counts the cases decided."""

    pack: Pack
    plan: str
    liability: Liability
    parameters: Mapping[str, Given]
    notes: Notes
    runs: int = 0

    def falling(self, element: str) -> Broken | None:
        """Return two cases of which the one with more of ``element`` pays less, or None."""
        begun, name = self.runs, ElementId(element)
        for facts in self._cases(element):
            if name not in facts:
                continue
            if self.runs - begun > MAX_RUNS:
                return None
            found = ((value, self._paid({**facts, name: value})) for value in self._values(element, facts))
            known = [(value, fen) for value, fen in found if fen is not None]
            for low, high in pairwise(known):
                if high[1] < low[1]:
                    (value, less), (larger, more) = self._narrowed(name, facts, low, high)
                    return Broken({**facts, name: larger}, more, value, less)
        return None

    def _narrowed(self, name: ElementId, facts: Facts, low: Point, high: Point) -> tuple[Point, Point]:
        """Return neighbours between two whole sums or days of which the larger still pays less."""
        while True:
            middle = _between(low[0], high[0])
            fen = None if middle is None else self._paid({**facts, name: middle})
            if middle is None or fen is None:
                return low, high
            if fen < low[1]:
                high = (middle, fen)
            else:
                low = (middle, fen)

    def above(self, ceiling: Expression) -> Broken | None:
        """Return a case that pays more than ``ceiling``, or None."""
        begun = self.runs
        for facts in self._cases(""):
            if self.runs - begun > MAX_RUNS:
                return None
            paid = self._paid(facts)
            if not paid:
                continue
            scope = Scope(self.pack, facts, self.parameters, {}, self.liability.spec.date_basis)
            try:
                most = ceiling.evaluate(scope)
            except Failure:
                continue
            if isinstance(most, int) and paid > most:
                return Broken(facts, paid, most, most)
        return None

    def _cases(self, element: str) -> Iterator[Facts]:
        """Yield the bases, then each of them with one other fact at each of its own values that could matter."""
        bases = list(self._bases())
        yield from bases
        for base in bases:
            yield from self._moved(base, element)

    def _bases(self) -> Iterator[Facts]:
        for case in self.notes.cases:
            claimed = case.facts.get(CLAIM_TYPES, ())
            asked = isinstance(claimed, tuple) and not set(self.liability.spec.claimed).isdisjoint(map(str, claimed))
            if asked and case.facts.get(PLAN) == self.plan:
                yield case.facts

    def _moved(self, base: Facts, element: str) -> Iterator[Facts]:
        reached = self.pack.needs(liability_names(self.liability))
        for name in base:
            if name != element and str(name) in reached and name not in (PLAN, CLAIM_TYPES):
                for value in self._values(str(name), base):
                    if value != base[name]:
                        yield {**base, name: value}

    def _paid(self, facts: Facts) -> int | None:
        self.runs += 1
        try:
            check_facts(self.pack, facts)
        except FactsError:
            return None
        return run_liability(self.pack, self.liability, self.parameters, facts, {}).result.amount_fen

    def _values(self, element: str, base: Facts) -> list[Value]:
        """Return the values of an element that could matter, rising: all thresholds, and sums of them, evenly chosen."""
        spec = self.pack.elements[ElementId(element)]
        given = base[ElementId(element)]
        if isinstance(given, bool):
            return [False, True]
        if spec.many or not isinstance(given, int | Decimal | date):
            return [given]
        low, high = bounds(spec)
        kind = type(given)
        points = {value for value in (given, low, high, *self._figures(), *base.values()) if type(value) is kind}
        others = [other for other in base.values() if type(other) is int]
        sums = sorted(value + other for value in points if type(value) is int for other in others)
        beside = {other for value in (*points, *sums[:: 1 + len(sums) // _MOST_SUMS]) for other in _beside(value)}
        inside = (value for value in beside if low <= value <= high)  # type: ignore[operator]  # both ends are of its kind
        return sorted(inside)  # type: ignore[arg-type]  # all of one kind

    def _figures(self) -> Iterator[object]:
        for given in self.parameters.values():
            for value in given.values if isinstance(given, Timeline) else (given,):
                yield from value if isinstance(value, tuple) else (value,)
        for name in sorted(self.pack.needs(liability_names(self.liability))):
            rule = self.pack.rules.get(name)
            if rule is not None:
                for node in _nodes(rule.body):
                    yield from (each.value for each, _ in everywhere(node) if isinstance(each, Constant))


def as_json(facts: Facts) -> dict[str, JsonValue]:
    """Return facts as a finding shows them."""
    return {str(name): msgspec.convert(to_json(value), JsonValue) for name, value in facts.items()}


def _nodes(body: Expression | Table) -> Iterator[Node]:
    if isinstance(body, Expression):
        yield body.node
        return
    for row in body.cells:
        yield from (cell.meets for cell in row if cell is not None)


def _between(low: Value, high: Value) -> Value | None:
    """Return the whole value in the middle; None where there is none between."""
    if type(low) is int and type(high) is int:
        return (low + high) // 2 if high - low > 1 else None
    if isinstance(low, date) and isinstance(high, date):
        return low + timedelta(days=(high - low).days // 2) if (high - low).days > 1 else None
    return None


def _beside(value: object) -> tuple[object, ...]:
    match value:
        case int():
            return (value - 1, value, value + 1)
        case Decimal():
            return (value - 1, value, value + 1)
        case date():
            near = (timedelta(days=step) for step in (-1, 0, 1))
            return tuple(value + step for step in near) if date.min < value < date.max else (value,)
        case _:
            return (value,)
