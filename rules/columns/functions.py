"""The engine's functions (``rules.engine.intrinsics``) over columns.

Promise: equal to the function itself in every row, its refusals included. What has no form of its own here is called row by row,
once for each combination of arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import localcontext
from itertools import pairwise
from typing import Any

import numpy as np

from rules.columns import calendar, segments
from rules.columns.column import Bad, Column, Fixed, Lists, Texts, as_lists, full, joined, marked, taken
from rules.columns.frame import Frame
from rules.columns.integer_rounding import not_below_zero
from rules.columns.operations import failing, in_range, numeric, whole
from rules.columns.piece import Piece, bounded, is_wide, widened, worked_out
from rules.columns.shares import split
from rules.columns.text_operations import judged
from rules.columns.values import decoded, encoded
from rules.engine import span as spans
from rules.engine.disability import LIGHTEST_GRADE, WORST_GRADE
from rules.engine.language import Type, Undefined
from rules.engine.language.exact import EXACT
from rules.engine.language.ir import Invoke, Operation
from rules.engine.language.reference import conformity
from rules.engine.model import PackError
from rules.engine.span import Span

Form = Callable[[Invoke, Sequence[Piece]], Piece]


def invoke(node: Invoke, operands: Sequence[Piece]) -> Piece:
    """Return the piece of a call. Raises PackError: the function has no column form."""
    form = _FORMS.get(node.intrinsic.name)
    if form is None:
        raise PackError("unsupported", part="columns", function=node.intrinsic.name)
    return form(node, operands)


def _row_by_row(node: Invoke, operands: Sequence[Piece], span: Span) -> Piece:
    """Return a piece that calls the function for each distinct combination of arguments in the rows."""
    conforms, scales = conformity(node.type), [piece.span.scale if piece.span else 0 for piece in operands]

    def called(arguments: tuple[Any, ...]) -> Any:
        try:
            with localcontext(EXACT):
                result = node.intrinsic.function(*arguments)
        except (Undefined, ArithmeticError):
            return None
        return result if conforms(result) else None

    def run(frame: Frame) -> Column:
        values, bad = worked_out(operands, frame)
        columns = [
            list(_values(each, piece.type, scale, frame.rows))
            for each, piece, scale in zip(values, operands, scales, strict=True)
        ]
        known: dict[tuple[Any, ...], Any] = {}
        found = []
        for arguments in zip(*columns, strict=True):
            if arguments not in known:
                known[arguments] = called(arguments)
            found.append(known[arguments])
        refused = np.fromiter((each is None for each in found), dtype=bool, count=frame.rows)
        return Column(_column(found, node.type, span), joined(bad, marked(refused, frame.rows)))

    return Piece(run, node.type, bounded(span))


def _values(values: Any, kind: Type, scale: int, rows: int) -> Any:
    """Yield the language's value of each row."""
    if kind.element is None:
        items = values.decoded() if isinstance(values, Texts) else full(values, rows).tolist()
        return (decoded(item, kind, scale) for item in items)
    return _lists(values, kind.element, scale, rows)


def _lists(values: Any, element: Type, scale: int, rows: int) -> Any:
    if isinstance(values, Fixed):
        one = tuple(decoded(item, element, scale) for item in values.items)
        return (one for _ in range(rows))
    flat = values.flat.decoded() if isinstance(values.flat, Texts) else values.flat.tolist()
    items = [decoded(item, element, scale) for item in flat]
    edges = values.offsets.tolist()
    return (tuple(items[start:stop]) for start, stop in pairwise(edges))


def _column(found: Sequence[Any], kind: Type, span: Span) -> Any:
    dtype = object if is_wide(span) else np.int64
    if kind.element is None:
        return np.array([span.low if each is None else encoded(each, span.scale) for each in found], dtype=dtype)
    counts = np.fromiter((0 if each is None else len(each) for each in found), dtype=np.int64, count=len(found))
    flat = np.array([encoded(item, span.scale) for each in found for item in each or ()], dtype=dtype)
    return Lists(flat, np.concatenate(([0], np.cumsum(counts))))


