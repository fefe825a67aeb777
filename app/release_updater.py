"""Brings what headquarters distributes onto this laptop, from any source: headquarters, a hub, a stick.

Promise: what was verified is put into use, all of it or item by item, never half an item; what can't be had now leaves the item before it in
use, with the dates it had. A power cut at any point costs at most what was under way. The floors in the encrypted store rise before anything
new is used, so that nothing older is taken afterwards, whatever happens to the files.

Source: docs/adr/0150, docs/adr/0151.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from app.release_mirror import station_keys, write_mirror
from claims.distributed import CATASTROPHE, DUPLICATES, EXTRACT, PACK, REVOCATIONS
from claims.distribution import ReleasesTaken
from claims.errors import Bilingual, EnvironmentProblem, InputError, OutpostError
from claims.ports import SIGNED_TIME, Clock, StepProbe, no_probe
from claims.trusted_time import trusted_time
from local_db.durable_files import make_folder, write_durably
from local_db.extract.search import LocalExtract
from local_db.extract.shards import (
    ProvedManifest,
    ShardFolder,
    apply_manifests,
    manifests_in_use,
    read_manifest,
)
from local_db.release_shelf import ReleaseShelf, release_floor
from local_db.store import LocalStore
from local_db.store_keys import EngineKey
from sync.problems import LinkProblem
from sync.tuf_fetch import fetch_shards, fetch_target
from sync.tuf_sources import FolderSource, TufSource
from sync.tuf_targets import OF_STATION, TIMESTAMP, TUF, keys_path
from sync.tuf_verified import ListedTarget, VerifiedTargets
from sync.wire.faults import LinkFault
from trust.certificates import TrustStore
from trust.errors import TrustError
from trust.releases import ReleaseRecord
from trust.shards import open_shard_keys

_logger = logging.getLogger(__name__)
_ON_THE_SHELF = (REVOCATIONS, CATASTROPHE, PACK, DUPLICATES)
_MAX_KEYS_BYTES = 1024 * 1024
_KEYS, _MANIFESTS = "keys.box", "manifests"
_TAKEN = "taken"
"""Beside the roles: the timestamp up to which nothing is left to fetch."""


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update brought: the newest version by name (``pack``, ``extract/region-990100``), bytes fetched, and what stood in the way."""

    timestamp_version: int
    installed: Mapping[str, int]
    fetched_bytes: int
    problems: tuple[OutpostError, ...]


class ReleaseUpdater:
    """Updates one laptop, from any thread; one update waits for the other: the metadata folder belongs to whoever updates."""

    def __init__(
        self,
        *,
        store: LocalStore,
        roots: TrustStore,
        clock: Clock,
        shelf: ReleaseShelf,
        extract: LocalExtract,
        extract_folder: Path,
        extract_key: EngineKey,
        metadata_folder: Path,
        downloads: Path,
        mirror: Path | None = None,
        probe: StepProbe = no_probe,
    ) -> None:
        """Work over these parts; ``mirror``: where to lay out what was taken in for neighbours (``app.release_mirror``)."""
        self._store, self._roots, self._clock, self._shelf = store, roots, clock, shelf
        self._extract, self._extract_folder, self._extract_key = extract, extract_folder, extract_key
        self._metadata_folder, self._downloads, self._probe = metadata_folder, downloads, probe
        self._mirror = mirror
        self._one = threading.Lock()

    def taken_before(self) -> int:
        """Return the version of the newest timestamp of which everything was taken in, 0 before the first or when something can't be read now."""
        try:
            self._shelf.installed_pack()
            self._shelf.catastrophes()
            self._extract.header()
        except EnvironmentProblem:
            return 0
        return self._seen(_TAKEN) if self._is_laid_out() else 0

    def _is_laid_out(self) -> bool:
        """Whether neighbours find something here; where nothing was ever taken in there is nothing to find."""
        return self._mirror is None or not self._seen(_TAKEN) or (self._mirror / TIMESTAMP).is_file()

    def take(self, source: TufSource) -> bool:
        """Take in what a source distributes; say whether anything new was installed. Raises as ``update``, and its first problem."""
        updated = self.update(source)
        if updated is not None and updated.problems:
            raise updated.problems[0]
        return updated is not None and updated.fetched_bytes > 0

    def update(self, source: TufSource, arrived: Callable[[int], None] = lambda size: None) -> Updated | None:  # noqa: ARG005 - the port's shape
        """Ask a source what is current and take it in; None when it holds no repository.

        Args:
            source: where from.
            arrived: called with the bytes that came, piece by piece.

        Raises:
            LinkProblem, EnvironmentProblem: nothing is known or proved; what is installed stays in use.
        """
        with self._one:
            return self._update(source, arrived)

    def _update(self, source: TufSource, arrived: Callable[[int], None]) -> Updated | None:
        # Here, because the window must not wait for python-tuf when it opens.
        from sync.tuf_client import refresh  # noqa: PLC0415

        for folder in (self._metadata_folder, self._extract_folder / _MANIFESTS):
            make_folder(folder)
        verified = refresh(
            source,
            self._metadata_folder,
            self._roots,
            at=trusted_time(self._clock.utc_now(), self._floor()).at,
            seen=self._seen,
        )
        if verified is None:
            return None
        self._probe("releases.metadata_verified")
        with self._store.write() as uow:
            for role, version in verified.versions.items():
                uow.raise_floor(_role_floor(role), version)
            uow.raise_floor(SIGNED_TIME, int(verified.issued_at.timestamp() * 1_000_000))
        return _Update(self, source, verified, arrived).run()

    def _floor(self) -> datetime | None:
        with self._store.read() as reads:
            return reads.time_floor()

    def _seen(self, role: str) -> int:
        with self._store.read() as reads:
            return reads.floor(_role_floor(role))


