"""What the desk asks of sync, and what it is told when a sync has ended. The carriers live on floor 2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from claims.errors import OutpostError


@dataclass(frozen=True)
class SyncProgressed:
    """How far a sync is: bytes and events done of what is known to be due. ``retry_in_s`` is set while it waits.

    ``rate_bytes_s`` is the mean so far, 0 before anything moved.
    """

    phase: str
    events_done: int
    events_total: int
    bytes_done: int
    bytes_total: int
    retry_in_s: float | None
    rate_bytes_s: float = 0.0


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


class SyncHandle(Protocol):
    """Steers one sync from any thread; every method returns at once, the sync obeys between two requests."""

    def pause(self) -> None:
        """Ask nothing more of headquarters; what is under way runs out."""

    def resume(self) -> None:
        """Go on at once."""

    def money_only(self) -> None:
        """Leave files for a later sync."""

    def cancel(self) -> None:
        """Stop; what headquarters acknowledged stays acknowledged."""


class Synchroniser(Protocol):
    """Runs one sync."""

    def handle(self) -> SyncHandle:
        """Make a handle for one sync."""

    def run(
        self, *, money_only: bool, progress: Callable[[SyncProgressed], None], control: SyncHandle | None = None
    ) -> SyncReport:
        """Run to the end; never raises for the link. ``control`` was made by ``handle`` and steers this sync only."""
