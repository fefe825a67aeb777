"""Where the value of an expression lies: interval arithmetic over the typed form.

Promise: sound for every value that the reference gives; ``watch`` hears of every integer that fixed-point arithmetic forms on
the way (sums at a common scale, products, a rounding's doubled remainder, the two products of a compared division).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from rules.engine.language import Days, Months, Type
from rules.engine.language.dates import MAX_DAYS, MAX_MONTHS
from rules.engine.language.exact import MAX_MONEY_FEN
from rules.engine.language.ir import (
    COMPARISONS,
    Among,
    Apply,
    Both,
    Choose,
    Constant,
    Either,
    Element,
    Invoke,
    Items,
    Meets,
    Node,
    Operation,
    Quantifier,
    Read,
    Round,
)
from rules.engine.language.value_types import Kind
from rules.engine.span import (
    Span,
    absolute,
    add,
    align,
    hull,
    larger,
    multiply,
    negate,
    quotient,
    rounded,
    smaller,
    total,
)

FEN_DECIMALS = 2
MAX_TEXT = 8_000_000
_YES_NO = Span(0, 0, 1)
_YES, _NO = Span(0, 1, 1), Span(0, 0, 0)
_FIRST_DAY, _LAST_DAY = date.min.toordinal(), date.max.toordinal()
_ANY_DATE = Span(0, _FIRST_DAY, _LAST_DAY)
_WORST_GRADE, _LIGHTEST_GRADE = 1, 10
_MOST_YEARS = date.max.year
_QUOTIENTS = (Kind.QUOTIENT, Kind.MONEY_QUOTIENT)

_PARTS_OF_A_DATE = {
    Operation.MONTH_OF: Span(0, 1, 12),
    Operation.DAY_OF: Span(0, 1, 31),
    Operation.WEEKDAY_OF: Span(0, 1, 7),
    Operation.MONTHS_OF: Span(0, -11, 11),
    Operation.TEXT_LENGTH: Span(0, 0, MAX_TEXT),
}
_PARTS = {Operation.YEAR_OF, Operation.DAYS_OF, Operation.YEARS_OF}
_OF_TEXTS = {Operation.TEXT_CONTAINS, Operation.TEXT_STARTS_WITH, Operation.TEXT_ENDS_WITH}
_OF_LISTS = {Operation.LIST_CONTAINS, Operation.LIST_ALL, Operation.LIST_ANY}


def unscaled(value: object) -> tuple[int, int]:
    """Return a value as (scale, integer) with the smallest scale. Raises TypeError for a text."""
    match value:
        case bool() | int():
            return 0, int(value)
        case Decimal():
            above, below = value.as_integer_ratio()
            scale = 0
            while below != 1 and (above * 10**scale) % below:
                scale += 1
            return scale, above * 10**scale // below
        case date():
            return 0, value.toordinal()
        case Days():
            return 0, value.days
        case Months():
            return 0, value.months
        case _:
            raise TypeError(type(value).__name__)


def reciprocal(divisor: Decimal) -> tuple[int, int]:
    """Return (scale, n) with ``1 / divisor == n / 10**scale`` for a divisor whose reciprocal ends."""
    inverse = 1 / Fraction(divisor)
    scale = 0
    while (inverse * 10**scale).denominator != 1:
        scale += 1
    return scale, int(inverse * 10**scale)


def part_span(operation: Operation, whole: Span) -> Span:
    """Return where a part (year, month, days, …) of a date or a duration lies."""
    match operation:
        case Operation.YEAR_OF:
            return Span(0, date.fromordinal(whole.low).year, date.fromordinal(whole.high).year)
        case Operation.DAYS_OF:
            return whole
        case Operation.YEARS_OF:
            return Span(0, -(-whole.low // 12) if whole.low < 0 else whole.low // 12, max(whole.high, 0) // 12)
        case _:
            return _PARTS_OF_A_DATE[operation]


@dataclass
class NodeSpans:
    """Spans of one expression's nodes. ``look`` gives a name's span; ``element`` is that of an enclosing quantifier's list."""

    look: Callable[[str], Span]
    watch: Callable[[Span], None] | None = None
    element: Span | None = None

    def of(self, node: Node) -> Span | None:  # noqa: PLR0911 - one branch for each kind of node, in one view
        """Return where the node's value lies; None for texts."""
        match node:
            case Constant(value=value):
                return _of_value(value)
            case Read(type=kind, name=name):
                return None if _of_text(kind) else self.look(name)
            case Element():
                return self.element
            case Apply():
                return self._said(node, self._apply(node))
            case Round():
                return self._said(node, self._round(node))
            case Invoke():
                return self._said(node, self._invoke(node))
            case Both(left=left, right=right) | Either(left=left, right=right):
                self.of(left)
                self.of(right)
                return _YES_NO
            case Choose():
                return self._choose(node)
            case Items():
                each = [span for item in node.items if (span := self.of(item)) is not None]
                if not each:
                    return None
                whole = hull(each[0], *each[1:])
                return Span(whole.scale, whole.low, whole.high, len(node.items))
            case Meets():
                return self._meets(node, self.of(node.value))
            case Quantifier():
                inner = NodeSpans(self.look, self.watch, _one(self.of(node.domain)))
                inner.of(node.condition)
                return _YES_NO

    def ratio(self, node: Node) -> tuple[Span, Span]:
        """Return numerator and denominator, as integers, of an operand that is a quotient or was widened to one."""
        assert isinstance(node, Apply)  # noqa: S101 - only a division and a widening have a quotient's type
        if node.operation is Operation.WIDEN:
            exact = self._number(node.operands[0])
            return Span(0, exact.low, exact.high), Span(0, 10**exact.scale, 10**exact.scale)
        above, below = align(self._number(node.operands[0]), self._number(node.operands[1]))
        for each in (above, below):
            self._say(each)
        return Span(0, above.low, above.high), Span(0, below.low, below.high)

    def cell(self, meets: Node) -> None:
        """Walk a table's cell whose tested value is known already: only what its tests read matters."""
        if isinstance(meets, Meets):
            self._meets(meets, None)

    def _number(self, node: Node) -> Span:
        span = self.of(node)
        if span is None:
            raise TypeError(f"{node.type} is no number")
        return span

    def _say(self, span: Span) -> None:
        if self.watch is not None:
            self.watch(span)

    def _said(self, node: Node, span: Span | None) -> Span | None:
        """Report a result, then hold money and durations to what the reference lets pass."""
        if span is None:
            return None
        if node.type.kind not in _QUOTIENTS:
            self._say(span)
        if node.type == Type.MONEY:
            return span.within(-MAX_MONEY_FEN, MAX_MONEY_FEN)
        if node.type == Type.DATE:
            return span.within(_FIRST_DAY, _LAST_DAY)
        if node.type == Type.DAYS:
            return span.within(-MAX_DAYS, MAX_DAYS)
        if node.type == Type.MONTHS:
            return span.within(-MAX_MONTHS, MAX_MONTHS)
        return span

    def _apply(self, node: Apply) -> Span | None:  # noqa: PLR0911, PLR0912 - one branch a family, in one view
        operation, operands = node.operation, node.operands
        if operation in COMPARISONS:
            return self._compare(operation, operands[0], operands[1])
        if operation is Operation.QUOTIENT:
            above, below = self.ratio(node)
            return quotient(above, below)
        if operation in _OF_TEXTS or operation in _OF_LISTS:
            for operand in operands:
                self.of(operand)
            return _YES_NO
        found = [self.of(operand) for operand in operands]
        if operation in _PARTS_OF_A_DATE:
            return _PARTS_OF_A_DATE[operation]
        if operation in _PARTS and found[0] is not None:
            return part_span(operation, found[0])
        if operation is Operation.JOIN_TEXT or None in found:
            return Span(0, 0, found[0].items or 0) if operation is Operation.LIST_COUNT and found[0] else None
        spans = [span for span in found if span is not None]
        first = spans[0]
        match operation:
            case Operation.WIDEN:
                return first
            case Operation.NEGATE:
                return negate(first)
            case Operation.ADD | Operation.ADD_DAYS:
                return self._sum(first, spans[1])
            case Operation.SUBTRACT | Operation.SUBTRACT_DAYS | Operation.DAYS_BETWEEN:
                return self._sum(first, negate(spans[1]))
            case Operation.MULTIPLY:
                return multiply(first, spans[1])
            case Operation.SCALE_DAYS | Operation.SCALE_MONTHS:
                product = multiply(first, spans[1])
                self._say(product)
                factor = 10**product.scale
                return Span(0, product.low // factor, -(-product.high // factor))
            case Operation.DIVIDE:
                divisor = operands[1]
                assert isinstance(divisor, Constant)  # noqa: S101 - the checker divides exactly by literals only
                scale, factor = reciprocal(Decimal(str(divisor.value)))
                return multiply(first, Span(scale, factor, factor))
            case Operation.ABSOLUTE:
                return absolute(first)
            case Operation.NOT:
                return Span(0, 1 - first.high, 1 - first.low)
            case Operation.MINIMUM | Operation.MAXIMUM:
                choose = smaller if operation is Operation.MINIMUM else larger
                for other in spans[1:]:
                    for each in align(first, other):
                        self._say(each)
                    first = choose(first, other)
                return first
            case Operation.LIST_MINIMUM | Operation.LIST_MAXIMUM:
                return _one(first)
            case Operation.LIST_SUM:
                return total(first)
            case Operation.LIST_COUNT:
                return Span(0, 0, first.items or 0)
            case Operation.ADD_MONTHS | Operation.SUBTRACT_MONTHS | Operation.MAKE_DATE:
                return _ANY_DATE
            case Operation.MONTHS_BETWEEN:
                return Span(0, -MAX_MONTHS, MAX_MONTHS)
            case _:
                raise TypeError(f"{operation} has no span")

    def _sum(self, left: Span, right: Span) -> Span:
        for each in align(left, right):
            self._say(each)
        return add(left, right)

    def _compare(self, operation: Operation, left: Node, right: Node) -> Span:
        if left.type.kind in _QUOTIENTS:
            one, other = self.ratio(left), self.ratio(right)
            self._say(multiply(one[0], other[1]))
            self._say(multiply(other[0], one[1]))
            return _YES_NO
        first, second = self.of(left), self.of(right)
        if first is None or second is None:
            return _YES_NO
        first, second = align(first, second)
        self._say(first)
        self._say(second)
        return _compared(operation, first, second)

    def _meets(self, node: Meets, value: Span | None) -> Span:
        for test in node.tests:
            if isinstance(test, Among):
                operands: tuple[Node, ...] = (test.domain,)
            else:
                operands = tuple(bound.operand for bound in test)
            for operand in operands:
                if node.value.type.kind in _QUOTIENTS and not isinstance(test, Among):
                    if value is not None:
                        above, below = self.ratio(node.value)
                        other = self.ratio(operand)
                        self._say(multiply(above, other[1]))
                        self._say(multiply(other[0], below))
                    continue
                tested = self.of(operand)
                if tested is not None and value is not None:
                    for each in align(value, tested):
                        self._say(each)
        return _YES_NO

    def _choose(self, node: Choose) -> Span | None:
        condition = self.of(node.condition)
        then, otherwise = self.of(node.then), self.of(node.otherwise)
        if then is None or otherwise is None:
            return None
        if condition == _YES:
            return then
        if condition == _NO:
            return otherwise
        for each in align(then, otherwise):
            self._say(each)
        return hull(then, otherwise)

    def _round(self, node: Round) -> Span:
        scale = node.scale - FEN_DECIMALS if node.type == Type.MONEY else node.scale
        if node.operand.type.kind in _QUOTIENTS:
            above, below = self.ratio(node.operand)
            raised = Span(0, above.low * 10 ** max(0, scale), above.high * 10 ** max(0, scale))
            lowered = Span(0, below.low * 10 ** max(0, -scale), below.high * 10 ** max(0, -scale))
            self._say(multiply(Span(0, 2, 2), raised))
            self._say(multiply(Span(0, 2, 2), lowered))
            whole = quotient(raised, lowered)
            back = 10 ** max(0, -scale)
            return Span(max(0, scale), (whole.low - 1) * back, (whole.high + 1) * back)
        exact = self._number(node.operand)
        if exact.scale > scale:
            self._say(Span(0, 2 * exact.low, 2 * exact.high))
            self._say(Span(0, 0, 2 * 10 ** (exact.scale - scale)))
        return rounded(exact, scale, node.rounding)

    def _invoke(self, node: Invoke) -> Span | None:  # noqa: PLR0911 - one return an intrinsic
        spans = [self.of(operand) for operand in node.operands]
        match node.intrinsic.name, spans:
            case "marginal tiers", [Span() as base, Span(), Span() as ratios]:
                paid = multiply(larger(base, _NO), hull(_one(ratios) or ratios, _NO))
                self._say(total(Span(paid.scale, paid.low, paid.high, ratios.items)))
                return paid
            case "combined grade", _:
                return Span(0, _WORST_GRADE, _LIGHTEST_GRADE)
            case "ratio by grade", [_, Span() as ratios]:
                return _one(ratios)
            case "entitled weights", [Span() as weights, *_]:
                low = hull(Span(weights.scale, weights.low, weights.high), _NO)
                return Span(low.scale, low.low, low.high, weights.items)
            case "largest remainder", [Span() as whole, Span() as weights]:
                return Span(0, 0, max(0, whole.high), weights.items)
            case "add days" | "last waiting day", [Span() as start, Span() as days]:
                whole = Span(0, days.low // 10**days.scale - 1, -(-days.high // 10**days.scale))
                return add(start, whole)
            case "add months" | "add years", _:
                return _ANY_DATE
            case "age at", _:
                return Span(0, 0, _MOST_YEARS)
            case "day count", [Span() as start, Span() as end]:
                return add(end, negate(start))
            case "sum where", [Span() as amounts, *_]:
                return total(hull(amounts, Span(0, 0, 0, amounts.items)))
            case _:
                raise TypeError(f"no span is known for {node.intrinsic.name}")


def _of_value(value: object) -> Span | None:
    if isinstance(value, str):
        return None
    if isinstance(value, tuple):
        each = [span for item in value if (span := _of_value(item)) is not None]
        if not each:
            return None
        whole = hull(each[0], *each[1:])
        return Span(whole.scale, whole.low, whole.high, len(value))
    scale, number = unscaled(value)
    return Span(scale, number, number)


def _of_text(kind: Type) -> bool:
    return Kind.TEXT in (kind.kind, kind.element.kind if kind.element else None)


def _one(span: Span | None) -> Span | None:
    return None if span is None else Span(span.scale, span.low, span.high)


def _compared(operation: Operation, left: Span, right: Span) -> Span:
    """Say yes or no where the spans leave no doubt."""
    match operation:
        case Operation.LESS:
            yes, no = left.high < right.low, left.low >= right.high
        case Operation.LESS_OR_EQUAL:
            yes, no = left.high <= right.low, left.low > right.high
        case Operation.GREATER:
            yes, no = left.low > right.high, left.high <= right.low
        case Operation.GREATER_OR_EQUAL:
            yes, no = left.low >= right.high, left.high < right.low
        case _:
            apart = left.high < right.low or left.low > right.high
            one = left.low == left.high == right.low == right.high
            yes, no = (one, apart) if operation is Operation.EQUAL else (apart, one)
    return _YES if yes else _NO if no else _YES_NO
