"""One heap, one source of chance, one virtual clock; every step is written down.

Promise: the order of steps follows from the seed alone (ties by the order of asking); ``digest`` is the hash of all that was
written down, so two runs are the same run exactly when their digests are equal.
"""

from __future__ import annotations

import hashlib
import heapq
import random
from collections import deque
from collections.abc import Callable

MINUTE = 60.0
HOUR = 3600.0
DAY = 86_400.0
_KEPT_STEPS = 40


class Violation(Exception):  # noqa: N818 - what a checker found is a finding about the product
    """A promise of the product that does not hold. ``rule`` is the checker's name."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule = rule
        self.detail = detail


class Clockwork:
    """The scheduler of one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.dice = random.Random(seed)
        self.now_s = 0.0
        self.steps = 0
        self.recent: deque[str] = deque(maxlen=_KEPT_STEPS)
        self.after_step: Callable[[], None] = lambda: None
        self._trace = hashlib.sha256()
        self._queue: list[tuple[float, int, str, Callable[[], None]]] = []
        self._asked = 0
        self._dropped: set[int] = set()

    def after(self, delay_s: float, what: str, run: Callable[[], None]) -> int:
        """Ask for a step ``delay_s`` from now; return its number, for ``drop``."""
        self._asked += 1
        heapq.heappush(self._queue, (self.now_s + max(0.0, delay_s), self._asked, what, run))
        return self._asked

    def drop(self, number: int) -> None:
        """Ask for a step no longer."""
        self._dropped.add(number)

    def note(self, text: str) -> None:
        """Write down what happened: it becomes part of the trace."""
        line = f"{self.now_s:.3f} {text}"
        self._trace.update(line.encode() + b"\n")
        self.recent.append(line)

    @property
    def digest(self) -> str:
        """The hash of the trace so far."""
        return self._trace.hexdigest()

    def run_until(self, end_s: float) -> None:
        """Take steps in order until ``end_s``; the steps after it stay in the queue."""
        while self._queue and self._queue[0][0] <= end_s:
            at, number, what, run = heapq.heappop(self._queue)
            if number in self._dropped:
                self._dropped.remove(number)
                continue
            self.now_s = at
            self.steps += 1
            self.note(f"> {what}")
            run()
            self.after_step()
        self.now_s = max(self.now_s, end_s)

    # Draws that a fault model needs again and again.

    def chance(self, probability: float) -> bool:
        """Draw yes or no."""
        return self.dice.random() < probability

    def wait_s(self, mean_s: float) -> float:
        """Draw a waiting time with this mean."""
        return self.dice.expovariate(1.0 / mean_s)
