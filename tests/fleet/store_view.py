"""A simulated laptop's disk as production use cases see a store: short transactions, reads of one moment, and the ports round them.

Promise: what a unit of work did is kept in one durable step of the laptop, where the power may go before or after it; a full disk keeps
nothing. It decides nothing: books, debits and receipts are production code's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from claims import allowances
from claims.allowance_proof import open_transfer
from claims.allowances import Allowance, AllowanceBook
from claims.bundles import BundlesRead, HeldBundle
from claims.custody import CustodyNote
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, EnvironmentProblem
from claims.events import AllowanceReceived, AllowanceTransferred, AnyEvent
from claims.records import AttachmentRef, LogPosition
from sync import bundle_back
from sync.lan_channel import OwnIdentity
from sync.own_chain import own_digest
from tests.fleet.disk import Disk, StoreRefused
from tests.fleet.readings import certificate_of, events_of

if TYPE_CHECKING:
    from tests.fleet.laptop import Laptop


class View:
    """``claims.ports.Reads`` and ``Outbox``, as far as neighbours need them."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def __getattr__(self, name: str) -> Any:
        # Position, commits and what waits: the disk is an outbox itself.
        return getattr(self._disk, name)

    def position(self) -> LogPosition:
        return self._disk.position()

    def attachments_waiting(self) -> Sequence[AttachmentRef]:
        return self._disk.attachments_waiting()

    def allowance_book(self) -> AllowanceBook:
        return self._disk.book

    def allowances(self, pool_starts: Sequence[str] | None = None) -> Sequence[Allowance]:
        starts = tuple(pool_starts or ("",))
        return [each for each in self._disk.book.allowances if str(each.pool).startswith(starts)]

    def transfers_out(self) -> Sequence[AllowanceTransferred]:
        return [event for event in self._told() if isinstance(event, AllowanceTransferred)]

    def transfers_in(self) -> Sequence[AllowanceReceived]:
        return [event for event in self._told() if isinstance(event, AllowanceReceived)]

    def transfer_in(self, transfer_id: str) -> AllowanceReceived | None:
        return next((event for event in self.transfers_in() if event.transfer_id == transfer_id), None)

    def _told(self) -> Iterator[AnyEvent]:
        for commit in self._disk.commits:
            yield from events_of(commit.raw)

    def grant_proof(self, grant_id: str) -> bytes | None:
        return self._disk.proofs.get(grant_id)

    def floor(self, name: str) -> int:
        return self._disk.floors.get(name, 0)

    def time_floor(self) -> datetime | None:
        return self._disk.floor

    def revoked(self) -> bool:
        return self._disk.revoked

    def stopped_device(self, device: str, epoch: int) -> Bilingual | None:
        del device, epoch
        return None

    def held_bundles(self) -> Sequence[HeldBundle]:
        return list(self._disk.shelf.values())

    def custody_notes(self) -> Sequence[CustodyNote]:
        return list(self._disk.custody.values())

    def custody_seq(self) -> int:
        right = (
            note.through_seq
            for note in self._disk.custody.values()
            if own_digest(self._disk, note.through_seq) == note.digest
        )
        return max(right, default=0)


