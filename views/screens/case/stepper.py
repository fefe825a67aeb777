"""The five steps at the left of the case page: where the case stands, one line each, and the way to any of them. Below them the papers.

Promise: a step that can't be done can be opened all the same: then the page says why and what to do. Where there is little room the
steps are circles, and their words are the tool tips and accessible names.

Source: mock-ups 03 and 04, sheet "Steps".
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.overviews import CaseStep, StepStanding, StepState
from views.case_words import STEP_NAMES
from views.controls.painted_button import PressedButton
from views.controls.painting import elided, paint_icon
from views.focus_ring import OWN_FOCUS
from views.presentation import Presentation, Told
from views.screens.case.documents_button import DocumentsButton
from views.workplace import Beside, PagePart

BACK = Bilingual("案件列表", "All cases")
GO_TO = {
    CaseStep.REPORT: Bilingual("回到报案", "Back to Report"),
    CaseStep.PAPERS: Bilingual("去收材料", "Go to Papers"),
    CaseStep.BENEFIT: Bilingual("去理算", "Go to Benefit"),
    CaseStep.SIGN: Bilingual("去签字", "Go to Sign"),
    CaseStep.VOUCHER: Bilingual("去出单证", "Go to Voucher"),
}
"""What a button that leads to a step says."""
_STATES = {
    StepState.DONE: Bilingual("已完成", "done"),
    StepState.OPEN: Bilingual("未完成", "open"),
    StepState.LOCKED: Bilingual("还不能做", "not possible yet"),
}
_CIRCLE, _PITCH, _MOST_LINES = 28, 84, 3


class _StepButton(PressedButton):
    """One step: circle, name, line of state."""

    def __init__(self, ui: Presentation, step: CaseStep, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._ui, self._step, self._number = ui, step, number
        self._standing: StepStanding | None = None
        self._shown = self._folded = False
        self.setProperty(OWN_FOCUS, True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.tell()

    def show_standing(self, standing: StepStanding | None, *, shown: bool, folded: bool) -> None:
        self._standing, self._shown, self._folded = standing, shown, folded
        self.tell()

    def tell(self) -> None:
        name, standing = self._ui.say(STEP_NAMES[self._step]), self._standing
        self.setText(name)
        parts = [f"{self._number} {name}"]
        tip = []
        if standing is not None:
            parts += [self._ui.say(_STATES[standing.state]), self._ui.say(standing.line)]
            tip.append(self._ui.say(standing.line))
        if self._folded:
            tip.insert(0, name)
        why = "" if standing is None or standing.why is None else self._ui.say(standing.why)
        self.setAccessibleName(self._ui.say(Bilingual("，", ", ")).join(parts))
        self.setAccessibleDescription(why)
        self.setToolTip("\n".join(each for each in (*tip, why) if each) if self._folded or why or self._cut() else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self._ui.look.height("control"), self._ui.look.px(_PITCH))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_circle(painter)
        if not self._folded:
            room = self._words_room()
            strong = self._shown
            painter.setFont(look.font("body", bold=strong))
            colour = "accent" if strong or self.underMouse() else "text"
            painter.setPen(look.qcolor(colour))
            name = QRect(room.x(), room.y(), room.width(), look.line_height("body"))
            shown = elided(QFontMetrics(painter.font()), self.text(), name.width())
            painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, shown)
            painter.setFont(look.font("caption"))
            painter.setPen(look.qcolor("text2"))
            painter.drawText(self._line_room(), int(Qt.TextFlag.TextWordWrap), self._line())
        if self.hasFocus():
            painter.setPen(QPen(look.qcolor("focus"), look.line("focus")))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inset = look.line("focus")
            box = self.rect().adjusted(inset, inset, -inset, -inset)
            box.setHeight(min(box.height(), self._middle().y() * 2 if self._folded else box.height()))
            painter.drawRoundedRect(box, look.radius("control"), look.radius("control"))

    def _paint_circle(self, painter: QPainter) -> None:
        look = self._ui.look
        state = StepState.OPEN if self._standing is None else self._standing.state
        middle, radius = self._middle(), look.px(_CIRCLE) // 2
        done = state is StepState.DONE
        ring = "accent" if self._shown or done else "line_strong"
        painter.setPen(QPen(look.qcolor(ring), max(2, look.line("strong"))))
        painter.setBrush(look.qcolor("accent" if self._shown else "surface"))
        painter.drawEllipse(middle, radius - 1, radius - 1)
        inside = "on_accent" if self._shown else "accent" if done else "text2"
        if done or state is StepState.LOCKED:
            icon = "check" if done else "lock"
            paint_icon(painter, look, icon, inside, 16, middle.x() - look.px(16) // 2, middle.y())
            return
        painter.setFont(look.font("body", bold=True))
        painter.setPen(look.qcolor(inside))
        box = QRect(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self._number))

    def circle_span(self) -> tuple[int, int]:
        """Return top and bottom of the circle, for the line between two of them."""
        radius = self._ui.look.px(_CIRCLE) // 2
        return self._middle().y() - radius, self._middle().y() + radius

    def _middle(self) -> QPoint:
        look = self._ui.look
        x = self.width() // 2 if self._folded else look.px(26)
        return QPoint(x, look.px(22))

    def _words_room(self) -> QRect:
        look = self._ui.look
        left = look.px(52)
        return QRect(left, look.px(22) - look.px(15), self.width() - left - look.space("xs"), self.height())

    def _line(self) -> str:
        return "" if self._standing is None else self._ui.say(self._standing.line)

    def _line_room(self) -> QRect:
        look = self._ui.look
        room = self._words_room()
        top = room.y() + look.line_height("body")
        return QRect(room.x(), top, room.width(), look.line_height("caption") * _MOST_LINES)

    def _cut(self) -> bool:
        metrics = QFontMetrics(self._ui.look.font("caption"))
        room = self._line_room()
        box = metrics.boundingRect(
            QRect(0, 0, max(1, room.width()), 10_000), int(Qt.TextFlag.TextWordWrap), self._line()
        )
        return box.height() > room.height() or box.width() > room.width()


class _Back(PressedButton):
    """The way back to the list, without a frame."""

    def __init__(self, ui: Presentation, parent: QWidget) -> None:
        super().__init__(parent)
        self._ui = ui
        self._folded = False
        self.setProperty(OWN_FOCUS, True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.tell()

    def fold(self, folded: bool) -> None:
        self._folded = folded
        self.tell()

    def tell(self) -> None:
        words = self._ui.say(BACK)
        self.setText(words)
        self.setAccessibleName(words)
        self.setToolTip(f"{words} (Alt+←)")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self._ui.look.height("control"), self._ui.look.height("control"))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = "text" if self.underMouse() else "text2"
        left = (self.width() - look.px(20)) // 2 if self._folded else look.px(14)
        paint_icon(painter, look, "back", colour, 20, left, self.height() // 2)
        if not self._folded:
            painter.setFont(look.font("body"))
            painter.setPen(look.qcolor(colour))
            room = QRect(look.px(42), 0, self.width() - look.px(42), self.height())
            shown = elided(QFontMetrics(painter.font()), self.text(), room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
        if self.hasFocus():
            painter.setPen(QPen(look.qcolor("focus"), look.line("focus")))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inset = look.line("focus")
            box = self.rect().adjusted(inset, inset, -inset, -inset)
            painter.drawRoundedRect(box, look.radius("control"), look.radius("control"))


class Stepper(QWidget, Told):
    """The column. ``chosen`` carries the ``PagePart`` somebody wants, ``back`` asks for the list.

    Ctrl+1 to Ctrl+5 choose a step from anywhere in the window, Ctrl+6 the papers of the case.
    """

    chosen = Signal(object)
    back = Signal()

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._standings: Mapping[CaseStep, StepStanding] = {}
        self._shown: PagePart = CaseStep.REPORT
        self._folded = False
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._back = _Back(ui, self)
        self._back.clicked.connect(lambda _checked: self.back.emit())
        # Not the button's own: it may have no room.
        shortcut = QShortcut(QKeySequence("Alt+Left"), self)
        shortcut.activated.connect(self.back.emit)
        self._column.addWidget(self._back)
        self._gap = QWidget(self)
        self._column.addWidget(self._gap)
        self._buttons: dict[CaseStep, _StepButton] = {}
        for number, step in enumerate(CaseStep, start=1):
            button = _StepButton(ui, step, number, self)
            button.clicked.connect(lambda _checked, step=step: self.chosen.emit(step))
            self._buttons[step] = button
            self._column.addWidget(button)
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            shortcut.activated.connect(lambda step=step: self.chosen.emit(step))
        self._column.addStretch(1)
        self.documents = DocumentsButton(ui, self)
        self.documents.clicked.connect(lambda _checked: self.chosen.emit(Beside.DOCUMENTS))
        self._column.addWidget(self.documents)
        self.tell()

    @property
    def folded(self) -> bool:
        """Whether only the circles are shown."""
        return self._folded

    def button(self, step: CaseStep) -> QAbstractButton:
        """Return the control of a step."""
        return self._buttons[step]

    def show_steps(self, standings: Mapping[CaseStep, StepStanding], shown: PagePart) -> None:
        """Show where the steps stand, and what the page shows."""
        self._standings, self._shown = standings, shown
        self._show()

    def fold(self, folded: bool) -> None:
        """Show only the circles, or circles with their words."""
        if folded != self._folded:
            self._folded = folded
            self.tell()

    def width_wanted(self, *, folded: bool) -> int:
        """Return the width in either form."""
        look = self._ui.look
        return look.px(56) if folded else look.width("stepper")

    def tell(self) -> None:
        """Measure anew; the steps tell themselves."""
        look = self._ui.look
        self.setFixedWidth(self.width_wanted(folded=self._folded))
        self._column.setContentsMargins(0, look.px(12), look.line(), look.space("s"))
        self._gap.setFixedHeight(look.px(12))
        self.setAccessibleName(self._ui.say(Bilingual("理赔步骤", "Steps of the claim")))
        self._make_room()
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """See whether there is room for all."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Where not everything can be as high as a finger needs, the way back goes: the rail and Alt+Left lead there as well."""
        look = self._ui.look
        needed = (len(self._buttons) + 2) * look.height("control") + 2 * look.px(12) + look.space("s")
        self._back.setVisible(self.height() >= needed)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the ground, the line at the edge, and the line from circle to circle."""
        look = self._ui.look
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.qcolor("sunken"))
        painter.fillRect(self.width() - look.line(), 0, look.line(), self.height(), look.qcolor("line"))
        steps = list(self._buttons.items())
        x = (self.width() - look.line()) // 2 if self._folded else look.px(26)
        for (step, above), (_, below) in pairwise(steps):
            standing = self._standings.get(step)
            done = standing is not None and standing.state is StepState.DONE
            top = above.y() + above.circle_span()[1]
            bottom = below.y() + below.circle_span()[0]
            painter.fillRect(x - 1, top, 2, bottom - top, look.qcolor("accent" if done else "line_strong"))
        edge = self.documents.y() - look.line() - look.px(2)
        painter.fillRect(0, edge, self.width() - look.line(), look.line(), look.qcolor("line"))

    def _show(self) -> None:
        self._back.fold(self._folded)
        for step, button in self._buttons.items():
            button.show_standing(self._standings.get(step), shown=step is self._shown, folded=self._folded)
        self.documents.show_state(shown=self._shown is Beside.DOCUMENTS, folded=self._folded)
        self.update()
