"""The one adapter that reads the machine's clock. Everything else gets time through the ``Clock`` port."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """The real clock (``claims.ports.Clock``)."""

    def utc_now(self) -> datetime:
        """Return the wall clock, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock port's adapter

    def monotonic_s(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()


class ShiftedClock:
    """The real clock moved by a fixed span: the demo and drills play other days with it."""

    def __init__(self, wall: datetime, clock: SystemClock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._shift = wall - self._clock.utc_now()

    def utc_now(self) -> datetime:
        """Return the shifted wall clock, aware, in UTC."""
        return self._clock.utc_now() + self._shift

    def monotonic_s(self) -> float:
        """Return seconds that never go back."""
        return self._clock.monotonic_s()
