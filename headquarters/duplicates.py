"""The duplicate index: which bills and documents headquarters knows from all cases, as salted hashes.

Promise: built from the log alone, so that it can be built again; it holds no case number, no name and no sum. A hit on a laptop is a question to a
person, never an answer (``claims.known_elsewhere``).

Source: notes/domain.md §9 R5, R6; docs/adr/0152.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.distributed import DUPLICATES
from claims.known_elsewhere import Known, build_index, keys_of_event
from headquarters.installation import Headquarters
from headquarters.models import EventState, LogEvent
from headquarters.tuf_repository import put_target, sign_all, targets_now
from sync.tuf_targets import CURRENT, TargetNote, target_path

_TYPES = ("document_added@1", "determination_made@1")
SALT_BYTES = 16


def publish_duplicates(hq: Headquarters, *, warn_days: int = 30, expire_days: int = 90) -> tuple[int, int]:
    """Build the index anew and list it; return its version and how many entries it has."""
    at = hq.now()
    with hq.database.read() as session:
        known = set(_keys(session))
    index = build_index(known, secrets.token_bytes(SALT_BYTES))
    sha256, size = hq.blobs.put([msgspec.msgpack.encode(index)])
    listed = targets_now(hq).get(target_path(DUPLICATES))
    version = max(int(at.timestamp()), 1 if listed is None else listed[1].version + 1)
    note = TargetNote(
        kind=DUPLICATES,
        name=CURRENT,
        version=version,
        issued_at=at,
        warn_after=at + timedelta(days=warn_days),
        expires_at=at + timedelta(days=expire_days),
    )

    def work(session: Session) -> None:
        put_target(session, file_sha256=sha256, size_bytes=size, note=note)
        sign_all(hq, session, at)

    hq.database.run(work)
    return version, len(known)


def _keys(session: Session) -> Iterator[Known]:
    rows = session.scalars(
        select(LogEvent.body)
        .where(LogEvent.type.in_(_TYPES), LogEvent.state != EventState.REJECTED)
        .execution_options(yield_per=500)
    )
    for body in rows:
        yield from keys_of_event(body)
