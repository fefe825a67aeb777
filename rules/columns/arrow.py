"""Batches from Arrow tables and back: how claims lie in a Parquet file.

Layout: one column an element, under its id; null is a missing fact. Money is int64 fen; a number a decimal128 at the element's scale
(a string or an integer is read too); a date date32; yes/no bool; a text string (plain or dictionary); a list element a list of
these. Columns that are no element (a policy's number, a key) are left to the caller.

Promise: a value that its element does not allow refuses its claim by the element's name; a column of a type that the element cannot
have is a FactsError for the whole table.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.columns.batch import Batch, Facts
from rules.columns.column import Bools, Ints, Lists, Texts, Words
from rules.columns.loss_keys import UNFIT_PART
from rules.columns.names import fact_span
from rules.columns.text_operations import LENGTH
from rules.columns.values import scaled
from rules.engine.document import ElementSpec, ValueType
from rules.engine.model import ElementId, FactsError, Value
from rules.engine.pack import Pack
from rules.engine.span import Span
from rules.engine.values import bounds

_EPOCH_ORDINAL = 719_163  # date(1970, 1, 1).toordinal()
_MAX_DIGITS = 38


def facts_table(pack: Pack, facts: Sequence[Mapping[ElementId, Value]]) -> pa.Table:
    """Return claims as a table of the layout above, with the columns that any claim has. Raises pyarrow's own error for a wrong type."""
    columns = {}
    for name, spec in pack.elements.items():
        if any(name in claim for claim in facts):
            columns[str(name)] = pa.array([_written(spec, claim.get(name)) for claim in facts], type=arrow_type(spec))
    return pa.table(columns)


def arrow_type(spec: ElementSpec) -> pa.DataType:
    """Return the type of an element's column."""
    scalar = {
        ValueType.MONEY: pa.int64(),
        ValueType.NUMBER: pa.decimal128(_MAX_DIGITS, spec.scale or 0),
        ValueType.TEXT: pa.string(),
        ValueType.BOOL: pa.bool_(),
        ValueType.DATE: pa.date32(),
    }[spec.type]
    return pa.list_(scalar) if spec.many else scalar


def _written(spec: ElementSpec, value: Any) -> Any:
    return list(value) if spec.many and value is not None else value


def batch_of_table(pack: Pack, table: pa.Table) -> Batch:
    """Return a batch of a table's claims. Raises FactsError ``wrong_type`` for a column of a type the element cannot have."""
    facts: dict[str, Facts] = {}
    wrong: list[tuple[str, Bools]] = []
    for name in sorted(set(table.column_names) & set(map(str, pack.elements))):
        reader = _Reader(pack.elements[ElementId(name)])
        values, present, unfit = reader.read(_one(table.column(name)))
        if present is None or present.any():
            facts[name] = Facts(values, present)
        if unfit is not None:
            wrong.append((name, unfit))
    refused: Ints | None = None
    if wrong:
        # By name, as the reference looks at facts: the first name that does not fit is told.
        refused = np.zeros(table.num_rows, dtype=np.int64)
        for number, (_, unfit) in enumerate(wrong, start=1):
            refused[unfit & (refused == 0)] = number
    return Batch(table.num_rows, facts, refused, ("", *(name for name, _ in wrong)))


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


