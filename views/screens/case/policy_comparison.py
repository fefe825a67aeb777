"""Several policies side by side: one column each with what it came to, how, and what stands in the way.

Promise: the same step of two policies stands in the same row; a sum that is no promise is never drawn as one; policies that have no
room beside the others go on below, with the names of the rows again.

Source: mock-up README, known weak spots ("several policies deserve a real side-by-side view"); docs/adr/0103.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from claims.events import Outcome
from claims.explanation import BarKind
from claims.plain_words import grouped, in_words
from rules.bilingual import Bilingual
from views.controls.chips import TONE_ICONS, Tone, chip_width, paint_chip
from views.controls.labels import money_text
from views.controls.painted_rows import PaintedRows
from views.presentation import Presentation
from views.screens.case.benefit_job import PolicyBenefit
from views.sentences import capital

TITLE = Bilingual("几张保单对比", "Policies side by side")
PAYABLE = Bilingual("应付", "Payable")
IN_THE_WAY = Bilingual("还缺什么", "What stands in the way")
NOTHING = Bilingual("没有", "Nothing")
TOGETHER = Bilingual("预核合计", "Pre-approved together")
NOT_CALCULATED = Bilingual("未理算", "Not calculated")
NOT_HERE = Bilingual("本机没有这张保单，由总部核定", "Not on this laptop; headquarters decides")
NOT_ON_LAPTOP = Bilingual("本机没有", "not on this laptop")
OUTCOME_WORDS = {
    Outcome.PRE_APPROVED: Bilingual("预核", "Pre-approved"),
    Outcome.REFERRED: Bilingual("转总部", "Referred"),
    Outcome.RECEIPT_ONLY: Bilingual("先收件", "Receipt only"),
}
OUTCOME_TONES = {
    Outcome.PRE_APPROVED: Tone.GOOD,
    Outcome.REFERRED: Tone.PLAIN,
    Outcome.RECEIPT_ONLY: Tone.PLAIN,
}


_NAMES, _LEAST_COLUMN = 190, 180
"""Width of the column of names, and the least of a policy's, at 100 %."""


@dataclass(frozen=True)
class _Cell:
    lines: tuple[str, ...]
    bold: bool = False
    colour: str = "text"
    size: str = "body"
    right: bool = True


@dataclass(frozen=True)
class _Head:
    policy: PolicyBenefit
    lines: tuple[str, ...]
    number: str


@dataclass(frozen=True)
class _Row:
    y: int
    height: int
    name_lines: tuple[str, ...]
    cells: tuple[_Cell, ...]


@dataclass(frozen=True)
class _Band:
    """Policies that stand beside each other."""

    y: int
    head_height: int
    heads: tuple[_Head, ...]
    rows: tuple[_Row, ...]

    @property
    def bottom(self) -> int:
        """First pixel below it."""
        return self.rows[-1].y + self.rows[-1].height


