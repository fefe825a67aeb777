"""Background jobs and their return to Qt. Jobs are plain callables; a result comes back on the main thread or not at all.

Promise: no job touches a widget and no result is delivered to one that is gone; an error that nobody else handles reaches the
one presenter; a job that was cancelled may finish, but nobody hears of it. Results cross the signal as ``object``, so money
keeps all its digits.

Source: design.md "Threads".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

from claims.errors import Bilingual, BugError, OutpostError
from views.collector import Collector
from views.lanes import Lane, Workers
from views.none_guard import keep_none_alive

if TYPE_CHECKING:
    import logging
    from concurrent.futures import Future

T = TypeVar("T")


class Task:
    """One job under way."""

    def __init__(self) -> None:
        self._cancelled = False
        self._over = False

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for it any more; a long job may look at this from its own thread."""
        return self._cancelled

    @property
    def over(self) -> bool:
        """Whether its result was delivered, or dropped."""
        return self._over

    def cancel(self) -> None:
        """Deliver nothing."""
        self._cancelled = True

    def _end(self) -> None:
        self._over = True


class Tasks(QObject):
    """Runs jobs in lanes and brings their results to the main thread.

    ``wrote`` is emitted after every job that changed the store: the frame counts anew. ``idle`` when the last job came back.
    """

    wrote = Signal()
    idle = Signal()
    _posted = Signal(object)

    def __init__(self, workers: Workers, present: Callable[[OutpostError], None]) -> None:
        """Run on these workers; ``present`` shows what nobody else handles."""
        super().__init__()
        self._workers = workers
        self._present = present
        self._under_way = 0
        self._collector = Collector(self)
        # Always queued: a job that is over before ``run`` returns must not be delivered inside it.
        self._posted.connect(self._call, Qt.ConnectionType.QueuedConnection)

    @property
    def under_way(self) -> int:
        """How many jobs have not come back yet."""
        return self._under_way

    def run(
        self,
        job: Callable[[], T],
        then: Callable[[T], None] | None = None,
        *,
        owner: QObject,
        failed: Callable[[OutpostError], None] | None = None,
        lane: Lane = Lane.STORE,
        writes: bool = False,
    ) -> Task:
        """Run a job in its lane, then ``then(result)`` or ``failed(error)`` on the main thread.

        Args:
            job: must not touch Qt widgets.
            owner: the widget that asked; once it is deleted the result is dropped.
            failed: gets an ``OutpostError``; without it the presenter shows the error.
            writes: the job changes the store.
        """
        # Not when the module is loaded: the first picture does not wait for it.
        keep_none_alive()
        task = Task()
        self._under_way += 1
        future = self._workers.submit(lane, job)
        future.add_done_callback(
            lambda done: self._posted.emit(lambda: self._deliver(task, job, done, then, failed, owner, writes))
        )
        return task

    def post(self, call: Callable[[], None]) -> None:
        """Call something on the main thread; for progress told by a job."""
        self._posted.emit(call)

    def _deliver(
        self,
        task: Task,
        job: Callable[[], Any],
        done: Future[Any],
        then: Callable[[Any], None] | None,
        failed: Callable[[OutpostError], None] | None,
        owner: QObject,
        writes: bool,
    ) -> None:
        self._under_way -= 1
        task._end()
        # The lane holds both for a moment longer, and with them the widgets that asked.
        self._collector.let_go_later(job, done)
        try:
            error = done.exception()
            if writes and error is None:
                self.wrote.emit()
            if task.cancelled or not shiboken6.isValid(owner):
                if error is not None:
                    _log().info("a job nobody waits for failed: %s", error)
                return
            if error is not None:
                (failed or self._present)(told(error))
            elif then is not None:
                then(done.result())
        finally:
            if self._under_way == 0:
                self.idle.emit()

    def _call(self, call: Callable[[], None]) -> None:
        call()


def told(error: BaseException) -> OutpostError:
    """Return the error as something to show: an unexpected one becomes a ``BugError`` that names it, and is logged in full."""
    if isinstance(error, OutpostError):
        return error
    _log().error("unexpected", exc_info=error)
    name = type(error).__name__
    bug = BugError(
        "unexpected",
        Bilingual(f"程序出现意外错误（{name}：{error}）。", f"The program met an unexpected error ({name}: {error})."),
        Bilingual(
            "已存盘的资料没有受影响。请重试；再次出现时把这句话告诉总部。",
            "What is on disk is unharmed. Try again; if it comes back tell headquarters this sentence.",
        ),
    )
    bug.__cause__ = error
    return bug


def _log() -> logging.Logger:
    import logging  # noqa: PLC0415 - only when something went wrong; the first picture does without

    return logging.getLogger(__name__)
