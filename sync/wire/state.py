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
from sync.wire.messages import CHUNK_BYTES
from sync.wire.pace import WINDOW_MAX, WINDOW_MIN, WINDOW_START, Pace

__all__ = [
    "CHUNK_HEAD_BYTES",
    "LINE_TOLL_PERCENT",
    "LOG_FIRST_BYTES",
    "LOG_GROWTH",
    "LOG_MOST_BYTES",
    "MAX_ATTEMPTS",
    "MAX_ROUNDS",
    "PAGE_FILES",
    "WINDOW_MAX",
    "WINDOW_MIN",
    "WINDOW_START",
    "Awaiting",
    "ChunkRef",
    "Kind",
    "Offer",
    "Phase",
    "ReleaseRef",
    "SetAside",
    "SyncState",
    "Tally",
    "kind_of_file",
    "nonce_of",
]

LOG_FIRST_BYTES = 16 * 1024
"""Bytes of commits in a cycle's first batch: one packet or two when compressed, so that the first promise is safe after one round trip."""
LOG_MOST_BYTES = 512 * 1024
"""Bytes of commits in a batch on a line that carries them: the more stands in one, the better it compresses."""
LOG_GROWTH = 32
CHUNK_HEAD_BYTES = 700
"""What one chunk's request and answer cost beside its bytes."""
LINE_TOLL_PERCENT = 6
"""What TLS, TCP and IP add to the bytes counted here; packets sent again because they were lost come on top."""
PAGE_FILES = 64
"""Files asked for in one ``Have``: a paper that is signed meanwhile is asked for by itself, before the photos that wait."""
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
    """One chunk of one file, with its size and the file's priority."""

    sha256: str
    index: int
    size_bytes: int
    priority: int = 4


class Kind(StrEnum):
    """What a person tells apart of what is sent, in the order of sending."""

    LOG = "log"
    PAPERS = "papers"
    THUMBNAILS = "thumbnails"
    PHOTOS = "photos"


class Tally(msgspec.Struct, frozen=True):
    """How much of one kind of file this cycle has to do, and has done, in files and bytes."""

    kind: Kind
    files: int = 0
    files_done: int = 0
    size_bytes: int = 0
    bytes_done: int = 0


class SetAside(msgspec.Struct, frozen=True):
    """A file that this cycle left behind, and why. The others went on."""

    sha256: str
    fault: LinkFault


class ReleaseRef(msgspec.Struct, frozen=True):
    """A release HQ has in a newer version than this laptop."""

    kind: str
    version: int
    urgent: bool


class SyncState(msgspec.Struct, frozen=True, kw_only=True):
    """The whole state.

    ``hq_seq`` is HQ's verified watermark in this cycle; ``receipted_seq`` the one for which a signed receipt reached the store.
    ``waiting`` files were not asked for yet, ``offered`` ones were and are not held; ``asked`` names those in the open question;
    ``settled`` ones are held, or set aside for this cycle. ``evidence_seq`` is how far the evidence of a ``fork`` was sent.
    ``troubles`` are faults that did not stop the cycle (one bad item never blocks the queue); ``set_aside`` the files behind them.
    ``feed_ahead`` numbers the question for the feed while the last chunks travel, which leaves little of it for the end; 0 before it.
    ``wire_bytes`` is the driver's newest count of this cycle's bytes on the line; ``byte_budget`` (None: no bound) is compared with it.
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
    evidence_seq: int = 0

    next_seq: int = 1
    head: str = ""
    start_seq: int = 0
    hq_seq: int = 0
    receipted_seq: int = 0
    log_bytes: int = LOG_FIRST_BYTES
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
    window: int = WINDOW_START
    pace: Pace = Pace()
    chunk_failures: int = 0
    feed_ahead: int = 0
    file_bytes_total: int = 0
    file_bytes_done: int = 0
    tallies: tuple[Tally, ...] = (Tally(Kind.PAPERS), Tally(Kind.THUMBNAILS), Tally(Kind.PHOTOS))
    set_aside: tuple[SetAside, ...] = ()

    byte_budget: int | None = None
    budget_spent: bool = False
    wire_bytes: int = 0

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


def kind_of_file(priority: int) -> Kind:
    """Return the kind of a file by its priority (``claims.records.AttachmentRef``)."""
    if priority <= 2:
        return Kind.PAPERS
    return Kind.THUMBNAILS if priority == 3 else Kind.PHOTOS


def nonce_of(seed: str, question: int) -> str:
    """Return the nonce of a cycle's n-th question: unguessable because the seed is, repeatable because nothing else is."""
    return hashlib.sha256(f"outpost-nonce-1\n{seed}\n{question}".encode()).hexdigest()[:32]
