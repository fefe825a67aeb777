"""Numbers, sums and dates in cells, exactly: the float 0.1 that Excel keeps is the decimal 0.1 that was typed.

Promise: no arithmetic on binary floats. A figure with more digits than Excel keeps (15), or than its type allows, is refused,
never rounded.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time
from decimal import Decimal

from rules.engine.values import decimal_text
from rules.workbook.problems import Wrong
from rules.workbook.texts import tidy_name

MAX_EXCEL_DIGITS = 15
_NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_DATE = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?")
_YUAN = ("¥", "元", "yuan")

Raw = str | int | float | bool | date | time | None


def decimal_of(value: Raw, *, percent: bool = False) -> Decimal:
    """Return the decimal that a cell shows. ``percent`` allows ``90%``. Raises Wrong."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Wrong("not_a_number", found=said(value))
    if isinstance(value, str):
        return _decimal_of_text(value, percent=percent)
    if isinstance(value, float) and not math.isfinite(value):
        raise Wrong("not_a_number", found=said(value))
    number = Decimal(repr(value))
    if number and len(number.normalize().as_tuple().digits) > MAX_EXCEL_DIGITS:
        raise Wrong("too_many_digits", found=decimal_text(number), most=str(MAX_EXCEL_DIGITS))
    return number


def _decimal_of_text(value: str, *, percent: bool) -> Decimal:
    text = tidy_name(value)
    shared = percent and text.endswith("%")
    if shared:
        text = text[:-1].rstrip()
    if len(text) > 60 or not _NUMBER.fullmatch(text):
        raise Wrong("not_a_number", found=said(value))
    number = Decimal(text.replace(",", ""))
    return number.scaleb(-2) if shared else number


def fen_of(value: Raw) -> int:
    """Return the fen of a sum in yuan. Raises Wrong: no number, or more than two decimals."""
    if isinstance(value, str):
        value = tidy_name(value)
        for sign in _YUAN:
            value = value.removeprefix(sign).removesuffix(sign).strip()
    fen = decimal_of(value).scaleb(2)
    if fen != fen.to_integral_value():
        raise Wrong("too_fine_money", found=said(value))
    return int(fen)


def yuan_cell(fen: int) -> int | float | str:
    """Return a sum as a cell holds it: a number of yuan, or text when Excel could not keep all its digits."""
    if abs(fen) < 10**MAX_EXCEL_DIGITS:
        return fen // 100 if fen % 100 == 0 else float(Decimal(fen).scaleb(-2))
    return yuan_words(fen)


def yuan_words(fen: int) -> str:
    """Return a sum in words of a list: ``6,120.00``."""
    return f"{Decimal(fen).scaleb(-2):,.2f}"


def number_cell(text: str) -> int | float | str:
    """Return a decimal string as a cell holds it: a number where Excel keeps all its digits, else text."""
    number = Decimal(text)
    if number and len(number.normalize().as_tuple().digits) > MAX_EXCEL_DIGITS:
        return text
    return int(number) if number == number.to_integral_value() and "." not in text else float(number)


def whole_of(value: Raw) -> int:
    """Return a whole number. Raises Wrong."""
    number = decimal_of(value)
    if number != number.to_integral_value():
        raise Wrong("not_whole", found=said(value))
    return int(number)


def date_of(value: Raw) -> date:
    """Return a date cell, or a text such as 2024-01-31, 2024/1/31, 2024年1月31日. Raises Wrong."""
    if isinstance(value, datetime):
        if value.time() != time(0):
            raise Wrong("not_a_date", found=said(value))
        return value.date()
    if isinstance(value, date):
        return value
    match = _DATE.fullmatch(tidy_name(value)) if isinstance(value, str) else None
    if match is None:
        raise Wrong("not_a_date", found=said(value))
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        raise Wrong("not_a_date", found=said(value)) from None


def said(value: object) -> str:
    """Return what stands in a cell as an error quotes it: short."""
    if isinstance(value, float):
        return decimal_text(Decimal(repr(value))) if math.isfinite(value) else str(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"
