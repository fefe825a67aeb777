"""The typed form turned into pieces: the column back end's counterpart of ``rules.engine.language.closures``.

Promise: every node of ``ir.py`` has a piece; operands are worked out for all rows, and what the reference would not have come to
(a branch not taken, the right side of an ``and``) neither fails nor counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from rules.columns import calendar, functions, lists, operations, text_operations
from rules.columns.column import Column, chosen, joined, where_reached
from rules.columns.frame import Frame
from rules.columns.operations import COMPARISONS, aligned, apply, failing, numeric
from rules.columns.piece import Piece
from rules.columns.values import constant_piece
from rules.engine import span as spans
from rules.engine.language import Type
from rules.engine.language.ir import (
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
    Test,
)
from rules.engine.language.value_types import Kind
from rules.engine.span import Span

FEN_DECIMALS = 2
MAX_TEXT = 8_000_000
Resolve = Callable[[Read], Piece]


class Builder:
    """Builds pieces; ``resolve`` gives the piece of a name, ``element`` what a cell or quantifier looks at."""

    def __init__(self, resolve: Resolve, element: Piece | None = None) -> None:
        self._resolve = resolve
        self._element = element

    def node(self, node: Node) -> Piece:  # noqa: PLR0911, PLR0912 - one return a kind of node keeps the dispatch in one view
        """Return the piece of any node."""
        match node:
            case Constant(type=kind, value=value):
                return constant_piece(kind, value)
            case Read():
                return self._resolve(node)
            case Element(type=kind):
                if self._element is None:
                    raise TypeError("an element outside of a list")
                return self._element
            case Apply():
                return self._apply(node)
            case Round(type=kind, rounding=rounding, scale=scale):
                operand = self.node(node.operand)
                fen = FEN_DECIMALS if kind == Type.MONEY else 0
                return operations.round_to(operand, kind, scale - fen, rounding)
            case Invoke():
                return functions.invoke(node, [self.node(operand) for operand in node.operands])
            case Both():
                return both(self.node(node.left), self.node(node.right))
            case Either():
                return either(self.node(node.left), self.node(node.right))
            case Choose():
                return choose(self.node(node.condition), self.node(node.then), self.node(node.otherwise), node.type)
            case Items():
                return lists.items([self.node(item) for item in node.items], node.type)
            case Meets():
                return self.meets(node, self.node(node.value))
            case Quantifier():
                domain = self.node(node.domain)
                return lists.quantified(node.every, domain, self.within(domain).node(node.condition))

    def within(self, domain: Piece) -> Builder:
        """Return a builder for what is asked of each item of a list."""
        span = domain.span and Span(domain.span.scale, domain.span.low, domain.span.high)
        return self.looking_at(domain.type.element or domain.type, span)

    def looking_at(self, kind: Type, span: Span | None) -> Builder:
        """Return a builder whose ``Element`` is the frame's element."""
        return Builder(self._resolve, Piece(_element, kind, span))

    def meets(self, node: Meets, value: Piece) -> Piece:
        """Return whether the value meets one of the tests, each looked at only where none before it held."""
        value = once(value)
        tests = [self._test(test, quiet(value)) for test in node.tests]
        return after(value, reduce(either, tests))

    def _test(self, test: Test, value: Piece) -> Piece:
        if isinstance(test, Among):
            return lists.contains(self.node(test.domain), value)
        return reduce(both, [self.compare(bound.operation, value, self.node(bound.operand)) for bound in test])

    def compare(self, operation: Operation, left: Piece, right: Piece) -> Piece:
        """Return a comparison of two pieces of one type."""
        if left.type == Type.TEXT:
            return text_operations.judge(operation, left, right)
        return operations.compare(operation, left, right)

    def _apply(self, node: Apply) -> Piece:  # noqa: PLR0911, PLR0912 - one return a family of operations, in one view
        operands = [self.node(operand) for operand in node.operands]
        first, kind = operands[0], node.type
        match node.operation:
            case Operation.WIDEN:
                return _widen(first, kind)
            case operation if operation in COMPARISONS:
                return self.compare(operation, operands[0], operands[1])
            case Operation.NOT:
                return apply(np.logical_not, operands, Type.BOOL, None)
            case Operation.NEGATE:
                return numeric(lambda a: -a, operands, kind, spans.negate(first.number))
            case Operation.ADD | Operation.SUBTRACT as operation:
                return _add(operation, aligned(operands), kind)
            case Operation.MULTIPLY:
                return operations.multiply(operands[0], operands[1], kind)
            case Operation.DIVIDE:
                (divisor,) = (each.value for each in node.operands[1:] if isinstance(each, Constant))
                if not isinstance(divisor, Decimal):
                    raise TypeError("an exact division is by a literal")
                return operations.divide_exactly(first, Fraction(divisor), kind)
            case Operation.QUOTIENT:
                return operations.quotient(operands[0], operands[1], kind)
            case Operation.ABSOLUTE:
                return numeric(abs, operands, kind, spans.absolute(first.number))
            case Operation.MINIMUM:
                return _extreme(np.minimum, spans.smaller, aligned(operands), kind)
            case Operation.MAXIMUM:
                return _extreme(np.maximum, spans.larger, aligned(operands), kind)
            case Operation.LIST_MINIMUM | Operation.LIST_MAXIMUM as operation:
                return lists.extreme(operation, first, kind)
            case Operation.LIST_SUM:
                return lists.total(first, kind)
            case Operation.LIST_COUNT:
                return lists.count(first)
            case Operation.LIST_CONTAINS:
                return lists.contains(operands[0], operands[1])
            case Operation.LIST_ALL | Operation.LIST_ANY as operation:
                return lists.judge_all(operation, first)
            case Operation.JOIN_TEXT:
                return text_operations.join(operands[0], operands[1])
            case Operation.TEXT_LENGTH:
                return text_operations.length(first, MAX_TEXT)
            case Operation.TEXT_CONTAINS | Operation.TEXT_STARTS_WITH | Operation.TEXT_ENDS_WITH as operation:
                return text_operations.judge(operation, operands[0], operands[1])
            case _:
                return _calendar(node.operation, operands, kind)


