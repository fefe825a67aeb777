"""What may be done with the paper that is shown: print it again, save it, void it with a reason, and to whom it is handed over.

Promise: voiding asks for its reason on the spot and can be left again; a paper that is on its way to the printer can be stopped; what is
not possible now is off and says why.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from claims.records import PaperRecord, PaperState
from rules.bilingual import Bilingual
from views.controls.buttons import ActionButton
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.reading_order import read_in_order
from views.presentation import Presentation, Told

REPRINT = Bilingual("重印", "Reprint")
SAVE = Bilingual("存 PDF", "Save PDF")
VOID = Bilingual("作废并说明原因…", "Void with a reason…")
_STOP = Bilingual("停止打印", "Stop printing")
_REASON = Bilingual("作废原因（必填）", "Reason for voiding (required)")
_CONFIRM = Bilingual("确认作废", "Void it")
_KEEP = Bilingual("不作废", "Keep it")
_NO_REASON = Bilingual("请填写原因，号码作废后不能恢复。", "Enter the reason: a voided number does not come back.")
_RECEIVER = Bilingual("交给", "Handed to")
_VOIDED = Bilingual("已作废：{reason}", "Voided: {reason}")
_GONE = Bilingual("作废的号码不再使用，也不再打印。", "A voided number is not used or printed again.")
_NO_PAPER = Bilingual(
    "出具单证后，可在这里重印、另存和作废。", "Once a paper is issued it can be reprinted, saved and voided here."
)
_PRINTED = (PaperState.PRINTED, PaperState.HANDED_OVER, PaperState.REDEEMED)


class PaperActions(Panel):
    """The panel. Each signal is what the person wants; ``void_wanted`` carries the reason."""

    reprint_wanted = Signal()
    save_wanted = Signal()
    stop_wanted = Signal()
    void_wanted = Signal(str)

    def __init__(self, ui: Presentation, parent: QWidget | None = None, *, undrawn: bool = False) -> None:
        """``undrawn``: what has no drawing yet may be saved too; it is drawn then."""
        super().__init__(ui, parent=parent)
        self._undrawn = undrawn
        self._paper: PaperRecord | None = None
        self._printing = self._voiding = False
        self.reprint = ActionButton(ui, REPRINT, icon="print", key="P")
        self.save = ActionButton(ui, SAVE, icon="save")
        self.stop = ActionButton(ui, _STOP, icon="pause", key="Escape")
        self.void = ActionButton(ui, VOID, icon="void")
        self._words = Text(ui, _NO_PAPER, wrap=True, colour="text2")
        self._buttons = QHBoxLayout()
        for button in (self.reprint, self.save, self.stop):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._buttons.addWidget(button, 1)
        self._receiver_row = QWidget(self)
        self._receiver_box = QHBoxLayout(self._receiver_row)
        self._receiver_box.setContentsMargins(0, 0, 0, 0)
        self._receiver_box.addWidget(Text(ui, _RECEIVER, colour="text2"))
        self.receiver = QLineEdit(self._receiver_row)
        self._receiver_box.addWidget(self.receiver, 1)
        self._form = _VoidForm(ui)
        self.body.addWidget(self._words)
        self.body.addLayout(self._buttons)
        self.body.addWidget(self._receiver_row)
        self.body.addWidget(self.void)
        self.body.addWidget(self._form)
        self.reprint.clicked.connect(lambda _checked: self.reprint_wanted.emit())
        self.save.clicked.connect(lambda _checked: self.save_wanted.emit())
        self.stop.clicked.connect(lambda _checked: self.stop_wanted.emit())
        self.void.clicked.connect(lambda _checked: self._ask_reason())
        self._form.confirmed.connect(self._void)
        self._form.left.connect(self._leave_form)
        read_in_order(self)
        self.tell()
        self.show_paper(None)

    @property
    def reason(self) -> QLineEdit:
        """Where the reason of a voiding is typed."""
        return self._form.reason

    @property
    def form(self) -> _VoidForm:
        """The question for the reason."""
        return self._form

    def show_paper(self, paper: PaperRecord | None, receiver: str = "") -> None:
        """Show what may be done with a paper; None: there is none."""
        other = paper is None or self._paper is None or paper.number != self._paper.number
        if other:
            self.receiver.setText(receiver)
        if other or (paper is not None and paper.state is PaperState.VOIDED):
            self._voiding = False
        self._paper = paper
        self._show()

    def show_printing(self, printing: bool, *, busy: bool) -> None:
        """Show that a page is on its way; ``busy``: a dialog is open or a job under way."""
        self._printing = printing
        for button in (self.reprint, self.save, self.void):
            button.setEnabled(not busy)
        self._show()

    def _show(self) -> None:
        paper = self._paper
        voided = paper is not None and paper.state is PaperState.VOIDED
        drawn = paper is not None and (self._undrawn or paper.pdf_sha256 is not None) and not voided
        printed = paper is not None and paper.state in _PRINTED
        asking = self._voiding
        self._words.setVisible(paper is None or voided)
        if voided and paper is not None:
            reason = paper.void_reason or ""
            self._words.say(
                Bilingual(
                    f"{_VOIDED.zh.format(reason=reason)}。{_GONE.zh}", f"{_VOIDED.en.format(reason=reason)}. {_GONE.en}"
                )
            )
        elif paper is None:
            self._words.say(_NO_PAPER)
        self.reprint.setVisible(drawn and printed and not self._printing and not asking)
        self.save.setVisible(drawn and not self._printing and not asking)
        self.stop.setVisible(self._printing)
        self._receiver_row.setVisible(
            paper is not None and paper.state is PaperState.PRINTED and not asking and not self._printing
        )
        self.void.setVisible(
            paper is not None
            and not voided
            and paper.state is not PaperState.REDEEMED
            and not asking
            and not self._printing
        )
        self._form.setVisible(asking)

    def _ask_reason(self) -> None:
        self._voiding = True
        self._form.begin()
        self._show()
        self._form.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave_form(self) -> None:
        self._voiding = False
        self._show()
        self.void.setFocus(Qt.FocusReason.OtherFocusReason)

    def _void(self) -> None:
        self.void_wanted.emit(self._form.reason.text().strip())

    def tell(self) -> None:
        """Measure again."""
        super().tell()
        if not hasattr(self, "_receiver_box"):
            return
        look = self._ui.look
        self.body.setSpacing(look.space("s"))
        self._buttons.setSpacing(look.space("s"))
        self._receiver_box.setSpacing(look.space("m"))
        self.receiver.setAccessibleName(self._ui.say(_RECEIVER))


class _VoidForm(QWidget, Told):
    """The question for a reason. ``confirmed`` only with one; ``left`` when the paper is kept."""

    confirmed = Signal()
    left = Signal()

    def __init__(self, ui: Presentation) -> None:
        super().__init__()
        self._ui = ui
        self._label = Text(ui, _REASON, size="caption", colour="text2")
        self.reason = QLineEdit(self)
        self.problem = Text(ui, _NO_REASON, size="caption", colour="red", wrap=True)
        self.confirm = ActionButton(ui, _CONFIRM, icon="void")
        self.keep = ActionButton(ui, _KEEP)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._label)
        self._column.addWidget(self.reason)
        self._column.addWidget(self.problem)
        self._buttons = QHBoxLayout()
        for button in (self.confirm, self.keep):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._buttons.addWidget(button, 1)
        self._column.addLayout(self._buttons)
        self.confirm.clicked.connect(lambda _checked: self._confirm())
        self.keep.clicked.connect(lambda _checked: self.left.emit())
        self.reason.returnPressed.connect(self._confirm)
        self.reason.textEdited.connect(lambda _text: self._mark(False))
        self.tell()

    def begin(self) -> None:
        """Ask anew."""
        self.reason.clear()
        self._mark(False)

    def tell(self) -> None:
        """Say names and measure again."""
        look = self._ui.look
        self._column.setSpacing(look.space("s"))
        self._buttons.setSpacing(look.space("s"))
        self.reason.setAccessibleName(self._ui.say(_REASON))
        self.reason.setAccessibleDescription(self.problem.full_text if not self.problem.isHidden() else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape keeps the paper."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)

    def _confirm(self) -> None:
        if self.reason.text().strip():
            self.confirmed.emit()
        else:
            self._mark(True)
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def _mark(self, wrong: bool) -> None:
        self.problem.setVisible(wrong)
        self.reason.setProperty("wrong", wrong)
        self.reason.style().unpolish(self.reason)
        self.reason.style().polish(self.reason)
        self.tell()
