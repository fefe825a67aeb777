"""The names of a text, where some stand for others: a rule writes ``deductible`` and reads ``deductible@accident``.

Promise: the text and its places keep the name that the author wrote; the typed form and ``reads`` have the name that is read, so
no back end has to know what the author's name stands for (ADR 0110).
"""

from __future__ import annotations

from collections.abc import Mapping

from rules.engine.language.value_types import Type


class Names(dict[str, Type]):
    """Names with their types, and ``reads_as``: the name that is read, for those that stand for another."""

    __slots__ = ("reads_as",)

    def __init__(self, types: Mapping[str, Type], reads_as: Mapping[str, str]) -> None:
        super().__init__(types)
        self.reads_as = {name: read for name, read in reads_as.items() if name in types}
