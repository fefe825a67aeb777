"""Cells that hold several things: ids, sums and texts by id.

Promise: as every codec (``rules.workbook.codecs``): what was written is read back, or spelled out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.engine.document import ValueType
from rules.workbook.codecs import TEXT_FORMAT, Content, Many, Scalar, text_of
from rules.workbook.figures import fen_of, whole_of, yuan_words
from rules.workbook.listing import join, split
from rules.workbook.problems import Wrong
from rules.workbook.texts import tidy_name


@dataclass(frozen=True)
class Names:
    """A list of ids, one a line or with ``;`` between."""

    verbatim = tuple[str, ...]

    def plain(self, value: object) -> Content:
        return Content(join(value), TEXT_FORMAT)  # type: ignore[arg-type]  # `written` compares

    def parsed(self, cell: Content) -> object:
        return tuple(tidy_name(each) for each in split(text_of(cell), commas=True))


@dataclass(frozen=True)
class Sums:
    """Sums by id: ``refund = 6,120.00``, one a line. ``counted`` are ids whose figure is a whole number, not money."""

    counted: frozenset[str] = frozenset()

    verbatim = dict[str, int]

    def plain(self, value: object) -> Content:
        if not isinstance(value, Mapping):
            raise Wrong("not_a_list")
        pairs = tuple(f"{name} = {self._words(name, sum_)}" for name, sum_ in sorted(value.items()))
        return Content(join(pairs, quotes=False), TEXT_FORMAT)

    def _words(self, name: str, figure: int) -> str:
        return str(figure) if name in self.counted else yuan_words(figure)

    def parsed(self, cell: Content) -> object:
        sums: dict[str, int] = {}
        for each in split(text_of(cell)):
            name, sign, figure = tidy_name(each).partition("=")
            name, figure = name.strip(), figure.strip()
            if not sign or not name:
                raise Wrong("not_a_pair", found=each)
            if name in sums:
                raise Wrong("twice_in_list", found=name)
            sums[name] = whole_of(figure) if name in self.counted else fen_of(figure)
        return sums


@dataclass(frozen=True)
class Told:
    """Texts by id: ``thyroid_stage = II``, one a line."""

    verbatim = dict[str, str]

    def plain(self, value: object) -> Content:
        if not isinstance(value, Mapping):
            raise Wrong("not_a_list")
        return Content(join(tuple(f"{name} = {text}" for name, text in sorted(value.items()))), TEXT_FORMAT)

    def parsed(self, cell: Content) -> object:
        texts: dict[str, str] = {}
        for each in split(text_of(cell)):
            name, sign, text = each.partition("=")
            name = tidy_name(name).strip()
            if not sign or not name:
                raise Wrong("not_a_pair", found=each)
            if name in texts:
                raise Wrong("twice_in_list", found=name)
            texts[name] = text.strip()
        return texts


@dataclass(frozen=True)
class MoneyList:
    """Sums in a row: ``500.00; 500.00``."""

    verbatim = tuple[int, ...]

    def plain(self, value: object) -> Content:
        return Many(Scalar(ValueType.MONEY)).plain(value)

    def parsed(self, cell: Content) -> object:
        return Many(Scalar(ValueType.MONEY)).parsed(cell)
