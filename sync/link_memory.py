"""The back-off that outlives a restart: when the program tries a destination again by itself, and with how many chunks it starts.

Promise: pure; jitter comes from a seed, so a station's laptops don't return together and a simulation replays. A clock that was set back or
forward can make the wait shorter or as long as it was, never longer. A person's "sync now" asks nobody here.

Source: docs/adr/0149-sync-over-a-bad-line.md.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from claims.link_records import LinkRecord, SetAsideFile
from sync.problems import LinkProblem
from sync.summary import SyncSummary
from sync.wire.backoff import share_of
from sync.wire.faults import LinkFault
from sync.wire.pace import WINDOW_MAX, WINDOW_MIN, WINDOW_START

FIRST_WAIT_S = 30.0
MOST_WAIT_S = 30 * 60.0
_NO_FAILURE = frozenset(
    {LinkFault.CANCELLED, LinkFault.FILE_UNREADABLE, LinkFault.FILE_NOT_TAKEN, LinkFault.RELEASE_REFUSED}
)
"""Ends that say nothing against the line."""


def due_in_s(record: LinkRecord, now: datetime) -> float:
    """Return the seconds until the program should try this destination by itself, 0.0 when it may at once."""
    if record.failed_at is None:
        return 0.0
    gone_s = (now - record.failed_at).total_seconds()
    return record.wait_s if gone_s < 0 else max(0.0, record.wait_s - gone_s)


def start_window(record: LinkRecord) -> int:
    """Return how many chunks a cycle should start with."""
    return min(max(record.window, WINDOW_MIN), WINDOW_MAX) if record.window else WINDOW_START


def after_cycle(record: LinkRecord, summary: SyncSummary, now: datetime, seed: str) -> LinkRecord:
    """Return what to remember once a cycle has ended."""
    changed = msgspec.structs.replace(
        record,
        window=summary.window or record.window,
        accepts=summary.accepts or record.accepts,
        set_aside=tuple(
            SetAsideFile(sha256=each.sha256, text=LinkProblem(each.fault).task) for each in summary.set_aside
        ),
        ended_at=now,
    )
    if summary.problem is None or summary.fault in _NO_FAILURE:
        return msgspec.structs.replace(changed, failures=0, failed_at=None, wait_s=0.0)
    failures = record.failures + 1
    longest = min(MOST_WAIT_S, FIRST_WAIT_S * float(2 ** min(failures - 1, 16)))
    wait_s = longest * (0.5 + 0.5 * share_of(seed, "between cycles", failures))
    return msgspec.structs.replace(changed, failures=failures, failed_at=now, wait_s=wait_s)
