"""The port through which the unlock and enrolment screens reach the disk before there is a desk.

Promise: what these screens need before the first paint (``facts``, ``attempts_wait_s``) is quick and light: small files, no keyring,
no cryptography, no network. Everything else is a background job. Importing this module loads neither the desk nor the engine.

Source: design.md "Store"; docs/adr/0095.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from claims.errors import OutpostError

if TYPE_CHECKING:
    from claims.desk import Desk


class LockKind(StrEnum):
    """What the adjuster types: a PIN where the system has a keyring, else the passphrase that the program generated."""

    PIN = "pin"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a kind, not a secret


@dataclass(frozen=True)
class Holder:
    """Somebody who can unlock this laptop. ``name`` is empty where it is not known before unlocking."""

    adjuster: str
    name: str


@dataclass(frozen=True)
class EntranceFacts:
    """What may be shown before unlocking; None and empty texts mean: not known. Instants are UTC.

    ``holders``: who can unlock, the last one first. ``persons``: in the policy extract. ``disk_only``: records that only this disk has,
    as of the last time the card was kept. ``damaged``: shown in place of the PIN.
    """

    enrolled: bool
    version: str
    station: str
    station_name: str
    holders: tuple[Holder, ...]
    now: datetime
    clock_believed: bool
    last_contact_at: datetime | None
    rules_made_at: datetime | None
    rules_version: str
    policies_made_at: datetime | None
    persons: int
    disk_only: int
    hq_url: str
    damaged: OutpostError | None


@dataclass(frozen=True)
class Enrolled:
    """A laptop became a device. ``passphrase``: to be shown once, None where the adjuster chose a PIN."""

    station_name: str
    adjuster_name: str
    passphrase: str | None


class Entrance(Protocol):
    """The door of one laptop."""

    def facts(self) -> EntranceFacts:
        """Return what is known before unlocking. Light: called on the main thread before the first paint."""

    def lock_kind(self) -> LockKind:
        """Ask the keyring, with a time-out: a background job."""

    def attempts_wait_s(self) -> float:
        """Return the seconds until the next try is accepted, 0 if now. Light."""

    def unlock(self, adjuster: str, secret: str) -> Desk:
        """Open the store: a background job. Raises ``OutpostError``; a wrong secret is counted and delays the next try."""

    def enrol(self, hq_url: str, code: str, secret: str | None) -> Enrolled:
        """Make this laptop a device of a headquarters: a background job. Afterwards ``unlock`` works.

        Args:
            hq_url: ``https://host[:port]``.
            code: the one-time code as typed.
            secret: the new PIN; None where ``lock_kind`` is a passphrase: one is generated and returned.

        Raises:
            OutpostError: in words; the same code may be tried again.
        """
