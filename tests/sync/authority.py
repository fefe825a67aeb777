"""Headquarters' keys and certificates for tests: a real root, a real service below it, real device certificates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec

from claims.statements import Statement
from sync.wire.messages import WireMessage
from trust.certificates import TrustStore, issue_device, issue_root, issue_service, issue_tls
from trust.keys import SoftwareKey
from trust.statements import sign_statement

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
NOT_BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
NOT_AFTER = datetime(2099, 1, 1, tzinfo=UTC)


class Authority:
    """Whoever holds a root key. ``HONEST`` is the laptops' headquarters; any other instance is a stranger."""

    def __init__(self, name: str) -> None:
        self.root_key = SoftwareKey.generate()
        self.root_der = issue_root(name, self.root_key, NOT_BEFORE, NOT_AFTER)
        self.service_key = SoftwareKey.generate()
        self.service_der = issue_service(
            self.root_der, self.root_key, f"{name} service", self.service_key.public_key, NOT_BEFORE, NOT_AFTER
        )

    def roots(self) -> TrustStore:
        """A laptop's view: the root and nothing else."""
        return TrustStore(self.root_der)

    def device(self, device: str, epoch: int, public_key: bytes) -> bytes:
        """Return a device certificate."""
        return issue_device(self.root_der, self.root_key, device, epoch, "QX07", public_key, NOT_BEFORE, NOT_AFTER)

    def tls(self, *hosts: str) -> tuple[bytes, bytes]:
        """Return a TLS server's certificate and key, PEM."""
        return issue_tls(self.root_der, self.root_key, hosts, NOT_BEFORE, NOT_AFTER)

    def sign(self, message: WireMessage | Statement) -> bytes:
        """Return a signed statement."""
        kind = type(message).__struct_config__.tag
        assert isinstance(kind, str)
        return sign_statement(self.service_key, self.service_der, kind, msgspec.json.encode(message))


@cache
def honest() -> Authority:
    """The headquarters whose root the laptops hold. Made once: keys cost time, not meaning."""
    return Authority("Outpost test root")


@cache
def stranger() -> Authority:
    """Somebody else with the same tools."""
    return Authority("Somebody else")


def later(minutes: int) -> datetime:
    """A time after ``NOON``."""
    return NOON + timedelta(minutes=minutes)
