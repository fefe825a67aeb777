"""What the documents of a case look like to a screen: which can be issued, what is asked for one, who signs it.

Promise: data only; every label and sentence is in both languages, every field is the one that the paper prints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from claims.errors import Bilingual, InputError
from claims.form_fields import FactValue, FieldProblem, FieldSpec, Relation
from claims.paper_definitions import PaperId
from claims.papers import Printed, Signed
from claims.records import PaperRecord
from claims.signing import Role

Row = Mapping[str, FactValue]
"""One typed row of a table, by the keys of its fields."""


@dataclass(frozen=True)
class PossiblePaper:
    """A paper that a case may need. ``why_not`` says what is missing where it is not ``ready``; ``issued`` are those with a number, oldest first."""

    paper: PaperId
    name: Bilingual
    ready: bool
    why_not: Bilingual | None
    issued: tuple[PaperRecord, ...]


@dataclass(frozen=True)
class RowsForm:
    """A table that is typed row by row: ``rows`` are prefilled and editable, ``least`` to ``most`` of them are needed."""

    key: str
    label: Bilingual
    fields: tuple[FieldSpec, ...]
    rows: tuple[Row, ...] = ()
    least: int = 0
    most: int = 20


@dataclass(frozen=True)
class ShownField:
    """A field that will be printed and is not typed here."""

    field: FieldSpec
    value: Printed


@dataclass(frozen=True)
class ShownTable:
    """A table that will be printed and is not typed here: its columns in order, and its rows."""

    key: str
    columns: tuple[FieldSpec, ...]
    rows: tuple[Mapping[str, Printed], ...]


@dataclass(frozen=True)
class PaperForm:
    """What is typed for a paper (``fields`` with ``values``, ``relations`` between them, ``rows``), and what else will be printed."""

    paper: PaperId
    name: Bilingual
    fields: tuple[FieldSpec, ...]
    values: Mapping[str, FactValue]
    relations: tuple[Relation, ...] = ()
    rows: tuple[RowsForm, ...] = ()
    shown: tuple[ShownField, ...] = ()
    tables: tuple[ShownTable, ...] = ()


@dataclass(frozen=True)
class Signer:
    """Somebody who signs a paper. ``name`` as printed, empty where it is written by hand; ``signed`` None: not yet."""

    role: Role
    label: Bilingual
    name: str
    note: Bilingual | None
    signed: Signed | None


@dataclass(frozen=True)
class Entered:
    """What was typed for a paper, checked: values by key, and rows by the key of their table.

    Rows in which nothing was typed are left out; ``places`` says where each of the others was typed, from 0.
    """

    values: Mapping[str, FactValue] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    places: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """Return a text value, empty where nothing was entered."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""


class EntriesRefusedError(InputError):
    """Something that was typed for a paper can't be right. ``problems`` has a sentence for each; nothing typed is lost.

    The key of a problem in a row is ``table[place].field``, places counted from 0.
    """

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__(
            "entries_refused",
            Bilingual("".join(each.sentence.zh for each in problems), " ".join(each.sentence.en for each in problems)),
            Bilingual(
                "请改好后再出单，已填的内容都在。", "Put it right, then issue the paper; everything entered is kept."
            ),
        )
        self.problems = tuple(problems)


def row_key(table: str, place: int, key: str) -> str:
    """Return how a field of a typed row is named in a problem."""
    return f"{table}[{place}].{key}"


def problem(key: str, code: str, zh: str, en: str) -> FieldProblem:
    """Return a problem with one field."""
    return FieldProblem(key=key, code=code, sentence=Bilingual(zh, en))
