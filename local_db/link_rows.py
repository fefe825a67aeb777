"""The rows of ``link_memory``: one destination each, as JSON.

Promise: a row that can't be read counts as none; nothing of value is in it (``claims.link_records``).
"""

from __future__ import annotations

import msgspec

from claims.link_records import LinkRecord
from local_db.connection import Engine


def read_link(engine: Engine, destination: str) -> LinkRecord:
    """Return what is remembered of a destination."""
    row = engine.execute("SELECT record FROM link_memory WHERE destination = ?", (destination,)).fetchone()
    return LinkRecord() if row is None else _record(row[0])


def read_links(engine: Engine) -> tuple[LinkRecord, ...]:
    """Return what is remembered of all destinations."""
    rows = engine.execute("SELECT record FROM link_memory ORDER BY destination").fetchall()
    return tuple(_record(row[0]) for row in rows)


def keep_link(engine: Engine, destination: str, record: LinkRecord) -> None:
    """Remember; the caller holds the transaction."""
    engine.execute(
        "INSERT INTO link_memory (destination, record) VALUES (?, ?)"
        " ON CONFLICT (destination) DO UPDATE SET record = excluded.record",
        (destination, msgspec.json.encode(record).decode()),
    )


def _record(text: str) -> LinkRecord:
    try:
        return msgspec.json.decode(text, type=LinkRecord)
    except msgspec.DecodeError:
        return LinkRecord()
