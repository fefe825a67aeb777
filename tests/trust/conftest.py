"""One small authority for all trust tests: a root, a service, two devices and a foreign root with the same names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from trust.certificates import TrustStore, issue_device, issue_root, issue_service
from trust.keys import SoftwareKey
from trust.vouchers import VoucherClaims

NOT_BEFORE = datetime(2026, 11, 22, tzinfo=UTC)
NOT_AFTER = NOT_BEFORE + timedelta(days=3650)
DEVICE, EPOCH, STATION = "QX07-D3", 1, "QX07"


@dataclass(frozen=True)
class Authority:
    """Headquarters as a test sees it."""

    root_key: SoftwareKey
    root: bytes
    service_key: SoftwareKey
    service: bytes
    device_key: SoftwareKey
    device: bytes

    def store(self) -> TrustStore:
        """A fresh store that knows the device."""
        roots = TrustStore(self.root)
        roots.add_device(self.device)
        return roots


def make_authority(seed: int, name: str = "Outpost HQ root") -> Authority:
    root_key, service_key, device_key = (SoftwareKey.from_bytes(bytes([seed + offset]) * 32) for offset in range(3))
    root = issue_root(name, root_key, NOT_BEFORE, NOT_AFTER)
    return Authority(
        root_key,
        root,
        service_key,
        issue_service(root, root_key, "HQ statements", service_key.public_key, NOT_BEFORE, NOT_AFTER),
        device_key,
        issue_device(root, root_key, DEVICE, EPOCH, STATION, device_key.public_key, NOT_BEFORE, NOT_AFTER),
    )


@pytest.fixture(scope="session")
def authority() -> Authority:
    return make_authority(1)


@pytest.fixture(scope="session")
def foreign() -> Authority:
    """The same names under another root key: what a forger can make at home."""
    return make_authority(101)


@pytest.fixture
def roots(authority: Authority) -> TrustStore:
    return authority.store()


@pytest.fixture(scope="session")
def claims() -> VoucherClaims:
    return VoucherClaims(
        voucher_no="QX07-D3-000123-7",
        case_no="C-QX07-D3-000045",
        policy_no="P2021000123456",
        payee="张㛃",
        amount_fen=648_824,
        issued_at=1_795_348_800,
        station=STATION,
        adjuster="A1032",
        pack_hash=hashlib.sha256(b"pack").hexdigest(),
        decision_sha256=hashlib.sha256(b"decision").hexdigest(),
        grants=("G-20261122-0001",),
        counter=123,
    )


def flipped(raw: bytes, bit: int) -> bytes:
    """``raw`` with one bit turned over."""
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
