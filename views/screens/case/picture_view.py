"""A picture to read from: whole at first, nearer at a touch, dragged where one wants to look.

Promise: a click goes nearer to what was clicked on, and from the nearest back to the whole; plus, minus and 0 do the same by hand;
nothing is decoded or scaled here beyond what one frame needs.

Source: mock-up 03.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from claims.errors import Bilingual
from views.controls.text_lines import wrapped
from views.presentation import Presentation
from views.screens.case.document_picture import Picture
from views.screens.case.panned_view import PannedView

_ZOOMS = (1.0, 1.6, 2.5, 4.0)
_HOW = Bilingual("点一下放大；加号、减号缩放，按住拖动", "Click to enlarge; plus and minus zoom, drag to move")


class PictureView(PannedView):
    """The view. ``zoomed`` after every change of size; ``turned`` wants another page (1 or -1)."""

    zoomed = Signal()
    turned = Signal(int)

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._picture: Picture | None = None
        self._name = Bilingual("", "")
        self._words = Bilingual("", "")
        self._step = 0
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tell()

    @property
    def picture(self) -> Picture | None:
        """What is shown, None for words."""
        return self._picture

    @property
    def words(self) -> str:
        """What is said where there is no picture."""
        return "" if self._picture is not None else self._ui.say(self._words)

    @property
    def zoom_step(self) -> int:
        """0 is the whole picture."""
        return self._step

    @property
    def can_zoom(self) -> tuple[bool, bool]:
        """Whether it goes farther away, and nearer."""
        return self._picture is not None and self._step > 0, self._picture is not None and self._step < len(_ZOOMS) - 1

    def show_picture(self, picture: Picture, name: Bilingual) -> None:
        """Show a picture, whole."""
        self._picture, self._name = picture, name
        self._go(0)

    def show_words(self, words: Bilingual, name: Bilingual | None = None) -> None:
        """Show no picture, but say why or what will be here."""
        self._picture, self._words, self._name = None, words, name or Bilingual("", "")
        self._go(0)

    def zoom(self, by: int) -> None:
        """So many steps nearer or farther, around the middle."""
        step = max(0, min(len(_ZOOMS) - 1, self._step + by))
        if self._picture is None or step == self._step:
            return
        middle = QPointF(self.viewport().width() / 2, self.viewport().height() / 2)
        self._go(step, self._share_at(middle), middle)

    def tell(self) -> None:
        """Say what is shown again."""
        say = self._ui.say
        name = say(self._name)
        self.setAccessibleName(name or say(Bilingual("材料图片", "Picture of the paper")))
        self.setAccessibleDescription(say(self._words) if self._picture is None else say(_HOW))
        self.setToolTip("" if self._picture is None else say(_HOW))
        shape = Qt.CursorShape.ArrowCursor if self._picture is None else Qt.CursorShape.PointingHandCursor
        self.viewport().setCursor(shape)
        self._measure()
        self.viewport().update()

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit again."""
        super().resizeEvent(event)
        self._measure()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Plus, minus and 0 zoom, the page keys turn, the arrows move."""
        key = event.key()
        if key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self.turned.emit(1 if key == Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)

    def touched(self, place: QPointF) -> None:
        """Go nearer, from the nearest back to the whole."""
        if self._picture is not None:
            step = self._step + 1 if self._step < len(_ZOOMS) - 1 else 0
            self._go(step, self._share_at(place), place)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Ctrl zooms around the pointer; else the wheel moves."""
        steps = event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and steps and self._picture is not None:
            step = max(0, min(len(_ZOOMS) - 1, self._step + (1 if steps > 0 else -1)))
            if step != self._step:
                self._go(step, self._share_at(event.position()), event.position())
            event.accept()
        else:
            super().wheelEvent(event)

    def scrollContentsBy(self, _across: int, _down: int) -> None:  # noqa: N802 - Qt's name
        """Everything is painted where it now stands."""
        self.viewport().update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the picture on its mat, or words."""
        look = self._ui.look
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        whole = self.viewport().rect()
        painter.fillRect(whole, look.qcolor("bar2" if self._picture is not None else "sunken"))
        if self._picture is None:
            self._paint_words(painter)
        else:
            rect = self._rect()
            painter.drawImage(rect, self._picture.for_width(rect.width() * self.devicePixelRatioF()))
        if self.hasFocus():
            width = look.line("focus")
            painter.setPen(QPen(look.qcolor("focus"), width))
            painter.drawRect(QRectF(whole).adjusted(width / 2, width / 2, -width / 2, -width / 2))

    def _paint_words(self, painter: QPainter) -> None:
        look = self._ui.look
        font, line = look.font("body"), look.line_height("body")
        painter.setFont(font)
        painter.setPen(look.qcolor("text2"))
        room = self.viewport().rect()
        lines = wrapped(self._ui.say(self._words), font, room.width() - 2 * look.space("l"), even=True)
        top = max(0, (room.height() - len(lines) * line) // 2)
        for text in lines:
            painter.drawText(QRect(0, top, room.width(), line), Qt.AlignmentFlag.AlignCenter, text)
            top += line

    # Size and place

    def _go(self, step: int, share: QPointF | None = None, at: QPointF | None = None) -> None:
        """Take a zoom; the point at this share of the picture comes to stand at this place of the view."""
        self._step = step
        self.tell()
        if share is not None and at is not None:
            size = self._size()
            self.horizontalScrollBar().setValue(round(share.x() * size.width() - at.x()))
            self.verticalScrollBar().setValue(round(share.y() * size.height() - at.y()))
        else:
            self.horizontalScrollBar().setValue(0)
            self.verticalScrollBar().setValue(0)
        self.zoomed.emit()

    def _mat(self) -> int:
        return self._ui.look.space("m")

    def _size(self) -> QSizeF:
        """The picture's size at this zoom; at first it fits, and a small one is not blown up."""
        if self._picture is None:
            return QSizeF(0, 0)
        room, picture = self.viewport().size(), self._picture.size
        mat = 2 * self._mat()
        fit = min(
            max(1, room.width() - mat) / max(1, picture.width()),
            max(1, room.height() - mat) / max(1, picture.height()),
            1.0,
        )
        return QSizeF(picture.width() * fit * _ZOOMS[self._step], picture.height() * fit * _ZOOMS[self._step])

    def _rect(self) -> QRectF:
        size, room = self._size(), self.viewport().size()
        x = (room.width() - size.width()) / 2 if size.width() <= room.width() else -self.horizontalScrollBar().value()
        y = (room.height() - size.height()) / 2 if size.height() <= room.height() else -self.verticalScrollBar().value()
        return QRectF(x, y, size.width(), size.height())

    def _share_at(self, place: QPointF) -> QPointF:
        rect = self._rect()
        across = (place.x() - rect.x()) / max(1.0, rect.width())
        down = (place.y() - rect.y()) / max(1.0, rect.height())
        return QPointF(max(0.0, min(1.0, across)), max(0.0, min(1.0, down)))

    def _measure(self) -> None:
        self.fit_bars(self._size(), moves=True)
