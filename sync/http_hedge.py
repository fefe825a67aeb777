"""A small question asked again on another connection when its answer is late: whichever comes first counts.

Promise: for idempotent questions only; at most two are under way; an answer that means something (a refusal as well) ends the wait, a broken
line only when the other one broke too. A lost packet of a question costs a second by the system's own repetition, and half as long by this.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from sync.problems import LinkProblem
from sync.wire.faults import LinkFault

LEAST_S = 0.5
"""The shortest wait before the second: on a quick line headquarters' own work takes longer than the line."""
_WORK_S = 0.15
"""What headquarters may take for a small question."""
_BROKEN = frozenset({LinkFault.CUT, LinkFault.TIMEOUT, LinkFault.NO_ROUTE})


def late_after_s(round_trip_s: float | None) -> float:
    """Return after how many seconds an answer is late on a line with this round trip (None: not known)."""
    return 1.0 if round_trip_s is None else max(LEAST_S, 1.5 * round_trip_s + _WORK_S)


def first_answer(ask: Callable[[], bytes], late_s: float, may_repeat: Callable[[], bool]) -> bytes:
    """Ask, and once more after ``late_s`` where ``may_repeat`` agrees. Raises ``LinkProblem``; an error of the program comes through as it is."""
    answers: SimpleQueue[bytes | BaseException] = SimpleQueue()

    def work() -> None:
        try:
            answers.put(ask())
        except BaseException as problem:
            # Raised on the thread that waits: a question that just died would leave it waiting for ever.
            answers.put(problem)

    def begin() -> None:
        threading.Thread(target=work, name="sync-ask", daemon=True).start()

    begin()
    try:
        return _told(answers.get(timeout=late_s))
    except Empty:
        under_way = 1
    if may_repeat():
        begin()
        under_way = 2
    while True:
        answer = answers.get()
        under_way -= 1
        if under_way and isinstance(answer, LinkProblem) and answer.fault in _BROKEN:
            continue
        return _told(answer)


def _told(answer: bytes | BaseException) -> bytes:
    if isinstance(answer, BaseException):
        raise answer
    return answer
