"""The pad: mouse, pen and finger draw; strokes are taken back; what is kept does not depend on theme or size."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rules.bilingual import Bilingual
from tests.views.stage import Stage
from views.look.tokens import Theme
from views.screens.case.ink_pad import MOST_POINTS, InkPad

NAME = Bilingual("申请人", "Claimant")


def shown_pad(on: Stage, width: int = 360, height: int = 108) -> InkPad:
    pad = InkPad(on.ui, NAME)
    on.show(pad, width, height)
    return pad


def draw(pad: InkPad, *points: tuple[int, int]) -> None:
    first, *rest = points
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(*first))
    for point in rest:
        QTest.mouseMove(pad, QPoint(*point))
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(*points[-1]))


def test_a_mouse_leaves_strokes_in_tenths_of_a_pixel(on_stage: Stage) -> None:
    pad = shown_pad(on_stage)
    changes: list[int] = []
    pad.changed.connect(lambda: changes.append(1))

    draw(pad, (20, 30), (40, 50), (60, 30))
    draw(pad, (100, 80), (120, 80))

    assert pad.ink == (((200, 300), (400, 500), (600, 300)), ((1000, 800), (1200, 800)))
    assert len(changes) == 2


def test_a_tap_is_a_stroke_too(on_stage: Stage) -> None:
    pad = shown_pad(on_stage)

    draw(pad, (20, 30))

    assert pad.ink == (((200, 300),),)
    dot = pad.grab().toImage().pixelColor(20, 30)
    assert dot.lightness() < 100


def test_the_right_button_draws_nothing(on_stage: Stage) -> None:
    pad = shown_pad(on_stage)

    QTest.mouseClick(pad, Qt.MouseButton.RightButton, pos=QPoint(20, 30))

    assert pad.is_empty


def test_strokes_are_taken_back_one_by_one_and_wiped_by_keys(on_stage: Stage) -> None:
    pad = shown_pad(on_stage)
    for place in range(3):
        draw(pad, (20 + place * 30, 30), (30 + place * 30, 60))

    QTest.keyClick(pad, Qt.Key.Key_Backspace)
    assert len(pad.ink) == 2
    QTest.keyClick(pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(pad.ink) == 1
    draw(pad, (20, 30), (30, 60))
    QTest.keyClick(pad, Qt.Key.Key_Delete)

    assert pad.is_empty
    QTest.keyClick(pad, Qt.Key.Key_Backspace)
    assert pad.ink == ()


def test_a_finger_draws_and_a_palm_beside_it_does_not(on_stage: Stage) -> None:
    pad = shown_pad(on_stage)
    device = QTest.createTouchDevice()

    touch = QTest.touchEvent(pad, device)
    touch.press(0, QPoint(20, 30), pad)
    touch.commit()
    touch.move(0, QPoint(50, 60), pad).press(1, QPoint(200, 90), pad)
    touch.commit()
    touch.release(0, QPoint(50, 60), pad).release(1, QPoint(200, 90), pad)
    touch.commit()

    assert pad.ink == (((200, 300), (500, 600)),)


def test_a_pen_draws_once_not_as_a_mouse_as_well(on_stage: Stage) -> None:
    pad = shown_pad(on_stage)
    left = Qt.MouseButton.LeftButton
    for kind, place, buttons in (
        (QEvent.Type.TabletPress, QPointF(20, 30), left),
        (QEvent.Type.TabletMove, QPointF(50, 60), left),
        (QEvent.Type.TabletRelease, QPointF(50, 60), Qt.MouseButton.NoButton),
    ):
        event = QTabletEvent(
            kind,
            QPointingDevice.primaryPointingDevice(),
            place,
            place,
            0.5,
            0,
            0,
            0.0,
            0.0,
            0.0,
            Qt.KeyboardModifier.NoModifier,
            left,
            buttons,
        )
        QApplication.sendEvent(pad, event)
        assert event.isAccepted()

    assert pad.ink == (((200, 300), (500, 600)),)


def test_ink_is_the_same_at_any_size_and_theme(on_stage: Stage) -> None:
    pad = shown_pad(on_stage)
    draw(pad, (20, 30), (40, 50))
    before = pad.ink

    on_stage.look.use(scale_percent=150, theme=Theme.NIGHT)
    assert pad.ink == before
    pad.resize(540, 162)
    draw(pad, (30, 45), (60, 75))

    assert pad.ink[1] == before[0]


def test_ink_outside_the_pad_stays_at_its_edge(on_stage: Stage) -> None:
    pad = shown_pad(on_stage)

    draw(pad, (350, 50), (900, -40))

    assert pad.ink[0][-1] == (3600, 0)


def test_scribbling_for_minutes_does_not_fill_the_log(on_stage: Stage) -> None:
    pad = shown_pad(on_stage)

    draw(pad, *((20 + place * 3 % 300, 20 + place * 7 % 80) for place in range(MOST_POINTS + 200)))
    draw(pad, (20, 30), (40, 50))

    assert sum(map(len, pad.ink)) <= MOST_POINTS


def test_what_was_signed_is_shown_whole_and_can_not_be_drawn_over(on_stage: Stage) -> None:
    pad = shown_pad(on_stage, width=200)
    ink = (((0, 0), (9000, 900)),)

    pad.show_ink(ink, fixed=True)
    draw(pad, (20, 30), (40, 50))
    QTest.keyClick(pad, Qt.Key.Key_Delete)

    assert pad.ink == ink
    assert pad.focusPolicy() is Qt.FocusPolicy.NoFocus
    picture = pad.grab().toImage()
    ends = [x for x in range(2, 198) if any(picture.pixelColor(x, y).lightness() < 90 for y in range(4, 104))]
    assert ends
    assert ends[0] > 4
    assert ends[-1] < 196


def test_a_pad_that_is_off_takes_no_ink(on_stage: Stage) -> None:
    pad = shown_pad(on_stage)
    pad.setEnabled(False)
    place, left = QPointF(20, 30), Qt.MouseButton.LeftButton

    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        event = QMouseEvent(kind, place, place, left, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(pad, event)

    assert pad.is_empty


def test_a_screen_reader_hears_whose_pad_it_is_and_how_much_is_on_it(on_stage: Stage) -> None:
    pad = shown_pad(on_stage)
    assert pad.accessibleName() == "申请人"
    assert "还没有签" in pad.accessibleDescription()

    draw(pad, (20, 30), (40, 50))
    assert pad.accessibleDescription() == "已签 1 笔"
    on_stage.ui.words.switch("en")

    assert pad.accessibleName() == "Claimant"
    assert pad.accessibleDescription() == "strokes: 1"
