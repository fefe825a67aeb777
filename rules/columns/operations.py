"""What each operation of the typed form does with columns of numbers, money, dates and durations.

Promise: exact; equal to ``rules.engine.language.reference`` in every row; a row for which that has no value is marked as failed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import numpy as np

from rules.columns import calendar
from rules.columns.column import Column, Ratio, joined, marked
from rules.columns.frame import Frame
from rules.columns.integer_rounding import rounded
from rules.columns.piece import Piece, at_scale, bounded, constant, is_wide, narrowed, widened, worked_out
from rules.engine import span as spans
from rules.engine.language import Type
from rules.engine.language.dates import MAX_DAYS, MAX_MONTHS
from rules.engine.language.exact import MAX_MONEY_FEN, Rounding
from rules.engine.language.ir import Operation
from rules.engine.language.value_types import Kind
from rules.engine.span import Span

Values = Callable[..., Any]

COMPARISONS: dict[Operation, Values] = {
    Operation.EQUAL: eq,
    Operation.NOT_EQUAL: ne,
    Operation.LESS: lt,
    Operation.LESS_OR_EQUAL: le,
    Operation.GREATER: gt,
    Operation.GREATER_OR_EQUAL: ge,
}
_LIMITS = {Kind.MONEY: MAX_MONEY_FEN, Kind.DAYS: MAX_DAYS, Kind.MONTHS: MAX_MONTHS}
_QUOTIENTS = (Kind.QUOTIENT, Kind.MONEY_QUOTIENT)


def apply(function: Values, operands: Sequence[Piece], kind: Type, span: Span | None) -> Piece:
    """Return a piece that works its values out from the operands', left to right; folded where all are constant."""

    def run(frame: Frame) -> Column:
        values, bad = worked_out(operands, frame)
        return Column(function(*values), bad)

    if all(operand.constant is not None for operand in operands):
        folded = function(*(operand.constant for operand in operands))
        return constant(kind, folded.item() if isinstance(folded, np.generic | np.ndarray) else folded, span)
    return Piece(run, kind, span)


def numeric(function: Values, operands: Sequence[Piece], kind: Type, span: Span, *, room: int = 0) -> Piece:
    """Return a piece of numbers; ``room`` is the largest number on the way. Sums beyond the language's range fail."""
    span = bounded(span)
    wide = is_wide(span, *(operand.number for operand in operands)) or room > spans.INT64_HIGH
    if wide:
        narrow = function

        def function(*values: Any) -> Any:
            return narrowed(narrow(*(widened(value) for value in values)), span)

    return in_range(apply(function, operands, kind, span))


def in_range(piece: Piece) -> Piece:
    """Return the piece failing in the rows whose money or duration passes what the language allows."""
    limit, span = _LIMITS.get(piece.type.kind), piece.number
    if limit is None or -limit <= span.low <= span.high <= limit:
        return piece
    run, inside = piece.run, span.within(-limit, limit)

    def checked(frame: Frame) -> Column:
        values, bad = run(frame)
        beyond = (values > limit) | (values < -limit)
        kept = narrowed(np.clip(values, -limit, limit), inside)
        return Column(kept, joined(bad, marked(beyond, frame.rows)))

    return Piece(checked, piece.type, inside)


def failing(function: Callable[..., tuple[Any, Any]], operands: Sequence[Piece], kind: Type, span: Span) -> Piece:
    """Return a piece whose function gives values and the mask of rows that have none."""

    def run(frame: Frame) -> Column:
        values, bad = worked_out(operands, frame)
        found, outside = function(*values)
        return Column(found, joined(bad, marked(outside, frame.rows)))

    return Piece(run, kind, bounded(span))


