"""What a custodian remembers between two questions, and how much it takes and gives.

Promise: frozen and free of clocks and handles; ``sync.wire.hub.step`` is its only writer. What must outlive the program is the shelf's
(bundles) and the store's (transfers, marks): the driver tells them again.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sync.wire.hub_messages import Mark, NeighbourRole, piece_count, piece_size

MAX_UNDER_WAY = 4
"""Bundles of one device that may be under way at once: a broken-off one waits to be resumed, the oldest gives way."""
MARKS_TOLD = 12
"""Marks of one device that are kept and told; with their proofs they fit into one statement."""


class Caller(msgspec.Struct, frozen=True):
    """Who asks, as its certificate in the channel says."""

    device: str
    epoch: int
    station: str


class SubGrantRule(msgspec.Struct, frozen=True, kw_only=True):
    """What a hub gives away by itself: up to ``share_percent`` of what it still has on a pool, per request; the rest asks a person."""

    share_percent: int = 50


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a custodian takes: per bundle, and per device in all (bytes)."""

    bundle_bytes: int
    device_bytes: int


HUB_LIMITS = Limits(bundle_bytes=256 * 1024 * 1024, device_bytes=4 * 1024 * 1024 * 1024)
LAPTOP_LIMITS = Limits(bundle_bytes=64 * 1024 * 1024, device_bytes=256 * 1024 * 1024)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle that is durable here, with its signed receipt."""

    bundle_id: str
    sha256: str
    size_bytes: int
    device: str
    epoch: int
    mark: Mark
    receipt: bytes


class UnderWay(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle whose pieces arrive."""

    bundle_id: str
    sha256: str
    size_bytes: int
    device: str
    epoch: int
    mark: Mark
    taken: frozenset[int] = frozenset()

    @property
    def missing(self) -> tuple[int, ...]:
        """Pieces that are not here."""
        return tuple(index for index in range(piece_count(self.size_bytes)) if index not in self.taken)

    def fits(self, index: int, size_bytes: int) -> bool:
        """Say whether a piece of this size belongs at this place."""
        return 0 <= index < piece_count(self.size_bytes) and size_bytes == piece_size(self.size_bytes, index)


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that waits for the driver: for durability, for the book of allowances, for a transfer."""

    caller: Caller
    nonce: str
    bundle_id: str = ""
    index: int = 0
    pool: str = ""
    amount_fen: int = 0
    known: tuple[str, ...] = ()


class HubState(msgspec.Struct, frozen=True, kw_only=True):
    """The whole state.

    ``newest``: the highest epoch seen of each device, with its certificate. ``marks``: how far each (device, epoch) went, also where the bundles
    are gone. ``allowed`` are wishes that a person said yes to, ``declined`` those refused, both by (device, pool).
    """

    role: NeighbourRole
    limits: Limits
    rule: SubGrantRule = SubGrantRule()
    held: tuple[Held, ...] = ()
    under_way: tuple[UnderWay, ...] = ()
    waiting: dict[int, Waiting] = {}
    newest: dict[str, tuple[int, bytes]] = {}
    marks: dict[tuple[str, int], tuple[Mark, ...]] = {}
    asked_person: dict[tuple[str, str], int] = {}
    allowed: dict[tuple[str, str], int] = {}
    declined: frozenset[tuple[str, str]] = frozenset()

    def used_bytes(self, device: str) -> int:
        """Return what is kept or promised to be kept for a device."""
        return sum(each.size_bytes for each in self.held if each.device == device) + sum(
            each.size_bytes for each in self.under_way if each.device == device
        )


def merged_marks(known: Iterable[Mark], seen: Iterable[Mark]) -> tuple[Mark, ...]:
    """Return marks together, the highest first, each once, no more than are told."""
    by_place: dict[tuple[int, str], Mark] = {}
    for mark in (*known, *seen):
        by_place.setdefault((mark.through_seq, mark.digest), mark)
    ordered = sorted(by_place.values(), key=lambda mark: (-mark.through_seq, mark.digest))
    return tuple(ordered[:MARKS_TOLD])
