"""What every document's content can do: say why it is not possible yet, what is asked for it, what is wrong, and what will stand on it.

Promise: pure; the same dossier and entries give the same content. Nothing is worked out that decides anything: amounts come from stored
determinations, vouchers and headquarters' decisions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from claims.amounts import yuan
from claims.capitals import CURRENCY_PREFIX, amount_in_capitals
from claims.document_contents.dossier import Dossier
from claims.document_types import Entered, RowsForm
from claims.errors import Bilingual
from claims.field_catalogue import field_of
from claims.form_fields import Choice, FactValue, FieldKind, FieldProblem, FieldSpec, Relation
from claims.paper_definitions import PaperId, paper_definition
from claims.papers import Mark, Printed

PrintedRow = dict[str, Printed]


@dataclass(frozen=True)
class Asked:
    """What is typed for a paper: its fields in order with prefilled values, relations between them, and tables."""

    fields: tuple[FieldSpec, ...] = ()
    values: dict[str, FactValue] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()
    rows: tuple[RowsForm, ...] = ()


@dataclass(frozen=True)
class Written:
    """What will stand on a paper beside its head and signatures."""

    values: dict[str, Printed] = field(default_factory=dict)
    tables: dict[str, tuple[PrintedRow, ...]] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    attached: dict[str, bytes] = field(default_factory=dict)


class Content(Protocol):
    """One document. Its module is one."""

    def why_not(self, dossier: Dossier) -> Bilingual | None:
        """Return why the paper can't be issued for the case now, None where it can."""

    def asked(self, dossier: Dossier) -> Asked:
        """Return what is typed for the paper, prefilled from the case."""

    def problems(self, dossier: Dossier, entered: Entered) -> Sequence[FieldProblem]:
        """Return what is wrong with checked entries, beyond what each field says for itself."""

    def written(self, dossier: Dossier, entered: Entered) -> Written:
        """Return what will stand on the paper. Entries may still be missing: then so is what follows from them."""


def fields_of(paper: PaperId, *keys: str, required: Sequence[str] = ()) -> tuple[FieldSpec, ...]:
    """Return the paper's fields by key; ``required`` ones must be typed here even where a form leaves them open."""
    definition = paper_definition(paper)
    found = (field_of(definition, key) for key in keys)
    return tuple(msgspec.structs.replace(each, required=True) if each.key in required else each for each in found)


def fixed_choice(spec: FieldSpec, values: Sequence[str]) -> FieldSpec:
    """Return the field as a choice of these values, such as the case's policies."""
    choices = tuple(Choice(each, Bilingual(each, each)) for each in values)
    return msgspec.structs.replace(
        spec, kind=FieldKind.CHOICE, choices=choices, default=values[0] if len(values) == 1 else None
    )


def in_both(text: FactValue | None, *known: Bilingual) -> Printed | None:
    """Return a text that was left as it was proposed in both languages, any other as it was typed."""
    return next((each for each in known if each.zh == text), text)


def said(values: dict[str, Printed | None]) -> dict[str, Printed]:
    """Return the values that say something."""
    return {key: value for key, value in values.items() if value is not None and value not in ("", [])}


def in_capitals(amount_fen: int) -> Bilingual:
    """Return an amount in capitals as papers print it; in English in figures."""
    return Bilingual(f"{CURRENCY_PREFIX}{amount_in_capitals(amount_fen)}", f"CNY {yuan(amount_fen)}")


def joined(texts: Sequence[Bilingual], zh: str = "", en: str = " ") -> Bilingual:
    """Return several texts as one."""
    return Bilingual(zh.join(each.zh for each in texts), en.join(each.en for each in texts))


def one_line_each(texts: Sequence[Bilingual]) -> Bilingual:
    """Return several texts as one of so many lines."""
    return joined(texts, "\n", "\n")
