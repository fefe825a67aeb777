"""A simulated laptop on the real encrypted store, written to a disk in memory that forgets what was not synced (``--store``).

Promise: each durable step of the fast tier (``disk.py``) is carried out by ``local_db.store.LocalStore`` as well, with its unit of work, log,
inbox, book and projections; where the two part, or a cut leaves something else than was acknowledged, the rule ``store`` is violated. The
power goes inside a transaction too, at a write or sync drawn by chance: whether that transaction counts is then the store's word.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from claims.allowances import AllowanceBook
from claims.custody import CustodyNote
from claims.errors import EnvironmentProblem, OutpostError
from claims.events import AnyEvent
from claims.ports import no_probe
from claims.records import StoredCommit
from local_db.attachments import LocalAttachments
from local_db.connection import EngineError, lock_exclusively, make_durable
from local_db.identity import Identity, write_identity
from local_db.migrations import MIGRATIONS, apply_migration
from local_db.rebuild import create_projections
from local_db.store import STORE_FILE, LocalStore
from local_db.store_keys import StoreKeys
from local_db.unit_of_work import Author
from tests.fleet.clockwork import Violation
from tests.fleet.disk import Disk, StoreRefused
from tests.local_db.cut_disk import CutDisk, CutEngine, _File
from trust.certificates import TrustStore

if TYPE_CHECKING:
    from tests.fleet.world import World

_TORN_SHARE = 0.5
_OPERATIONS = 12
"""A transaction makes about so many writes and syncs: a cut is drawn among them, or comes after the last."""


@functools.cache
def _keys() -> StoreKeys:
    return StoreKeys.generate()


@functools.cache
def _files() -> tempfile.TemporaryDirectory[str]:
    from tests.fleet.runner import memory_folder

    return tempfile.TemporaryDirectory(prefix="fleet-files-", dir=memory_folder())


@functools.cache
def _blank() -> CutDisk:
    """A store with its tables and nobody's name in it, made once a process."""
    disk = CutDisk(0, torn=False)
    engine = _engine(disk)
    engine.execute("BEGIN IMMEDIATE")
    for number in range(1, len(MIGRATIONS) + 1):
        apply_migration(engine, number)
    create_projections(engine)
    engine.execute("COMMIT")
    engine.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.close()
    disk.make_all_durable()
    return disk


def _engine(disk: CutDisk) -> CutEngine:
    engine = CutEngine(disk, STORE_FILE, _keys().database.literal())
    lock_exclusively(engine)
    make_durable(engine)
    engine.execute("PRAGMA foreign_keys = ON")
    return engine