class _Unit(View):
    """One transaction: collected, then kept whole."""

    def __init__(self, laptop: Laptop) -> None:
        super().__init__(laptop.disk)
        self._laptop = laptop
        self._events: list[AnyEvent] = []
        self._book: AllowanceBook | None = None
        self._shelf: list[tuple[str, HeldBundle | None]] = []
        self._notes: list[CustodyNote] = []
        self._floors: dict[str, int] = {}

    def append(self, *events: AnyEvent) -> None:
        self._events += events
        for event in events:
            if isinstance(event, AllowanceReceived):
                proven = open_transfer(event.transfer, self._disk.roots)
                after = allowances.receive(self._disk.book, proven, self._laptop.time())
                assert isinstance(after, AllowanceBook)
                self._book = after

    def note_custody(self, note: CustodyNote) -> None:
        self._notes.append(note)

    def raise_floor(self, name: str, value: int) -> None:
        self._floors[name] = max(value, self._disk.floors.get(name, 0))

    def hold_bundle(self, held: HeldBundle) -> None:
        self._shelf.append((held.bundle_id, held))

    def let_go_bundle(self, bundle_id: str) -> None:
        self._shelf.append((bundle_id, None))

    def note_forwarded(self, bundle_id: str, at: datetime) -> None:
        row = self._disk.shelf[bundle_id]
        self._shelf.append((bundle_id, HeldBundle(**{**vars(row), "forwarded_at": at})))

    def finish(self) -> None:
        """Keep it, or nothing. Raises ``EnvironmentProblem`` where the disk is full."""
        laptop, disk = self._laptop, self._disk
        if self._events:
            try:
                laptop.commit(self._events, book=self._book)
            except StoreRefused as refused:
                raise _full() from refused
        if not (self._shelf or self._notes or self._floors):
            return
        if disk.full:
            raise _full()
        laptop.step("before_rows")
        for bundle_id, row in self._shelf:
            if row is None:
                disk.shelf.pop(bundle_id, None)
            else:
                disk.shelf[bundle_id] = row
                if row.forwarded_at is not None:
                    laptop.world.truth.handed_over(laptop, row)
        for note in self._notes:
            disk.keep_note(note)
            laptop.world.truth.custody_noted(laptop, note)
        disk.floors.update(self._floors)
        laptop.step("after_rows")


class StoreView(View):
    """``local_db.store.LocalStore`` as the shelf, the pusher and the use cases of allowances use it, over the disk of the fast tier."""

    def __init__(self, laptop: Laptop) -> None:
        super().__init__(laptop.disk)
        self._laptop = laptop

    @property
    def signer(self) -> Any:
        return self._disk.key

    @property
    def attachments(self) -> Any:
        return DiskFiles(self._disk)

    @contextmanager
    def read(self) -> Iterator[View]:
        yield self

    @contextmanager
    def write(self) -> Iterator[_Unit]:
        unit = _Unit(self._laptop)
        yield unit
        unit.finish()


class DiskFiles:
    """``claims.ports.Attachments`` over the disk's files."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def get(self, sha256: str) -> bytes:
        return self._disk.files[sha256][0]

    def put(self, content: bytes) -> str:
        raise NotImplementedError(content)

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self._disk.files


class StickReader:
    """``claims.bundles.Bundles`` as far as answers need it."""

    def __init__(self, laptop: Laptop) -> None:
        self._laptop = laptop

    def read(self, place: Path) -> BundlesRead:
        """Take an answer bundle in."""
        from tests.fleet.carriers import LaptopStore

        laptop = self._laptop
        try:
            found = bundle_back.read_answers(
                place,
                store=LaptopStore(laptop),
                outbox=laptop.disk,
                roots=laptop.disk.roots,
                box_private=laptop.disk.box_private,
                probe=laptop.step,
            )
        except StoreRefused as refused:
            raise _full() from refused
        laptop.world.count("answers_by_hub")
        laptop.world.note(f"{laptop.name} answers by the hub: {found.read.outcome}")
        return BundlesRead(read=(found.read,))


def ports_of(laptop: Laptop) -> DeskPorts:
    """Return the ports of a laptop, as far as moving allowances and pushing to neighbours need them."""
    nothing_distributed = SimpleNamespace(stopped_devices=tuple, newest_signed_at=lambda: None)
    return cast(
        DeskPorts,
        SimpleNamespace(
            store=StoreView(laptop),
            rulebook=nothing_distributed,
            identity=laptop.disk.identity,
            signer=laptop.disk.key,
            probe=laptop.step,
            time=laptop.time,
        ),
    )


def own_identity(disk: Disk) -> OwnIdentity:
    """Return who a laptop is on the LAN."""
    return OwnIdentity(certificate_of(disk), disk.key, disk.roots, lambda *_: False)


def _full() -> EnvironmentProblem:
    return EnvironmentProblem("disk_full", Bilingual("磁盘已满。", "The disk is full."), Bilingual("", ""))
