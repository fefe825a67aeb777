"""A row with a box to tick: a bold name, what is said of it, and something at the right edge. The whole row is the target.

Promise: at least 44 high; ticked is told by a check mark; words that are too long are in the tool tip.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.chips import Tone, chip_width, paint_chip
from views.controls.painted_button import PaintedButton
from views.controls.painting import elided, paint_box, paint_icon
from views.focus_ring import OWN_FOCUS
from views.presentation import Presentation


class TickRow(PaintedButton):
    """One row. ``clicked`` carries whether it is ticked now."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._name = self._detail = self._chip = Bilingual("", "")
        self._chip_icon: str | None = None
        self._chip_tone = Tone.PLAIN
        self.setProperty(OWN_FOCUS, True)
        self.setCheckable(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def say(
        self,
        name: Bilingual,
        detail: Bilingual,
        chip: Bilingual,
        *,
        icon: str | None = None,
        tone: Tone = Tone.PLAIN,
    ) -> None:
        """Say what the row is about; ``chip`` stands at the right edge."""
        self._name, self._detail, self._chip, self._chip_icon, self._chip_tone = name, detail, chip, icon, tone
        self.tell()

    def tell(self) -> None:
        """Say it again."""
        words = " ".join(each for each in (self._ui.say(one) for one in (self._name, self._detail, self._chip)) if each)
        self.setText(words)
        self.setAccessibleName(words)
        self.setToolTip(words if self._wanted() > self.width() else "")
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """What does not fit into one line takes two."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """One line, or two."""
        return self._ui.look.height("person_row" if self._two_lines(width) else "control")

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as its words, in one line where there is room."""
        width = self.width() if self.testAttribute(Qt.WidgetAttribute.WA_Resized) else self._wanted()
        return QSize(self._wanted(), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Words may be cut."""
        return QSize(self._ui.look.px(160), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Another width may need two lines."""
        super().resizeEvent(event)
        self.tell()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw box, name, detail and chip."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() and self.isEnabled():
            painter.fillRect(self.rect(), look.qcolor("hover"))
        middle, side = self.height() // 2, look.px(20)
        box = QRect(look.space("l"), middle - side // 2, side, side)
        on = self.isChecked()
        paint_box(
            painter,
            box,
            look.qcolor("accent" if on else "surface"),
            look.qcolor("accent" if on else "line_strong"),
            max(look.line("strong"), 1),
            look.radius("chip"),
        )
        if on:
            paint_icon(painter, look, "check", "on_accent", 16, box.x() + look.px(2), middle)
        x, right = box.right() + look.space("m"), self.width() - look.space("l")
        chip = self._ui.say(self._chip)
        if chip:
            width = min(chip_width(look, chip, self._chip_icon), max(0, (right - x) // 2))
            height = look.height("chip")
            level = middle - look.line_height("body") // 2 if self._two_lines(self.width()) else middle
            paint_chip(
                painter,
                look,
                QRect(right - width, level - height // 2, width, height),
                chip,
                self._chip_icon,
                self._chip_tone,
            )
            right -= width + look.space("s")
        name, detail = self._ui.say(self._name), self._ui.say(self._detail)
        if self._two_lines(self.width()):
            line = look.line_height("body")
            above = QRect(x, middle - line, max(0, right - x), line)
            self._draw(painter, above, name, "body", "text", bold=True)
            below = QRect(x, middle, max(0, self.width() - look.space("l") - x), look.line_height("caption"))
            self._draw(painter, below, detail, "caption", "text2")
        else:
            box = QRect(x, 0, max(0, right - x), self.height())
            x += self._draw(painter, box, name, "body", "text", bold=True) + look.space("m")
            self._draw(painter, QRect(x, 0, max(0, right - x), self.height()), detail, "caption", "text2")
        if self.hasFocus():
            paint_box(painter, self.rect(), None, look.qcolor("focus"), look.line("focus"), look.radius("control"))

    def _draw(self, painter: QPainter, box: QRect, text: str, size: str, colour: str, *, bold: bool = False) -> int:
        look = self._ui.look
        painter.setFont(look.font(size, bold=bold))
        painter.setPen(look.qcolor(colour if self.isEnabled() else "disabled_text"))
        metrics = QFontMetrics(painter.font())
        shown = elided(metrics, text, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        return metrics.horizontalAdvance(shown)

    def _two_lines(self, width: int) -> bool:
        return bool(self._ui.say(self._detail)) and self._wanted() > width

    def _wanted(self) -> int:
        look = self._ui.look
        width = 2 * look.space("l") + look.px(20) + 2 * look.space("m") + look.space("s")
        width += QFontMetrics(look.font("body", bold=True)).horizontalAdvance(self._ui.say(self._name))
        width += QFontMetrics(look.font("caption")).horizontalAdvance(self._ui.say(self._detail))
        chip = self._ui.say(self._chip)
        return width + (chip_width(look, chip, self._chip_icon) if chip else 0)
