"""Operations on numbers, texts, lists and dates in integer Python.

Promise: sums and products of fixed-point integers are exact; where the reference holds money and durations to a range, so does the
code, unless the spans of the operands show that the range cannot be left.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from rules.engine.generated.code import NO, YES, YES_NO, Code, both_at_one_scale, number
from rules.engine.generated.comparing import SIGNS, compare, list_and_item
from rules.engine.generated.source import NotGenerated
from rules.engine.language import Type
from rules.engine.language.dates import MAX_DAYS, MAX_MONTHS
from rules.engine.language.exact import MAX_MONEY_FEN
from rules.engine.language.ir import Apply, Constant, Operation
from rules.engine.language.value_types import Kind
from rules.engine.node_spans import MAX_TEXT, part_span, reciprocal
from rules.engine.span import Span, absolute, add, negate
from rules.engine.span import total as list_total

if TYPE_CHECKING:
    from rules.engine.generated.expressions import Expressions

LIMITS = {Kind.MONEY: MAX_MONEY_FEN, Kind.DAYS: MAX_DAYS, Kind.MONTHS: MAX_MONTHS}
_MOST_ITEMS = 10**6
_ANY_DATE = Span(0, date.min.toordinal(), date.max.toordinal())
_DATE_PARTS = {
    Operation.YEAR_OF: "{}.year",
    Operation.MONTH_OF: "{}.month",
    Operation.DAY_OF: "{}.day",
    Operation.WEEKDAY_OF: "{}.isoweekday()",
    Operation.DAYS_OF: "{}",
    Operation.YEARS_OF: "toward_zero({})",
    Operation.MONTHS_OF: "rest_of_year({})",
}
_TEXT_TESTS = {
    Operation.TEXT_CONTAINS: "({1} in {0})",
    Operation.TEXT_STARTS_WITH: "{0}.startswith({1})",
    Operation.TEXT_ENDS_WITH: "{0}.endswith({1})",
}


def apply(writer: Expressions, node: Apply) -> Code:  # noqa: PLR0911, PLR0912 - one branch a family, in one view
    """Return the code of an operation."""
    operation, operands = node.operation, node.operands
    if operation in SIGNS:
        return compare(writer, operation, operands[0], operands[1])
    if operation is Operation.QUOTIENT:
        raise NotGenerated("a quotient outside of a rounding or a comparison")
    codes = [writer.write(operand) for operand in operands]
    first = codes[0]
    kind = node.type
    match operation:
        case Operation.WIDEN:
            return Code(first.text, kind, first.span, first.atom)
        case Operation.NEGATE:
            if first.literal is not None:
                return writer.constant(-first.literal, kind) if first.scale == 0 else _negated(first)
            return _negated(first)
        case Operation.ADD:
            return _sum(writer, first, codes[1], "+", kind)
        case Operation.SUBTRACT:
            return _sum(writer, first, codes[1], "-", kind)
        case Operation.MULTIPLY:
            return product(first, codes[1], kind)
        case Operation.DIVIDE:
            assert isinstance(operands[1], Constant)  # noqa: S101 - the checker divides exactly by literals only
            scale, factor = reciprocal(Decimal(str(operands[1].value)))
            return product(first, Code(number(factor), kind, Span(scale, factor, factor), atom=True), kind)
        case Operation.ABSOLUTE:
            return Code(f"abs({first.bare})", kind, absolute(first.span) if first.span else None)
        case Operation.NOT:
            if first.text in (YES, NO):
                return writer.constant(first.text == NO, kind)
            return Code(f"(not {first.text})", kind, YES_NO)
        case Operation.MINIMUM | Operation.MAXIMUM:
            sign = "<=" if operation is Operation.MINIMUM else ">="
            for other in codes[1:]:
                first = _extreme(writer, first, other, sign, kind)
            return first
        case Operation.LIST_MINIMUM | Operation.LIST_MAXIMUM:
            name = "min" if operation is Operation.LIST_MINIMUM else "max"
            return Code(f"{name}({first.bare})", kind, one_of(first.span))
        case Operation.LIST_SUM:
            return _list_sum(first, kind)
        case Operation.LIST_COUNT:
            items = first.span.items if first.span else None
            return Code(f"len({first.bare})", kind, Span(0, 0, _MOST_ITEMS if items is None else items))
        case Operation.LIST_CONTAINS:
            several, wanted = list_and_item(first, codes[1])
            return Code(f"({wanted.text} in {several.text})", kind, YES_NO)
        case Operation.LIST_ALL | Operation.LIST_ANY:
            name = "all" if operation is Operation.LIST_ALL else "any"
            return Code(f"{name}({first.bare})", kind, YES_NO)
        case Operation.JOIN_TEXT:
            return Code(f"({first.text} + {codes[1].text})", kind)
        case Operation.TEXT_LENGTH:
            return Code(f"len({first.bare})", kind, Span(0, 0, MAX_TEXT))
        case Operation.TEXT_CONTAINS | Operation.TEXT_STARTS_WITH | Operation.TEXT_ENDS_WITH:
            return Code(_TEXT_TESTS[operation].format(first.text, codes[1].text), kind, YES_NO)
        case Operation.MAKE_DATE:
            parts = ", ".join(writer.whole(code).bare for code in codes)
            return Code(f"date_of({parts})", kind, _ANY_DATE)
        case Operation.ADD_DAYS:
            return Code(f"add_days({first.bare}, {codes[1].bare})", kind, _ANY_DATE)
        case Operation.SUBTRACT_DAYS:
            return Code(f"add_days({first.bare}, -{codes[1].text})", kind, _ANY_DATE)
        case Operation.ADD_MONTHS:
            return Code(f"add_months({first.bare}, {codes[1].bare})", kind, _ANY_DATE)
        case Operation.SUBTRACT_MONTHS:
            return Code(f"add_months({first.bare}, -{codes[1].text})", kind, _ANY_DATE)
        case Operation.SCALE_DAYS | Operation.SCALE_MONTHS:
            limit = LIMITS[kind.kind]
            return writer.within(writer.whole(product(first, codes[1], kind)), limit)
        case Operation.DAYS_BETWEEN:
            left, right = first.span or _ANY_DATE, codes[1].span or _ANY_DATE
            return Code(f"({first.text} - {codes[1].text}).days", kind, add(left, negate(right)))
        case Operation.MONTHS_BETWEEN:
            return Code(f"months_between({first.bare}, {codes[1].bare})", kind, Span(0, -MAX_MONTHS, MAX_MONTHS))
        case _ if operation in _DATE_PARTS:
            return Code(_DATE_PARTS[operation].format(first.text), kind, part_span(operation, first.span or _ANY_DATE))
        case _:
            raise NotGenerated(str(operation))


def _negated(code: Code) -> Code:
    return Code(f"(-{code.text})", code.type, negate(code.span) if code.span else None)


def _sum(writer: Expressions, left: Code, right: Code, sign: str, kind: Type) -> Code:
    left, right = both_at_one_scale(left, right)
    assert left.span is not None and right.span is not None  # noqa: S101, PT018 - numbers
    span = add(left.span, right.span if sign == "+" else negate(right.span))
    one, other = left.literal, right.literal
    if one is not None and other is not None:
        return limited(writer, Code(number(one + other if sign == "+" else one - other), kind, span, atom=True))
    if other == 0:
        return limited(writer, Code(left.text, kind, span, left.atom))
    if one == 0 and sign == "+":
        return limited(writer, Code(right.text, kind, span, right.atom))
    return limited(writer, Code(f"({left.text} {sign} {right.text})", kind, span))


def product(left: Code, right: Code, kind: Type) -> Code:
    """Return a product; its scale is the sum of scales."""
    assert left.span is not None and right.span is not None  # noqa: S101, PT018 - numbers
    corners = [a * b for a in (left.span.low, left.span.high) for b in (right.span.low, right.span.high)]
    span = Span(left.span.scale + right.span.scale, min(corners), max(corners))
    one, other = left.literal, right.literal
    if one is not None and other is not None:
        return Code(number(one * other), kind, span, atom=True)
    if other == 1:
        return Code(left.text, kind, span, left.atom)
    if one == 1:
        return Code(right.text, kind, span, right.atom)
    return Code(f"({left.text} * {right.text})", kind, span)


def limited(writer: Expressions, code: Code) -> Code:
    """Hold a sum of money or of durations to the reference's range."""
    limit = LIMITS.get(code.type.kind)
    return code if limit is None else writer.within(code, limit)


def _extreme(writer: Expressions, left: Code, right: Code, sign: str, kind: Type) -> Code:
    left, right = both_at_one_scale(left, right)
    left, right = writer.bound(left), writer.bound(right)
    span = None
    if left.span is not None and right.span is not None:
        choose = min if sign == "<=" else max
        span = Span(
            max(left.span.scale, right.span.scale),
            choose(left.span.low, right.span.low),
            choose(left.span.high, right.span.high),
        )
    return Code(f"({left.text} if {left.text} {sign} {right.text} else {right.text})", kind, span)


def _list_sum(several: Code, kind: Type) -> Code:
    span = several.span
    assert span is not None  # noqa: S101 - a list of numbers
    found = list_total(span)
    limit = LIMITS.get(kind.kind)
    if limit is not None and not -limit <= found.low <= found.high <= limit:
        return Code(f"sum_within({several.bare}, {limit})", kind, found.within(-limit, limit))
    return Code(f"sum_of({several.bare})", kind, found)


def one_of(span: Span | None) -> Span | None:
    """Return the span of a list's elements as that of a number."""
    return None if span is None else Span(span.scale, span.low, span.high)
