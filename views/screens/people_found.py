"""Where the rows of people come from: a search, a search of those with cover in force, or the people of the latest cases.

Promise: each is called in the search lane, page by page, and gives up as soon as it is cancelled; a filter is applied to everybody
that was found, not only to what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from claims.desk import Desk
from claims.overviews import PersonRow
from views.screens.people_rows import has_cover

_LATEST_CASES = 20


class Everybody:
    """Whoever a text finds."""

    def __init__(self, desk: Desk, text: str) -> None:
        self._desk, self._text = desk, text

    def __call__(self, offset: int, limit: int, cancelled: Callable[[], bool]) -> Sequence[PersonRow]:
        """Return a page."""
        return self._desk.person_rows(self._text, offset=offset, limit=limit, cancelled=cancelled)


class InForceOnly:
    """Those of a search that have cover in force."""

    def __init__(self, everybody: Callable[[int, int, Callable[[], bool]], Sequence[PersonRow]]) -> None:
        self._everybody = everybody
        # Where the search goes on for the row after so many with cover.
        self._goes_on = {0: 0}

    def __call__(self, offset: int, limit: int, cancelled: Callable[[], bool]) -> Sequence[PersonRow]:
        """Return a page; ``offset`` is where the page before ended."""
        source = self._goes_on[offset]
        found: list[PersonRow] = []
        while len(found) < limit and not cancelled():
            page = self._everybody(source, limit, cancelled)
            for row in page:
                source += 1
                if has_cover(row):
                    found.append(row)
                    if len(found) == limit:
                        break
            if len(page) < limit:
                break
        self._goes_on[offset + len(found)] = source
        return () if cancelled() else tuple(found)


class Recent:
    """The people of the latest cases on this laptop, the newest first, each once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __call__(self, offset: int, limit: int, cancelled: Callable[[], bool]) -> Sequence[PersonRow]:
        """Return them all as one page."""
        if offset:
            return ()
        found: dict[str, PersonRow] = {}
        for case in self._desk.case_rows(limit=_LATEST_CASES):
            person_id = case.case.insured.person_id
            if person_id is None or person_id in found:
                continue
            if cancelled() or len(found) >= limit:
                break
            row = self._desk.person_row(person_id)
            if row is not None:
                found[person_id] = row
        return () if cancelled() else tuple(found.values())
