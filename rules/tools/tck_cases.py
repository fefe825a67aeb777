"""Reading outside FEEL test data: one JSON object a line, values tagged by kind.

Promise: decoded values are those of the rule language; a kind it has not is kept as ``Undecodable``, never approximated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from rules.engine.language.dates import read_date
from rules.engine.language.errors import Undefined
from rules.tools.feel_functions import OutOfScope, read_outside_duration


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the data; values are decoded, ``inputs`` may hold ``Undecodable`` ones."""

    id: str
    group: str
    expression: str
    inputs: dict[str, Any]
    expected: Any
    error: bool


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A value of a kind that the language has not (clock time, function)."""

    kind: str


def read_cases(path: Path) -> Iterator[Case]:
    """Read the cases of a file, one JSON object a line."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            raw = json.loads(line)
            inputs = {name: decoded(value) for name, value in raw["inputs"].items()}
            expected = decoded(raw.get("expected"))
            yield Case(raw["id"], raw.get("group", ""), raw["expression"], inputs, expected, bool(raw["error"]))


def decoded(raw: Any) -> Any:  # noqa: PLR0911 - one return a kind of value
    """Return a value of the data as a value of the language."""
    match raw:
        case {"number": str(text)}:
            return Decimal(text)
        case {"date": str(text)}:
            try:
                return read_date(text)
            except Undefined:
                return Undecodable("date")
        case {"duration": str(text)}:
            try:
                return read_outside_duration(text)
            except OutOfScope:
                return Undecodable("duration")
        case {"context": dict(fields)}:
            return {name: decoded(value) for name, value in fields.items()}
        case dict():
            return Undecodable(", ".join(raw))
        case list():
            return tuple(decoded(item) for item in raw)
        case _:
            return raw
