"""Devices of one or another headquarters on loopback: real keys, real certificates, real TLS."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import msgspec

from claims.bundles import BundleCarried, HeldBundle
from claims.custody import CUSTODY_KIND, LABEL_KIND, BundleLabel, CustodyReceipt
from claims.errors import Bilingual, EnvironmentProblem, InputError
from sync.lan_carrier import LanCarrier, LanTimeouts, SealedBundle
from sync.lan_channel import OwnIdentity
from sync.lan_hub import LanHub, Wish
from sync.lan_marks import FolderMarks
from sync.lan_server import LanServer, ServerCaps
from sync.lan_spool import PieceSpool
from sync.wire.hub_inputs import Outstanding
from sync.wire.hub_messages import ListedFile, NeighbourRole
from trust.certificates import TrustStore, issue_device, issue_root
from trust.keys import SoftwareKey
from trust.sign1 import take_apart

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
_SPAN = (NOON - timedelta(days=30), NOON + timedelta(days=300))
LOOPBACK = "127.0.0.1"


class Root:
    """One headquarters, as far as devices on the network know it."""

    def __init__(self) -> None:
        self.key = SoftwareKey.generate()
        self.der = issue_root("Outpost HQ root", self.key, *_SPAN)

    def device(self, name: str, epoch: int = 1, key: SoftwareKey | None = None, station: str = "QX07") -> Device:
        """Return a device; ``key`` of another one makes it a copy."""
        key = key or SoftwareKey.generate()
        der = issue_device(self.der, self.key, name, epoch, station, key.public_key, *_SPAN)
        return Device(TrustStore(self.der), der, key)


@dataclass
class Device:
    """One device: what it signs with, and whom it knows to be stopped."""

    roots: TrustStore
    der: bytes
    key: SoftwareKey
    stopped: set[tuple[str, int]] = field(default_factory=set)

    @property
    def own(self) -> OwnIdentity:
        """Return its identity on the network."""
        certificate = self.roots.verify_device(self.der)
        return OwnIdentity(certificate, self.key, self.roots, lambda device, epoch: (device, epoch) in self.stopped)


@dataclass
class Purse:
    """A book of allowances that is a number, and files that are bytes."""

    left_fen: int = 0
    made: list[tuple[str, int, Outstanding]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    def standing(self, pool: str, device: str, epoch: int) -> tuple[int, Sequence[Outstanding]]:  # noqa: ARG002 - one pool only
        return self.left_fen, [each for to, life, each in self.made if (to, life) == (device, epoch)]

    def transfer(self, pool: str, amount_fen: int, device: str, epoch: int) -> bytes:  # noqa: ARG002 - one pool only
        if amount_fen > self.left_fen:
            raise InputError("not_covered", Bilingual("不够", "short"), Bilingual("无", "none"))
        self.left_fen -= amount_fen
        one = Outstanding(
            transfer_id=f"G/{len(self.made) + 1}", amount_fen=amount_fen, transfer=f"{device} {amount_fen}".encode()
        )
        self.made.append((device, epoch, one))
        return one.transfer

    def listed(self, under: str) -> Sequence[ListedFile]:
        return [
            ListedFile(name=name, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
            for name, content in self.files.items()
            if name.startswith(under)
        ]

    def piece(self, sha256: str, offset: int, size: int) -> tuple[int, bytes] | None:
        for content in self.files.values():
            if hashlib.sha256(content).hexdigest() == sha256:
                return len(content), content[offset : offset + size]
        return None


class Shelf:
    """Kept bundles in a folder: what the store's shelf does, for content that nobody sealed. Rows outlive the object."""

    def __init__(self, folder: Path, rows: dict[str, tuple[HeldBundle, bytes]]) -> None:
        self.folder, self.rows = folder, rows
        self.full = False
        folder.mkdir(parents=True, exist_ok=True)

    def held(self) -> Sequence[HeldBundle]:
        return [held for held, _ in self.rows.values()]

    def take(self, label: bytes, source: BinaryIO) -> BundleCarried:
        if self.full:
            raise EnvironmentProblem("shelf_full", Bilingual("满", "full"), Bilingual("无", "none"))
        said = msgspec.json.decode(open_device_statement_body(label), type=BundleLabel)
        content = source.read()
        if hashlib.sha256(content).hexdigest() != said.sha256:
            raise InputError("bundle_differs", Bilingual("不符", "differs"), Bilingual("无", "none"))
        fields = {name: getattr(said, name) for name in said.__struct_fields__}
        held = HeldBundle(**fields, taken_at=NOON, forwarded_at=None)
        receipt = CustodyReceipt(**fields, taken_at=NOON)
        (self.folder / said.bundle_id).write_bytes(content)
        signed = self.sign(CUSTODY_KIND, msgspec.json.encode(receipt))
        self.rows[said.bundle_id] = (held, signed)
        return BundleCarried(held, signed, new=True)

    def answers(self) -> Mapping[tuple[str, int], Path]:
        found = {}
        for path in self.folder.glob("*.answer"):
            device, _, epoch = path.stem.rpartition("-")
            found[device, int(epoch)] = path
        return found

    sign: Callable[[str, bytes], bytes]


