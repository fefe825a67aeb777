"""One power cut: the store at work on a disk that forgets, the power going at a drawn moment, and the store opened again.

Production code on the dying disk: ``LocalStore`` with its unit of work, log, inbox, projections and the migrations' SQL.
Production code afterwards: everything, ``open_with_keys`` on real files with the real engine. Only the engine under the dying
store is another one (APSW, for its VFS), writing the same file format.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from claims.errors import EnvironmentProblem
from claims.ports import no_probe
from local_db.attachments import LocalAttachments
from local_db.connection import Engine, lock_exclusively, make_durable
from local_db.identity import write_identity
from local_db.migrations import MIGRATIONS, apply_migration
from local_db.rebuild import create_projections
from local_db.store import STORE_FILE, LocalStore, open_with_keys
from local_db.store_keys import StoreKeys
from local_db.unit_of_work import Author
from tests.local_db import samples as s
from tests.local_db.cut_disk import CutDisk, CutEngine
from tests.local_db.office import Headquarters
from trust.certificates import TrustStore

UNITS = 14


@dataclass
class Cut:
    """What one cut did. ``lost`` counts acknowledged events and statements that are gone, ``corrupt`` an unreadable store."""

    acknowledged: int
    lost: int
    corrupt: bool
    operations: int


class PowerCuts:
    """A store made once, to be cut again and again."""

    def __init__(self, folder: Path, hq: Headquarters | None = None) -> None:
        self._folder = folder
        self._hq = hq or Headquarters()
        self._keys = StoreKeys.generate()
        self._made = CutDisk(0, torn=False)
        with self._engine(self._made) as engine:
            engine.execute("BEGIN IMMEDIATE")
            for number in range(1, len(MIGRATIONS) + 1):
                apply_migration(engine, number)
            write_identity(engine, self._hq.identity, self._hq.device_key)
            create_projections(engine)
            engine.execute("COMMIT")
            engine.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._made.make_all_durable()
        self._longest = self._work(self._made.copy(0, torn=False), 0)[1]

    def cut(self, seed: int, *, torn: bool, synchronous: str | None = None) -> Cut:
        """Cut the power at a moment drawn from ``seed`` and look at what is left."""
        disk = self._made.copy(seed, torn=torn)
        disk.cut_at = random.Random(seed * 7 + 1).randrange(1, self._longest)
        (events, statements), operations = self._work(disk, seed, synchronous)
        home = self._folder / f"cut-{seed}-{torn}-{synchronous}"
        home.mkdir()
        for name, content in disk.survivors().items():
            (home / name).write_bytes(content)
        try:
            with open_with_keys(home, self._keys) as store:
                return Cut(
                    acknowledged=len(events) + len(statements),
                    lost=self._missing(store, events, statements),
                    corrupt=not store.rebuild().identical,
                    operations=operations,
                )
        except EnvironmentProblem:
            return Cut(len(events) + len(statements), 0, corrupt=True, operations=operations)
        finally:
            shutil.rmtree(home)

    def _missing(self, store: LocalStore, events: list[tuple[int, bytes]], statements: list[bytes]) -> int:
        there = {(commit.first_seq, commit.raw) for commit in store.commits_after(0, 10**9)}
        with store.read() as reads:
            inbox = {item.raw for item in reads.inbox()}
            # The present must agree with the log: one case an acknowledged commit.
            cases = len(reads.cases(limit=10**6))
        missing = sum(1 for one in events if one not in there) + sum(1 for one in statements if one not in inbox)
        return missing + (0 if cases == len(there) else 1)

    def _work(
        self, disk: CutDisk, seed: int, synchronous: str | None = None
    ) -> tuple[tuple[list[tuple[int, bytes]], list[bytes]], int]:
        """Run units of work until they are done or the power goes; return what was acknowledged, and the operations made."""
        dice = random.Random(seed)
        events: list[tuple[int, bytes]] = []
        statements: list[bytes] = []
        with self._engine(disk) as engine:
            if synchronous is not None:
                engine.execute(f"PRAGMA synchronous = {synchronous}")
            # A checkpoint is the dangerous moment; in a short run it has to come often.
            engine.execute(f"PRAGMA wal_autocheckpoint = {dice.choice((4, 12, 40))}")
            store = self._store(engine)
            try:
                for number in range(1, UNITS + 1):
                    raw = self._hq.sign(s.grant(f"G-{number}", s.AMOUNT_FEN))
                    with store.write() as uow:
                        uow.receive(raw)
                    statements.append(raw)
                    first_seq = store.position().next_seq
                    with store.write() as uow:
                        case_no = f"C-{number}"
                        uow.append(s.case_opened(case_no), s.facts(case_no), s.determination(case_no))
                        uow.append(
                            s.voucher(
                                number, case_no, f"key-{number}", debits=(s.debit(f"G-{number}", key=f"key-{number}"),)
                            )
                        )
                        uow.save_draft("draft", dice.randbytes(dice.choice((10, 900, 9000))))
                    events.append((first_seq, store.commits_after(first_seq - 1, 1)[0].raw))
            except EnvironmentProblem:
                if not disk.dead:
                    raise
        return (events, statements), disk.operations

    @contextmanager
    def _engine(self, disk: CutDisk) -> Iterator[Engine]:
        engine = CutEngine(disk, STORE_FILE, self._keys.database.literal())
        try:
            lock_exclusively(engine)
            make_durable(engine)
            engine.execute("PRAGMA foreign_keys = ON")
            yield engine
        finally:
            engine.close()

    def _store(self, engine: Engine) -> LocalStore:
        roots = TrustStore(self._hq.root)
        roots.add_device(self._hq.identity.device_certificate)
        author = Author(self._hq.identity, self._hq.device_key, roots)
        attachments = LocalAttachments(self._folder / "attachments", self._keys.attachment_key, no_probe)
        return LocalStore(engine, Path(STORE_FILE), author, attachments)