class _Reader:
    """Reads one element's column: values in column form, rows that have one, rows whose value the element does not allow."""

    def __init__(self, spec: ElementSpec) -> None:
        self._spec = spec
        self._span = fact_span(spec)

    def read(self, array: pa.Array) -> tuple[Any, Bools | None, Bools | None]:
        """Return values, rows present (None: all), rows refused (None: none)."""
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        if pa.types.is_null(array.type):
            array = array.cast(arrow_type(self._spec))
        if pa.types.is_dictionary(array.type) and array.dictionary.null_count:
            array = array.cast(array.type.value_type)
        present = None if array.null_count == 0 else _bools(pc.is_valid(array))
        if not self._spec.many:
            values, unfit = self._scalars(array, present)
            return values, present, unfit if unfit is not None and unfit.any() else None
        if not (pa.types.is_list(array.type) or pa.types.is_large_list(array.type)):
            raise self._mismatch(array.type)
        lengths = _array(pc.list_value_length(array).fill_null(0)).astype(np.int64)
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        flat = pc.list_flatten(array)
        items, unfit_items = self._scalars(flat, None)
        unfit = lengths > (self._spec.items or 0)
        if flat.null_count:
            unfit |= self._any(_bools(pc.is_null(flat)), offsets)
        if unfit_items is not None:
            unfit |= self._any(unfit_items, offsets)
        return Lists(items, offsets), present, unfit if unfit.any() else None

    @staticmethod
    def _any(mask: Bools, offsets: Ints) -> Bools:
        before = np.concatenate(([0], np.cumsum(mask)))
        found: Bools = before[offsets[1:]] > before[offsets[:-1]]
        return found

    def _mismatch(self, found: pa.DataType) -> FactsError:
        return FactsError("wrong_type", element=self._spec.id, expected=str(arrow_type(self._spec)), found=str(found))

    def _scalars(self, array: pa.Array, present: Bools | None) -> tuple[Any, Bools | None]:
        match self._spec.type:
            case ValueType.TEXT:
                return self._texts(array, present)
            case ValueType.BOOL:
                if not pa.types.is_boolean(array.type):
                    raise self._mismatch(array.type)
                return _bools(array.fill_null(False) if array.null_count else array), None
            case ValueType.NUMBER:
                numbers, unfit = self._numbers(array)
            case ValueType.DATE:
                if not pa.types.is_date32(array.type):
                    raise self._mismatch(array.type)
                days = array.cast(pa.int32())
                numbers = _filled(days).astype(np.int64) + _EPOCH_ORDINAL
                unfit = None
            case _:
                if not pa.types.is_integer(array.type) or pa.types.is_uint64(array.type):
                    raise self._mismatch(array.type)
                numbers, unfit = _filled(array.cast(pa.int64())), None
        return self._within(numbers, unfit, present if present is not None or not array.null_count else _valid(array))

    def _within(self, numbers: Any, unfit: Bools | None, present: Bools | None) -> tuple[Any, Bools | None]:
        """Hold numbers to the element's bounds; what is missing or beyond them is replaced by a bound."""
        span = self._bounds()
        # One pass each over numbers that almost always fit.
        if len(numbers) and (numbers.min() < span.low or numbers.max() > span.high):
            beyond = (numbers < span.low) | (numbers > span.high)
            told = beyond if present is None else beyond & present
            unfit = told if unfit is None else unfit | told
            numbers = np.where(beyond, span.low, numbers)
        if unfit is not None and present is not None:
            unfit = unfit & present
        return numbers, unfit

    def _bounds(self) -> Span:
        if self._span is None:
            raise TypeError(f"{self._spec.type} has no bounds in numbers")
        return self._span

    def _numbers(self, array: pa.Array) -> tuple[Any, Bools | None]:
        kind = array.type
        if not self._bounds().fits_int64 and (pa.types.is_decimal128(kind) or pa.types.is_integer(kind)):
            return self._decimals([None if each is None else Decimal(each) for each in array.to_pylist()])
        if pa.types.is_integer(kind) and not pa.types.is_uint64(kind):
            return self._times(_filled(array.cast(pa.int64())), 10 ** (self._spec.scale or 0)), None
        if pa.types.is_decimal128(kind):
            return self._fixed_point(array)
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return self._decimals([None if text is None else _decimal(text) for text in array.to_pylist()])
        raise self._mismatch(kind)

    def _fixed_point(self, array: pa.Array) -> tuple[Any, Bools | None]:
        """Read 128-bit integers at the column's scale: the lower half, where the upper half only repeats its sign."""
        if array.null_count:
            array = array.fill_null(Decimal(0))
        halves = np.frombuffer(array.buffers()[1], dtype="<i8").reshape(-1, 2)[array.offset : array.offset + len(array)]
        lower, upper = halves[:, 0], halves[:, 1]
        unfit = upper != lower >> 63
        scale = self._spec.scale or 0
        if array.type.scale <= scale:
            values = self._times(lower, 10 ** (scale - array.type.scale))
        else:
            unit = 10 ** (array.type.scale - scale)
            values, unfit = lower // unit, unfit | (lower % unit != 0)
        return values, unfit if unfit.any() else None

    def _times(self, values: Any, factor: int) -> Any:
        if factor == 1:
            return values
        most = (2**63 - 1) // factor
        # What does not fit 64 bits is beyond every bound that does.
        return np.clip(values, -most, most) * factor

    def _decimals(self, numbers: Sequence[Decimal | None]) -> tuple[Any, Bools | None]:
        span = self._bounds()
        unfit = np.zeros(len(numbers), dtype=bool)
        found = []
        for row, number in enumerate(numbers):
            value = span.low
            if number is not None:
                try:
                    value = scaled(number, span.scale)
                except (ValueError, OverflowError, TypeError):
                    unfit[row] = True
            found.append(value)
        values = np.array(found, dtype=object)
        if span.fits_int64:
            beyond = np.array([not span.low <= value <= span.high for value in found], dtype=bool)
            values = np.array([span.low if out else v for v, out in zip(found, beyond, strict=True)], dtype=np.int64)
            unfit |= beyond
        return values, unfit if unfit.any() else None

    def _texts(self, array: pa.Array, present: Bools | None) -> tuple[Any, Bools | None]:
        kind = array.type
        if not (pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise self._mismatch(kind)
        if pa.types.is_dictionary(kind):
            if not (pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type)):
                raise self._mismatch(kind)
            texts = Texts(_filled(array.indices).astype(np.int32), _ArrowWords(array.dictionary))
        elif _mostly_distinct(array):
            texts = Texts(np.arange(len(array), dtype=np.int32), _ArrowWords(array))
        else:
            coded = array.dictionary_encode()
            texts = Texts(_filled(coded.indices).astype(np.int32), _ArrowWords(coded.dictionary))
        low, high = bounds(self._spec)
        lengths = texts.words.each(LENGTH, len, np.int64)
        if not len(lengths) or (int(str(low)) <= lengths.min() and lengths.max() <= int(str(high))):
            return texts, None
        unfit = ((lengths < int(str(low))) | (lengths > int(str(high))))[texts.codes]
        if present is None and array.null_count:
            present = _valid(array)
        return texts, unfit if present is None else unfit & present


