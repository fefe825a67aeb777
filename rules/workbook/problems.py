"""What is wrong with a workbook: the cell, what was found, what was expected and what to do, in Chinese and English.

Promise: a workbook is refused with all its problems at once, in the order of its sheets; each names sheet and cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules.bilingual import Bilingual
from rules.engine.model import RulesError


@dataclass(frozen=True, slots=True)
class Place:
    """A cell (``F12``), a whole sheet (no cell) or the whole file (no sheet). ``english`` is the sheet's English title."""

    sheet: str = ""
    english: str = ""
    cell: str = ""

    def named(self, english: bool) -> str:
        """Return the place as a reader looks for it: ``要素!F12`` or ``Elements!F12``."""
        sheet = self.english if english else self.sheet
        if not sheet:
            return "the file" if english else "文件"
        return f"{sheet}!{self.cell}" if self.cell else sheet


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right. ``code`` is stable."""

    code: str
    place: Place
    text: Bilingual

    def __str__(self) -> str:
        return f"{self.place.named(english=False)}：{self.text.zh} / {self.place.named(english=True)}: {self.text.en}"


class WorkbookError(RulesError):
    """The workbook is refused, with all its problems; nothing was made of it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("bad_workbook", problems=str(len(problems)))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class Wrong(Exception):  # noqa: N818 - a finding about one cell, caught by who knows the cell
    """A cell's content is not what its column asks for. The reader of the row adds the place."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values
