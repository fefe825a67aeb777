"""One of many: a box that is typed into and shows what fits, in either language, or opened and walked through.

Promise: whatever was typed stays there; only an exact word or a picked row is a choice.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen, QStandardItem, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit, QWidget

from claims.form_fields import Choice
from views.presentation import Presentation, Told

_SEARCHED = int(Qt.ItemDataRole.UserRole) + 1
_SHOWN_ROWS = 10


class _Finder(QCompleter):
    """Finds a choice by any part of its name in either language, and writes its name in the language in use."""

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:  # noqa: N802 - Qt's name
        """Return what is written into the box."""
        return str(index.data(Qt.ItemDataRole.DisplayRole))


class _Typing(QLineEdit):
    """The line in the box."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Say that it was left, not that its list opened."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.left.emit()


class ChoiceBox(QComboBox, Told):
    """The box. Signals as of every editor: ``typed``, ``left``, ``entered``; ``line`` is where one types."""

    typed = Signal()
    left = Signal()
    entered = Signal()

    def __init__(self, ui: Presentation, choices: Sequence[Choice], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._choices = ui, tuple(choices)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMaxVisibleItems(_SHOWN_ROWS)
        line = _Typing(self)
        line.setProperty("bare", True)
        self.setLineEdit(line)
        self.line = line
        rows = QStandardItemModel(self)
        for choice in self._choices:
            item = QStandardItem(ui.say(choice.label))
            item.setData(choice.value, int(Qt.ItemDataRole.UserRole))
            item.setData(f"{choice.label.zh} {choice.label.en} {choice.value}", _SEARCHED)
            rows.appendRow(item)
        self.setModel(rows)
        self.setCurrentIndex(-1)
        finder = _Finder(rows, self)
        finder.setCompletionRole(_SEARCHED)
        finder.setFilterMode(Qt.MatchFlag.MatchContains)
        finder.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        finder.setMaxVisibleItems(_SHOWN_ROWS)
        self.setCompleter(finder)
        self._finder = finder
        line.textEdited.connect(lambda _text: self.typed.emit())
        line.left.connect(self._on_left)
        line.returnPressed.connect(self._on_enter)
        self.activated.connect(lambda _place: self.typed.emit())
        finder.activated.connect(self._picked)

    def raw(self) -> str:
        """Return the value of the choice that stands there, else the text as typed."""
        text = self.currentText().strip()
        choice = self._choice_called(text)
        return text if choice is None else choice.value

    def fill(self, text: str) -> None:
        """Show a choice by its value, or a text that is none."""
        place = next((place for place, each in enumerate(self._choices) if each.value == text), -1)
        self.setCurrentIndex(place)
        if place < 0:
            self.setEditText(text)
        self.line.setCursorPosition(0)

    def tidy(self) -> None:
        """Write a choice that was typed in another spelling as it is called."""
        choice = self._choice_called(self.currentText().strip())
        if choice is not None and self.currentText() != self._ui.say(choice.label):
            self.fill(choice.value)

    def tell(self) -> None:
        """Say the choices in the language in use; what was typed stays."""
        chosen = self.raw()
        for place, choice in enumerate(self._choices):
            self.setItemText(place, self._ui.say(choice.label))
        self.fill(chosen)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """A wheel scrolls the form; it never turns a choice in passing."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the box, and the angle that says it opens."""
        super().paintEvent(event)
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = look.qcolor("text2" if self.isEnabled() else "disabled_text")
        painter.setPen(
            QPen(colour, look.px(2), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        )
        side = look.px(5)
        x, y = self.width() - look.space("l") - side, self.height() / 2 + side / 2
        painter.drawPolyline([QPointF(x - side, y - side), QPointF(x, y), QPointF(x + side, y - side)])

    def _picked(self, _text: str) -> None:
        self.tidy()
        self.typed.emit()

    def _on_left(self) -> None:
        self.tidy()
        self.left.emit()

    def _on_enter(self) -> None:
        found = self._finder.popup()
        if found is not None and found.isVisible():
            return
        self.tidy()
        self.entered.emit()

    def _choice_called(self, text: str) -> Choice | None:
        plain = text.casefold()
        return next(
            (
                each
                for each in self._choices
                if plain and plain in {each.value.casefold(), each.label.zh.casefold(), each.label.en.casefold()}
            ),
            None,
        )
