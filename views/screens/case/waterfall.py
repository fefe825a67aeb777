"""The waterfall: from the first sum to the payable one, cut by cut, in one picture.

Promise: it says the same in words (names, notes, sums beside the bars; the whole of it to a screen reader); a waived cut is a dashed
outline with its sum struck through and the word; without a sum there are words instead of a picture.

Source: mock-up 04 and rule 8; docs/adr/0103.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from claims.explanation import BarKind, WaterfallBar
from rules.bilingual import Bilingual
from views.controls.labels import money_text
from views.controls.text_lines import wrapped
from views.presentation import Presentation, Told
from views.screens.case.waterfall_layout import Box, Measures, Placed, Texts, WaterfallLayout, is_strong, lay_out
from views.sentences import capital

NAME = Bilingual("从第一笔金额到应付的瀑布图", "Waterfall from the first sum to the payable one")
WAIVED = Bilingual("豁免", "Waived")
WORKED_OUT = Bilingual("算得", "Comes to")
NO_PROMISE = Bilingual("还没有定", "not settled")
NOTHING_YET = Bilingual(
    "还没有算到金额，所以没有图。原因在下面。", "No sum was reached, so there is no picture. The reasons are below."
)
_HEIGHT = 184
_FILLS = {
    BarKind.START: "bar",
    BarKind.MORE: "bar",
    BarKind.CUT: "text2",
    BarKind.STOPPED: "text2",
    BarKind.UNUSED: "line_strong",
    BarKind.RESULT: "accent",
}


class Waterfall(QWidget, Told):
    """The picture."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._bars: tuple[WaterfallBar, ...] = ()
        self._promised = True
        self._name_size = "body"
        self._layout: WaterfallLayout | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tell()

    def show_bars(self, bars: Sequence[WaterfallBar], *, promised: bool) -> None:
        """Draw these bars; ``promised`` false: the result is not drawn as something that is settled."""
        self._bars, self._promised = tuple(bars), promised
        self.tell()

    @property
    def placed(self) -> tuple[Placed, ...]:
        """The bars as drawn now."""
        return self._laid_out().placed

    @property
    def words(self) -> str:
        """The picture in words, left-out bars included."""
        say = self._ui.say
        if not self._bars:
            return say(NOTHING_YET)
        parts = []
        for bar in self._bars:
            text = self._texts(bar)
            waived = f" {text.word}" if text.word else ""
            note = f" ({text.note})" if text.note else ""
            parts.append(f"{text.name}{waived} {text.sum_text}{note}")
        return "; ".join(parts) if self._ui.words.code == "en" else "；".join(parts)

    def tell(self) -> None:
        """Measure and say everything again."""
        self._layout = None
        self.setAccessibleName(self._ui.say(NAME))
        self.setAccessibleDescription(self.words)
        self._take_height()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as its words need at this width."""
        return QSize(self._ui.look.px(480), self._laid_out().height)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Place everything anew."""
        super().resizeEvent(event)
        self._layout = None
        self._take_height()

    def event(self, event: QEvent) -> bool:
        """Tell the whole of a bar under the pointer."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tell_bar(event.pos(), event.globalPos())
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the picture."""
        painter = QPainter(self)
        look = self._ui.look
        if not self._bars:
            painter.setFont(look.font("body"))
            painter.setPen(look.qcolor("text2"))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(look.space("l"), 0, -look.space("l"), 0), flags, self.words)
            return
        layout = self._laid_out()
        self._paint_lines(painter, layout)
        for placed in layout.placed:
            self._paint_bar(painter, placed)
            self._paint_words(painter, placed, layout)

    def _paint_lines(self, painter: QPainter, layout: WaterfallLayout) -> None:
        look = self._ui.look
        painter.setPen(QPen(look.qcolor("line_strong"), 1 if look.line() == 1 else 2))
        edge = look.space("s")
        painter.drawLine(edge, layout.base_y, self.width() - edge, layout.base_y)
        dots = QPen(look.qcolor("line_strong"), look.line(), Qt.PenStyle.CustomDashLine)
        dots.setDashPattern([3, 3])
        painter.setPen(dots)
        for before, after in zip(layout.placed, layout.placed[1:], strict=False):
            painter.drawLine(before.box.right, before.level_y, after.box.x, before.level_y)

    def _paint_bar(self, painter: QPainter, placed: Placed) -> None:
        look = self._ui.look
        box = _rect(placed.box)
        if placed.bar.kind is not BarKind.WAIVED:
            fill = _FILLS[placed.bar.kind]
            if placed.bar.kind is BarKind.RESULT and not self._promised:
                fill = "bar"
            painter.fillRect(box, look.qcolor(fill))
            return
        width = max(2, look.line())
        pen = QPen(look.qcolor("accent"), width, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.setBrush(look.qcolor("surface"))
        half = width // 2
        painter.drawRect(box.adjusted(half, half, -half - width % 2, -half - width % 2))

    def _paint_words(self, painter: QPainter, placed: Placed, layout: WaterfallLayout) -> None:
        look = self._ui.look
        bar, text = placed.bar, placed.texts
        strong = is_strong(bar)
        promised_result = bar.kind is BarKind.RESULT and self._promised
        colour = "accent" if promised_result else "text"
        font = self._sum_font(strong)
        if bar.kind is BarKind.WAIVED:
            font.setStrikeOut(True)
            colour = "text2"
        painter.setFont(font)
        painter.setPen(look.qcolor(colour))
        painter.drawText(_rect(placed.sum_box), Qt.AlignmentFlag.AlignCenter, text.sum_text)
        if placed.word_box is not None:
            self._paint_word(painter, placed)
        y = layout.label_y
        for lines, bold, tone in ((placed.name_lines, strong, "text"), (placed.note_lines, False, "text2")):
            painter.setFont(look.font("caption" if tone == "text2" else self._name_size, bold=bold))
            painter.setPen(look.qcolor(tone))
            for line in lines:
                row = QRect(placed.slot.x, y, placed.slot.width, self._line())
                painter.drawText(row, Qt.AlignmentFlag.AlignCenter, line)
                y += self._line()

    def _paint_word(self, painter: QPainter, placed: Placed) -> None:
        look = self._ui.look
        box = placed.word_box
        if box is None:
            return
        rect = _rect(box)
        if placed.box.height < box.height:
            # Below a thin outline the dotted line would run through the word.
            painter.fillRect(rect, look.qcolor("surface"))
        painter.setFont(look.font("caption", bold=True))
        painter.setPen(look.qcolor("accent"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, placed.texts.word)

    def _tell_bar(self, where: QPoint, on_screen: QPoint) -> None:
        for placed in self._laid_out().placed:
            if placed.slot.x <= where.x() < placed.slot.right:
                text = placed.texts
                lines = [text.name, text.note, f"{text.sum_text} {text.word}".strip()]
                QToolTip.showText(on_screen, "\n".join(line for line in lines if line), self)
                return
        QToolTip.hideText()

    def _texts(self, bar: WaterfallBar) -> Texts:
        say = self._ui.say
        name, note = say(capital(bar.name)), say(bar.note)
        if bar.kind is BarKind.RESULT and not self._promised:
            name, note = say(WORKED_OUT), say(NO_PROMISE)
        if note.casefold() == name.casefold():
            note = ""
        if bar.kind is BarKind.WAIVED:
            amount = "—" if bar.amount_fen is None else money_text(-bar.amount_fen)
            return Texts(name, note, amount, say(WAIVED))
        sign = "+" if bar.kind is BarKind.MORE else ""
        return Texts(name, note, f"{sign}{money_text(bar.amount_fen or 0)}")

    def _laid_out(self) -> WaterfallLayout:
        if self._layout is None:
            look = self._ui.look
            if not self._bars:
                self._layout = WaterfallLayout((), (), 0, 0, look.px(72))
            else:
                self._layout = self._lay_out("body")
                if self._layout.left_out or any(len(each.name_lines) > 1 for each in self._layout.placed):
                    self._layout = self._lay_out("caption")
        return self._layout

    def _lay_out(self, name_size: str) -> WaterfallLayout:
        self._name_size = name_size
        width, height = max(self.width(), 1), self._ui.look.px(_HEIGHT)
        return lay_out(self._bars, self._texts, width, height, self._measures(name_size))

    def _measures(self, name_size: str) -> Measures:
        look = self._ui.look
        return Measures(
            line=self._line(),
            sum_line=look.px(26),
            edge=look.space("m"),
            gap=look.space("s"),
            least_plot=look.px(84),
            foot_gap=look.px(10),
            name_width=lambda text, bold: _advance(look.font("caption", bold=bold), text),
            sum_width=lambda text, strong: _advance(self._sum_font(strong), text),
            wrap_name=lambda text, width, bold: wrapped(text, look.font(name_size, bold=bold), width, even=True),
            wrap_note=lambda text, width: wrapped(text, look.font("caption"), width, even=True),
            word_height=look.px(20),
        )

    def _sum_font(self, strong: bool) -> QFont:
        return self._ui.look.font("key_value" if strong else "body", bold=True)

    def _line(self) -> int:
        return self._ui.look.px(19)

    def _take_height(self) -> None:
        height = self._laid_out().height
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)


def _rect(box: Box) -> QRect:
    return QRect(box.x, box.y, box.width, box.height)


def _advance(font: QFont, text: str) -> int:
    return QFontMetrics(font).horizontalAdvance(text)
