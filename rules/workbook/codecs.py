r"""How a column's values stand in cells, and how they are read back.

Promise: for every codec ``read(write(value)) == value``, to the byte of its JSON; ``write`` proves it for each value and spells
the value out behind a backslash where the plain form would not come back (rules.workbook.texts).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, Protocol

import msgspec

from rules.engine.document import ValueType
from rules.engine.model import Unit
from rules.engine.values import decimal_text
from rules.workbook import labels
from rules.workbook.figures import (
    Raw,
    date_of,
    decimal_of,
    fen_of,
    number_cell,
    said,
    whole_of,
    yuan_cell,
    yuan_words,
)
from rules.workbook.labels import Choices, Member
from rules.workbook.listing import join, split
from rules.workbook.problems import Wrong
from rules.workbook.texts import escaped, is_escaped, survives, tidy, tidy_code, tidy_name, unescaped

GENERAL, TEXT_FORMAT, MONEY_FORMAT, DATE_FORMAT = "General", "@", "#,##0.00", "yyyy-mm-dd"


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in a cell: its value and its number format."""

    value: Raw
    format: str = GENERAL

    @property
    def blank(self) -> bool:
        """Nothing, or nothing but blanks."""
        return self.value is None or (isinstance(self.value, str) and not tidy(self.value))


class Codec(Protocol):
    """One kind of cell. ``plain`` may give what does not come back; ``written`` sees to that. ``parsed`` raises Wrong."""

    def plain(self, value: object) -> Content: ...

    def parsed(self, cell: Content) -> object: ...


def written(codec: Codec, value: object) -> Content:
    """Return the cell of a value. Raises Wrong when no cell can hold it."""
    try:
        plain = codec.plain(value)
        safe = not isinstance(plain.value, str) or survives(plain.value)
        if safe and not plain.blank and same(read(codec, plain), value):
            return plain
    except (Wrong, ValueError, TypeError, ArithmeticError, AttributeError):
        pass  # the value has no plain form: it is spelled out
    return Content(escaped(msgspec.to_builtins(value)), TEXT_FORMAT)


def read(codec: Codec, cell: Content) -> object:
    """Return a cell's value. Raises Wrong."""
    if isinstance(cell.value, str):
        text = tidy(cell.value)
        if is_escaped(text):
            return _taken_as_is(codec, unescaped(text))
        cell = Content(text, cell.format)
    return codec.parsed(cell)


def _taken_as_is(codec: Codec, value: object) -> object:
    kind = getattr(codec, "verbatim", None)
    if kind is None:
        raise Wrong("no_escape_here")
    try:
        return msgspec.convert(value, type=kind)
    except msgspec.ValidationError:
        raise Wrong("bad_escape", found=str(value)) from None


def same(one: object, other: object) -> bool:
    """Tell whether two values have the same JSON: 1 is not true."""
    return msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted")


def text_of(cell: Content) -> str:
    """Return a cell's text. Raises Wrong: a number has lost its leading zeros."""
    if isinstance(cell.value, str):
        return cell.value
    raise Wrong("not_text", found=said(cell.value))


@dataclass(frozen=True)
class Text:
    """Words for people."""

    verbatim = str

    def plain(self, value: object) -> Content:
        return Content(value, TEXT_FORMAT)  # type: ignore[arg-type]  # `written` compares

    def parsed(self, cell: Content) -> object:
        return text_of(cell)


@dataclass(frozen=True)
class Name(Text):
    """An id or a code: full-width letters and digits are taken as plain ones."""

    def parsed(self, cell: Content) -> object:
        return tidy_name(text_of(cell))


@dataclass(frozen=True)
class Code(Text):
    """A formula or a table's cell. A number, a yes/no or a date cell is its literal."""

    def plain(self, value: object) -> Content:
        text = str(value)
        try:
            number = number_cell(text)
        except ArithmeticError:
            return Content(text, TEXT_FORMAT)
        return Content(number) if not isinstance(number, str) else Content(text, TEXT_FORMAT)

    def parsed(self, cell: Content) -> object:
        value = cell.value
        if isinstance(value, str):
            return tidy_code(value)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, date):
            return f'date("{date_of(value).isoformat()}")'
        return decimal_text(decimal_of(value))


@dataclass(frozen=True)
class Choice(Generic[Member]):
    """One of a closed list."""

    choices: Choices[Member]

    def plain(self, value: object) -> Content:
        return Content(self.choices.label(value))  # type: ignore[arg-type]  # `written` compares

    def parsed(self, cell: Content) -> object:
        return self.choices.member(text_of(cell))


@dataclass(frozen=True)
class YesNo:
    """是 or 否."""

    verbatim = bool | int | str | tuple[bool | int | str, ...]

    def plain(self, value: object) -> Content:
        if not isinstance(value, bool):
            raise Wrong("not_yes_no", found=said(value))
        return Content(labels.YES if value else labels.NO)

    def parsed(self, cell: Content) -> object:
        if isinstance(cell.value, bool):
            return cell.value
        if not isinstance(cell.value, str):
            raise Wrong("not_yes_no", found=said(cell.value))
        return labels.yes_or_no(cell.value)


