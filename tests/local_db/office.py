"""A headquarters that can sign, a laptop to enrol, a clock to turn and a keyring in memory. Everything else is real."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from claims.ports import StepProbe, no_probe
from claims.statements import AnyStatement, encode_statement
from local_db.identity import Identity
from local_db.key_slots import KdfCost, PinUnlock
from local_db.store import LocalStore, create_store, open_store
from trust.boxes import generate_box_key
from trust.certificates import issue_device, issue_root, issue_service
from trust.keys import SoftwareKey
from trust.statements import sign_statement

DEVICE, EPOCH, STATION = "QX07-D3", 1, "QX07"
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
CHEAP = KdfCost(memory_kib=64, passes=1, lanes=1)
PIN, ADJUSTER = "802417", "A1007"


@dataclass
class TurnableClock:
    """A clock that stands still until it is turned."""

    wall: datetime = NOON
    monotonic: float = 10_000.0

    def utc_now(self) -> datetime:
        return self.wall

    def monotonic_s(self) -> float:
        return self.monotonic

    def pass_s(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.monotonic += seconds


@dataclass
class MemoryVault:
    """A keyring that lives as long as the test."""

    secrets: dict[str, bytes] = field(default_factory=dict)

    def store(self, name: str, secret: bytes) -> None:
        self.secrets[name] = secret

    def fetch(self, name: str) -> bytes | None:
        return self.secrets.get(name)

    def forget(self, name: str) -> None:
        self.secrets.pop(name, None)


class Headquarters:
    """Real keys and certificates; speaks to one device."""

    def __init__(self, device: str = DEVICE, epoch: int = EPOCH) -> None:
        self.root_key, self.service_key, self.device_key = (SoftwareKey.generate() for _ in range(3))
        span = (NOON, NOON + timedelta(days=3650))
        self.root = issue_root("Outpost HQ root", self.root_key, *span)
        self.service = issue_service(self.root, self.root_key, "HQ", self.service_key.public_key, *span)
        certificate = issue_device(self.root, self.root_key, device, epoch, STATION, self.device_key.public_key, *span)
        self.recovery_private, recovery_public = generate_box_key()
        self.identity = Identity(
            device=device,
            epoch=epoch,
            station=STATION,
            station_name="清溪七站",
            adjuster=ADJUSTER,
            adjuster_name="陆怀远",
            company="磐石人寿",
            hotline="95000",
            root_certificate=self.root,
            service_certificate=self.service,
            device_certificate=certificate,
            recovery_public_key=recovery_public,
        )

    def sign(self, statement: AnyStatement) -> bytes:
        body = encode_statement(statement)
        return self.sign_raw(str(statement.__struct_config__.tag), body)

    def sign_raw(self, kind: str, body: bytes) -> bytes:
        return sign_statement(self.service_key, self.service, kind, body)


@dataclass
class Laptop:
    """One laptop's folder with what is needed to open its store."""

    home: Path
    hq: Headquarters
    clock: TurnableClock = field(default_factory=TurnableClock)
    vault: MemoryVault = field(default_factory=MemoryVault)

    def unlock(self, pin: str = PIN) -> PinUnlock:
        return PinUnlock(ADJUSTER, pin, self.vault)

    def create(self, probe: StepProbe = no_probe) -> LocalStore:
        return create_store(self.home, self.unlock(), self.hq.identity, self.hq.device_key, probe=probe, cost=CHEAP)

    def open(self, probe: StepProbe = no_probe, pin: str = PIN, max_pages: int | None = None) -> LocalStore:
        return open_store(self.home, self.unlock(pin), self.clock, probe, max_pages=max_pages)
