"""Scale and interval of every numeric name of a plan, from the bounds of its elements; and the proof that 64 bits hold them.

Promise: where the facts lie within their elements' bounds, every value that a name or an expression has lies in its span (where
the reference refuses, there is no value and nothing is promised). ``prove_int64`` looks at every intermediate of fixed-point
arithmetic, not at results alone.

Method: interval arithmetic over the typed form (rules/engine/language/ir.py); names are worked out from elements, a plan's
parameters, rules and pools. The running sum is followed step by step.

Source: notes/rules.md §4 ("Scale is inferred statically", "interval analysis from element bounds"), ADR 0112.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from rules.engine.dating import AT, DATE, Timeline
from rules.engine.document import ElementSpec, RuleKind, ValueType
from rules.engine.language import Aggregation, Expression, Table, Type
from rules.engine.language.exact import MAX_MONEY_FEN
from rules.engine.language.ir import Constant, Node
from rules.engine.model import ElementId, PackError
from rules.engine.node_spans import NodeSpans, unscaled
from rules.engine.pack import AMOUNT, BEFORE, PAID, TOTAL, Liability, Pack, Plan, Rule, pool_of
from rules.engine.span import INT64_HIGH, Span, add, hull, larger, negate
from rules.engine.span import total as list_total
from rules.engine.values import bounds

_MONEY = Span(0, -MAX_MONEY_FEN, MAX_MONEY_FEN)
_PAYABLE = Span(0, 0, MAX_MONEY_FEN)
_YES_NO = Span(0, 0, 1)
_ANY_DATE = Span(0, date.min.toordinal(), date.max.toordinal())
# Said of a span by whoever proves something of it: (span, what it is of).
Watch = Callable[[Span, str], None]


def span_of(node: Node, spans: Mapping[str, Span]) -> Span:
    """Return where an expression's value lies, given the spans of the names it reads.

    Raises TypeError for a text, KeyError for a number whose name has no span.
    """
    found = NodeSpans(spans.__getitem__).of(node)
    if found is None:
        raise TypeError(f"{node.type} is no number")
    return found


def spans(pack: Pack, plan_id: str) -> Mapping[str, Span]:
    """Return the span of every numeric name that a plan's rules may read, over all its liabilities and outputs.

    ``amount`` is the running sum wherever it is read, an ``amount`` or ``round`` rule's name the sum after its step. Texts
    have none. Raises KeyError for an unknown plan.
    """
    plan = pack.plans[plan_id]
    found: dict[str, Span] = {}
    for names in _parts(pack, plan):
        for name, span in names.found().items():
            found[name] = hull(found[name], span) if name in found else span
    return found


def prove_int64(pack: Pack, plan_id: str) -> None:
    """Prove that fixed-point arithmetic of a plan's rules stays within 64 bits, every intermediate included.

    Raises PackError ``overflow``: ``part`` is the rule (pool, draw, output), ``found`` the number it can reach.
    """

    def watch(span: Span, part: str) -> None:
        if not span.fits_int64:
            reached = span.low if -span.low > span.high else span.high
            raise PackError(
                "overflow", part=part, plan=plan_id, found=str(reached), most=str(INT64_HIGH), scale=str(span.scale)
            )

    for names in _parts(pack, pack.plans[plan_id], watch):
        names.found()


def liability_spans(pack: Pack, liability: Liability, parameters: Mapping[str, object]) -> PartSpans:
    """Return the spans of one liability with the parameters that hold there."""
    return PartSpans(pack, parameters, liability)


def _parts(pack: Pack, plan: Plan, watch: Watch | None = None) -> Iterator[PartSpans]:
    for liability, parameters in plan.liabilities:
        yield PartSpans(pack, parameters, liability, watch)
    yield PartSpans(pack, plan.parameters, None, watch, plan)


@dataclass
class PartSpans:
    """Spans of the names that one liability (or a plan's outputs) reads; each is worked out when it is first asked for.

    ``befores`` and ``afters`` are the running sum around each step that changes it, by its place among the steps.
    """

    pack: Pack
    parameters: Mapping[str, object]
    liability: Liability | None
    watch: Watch | None = None
    plan: Plan | None = None
    befores: dict[int, Span] = field(default_factory=dict)
    afters: dict[int, Span] = field(default_factory=dict)
    _known: dict[str, Span | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known |= {AMOUNT: Span(0, 0, 0), BEFORE: Span(0, 0, 0), PAID: _PAYABLE, TOTAL: list_total(_PAYABLE)}
        for at, rule in enumerate(self.liability.steps if self.liability else ()):
            if rule.spec.kind in (RuleKind.AMOUNT, RuleKind.ROUND):
                self._change(at, rule)

    def of(self, name: str) -> Span | None:
        """Return a name's span; None for a text. Raises KeyError for a name that is not there."""
        if name not in self._known:
            self._known[name] = self._work_out(name)
        return self._known[name]

    def node(self, node: Node, part: str, amount: Span | None = None) -> Span | None:
        """Return where an expression's value lies; ``amount`` is the running sum there."""

        def look(name: str) -> Span:
            span = amount if amount is not None and name in (AMOUNT, BEFORE) else self.of(name)
            if span is None:
                raise KeyError(name)
            return span

        try:
            return NodeSpans(look, self._watching(part)).of(node)
        except RecursionError as problem:
            raise PackError("too_deep", part=part) from problem

    def found(self) -> dict[str, Span]:
        """Return the spans of everything that the part may read."""
        liability, names = self.liability, set[str]()
        if liability is not None:
            names |= {liability.spec.date_basis, *liability.loss_key.names}
            for rule in (*liability.concerns, *liability.steps):
                names |= rule.needs | {rule.spec.id}
            if liability.spec.shares:
                names.add(liability.spec.shares)
            for draw in liability.draws:
                pool = draw.pool.spec.id
                names.add(f"{pool}_left" if draw.pool.limit is not None else f"{pool}_used")
                self.node(draw.amount.node, f"draw on {pool}")
                names |= draw.amount.reads | (draw.when.reads if draw.when else frozenset())
        for output in self.plan.outputs if self.plan else ():
            part = f"output {output.spec.id}"
            self.node(output.expression.node, part)
            if output.when is not None:
                self.node(output.when.node, part)
            names |= output.expression.reads | (output.when.reads if output.when else frozenset())
        for name in sorted(names):
            self.of(name)
        sums = [*self.befores.values(), *self.afters.values()]
        if sums:
            self._known[AMOUNT] = self._known[BEFORE] = hull(sums[0], *sums[1:])
        return {name: span for name, span in self._known.items() if span is not None}

    def _watching(self, part: str) -> Callable[[Span], None] | None:
        watch = self.watch
        return None if watch is None else lambda span: watch(span, part)

    def _change(self, at: int, rule: Rule) -> None:
        """Follow the running sum over one step: never negative after it, unchanged where a waiver lifts it."""
        before = self._known[AMOUNT]
        assert before is not None  # noqa: S101 - the running sum always has a span
        body = rule.body
        assert isinstance(body, Expression)  # noqa: S101 - loading lets no table be a step that changes the sum
        after = self.node(body.node, f"rule {rule.spec.id}", before)
        assert after is not None  # noqa: S101 - money
        after = Span(after.scale, max(0, after.low), max(0, after.high))
        self._known[rule.spec.id] = after
        if rule.waiver is not None:
            after = hull(before, after)
        self.befores[at], self.afters[at] = before, after
        self._known[AMOUNT] = self._known[BEFORE] = after

    def _work_out(self, name: str) -> Span | None:
        stem, _, basis = name.partition(AT)
        element = self.pack.elements.get(ElementId(name))
        if element is not None:
            return element_span(element)
        given = self.parameters.get(stem)
        if given is not None:
            return parameter_span(given)
        if basis and stem == DATE:
            return _ANY_DATE
        rule = self.pack.rules.get(name)
        if rule is not None:
            return self._rule(rule)
        if basis and stem in self.pack.rules:
            return _never(self.pack.rules[stem])
        pool = pool_of(name)
        if pool is not None and pool in self.pack.pools:
            return self._pool(pool, name)
        raise KeyError(name)

    def _rule(self, rule: Rule) -> Span | None:
        part = f"rule {rule.spec.id}"
        if isinstance(rule.body, Expression):
            return self.node(rule.body.node, part)
        return self._table(rule.body, part)

    def _table(self, table: Table, part: str) -> Span | None:
        for node in table.inputs:
            self.node(node, part)
        for row in table.cells:
            for cell in row:
                if cell is not None and cell.constants() is None:
                    self._cell(cell.meets, part)
        columns = [row[0] for row in table.outputs]
        worked_out = [self.node(node, part) for node in (*columns, *(table.defaults or ()))]
        numbers = [span for span in worked_out if span is not None]
        aggregation = table.definition.aggregation
        if aggregation is Aggregation.COUNT:
            return Span(0, 0, len(table.outputs))
        if not numbers:
            return None
        found = hull(numbers[0], *numbers[1:])
        if aggregation is Aggregation.SUM:
            found = list_total(Span(found.scale, found.low, found.high, len(table.outputs)))
            self._say(found, part)
        return found

    def _cell(self, meets: Node, part: str) -> None:
        def look(name: str) -> Span:
            span = self.of(name)
            if span is None:
                raise KeyError(name)
            return span

        NodeSpans(look, self._watching(part)).cell(meets)

    def _pool(self, pool_id: str, name: str) -> Span | None:
        pool = self.pack.pools[pool_id]
        part = f"pool {pool_id}"
        before = self.of(pool.spec.used)
        assert before is not None  # noqa: S101 - loading holds the element to money or a number
        limit = None if pool.limit is None else self.node(pool.limit.node, part)
        used = add(before, self._drawn(pool_id, limit))
        self._say(used, part)
        if name.endswith("_used"):
            return used
        if limit is None:
            raise KeyError(name)
        if name.endswith("_limit"):
            return limit
        left = add(limit, negate(used))
        self._say(left, part)
        return larger(left, Span(0, 0, 0))

    def _drawn(self, pool_id: str, limit: Span | None) -> Span:
        """What earlier liabilities of the same decision may have drawn: what any of them has as the limit, or any payable sum."""
        pool = self.pack.pools[pool_id]
        if limit is None or pool.limit is None:
            return Span(0, 0, MAX_MONEY_FEN * max(1, len(self.pack.document.liabilities)))
        others = (
            PartSpans(self.pack, parameters, None).node(pool.limit.node, f"pool {pool_id}")
            for plan in self.pack.plans.values()
            for liability, parameters in plan.liabilities
            if parameters != self.parameters and any(draw.pool.spec.id == pool_id for draw in liability.draws)
        )
        most = hull(limit, *(other for other in others if other is not None))
        return Span(most.scale, 0, max(0, most.high))

    def _say(self, span: Span, part: str) -> None:
        if self.watch is not None:
            self.watch(span, part)


def element_span(spec: ElementSpec) -> Span | None:
    """Return where an element's value lies by its bounds; None for a text."""
    if spec.type is ValueType.TEXT:
        return None
    low, high = bounds(spec)
    items = spec.items if spec.many else None
    one, other = unscaled(low), unscaled(high)
    scale = max(spec.scale or 0, one[0], other[0])
    ends = [number * 10 ** (scale - own) for own, number in (one, other)]
    return Span(scale, ends[0], ends[1], items)


def parameter_span(value: object) -> Span | None:
    """Return where a plan's parameter lies: its one value, or all the values it has over time; None for a text."""
    if isinstance(value, Timeline):
        each = [parameter_span(one) for one in value.values]
        numbers = [span for span in each if span is not None]
        return hull(numbers[0], *numbers[1:]) if numbers else None
    return NodeSpans(_nothing).of(Constant(Type.NUMBER, value))  # type: ignore[arg-type]  # its value tells its kind


def _nothing(name: str) -> Span:
    raise KeyError(name)


def _never(rule: Rule) -> Span | None:
    """A rule before its first version has no value: any span is right, the narrowest serves best."""
    return (
        None if rule.spec.type is ValueType.TEXT else _ANY_DATE if rule.spec.type is ValueType.DATE else Span(0, 0, 0)
    )


__all__ = [
    "PartSpans",
    "Span",
    "element_span",
    "liability_spans",
    "parameter_span",
    "prove_int64",
    "span_of",
    "spans",
]
