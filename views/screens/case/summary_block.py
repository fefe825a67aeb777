"""A block of the summary: a small title and lines under it, painted; how many lines are shown is what there is room for.

Promise: what does not fit is counted in words, never silently left out, and always in the tool tip and the accessible description.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from claims.errors import Bilingual
from views.controls.chips import Tone, chip_width, paint_chip
from views.controls.painting import elided, paint_icon
from views.look.look import Look
from views.presentation import Presentation, Told

Words = Bilingual | str


@dataclass(frozen=True)
class SummaryLine:
    """One line. ``after`` stands behind the text in plain type, ``right`` at the right edge; ``chips`` are texts with icons.

    ``size`` is a type size; a ``row`` is 28 high with an icon before it, anything else as high as its type.
    ``lines``: how many lines the text may be broken into. ``whole`` is the text in full where ``text`` is a short name.
    """

    text: Words = ""
    whole: Words = ""
    after: Words = ""
    right: Words = ""
    icon: str | None = None
    colour: str = "text"
    size: str = "body"
    bold: bool = False
    row: bool = False
    right_bold: bool = True
    lines: int = 1
    chips: tuple[tuple[Words, str | None], ...] = ()


class SummaryBlock(QWidget, Told):
    """One block. What a limit leaves out is counted behind the title. ``brief`` is the same in two lines, for the strip."""

    def __init__(self, ui: Presentation, title: Bilingual | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._title = ui, title
        self._title_after: Words = ""
        self._lines: tuple[SummaryLine, ...] = ()
        self._most: int | None = None
        self._brief: tuple[Words, tuple[SummaryLine, ...]] = ("", ())
        self._is_brief = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.tell()

    def show_lines(self, lines: Sequence[SummaryLine], *, title_after: Words = "") -> None:
        """Show these lines; ``title_after`` stands behind the title."""
        self._lines, self._title_after = tuple(lines), title_after
        self.tell()

    def show_brief(self, title: Words, *lines: SummaryLine) -> None:
        """Hold what the strip shows: a title (or none) and lines."""
        self._brief = title, lines
        self.tell()

    def be_brief(self, brief: bool) -> None:
        """Show the brief lines, or all."""
        if brief != self._is_brief:
            self._is_brief = brief
            self.tell()

    def brief_width(self) -> int:
        """Return the width at which nothing of the brief lines is cut."""
        title, lines = self._brief
        look = self._ui.look
        wanted = [QFontMetrics(look.font("caption")).horizontalAdvance(self._say(title))]
        wanted += [self._wanted(line) for line in lines]
        return max(wanted) + 2 * self._pad() + 2

    def limit(self, most: int | None) -> None:
        """Show at most so many lines; None shows all."""
        if most != self._most:
            self._most = most
            self.updateGeometry()
            self.update()

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    @property
    def words(self) -> str:
        """Everything the block says, also what is not shown for want of room."""
        return "\n".join(self._all_words())

    def tell(self) -> None:
        """Say and measure again."""
        words = self._all_words()
        self.setAccessibleName(" ".join(words[:1]))
        self.setAccessibleDescription("\n".join(words[1:]))
        self.setToolTip("\n".join(words) if self._cuts() else "")
        self.updateGeometry()
        self.update()

    def height_for(self, width: int, most: int | None = None) -> int:
        """Return the height at a width, with at most so many lines."""
        look = self._ui.look
        shown = self._shown(most)
        total = look.space("m") + sum(self._line_height(each, width) for each in shown) + look.px(10)
        if self._heading() is not None:
            total += look.line_height("caption") + look.px(2)
        return total

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as its lines."""
        width = self.width() if self.testAttribute(Qt.WidgetAttribute.WA_Resized) else self._ui.look.width("summary")
        return QSize(self._ui.look.px(120), self.height_for(width, self._most))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Lines are cut, not dropped."""
        return QSize(self._ui.look.px(80), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw title and lines."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pad = self._pad()
        y = look.space("m")
        title = self._heading()
        if title is not None:
            box = QRect(pad, y, self.width() - 2 * pad, look.line_height("caption"))
            self._draw(painter, box, title, "caption", "text2")
            y += box.height() + look.px(2)
        for line in self._shown(self._most):
            height = self._line_height(line, self.width())
            self._paint_line(painter, line, QRect(pad, y, self.width() - 2 * pad, height))
            y += height

    def _paint_line(self, painter: QPainter, line: SummaryLine, box: QRect) -> None:
        look = self._ui.look
        if line.chips:
            self._paint_chips(painter, line, box)
            return
        if line.icon is not None:
            x = paint_icon(painter, look, line.icon, line.colour, 20, box.x(), box.center().y() + 1) + look.space("s")
            box = box.adjusted(x, 0, 0, 0)
        right = self._say(line.right)
        if right:
            painter.setFont(look.font(line.size, bold=line.right_bold))
            width = QFontMetrics(painter.font()).horizontalAdvance(right) + 2
            edge = QRect(box.right() + 1 - width, box.y(), width, box.height())
            self._draw(painter, edge, right, line.size, line.colour, bold=line.right_bold, right=True)
            box = box.adjusted(0, 0, -width - look.space("s"), 0)
        if line.lines > 1:
            painter.setFont(look.font(line.size, bold=line.bold))
            painter.setPen(look.qcolor(line.colour))
            painter.drawText(box, int(Qt.TextFlag.TextWordWrap), self._cut_to_lines(line, box.width()))
            return
        after = self._say(line.after)
        gap = look.space("s") if after else 0
        wanted = QFontMetrics(look.font("body")).horizontalAdvance(after) + gap if after else 0
        drawn = self._draw(
            painter, box.adjusted(0, 0, -wanted, 0), self._say(line.text), line.size, line.colour, bold=line.bold
        )
        if after:
            self._draw(painter, box.adjusted(drawn + gap, 0, 0, 0), after, "body", "text2")

    def _paint_chips(self, painter: QPainter, line: SummaryLine, box: QRect) -> None:
        look = self._ui.look
        for (text, icon), rect in zip(line.chips, self._chip_rects(line, box.width()), strict=True):
            # The word is worth more than its icon.
            fitting = icon if chip_width(look, self._say(text), icon) <= rect.width() else None
            paint_chip(painter, look, rect.translated(box.topLeft()), self._say(text), fitting, Tone.PLAIN)

    def _chip_rects(self, line: SummaryLine, room: int) -> list[QRect]:
        look = self._ui.look
        height, gap = look.height("chip"), look.space("xs")
        x, y, rects = 0, look.space("xs"), []
        for text, icon in line.chips:
            width = min(room, chip_width(look, self._say(text), icon))
            if x and x + width > room:
                x, y = 0, y + height + gap
            rects.append(QRect(x, y, width, height))
            x += width + gap
        return rects

    def _line_height(self, line: SummaryLine, width: int) -> int:
        look = self._ui.look
        if line.chips:
            rects = self._chip_rects(line, width - 2 * self._pad())
            return rects[-1].bottom() + 1 + look.space("xs")
        if line.row:
            return look.px(28)
        if line.lines > 1:
            return self._text_lines(line, width - 2 * self._pad()) * look.line_height(line.size)
        return look.line_height(line.size)

    def _text_lines(self, line: SummaryLine, room: int) -> int:
        metrics = QFontMetrics(self._ui.look.font(line.size, bold=line.bold))
        box = metrics.boundingRect(
            QRect(0, 0, max(1, room), 10_000), int(Qt.TextFlag.TextWordWrap), self._say(line.text)
        )
        return min(line.lines, max(1, round(box.height() / metrics.lineSpacing())))

    def _cut_to_lines(self, line: SummaryLine, room: int) -> str:
        """Return the text, its end replaced by an ellipsis where it needs more lines than it may have."""
        metrics = QFontMetrics(self._ui.look.font(line.size, bold=line.bold))
        flags = int(Qt.TextFlag.TextWordWrap)
        text = self._say(line.text)
        fits = line.lines * metrics.lineSpacing() + 2
        shown = text
        while shown and metrics.boundingRect(QRect(0, 0, max(1, room), 10_000), flags, shown).height() > fits:
            text = text[:-1]
            shown = f"{text.rstrip()}…" if text else ""
        return shown

    def _heading(self) -> str | None:
        """Return the title with what stands behind it, None for a block that has none."""
        if self._is_brief:
            return self._say(self._brief[0]) or None
        if self._title is None:
            return None
        hidden = len(self._lines) - len(self._shown(self._most))
        more = Bilingual(f"另 {hidden} 项", f"+{hidden}") if hidden else ""
        return " ".join(each for each in (self._say(one) for one in (self._title, self._title_after, more)) if each)

    def _pad(self) -> int:
        return self._ui.look.space("m" if self._is_brief else "l")

    def _shown(self, most: int | None) -> Sequence[SummaryLine]:
        if self._is_brief:
            return self._brief[1]
        return self._lines if most is None else self._lines[:most]

    def _cuts(self) -> bool:
        """Whether something is shortened at this width."""
        shown = self._shown(self._most)
        if len(shown) < len(self._lines) or self._is_brief or any(line.whole for line in shown):
            return True
        room = self.width() - 2 * self._pad()
        return any(
            self._cut_to_lines(line, room) != self._say(line.text) if line.lines > 1 else self._wanted(line) > room
            for line in shown
        )

    def _wanted(self, line: SummaryLine) -> int:
        """Return the width of a line that is not cut."""
        look = self._ui.look
        if line.chips:
            return max(chip_width(look, self._say(text), None) for text, _ in line.chips)
        bold = line.bold or look.tokens.type_size(line.size).weight == 700
        metrics = QFontMetrics(look.font(line.size, bold=bold))
        wanted = metrics.horizontalAdvance(self._say(line.text))
        after, right = self._say(line.after), self._say(line.right)
        if after:
            wanted += QFontMetrics(look.font("body")).horizontalAdvance(after) + look.space("s")
        if right:
            strong = QFontMetrics(look.font(line.size, bold=line.right_bold))
            wanted += strong.horizontalAdvance(right) + 2 + look.space("s")
        return wanted + (look.px(20) + look.space("s") if line.icon else 0)

    def _all_words(self) -> list[str]:
        found = []
        if self._title is not None:
            found.append(" ".join(each for each in (self._say(self._title), self._say(self._title_after)) if each))
        for line in self._lines:
            parts = [self._say(line.whole or line.text), self._say(line.after), self._say(line.right)]
            parts += [self._say(text) for text, _ in line.chips]
            found.append(" ".join(each for each in parts if each))
        return found

    def _draw(
        self,
        painter: QPainter,
        box: QRect,
        text: str,
        size: str,
        colour: str,
        *,
        bold: bool = False,
        right: bool = False,
    ) -> int:
        look: Look = self._ui.look
        painter.setFont(look.font(size, bold=bold or look.tokens.type_size(size).weight == 700))
        painter.setPen(look.qcolor(colour))
        metrics = QFontMetrics(painter.font())
        shown = elided(metrics, text, max(0, box.width()))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | side, shown)
        return metrics.horizontalAdvance(shown)

    def _say(self, words: Words) -> str:
        return words if isinstance(words, str) else self._ui.say(words)
