"""Verify: is this voucher genuine, by whom, for whom and how much, and was it used here before? From a scanner, a file or a photo.

Promise: the keyboard of a scanner always ends up in the field, wherever the focus was; an answer stands until the next one; nothing is recorded
but what somebody marks as presented. No connection is needed.

Source: issue "Paper that holds" (Signed QR); docs/adr/0136, 0141.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from claims.errors import Bilingual, InputError, OutpostError
from claims.trusted_time import TrustedTime
from claims.verification import PaperVerdict, Verdict
from views.controls.buttons import ActionButton
from views.controls.labels import Said, Text
from views.controls.panel import Panel
from views.controls.reading_order import read_in_order
from views.controls.scan_field import ScanField
from views.controls.state_rows import StateRow, StateRows
from views.lanes import Lane
from views.screens.case.files_in import CHOOSE, FileChoice, dropped_files
from views.screens.case.taking_in import read_file, readable_name
from views.screens.folding_page import Fold, FoldingPage
from views.screens.verify_answer import AnswerCard
from views.screens.verify_history import Checked, HistoryPanel
from views.workplace import Workplace

_TITLE = Bilingual("验真", "Verify")
_OFFLINE = Bilingual("不用联网", "needs no connection")
_FIELD = Bilingual("凭证二维码的文字", "Text of the voucher's code")
_HINT = Bilingual(
    "用扫码枪扫凭证上的二维码，或粘贴文字后按回车", "Scan the voucher's code, or paste its text and press Enter"
)
_FILES = Bilingual(
    "也可以把凭证的 PDF、照片（PNG、JPEG）拖到这里。", "Or drop the voucher's PDF or a photo of it (PNG, JPEG) here."
)
_SCANNED = Bilingual("扫码", "scanned")
_READING = Bilingual("正在读取 {name}…", "Reading {name}…")
_CHECKING = Bilingual("正在核验…", "Checking…")
_HOW = Bilingual("怎样核验", "How to verify")
_WAYS = (
    StateRow(
        "qr",
        Bilingual("扫码枪", "Hand scanner"),
        Bilingual(
            "对准凭证上的二维码，听到一声就有结果", "point it at the voucher's code; the answer comes with the beep"
        ),
    ),
    StateRow(
        "scan",
        Bilingual("照片或 PDF", "Photo or PDF"),
        Bilingual(
            "整个二维码要清楚入镜；两页的凭证在末页", "the whole code must be in sight; of two pages it is on the last"
        ),
    ),
    StateRow(
        "person",
        Bilingual("核对", "Compare"),
        Bilingual(
            "票面的号码、领款人、金额与结果一致，再看证件",
            "number, payee and sum with the answer, then the identity document",
        ),
    ),
    StateRow(
        "check",
        Bilingual("登记已出示", "Mark as presented"),
        Bilingual("同一凭证再来时，会提示已出示过", "the same voucher is told the next time"),
    ),
)
_MOST_SHOWN = 12
_MOST_KEPT = 500


class VerifyScreen(FoldingPage):
    """The screen. ``cards`` are the answers that stand there, ``checks`` everything since unlocking, newest first."""

    fold = Fold(beside=(822, 400), below=(0, 1), narrow=1060)

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(work, parent)
        self.cards: list[AnswerCard] = []
        self.checks: list[Checked] = []
        self._waiting: deque[Path] = deque()
        self._reading = ""
        self._build()
        self.setAcceptDrops(True)
        self.tell()

    def first_focus(self) -> QWidget:
        """A scanner can begin at once."""
        return self.field

    def check_files(self, paths: Sequence[Path]) -> None:
        """Check these files, one after another."""
        if not self._reading:
            self._clear()
        self._waiting.extend(paths)
        self._next_file()

    def check_text(self, text: str) -> None:
        """Check the text of a code."""
        desk = self.work.desk
        self._clear()
        self._busy(_CHECKING)
        self.work.tasks.run(
            lambda: (desk.time(), desk.verify_text(text)),
            lambda found: self._answered(found[0], (found[1],), _SCANNED),
            owner=self,
            failed=self._failed,
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """What is typed where nothing takes it is a scanner's: it goes to the field, never to the keys of the window."""
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if plain and event.text() and event.text().isprintable():
            self.field.take(event.text())
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Files may be dropped anywhere on the screen."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self._hint.say(_FILES, colour="accent")

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:  # noqa: N802 - Qt's name
        """They were taken elsewhere."""
        self._hint.say(_FILES, colour="text2")

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Check what was dropped."""
        self._hint.say(_FILES, colour="text2")
        event.acceptProposedAction()
        paths, others = dropped_files(event.mimeData())
        if others:
            self.work.problems.show_error(_no_files(others))
        if paths:
            self.check_files(paths)

    def tell(self) -> None:
        """Take measures again; everything inside tells itself."""
        look = self.work.ui.look
        self._answers.setSpacing(look.space("gap_panels"))
        self._row.setSpacing(look.space("s"))
        self.entry.body.setSpacing(look.space("s"))
        self.history.setMinimumHeight(look.px(240))
        self.measure_page()

    # Building

    def _build(self) -> None:
        ui = self.work.ui
        self.lay_page()
        self.head.addWidget(Text(ui, _TITLE, size="title"))
        self.head.addWidget(Text(ui, _OFFLINE, colour="text2"), 1)
        self.lay_columns()
        self.left.addWidget(self._build_entry())
        self.line = Text(ui, "", colour="text2", wrap=True)
        self.line.hide()
        self.left.addWidget(self.line)
        self.how = Panel(ui, _HOW, padded=False)
        ways = StateRows(ui, _HOW, height="table_row", ruled=True)
        ways.show_rows(_WAYS)
        self.how.body.addWidget(ways)
        self.left.addWidget(self.how)
        self._answers = QVBoxLayout()
        self.left.addLayout(self._answers)
        self.left.addStretch(1)
        self.history = HistoryPanel(self.work)
        self.history.wanted.connect(self._show_again)
        self.right.addWidget(self.history)

    def _build_entry(self) -> QWidget:
        ui = self.work.ui
        panel = self.entry = Panel(ui)
        self.field = ScanField(ui, _FIELD, _HINT)
        self.field.scanned.connect(self.check_text)
        self.choose = ActionButton(ui, CHOOSE, icon="scan", key="Ctrl+O")
        choice = FileChoice(ui, self, self.check_files)
        self.choose.clicked.connect(lambda _checked: choice.open())
        self._row = QHBoxLayout()
        self._row.addWidget(self.field, 1)
        self._row.addWidget(self.choose)
        panel.body.addLayout(self._row)
        self._hint = Text(ui, _FILES, size="caption", colour="text2", wrap=True)
        panel.body.addWidget(self._hint)
        return panel

    # Checking

    def _next_file(self) -> None:
        if self._reading or not self._waiting:
            return
        path, desk = self._waiting.popleft(), self.work.desk
        name = self._reading = readable_name(path.name)
        self._busy(Bilingual(_READING.zh.format(name=name), _READING.en.format(name=name)))

        def over() -> None:
            self._reading = ""
            self._next_file()

        def answered(found: tuple[TrustedTime, tuple[PaperVerdict, ...]]) -> None:
            self._answered(*found, name)
            over()

        def failed(error: OutpostError) -> None:
            self._failed(error)
            over()

        # Pictures are read in the lane of pages: finding a code in a photograph takes its time, and nothing waits for it.
        self.work.tasks.run(
            lambda: (desk.time(), desk.verify_file(name, read_file(path))),
            answered,
            owner=self,
            failed=failed,
            lane=Lane.PAGE,
        )

    def _answered(self, at: TrustedTime, verdicts: Sequence[PaperVerdict], source: Said) -> None:
        for verdict in verdicts:
            check = Checked(at.at, verdict, source)
            self.checks.insert(0, check)
            self._add_card(check)
        del self.checks[_MOST_KEPT:]
        self.history.show_checks(self.checks)
        self.line.setVisible(bool(self._waiting))
        read_in_order(self)

    def _failed(self, error: OutpostError) -> None:
        self.line.hide()
        self.how.setVisible(not self.cards)
        self.work.problems.show_error(error)

    def _busy(self, words: Bilingual) -> None:
        self.how.hide()
        self.line.say(words)
        self.line.show()

    def _clear(self) -> None:
        held = cast(QWidget | None, self.focusWidget())
        if held is not None and any(card.isAncestorOf(held) for card in self.cards):
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        for card in self.cards:
            self._answers.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = []

    def _add_card(self, check: Checked) -> None:
        if len(self.cards) >= _MOST_SHOWN:
            return
        first = not any(each.redeem is not None for each in self.cards)
        card = AnswerCard(self.work.ui, check.verdict, check.source, first=first)
        card.presented.connect(lambda name: self._present(card, check, name))
        card.scanned.connect(self.check_text)
        self.cards.append(card)
        self._answers.addWidget(card)
        if check.presented_by:
            card.show_recorded(check.presented_by)

    def _show_again(self, check: Checked) -> None:
        self._clear()
        self._add_card(check)
        self.line.hide()
        self.how.hide()
        read_in_order(self)

    # Presenting

    def _present(self, card: AnswerCard, check: Checked, name: str) -> None:
        desk, text = self.work.desk, check.verdict.text
        if card.redeem is not None:
            card.redeem.setEnabled(False)

        def recorded(verdict: PaperVerdict) -> None:
            if verdict.verdict is not Verdict.GENUINE:
                # Somebody was quicker: what holds now is said, not what held a minute ago.
                now = replace(check, verdict=verdict)
                self._replace(check, now)
                self._show_again(now)
                return
            done = replace(check, presented_by=name)
            self._replace(check, done)
            if card in self.cards:
                card.show_recorded(name)
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

        def failed(error: OutpostError) -> None:
            if card in self.cards and card.redeem is not None and card.presenter is not None:
                card.redeem.setEnabled(True)
                card.presenter.setFocus(Qt.FocusReason.OtherFocusReason)
            self.work.problems.show_error(error)

        self.work.problems.dismiss("no_presenter")
        self.work.tasks.run(lambda: desk.redeem(text, name), recorded, owner=self, failed=failed, writes=True)

    def _replace(self, before: Checked, after: Checked) -> None:
        self.checks = [after if each is before else each for each in self.checks]
        self.history.show_checks(self.checks)


def _no_files(names: Sequence[str]) -> InputError:
    shown = "、".join(readable_name(each) for each in names[:3])
    return InputError(
        "not_a_file",
        Bilingual(f"“{shown}”不是本机上的文件。", f'"{shown}" is not a file on this machine.'),
        Bilingual("请先把它存到桌面，再拖进来。", "Save it to the desktop first, then drop it here."),
    )
