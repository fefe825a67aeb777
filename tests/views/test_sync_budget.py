"""A metered line on the Sync screen: the data cap over a real headquarters, and progress kind by kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from claims.desk import Desk
from claims.synchronising import SyncProgressed, TransferProgressed
from tests.desk.station import ready_case
from tests.views.line import Line, line_to
from tests.views.stage import Stage
from views.controls.bar import BarState
from views.screens.sync import SyncScreen
from views.screens.sync_words import kinds, quiet_words
from views.syncing import SyncNow


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    with line_to(tmp_path / "office") as made:
        yield made


@pytest.fixture
def open_desk(line: Line) -> Iterator[Desk]:
    opened = line.desk()
    yield opened
    opened.close()


def test_a_cap_sends_the_log_and_leaves_the_photos_with_a_word(on_stage: Stage, open_desk: Desk) -> None:
    open_desk.sync()
    ready_case(open_desk)
    screen = SyncScreen(on_stage.workplace(open_desk))
    on_stage.show(screen)
    screen.syncing.use_budget(2_000)
    screen.sync_button.click()
    on_stage.settle()
    safety = open_desk.safety()
    assert safety.disk == 0, "the log goes in any case"
    assert safety.attachments_waiting > 0
    assert "流量用完" in screen.strip.words
    assert f"还有 {safety.attachments_waiting} 个文件" in screen.strip.words
    screen.syncing.use_budget(None)
    screen.sync_button.click()
    on_stage.settle()
    assert open_desk.safety().attachments_waiting == 0


def test_the_cap_is_typed_in_megabytes_and_taken_away_again(on_stage: Stage, open_desk: Desk) -> None:
    screen = SyncScreen(on_stage.workplace(open_desk))
    on_stage.show(screen)
    field = screen.budget.line
    field.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClicks(field, "25x")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert screen.syncing.now.byte_budget == 25_000_000
    assert field.text() == "25"
    on_stage.ui.words.switch("en")
    assert field.text() == "25"
    assert "Data cap" in field.accessibleName()
    for empty in ("", "0"):
        field.setText(empty)
        screen.sync_button.setFocus(Qt.FocusReason.TabFocusReason)
        assert screen.syncing.now.byte_budget is None
        field.setFocus(Qt.FocusReason.TabFocusReason)


def sending(*told: TransferProgressed, **changes: object) -> SyncNow:
    progress = SyncProgressed("files", 9, 9, 50, 100, None, transfers=told)
    return SyncNow(**({"running": True, "progress": progress} | changes))  # type: ignore[arg-type] # its own fields


def test_every_kind_says_how_many_how_much_and_how_long() -> None:
    told = (
        TransferProgressed("log", 9, 9, 900, 900, 0.0),
        TransferProgressed("papers", 3, 3, 200_000, 200_000, 0.0),
        TransferProgressed("thumbnails", 0, 0, 0, 0, 0.0),
        TransferProgressed("photos", 1, 5, 300_000, 2_000_000, 42.0),
    )
    papers, photos = kinds(sending(*told))
    assert papers.good
    assert photos.title.zh == "照片与附件・1 / 5 个"
    assert photos.amount.zh == "0.3 / 2.0 MB"
    assert photos.state.zh == "剩 50 秒"
    assert photos.bar is BarState.RUNNING
    still = kinds(sending(*told, stalled_s=7.9))[1]
    assert still.state.zh == "7 秒没有数据"
    assert still.state.en == "no data for 7 s"
    assert kinds(sending(*told, paused=True))[1].bar is BarState.PAUSED
    assert kinds(sending(*told, money_only=True)) == ()
    assert kinds(sending(*told[:2])) == (), "one kind alone is what the row above says"
    assert kinds(SyncNow()) == ()
    assert quiet_words(190).en == "no data for 3 min"
    unknown = TransferProgressed("holograms", 1, 2, 1, 2, None)
    assert kinds(sending(*told, unknown))[-1].title.zh == "holograms・1 / 2 个"


def test_the_rows_come_while_files_go_and_leave_with_the_sync(on_stage: Stage, open_desk: Desk) -> None:
    screen = SyncScreen(on_stage.workplace(open_desk))
    on_stage.show(screen)
    assert all(each.isHidden() for each in screen.kind_rows)
    told = (
        TransferProgressed("papers", 1, 2, 10, 20, None),
        TransferProgressed("photos", 0, 5, 0, 2_000_000, None),
    )
    screen.syncing._change(running=True, progress=SyncProgressed("files", 1, 1, 10, 20, None, transfers=told))
    assert [each.isHidden() for each in screen.kind_rows] == [False, False, True]
    assert "凭证和签字件" in screen.kind_rows[0].words
    screen.syncing._change(running=False)
    assert all(each.isHidden() for each in screen.kind_rows)
