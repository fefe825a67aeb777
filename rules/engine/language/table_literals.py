r"""Reading the plain cells of a table: a literal, a comparison or an interval with literals, a list of these, ``not(...)`` of them.

Promise: what is read here gives exactly the typed form that the full parser and checker give; what is not recognised at once
(names, arithmetic, escapes, unusual spacing, anything wrong) is left to them. Only speed is at stake: a table has thousands of
cells, nearly all of them plain, and a pack must load in 100 ms (ADR 0113).

Method: the different texts of a column are read in one sweep of one regular expression over all of them, a line each. What could
still be wrong (a date that does not exist, an interval back to front) is looked at; the typed form is made when it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rules.engine.language.ir import Bound, Constant, Element, Meets, Operation, Test
from rules.engine.language.table_cells import CellTests
from rules.engine.language.tokens import HIDDEN_CHARACTERS, MAX_STRING_LENGTH, MAX_TEXT_LENGTH
from rules.engine.language.typing_rules import EQUALITIES, ORDERINGS
from rules.engine.language.value_types import Type

# Fewer digits than the language reads (30), and no minus zero, whose sign the checker takes away: such take the slow way.
_WHOLE = "(?:-(?=[0.]*[1-9]))?[0-9]{1,15}"
_DAY = '"[0-9]{4}-[0-9]{2}-[0-9]{2}"'
_LITERALS: dict[Type, str] = {
    Type.NUMBER: rf"{_WHOLE}(?:\.[0-9]{{1,12}})?",
    Type.MONEY: rf"{_WHOLE}(?:\.[0-9]{{1,2}})? yuan",
    Type.TEXT: rf'"[^"\\\n\r\t{HIDDEN_CHARACTERS}]{{0,{MAX_STRING_LENGTH}}}"',
    Type.BOOL: "true|false",
    Type.DATE: rf"(?:date\({_DAY}\)|@{_DAY})",
}
_OPERATIONS = {"": Operation.EQUAL, **EQUALITIES, **ORDERINGS}
_OPENINGS = {"[": Operation.GREATER_OR_EQUAL, "(": Operation.GREATER}
_CLOSINGS = {"]": Operation.LESS_OR_EQUAL, ")": Operation.LESS}

# The pieces of one test as written: `not(`, operator, literal; or opening, low, high, closing. What is not there is empty.
_Pieces = tuple[str, str, str, str, str, str, str]
PlainCell = tuple[_Pieces, ...]


def _fen(written: str) -> int:
    whole, _, cents = written[:-5].partition(".")
    return int(whole + cents.ljust(2, "0"))


def _day(written: str) -> date:
    return date.fromisoformat(written[6:16] if written[0] == "d" else written[2:12])


# Raises ValueError for a date that does not exist; nothing else can be wrong.
_VALUES: dict[Type, Callable[[str], Any]] = {
    Type.NUMBER: Decimal,
    Type.MONEY: _fen,
    Type.TEXT: lambda written: written[1:-1],
    Type.BOOL: lambda written: written == "true",
    Type.DATE: _day,
}


@dataclass(frozen=True, slots=True)
class CellColumn:
    """The cells of one column: their texts by row, and what each different text was read as (None for ``-``)."""

    value_type: Type
    texts: tuple[str, ...]
    read: Mapping[str, PlainCell | CellTests | None]

    def cells(self) -> list[CellTests | None]:
        """Return the cells by row in their typed form; equal texts are one object."""
        typed = {
            text: typed_cell(cell, self.value_type) if isinstance(cell, tuple) else cell
            for text, cell in self.read.items()
        }
        return [typed[text] for text in self.texts]


def read_plain_cells(texts: Collection[str], value_type: Type) -> dict[str, PlainCell]:
    """Return the plain cells among ``texts`` (each once) of a column of that type."""
    reader = _READERS.get(value_type)
    return {} if reader is None else reader.read(texts)


def typed_cell(cell: PlainCell, value_type: Type) -> CellTests:
    """Return the typed form of a plain cell."""
    value = _VALUES[value_type]

    def typed(pieces: _Pieces) -> Test:
        _, operator, literal, opening, low, high, closing = pieces
        if literal:
            return (Bound(_OPERATIONS[operator], Constant(value_type, value(literal))),)
        return (
            Bound(_OPENINGS[opening], Constant(value_type, value(low))),
            Bound(_CLOSINGS[closing], Constant(value_type, value(high))),
        )

    return CellTests(Meets(Element(value_type), tuple(map(typed, cell))), negated=cell[0][0] != "")


def read_plain_outputs(texts: Collection[str]) -> dict[str, Constant]:
    """Return the literals among ``texts`` (each once), as an output column may have them."""
    found: dict[str, Constant] = {}
    for value_type, line in _LITERAL_LINES.items():
        value = _VALUES[value_type]
        for text, written in _sweep(line, texts):
            if written:
                try:
                    found[text] = Constant(value_type, value(written))
                except ValueError:
                    continue
        texts = [text for text in texts if text not in found]
    return found


def _sweep(line: re.Pattern[str], texts: Collection[str]) -> Iterator[tuple[str, Any]]:
    """Match every text as a line of its own; those that hold a line break are left out."""
    lines = [text for text in texts if "\n" not in text]
    return zip(lines, line.findall("\n".join(lines)), strict=True) if lines else iter(())


class _Reader:
    """Reads the cells of one type."""

    def __init__(self, value_type: Type) -> None:
        literal = _LITERALS[value_type]
        ordered = value_type != Type.BOOL
        piece, whole = _test(literal, "(", ordered=ordered), _test(literal, "(?:", ordered=ordered)
        self._value = _VALUES[value_type]
        self._can_be_wrong = value_type == Type.DATE
        self._line = re.compile(rf"^(?:(not\()?{piece}(?(1)\))|.*)$", re.MULTILINE)
        self._several = re.compile(rf"(not\()?({whole}(?:, ?{whole})*)(?(1)\))")
        self._piece = re.compile(f"(){piece}")

    def read(self, texts: Collection[str]) -> dict[str, PlainCell]:
        """Return what is plain."""
        found: dict[str, PlainCell] = {}
        for text, pieces in _sweep(self._line, texts):
            if not (pieces[2] or pieces[4]):
                several = self._list(text)
                if several:
                    found[text] = several
            elif self._is_right(pieces):
                found[text] = (pieces,)
        return found

    def _list(self, text: str) -> PlainCell | None:
        match = self._several.fullmatch(text) if "," in text and len(text) <= MAX_TEXT_LENGTH else None
        if match is None:
            return None
        first, *rest = self._piece.findall(match[2])
        tests = ((match[1] or "", *first[1:]), *rest)
        if not self._can_be_wrong and ".." not in text:
            return tests
        return tests if all(map(self._is_right, tests)) else None

    def _is_right(self, pieces: _Pieces) -> bool:
        low = pieces[4]
        if not (low or self._can_be_wrong):
            return True
        try:
            if low:
                return bool(self._value(low) <= self._value(pieces[5]))
            self._value(pieces[2])
        except ValueError:
            return False
        return True


def _test(literal: str, group: str, *, ordered: bool) -> str:
    """Return the pattern of one test, its pieces in groups that open with ``group``.

    A text matches in one way only, spaces included: a hostile list cannot make the matcher try them all.
    """
    of = f"{group}{literal})"
    operators = "<=|>=|!=|=|<|>" if ordered else "!=|="
    interval = rf"{group}[\[(]){of}\.\.{of}{group}[\])])"
    return rf"(?:(?:{group}{operators}) ?)?{of}|{'' if ordered else '(?!)'}{interval})"


_READERS = {value_type: _Reader(value_type) for value_type in _LITERALS}
_LITERAL_LINES = {
    value_type: re.compile(f"^(?:({literal})|.*)$", re.MULTILINE) for value_type, literal in _LITERALS.items()
}
