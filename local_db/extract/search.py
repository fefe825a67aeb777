"""The searchable extract: persons by name, pinyin, initials, ID digits, phone or policy number, in a few milliseconds.

Promise: read-only; never blocks the store. Namesakes are separate rows, never merged. A cancelled search returns nothing.
An extract that cannot be opened is said to be missing, and cases can be taken in all the same.

Source: ui.md "People and policies", claims.ports.PolicyExtract.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from claims.reference import ExtractHeader, ExtractPerson, ExtractPolicy, PersonHit
from local_db.connection import Engine, EngineError
from local_db.extract.apply import CurrentExtract, read_pointer
from local_db.extract.engine import interrupt_when, open_searching
from local_db.extract.schema import ID_NUMBER, INITIALS, NAME, PHONE, PINYIN, POLICY, POLICY_TAIL, folded
from local_db.store_keys import EngineKey

_LEAST_DIGITS = 4
_LEAST_POLICY = 4
_WHOLE_ID, _WHOLE_PHONE = 18, 11
_LOOK_AT_MOST = 4000
_LAST = "\U0010ffff"


class LocalExtract:
    """The extract under one folder (``claims.ports.PolicyExtract``). Safe to call from any thread, one search at a time."""

    def __init__(self, folder: Path, key: EngineKey) -> None:
        self._folder = folder
        self._key = key
        self._lock = threading.Lock()
        self._open: tuple[CurrentExtract, Engine] | None = None

    def header(self) -> ExtractHeader | None:
        """Return what the extract in use says of itself, None without one."""
        with self._lock:
            engine = self._engine()
            if engine is None:
                return None
            row = engine.execute("SELECT record FROM header").fetchone()
            return msgspec.json.decode(row[0], type=ExtractHeader)

    def search(
        self, text: str, *, limit: int = 20, cancelled: Callable[[], bool] = lambda: False
    ) -> Sequence[PersonHit]:
        """Search. Letters are pinyin, initials or a policy number, four or more digits are an ID, a phone or a policy number."""
        wanted = folded(text)
        if not wanted:
            return ()
        with self._lock:
            engine = self._engine()
            if engine is None:
                return ()
            interrupt_when(engine, cancelled)
            try:
                found = self._found(engine, wanted, limit)
                return [self._hit(engine, number) for number in found]
            except EngineError:
                if cancelled():
                    return ()
                raise
            finally:
                interrupt_when(engine, lambda: False)

    def policy(self, policy_no: str) -> ExtractPolicy | None:
        """Return a policy by its number."""
        with self._lock:
            engine = self._engine()
            return None if engine is None else _policy(engine, policy_no)

    def person(self, person_id: str) -> PersonHit | None:
        """Return a person by id."""
        with self._lock:
            engine = self._engine()
            if engine is None:
                return None
            row = engine.execute("SELECT id FROM person WHERE person_id = ?", (person_id,)).fetchone()
            return None if row is None else self._hit(engine, row[0])

    def policies_of(self, person_id: str) -> Sequence[ExtractPolicy]:
        """Return every policy a person is connected with, by number."""
        hit = self.person(person_id)
        if hit is None:
            return ()
        found = (self.policy(number) for number in hit.policy_nos)
        return [each for each in found if each is not None]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._open is not None:
                self._open[1].close()
                self._open = None

    def _engine(self) -> Engine | None:
        pointer = read_pointer(self._folder)
        if self._open is not None:
            if self._open[0] == pointer:
                return self._open[1]
            self._open[1].close()
            self._open = None
        if pointer is None:
            return None
        engine = open_searching(self._folder / pointer.file, self._key)
        self._open = (pointer, engine)
        return engine

    def _found(self, engine: Engine, wanted: str, limit: int) -> list[int]:
        found: dict[int, None] = {}

        def take(numbers: Iterable[int]) -> bool:
            for number in numbers:
                found[number] = None
                if len(found) >= limit:
                    return True
            return False

        for kind in _kinds(wanted):
            reach = wanted[::-1] if kind == POLICY_TAIL else wanted
            if take(_by_key(engine, kind + reach, limit)):
                return list(found)
        # A whole number is found by its key or not at all; only a part of one is worth the look at every digit.
        if _LEAST_DIGITS <= len(wanted) < _WHOLE_ID and wanted.rstrip("x").isdigit() and not (found and _whole(wanted)):
            take(_by_digits(engine, wanted, limit))
        return list(found)

    def _hit(self, engine: Engine, number: int) -> PersonHit:
        record = engine.execute("SELECT record FROM person WHERE id = ?", (number,)).fetchone()[0]
        connected = engine.execute("SELECT policy_no, role FROM role WHERE person = ?", (number,)).fetchall()
        return PersonHit(
            person=msgspec.json.decode(record, type=ExtractPerson),
            roles=tuple(sorted({role for _, role in connected})),
            policy_nos=tuple(dict.fromkeys(policy_no for policy_no, _ in connected)),
        )


def _kinds(wanted: str) -> tuple[str, ...]:
    if not wanted.isascii():
        return (NAME,)
    if wanted.isalpha():
        return (INITIALS, PINYIN, NAME, POLICY) if len(wanted) < _LEAST_POLICY else (PINYIN, INITIALS, NAME, POLICY)
    return (ID_NUMBER, PHONE, POLICY, POLICY_TAIL) if len(wanted) >= _LEAST_DIGITS else (POLICY,)


def _whole(wanted: str) -> bool:
    return len(wanted) in (_WHOLE_ID, _WHOLE_PHONE)


def _by_key(engine: Engine, key: str, limit: int) -> Iterable[int]:
    # Ascending keys put the exact match before longer ones.
    rows = engine.execute(
        "SELECT person FROM find_key WHERE key >= ? AND key < ? ORDER BY key, person LIMIT ?",
        (key, key + _LAST, limit * 4),
    )
    return (row[0] for row in rows)


def _by_digits(engine: Engine, wanted: str, limit: int) -> Iterable[int]:
    # Grams that don't overlap, and the last one: enough to narrow down, and few lists to walk.
    places = (*range(0, len(wanted) - 3, 3), len(wanted) - 3)
    grams = dict.fromkeys(wanted[place : place + 3] for place in places)
    rows = engine.execute(
        """SELECT person.id, lower(id_number) || ' ' || phone FROM digits JOIN person ON person.id = digits.rowid
           WHERE digits MATCH ? LIMIT ?""",
        (" AND ".join(f'"{gram}"' for gram in grams), _LOOK_AT_MOST),
    )
    taken = 0
    for number, digits in rows:
        if wanted in digits:
            yield number
            taken += 1
            if taken >= limit:
                return


def _policy(engine: Engine, policy_no: str) -> ExtractPolicy | None:
    row = engine.execute("SELECT record FROM policy WHERE policy_no = ?", (policy_no,)).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=ExtractPolicy)
