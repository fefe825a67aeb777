"""Setup: choices hold at once and are kept; what this laptop is and holds stands there in words."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from claims.desk import Desk
from claims.errors import Bilingual, EnvironmentProblem
from tests.desk.conftest import desk, station  # noqa: F401 - fixtures
from tests.desk.station import Station
from tests.views.stage import Stage
from views.about import About
from views.controls.segments import Segments
from views.look.tokens import Theme
from views.screens.licences import PARTS
from views.screens.setup import SetupScreen

ROOT = Path(__file__).resolve().parents[2]


def screen_on(stage: Stage, desk: Desk, *names: str, about: About | None = None) -> SetupScreen:  # noqa: F811 - the fixture's name
    work = stage.workplace(desk)
    screen = SetupScreen(work if about is None else replace(work, about=about), printers=lambda: names)
    stage.show(screen)
    return screen


def choose(segments: Segments, value: str) -> None:
    QTest.mouseClick(segments, Qt.MouseButton.LeftButton, pos=segments.segment_rect(value).center())


def test_language_size_and_colours_hold_at_once_and_are_kept(on_stage: Stage, desk: Desk) -> None:  # noqa: F811 - a fixture
    screen = screen_on(on_stage, desk)
    choose(screen.language, "en")
    choose(screen.size_choice, "150")
    choose(screen.theme, "night")
    on_stage.settle()
    assert on_stage.ui.words.code == "en"
    assert on_stage.look.scale_percent == 150
    assert on_stage.look.theme is Theme.NIGHT
    kept = on_stage.preferences.load()
    assert (kept.language, kept.scale_percent, kept.theme) == ("en", 150, "night")
    assert screen.size_choice.accessibleName() == "Type size: Largest 150%"


def test_every_choice_is_made_by_keyboard_alone(on_stage: Stage, desk: Desk) -> None:  # noqa: F811 - a fixture
    screen = screen_on(on_stage, desk)
    assert screen.first_focus() is screen.language
    assert screen.language.hasFocus()
    QTest.keyClick(screen.language, Qt.Key.Key_Tab)
    assert screen.focusWidget() is screen.size_choice
    QTest.keyClick(screen.size_choice, Qt.Key.Key_Right)
    QTest.keyClick(screen.size_choice, Qt.Key.Key_Tab)
    assert screen.focusWidget() is screen.theme
    QTest.keyClick(screen.theme, Qt.Key.Key_Right)
    on_stage.settle()
    assert (on_stage.look.scale_percent, on_stage.look.theme) == (125, Theme.SUNLIGHT)


def test_a_choice_made_elsewhere_is_shown_here(on_stage: Stage, desk: Desk) -> None:  # noqa: F811 - a fixture
    screen = screen_on(on_stage, desk)
    on_stage.look.use(theme=Theme.SUNLIGHT, scale_percent=125)
    on_stage.ui.words.switch("en")
    assert (screen.theme.raw(), screen.size_choice.raw(), screen.language.raw()) == ("sunlight", "125", "en")


def test_no_printer_is_said_in_words_and_looked_for_again(on_stage: Stage, desk: Desk) -> None:  # noqa: F811 - a fixture
    found: list[str] = []
    screen = SetupScreen(on_stage.workplace(desk), printers=lambda: tuple(found))
    on_stage.show(screen)
    assert "没有找到打印机" in screen.printer_note.full_text
    assert "PDF" in screen.printer_note.full_text
    assert screen.printers is None
    found.append("HP LaserJet 站点")
    QTest.mouseClick(screen.look_again, Qt.MouseButton.LeftButton)
    on_stage.settle()
    assert screen.printers is not None
    assert screen.printers.value == ""
    QTest.mouseClick(screen.printers.button("HP LaserJet 站点"), Qt.MouseButton.LeftButton)
    on_stage.settle()
    assert on_stage.preferences.load().printer == "HP LaserJet 站点"


def test_the_kept_printer_is_on_and_named_as_gone_when_it_is(on_stage: Stage, desk: Desk) -> None:  # noqa: F811 - a fixture
    on_stage.preferences.save(replace(on_stage.preferences.load(), printer="B"))
    screen = screen_on(on_stage, desk, "A", "B")
    assert screen.printers is not None
    assert screen.printers.value == "B"
    gone = screen_on(on_stage, desk, "A")
    assert gone.printers is not None
    assert gone.printers.value == "B"
    assert gone.printers.button("B").text() == "B（未连接）"


def test_a_printing_system_that_fails_is_told_here_and_stops_nothing(on_stage: Stage, desk: Desk) -> None:  # noqa: F811
    def fail() -> tuple[str, ...]:
        raise EnvironmentProblem(
            "no_spooler", Bilingual("打印服务没有回应。", "No spooler."), Bilingual("重启。", "Restart.")
        )

    screen = SetupScreen(on_stage.workplace(desk), printers=fail)
    on_stage.show(screen)
    assert screen.printer_note.full_text.startswith("打印服务没有回应。")
    assert screen.look_again.isEnabled()
    assert on_stage.problems.codes == ()


def test_whose_laptop_it_is_and_what_it_holds(on_stage: Stage, desk: Desk, tmp_path: Path) -> None:  # noqa: F811 - a fixture
    screen = screen_on(on_stage, desk, about=About("0.1.0", tmp_path))
    assert screen.station.value("station") == "清溪一中安置点服务站（QX07）"
    assert screen.station.value("adjuster") == "林晓禾 0417"
    assert screen.station.value("device") == "D3，第 1 次登记"
    assert screen.station.value("certificate").startswith("有效至 20")
    assert screen.station.value("folder") == str(tmp_path)
    assert "2026-11-16 制作" in screen.holdings.value("rules")
    assert "人" in screen.holdings.value("policies")
    assert screen.holdings.value("numbers") == "报案 50，凭证 50，签收单 50"
    assert screen.about.value("version") == "0.1.0"
    on_stage.ui.words.switch("en")
    assert screen.holdings.value("numbers") == "cases 50, vouchers 50, slips 50"
    assert screen.station.value("certificate").startswith("valid until 20")


def test_expired_rules_and_an_ended_certificate_are_red_words(on_stage: Stage, station: Station) -> None:  # noqa: F811
    station.clock.wall += timedelta(days=4000)
    opened = station.open()
    try:
        screen = screen_on(on_stage, opened)
        assert screen.holdings.value("rules").endswith("已过期")
        assert "已到期" in screen.station.value("certificate")
    finally:
        opened.close()


def test_the_licences_are_shown_on_demand_with_the_fonts_own_in_full(on_stage: Stage, desk: Desk) -> None:  # noqa: F811
    screen = screen_on(on_stage, desk)
    assert screen.licence_text.isHidden()
    QTest.mouseClick(screen.licences, Qt.MouseButton.LeftButton)
    on_stage.settle()
    text = screen.licence_text.toPlainText()
    assert "SIL OPEN FONT LICENSE" in text.upper()
    assert "cryptography" in text
    assert "LGPL-3.0" in text
    QTest.mouseClick(screen.licences, Qt.MouseButton.LeftButton)
    assert screen.licence_text.isHidden()


def test_every_library_the_program_needs_is_listed() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = {each.split(">")[0].split("=")[0].split("[")[0].strip().lower() for each in needed}
    assert names <= {part.package for part in PARTS}


@pytest.mark.parametrize("scale", [100, 125, 150])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_wider_than_the_window(on_stage: Stage, desk: Desk, scale: int, language: str) -> None:  # noqa: F811
    on_stage.look.use(scale_percent=scale)
    on_stage.ui.words.switch("en" if language == "en" else "zh")
    screen = SetupScreen(on_stage.workplace(desk), printers=lambda: ("A", "B"))
    on_stage.show(screen, 1366 - on_stage.look.width("rail"), 600)
    for segments in (screen.language, screen.size_choice, screen.theme):
        assert segments.width() >= segments.sizeHint().width()
        assert segments.mapTo(screen, segments.rect().topRight()).x() <= screen.width()
