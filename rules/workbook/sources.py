"""Which cell each part of a pack came from, so that what the engine refuses is told at the cell.

Promise: parts are named as ``PackError`` names them (``rule minor_cap``, ``plan AT-A, output refund``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rules.workbook.problems import Place
from rules.workbook.records import Row

# A name's place in a sentence.
_NAMED = re.compile(r"\{[A-Za-z0-9_]+\}")


@dataclass
class Sources:
    """Filled while a workbook is read."""

    # The first cell of each part.
    parts: dict[str, Place] = field(default_factory=dict)
    # (part, field) and (part, the very text or id that stands there): the cell.
    fields: dict[tuple[str, str], Place] = field(default_factory=dict)
    # (part, row of its table counted from 1, 0 the head, column's name): the cell.
    grids: dict[tuple[str, str, str], Place] = field(default_factory=dict)

    def note(self, part: str, row: Row) -> None:
        """Remember where a part's row and all its cells are."""
        self.parts.setdefault(part, row.here)
        for path, place in row.places.items():
            self.fields.setdefault((part, path), place)
            value = row.values.get(path)
            for text in value if isinstance(value, tuple) else (value,):
                if isinstance(text, str):
                    self.fields.setdefault((part, text), place)
                    for named in _NAMED.findall(text):
                        self.fields.setdefault((part, named), place)

    def find(self, part: str, *names: str) -> Place:
        """Return the cell of the first of the names that the part has, else the part's first cell.

        A part that has no row of its own (``plan A, liability b``) is looked for in the part before its comma.
        """
        for where in _wider(part):
            for name in names:
                if place := self.fields.get((where, name)):
                    return place
        for where in _wider(part):
            if place := self.parts.get(where):
                return place
        return Place()


def _wider(part: str) -> tuple[str, ...]:
    head = part.partition(", ")[0]
    return (part, head, head.partition("@")[0])