def _tiers(node: Invoke, operands: Sequence[Piece]) -> Piece:
    base, bounds, ratios = operands
    paid = Span(ratios.number.scale, min(0, ratios.number.low), max(0, ratios.number.high))
    reached = spans.multiply(Span(base.number.scale, 0, max(0, base.number.high)), paid)
    if not isinstance(bounds.constant, Fixed) or not isinstance(ratios.constant, Fixed):
        return _row_by_row(node, operands, reached)
    edges, steps = (0, *bounds.constant.items), ratios.constant.items
    ordered = all(low < high for low, high in pairwise(edges))
    fits = len(steps) == len(edges) and ordered
    unit = 10**base.number.scale
    # Each part at its own ratio is the whole at the first, plus what lies above each bound at what its ratio differs.
    changes = [(low * unit, after - before) for low, before, after in zip(edges[1:], steps, steps[1:], strict=False)]
    most = max((abs(step) for step in steps), default=1)
    wide = is_wide(reached) or 2 * max(0, base.number.high) * most * len(edges) > spans.INT64_HIGH

    def tiers(values: Any) -> tuple[Any, Any]:
        if not fits:
            return values * 0, np.ones(np.shape(values), dtype=bool)
        above = not_below_zero(widened(values) if wide else values)
        total = above * steps[0]
        for bound, change in changes:
            total = total + not_below_zero(above - bound) * change
        return total, (values < 0 if base.number.low < 0 else False)

    return failing(tiers, (base,), node.type, reached)


