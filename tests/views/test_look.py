"""Tokens, themes, sizes, icons and language: one place each, switched live."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtGui import QColor, QFontDatabase, QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

import resources
from rules.bilingual import Bilingual
from tests.views.stage import Stage
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.labels import Money, Text, money_text
from views.look.fonts import FAMILY
from views.look.icons import Icons
from views.look.tokens import SCALES, Theme, load_tokens

VIEWS = Path(resources.__file__).parent.parent / "views"


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [each / 255 for each in (QColor(colour).red(), QColor(colour).green(), QColor(colour).blue())]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", list(Theme))
def test_text_stands_out_from_what_it_is_written_on(theme: Theme) -> None:
    colours = load_tokens().colours[theme]
    least = 9 if theme is Theme.SUNLIGHT else 4.5
    for text, ground in itertools.product(("text", "text2", "text3", "accent", "red"), ("window", "surface")):
        assert contrast(colours[text], colours[ground]) >= least, (text, ground)
    for text, ground in (("on_accent", "accent"), ("amber", "amber_bg"), ("red", "red_bg"), ("rail_text", "rail")):
        assert contrast(colours[text], colours[ground]) >= least, (text, ground)
    assert contrast(colours["line_strong"], colours["surface"]) >= 3


def test_no_other_file_names_a_colour() -> None:
    named = [
        path.name
        for path in VIEWS.rglob("*.py")
        if re.search(r"#[0-9A-Fa-f]{6}\b", path.read_text(encoding="utf-8")) and path.parent.name != "look"
    ]
    assert named == []


def test_the_bundled_family_is_there_and_the_palette_is_ours(on_stage: Stage) -> None:
    assert FAMILY in QFontDatabase.families()
    for theme in Theme:
        on_stage.look.use(theme=theme)
        assert on_stage.app.palette().color(QPalette.ColorRole.Window) == QColor(on_stage.look.colour("window"))


def test_every_icon_of_the_house_renders_in_the_colour_asked_for() -> None:
    icons = Icons()
    for path in resources.path("icons").glob("*.svg"):
        image = icons.pixmap(path.stem, "#A1261D", 24).toImage()
        inked = [
            image.pixelColor(x, y)
            for x, y in itertools.product(range(24), range(24))
            if image.pixelColor(x, y).alpha() > 200
        ]
        assert inked, path.name
        assert all(each.red() > 120 and each.green() < 80 for each in inked), path.name


def test_sizes_grow_everything_that_is_touched(on_stage: Stage) -> None:
    button = ActionButton(on_stage.ui, Bilingual("去签字", "Sign"))
    heights = []
    for scale in SCALES:
        on_stage.look.use(scale_percent=scale)
        heights.append(button.sizeHint().height())
    assert heights == [44, 55, 66]


def test_language_switches_live_and_with_it_locale_and_qt_dialogs(on_stage: Stage) -> None:
    holder = QWidget()
    column = QVBoxLayout(holder)
    label = Text(on_stage.ui, Bilingual("应付", "Payable"))
    button = ActionButton(on_stage.ui, Bilingual("打印", "Print"))
    column.addWidget(label)
    column.addWidget(button)
    on_stage.show(holder)
    assert (label.full_text, button.accessibleName()) == ("应付", "打印")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "取消"
    on_stage.ui.words.switch("en")
    assert (label.full_text, button.accessibleName()) == ("Payable", "Print")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
    assert QLocale().language() is QLocale.Language.English
    on_stage.ui.words.switch("zh")
    assert QLocale().language() is QLocale.Language.Chinese


@pytest.mark.parametrize(
    ("fen", "shown"),
    [(0, "0.00"), (5, "0.05"), (648_824, "6,488.24"), (-162_206, "−1,622.06"), (10**14, "1,000,000,000,000.00")],
)
def test_money_is_shown_whole(fen: int, shown: str) -> None:
    assert money_text(fen) == shown


def test_unknown_money_is_a_dash_never_zero(on_stage: Stage) -> None:
    money = Money(on_stage.ui)
    assert money.full_text == "—"
    money.show_fen(0)
    assert money.full_text == "0.00"


def test_a_text_too_long_is_cut_with_an_ellipsis_and_kept_whole_for_the_reader(on_stage: Stage) -> None:
    label = Text(on_stage.ui, "清溪县人民医院门诊收费票据（电子）第一联")
    on_stage.show(label, 120, 24)
    assert label.text().endswith("…")
    assert label.accessibleName() == label.toolTip() == label.full_text


def test_a_button_says_why_it_is_off(on_stage: Stage) -> None:
    button = ActionButton(on_stage.ui, Bilingual("去签字", "Sign"), role=ButtonRole.PRIMARY, key="Ctrl+Return")
    button.allow(False, Bilingual("还缺费用清单", "The list of costs is missing"))
    assert not button.isEnabled()
    assert button.accessibleDescription() == "还缺费用清单"
