"""The way to all papers of a case, below its five steps: what is still to be printed or handed over stands beside it as a count.

Promise: it is no step: nothing waits for it and it is never locked. Where there is little room it is an icon, and its words are tool tip
and accessible name. Source: docs/adr/0140.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QSizePolicy, QWidget

from claims.errors import Bilingual
from claims.records import PaperRecord, PaperState
from views.controls.painted_button import PressedButton
from views.controls.painting import elided, paint_icon
from views.focus_ring import OWN_FOCUS
from views.presentation import Presentation

DOCUMENTS = Bilingual("文书", "Documents")
KEYS = "Ctrl+6"
_NONE = Bilingual("申请、通知等", "forms, notices")
_ISSUED = Bilingual("已出 {count} 份", "{count} issued")
_WAITING = Bilingual("{count} 份待交", "{count} to hand over")
_DONE = (PaperState.HANDED_OVER, PaperState.VOIDED, PaperState.REDEEMED)


class DocumentsButton(PressedButton):
    """One entry: icon, name, one line."""

    def __init__(self, ui: Presentation, parent: QWidget) -> None:
        super().__init__(parent)
        self._ui = ui
        self._line = _NONE
        self._shown = self._folded = False
        self.setProperty(OWN_FOCUS, True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        shortcut = QShortcut(QKeySequence(KEYS), self)
        shortcut.activated.connect(self.click)
        self.tell()

    def show_count(self, documents: Sequence[PaperRecord]) -> None:
        """Show how many were issued, or how many of them somebody still waits for."""
        live = [each for each in documents if each.state is not PaperState.VOIDED]
        waiting = [each for each in live if each.state not in _DONE]
        words, count = (_WAITING, len(waiting)) if waiting else (_ISSUED, len(live))
        self._line = Bilingual(words.zh.format(count=count), words.en.format(count=count)) if live else _NONE
        self.tell()

    def show_state(self, *, shown: bool, folded: bool) -> None:
        """Be the part that is shown, or not; with words, or the icon alone."""
        self._shown, self._folded = shown, folded
        self.tell()

    def tell(self) -> None:
        """Say it again."""
        name, line = self._ui.say(DOCUMENTS), self._ui.say(self._line)
        self.setText(name)
        self.setAccessibleName(self._ui.say(Bilingual("，", ", ")).join((name, line)))
        room = self.width() - self._words_left()
        cut = QFontMetrics(self._ui.look.font("caption")).horizontalAdvance(line) > room
        tip = [name] if self._folded else []
        self.setToolTip("\n".join((*tip, line, KEYS)) if self._folded or cut else KEYS)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as its two lines, at least 44."""
        look = self._ui.look
        lines = look.line_height("body") + look.line_height("caption") + 2 * look.space("s")
        return QSize(
            look.height("control"), look.height("control") if self._folded else max(look.height("control"), lines)
        )

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw ground, icon and words."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._shown:
            painter.fillRect(self.rect(), look.qcolor("accent_soft"))
            painter.fillRect(0, 0, look.px(3), self.height(), look.qcolor("accent"))
        elif self.underMouse():
            painter.fillRect(self.rect(), look.qcolor("hover"))
        colour = "accent" if self._shown else "text2"
        left = (self.width() - look.px(20)) // 2 if self._folded else look.px(16)
        paint_icon(painter, look, "paper", colour, 20, left, self.height() // 2)
        if not self._folded:
            x = self._words_left()
            lines = look.line_height("body") + look.line_height("caption")
            top, room = (self.height() - lines) // 2, self.width() - x - look.space("xs")
            painter.setFont(look.font("body", bold=self._shown))
            painter.setPen(look.qcolor("accent" if self._shown or self.underMouse() else "text"))
            name = elided(QFontMetrics(painter.font()), self.text(), room)
            painter.drawText(QRect(x, top, room, look.line_height("body")), Qt.AlignmentFlag.AlignVCenter, name)
            painter.setFont(look.font("caption"))
            painter.setPen(look.qcolor("text2"))
            line = elided(QFontMetrics(painter.font()), self._ui.say(self._line), room)
            below = QRect(x, top + look.line_height("body"), room, look.line_height("caption"))
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, line)
        if self.hasFocus():
            painter.setPen(QPen(look.qcolor("focus"), look.line("focus")))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inset = look.line("focus")
            painter.drawRoundedRect(
                self.rect().adjusted(inset, inset, -inset, -inset), look.radius("control"), look.radius("control")
            )

    def _words_left(self) -> int:
        return self._ui.look.px(52)
