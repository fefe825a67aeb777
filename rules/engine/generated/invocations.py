"""The engine's own functions (marginal tiers, grades, anniversaries) in integer Python.

Promise: each equals its reference in ``rules.engine.intrinsics``, or the code declines. Tiers whose bounds and ratios the plan
fixes become a chain of comparisons with the paid sums below each bound worked out beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from rules.engine.disability import LIGHTEST_GRADE, WORST_GRADE
from rules.engine.generated.code import Code, number
from rules.engine.generated.source import NotGenerated
from rules.engine.language import Type
from rules.engine.language.ir import Invoke
from rules.engine.span import Span, add, hull, larger, multiply, negate

if TYPE_CHECKING:
    from rules.engine.generated.expressions import Expressions

_ANY_DATE = Span(0, date.min.toordinal(), date.max.toordinal())
_MOST_TIERS = 12


def invoke(writer: Expressions, node: Invoke) -> Code:  # noqa: PLR0911 - one return an intrinsic
    """Return the code of a call. Raises NotGenerated for a function that is not known here."""
    codes = [writer.write(operand) for operand in node.operands]
    kind = node.type
    match node.intrinsic.name:
        case "marginal tiers":
            return _tiers(writer, codes, kind)
        case "combined grade":
            grades = _whole_list(codes[0])
            span = Span(0, WORST_GRADE, LIGHTEST_GRADE)
            return Code(f"combine_grades({grades.bare})", kind, span)
        case "ratio by grade":
            return _ratio(writer, codes, kind)
        case "entitled weights":
            weights, orders, alive = codes
            span = _span(weights)
            low = hull(Span(span.scale, span.low, span.high), Span(0, 0, 0))
            text = f"entitled({weights.bare}, {orders.bare}, {alive.bare})"
            return Code(text, kind, Span(low.scale, low.low, low.high, span.items))
        case "largest remainder":
            whole, weights = codes
            span = Span(0, 0, max(0, _span(whole).high), _span(weights).items)
            return Code(f"split({whole.bare}, {weights.bare})", kind, span)
        case "add days":
            return Code(f"add_days({codes[0].bare}, {writer.whole(codes[1]).bare})", kind, _ANY_DATE)
        case "last waiting day":
            return Code(f"add_days({codes[0].bare}, {writer.whole(codes[1]).text} - 1)", kind, _ANY_DATE)
        case "add months":
            return Code(f"add_months({codes[0].bare}, {writer.whole(codes[1]).bare})", kind, _ANY_DATE)
        case "add years":
            return Code(f"add_years({codes[0].bare}, {writer.whole(codes[1]).bare})", kind, _ANY_DATE)
        case "age at":
            return Code(f"age_at({codes[0].bare}, {codes[1].bare})", kind, Span(0, 0, date.max.year))
        case "day count":
            span = add(_span(codes[1]), negate(_span(codes[0])))
            return Code(f"({codes[1].text} - {codes[0].text}).days", kind, span)
        case _:
            raise NotGenerated("a function without generated code")


def _span(code: Code) -> Span:
    if code.span is None:
        raise NotGenerated("a number without bounds")
    return code.span


def _whole_list(code: Code) -> Code:
    if code.scale:
        raise NotGenerated("grades with decimals")
    return code


def _listed(writer: Expressions, code: Code) -> Sequence[int] | None:
    """Return a list's integers where the plan fixes them."""
    found = writer.source.data.get(code.text)
    if not isinstance(found, tuple) or not all(type(each) is int for each in found):
        return None
    return found


def _ratio(writer: Expressions, codes: list[Code], kind: Type) -> Code:
    ratios = writer.bound(codes[1])
    grade = writer.bound(writer.whole(codes[0]))
    span = _span(ratios)
    writer.refuse_unless(
        f"len({ratios.text}) == {LIGHTEST_GRADE} and {WORST_GRADE} <= {grade.text} <= {LIGHTEST_GRADE}"
    )
    return Code(f"{ratios.text}[{grade.text} - 1]", kind, Span(span.scale, span.low, span.high))


def _tiers(writer: Expressions, codes: list[Code], kind: Type) -> Code:
    base, bounds, ratios = codes
    each = _span(ratios)
    span = multiply(larger(_span(base), Span(0, 0, 0)), hull(Span(each.scale, each.low, each.high), Span(0, 0, 0)))
    edges, shares = _listed(writer, bounds), _listed(writer, ratios)
    unit = 10**base.scale
    if edges is None or shares is None or len(edges) > _MOST_TIERS:
        return Code(f"tiers({base.bare}, {bounds.bare}, {ratios.bare}, {unit})", kind, span)
    base = writer.bound(base)
    name = writer.source.temporary()
    if len(shares) != len(edges) + 1 or any(low >= high for low, high in pairwise([0, *edges])):
        writer.source.line("raise Declined")
        return Code("0", kind, Span(span.scale, 0, 0), atom=True)
    if _span(base).low < 0:
        writer.refuse_unless(f"{base.text} >= 0")
    below, floor = 0, 0
    for at, share in enumerate(shares):
        last = at == len(edges)
        head = (
            "else"
            if last and at
            else f"{'el' if at else ''}if {base.text} <= {number(edges[at] * unit)}"
            if not last
            else "if True"
        )
        rest = base.text if floor == 0 else f"({base.text} - {floor})"
        paid = f"{rest} * {number(share)}" if below == 0 else f"{number(below)} + {rest} * {number(share)}"
        with writer.source.block(head):
            writer.source.line(f"{name} = {paid}")
        if not last:
            below += (edges[at] * unit - floor) * share
            floor = edges[at] * unit
    return Code(name, kind, span, atom=True)
