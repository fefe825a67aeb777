"""What each name stands for while one liability (or a plan's outputs) is worked out over columns.

Promise: the columns' counterpart of ``rules.engine.scope.Scope``: facts, parameters, dated parameters, rules, pools. A rule is worked
out once a frame; a failure inside it carries the innermost rule's code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from rules.columns.building import Builder, after, once
from rules.columns.codes import RuleCodes
from rules.columns.column import UNATTRIBUTED, Column, Fixed, Lists, attributed, chosen, joined, marked
from rules.columns.frame import Frame
from rules.columns.operations import aligned, in_range, numeric
from rules.columns.piece import Piece, bounded, is_wide
from rules.columns.tables import table_piece
from rules.columns.values import constant_piece, encoded
from rules.engine import span as spans
from rules.engine.dating import AT, DATE, Given, Timeline, written_name
from rules.engine.document import DateBasis, ElementSpec, ValueType
from rules.engine.language import Expression, Type
from rules.engine.language.exact import MAX_MONEY_FEN
from rules.engine.language.ir import Node, Read
from rules.engine.model import ElementId, PackError
from rules.engine.pack import Pack, Rule, pool_of
from rules.engine.span import Span
from rules.engine.values import bounds, language_type

DRAWN = "drawn "


class Names:
    """The names of one liability. ``basis`` is its date element, ``drawn`` the most each pool has given before it."""

    def __init__(
        self,
        pack: Pack,
        parameters: Mapping[str, Given],
        codes: RuleCodes,
        basis: str | None = None,
        drawn: Mapping[str, int] | None = None,
    ) -> None:
        self._pack = pack
        self._parameters = parameters
        self._codes = codes
        self._basis = basis
        self._drawn = drawn or {}
        self._pieces: dict[str, Piece] = {}
        self._builder = Builder(lambda node: self.read(node.name))

    def node(self, node: Node, **variables: Piece) -> Piece:
        """Return the piece of an expression's typed form; ``variables`` are names of the moment (the running sum)."""
        if not variables:
            return self._builder.node(node)

        def resolve(read: Read) -> Piece:
            return variables[read.name] if read.name in variables else self.read(read.name)

        return Builder(resolve).node(node)

    def read(self, name: str) -> Piece:
        """Return the piece of a name, worked out once a frame."""
        if name not in self._pieces:
            self._pieces[name] = self._piece(name)
        return self._pieces[name]

    def body(self, rule: Rule, **variables: Piece) -> Piece:
        """Return the piece of a rule's body; what fails in it and in no rule below carries its code."""
        if isinstance(rule.body, Expression):
            piece = self.node(rule.body.node, **variables)
        else:
            piece = table_piece(rule.body, self.node, self._builder)
        if piece.constant is not None:
            return piece
        return _replaced(piece, _attributing(piece.run, self._codes.of(written_name(rule.spec.id))))

    def _piece(self, name: str) -> Piece:
        spec = self._pack.elements.get(ElementId(name))
        if spec is not None:
            return fact_piece(spec)
        given = self._parameters.get(name)
        if given is not None and not isinstance(given, Timeline):
            return constant_piece(self._type_of(name), given)
        rule = self._pack.rules.get(name)
        if rule is not None:
            return once(self.body(rule))
        if AT in name:
            return self._dated(name)
        pool = pool_of(name)
        if pool is not None and pool in self._pack.pools:
            return self._pool(pool, name)
        raise PackError("unknown_name", part="columns", name=name)

    def _type_of(self, name: str) -> Type:
        spec = self._pack.parameters[name]
        return language_type(spec.type, spec.many)

    def _dated(self, name: str) -> Piece:
        stem, _, basis = name.partition(AT)
        element = self._basis if basis == DateBasis.LIABILITY else self._pack.date_bases[DateBasis(basis)]
        given = self._parameters.get(stem)
        if element is None:
            return never(self._kind(stem))
        if given is not None and not isinstance(given, Timeline):
            return constant_piece(self._type_of(stem), given)
        on = self.read(element)
        if stem == DATE:
            return on
        if isinstance(given, Timeline):
            return _timeline(given, on, self._type_of(stem))
        return never(self._kind(stem))

    def _kind(self, stem: str) -> Type:
        if stem in self._pack.parameters:
            return self._type_of(stem)
        rule = self._pack.rules.get(stem)
        return Type.DATE if rule is None else language_type(rule.spec.type, rule.spec.many)

    def _pool(self, pool_id: str, name: str) -> Piece:
        pool = self._pack.pools[pool_id]
        used = self._used(pool_id, self.read(pool.spec.used))
        if name.endswith("_used"):
            return used
        if pool.limit is None:
            return never(used.type)
        limit = self.node(pool.limit.node)
        if name.endswith("_limit"):
            # Scope reads what is used first, whatever is asked of the pool.
            return once(after(used, limit))
        less, more = aligned((used, limit))
        reach = spans.add(more.number, spans.negate(less.number))
        left = spans.larger(reach, Span(0, 0, 0))
        found = numeric(lambda taken, most: np.maximum(most - taken, 0), (less, more), Type.NUMBER, left)
        return once(Piece(found.run, used.type, found.span))

    def _used(self, pool_id: str, used: Piece) -> Piece:
        taken = self._drawn.get(pool_id, 0)
        if not taken:
            return used
        span, run, key = used.number, used.run, DRAWN + pool_id
        factor = 10**span.scale

        def with_drawn(frame: Frame) -> Column:
            values, bad = run(frame)
            drawn = frame.known.get(key)
            return Column(values, bad) if drawn is None else Column(values + drawn.values * factor, bad)

        return Piece(with_drawn, used.type, bounded(Span(span.scale, span.low, span.high + taken * factor)))


