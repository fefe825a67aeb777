"""Where a benefit goes when one element grows: sign analysis over the typed form.

Promise: ``RISING`` and ``FALLING`` (never the other way, perhaps level) and ``STEADY`` are proven for facts from which everything
can be worked out; whatever is not understood is ``UNKNOWN``. Nothing is evaluated.

Method: each operation says how its result moves when its operands move; products need signs, which come from intervals
(rules.engine.intervals). A gate that can only open adds to a rising benefit, because no running sum is negative.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from rules.checking.nodes import children
from rules.engine.dating import AT, DATE, Timeline
from rules.engine.document import DateBasis, RuleKind
from rules.engine.intervals import PartSpans
from rules.engine.language import Expression, Table
from rules.engine.language.ir import (
    Among,
    Apply,
    Both,
    Choose,
    Either,
    Invoke,
    Items,
    Meets,
    Node,
    Operation,
    Read,
    Round,
)
from rules.engine.pack import AMOUNT, BEFORE, Liability, Pack, Rule, pool_of
from rules.engine.span import Span


class Trend(Enum):
    """How a value moves when the element grows."""

    STEADY = 0
    RISING = 1
    FALLING = -1
    UNKNOWN = None


_SAME = frozenset(
    {
        Operation.WIDEN,
        Operation.ADD,
        Operation.MINIMUM,
        Operation.MAXIMUM,
        Operation.LIST_MINIMUM,
        Operation.LIST_MAXIMUM,
        Operation.LIST_SUM,
        Operation.LIST_ALL,
        Operation.LIST_ANY,
        Operation.ADD_DAYS,
        Operation.DAYS_OF,
    }
)
_GROWS_WITH_LEFT = frozenset(
    {
        Operation.SUBTRACT,
        Operation.DAYS_BETWEEN,
        Operation.SUBTRACT_DAYS,
        Operation.GREATER,
        Operation.GREATER_OR_EQUAL,
    }
)
_GROWS_WITH_RIGHT = frozenset({Operation.LESS, Operation.LESS_OR_EQUAL})
# Functions of the engine by the way of each argument: 1 grows with it, -1 falls with it.
_INTRINSICS = {"add days": (1, 1), "day count": (-1, 1), "age at": (-1, 1), "last waiting day": (1, 1)}
TIERS = "marginal tiers"


def turned(trend: Trend) -> Trend:
    """Return the trend of the negative."""
    return {Trend.RISING: Trend.FALLING, Trend.FALLING: Trend.RISING}.get(trend, trend)


def joined(trends: Iterable[Trend]) -> Trend:
    """Return the trend of what moves with all of these."""
    moving = {trend for trend in trends if trend is not Trend.STEADY}
    if not moving:
        return Trend.STEADY
    return moving.pop() if len(moving) == 1 else Trend.UNKNOWN


@dataclass
class Trends:
    """The trends of one benefit's names when ``element`` grows."""

    pack: Pack
    liability: Liability
    element: str
    spans: PartSpans
    _known: dict[str, Trend] = field(default_factory=dict)

    def of(self, name: str) -> Trend:
        """Return a name's trend."""
        if name not in self._known:
            self._known[name] = self._work_out(name)
        return self._known[name]

    def benefit(self) -> Trend:
        """Return the trend of the sum after all steps, 0 where a gate stops it."""
        spec = self.liability.spec
        gates = [rule for rule in (*self.liability.concerns, *self.liability.steps) if rule.spec.kind is RuleKind.GATE]
        if spec.date_basis == self.element or any(not self._opens(rule) for rule in gates):
            return Trend.UNKNOWN
        trend = Trend.STEADY
        for at, rule in enumerate(self.liability.steps):
            if rule.spec.kind in (RuleKind.AMOUNT, RuleKind.ROUND) and isinstance(rule.body, Expression):
                after = self.node(rule.body.node, trend, self.spans.befores[at])
                trend = after if rule.waiver is None else joined((trend, after))
                if rule.waiver is not None and self.element in rule.waiver.elements:
                    return Trend.UNKNOWN
        # A gate that opens lifts the benefit from 0, whatever the sum does not do.
        opens = any(self.of(rule.spec.id) is Trend.RISING for rule in gates)
        return joined((trend, Trend.RISING)) if opens else trend

    def node(self, node: Node, amount: Trend, sums: Span | None = None) -> Trend:  # noqa: PLR0911 - one return a kind
        """Return the trend of an expression; ``amount`` and ``sums`` are the running sum's trend and span there."""
        if isinstance(node, Read):
            return amount if node.name in (AMOUNT, BEFORE) else self.of(node.name)
        parts = [self.node(part, amount, sums) for part in children(node)]
        if all(part is Trend.STEADY for part in parts):
            return Trend.STEADY
        match node:
            case Apply():
                return self._operation(node, parts, sums)
            case Round() | Both() | Either() | Items():
                return joined(parts)
            case Choose():
                return self._choice(node, parts, sums)
            case Meets():
                return self._tests(node, parts)
            case Invoke() if node.intrinsic.name == TIERS:
                ratios = self.spans.node(node.operands[2], "", sums)
                steady = parts[1] is parts[2] is Trend.STEADY
                return parts[0] if steady and ratios is not None and ratios.low >= 0 else Trend.UNKNOWN
            case Invoke() if node.intrinsic.name in _INTRINSICS:
                ways = _INTRINSICS[node.intrinsic.name]
                return joined(part if way > 0 else turned(part) for part, way in zip(parts, ways, strict=True))
            case _:
                return Trend.UNKNOWN

    def _operation(self, node: Apply, parts: list[Trend], sums: Span | None) -> Trend:  # noqa: PLR0911 - one a kind
        operation = node.operation
        if operation in _SAME:
            return joined(parts)
        if operation in (Operation.NEGATE, Operation.NOT):
            return turned(parts[0])
        if operation in _GROWS_WITH_LEFT:
            return joined((parts[0], turned(parts[1])))
        if operation in _GROWS_WITH_RIGHT:
            return joined((turned(parts[0]), parts[1]))
        if operation in (Operation.MULTIPLY, Operation.SCALE_DAYS):
            spans = [self.spans.node(operand, "", sums) for operand in node.operands]
            # A factor moves the product its own way where the other one is not negative.
            moving = [
                (part, other) for part, other in zip(parts, reversed(spans), strict=True) if part is not Trend.STEADY
            ]
            safe = all(other is not None and other.low >= 0 for _, other in moving)
            return joined(part for part, _ in moving) if safe else Trend.UNKNOWN
        if operation in (Operation.DIVIDE, Operation.QUOTIENT) and parts[1] is Trend.STEADY:
            divisor = self.spans.node(node.operands[1], "", sums)
            return parts[0] if divisor is not None and divisor.low > 0 else Trend.UNKNOWN
        return Trend.UNKNOWN

    def _choice(self, node: Choose, parts: list[Trend], sums: Span | None) -> Trend:
        condition, branches = parts[0], joined(parts[1:])
        if condition is Trend.STEADY:
            return branches
        then, otherwise = (self.spans.node(branch, "", sums) for branch in (node.then, node.otherwise))
        if condition is Trend.UNKNOWN or then is None or otherwise is None:
            return Trend.UNKNOWN
        step = Trend.RISING if then.least() >= otherwise.most() else None
        step = Trend.FALLING if step is None and then.most() <= otherwise.least() else step
        if step is None:
            return Trend.UNKNOWN
        return joined((branches, step if condition is Trend.RISING else turned(step)))

    def _tests(self, node: Meets, parts: list[Trend]) -> Trend:
        value, rest = parts[0], iter(parts[1:])
        found = []
        for test in node.tests:
            if isinstance(test, Among):
                return Trend.UNKNOWN
            for bound in test:
                operand = next(rest)
                if bound.operation in _GROWS_WITH_RIGHT:
                    found.append(joined((turned(value), operand)))
                elif bound.operation in _GROWS_WITH_LEFT:
                    found.append(joined((value, turned(operand))))
                else:
                    return Trend.UNKNOWN
        return joined(found)

    def _opens(self, rule: Rule) -> bool:
        lifts = (*(rule.waiver.elements if rule.waiver else ()), *((rule.override.element,) if rule.override else ()))
        return all(self.of(name) in (Trend.STEADY, Trend.RISING) for name in (rule.spec.id, *lifts))

    def _work_out(self, name: str) -> Trend:
        if name in self.pack.elements:
            return Trend.RISING if name == self.element else Trend.STEADY
        stem, _, basis = name.partition(AT)
        rule = self.pack.rules.get(name)
        if rule is not None:
            return self._rule(rule)
        if basis and (stem == DATE or isinstance(self.spans.parameters.get(stem), Timeline) or stem in self.pack.rules):
            known = self.pack.date_bases.get(DateBasis(basis), self.liability.spec.date_basis)
            return Trend.UNKNOWN if known == self.element else Trend.STEADY
        pool = self.pack.pools.get(pool_of(name) or "")
        if pool is None or pool.limit is None or name.endswith("_used"):
            return Trend.STEADY if pool is None else self.of(pool.spec.used)
        limit = self.node(pool.limit.node, Trend.STEADY)
        return limit if name.endswith("_limit") else joined((limit, turned(self.of(pool.spec.used))))

    def _rule(self, rule: Rule) -> Trend:
        if isinstance(rule.body, Table):
            steady = all(self.of(name) is Trend.STEADY for name in rule.body.reads)
            return Trend.STEADY if steady else Trend.UNKNOWN
        return self.node(rule.body.node, Trend.STEADY)
