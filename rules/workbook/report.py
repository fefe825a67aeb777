"""Collects what is wrong with a workbook while it is read, so that the expert hears of everything at once.

Promise: a cell is complained about once for one thing; the number of problems told is limited, their count is not.
"""

from __future__ import annotations

from rules.workbook.messages import sentence_of
from rules.workbook.problems import Place, Problem, WorkbookError, Wrong

MAX_PROBLEMS = 200


class Report:
    """The problems found so far."""

    def __init__(self) -> None:
        self._problems: dict[tuple[Place, str, str], Problem] = {}
        self._more = 0

    def __bool__(self) -> bool:
        return bool(self._problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that was found, in the order it was found."""
        found = tuple(self._problems.values())
        if not self._more:
            return found
        more = Problem("more", Place(), sentence_of("more", {"count": str(self._more)}))
        return (*found, more)

    def add(self, place: Place, code: str, **values: str) -> None:
        """Tell of a problem."""
        text = sentence_of(code, values)
        key = (place, code, text.zh)
        if key not in self._problems and len(self._problems) >= MAX_PROBLEMS:
            self._more += 1
            return
        self._problems.setdefault(key, Problem(code, place, text))

    def wrong(self, place: Place, finding: Wrong) -> None:
        """Tell of a cell that its codec refused."""
        self.add(place, finding.code, **finding.values)

    def settle(self) -> None:
        """Raise WorkbookError with everything found, if anything was."""
        if self._problems:
            raise WorkbookError(self.problems)
