"""The three receipts of every case: on this disk, in custody at headquarters, settled there. A list, newest first.

Promise: three acknowledgements are never one tick: each is an icon, a word and its own time.

Source: mock-up 06; design.md "Sync".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, cast

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from claims.errors import Bilingual
from claims.materials import ClaimType
from claims.overviews import CaseReceipt
from views.case_words import type_name
from views.controls.columns import Column, Columns, TableHead, words_width
from views.controls.empty_note import EmptyNote
from views.controls.labels import money_text
from views.controls.painting import paint_icon
from views.controls.panel import Panel
from views.controls.row_list import RowList, RowPainter
from views.link import LinkState
from views.paged_rows import PagedRows
from views.presentation import Presentation
from views.screens.sync_words import Mark, custody_mark, disk_mark, hq_mark
from views.workplace import Workplace

_RECEIPTS = Bilingual("各件三重回执", "Three receipts a case")
_NO_CASES = Bilingual("还没有案件", "No cases yet")
_NO_CASES_TEXT = Bilingual("立案后，每件的三重回执列在这里。", "Once a case is opened, its three receipts stand here.")
_NAMES = (Bilingual("本机", "disk"), Bilingual("托管", "custody"), Bilingual("总部", "HQ"))
_AT = Bilingual("11-20 17:02", "11-20 17:02")
_AT_SETTLED = Bilingual("11-20 17:02 已结", "11-20 17:02 settled")


class ReceiptMarks(NamedTuple):
    """The three marks of a case."""

    disk: Mark
    custody: Mark
    hq: Mark


def receipt_marks(receipt: CaseReceipt, at: datetime, link: LinkState, *, running: bool) -> ReceiptMarks:
    """Return the marks of a case.

    Args:
        at: the instant by which a mark says today and yesterday.
        running: whether a sync is under way on a line that is not known to be down.
    """
    return ReceiptMarks(disk_mark(receipt, at), custody_mark(receipt, at), hq_mark(receipt, at, link, running=running))


class ReceiptsPanel(Panel):
    """The list under its heads.

    Args:
        marks: returns the marks of a case as they stand now; asked at every painting.
    """

    def __init__(
        self, work: Workplace, marks: Callable[[CaseReceipt], ReceiptMarks], parent: QWidget | None = None
    ) -> None:
        super().__init__(work.ui, _RECEIPTS, padded=False, parent=parent)
        self._marks = marks
        columns = _columns(work.ui)
        self.rows: PagedRows[object] = PagedRows(
            work.tasks, lambda row: self._row_words(cast(CaseReceipt, row)), parent=self
        )
        self.list = RowList(work.ui, self.rows, _ReceiptPainter(work.ui, columns, marks, self), _RECEIPTS)
        self.list.opened.connect(lambda row: work.navigator.open_case(cast(CaseReceipt, row).case.case_no))
        self.body.addWidget(TableHead(work.ui, columns, self.list))
        # Its wish for 192 pixels would make the page scroll where there is room enough.
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.body.addWidget(self.list, 1)
        self.empty = EmptyNote(work.ui, self.rows, self.list, _NO_CASES, _NO_CASES_TEXT)

    def _row_words(self, receipt: CaseReceipt) -> str:
        say = self._ui.say
        said = [f"{say(name)} {say(mark.words)}" for name, mark in zip(_NAMES, self._marks(receipt), strict=True)]
        return "，".join([receipt.case.insured.name, say(type_name(receipt.case.claim_type)), *said])


class _ReceiptPainter(RowPainter):
    """Paints one case: name, type, sum, and the three marks, each an icon and a word."""

    def __init__(
        self, ui: Presentation, columns: Columns, marks: Callable[[CaseReceipt], ReceiptMarks], parent: QWidget
    ) -> None:
        super().__init__(ui, "table_row", parent)
        self._columns, self._marks = columns, marks

    def paint_row(self, painter: QPainter, rect: QRect, row: object, *, selected: bool) -> None:  # noqa: ARG002 - the contract's
        receipt = cast(CaseReceipt, row)
        box = self._columns.box
        gap = self.ui.look.space("s")
        self.words(painter, box("name", rect).adjusted(0, 0, -gap, 0), receipt.case.insured.name, bold=True)
        kind = self.ui.say(type_name(receipt.case.claim_type))
        self.words(painter, box("type", rect).adjusted(0, 0, -gap, 0), kind, colour="text2")
        sum_fen = receipt.promised_fen if receipt.promised_fen is not None else receipt.case.payable_fen
        self.words(painter, box("money", rect), "—" if sum_fen is None else money_text(sum_fen), right=True)
        for key, mark in self._marks(receipt)._asdict().items():
            self._mark(painter, box(key, rect), mark)

    def _mark(self, painter: QPainter, rect: QRect, mark: Mark) -> None:
        look = self.ui.look
        left = look.px(20 + 4) if mark.icon else 0
        if mark.icon:
            paint_icon(painter, look, mark.icon, mark.colour, 20, rect.x(), rect.center().y() + 1)
        colour = mark.colour if mark.colour != "accent" else "text"
        self.words(painter, rect.adjusted(left, 0, -look.space("s"), 0), self.ui.say(mark.words), colour=colour)


def _columns(ui: Presentation) -> Columns:
    """Return the columns of the receipts."""
    return Columns(
        ui,
        (
            Column("name", Bilingual("出险人", "Person"), lambda ui: ui.look.px(100), grow=1, least=72),
            Column("type", Bilingual("类型", "Type"), _type_width, grow=1, least=60),
            Column("money", Bilingual("金额（元）", "Amount (¥)"), lambda ui: ui.look.px(118), right=True),
            Column("gap", Bilingual("", ""), lambda ui: ui.look.px(24)),
            Column("disk", Bilingual("本机", "Disk"), lambda ui: _mark_width(ui, _AT)),
            Column("custody", Bilingual("托管", "Custody"), lambda ui: _mark_width(ui, _AT)),
            Column("hq", Bilingual("总部", "HQ"), lambda ui: _mark_width(ui, _AT_SETTLED)),
        ),
    )


def _type_width(ui: Presentation) -> int:
    return words_width(ui, [type_name(each) for each in ClaimType]) + ui.look.space("m")


def _mark_width(ui: Presentation, widest: Bilingual) -> int:
    return words_width(ui, (widest,)) + ui.look.px(20 + 4 + 12)