@dataclass(frozen=True)
class Whole:
    """A whole number."""

    verbatim = int

    def plain(self, value: object) -> Content:
        return Content(value if isinstance(value, int) and abs(value) < 10**15 else str(value), "0")

    def parsed(self, cell: Content) -> object:
        return whole_of(cell.value)


@dataclass(frozen=True)
class WholeText:
    """A whole number that the pack keeps as text."""

    verbatim = str

    def plain(self, value: object) -> Content:
        return Content(value, TEXT_FORMAT)  # type: ignore[arg-type]  # `written` compares

    def parsed(self, cell: Content) -> object:
        return str(whole_of(cell.value))


@dataclass(frozen=True)
class Day:
    """A date."""

    def plain(self, value: object) -> Content:
        return Content(value, DATE_FORMAT)  # type: ignore[arg-type]  # `written` compares

    def parsed(self, cell: Content) -> object:
        return date_of(cell.value)


@dataclass(frozen=True)
class Scalar:
    """A value of a declared type, in its JSON form: a fact, a parameter, an element's bound."""

    type: ValueType
    unit: Unit = Unit.COUNT
    scale: int | None = None

    verbatim = bool | int | str | tuple[bool | int | str, ...]

    def plain(self, value: object) -> Content:
        if self.type is ValueType.MONEY:
            return Content(yuan_cell(value), MONEY_FORMAT)  # type: ignore[arg-type]  # `written` compares
        if self.type is ValueType.BOOL:
            return YesNo().plain(value)
        text = str(value)
        if self.type is ValueType.DATE:
            return Content(date.fromisoformat(text), DATE_FORMAT)
        if self.type is ValueType.TEXT:
            return Content(text, TEXT_FORMAT)
        return Content(number_cell(text), _percent_format(text) if self.unit is Unit.RATIO else GENERAL)

    def parsed(self, cell: Content) -> object:
        ratio = self.type is ValueType.NUMBER and self.unit is Unit.RATIO
        if "%" in cell.format and not ratio and not isinstance(cell.value, str):
            raise Wrong("no_percent_here", found=said(cell.value))
        if self.type is ValueType.MONEY:
            return fen_of(cell.value)
        if self.type is ValueType.BOOL:
            return YesNo().parsed(cell)
        if self.type is ValueType.DATE:
            return date_of(cell.value).isoformat()
        if self.type is ValueType.TEXT:
            return text_of(cell)
        number = decimal_text(decimal_of(cell.value, percent=ratio))
        if self.scale is not None and len(number.partition(".")[2]) > self.scale:
            raise Wrong("too_fine", found=number, scale=str(self.scale))
        return number


@dataclass(frozen=True)
class Many:
    """A list of values of a declared type; 无 is the empty list."""

    item: Scalar

    verbatim = bool | int | str | tuple[bool | int | str, ...]

    def plain(self, value: object) -> Content:
        if not isinstance(value, tuple):
            raise Wrong("not_a_list")
        words = tuple(self._words(each) for each in value)
        return Content(join(words, quotes=self.item.type is ValueType.TEXT), TEXT_FORMAT)

    def _words(self, value: object) -> str:
        if self.item.type is ValueType.MONEY:
            return yuan_words(value)  # type: ignore[arg-type]  # `written` compares
        if self.item.type is ValueType.BOOL:
            return labels.YES if value else labels.NO
        if self.item.type is ValueType.NUMBER and self.item.unit is Unit.RATIO:
            return f"{decimal_text(Decimal(str(value)).scaleb(2))}%"
        return str(value)

    def parsed(self, cell: Content) -> object:
        if not isinstance(cell.value, str):
            # One item, typed as a number or a date.
            return (self.item.parsed(cell),)
        text = self.item.type is ValueType.TEXT
        return tuple(self.item.parsed(Content(each)) for each in split(cell.value, refuse_commas=text))


@dataclass(frozen=True)
class Bound:
    """An element's least or greatest value, as the canonical text that the pack keeps."""

    of: Scalar

    verbatim = str

    def plain(self, value: object) -> Content:
        text = str(value)
        if self.of.type is ValueType.TEXT:
            return Content(int(text), "0")
        if self.of.type is ValueType.MONEY:
            return self.of.plain(int(text))
        return self.of.plain(text == "true" if self.of.type is ValueType.BOOL else text)

    def parsed(self, cell: Content) -> object:
        if self.of.type is ValueType.TEXT:
            return str(whole_of(cell.value))
        value = self.of.parsed(cell)
        return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _percent_format(text: str) -> str:
    """Return a format that shows all digits of a ratio: 0.125 is 12.5 %."""
    digits = max(0, len(text.partition(".")[2]) - 2)
    return "0%" if digits == 0 else f"0.{'0' * digits}%"


def scalar_or_many(kind: ValueType, unit: Unit, *, many: bool, scale: int | None = None) -> Codec:
    """Return the codec of a declared type."""
    item = Scalar(kind, unit, scale)
    return Many(item) if many else item
