"""The searchable extract: persons by name, pinyin, initials, ID digits, phone or policy number, in a few milliseconds.

Promise: read-only; never blocks the store. Namesakes are separate rows, never merged. A cancelled search returns nothing.
An extract that cannot be opened is said to be so in a sentence, and cases can be taken in all the same.

Source: design.md "One claim" (1), claims.ports.PolicyExtract, docs/adr/0045.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from claims.errors import OutpostError
from claims.reference import ExtractHeader, ExtractPolicy, PersonHit
from local_db.connection import EngineError
from local_db.extract.apply import CurrentExtract, read_pointer
from local_db.extract.engine import OpenExtract, open_searching
from local_db.extract.finding import find_persons
from local_db.extract.problems import extract_unreadable
from local_db.extract.records import find_policy, hit, number_of, policy_at, policy_numbers_of
from local_db.extract.schema import folded
from local_db.store_keys import EngineKey

_LONGEST_TEXT = 64
_COUNTRY_CODE = "+86"
_STEPS_A_LOOK = 16


class LocalExtract:
    """The extract under one folder (``claims.ports.PolicyExtract``). Safe to call from any thread, one search at a time.

    Every method raises ``EnvironmentProblem`` (``extract_unreadable``) when the file in use is missing, damaged or of another key.
    """

    def __init__(self, folder: Path, key: EngineKey) -> None:
        self._folder = folder
        self._key = key
        self._lock = threading.Lock()
        self._open: tuple[CurrentExtract, OpenExtract] | None = None

    def header(self) -> ExtractHeader | None:
        """Return what the extract in use says of itself, None without one."""
        with self._using() as engine:
            if engine is None:
                return None
            row = engine.execute("SELECT record FROM header").fetchone()
            return msgspec.json.decode(row[0], type=ExtractHeader)

    def search(
        self, text: str, *, offset: int = 0, limit: int = 20, cancelled: Callable[[], bool] = lambda: False
    ) -> Sequence[PersonHit]:
        """Search. Letters are pinyin, initials or a policy number, four or more digits are an ID, a phone or a policy number.

        Args:
            offset: how many of the closest to leave out: they are found again, but not read.
            cancelled: looked at between steps of a millisecond or so; once it says True the search returns nothing.
        """
        wanted = _wanted(text)
        if not wanted or limit <= 0:
            return ()
        found: list[PersonHit] = []
        passed = 0
        with self._using() as engine:
            if engine is None:
                return ()
            for number in find_persons(engine, wanted):
                if cancelled():
                    return ()
                if number is not None:
                    passed += 1
                    if passed > offset:
                        found.append(hit(engine, number))
                if len(found) >= limit:
                    break
        return () if cancelled() else tuple(found)

    def count(
        self, text: str, *, stop: Callable[[int], bool], cancelled: Callable[[], bool] = lambda: False
    ) -> tuple[int, bool]:
        """Count who fits without reading anybody, and say whether counting stopped early.

        Args:
            stop: asked with the number found so far between steps of a millisecond or so.
            cancelled: as in ``search``; the count means nothing then.
        """
        wanted = _wanted(text)
        found = 0
        with self._using() as engine:
            if engine is None or not wanted:
                return 0, False
            for step, number in enumerate(find_persons(engine, wanted)):
                found += number is not None
                if step % _STEPS_A_LOOK == 0 and (cancelled() or stop(found)):
                    return found, True
        return found, False

    def policy(self, policy_no: str) -> ExtractPolicy | None:
        """Return a policy by its number."""
        with self._using() as engine:
            return None if engine is None else find_policy(engine, policy_no)

    def person(self, person_id: str) -> PersonHit | None:
        """Return a person by id."""
        with self._using() as engine:
            number = None if engine is None else number_of(engine, person_id)
            return None if engine is None or number is None else hit(engine, number)

    def policies_of(self, person_id: str) -> Sequence[ExtractPolicy]:
        """Return every policy a person is connected with, by number."""
        with self._using() as engine:
            number = None if engine is None else number_of(engine, person_id)
            if engine is None or number is None:
                return ()
            found = (policy_at(engine, each) for each in policy_numbers_of(engine, number))
            return tuple(sorted(found, key=lambda each: each.policy_no))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._shut()

    @contextmanager
    def _using(self) -> Iterator[OpenExtract | None]:
        with self._lock:
            try:
                yield self._engine()
            except EngineError as error:
                self._shut()
                raise extract_unreadable(str(error)) from error

    def _engine(self) -> OpenExtract | None:
        pointer = self._pointer()
        if self._open is not None and self._open[0] == pointer:
            return self._open[1]
        self._shut()
        while pointer is not None:
            try:
                engine = open_searching(self._folder / pointer.file, self._key)
            except OutpostError as problem:
                # A new extract may have been put into use, and this one removed, since the pointer was read.
                latest = self._pointer()
                if latest != pointer:
                    pointer = latest
                    continue
                raise extract_unreadable(pointer.file) from problem
            self._open = (pointer, engine)
            return engine
        return None

    def _pointer(self) -> CurrentExtract | None:
        try:
            return read_pointer(self._folder)
        except (OSError, msgspec.DecodeError) as error:
            raise extract_unreadable(str(error)) from error

    def _shut(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None


def _wanted(text: str) -> str:
    # Half a character of two code units can come out of a text field; no name holds one.
    whole = text[:_LONGEST_TEXT].encode("utf-8", "ignore").decode()
    return folded(whole).removeprefix(_COUNTRY_CODE)
