"""How far a step is from where its outcome would be another: days to the end of a waiting period, money to a limit, what a
deductible still holds back, the next tier.

Promise: a margin is worked out beside the decision, from the rule's typed form and the values that the step saw. It never changes what
is decided and never asks for a fact: where a value is not there, where two things would have to change at once, or where nothing is
compared, there is no margin.

Source: notes/rules.md §4 "Explanation" ("deductible still 3,105.20"); docs/adr/0119.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rules.engine.dating import AT, written_name
from rules.engine.document import RuleKind
from rules.engine.language import Expression, Failure, Table, Type
from rules.engine.language.closures import build_step
from rules.engine.language.ir import (
    Among,
    Apply,
    Both,
    Bound,
    Choose,
    Constant,
    Either,
    Invoke,
    Meets,
    Node,
    Operation,
    Read,
    Round,
    Test,
)
from rules.engine.model import Bilingual, ElementId, Margin, MarginKind, Unit
from rules.engine.pack import AMOUNT, BEFORE, Pack, Rule, pool_of
from rules.engine.scope import Scope
from rules.engine.values import canonical_text

# Larger tables are looked up by an index; telling the next row would read every cell.
MAX_TABLE_ROWS = 200
# Conditions made of conditions are followed this far; a rule beyond it has no margin.
MAX_NODES = 500

_RISING = (Operation.LESS, Operation.LESS_OR_EQUAL)
_FALLING = (Operation.GREATER, Operation.GREATER_OR_EQUAL)
_STRICT = (Operation.LESS, Operation.GREATER)
_MEASURED = (Type.MONEY, Type.EXACT_MONEY, Type.NUMBER, Type.DATE)
_POOL_WORDS = {"left": Bilingual("余额", " left"), "used": Bilingual("已用", " used"), "limit": Bilingual("", "")}

# What the engine's own functions give, where the value has no name of its own.
_CALLED = {"age at": Bilingual("年龄", "age"), "day count": Bilingual("天数", "number of days")}

_Measure = int | Decimal | date


class _TooWideError(Exception):
    """A condition is made of more parts than are followed."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """One comparison whose other answer would give the whole another outcome."""

    value: Node
    bound: Node
    distance: int | Decimal
    at: _Measure
    beyond: bool


def margin_of(pack: Pack, rule: Rule, scope: Scope) -> Margin | None:
    """Return how far a step's rule is from another outcome, None where that cannot be said. Leaves no trace in ``scope``."""
    if not _may_have_one(rule):
        return None
    aside = scope.aside()
    try:
        if rule.spec.kind in (RuleKind.AMOUNT, RuleKind.ROUND):
            # The step is told after the sum has changed; what it compared is the sum before.
            aside.set(AMOUNT, aside.read(BEFORE))
        return _Measuring(pack, rule, aside).margin()
    except (Failure, KeyError, _TooWideError):
        return None


def _may_have_one(rule: Rule) -> bool:
    """Say whether a rule's form compares anything; most figures and plain yes-or-no conditions don't."""
    body = rule.body
    if isinstance(body, Table):
        return len(body.definition.rows) <= MAX_TABLE_ROWS
    node = body.node
    if isinstance(node, Apply):
        return node.operation not in (Operation.ADD, Operation.SUBTRACT, Operation.MULTIPLY)
    return not isinstance(node, Constant) and (body.type == Type.BOOL or not isinstance(node, Read) or AT in node.name)


