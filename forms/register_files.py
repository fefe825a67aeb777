"""Registers as files: a workbook with typed cells (``forms.register_workbook``), or comma-separated text. What stands in them is the register.

Promise: money has two decimals, a day is a date, an instant Beijing time to the minute; whatever a person or a paper wrote stays text, also
where it looks like a formula: nothing in a register is ever calculated by the program that opens it. Text files are UTF-8 with a byte order
mark (what office programs look for) and follow RFC 4180; a text that begins like a formula has an apostrophe in front there, and so has one that
begins with an apostrophe, so that taking one away always gives the text back.

Source: RFC 4180; OWASP "CSV injection"; docs/adr/0141.
"""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal

from claims.errors import Bilingual
from claims.form_fields import FieldKind, FieldSpec
from claims.papers import Language
from claims.registers import Cell, Register, RegisterFormat
from claims.trusted_time import BEIJING

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")
"""What makes an office program read a text as something else; East Asian ones take the full-width signs as well."""
_BLANK = " \u00a0\u3000\ufeff"
"""What such a program passes over before it looks."""
_YES, _NO = Bilingual("是", "yes"), Bilingual("否", "no")
_BEIJING = Bilingual("（北京时间）", " (Beijing time)")

Typed = int | Decimal | date | datetime
"""A cell that is no text."""


class RegisterWriter:
    """The port ``claims.ports.RegisterFiles``."""

    def write(self, register: Register, form: RegisterFormat, language: Language) -> bytes:
        """Return the register as a file."""
        if form is RegisterFormat.CSV:
            return register_text(register, language)
        # The window must not wait for a library that is needed once a day.
        from forms.register_workbook import register_workbook  # noqa: PLC0415 - as said

        return register_workbook(register, language)


def register_text(register: Register, language: Language) -> bytes:
    """Return a register as comma-separated text: a line of titles, then a line a row."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column_title(column, language) for column in register.columns])
    for row in register.rows:
        writer.writerow([_plain(column, cell, language) for column, cell in zip(register.columns, row, strict=True)])
    return out.getvalue().encode("utf-8-sig")


def typed_value(column: FieldSpec, value: Cell) -> Typed | None:
    """Return the value of a cell that is no text; None for words and for nothing."""
    if column.kind is FieldKind.AMOUNT and isinstance(value, int):
        return yuan_number(value)
    if column.kind is FieldKind.NUMBER and isinstance(value, int):
        return value
    if column.kind is FieldKind.DATE and isinstance(value, str):
        return date.fromisoformat(value)
    if column.kind is FieldKind.INSTANT and isinstance(value, str):
        # Workbooks know no time zones: what stands there is Beijing's clock.
        return datetime.fromisoformat(value).astimezone(BEIJING).replace(tzinfo=None, second=0, microsecond=0)
    return None


def plain_value(value: Typed) -> str:
    """Return such a value in figures."""
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)


def _plain(column: FieldSpec, value: Cell, language: Language) -> str:
    typed = typed_value(column, value)
    return _guarded(cell_words(column, value, language)) if typed is None else plain_value(typed)


def _guarded(text: str) -> str:
    return f"'{text}" if text.lstrip(_BLANK).startswith(_FORMULA) else text


def cell_words(column: FieldSpec, value: Cell, language: Language) -> str:
    """Return what is read in a cell of text; nothing where nothing was recorded."""
    if value is None:
        return ""
    if isinstance(value, Bilingual):
        return said_in(value, language)
    if isinstance(value, bool):
        return said_in(_YES if value else _NO, language)
    if isinstance(value, list):
        return "、".join(str(each) for each in value)
    chosen = next((each.label for each in column.choices if each.value == value), None)
    return str(value) if chosen is None else said_in(chosen, language)


def column_title(column: FieldSpec, language: Language) -> str:
    """Return what stands over a column."""
    label = said_in(column.label, language)
    return label + said_in(_BEIJING, language) if column.kind is FieldKind.INSTANT else label


def said_in(text: Bilingual, language: Language) -> str:
    """Return a text in one language."""
    return text.zh if language is Language.ZH else text.en


def yuan_number(amount_fen: int) -> Decimal:
    """Return fen as yuan with two decimals."""
    return Decimal(amount_fen).scaleb(-2)
