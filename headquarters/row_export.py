"""Every row of headquarters' database as one stream of bytes that either engine can be filled from.

Promise: the stream is one consistent moment, written while others go on working; it names the schema's revision, ends with its own SHA-256
and is refused when a byte of it is missing or changed. A newer program reads what an older one wrote: the tables are made as they were then,
filled, and then migrated.

    zstd( line: {"format", "revision", "tables": {name: [columns]}}, lines: [table, value, ...], last line: {"rows", "sha256"} )
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import zstandard
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Date, DateTime, Engine, LargeBinary, MetaData, Table, func, insert, select
from sqlalchemy.orm import Session

from claims.errors import Bilingual, InputError
from headquarters.database import POSTGRESQL, migrate
from headquarters.models import Base

FORMAT = "outpost-headquarters-rows-1"
_BATCH = 500
_MAX_LINE = 64 * 1024 * 1024


class _Head(msgspec.Struct, frozen=True):
    format: str
    revision: str
    tables: dict[str, list[str]]


class _Tail(msgspec.Struct, frozen=True):
    rows: int
    sha256: str


def export_rows(session: Session, target: BinaryIO) -> int:
    """Write every row that a session sees; return how many. The caller makes the file durable."""
    tables = Base.metadata.sorted_tables
    revision = MigrationContext.configure(session.connection()).get_current_revision() or ""
    digest, rows = hashlib.sha256(), 0
    with zstandard.ZstdCompressor(level=6).stream_writer(target, closefd=False) as packed:

        def write(line: object) -> None:
            encoded = msgspec.json.encode(line, enc_hook=_encode) + b"\n"
            digest.update(encoded)
            packed.write(encoded)

        write(
            _Head(
                FORMAT, revision, {str(table.name): [str(column.name) for column in table.columns] for table in tables}
            )
        )
        for table in tables:
            found = session.execute(select(table).order_by(*table.primary_key).execution_options(yield_per=_BATCH))
            for row in found:
                write([str(table.name), *row])
                rows += 1
        packed.write(msgspec.json.encode(_Tail(rows, digest.hexdigest())) + b"\n")
    return rows


def check_rows(file: Path) -> int:
    """Read a whole export; return its number of rows. Raises ``InputError`` (``backup_damaged``)."""
    return sum(1 for _ in _rows(file))


def import_rows(engine: Engine, file: Path) -> int:
    """Fill an empty database from an export and bring its schema up to date, all or nothing on either engine; return the number of rows.

    Raises:
        InputError: ``backup_damaged``; ``database_not_empty``.
    """
    rows = check_rows(file)
    head = _head(file)
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() is not None:
            raise InputError(
                "database_not_empty",
                Bilingual("目标数据库不是空的。", "The database to restore into is not empty."),
                Bilingual("请指定一个空的数据库。", "Name an empty one."),
            )
    migrate(engine, head.revision)
    with engine.begin() as connection:
        _fill(connection, head, file)
    migrate(engine)
    return rows


def _fill(connection: Connection, head: _Head, file: Path) -> None:
    metadata = MetaData()
    metadata.reflect(connection, only=list(head.tables))
    waiting: list[dict[str, Any]] = []
    current: Table | None = None

    def flush() -> None:
        if current is not None and waiting:
            connection.execute(insert(current), waiting)
            waiting.clear()

    for name, *values in _rows(file):
        if current is None or current.name != name:
            flush()
            current = metadata.tables[name]
        waiting.append(
            {
                column: _decode(current.columns[column].type, value)
                for column, value in zip(head.tables[name], values, strict=True)
            }
        )
        if len(waiting) == _BATCH:
            flush()
    flush()
    if connection.dialect.name == POSTGRESQL:
        _move_sequences_on(connection, metadata)


def _move_sequences_on(connection: Connection, metadata: MetaData) -> None:
    """Rows brought their own numbers: the next one must come behind them."""
    for table in metadata.tables.values():
        for column in table.primary_key:
            own = connection.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
            if own is not None:
                highest = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
                connection.execute(select(func.setval(own, highest, False)))


def _head(file: Path) -> _Head:
    with file.open("rb") as packed:
        return _read_head(next(_lines(packed), b""))


def _rows(file: Path) -> Iterator[list[Any]]:
    """Yield the rows; raise at the end when something was missing or changed."""
    digest, rows = hashlib.sha256(), 0
    with file.open("rb") as packed:
        lines = _lines(packed)
        first = next(lines, b"")
        _read_head(first)
        digest.update(first)
        for line in lines:
            try:
                content = msgspec.json.decode(line)
                if isinstance(content, dict):
                    tail = msgspec.convert(content, _Tail)
                    if (tail.rows, tail.sha256) == (rows, digest.hexdigest()):
                        return
                    raise _damaged()
            except msgspec.DecodeError as problem:
                raise _damaged() from problem
            digest.update(line)
            rows += 1
            yield content
    raise _damaged()


def _lines(packed: BinaryIO) -> Iterator[bytes]:
    try:
        with zstandard.ZstdDecompressor().stream_reader(packed) as stream:
            text = io.BufferedReader(stream)
            while line := text.readline(_MAX_LINE):
                yield line
    except (zstandard.ZstdError, OSError) as problem:
        raise _damaged() from problem


def _read_head(line: bytes) -> _Head:
    try:
        head = msgspec.json.decode(line, type=_Head)
    except msgspec.DecodeError as problem:
        raise _damaged() from problem
    if head.format != FORMAT:
        raise _damaged()
    return head


def _encode(value: object) -> object:
    # SQLAlchemy's rows bring int, str, bytes, bool, None and dates, which msgspec knows; nothing else is stored.
    raise TypeError(f"a {type(value).__name__} can't be exported")


def _decode(column: object, value: Any) -> Any:
    if value is None:
        return None
    match column:
        case LargeBinary():
            return base64.b64decode(value)
        case DateTime():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
    return value


def _damaged() -> InputError:
    return InputError(
        "backup_damaged",
        Bilingual(
            "备份文件不完整或已损坏，没有恢复任何内容。", "The backup is incomplete or damaged; nothing was restored."
        ),
        Bilingual("请换另一份备份。", "Use another backup."),
    )
