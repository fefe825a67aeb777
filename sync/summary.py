"""What a window shows while a sync runs, and what is left to say when it has ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from claims.errors import OutpostError
from sync.wire.faults import LinkFault
from sync.wire.state import Phase


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a cycle is. ``events_*`` and ``file_bytes_*`` count this cycle's work; ``rate_bytes_s`` is the mean so far.

    ``retry_in_s`` is set while the cycle waits, with ``fault`` as the reason.
    """

    phase: Phase
    events_done: int
    events_total: int
    file_bytes_done: int
    file_bytes_total: int
    rate_bytes_s: float
    retry_in_s: float | None
    fault: LinkFault | None


@dataclass(frozen=True, slots=True)
class SyncSummary:
    """The end of a cycle.

    ``event_bytes`` and ``chunk_bytes`` are bodies, before compression, that HQ's end answered for, repeats included: both are 0
    when HQ held everything. ``wire_bytes`` are whole requests and answers before TLS. ``statements_received`` counts new inbox items.
    ``rejected`` events are at HQ too, with HQ's reason. ``finished`` means that all that was asked for is done; otherwise
    ``problem`` says why not. ``hq_time`` is the newest *signed* time seen in answers.
    ``releases`` are HQ's current versions by kind.
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
