"""What a benefit can never exceed: upper bounds of the running sum, followed step by step and compared as linear forms.

Promise: what ``proves`` says holds for all facts within their bounds; what it does not say may still hold.

Method: a running sum starts at 0; a step that grows with the sum carries every bound along, ``min`` adds the bounds that it names, a
step that a waiver may lift keeps only the bounds that both sides respect. ``a <= b`` is shown by writing ``b - a`` as a sum of atoms and
looking at each side of every ``min``, ``max`` and ``if`` in it, with intervals for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from rules.checking.node_changes import widened
from rules.checking.nodes import children, rebuilt
from rules.checking.trends import TIERS, Trend, Trends
from rules.engine.document import RuleKind
from rules.engine.intervals import PartSpans
from rules.engine.language import Expression, Type
from rules.engine.language.errors import Place
from rules.engine.language.ir import Apply, Choose, Constant, Invoke, Node, Operation, Read, Round
from rules.engine.pack import AMOUNT, BEFORE, PAID, Liability, Pack, Rule
from rules.engine.span import Span

_NOWHERE = Place(1, 1, "")
_ZERO = Constant(Type.MONEY, 0)
_MOST_BOUNDS = 8
_MOST_NODES = 400
_MOST_LOOKS = 2_000
_FEN_DECIMALS = 2

# A sum of atoms with their factors; None stands for 1.
Linear = dict[Node | None, Fraction]


@dataclass
class Ceilings:
    """The upper bounds of one benefit's sum, with the parameters that hold in one plan."""

    pack: Pack
    liability: Liability
    spans: PartSpans
    trends: Trends
    _looks: int = 0
    _written: dict[str, Node] = field(default_factory=dict)
    _spans: dict[Node, Span | None] = field(default_factory=dict)
    _proofs: dict[tuple[Node, Node], bool] = field(default_factory=dict)
    _benefit: list[Node] | None = None

    def of_benefit(self) -> list[Node]:
        """Return upper bounds of the sum after all steps."""
        if self._benefit is None:
            found: list[Node] = [_ZERO]
            for rule, before in self.steps():
                found = self._after(rule, before)
            self._benefit = found
        return self._benefit

    def steps(self) -> Iterator[tuple[Rule, list[Node]]]:
        """Yield each step that changes the sum, with upper bounds of the sum before it."""
        found: list[Node] = [_ZERO]
        for rule in self.liability.steps:
            if rule.spec.kind in (RuleKind.AMOUNT, RuleKind.ROUND):
                yield rule, found
                found = self._after(rule, found)

    def _after(self, rule: Rule, found: list[Node]) -> list[Node]:
        if not isinstance(rule.body, Expression):
            return []
        body = self.plain(rule.body.node)
        named = body.operands if isinstance(body, Apply) and body.operation is Operation.MINIMUM else ()
        bounds = [operand for operand in (*named, *self._wholes(body)) if not _reads_sum(operand)]
        if _grows_with_sum(body, self.trends):
            bounds += [_with(whole, {AMOUNT: bound}) for bound in found for whole in self._wholes(body)]
            bounds += [_with(body, {AMOUNT: bound, BEFORE: bound}) for bound in found]
        bounds = [self._floored(_money(bound)) for bound in bounds if _size(bound) <= _MOST_NODES][:_MOST_BOUNDS]
        # A bound that still holds says more in its old, shorter form; of a step that may be lifted both sides must respect it.
        kept = [old for old in found if any(self.proves(bound, old) for bound in bounds)]
        if rule.waiver is not None:
            bounds = [bound for bound in bounds if any(self.proves(old, bound) for old in found)]
        return list(dict.fromkeys((*bounds, *kept)))[:_MOST_BOUNDS]

    def holds(self, ceiling: Node, when: Node | None = None, of: Node | None = None) -> bool:
        """Say whether it is proven that the sum (or ``of``, an expression over ``paid``) never exceeds ``ceiling``."""
        most = self.plain(ceiling)
        condition = None if when is None else self.plain(when)
        looked = Read(Type.MONEY, PAID, _NOWHERE) if of is None else self.plain(of)
        for bound in self.of_benefit() if PAID in _names(looked) else [_ZERO]:
            value = _with(looked, {PAID: bound})
            if self.proves(_assuming(value, condition), _assuming(most, condition)):
                return True
        return False

    def proves(self, lower: Node, upper: Node) -> bool:
        """Say whether ``lower <= upper`` is proven."""
        pair = (lower, upper)
        if pair not in self._proofs:
            self._proofs[pair] = self._proves(lower, upper)
        return self._proofs[pair]

    def _proves(self, lower: Node, upper: Node) -> bool:
        self._looks = 0
        difference = self._linear(upper)
        for atom, factor in self._linear(lower).items():
            difference[atom] = difference.get(atom, Fraction(0)) - factor
        return self._nonnegative(difference)

    def plain(self, node: Node) -> Node:
        """Return the node without places, with value rules written out: equal meanings look more alike."""
        if isinstance(node, Read):
            return self._of_name(node)
        inside = rebuilt(node, [self.plain(part) for part in children(node)])
        return replace(inside, place=_NOWHERE) if isinstance(inside, Apply | Round | Invoke) else inside

    def _of_name(self, node: Read) -> Node:
        if node.name not in self._written:
            rule = self.pack.rules.get(node.name)
            plain: Node = replace(node, place=_NOWHERE)
            if rule is not None and isinstance(rule.body, Expression):
                body = self.plain(rule.body.node)
                plain = body if _size(body) <= _MOST_NODES else plain
            self._written[node.name] = plain
        return self._written[node.name]

    def _floored(self, bound: Node) -> Node:
        """Return the bound, never below 0: a sum below 0 becomes 0."""
        span = self._span(bound)
        if span is not None and span.low >= 0:
            return bound
        return Apply(bound.type, Operation.MAXIMUM, (widened(_ZERO, bound.type), bound), _NOWHERE)

    def _linear(self, node: Node) -> Linear:  # noqa: PLR0911 - one return a kind of node
        match node:
            case Constant(value=int() | Decimal() as value) if not isinstance(value, bool):
                return {None: Fraction(value)}
            case Apply(operation=Operation.WIDEN, operands=(inner,)):
                return self._linear(inner)
            case Apply(operation=Operation.NEGATE, operands=(inner,)):
                return {atom: -factor for atom, factor in self._linear(inner).items()}
            case Apply(operation=Operation.ADD | Operation.SUBTRACT, operands=(left, right)):
                sign = 1 if node.operation is Operation.ADD else -1
                found = self._linear(left)
                for atom, factor in self._linear(right).items():
                    found[atom] = found.get(atom, Fraction(0)) + sign * factor
                return found
            case Round(operand=inner, scale=scale, type=kind) if kind == Type.MONEY and scale >= _FEN_DECIMALS:
                span = self._span(inner)
                if span is not None and span.scale == 0:
                    return self._linear(inner)
                return {_rounded_inside(node): Fraction(1)}
            case _:
                return {node: Fraction(1)}

    def _nonnegative(self, form: Linear) -> bool:
        self._looks += 1
        if self._looks > _MOST_LOOKS:
            return False
        form = {atom: factor for atom, factor in form.items() if factor != 0}
        if self._least(form) >= 0:
            return True
        # What must hold on every side comes first: it loses nothing, and more may cancel before a side has to be chosen.
        for atom, factor in form.items():
            if isinstance(atom, Choose):
                return all(self._nonnegative(self._given(form, atom.condition, holds=holds)) for holds in (True, False))
            sides = self._sides(atom, factor, every=True)
            if sides:
                return all(self._nonnegative(self._instead(form, atom, side)) for side in sides)
        return any(
            self._nonnegative(self._instead(form, atom, side))
            for atom, factor in form.items()
            for side in self._sides(atom, factor, every=False)
        )

    def _sides(self, atom: Node | None, factor: Fraction, *, every: bool) -> tuple[Node, ...]:
        """Return what an atom may be: of which all (``every``) or one must do for the sum to be at least 0; else nothing."""
        if isinstance(atom, Apply) and atom.operation in (Operation.MINIMUM, Operation.MAXIMUM):
            one_will_do = (factor > 0) == (atom.operation is Operation.MAXIMUM)
            return () if one_will_do is every else atom.operands
        return ()

    def _given(self, form: Linear, condition: Node, *, holds: bool) -> Linear:
        """Return the sum where a condition holds (or does not), in every atom that asks for it."""
        found: Linear = {}
        for atom, factor in form.items():
            pieces = {None: Fraction(1)} if atom is None else self._linear(_assuming(atom, condition, holds=holds))
            for each, value in pieces.items():
                found[each] = found.get(each, Fraction(0)) + factor * value
        return found

    def _wholes(self, body: Node) -> list[Node]:
        """Return what a product, or a sum in tiers, is a part of: what stands beside ratios between 0 and 1. Rounding would hide it later."""
        if isinstance(body, Invoke) and body.intrinsic.name == TIERS:
            pairs: tuple[tuple[Node, ...], ...] = ((body.operands[0], body.operands[2]),)
        elif isinstance(body, Apply) and body.operation is Operation.MULTIPLY:
            pairs = (body.operands, body.operands[::-1])
        else:
            return []
        return [
            whole
            for whole, part in pairs
            if not _reads_sum(part)
            and self._between(part, 0, 1)
            and (_reads_sum(whole) or self._between(whole, 0, None))
        ]

    def _span(self, node: Node) -> Span | None:
        if node not in self._spans:
            self._spans[node] = self.spans.node(node, "")
        return self._spans[node]

    def _between(self, node: Node, low: int, high: int | None) -> bool:
        span = self._span(node)
        return span is not None and span.least() >= low and (high is None or span.most() <= high)

    def _instead(self, form: Linear, atom: Node | None, other: Node) -> Linear:
        factor = form[atom]
        found = {each: value for each, value in form.items() if each != atom}
        for each, value in self._linear(other).items():
            found[each] = found.get(each, Fraction(0)) + factor * value
        return found

    def _least(self, form: Linear) -> Fraction:
        total = Fraction(0)
        for atom, factor in form.items():
            if atom is None:
                total += factor
                continue
            span = self._span(atom)
            if span is None:
                return Fraction(-1)
            total += factor * (span.least() if factor > 0 else span.most())
        return total


