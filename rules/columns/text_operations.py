"""Texts over columns: what is asked of a text is worked out once for each word of the dictionary.

Promise: equal to Python's own operations on the texts, row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from operator import add
from typing import Any

import numpy as np

from rules.columns.column import Column, Texts, Words, as_texts, joined
from rules.columns.frame import Frame
from rules.columns.operations import COMPARISONS, apply
from rules.columns.piece import Piece, constant
from rules.engine.language import Type
from rules.engine.language.ir import Operation
from rules.engine.span import Span

LENGTH = "length"
_OF_TWO: dict[Operation, Callable[[str, str], bool]] = {
    **COMPARISONS,
    Operation.TEXT_CONTAINS: lambda text, part: part in text,
    Operation.TEXT_STARTS_WITH: str.startswith,
    Operation.TEXT_ENDS_WITH: str.endswith,
}


def judge(operation: Operation, left: Piece, right: Piece) -> Piece:
    """Return a comparison or a search of one text in another."""
    return apply(lambda a, b: judged(operation, a, b), (left, right), Type.BOOL, None)


def judged(operation: Operation, left: Any, right: Any) -> Any:
    """Return the judgement by row; each side is a column or one text."""
    function = _OF_TWO[operation]
    match left, right:
        case str(), str():
            return function(left, right)
        case Texts(), str():
            return left.each((operation, "left", right), lambda word: function(word, right), bool)
        case str(), Texts():
            return right.each((operation, "right", left), lambda word: function(left, word), bool)
        case (np.ndarray(), _) | (_, np.ndarray()):
            # Lists of texts that are empty in every row have no dictionary.
            return np.zeros(0, dtype=bool)
        case _:
            pairs = zip(left.decoded(), right.decoded(), strict=True)
            return np.array([function(one, other) for one, other in pairs], dtype=bool)


def among(value: Any, words: Collection[str]) -> Any:
    """Return whether each text is one of the words."""
    wanted = frozenset(words)
    if isinstance(value, str):
        return value in wanted
    return value.each(("among", wanted), wanted.__contains__, bool)


def length(piece: Piece, longest: int) -> Piece:
    """Return the number of characters."""

    def counted(value: Any) -> Any:
        return len(value) if isinstance(value, str) else value.each(LENGTH, len, np.int64)

    return apply(counted, (piece,), Type.NUMBER, Span(0, 0, longest))


def join(left: Piece, right: Piece) -> Piece:
    """Return the two texts joined."""
    if left.constant is not None and right.constant is not None:
        return constant(Type.TEXT, left.constant + right.constant)
    runs = (left.run, right.run)

    def run(frame: Frame) -> Column:
        (a, first), (b, second) = (each(frame) for each in runs)
        found = map(add, as_texts(a, frame.rows).decoded(), as_texts(b, frame.rows).decoded())
        return Column(texts_of(list(found)), joined(first, second))

    return Piece(run, Type.TEXT)


def texts_of(texts: list[str]) -> Texts:
    """Return texts as a column with a dictionary of its own."""
    known: dict[str, int] = {}
    codes = np.fromiter((known.setdefault(text, len(known)) for text in texts), dtype=np.int32, count=len(texts))
    return Texts(codes, Words(tuple(known) or ("",)))
