"""What the language does with lists, over columns: each row's items are a segment of one long array.

Promise: equal to the reference in every row; the empty list fails where the reference fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rules.columns import segments
from rules.columns.column import Column, Fixed, Lists, Texts, Words, as_lists, as_texts, full, joined, marked
from rules.columns.frame import Frame
from rules.columns.operations import aligned, apply, in_range
from rules.columns.piece import Piece, at_scale, bounded, constant, is_wide, widened, worked_out
from rules.columns.text_operations import among, judged
from rules.engine import span as spans
from rules.engine.language import Type
from rules.engine.language.exact import MAX_MONEY_FEN
from rules.engine.language.ir import Operation
from rules.engine.span import Span

MAX_ITEMS = 1_000_000
_EXTREMES: dict[Operation, np.ufunc] = {
    Operation.LIST_MINIMUM: np.minimum,
    Operation.LIST_MAXIMUM: np.maximum,
}


def items(pieces: Sequence[Piece], kind: Type) -> Piece:
    """Return a list of so many nodes."""
    span = None
    if pieces[0].span is not None:
        pieces = aligned(pieces)
        hull = spans.hull(*(piece.number for piece in pieces))
        span = Span(hull.scale, hull.low, hull.high, len(pieces))
    if all(piece.constant is not None for piece in pieces):
        return constant(kind, Fixed(tuple(piece.constant for piece in pieces)), span)

    def run(frame: Frame) -> Column:
        found, bad = worked_out(pieces, frame)
        offsets = np.arange(frame.rows + 1, dtype=np.int64) * len(pieces)
        return Column(Lists(_interleaved(found, frame.rows), offsets), bad)

    return Piece(run, kind, span)


def _interleaved(found: Sequence[Any], rows: int) -> Any:
    if isinstance(found[0], str | Texts):
        texts = [as_texts(values, rows) for values in found]
        starts = np.cumsum([0, *(len(each.words.words) for each in texts)])
        codes = np.stack([each.codes + start for each, start in zip(texts, starts, strict=False)], axis=1)
        return Texts(codes.ravel(), Words(tuple(word for each in texts for word in each.words.words)))
    return np.stack([full(values, rows) for values in found], axis=1).ravel()


def most_items(piece: Piece) -> int:
    """Return how many items a row's list can have."""
    return MAX_ITEMS if piece.span is None or piece.span.items is None else piece.span.items


def count(piece: Piece) -> Piece:
    """Return the number of items."""

    def counted(values: Any) -> Any:
        return len(values.items) if isinstance(values, Fixed) else values.counts

    return apply(counted, (piece,), Type.NUMBER, Span(0, 0, most_items(piece)))


def total(piece: Piece, kind: Type) -> Piece:
    """Return the sum of a list; of nothing there is none."""
    elements = piece.number
    reached = spans.total(Span(elements.scale, elements.low, elements.high, most_items(piece)))
    span = bounded(Span(reached.scale, reached.low, reached.high))
    wide = is_wide(span)
    watched = kind == Type.MONEY and max(abs(span.low), abs(span.high)) > MAX_MONEY_FEN

    def run(frame: Frame) -> Column:
        values, bad = piece.run(frame)
        lists = as_lists(values, frame.rows)
        flat = widened(lists.flat) if wide else lists.flat
        bad = joined(bad, marked(lists.counts == 0, frame.rows))
        if watched:
            bad = joined(bad, marked(segments.sums_beyond(flat, lists.offsets, MAX_MONEY_FEN), frame.rows))
        return Column(segments.sums(flat, lists.offsets), bad)

    return in_range(Piece(run, kind, span))


def extreme(operation: Operation, piece: Piece, kind: Type) -> Piece:
    """Return the least or greatest item; of nothing there is none."""
    function, elements = _EXTREMES[operation], piece.number

    def run(frame: Frame) -> Column:
        values, bad = piece.run(frame)
        lists = as_lists(values, frame.rows)
        bad = joined(bad, marked(lists.counts == 0, frame.rows))
        found = segments.extremes(function, lists.flat, lists.offsets)
        # An empty list has no item: any number inside the span stands for it.
        return Column(np.where(lists.counts == 0, elements.low, found), bad)

    return Piece(run, kind, Span(elements.scale, elements.low, elements.high))


def judge_all(operation: Operation, piece: Piece) -> Piece:
    """Return whether all, or any, of a list of yes/no hold."""

    def run(frame: Frame) -> Column:
        values, bad = piece.run(frame)
        lists = as_lists(values, frame.rows)
        holding = segments.counts_where(lists.flat.astype(bool), lists.offsets)
        return Column(holding == lists.counts if operation is Operation.LIST_ALL else holding > 0, bad)

    return Piece(run, Type.BOOL)


def contains(domain: Piece, wanted: Piece, *, wanted_first: bool = False) -> Piece:
    """Return whether the wanted value is an item of the list; ``wanted_first`` says which is evaluated first."""
    if wanted.span is not None and domain.span is not None:
        scale = max(wanted.span.scale, domain.span.scale)
        wanted, domain = at_scale(wanted, scale), at_scale(domain, scale)

    def run(frame: Frame) -> Column:
        if wanted_first:
            value, bad = wanted.run(frame)
            values, other = domain.run(frame)
        else:
            values, bad = domain.run(frame)
            value, other = wanted.run(frame)
        return Column(is_item(value, values, frame.rows), joined(bad, other))

    return Piece(run, Type.BOOL)


def is_item(value: Any, values: Any, rows: int) -> Any:
    """Return by row whether the value is an item of the row's list."""
    if isinstance(values, Fixed):
        if values.items and isinstance(values.items[0], str):
            return among(value, values.items)
        found: Any = np.zeros(rows, dtype=bool)
        for item in values.items:
            found = found | (value == item)
        return found
    lists = values
    if not len(lists.flat):
        return np.zeros(rows, dtype=bool)
    if isinstance(lists.flat, Texts):
        owners = lists.owners()
        spread = value if isinstance(value, str) else Texts(value.codes[owners], value.words)
        equal = judged(Operation.EQUAL, lists.flat, spread)
    else:
        equal = lists.flat == np.repeat(full(value, rows), lists.counts)
    return segments.counts_where(np.asarray(equal, dtype=bool), lists.offsets) > 0


def quantified(every: bool, domain: Piece, condition: Piece) -> Piece:
    """Return ``some``/``every``: items in order, up to the one that decides or fails."""

    def run(frame: Frame) -> Column:
        values, bad = domain.run(frame)
        lists = as_lists(values, frame.rows)
        inner = frame.some(lists.owners())
        inner.element = Column(lists.flat)
        holds, its_bad = condition.run(inner)
        holds = full(holds, inner.rows)
        decides = np.logical_not(holds) if every else holds
        if its_bad is None:
            return Column((segments.counts_where(decides, lists.offsets) > 0) != every, bad)
        at, some = segments.first_event(decides | (its_bad != 0), lists.offsets)
        code = np.where(some, its_bad[at] if inner.rows else 0, 0).astype(np.int32)
        return Column(some != every, joined(bad, code))

    return Piece(run, Type.BOOL)
