"""What stands in the place of a step that can't be done yet: why, and the way to the step that helps."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from claims.overviews import CaseStep, StepStanding
from views.case_words import STEP_NAMES
from views.controls.buttons import ActionButton
from views.controls.labels import Text
from views.controls.painting import paint_icon
from views.presentation import Presentation, Told
from views.screens.case.report_shown import TitleRow
from views.screens.case.stepper import GO_TO
from views.sentences import capital


class LockedStep(QWidget, Told):
    """A step that can't be done yet: why, and what to do now."""

    go_on = Signal(object)

    def __init__(self, ui: Presentation, parent: QWidget) -> None:
        super().__init__(parent)
        self._ui = ui
        self._to = CaseStep.REPORT
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(ui.look.space("s"))
        head = TitleRow(ui, "")
        self._title = head.title
        column.addWidget(head)
        column.addStretch(2)
        self._line = Text(ui, "", size="heading", wrap=True)
        self._why = Text(ui, "", colour="text2", wrap=True)
        for label in (self._line, self._why):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._icon = _Lock(ui, self)
        column.addWidget(self._icon)
        column.addWidget(self._line)
        column.addWidget(self._why)
        column.addSpacing(ui.look.space("m"))
        self.button = ActionButton(ui, GO_TO[self._to], arrow=True, parent=self)
        self.button.clicked.connect(lambda _checked: self.go_on.emit(self._to))
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def show_step(self, standing: StepStanding, to: CaseStep) -> None:
        """Say why this step is locked, and lead to another."""
        name = STEP_NAMES[standing.step]
        self._to = to
        self._title.say(name)
        self._line.say(capital(standing.line))
        self._why.say(standing.why or "")
        self.button.say(GO_TO[to])
        self.setAccessibleName(f"{self._ui.say(name)} {self._why.full_text}")

    @property
    def words(self) -> str:
        """What is said."""
        return f"{self._line.full_text} {self._why.full_text}"

    def tell(self) -> None:
        """The labels tell themselves."""
        self.updateGeometry()


class _Lock(QWidget, Told):
    """The lock above the words."""

    def __init__(self, ui: Presentation, parent: QWidget) -> None:
        super().__init__(parent)
        self._ui = ui
        self.tell()

    def tell(self) -> None:
        self.setFixedHeight(self._ui.look.px(40))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        look = self._ui.look
        painter = QPainter(self)
        paint_icon(painter, look, "lock", "text2", 32, (self.width() - look.px(32)) // 2, self.height() // 2)
