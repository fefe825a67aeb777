"""Joins sync with the store, the files and the shelf of releases: what ``Desk.sync`` runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from claims.errors import EnvironmentProblem
from claims.ports import SIGNED_TIME, Clock, StepProbe
from claims.synchronising import SyncHandle, SyncProgressed, SyncReport
from local_db.extract.apply import apply_extract
from local_db.extract.search import LocalExtract
from local_db.release_shelf import CATASTROPHE, EXTRACT, PACK, ReleaseShelf, release_floor
from local_db.store import LocalStore
from local_db.store_keys import EngineKey
from sync.carrier_http import HttpCarrier, HttpReleaseSource
from sync.control import SyncControl
from sync.cycle import SyncProgress, sync_once
from sync.releases import download_release
from trust.certificates import TrustStore


class HttpSynchroniser:
    """Sync over HTTP (``claims.synchronising.Synchroniser``)."""

    def __init__(
        self,
        *,
        open_carrier: Callable[[], HttpCarrier],
        store: LocalStore,
        roots: TrustStore,
        clock: Clock,
        shelf: ReleaseShelf,
        extract: LocalExtract,
        extract_folder: Path,
        extract_key: EngineKey,
        downloads: Path,
        probe: StepProbe,
        wait: Callable[[float], None] | None = None,
    ) -> None:
        """Work over these parts; ``wait`` replaces waiting between tries (None: really wait, and wake up for control)."""
        self._open_carrier = open_carrier
        self._wait = wait
        self._store, self._roots, self._clock = store, roots, clock
        self._shelf, self._downloads, self._probe = shelf, downloads, probe
        self._extract, self._extract_folder, self._extract_key = extract, extract_folder, extract_key

    def handle(self) -> SyncControl:
        """Make a handle for one cycle."""
        return SyncControl()

    def run(
        self, *, money_only: bool, progress: Callable[[SyncProgressed], None], control: SyncHandle | None = None
    ) -> SyncReport:
        """Run one cycle. Raises ``TypeError`` for a handle that ``handle`` did not make."""
        if control is not None and not isinstance(control, SyncControl):
            raise TypeError(type(control).__name__)
        carrier = self._open_carrier()
        try:
            summary = sync_once(
                carrier=carrier,
                store=self._store,
                outbox=self._store,
                attachments=self._store.attachments,
                roots=self._roots,
                clock=self._clock,
                releases=_Installer(self, carrier),
                money_only=money_only,
                control=control,
                progress=lambda each: progress(_progressed(each)),
                probe=self._probe,
                wait=self._wait,
            )
        finally:
            carrier.close()
        if summary.hq_time is not None:
            with self._store.write() as uow:
                uow.raise_floor(SIGNED_TIME, int(summary.hq_time.timestamp() * 1_000_000))
        return SyncReport(
            events_sent=summary.events_sent,
            event_bytes=summary.event_bytes,
            chunk_bytes=summary.chunk_bytes,
            wire_bytes=summary.wire_bytes,
            statements_received=summary.statements_received,
            rejected=summary.rejected,
            problem=summary.problem,
        )

    def held(self) -> Mapping[str, int]:
        """Return what is installed and can be read, by kind. An extract that can't be read counts as none: it is fetched again."""
        held = {kind: self._shelf.floor(kind) for kind in (PACK, CATASTROPHE, EXTRACT)}
        try:
            readable = self._extract.header() is not None
        except EnvironmentProblem:
            readable = False
        return held if readable else held | {EXTRACT: 0}

    def install(self, carrier: HttpCarrier, kind: str) -> None:
        """Download, verify and install the newest release of a kind; a kind this version does not know is left alone."""
        if kind not in (PACK, CATASTROPHE, EXTRACT):
            return
        source = HttpReleaseSource(carrier, self._roots)
        found = download_release(
            source, kind, self._downloads, self._roots, floor_version=self._shelf.least_version(kind)
        )
        if found is None:
            return
        if kind == EXTRACT:
            with found.path.open("rb") as stream:
                apply_extract(stream, self._extract_folder, self._extract_key)
            self._shelf.note(found.raw_record)
        else:
            self._shelf.take(found.raw_record, found.path.read_bytes())
        with self._store.write() as uow:
            uow.raise_floor(release_floor(kind), found.record.version)
        found.path.unlink(missing_ok=True)


class _Installer:
    """``sync.cycle.ReleaseShelf`` for one carrier."""

    def __init__(self, owner: HttpSynchroniser, carrier: HttpCarrier) -> None:
        self._owner, self._carrier = owner, carrier

    def held(self) -> Mapping[str, int]:
        return self._owner.held()

    def install(self, kind: str, version: int) -> None:  # noqa: ARG002 - the newest is fetched; its record names the version
        self._owner.install(self._carrier, kind)


def _progressed(progress: SyncProgress) -> SyncProgressed:
    return SyncProgressed(
        phase=progress.phase.value,
        events_done=progress.events_done,
        events_total=progress.events_total,
        bytes_done=progress.file_bytes_done,
        bytes_total=progress.file_bytes_total,
        retry_in_s=progress.retry_in_s,
        rate_bytes_s=progress.rate_bytes_s,
    )