def open_device_statement_body(label: bytes) -> bytes:
    """Return what a label says; who signed it was checked before."""
    return take_apart(label, max_bytes=65536).payload


@dataclass
class Disk:
    """What a served device keeps over a restart."""

    folder: Path
    rows: dict[str, tuple[HeldBundle, bytes]] = field(default_factory=dict)


@dataclass
class Serving:
    """A hub or laptop that serves on loopback."""

    device: Device
    hub: LanHub
    server: LanServer
    purse: Purse
    shelf: Shelf
    wishes: list[Wish]
    twins: list[str]

    @property
    def address(self) -> tuple[str, int]:
        return LOOPBACK, self.server.port


@contextmanager
def serving(
    device: Device,
    disk: Disk | Path,
    *,
    role: NeighbourRole = NeighbourRole.HUB,
    purse: Purse | None = None,
    caps: ServerCaps | None = None,
    reserve_bytes: int = 0,
) -> Iterator[Serving]:
    """Serve on loopback until the block ends."""
    purse = purse or Purse()
    wishes: list[Wish] = []
    twins: list[str] = []
    disk = Disk(disk) if isinstance(disk, Path) else disk
    shelf = Shelf(disk.folder / "kept", disk.rows)
    shelf.sign = device.own.sign
    hub = LanHub(
        device.own,
        role,
        shelf=shelf,
        spool=PieceSpool(disk.folder, reserve_bytes=reserve_bytes),
        marks=FolderMarks(disk.folder / "marks"),
        given_away=purse,
        handed_out=purse,
        wish=wishes.append,
    )
    server = LanServer(hub, device.own, host=LOOPBACK, caps=caps, twin=lambda: twins.append("twin"))
    server.start()
    try:
        yield Serving(device, hub, server, purse, shelf, wishes, twins)
    finally:
        server.stop()


def call(device: Device, address: tuple[str, int]) -> LanCarrier:
    """Open a conversation."""
    return LanCarrier(address, device.own, timeouts=LanTimeouts(connect_s=5, answer_s=10))


def bundle_of(device: Device, content: bytes, seq: int = 7, bundle_id: str = "B1") -> SealedBundle:
    """Return a sealed bundle of a device; what is inside is nobody's business here."""
    own = device.own
    label = BundleLabel(
        bundle_id=bundle_id,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        device=own.certificate.device,
        epoch=own.certificate.epoch,
        through_seq=seq,
        digest=hashlib.sha256(f"{own.certificate.device} {seq}".encode()).hexdigest(),
    )
    fields = {name: getattr(label, name) for name in label.__struct_fields__}
    signed = own.sign(LABEL_KIND, msgspec.json.encode(label))
    return SealedBundle(**fields, label=signed, open=lambda: io.BytesIO(content))
