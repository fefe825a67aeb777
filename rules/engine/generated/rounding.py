"""Named roundings in integer Python.

Promise: each of the seven gives what ``rules.engine.language.exact`` gives; a division is rounded once, from its exact fraction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.engine.generated.arithmetic import limited, product
from rules.engine.generated.code import Code, number
from rules.engine.generated.comparing import QUOTIENTS, ratio
from rules.engine.language import Type
from rules.engine.language.exact import Rounding
from rules.engine.language.ir import Round
from rules.engine.node_spans import FEN_DECIMALS
from rules.engine.span import Span, rounded

if TYPE_CHECKING:
    from rules.engine.generated.expressions import Expressions


def write_round(writer: Expressions, node: Round) -> Code:
    """Return the code of a named rounding."""
    money = node.type == Type.MONEY
    scale = node.scale - FEN_DECIMALS if money else node.scale
    if node.operand.type.kind in QUOTIENTS:
        above, below = ratio(writer, node.operand)
        return _round_ratio(writer, node, above, below, scale)
    exact = writer.write(node.operand)
    assert exact.span is not None  # noqa: S101 - a number
    if exact.scale <= scale:
        return limited(writer, Code(exact.text, node.type, exact.span, exact.atom))
    factor = 10 ** (exact.scale - scale)
    text = _rounded_text(writer, exact, factor, node.rounding)
    return _back(writer, node, text, rounded(exact.span, scale, node.rounding), scale)


def _rounded_text(writer: Expressions, exact: Code, factor: int, rounding: Rounding) -> str:  # noqa: PLR0911 - a return each
    half = factor // 2
    positive = exact.span is not None and exact.span.low >= 0
    match rounding:
        case Rounding.FLOOR:
            return f"({exact.text} // {factor})"
        case Rounding.CEILING:
            return f"(-(-{exact.text} // {factor}))"
        case Rounding.DOWN if positive:
            return f"({exact.text} // {factor})"
        case Rounding.UP if positive:
            return f"(-(-{exact.text} // {factor}))"
        case Rounding.HALF_UP if positive:
            return f"(({exact.text} + {half}) // {factor})"
        case Rounding.HALF_DOWN if positive:
            return f"(({exact.text} + {half - 1}) // {factor})"
        case _:
            return f"round_ratio({exact.bare}, {factor}, {writer.source.constant(rounding)})"


def _round_ratio(writer: Expressions, node: Round, above: Code, below: Code, scale: int) -> Code:
    assert above.span is not None and below.span is not None  # noqa: S101, PT018 - numbers
    if scale > 0:
        above = product(above, _count(10**scale), Type.NUMBER)
    if scale < 0:
        below = product(below, _count(10**-scale), Type.NUMBER)
    assert above.span is not None and below.span is not None  # noqa: S101, PT018 - numbers
    writer.checked(above)
    writer.checked(below)
    most = max(abs(above.span.low), abs(above.span.high)) // max(1, below.span.low) + 1
    low = 0 if above.span.low >= 0 else -most
    if node.rounding is Rounding.HALF_UP and above.span.low >= 0:
        below = writer.bound(below)
        text = f"((2 * {above.text} + {below.text}) // (2 * {below.text}))"
    else:
        text = f"round_ratio({above.bare}, {below.bare}, {writer.source.constant(node.rounding)})"
    back = 10 ** max(0, -scale)
    return _back(writer, node, text, Span(max(0, scale), low * back, most * back), scale)


def _back(writer: Expressions, node: Round, text: str, span: Span, scale: int) -> Code:
    if scale < 0:
        text = f"({text} * {10**-scale})"
    return limited(writer, Code(text, node.type, span))


def _count(value: int) -> Code:
    return Code(number(value), Type.NUMBER, Span(0, value, value), atom=True)
