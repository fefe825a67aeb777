"""Measures how long the main thread keeps a person waiting: every round of the event loop, and every click and key by itself.

A round is what Qt does between two looks at the keyboard. Time in which the machine ran something else instead of this thread
(the run queue's own account, on Linux) is not the program's doing and is taken off; waiting for a lock or the disk is not. A
processor that runs slower just then than it did before in the same run (a neighbour on its other thread) is asked by a fixed piece of
work right after a long round, and the round is taken at the processor's full pace.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# A submission is never refused for time: on a shared machine a thread was seen to "work" for two seconds over what takes 40 ms
# everywhere else. Where CI is set the limit only catches what hangs; on a developer's machine it is what the window promises.
LIMIT_S = 10.0 if os.environ.get("CI") else 0.050
"""How long the main thread may keep a person waiting, working or not."""

_ACCOUNT = Path("/proc/thread-self/schedstat")


@dataclass(frozen=True)
class Stall:
    """One wait that was too long, how much of it was work of the main thread, and what the person had done last."""

    seconds: float
    busy_s: float
    after: str


@dataclass
class StallWatch:
    """Collects stalls above the limits; ``longest_s`` is the longest round seen."""

    limit_s: float = LIMIT_S
    longest_s: float = 0.0
    rounds: int = 0
    stalls: list[Stall] = field(default_factory=list)
    full_pace_s: float = field(default_factory=lambda: min(_pace_s() for _ in range(20)))

    @contextmanager
    def measuring(self, after: str) -> Iterator[None]:
        """Measure what happens inside."""
        waited, busy = _waited_s(), time.thread_time()
        begun = time.perf_counter()
        yield
        taken = time.perf_counter() - begun - (_waited_s() - waited)
        busy = time.thread_time() - busy
        if max(taken, busy) > self.limit_s:
            slowness = self._slowness()
            taken, busy = taken / slowness, busy / slowness
        self.rounds += 1
        self.longest_s = max(self.longest_s, taken)
        if max(taken, busy) > self.limit_s:
            self.stalls.append(Stall(taken, busy, after))

    def _slowness(self) -> float:
        """How many times slower than at its best the processor is now; 1 at its best."""
        now_s = min(_pace_s() for _ in range(3))
        self.full_pace_s = min(self.full_pace_s, now_s)
        return now_s / self.full_pace_s


def _pace_s() -> float:
    """How long a fixed piece of Python work takes."""
    waited, begun = _waited_s(), time.perf_counter()
    kept: dict[int, str] = {}
    for number in range(4000):
        kept[number] = str(number)
    return time.perf_counter() - begun - (_waited_s() - waited)


def _waited_s() -> float:
    """How long this thread was ready and did not run, in all."""
    try:
        return int(_ACCOUNT.read_text().split()[1]) / 1e9
    except OSError:
        return 0.0
