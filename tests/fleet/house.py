"""Headquarters of the simulation: the real service on a database in memory-backed storage, its clock set by the world.

Promise: every request goes through the production path: the device's signature, the limits of bodies, the answer, the receipt. Only
durability is switched off (``synchronous=OFF``): the simulated headquarters fails by being set back to a backup, not by a torn page.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import zstandard
from sqlalchemy import event
from sqlcipher3 import dbapi2

from headquarters.backups import make_backup
from headquarters.bundle_routes import FOLDER as BUNDLES
from headquarters.bundle_routes import BundleDesk
from headquarters.bundle_spool import BundleSpool
from headquarters.callers import Caller, SignedRequest, verify_caller
from headquarters.core import ANSWERED_WHEN_STOPPED, answer_request, read_message
from headquarters.extract_file import write_extract
from headquarters.http_bodies import MAX_UNPACKED_BYTES, unpack
from headquarters.installation import Headquarters
from headquarters.policy_book import load_policies
from headquarters.processing import process_pending
from headquarters.refusals import RequestRefused
from headquarters.relearning import RELEARN, readmit
from headquarters.releases import ReleaseKind, publish
from headquarters.restoring import restore_backup
from headquarters.sample import sample_catastrophes
from headquarters.sent_batches import FOLDER as SENT
from sync.wire.bundles import BundlePart
from sync.wire.messages import Relearn
from tests.fleet.library import Library
from tests.fleet.repeatable import repeatable

START = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
_TEMPLATE_SEED = 20261201
_DB = "headquarters.db"


@dataclass(frozen=True)
class Reply:
    """What comes back on the line: a status and a body."""

    status: int
    body: bytes
    after: Callable[[], object] | None = None
    """What the service does behind its answer."""


@dataclass(frozen=True)
class Request:
    """What goes out on the line, signed by the device."""

    method: str
    path: str
    device: str
    epoch: int
    body: bytes
    signature: bytes
    packed: str = "zstd"
    """``zstd``, ``identity``, or the media type of a compact form."""
    told_seq: int = 0
    """The last event that the sender speaks of: for the checkers, not on the wire."""


class House:
    """One headquarters a process, set back to its beginning for every seed."""

    def __init__(self, folder: Path, library: Library) -> None:
        self.folder = folder
        self.library = library
        self.clock: Callable[[], datetime] = lambda: START
        self._home = folder / "hq"
        self._template = folder / "template"
        with repeatable(random.Random(_TEMPLATE_SEED)):
            self._make()
        self.hq = self._opened()
        self._look: Any = None
        self._worn = False
        self._backup: Path | None = None
        self.former_sent = folder / "former-place" / SENT
        """Where ``payments-sent`` lies after a restore in a place that does not have it."""

    def _opened(self) -> Headquarters:
        hq = Headquarters.open(self._home, self._now)
        engine = hq.database.engine

        @event.listens_for(engine, "connect")
        def configure(connection: Any, _entry: Any) -> None:
            connection.execute("PRAGMA synchronous=OFF")

        engine.dispose()
        return hq

    def _now(self) -> datetime:
        return self.clock()

    def _make(self) -> None:
        hq = Headquarters.create(self._home, lambda: START)
        pack = self.folder / "pack.json"
        pack.write_bytes(self.library.pack_bytes)
        publish(hq, ReleaseKind.PACK, pack, self.library.pack.version, warn_days=60, expire_days=90)
        quake = self.folder / "quake.json"
        quake.write_bytes(msgspec.json.encode(sample_catastrophes()))
        publish(hq, ReleaseKind.CATASTROPHE, quake, 1, warn_days=60, expire_days=90)
        extract = self.folder / "extract.zst"
        write_extract(extract, self.library.persons, self.library.policies, 1, START)
        load_policies(hq, extract, 1)
        hq.close()
        _settle(self._home / _DB)
        shutil.copytree(self._home, self._template)

    def reset(self, clock: Callable[[], datetime]) -> None:
        """Begin a new seed."""
        self.clock = clock
        if self._worn:
            self._release()
            self.hq.close()
            shutil.rmtree(self._home)
            for left in (self.folder / "backups", self.former_sent.parent):
                shutil.rmtree(left, ignore_errors=True)
            shutil.copytree(self._template, self._home)
            packs = self.hq.packs
            self.hq = self._opened()
            object.__setattr__(self.hq, "packs", packs)
            self._worn, self._backup = False, None
            return
        self._release()
        for name in (_DB, f"{_DB}-wal", f"{_DB}-shm"):
            (self._home / name).unlink(missing_ok=True)
        shutil.copyfile(self._template / _DB, self._home / _DB)
        for name in (BUNDLES, SENT):
            shutil.rmtree(self._home / name, ignore_errors=True)
        # A new headquarters has it, empty: only so can it be told whether it is whole.
        shutil.copytree(self._template / SENT, self._home / SENT)
        files = self._home / "files"
        shutil.rmtree(files)
        shutil.copytree(self._template / "files", files)

    def back_up(self) -> None:
        """Make a backup, as ``outpost-hq backup`` does."""
        self._worn = True
        folder = self.folder / "backups"
        folder.mkdir(exist_ok=True)
        made = make_backup(self.hq, folder)
        self._backup = folder / made.backup_id

    def set_back(self, *, sent_lost: bool = False) -> bool:
        """Restore the newest backup, as ``outpost-hq restore`` does; False where there is none.

        ``sent_lost``: the new place does not have the folder of the batches that left; it turns up at ``former_sent``.
        """
        if self._backup is None:
            return False
        self._release()
        packs = self.hq.packs
        self.hq.close()
        if sent_lost:
            self.former_sent.parent.mkdir(exist_ok=True)
            (self._home / SENT).rename(self.former_sent)
        restore_backup(self._home, self._backup, self.hq.now)
        self.hq = self._opened()
        # Packs are pure values by hash: those loaded before are the same.
        object.__setattr__(self.hq, "packs", packs)
        return True

    def _release(self) -> None:
        if self._look is not None:
            self._look.close()
            self._look = None
        self.hq.database.engine.dispose()

    def look(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Read for a checker, beside the service."""
        if self._look is None:
            self._look = dbapi2.connect(str(self._home / _DB), isolation_level=None)
        rows: list[tuple[Any, ...]] = self._look.execute(sql, parameters).fetchall()
        return rows

    def close(self) -> None:
        """Give everything back."""
        self._release()
        self.hq.close()

    # The service

    def answer(self, asked: Request) -> Reply:
        """Answer one request as the HTTP service would."""
        try:
            return self._answer(asked)
        except RequestRefused as refusal:
            return Reply(int(refusal.status), refusal.code.encode())

    def _answer(self, asked: Request) -> Reply:
        hq = self.hq
        caller = Caller(asked.device, asked.epoch)
        signed = SignedRequest(asked.method, asked.path, asked.body, asked.signature)
        request: Any = SimpleNamespace(
            headers={
                "content-encoding": "zstd" if asked.packed == "zstd" else "identity",
                "content-type": asked.packed if asked.packed != "zstd" else "",
            }
        )
        if asked.path == RELEARN and hq.incarnation.number:
            relearn = read_message(unpack(request, asked.body, MAX_UNPACKED_BYTES), Relearn)
            readmit(hq, relearn, signed)
        verify_caller(hq, caller, signed, stopped_too=asked.path in ANSWERED_WHEN_STOPPED)
        body = unpack(request, asked.body, MAX_UNPACKED_BYTES) if asked.method == "POST" else asked.body
        if asked.path == "/v1/bundle":
            desk = BundleDesk(hq, BundleSpool(hq.home / BUNDLES))
            taken = desk.take_part(caller, read_message(body, BundlePart))
            return Reply(200, taken, self.process)
        answered = answer_request(hq, caller, asked.method, asked.path, body)
        return Reply(int(answered.status), answered.body, answered.after)

    def process(self) -> int:
        """Work off what is pending, as the service does behind its answers."""
        return process_pending(self.hq)


def pack(body: bytes) -> bytes:
    """Compress a message as the laptop's carrier does; a low level, for time."""
    return zstandard.ZstdCompressor(level=1).compress(body)


def _settle(path: Path) -> None:
    """Bring everything from the WAL into the file."""
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


@contextmanager
def house_in(folder: Path, library: Library) -> Iterator[House]:
    """Open a headquarters in a folder of memory."""
    built = House(folder, library)
    try:
        yield built
    finally:
        built.close()


def at(now_s: float) -> datetime:
    """Return the true instant of a virtual second."""
    return START + timedelta(seconds=now_s)
