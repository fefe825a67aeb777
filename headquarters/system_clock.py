"""The one place where headquarters reads the machine's clock; everything else takes an instant as an argument."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Now = Callable[[], datetime]


def system_now() -> datetime:
    """Return the wall clock as an aware UTC datetime."""
    return datetime.now(UTC)  # noqa: TID251 - this is the clock adapter the ban points to
