"""One node of the typed form made ready to be worked out over columns.

Promise: ``run`` gives the node's column for a frame; ``span`` says, before any data is seen, at which scale its integers count and
between which bounds they lie. Where bounds leave 64 bits the column holds Python's integers, slower and as exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rules.columns.column import Bad, Column, Fixed, joined
from rules.columns.frame import Frame
from rules.engine.language import Type
from rules.engine.language.exact import MAX_DIGITS, MAX_INPUT_SCALE
from rules.engine.model import PackError
from rules.engine.span import Span

Run = Callable[[Frame], Column]


@dataclass(frozen=True, slots=True)
class Piece:
    """``span`` is None for yes/no and texts, a list's elements' for a list; ``below`` is a ratio's divisor's span.

    ``constant`` is the value for all rows in column form, None where it depends on the facts.
    """

    run: Run
    type: Type
    span: Span | None = None
    below: Span | None = None
    constant: Any = None

    @property
    def number(self) -> Span:
        """The span of a number, money, date, duration, or of a list's elements."""
        if self.span is None:
            raise TypeError(f"{self.type} has no span")
        return self.span


def worked_out(pieces: Sequence[Piece], frame: Frame) -> tuple[list[Any], Bad]:
    """Return the values of each piece, worked out from left to right, and the rows in which one of them has none."""
    bad: Bad = None
    found = []
    for piece in pieces:
        values, its_bad = piece.run(frame)
        found.append(values)
        bad = joined(bad, its_bad)
    return found, bad


def constant(kind: Type, value: Any, span: Span | None = None) -> Piece:
    """Return a piece that has one value in all rows, given in column form."""
    column = Column(value)
    return Piece(lambda _: column, kind, span, constant=value)


def is_wide(*spans: Span) -> bool:
    """Say whether Python's integers are needed: a value of one of the spans may not fit 64 bits."""
    return not all(span.fits_int64 for span in spans)


def bounded(span: Span) -> Span:
    """Return the span. Raises PackError where the language itself could not hold its numbers exactly."""
    if span.scale > MAX_INPUT_SCALE or max(abs(span.low), abs(span.high)) >= 10**MAX_DIGITS:
        raise PackError("overflow", part="columns", detail=f"{span.low} to {span.high} at scale {span.scale}")
    return span


def widened(values: Any) -> Any:
    """Return integers as Python's integers, which have no limit."""
    if isinstance(values, np.ndarray):
        return values if values.dtype == object else values.astype(object)
    return int(values)


def narrowed(values: Any, span: Span) -> Any:
    """Return integers in 64 bits where their span allows it."""
    if isinstance(values, np.ndarray) and values.dtype == object and span.fits_int64:
        return values.astype(np.int64)
    return values


def at_scale(piece: Piece, scale: int) -> Piece:
    """Return the piece counted at a scale that is not smaller than its own; of a list, each element."""
    span = piece.number
    if span.scale == scale:
        return piece
    factor = 10 ** (scale - span.scale)
    target = bounded(span.at(scale))
    if isinstance(piece.constant, Fixed):
        return constant(piece.type, Fixed(tuple(item * factor for item in piece.constant.items)), target)
    if piece.constant is not None:
        return constant(piece.type, piece.constant * factor, target)
    if piece.type.element is not None:
        return replace(piece, run=_scaled_lists(piece.run, factor, is_wide(target)), span=target)
    wide, run = is_wide(target), piece.run

    def scaled(frame: Frame) -> Column:
        values, bad = run(frame)
        return Column((widened(values) if wide else values) * factor, bad)

    return Piece(scaled, piece.type, target)


def _scaled_lists(run: Run, factor: int, wide: bool) -> Run:
    def scaled(frame: Frame) -> Column:
        values, bad = run(frame)
        if isinstance(values, Fixed):
            return Column(Fixed(tuple(item * factor for item in values.items)), bad)
        flat = widened(values.flat) if wide else values.flat
        return Column(replace(values, flat=flat * factor), bad)

    return scaled
