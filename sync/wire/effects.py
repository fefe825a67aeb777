"""What a sync cycle asks for. The driver (``sync.cycle``) carries effects out in the order given.

Promise: an effect names everything it needs except the bytes, which the driver reads from the store when it acts.
"""

from __future__ import annotations

import msgspec

from sync.wire.faults import LinkFault
from sync.wire.messages import Down, Have, Hello
from sync.wire.state import ChunkRef, Phase, SetAside, Tally


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Common base of what ``step`` returns."""


class SendHello(Effect, frozen=True, kw_only=True):
    """Ask who we are to HQ and how far it holds the log."""

    hello: Hello


class SendLog(Effect, frozen=True, kw_only=True):
    """Send whole commits after ``after_seq``, about ``max_bytes`` of them; none when there are none (asks for the receipt again)."""

    after_seq: int
    max_bytes: int


class ApplyStatements(Effect, frozen=True, kw_only=True):
    """Put verified statements (raw) in the inbox, in order, in one short transaction."""

    raws: tuple[bytes, ...]


class FetchDown(Effect, frozen=True, kw_only=True):
    """Ask for the feed."""

    down: Down


class SendHave(Effect, frozen=True, kw_only=True):
    """Ask which files HQ lacks."""

    have: Have


class SendChunk(Effect, frozen=True, kw_only=True):
    """Send one chunk, beside whatever else is under way."""

    chunk: ChunkRef


class FetchRelease(Effect, frozen=True, kw_only=True):
    """Fetch and install a newer release."""

    kind: str
    version: int


class Wait(Effect, frozen=True, kw_only=True):
    """Send ``Tick`` after this many seconds."""

    seconds: float


class Report(Effect, frozen=True, kw_only=True):
    """How far the cycle is. ``events_*`` count from the cycle's start; ``fault`` is why it waits or ended; ``tallies`` are by kind of file."""

    phase: Phase
    events_done: int
    events_total: int
    file_bytes_done: int
    file_bytes_total: int
    window: int
    retry_in_s: float | None = None
    fault: LinkFault | None = None
    tallies: tuple[Tally, ...] = ()


class Finish(Effect, frozen=True, kw_only=True):
    """The end. ``finished`` means that all that was asked for is done; otherwise ``fault`` tells what stood in the way.

    ``files_left`` and ``bytes_left`` are what a bound ("money only", a byte budget) or a fault left for another cycle;
    ``set_aside`` the files among them that need a person. ``budget_spent``: the byte budget was the reason.
    """

    finished: bool
    fault: LinkFault | None
    rejected: int
    files_left: int = 0
    bytes_left: int = 0
    budget_spent: bool = False
    set_aside: tuple[SetAside, ...] = ()


AnyEffect = (
    SendHello | SendLog | ApplyStatements | FetchDown | SendHave | SendChunk | FetchRelease | Wait | Report | Finish
)
