"""Every small slip that could have been made in a pack: rules, tables, figures of plans, steps, draws, outputs.

Promise: the order is fixed; each mutant is a whole pack in which one thing differs, built only when it is asked for; each knows
the worked cases that can notice it (``cases``, indexes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from rules.checking.node_changes import Change, changes, negated
from rules.checking.node_text import text_of
from rules.checking.nodes import everywhere
from rules.checking.pack_parts import with_body, with_liabilities, with_node, with_plan, with_pool, with_rules
from rules.checking.parameter_changes import given_text, instead_of_given
from rules.checking.probing import Notes
from rules.checking.same_meaning import safety_nets
from rules.checking.table_changes import table_changes
from rules.engine.dating import AT, Given
from rules.engine.document import DateBasis, RuleKind
from rules.engine.language import Expression, Table
from rules.engine.language.ir import Read
from rules.engine.model import Value
from rules.engine.pack import (
    CLAIM_TYPES,
    PLAN,
    Draw,
    Liability,
    Output,
    Pack,
    Plan,
    Pool,
    Rule,
    liability_names,
    pool_of,
)
from rules.engine.values import language_type

# A value among the steps only tells, and one rounding there must be.
_KEPT = frozenset({RuleKind.VALUE, RuleKind.ROUND})


@dataclass(frozen=True, slots=True)
class Mutant:
    """One slip: where it is, what was written and what it became (``-``: left out), the cases that may notice, the pack with it.

    ``equivalent`` says that no case could: both mean the same. ``extra_work`` is what making the pack costs, in decisions.
    """

    part: str
    before: str
    after: str
    cases: tuple[int, ...]
    pack: Callable[[], Pack]
    equivalent: bool = False
    extra_work: int = 0


def mutants(pack: Pack, notes: Notes) -> Iterator[Mutant]:
    """Yield every mutant of a pack whose cases ran as ``notes`` tell."""
    maker = _Maker(pack, notes)
    for rule in pack.rules.values():
        yield from maker.of_rule(rule)
    for pool in pack.pools.values():
        yield from maker.of_pool(pool)
    liabilities = {each.spec.id: each for plan in pack.plans.values() for each, _ in plan.liabilities}
    for liability in liabilities.values():
        yield from maker.of_liability(liability)
    for plan in pack.plans.values():
        yield from maker.of_plan(plan)


class _Maker:
    """Makes the mutants of one pack."""

    def __init__(self, pack: Pack, notes: Notes) -> None:
        self._pack = pack
        self._notes = notes
        self._nets = safety_nets(pack)
        self._plan_of = [case.facts.get(PLAN) for case in notes.cases]
        self._claims = [frozenset(_texts(case.facts.get(CLAIM_TYPES, ()))) for case in notes.cases]

    def of_rule(self, rule: Rule) -> Iterator[Mutant]:
        """Yield the slips of one rule, and those of the dates that it reads by."""
        part = f"rule {rule.spec.id}"
        cases = tuple(sorted(self._notes.rules.get(rule.spec.id, ())))
        body = rule.body
        if isinstance(body, Table):
            for before, after, table in table_changes(body):
                yield Mutant(
                    part, before, after, cases, partial(self._with, rule, table), extra_work=len(body.cells) // 25
                )
            return
        for change in changes(body.node):
            equivalent = self._nets.loosened(rule, change)
            yield self._mutant(part, change, cases, partial(self._with_node, rule, body, change), equivalent)
        for change in self._other_bases(body):
            yield self._mutant(part, change, cases, partial(self._with_node, rule, body, change))
        if rule.spec.kind in (RuleKind.GATE, RuleKind.REFER):
            turned = negated(body.node)
            whole = Change(turned, body.node, turned)
            yield self._mutant(part, whole, cases, partial(self._with_node, rule, body, whole))
        for what, without in (("waiver", replace(rule, waiver=None)), ("override", replace(rule, override=None))):
            if getattr(rule, what) is not None:
                yield Mutant(part, what, "-", cases, partial(with_rules, self._pack, {rule.spec.id: without}))
        if rule.spec.remainder is not None:
            without = replace(rule, spec=msgspec.structs.replace(rule.spec, remainder=None))
            yield Mutant(part, "remainder", "-", cases, partial(with_rules, self._pack, {rule.spec.id: without}))

    def of_pool(self, pool: Pool) -> Iterator[Mutant]:
        """Yield the slips of a pool's limit."""
        if pool.limit is None:
            return
        cases = self._cases(lambda liability: self._touches(liability, pool.spec.id))
        for change in changes(pool.limit.node):
            limited = replace(pool, limit=with_node(pool.limit, change.whole))
            yield self._mutant(f"pool {pool.spec.id}", change, cases, partial(with_pool, self._pack, limited))

    def of_liability(self, liability: Liability) -> Iterator[Mutant]:
        """Yield a benefit without one of its steps, concerns, draws or shares, and the slips of its draws."""
        part = f"liability {liability.spec.id}"
        cases = self._cases(lambda other: other.spec.id == liability.spec.id)

        def exchanged(before: str, after: str, changed: Liability) -> Mutant:
            return Mutant(part, before, after, cases, partial(_with_liability, self._pack, changed))

        for index, rule in enumerate(liability.concerns):
            without = replace(liability, concerns=_without(liability.concerns, index))
            yield exchanged(rule.spec.id, "-", without)
        for index, rule in enumerate(liability.steps):
            if rule.spec.kind not in _KEPT:
                without = replace(liability, steps=_without(liability.steps, index))
                same = self._nets.dropped(liability.spec.id, rule.spec.id)
                yield replace(exchanged(rule.spec.id, "-", without), equivalent=same)
        for index, draw in enumerate(liability.draws):
            before, behind = liability.draws[:index], liability.draws[index + 1 :]
            yield exchanged(f"draw on {draw.pool.spec.id}", "-", replace(liability, draws=(*before, *behind)))
            for text, after, changed in _draw_changes(draw):
                yield exchanged(text, after, replace(liability, draws=(*before, changed, *behind)))
        if liability.spec.shares is not None:
            spec = msgspec.structs.replace(liability.spec, shares=None)
            yield exchanged(f"shares {liability.spec.shares}", "-", replace(liability, spec=spec))

    def of_plan(self, plan: Plan) -> Iterator[Mutant]:
        """Yield the slips of a plan's figures and of its outputs."""
        part = f"plan {plan.spec.id}"
        cases = tuple(index for index, name in enumerate(self._plan_of) if name == plan.spec.id)
        for name, given in plan.parameters.items():
            own = {each.liability for each in plan.spec.liabilities if name in each.parameters}
            for other in instead_of_given(given):
                changed = _with_parameter(plan, name, other, keeping=own)
                yield self._figure(part, name, (given, other), cases, changed)
        for liability, parameters in plan.liabilities:
            for name in _own_figures(plan, liability):
                for other in instead_of_given(parameters[name]):
                    changed = _with_own_parameter(plan, liability, name, other)
                    where = f"{part}, liability {liability.spec.id}"
                    yield self._figure(where, name, (parameters[name], other), cases, changed)
        for index, output in enumerate(plan.outputs):
            claimed = frozenset(output.spec.claimed)
            asked = tuple(case for case in cases if not claimed.isdisjoint(self._claims[case]))
            for text, after, instead in _output_changes(output):
                outputs = (*plan.outputs[:index], *instead, *plan.outputs[index + 1 :])
                mutated = partial(with_plan, self._pack, replace(plan, outputs=outputs))
                yield Mutant(f"{part}, output {output.spec.id}", text, after, asked, mutated)

    def _figure(self, part: str, name: str, pair: tuple[Given, Given], cases: tuple[int, ...], plan: Plan) -> Mutant:
        spec = self._pack.parameters[name]
        before, after = (given_text(given, language_type(spec.type, spec.many)) for given in pair)
        return Mutant(part, f"{name} {before}", after, cases, partial(with_plan, self._pack, plan))

    def _other_bases(self, body: Expression) -> Iterator[Change]:
        """Yield the rule reading a dated figure, or the date of its versions, by another date basis."""
        known = [DateBasis.LIABILITY, *self._pack.date_bases]
        for node, put in everywhere(body.node):
            if isinstance(node, Read) and AT in node.name and node.name not in self._pack.rules:
                stem, _, basis = node.name.partition(AT)
                for other in known:
                    if other.value != basis and stem not in self._pack.rules:
                        after = replace(node, name=f"{stem}{AT}{other.value}")
                        yield Change(put(after), node, after)

    def _mutant(
        self, part: str, change: Change, cases: tuple[int, ...], pack: Callable[[], Pack], equivalent: bool = False
    ) -> Mutant:
        return Mutant(part, text_of(change.before), text_of(change.after), cases, pack, equivalent)

    def _with(self, rule: Rule, make: Callable[[], Table]) -> Pack:
        return with_rules(self._pack, {rule.spec.id: with_body(rule, make())})

    def _with_node(self, rule: Rule, body: Expression, change: Change) -> Pack:
        return with_rules(self._pack, {rule.spec.id: with_body(rule, with_node(body, change.whole))})

    def _cases(self, wanted: Callable[[Liability], bool]) -> tuple[int, ...]:
        """Return the cases that ask for a benefit of that sort."""
        found = []
        for index, name in enumerate(self._plan_of):
            plan = self._pack.plans.get(str(name))
            claimed = self._claims[index]
            if plan is not None and any(
                wanted(each) and not claimed.isdisjoint(each.spec.claimed) for each, _ in plan.liabilities
            ):
                found.append(index)
        return tuple(found)

    def _touches(self, liability: Liability, pool: str) -> bool:
        drawn = any(draw.pool.spec.id == pool for draw in liability.draws)
        return drawn or any(pool_of(name) == pool for name in self._pack.needs(liability_names(liability)))


