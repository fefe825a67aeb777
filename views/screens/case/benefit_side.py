"""Beside the basis: what was looked at and did not apply, and how near the next limit is.

Promise: an empty panel says in words why it is empty; a limit's bar only repeats the figures beside it.

Source: mock-up 04 (right column 234).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from claims.explanation import NotApplied, Threshold
from rules.bilingual import Bilingual
from rules.engine.model import Unit
from views.controls.bar import BarState, bar_height, paint_bar
from views.controls.labels import money_text
from views.controls.painted_rows import PaintedRows
from views.controls.panel import Panel
from views.presentation import Presentation
from views.screens.case.benefit_job import Explained
from views.sentences import capital

NOT_APPLIED = Bilingual("未适用", "Did not apply")
ALL_APPLIED = Bilingual("看过的扣减和限额都用上了。", "Every deduction and limit that was looked at applied.")
NONE_REACHED = Bilingual("没有算到扣减和限额。", "No deduction or limit was reached.")
LIMITS = Bilingual("距离限额", "How near a limit is")
LEFT = Bilingual("还剩", "Left")
OVER = Bilingual("超出", "Over")
NO_LIMIT = Bilingual("这次没有动用任何限额。", "No limit is drawn on.")


@dataclass(frozen=True)
class _Reason:
    name_lines: tuple[str, ...]
    reason_lines: tuple[str, ...]
    top: int
    height: int


class ReasonRows(PaintedRows):
    """A name and beneath it the reason, row by row."""

    def __init__(self, ui: Presentation, name: Bilingual, empty: Bilingual, parent: QWidget | None = None) -> None:
        """``empty`` is what stands there without any row."""
        super().__init__(ui, parent)
        self._name, self._empty = name, empty
        self._entries: tuple[NotApplied, ...] = ()
        self._placed: tuple[_Reason, ...] = ()
        self.tell()

    def say_empty(self, empty: Bilingual) -> None:
        """Change what stands there without any row; shown with the next ``show_entries``."""
        self._empty = empty

    def show_entries(self, entries: Sequence[NotApplied]) -> None:
        """Show these."""
        self._entries = tuple(entries)
        self.tell()

    def said(self) -> tuple[str, ...]:
        """Return the rows in words."""
        if not self._entries:
            return (self._ui.say(self._empty),)
        return tuple(f"{self._ui.say(capital(one.name))} {self._ui.say(one.reason)}".strip() for one in self._entries)

    def tell(self) -> None:
        """Say the name and everything else again."""
        self.setAccessibleName(self._ui.say(self._name))
        super().tell()

    def measure(self, width: int) -> int:
        """Place the rows."""
        look = self._ui.look
        room = width - 2 * look.space("panel")
        pad = look.px(3)
        placed: list[_Reason] = []
        y = 0
        if not self._entries:
            lines = self.lines(self._ui.say(self._empty), room)
            height = len(lines) * look.line_height("caption") + 2 * look.space("m")
            self._placed = (_Reason((), lines, 0, height),)
            return height
        for one in self._entries:
            names = self.lines(self._ui.say(capital(one.name)), room, size="body")
            # A row without a reason is one line of words.
            reasons = self.lines(self._ui.say(capital(one.reason)), room) if one.reason.zh else ()
            height = len(names) * look.line_height("body") + len(reasons) * look.line_height("caption") + 2 * pad
            height = max(height, look.height("reading_row"))
            placed.append(_Reason(names, reasons, y, height))
            y += height
        self._placed = tuple(placed)
        return y

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the rows."""
        look = self._ui.look
        painter = QPainter(self)
        edge, room = look.space("panel"), self.width() - 2 * look.space("panel")
        for placed in self._placed:
            names_high = len(placed.name_lines) * look.line_height("body")
            words_high = names_high + len(placed.reason_lines) * look.line_height("caption")
            y = placed.top + (placed.height - words_high) // 2
            self.paint_lines(painter, placed.name_lines, QRect(edge, y, room, names_high), size="body", colour="text")
            self.paint_lines(painter, placed.reason_lines, QRect(edge, y + names_high, room, words_high))
            if placed is not self._placed[-1]:
                self.paint_rule(painter, placed.top + placed.height)


