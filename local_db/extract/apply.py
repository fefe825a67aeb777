"""Applies an extract: a compressed stream from headquarters becomes a new encrypted file beside the one in use.

Promise: the file in use is never touched; the new one takes its place only when it is complete, by replacing one small
pointer. A stream that is cut, damaged or of another schema leaves everything as it was. No plaintext reaches the disk.

Format: zstd over JSON lines of ``claims.reference``: the header first, then persons, then policies.
This is how an extract comes whole (programs before TUF, and tests); from shards: ``local_db.extract.shards``.

Source: design.md "Threads" (extract), docs/adr/0045.
"""

from __future__ import annotations

import contextlib
import io
import secrets
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec
import zstandard

from claims.errors import BugError, OutpostError
from claims.reference import AnyExtractRecord, ExtractHeader, ExtractPerson, ExtractPolicy
from local_db import problems
from local_db.connection import EngineError
from local_db.durable_files import make_folder, sync_folder, write_durably
from local_db.extract.engine import LoadingEngine, open_loading
from local_db.extract.loading import Loading
from local_db.extract.pointer import POINTER, CurrentExtract, sweep_folder
from local_db.extract.problems import extract_damaged, extract_full, extract_newer
from local_db.extract.schema import SCHEMA
from local_db.store_keys import EngineKey

_REPORT_EVERY = 1 << 14
_LONGEST_LINE = 1 << 20
# As large as zstd's own command line takes without being asked.
_LARGEST_WINDOW = 1 << 27

Progress = Callable[[int, int], None]


def apply_extract(
    stream: BinaryIO,
    folder: Path,
    key: EngineKey,
    *,
    progress: Progress | None = None,
    max_pages: int | None = None,
) -> ExtractHeader:
    """Build the extract file from a stream and put it into use.

    Args:
        progress: called with records done and records expected.
        max_pages: page limit of the new file, the cheap way to a full disk.

    Raises:
        EnvironmentProblem: ``extract_damaged``, ``extract_newer``, ``store_full``, ``disk_full`` and the like; the extract in use
            stays in use.
    """
    target: Path | None = None
    try:
        make_folder(folder)
        sweep_folder(folder)
        records = _records(stream)
        _, header = next(records, (b"", None))
        if not isinstance(header, ExtractHeader):
            raise extract_damaged("no header")
        if header.schema != SCHEMA:
            raise extract_newer(header.schema)
        # A name of its own: the file in use may hold the same version.
        target = folder / f"extract-{header.version}-{secrets.token_hex(4)}.db"
        engine = open_loading(target, key, max_pages=max_pages)
        try:
            _load(engine, header, records, progress or _silent)
        finally:
            engine.close()
        sync_folder(folder)
        pointer = CurrentExtract(file=target.name, version=header.version)
        write_durably(folder / POINTER, msgspec.json.encode(pointer))
    except EngineError as error:
        _discard(target)
        raise from_engine(error, target or folder) from error
    except (zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError) as error:
        _discard(target)
        raise extract_damaged(str(error)[:80]) from error
    except OSError as error:
        _discard(target)
        raise problems.from_os(error, folder) from error
    except BaseException:
        # Our own sentences, and an interrupt: a file of hundreds of megabytes is not left behind.
        _discard(target)
        raise
    sweep_folder(folder)
    return header


def _load(
    engine: LoadingEngine, header: ExtractHeader, records: Iterator[tuple[bytes, AnyExtractRecord]], progress: Progress
) -> None:
    engine.execute("BEGIN EXCLUSIVE")
    loading = Loading(engine)
    engine.execute("INSERT INTO header VALUES (?)", (msgspec.json.encode(header),))
    expected = header.persons + header.policies
    for done, (line, record) in enumerate(records, 1):
        if isinstance(record, ExtractPolicy):
            loading.policy(line, record)
        elif not isinstance(record, ExtractPerson):
            raise extract_damaged("a second header")
        elif loading.policies:
            raise extract_damaged("a person after the policies")
        else:
            loading.person(line, record)
        if done > expected:
            raise extract_damaged(f"more than {expected} records")
        if done % _REPORT_EVERY == 0:
            progress(done, expected)
    if (loading.persons, loading.policies) != (header.persons, header.policies):
        raise extract_damaged(f"{loading.persons}+{loading.policies} of {header.persons}+{header.policies} records")
    loading.finish()
    engine.execute("COMMIT")
    progress(expected, expected)


def _records(stream: BinaryIO) -> Iterator[tuple[bytes, AnyExtractRecord]]:
    decode = msgspec.json.Decoder(AnyExtractRecord).decode
    with zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).stream_reader(stream) as plain:
        read_line = partial(io.BufferedReader(plain, 1 << 20).readline, _LONGEST_LINE)
        for line in iter(read_line, b""):
            if len(line) == _LONGEST_LINE:
                raise extract_damaged("a record is too long")
            yield line.rstrip(b"\r\n"), decode(line)


def _silent(_done: int, _expected: int) -> None:
    """Nobody watches."""


def _discard(target: Path | None) -> None:
    if target is not None:
        with contextlib.suppress(OSError):
            target.unlink()


def from_engine(error: Exception, path: Path) -> OutpostError:
    """Return what an engine's error means for somebody who waits for an extract."""
    found = problems.from_engine(error, path)
    if found.code == "store_full":
        return extract_full()
    if isinstance(found, BugError):
        # Two records with one number, or a text that no column takes.
        return extract_damaged(str(error)[:80])
    return found
