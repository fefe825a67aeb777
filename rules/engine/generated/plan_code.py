"""The generated code of one plan: its check of facts, its liabilities, its outputs. Each is made when it is first needed.

Promise: what is made is never changed afterwards; two threads that make the same part make equal parts, and one of them stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from rules.engine.generated.explaining import Explain, explain_function
from rules.engine.generated.facts_check import facts_check
from rules.engine.generated.liability import Function, LiabilityWriter, Run
from rules.engine.generated.outputs import outputs_function
from rules.engine.generated.source import Declined, NotGenerated
from rules.engine.language.table_index import TableIndex
from rules.engine.model import ElementId, Value
from rules.engine.pack import CLAIM_TYPES, PLAN, Output, Pack, Plan

# Combinations of claim types whose route is kept; a plan has a handful.
_MOST_ROUTES = 64

Outputs = Callable[[tuple[object, ...], int], tuple[int | None, ...]]


@dataclass(slots=True)
class Route:
    """What is asked for: liabilities by their place in the plan, and outputs.

    ``sums`` and ``traces`` are the liabilities' functions, filled in when they are first called for.
    """

    liabilities: tuple[int, ...]
    outputs: tuple[Output, ...]
    run_outputs: Outputs | None
    sums: tuple[Run, ...] | None = None
    traces: tuple[tuple[int, Run], ...] | None = None


class PlanCode:
    """Generated code of one plan."""

    def __init__(self, pack: Pack, plan: Plan, indexes: dict[tuple[int, ...], TableIndex]) -> None:
        self._pack, self.plan, self._indexes = pack, plan, indexes
        required = dict.fromkeys((PLAN, CLAIM_TYPES, *pack.required_elements(plan.spec.id)))
        self.elements = {str(name): f"e{at}" for at, name in enumerate(required)}
        self.check_source, self.check = facts_check(pack, self.elements)
        self.claim_types_at = list(self.elements).index(CLAIM_TYPES)
        pools = {draw.pool.spec.id for liability, _ in plan.liabilities for draw in liability.draws}
        self.drawn = {pool: at for at, pool in enumerate(sorted(pools))} if len(plan.liabilities) > 1 else {}
        self.no_draws = [0] * len(self.drawn)
        self._answered = {each for liability, _ in plan.liabilities for each in liability.spec.claimed}
        self.routes: dict[object, Route] = {}
        self._sums: dict[int, Run | None] = {}
        self._traced: dict[int, Function | None] = {}
        self._explains: dict[tuple[int, int], tuple[str, str, Explain]] = {}
        self.output_sources: dict[tuple[str, ...], str] = {}

    def place_of(self, liability: str) -> int:
        """Return a liability's place in the plan. Raises KeyError."""
        for at, (each, _) in enumerate(self.plan.liabilities):
            if each.spec.id == liability:
                return at
        raise KeyError(liability)

    def route(self, claim_types: object) -> Route:
        """Return what is asked for. Raises Declined where the reference has to answer."""
        route = self.routes.get(claim_types)
        if route is None:
            route = self._new_route(claim_types)
            if len(self.routes) < _MOST_ROUTES:
                self.routes[claim_types] = route
        return route

    def begin(self, facts: Mapping[ElementId, Value]) -> tuple[tuple[object, ...], Route, list[int]]:
        """Return the checked facts, the way for what they claim, and what was drawn so far: nothing. Raises Declined."""
        values = self.check(facts)
        claim_types = values[self.claim_types_at]
        return values, self.routes.get(claim_types) or self.route(claim_types), self.no_draws.copy()

    def sums(self, route: Route) -> tuple[Run, ...]:
        """Return the functions that give the sums of what is asked for. Raises Declined where one cannot be generated."""
        route.sums = tuple(_made(self.sum_of(at)) for at in route.liabilities)
        return route.sums

    def traces(self, route: Route) -> tuple[tuple[int, Run], ...]:
        """Return the same functions with trace, each with its liability's place. Raises Declined."""
        route.traces = tuple((at, _made(self.traced(at)).run) for at in route.liabilities)
        return route.traces

    def _new_route(self, claim_types: object) -> Route:
        if not isinstance(claim_types, tuple) or not claim_types or not self._answered.issuperset(claim_types):
            raise Declined
        asked = frozenset(str(each) for each in claim_types)
        chosen = tuple(
            at for at, (each, _) in enumerate(self.plan.liabilities) if not asked.isdisjoint(each.spec.claimed)
        )
        outputs = tuple(each for each in self.plan.outputs if not asked.isdisjoint(each.spec.claimed))
        run_outputs = None
        if outputs:
            try:
                source, run = outputs_function(self._pack, self.plan, self.elements, outputs, self._indexes)
            except (NotGenerated, RecursionError) as problem:
                raise Declined from problem
            self.output_sources[tuple(each.spec.id for each in outputs)] = source
            run_outputs = cast("Outputs", run)
        return Route(chosen, outputs, run_outputs)

    def sum_of(self, at: int) -> Run | None:
        """Return the function that gives a liability's sum; None where there is none."""
        try:
            return self._sums[at]
        except KeyError:
            function = self._function(at, traced=False)
            found = self._sums[at] = None if function is None else function.run
            return found

    def traced(self, at: int) -> Function | None:
        """Return the function that gives a liability's trace; None where there is none."""
        try:
            return self._traced[at]
        except KeyError:
            found = self._traced[at] = self._function(at, traced=True)
            return found

    def explain(self, at: int, site: int) -> tuple[str, str, Explain]:
        """Return a liability's id, how it ended at a site, and the function that explains what the trace holds."""
        try:
            return self._explains[at, site]
        except KeyError:
            function = self.traced(at)
            assert function is not None  # noqa: S101 - a trace comes from one
            liability, _ = self.plan.liabilities[at]
            rules = dict(self._pack.rules)
            explain = explain_function(liability, function.sites[site], rules, function.rules)
            made = self._explains[at, site] = liability.spec.id, function.sites[site].end, explain
            return made

    def _function(self, at: int, *, traced: bool) -> Function | None:
        liability, parameters = self.plan.liabilities[at]
        writer = LiabilityWriter(
            pack=self._pack,
            liability=liability,
            parameters=cast("Mapping[str, object]", parameters),
            elements=self.elements,
            drawn=self.drawn,
            indexes=self._indexes,
            traced=traced,
        )
        try:
            return writer.function("traced" if traced else "total")
        except (NotGenerated, RecursionError):
            # A formula nested as deeply as one may be can run the writer out of stack: then the reference decides.
            return None


_Made = TypeVar("_Made")


def _made(function: _Made | None) -> _Made:
    if function is None:
        raise Declined
    return function