def _combined(node: Invoke, operands: Sequence[Piece]) -> Piece:
    (grades,) = operands
    unit = 10**grades.number.scale
    low, high = WORST_GRADE * unit, LIGHTEST_GRADE * unit

    def run(frame: Frame) -> Column:
        values, bad = grades.run(frame)
        lists = as_lists(values, frame.rows)
        flat, offsets = lists.flat, lists.offsets
        wrong = (flat < low) | (flat > high) | (flat % unit != 0)
        refused = (lists.counts == 0) | (segments.counts_where(wrong, offsets) > 0)
        worst = segments.extremes(np.minimum, flat, offsets)
        several = segments.counts_where(flat == np.repeat(worst, lists.counts), offsets) > 1
        found = np.clip(worst // unit - several, WORST_GRADE, LIGHTEST_GRADE)
        return Column(found.astype(np.int64), joined(bad, marked(refused, frame.rows)))

    return Piece(run, node.type, Span(0, WORST_GRADE, LIGHTEST_GRADE))


def _ratio(node: Invoke, operands: Sequence[Piece]) -> Piece:
    grade, ratios = operands
    span = Span(ratios.number.scale, ratios.number.low, ratios.number.high)
    if not isinstance(ratios.constant, Fixed) or is_wide(span):
        return _row_by_row(node, operands, span)
    given = ratios.constant.items
    fits = len(given) == LIGHTEST_GRADE
    by_grade = np.array(given if fits else (span.low,) * LIGHTEST_GRADE, dtype=np.int64)

    def ratio(values: Any) -> tuple[Any, Any]:
        outside = (values < WORST_GRADE) | (values > LIGHTEST_GRADE)
        found = by_grade[np.clip(values, WORST_GRADE, LIGHTEST_GRADE).astype(np.int64) - 1]
        return found, outside if fits else np.ones(np.shape(values), dtype=bool)

    return failing(ratio, (whole(grade),), node.type, span)


def _entitled(node: Invoke, operands: Sequence[Piece]) -> Piece:
    weights, orders, _ = operands
    beyond = orders.number.high + 1
    wide = beyond > spans.INT64_HIGH
    span = Span(weights.number.scale, min(0, weights.number.low), max(0, weights.number.high), weights.number.items)

    def run(frame: Frame) -> Column:
        columns = [piece.run(frame) for piece in operands]
        bad: Bad = None
        for column in columns:
            bad = joined(bad, column.bad)
        weight, order, entitled = (as_lists(column.values, frame.rows) for column in columns)
        alike = (weight.counts == order.counts) & (weight.counts == entitled.counts)
        standing = segments.counts_where(entitled.flat.astype(bool), entitled.offsets) > 0
        good = alike & standing
        weight, order, entitled = (segments.kept(each, good) for each in (weight, order, entitled))
        people = entitled.flat.astype(bool)
        ranks = widened(order.flat) if wide else order.flat
        first = segments.extremes(np.minimum, np.where(people, ranks, beyond), order.offsets)
        takes = people & (order.flat == np.repeat(first, order.counts))
        found = Lists(np.where(takes, weight.flat, 0), weight.offsets)
        return Column(found, joined(bad, marked(np.logical_not(good), frame.rows)))

    return Piece(run, node.type, span)


def _remainder(node: Invoke, operands: Sequence[Piece]) -> Piece:
    total, weights = operands
    high = max(0, total.number.high)

    def run(frame: Frame) -> Column:
        (sums, first), (values, second) = total.run(frame), weights.run(frame)
        lists = as_lists(values, frame.rows)
        shares, refused = split(full(sums, frame.rows), lists)
        return Column(shares, joined(joined(first, second), marked(refused, frame.rows)))

    return Piece(run, node.type, Span(0, 0, high, weights.number.items))


def _calendar(step: Callable[[Any, Any], tuple[Any, Any]], factor: int = 1, less: int = 0) -> Form:
    def form(node: Invoke, operands: Sequence[Piece]) -> Piece:
        start, count = operands[0], whole(operands[1])
        reach = 31 * (factor * max(abs(count.number.low), abs(count.number.high)) + 1)
        span = Span(0, start.number.low - reach, start.number.high + reach)
        limit = 10_000_000
        days = step is calendar.add_days and not is_wide(count.number)
        if days and span.low >= calendar.FIRST and span.high <= calendar.LAST:
            # Within the calendar whatever the facts are: nothing to look at.
            return numeric(lambda day, counted: day + (counted - less), (start, count), node.type, span)

        def stepped(day: Any, counted: Any) -> tuple[Any, Any]:
            # Beyond the calendar either way: the same refusal, without numbers that leave 64 bits.
            return step(day, np.clip(counted, -limit, limit) * factor - less)

        return failing(stepped, (start, count), node.type, span.within(calendar.FIRST, calendar.LAST))

    return form


def _age(node: Invoke, operands: Sequence[Piece]) -> Piece:
    born, on = operands
    most = max(0, (on.number.high - born.number.low) // 365 + 1)
    return failing(calendar.age_at, operands, node.type, Span(0, 0, most))


def _day_count(node: Invoke, operands: Sequence[Piece]) -> Piece:
    start, end = operands
    span = spans.add(end.number, spans.negate(start.number))
    return numeric(lambda first, last: last - first, operands, node.type, span)


def _sum_where(node: Invoke, operands: Sequence[Piece]) -> Piece:
    elements = operands[0].number
    span = spans.total(Span(elements.scale, min(0, elements.low), max(0, elements.high), elements.items))
    span = bounded(Span(span.scale, span.low, span.high))
    wide = is_wide(span)

    def run(frame: Frame) -> Column:
        columns = [piece.run(frame) for piece in operands]
        bad: Bad = None
        for column in columns:
            bad = joined(bad, column.bad)
        sums, names = (as_lists(column.values, frame.rows) for column in columns[:2])
        alike = sums.counts == names.counts
        if not alike.all():
            sums, names = segments.kept(sums, alike), segments.kept(names, alike)
        wanted = columns[2].values
        spread = wanted if isinstance(wanted, str) else taken(wanted, names.owners())
        chosen = judged(Operation.EQUAL, names.flat, spread)
        flat = widened(sums.flat) if wide else sums.flat
        found = segments.sums(np.where(chosen, flat, 0), sums.offsets)
        return Column(found, joined(bad, marked(np.logical_not(alike), frame.rows)))

    return in_range(Piece(run, node.type, span))


_FORMS: dict[str, Form] = {
    "marginal tiers": _tiers,
    "combined grade": _combined,
    "ratio by grade": _ratio,
    "entitled weights": _entitled,
    "largest remainder": _remainder,
    "add days": _calendar(calendar.add_days),
    "add months": _calendar(calendar.add_months),
    "add years": _calendar(calendar.add_months, factor=12),
    "last waiting day": _calendar(calendar.add_days, less=1),
    "age at": _age,
    "day count": _day_count,
    "sum where": _sum_where,
}
