"""A few large choices in rows, of which one is chosen: the first decision of a screen, made with one touch or one figure.

Promise: one stop of the Tab key; arrows move in both directions, figures and Enter choose; what is chosen carries a check mark and
bold words, not a colour alone. Words are broken into two lines before they are cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from claims.form_fields import Choice
from rules.bilingual import Bilingual
from views.controls.painting import paint_box, paint_icon
from views.focus_ring import OWN_FOCUS
from views.presentation import Presentation, Told

_LEAST_WIDTH = 140


class ChoiceGrid(QWidget, Told):
    """The choices. ``chosen`` carries the value picked by hand; ``entered`` is Enter on what is chosen already."""

    chosen = Signal(str)
    entered = Signal()

    def __init__(
        self,
        ui: Presentation,
        name: Bilingual,
        choices: Sequence[Choice],
        *,
        columns: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ui, self._name, self._choices, self._most_columns = ui, name, tuple(choices), columns
        self._place = -1
        self._cursor = 0
        self._hover = -1
        self._wrong: Bilingual | None = None
        self.setProperty(OWN_FOCUS, True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.tell()

    @property
    def value(self) -> str | None:
        """What is chosen."""
        return None if self._place < 0 else self._choices[self._place].value

    def show_value(self, value: str | None) -> None:
        """Show a choice without telling anybody."""
        self._place = next((place for place, each in enumerate(self._choices) if each.value == value), -1)
        self._cursor = max(0, self._place)
        self._wrong = None
        self.tell()

    def show_problem(self, sentence: Bilingual | None) -> None:
        """Say what is wrong below the choices; None takes it away."""
        self._wrong = sentence
        self.tell()
        self.updateGeometry()

    @property
    def problem(self) -> str:
        """What is said as wrong."""
        return "" if self._wrong is None else self._ui.say(self._wrong)

    def choice_rect(self, value: str) -> QRect:
        """Return where a choice is."""
        place = next(place for place, each in enumerate(self._choices) if each.value == value)
        return self._rect(place)

    def tell(self) -> None:
        """Say the words again."""
        name = self._ui.say(self._name)
        self.setAccessibleName(name if self._place < 0 else f"{name}: {self._ui.say(self._choices[self._place].label)}")
        self.setAccessibleDescription(self.problem)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Rows depend on the width."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """As high as the rows."""
        columns = self._columns(width)
        rows = -(-len(self._choices) // columns)
        gap = self._ui.look.space("s")
        return rows * (self._height(width) + gap) - gap + self._foot()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """All columns, comfortably."""
        width = self._ui.look.px(_LEAST_WIDTH) * self._most_columns
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """One column; the height follows from the width."""
        return QSize(
            self._ui.look.px(_LEAST_WIDTH), self.heightForWidth(max(self.width(), self._ui.look.px(_LEAST_WIDTH)))
        )

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Another width, other rows."""
        super().resizeEvent(event)
        self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        """Keep the figures from being keys of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._figure(event) >= 0:
            event.accept()
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover = -1
            self.update()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Figures choose, arrows move, Space and Enter choose what the frame is on; Enter on the chosen one goes on."""
        columns = self._columns(self.width())
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns}
        key = Qt.Key(event.key()) if event.key() else Qt.Key.Key_unknown
        if self._figure(event) >= 0:
            self._choose(self._figure(event))
        elif key in moves:
            if 0 <= self._cursor + moves[key] < len(self._choices):
                self._cursor += moves[key]
                self.update()
        elif key == Qt.Key.Key_Space:
            self._choose(self._cursor)
        elif (
            key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            if self._place != self._cursor:
                self._choose(self._cursor)
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose what is under the pointer."""
        place = self._at(event)
        if place >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._choose(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show what would be chosen."""
        place = self._at(event)
        if place != self._hover:
            self._hover = place
            self.setCursor(Qt.CursorShape.PointingHandCursor if place >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the frame."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Take the frame away."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the choices and what is wrong."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in range(len(self._choices)):
            self._paint_one(painter, place)
        if self._wrong is not None:
            y = self.height() - self._foot() + look.space("xs")
            line = look.line_height("caption")
            paint_icon(painter, look, "refused", "red", 16, 0, y + line // 2 + 1)
            painter.setFont(look.font("caption"))
            painter.setPen(look.qcolor("red"))
            painter.drawText(QRect(look.px(21), y, self.width(), line), Qt.AlignmentFlag.AlignVCenter, self.problem)

    def _paint_one(self, painter: QPainter, place: int) -> None:
        look = self._ui.look
        rect = self._rect(place)
        chosen = place == self._place
        focused = self.hasFocus() and place == self._cursor
        fill = "accent_soft" if chosen else "hover" if place == self._hover else "surface"
        line = "red" if self._wrong is not None else "accent" if chosen else "line_strong"
        width = look.line("focus") if chosen or self._wrong is not None else look.line("strong")
        paint_box(painter, rect, look.qcolor(fill), look.qcolor(line), width, look.radius("control"))
        colour = "accent" if chosen else "text"
        painter.setFont(look.font("body", bold=chosen))
        painter.setPen(look.qcolor(colour))
        room = rect.adjusted(look.space("m"), 0, -look.space("s"), 0)
        if chosen:
            room.setRight(room.right() - look.px(20))
            paint_icon(painter, look, "check", "accent", 20, room.right() + 1, rect.center().y() + 1)
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap)
        painter.drawText(room, flags, self._ui.say(self._choices[place].label))
        if focused:
            inset = look.line("focus") + look.line("focus_gap")
            inner = rect.adjusted(inset, inset, -inset, -inset)
            paint_box(
                painter, inner, None, look.qcolor("focus"), look.line("focus"), max(2, look.radius("control") - 2)
            )

    def _choose(self, place: int) -> None:
        self._place = self._cursor = place
        self._wrong = None
        self.tell()
        self.chosen.emit(self._choices[place].value)

    def _figure(self, event: QKeyEvent) -> int:
        text = event.text()
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or not (text.isascii() and text.isdigit()):
            return -1
        place = int(text) - 1
        return place if 0 <= place < len(self._choices) else -1

    def _at(self, event: QMouseEvent) -> int:
        spot = event.position().toPoint()
        return next((place for place in range(len(self._choices)) if self._rect(place).contains(spot)), -1)

    def _columns(self, width: int) -> int:
        look = self._ui.look
        gap = look.space("s")
        fit = max(1, min(self._most_columns, (width + gap) // (look.px(_LEAST_WIDTH) + gap)))
        # As few columns as the same number of rows needs: the last row is no orphan.
        rows = -(-len(self._choices) // fit)
        return -(-len(self._choices) // rows)

    def _height(self, width: int) -> int:
        look = self._ui.look
        columns = self._columns(width)
        gap = look.space("s")
        # The check mark's room is kept for every choice: nothing shifts when one is chosen.
        room = (width - gap * (columns - 1)) // columns - look.space("m") - look.space("s") - look.px(20)
        metrics = QFontMetrics(look.font("body", bold=True))
        two = any(metrics.horizontalAdvance(self._ui.say(each.label)) > room for each in self._choices)
        return max(look.height("control"), 2 * metrics.lineSpacing() + look.space("s") if two else 0)

    def _rect(self, place: int) -> QRect:
        look = self._ui.look
        columns, gap, height = self._columns(self.width()), look.space("s"), self._height(self.width())
        row, column = divmod(place, columns)
        width = (self.width() + gap) / columns
        left = round(column * width)
        right = round((column + 1) * width) - gap
        return QRect(left, row * (height + gap), right - left, height)

    def _foot(self) -> int:
        return 0 if self._wrong is None else self._ui.look.space("xs") + self._ui.look.line_height("caption")