class PolicyComparison(PaintedRows):
    """The table."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._policies: tuple[PolicyBenefit, ...] = ()
        self._bands: tuple[_Band, ...] = ()
        self.tell()

    def show_policies(self, policies: Sequence[PolicyBenefit]) -> None:
        """Show these policies, in this order."""
        self._policies = tuple(policies)
        self.tell()

    @property
    def beside(self) -> tuple[int, ...]:
        """How many policies stand beside each other, band by band."""
        return tuple(len(band.heads) for band in self._bands)

    def said(self) -> tuple[str, ...]:
        """Return one text a policy."""
        say = self._ui.say
        found = []
        for each in self._policies:
            parts = [say(each.name), each.policy_no, self._outcome(each)]
            explained = each.explained
            if explained is not None:
                parts.extend(f"{say(bar.name)} {money_text(bar.amount_fen or 0)}" for bar in explained.bars)
                parts.extend(say(in_words(reason)) for reason in explained.record.outcome_reasons)
            found.append(" ".join(parts))
        return tuple(found)

    def tell(self) -> None:
        """Say the name and everything else again."""
        self.setAccessibleName(self._ui.say(TITLE))
        super().tell()

    def measure(self, width: int) -> int:
        """Place the table, band by band."""
        look = self._ui.look
        names = look.px(_NAMES)
        room = max(1, (width - names) // look.px(_LEAST_COLUMN))
        count = len(self._policies)
        # Bands of about the same number: two and two rather than three and one.
        bands = -(-count // room) if count else 0
        each = -(-count // bands) if bands else 0
        placed: list[_Band] = []
        y = 0
        for start in range(0, count, max(1, each)):
            band = self._band(self._policies[start : start + each], y, names, self._column(width))
            placed.append(band)
            y = band.bottom
        self._bands = tuple(placed)
        return y

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the table."""
        look = self._ui.look
        painter = QPainter(self)
        names, column, gap = look.px(_NAMES), self._column(self.width()), look.space("m")
        line = look.tokens.lines[look.theme].get("row", look.line())
        for band in self._bands:
            for place, head in enumerate(band.heads):
                x = names + place * column
                painter.fillRect(x - gap, band.y, line, band.bottom - band.y, look.qcolor("line"))
                self._paint_head(painter, head, QRect(x, band.y + look.space("s"), column - 2 * gap, band.head_height))
            self.paint_rule(painter, band.y + band.head_height)
            for row in band.rows:
                self._paint_row(painter, row, names, column)
                if band is not self._bands[-1] or row is not band.rows[-1]:
                    self.paint_rule(painter, row.y + row.height)

    def _band(self, policies: Sequence[PolicyBenefit], top: int, names: int, column: int) -> _Band:
        look = self._ui.look
        gap, pad = look.space("m"), look.px(7)
        room = column - 2 * gap
        heads = tuple(
            _Head(
                each,
                self.lines(self._ui.say(each.name), room, size="body", bold=True),
                each.policy_no if each.policy is not None else self._ui.say(NOT_ON_LAPTOP),
            )
            for each in policies
        )
        head_high = (
            max(len(head.lines) for head in heads) * look.line_height("body")
            + look.line_height("caption")
            + look.height("chip")
            + 3 * look.space("s")
        )
        y = top + head_high
        rows: list[_Row] = []
        for name, cells in self._content(policies, room):
            name_lines = self.lines(name, names - look.space("panel") - 2 * gap, size="body")
            high = max(
                look.height("reading_row"),
                len(name_lines) * look.line_height("body") + 2 * pad,
                *(len(cell.lines) * look.line_height(cell.size) + 2 * pad for cell in cells),
            )
            rows.append(_Row(y, high, name_lines, tuple(cells)))
            y += high
        return _Band(top, head_high, heads, tuple(rows))

    def _paint_head(self, painter: QPainter, head: _Head, rect: QRect) -> None:
        look = self._ui.look
        self.paint_lines(painter, head.lines, rect, size="body", colour="text", bold=True)
        y = rect.y() + len(head.lines) * look.line_height("body")
        high = look.line_height("caption")
        self.paint_lines(painter, (head.number,), QRect(rect.x(), y, rect.width(), high))
        word, tone = self._outcome(head.policy), self._tone(head.policy)
        icon = TONE_ICONS[tone]
        wide = min(chip_width(look, word, icon), rect.width())
        chip = QRect(rect.x(), y + high + look.space("xs"), wide, look.height("chip"))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_chip(painter, look, chip, word, icon, tone)
        painter.restore()

    def _paint_row(self, painter: QPainter, row: _Row, names: int, column: int) -> None:
        look = self._ui.look
        edge, gap = look.space("panel"), look.space("m")
        name_high = len(row.name_lines) * look.line_height("body")
        name_rect = QRect(edge, row.y + (row.height - name_high) // 2, names - edge - gap, name_high)
        bold = any(cell.bold for cell in row.cells)
        self.paint_lines(painter, row.name_lines, name_rect, size="body", colour="text", bold=bold)
        for place, cell in enumerate(row.cells):
            cell_high = len(cell.lines) * look.line_height(cell.size)
            rect = QRect(names + place * column, row.y + (row.height - cell_high) // 2, column - 2 * gap, cell_high)
            self.paint_lines(
                painter, cell.lines, rect, size=cell.size, colour=cell.colour, bold=cell.bold, right=cell.right
            )

    def _column(self, width: int) -> int:
        look = self._ui.look
        room = max(1, (width - look.px(_NAMES)) // look.px(_LEAST_COLUMN))
        count = max(1, len(self._policies))
        bands = -(-count // room)
        return max(1, (width - look.px(_NAMES)) // -(-count // bands))

    def _outcome(self, policy: PolicyBenefit) -> str:
        if policy.explained is None:
            return self._ui.say(NOT_CALCULATED)
        return self._ui.say(OUTCOME_WORDS[policy.explained.outcome])

    def _tone(self, policy: PolicyBenefit) -> Tone:
        return Tone.PLAIN if policy.explained is None else OUTCOME_TONES[policy.explained.outcome]

    def _content(self, policies: Sequence[PolicyBenefit], room: int) -> list[tuple[str, list[_Cell]]]:
        """Return the rows: each step that some policy's sum took, then the sums, then what stands in the way."""
        say = self._ui.say
        names: dict[str, str] = {}
        for each in self._policies:
            for bar in () if each.explained is None else each.explained.bars:
                if bar.kind not in (BarKind.RESULT, BarKind.UNUSED):
                    names.setdefault(bar.name.zh, say(capital(bar.name)))
        rows = [(shown, [self._step(each, key) for each in policies]) for key, shown in names.items()]
        rows.append((say(PAYABLE), [self._payable(each) for each in policies]))
        rows.append((say(IN_THE_WAY), [self._obstacles(each, room) for each in policies]))
        return rows

    def _step(self, policy: PolicyBenefit, key: str) -> _Cell:
        bars = () if policy.explained is None else policy.explained.bars
        found = [bar for bar in bars if bar.name.zh == key and bar.kind is not BarKind.RESULT]
        if not found:
            return _Cell(("—",), colour="text3")
        (bar, *_) = found
        if bar.kind is BarKind.WAIVED:
            return _Cell((self._ui.say(Bilingual("豁免", "Waived")),), colour="accent")
        return _Cell((money_text(sum(each.amount_fen or 0 for each in found)),))

    def _payable(self, policy: PolicyBenefit) -> _Cell:
        explained = policy.explained
        if explained is None or explained.payable_fen is None:
            return _Cell(("—",), bold=True, size="key_value")
        promised = explained.outcome is Outcome.PRE_APPROVED
        return _Cell(
            (money_text(explained.payable_fen),), bold=True, size="key_value", colour="accent" if promised else "text"
        )

    def _obstacles(self, policy: PolicyBenefit, room: int) -> _Cell:
        explained = policy.explained
        if explained is None:
            words = NOT_HERE if policy.policy is None else NOT_CALCULATED
            return _Cell(self.lines(self._ui.say(words), room), size="caption", colour="text2", right=False)
        reasons = grouped(explained.record.outcome_reasons) or (NOTHING,)
        lines = tuple(line for reason in reasons for line in self.lines(self._ui.say(capital(in_words(reason))), room))
        return _Cell(lines, size="caption", colour="text2", right=False)
