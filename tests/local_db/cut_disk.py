"""A disk that forgets: an SQLite VFS in memory whose writes become durable only when they are synced, and that can lose power.

At a cut every un-synced 512-byte sector independently survives or is lost; a *torn* disk also leaves some of them as garbage.
``CutEngine`` gives the store's ``Engine`` protocol over APSW, with the production engine's exceptions, so that the store's own
unit of work, log, inbox and projections run on this disk unchanged. Source: notes/sync.md §2(c), docs/adr/0043.
"""

# ruff: noqa: ARG002, N802 - names and arguments are SQLite's

from __future__ import annotations

import contextlib
import functools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import apsw
from sqlcipher3 import dbapi2

SECTOR = 512
_IOERR = 10
_POWERSAFE_OVERWRITE = 0x1000
"""What the production VFS of every platform claims: a write never damages bytes beside it (sqlite.org/psow.html)."""


class PowerCutError(Exception):
    """The machine is dead: nothing reaches the disk any more."""


@dataclass
class _File:
    current: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)


class CutDisk:
    """Files, what of them is durable, and the operation at which the power goes."""

    def __init__(self, seed: int, *, torn: bool) -> None:
        self.files: dict[str, _File] = {}
        self.torn = torn
        self.operations = 0
        self.cut_at: int | None = None
        self.dead = False
        self._dice = random.Random(seed)

    def tick(self) -> None:
        """Count an operation that changes the disk; die when its time has come."""
        self.operations += 1
        if self.dead or (self.cut_at is not None and self.operations >= self.cut_at):
            self.dead = True
            raise PowerCutError

    def make_all_durable(self) -> None:
        """Take what is there as the starting point."""
        for file in self.files.values():
            file.durable, file.pending = bytearray(file.current), []
        self.operations = 0

    def copy(self, seed: int, *, torn: bool) -> CutDisk:
        """Return another disk with the same durable files."""
        other = CutDisk(seed, torn=torn)
        other.files = {name: _File(bytearray(one.durable), bytearray(one.durable)) for name, one in self.files.items()}
        return other

    def survivors(self) -> dict[str, bytes]:
        """Return what the disk holds after the cut."""
        self.dead = True
        return {name: self._survivor(file) for name, file in self.files.items()}

    def _survivor(self, file: _File) -> bytes:
        left = bytearray(file.durable)
        for offset, content in file.pending:
            if content is None:
                if self._dice.random() < 0.5:
                    del left[offset:]
                continue
            for start, piece in _by_sector(offset, content):
                luck = self._dice.random()
                if luck < 0.5:
                    continue
                kept = self._dice.randbytes(len(piece)) if self.torn and luck > 0.95 else piece
                left.extend(bytes(max(0, start + len(kept) - len(left))))
                left[start : start + len(kept)] = kept
        return bytes(left)


def _by_sector(offset: int, content: bytes) -> Iterator[tuple[int, bytes]]:
    start = offset
    while start < offset + len(content):
        end = min(offset + len(content), (start // SECTOR + 1) * SECTOR)
        yield start, content[start - offset : end - offset]
        start = end


class _CutFile:
    """The file methods that SQLite calls."""

    def __init__(self, disk: CutDisk, file: _File) -> None:
        self._disk, self._file = disk, file

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self._file.current[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.tick()
        content, current = bytes(data), self._file.current
        current.extend(bytes(max(0, offset + len(content) - len(current))))
        current[offset : offset + len(content)] = content
        self._file.pending.append((offset, content))

    def xTruncate(self, size: int) -> None:
        self._disk.tick()
        del self._file.current[size:]
        self._file.pending.append((size, None))

    def xSync(self, flags: int) -> None:
        self._disk.tick()
        self._file.durable, self._file.pending = bytearray(self._file.current), []

    def xFileSize(self) -> int:
        return len(self._file.current)

    def xSectorSize(self) -> int:
        return SECTOR

    def xDeviceCharacteristics(self) -> int:
        return 0 if self._disk.torn else _POWERSAFE_OVERWRITE

    def xLock(self, level: int) -> None: ...
    def xUnlock(self, level: int) -> None: ...
    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False

    def xClose(self) -> None: ...


class _CutVfs(apsw.VFS):
    """All disks of this process under one name: the cipher layer keeps a pointer to every VFS it ever wrapped."""

    def __init__(self) -> None:
        super().__init__(_VFS_NAME, base="")
        self.disks: dict[str, CutDisk] = {}

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        disk, file = self._find(path)
        return _CutFile(disk, disk.files.setdefault(file, _File()))

    def xAccess(self, path: str, flags: int) -> bool:
        disk, file = self._find(path)
        return file in disk.files

    def xDelete(self, path: str, sync_folder: bool) -> None:
        disk, file = self._find(path)
        disk.tick()
        disk.files.pop(file, None)

    def xFullPathname(self, path: str) -> str:
        return path

    def _find(self, path: str) -> tuple[CutDisk, str]:
        _, number, file = path.split("/", 2)
        return self.disks[number], file


_VFS_NAME = "cut"


@functools.cache
def _vfs() -> _CutVfs:
    return _CutVfs()


class CutEngine:
    """``local_db.connection.Engine`` on a ``CutDisk``, encrypted in SQLCipher 4's format with explicit key and salt."""

    def __init__(self, disk: CutDisk, file: str, key_literal: str) -> None:
        vfs = _vfs()
        self._mount = str(id(disk))
        vfs.disks[self._mount] = disk
        # SQLite3 Multiple Ciphers wraps any VFS under this prefix.
        self._connection = apsw.Connection(f"/{self._mount}/{file}", vfs=f"multipleciphers-{_VFS_NAME}")
        for pragma in ("cipher = 'sqlcipher'", "legacy = 4", f'key = "{key_literal}"'):
            self.execute(f"PRAGMA {pragma}")

    @property
    def in_transaction(self) -> bool:
        return bool(self._connection.in_transaction)

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> _Rows:
        try:
            return _Rows(self._connection.execute(sql, tuple(parameters)).fetchall())
        except apsw.Error as error:
            raise _as_production(error, getattr(error, "result", _IOERR)) from error
        except PowerCutError as error:
            raise _as_production(error, _IOERR) from error

    def close(self) -> None:
        # A dead disk answers nothing; what counts is what it held before.
        with contextlib.suppress(apsw.Error, PowerCutError):
            self._connection.close(True)
        _vfs().disks.pop(self._mount, None)


class _Rows:
    """All rows of one statement: an error shows at once, as it does in production."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = iter(rows)

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows


def _as_production(error: Exception, code: int) -> Exception:
    problem: Exception = dbapi2.OperationalError(f"{type(error).__name__}: {error}")
    problem.sqlite_errorcode = code  # type: ignore[attr-defined]
    return problem
