"""What the core would ask after the receipt that is expected: found out by asking it.

Promise: pure; changes nothing. A guess that turns out wrong costs the bytes of a small question, whose answer nobody uses.
"""

from __future__ import annotations

from datetime import datetime

from sync.wire.effects import FetchDown, SendHave
from sync.wire.inputs import DownArrived, LogReceiptArrived
from sync.wire.messages import DownAnswered
from sync.wire.state import SyncState
from sync.wire.step import step


def foreseen(
    state: SyncState, expected: LogReceiptArrived, hq_time: datetime
) -> tuple[tuple[str, FetchDown | SendHave], ...]:
    """Return the questions with their paths: the quick feed where it is due, and the files. None where more of the log comes next."""
    state, effects = step(state, expected)
    asked: list[tuple[str, FetchDown | SendHave]] = []
    for effect in effects:
        if isinstance(effect, FetchDown) and effect.down.quick:
            asked.append(("/down", effect))
            nothing = DownAnswered(
                device=state.device,
                epoch=state.epoch,
                nonce=state.nonce,
                hq_time=hq_time,
                feed_position=state.feed_position,
                feed_length=state.feed_position,
                statements=(),
            )
            _, effects_after = step(state, DownArrived(answer=nothing, good=0))
            asked += [("/have", each) for each in effects_after if isinstance(each, SendHave)]
        elif isinstance(effect, SendHave):
            asked.append(("/have", effect))
    return tuple(asked)