@dataclass(frozen=True)
class _Limit:
    threshold: Threshold
    name_lines: tuple[str, ...]
    limit: str
    left: tuple[str, str]
    top: int


class ThresholdRows(PaintedRows):
    """A limit's name and sum, what is left of it, and a bar of what is used."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._thresholds: tuple[Threshold, ...] = ()
        self._placed: tuple[_Limit, ...] = ()
        self.tell()

    def show_thresholds(self, thresholds: Sequence[Threshold]) -> None:
        """Show these."""
        self._thresholds = tuple(thresholds)
        self.tell()

    def said(self) -> tuple[str, ...]:
        """Return the rows in words."""
        if not self._thresholds:
            return (self._ui.say(NO_LIMIT),)
        return tuple(
            f"{self._ui.say(capital(one.name))} {self._figure(one.limit, one.unit)} {' '.join(self._left(one))}"
            for one in self._thresholds
        )

    def tell(self) -> None:
        """Say the name and everything else again."""
        self.setAccessibleName(self._ui.say(LIMITS))
        super().tell()

    def measure(self, width: int) -> int:
        """Place the rows."""
        look = self._ui.look
        room = width - 2 * look.space("panel")
        line, pad = look.line_height("caption"), look.space("s")
        if not self._thresholds:
            return len(self.lines(self._ui.say(NO_LIMIT), room)) * line + 2 * look.space("m")
        placed: list[_Limit] = []
        y = pad
        for one in self._thresholds:
            limit = self._figure(one.limit, one.unit)
            names = self.lines(self._ui.say(capital(one.name)), room - self.advance(limit) - look.space("s"))
            placed.append(_Limit(one, names, limit, self._left(one), y))
            y += (len(names) + 1) * line + look.px(4) + bar_height(look) + pad
        self._placed = tuple(placed)
        return y + look.px(2)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the rows."""
        look = self._ui.look
        painter = QPainter(self)
        edge, line = look.space("panel"), look.line_height("caption")
        room = self.width() - 2 * edge
        if not self._thresholds:
            rows = self.lines(self._ui.say(NO_LIMIT), room)
            self.paint_lines(painter, rows, QRect(edge, look.space("m"), room, line))
            return
        for placed in self._placed:
            one = placed.threshold
            under = placed.top + len(placed.name_lines) * line
            self.paint_lines(painter, placed.name_lines, QRect(edge, placed.top, room, line), colour="text")
            self.paint_lines(painter, (placed.limit,), QRect(edge, placed.top, room, line), right=True)
            word, figure = placed.left
            row = QRect(edge, under, room, line)
            self.paint_lines(painter, (word,), row)
            self.paint_lines(painter, (figure,), row, colour="text", bold=True, right=True)
            bar = QRect(edge, under + line + look.px(4), room, bar_height(look))
            used = (one.used_before + one.taken) / one.limit if one.limit else 1.0
            paint_bar(painter, look, bar, used, BarState.DONE)

    def _left(self, one: Threshold) -> tuple[str, str]:
        word = OVER if one.left < 0 else LEFT
        return self._ui.say(word), self._figure(abs(one.left), one.unit)

    def _figure(self, figure: int, unit: Unit) -> str:
        if unit is Unit.FEN:
            return money_text(figure)
        return self._ui.say(Bilingual(f"{figure} 天", f"{figure} days"))


class BenefitSide(QWidget):
    """The two panels of the right column."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(ui.look.space("gap_case_panels"))
        not_applied = Panel(ui, NOT_APPLIED, padded=False, dense=True)
        self.reasons = ReasonRows(ui, NOT_APPLIED, ALL_APPLIED)
        not_applied.body.addWidget(self.reasons)
        limits = Panel(ui, padded=False)
        self.limits = ThresholdRows(ui)
        limits.body.addWidget(self.limits)
        # The limits are few and count; the list below may be long.
        column.addWidget(limits)
        column.addWidget(not_applied)
        column.addStretch(1)

    def show_explained(self, explained: Explained) -> None:
        """Show what a determination left aside, and the limits it draws on."""
        self.reasons.say_empty(ALL_APPLIED if explained.bars else NONE_REACHED)
        self.reasons.show_entries(explained.not_applied)
        self.limits.show_thresholds(explained.thresholds)
