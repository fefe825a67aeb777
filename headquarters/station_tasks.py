"""Tasks for a station: every one has somebody whose it is.

Promise: a task goes out with an owner. What the station can mend belongs to the adjuster of the laptop that wrote it, by staff number: nobody
else can record a correction in that laptop's log. What only headquarters can mend belongs to headquarters, and the station merely knows of it.

Source: docs/adr/0166.
"""

from __future__ import annotations

from functools import partial

from claims.errors import Bilingual
from claims.statements import OWNER_HEADQUARTERS, TaskAssigned
from headquarters.statements_out import say
from headquarters.turn import Turn


def assign(turn: Turn, text: Bilingual, *, case_no: str | None = None) -> None:
    """Give the adjuster of the turn's device a task."""
    say(turn, partial(TaskAssigned, case_no=case_no, text=text, owner=turn.device.adjuster))


def tell_of_own_task(turn: Turn, text: Bilingual, *, case_no: str | None = None) -> None:
    """Tell the station of something that headquarters itself sees to."""
    say(turn, partial(TaskAssigned, case_no=case_no, text=text, owner=OWNER_HEADQUARTERS))