def _replaced(piece: Piece, run: Callable[[Frame], Column]) -> Piece:
    return Piece(run, piece.type, piece.span, piece.below)


def _attributing(run: Callable[[Frame], Column], code: int) -> Callable[[Frame], Column]:
    def attributing(frame: Frame) -> Column:
        column = run(frame)
        return column if column.bad is None else Column(column.values, attributed(column.bad, code))

    return attributing


def fact_span(spec: ElementSpec) -> Span | None:
    """Return where an element's integers lie, at which scale; None for texts and yes/no."""
    if spec.type in (ValueType.TEXT, ValueType.BOOL):
        return None
    low, high = bounds(spec)
    scale = spec.scale or 0
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        unit = 10**scale
        ends = -int(-low * unit // 1), int(high * unit // 1)
    else:
        ends = encoded(low), encoded(high)
    return Span(scale, ends[0], ends[1], spec.items)


def fact_piece(spec: ElementSpec) -> Piece:
    """Return the piece of an element: failing in the rows that do not have the fact."""
    kind, span, name = language_type(spec.type, spec.many), fact_span(spec), spec.id
    stand_in = _stand_in(spec, span)
    wide = span is not None and is_wide(span)

    def fact(frame: Frame) -> Column:
        found = frame.fact(name)
        if found is not None:
            return found
        return Column(_nobodys(stand_in, frame.rows) if wide else stand_in, marked(True, frame.rows))

    piece = Piece(fact, kind, span)
    return in_range(piece) if kind == Type.MONEY and span is not None and span.high > MAX_MONEY_FEN else piece


def _nobodys(stand_in: Any, rows: int) -> Any:
    """Return what stands for numbers beyond 64 bits that no row has."""
    if isinstance(stand_in, Fixed):
        return Lists(np.zeros(0, dtype=object), np.zeros(rows + 1, dtype=np.int64))
    return np.full(rows, stand_in, dtype=object)


def _stand_in(spec: ElementSpec, span: Span | None) -> Any:
    if spec.many:
        return Fixed(())
    if span is not None:
        return span.low
    return "" if spec.type is ValueType.TEXT else False


def never(kind: Type) -> Piece:
    """Return a piece that fails in every row."""
    value: Any = 0
    if kind.element is not None:
        value = Fixed(())
    elif kind == Type.TEXT:
        value = ""
    elif kind == Type.BOOL:
        value = False
    first = kind.element or kind
    span = None if first in (Type.TEXT, Type.BOOL) else Span(0, 0, 0, 0 if kind.element else None)
    if kind == Type.DATE:
        value, span = 1, Span(0, 1, 1)
    return Piece(lambda frame: Column(value, np.full(frame.rows, UNATTRIBUTED, dtype=np.int32)), kind, span)


def _timeline(given: Timeline, on: Piece, kind: Type) -> Piece:
    """Return a dated parameter: the value of each row's date, failing before the first."""
    starts = np.array([start.toordinal() for start in given.starts], dtype=np.int64)
    pieces = [constant_piece(kind, value) for value in given.values]
    span = None
    if pieces[0].span is not None:
        pieces = aligned(pieces)
        span = spans.hull(*(piece.number for piece in pieces))
    forms = [piece.constant for piece in pieces]
    scalars = np.array(forms) if kind.element is None and kind != Type.TEXT else None
    run = on.run

    def dated(frame: Frame) -> Column:
        days, bad = run(frame)
        at = np.searchsorted(starts, days, side="right") - 1
        bad = joined(bad, marked(at < 0, frame.rows))
        at = np.maximum(at, 0)
        if scalars is not None:
            return Column(scalars[at], bad)
        values = forms[0]
        for number in range(1, len(forms)):
            values = chosen(at == number, forms[number], values, frame.rows)
        return Column(values, bad)

    return once(Piece(dated, kind, span))
