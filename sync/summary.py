"""What a window shows while a sync runs, and what is left to say when it has ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from claims.errors import OutpostError
from sync.wire.faults import LinkFault
from sync.wire.state import Kind, Phase, SetAside


@dataclass(frozen=True, slots=True)
class Transfer:
    """How far one kind of thing is: the log (items are its entries), papers, thumbnails or photos.

    ``bytes_total`` of the log is worked out from what was sent so far. ``left_s``: until this kind is through, everything before it
    included; None where no honest figure can be given.
    """

    kind: Kind
    items_done: int
    items_total: int
    bytes_done: int
    bytes_total: int
    left_s: float | None


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a cycle is. ``events_*`` and ``file_bytes_*`` count this cycle's work; ``rate_bytes_s`` is the line's over the last seconds.

    ``retry_in_s`` is set while the cycle waits, with ``fault`` as the reason. ``quiet_s``: nothing has moved for so long, 0.0 while it does.
    ``transfers``: the same by kind, in the order of sending.
    """

    phase: Phase
    events_done: int
    events_total: int
    file_bytes_done: int
    file_bytes_total: int
    rate_bytes_s: float
    retry_in_s: float | None
    fault: LinkFault | None
    quiet_s: float = 0.0
    transfers: tuple[Transfer, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncSummary:
    """The end of a cycle.

    ``event_bytes`` and ``chunk_bytes`` are bodies, before compression, that HQ's end answered for, repeats included: both are 0
    when HQ held everything. ``wire_bytes`` are whole requests and answers before TLS. ``statements_received`` counts new inbox items.
    ``rejected`` events are at HQ too, with HQ's reason. ``finished`` means that all that was asked for is done; otherwise
    ``problem`` says why not. ``hq_time`` is the newest *signed* time seen in answers.
    ``releases`` are HQ's current versions by kind. ``files_left`` and ``bytes_left`` are what a byte budget (then ``budget_spent``), "money only"
    or a fault left for another cycle; ``set_aside`` names the files among them that a person must look at. ``fault`` is the name of ``problem``.
    ``accepts`` is what HQ said that it can read, worth keeping for the next cycle.
    """

    events_sent: int = 0
    event_bytes: int = 0
    chunk_bytes: int = 0
    wire_bytes: int = 0
    statements_received: int = 0
    rejected: int = 0
    finished: bool = False
    problem: OutpostError | None = None
    hq_time: datetime | None = None
    releases: dict[str, int] = field(default_factory=dict)
    window: int = 0
    files_left: int = 0
    bytes_left: int = 0
    budget_spent: bool = False
    set_aside: tuple[SetAside, ...] = ()
    fault: LinkFault | None = None
    accepts: tuple[str, ...] = ()
