"""Reading outside FEEL test data: one JSON object a line, values tagged by kind.

Promise: a line that is no case is named with its number and why, and stops nothing; a value is decoded exactly or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import msgspec

from rules.tools.feel_temporal_text import read_date, read_date_time, read_duration, read_time
from rules.tools.feel_values import OutOfScope


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the data, values decoded: an expression, or (then ``table`` is not None) a decision table as it stands there."""

    id: str
    group: str
    expression: str
    inputs: dict[str, Any]
    expected: Any
    error: bool
    table: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that is no case."""

    line: int
    why: str


class _Input(msgspec.Struct, frozen=True):
    expression: str
    type: str | None = None
    values: str | None = None


class _Output(msgspec.Struct, frozen=True):
    name: str | None = None
    values: str | None = None
    default: str | None = None


class _Rule(msgspec.Struct, frozen=True):
    when: tuple[str, ...]
    then: tuple[str, ...]


class _Table(msgspec.Struct, frozen=True):
    hit_policy: str
    inputs: tuple[_Input, ...]
    outputs: Annotated[tuple[_Output, ...], msgspec.Meta(min_length=1)]
    rules: tuple[_Rule, ...]
    aggregation: str | None = None


class _Row(msgspec.Struct, frozen=True):
    """A line as it stands in the file; other fields are let be."""

    id: str
    inputs: dict[str, Any]
    error: bool
    expected: Any = None
    group: str = ""
    expression: str | None = None
    table: _Table | None = None


def read_cases(path: Path, *, tables: bool) -> Iterator[Case | Malformed]:
    """Read the lines of a file of tables or of expressions. Raises ``OSError`` when it cannot be read."""
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if line.strip():
            try:
                yield _case(msgspec.json.decode(line, type=_Row), tables=tables)
            except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError) as problem:
                yield Malformed(number, f"{type(problem).__name__}: {problem}")


def _case(row: _Row, *, tables: bool) -> Case:
    if tables:
        if row.table is None:
            raise ValueError("no table")
        columns = len(row.table.inputs), len(row.table.outputs)
        if any((len(rule.when), len(rule.then)) != columns for rule in row.table.rules):
            raise ValueError("a rule has another number of cells than the table has columns")
    elif row.expression is None:
        raise ValueError("no expression")
    table = msgspec.to_builtins(row.table) if tables else None
    expression = "" if tables else row.expression or ""
    return Case(row.id, row.group, expression, _inputs(row.inputs), decoded(row.expected), row.error, table)


def _inputs(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs. One of a kind that the FEEL mode has not is left out: a row that reads it is refused, others stand."""
    found: dict[str, Any] = {}
    for name, value in raw.items():
        with suppress(ValueError):
            found[name] = decoded(value)
    return found


_TEXTS: dict[str, Callable[[str], Any]] = {
    "date": read_date,
    "time": read_time,
    "dateTime": read_date_time,
    "duration": read_duration,
}


def decoded(raw: Any) -> Any:
    """Return a value of the data as a value of the FEEL mode. Raises ``ValueError`` for what is none."""
    match raw:
        case None | bool() | str():
            return raw
        case list():
            return tuple(decoded(item) for item in raw)
        case {"number": str(text)} if len(raw) == 1:
            return _number(text)
        case {"context": dict(fields)} if len(raw) == 1:
            return {name: decoded(value) for name, value in fields.items()}
        case dict() if len(raw) == 1 and (kind := next(iter(raw))) in _TEXTS and isinstance(raw[kind], str):
            try:
                found = _TEXTS[kind](raw[kind])
            except OutOfScope as problem:
                raise ValueError(str(problem)) from problem
            if found is not None:
                return found
    raise ValueError(f"no value: {json.dumps(raw)[:80]}")


def _number(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"no number: {text[:80]}") from None
    if not found.is_finite():
        raise ValueError(f"no number: {text[:80]}")
    return found
