"""What the desk asks of sync, and what it is told when a sync has ended. The carriers live on floor 2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from claims.errors import OutpostError
from claims.link_records import SetAsideFile


@dataclass(frozen=True)
class TransferProgressed:
    """How far one kind of thing is. ``kind``: ``log`` (items are its entries, bytes an estimate), ``papers``, ``thumbnails``, ``photos``.

    ``left_s``: until this kind is through, what goes before it included; None where no honest figure can be given.
    """

    kind: str
    items_done: int
    items_total: int
    bytes_done: int
    bytes_total: int
    left_s: float | None


@dataclass(frozen=True)
class SyncProgressed:
    """How far a sync is: bytes and events done of what is known to be due. ``retry_in_s`` is set while it waits.

    ``rate_bytes_s`` is the line's over the last seconds, 0 before anything moved; ``quiet_s``: nothing has moved for so long, 0.0 while it does.
    ``transfers``: the same by kind (log, papers, thumbnails, photos), in the order of sending.
    """

    phase: str
    events_done: int
    events_total: int
    bytes_done: int
    bytes_total: int
    retry_in_s: float | None
    rate_bytes_s: float = 0.0
    quiet_s: float = 0.0
    transfers: tuple[TransferProgressed, ...] = ()


@dataclass(frozen=True)
class SyncReport:
    """How a sync ended. ``problem`` None means that everything asked for is done and signed for by headquarters.

    ``event_bytes`` and ``chunk_bytes`` are bodies sent; both are 0 when headquarters already held everything. ``carried`` counts colleagues'
    bundles that headquarters took on the way, ``answers_carried`` the sealed answers that came for them.
    """

    events_sent: int
    event_bytes: int
    chunk_bytes: int
    wire_bytes: int
    statements_received: int
    rejected: int
    problem: OutpostError | None
    carried: int = 0
    answers_carried: int = 0
    carry_problem: OutpostError | None = None
    """What stood in the way of handing over colleagues' bundles; this laptop's own work is judged by ``problem`` alone."""
    files_left: int = 0
    bytes_left: int = 0
    """For another sync: because of "money only", a byte budget (then ``budget_spent``) or a problem."""
    budget_spent: bool = False
    set_aside: tuple[SetAsideFile, ...] = ()
    """Files that a person must see to; the others went on. They are tasks, too."""


class SyncHandle(Protocol):
    """Steers one sync from any thread; every method returns at once, the sync obeys between two requests."""

    def pause(self) -> None:
        """Ask nothing more of headquarters; what is under way runs out."""

    def resume(self) -> None:
        """Go on at once."""

    def money_only(self) -> None:
        """Leave files for a later sync."""

    def byte_budget(self, most_bytes: int | None) -> None:
        """Bound this sync's bytes, counted from its start; None takes the bound away. What is left is told at the end."""

    def cancel(self) -> None:
        """Stop; what headquarters acknowledged stays acknowledged."""


class Synchroniser(Protocol):
    """Runs one sync."""

    def due_in_s(self) -> float:
        """Return the seconds until the program should sync by itself again, across restarts; a person need not ask here."""

    def handle(self) -> SyncHandle:
        """Make a handle for one sync."""

    def run(
        self,
        *,
        money_only: bool,
        progress: Callable[[SyncProgressed], None],
        control: SyncHandle | None = None,
        byte_budget: int | None = None,
    ) -> SyncReport:
        """Run to the end; never raises for the link. ``control`` was made by ``handle`` and steers this sync only.

        ``byte_budget`` bounds this sync's bytes; None: no bound.
        """
