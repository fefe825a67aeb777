"""The other ways on the Sync screen, on real parts: a stick to headquarters and back, an allowance handed on and taken in, neighbours switched on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from claims.amounts import yuan
from claims.desk import Desk
from claims.neighbours import AllowanceWish, AskedReport, CustodyReport, Neighbour, NeighbourKind, Sharing
from claims.trusted_time import TrustedTime
from headquarters.answer_bundles import write_answers
from headquarters.bundle_intake import take_bundle
from tests.desk.station import NOON, clinic_pool, ready_case
from tests.views.line import Line, line_to, until
from tests.views.stage import Stage
from views.screens.sync import SyncScreen
from views.screens.sync_allowances import HAND, SHOW, TAKE
from views.screens.sync_neighbours import asked_words, pushed_words


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    with line_to(tmp_path / "office") as made:
        yield made


@pytest.fixture
def open_desk(line: Line) -> Iterator[Desk]:
    opened = line.desk()
    yield opened
    line.gate.release()
    opened.close()


def folder_is(folder: Path) -> Callable[[QWidget, str, Callable[[Path | None], None]], None]:
    return lambda _parent, _title, chosen: chosen(folder)


def shown(stage: Stage, desk: Desk) -> SyncScreen:
    screen = SyncScreen(stage.workplace(desk))
    stage.show(screen)
    stage.settle()
    return screen


def test_a_stick_goes_to_headquarters_and_brings_its_word_back(
    on_stage: Stage, line: Line, open_desk: Desk, tmp_path: Path
) -> None:
    open_desk.sync()
    ready_case(open_desk)
    line.unplug()
    stick = tmp_path / "stick"
    stick.mkdir()
    screen = shown(on_stage, open_desk)
    panel = screen.ways.stick
    waiting = open_desk.safety().disk
    assert panel.write_button.text() == f"写入 {waiting} 条"
    panel._choose_folder = folder_is(stick)  # the dialog is Qt's; what comes after it is ours
    panel.write_button.click()
    until(lambda: "已写入并读回核对" in panel.said.full_text, "the bundle")
    until(lambda: open_desk.safety().custody > 0, "custody")
    on_stage.settle()
    assert screen.cards.custody.accessibleName().startswith(f"已托管 {waiting}")

    for bundle in sorted(stick.iterdir()):
        if bundle.suffix == ".fcb":
            with bundle.open("rb") as stream:
                take_bundle(line.office.hq, stream)
    write_answers(line.office.hq, stick)
    panel.read_button.click()
    until(lambda: "收下 1 份回执" in panel.said.full_text, "the answer")
    until(lambda: open_desk.safety().disk + open_desk.safety().custody == 0, "the receipt")
    on_stage.ui.words.switch("en")
    assert "1 answers taken in" in panel.said.full_text


def test_an_empty_stick_and_a_changed_mind(on_stage: Stage, open_desk: Desk, tmp_path: Path) -> None:
    screen = shown(on_stage, open_desk)
    panel = screen.ways.stick
    panel._choose_folder = lambda _parent, _title, chosen: chosen(None)
    panel.write_button.click()
    assert panel.strip.isHidden()
    panel._choose_folder = folder_is(tmp_path)
    panel.read_button.click()
    until(lambda: "没有总部的回执" in panel.said.full_text, "the empty stick")


def test_an_allowance_is_handed_on_once_and_can_be_fetched_again(
    on_stage: Stage, open_desk: Desk, tmp_path: Path
) -> None:
    open_desk.sync()
    screen = shown(on_stage, open_desk)
    panel = screen.ways.allowances
    until(lambda: panel.pool is not None, "the allowances")
    before = open_desk.allowances().pools[0].left_fen
    panel.doing.fill(HAND)
    panel.doing.typed.emit()
    for line, text in ((panel.amount, "1,200.00"), (panel.device, "d5"), (panel.epoch, "1")):
        line.fill(text)
    target = tmp_path / "transfer.txt"
    screen.ways._saving._choose = lambda _parent, _ui, _path, _kind, chosen: chosen(target)
    panel.hand_button.click()
    until(target.exists, "the saved transfer")
    on_stage.settle()
    assert open_desk.allowances().pools[0].left_fen == before - 120_000
    first = target.read_bytes()
    target.unlink()
    panel.doing.fill(SHOW)
    place = next(place for place, row in enumerate(panel.rows.rows) if row.open is not None)
    panel.rows.button(place).click()
    until(target.exists, "the transfer once more")
    assert target.read_bytes() == first
    assert open_desk.allowances().pools[0].left_fen == before - 120_000


def test_what_is_no_transfer_is_told_and_changes_nothing(on_stage: Stage, open_desk: Desk) -> None:
    screen = shown(on_stage, open_desk)
    panel = screen.ways.allowances
    panel.doing.fill(TAKE)
    panel.doing.typed.emit()
    panel.text.fill("不是凭据")
    panel.take_button.click()
    on_stage.settle()
    until(lambda: on_stage.problems.codes != (), "the problem")
    assert on_stage.problems.codes == ("transfer_unreadable",)
    assert panel.text.raw() == "不是凭据", "what was typed stays"


def test_neighbours_are_told_apart_and_a_wish_is_decided_here(on_stage: Stage, open_desk: Desk) -> None:
    screen = shown(on_stage, open_desk)
    panel = screen.ways.neighbours
    assert panel.rows.isHidden()
    hub = Neighbour("H1", "QX07", NeighbourKind.HUB, "192.0.2.2:7", NOON, 8)
    typed = Neighbour("", "", NeighbourKind.LAPTOP, "192.0.2.9:7", None, 0, typed=True)
    wish = AllowanceWish("D5", "QX07", clinic_pool(), 120_000)
    at = TrustedTime(at=NOON, believed=True)
    decided: list[tuple[object, bool]] = []
    panel.decided.disconnect()
    panel.decided.connect(lambda one, yes: decided.append((one, yes)))
    panel.show_neighbours((hub, typed), Sharing(on=True, port=7, found_by_itself=False), (wish,), at, 9)
    assert [row.title for row in panel.rows.rows] == ["H1", "192.0.2.9:7"]
    assert "全部记录" in panel.rows.button(0).text()
    assert "自动发现" in panel.said.full_text
    buttons = panel._wishes.findChildren(type(panel.push_button))
    buttons[0].click()
    assert decided == [(wish, True)]


def test_what_pushing_and_asking_brought_is_said() -> None:
    nobody = CustodyReport(0, (), 0, 0, 0, ())
    assert "没有人能托管" in pushed_words(nobody).zh
    assert "H1" in pushed_words(CustodyReport(9, ("H1",), 1, 10, 0, ())).en
    assert "没有同伴可问" in asked_words(AskedReport((), (), ())).zh
    assert "D5" in asked_words(AskedReport((), ("D5",), ())).zh
    assert yuan(0) not in asked_words(AskedReport((), ("D5",), ())).en
