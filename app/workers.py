"""The threads behind the lanes of the window: one named thread a lane (``views.lanes.Workers``).

Promise: jobs of a lane run one after another in the order in which they were submitted; lanes never wait for one another; what a job
raised comes back in its future and stops nothing. Threads start with their lane's first job. Source: design.md "Threads".
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from claims.errors import Bilingual, BugError
from views.lanes import Lane

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

T = TypeVar("T")

SWITCH_S = 0.0005
"""How long a lane keeps the interpreter while the window waits for it."""

# The store goes last: a sync that is ending may still have something to keep.
_CLOSING = (Lane.SEARCH, Lane.PAGE, Lane.SYNC, Lane.DOOR, Lane.STORE)


class LaneWorkers:
    """One single-thread executor a lane."""

    def __init__(self) -> None:
        # Qt gives the interpreter away at every call; with the usual 5 ms a paper drawn in a lane would hold the window up at each.
        sys.setswitchinterval(SWITCH_S)
        self._lanes: dict[Lane, ThreadPoolExecutor] = {}
        self._closed = False

    def submit(self, lane: Lane, job: Callable[[], T]) -> Future[T]:
        """Queue a job. Raises ``BugError`` (``workers_closed``)."""
        try:
            return self._lane(lane).submit(job)
        except RuntimeError as error:  # what an executor says once it is shut down
            raise BugError(
                "workers_closed",
                Bilingual("程序正在关闭，这一步没有开始。", "The program is closing; this step was not begun."),
                Bilingual("重新打开程序后再做一次。", "Open the program again and repeat it."),
            ) from error

    def close(self) -> None:
        """Let running jobs end and the store lane finish; cancel what else waits. Closing twice is harmless.

        A sync under way ends when its handle is told to; the caller does that first.
        """
        self._closed = True
        for lane in _CLOSING:
            if lane in self._lanes:
                self._lanes[lane].shutdown(wait=True, cancel_futures=lane is not Lane.STORE)

    def _lane(self, lane: Lane) -> ThreadPoolExecutor:
        if self._closed:
            raise RuntimeError("closed")
        found = self._lanes.get(lane)
        if found is None:
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - not before the first picture

            found = self._lanes[lane] = ThreadPoolExecutor(1, thread_name_prefix=f"outpost-{lane.value}")
        return found
