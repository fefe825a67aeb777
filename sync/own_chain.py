"""This laptop's own chain hash at a place of its log: what HQ's digest must be, or one of two disks is a copy."""

from __future__ import annotations

from claims.ports import Outbox

_MAX_COMMIT_EVENTS = 512


def own_digest(outbox: Outbox, seq: int) -> str | None:
    """Return the chain hash (hex) after event ``seq``; None when no commit of this log ends there.

    Reads the newest hash from the log's position and else the one commit around ``seq``, found backwards because a commit is
    addressed by what comes before it. A store step, short.
    """
    position = outbox.position()
    if seq < 1 or seq >= position.next_seq:
        return None
    if seq == position.next_seq - 1:
        return position.head.hex()
    for before in range(seq - 1, max(-1, seq - 1 - _MAX_COMMIT_EVENTS), -1):
        commits = outbox.commits_after(before, 1)
        if commits and commits[0].first_seq <= seq:
            return commits[0].hash.hex() if commits[0].last_seq == seq else None
    return None
