"""Claims as a Parquet file, and the parts into which it can be cut so that claims which share a limit stay together.

Layout: one row a claim; the facts as ``rules.columns.arrow`` lays them out, one column an element; beside them ``claim_no`` (text, once
each), ``paid_fen`` (what was paid, null: nothing recorded), ``decided_on`` (a date: who comes first), and the keys ``policy_no``,
``policy_year``, ``person``, ``accident_no``. A key that is not there shares no pool of its scope; without ``decided_on`` the file's order counts.

Promise: the parts of a file are disjoint, together they are the file, and all claims of a person (without ``person``: of a policy) are
in one part, whatever machine cuts it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rules.columns import facts_table
from rules.engine.model import Facts, PoolScope, RulesError
from rules.engine.pack import Pack

CLAIM_NO = "claim_no"
PAID_FEN = "paid_fen"
DECIDED_ON = "decided_on"
KEY_COLUMNS = ("policy_no", "policy_year", "person", "accident_no")
RECORD_COLUMNS = (CLAIM_NO, PAID_FEN, DECIDED_ON, *KEY_COLUMNS)

# What makes two claims share a scope's pools: a year is a year of one policy, an accident one of one policy.
SCOPE_KEYS = {
    PoolScope.POLICY: ("policy_no",),
    PoolScope.POLICY_YEAR: ("policy_no", "policy_year"),
    PoolScope.PERSON: ("person",),
    PoolScope.ACCIDENT: ("policy_no", "accident_no"),
}


def _is_date(kind: pa.DataType) -> bool:
    return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind))


def _is_fen(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_null(kind))


def _is_key(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_key(kind.value_type)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return bool(text or pa.types.is_integer(kind) or pa.types.is_null(kind))


_RECORD_TYPES: dict[str, tuple[Callable[[pa.DataType], bool], str]] = {
    CLAIM_NO: (_is_key, "text"),
    PAID_FEN: (_is_fen, "integer fen"),
    DECIDED_ON: (_is_date, "date"),
    **dict.fromkeys(KEY_COLUMNS, (_is_key, "text or integer")),
}


class ClaimsFileError(RulesError):
    """The file is no Parquet file of claims, or not one that a pack can be replayed over."""


@dataclass(frozen=True, slots=True)
class ClaimsFile:
    """A file of claims. Opening it reads its column names only."""

    path: Path
    columns: tuple[str, ...]
    rows: int

    @classmethod
    def open(cls, path: Path) -> ClaimsFile:
        """Look at a file. Raises ClaimsFileError (``not_parquet``, ``no_claim_no``), OSError."""
        try:
            with pq.ParquetFile(path) as file:
                columns, rows = tuple(file.schema_arrow.names), file.metadata.num_rows
        except pa.ArrowInvalid as problem:
            raise ClaimsFileError("not_parquet", file=path.name, detail=str(problem)) from problem
        if CLAIM_NO not in columns:
            raise ClaimsFileError("no_claim_no", file=path.name, expected=CLAIM_NO, found=", ".join(columns[:8]))
        return cls(path, columns, rows)

    def read(self, pack_elements: Sequence[str], part: int = 0, of: int = 1) -> pa.Table:
        """Return one part's claims with their record and the facts named; ``of`` 1: all of them.

        Raises ClaimsFileError: ``wrong_type`` of a column beside the facts, ``claim_without_number``, ``claim_twice``, ``no_key`` when it has to be cut and has neither person nor policy.
        """
        wanted = [name for name in self.columns if name in RECORD_COLUMNS or name in set(pack_elements)]
        with pq.ParquetFile(self.path) as file:
            if of == 1:
                table = file.read(columns=wanted)
            else:
                pieces = [
                    found.filter(pa.array(_part_of(found.column(self._cut_by()), of) == part))
                    for group in range(file.num_row_groups)
                    for found in (file.read_row_group(group, columns=wanted),)
                ]
                table = pa.concat_tables(pieces) if pieces else file.read(columns=wanted)
        self._check_types(table)
        numbers = table.column(CLAIM_NO)
        if numbers.null_count:
            raise ClaimsFileError("claim_without_number", file=self.path.name, claims=str(numbers.null_count))
        if pc.count_distinct(numbers).as_py() != table.num_rows:
            raise ClaimsFileError("claim_twice", file=self.path.name, column=CLAIM_NO)
        return table

    def _check_types(self, table: pa.Table) -> None:
        for name, (fits, expected) in _RECORD_TYPES.items():
            if name in table.column_names and not fits(table.schema.field(name).type):
                found = str(table.schema.field(name).type)
                raise ClaimsFileError("wrong_type", file=self.path.name, column=name, expected=expected, found=found)

    def _cut_by(self) -> str:
        for name in ("person", "policy_no"):
            if name in self.columns:
                return name
        raise ClaimsFileError("no_key", file=self.path.name, expected="person, policy_no")


def write_claims(
    path: Path, pack: Pack, facts: Sequence[Facts], record: dict[str, pa.Array], *, row_group_size: int = 250_000
) -> None:
    """Write claims in the layout. ``record`` holds the columns beside the facts, ``claim_no`` among them."""
    table = facts_table(pack, facts)
    for name, column in record.items():
        table = table.append_column(name, column)
    pq.write_table(table, path, row_group_size=row_group_size)


def shared_keys(table: pa.Table) -> dict[PoolScope, npt.NDArray[np.int64]]:
    """Return, for each pool scope that the table has keys for, a number a claim: claims of one number share the scope's pools.

    A claim without one of a scope's keys shares with nobody.
    """
    found: dict[PoolScope, npt.NDArray[np.int64]] = {}
    alone = np.arange(table.num_rows, dtype=np.int64)
    for scope, names in SCOPE_KEYS.items():
        if not all(name in table.column_names for name in names):
            continue
        numbers = np.zeros(table.num_rows, dtype=np.int64)
        missing = np.zeros(table.num_rows, dtype=bool)
        for name in names:
            codes, absent, count = _codes(table.column(name))
            _, numbers = np.unique(numbers * count + codes, return_inverse=True)
            missing |= absent
        found[scope] = np.where(missing, numbers.max(initial=0) + 1 + alone, numbers).astype(np.int64)
    return found


def order_of(table: pa.Table) -> npt.NDArray[np.int64] | None:
    """Return who comes first, or None: as the file stands. A claim without a date comes last."""
    if DECIDED_ON not in table.column_names:
        return None
    days = table.column(DECIDED_ON).cast(pa.date32()).cast(pa.int32()).fill_null(np.iinfo(np.int32).max)
    return np.asarray(days.to_numpy(), dtype=np.int64)


def _codes(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], int]:
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = np.asarray(encoded.indices.fill_null(0).to_numpy(zero_copy_only=False), dtype=np.int64)
    absent = np.asarray(pc.is_null(encoded.indices).to_numpy(zero_copy_only=False), dtype=bool)
    return codes, absent, max(1, len(encoded.dictionary))


def _part_of(column: pa.ChunkedArray, of: int) -> npt.NDArray[np.int64]:
    codes, absent, _ = _codes(column)
    values = column.combine_chunks().dictionary_encode().dictionary.to_pylist()
    # The same on every machine and in every version, unlike Python's own hash.
    parts = np.array([zlib.crc32(str(value).encode()) % of for value in values] or [0], dtype=np.int64)
    return np.where(absent, 0, parts[codes])
