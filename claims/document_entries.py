"""Checks what was typed for a paper: every field by the rules of the field that is printed, every row of every table, all problems at once.

Promise: nothing is guessed and nothing is dropped but rows in which nothing was typed; a problem in a row is named by the place where the row
was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec

from claims.document_contents.content import Asked
from claims.document_types import Entered, EntriesRefusedError, Row, RowsForm, problem, row_key
from claims.form_fields import FactValue, FieldProblem, Validated
from claims.form_validation import validate_fields

_ROW_KEY = re.compile(r"(?P<table>[^\[\]]+)\[(?P<place>\d+)\]\.(?P<key>.+)")


def check_entries(
    asked: Asked, entered: Mapping[str, FactValue], rows: Mapping[str, Sequence[Row]], today: date
) -> Entered:
    """Return the checked entries.

    Args:
        entered: texts as typed, or values that were checked before, by field.
        today: the Beijing date of the trusted time.

    Raises:
        EntriesRefusedError: with every problem.
    """
    problems: list[FieldProblem] = []
    found = validate_fields(asked.fields, entered, today, relations=asked.relations)
    values: Mapping[str, FactValue] = {}
    if isinstance(found, Validated):
        values = found.values
    else:
        problems.extend(found)
    known = {each.key for each in asked.rows}
    problems.extend(
        problem(key, "unknown_table", f"本单没有“{key[:40]}”这张表。", f'This paper has no table "{key[:40]}".')
        for key in rows
        if key not in known
    )
    checked: dict[str, list[Row]] = {}
    places: dict[str, list[int]] = {}
    for table in asked.rows:
        checked[table.key], places[table.key] = [], []
        for place, row in enumerate(rows.get(table.key, ())):
            if not any(_says(value) for value in row.values()):
                continue
            read = validate_fields(table.fields, row, today)
            if isinstance(read, Validated):
                checked[table.key].append(read.values)
                places[table.key].append(place)
            else:
                problems.extend(_in_row(table, place, each) for each in read)
        problems.extend(_count(table, sum(any(map(_says, row.values())) for row in rows.get(table.key, ()))))
    if problems:
        raise EntriesRefusedError(problems)
    return Entered(values=values, rows=checked, places=places)


def in_typed_places(problems: Sequence[FieldProblem], entered: Entered) -> tuple[FieldProblem, ...]:
    """Return the problems of checked rows, each named by the place where its row was typed."""
    return tuple(_placed(each, entered) for each in problems)


def _placed(each: FieldProblem, entered: Entered) -> FieldProblem:
    found = _ROW_KEY.fullmatch(each.key)
    if found is None:
        return each
    places = entered.places.get(found["table"], ())
    place = int(found["place"])
    return msgspec.structs.replace(
        each, key=row_key(found["table"], places[place] if place < len(places) else place, found["key"])
    )


def _in_row(table: RowsForm, place: int, each: FieldProblem) -> FieldProblem:
    sentence = msgspec.structs.replace(
        each.sentence,
        zh=f"{table.label.zh}第 {place + 1} 行，{each.sentence.zh}",
        en=f"{table.label.en}, row {place + 1}, {each.sentence.en}",
    )
    return msgspec.structs.replace(each, key=row_key(table.key, place, each.key), sentence=sentence)


def _count(table: RowsForm, typed: int) -> Iterator[FieldProblem]:
    if typed < table.least:
        yield problem(
            table.key,
            "rows_missing",
            f"“{table.label.zh}”至少填 {table.least} 行，现在有 {typed} 行。",
            f'"{table.label.en}" needs at least {table.least} row(s); there are {typed}.',
        )
    elif typed > table.most:
        yield problem(
            table.key,
            "rows_too_many",
            f"“{table.label.zh}”有 {typed} 行，一张最多 {table.most} 行，请分开出具。",
            f'"{table.label.en}" has {typed} rows; one paper takes {table.most}: issue two.',
        )


def _says(value: FactValue) -> bool:
    return value != [] and (not isinstance(value, str) or bool(value.strip()))
