"""Progress with cancel: honest about time left, a way out that is pressed once, words in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rules.bilingual import Bilingual
from tests.views.stage import Stage
from views.controls.bar import Bar, BarState
from views.controls.switch import Switch
from views.look.tokens import Theme
from views.progress import Pace, ProgressStrip, StripState, bytes_text, left_words

SENDING = Bilingual("正在发照片", "Sending photos")


def seen(pace: Pace, points: list[tuple[float, int]]) -> Pace:
    for at_s, done in points:
        pace.saw(at_s, done)
    return pace


@given(rate=st.integers(1, 10**8), seconds=st.integers(2, 200), total=st.integers(10**6, 10**10))
def test_a_steady_pace_is_told_exactly(rate: int, seconds: int, total: int) -> None:
    pace = seen(Pace(), [(float(t), t * rate) for t in range(seconds + 1)])
    left = pace.left_s(float(seconds), total)
    done = seconds * rate
    assert left == 0.0 if done >= total else left == pytest.approx((total - done) / rate)


def test_nothing_is_told_before_anything_moved() -> None:
    assert Pace().left_s(0.0, 100) is None
    assert seen(Pace(), [(0.0, 10)]).left_s(3.0, 100) is None
    assert seen(Pace(), [(0.0, 10), (0.4, 20)]).left_s(0.5, 100) is None


@given(quiet=st.floats(5.0, 3600.0))
def test_a_stall_is_no_time_left_however_fast_it_was(quiet: float) -> None:
    pace = seen(Pace(), [(float(t), t * 1000) for t in range(30)])
    assert pace.left_s(29.0 + quiet, 10**6) is None
    assert pace.stalled_s(29.0 + quiet) == pytest.approx(quiet)


def test_a_line_that_hesitates_looks_slower_at_once() -> None:
    pace = seen(Pace(), [(float(t), t * 1000) for t in range(11)])
    before, after = pace.left_s(10.0, 100_000), pace.left_s(14.0, 100_000)
    assert before is not None
    assert after is not None
    assert after > before


def test_after_a_stall_the_estimate_rests_on_what_came_after_it() -> None:
    pace = seen(Pace(), [(float(t), t * 1_000_000) for t in range(30)])
    slow = [(100.0 + t, 29_000_000 + t * 1000) for t in range(5)]
    seen(pace, slow)
    left = pace.left_s(104.0, 29_104_000)
    assert left == pytest.approx(100.0)


def test_an_old_speed_is_forgotten_without_a_stall_too() -> None:
    pace = seen(Pace(), [(float(t), t * 1_000_000) for t in range(20)])
    seen(pace, [(20.0 + t, 19_000_000 + t * 1000) for t in range(40)])
    left = pace.left_s(59.0, 19_039_000 + 100_000)
    assert left == pytest.approx(100.0, rel=0.1)


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0.0, "剩几秒", "a few s left"),
        (9.9, "剩几秒", "a few s left"),
        (10.0, "剩 10 秒", "10 s left"),
        (41.0, "剩 50 秒", "50 s left"),
        (60.0, "剩 1 分", "1 min left"),
        (95.5, "剩 1 分 40 秒", "1 min 40 s left"),
        (301.0, "剩 6 分钟", "6 min left"),
        (3541.0, "剩 1 小时", "1 h left"),
        (3601.0, "剩 1 小时 10 分", "1 h 10 min left"),
    ],
)
def test_a_time_left_is_told_in_steps_that_do_not_flicker(seconds: float, zh: str, en: str) -> None:
    assert left_words(seconds) == Bilingual(zh, en)


@given(seconds=st.floats(10.0, 10**6))
def test_a_time_left_never_promises_too_little(seconds: float) -> None:
    words = left_words(seconds).en.removesuffix(" left")
    units = {"s": 1, "min": 60, "h": 3600}
    pieces = words.split()
    told = sum(int(number) * units[unit] for number, unit in zip(pieces[::2], pieces[1::2], strict=True))
    assert told >= seconds - 0.001


@pytest.mark.parametrize(
    ("done", "total", "text"),
    [
        (600_000, 900_000, "0.6 / 0.9 MB"),
        (38_200_000, 112_600_000, "38.2 / 112.6 MB"),
        (0, 12_300, "0 / 12 KB"),
        (112_599_999, 112_600_000, "112.5 / 112.6 MB"),
        (12_300, None, "12 KB"),
        (1_500_000_000, None, "1.5 GB"),
    ],
)
def test_bytes_are_told_in_one_unit_and_never_rounded_up_to_done(done: int, total: int | None, text: str) -> None:
    assert bytes_text(done, total) == text


def test_the_strip_says_what_how_much_and_how_long_in_both_languages(on_stage: Stage) -> None:
    strip = ProgressStrip(on_stage.ui)
    on_stage.show(strip, 800, 60)
    strip.show_progress(StripState.RUNNING, SENDING, left_words(95), 0.25)
    assert strip.words == "正在发照片 剩 1 分 40 秒"
    assert strip.accessibleName() == strip.words
    on_stage.ui.words.switch("en")
    assert strip.words == "Sending photos 1 min 40 s left"
    assert strip.accessibleName() == strip.words
    on_stage.look.use(theme=Theme.SUNLIGHT, scale_percent=150)
    assert strip.share == pytest.approx(0.25)


def test_the_way_out_is_pressed_once_and_goes_with_the_job(on_stage: Stage) -> None:
    strip = ProgressStrip(on_stage.ui)
    on_stage.show(strip, 800, 60)
    heard: list[bool] = []
    strip.cancelled.connect(lambda: heard.append(True))
    strip.show_progress(StripState.RUNNING, SENDING, "", 0.5)
    button = strip.cancel_button
    assert button is not None
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    QTest.keyClick(button, Qt.Key.Key_Return)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert heard == [True]
    strip.show_progress(StripState.STOPPED, SENDING, "", 0.5)
    assert button.isHidden()
    strip.show_progress(StripState.RUNNING, SENDING, "", 0.0)
    assert button.isVisible()
    assert button.isEnabled()


def test_a_job_that_cannot_be_stopped_has_no_way_out(on_stage: Stage) -> None:
    strip = ProgressStrip(on_stage.ui, cancel=None)
    on_stage.show(strip, 800, 60)
    strip.show_progress(StripState.RUNNING, SENDING, "", 0.5)
    assert strip.cancel_button is None


@pytest.mark.parametrize("theme", list(Theme))
def test_a_bar_is_filled_as_far_as_its_share_and_heard_as_progress(on_stage: Stage, theme: Theme) -> None:
    on_stage.look.use(theme=theme)
    bar = Bar(on_stage.ui, Bilingual("进度", "Progress"))
    on_stage.show(bar, 200, 20)
    bar.show_share(0.5, BarState.RUNNING)
    assert bar.value() == 500
    assert bar.accessibleName() == "进度"
    image = bar.grab().toImage()
    middle = image.height() // 2
    accent = on_stage.look.qcolor("accent")
    filled = [x for x in range(image.width()) if image.pixelColor(x, middle) == accent]
    assert 92 <= len(filled) <= 104
    bar.show_share(0.0001, BarState.RUNNING)
    image = bar.grab().toImage()
    assert any(image.pixelColor(x, middle) == accent for x in range(8))


def test_a_switch_turns_by_space_and_mouse_and_says_why_it_does_not(on_stage: Stage) -> None:
    switch = Switch(on_stage.ui, Bilingual("只发金额数据", "Money data only"))
    on_stage.show(switch, 240, 44)
    told: list[bool] = []
    switch.toggled.connect(told.append)
    switch.setFocus()
    QTest.keyClick(switch, Qt.Key.Key_Space)
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert told == [True, False]
    switch.turn(True)
    assert switch.isChecked()
    assert told == [True, False]
    switch.allow(False, Bilingual("请稍候", "one moment"))
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert told == [True, False]
    assert switch.accessibleDescription() == "请稍候"
    on_stage.ui.words.switch("en")
    assert (switch.accessibleName(), switch.accessibleDescription()) == ("Money data only", "one moment")
    assert switch.sizeHint().height() >= 44
