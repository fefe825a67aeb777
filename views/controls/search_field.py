"""The search field: a magnifier, the words, what was found at the right, and the key that leads to it on a cap.

Promise: every committed change is one search, also what an input method commits and the end of its composing; Esc clears, and on
an empty field leaves; arrows and Enter are handed on, so that the hand stays on the keys.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QShortcut,
)
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.painting import key_cap_width, paint_icon, paint_key_cap
from views.presentation import Presentation, Told

LONGEST = 64
_LEAST_WIDTH = 180
_PAGE_ROWS = 7
_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -_PAGE_ROWS,
    Qt.Key.Key_PageDown: _PAGE_ROWS,
}

_KEY_STATES = {"/": ("/", "／", "、")}
"""The key in the three states of a Chinese input method."""

Piece = tuple[Bilingual | str, bool]
"""A piece of the note at the right, and whether it is bold."""


class SearchField(QLineEdit, Told):
    """One search field.

    Signals:
        searched: the committed text changed, or composing ended.
        stepped: by how many rows the selection is to move.
        submitted: Enter.
        left: Esc on an empty field.

    Args:
        key: focuses the field from anywhere in its window; it stands on the cap while the field is empty.
        tall: 56 high with larger type, for the screen that is all search.
    """

    searched = Signal(str)
    stepped = Signal(int)
    submitted = Signal()
    left = Signal()

    def __init__(
        self,
        ui: Presentation,
        name: Bilingual,
        hint: Bilingual,
        *,
        key: str | None = "/",
        tall: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ui, self._name, self._hint, self._key, self._tall = ui, name, hint, key, tall
        self._note: tuple[Piece, ...] = ()
        self._last = ""
        self._composing = False
        self.setMaxLength(LONGEST)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self._changed)
        for each in _KEY_STATES.get(key or "", (key,)):
            if each:
                QShortcut(QKeySequence(each), self, self.take_over)
        self.tell()

    def take_over(self) -> None:
        """Take the keyboard, with what stands here selected: typing replaces it."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def show_text(self, text: str) -> None:
        """Show this text as if it had been typed, the cursor behind it."""
        self.setText(text[:LONGEST])
        self.end(False)

    def empty(self) -> None:
        """Take the text away without a search: it went on elsewhere."""
        self._last = ""
        self.clear()

    def note(self, *pieces: Piece) -> None:
        """Say something at the right: how many were found. Nothing: no note."""
        self._note = pieces
        self._take_margins()
        self.update()

    @property
    def note_text(self) -> str:
        """The note as shown."""
        return "".join(text for text, _ in self._pieces())

    def tell(self) -> None:
        """Say name and hint again, and take the measures."""
        look = self._ui.look
        self.setAccessibleName(self._ui.say(self._name))
        self.setPlaceholderText(self._ui.say(self._hint))
        self.setFont(look.font("heading" if self._tall else "body", bold=False))
        self._take_margins()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """44 high, or 56."""
        height = self._ui.look.height("primary" if self._tall else "control")
        return QSize(super().sizeHint().width(), height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Never lower."""
        return QSize(self._ui.look.px(_LEAST_WIDTH), self.sizeHint().height())

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:  # noqa: N802 - Qt's name
        """Search when composing ends, whether or not something was committed."""
        composed = self._composing
        self._composing = bool(event.preeditString())
        before = self._last
        super().inputMethodEvent(event)
        if composed and not self._composing and self._last == before:
            self.searched.emit(self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Hand on what moves and opens; Esc clears or leaves."""
        key = Qt.Key(event.key())
        if key in _STEPS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.stepped.emit(_STEPS[key])
        elif (
            key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.submitted.emit()
        elif key == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.left.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A click on the cap does what its key does."""
        if event.position().x() >= self.width() - self._cap_room():
            if self.text():
                self.clear()
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            return
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint Qt's field, then icon, note and cap."""
        super().paintEvent(event)
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() // 2
        paint_icon(painter, look, "search", "accent" if self.hasFocus() else "text2", self._icon(), look.px(14), middle)
        x = self.width() - look.space("m")
        cap = self._cap()
        if cap:
            x -= key_cap_width(look, cap)
            paint_key_cap(painter, look, cap, look.qcolor("text2"), x, middle)
            x -= look.space("m")
        painter.setPen(look.qcolor("text2"))
        x -= self._note_width()
        for text, bold in self._pieces():
            painter.setFont(look.font("body", bold=bold))
            painter.setPen(look.qcolor("text" if bold else "text2"))
            width = QFontMetrics(painter.font()).horizontalAdvance(text)
            painter.drawText(QRect(x, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
            x += width

    def _changed(self, text: str) -> None:
        self._take_margins()
        self.update()
        if text != self._last:
            self._last = text
            self.searched.emit(text)

    def _cap(self) -> str | None:
        return "Escape" if self.text() else self._key

    def _icon(self) -> int:
        return 24 if self._tall else 20

    def _cap_room(self) -> int:
        cap = self._cap()
        return 0 if cap is None else max(self._ui.look.height("control"), key_cap_width(self._ui.look, cap))

    def _pieces(self) -> Sequence[tuple[str, bool]]:
        return [(each if isinstance(each, str) else self._ui.say(each), bold) for each, bold in self._note]

    def _note_width(self) -> int:
        look = self._ui.look
        return sum(QFontMetrics(look.font("body", bold=bold)).horizontalAdvance(text) for text, bold in self._pieces())

    def _take_margins(self) -> None:
        look = self._ui.look
        cap = self._cap()
        right = 0 if cap is None else key_cap_width(look, cap) + look.space("m")
        if self._note:
            right += self._note_width() + look.space("m")
        # The style sheet pads by 12 already.
        self.setTextMargins(look.px(14 + self._icon() + 8) - look.space("m"), 0, right, 0)
