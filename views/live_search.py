"""Search as one types: the next keystroke cancels the last search, and only the last one is ever shown.

Promise: what is shown always belongs to the text that was searched last; a result that comes back after another keystroke is
thrown away, and a search that has not begun by then is never begun. An empty text searches nothing unless that is asked for.

Source: design.md "Threads"; docs/adr/0101.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject

from claims.errors import OutpostError
from views.lanes import Lane
from views.tasks import Task, Tasks

Found = TypeVar("Found")


class LiveSearch(QObject, Generic[Found]):
    """One search at a time in the search lane.

    Args:
        find: ``find(text, cancelled)`` runs in the lane and looks at ``cancelled`` now and then.
        found: gets the text and what was found, on the main thread.
        nothing: called at once for an empty text; the place for recent entries, or for clearing the list.
        also_empty: an empty text is searched like any other; ``nothing`` is then never called.
        failed: gets an error of the search that is still waited for; without it the presenter shows the error.
    """

    def __init__(
        self,
        tasks: Tasks,
        find: Callable[[str, Callable[[], bool]], Found],
        found: Callable[[str, Found], None],
        *,
        nothing: Callable[[], None] = lambda: None,
        also_empty: bool = False,
        failed: Callable[[OutpostError], None] | None = None,
        lane: Lane = Lane.SEARCH,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._find, self._found, self._nothing, self._failed = tasks, find, found, nothing, failed
        self._lane, self._also_empty = lane, also_empty
        self._text = ""
        self._task: Task | None = None

    @property
    def text(self) -> str:
        """What was searched last, without blanks around it."""
        return self._text

    @property
    def under_way(self) -> bool:
        """Whether an answer is still to come."""
        return self._task is not None and not self._task.over

    def search(self, text: str) -> None:
        """Search this from now on, also when it is the same text again."""
        self.cancel()
        self._text = wanted = text.strip()
        if not wanted and not self._also_empty:
            self._nothing()
            return
        # The task exists only once ``run`` has returned; a fast job may look before that.
        holder: list[Task] = []

        def cancelled() -> bool:
            return bool(holder) and holder[0].cancelled

        task = self._tasks.run(
            lambda: None if cancelled() else (self._find(wanted, cancelled),),
            lambda answer: self._came(wanted, answer),
            owner=self,
            failed=self._failed,
            lane=self._lane,
        )
        holder.append(task)
        self._task = task

    def cancel(self) -> None:
        """Give up what is under way; nobody hears of it any more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _came(self, text: str, answer: tuple[Found] | None) -> None:
        if answer is not None:
            self._found(text, answer[0])
