"""The focus frame: two pixels wide, two off the control (three in sunlight), around whatever has the keyboard.

Promise: nothing shifts when the focus moves; text fields and lists show the focus themselves and get no second frame.
"""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from views.look.look import Look

OWN_FOCUS = "ownFocus"
"""Property of a self-painted control that shows the focus itself."""
_OWN_FRAME = ("QLineEdit", "QPlainTextEdit", "QComboBox", "QAbstractItemView")
# By name: a class of Qt is made when it is first named, and the first picture needs none of these.


class FocusRing(QObject):
    """One ring for the whole application; it moves with the focus."""

    def __init__(self, app: QApplication, look: Look) -> None:
        super().__init__()
        self._look = look
        self._target: QWidget | None = None
        self._frame: _Frame | None = None
        self._watched: tuple[QWidget, ...] = ()
        app.focusChanged.connect(self._follow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Keep to the control when it moves; go when it goes."""
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
            self._place()
        elif watched is self._target and event.type() == QEvent.Type.Hide:
            self._follow(None, None)
        return False

    def _follow(self, _old: QWidget | None, now: QWidget | None) -> None:
        for watched in self._watched:
            if shiboken6.isValid(watched):
                watched.removeEventFilter(self)
        self._watched = ()
        self._target = now if now is not None and _needs_ring(now) else None
        if self._target is None:
            if self._frame is not None and shiboken6.isValid(self._frame):
                self._frame.hide()
            return
        host, self._watched = _host(self._target, self._out())
        for watched in self._watched:
            watched.installEventFilter(self)
        # A screen that was deleted took the frame on it along.
        if self._frame is None or not shiboken6.isValid(self._frame):
            self._frame = _Frame(self._look)
        self._frame.setParent(host)
        self._place()
        self._frame.show()
        self._frame.raise_()

    def _place(self) -> None:
        target, frame = self._target, self._frame
        host = frame.parentWidget() if frame is not None and shiboken6.isValid(frame) else None
        if target is None or frame is None or host is None:
            return
        out = self._out()
        corner = target.mapTo(host, QPoint(0, 0))
        frame.setGeometry(QRect(corner, target.size()).adjusted(-out, -out, out, out))

    def _out(self) -> int:
        return self._look.line("focus") + self._look.line("focus_gap")


class _Frame(QWidget):
    """The frame itself: never touched, never focused."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the frame."""
        width = self._look.line("focus")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._look.qcolor("focus"), width))
        inset = width / 2
        radius = self._look.radius("control") + self._look.line("focus_gap")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), radius, radius)


def _host(target: QWidget, out: int) -> tuple[QWidget, tuple[QWidget, ...]]:
    """Return the nearest widget around the target that has room for the frame, and everything whose moving moves the target in it.

    A control at the very edge of its parent would otherwise have a frame with sides cut off.
    """
    watched = [target]
    while (host := watched[-1].parentWidget()) is not None:
        frame = QRect(target.mapTo(host, QPoint(0, 0)), target.size()).adjusted(-out, -out, out, out)
        if host.rect().contains(frame) or host.isWindow() or _is_scrolled(host):
            return host, tuple(watched)
        watched.append(host)
    return watched[-1], tuple(watched)


def _needs_ring(widget: QWidget) -> bool:
    own = any(widget.inherits(name) for name in _OWN_FRAME)
    return not (own or widget.isWindow() or widget.property(OWN_FOCUS))


def _is_scrolled(widget: QWidget) -> bool:
    above = widget.parentWidget()
    return above is not None and above.inherits("QAbstractScrollArea")