def _with(node: Node, values: Mapping[str, Node]) -> Node:
    if isinstance(node, Read) and node.name in values:
        return widened(values[node.name], node.type)
    if isinstance(node, Apply) and node.operation is Operation.WIDEN:
        return widened(_with(node.operands[0], values), node.type)
    return rebuilt(node, [_with(part, values) for part in children(node)])


def _assuming(node: Node, condition: Node | None, *, holds: bool = True) -> Node:
    if condition is None:
        return node
    if isinstance(node, Choose) and node.condition == condition:
        return _assuming(node.then if holds else node.otherwise, condition, holds=holds)
    return rebuilt(node, [_assuming(part, condition, holds=holds) for part in children(node)])


def _rounded_inside(node: Round) -> Node:
    """Return the rounding of a least, a greatest or a choice as that of roundings: a rounding never turns an order round."""
    inner = _money(node.operand)
    if isinstance(inner, Apply) and inner.operation in (Operation.MINIMUM, Operation.MAXIMUM):
        parts = tuple(_rounded_inside(replace(node, operand=widened(part, inner.type))) for part in inner.operands)
        return replace(inner, type=node.type, operands=parts)
    if isinstance(inner, Choose):
        then, otherwise = (_rounded_inside(replace(node, operand=branch)) for branch in (inner.then, inner.otherwise))
        return replace(inner, type=node.type, then=then, otherwise=otherwise)
    return replace(node, operand=inner)


def _money(node: Node) -> Node:
    """Return the node without a widening around it."""
    return node.operands[0] if isinstance(node, Apply) and node.operation is Operation.WIDEN else node


def _names(node: Node) -> frozenset[str]:
    if isinstance(node, Read):
        return frozenset({node.name})
    return frozenset().union(*(_names(part) for part in children(node)))


def _reads_sum(node: Node) -> bool:
    return not _names(node).isdisjoint((AMOUNT, BEFORE))


def _size(node: Node) -> int:
    return 1 + sum(_size(part) for part in children(node))


def _grows_with_sum(body: Node, trends: Trends) -> bool:
    """Say whether a step gives more for a larger running sum, all else equal."""
    return trends.node(body, Trend.RISING) in (Trend.STEADY, Trend.RISING)
