"""The encrypted local store: made once at enrolment, opened with a PIN, written by one unit of work at a time.

Promise: what ``write`` committed survives a power cut; what it did not commit leaves no trace; nothing of it is ever plain text
on the disk. One process holds the store; within it any thread may call, one at a time.

Files under ``home``: ``store.db`` (and ``-wal``), ``keys.json``, ``unlock-attempts.json``, ``attachments/``.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from claims.errors import Bilingual, EnvironmentProblem
from claims.link_records import LinkRecord
from claims.ports import Clock, StepProbe, no_probe
from claims.records import AttachmentRef, LogPosition, StoredCommit
from local_db import inbox, log, problems
from local_db.attachments import LocalAttachments
from local_db.connection import Engine, EngineError, open_engine, read_pragma
from local_db.durable_files import make_folder, sync_folder
from local_db.identity import Identity, read_box_key, read_identity, write_box_key, write_identity
from local_db.key_file import KeyFile, key_file_path, unlock_keys, write_key_file
from local_db.key_slots import STANDARD_COST, KdfCost, Unlock, make_recovery_slot, make_slot
from local_db.migrations import check_version, migrate
from local_db.reads import StoreReads
from local_db.rebuild import Dump, Rebuilt, create_projections, has_projections, projection_dump, rebuild_projections
from local_db.store_keys import StoreKeys
from local_db.unit_of_work import Author, LocalUnitOfWork
from trust.boxes import generate_box_key
from trust.certificates import TrustStore
from trust.errors import TrustError
from trust.keys import Signer, SoftwareKey

STORE_FILE = "store.db"
ATTACHMENTS_FOLDER = "attachments"
_UNFINISHED = "store.db.unfinished"


class LocalStore:
    """``claims.ports.Store`` and ``Outbox`` over one connection.

    ``identity`` says who this laptop is, ``signer`` is the device's key, ``attachments`` the files beside the store.
    """

    def __init__(
        self,
        engine: Engine,
        path: Path,
        author: Author,
        attachments: LocalAttachments,
        probe: StepProbe = no_probe,
    ) -> None:
        self._engine = engine
        self._path = path
        self._author = author
        self._probe = probe
        self._lock = threading.RLock()
        self._depth = 0
        self._unit: LocalUnitOfWork | None = None
        self.attachments = attachments

    @property
    def identity(self) -> Identity:
        """Who this laptop is."""
        return self._author.identity

    @property
    def signer(self) -> Signer:
        """The device's signing key."""
        return self._author.signer

    @property
    def box_private(self) -> bytes:
        """The private half of this (device, epoch)'s box key: it opens what headquarters and colleagues sealed to this laptop."""
        return self._author.box_private

    @contextmanager
    def write(self) -> Iterator[LocalUnitOfWork]:
        """Open the one transaction; commits on a clean exit, rolls back on any error.

        Raises:
            EnvironmentProblem: the disk is full or the store can't be reached; nothing was kept.
            BugError: opened inside another unit of work, or the events contradict the log.
        """
        with self._lock:
            if self._depth:
                raise problems.unit_of_work_nested()
            self._begin("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                unit = self._unit = LocalUnitOfWork(
                    self._engine, self._path, self._author, self.attachments.stored_size, self._probe
                )
                yield unit
                unit.finish()
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._depth, self._unit = 0, None

    @contextmanager
    def read(self) -> Iterator[StoreReads]:
        """Read one consistent moment. Inside ``write`` it sees what was appended so far."""
        with self._lock:
            if not self._depth:
                self._begin("BEGIN")
            self._depth += 1
            try:
                # Inside a unit of work its own view is handed out: it refuses reads after an error.
                yield self._unit or StoreReads(self._engine, self._path, self.identity, self.attachments.stored_size)
            finally:
                self._depth -= 1
                if not self._depth and self._engine.in_transaction:
                    self._engine.execute("ROLLBACK")

    def position(self) -> LogPosition:
        """Return the end of this device's log and HQ's watermark."""
        with self.read() as reads:
            return reads.position()

    def commits_after(self, seq: int, max_bytes: int) -> Sequence[StoredCommit]:
        """Return whole commits in order after ``seq``, at least one if any, then up to ``max_bytes``."""
        with self.read(), self._translated():
            return log.commits_after(self._engine, seq, max_bytes)

    def resume_seq(self) -> int:
        """Return from where on headquarters wants the log, by its newest word: its watermark, lower after it was restored from a backup."""
        with self.read() as reads, self._translated():
            newest = inbox.newest_receipt_seq(self._engine)
            watermark = reads.position().hq_watermark_seq
            return watermark if newest is None else min(watermark, newest)

    def link(self, destination: str) -> LinkRecord:
        """Return what is remembered of a way to headquarters."""
        with self.read() as reads:
            return reads.link(destination)

    def digest_at(self, seq: int) -> str | None:
        """Return this log's chain hash (hex) after ``seq``, None when no commit ends there. 0 is the genesis."""
        with self.read(), self._translated():
            digest = log.digest_at(self._engine, seq, self._author.genesis)
            return None if digest is None else digest.hex()

    def attachments_waiting(self) -> Sequence[AttachmentRef]:
        """Return the files that headquarters does not hold yet, in the order in which they should go."""
        with self.read() as reads:
            return reads.attachments_waiting()

    def inbox_count(self) -> int:
        """Return how many statements came through the numbered feed: the position for the next ``down``."""
        with self.read() as reads:
            return reads.inbox_count()

    def feed_statements(self, position: int, max_bytes: int) -> Sequence[bytes]:
        """Return headquarters' statements from a feed position on, raw: at least one if any, then up to ``max_bytes``."""
        with self.read(), self._translated():
            return inbox.feed_statements(self._engine, position, max_bytes)

    def rebuild(self) -> Rebuilt:
        """Make the present again from log and inbox and say whether it was the same. Drafts are not touched.

        Raises:
            EnvironmentProblem: ``log_not_genuine``, or the disk is full; the old tables stay then.
        """
        with self._whole_store():
            return rebuild_projections(self._engine, self._author, self._path)

    def projection_dump(self) -> Dump:
        """Return every row of the present, in a fixed order."""
        with self.read(), self._translated():
            return projection_dump(self._engine)

    def limit_pages(self, max_pages: int | None) -> None:
        """Bound the store file to a number of pages, None for no bound: a full disk on demand, for drills and tests."""
        with self._lock, self._translated():
            self._engine.execute(f"PRAGMA max_page_count = {0xFFFFFFFE if max_pages is None else max_pages}")

    def pages(self) -> int:
        """Return how many pages the store file has."""
        with self._lock, self._translated():
            return int(read_pragma(self._engine, "page_count"))

    def close(self) -> None:
        """Write the WAL back and let go of the store. Closing twice is harmless."""
        with self._lock, self._translated():
            self._engine.close()

    def __enter__(self) -> LocalStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _whole_store(self) -> Iterator[None]:
        with self._lock:
            if self._depth:
                raise problems.unit_of_work_nested()
            self._begin("BEGIN IMMEDIATE")
            try:
                with self._translated():
                    yield
                    self._engine.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    def _begin(self, how: str) -> None:
        with self._translated():
            self._engine.execute(how)

    def _roll_back(self) -> None:
        if self._unit is not None:
            self._unit.over = True
        # The error that led here is the one to report; a rollback that fails as well is done by the next opening.
        with contextlib.suppress(EngineError):
            if self._engine.in_transaction:
                self._engine.execute("ROLLBACK")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except EngineError as error:
            raise problems.from_engine(error, self._path) from error


