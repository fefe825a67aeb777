"""A place to sign: pen, finger or mouse leave vector strokes, which can be taken back one by one or wiped off.

Promise: what is kept are the strokes as they were drawn, in tenths of a pixel at 100 %, whatever theme or size the window has;
nothing is smoothed in what is kept. A tap is a stroke too: a dot over an i. A pad that shows what was signed can't be drawn on.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QTabletEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from claims.signing import Ink
from rules.bilingual import Bilingual
from views.controls.painting import paint_box
from views.presentation import Presentation, Told

UNITS = 10
"""Ink units a pixel at 100 %."""
MOST_POINTS = 6000
"""A signature has a few hundred points; somebody who scribbles for minutes must not fill the log."""
_LEAST_STEP = 8.0
_HEIGHT = 108
_PEN = 2.2
_SIGN_HERE = Bilingual("在此签字", "Sign here")
_SIGNED = Bilingual("已签 {count} 笔", "strokes: {count}")
_EMPTY = Bilingual("还没有签", "not signed yet")


class InkPad(QWidget, Told):
    """One pad. ``changed`` is emitted after each stroke, undo and wipe. Backspace takes back a stroke, Delete wipes all.

    Args:
        name: whose pad it is, for a screen reader.
    """

    changed = Signal()

    def __init__(self, ui: Presentation, name: Bilingual, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._name = ui, name
        self._strokes: list[list[tuple[int, int]]] = []
        self._drawing = False
        self._shown_only = False
        self._hint: Bilingual = _SIGN_HERE
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tell()

    @property
    def ink(self) -> Ink:
        """The finished strokes."""
        done = self._strokes[:-1] if self._drawing else self._strokes
        return tuple(tuple(stroke) for stroke in done)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was drawn."""
        return not self._strokes

    def call(self, name: Bilingual) -> None:
        """Say whose pad it is."""
        self._name = name
        self.tell()

    def hint(self, words: Bilingual | None) -> None:
        """Write other words on an empty pad; None: the usual invitation."""
        self._hint = words or _SIGN_HERE
        self.tell()

    def show_ink(self, ink: Sequence[Sequence[tuple[int, int]]], *, fixed: bool = False) -> None:
        """Show these strokes; ``fixed``: nobody draws over them."""
        self._strokes = [list(stroke) for stroke in ink]
        self._drawing, self._shown_only = False, fixed
        if fixed:
            self.clearFocus()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if fixed else Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor if fixed else Qt.CursorShape.CrossCursor)
        self.tell()

    def undo(self) -> None:
        """Take the last stroke back; harmless on an empty pad."""
        if self._strokes and not self._shown_only:
            self._strokes.pop()
            self._changed()

    def wipe(self) -> None:
        """Take every stroke back."""
        if self._strokes and not self._shown_only:
            self._strokes.clear()
            self._changed()

    # Qt

    def tell(self) -> None:
        """Say whose pad it is and how much is on it."""
        strokes = len(self._strokes)
        state = self._ui.say(_SIGNED).format(count=strokes) if strokes else self._ui.say(_EMPTY)
        self.setAccessibleName(self._ui.say(self._name))
        self.setAccessibleDescription(state if self._shown_only or strokes else f"{state} {self._ui.say(self._hint)}")
        if not self._shown_only:
            self.setCursor(Qt.CursorShape.CrossCursor)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Wide enough for a long name."""
        return QSize(self._ui.look.px(360), self._ui.look.px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A hand's width."""
        return QSize(self._ui.look.px(160), self._ui.look.px(_HEIGHT))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Backspace or Undo takes back a stroke, Delete all."""
        if event.key() == Qt.Key.Key_Backspace or event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        elif event.key() == Qt.Key.Key_Delete:
            self.wipe()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin a stroke."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._begin(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Draw on."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_on(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """End a stroke."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._end()

    def tabletEvent(self, event: QTabletEvent) -> None:  # noqa: N802 - Qt's name
        """A pen; accepted, so that Qt makes no mouse of it as well."""
        event.accept()
        if event.type() is QEvent.Type.TabletPress:
            self._begin(event.position())
        elif event.type() is QEvent.Type.TabletMove and self._drawing:
            self._go_on(event.position())
        elif event.type() is QEvent.Type.TabletRelease:
            self._end()

    def event(self, event: QEvent) -> bool:
        """A finger: the first one draws, a palm beside it doesn't."""
        if isinstance(event, QTouchEvent) and event.points():
            place = event.points()[0].position()
            if event.type() is QEvent.Type.TouchBegin:
                self._begin(place)
            elif event.type() is QEvent.Type.TouchUpdate:
                self._go_on(place)
            else:
                self._end()
            event.accept()
            return True
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """A pad that is switched off looks so."""
        if event.type() is QEvent.Type.EnabledChange:
            self.update()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the pad, its line and the ink."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = "disabled" if not self.isEnabled() else "sunken" if self._shown_only else "surface"
        line = "line" if self._shown_only or not self.isEnabled() else "line_strong"
        paint_box(
            painter, self.rect(), look.qcolor(fill), look.qcolor(line), look.line("strong"), look.radius("control")
        )
        base = self.height() - look.px(26)
        painter.setPen(QPen(look.qcolor("line_strong" if self.isEnabled() else "line"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(look.space("l"), base, self.width() - look.space("l"), base)
        if not self._strokes:
            painter.setFont(look.font("body"))
            painter.setPen(look.qcolor("text3" if self.isEnabled() else "disabled_text"))
            room = QRectF(look.space("l"), 0, self.width() - 2 * look.space("l"), base)
            painter.drawText(
                room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._ui.say(self._hint)
            )
            return
        pen = QPen(look.qcolor("text"), _PEN * look.px(100) / 100)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        scale, left, top = self._fit()
        for stroke in self._strokes:
            painter.drawPath(_path([QPointF(left + x * scale, top + y * scale) for x, y in stroke]))

    def _fit(self) -> tuple[float, float, float]:
        """Return pixels a unit and where the origin is. Ink from a wider pad is shrunk into this one, never cut."""
        scale = self._ui.look.px(100) / 100 / UNITS
        if not self._shown_only:
            return scale, 0.0, 0.0
        points = [point for stroke in self._strokes for point in stroke]
        least_x, least_y = min(x for x, _ in points), min(y for _, y in points)
        wide, high = max(x for x, _ in points) - least_x, max(y for _, y in points) - least_y
        margin = self._ui.look.space("m")
        room_x, room_y = self.width() - 2 * margin, self.height() - 2 * margin
        scale = min(scale, room_x / max(wide, 1), room_y / max(high, 1))
        return scale, margin - least_x * scale, (self.height() - high * scale) / 2 - least_y * scale

    # Drawing

    def _begin(self, place: QPointF) -> None:
        if self._shown_only or not self.isEnabled() or sum(map(len, self._strokes)) >= MOST_POINTS:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._drawing = True
        self._strokes.append([self._unit(place)])
        self.update()

    def _go_on(self, place: QPointF) -> None:
        if not self._drawing:
            return
        stroke, point = self._strokes[-1], self._unit(place)
        if math.dist(stroke[-1], point) < _LEAST_STEP or sum(map(len, self._strokes)) >= MOST_POINTS:
            return
        stroke.append(point)
        self.update()

    def _end(self) -> None:
        if self._drawing:
            self._drawing = False
            self._changed()

    def _unit(self, place: QPointF) -> tuple[int, int]:
        scale = UNITS * 100 / self._ui.look.px(100)
        x = min(max(place.x(), 0.0), float(self.width()))
        y = min(max(place.y(), 0.0), float(self.height()))
        return round(x * scale), round(y * scale)

    def _changed(self) -> None:
        self.tell()
        self.changed.emit()


def _path(points: list[QPointF]) -> QPainterPath:
    """Return a soft line through the points: curves between the middles of its pieces."""
    path = QPainterPath(points[0])
    if len(points) < 3:
        # A dot is a line of almost no length; the round cap makes it visible.
        path.lineTo(points[-1] if len(points) > 1 else points[0] + QPointF(0.1, 0.1))
        return path
    for before, after in itertools.pairwise(points):
        path.quadTo(before, (before + after) / 2)
    path.lineTo(points[-1])
    return path