class _Update:
    """One update's memory."""

    def __init__(
        self, owner: ReleaseUpdater, source: TufSource, verified: VerifiedTargets, arrived: Callable[[int], None]
    ) -> None:
        self._owner, self._source, self._verified, self._arrived = owner, source, verified, arrived
        self._shelf, self._store = owner._shelf, owner._store
        self._problems: list[OutpostError] = []
        self._fetched = 0

    def run(self) -> Updated:
        """Take in what is listed, the small and weighty first; put it into use; then raise if the link went away."""
        records: list[ReleaseRecord] = []
        link: LinkProblem | None = None
        for kind in _ON_THE_SHELF:
            for target in self._verified.of(kind):
                try:
                    records.append(self._on_the_shelf(target))
                except OutpostError as problem:
                    records += self._as_before(kind, target.note.name)
                    link = self._note(problem) or link
        self._settle(records, self._extracts_before())
        try:
            extracts = self._extracts()
        except OutpostError as problem:
            link = self._note(problem) or link
        else:
            self._settle(records, extracts)
        if link is not None:
            raise link
        # First: a power cut in between has it laid out with the next sync instead of with the next timestamp.
        self._lay_out()
        if not self._problems:
            with self._store.write() as uow:
                uow.raise_floor(_role_floor(_TAKEN), self._verified.versions["timestamp"])
        proved = self._shelf.proved()
        return Updated(
            timestamp_version=self._verified.versions["timestamp"],
            installed={_named(each): each.version for each in (() if proved is None else proved.records)},
            fetched_bytes=self._fetched,
            problems=tuple(self._problems),
        )

    def _note(self, problem: OutpostError) -> LinkProblem | None:
        """Keep a problem for the report; return it when it is the link's, so that the rest is tried again later."""
        if isinstance(problem, LinkProblem) and problem.fault is not LinkFault.RELEASE_REFUSED:
            return problem
        self._problems.append(problem)
        return None

    def _on_the_shelf(self, target: ListedTarget) -> ReleaseRecord:
        record = self._verified.record(target)
        if record.version < self._shelf.least_version(record.kind):
            raise _older(record)
        if not self._shelf.has_blob(record):
            content = fetch_target(self._source, target, self._owner._downloads)
            self._came(len(content))
            self._shelf.put_blob(record, content)
            self._owner._probe("releases.blob_kept")
        return record

    def _as_before(self, kind: str, name: str) -> Sequence[ReleaseRecord]:
        try:
            proved = self._shelf.proved()
        except EnvironmentProblem:
            return ()
        return () if proved is None else tuple(each for each in proved.of(kind) if each.name == name)

    def _extracts_before(self) -> Sequence[ReleaseRecord]:
        """The extracts in use, with today's dates where they are what is listed today."""
        in_use = manifests_in_use(self._owner._extract_folder)
        listed = {target.note.name: target for target in self._mine()}
        found: list[ReleaseRecord] = []
        for scope, sha256 in in_use.items():
            target = listed.get(scope)
            if target is not None and target.sha256 == sha256:
                found.append(self._verified.record(target))
            else:
                found += self._as_before(EXTRACT, scope)
        return found

    def _mine(self) -> Sequence[ListedTarget]:
        station = self._store.identity.station
        return [each for each in self._verified.of(EXTRACT) if not each.note.stations or station in each.note.stations]

    def _extracts(self) -> Sequence[ReleaseRecord]:
        """Put the extracts for this station into use; return their records."""
        folder, listed = self._owner._extract_folder, self._mine()
        in_use = manifests_in_use(folder)
        if not listed and not in_use:
            return ()  # a headquarters that cuts no extracts yet; a whole one of before stays
        again = not self._readable()
        if not again and in_use == {target.note.name: target.sha256 for target in listed}:
            return [self._verified.record(target) for target in listed]
        shards = ShardFolder(folder)
        wanted: list[ProvedManifest] = []
        for target in listed:
            self._check_floor(target)
            proved = read_manifest(self._manifest(target), target.note.name, target.note.version)
            self._fetched += fetch_shards(
                self._source, shards.missing(proved.manifest), shards.put, arrived=self._arrived
            )
            wanted.append(proved)
            self._owner._probe("releases.shards_kept")
        keys = self._keys(wanted)
        apply_manifests(folder, self._owner._extract_key, wanted, keys, again=again, probe=self._owner._probe)
        with self._store.write() as uow:
            for target in listed:
                uow.raise_floor(_scope_floor(target.note.name), target.note.version)
        for path in (folder / _MANIFESTS).iterdir():
            if path.name not in {target.sha256 for target in listed}:
                path.unlink(missing_ok=True)
        return [self._verified.record(target) for target in listed]

    def _check_floor(self, target: ListedTarget) -> None:
        with self._store.read() as reads:
            if target.note.version < reads.floor(_scope_floor(target.note.name)):
                raise _older(self._verified.record(target))

    def _readable(self) -> bool:
        try:
            self._owner._extract.header()
        except EnvironmentProblem:
            return False
        return True

    def _manifest(self, target: ListedTarget) -> bytes:
        path = self._owner._extract_folder / _MANIFESTS / target.sha256
        content = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(content).hexdigest() != target.sha256:
            content = fetch_target(self._source, target, self._owner._downloads)
            self._came(len(content))
            write_durably(path, content)
        return content

    def _keys(self, wanted: Sequence[ProvedManifest]) -> Mapping[str, bytes]:
        """Return the extracts' keys: those kept here where they suffice, else those that the source has for this laptop."""
        needed = {shard.key_id for each in wanted for shard in (*each.manifest.base, *each.manifest.delta)}
        path = self._owner._extract_folder / _KEYS
        kept = self._opened(path.read_bytes()) if path.exists() else {}
        if needed <= kept.keys():
            return kept
        identity = self._store.identity
        raw = self._source.read(keys_path(identity.device, identity.epoch), _MAX_KEYS_BYTES)
        found = {} if raw is None else self._opened(raw)
        if raw is not None and needed <= found.keys():
            write_durably(path, raw)
        return {**kept, **found}

    def _opened(self, raw: bytes) -> dict[str, bytes]:
        identity = self._store.identity
        try:
            return open_shard_keys(self._store.box_private, identity.device, identity.epoch, raw)
        except TrustError:
            # Another life's keys, or damaged on the way: as good as none.
            return {}

    def _lay_out(self) -> None:
        """Lay out what was taken in for neighbours; a disk that has no room for it keeps this laptop's own."""
        mirror, folder = self._owner._mirror, self._owner._extract_folder
        if mirror is None:
            return
        identity = self._store.identity
        raw = self._source.read(f"keys/{OF_STATION}{identity.station}", _MAX_KEYS_BYTES)
        own = folder / _KEYS
        try:
            others = {} if raw is None else msgspec.msgpack.decode(raw, type=dict[str, bytes])
            keys = station_keys((identity.device, identity.epoch), own.read_bytes() if own.exists() else None, others)
            write_mirror(
                mirror,
                self._verified,
                metadata=self._owner._metadata_folder,
                blobs=self._shelf.folder,
                manifests=folder / _MANIFESTS,
                shards=folder / "shards",
                keys=keys,
            )
        except (OSError, msgspec.DecodeError) as problem:
            _logger.warning("nothing laid out for neighbours: %s", problem)

    def _settle(self, records: Sequence[ReleaseRecord], extracts: Sequence[ReleaseRecord]) -> None:
        self._shelf.settle((*records, *extracts), self._verified.issued_at)
        self._owner._probe("releases.in_use")
        with self._store.write() as uow:
            for record in records:
                uow.raise_floor(release_floor(record.kind), record.version)

    def _came(self, size: int) -> None:
        self._fetched += size
        self._arrived(size)


