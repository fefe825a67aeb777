"""What the desk asks of sync, and what it is told when a sync has ended. The carriers live on floor 2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from claims.errors import OutpostError


@dataclass(frozen=True)
class SyncProgressed:
    """How far a sync is: bytes and events done of what is known to be due. ``retry_in_s`` is set while it waits."""

    phase: str
    events_done: int
    events_total: int
    bytes_done: int
    bytes_total: int
    retry_in_s: float | None


@dataclass(frozen=True)
class SyncReport:
    """How a sync ended. ``problem`` None means that everything asked for is done and signed for by headquarters.

    ``event_bytes`` and ``chunk_bytes`` are bodies sent; both are 0 when headquarters already held everything.
    """

    events_sent: int
    event_bytes: int
    chunk_bytes: int
    wire_bytes: int
    statements_received: int
    rejected: int
    problem: OutpostError | None


class Synchroniser(Protocol):
    """Runs one sync."""

    def run(self, *, money_only: bool, progress: Callable[[SyncProgressed], None]) -> SyncReport:
        """Run to the end; never raises for the link."""