def _without(rules: tuple[Rule, ...], index: int) -> tuple[Rule, ...]:
    return (*rules[:index], *rules[index + 1 :])


def _texts(value: Value) -> Iterator[str]:
    return (str(each) for each in value) if isinstance(value, tuple) else iter(())


def _with_liability(pack: Pack, changed: Liability) -> Pack:
    return with_liabilities(pack, lambda each: changed if each.spec.id == changed.spec.id else each)


def _with_parameter(plan: Plan, name: str, value: Given, keeping: set[str]) -> Plan:
    pairs = tuple(
        (each, values if each.spec.id in keeping or name not in values else {**values, name: value})
        for each, values in plan.liabilities
    )
    return replace(plan, parameters={**plan.parameters, name: value}, liabilities=pairs)


def _own_figures(plan: Plan, liability: Liability) -> tuple[str, ...]:
    return tuple(
        name for each in plan.spec.liabilities if each.liability == liability.spec.id for name in each.parameters
    )


def _with_own_parameter(plan: Plan, liability: Liability, name: str, value: Given) -> Plan:
    pairs = tuple(
        (each, {**values, name: value}) if each is liability else (each, values) for each, values in plan.liabilities
    )
    return replace(plan, liabilities=pairs)


def _draw_changes(draw: Draw) -> Iterator[tuple[str, str, Draw]]:
    for change in changes(draw.amount.node):
        changed = replace(draw, amount=with_node(draw.amount, change.whole))
        yield f"draw {text_of(change.before)}", text_of(change.after), changed
    if draw.when is not None:
        yield f"draw on {draw.pool.spec.id} when {text_of(draw.when.node)}", "-", replace(draw, when=None)
        for change in changes(draw.when.node):
            changed = replace(draw, when=with_node(draw.when, change.whole))
            yield f"draw when {text_of(change.before)}", text_of(change.after), changed


def _output_changes(output: Output) -> Iterator[tuple[str, str, tuple[Output, ...]]]:
    yield output.spec.id, "-", ()
    for change in changes(output.expression.node):
        changed = replace(output, expression=with_node(output.expression, change.whole))
        yield text_of(change.before), text_of(change.after), (changed,)
    if output.when is not None:
        yield f"when {text_of(output.when.node)}", "-", (replace(output, when=None),)
        for change in changes(output.when.node):
            changed = replace(output, when=with_node(output.when, change.whole))
            yield f"when {text_of(change.before)}", text_of(change.after), (changed,)