def create_store(
    home: Path,
    unlock: Unlock,
    identity: Identity,
    device_key: SoftwareKey,
    *,
    probe: StepProbe = no_probe,
    cost: KdfCost = STANDARD_COST,
    max_pages: int | None = None,
) -> LocalStore:
    """Make the store of a freshly enrolled laptop and open it.

    The store appears under its name only when it is complete and its key file is durable; whatever an interrupted attempt left
    is replaced. A key file whose store is gone is set aside, never overwritten: attachments may still need it.

    Raises:
        EnvironmentProblem: a store is there already, the certificates don't fit, or disk or keyring are in the way.
        InputError: the PIN or passphrase is too weak.
    """
    path = home / STORE_FILE
    if path.exists():
        raise problems.store_exists(path)
    author = _author(identity, device_key, generate_box_key()[0])
    keys = StoreKeys.generate()
    try:
        make_folder(home)
        for leftover in home.glob(f"{_UNFINISHED}*"):
            leftover.unlink()
        _set_aside(key_file_path(home))
    except OSError as error:
        raise problems.from_os(error, home) from error
    slots = (make_slot(keys, unlock, cost), make_recovery_slot(keys, identity.recovery_public_key))
    _write_new_store(home / _UNFINISHED, keys, author, device_key)
    # Encrypted or not, it is nobody else's; SQLite gives the WAL the same mode.
    (home / _UNFINISHED).chmod(0o600)
    write_key_file(home, KeyFile(device=identity.device, epoch=identity.epoch, slots=slots))
    try:
        (home / _UNFINISHED).rename(path)
        sync_folder(home)
    except OSError as error:
        raise problems.from_os(error, path) from error
    return _open(home, keys, probe, max_pages, author)


