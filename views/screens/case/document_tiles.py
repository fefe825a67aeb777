"""Tiles: the picture in small, which paper it is, and its verdict in a word with an icon.

Promise: a tile says what became of its file from the moment it was dropped; selection and focus are drawn within the tile's edge, so
that nothing shifts; a tile keeps its picture whatever becomes of the paper.

Source: mock-up 03, sheet "Papers".
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from claims.errors import Bilingual
from views.controls.chips import chip_width, paint_chip
from views.controls.painted_button import PaintedButton
from views.controls.painting import draw_words, paint_box, paint_icon
from views.focus_ring import OWN_FOCUS
from views.look.look import Look
from views.presentation import Presentation
from views.screens.case.handed_in import Paper, PaperState, verdict
from views.screens.case.material_words import full_name, short_name

PICTURE_HEIGHT, TILE_HEIGHT = 76, 144
_PAD, _NAME, _FOOT = 8, 24, 8
_ICONS = {"application/xml": "e-bill", "application/ofd": "e-bill"}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Tile(PaintedButton):
    """One tile. ``moved`` wants the tile before or behind to be chosen, ``dismissed`` this one taken away."""

    moved = Signal(int)
    dismissed = Signal()

    def __init__(self, ui: Presentation, paper: Paper, *, low: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._low = ui, low
        self.paper = paper
        self._image: QImage | None = None
        self.wanted_for = ""
        """What its picture was last looked for in."""
        self.setCheckable(True)
        self.setProperty(OWN_FOCUS, True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.tell()

    def show_paper(self, paper: Paper) -> None:
        """Show what became of it."""
        if paper != self.paper:
            self.paper = paper
            self.tell()

    def show_image(self, image: QImage) -> None:
        """Show the picture in small."""
        self._image = image
        self.update()

    def be_low(self, low: bool) -> None:
        """Leave the picture out, or show it again."""
        if low != self._low:
            self._low = low
            self.tell()

    @property
    def has_image(self) -> bool:
        """Whether the picture is there."""
        return self._image is not None

    def tell(self) -> None:
        """Say name and verdict again."""
        say, paper = self._ui.say, self.paper
        asking = paper.state is PaperState.ASKING
        said = verdict(paper)
        name = paper.filename if asking else say(full_name(paper.material))
        self.setText(name)
        self.setAccessibleName(f"{name} {say(said.words)}")
        error = paper.error
        why = "" if error is None else error.sentence(self._ui.words.code)
        note = "" if paper.note is None else say(paper.note)
        self.setAccessibleDescription(" ".join(each for each in (paper.filename, self._pages(), why, note) if each))
        self.setToolTip("\n".join(each for each in (name, paper.filename, self._pages(), why, note) if each))
        self.resize(self.sizeHint())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """126 wide."""
        return tile_size(self._ui.look, low=self._low)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Left and Right choose the next tile, Enter this one, Delete takes away what was not taken in."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            self.moved.emit(_STEPS[key])
        elif key in _ENTER and not event.modifiers():
            self.click()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.dismissed.emit()
        else:
            super().keyPressEvent(event)

    def nextCheckState(self) -> None:  # noqa: N802 - Qt's name
        """A chosen tile stays chosen: the strip says which one is."""

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint picture, name, pages and verdict."""
        look, paper = self._ui.look, self.paper
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rect, radius = self.rect(), look.radius("panel")
        fill = look.qcolor("hover" if self.underMouse() and not self.isChecked() else "surface")
        paint_box(painter, rect, fill, look.qcolor("line"), look.line(), radius)
        if not self._low:
            self._paint_picture(painter, QRect(0, 0, rect.width(), look.px(PICTURE_HEIGHT)))
        pad = look.px(_PAD)
        foot = look.height("chip") + look.px(_FOOT)
        line = QRect(pad, rect.height() - foot - look.px(_NAME + 5), rect.width() - 2 * pad, look.px(_NAME))
        asking = paper.state is PaperState.ASKING
        name = paper.filename if asking else self._ui.say(short_name(paper.material))
        said = verdict(paper)
        words = self._ui.say(said.words)
        room = QRect(pad, rect.height() - foot, rect.width() - 2 * pad, look.height("chip"))
        chip = QRect(room.x(), room.y(), min(room.width(), chip_width(look, words, said.icon)), room.height())
        self._paint_pages(painter, line, room, name, chip)
        draw_words(painter, look, line, name, bold=True)
        paint_chip(painter, look, chip, words, said.icon, said.tone)
        self._paint_edge(painter, rect, radius)

    def _paint_pages(self, painter: QPainter, line: QRect, below: QRect, name: str, chip: QRect) -> None:
        """Say how many pages it has: behind the name, or where that is long behind the verdict."""
        look, pages = self._ui.look, self._pages()
        if not pages:
            return
        needed = QFontMetrics(look.font("caption")).horizontalAdvance(pages) + look.space("xs")
        beside_name = QFontMetrics(look.font("body", bold=True)).horizontalAdvance(name) + needed <= line.width()
        if beside_name or chip.right() + needed <= below.right():
            place = line if beside_name else below
            draw_words(painter, look, place, pages, size="caption", colour="text2", right=True)

    def _pages(self) -> str:
        document = self.paper.document
        if document is None or document.pages < 2:
            return ""
        return self._ui.say(Bilingual(f"{document.pages} 页", f"{document.pages} p."))

    def _paint_edge(self, painter: QPainter, rect: QRect, radius: int) -> None:
        look = self._ui.look
        width = look.line("focus")
        if self.hasFocus():
            paint_box(painter, rect, None, look.qcolor("focus"), width, radius)
            inner = width + look.line("focus_gap")
            gap = rect.adjusted(width, width, -width, -width)
            paint_box(painter, gap, None, look.qcolor("surface"), look.line("focus_gap"), max(1, radius - width))
            rect, radius = rect.adjusted(inner, inner, -inner, -inner), max(1, radius - inner)
        if self.isChecked():
            paint_box(painter, rect, None, look.qcolor("accent"), width, radius)

    def _paint_picture(self, painter: QPainter, box: QRect) -> None:
        look = self._ui.look
        line = look.line()
        painter.save()
        clip = QPainterPath()
        clip.addRoundedRect(self.rect().adjusted(line, line, -line, -line), look.radius("panel"), look.radius("panel"))
        painter.setClipPath(clip)
        painter.fillRect(box, look.qcolor("bar2"))
        if self._image is None or self._image.isNull():
            kind = "" if self.paper.document is None else self.paper.document.media_type
            icon = "refused" if self.paper.state is PaperState.REFUSED else _ICONS.get(kind, "paper")
            side = look.px(28)
            paint_icon(painter, look, icon, "text2", 28, box.center().x() - side // 2, box.center().y())
        else:
            room = box.adjusted(look.px(8), look.px(6), -look.px(8), -look.px(4))
            size = self._image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            x = room.center().x() - size.width() // 2
            painter.drawImage(
                QRect(x, room.center().y() - size.height() // 2, size.width(), size.height()), self._image
            )
        painter.restore()
        painter.setPen(QPen(look.qcolor("line"), look.line()))
        painter.drawLine(line, box.bottom(), self.width() - 1 - line, box.bottom())


def tile_size(look: Look, *, low: bool) -> QSize:
    """Return how large a tile is; a low one has no picture."""
    return QSize(look.width("document_tile"), look.px(TILE_HEIGHT - (PICTURE_HEIGHT if low else 0)))
