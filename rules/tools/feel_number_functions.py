"""FEEL's functions on numbers.

Promise: 34 significant digits, ties to even; the named roundings are the strict language's own within its bounds.

Source: DMN 1.5 §10.3.4.5; ``number``: §10.3.4.1.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rules.engine.language.exact import Rounding, round_fraction
from rules.engine.language.value_types import Days, Months
from rules.tools.feel_strict import DECIMAL128, Beyond, number, strict_call
from rules.tools.feel_values import DayTime, Function, OutOfScope

_MIN_SCALE, _MAX_SCALE = -6111, 6176
# The strict language takes scales up to 12; beyond this one a number would need more digits than are kept.
_STRICT_SCALE, _KEPT_SCALE = 12, 80
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def _rounding(function: str, rounding: Rounding) -> Callable[..., Any]:
    def rounded(n: Any, scale: Any = Decimal(0)) -> Decimal | None:
        if not isinstance(n, Decimal) or not isinstance(scale, Decimal):
            return None
        if scale != scale.to_integral_value():
            raise OutOfScope("a scale that is no whole number")
        if not _MIN_SCALE <= scale <= _MAX_SCALE:
            return None
        exponent = n.as_tuple().exponent
        if not n or (isinstance(exponent, int) and -exponent <= scale):
            return n
        if abs(scale) > _KEPT_SCALE:
            raise OutOfScope("a scale far beyond the number's digits")
        try:
            found = strict_call(function, n, scale=scale) if abs(scale) <= _STRICT_SCALE else None
        except Beyond:
            found = None
        return number(round_fraction(Fraction(n), int(scale), rounding) if found is None else found)

    return rounded


def _absolute(n: Any) -> Any:
    match n:
        case DayTime():
            return DayTime(abs(n.nanos))
        case Months():
            return Months(abs(n.months))
        case Days():
            return Days(abs(n.days))
        case Decimal():
            try:
                return strict_call("abs", n)
            except Beyond:
                return number(n.copy_abs())
        case _:
            return None


def _modulo(dividend: Any, divisor: Any) -> Decimal | None:
    if not isinstance(dividend, Decimal) or not isinstance(divisor, Decimal) or not divisor:
        return None
    above, below = Fraction(dividend), Fraction(divisor)
    return number(above - below * (above / below).__floor__())


def _of_context(function: Callable[[Decimal], Decimal]) -> Callable[..., Any]:
    """A function of the decimal context; null where it has no value."""

    def computed(n: Any) -> Decimal | None:
        if not isinstance(n, Decimal):
            return None
        try:
            return number(function(n))
        except decimal.DecimalException:
            return None

    return computed


def _parity(remainder: int) -> Callable[..., Any]:
    def parity(n: Any) -> bool | None:
        if not isinstance(n, Decimal):
            return None
        if n != n.to_integral_value():
            raise OutOfScope("parity of a broken number")
        return int(n) % 2 == remainder

    return parity


def _number(text: Any, group: Any, point: Any) -> Decimal | None:
    """Read a number: grouping by space, comma, point or nothing, decimals after a point or a comma."""
    if not isinstance(text, str) or group not in (None, " ", ",", ".") or point not in (None, ".", ","):
        return None
    if group is not None and group == point:
        return None
    plain = text.replace(group, "") if group else text
    if point == ",":
        if "." in plain:
            return None
        plain = plain.replace(",", ".")
    return number(Decimal(plain)) if _NUMBER.fullmatch(plain) else None


_SCALED = ("n", "scale")
FUNCTIONS: dict[str, tuple[Function, ...]] = {
    "decimal": (Function(_SCALED, 2, _rounding("decimal", Rounding.HALF_EVEN)),),
    "floor": (Function(_SCALED, 1, _rounding("floor", Rounding.FLOOR)),),
    "ceiling": (Function(_SCALED, 1, _rounding("ceiling", Rounding.CEILING)),),
    "round up": (Function(_SCALED, 2, _rounding("round up", Rounding.UP)),),
    "round down": (Function(_SCALED, 2, _rounding("round down", Rounding.DOWN)),),
    "round half up": (Function(_SCALED, 2, _rounding("round half up", Rounding.HALF_UP)),),
    "round half down": (Function(_SCALED, 2, _rounding("round half down", Rounding.HALF_DOWN)),),
    "round half even": (Function(_SCALED, 2, _rounding("round half even", Rounding.HALF_EVEN)),),
    "abs": (Function(("n",), 1, _absolute),),
    "modulo": (Function(("dividend", "divisor"), 2, _modulo),),
    "sqrt": (Function(("number",), 1, _of_context(DECIMAL128.sqrt)),),
    "log": (Function(("number",), 1, _of_context(DECIMAL128.ln)),),
    "exp": (Function(("number",), 1, _of_context(DECIMAL128.exp)),),
    "odd": (Function(("number",), 1, _parity(1)),),
    "even": (Function(("number",), 1, _parity(0)),),
    "number": (Function(("from", "grouping separator", "decimal separator"), 3, _number),),
}
