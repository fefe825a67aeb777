"""The lines beneath the waterfall: what made the sum, on which clause, by which waiver; and, unfolded, what was checked besides.

Promise: every amount stands right-aligned under the last; the text of a clause is shown whole, rows grow for it; waivers carry
their printed numbers. The sum stands at the foot, together with the sums beside it.

Source: mock-up 04 (rows 36); docs/adr/0103.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from claims.events import Outcome
from claims.explained_steps import StepRole
from claims.explanation import BasisLine, OtherSum
from rules.bilingual import Bilingual
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.chips import Tone, chip_width, paint_chip
from views.controls.labels import Text, money_text
from views.controls.painted_rows import PaintedRows
from views.controls.panel import Panel
from views.look.tokens import Theme
from views.presentation import Presentation
from views.screens.case.benefit_job import Explained
from views.sentences import capital

TITLE = Bilingual("依据", "Basis")
YUAN = Bilingual("元", "yuan")
PAYABLE = Bilingual("应付", "Payable")
WORKED_OUT = Bilingual("算得", "Comes to")
ROUNDED_ONCE = Bilingual("四舍五入到分，只在此处一次", "Rounded half up to the fen, once, here")
ROUNDED_EACH = Bilingual("各项责任分别四舍五入到分一次", "Each benefit is rounded half up to the fen once")
NO_PROMISE = Bilingual("不是承诺，由总部核定", "No promise: headquarters decides")
NOT_YET = Bilingual("还不能预核，原因见上", "Not pre-approved yet; the reasons are above")
NO_SUM = Bilingual("未算到金额，由总部核定", "No sum was reached; headquarters decides")
_OTHER_NOTES = {
    "patient_pays": Bilingual("在医院柜台付，不在给付之内", "Paid at the hospital's counter, not part of the benefit"),
    "refund": Bilingual("按合同退还，由总部核定后办理", "Returned by the contract, after headquarters has decided"),
    "cash_value": Bilingual("按合同退还，由总部核定后办理", "Returned by the contract, after headquarters has decided"),
    "recovery": Bilingual("预付超过应付的部分，由总部核定", "What was prepaid above the benefit; headquarters decides"),
}
_FEW = 2
_BESIDE = Bilingual("给付以外", "Beside the benefit")


@dataclass(frozen=True)
class _Row:
    """One row in words. ``sum_row``: the foot of the table, in the colour of a promise where it is one."""

    mark: str
    name: str
    text: str
    chip: str
    amount: str
    strong_amount: bool = True
    heading: bool = False
    sum_row: bool = False
    promised: bool = False


@dataclass(frozen=True)
class _Placed:
    row: _Row
    rect: QRect
    name_lines: tuple[str, ...]
    name_rect: QRect
    text_lines: tuple[str, ...]
    text_rect: QRect
    chip_rect: QRect | None
    amount_rect: QRect


class BasisRows(PaintedRows):
    """Rows with a number, a name, its clause, a waiver's chip and an amount or verdict."""

    def __init__(self, ui: Presentation, name: Bilingual, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._name = name
        self._kin: tuple[BasisRows, ...] = ()
        self._lines: tuple[BasisLine, ...] = ()
        self._numbered = True
        self._placed: tuple[_Placed, ...] = ()
        self.tell()

    def line_up_with(self, kin: Sequence[BasisRows]) -> None:
        """Share the columns with these rows above or below."""
        self._kin = tuple(kin)

    def hold(self, lines: Sequence[BasisLine], *, numbered: bool) -> None:
        """Take these lines; they are shown with the next ``tell``, when the others have theirs."""
        self._lines, self._numbered = tuple(lines), numbered

    def rows(self) -> tuple[_Row, ...]:
        """Return the rows in the language in use; benefits have headings where there are several."""
        say = self._ui.say
        benefits = dict.fromkeys(line.benefit.zh for line in self._lines)
        found: list[_Row] = []
        benefit = ""
        for line in self._lines:
            if self._numbered and len(benefits) > 1 and line.benefit.zh != benefit:
                benefit = line.benefit.zh
                found.append(_Row("", say(capital(line.benefit)), "", "", "", heading=True))
            found.append(self._row(line))
        return tuple(found)

    def said(self) -> tuple[str, ...]:
        """Return the rows in words."""
        return tuple(_said(row) for row in self.rows())

    def tell(self) -> None:
        """Say the name and everything else again."""
        self.setAccessibleName(self._ui.say(self._name))
        super().tell()

    def measure(self, width: int) -> int:
        """Place the rows."""
        placed, y = [], 0
        rows = self.rows()
        columns = self._columns(rows, width)
        for row in rows:
            one = self._place(row, y, width, columns)
            placed.append(one)
            y = one.rect.bottom() + 1
        self._placed = tuple(placed)
        return y

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the rows."""
        painter = QPainter(self)
        for placed in self._placed:
            self._paint_row(painter, placed)
            if placed is not self._placed[-1]:
                self.paint_rule(painter, placed.rect.bottom() + 1)

    def _row(self, line: BasisLine) -> _Row:
        say, english = self._ui.say, self._ui.words.code == "en"
        clause, reason = line.clause, say(capital(_without_waiver(line)))
        text = reason if not clause else f"{clause}: {reason}" if english else f"{clause}：{reason}"
        chip = ""
        if line.waivers:
            numbers = ", ".join(line.waivers) if english else "、".join(line.waivers)
            chip = f"Waived {numbers}" if english else f"豁免 {numbers}"
        is_sum = line.amount_fen is not None
        verdict = "" if line.verdict is None else say(capital(line.verdict))
        return _Row(
            mark=str(line.number) if self._numbered else "",
            name=say(capital(line.name)),
            text=text,
            chip=chip,
            amount=money_text(line.amount_fen) if line.amount_fen is not None else verdict,
            strong_amount=is_sum and (self._numbered or line.role is not StepRole.PASSED),
        )

    def _columns(self, rows: Sequence[_Row], width: int) -> tuple[int, int, int]:
        """Return left edge of the text, and width and left edge of the amounts."""
        look = self._ui.look
        edge, gap = look.space("panel"), look.space("m")
        name_x = edge + self._mark_width()
        together = [row for row in (*rows, *(row for each in self._kin for row in each.rows())) if not row.heading]
        amounts = max((self._amount_width(row) for row in together), default=0)
        widest = max((self.advance(row.name, size="body", bold=True) for row in together), default=0)
        # Names take what they need, but never so much that the clause has no room.
        names = min(widest, max(look.px(96), (width - name_x - amounts - edge - 2 * gap) * 2 // 5))
        return name_x + names + gap, amounts, width - edge - amounts

    def _mark_width(self) -> int:
        return self._ui.look.px(20) + self._ui.look.space("xs")

    def _amount_width(self, row: _Row) -> int:
        size = "key_value" if row.sum_row else "body"
        return self.advance(row.amount, size=size, bold=row.strong_amount or row.sum_row)

    def _place(self, row: _Row, y: int, width: int, columns: tuple[int, int, int]) -> _Placed:
        look = self._ui.look
        text_x, amount_width, amount_x = columns
        edge, gap = look.space("panel"), look.space("m")
        name_x = edge + self._mark_width()
        name_room = width - 2 * edge if row.heading else text_x - name_x - gap
        name_lines = self.lines(row.name, name_room, size="caption" if row.heading else "body", bold=True)
        room = amount_x - gap - text_x
        chip_wide = chip_width(look, row.chip, "waived") if row.chip else 0
        text_room = room - (chip_wide + gap if chip_wide else 0)
        text_lines = self.lines(row.text, text_room) if row.text and text_room > 0 else ()
        beside = bool(chip_wide) and 0 < len(text_lines) <= 2
        if chip_wide and not beside:
            text_room = room
            text_lines = self.lines(row.text, room) if row.text else ()
        name_high = len(name_lines) * look.line_height("caption" if row.heading else "body")
        text_high = len(text_lines) * look.line_height("caption")
        chip_high = look.height("chip")
        stacked = text_high + (chip_high + look.space("xs") if chip_wide and not beside else 0)
        least = look.height("table_head") if row.heading else look.height("control" if row.sum_row else "reading_row")
        content = max(name_high, stacked, chip_high if beside else 0)
        high = max(least, content + 2 * look.px(6))
        top = y + (high - stacked) // 2
        chip_rect = None
        if beside:
            chip_rect = QRect(amount_x - gap - chip_wide, y + (high - chip_high) // 2, chip_wide, chip_high)
        elif chip_wide:
            chip_rect = QRect(text_x, top + text_high + look.space("xs"), min(chip_wide, room), chip_high)
        return _Placed(
            row=row,
            rect=QRect(0, y, width, high),
            name_lines=name_lines,
            name_rect=QRect(edge if row.heading else name_x, y + (high - name_high) // 2, name_room, name_high),
            text_lines=text_lines,
            text_rect=QRect(text_x, top, text_room, text_high),
            chip_rect=chip_rect,
            amount_rect=QRect(amount_x, y, amount_width, high),
        )

    def _paint_row(self, painter: QPainter, placed: _Placed) -> None:
        look, row, rect = self._ui.look, placed.row, placed.rect
        if row.heading:
            painter.fillRect(rect, look.qcolor("sunken"))
            self.paint_lines(painter, placed.name_lines, placed.name_rect, colour="text2", bold=True)
            return
        if row.sum_row and row.promised:
            painter.fillRect(rect, look.qcolor("accent_soft"))
        if row.sum_row and self._kin and self._kin[0].rows() and (look.theme is Theme.SUNLIGHT or not row.promised):
            painter.fillRect(0, rect.y(), rect.width(), look.line(), look.qcolor("line"))
        high = look.line_height("body")
        mark = QRect(look.space("panel"), rect.y() + (rect.height() - high) // 2, look.px(20), high)
        self.paint_lines(painter, (row.mark,), mark, size="body", colour="text2")
        self.paint_lines(painter, placed.name_lines, placed.name_rect, size="body", colour="text", bold=True)
        self.paint_lines(painter, placed.text_lines, placed.text_rect)
        if placed.chip_rect is not None:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_chip(painter, look, placed.chip_rect, row.chip, "waived", Tone.GOOD)
            painter.restore()
        size = "key_value" if row.sum_row else "body"
        amount_high = look.line_height(size)
        box = placed.amount_rect
        box = QRect(box.x(), box.y() + (box.height() - amount_high) // 2, box.width(), amount_high)
        colour = "accent" if row.promised else "text" if row.strong_amount or row.sum_row else "text2"
        self.paint_lines(
            painter,
            (row.amount,),
            box,
            size=size,
            colour=colour,
            bold=row.strong_amount or row.sum_row,
            right=True,
        )


class SumRows(BasisRows):
    """The foot of the table: the sum, and the sums beside it."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        self._explained: Explained | None = None
        super().__init__(ui, PAYABLE, parent)

    def show_sums(self, explained: Explained) -> None:
        """Take the sum of a determination; it is shown with the next ``tell``."""
        self._explained = explained

    def rows(self) -> tuple[_Row, ...]:
        """Return the sum and what is beside it."""
        explained, say = self._explained, self._ui.say
        if explained is None:
            return ()
        promised = explained.outcome is Outcome.PRE_APPROVED
        total_fen = explained.decision.total_fen
        known = explained.payable_fen is not None or total_fen > 0
        first = _Row(
            mark="=",
            name=say(PAYABLE if promised else WORKED_OUT),
            text=say(self._about(explained)),
            chip="",
            amount=money_text(total_fen) if known else "—",
            sum_row=True,
            promised=promised,
        )
        return (first, *(self._other(each) for each in explained.others))

    def _about(self, explained: Explained) -> Bilingual:
        if explained.payable_fen is None:
            return NO_PROMISE if explained.decision.total_fen else NO_SUM
        if explained.outcome is Outcome.REFERRED:
            return NO_PROMISE
        if explained.outcome is Outcome.RECEIPT_ONLY:
            return NOT_YET
        starts = sum(line.role is StepRole.START for line in explained.lines)
        return ROUNDED_EACH if starts > 1 else ROUNDED_ONCE

    def _other(self, other: OtherSum) -> _Row:
        say = self._ui.say
        return _Row(
            mark="",
            name=say(capital(other.name)),
            text=say(_OTHER_NOTES.get(other.output, _BESIDE)),
            chip="",
            amount=money_text(other.amount_fen),
        )


class BasisPanel(Panel):
    """The table with its head, its foot and the fold for what was checked besides."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, TITLE, padded=False, dense=True, parent=parent)
        self._folded: bool | None = None
        self._checked = 0
        self._not_reached = 0
        self._made = 0
        if self.head is not None:
            self.head.addWidget(Text(ui, YUAN, size="caption", colour="text2"))
        self.rows = BasisRows(ui, TITLE, self)
        self.sums = SumRows(ui, self)
        self.fold = ActionButton(ui, TITLE, role=ButtonRole.QUIET, parent=self)
        self.fold.clicked.connect(self._turn)
        self.checked = BasisRows(ui, Bilingual("另核", "Checked besides"), self)
        self.checked.hide()
        # What is folded away must not widen the columns of what is shown.
        self.rows.line_up_with((self.sums,))
        self.sums.line_up_with((self.rows,))
        self.checked.line_up_with((self.rows, self.sums))
        for part in (self.rows, self.sums, self.fold, self.checked):
            self.body.addWidget(part)
        self.body.addStretch(1)

    def show_explained(self, explained: Explained) -> None:
        """Show the lines of a determination; what was unfolded stays unfolded."""
        self.note(explained.rules)
        self.rows.hold(explained.lines, numbered=True)
        self.sums.show_sums(explained)
        self.checked.hold(explained.checked, numbered=False)
        for part in (self.rows, self.sums, self.checked):
            part.tell()
        self._made = len(explained.lines)
        self._checked, self._not_reached = len(explained.checked), explained.not_reached
        self._say_fold()

    def _turn(self) -> None:
        self._folded = self.checked.isVisibleTo(self)
        self._say_fold()

    def _say_fold(self) -> None:
        count, rest = self._checked, self._not_reached
        # Where few lines made the sum there is room for the checks; once folded by hand it stays as it is.
        folded = self._folded if self._folded is not None else self._made > _FEW
        after = Bilingual("", "")
        if rest:
            after = Bilingual(f"，后面 {rest} 步未计算", f", {rest} later steps not worked out")
        verb = Bilingual("展开", "show") if folded else Bilingual("收起", "hide")
        self.fold.say(
            Bilingual(
                f"另核 {count} 项，均不影响金额{after.zh}·{verb.zh}",
                f"{count} more checks that left the sum alone{after.en}: {verb.en}",
            )
        )
        self.fold.setVisible(count > 0)
        self.checked.setVisible(count > 0 and not folded)


def _without_waiver(line: BasisLine) -> Bilingual:
    """Return a line's sentence; where it begins with the word of the waiver, the chip beside it says that already."""
    if not line.waivers:
        return line.text
    zh, en = line.text.zh.split("：", 1), line.text.en.split(": ", 1)
    return Bilingual(
        zh[1] if len(zh) == 2 and zh[0].endswith("豁免") else line.text.zh,
        en[1] if len(en) == 2 and en[0].endswith("waiver") else line.text.en,
    )


def _said(row: _Row) -> str:
    parts = (row.mark, row.name, row.text, row.chip, row.amount)
    return " ".join(part for part in parts if part)
