"""The waterfall: starts at zero, shows the smallest cut, never lets two sums touch, and says in words what it draws."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from claims.explanation import BarKind, WaterfallBar, waterfall
from headquarters.sample import sample_catastrophes
from rules.bilingual import Bilingual
from rules.engine import load_pack
from rules.engine.model import Decision
from rules.tools.pack_tests import run_tests
from rules.tools.sample import sample_pack_bytes
from tests.views.stage import Stage, stage
from views.controls.labels import money_text
from views.look.tokens import SCALES, Theme
from views.screens.case.waterfall import Waterfall
from views.screens.case.waterfall_layout import LEAST, Measures, Texts, lay_out


def cut(text: str, width: int) -> tuple[str, ...]:
    letters = max(1, width // 13)
    return tuple(text[start : start + letters] for start in range(0, len(text), letters)) or ("",)


(QUAKE,) = sample_catastrophes()
MEASURES = Measures(
    line=19,
    sum_line=26,
    edge=12,
    gap=8,
    least_plot=84,
    foot_gap=10,
    name_width=lambda text, _bold: 8 * len(text),
    sum_width=lambda text, strong: (10 if strong else 9) * len(text),
    wrap_name=lambda text, width, _bold: cut(text, width),
    wrap_note=cut,
    word_height=20,
)


def bar(kind: BarKind, before: int, after: int, amount: int | None = None, weight: int = 0) -> WaterfallBar:
    name = Bilingual("扣除其他途径补偿", "less what others paid")
    return WaterfallBar(
        kind, name, Bilingual("照扣", "taken off"), after - before if amount is None else amount, before, after, weight
    )


def texts(each: WaterfallBar) -> Texts:
    word = "豁免" if each.kind is BarKind.WAIVED else ""
    return Texts(each.name.zh, each.note.zh, money_text(each.amount_fen or 0), word)


@st.composite
def chains(draw: st.DrawFn) -> list[WaterfallBar]:
    """Bars as ``waterfall`` makes them: each begins where the last one ended."""
    level = draw(st.integers(0, 10**10))
    bars = [bar(BarKind.START, 0, level)]
    for _ in range(draw(st.integers(0, 9))):
        kind = draw(st.sampled_from([BarKind.CUT, BarKind.MORE, BarKind.UNUSED, BarKind.WAIVED]))
        if kind is BarKind.CUT:
            after = draw(st.integers(0, level))
            bars.append(bar(kind, level, after))
            level = after
        elif kind is BarKind.MORE:
            after = level + draw(st.integers(0, 10**9))
            bars.append(bar(kind, level, after))
            level = after
        elif kind is BarKind.WAIVED:
            bars.append(bar(kind, level, level, -draw(st.integers(0, level))))
        else:
            bars.append(bar(kind, level, level, 0, draw(st.integers(0, 1))))
    return [*bars, bar(BarKind.RESULT, 0, level)]


@given(bars=chains(), width=st.integers(360, 1200))
@settings(max_examples=150)
def test_whatever_the_sums_the_picture_keeps_its_rules(bars: Sequence[WaterfallBar], width: int) -> None:
    layout = lay_out(bars, texts, width, 184, MEASURES)

    shown = [each.bar for each in layout.placed]
    assert [each for each in bars if each in shown and each.kind is not BarKind.UNUSED] == [
        each for each in bars if each.kind is not BarKind.UNUSED
    ], "only what took nothing may be left out"
    assert all(each.kind is BarKind.UNUSED for each in layout.left_out)
    assert layout.placed[0].box.bottom == layout.placed[-1].box.bottom == layout.base_y
    for each in layout.placed:
        assert each.box.height >= LEAST
        assert each.box.bottom <= layout.base_y
        assert each.sum_box.y >= 0
        assert each.sum_box.x >= 0
        assert each.sum_box.right <= width
        assert "".join(each.name_lines) == each.texts.name
        assert "".join(each.note_lines) == each.texts.note
        assert layout.label_y + (len(each.name_lines) + len(each.note_lines)) * MEASURES.line <= layout.height
        if each.bar.kind is BarKind.WAIVED:
            assert each.word_box is not None
            assert each.word_box.bottom <= layout.base_y
    for place, each in enumerate(layout.placed):
        for other in layout.placed[place + 1 :]:
            assert not each.sum_box.meets(other.sum_box)


def worked(name: str) -> Decision:
    results = run_tests(load_pack(sample_pack_bytes()))
    return next(each.decision for each in results if each.name.startswith(name) and each.decision is not None)


def shown(on_stage: Stage, name: str, width: int = 822, *, promised: bool = True) -> Waterfall:
    picture = Waterfall(on_stage.ui)
    picture.show_bars(waterfall(worked(name), QUAKE), promised=promised)
    on_stage.show(picture, width, 184)
    return picture


def pixel(picture: Waterfall, kind: BarKind) -> str:
    placed = next(each for each in picture.placed if each.bar.kind is kind)
    image = picture.grab().toImage()
    return (
        QColor(image.pixel(placed.box.x + placed.box.width // 2, placed.box.y + placed.box.height // 2)).name().upper()
    )


def test_the_quake_clinic_fills_the_height_of_the_mock_up(on_stage: Stage) -> None:
    picture = shown(on_stage, "A-6 hospital and scope waivers")

    assert picture.height() == 184
    sums = [each.texts.sum_text for each in picture.placed]
    assert sums == ["8,210.30", "1,915.80", "−100.00", "−1,622.06", "0.00", "0.00", "6,488.24"]
    waived = next(each for each in picture.placed if each.bar.kind is BarKind.WAIVED)
    assert waived.texts.word == "豁免"
    assert waived.word_box is not None
    deductible = picture.placed[2]
    assert deductible.box.height == LEAST
    assert "扣除医保统筹 0.00" in picture.words, "what is left out of the picture is still said"


@pytest.mark.parametrize("theme", list(Theme))
def test_each_bar_has_its_token_in_every_theme(tmp_path: Path, theme: Theme) -> None:
    with stage(tmp_path, theme=theme) as made:
        picture = shown(made, "A-6 hospital and scope waivers")
        assert pixel(picture, BarKind.START) == made.look.colour("bar").upper()
        assert pixel(picture, BarKind.CUT) == made.look.colour("text2").upper()
        assert pixel(picture, BarKind.RESULT) == made.look.colour("accent").upper()


def test_a_result_that_is_no_promise_has_neither_the_colour_nor_the_name_of_one(on_stage: Stage) -> None:
    picture = shown(on_stage, "A-6 hospital and scope waivers", promised=False)

    assert pixel(picture, BarKind.RESULT) == on_stage.look.colour("bar").upper()
    assert picture.placed[-1].name_lines == ("算得",)


def test_the_sum_of_a_waived_cut_is_struck_through(on_stage: Stage) -> None:
    picture = shown(on_stage, "A-6 hospital and scope waivers")
    image = picture.grab().toImage()

    def longest_run(place: int) -> int:
        box = picture.placed[place].sum_box
        surface = image.pixel(1, 1)
        longest = 0
        for y in range(box.y, box.bottom):
            run = 0
            for x in range(box.x, box.right):
                run = run + 1 if image.pixel(x, y) != surface else 0
                longest = max(longest, run)
        return longest

    assert longest_run(1) > picture.placed[1].sum_box.width * 0.9
    assert longest_run(3) < picture.placed[3].sum_box.width * 0.5


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [700, 822])
def test_no_word_is_cut_in_any_size_and_language(tmp_path: Path, language: str, scale: int, width: int) -> None:
    with stage(tmp_path, language, scale=scale) as made:  # type: ignore[arg-type] # one of the two
        picture = shown(made, "A second policy applies", width)
        for each in picture.placed:
            # Blanks at which a line breaks are not drawn.
            assert "".join(each.name_lines).replace(" ", "") == each.texts.name.replace(" ", "")
            assert "".join(each.note_lines).replace(" ", "") == each.texts.note.replace(" ", "")
        for one, two in zip(picture.placed, picture.placed[1:], strict=False):
            assert not one.sum_box.meets(two.sum_box)


def test_it_says_itself_again_in_the_other_language_and_size(on_stage: Stage) -> None:
    picture = shown(on_stage, "A-6 hospital and scope waivers")
    before = picture.height()

    on_stage.ui.words.switch("en")
    on_stage.settle()
    assert picture.accessibleName().startswith("Waterfall")
    assert "Less self-expense outside the catalogue Waived 1,915.80 (waived, " in picture.accessibleDescription()
    on_stage.look.use(scale_percent=150)
    on_stage.settle()
    assert picture.height() > before * 1.4


def test_without_a_sum_there_are_words(on_stage: Stage) -> None:
    picture = shown(on_stage, "A-6 no waiver")
    assert picture.placed == ()
    assert "还没有算到金额" in picture.accessibleDescription()
    assert picture.height() < 100
