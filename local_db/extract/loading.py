"""Fills the tables of an extract file, each of them only by appending, within a memory that does not grow with the stream.

Promise: what grows with the extract is 24 bytes a policy (its connections, sorted at the end); all else is written out every
``PART`` records. Sorting is done on these runs here, because SQLite's sorter would hold all of it in memory: its temporary files
are not encrypted and therefore off.

Source: docs/adr/0045.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

import msgspec
import zstandard

from claims.reference import ExtractPerson, ExtractPolicy
from local_db.extract.engine import LoadingEngine
from local_db.extract.schema import (
    BLOCK,
    DIGITS,
    GRAM,
    LAST_DIGITS,
    PART,
    TABLES,
    Role,
    connection,
    grams,
    name_keys,
    number_parts,
    policy_keys,
)

_PERSONS_A_BUCKET = 1 << 15
_POLICIES_A_LOOKUP = 4096
_LEVEL = 3


class Loading:
    """One extract file being filled: persons first, then policies, then ``finish``."""

    def __init__(self, engine: LoadingEngine) -> None:
        self._engine = engine
        for statement in TABLES:
            engine.execute(statement)
        self.persons = 0
        self.policies = 0
        self._person_blocks = _Blocks(engine, "INSERT INTO person_block VALUES (?, ?)")
        self._policy_blocks = _Blocks(engine, "INSERT INTO policy_block VALUES (?, ?)")
        # Lists of one shared int each take less time than arrays and, a part at a time, not much more room.
        self._numbers: list[str] = []
        self._by_name: defaultdict[str, list[int]] = defaultdict(list)
        self._by_gram: defaultdict[str, list[int]] = defaultdict(list)
        self._by_end: defaultdict[str, list[int]] = defaultdict(list)
        self._person_ids: list[tuple[str, int]] = []
        self._policy_keys: list[tuple[str, int]] = []
        self._named: list[tuple[int, Role, str]] = []
        self._connections: list[array[int]] = []

    def person(self, line: bytes, person: ExtractPerson) -> None:
        """Take a person and the line it was read from."""
        number = self.persons
        self._person_blocks.add(line)
        self._person_ids.append((person.person_id, number))
        place = number % PART
        for key in name_keys(person):
            self._by_name[key].append(place)
        by_gram = self._by_gram
        numbers = number_parts(person)
        self._numbers.append(" ".join(numbers))
        for digits in numbers:
            if len(digits) >= GRAM:
                for gram in grams(digits):
                    by_gram[gram].append(place)
                self._by_end[digits[-GRAM:]].append(place)
        self.persons += 1
        if self.persons % PART == 0:
            self._write_persons()

    def policy(self, line: bytes, policy: ExtractPolicy) -> None:
        """Take a policy and the line it was read from."""
        if self.policies == 0:
            self.end_persons()
        number = self.policies
        self._policy_blocks.add(line)
        whole, tail = policy_keys(policy.policy_no)
        self._policy_keys += (whole, number), (tail, number)
        self._named += (number, Role.INSURED, policy.insured_id), (number, Role.POLICYHOLDER, policy.policyholder_id)
        self._named += [(number, Role.BENEFICIARY, each.person_id) for each in policy.beneficiaries]
        self.policies += 1
        if self.policies % _POLICIES_A_LOOKUP == 0:
            self._connect()
        if self.policies % PART == 0:
            self._write_policies()

    def gone(self, person_ids: list[str], policy_nos: list[str]) -> None:
        """Take in what older layers of this extract hold and headquarters took away."""
        self._engine.executemany(
            "INSERT OR IGNORE INTO gone_person VALUES (?)", ((each,) for each in sorted(person_ids))
        )
        self._engine.executemany(
            "INSERT OR IGNORE INTO gone_policy VALUES (?)",
            ((each,) for each in sorted(policy_keys(policy_no)[0] for policy_no in policy_nos)),
        )

    def end_persons(self) -> None:
        """Write out what waits of the persons; policies refer to them."""
        self._write_persons()
        self._person_blocks.flush()
        buckets = -(-self.persons // _PERSONS_A_BUCKET)
        self._connections = [array("Q") for _ in range(buckets)]

    def finish(self) -> None:
        """Write out what waits, and who is connected with what."""
        if self.policies == 0:
            self.end_persons()
        self._connect()
        self._write_policies()
        self._policy_blocks.flush()
        self._engine.executemany("INSERT INTO connection_block VALUES (?, ?)", self._connection_blocks())

    def _write_persons(self) -> None:
        self._person_ids.sort()
        self._engine.executemany("INSERT INTO person_number VALUES (?, ?)", self._person_ids)
        self._person_ids.clear()
        first = self.persons - len(self._numbers)
        self._engine.executemany(
            "INSERT INTO number_block VALUES (?, ?)",
            (
                ((first + start) // BLOCK, "\n".join(self._numbers[start : start + BLOCK]))
                for start in range(0, len(self._numbers), BLOCK)
            ),
        )
        self._numbers.clear()
        part = (self.persons - 1) // PART
        # The order of the prefixes is the order of the rows.
        for prefix, places in ((DIGITS, self._by_gram), (LAST_DIGITS, self._by_end), ("", self._by_name)):
            self._engine.executemany(
                "INSERT INTO person_key VALUES (?, ?, ?)",
                ((part, prefix + key, packed(array("H", places[key]))) for key in sorted(places)),
            )
            places.clear()

    def _write_policies(self) -> None:
        part = (self.policies - 1) // PART
        self._policy_keys.sort()
        self._engine.executemany(
            "INSERT INTO policy_key VALUES (?, ?, ?)", ((part, key, policy) for key, policy in self._policy_keys)
        )
        self._policy_keys.clear()

    def _connect(self) -> None:
        # One statement looks up thousands of ids. Someone named in a policy who is not in the extract stays without a row.
        wanted = msgspec.json.encode(sorted({person_id for _, _, person_id in self._named})).decode()
        rows = self._engine.execute(
            "SELECT person_id, person FROM json_each(?) CROSS JOIN person_number ON person_id = value", (wanted,)
        )
        numbers: dict[str, int] = dict(rows)
        for policy, role, person_id in self._named:
            person = numbers.get(person_id)
            if person is not None:
                self._connections[person // _PERSONS_A_BUCKET].append(connection(person, policy, role))
        self._named.clear()

    def _connection_blocks(self) -> Iterator[tuple[int, bytes]]:
        compress = zstandard.ZstdCompressor(level=_LEVEL).compress
        for bucket, found in enumerate(self._connections):
            values = array("Q", sorted(found))
            first = bucket * _PERSONS_A_BUCKET
            for person in range(first, min(first + _PERSONS_A_BUCKET, self.persons), BLOCK):
                start = bisect_left(values, connection(person, 0, Role.INSURED))
                end = bisect_left(values, connection(person + BLOCK, 0, Role.INSURED))
                if start < end:
                    yield person // BLOCK, compress(packed(values[start:end]))


class _Blocks:
    """Lines waiting to be one compressed blob."""

    def __init__(self, engine: LoadingEngine, insert: str) -> None:
        self._engine = engine
        self._insert = insert
        self._compress = zstandard.ZstdCompressor(level=_LEVEL).compress
        self._block = 0
        self._lines: list[bytes] = []

    def add(self, line: bytes) -> None:
        self._lines.append(line)
        if len(self._lines) == BLOCK:
            self.flush()

    def flush(self) -> None:
        if self._lines:
            self._engine.execute(self._insert, (self._block, self._compress(b"\n".join(self._lines))))
            self._block += 1
            self._lines.clear()


def packed(values: array[int]) -> bytes:
    """Return numbers as little-endian bytes. ``unpacked`` reads them back."""
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def unpacked(typecode: str, raw: bytes) -> array[int]:
    """Return the numbers in ``raw``; ``typecode`` is ``H`` (two bytes) or ``Q`` (eight)."""
    values: array[int] = array(typecode)
    values.frombytes(raw)
    if sys.byteorder == "big":
        values.byteswap()
    return values
