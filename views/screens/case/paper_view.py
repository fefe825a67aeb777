"""A paper on the screen as it will print: whole at first, larger at a touch, page by page.

Promise: pages are drawn in the background, sharp for the size they are shown at; until then the last picture stands, scaled, or words. A
voided paper says so across the page. What stands on the page is in the accessible description, so that it can be read out.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from claims.errors import OutpostError
from rules.bilingual import Bilingual
from views.lanes import Lane
from views.page_render import PageImage, screen_page
from views.presentation import Presentation
from views.screens.case.panned_view import PannedView
from views.tasks import Task, Tasks

A4 = 297 / 210
MOST_PIXELS = 2480
"""No wider than the printer's own page: more would show nothing new."""
_ZOOMS = (1.0, 1.6, 2.4)
_DRAWING = Bilingual("正在生成票面…", "Drawing the page…")
_VOID = Bilingual("作废", "VOID")
_HOW = Bilingual(
    "点一下放大，再点还原；加号减号缩放，翻页键换页",
    "Click to enlarge, again to restore; plus and minus zoom, page keys turn",
)
_WAIT_MS = 60


@dataclass(frozen=True)
class Paper:
    """What is shown. ``pdf`` None: there is no drawing yet."""

    name: Bilingual
    pdf: bytes | None
    voided: bool = False


