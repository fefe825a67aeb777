"""Until when this laptop's certificate holds: afterwards headquarters enrols it again."""

from __future__ import annotations

from datetime import datetime

from claims.station import StationIdentity
from trust.certificates import read_device_certificate


def certificate_until(identity: StationIdentity) -> datetime:
    """Return the last instant (UTC) at which the device certificate is valid."""
    return read_device_certificate(identity.device_certificate).not_after