class StoreDisk(Disk):
    """A disk whose every step is the real store's as well."""

    _world: World
    _forgets: CutDisk
    _open: CutEngine
    real: LocalStore
    dead = False
    """The power went inside the last transaction, which counts all the same."""

    def begin(self, world: World) -> StoreDisk:
        """Make the store of a laptop that has nothing in its log yet."""
        self._world = world
        self._forgets = _blank().copy(self._seed(), torn=self._torn())
        self._open_store()
        engine = self._open
        engine.execute("BEGIN IMMEDIATE")
        write_identity(engine, self._identity(), self.key, self.box_private)
        engine.execute("COMMIT")
        return self

    def _seed(self) -> int:
        return self._world.clockwork.dice.getrandbits(32)

    def _torn(self) -> bool:
        return self._world.clockwork.dice.random() < _TORN_SHARE

    def _identity(self) -> Identity:
        told = msgspec.to_builtins(self.identity, builtin_types=(bytes,))
        return Identity(**{name: told[name] for name in Identity.__struct_fields__})

    def _open_store(self) -> None:
        self._open = _engine(self._forgets)
        # A checkpoint is the dangerous moment; in a short life it has to come often.
        self._open.execute("PRAGMA wal_autocheckpoint = 12")
        roots = TrustStore(self.identity.root_certificate)
        roots.add_device(self.identity.device_certificate)
        author = Author(self._identity(), self.key, roots, self.box_private)
        folder = Path(_files().name) / "attachments"
        attachments = LocalAttachments(folder, _keys().attachment_key, no_probe)
        self.real = LocalStore(self._open, Path(STORE_FILE), author, attachments)

    # Durable steps

    def commit(
        self,
        events: Sequence[AnyEvent],
        numbers: Sequence[str] = (),
        files: Sequence[bytes] = (),
        book: AllowanceBook | None = None,
    ) -> StoredCommit:
        if self.full:
            raise StoreRefused("disk_full")
        for content in files:
            self.real.attachments.put(content)
        first_seq = self.next_seq

        def work() -> None:
            with self.real.write() as uow:
                uow.append(*events)

        if not self._done(work, lambda: self.real.position().next_seq > first_seq):
            self._power_gone()
        stored = super().commit(events, numbers, files, book)
        kept = self.real.commits_after(first_seq - 1, 1)
        if not kept or kept[0].raw != stored.raw:
            raise Violation("store", f"commit {first_seq} of {self.identity.device}: the store keeps another one")
        return stored

    def receive(self, raws: Sequence[bytes]) -> int:
        if self.full:
            raise StoreRefused("disk_full")
        refused: StoreRefused | None = None
        image = Disk.copy(self)
        try:
            new = sum(image._receive(raw) for raw in raws)
        except StoreRefused as problem:
            refused = problem
        before = self._inbox()

        def work() -> None:
            with self.real.write() as uow:
                for raw in raws:
                    uow.receive(raw)

        try:
            counts = self._done(work, lambda: refused is None and (new == 0 or self._inbox() > before))
        except StoreRefused as problem:
            if refused is None:
                raise Violation("store", f"{self.identity.device}: the store refuses statements: {problem}") from None
            raise refused from None
        if not counts:
            self._power_gone()
        if refused is not None:
            raise Violation("store", f"{self.identity.device}: the store takes what it should refuse: {refused}")
        for name, value in vars(image).items():
            if name not in {"_forgets", "_open", "real", "dead"}:
                setattr(self, name, value)
        return new

    def keep_note(self, note: CustodyNote) -> None:
        def work() -> None:
            with self.real.write() as uow:
                uow.note_custody(note)

        if not self._done(work, lambda: any(note.bundle_id == each for each in self._notes())):
            self._power_gone()
        super().keep_note(note)

    def _done(self, work: Any, counts: Any) -> bool:
        """Do a transaction, the power going inside it by chance; tell whether it counts. Raises ``StoreRefused``."""
        dice, world = self._world.clockwork.dice, self._world
        if self.in_use and not world.healed and dice.random() < world.weather.power:
            self._forgets.cut_at = self._forgets.operations + dice.randrange(1, _OPERATIONS)
        try:
            work()
        except OutpostError as problem:
            if not self._forgets.dead:
                raise StoreRefused(problem.code) from problem
        self._forgets.cut_at = None
        if not self._forgets.dead:
            return True
        world.count("store_cuts")
        self.lose_power()
        kept = bool(counts())
        self.dead = kept
        return kept

    def _power_gone(self) -> None:
        from tests.fleet.laptop import PowerCut

        self._world.note(f"{self.identity.device}/{self.identity.epoch} POWER CUT inside a transaction")
        raise PowerCut

    # What is left

    def lose_power(self) -> None:
        """What was not synced is gone; the store is opened again from what is left. Raises ``Violation`` where it can't be."""
        left = self._forgets.survivors()
        self._open.close()
        self._forgets = CutDisk(self._seed(), torn=self._torn())
        self._forgets.files = {name: _File(bytearray(content), bytearray(content)) for name, content in left.items()}
        try:
            self._open_store()
            self.real.position()
        except (EnvironmentProblem, EngineError) as problem:
            raise Violation("store", f"{self.identity.device}: unreadable after a cut: {problem}") from problem

    def image(self) -> StoreDisk:
        """Return a copy of the disk as it is, synced."""
        image = Disk.copy(self)
        assert isinstance(image, StoreDisk)
        image._forgets = self._forgets.copy(self._seed(), torn=self._torn())
        image._open_store()
        return image

    def check(self) -> None:
        """The store holds what the fast tier says, no more and no less, and its projections follow from log and inbox."""
        who = f"{self.identity.device}/{self.identity.epoch}"
        mine = [each.raw for each in self.commits]
        if [each.raw for each in self.real.commits_after(0, 10**9)] != mine:
            raise Violation("store", f"{who}: the store's log is another one")
        position, own = self.real.position(), self.position()
        if position != own:
            raise Violation("store", f"{who}: the store stands at {position}, should be at {own}")
        if self.real.inbox_count() != self.feed_count:
            raise Violation(
                "store", f"{who}: {self.real.inbox_count()} of the feed in the store, {self.feed_count} received"
            )
        with self.real.read() as reads:
            book, revoked = reads.allowance_book(), reads.revoked()
        if _figures(book) != _figures(self.book) or book.promised_keys != self.book.promised_keys:
            raise Violation("store", f"{who}: the store's book is {_figures(book)}, should be {_figures(self.book)}")
        if revoked != self.revoked:
            raise Violation("store", f"{who}: revoked {revoked} in the store")
        waiting = {each.sha256 for each in self.real.attachments_waiting()}
        if waiting != {each.sha256 for each in self.attachments_waiting()}:
            raise Violation("store", f"{who}: other files wait in the store")
        if self._notes() != set(self.custody):
            raise Violation("store", f"{who}: other notes of custody in the store")
        if not self.real.rebuild().identical:
            raise Violation("store", f"{who}: the projections do not follow from log and inbox")
        self._world.count("stores_compared")

    def _inbox(self) -> int:
        with self.real.read() as reads:
            return len(list(reads.inbox()))

    def _notes(self) -> set[str]:
        with self.real.read() as reads:
            return {each.bundle_id for each in reads.custody_notes()}


def _figures(book: AllowanceBook) -> list[tuple[object, ...]]:
    return sorted(
        (
            one.grant_id,
            str(one.pool),
            one.limit_fen,
            one.spent_fen,
            one.transferred_fen,
            one.counter,
            one.closed,
            one.expires_at,
        )
        for one in book.allowances
    )
