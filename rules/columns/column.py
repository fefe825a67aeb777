"""What stands for one name over a whole batch: values by row, and the rows that have none.

Promise: a row without a value is never null and never zero: its ``bad`` code says so, and which rule failed. What its value
array holds at that row is of the right type, within the name's span, and means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]
# 0: the row has a value. UNATTRIBUTED: it failed and no rule has taken it as its own yet. Else the failing rule's code.
Bad = Codes | None
UNATTRIBUTED = -1


class Column(NamedTuple):
    """A name's values by row: an array, one scalar for all rows, ``Texts``, ``Lists``, ``Fixed`` or a ``Ratio``; and its failures."""

    values: Any
    bad: Bad = None


class Words:
    """The dictionary of a text column; a word may stand in it twice. What is worked out for each word is kept for all chunks."""

    __slots__ = ("_known", "_words")

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = words
        self._known: dict[Hashable, npt.NDArray[Any]] = {}

    @property
    def words(self) -> tuple[str, ...]:
        """The words, by code; at least one."""
        return self._words

    def each(self, key: Hashable, function: Callable[[str], Any], dtype: Any) -> npt.NDArray[Any]:
        """Return ``function`` of each word; ``key`` names the function and what it closes over."""
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._worked_out(key, function, dtype)
        return found

    def anywhere(self, key: Hashable, function: Callable[[str], bool]) -> bool:
        """Say whether ``function`` holds for any word."""
        found = self._known.get(("anywhere", key))
        if found is None:
            found = self._known["anywhere", key] = np.array(self.each(key, function, bool).any())
        return bool(found)

    def _worked_out(self, _key: Hashable, function: Callable[[str], Any], dtype: Any) -> npt.NDArray[Any]:
        return np.array([function(word) for word in self.words], dtype=dtype)


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Texts as codes into a dictionary of at least one word."""

    codes: npt.NDArray[Any]
    words: Words

    def __len__(self) -> int:
        return len(self.codes)

    def each(self, key: Hashable, function: Callable[[str], Any], dtype: Any) -> npt.NDArray[Any]:
        """Return ``function`` of each row's text, worked out once a word."""
        found: npt.NDArray[Any] = self.words.each(key, function, dtype)[self.codes]
        return found

    def decoded(self) -> list[str]:
        """Return the texts themselves."""
        words = self.words.words
        return [words[code] for code in self.codes.tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """A list a row: row i has ``flat[offsets[i]:offsets[i + 1]]``. ``flat`` is an array or ``Texts``."""

    flat: Any
    offsets: Ints

    @property
    def counts(self) -> Ints:
        """Items of each row."""
        return np.diff(self.offsets)

    def owners(self) -> Ints:
        """Return the row of each item."""
        return np.repeat(np.arange(len(self.offsets) - 1), self.counts)


@dataclass(frozen=True, slots=True)
class Fixed:
    """One list for all rows, of scalars in their column form (scaled integers, ordinals, texts, booleans)."""

    items: tuple[Any, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """An exact fraction a row, ``below`` above 0."""

    above: Any
    below: Any


def joined(first: Bad, second: Bad) -> Bad:
    """Return the failures of two operands evaluated one after the other: the first failure counts."""
    if first is None:
        return second
    if second is None:
        return first
    return np.where(first != 0, first, second)


def where_reached(bad: Bad, reached: Any) -> Bad:
    """Return the failures of what is evaluated only in the rows ``reached``."""
    if bad is None:
        return None
    return np.where(reached, bad, np.int32(0))


def marked(mask: Any, rows: int) -> Bad:
    """Return a failure of its own in the rows of the mask; None when there is none."""
    if not np.any(mask):
        return None
    found: Codes = np.zeros(rows, dtype=np.int32)
    found[np.broadcast_to(mask, (rows,))] = UNATTRIBUTED
    return found


def attributed(bad: Bad, code: int) -> Bad:
    """Return the failures with the rule's code where no inner rule has taken them."""
    if bad is None:
        return None
    return np.where(bad == UNATTRIBUTED, np.int32(code), bad)


def full(values: Any, rows: int) -> Any:
    """Return a scalar spread over the rows, anything else as it is."""
    if isinstance(values, np.ndarray) and values.ndim == 1:
        return values
    return np.broadcast_to(np.asarray(values), (rows,))


def as_texts(values: Any, rows: int) -> Texts:
    """Return a text column, whether it came as one or as one text for all rows."""
    if isinstance(values, Texts):
        return values
    return Texts(np.zeros(rows, dtype=np.int32), Words((values,)))


def as_lists(values: Any, rows: int) -> Lists:
    """Return a list column, whether it came as one or as one list for all rows."""
    if isinstance(values, Lists):
        return values
    items = values.items
    offsets = np.arange(rows + 1, dtype=np.int64) * len(items)
    if items and isinstance(items[0], str):
        return Lists(Texts(np.tile(np.arange(len(items), dtype=np.int32), rows), Words(tuple(items))), offsets)
    return Lists(np.tile(np.asarray(items, dtype=np.int64 if not items else None), rows), offsets)


def taken(values: Any, rows: Any) -> Any:
    """Return the values of some rows (an index array), in that order."""
    match values:
        case Texts():
            return Texts(values.codes.take(rows), values.words)
        case Lists() if len(values.flat) == len(values.offsets) - 1 and (values.counts == 1).all():
            return Lists(taken(values.flat, rows), np.arange(len(rows) + 1))
        case Lists():
            starts, counts = values.offsets[:-1][rows], values.counts[rows]
            offsets = np.concatenate(([0], np.cumsum(counts)))
            items = np.repeat(starts - offsets[:-1], counts) + np.arange(offsets[-1])
            return Lists(taken(values.flat, items), offsets)
        case Ratio():
            return Ratio(taken(values.above, rows), taken(values.below, rows))
        case np.ndarray() if values.ndim == 1:
            return values.take(rows)
        case _:
            return values


def sliced(values: Any, start: int, stop: int) -> Any:
    """Return the values of consecutive rows, as views."""
    match values:
        case Texts():
            return Texts(values.codes[start:stop], values.words)
        case Lists():
            offsets = values.offsets[start : stop + 1]
            return Lists(sliced(values.flat, int(offsets[0]), int(offsets[-1])), offsets - offsets[0])
        case np.ndarray() if values.ndim == 1:
            return values[start:stop]
        case _:
            return values


def chosen(condition: Any, then: Any, otherwise: Any, rows: int) -> Any:
    """Return ``then`` in the rows where the condition holds, else ``otherwise``."""
    if not isinstance(condition, np.ndarray) or condition.ndim == 0:
        return then if condition else otherwise
    if isinstance(then, str | Texts):
        first, second = as_texts(then, rows), as_texts(otherwise, rows)
        if first.words is second.words:
            return Texts(np.where(condition, first.codes, second.codes), first.words)
        words = Words((*first.words.words, *second.words.words))
        return Texts(np.where(condition, first.codes, second.codes + len(first.words.words)), words)
    if isinstance(then, Fixed | Lists):
        if isinstance(then, Fixed) and then == otherwise:
            return then
        both = _stacked(as_lists(then, rows), as_lists(otherwise, rows))
        return taken(both, np.where(condition, np.arange(rows), np.arange(rows) + rows))
    return np.where(condition, _whole(then), _whole(otherwise))


def _whole(value: Any) -> Any:
    """Return a number beyond 64 bits as one that numpy keeps whole."""
    beyond = isinstance(value, int) and not -(2**63) <= value < 2**63
    return np.array(value, dtype=object) if beyond else value


def _stacked(first: Lists, second: Lists) -> Lists:
    offsets = np.concatenate((first.offsets, second.offsets[1:] + first.offsets[-1]))
    one, other = first.flat, second.flat
    if isinstance(one, Texts) or isinstance(other, Texts):
        ones, others = as_texts(one, 0), as_texts(other, 0)
        words = Words((*ones.words.words, *others.words.words))
        return Lists(Texts(np.concatenate((ones.codes, others.codes + len(ones.words.words))), words), offsets)
    return Lists(np.concatenate((one, other)), offsets)