class StickFolder:
    """Takes releases from a stick (``claims.distribution.ReleaseFolder``)."""

    def __init__(self, updater: ReleaseUpdater) -> None:
        self._updater = updater

    def take(self, folder: Path) -> ReleasesTaken:
        """See ``ReleaseFolder.take``."""
        taken = self._updater.update(FolderSource(folder))
        if taken is None:
            raise InputError(
                "stick_empty",
                Bilingual(f"{folder} 里没有总部的规则和资料。", f"There is nothing of headquarters in {folder}."),
                Bilingual("请选总部做的优盘。", "Choose a stick that headquarters made."),
            )
        return ReleasesTaken(installed=taken.installed, problems=taken.problems)


def _role_floor(role: str) -> str:
    return release_floor(f"{TUF}:{role}")


def _scope_floor(scope: str) -> str:
    return release_floor(f"{EXTRACT}/{scope}")


def _named(record: ReleaseRecord) -> str:
    return f"{record.kind}/{record.name}" if record.kind == EXTRACT else record.kind


def _older(record: ReleaseRecord) -> EnvironmentProblem:
    return EnvironmentProblem(
        "release_rollback",
        Bilingual(
            f"收到的{_named(record)}第 {record.version} 版比已安装的旧，没有采用。",
            f"Version {record.version} of {_named(record)} is older than the one installed and was not taken.",
        ),
        Bilingual("已装好的照常使用。请联系总部。", "What is installed stays in use. Call headquarters."),
        retryable=False,
    )
