"""The lanes on which background jobs run: one thread each, jobs of a lane in order.

Promise: the main thread is Qt's alone. The *store* lane owns the writing connection, *search* reads the policy extract, *sync* runs the
cycle, *door* does what comes before and beside the desk (unlocking, enrolment, practice headquarters), *page* draws pages for the
screen and the printer and writes saved ones: a slow stick holds up nothing else. Source: design.md "Threads".
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from enum import StrEnum
from typing import Protocol, TypeVar

T = TypeVar("T")


class Lane(StrEnum):
    """Where a job runs."""

    STORE = "store"
    SEARCH = "search"
    SYNC = "sync"
    DOOR = "door"
    PAGE = "page"


class Workers(Protocol):
    """The threads behind the lanes (``app.workers``)."""

    def submit(self, lane: Lane, job: Callable[[], T]) -> Future[T]:
        """Queue a job; its result or error comes back in the future. Raises ``BugError`` (``workers_closed``) after ``close``."""

    def close(self) -> None:
        """Let running jobs end, cancel those that wait, and return when the threads are gone; refuse new ones from then on.

        What waits on the store lane is still done: somebody asked for it to be kept.
        """