class PaperView(PannedView):
    """The view. ``turned`` is emitted when page, number of pages or size changed."""

    turned = Signal()

    def __init__(self, ui: Presentation, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._tasks = tasks
        self._paper: Paper | None = None
        self._empty: Bilingual = Bilingual("", "")
        self._image: PageImage | None = None
        self._page, self._pages = 0, 1
        self._zoom = 0
        self._task: Task | None = None
        self._asked: tuple[int, int] | None = None
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_WAIT_MS)
        self._wait.timeout.connect(self._draw)
        self.tell()

    @property
    def page(self) -> int:
        """The page shown, from 0."""
        return self._page

    @property
    def pages(self) -> int:
        """How many there are."""
        return self._pages

    @property
    def enlarged(self) -> bool:
        """Whether it is larger than fits."""
        return self._zoom > 0

    @property
    def zoom_step(self) -> int:
        """0 is the whole page."""
        return self._zoom

    @property
    def shows_paper(self) -> bool:
        """Whether it shows a paper, not words."""
        return self._paper is not None

    @property
    def is_sharp(self) -> bool:
        """Whether what is shown was drawn for this size."""
        return self._image is not None and self._asked == (self._page, self._image.image.width())

    def show_paper(self, paper: Paper) -> None:
        """Show a paper from its first page; the same one again changes nothing but its state."""
        before = self._paper
        self._paper = paper
        if before is None or (before.pdf is not paper.pdf and before.pdf != paper.pdf):
            self._image, self._asked = None, None
            self._page, self._pages, self._zoom = 0, 1, 0
            self._measure()
            self._draw()
            self.turned.emit()
        self.tell()

    def show_words(self, words: Bilingual) -> None:
        """Show no paper but what will be here."""
        self._cancel()
        self._paper, self._image, self._empty = None, None, words
        self._page, self._pages, self._zoom = 0, 1, 0
        self._measure()
        self.turned.emit()
        self.tell()

    def turn(self, by: int) -> None:
        """Go some pages on; at the ends it stays."""
        page = max(0, min(self._pages - 1, self._page + by))
        if page != self._page:
            self._page = page
            self.verticalScrollBar().setValue(0)
            self._draw()
            self.turned.emit()

    def zoom(self, by: int) -> None:
        """One step larger or smaller."""
        zoom = max(0, min(len(_ZOOMS) - 1, self._zoom + by))
        if zoom != self._zoom and self._paper is not None:
            self._zoom = zoom
            self._measure()
            self._wait.start()
            self.turned.emit()
            self.viewport().update()

    def enlarge(self) -> None:
        """Large, or whole again."""
        self.zoom(-self._zoom if self._zoom else 1)

    # Qt

    def tell(self) -> None:
        """Say what is shown."""
        say = self._ui.say
        if self._paper is None:
            self.setAccessibleName(say(self._empty))
            self.setAccessibleDescription("")
            self.setToolTip("")
        else:
            void = f" {say(_VOID)}" if self._paper.voided else ""
            self.setAccessibleName(f"{say(self._paper.name)}{void}")
            self.setAccessibleDescription("" if self._image is None else self._image.words)
            self.setToolTip(say(_HOW))
        self.viewport().setCursor(
            Qt.CursorShape.ArrowCursor if self._paper is None else Qt.CursorShape.PointingHandCursor
        )
        self._measure()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit again, and draw sharp once the hand is still."""
        super().resizeEvent(event)
        self._measure()
        self._wait.start()

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Another screen may have another pixel ratio."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._wait.start()
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Plus, minus, 0, and the page keys."""
        key = event.key()
        if key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) and not self._zoom:
            self.turn(1 if key == Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)

    def touched(self, place: QPointF) -> None:
        """Enlarge what was clicked on, or show the whole again."""
        if self._paper is None:
            return
        before = self._page_rect()
        share = QPointF(
            (place.x() - before.x()) / max(1.0, before.width()), (place.y() - before.y()) / max(1.0, before.height())
        )
        self.enlarge()
        if self._zoom:
            size = self._page_size()
            self.horizontalScrollBar().setValue(round(share.x() * size.width() - self.viewport().width() / 2))
            self.verticalScrollBar().setValue(round(share.y() * size.height() - self.viewport().height() / 2))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Ctrl zooms; a wheel at the end of a whole page turns it."""
        steps = event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1 if steps > 0 else -1)
            event.accept()
        elif not self._zoom and steps:
            self.turn(-1 if steps > 0 else 1)
            event.accept()
        else:
            super().wheelEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the page, or words."""
        look = self._ui.look
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.viewport().rect(), look.qcolor("window"))
        rect = self._page_rect()
        painter.fillRect(rect, look.qcolor("paper"))
        if self._image is not None:
            # The page is white, the theme's paper may be dimmer: multiplied, ink stays ink.
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
            painter.drawImage(rect, self._image.image)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        focused = self.hasFocus()
        width = look.line("focus") if focused else look.line()
        painter.setPen(QPen(look.qcolor("focus" if focused else "line_strong"), width))
        painter.drawRect(rect.adjusted(width / 2, width / 2, -width / 2, -width / 2))
        if self._paper is None or self._image is None:
            self._paint_words(painter, rect)
        elif self._paper.voided:
            self._paint_void(painter, rect)

    def _paint_words(self, painter: QPainter, rect: QRectF) -> None:
        look = self._ui.look
        words = self._empty if self._paper is None else _DRAWING
        painter.setFont(look.font("body"))
        # The sheet stays light at night: its ink is the light theme's.
        painter.setPen(QColor(look.tokens.colours["light"]["text2"]))
        room = rect.adjusted(look.space("xxl"), look.space("xxl"), -look.space("xxl"), -look.space("xxl"))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._ui.say(words))

    def _paint_void(self, painter: QPainter, rect: QRectF) -> None:
        look = self._ui.look
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(rect.center())
        painter.rotate(-24)
        font = look.font("figure")
        font.setPixelSize(max(24, round(rect.width() / 6)))
        painter.setFont(font)
        red = QColor(look.tokens.colours["light"]["red"])
        words = self._ui.say(_VOID)
        box = painter.fontMetrics().boundingRect(words)
        frame = QRectF(-box.width() / 2, -box.height() / 2, box.width(), box.height())
        frame.adjust(-box.height() / 3, -box.height() / 8, box.height() / 3, box.height() / 8)
        painter.setPen(QPen(red, max(3.0, rect.width() / 120)))
        painter.drawRoundedRect(frame, 6, 6)
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()

    # Size and drawing

    def _shape(self) -> float:
        if self._image is None:
            return A4
        return self._image.image.height() / self._image.image.width()

    def _page_size(self) -> QSizeF:
        room, shape = self.viewport().size(), self._shape()
        width = min(room.width(), room.height() / shape) * _ZOOMS[self._zoom]
        return QSizeF(width, width * shape)

    def _page_rect(self) -> QRectF:
        size, room = self._page_size(), self.viewport().rect()
        spare = room.width() - size.width()
        x = spare / 2 if spare >= 0 else -float(self.horizontalScrollBar().value())
        y = 0.0 if size.height() <= room.height() else -float(self.verticalScrollBar().value())
        return QRectF(x, y, size.width(), size.height())

    def _measure(self) -> None:
        self.fit_bars(self._page_size(), moves=self._zoom > 0)

    def _draw(self) -> None:
        """Draw the page for the size it has now."""
        self._wait.stop()
        paper = self._paper
        if paper is None or paper.pdf is None or self.viewport().width() < 2:
            return
        width = min(MOST_PIXELS, max(1, round(self._page_size().width() * self.devicePixelRatioF())))
        if self._asked == (self._page, width):
            return
        self._cancel()
        self._asked = (self._page, width)
        pdf, page = paper.pdf, self._page

        def drawn(image: PageImage) -> None:
            self._task = None
            new = self._pages != image.pages
            self._image, self._pages = image, image.pages
            self.tell()
            if new:
                self.turned.emit()

        self._task = self._tasks.run(
            lambda: screen_page(pdf, page, width), drawn, owner=self, failed=self._failed, lane=Lane.PAGE
        )

    def _failed(self, error: OutpostError) -> None:
        self._task = None
        self.show_words(Bilingual(error.sentence("zh"), error.sentence("en")))

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
