"""What a sync cycle is told. Answers come in only after ``sync.wire.verify`` has opened them.

Promise: everything random or timed is in here (``seed``), so that the same inputs give the same cycle again.
"""

from __future__ import annotations

import msgspec

from claims.records import AttachmentRef, LogPosition
from claims.statements import LogReceipted
from sync.wire.faults import LinkFault
from sync.wire.messages import DownAnswered, HaveAnswered, HelloAnswered
from sync.wire.state import WINDOW_MAX, ChunkRef


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """Common base of what ``step`` accepts. ``wire_bytes``: the driver's count of all bytes of this cycle so far, 0 where it keeps none."""

    wire_bytes: int = 0


class CycleStarted(Input, frozen=True, kw_only=True):
    """Begin. ``seed`` is fresh random text (it makes nonces and jitter); ``releases_held`` maps kind -> version on this laptop.

    Without ``fetch_releases`` none is asked for. Kinds in ``late_releases`` are large and wait until the files are through.
    ``byte_budget`` bounds what may go over the line (None: no bound): the log goes in any case and counts first, then files until
    the next chunk would pass it; large releases wait for a line without a bound.
    """

    position: LogPosition
    feed_position: int
    waiting: tuple[AttachmentRef, ...]
    seed: str
    money_only: bool = False
    byte_budget: int | None = None
    fetch_releases: bool = False
    releases_held: dict[str, int] = {}
    late_releases: tuple[str, ...] = ("extract",)


class HelloArrived(Input, frozen=True, kw_only=True):
    """``own_digest`` is this laptop's chain hash (hex) at the answer's watermark, None where no commit of its ends there.

    ``most_chunks``: more beside each other the carrier knows to be of no use.
    """

    answer: HelloAnswered
    own_digest: str | None
    most_chunks: int = WINDOW_MAX


class LogReceiptArrived(Input, frozen=True, kw_only=True):
    """A verified receipt, its raw bytes for the inbox, and this laptop's own chain hash at its watermark (as in ``HelloArrived``).

    ``sent_to`` is the last event of the batch that it answers.
    """

    receipt: LogReceipted
    raw: bytes
    own_digest: str | None
    sent_to: int = 0


class DownArrived(Input, frozen=True, kw_only=True):
    """A slice of the feed; the first ``good`` statements verified. ``held``: files that HQ says, in those, to hold."""

    answer: DownAnswered
    good: int
    held: tuple[str, ...] = ()


class HaveArrived(Input, frozen=True, kw_only=True):
    """What HQ holds and lacks."""

    answer: HaveAnswered


class ChunkSent(Input, frozen=True, kw_only=True):
    """HQ's end took a chunk. That is no acknowledgement: only ``HaveAnswered.held`` is.

    ``seconds`` is how long it took from the first byte to the answer, 0.0 where nobody measured.
    """

    chunk: ChunkRef
    seconds: float = 0.0


class FileUnreadable(Input, frozen=True, kw_only=True):
    """A file is missing or damaged on this disk; the others go on."""

    sha256: str


class ReleaseFetched(Input, frozen=True, kw_only=True):
    """A release was fetched and installed (``accepted``), or its record or bytes did not verify."""

    kind: str
    accepted: bool


class LinkFailed(Input, frozen=True, kw_only=True):
    """A request brought no answer that counts: outcome unknown. ``chunk`` names the chunk, None is the open question."""

    fault: LinkFault
    retry_after_s: float = 0.0
    chunk: ChunkRef | None = None


class Tick(Input, frozen=True, kw_only=True):
    """The wait that was asked for is over."""


class NewWork(Input, frozen=True, kw_only=True):
    """The log grew, or files were added, while the cycle runs. ``waiting`` may repeat files known already."""

    position: LogPosition
    waiting: tuple[AttachmentRef, ...]


class PauseAsked(Input, frozen=True, kw_only=True):
    """Ask nothing more until ``ResumeAsked``; what is under way runs out."""


class ResumeAsked(Input, frozen=True, kw_only=True):
    """Go on, from a fresh hello."""


class MoneyOnlyAsked(Input, frozen=True, kw_only=True):
    """Send the log and fetch the answers, leave files for later."""


class BudgetAsked(Input, frozen=True, kw_only=True):
    """Bound the bytes of this cycle anew, counted from its start; None takes the bound away."""

    byte_budget: int | None


class CancelAsked(Input, frozen=True, kw_only=True):
    """Stop now."""


class StoreFailed(Input, frozen=True, kw_only=True):
    """The store refused a step (disk full, damaged): the cycle ends, nothing is acknowledged."""


AnyInput = (
    CycleStarted
    | HelloArrived
    | LogReceiptArrived
    | DownArrived
    | HaveArrived
    | ChunkSent
    | FileUnreadable
    | ReleaseFetched
    | LinkFailed
    | Tick
    | NewWork
    | PauseAsked
    | ResumeAsked
    | MoneyOnlyAsked
    | BudgetAsked
    | CancelAsked
    | StoreFailed
)
