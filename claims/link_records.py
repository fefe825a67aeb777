"""What is worth remembering of each way to headquarters between two syncs. No part of the log: it is about lines, not about claims.

Promise: losing it costs a little patience and nothing else; a person who asks is never held up by it.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from claims.errors import Bilingual


class SetAsideFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a sync left behind while the rest went on, as a task for the laptop's adjuster."""

    sha256: str
    text: Bilingual


class LinkRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One destination. ``failures`` in a row, the last at ``failed_at`` by this laptop's clock (UTC), after which ``wait_s`` seconds are left
    before the program tries by itself again. ``window``: chunks that the line carried beside each other, 0 where none is known.
    ``set_aside``: what the last sync there left for a person, at ``ended_at``. ``accepts``: what headquarters said, signed, that it can read.
    """

    failures: int = 0
    failed_at: datetime | None = None
    wait_s: float = 0.0
    window: int = 0
    set_aside: tuple[SetAsideFile, ...] = ()
    ended_at: datetime | None = None
    accepts: tuple[str, ...] = ()
    relearn_from: int | None = None
    """From which place of its feed on a restored headquarters asked, by stick, for its own statements; None: for none."""
    incarnation_id: str = ""
    """The life of headquarters that asked."""
