"""Joins sync with the store, the files and the shelf of releases: what ``Desk.sync`` runs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from app.release_updater import ReleaseUpdater
from claims.errors import EnvironmentProblem, OutpostError
from claims.own_disk import DiskFault, mark_disk
from claims.ports import SIGNED_TIME, Clock, StepProbe
from claims.synchronising import SyncHandle, SyncProgressed, SyncReport, TransferProgressed
from local_db.bundle_shelf import LocalBundleShelf
from local_db.extract.apply import apply_extract
from local_db.extract.search import LocalExtract
from local_db.release_shelf import CATASTROPHE, EXTRACT, PACK, ReleaseShelf, release_floor
from local_db.store import LocalStore
from local_db.store_keys import EngineKey
from sync.carrier_http import HttpCarrier, HttpReleaseSource
from sync.control import SyncControl
from sync.cycle import SyncProgress, SyncSummary, sync_once
from sync.held_bundles import HandedOver, hand_over
from sync.link_memory import after_cycle, due_in_s, start_window
from sync.problems import LinkProblem
from sync.releases import download_release
from sync.tuf_sources import CarrierSource
from sync.tuf_targets import TUF
from sync.wire.faults import LinkFault
from trust.certificates import TrustStore

HEADQUARTERS = "headquarters"
"""Name of the way by HTTP in what is remembered of lines."""


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
        updater: ReleaseUpdater,
        probe: StepProbe,
        wait: Callable[[float], None] | None = None,
        carried: LocalBundleShelf | None = None,
    ) -> None:
        """Work over these parts; ``wait`` replaces waiting between tries (None: really wait, and wake up for control)."""
        self._open_carrier = open_carrier
        self._wait = wait
        self._carried = carried
        self._store, self._roots, self._clock = store, roots, clock
        self._shelf, self._downloads, self._probe = shelf, downloads, probe
        self._extract, self._extract_folder, self._extract_key = extract, extract_folder, extract_key
        self._updater = updater

    def handle(self) -> SyncControl:
        """Make a handle for one cycle."""
        return SyncControl()

    def run(
        self,
        *,
        money_only: bool,
        progress: Callable[[SyncProgressed], None],
        control: SyncHandle | None = None,
        byte_budget: int | None = None,
    ) -> SyncReport:
        """Run one cycle. Raises ``TypeError`` for a handle that ``handle`` did not make."""
        if control is not None and not isinstance(control, SyncControl):
            raise TypeError(type(control).__name__)
        carrier = self._open_carrier()
        with self._store.read() as reads:
            remembered = reads.link(HEADQUARTERS)
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
                start_window=start_window(remembered),
                accepts=remembered.accepts,
                byte_budget=byte_budget,
            )
            over = self._hand_over(carrier, money_only=money_only or summary.problem is not None)
        finally:
            carrier.close()
        after = after_cycle(remembered, summary, self._clock.utc_now(), secrets.token_hex(8))
        if (
            after.set_aside
            or after.failures
            or remembered.set_aside
            or remembered.failures
            or (after.window, after.accepts) != (remembered.window, remembered.accepts)
        ):
            # On a full disk the cycle's own problem is the one to tell.
            with suppress(EnvironmentProblem), self._store.write() as uow:
                uow.keep_link(HEADQUARTERS, after)
        problem = summary.problem
        try:
            self._keep_signed_words(summary)
        except EnvironmentProblem as refused:
            # Told like any end of a cycle; headquarters says both again at the next sync.
            problem = problem or refused
        return SyncReport(
            events_sent=summary.events_sent,
            event_bytes=summary.event_bytes,
            chunk_bytes=summary.chunk_bytes,
            wire_bytes=summary.wire_bytes,
            statements_received=summary.statements_received,
            rejected=summary.rejected,
            problem=problem,
            carried=over.bundles,
            answers_carried=over.answers,
            files_left=summary.files_left,
            bytes_left=summary.bytes_left,
            budget_spent=summary.budget_spent,
            set_aside=after.set_aside,
            carry_problem=over.problem,
        )

    def _keep_signed_words(self, summary: SyncSummary) -> None:
        """Keep what headquarters' signed answers say of this disk and of the time. Raises ``EnvironmentProblem``."""
        fault = _disk_fault(summary.problem)
        if fault is not None:
            # From now on this disk promises nothing, link or no link.
            with self._store.write() as uow:
                mark_disk(uow, fault)
        if summary.hq_time is not None:
            with self._store.write() as uow:
                uow.raise_floor(SIGNED_TIME, int(summary.hq_time.timestamp() * 1_000_000))

    def due_in_s(self) -> float:
        """Return the seconds until the program should sync by itself again, across restarts; a person need not ask here."""
        with self._store.read() as reads:
            return due_in_s(reads.link(HEADQUARTERS), self._clock.utc_now())

    def _hand_over(self, carrier: HttpCarrier, *, money_only: bool) -> HandedOver:
        """Hand colleagues' bundles over once this laptop's own work is through."""
        if self._carried is None or money_only:
            return HandedOver()
        identity = self._store.identity
        try:
            return hand_over(
                carrier, self._carried, self._roots, device=identity.device, epoch=identity.epoch, probe=self._probe
            )
        except EnvironmentProblem as problem:
            return HandedOver(problem=problem)

    def held(self) -> Mapping[str, int]:
        """Return what is installed and can be read, by kind. An extract that can't be read counts as none: it is fetched again."""
        held = {kind: self._shelf.floor(kind) for kind in (PACK, CATASTROPHE, EXTRACT)}
        held[TUF] = self._updater.taken_before()
        try:
            readable = self._extract.header() is not None
        except EnvironmentProblem:
            readable = False
        return held if readable else held | {EXTRACT: 0}

    def update(self, carrier: HttpCarrier) -> bool:
        """Take in everything that headquarters distributes by TUF; False for a headquarters of before, which does not."""
        updated = self._updater.update(CarrierSource(carrier))
        if updated is not None and updated.problems:
            raise updated.problems[0]
        return updated is not None

    def install(self, carrier: HttpCarrier, kind: str) -> None:
        """Download, verify and install the newest release of a kind from a headquarters of before TUF; an unknown kind is left alone."""
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
        self._by_tuf: bool | None = None

    def held(self) -> Mapping[str, int]:
        return self._owner.held()

    def install(self, kind: str, version: int) -> None:  # noqa: ARG002 - the newest is fetched; its record names the version
        if self._by_tuf is None:
            self._by_tuf = self._owner.update(self._carrier)
        if not self._by_tuf:
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
        quiet_s=progress.quiet_s,
        transfers=tuple(
            TransferProgressed(
                each.kind.value, each.items_done, each.items_total, each.bytes_done, each.bytes_total, each.left_s
            )
            for each in progress.transfers
        ),
    )


def _disk_fault(problem: OutpostError | None) -> DiskFault | None:
    """Return what a sync's end says about this disk, None where it says nothing against it."""
    if not isinstance(problem, LinkProblem):
        return None
    return {LinkFault.RESTORED: DiskFault.RESTORED, LinkFault.FORKED: DiskFault.COPIED}.get(problem.fault)
