"""A pack's texts compiled: formulas, tables and sentences, each with the names that it may read and the date basis it reads by.

Promise: what does not compile is refused with ``PackError`` naming the part and the text. A dated parameter is read under the
name that carries the basis (``rules.engine.dating``), in a text and in its sentences alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

from rules.engine.dating import dated_name
from rules.engine.document import DateBasis
from rules.engine.intrinsics import INTRINSICS
from rules.engine.language import (
    Expression,
    LanguageError,
    Table,
    TableDefinition,
    Type,
    compile_expression,
    compile_table,
)
from rules.engine.language.names import Names
from rules.engine.model import Bilingual, PackError
from rules.engine.wording import Sentence, sentence

_WORD = re.compile(r"[A-Za-z0-9_]+")


class Compiler:
    """Compiles texts against a pack's names; ``formulas`` counts the formulas and tables. ``dated`` are the dated parameters."""

    def __init__(self, names: Mapping[str, Type], dated: frozenset[str]) -> None:
        self.names = names
        self.dated = dated
        self.formulas = 0

    def reads_as(self, names: Iterable[str], basis: DateBasis) -> dict[str, str]:
        """Return those of the names that are read under another one, with that."""
        return {name: dated_name(name, basis) for name in self.dated.intersection(names)}

    def expression(
        self, part: str, text: str, expected: Type, basis: DateBasis = DateBasis.LIABILITY, /, **more: Type
    ) -> Expression:
        """Compile a formula; ``more`` are names that only this one may read. Raises PackError."""
        self.formulas += 1
        # Handing over all names of a pack costs more than compiling.
        known = {word: self.names[word] for word in _WORD.findall(text) if word in self.names}
        names = Names({**known, **more}, self.reads_as(known, basis))
        try:
            return compile_expression(text, names, INTRINSICS, expected=expected)
        except LanguageError as problem:
            _refuse(part, text, problem)

    def table(self, part: str, definition: TableDefinition, expected: Type, basis: DateBasis) -> Table:
        """Compile a table with one output. Raises PackError."""
        self.formulas += 1
        # All names: looking through thousands of cells for those that stand there costs more.
        names = Names(self.names, self.reads_as(self.names, basis))
        try:
            table = compile_table(definition, names, INTRINSICS)
        except LanguageError as problem:
            _refuse(part, "table", problem)
        if list(table.types.values()) != [expected]:
            found = ", ".join(str(kind) for kind in table.types.values())
            raise PackError("wrong_type", part=part, expected=str(expected), found=found)
        return table

    def sentence(
        self, part: str, text: Bilingual, also: Sequence[str] = (), basis: DateBasis = DateBasis.LIABILITY
    ) -> Sentence:
        """Cut a sentence at its places; ``also`` are names that only this one may tell. Raises PackError."""
        try:
            cut = sentence(text)
        except ValueError as problem:
            raise PackError("bad_sentence", part=part, detail=str(problem)) from problem
        for name in cut.names:
            if name not in self.names and name not in also:
                raise PackError("unknown_name", part=part, name=name)
        reads_as = self.reads_as(cut.names, basis)
        return cut.reading(reads_as) if reads_as else cut


def _refuse(part: str, text: str, problem: LanguageError) -> NoReturn:
    raise PackError("bad_expression", part=part, expression=text, why=problem.code, **problem.values) from problem
