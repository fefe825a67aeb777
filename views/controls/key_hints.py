"""Which keys do what in a list: a word and its caps, small, at the right of a panel's head."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.painting import key_cap_width, paint_key_cap
from views.presentation import Presentation, Told

MOVE_AND_OPEN = ((Bilingual("选择", "move"), ("J", "K")), (Bilingual("打开", "open"), ("Return",)))


class KeyHints(QWidget, Told):
    """Words and caps in a row."""

    def __init__(
        self,
        ui: Presentation,
        hints: Sequence[tuple[Bilingual, Sequence[str]]] = MOVE_AND_OPEN,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ui, self._hints = ui, tuple(hints)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.tell()

    def tell(self) -> None:
        """Say the words again."""
        self.setAccessibleName(" ".join(f"{self._ui.say(word)} {' '.join(keys)}" for word, keys in self._hints))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as words and caps."""
        look = self._ui.look
        metrics = QFontMetrics(look.font("caption"))
        gap, width = look.space("s"), 0
        for word, keys in self._hints:
            width += metrics.horizontalAdvance(self._ui.say(word)) + gap
            width += sum(key_cap_width(look, key) + gap for key in keys)
        return QSize(max(0, width - gap), look.height("key"))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint them from left to right."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetrics(look.font("caption"))
        gap, x, middle = look.space("s"), 0, self.height() // 2
        for word, keys in self._hints:
            said = self._ui.say(word)
            width = metrics.horizontalAdvance(said)
            painter.setFont(look.font("caption"))
            painter.setPen(look.qcolor("text2"))
            painter.drawText(QRect(x, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, said)
            x += width + gap
            for key in keys:
                x += paint_key_cap(painter, look, key, look.qcolor("text2"), x, middle) + gap
