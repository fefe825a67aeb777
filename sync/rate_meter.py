"""How fast the line is now, not how fast it once was: bytes over the last seconds, and for how long nothing has moved.

Promise: pure but for what it is told; after a stall it says "nothing for so long" instead of an estimate made of better times.
"""

from __future__ import annotations

from collections import deque

SPAN_S = 10.0
QUIET_S = 3.0
"""From then on a line counts as silent: no time left is told."""


class RateMeter:
    """Told the running total of bytes now and then."""

    def __init__(self, now_s: float) -> None:
        """Start at nothing."""
        self._samples: deque[tuple[float, int]] = deque([(now_s, 0)])
        self._moved_at_s = now_s
        self._now_s = now_s

    def see(self, now_s: float, total_bytes: int) -> None:
        """Take in the total so far."""
        self._now_s = max(now_s, self._now_s)
        if total_bytes > self._samples[-1][1]:
            self._moved_at_s = self._now_s
        self._samples.append((self._now_s, total_bytes))
        while len(self._samples) > 2 and self._samples[1][0] <= self._now_s - SPAN_S:
            self._samples.popleft()

    @property
    def rate_bytes_s(self) -> float:
        """Bytes a second over the last ``SPAN_S`` (or since the start), 0.0 before anything moved."""
        first_s, first = self._samples[0]
        last_s, last = self._samples[-1]
        return (last - first) / (last_s - first_s) if last_s > first_s else 0.0

    @property
    def quiet_s(self) -> float:
        """Seconds since a byte moved, 0.0 while they do."""
        quiet_s = self._now_s - self._moved_at_s
        return quiet_s if quiet_s >= QUIET_S else 0.0

    def left_s(self, left_bytes: int) -> float | None:
        """Return the seconds that so many bytes will take, None where an honest figure can't be given."""
        if left_bytes <= 0:
            return 0.0
        rate = self.rate_bytes_s
        return None if self.quiet_s or rate <= 0 else left_bytes / rate
