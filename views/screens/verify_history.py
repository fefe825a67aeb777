"""What was checked since the laptop was unlocked, newest on top: when, what it was, for whom and how much.

Promise: it lives in the window only and goes when it is locked; what was presented is in the log and in its register.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from claims.errors import Bilingual
from claims.trusted_time import beijing_text
from claims.verification import PaperVerdict
from views.controls.chips import TONE_COLOURS
from views.controls.empty_note import EmptyNote
from views.controls.labels import Said, money_text
from views.controls.painting import paint_icon
from views.controls.panel import Panel
from views.controls.row_list import RowList, RowPainter
from views.paged_rows import PagedRows
from views.presentation import Presentation
from views.screens.verify_words import HEADINGS
from views.workplace import Workplace

_TITLE = Bilingual("本次核验过的", "Checked in this session")
_COUNT = Bilingual("{count} 次", "{count}")
_NONE = Bilingual("还没有核验过", "Nothing checked yet")
_NONE_TEXT = Bilingual("每次核验都列在这里，锁屏后清空。", "Every check is listed here until the window is locked.")
_PRESENTED = Bilingual("已登记出示", "Presented")


@dataclass(frozen=True)
class Checked:
    """One check. ``presented``: it was recorded as presented."""

    at: datetime
    verdict: PaperVerdict
    source: Said
    presented_by: str = ""


class HistoryPanel(Panel):
    """The list. ``wanted`` carries a check that is to be shown again."""

    wanted = Signal(object)

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(work.ui, _TITLE, padded=False, parent=parent)
        self._checks: tuple[Checked, ...] = ()
        self.rows: PagedRows[object] = PagedRows(work.tasks, lambda row: self._said(cast(Checked, row)), parent=self)
        self.list = RowList(work.ui, self.rows, _CheckPainter(work.ui, self), _TITLE)
        self.list.opened.connect(self.wanted)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.body.addWidget(self.list, 1)
        self.empty = EmptyNote(work.ui, self.rows, self.list, _NONE, _NONE_TEXT)
        self._restart()

    def show_checks(self, checks: Sequence[Checked]) -> None:
        """Show these, newest first."""
        self._checks = tuple(checks)
        count = len(self._checks)
        self.note(Bilingual(_COUNT.zh.format(count=count), _COUNT.en.format(count=count)) if count else "")
        self._restart()

    def _restart(self) -> None:
        checks = self._checks
        self.rows.restart(lambda offset, limit, _cancelled: checks[offset : offset + limit])

    def _said(self, check: Checked) -> str:
        return "，".join(line for line in check_lines(self._ui, check) if line)


def check_lines(ui: Presentation, check: Checked) -> tuple[str, str, str]:
    """Return what a row says: the answer, whose voucher for how much, and when."""
    claims = check.verdict.voucher
    answer = ui.say(_PRESENTED if check.presented_by else HEADINGS[check.verdict.verdict].words)
    if claims is None:
        whose = (
            check.source
            if isinstance(check.source, str)
            else ui.say(check.source)
            if isinstance(check.source, Bilingual)
            else check.source()
        )
    else:
        whose = f"{claims.payee}  {money_text(claims.amount_fen)}  {claims.voucher_no}"
    return answer, whose, beijing_text(check.at)[11:]


class _CheckPainter(RowPainter):
    def __init__(self, ui: Presentation, parent: QWidget) -> None:
        super().__init__(ui, "person_row", parent)

    def paint_row(self, painter: QPainter, rect: QRect, row: object, *, selected: bool) -> None:  # noqa: ARG002 - every row looks alike
        look, check = self.ui.look, cast(Checked, row)
        heading = HEADINGS[check.verdict.verdict]
        colour = TONE_COLOURS[heading.tone][2]
        edge, side = look.space("panel"), look.px(24)
        paint_icon(painter, look, heading.icon, colour, 24, rect.x() + edge, rect.center().y())
        answer, whose, when = check_lines(self.ui, check)
        left = rect.x() + edge + side + look.space("m")
        right = rect.right() - edge
        line, small = look.line_height("body"), look.line_height("caption")
        top = rect.y() + (rect.height() - line - small) // 2
        when_wide = look.px(52)
        self.words(painter, QRect(left, top, right - left - when_wide, line), answer, colour=colour, bold=True)
        self.words(
            painter, QRect(right - when_wide, top, when_wide, line), when, size="caption", colour="text2", right=True
        )
        self.words(painter, QRect(left, top + line, right - left, small), whose, size="caption", colour="text2")
