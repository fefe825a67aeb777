"""The searchable extract: persons by name, pinyin, initials, ID digits, phone or policy number, in a few milliseconds.

Promise: read-only; never blocks the store. Namesakes are separate rows, never merged. A cancelled search returns nothing.
An extract that cannot be opened is said to be so in a sentence, and cases can be taken in all the same. Several extracts (a region's, a
catastrophe's, a visit's) are searched as one: each person and each policy is there once, the newest word of it.

Source: design.md "One claim" (1), claims.ports.PolicyExtract, docs/adr/0045, docs/adr/0151.
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
from local_db.extract.engine import OpenExtract, open_searching
from local_db.extract.finding import find_persons
from local_db.extract.layers import read_union
from local_db.extract.pointer import CurrentExtract, read_pointer
from local_db.extract.problems import extract_unreadable
from local_db.extract.records import find_policy, hit, policies_of, policy_at, where_is
from local_db.extract.schema import folded
from local_db.store_keys import EngineKey

_LONGEST_TEXT = 64
_COUNTRY_CODE = "+86"
_STEPS_A_LOOK = 16
_Layers = tuple[OpenExtract, ...]


class LocalExtract:
    """The extract under one folder (``claims.ports.PolicyExtract``). Safe to call from any thread, one search at a time.

    Every method raises ``EnvironmentProblem`` (``extract_unreadable``) when the file in use is missing, damaged or of another key.
    """

    def __init__(self, folder: Path, key: EngineKey) -> None:
        self._folder = folder
        self._key = key
        self._lock = threading.Lock()
        self._open: tuple[CurrentExtract, ExtractHeader, _Layers] | None = None

    def header(self) -> ExtractHeader | None:
        """Return what the extract in use says of itself, None without one."""
        with self._using() as layers:
            return None if not layers or self._open is None else self._open[1]

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
        with self._using() as layers:
            for person in find_persons(layers, wanted):
                if cancelled():
                    return ()
                if person is not None:
                    passed += 1
                    if passed > offset:
                        found.append(hit(layers, *person))
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
        with self._using() as layers:
            if not wanted:
                return 0, False
            for step, person in enumerate(find_persons(layers, wanted)):
                found += person is not None
                if step % _STEPS_A_LOOK == 0 and (cancelled() or stop(found)):
                    return found, True
        return found, False

    def policy(self, policy_no: str) -> ExtractPolicy | None:
        """Return a policy by its number."""
        with self._using() as layers:
            return find_policy(layers, policy_no)

    def person(self, person_id: str) -> PersonHit | None:
        """Return a person by id."""
        with self._using() as layers:
            found = where_is(layers, person_id)
            return None if found is None else hit(layers, *found)

    def policies_of(self, person_id: str) -> Sequence[ExtractPolicy]:
        """Return every policy a person is connected with, by number."""
        with self._using() as layers:
            if where_is(layers, person_id) is None:
                return ()
            found = (policy_at(layer, number) for layer, number, _ in policies_of(layers, person_id))
            return tuple(sorted(found, key=lambda each: each.policy_no))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._shut()

    @contextmanager
    def _using(self) -> Iterator[_Layers]:
        with self._lock:
            try:
                yield self._layers()
            except EngineError as error:
                self._shut()
                raise extract_unreadable(str(error)) from error

    def _layers(self) -> _Layers:
        pointer = self._pointer()
        if self._open is not None and self._open[0] == pointer:
            return self._open[2]
        self._shut()
        while pointer is not None:
            opened: list[OpenExtract] = []
            try:
                header = self._open_all(pointer, opened)
            except (OutpostError, EngineError) as problem:
                for each in opened:
                    each.close()
                # A new extract may have been put into use, and this one removed, since the pointer was read.
                latest = self._pointer()
                if latest != pointer:
                    pointer = latest
                    continue
                raise extract_unreadable(pointer.file) from problem
            self._open = (pointer, header, tuple(opened))
            return self._open[2]
        return ()

    def _open_all(self, pointer: CurrentExtract, opened: list[OpenExtract]) -> ExtractHeader:
        if not pointer.layers:
            opened.append(open_searching(self._folder / pointer.file, self._key))
            row = opened[0].execute("SELECT record FROM header").fetchone()
            return msgspec.json.decode(row[0], type=ExtractHeader)
        union = read_union(self._folder / pointer.file, self._key)
        for layer, hidden in zip(pointer.layers, union.hidden, strict=True):
            opened.append(open_searching(self._folder / layer.file, self._key, *hidden))
        return union.header

    def _pointer(self) -> CurrentExtract | None:
        try:
            return read_pointer(self._folder)
        except (OSError, msgspec.DecodeError) as error:
            raise extract_unreadable(str(error)) from error

    def _shut(self) -> None:
        if self._open is not None:
            for layer in self._open[2]:
                layer.close()
            self._open = None


def _wanted(text: str) -> str:
    # Half a character of two code units can come out of a text field; no name holds one.
    whole = text[:_LONGEST_TEXT].encode("utf-8", "ignore").decode()
    return folded(whole).removeprefix(_COUNTRY_CODE)
