"""If this laptop died now: what would be lost, case by case, what would not, and the one thing to do about it.

Promise: it names only what this disk alone has, as the disk counts it at the moment the panel is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from claims.errors import Bilingual, OutpostError
from claims.events import Outcome
from claims.overviews import AtRisk
from claims.records import CaseRecord, SafetyCounts
from views.case_words import short_number, type_name
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.labels import Text, money_text
from views.controls.painting import paint_box
from views.controls.panel import Panel
from views.controls.row_list import RowList, RowPainter
from views.paged_rows import PagedRows
from views.presentation import Presentation
from views.progress import bytes_text
from views.tasks import Tasks

_TITLE = Bilingual("若此刻电脑损坏", "If this laptop died now")
_CASES = Bilingual("有记录只在本机的案件", "Cases with something only this disk has")
_CLOSE = Bilingual("关闭", "Close")
_SYNC = Bilingual("现在同步", "Sync now")
_LOOKING = Bilingual("正在清点…", "Counting…")
_NOTHING = Bilingual("什么也不会丢。", "Nothing would be lost.")
_WIDTH, _LEFT, _MOST_ROWS = 520, 320, 6


class _CasePainter(RowPainter):
    """Name, claim type, number; what is promised at the right."""

    def paint_row(self, painter: QPainter, rect: QRect, row: object, *, selected: bool) -> None:  # noqa: ARG002 - the contract's
        case = cast(CaseRecord, row)
        look = self.ui.look
        edge = look.space("panel")
        # What was only worked out, or referred, is no promise.
        promised = case.payable_fen if case.outcome is Outcome.PRE_APPROVED else None
        money = "—" if promised is None else money_text(promised)
        inner = rect.adjusted(edge, 0, -edge, 0)
        right = self.words(painter, inner, money, right=True)
        room = inner.width() - right - look.space("l")
        used = self.words(painter, QRect(inner.x(), inner.y(), room, inner.height()), case.insured.name, bold=True)
        used += look.space("m")
        what = f"{self.ui.say(type_name(case.claim_type))}  {short_number(case.case_no)}"
        box = QRect(inner.x() + used, inner.y(), max(0, room - used), inner.height())
        self.words(painter, box, what, size="caption", colour="text2")


class AtRiskPanel(Panel):
    """The panel that drops from the top bar. ``closed`` when it goes, ``sync_wanted`` and ``case_wanted`` (a case number)."""

    closed = Signal()
    sync_wanted = Signal()
    case_wanted = Signal(str)

    def __init__(self, ui: Presentation, tasks: Tasks, parent: QWidget) -> None:
        super().__init__(ui, _TITLE, padded=False, parent=parent)
        self._tasks, self._frame = tasks, parent
        self.setAutoFillBackground(True)
        self._words = QVBoxLayout()
        self.lost = Text(ui, _LOOKING, bold=True, wrap=True)
        self.money = Text(ui, "", wrap=True)
        self.kept = Text(ui, "", colour="text2", wrap=True)
        for label in (self.lost, self.money, self.kept):
            self._words.addWidget(label)
        self.body.addLayout(self._words)
        self.rows: PagedRows[object] = PagedRows(tasks, lambda row: self._say(cast(CaseRecord, row)), parent=self)
        self.list = RowList(ui, self.rows, _CasePainter(ui, "list_row", self), _CASES)
        self.list.opened.connect(lambda row: self.case_wanted.emit(cast(CaseRecord, row).case_no))
        self.body.addWidget(self.list)
        self._foot = QHBoxLayout()
        self.sync = ActionButton(ui, _SYNC, icon="sync")
        self.sync.clicked.connect(lambda _checked: self.sync_wanted.emit())
        self.close_button = ActionButton(ui, _CLOSE, role=ButtonRole.QUIET, key="Escape")
        self.close_button.clicked.connect(lambda _checked: self.shut())
        self._foot.addWidget(self.sync)
        self._foot.addStretch(1)
        self._foot.addWidget(self.close_button)
        self.body.addLayout(self._foot)
        self.hide()
        self.tell()

    def drop(self, load: Callable[[], tuple[AtRisk, SafetyCounts]]) -> None:
        """Open, and count anew in the background."""
        self._show_rows(())
        self.lost.say(_LOOKING)
        self.money.hide()
        self.kept.hide()
        self.place()
        self.show()
        self.raise_()
        self.close_button.setFocus(Qt.FocusReason.PopupFocusReason)
        self._tasks.run(load, lambda found: self._show(*found), owner=self, failed=self._failed)

    def place(self) -> None:
        """Stand under the top bar, inside the window at any size."""
        look, parent = self._ui.look, self._frame
        edge = look.space("l")
        left = look.width("rail") + edge
        top = look.height("top_bar") + look.space("s")
        width = min(look.px(_WIDTH), parent.width() - left - edge)
        x = min(left + look.px(_LEFT), parent.width() - width - edge)
        self.setFixedWidth(width)
        self._size_list()
        room = parent.height() - top - edge
        height = self._wanted_height(width)
        if height > room and not self.list.isHidden():
            # The list scrolls; words and buttons stay whole.
            self.list.setFixedHeight(max(look.height("list_row"), self.list.height() - (height - room)))
            height = self._wanted_height(width)
        height = min(height, room)
        self.setGeometry(max(left, x), top, width, height)

    def shut(self) -> None:
        """Go away."""
        self.hide()
        self.closed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """A heavier frame than a panel's: this one lies on top of others."""
        super().paintEvent(event)
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_box(painter, self.rect(), None, look.qcolor("line_strong"), max(2, look.line()), look.radius("panel"))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Nothing typed here reaches the work below."""
        event.accept()

    def tell(self) -> None:
        """Take measures again."""
        super().tell()
        if not hasattr(self, "_foot"):
            return
        look = self._ui.look
        pad = look.space("panel")
        self._words.setContentsMargins(pad, look.space("m"), pad, look.space("m"))
        self._words.setSpacing(look.space("xs"))
        self._foot.setContentsMargins(pad, look.space("m"), pad, look.space("m"))
        self._size_list()
        if self.isVisible():
            self.place()

    def _show(self, risk: AtRisk, safety: SafetyCounts) -> None:
        lost = [Bilingual(f"{risk.events:,} 条记录", f"{risk.events:,} records")] if risk.events else []
        if risk.attachments:
            size = bytes_text(risk.attachment_bytes)
            lost.append(Bilingual(f"{risk.attachments:,} 个附件（{size}）", f"{risk.attachments:,} files ({size})"))
        if not lost:
            self.lost.say(_NOTHING)
        else:
            cases = len(risk.cases)
            zh, en = "、".join(each.zh for each in lost), " and ".join(each.en for each in lost)
            of = Bilingual(f"，涉及 {cases} 件案件", f", in {cases} cases") if cases else Bilingual("", "")
            self.lost.say(Bilingual(f"会丢：{zh}{of.zh}。", f"Would be lost: {en}{of.en}."))
        if risk.promised_fen:
            yuan = money_text(risk.promised_fen)
            self.money.say(Bilingual(f"其中已承诺给客户 {yuan} 元。", f"Promised to claimants in them: ¥{yuan}."))
        self.money.setVisible(bool(risk.promised_fen))
        self.kept.say(_kept(safety))
        self.kept.show()
        self.sync.setVisible(bool(lost))
        self._show_rows(risk.cases)
        self.place()

    def _failed(self, error: OutpostError) -> None:
        self.lost.say(error.cause)
        self.kept.say(error.next_step)
        self.kept.show()
        self.place()

    def _show_rows(self, cases: tuple[CaseRecord, ...]) -> None:
        self.rows.show_rows(cases)
        self._size_list()

    def _wanted_height(self, width: int) -> int:
        layout = cast(QLayout, self.layout())
        layout.activate()
        return layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()

    def _size_list(self) -> None:
        count = min(_MOST_ROWS, self.rows.rowCount())
        self.list.setVisible(count > 0)
        self.list.setFixedHeight(count * self._ui.look.height("list_row"))

    def _say(self, case: CaseRecord) -> str:
        return f"{case.insured.name} {self._ui.say(type_name(case.claim_type))}"


def _kept(safety: SafetyCounts) -> Bilingual:
    if safety.custody:
        return Bilingual(
            f"不会丢：已托管 {safety.custody:,} 条，总部已签收 {safety.hq:,} 条。",
            f"Safe: {safety.custody:,} in custody, {safety.hq:,} receipted by headquarters.",
        )
    return Bilingual(f"不会丢：总部已签收 {safety.hq:,} 条。", f"Safe: {safety.hq:,} receipted by headquarters.")
