"""Replays every determination again and compares with the verdict given at the time.

Promise: nothing is changed; a verdict that comes out otherwise is named. The first verdict stands, because a station acted
on it; a change means that a pack or this program is not what it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from claims.events import DeterminationMade, decode_event
from headquarters.installation import Headquarters
from headquarters.models import LogEvent, Replay
from headquarters.replay import replay_determination


@dataclass(frozen=True)
class Audit:
    """How many determinations came to which verdict, and which ones changed."""

    verdicts: Mapping[str, int]
    changed: tuple[str, ...]


def replay_all(hq: Headquarters) -> Audit:
    """Replay all determinations that were ever replayed."""
    verdicts: Counter[str] = Counter()
    changed: list[str] = []
    with hq.database.read() as session:
        query = (
            select(Replay, LogEvent.body)
            .join(
                LogEvent,
                (LogEvent.device == Replay.device) & (LogEvent.epoch == Replay.epoch) & (LogEvent.seq == Replay.seq),
            )
            .order_by(Replay.device, Replay.epoch, Replay.seq)
        )
        for before, body in session.execute(query).yield_per(200):
            event = decode_event(body)
            if not isinstance(event, DeterminationMade):
                continue
            again = replay_determination(hq.packs, event)
            verdicts[again.verdict.value] += 1
            if again.verdict != before.verdict:
                changed.append(
                    f"{before.device} ({before.epoch}) {before.seq}, {before.case_no}: "
                    f"{before.verdict} -> {again.verdict} {again.difference or ''}".rstrip()
                )
    return Audit(verdicts, tuple(changed))
