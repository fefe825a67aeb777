"""The union of several layers: which persons and policies of an older one were replaced or taken away by a newer one.

Promise: worked out once, when an extract is put into use, never while somebody searches; a person or policy is shown once, from the newest
layer that holds it. What an extract took away is gone from its own older layer only: another extract may still hold it. Policy numbers that
differ in case, spaces and dashes only are one policy.

Source: docs/adr/0151.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import msgspec

from claims.reference import ExtractHeader
from local_db.connection import Engine, open_engine
from local_db.extract.engine import open_loading
from local_db.extract.pointer import Layer
from local_db.extract.problems import extract_damaged
from local_db.extract.schema import POLICY, POLICY_TAIL, SCHEMA
from local_db.store_keys import EngineKey

_BATCH = 4096
_TABLES = (
    "CREATE TABLE header (record BLOB NOT NULL) STRICT",
    "CREATE TABLE hidden (layer INTEGER PRIMARY KEY, persons BLOB NOT NULL, policies BLOB NOT NULL) STRICT",
)


@dataclass(frozen=True, slots=True)
class Union:
    """What is there altogether, and for each layer the bits of hidden persons and of hidden policies."""

    header: ExtractHeader
    hidden: tuple[tuple[bytes, bytes], ...]


def write_union(
    target: Path,
    folder: Path,
    key: EngineKey,
    layers: Sequence[Layer],
    counts: Mapping[str, tuple[int, int]],
    *,
    version: int,
    made_at: datetime,
) -> ExtractHeader:
    """Work out the union of layers, newest first, and write it to a new file.

    Args:
        counts: persons and policies of each extract, as its manifest says: checked.

    Raises:
        EnvironmentProblem: ``extract_damaged``, when an extract's layers hold something else than its manifest says.
    """
    open_layers = [_OpenLayer(folder / layer.file, key, layer.scope) for layer in layers]
    try:
        hidden = [_hidden(open_layers[:place], layer) for place, layer in enumerate(open_layers)]
        for scope, expected in counts.items():
            own = [layer for layer in open_layers if layer.scope == scope]
            found = _visible(own, [_hidden(own[:place], layer) for place, layer in enumerate(own)])
            if found != expected:
                raise extract_damaged(f"{scope}: {found[0]}+{found[1]} of {expected[0]}+{expected[1]} records")
        persons, policies = _visible(open_layers, hidden)
    finally:
        for layer in open_layers:
            layer.engine.close()
    header = ExtractHeader(schema=SCHEMA, version=version, made_at=made_at, persons=persons, policies=policies)
    engine = open_loading(target, key)
    try:
        engine.execute("BEGIN EXCLUSIVE")
        for statement in _TABLES:
            engine.execute(statement)
        engine.execute("INSERT INTO header VALUES (?)", (msgspec.json.encode(header),))
        engine.executemany("INSERT INTO hidden VALUES (?, ?, ?)", ((place, *bits) for place, bits in enumerate(hidden)))
        engine.execute("COMMIT")
    finally:
        engine.close()
    return header


def read_union(path: Path, key: EngineKey) -> Union:
    """Read a union back."""
    engine = open_engine(path, key, read_only=True)
    try:
        row = engine.execute("SELECT record FROM header").fetchone()
        rows = engine.execute("SELECT persons, policies FROM hidden ORDER BY layer").fetchall()
    finally:
        engine.close()
    return Union(msgspec.json.decode(row[0], type=ExtractHeader), tuple((each[0], each[1]) for each in rows))


class _OpenLayer:
    """One layer, by its keys."""

    def __init__(self, path: Path, key: EngineKey, scope: str) -> None:
        self.engine: Engine = open_engine(path, key, read_only=True)
        self.scope = scope
        self.persons = int(self.engine.execute("SELECT count(*) FROM person_number").fetchone()[0])
        self.parts = range(int(self.engine.execute("SELECT coalesce(max(part), -1) FROM policy_key").fetchone()[0]) + 1)
        self.policies = sum(
            int(self.engine.execute(f"SELECT count(*) FROM policy_key WHERE {_WHOLE_KEYS}", (part,)).fetchone()[0])  # noqa: S608 - a constant
            for part in self.parts
        )

    def person_ids(self) -> Iterator[tuple[str, int]]:
        """Yield every person's id and number."""
        yield from self.engine.execute("SELECT person_id, person FROM person_number")

    def policy_keys(self) -> Iterator[tuple[str, int]]:
        """Yield every policy's key and number."""
        for part in self.parts:
            yield from self.engine.execute(f"SELECT key, policy FROM policy_key WHERE {_WHOLE_KEYS}", (part,))  # noqa: S608 - a constant

    def persons_of(self, person_ids: Sequence[str]) -> Iterator[tuple[str, int]]:
        """Yield id and number of those that are in here."""
        yield from self.engine.execute(
            "SELECT person_id, person FROM json_each(?) CROSS JOIN person_number ON person_id = value",
            (msgspec.json.encode(person_ids).decode(),),
        )

    def policies_of(self, keys: Sequence[str]) -> Iterator[tuple[str, int]]:
        """Yield key and number of those that are in here."""
        wanted = msgspec.json.encode(keys).decode()
        for part in self.parts:
            yield from self.engine.execute(
                "SELECT value, policy FROM json_each(?) CROSS JOIN policy_key ON part = ? AND policy_key.key = value",
                (wanted, part),
            )


_WHOLE_KEYS = f"part = ? AND key >= '{POLICY}' AND key < '{POLICY_TAIL}'"


def _hidden(newer: Sequence[_OpenLayer], older: _OpenLayer) -> tuple[bytes, bytes]:
    persons, policies = bytearray(older.persons + 7 >> 3), bytearray(older.policies + 7 >> 3)
    for layer in newer:
        if layer.persons <= older.persons:
            for batch in _batches(layer.person_ids()):
                _mark(persons, older.persons_of([key for key, _ in batch]))
        else:
            for batch in _batches(older.person_ids()):
                numbers = dict(batch)
                _mark(persons, ((key, numbers[key]) for key, _ in layer.persons_of(list(numbers))))
        if layer.policies <= older.policies:
            for batch in _batches(layer.policy_keys()):
                _mark(policies, older.policies_of([key for key, _ in batch]))
        else:
            for batch in _batches(older.policy_keys()):
                numbers = dict(batch)
                _mark(policies, ((key, numbers[key]) for key, _ in layer.policies_of(list(numbers))))
        if layer.scope == older.scope:
            for gone in _batches(iter(layer.engine.execute("SELECT person_id, 0 FROM gone_person"))):
                _mark(persons, older.persons_of([key for key, _ in gone]))
            for gone in _batches(iter(layer.engine.execute("SELECT key, 0 FROM gone_policy"))):
                _mark(policies, older.policies_of([key for key, _ in gone]))
    return bytes(persons), bytes(policies)


def _mark(bits: bytearray, found: Iterator[tuple[str, int]]) -> None:
    for _, number in found:
        bits[number >> 3] |= 1 << (number & 7)


def _visible(layers: Sequence[_OpenLayer], hidden: Sequence[tuple[bytes, bytes]]) -> tuple[int, int]:
    persons = sum(layer.persons - _count(bits[0]) for layer, bits in zip(layers, hidden, strict=True))
    policies = sum(layer.policies - _count(bits[1]) for layer, bits in zip(layers, hidden, strict=True))
    return persons, policies


def _count(bits: bytes) -> int:
    return int.from_bytes(bits, "little").bit_count()


def _batches(rows: Iterator[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch
