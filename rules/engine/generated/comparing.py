"""Comparisons in integer Python: numbers at one scale, a division by its two products, ``in`` and ``between``.

Promise: tests are looked at from left to right until the answer is known; what a test reads is not asked for before.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rules.engine.generated.code import YES_NO, Code, both_at_one_scale
from rules.engine.generated.source import NotGenerated
from rules.engine.language import Type
from rules.engine.language.ir import Among, Apply, Constant, Node, Operation, Test
from rules.engine.language.value_types import Kind
from rules.engine.span import Span

if TYPE_CHECKING:
    from rules.engine.generated.expressions import Expressions

QUOTIENTS = (Kind.QUOTIENT, Kind.MONEY_QUOTIENT)
SIGNS = {
    Operation.EQUAL: "==",
    Operation.NOT_EQUAL: "!=",
    Operation.LESS: "<",
    Operation.LESS_OR_EQUAL: "<=",
    Operation.GREATER: ">",
    Operation.GREATER_OR_EQUAL: ">=",
}


def compare(writer: Expressions, operation: Operation, left: Node, right: Node) -> Code:
    """Return whether a comparison holds."""
    if left.type.kind in QUOTIENTS:
        above, below = ratio(writer, left)
        other_above, other_below = ratio(writer, right)
        text = f"({above.text} * {other_below.text} {SIGNS[operation]} {other_above.text} * {below.text})"
        return Code(text, Type.BOOL, YES_NO)
    first, second = both_at_one_scale(writer.write(left), writer.write(right))
    return Code(f"({first.text} {SIGNS[operation]} {second.text})", Type.BOOL, YES_NO)


def ratio(writer: Expressions, node: Node) -> tuple[Code, Code]:
    """Return numerator and positive denominator of a quotient."""
    if not isinstance(node, Apply):
        raise NotGenerated("a quotient that is no division")
    if node.operation is Operation.WIDEN:
        exact = writer.write(node.operands[0])
        factor = 10**exact.scale
        span = Span(0, exact.span.low, exact.span.high) if exact.span else None
        return Code(exact.text, Type.NUMBER, span, exact.atom), Code(
            str(factor), Type.NUMBER, Span(0, factor, factor), atom=True
        )
    above, below = both_at_one_scale(writer.write(node.operands[0]), writer.write(node.operands[1]))
    assert above.span is not None and below.span is not None  # noqa: S101, PT018 - numbers
    low, high = below.span.low, below.span.high
    if low <= 0 <= high:
        below = writer.bound(below)
        with writer.source.block(f"if not {below.text}"):
            writer.source.line("raise Declined")
    top = Span(0, above.span.low, above.span.high)
    if low < 0:
        above, below = writer.bound(above), writer.bound(below)
        one, other = writer.source.temporary(), writer.source.temporary()
        text = f"({above.text}, {below.text}) if {below.text} > 0 else (-{above.text}, -{below.text})"
        writer.source.line(f"{one}, {other} = {text}")
        most = max(abs(low), abs(high))
        spread = max(abs(top.low), abs(top.high))
        return (
            writer.checked(Code(one, Type.NUMBER, Span(0, -spread, spread), atom=True)),
            writer.checked(Code(other, Type.NUMBER, Span(0, 1, max(1, most)), atom=True)),
        )
    return (
        writer.checked(Code(above.text, Type.NUMBER, top, above.atom)),
        writer.checked(Code(below.text, Type.NUMBER, Span(0, max(1, low), max(1, high)), below.atom)),
    )


def write_meets(writer: Expressions, value: Node, tests: tuple[Test, ...]) -> Code:
    """Return whether the value of an expression meets one of several tests."""
    if value.type.kind in QUOTIENTS:
        above, below = ratio(writer, value)
        return _quotient_meets(writer, (writer.bound(above), writer.bound(below)), tests)
    return meets(writer, writer.bound(writer.write(value)), tests)


def meets(writer: Expressions, value: Code, tests: tuple[Test, ...]) -> Code:
    """Return whether a value (a name or literal) meets one of several tests."""
    constants = _constants(writer, value, tests)
    if constants is not None:
        return constants
    return writer.any_of([partial(_test, writer, value, test) for test in tests], "or")


def _constants(writer: Expressions, value: Code, tests: tuple[Test, ...]) -> Code | None:
    """Return ``value in (…)`` where all tests are equalities with constants."""
    found = []
    for test in tests:
        if isinstance(test, Among) or len(test) != 1 or test[0].operation is not Operation.EQUAL:
            return None
        if not isinstance(test[0].operand, Constant):
            return None
        found.append(writer.write(test[0].operand))
    if len(found) < 2:
        return None
    value, *found = writer.alike(value, *found)
    return Code(f"({value.text} in ({', '.join(code.bare for code in found)}))", Type.BOOL, YES_NO)


def _test(writer: Expressions, value: Code, test: Test) -> Code:
    if isinstance(test, Among):
        several, wanted = list_and_item(writer.write(test.domain), value)
        return Code(f"({wanted.text} in {several.text})", Type.BOOL, YES_NO)
    return writer.any_of([partial(_bound, writer, value, bound.operation, bound.operand) for bound in test], "and")


def _bound(writer: Expressions, value: Code, operation: Operation, operand: Node) -> Code:
    first, second = both_at_one_scale(value, writer.write(operand))
    return Code(f"({first.text} {SIGNS[operation]} {second.text})", Type.BOOL, YES_NO)


def _quotient_meets(writer: Expressions, tested: tuple[Code, Code], tests: tuple[Test, ...]) -> Code:
    def one(test: Test) -> Code:
        if isinstance(test, Among):
            raise NotGenerated("a quotient among a list")
        return writer.any_of([partial(against, bound.operation, bound.operand) for bound in test], "and")

    def against(operation: Operation, operand: Node) -> Code:
        above, below = ratio(writer, operand)
        text = f"({tested[0].text} * {below.text} {SIGNS[operation]} {above.text} * {tested[1].text})"
        return Code(text, Type.BOOL, YES_NO)

    return writer.any_of([partial(one, test) for test in tests], "or")


def list_and_item(several: Code, wanted: Code) -> tuple[Code, Code]:
    """Return a list and what is looked for in it, counted alike."""
    scale = max(several.scale, wanted.scale)
    return several.at(scale), wanted.at(scale)