def _element(frame: Frame) -> Column:
    if frame.element is None:
        raise TypeError("an element outside of a list")
    return frame.element


def once(piece: Piece) -> Piece:
    """Return the piece worked out once a frame, however often it is asked."""
    if piece.constant is not None:
        return piece
    key, run = object(), piece.run

    def remembered(frame: Frame) -> Column:
        found = frame.known.get(key)
        if found is None:
            found = frame.known[key] = run(frame)
        return found

    return replace(piece, run=remembered)


def quiet(piece: Piece) -> Piece:
    """Return the piece without its failures, for a second look at what has been looked at."""
    if piece.constant is not None:
        return piece
    run = piece.run
    return replace(piece, run=lambda frame: Column(run(frame).values))


def after(first: Piece, second: Piece) -> Piece:
    """Return the second piece, failing where the first does."""
    if first.constant is not None:
        return second
    run, then = first.run, second.run

    def both_runs(frame: Frame) -> Column:
        bad = run(frame).bad
        values, its_bad = then(frame)
        return Column(values, joined(bad, its_bad))

    return Piece(both_runs, second.type, second.span, second.below)


def both(left: Piece, right: Piece) -> Piece:
    """Return ``and``: the right side counts only where the left side holds."""
    if left.constant is not None:
        return right if left.constant else left
    first, second = left.run, right.run

    def run(frame: Frame) -> Column:
        values, bad = first(frame)
        others, other_bad = second(frame)
        return Column(values & others, joined(bad, where_reached(other_bad, values)))

    return Piece(run, Type.BOOL)


def either(left: Piece, right: Piece) -> Piece:
    """Return ``or``: the right side counts only where the left side does not hold."""
    if left.constant is not None:
        return left if left.constant else right
    first, second = left.run, right.run

    def run(frame: Frame) -> Column:
        values, bad = first(frame)
        others, other_bad = second(frame)
        reached = None if other_bad is None else where_reached(other_bad, np.logical_not(values))
        return Column(values | others, joined(bad, reached))

    return Piece(run, Type.BOOL)


