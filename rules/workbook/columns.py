"""What a column of a sheet is: which field it holds, its headings, its note and its codec.

Promise: headings are Chinese with English beneath; either is enough to find the column again, in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rules.workbook.codecs import Choice, Codec, YesNo


class Layer(StrEnum):
    """What a cell can name by its id."""

    ELEMENT = "element"
    PARAMETER = "parameter"
    RULE = "rule"
    POOL = "pool"
    LIABILITY = "liability"
    PLAN = "plan"


# The codec of a cell that depends on the row's earlier cells (a bound on its type); None while those are wrong themselves.
CodecOfRow = Callable[[Mapping[str, object]], Codec | None]


@dataclass(frozen=True)
class Column:
    """One column. ``path`` is the field (``name.zh``); "" is for the reader only: import does not look at it.

    ``refers`` is the layer whose ids the cell holds. ``note`` is the heading's comment.
    """

    path: str
    zh: str
    en: str
    note: str
    codec: Codec | CodecOfRow
    width: int = 14
    required: bool = False
    refers: Layer | None = None

    def codec_for(self, row: Mapping[str, object]) -> Codec | None:
        """Return how this column's cell of a row is read and written."""
        return self.codec if _is_codec(self.codec) else self.codec(row)  # type: ignore[operator,return-value]  # just told

    @property
    def listed(self) -> tuple[str, ...]:
        """What a drop-down list offers."""
        if isinstance(self.codec, Choice):
            return tuple(self.codec.choices.labels)
        return ("是", "否") if isinstance(self.codec, YesNo) else ()


def _is_codec(codec: object) -> bool:
    return hasattr(codec, "parsed")


@dataclass(frozen=True)
class Layout:
    """One kind of sheet: its titles, and its columns in the order that export writes them.

    ``several``: there may be more sheets of it, with a dot and a name of their own behind the title (``用例·AT-A``).
    """

    zh: str
    en: str
    columns: tuple[Column, ...]
    several: bool = False

    def column(self, path: str) -> Column:
        """Return the column of a field."""
        return next(column for column in self.columns if column.path == path)

    def is_title(self, title: str) -> bool:
        """Tell whether a sheet's title is this one's, in Chinese or English."""
        head, dot, _ = title.strip().partition("·")
        return head.strip().casefold() in (self.zh, self.en.casefold()) and (self.several or not dot)

    def english(self, title: str) -> str:
        """Return a sheet's English title: ``Tests·AT-A``."""
        _, dot, rest = title.partition("·")
        return f"{self.en}{dot}{rest}"