def open_store(
    home: Path, unlock: Unlock, clock: Clock, probe: StepProbe = no_probe, *, max_pages: int | None = None
) -> LocalStore:
    """Open the store of this laptop.

    Raises:
        TooSoonError, WrongSecretError, InputError: see ``key_file.unlock_keys``.
        EnvironmentProblem: key file, keyring, or a store that is missing, damaged, newer than the program or in use.
    """
    path = home / STORE_FILE
    if not path.exists() and not key_file_path(home).exists():
        raise problems.store_missing(path)
    return open_with_keys(home, unlock_keys(home, unlock, clock), probe, max_pages=max_pages)


def open_with_keys(
    home: Path, keys: StoreKeys, probe: StepProbe = no_probe, *, max_pages: int | None = None
) -> LocalStore:
    """Open the store with its keys in hand (after ``unlock_keys``, or at recovery). Raises ``EnvironmentProblem``."""
    return _open(home, keys, probe, max_pages, None)


def _open(home: Path, keys: StoreKeys, probe: StepProbe, max_pages: int | None, author: Author | None) -> LocalStore:
    path = home / STORE_FILE
    engine = open_engine(path, keys.database, max_pages=max_pages)
    try:
        _check(engine, path)
        migrate(engine, path)
        if author is None:
            author = _stored_author(engine, path)
        attachments = LocalAttachments(home / ATTACHMENTS_FOLDER, keys.attachment_key, probe)
        attachments.sweep()
        store = LocalStore(engine, path, author, attachments, probe)
        if not has_projections(engine):
            store.rebuild()
    except EngineError as error:
        engine.close()
        raise problems.from_engine(error, path) from error
    except BaseException:
        engine.close()
        raise
    return store


def _check(engine: Engine, path: Path) -> None:
    """Refuse a newer or damaged store before anything is written. Reads every page once, about 3 ms a megabyte."""
    check_version(engine, path)
    # Page HMACs are checked as pages are read through the WAL; the engine's own cipher check looks past the WAL.
    found = str(read_pragma(engine, "quick_check(1)"))
    if found != "ok":
        raise problems.store_damaged(path, found.replace("\n", " "))


def _stored_author(engine: Engine, path: Path) -> Author:
    found = read_identity(engine)
    if found is None:
        raise problems.store_damaged(path, "no identity")
    return _author(*found, _box_key(engine))


def _box_key(engine: Engine) -> bytes:
    """Return the store's box key; one that was made before there were any gets its own now, durably."""
    known = read_box_key(engine)
    if known is not None:
        return known
    made = generate_box_key()[0]
    engine.execute("BEGIN IMMEDIATE")
    write_box_key(engine, made)
    engine.execute("COMMIT")
    return made


def _author(identity: Identity, device_key: SoftwareKey, box_private: bytes) -> Author:
    try:
        roots = TrustStore(identity.root_certificate)
        certificate = roots.verify_device(identity.device_certificate)
        roots.add_device(identity.device_certificate)
    except TrustError as error:
        raise _certificate_wrong(str(error)) from error
    if (certificate.device, certificate.epoch) != (identity.device, identity.epoch):
        raise _certificate_wrong(f"{certificate.device}/{certificate.epoch}")
    if certificate.public_key != device_key.public_key:
        raise _certificate_wrong("key")
    return Author(identity, device_key, roots, box_private)


def _certificate_wrong(detail: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "certificate_wrong",
        Bilingual(
            f"总部发来的证书与本机不符（{detail}）。",
            f"The certificate from headquarters does not fit this laptop ({detail}).",
        ),
        Bilingual("请用新的登记码重新登记。", "Enrol again with a new code."),
    )


def _write_new_store(path: Path, keys: StoreKeys, author: Author, device_key: SoftwareKey) -> None:
    engine = open_engine(path, keys.database, create=True)
    try:
        migrate(engine, path)
        engine.execute("BEGIN IMMEDIATE")
        write_identity(engine, author.identity, device_key, author.box_private)
        create_projections(engine)
        engine.execute("COMMIT")
    except EngineError as error:
        raise problems.from_engine(error, path) from error
    finally:
        # Closing writes the WAL back and removes it, so that the one file is the whole store.
        engine.close()


def _set_aside(key_file: Path) -> None:
    if not key_file.exists():
        return
    number = 1
    while (aside := key_file.with_name(f"{key_file.name}.replaced-{number}")).exists():
        number += 1
    os.replace(key_file, aside)