def choose(condition: Piece, then: Piece, otherwise: Piece, kind: Type) -> Piece:
    """Return ``if``: each branch counts only in its rows."""
    if condition.constant is not None:
        return then if condition.constant else otherwise
    span = None
    if then.span is not None and otherwise.span is not None:
        then, otherwise = aligned((then, otherwise))
        span = spans.hull(then.number, otherwise.number)
    asked, first, second = condition.run, then.run, otherwise.run

    def run(frame: Frame) -> Column:
        condition, bad = asked(frame)
        values, its_bad = first(frame)
        others, other_bad = second(frame)
        if its_bad is not None:
            bad = joined(bad, where_reached(its_bad, condition))
        if other_bad is not None:
            bad = joined(bad, where_reached(other_bad, np.logical_not(condition)))
        return Column(chosen(condition, values, others, frame.rows), bad)

    return Piece(run, kind, span)


def _widen(piece: Piece, kind: Type) -> Piece:
    if kind.kind in (Kind.QUOTIENT, Kind.MONEY_QUOTIENT):
        return operations.as_ratio(piece, kind)
    return Piece(piece.run, kind, piece.span, piece.below, piece.constant)


def _add(operation: Operation, operands: list[Piece], kind: Type) -> Piece:
    left, right = operands
    if operation is Operation.ADD:
        return numeric(lambda a, b: a + b, operands, kind, spans.add(left.number, right.number))
    return numeric(lambda a, b: a - b, operands, kind, spans.add(left.number, spans.negate(right.number)))


def _extreme(function: np.ufunc, reach: Callable[[Span, Span], Span], operands: list[Piece], kind: Type) -> Piece:
    span = reduce(reach, (piece.number for piece in operands))

    def extreme(*values: Any) -> Any:
        return reduce(function, values)

    return numeric(extreme, operands, kind, span)


def _calendar(operation: Operation, operands: list[Piece], kind: Type) -> Piece:  # noqa: PLR0911 - as above
    first = operands[0]
    match operation:
        case Operation.MAKE_DATE:
            parts = [operations.whole(each) for each in operands]
            return failing(calendar.make_date, parts, Type.DATE, Span(0, calendar.FIRST, calendar.LAST))
        case Operation.ADD_DAYS | Operation.ADD_MONTHS | Operation.SUBTRACT_DAYS | Operation.SUBTRACT_MONTHS:
            return operations.add_calendar(operation, operands[0], operands[1])
        case Operation.SCALE_DAYS | Operation.SCALE_MONTHS:
            return operations.scale_duration(operands[0], operands[1], kind)
        case Operation.DAYS_BETWEEN:
            reached = spans.add(operands[0].number, spans.negate(operands[1].number))
            return numeric(lambda a, b: a - b, operands, kind, reached)
        case Operation.MONTHS_BETWEEN:
            days = spans.add(operands[1].number, spans.negate(operands[0].number))
            most = max(abs(days.low), abs(days.high)) // 28 + 1
            return apply(calendar.months_between, operands, kind, Span(0, -most, most))
        case Operation.YEAR_OF:
            return apply(lambda day: calendar.month_index(day) // 12, operands, kind, Span(0, 1, 9999))
        case Operation.MONTH_OF:
            return apply(lambda day: calendar.month_index(day) % 12 + 1, operands, kind, Span(0, 1, 12))
        case Operation.DAY_OF:
            return apply(calendar.day_of_month, operands, kind, Span(0, 1, 31))
        case Operation.WEEKDAY_OF:
            return apply(calendar.weekday, operands, kind, Span(0, 1, 7))
        case Operation.DAYS_OF:
            return Piece(first.run, kind, first.span, constant=first.constant)
        case Operation.YEARS_OF:
            reach = max(abs(first.number.low), abs(first.number.high)) // 12
            return apply(
                lambda months: np.sign(months) * (np.abs(months) // 12), operands, kind, Span(0, -reach, reach)
            )
        case Operation.MONTHS_OF:
            return apply(lambda months: np.sign(months) * (np.abs(months) % 12), operands, kind, Span(0, -11, 11))
    raise TypeError(f"{operation} has no column form")