class _ArrowWords(Words):
    """A dictionary that stays in Arrow's memory; Python sees its words only when they are asked for one by one."""

    __slots__ = ("_array",)

    def __init__(self, array: pa.Array) -> None:
        super().__init__(())
        filled = array.fill_null("") if array.null_count else array
        self._array = filled if len(filled) else pa.array([""])

    @property
    def words(self) -> tuple[str, ...]:
        if not self._words:
            self._words = tuple(self._array.to_pylist())
        return self._words

    def _worked_out(self, _key: Hashable, function: Callable[[str], Any], dtype: Any) -> Any:
        if _key == LENGTH:
            return _array(pc.utf8_length(self._array)).astype(np.int64)
        if _key == UNFIT_PART:
            empty = pc.equal(pc.utf8_length(self._array), 0)
            return _bools(pc.or_(empty, pc.match_substring_regex(self._array, _SEPARATORS)))
        return super()._worked_out(_key, function, dtype)


# What is_unfit looks for, as a character class: a colon and all that Python calls a space.
_SEPARATORS = (
    "[" + "".join(f"\\x{{{code:x}}}" for code in range(0x110000) if chr(code) == ":" or chr(code).isspace()) + "]"
)
_SAMPLE = 1_000


def _mostly_distinct(array: pa.Array) -> bool:
    """Guess from the first rows whether a dictionary would be nearly as long as the column."""
    sample = array.slice(0, _SAMPLE)
    return len(sample) == _SAMPLE and pc.count_distinct(sample).as_py() > _SAMPLE // 2


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


def _array(array: pa.Array) -> Any:
    return array.to_numpy(zero_copy_only=False)


def _bools(array: pa.Array) -> Bools:
    found: Bools = _array(array)
    return found


def _valid(array: pa.Array) -> Bools:
    return _bools(pc.is_valid(array))


def _filled(array: pa.Array) -> Any:
    return _array(array.fill_null(0) if array.null_count else array)
