"""Some rows of a batch while they are worked out: their facts, and every figure worked out for them so far.

Promise: a fact or figure is gathered or worked out once a frame. A frame knows no rule; pieces ask it for columns.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from rules.columns.column import Bools, Column, Ints, marked, sliced, taken

Fetch = Callable[[str], tuple[Any, Bools | None] | None]


class Frame:
    """``rows`` rows. ``fetch`` gives an element's values with the mask of rows that have one; None when no row has it.

    ``known`` are figures by name, ``element`` is what a quantifier or a table's cell looks at.
    """

    __slots__ = ("_facts", "_fetch", "element", "known", "rows")

    def __init__(self, rows: int, fetch: Fetch) -> None:
        self.rows = rows
        self.known: dict[Hashable, Column] = {}
        self.element: Column | None = None
        self._fetch = fetch
        self._facts: dict[str, Column | None] = {}

    def fact(self, name: str) -> Column | None:
        """Return an element's column, None when no row has the fact."""
        if name not in self._facts:
            self._facts[name] = self._fact(name)
        return self._facts[name]

    def _fact(self, name: str) -> Column | None:
        fetched = self._fetch(name)
        if fetched is None:
            return None
        values, present = fetched
        return Column(values, None if present is None else marked(np.logical_not(present), self.rows))

    def some(self, rows: Ints) -> Frame:
        """Return a frame of some of the rows that shares what this one knows; what it finds out stays its own."""

        def fetch(name: str) -> tuple[Any, Bools | None] | None:
            fact = self.fact(name)
            if fact is None:
                return None
            return taken(fact.values, rows), None if fact.bad is None else fact.bad[rows] == 0

        return _Some(len(rows), fetch, self, rows)


class _Some(Frame):
    """A frame of some rows of another: a figure known there is taken from there."""

    __slots__ = ()

    def __init__(self, rows: int, fetch: Fetch, parent: Frame, chosen: Ints) -> None:
        super().__init__(rows, fetch)
        self.known = _Taken(parent.known, chosen)


class _Taken(dict[Hashable, Column]):
    """Known figures; what is missing is taken from the parent's, row by row, when it is asked for."""

    def __init__(self, parent: dict[Hashable, Column], chosen: Ints) -> None:
        super().__init__()
        self._parent = parent
        self._chosen = chosen

    def __missing__(self, name: Hashable) -> Column:
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found  # type: ignore[no-any-return]

    def get(self, name: Hashable, default: Any = None) -> Any:
        found = super().get(name)
        if found is None:
            above = self._parent.get(name)
            if above is None:
                return default
            bad = None if above.bad is None else above.bad[self._chosen]
            found = self[name] = Column(taken(above.values, self._chosen), bad)
        return found


def slice_of(fetch: Fetch, start: int, stop: int) -> Fetch:
    """Return the fetch of consecutive rows."""

    def fetched(name: str) -> tuple[Any, Bools | None] | None:
        found = fetch(name)
        if found is None:
            return None
        values, present = found
        mask = None if present is None else present[start:stop]
        return sliced(values, start, stop), None if mask is None or mask.all() else mask

    return fetched
