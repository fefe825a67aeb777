"""Values of elements and parameters: their JSON form, their bounds, their canonical text and how a person reads them.

Promise: money is integer fen, a number a decimal string, a date ISO text; a float never gets in. Equal values have one
canonical text (``1.50`` is ``1.5``).
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from rules.engine.document import ElementSpec, ParameterSpec, ValueType
from rules.engine.language import Type
from rules.engine.language.exact import fits
from rules.engine.model import FactsError, Unit, Value

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,18})?")

_TYPES = {
    ValueType.MONEY: Type.MONEY,
    ValueType.EXACT_MONEY: Type.EXACT_MONEY,
    ValueType.NUMBER: Type.NUMBER,
    ValueType.TEXT: Type.TEXT,
    ValueType.BOOL: Type.BOOL,
    ValueType.DATE: Type.DATE,
}
_PYTHON: dict[ValueType, type] = {
    ValueType.MONEY: int,
    ValueType.EXACT_MONEY: Decimal,
    ValueType.NUMBER: Decimal,
    ValueType.TEXT: str,
    ValueType.BOOL: bool,
    ValueType.DATE: date,
}


def language_type(kind: ValueType, many: bool) -> Type:
    """Return the rule language's type for a declared one."""
    return Type.list_of(_TYPES[kind]) if many else _TYPES[kind]


def decimal_text(number: Decimal) -> str:
    """Return a number's one canonical text: no exponent, no trailing zero, no minus zero."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def parse_scalar(kind: ValueType, raw: object) -> Value:
    """Read one JSON scalar as ``kind``. Raises ValueError with what was expected."""
    if kind is ValueType.MONEY:
        if type(raw) is int:
            return raw
        raise ValueError("integer fen")
    if kind is ValueType.BOOL:
        if type(raw) is bool:
            return raw
        raise ValueError("true or false")
    if type(raw) is not str:
        raise ValueError("text")
    if kind is ValueType.TEXT:
        return raw
    if kind is ValueType.DATE:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw, re.ASCII):
            raise ValueError("a date as YYYY-MM-DD")
        return date.fromisoformat(raw)
    if not _DECIMAL.fullmatch(raw):
        raise ValueError("a decimal number as text")
    try:
        return Decimal(raw)
    except InvalidOperation as problem:  # pragma: no cover - the pattern allows nothing that Decimal refuses
        raise ValueError("a decimal number as text") from problem


def parse(spec: ElementSpec | ParameterSpec, raw: object) -> Value:
    """Read a JSON value as the declared type. Raises ValueError."""
    if not spec.many:
        return parse_scalar(spec.type, raw)
    if not isinstance(raw, list | tuple):
        raise ValueError("a list")
    return tuple(parse_scalar(spec.type, each) for each in raw)


def to_json(value: Value) -> object:
    """Return the JSON form of a value."""
    if isinstance(value, tuple):
        return [to_json(each) for each in value]
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def canonical_text(value: object) -> str:
    """Return the one text of a value as a step holds it (``Step.value``)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(canonical_text(each) for each in value)
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def check(spec: ElementSpec, value: object) -> None:
    """Hold a fact to its element's type, scale and bounds. Raises FactsError."""
    if not spec.many:
        _check_scalar(spec, value)
        return
    if not isinstance(value, tuple):
        raise FactsError("wrong_type", element=spec.id, expected=f"list of {spec.type}", found=type(value).__name__)
    if spec.items is not None and len(value) > spec.items:
        raise FactsError("too_many", element=spec.id, most=str(spec.items), found=str(len(value)))
    for each in value:
        _check_scalar(spec, each)


def _check_scalar(spec: ElementSpec, value: object) -> None:
    if type(value) is not _PYTHON[spec.type]:
        raise FactsError("wrong_type", element=spec.id, expected=str(spec.type), found=type(value).__name__)
    measured: object = value
    if isinstance(value, str):
        if shown(value, most=len(value)) != value:
            raise FactsError("wrong_type", element=spec.id, expected="text of whole characters", found=shown(value))
        measured = len(value)
    elif isinstance(value, Decimal) and not fits(value):
        raise FactsError("wrong_type", element=spec.id, expected="a number of usual size", found=shown(value))
    low, high = bounds(spec)
    if not low <= measured <= high:  # type: ignore[operator]  # both ends have the type just checked
        raise FactsError(
            "out_of_bounds", element=spec.id, minimum=spec.minimum, maximum=spec.maximum, found=shown(value)
        )
    if isinstance(value, Decimal) and spec.scale is not None:
        decimals = len(decimal_text(value).partition(".")[2])
        if decimals > spec.scale:
            raise FactsError("too_fine", element=spec.id, scale=str(spec.scale), found=shown(value))


def shown(value: object, most: int = 60) -> str:
    """Return a value as an error may quote it: short, and with half characters spelled out so that it can be written."""
    text = str(value)[:most]
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def bounds(spec: ElementSpec) -> tuple[object, object]:
    """Return the least and the greatest value (for a text: length). Raises ValueError when they are not of the type."""
    if spec.type in (ValueType.MONEY, ValueType.TEXT):
        return int(spec.minimum), int(spec.maximum)
    if spec.type is ValueType.BOOL:
        return False, True
    return parse_scalar(spec.type, spec.minimum), parse_scalar(spec.type, spec.maximum)


def yuan_text(fen: Decimal | int) -> str:
    """Return fen as yuan for a sentence, exact: two decimals, more only where the sum is unrounded.

    >>> yuan_text(Decimal("133203.6"))
    '1,332.036'
    """
    yuan = Decimal(fen).scaleb(-2)
    digits = max(2, len(decimal_text(yuan).partition(".")[2]))
    return f"{yuan:,.{digits}f}"


def spoken(value: object, money: bool, unit: Unit) -> tuple[str, str]:
    """Return a value as a Chinese and an English reader expect it inside a sentence."""
    if isinstance(value, tuple):
        parts = [spoken(each, money, unit) for each in value]
        return "、".join(zh for zh, _ in parts), ", ".join(en for _, en in parts)
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    if money and isinstance(value, int | Decimal):
        text = yuan_text(value)
    elif unit is Unit.RATIO and isinstance(value, Decimal):
        text = f"{decimal_text(value * 100)}%"
    else:
        text = canonical_text(value)
    return text, text