def aligned(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces counted at one scale."""
    scale = max(piece.number.scale for piece in pieces)
    return [at_scale(piece, scale) for piece in pieces]


def whole(piece: Piece) -> Piece:
    """Return a number at scale 0, failing in the rows where it is not whole."""
    span = piece.number
    if span.scale == 0:
        return piece
    unit = 10**span.scale
    target = Span(0, span.low // unit, -(-span.high // unit))
    return failing(lambda values: (values // unit, values % unit != 0), (piece,), piece.type, target)


def compare(operation: Operation, left: Piece, right: Piece) -> Piece:
    """Return the comparison of two numbers, sums, dates, durations or ratios."""
    function = COMPARISONS[operation]
    if left.type.kind in _QUOTIENTS:
        return _compare_ratios(function, left, right)
    if left.span is None:
        return apply(function, (left, right), Type.BOOL, None)
    left, right = aligned((left, right))
    if is_wide(left.number, right.number):
        return apply(lambda a, b: function(widened(a), widened(b)), (left, right), Type.BOOL, None)
    return apply(function, (left, right), Type.BOOL, None)


def _compare_ratios(function: Values, left: Piece, right: Piece) -> Piece:
    crossed = (spans.multiply(left.number, _below(right)), spans.multiply(right.number, _below(left)))
    wide = is_wide(*crossed)

    def compared(first: Ratio, second: Ratio) -> Any:
        parts = (first.above, second.below, second.above, first.below)
        a, d, c, b = (widened(part) for part in parts) if wide else parts
        return function(a * d, c * b)

    return apply(compared, (left, right), Type.BOOL, None)


def _below(piece: Piece) -> Span:
    if piece.below is None:
        raise TypeError(f"{piece.type} is no ratio")
    return piece.below


def as_ratio(piece: Piece, kind: Type) -> Piece:
    """Return a number as a fraction."""
    if piece.type.kind in _QUOTIENTS:
        return Piece(piece.run, kind, piece.span, piece.below)
    span, below = piece.number, 10**piece.number.scale
    run = piece.run

    def ratio(frame: Frame) -> Column:
        values, bad = run(frame)
        return Column(Ratio(values, below), bad)

    return Piece(ratio, kind, Span(0, span.low, span.high), Span(0, below, below))


def quotient(left: Piece, right: Piece, kind: Type) -> Piece:
    """Return left / right as an exact fraction; division by zero fails."""
    above, below = left.number, right.number
    common = min(above.scale, below.scale)
    up, down = 10 ** (below.scale - common), 10 ** (above.scale - common)
    top = bounded(Span(0, above.low * up, above.high * up))
    bottom = bounded(Span(0, below.low * down, below.high * down))
    wide = is_wide(top, bottom)
    signed = bottom.low < 0
    runs = (left.run, right.run)

    def divided(frame: Frame) -> Column:
        (a, first), (b, second) = (run(frame) for run in runs)
        if wide:
            a, b = widened(a), widened(b)
        a, b = a * up, b * down
        bad = joined(joined(first, second), None if bottom.low > 0 else marked(b == 0, frame.rows))
        if bottom.low <= 0:
            b = np.where(b == 0, 1, b)
        if signed:
            a, b = np.where(b < 0, -a, a), np.abs(b)
        return Column(Ratio(a, b), bad)

    if signed:
        top = Span(0, min(top.low, -top.high), max(top.high, -top.low))
    return Piece(divided, kind, top, Span(0, max(1, bottom.low), max(1, bottom.high, -bottom.low)))


def round_to(piece: Piece, kind: Type, scale: int, rounding: Rounding) -> Piece:
    """Return a number or money rounded; ``scale`` counts decimals of what the integers count (of a fen for money)."""
    if piece.type.kind in _QUOTIENTS:
        return _round_ratio(piece, kind, scale, rounding)
    span = piece.number
    target = spans.rounded(span, scale, rounding)
    if span.scale <= scale:
        return in_range(Piece(piece.run, kind, span, constant=piece.constant))
    divisor, back = 10 ** (span.scale - scale), 10 ** max(0, -scale)
    upright = span.low >= 0

    def function(values: Any) -> Any:
        found = rounded(values, divisor, rounding, upright)
        return found * back if back != 1 else found

    room = 2 * max(abs(span.low), abs(span.high)) + 2 * divisor
    return numeric(function, (piece,), kind, target, room=room)


def _round_ratio(piece: Piece, kind: Type, scale: int, rounding: Rounding) -> Piece:
    above, below = piece.number, _below(piece)
    up, down, back = 10 ** max(0, scale), 10 ** max(0, -scale), 10 ** max(0, -scale)
    reached = spans.quotient(Span(0, above.low * up, above.high * up), Span(0, below.low * down, below.high * down))
    target = bounded(Span(max(0, scale), reached.low * back, reached.high * back))
    room = 2 * max(abs(above.low), abs(above.high)) * up + 2 * below.high * down
    wide = room > spans.INT64_HIGH or is_wide(target)
    upright = above.low >= 0

    def function(ratio: Ratio) -> Any:
        a, b = ratio.above, ratio.below
        if wide:
            a, b = widened(a), widened(b)
        found = rounded(a * up, b * down, rounding, upright) * back
        return narrowed(found, target)

    return in_range(apply(function, (piece,), kind, target))


def divide_exactly(piece: Piece, divisor: Fraction, kind: Type) -> Piece:
    """Return the piece divided by a number whose reciprocal ends."""
    reciprocal = 1 / divisor
    scale = 0
    while reciprocal.denominator != 1:
        reciprocal, scale = reciprocal * 10, scale + 1
    factor = constant(Type.NUMBER, int(reciprocal), Span(scale, int(reciprocal), int(reciprocal)))
    return multiply(piece, factor, kind)


def multiply(left: Piece, right: Piece, kind: Type) -> Piece:
    """Return the exact product."""
    return numeric(lambda a, b: a * b, (left, right), kind, spans.multiply(left.number, right.number))


def scale_duration(left: Piece, right: Piece, kind: Type) -> Piece:
    """Return a duration times a number; only whole days or months exist."""
    product = multiply(left, right, Type.NUMBER)
    counted = whole(product)
    return in_range(Piece(counted.run, kind, counted.span))


def add_calendar(operation: Operation, start: Piece, duration: Piece) -> Piece:
    """Return a date plus or minus a duration; outside the calendar it fails."""
    months = operation in (Operation.ADD_MONTHS, Operation.SUBTRACT_MONTHS)
    sign = -1 if operation in (Operation.SUBTRACT_DAYS, Operation.SUBTRACT_MONTHS) else 1
    step = calendar.add_months if months else calendar.add_days
    counted = duration.number
    reached = spans.add(start.number, spans.negate(counted) if sign < 0 else counted)
    if not months and reached.low >= calendar.FIRST and reached.high <= calendar.LAST:
        return numeric(lambda day, count: day + sign * count, (start, duration), Type.DATE, reached)
    return failing(lambda day, count: step(day, sign * count), (start, duration), Type.DATE, _dates(start, duration))


def _dates(start: Piece, duration: Piece) -> Span:
    days = 31 * max(abs(duration.number.low), abs(duration.number.high)) + 31
    span = Span(0, start.number.low - days, start.number.high + days)
    return span.within(calendar.FIRST, calendar.LAST)
