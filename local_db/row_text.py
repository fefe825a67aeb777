"""How instants and records lie in text columns: ISO 8601 in UTC, and the JSON that msgspec writes in struct order."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec


def instant_text(instant: datetime) -> str:
    """Return an aware instant as text that sorts in time order. Microseconds are always written for that."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def instant_of(text: str) -> datetime:
    """Read ``instant_text`` back."""
    return datetime.fromisoformat(text)


def json_text(record: msgspec.Struct) -> str:
    """Return a record as JSON text."""
    return msgspec.json.encode(record).decode()
