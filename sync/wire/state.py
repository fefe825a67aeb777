"""What one sync cycle remembers between two inputs.

Promise: frozen, free of clocks and handles, and serialisable by msgspec; ``step`` is its only writer. A crash may lose it
whole: the next cycle asks HQ again and nothing is sent twice beyond the open window. What is worth keeping between cycles is
``window`` (how many chunks this line carries at once).
"""

from __future__ import annotations

import hashlib
from enum import StrEnum

import msgspec

from sync.wire.faults import LinkFault
from sync.wire.messages import CHUNK_BYTES, LOG_BATCH_BYTES

WINDOW_MIN = 4
WINDOW_MAX = 16
PAGE_FILES = 32
"""Files asked for in one ``Have``: small, so that a new paper waits for few photos."""
MAX_ATTEMPTS = 5
"""Failures in a row without one signed step forward, after which a cycle gives up and the next one starts afresh."""
MAX_ROUNDS = 3
"""Times a file is sent whole without HQ saying that it holds it."""


class Awaiting(StrEnum):
    """The one question (besides chunks) that is open."""

    NOTHING = "nothing"
    HELLO = "hello"
    LOG = "log"
    DOWN = "down"
    HAVE = "have"
    RELEASE = "release"
    TIMER = "timer"


class Phase(StrEnum):
    """Where the cycle is, for a window to show."""

    IDLE = "idle"
    GREETING = "greeting"
    LOG = "log"
    ANSWERS = "answers"
    RELEASES = "releases"
    FILES = "files"
    WAITING = "waiting"
    PAUSED = "paused"
    FINISHED = "finished"


class Offer(msgspec.Struct, frozen=True):
    """A file HQ has not yet said to hold. ``missing`` is HQ's last count of lacking chunks, None before it was asked.

    ``asked`` is set once HQ answered for it since the last hello; ``rounds`` counts how often HQ still lacked it after
    everything it asked for had gone out.
    """

    sha256: str
    size_bytes: int
    priority: int
    missing: int | None = None
    asked: bool = False
    rounds: int = 0

    @property
    def chunks(self) -> int:
        """How many chunks the file has; an empty file has one."""
        return max(1, -(-self.size_bytes // CHUNK_BYTES))

    def chunk_bytes(self, index: int) -> int:
        """Size of one chunk: all but the last are full."""
        return min(CHUNK_BYTES, max(0, self.size_bytes - index * CHUNK_BYTES))


class ChunkRef(msgspec.Struct, frozen=True):
    """One chunk of one file, with its size."""

    sha256: str
    index: int
    size_bytes: int


class ReleaseRef(msgspec.Struct, frozen=True):
    """A release HQ has in a newer version than this laptop."""

    kind: str
    version: int
    urgent: bool


class SyncState(msgspec.Struct, frozen=True, kw_only=True):
    """The whole state.

    ``hq_seq`` is HQ's verified watermark in this cycle; ``receipted_seq`` the one for which a signed receipt reached the store.
    ``waiting`` files were not asked for yet, ``offered`` ones were and are not held; ``asked`` names those in the open question;
    ``settled`` ones are held, or set aside for this cycle.
    ``troubles`` are faults that did not stop the cycle (one bad item never blocks the queue).
    """

    running: bool = False
    paused: bool = False
    money_only: bool = False
    device: str = ""
    epoch: int = 0
    seed: str = ""
    questions: int = 0
    awaiting: Awaiting = Awaiting.NOTHING
    greeted: bool = False
    revoked: bool = False
    fork: LinkFault | None = None

    next_seq: int = 1
    head: str = ""
    start_seq: int = 0
    hq_seq: int = 0
    receipted_seq: int = 0
    log_bytes: int = LOG_BATCH_BYTES
    rejected: tuple[int, ...] = ()

    feed_position: int = 0
    downs: int = 0
    sent: bool = False

    fetch_releases: bool = False
    releases_held: dict[str, int] = {}
    late_releases: tuple[str, ...] = ()
    releases: tuple[ReleaseRef, ...] = ()

    waiting: tuple[Offer, ...] = ()
    offered: tuple[Offer, ...] = ()
    asked: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    page_files: int = PAGE_FILES
    queue: tuple[ChunkRef, ...] = ()
    in_flight: tuple[ChunkRef, ...] = ()
    window: int = WINDOW_MIN
    streak: int = 0
    chunk_failures: int = 0
    file_bytes_total: int = 0
    file_bytes_done: int = 0

    attempts: int = 0
    last_fault: LinkFault | None = None
    troubles: tuple[LinkFault, ...] = ()

    @property
    def nonce(self) -> str:
        """The nonce of the newest question."""
        return nonce_of(self.seed, self.questions)

    @property
    def phase(self) -> Phase:
        """What to show."""
        if not self.running:
            return Phase.FINISHED if self.device else Phase.IDLE
        if self.paused:
            return Phase.PAUSED
        if self.awaiting is Awaiting.NOTHING or self.awaiting is Awaiting.HAVE:
            return Phase.FILES
        return _PHASES[self.awaiting]


_PHASES = {
    Awaiting.HELLO: Phase.GREETING,
    Awaiting.LOG: Phase.LOG,
    Awaiting.DOWN: Phase.ANSWERS,
    Awaiting.RELEASE: Phase.RELEASES,
    Awaiting.TIMER: Phase.WAITING,
}


def nonce_of(seed: str, question: int) -> str:
    """Return the nonce of a cycle's n-th question: unguessable because the seed is, repeatable because nothing else is."""
    return hashlib.sha256(f"outpost-nonce-1\n{seed}\n{question}".encode()).hexdigest()[:32]
