"""Neighbours on the local network as the desk sees them: colleagues' laptops and the station's hub, without any internet.

Promise: custody by neighbours makes a loss less likely and lets nothing be deleted; an allowance from a neighbour was debited there
before it came here. What a neighbour says about this laptop's own log can stop it from promising, never make it promise.

Source: design.md "Log", "Allowances"; docs/adr/0146, 0147.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from claims.errors import Bilingual, OutpostError
from claims.events import AllowanceReceived


class NeighbourKind(StrEnum):
    """What a neighbour is."""

    HUB = "hub"
    LAPTOP = "laptop"


@dataclass(frozen=True)
class Neighbour:
    """One neighbour. ``name`` is its device, empty for a typed address that never answered.

    ``last_contact``: when it last proved itself here (trusted time), None for not yet. ``custody_through_seq``: how far it said it holds this
    laptop's log. ``problem``: why the last try failed, None after a good one. ``typed``: entered by hand rather than found.
    """

    name: str
    station: str
    kind: NeighbourKind
    address: str
    last_contact: datetime | None
    custody_through_seq: int
    problem: OutpostError | None = None
    typed: bool = False


@dataclass(frozen=True)
class Sharing:
    """Whether this laptop takes part, and how it is reached. ``found_by_itself`` False: no multicast here, addresses must be typed."""

    on: bool
    port: int = 0
    found_by_itself: bool = False
    held_bundles: int = 0
    held_bytes: int = 0


class PushPhase(StrEnum):
    """What a push is doing."""

    SEALING = "sealing"
    SENDING = "sending"


@dataclass(frozen=True)
class PushProgressed:
    """How far a push to one neighbour is, in bytes of the bundle under way."""

    phase: PushPhase
    neighbour: str
    bytes_done: int
    bytes_total: int


@dataclass(frozen=True)
class CustodyReport:
    """How a push ended. ``through_seq``: how far somebody here holds the log now; ``custodians``: who took something or had it all.

    ``bundles`` and ``bytes`` were newly taken. ``files`` of photos and papers went along whole. ``problems``: name and reason of those who did
    not. ``stopped``: this disk turned out not to be the current one (``claims.own_disk``).
    """

    through_seq: int
    custodians: tuple[str, ...]
    bundles: int
    bytes: int
    files: int
    problems: tuple[tuple[str, OutpostError], ...]
    stopped: Bilingual | None = None


@dataclass(frozen=True)
class AllowanceWish:
    """A neighbour would like some of this laptop's allowance; this laptop's user decides."""

    device: str
    station: str
    pool: str
    amount_fen: int


@dataclass(frozen=True)
class AskedReport:
    """What asking the neighbours brought. ``waiting``: neighbours whose user was asked; ask again in a while.

    ``refused``: name and reason. ``received`` are taken in already.
    """

    received: tuple[AllowanceReceived, ...]
    waiting: tuple[str, ...]
    refused: tuple[tuple[str, OutpostError], ...]

    @property
    def amount_fen(self) -> int:
        """What came in."""
        return sum(each.amount_fen for each in self.received)


class Neighbourhood(Protocol):
    """The local network; floor 2 behind it, joined in ``app``. Everything may be called from any thread."""

    def neighbours(self) -> Sequence[Neighbour]:
        """Return who is known, hubs first; touches no network."""

    def sharing(self) -> Sharing:
        """Return whether this laptop takes part."""

    def share(self, on: bool) -> Sharing:
        """Take part from now on, or no more; remembered. Raises ``EnvironmentProblem`` where nobody may listen on this machine."""

    def add(self, address: str) -> Neighbour:
        """Try a typed address (``host`` or ``host:port``) and remember it. Raises ``InputError`` (``neighbour_address``)."""

    def forget(self, address: str) -> None:
        """Forget a typed address."""

    def push(self, progress: Callable[[PushProgressed], None]) -> CustodyReport:
        """Give what headquarters does not hold into custody, the money first. Never raises for a neighbour."""

    def ask(self, pool: str, amount_fen: int) -> AskedReport:
        """Ask the hub, then colleagues, for allowance. Never raises for a neighbour."""

    def update(self) -> bool:
        """Take in what a hub distributes, verified; False where none was new. Raises ``OutpostError``."""

    def wishes(self) -> Sequence[AllowanceWish]:
        """Return what neighbours asked this laptop's user for."""

    def decide(self, wish: AllowanceWish, *, yes: bool) -> None:
        """Say yes or no to a wish."""

    def nudge(self) -> None:
        """Something worth keeping was recorded: push soon. Returns at once."""

    def close(self) -> None:
        """Stop serving and searching."""
