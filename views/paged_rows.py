"""Long lists by page: a model that fetches the next page when the view comes near its end.

Promise: a list of any length costs a page; a page that comes back after ``restart`` is thrown away; rows never reorder under the
hand (only ``restart`` brings another order; ``renew`` keeps every row in its place).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from claims.errors import OutpostError
from views.lanes import Lane
from views.tasks import Task, Tasks

Row = TypeVar("Row")
ROW_ROLE = int(Qt.ItemDataRole.UserRole)
PAGE = 50
_Index = QModelIndex | QPersistentModelIndex


class PagedRows(QAbstractListModel, Generic[Row]):
    """Rows of one kind. ``ROW_ROLE`` is the row itself, ``AccessibleTextRole`` what a screen reader says.

    ``loaded`` is emitted after each page with the number of rows there are so far.
    """

    loaded = Signal(int)

    def __init__(
        self,
        tasks: Tasks,
        say: Callable[[Row], str],
        *,
        lane: Lane = Lane.STORE,
        page: int = PAGE,
        key: Callable[[Row], object] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """``say`` is what a row is called for a screen reader; ``key`` tells two versions of the same row (needed by ``renew``)."""
        super().__init__(parent)
        self._tasks, self._say, self._lane, self._page = tasks, say, lane, page
        self._rows: list[Row] = []
        self._fetch: Callable[[int, int, Callable[[], bool]], Sequence[Row]] | None = None
        self._failed: Callable[[OutpostError], None] | None = None
        self._more = False
        self._task: Task | None = None
        self._key = key
        # Where the next page begins at its source; not the number of rows, once some came twice or went.
        self._offset = 0
        self._renew_next: Callable[[], None] | None = None

    def restart(
        self,
        fetch: Callable[[int, int, Callable[[], bool]], Sequence[Row]],
        *,
        failed: Callable[[OutpostError], None] | None = None,
    ) -> None:
        """Show other rows: ``fetch(offset, limit, cancelled)`` runs in the lane. The old rows stay until the first page is there.

        What runs already is told so by ``cancelled`` and its page is dropped: the next keystroke never waits for the last.
        """
        self._cancel()
        self._fetch, self._failed, self._more, self._renew_next = fetch, failed, True, None
        self._ask(0)

    def renew(
        self,
        renewed: Callable[[bool], None] | None = None,
        *,
        failed: Callable[[OutpostError], None] | None = None,
    ) -> None:
        """Fetch anew what is shown, without moving a row: what is gone goes, what is new comes last, the rest stays in place.

        Args:
            renewed: is told whether the rows now stand in another order than ``restart`` would give.
        """
        fetch, key = self._fetch, self._key
        if key is None:
            raise ValueError("rows without a key can't be renewed")
        if fetch is None:
            return
        if self.busy:
            self._renew_next = lambda: self.renew(renewed, failed=failed)
            return
        wanted = max(self._page, len(self._rows))
        self._task = self._tasks.run(
            lambda: fetch(0, wanted, lambda: False),
            lambda rows: self._renewed(rows, wanted, key, renewed),
            owner=self,
            failed=failed,
            lane=self._lane,
        )

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows and no more."""
        self._cancel()
        self._more = False
        self._replace(rows)

    @property
    def busy(self) -> bool:
        """Whether a page is still on its way."""
        return self._task is not None and not self._task.over

    def rows(self) -> Sequence[Row]:
        """Return the rows loaded so far."""
        return tuple(self._rows)

    def row_at(self, index: _Index) -> Row | None:
        """Return the row at an index, None for an invalid one."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        """How many rows are loaded."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Return the row, or what it is called."""
        row = self.row_at(index)
        if row is None:
            return None
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._say(row)
        return None

    def canFetchMore(self, parent: _Index) -> bool:  # noqa: N802 - Qt's name
        """Whether there may be another page."""
        return not parent.isValid() and self._more and not self.busy

    def fetchMore(self, parent: _Index) -> None:  # noqa: N802 - Qt's name
        """Fetch the next page in the background."""
        if self.canFetchMore(parent):
            self._ask(self._offset)

    def _ask(self, offset: int) -> None:
        fetch = self._fetch
        if fetch is None:
            return
        # The task exists only once ``run`` has returned; a fast job may look before that.
        holder: list[Task] = []

        def cancelled() -> bool:
            return bool(holder) and holder[0].cancelled

        task = self._tasks.run(
            lambda: () if cancelled() else fetch(offset, self._page, cancelled),
            lambda rows: self._came(offset, rows),
            owner=self,
            failed=None if self._failed is None else self._on_failed,
            lane=self._lane,
        )
        holder.append(task)
        self._task = task

    def _came(self, offset: int, rows: Sequence[Row]) -> None:
        self._task = None
        self._more = len(rows) >= self._page
        self._offset = offset + len(rows)
        if offset == 0:
            self._replace(rows)
        else:
            self._append(rows)
            self.loaded.emit(len(self._rows))
        self._go_on()

    def _append(self, rows: Sequence[Row]) -> None:
        if self._key is not None:
            # Something came in above since the last page: the same row would be there twice.
            there = {self._key(row) for row in self._rows}
            rows = [row for row in rows if self._key(row) not in there]
        if rows:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(rows) - 1)
            self._rows.extend(rows)
            self.endInsertRows()

    def _go_on(self) -> None:
        waiting, self._renew_next = self._renew_next, None
        if waiting is not None:
            waiting()

    def _renewed(
        self,
        rows: Sequence[Row],
        wanted: int,
        key: Callable[[Row], object],
        renewed: Callable[[bool], None] | None,
    ) -> None:
        self._task = None
        self._more = len(rows) >= wanted
        self._offset = len(rows)
        fresh = {key(row): row for row in rows}
        for place in range(len(self._rows) - 1, -1, -1):
            if key(self._rows[place]) not in fresh:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self._rows[place]
                self.endRemoveRows()
        for place, row in enumerate(self._rows):
            self._rows[place] = fresh.pop(key(row))
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, 0))
        self._append(list(fresh.values()))
        self.loaded.emit(len(self._rows))
        if renewed is not None:
            renewed([key(row) for row in rows] != [key(row) for row in self._rows])
        self._go_on()

    def _replace(self, rows: Sequence[Row]) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()
        self.loaded.emit(len(self._rows))

    def _on_failed(self, error: OutpostError) -> None:
        self._more = False
        if self._failed is not None:
            self._failed(error)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
