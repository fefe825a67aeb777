"""Cells of a decision table's grid: conditions and outcomes, with what people write there out of habit.

Promise: as every codec (``rules.workbook.codecs``). ``140%`` is 1.4; ``41-60``, which the language reads as 41 less 60, is refused with
the interval that was meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from rules.engine.values import decimal_text
from rules.workbook.codecs import Code, Content
from rules.workbook.problems import Wrong

_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*")')
_PERCENT = re.compile(r"(?<![\w.])([0-9]{1,20}(?:\.[0-9]{1,20})?)\s*%")
_END = r"([0-9][0-9,]*(?:\.[0-9]+)?%?)\s*(?:元|yuan)?"
_DASHED = re.compile(rf"{_END}\s*(?:-|–|—|―|~|～|〜|至|到)+\s*{_END}")


@dataclass(frozen=True)
class Outcome(Code):
    """An outcome or a default: a formula, in which a percentage is a number."""

    def parsed(self, cell: Content) -> object:
        return _without_percent(str(super().parsed(cell)))


@dataclass(frozen=True)
class Condition(Code):
    """A condition or the values that a column allows."""

    def parsed(self, cell: Content) -> object:
        text = str(super().parsed(cell))
        if match := _DASHED.fullmatch(text):
            money = " yuan" if "yuan" in text or "元" in text else ""
            low, high = (f"{_without_percent(end.replace(',', ''))}{money}" for end in match.groups())
            raise Wrong("dashed_interval", found=text, meant=f"[{low}..{high}]")
        return _without_percent(text)


def _without_percent(text: str) -> str:
    """Return the text with each percentage outside of quotation marks as a number."""
    pieces = _QUOTED.split(text)
    pieces[::2] = [
        _PERCENT.sub(lambda match: decimal_text(Decimal(match[1]).scaleb(-2)), piece) for piece in pieces[::2]
    ]
    return "".join(pieces)