class _Measuring:
    """Measures one rule. Used once."""

    def __init__(self, pack: Pack, rule: Rule, scope: Scope) -> None:
        self._pack = pack
        self._rule = rule
        self._scope = scope
        self._looked_at = 0

    def margin(self) -> Margin | None:
        body = self._rule.body
        if isinstance(body, Expression) and body.type == Type.BOOL:
            holds, gaps = self._turning(body.node)
            return self._nearest(gaps, MarginKind.HOLDS if holds else MarginKind.FAILS)
        return self._of_table(body) if isinstance(body, Table) else self._of_figure(body.node)

    def _turning(self, node: Node) -> tuple[bool, list[_Gap]]:  # noqa: PLR0911 - one return a kind of node, as in closures
        """Return whether a condition holds, and the comparisons each of which alone would turn it."""
        self._looked_at += 1
        if self._looked_at > MAX_NODES:
            raise _TooWideError
        match node:
            case Apply(operation=Operation.NOT, operands=(operand,)):
                holds, gaps = self._turning(operand)
                return not holds, gaps
            case Apply(operation=operation, operands=(left, right)) if operation in (*_RISING, *_FALLING):
                return self._compared(left, operation, right)
            case Both():
                return self._two(node.left, node.right, both=True)
            case Either():
                return self._two(node.left, node.right, both=False)
            case Choose():
                return self._turning(node.then if self._value(node.condition) else node.otherwise)
            case Meets():
                return self._met(node.value, node.tests)
            case Read():
                rule = self._pack.rules.get(node.name)
                if rule is not None and isinstance(rule.body, Expression):
                    return self._turning(rule.body.node)
        return self._value(node) is True, []

    def _two(self, left: Node, right: Node, *, both: bool) -> tuple[bool, list[_Gap]]:
        first, gaps = self._turning(left)
        if first is not both:
            # The other side was not looked at: whether turning this one would help is not known, and must not be asked.
            return first, []
        second, more = self._turning(right)
        return second, [*gaps, *more] if second is both else more

    def _compared(self, left: Node, operation: Operation, right: Node) -> tuple[bool, list[_Gap]]:
        value, bound = self._value(left), self._value(right)
        rising, strict = operation in _RISING, operation in _STRICT
        holds = (value < bound if rising else value > bound) or (not strict and value == bound)  # type: ignore[operator]  # the checker let them compare
        if not _measured(left):
            return holds, []
        at_bound_holds = not strict
        beyond = holds is at_bound_holds
        return holds, [self._gap(left, right, value, bound, beyond=beyond)]

    def _gap(self, left: Node, right: Node, value: object, bound: object, *, beyond: bool) -> _Gap:
        if isinstance(value, date) and isinstance(bound, date):
            return _Gap(left, right, abs((bound - value).days), bound, beyond)
        assert isinstance(value, int | Decimal) and isinstance(bound, int | Decimal)  # noqa: S101, PT018 - measured types
        return _Gap(left, right, _apart(bound, value), bound, beyond)

    def _met(self, value: Node, tests: Sequence[Test]) -> tuple[bool, list[_Gap]]:
        holds, gaps = False, list[_Gap]()
        for test in tests:
            if isinstance(test, Among):
                met = self._value(Meets(value, (test,))) is True
                more: list[_Gap] = []
            else:
                met, more = self._within(value, test)
            if met:
                return True, more if len(tests) == 1 else []
            gaps.extend(more)
        return holds, gaps

    def _within(self, value: Node, bounds: Sequence[Bound]) -> tuple[bool, list[_Gap]]:
        gaps: list[_Gap] = []
        for bound in bounds:
            if bound.operation in (*_RISING, *_FALLING):
                met, more = self._compared(value, bound.operation, bound.operand)
            else:
                met, more = self._value(Meets(value, ((bound,),))) is True, []
            if not met:
                # What comes after it was not looked at; from the edge of an interval the way into it is open.
                return False, more
            gaps.extend(more)
        return True, gaps

    def _of_figure(self, node: Node) -> Margin | None:  # noqa: PLR0911 - as above
        """Measure a sum or figure at its cap, its deduction or its tier."""
        match node:
            case Round(operand=operand) | Apply(operation=Operation.WIDEN, operands=(operand,)):
                return self._of_figure(operand)
            case Choose():
                return self._of_figure(node.then if self._value(node.condition) else node.otherwise)
            case Apply(operation=Operation.MINIMUM, operands=(first, *others)):
                return self._capped(first, others)
            case Apply(operation=Operation.MAXIMUM, operands=operands):
                return self._deducted(operands)
            case Invoke(intrinsic=intrinsic, operands=(base, bounds, _)) if intrinsic.name == "marginal tiers":
                return self._tier(base, bounds)
            case Read(name=name) if AT in name and name in self._pack.rules:
                body = self._pack.rules[name].body
                return self._of_table(body) if isinstance(body, Table) else self._of_figure(body.node)
        return None

    def _capped(self, first: Node, others: Sequence[Node]) -> Margin | None:
        values = [(self._number(other), other) for other in others]
        value = self._number(first)
        cap, node = min(values, key=lambda pair: pair[0])
        kind = MarginKind.LEFT if value <= cap else MarginKind.OVER
        return self._told(kind, node, _apart(cap, value), cap)

    def _deducted(self, operands: Sequence[Node]) -> Margin | None:
        """``max(0, sum - deduction)``: what of the deduction the sum did not reach."""
        for operand in operands:
            inner = _unwidened(operand)
            if isinstance(inner, Apply) and inner.operation is Operation.SUBTRACT:
                left = self._number(inner)
                if left < 0 and self._reads_amount(inner.operands[0]):
                    deduction = inner.operands[1]
                    return self._told(MarginKind.STILL, deduction, -left, self._number(deduction))
        return None

    def _tier(self, base: Node, bounds: Node) -> Margin | None:
        value, edges = self._number(base), self._value(bounds)
        above = [edge for edge in edges if isinstance(edge, int) and edge > value] if isinstance(edges, tuple) else []
        if not above:
            return None
        return self._told(MarginKind.NEXT, base, _apart(above[0], value), above[0])

    def _of_table(self, table: Table) -> Margin | None:
        """Measure a table's inputs against the edges of the row that holds."""
        if len(table.definition.rows) > MAX_TABLE_ROWS:
            return None
        values = table.values(self._scope)
        hits = table.hits(values, self._scope)
        gaps: list[_Gap] = []
        for node, value, cell in zip(table.inputs, values, table.cells[hits[0]] if hits else (), strict=False):
            if cell is None or cell.negated or node.type not in _MEASURED:
                continue
            known = Constant(node.type, value)
            for gap in self._met(known, cell.meets.tests)[1]:
                gaps.append(_Gap(node, gap.bound, gap.distance, gap.at, gap.beyond))
        return self._nearest(gaps, MarginKind.NEXT)

    def _nearest(self, gaps: Sequence[_Gap], kind: MarginKind) -> Margin | None:
        if not gaps:
            return None
        unit = self._unit(gaps[0].value)
        gap = min(
            (each for each in gaps if self._unit(each.value) is unit), key=lambda each: (each.distance, each.beyond)
        )
        return Margin(
            kind=kind,
            what=self._name(gap.value),
            distance=canonical_text(gap.distance),
            unit=Unit.DAY if unit is Unit.DATE else unit,
            at=canonical_text(gap.at),
            beyond=gap.beyond,
        )

    def _told(self, kind: MarginKind, node: Node, distance: int | Decimal, at: int | Decimal) -> Margin:
        return Margin(
            kind=kind,
            what=self._name(node),
            distance=canonical_text(Decimal(distance)),
            unit=self._unit(node),
            at=canonical_text(Decimal(at)),
        )

    def _value(self, node: Node) -> object:
        # Most operands are a name or a constant: building a closure for them would cost more than the rest of the margin.
        if isinstance(node, Constant):
            return node.value
        if isinstance(node, Read):
            return self._scope.read(node.name)
        if isinstance(node, Apply) and node.operation is Operation.WIDEN and node.type in _MEASURED:
            value = self._value(node.operands[0])
            return Decimal(value) if isinstance(value, int) else value
        return build_step(node)(self._scope, None)

    def _number(self, node: Node) -> int | Decimal:
        value = self._value(node)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return value
        raise KeyError(str(node.type))

    def _reads_amount(self, node: Node) -> bool:
        inner = _unwidened(node)
        return isinstance(inner, Read) and inner.name == AMOUNT

    def _name(self, node: Node) -> Bilingual:
        """Return what people call a value; what has no name of its own goes by the rule's."""
        inner = _unwidened(node)
        if isinstance(inner, Invoke) and inner.intrinsic.name in _CALLED:
            return _CALLED[inner.intrinsic.name]
        reads = _first_read(node)
        name = "" if reads is None else written_name(reads.name)
        for named in (
            self._pack.elements.get(ElementId(name)),
            self._pack.parameters.get(name),
            self._pack.rules.get(name),
        ):
            if named is not None:
                return (named.spec if isinstance(named, Rule) else named).name
        pool = self._pack.pools.get(pool_of(name) or "")
        if pool is None:
            return self._rule.spec.name
        words = _POOL_WORDS[name.rpartition("_")[2]]
        return Bilingual(pool.spec.name.zh + words.zh, pool.spec.name.en + words.en)

    def _unit(self, node: Node) -> Unit:
        if node.type == Type.DATE:
            return Unit.DATE
        if node.type in (Type.MONEY, Type.EXACT_MONEY):
            return Unit.FEN
        reads = _unwidened(node)
        return self._scope.unit_of(reads.name) if isinstance(reads, Read) else self._rule_unit()

    def _rule_unit(self) -> Unit:
        unit = self._rule.spec.unit
        return unit if unit in (Unit.DAY, Unit.RATIO) else Unit.COUNT


def _measured(node: Node) -> bool:
    """Say whether a value is measured: money and dates are, a number where people have a name for it."""
    if node.type not in _MEASURED:
        return False
    return node.type != Type.NUMBER or isinstance(_unwidened(node), Read | Invoke | Constant)


def _apart(one: int | Decimal, other: int | Decimal) -> Decimal:
    return abs(Decimal(one) - Decimal(other))


def _unwidened(node: Node) -> Node:
    while isinstance(node, Apply) and node.operation is Operation.WIDEN:
        (node,) = node.operands
    return node


def _first_read(node: Node) -> Read | None:
    """Return the name that a value is known by: itself, or the first one in a sum."""
    node = _unwidened(node)
    if isinstance(node, Apply) and node.operation in (Operation.ADD, Operation.SUBTRACT):
        return _first_read(node.operands[0])
    return node if isinstance(node, Read) else None
