"""Applies an extract: a compressed stream from headquarters becomes a new encrypted file beside the one in use.

Promise: the file in use is never touched; the new one takes its place only when it is complete, by replacing one small
pointer. A stream that is cut, damaged or of another schema leaves everything as it was. No plaintext reaches the disk.

Format: zstd over JSON lines of ``claims.reference``: the header first, then persons, then policies.
Source: design.md "Threads" (extract), docs/adr/0045.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
import zstandard

from claims.errors import Bilingual, EnvironmentProblem, OutpostError
from claims.reference import AnyExtractRecord, ExtractHeader, ExtractPerson, ExtractPolicy
from local_db import problems
from local_db.connection import Engine, EngineError
from local_db.durable_files import sync_folder, write_durably
from local_db.extract.engine import open_loading, scratch_of
from local_db.extract.schema import FINISH, POLICY, POLICY_TAIL, SCHEMA, TABLES, folded, person_keys
from local_db.store_keys import EngineKey

POINTER = "current.json"
_BATCH = 4000
_LONGEST_LINE = 1 << 20

Progress = Callable[[int, int], None]


class CurrentExtract(msgspec.Struct, frozen=True, kw_only=True):
    """Which file is in use."""

    file: str
    version: int


def apply_extract(stream: BinaryIO, folder: Path, key: EngineKey, *, progress: Progress | None = None) -> ExtractHeader:
    """Build the extract file from a stream and put it into use.

    Args:
        progress: called with records done and records expected.

    Raises:
        EnvironmentProblem: ``extract_damaged``, ``extract_newer``, ``store_full``; the extract in use stays in use.
    """
    target: Path | None = None
    try:
        records = _records(stream)
        header = next(records, None)
        if not isinstance(header, ExtractHeader):
            raise _damaged("no header")
        if header.schema != SCHEMA:
            raise _newer(header.schema)
        # A name of its own: the file in use may hold the same version.
        target = folder / f"extract-{header.version}-{secrets.token_hex(4)}.db"
        engine = open_loading(target, key)
        try:
            _load(engine, header, records, progress or _silent)
        finally:
            engine.close()
            scratch_of(target).unlink(missing_ok=True)
    except EngineError as error:
        _discard(target)
        raise problems.from_engine(error, target or folder) from error
    except (zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError) as error:
        _discard(target)
        raise _damaged(str(error)[:80]) from error
    except OSError as error:
        _discard(target)
        raise problems.from_os(error, folder) from error
    except OutpostError:
        _discard(target)
        raise
    sync_folder(folder)
    pointer = CurrentExtract(file=target.name, version=header.version)
    write_durably(folder / POINTER, msgspec.json.encode(pointer))
    for old in folder.glob("extract-*.db"):
        if old != target:
            old.unlink(missing_ok=True)
    return header


def read_pointer(folder: Path) -> CurrentExtract | None:
    """Return which file is in use, None before the first extract."""
    try:
        return msgspec.json.decode((folder / POINTER).read_bytes(), type=CurrentExtract)
    except FileNotFoundError:
        return None


def _load(engine: Engine, header: ExtractHeader, records: Iterator[AnyExtractRecord], progress: Progress) -> None:
    engine.execute("BEGIN EXCLUSIVE")
    for statement in TABLES:
        engine.execute(statement)
    engine.execute("INSERT INTO header VALUES (?)", (msgspec.json.encode(header),))
    expected = header.persons + header.policies
    persons = policies = 0
    loading = _Loading(engine)
    for record in records:
        if isinstance(record, ExtractPerson):
            persons += 1
            loading.person(persons, record)
        elif isinstance(record, ExtractPolicy):
            policies += 1
            loading.policy(record)
        else:
            raise _damaged("a second header")
        if (persons + policies) % _BATCH == 0:
            loading.flush()
            progress(persons + policies, expected)
    loading.flush()
    if (persons, policies) != (header.persons, header.policies):
        raise _damaged(f"{persons}+{policies} of {header.persons}+{header.policies} records")
    for statement in FINISH:
        engine.execute(statement)
    engine.execute("COMMIT")
    progress(expected, expected)


class _Loading:
    """Rows waiting for the next ``executemany``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._persons: list[tuple[object, ...]] = []
        self._digits: list[tuple[object, ...]] = []
        self._keys: list[tuple[object, ...]] = []
        self._policies: list[tuple[object, ...]] = []
        self._roles: list[tuple[object, ...]] = []

    def person(self, number: int, person: ExtractPerson) -> None:
        self._persons.append((number, person.person_id, person.id_number, person.phone, msgspec.json.encode(person)))
        self._digits.append((number, f"{person.id_number.casefold()} {person.phone}"))
        self._keys.extend((key, number) for key in dict.fromkeys(person_keys(person)))

    def policy(self, policy: ExtractPolicy) -> None:
        self._policies.append((policy.policy_no, msgspec.json.encode(policy)))
        number = folded(policy.policy_no)
        connected = [(policy.insured_id, "insured"), (policy.policyholder_id, "policyholder")]
        connected += [(each.person_id, "beneficiary") for each in policy.beneficiaries]
        self._roles.extend(
            (person_id, policy.policy_no, role, POLICY + number, POLICY_TAIL + number[::-1])
            for person_id, role in connected
        )

    def flush(self) -> None:
        for sql, rows in (
            ("INSERT INTO person VALUES (?, ?, ?, ?, ?)", self._persons),
            ("INSERT INTO digits (rowid, text) VALUES (?, ?)", self._digits),
            ("INSERT INTO key_loading VALUES (?, ?)", self._keys),
            ("INSERT INTO policy VALUES (?, ?)", self._policies),
            ("INSERT INTO role_loading VALUES (?, ?, ?, ?, ?)", self._roles),
        ):
            if rows:
                self._engine.executemany(sql, rows)  # type: ignore[attr-defined]  # the engine's protocol names what the store uses; loading alone needs this
                rows.clear()


def _records(stream: BinaryIO) -> Iterator[AnyExtractRecord]:
    decoder: msgspec.json.Decoder[AnyExtractRecord] = msgspec.json.Decoder(AnyExtractRecord)
    with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(stream) as plain:
        for line in io.BufferedReader(plain, 1 << 20):
            if len(line) > _LONGEST_LINE:
                raise _damaged("a record is too long")
            yield decoder.decode(line)


def _silent(_done: int, _expected: int) -> None:
    """Nobody watches."""


def _discard(target: Path | None) -> None:
    if target is not None:
        target.unlink(missing_ok=True)


def _damaged(detail: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "extract_damaged",
        Bilingual(
            f"收到的保单资料不完整或已损坏（{detail}），没有采用。",
            f"The policy extract received is incomplete or damaged ({detail}) and was not taken.",
        ),
        Bilingual(
            "原有的保单资料仍可使用。请重新下载，或换一个优盘。",
            "The extract in use still works. Download it again or try another stick.",
        ),
        retryable=True,
    )


def _newer(schema: int) -> EnvironmentProblem:
    return EnvironmentProblem(
        "extract_newer",
        Bilingual(
            f"保单资料的格式（第 {schema} 版）比本程序新，没有采用。",
            f"The policy extract has a newer format ({schema}) than this program and was not taken.",
        ),
        Bilingual("原有的保单资料仍可使用。请更新程序。", "The extract in use still works. Update the program."),
    )
