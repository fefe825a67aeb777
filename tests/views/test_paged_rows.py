"""Long lists by page: a page at a time, no late page, no row that moves or comes twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest
from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtTest import QTest

from claims.errors import Bilingual, InputError
from tests.views.stage import Stage
from views.controls.empty_note import EmptyNote
from views.controls.row_list import RowList, RowPainter
from views.lanes import Lane
from views.paged_rows import PagedRows

Row = tuple[int, str]
BROKEN = InputError("odd", Bilingual("读不了。", "It can't be read."), Bilingual("再试。", "Try again."))


def rows_on(stage: Stage, page: int = 10) -> PagedRows[Row]:
    return PagedRows(stage.tasks, lambda row: row[1], page=page, key=lambda row: row[0], parent=stage.ui)


def of(source: list[Row]) -> Callable[[int, int, Callable[[], bool]], Sequence[Row]]:
    return lambda offset, limit, _cancelled: source[offset : offset + limit]


def numbers(rows: PagedRows[Row]) -> list[int]:
    return [row[0] for row in rows.rows()]


def test_pages_come_as_they_are_wanted_and_end(on_stage: Stage) -> None:
    source = [(n, f"row {n}") for n in range(25)]
    rows = rows_on(on_stage)
    rows.restart(of(source))
    on_stage.settle()
    top = QModelIndex()
    assert rows.rowCount() == 10
    for wanted in (20, 25):
        assert rows.canFetchMore(top)
        rows.fetchMore(top)
        assert not rows.canFetchMore(top), "one page at a time"
        on_stage.settle()
        assert rows.rowCount() == wanted
    assert not rows.canFetchMore(top)
    assert rows.data(rows.index(3, 0), Qt.ItemDataRole.AccessibleTextRole) == "row 3"


def test_a_page_of_the_last_search_is_dropped(on_stage: Stage) -> None:
    gate = threading.Event()
    begun: list[str] = []
    rows = rows_on(on_stage)

    def fetch(name: str) -> Callable[[int, int, Callable[[], bool]], Sequence[Row]]:
        def page(_offset: int, _limit: int, _cancelled: Callable[[], bool]) -> Sequence[Row]:
            begun.append(name)
            return [(1, name)]

        return page

    on_stage.tasks.run(lambda: gate.wait(10), owner=rows, lane=Lane.STORE)
    for name in ("one", "two", "three"):
        rows.restart(fetch(name))
    gate.set()
    on_stage.settle()
    assert [row[1] for row in rows.rows()] == ["three"]
    assert begun == ["three"]


def test_a_row_that_came_in_above_does_not_come_twice(on_stage: Stage) -> None:
    source = [(n, f"row {n}") for n in range(30)]
    rows = rows_on(on_stage)
    rows.restart(of(source))
    on_stage.settle()
    source.insert(0, (99, "new"))
    rows.fetchMore(QModelIndex())
    on_stage.settle()
    rows.fetchMore(QModelIndex())
    on_stage.settle()
    assert numbers(rows) == list(range(29)), "each once; the newest is for the next restart"


def test_renewing_keeps_every_row_in_its_place(on_stage: Stage) -> None:
    source = [(n, f"row {n}") for n in range(5)]
    rows = rows_on(on_stage)
    rows.restart(of(source))
    on_stage.settle()
    orders: list[bool] = []
    source[:] = [(4, "row 4"), (7, "new"), (2, "changed"), (0, "row 0"), (3, "row 3")]
    rows.renew(orders.append)
    on_stage.settle()
    assert rows.rows() == ((0, "row 0"), (2, "changed"), (3, "row 3"), (4, "row 4"), (7, "new"))
    assert orders == [True], "the source has another order now"
    source[:] = sorted(source)
    rows.renew(orders.append)
    on_stage.settle()
    assert orders == [True, False]


def test_renewing_while_a_page_is_on_its_way_comes_after_it(on_stage: Stage) -> None:
    source = [(1, "old")]
    gate = threading.Event()
    rows = rows_on(on_stage)
    rows.restart(lambda *_: (list(source), gate.wait(10))[0])
    rows.renew()
    source[:] = [(1, "new")]
    gate.set()
    on_stage.settle()
    assert rows.rows() == ((1, "new"),)


def test_the_selected_row_stays_selected_when_rows_come_and_go(on_stage: Stage) -> None:
    source = [(n, f"row {n}") for n in range(5)]
    rows = rows_on(on_stage)
    view = list_of(on_stage, rows)
    rows.restart(of(source))
    on_stage.settle()
    view.select(3)
    source[:] = [(9, "new"), (4, "row 4"), (3, "row 3"), (1, "row 1")]
    rows.renew()
    on_stage.settle()
    assert view.current_row() == (3, "row 3")


def list_of(stage: Stage, rows: PagedRows[Row]) -> RowList:
    class Painter(RowPainter):
        def paint_row(self, painter: QPainter, rect: QRect, row: object, *, selected: bool) -> None:
            assert isinstance(row, tuple)
            self.words(painter, rect, str(row[1]), bold=selected)

    view = RowList(stage.ui, rows, Painter(stage.ui, parent=stage.problems), Bilingual("行", "Rows"))
    stage.show(view, 400, 300)
    return view


def test_a_list_is_moved_and_opened_by_keys_and_fetches_as_it_goes(on_stage: Stage) -> None:
    rows = rows_on(on_stage)
    view = list_of(on_stage, rows)
    opened: list[object] = []
    view.opened.connect(opened.append)
    rows.restart(of([(n, f"row {n}") for n in range(35)]))
    on_stage.settle()
    view.setFocus()
    assert view.current_row() == (0, "row 0")
    for _ in range(30):
        QTest.keyClick(view, Qt.Key.Key_J)
        on_stage.settle()
    QTest.keyClick(view, Qt.Key.Key_K)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert opened == [(29, "row 29")]


def test_an_empty_list_says_so_and_an_error_is_told(on_stage: Stage) -> None:
    rows = rows_on(on_stage)
    view = list_of(on_stage, rows)
    note = EmptyNote(on_stage.ui, rows, view, Bilingual("没有", "Nothing"), Bilingual("以后在这里", "It will be here"))
    assert note.isHidden(), "nothing is said before anything was looked for"
    rows.restart(of([]))
    on_stage.settle()
    assert note.isVisible()
    assert view.accessibleDescription() == "没有 以后在这里"
    on_stage.ui.words.switch("en")
    assert view.accessibleDescription() == "Nothing It will be here"
    rows.restart(of([(1, "row")]))
    on_stage.settle()
    assert note.isHidden()

    def broken(*_args: object) -> Sequence[Row]:
        raise BROKEN

    heard: list[object] = []
    rows.restart(broken, failed=heard.append)
    on_stage.settle()
    assert heard == [BROKEN]
    rows.restart(broken)
    on_stage.settle()
    assert on_stage.problems.codes == ("odd",), "without a handler the presenter shows it"
    assert not rows.busy


def test_rows_without_a_key_can_not_be_renewed(on_stage: Stage) -> None:
    rows: PagedRows[Row] = PagedRows(on_stage.tasks, str, parent=on_stage.ui)
    with pytest.raises(ValueError, match="key"):
        rows.renew()
