"""If this laptop died now: what would be lost, case by case, what would not, and the one thing to do about it.

Promise: it names only what this disk alone has, as the disk counts it at the moment the panel is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from claims.errors import Bilingual, OutpostError
from claims.overviews import AtRisk, CaseAtRisk
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
_NOTHING_BUT_COPIES = Bilingual(
    "什么也不会丢：总部还没有的，别处都有一份。",
    "Nothing would be lost: what headquarters lacks, somebody else holds.",
)
_WIDTH, _LEFT, _MOST_ROWS = 520, 320, 6


@dataclass(frozen=True)
class RiskRow:
    """One case with something that only this disk has, and how much of it (None: not told apart)."""

    case: CaseRecord
    risk: CaseAtRisk | None


class _CasePainter(RowPainter):
    """Name, claim type, number, what alone is missing elsewhere; what is promised and held nowhere else at the right."""

    def paint_row(self, painter: QPainter, rect: QRect, row: object, *, selected: bool) -> None:  # noqa: ARG002 - the contract's
        shown = cast(RiskRow, row)
        case = shown.case
        look = self.ui.look
        edge = look.space("panel")
        # What was only worked out, or whose voucher somebody else holds as well, would not be lost.
        promised = 0 if shown.risk is None else shown.risk.promised_fen
        money = money_text(promised) if promised else "—"
        inner = rect.adjusted(edge, 0, -edge, 0)
        right = self.words(painter, inner, money, right=True)
        room = inner.width() - right - look.space("l")
        used = self.words(painter, QRect(inner.x(), inner.y(), room, inner.height()), case.insured.name, bold=True)
        used += look.space("m")
        what = "  ".join(
            each
            for each in (
                self.ui.say(type_name(case.claim_type)),
                short_number(case.case_no),
                self.ui.say(_files_only(shown.risk)),
            )
            if each
        )
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
        self.rows: PagedRows[object] = PagedRows(tasks, lambda row: self._say(cast(RiskRow, row)), parent=self)
        self.list = RowList(ui, self.rows, _CasePainter(ui, "list_row", self), _CASES)
        self.list.opened.connect(lambda row: self.case_wanted.emit(cast(RiskRow, row).case.case_no))
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
            copied = risk.custody_events or risk.custody_attachments
            self.lost.say(_NOTHING_BUT_COPIES if copied else _NOTHING)
        else:
            cases = len(risk.cases)
            zh, en = "、".join(each.zh for each in lost), " and ".join(each.en for each in lost)
            of = Bilingual("", "")
            if cases:
                of = Bilingual(f"，涉及 {cases} 件案件", f", in {cases} case{'' if cases == 1 else 's'}")
            self.lost.say(Bilingual(f"会丢：{zh}{of.zh}。", f"Would be lost: {en}{of.en}."))
        if risk.promised_fen:
            yuan = money_text(risk.promised_fen)
            self.money.say(Bilingual(f"其中已承诺给客户 {yuan} 元。", f"Promised to claimants in them: ¥{yuan}."))
        self.money.setVisible(bool(risk.promised_fen))
        self.kept.say(_kept(risk, safety))
        self.kept.show()
        self.sync.setVisible(bool(lost))
        by_case = {each.case_no: each for each in risk.by_case}
        self._show_rows(tuple(RiskRow(each, by_case.get(each.case_no)) for each in risk.cases))
        self.place()

    def _failed(self, error: OutpostError) -> None:
        self.lost.say(error.cause)
        self.kept.say(error.next_step)
        self.kept.show()
        self.place()

    def _show_rows(self, cases: tuple[RiskRow, ...]) -> None:
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

    def _say(self, row: RiskRow) -> str:
        said = (
            row.case.insured.name,
            self._ui.say(type_name(row.case.claim_type)),
            self._ui.say(_files_only(row.risk)),
        )
        return " ".join(each for each in said if each)


def _files_only(risk: CaseAtRisk | None) -> Bilingual:
    """Return what is missing elsewhere where the records themselves are held by somebody else, nothing otherwise."""
    if risk is None or risk.log_only_here or not risk.attachments:
        return Bilingual("", "")
    size = bytes_text(risk.attachment_bytes)
    return Bilingual(
        f"只差 {risk.attachments} 个附件（{size}）",
        f"only {risk.attachments} file{'' if risk.attachments == 1 else 's'} ({size})",
    )


def _kept(risk: AtRisk, safety: SafetyCounts) -> Bilingual:
    """Return what would not be lost: what custodians hold and headquarters does not, with its sum, and what headquarters signed for."""
    if not safety.custody and not risk.custody_attachments:
        return Bilingual(f"不会丢：总部已签收 {safety.hq:,} 条。", f"Safe: {safety.hq:,} receipted by headquarters.")
    held_zh, held_en = f"已托管 {safety.custody:,} 条", f"{safety.custody:,} in custody"
    if risk.custody_attachments:
        size = bytes_text(risk.custody_attachment_bytes)
        held_zh += f"和 {risk.custody_attachments:,} 个附件（{size}）"
        held_en += f" with {risk.custody_attachments:,} files ({size})"
    if risk.custody_promised_fen:
        money = money_text(risk.custody_promised_fen)
        held_zh += f"，其中已承诺 {money} 元"
        held_en += f" (¥{money} promised)"
    return Bilingual(
        f"不会丢：{held_zh}；总部已签收 {safety.hq:,} 条。",
        f"Safe: {held_en}; {safety.hq:,} receipted by headquarters.",
    )
