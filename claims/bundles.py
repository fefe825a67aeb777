"""Sealed bundles as the desk sees them: what was written on a stick, what came back, what is carried for colleagues.

Promise: a bundle that ``write`` returned was read back from the stick and is right; its log and files are noted as in custody. Losing it
costs nothing: the next one begins at headquarters' watermark. What ``read`` took was signed by headquarters for this very device.

Source: docs/adr/0144, docs/adr/0145.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from claims.errors import Bilingual


class BundlePhase(StrEnum):
    """What is being done with the stick."""

    WRITING = "writing"
    CHECKING = "checking"


@dataclass(frozen=True)
class BundleProgressed:
    """How far writing or reading back is, in bytes."""

    phase: BundlePhase
    bytes_done: int
    bytes_total: int


@dataclass(frozen=True)
class BundleWritten:
    """A bundle on a stick, read back and right. ``events`` of the log after headquarters' watermark; ``files`` went along whole.

    ``files_left_out`` did not fit the budget or the stick; ``files_unreadable`` are missing or damaged on this disk.
    ``answers``: how many of headquarters' answers for colleagues were put beside it.
    """

    path: Path
    bundle_id: str
    size_bytes: int
    through_seq: int
    events: int
    files: int
    file_bytes: int
    files_left_out: int
    files_unreadable: int
    answers: int = 0


class AnswerOutcome(StrEnum):
    """What an answer bundle was worth."""

    TAKEN = "taken"
    NOTHING_NEW = "nothing_new"
    """Genuine and older than what is known here, or read before."""
    FOREIGN = "foreign"
    """For another laptop; it is left where it is."""
    GAP = "gap"
    """Genuine, but what comes before it has not come yet."""
    DAMAGED = "damaged"
    """Changed or cut on the way; what could be verified was taken."""
    OVERTAKEN = "overtaken"
    """Of a headquarters that was set back to a backup since: its word in the feed does not count any more."""
    CONTRADICTS = "contradicts"
    """Headquarters speaks of another log than this disk's: a copied or restored disk."""


@dataclass(frozen=True)
class AnswerRead:
    """One answer bundle. ``statements`` new ones were taken; ``receipted_seq`` is how far headquarters then holds the log.

    ``asks_again``: a headquarters that was restored from a backup wants another bundle (docs/adr/0168).
    """

    path: Path
    outcome: AnswerOutcome
    sentence: Bilingual
    statements: int = 0
    receipted_seq: int | None = None
    asks_again: bool = False


@dataclass(frozen=True)
class BundlesRead:
    """What a stick brought. ``foreign`` are answers for other laptops."""

    read: tuple[AnswerRead, ...]

    @property
    def statements(self) -> int:
        """New statements in all."""
        return sum(each.statements for each in self.read)

    @property
    def foreign(self) -> int:
        """How many were for others."""
        return sum(each.outcome is AnswerOutcome.FOREIGN for each in self.read)


@dataclass(frozen=True)
class HeldBundle:
    """A colleague's sealed bundle on this disk. ``through_seq``: how far its writer's log is inside, by the writer's word."""

    bundle_id: str
    device: str
    epoch: int
    through_seq: int
    digest: str
    sha256: str
    size_bytes: int
    taken_at: datetime
    forwarded_at: datetime | None


@dataclass(frozen=True)
class BundleCarried:
    """A colleague's bundle that this laptop now holds. ``receipt`` is this laptop's signed word on it (``CustodyReceipt``)."""

    held: HeldBundle
    receipt: bytes
    new: bool


class Bundles(Protocol):
    """Writes, reads and carries sealed bundles; floor 2 behind it, joined in ``app``."""

    def write(
        self,
        folder: Path,
        *,
        money_only: bool,
        budget_bytes: int | None,
        progress: Callable[[BundleProgressed], None],
    ) -> BundleWritten:
        """Write this laptop's bundle into a folder. Raises ``EnvironmentProblem``: ``stick_*``; nothing is lost then."""

    def read(self, place: Path) -> BundlesRead:
        """Take in an answer bundle, or all in a folder. Raises ``EnvironmentProblem``: the place or the store can't be read."""

    def carry(self, file: Path) -> BundleCarried:
        """Take a colleague's bundle along. Raises ``InputError`` (not one, or its label is missing) or ``EnvironmentProblem``."""

    def held(self) -> tuple[HeldBundle, ...]:
        """Return what is carried for colleagues, the oldest first."""
