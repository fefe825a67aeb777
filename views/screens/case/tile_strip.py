"""The row of tiles, with the place where files are dropped always in sight behind it.

Promise: one stop of the Tab key, the arrows go from tile to tile; many papers scroll sideways while the drop tile stays.

Source: mock-up 03.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from claims.errors import Bilingual
from views.controls.painted_button import PressedButton
from views.controls.painting import paint_box, paint_icon
from views.controls.text_lines import wrapped
from views.focus_ring import OWN_FOCUS
from views.presentation import Presentation, Told
from views.screens.case.document_tiles import Tile, tile_size
from views.screens.case.handed_in import Paper

_PAPERS = Bilingual("材料", "Papers")
_HERE = Bilingual("拖到这里", "Drop here")
_WHAT = Bilingual("图片或 PDF", "picture, PDF")
_FIRST = Bilingual("把照片、扫描件或电子票据拖到这里", "Drop photos, scans or e-bills here")
_SEVERAL = Bilingual(
    "可以一次拖好几份；文件名写明是什么材料的，会自动归类",
    "Several at once are fine; files named after the paper sort themselves",
)
_CHOOSE = Bilingual("拖到这里，或点击选择文件", "Drop files here, or press to choose them")


class DropTile(PressedButton):
    """Where files are dropped, or chosen by a click. ``wide`` while there is nothing else: it says what will be here."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._wide = self._over = self._low = False
        self.setProperty(OWN_FOCUS, True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.tell()

    def be(self, *, wide: bool, low: bool) -> None:
        """Stand alone, or behind the tiles."""
        if (wide, low) != (self._wide, self._low):
            self._wide, self._low = wide, low
            self.tell()

    def show_over(self, over: bool) -> None:
        """Show that files are held over the step."""
        self._over = over
        self.update()

    def tell(self) -> None:
        """Say what it is for again."""
        said = self._ui.say(_CHOOSE)
        self.setText(said)
        self.setAccessibleName(said)
        self.setToolTip(said)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint a dashed frame, a plus and words in its middle."""
        look, say = self._ui.look, self._ui.say
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        live = self._over or self.underMouse()
        width = look.line("focus") if self._over else look.line("strong")
        pen = QPen(look.qcolor("accent" if self._over else "line_strong"), width, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.setBrush(look.qcolor("accent_soft" if self._over else "hover") if live else Qt.BrushStyle.NoBrush)
        inset = (width + 1) // 2
        radius = look.radius("panel")
        frame = self.rect()
        if self.hasFocus():
            out = look.line("focus") + look.line("focus_gap")
            frame = frame.adjusted(out, out, -out, -out)
        painter.drawRoundedRect(frame.adjusted(inset, inset, -inset - 1, -inset - 1), radius, radius)
        if self.hasFocus():
            paint_box(painter, self.rect(), None, look.qcolor("focus"), look.line("focus"), radius)
        room = self.width() - 2 * look.space("s")
        parts = [(say(_FIRST if self._wide else _HERE), "body", "text" if self._wide else "text2")]
        if not self._low:
            parts.append((say(_SEVERAL if self._wide else _WHAT), "caption", "text2"))
        lines = [
            (line, size, colour)
            for text, size, colour in parts
            for line in wrapped(text, look.font(size), room, even=True)
        ]
        icon = 0 if self._low else look.px(32)
        top = (self.height() - icon - sum(look.line_height(size) for _, size, _ in lines)) // 2
        if icon:
            paint_icon(painter, look, "plus", "text2", 24, (self.width() - look.px(24)) // 2, top + look.px(12))
            top += icon
        for line, size, colour in lines:
            painter.setFont(look.font(size))
            painter.setPen(look.qcolor(colour))
            height = look.line_height(size)
            painter.drawText(QRect(0, top, self.width(), height), Qt.AlignmentFlag.AlignCenter, line)
            top += height


class TileStrip(QWidget, Told):
    """The tiles and the drop tile.

    Signals: ``chosen`` and ``dismissed`` carry a ``Paper``, ``asked`` when files are to be chosen.
    """

    chosen = Signal(object)
    dismissed = Signal(object)
    asked = Signal()

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._tiles: dict[str, Tile] = {}
        self._low = False
        self._wanted = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        holder = QWidget()
        holder.setObjectName("scrolled")
        self._row = QHBoxLayout(holder)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._area.setWidget(holder)
        self.drop_tile = DropTile(ui, self)
        self.drop_tile.clicked.connect(lambda _checked: self.asked.emit())
        self.tell()

    def tell(self) -> None:
        """Measure again."""
        self._row.setSpacing(self._ui.look.space("m"))
        self._area.setAccessibleName(self._ui.say(_PAPERS))
        self.updateGeometry()
        self._place()
        self.reveal(self._wanted)

    def be_low(self, low: bool) -> None:
        """Leave the pictures out: there is little height."""
        if low != self._low:
            self._low = low
            for tile in self._tiles.values():
                tile.be_low(low)
            self.updateGeometry()
            self._place()

    def tile(self, key: str) -> Tile | None:
        """Return the tile of a paper."""
        return self._tiles.get(key)

    def tiles(self) -> tuple[Tile, ...]:
        """Return the tiles in order."""
        return tuple(self._tiles.values())

    def show_papers(self, papers: tuple[Paper, ...], chosen: str | None) -> None:
        """Show these papers in this order; tiles that stay keep their picture."""
        before = self._tiles
        keys = [each.key for each in papers]
        had_focus = any(tile.hasFocus() for key, tile in before.items() if key not in keys)
        for key in [each for each in before if each not in keys]:
            tile = before.pop(key)
            self._row.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self._tiles = {each.key: before.get(each.key) or self._make(each) for each in papers}
        for place, paper in enumerate(papers):
            tile = self._tiles[paper.key]
            if self._row.indexOf(tile) != place:
                self._row.insertWidget(place, tile)
                tile.show()
            tile.show_paper(paper)
            tile.setChecked(paper.key == chosen)
            # One stop of the Tab key for all of them.
            tile.setFocusPolicy(Qt.FocusPolicy.StrongFocus if paper.key == chosen else Qt.FocusPolicy.ClickFocus)
        self._place()
        if had_focus:
            now = self._tiles.get(chosen or "")
            (self.drop_tile if now is None else now).setFocus(Qt.FocusReason.OtherFocusReason)

    def reveal(self, key: str) -> None:
        """Scroll so that a paper can be seen, once the row is laid out."""
        self._wanted = key
        QTimer.singleShot(0, self, self._reveal_wanted)

    def _reveal_wanted(self) -> None:
        tile = self._tiles.get(self._wanted)
        if tile is not None:
            self._area.ensureWidgetVisible(tile, self._ui.look.space("m"), 0)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A tile's height and room for a scroll bar below it."""
        look = self._ui.look
        return QSize(look.px(560), tile_size(look, low=self._low).height() + look.space("gap_case_panels"))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """One tile and the drop tile."""
        return QSize(2 * self._ui.look.width("document_tile"), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Lay it out again."""
        super().resizeEvent(event)
        self._place()

    def _make(self, paper: Paper) -> Tile:
        tile = Tile(self._ui, paper, low=self._low)
        tile.clicked.connect(lambda _on: self.chosen.emit(tile.paper))
        tile.moved.connect(lambda by: self._move(tile, by))
        tile.dismissed.connect(lambda: self.dismissed.emit(tile.paper))
        return tile

    def _move(self, tile: Tile, by: int) -> None:
        tiles = self.tiles()
        place = tiles.index(tile) + by
        if 0 <= place < len(tiles):
            tiles[place].setFocus(Qt.FocusReason.TabFocusReason)
            self.chosen.emit(tiles[place].paper)
        elif place == len(tiles):
            self.drop_tile.setFocus(Qt.FocusReason.TabFocusReason)

    def _place(self) -> None:
        look = self._ui.look
        gap, size = look.space("m"), tile_size(look, low=self._low)
        count = len(self._tiles)
        wanted = count * size.width() + max(0, count - 1) * gap
        room = max(0, self.width() - size.width() - gap)
        width = min(wanted, room)
        self._area.setVisible(count > 0)
        self._area.setGeometry(0, 0, width, self.height())
        self.drop_tile.be(wide=not count, low=self._low)
        x = width + gap if count else 0
        # It takes what is left of a full row, as the last column does.
        rest = self.width() - x
        wide = rest if not count or rest < round(size.width() * 1.5) else size.width()
        self.drop_tile.setGeometry(x, 0, wide, size.height())
