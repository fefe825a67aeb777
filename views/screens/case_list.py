"""How a case looks in a list: the columns of the queue and of the cases, and the painter of both.

Promise: a row shows what the disk held when it was loaded; only its clock is said anew each minute.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from claims.errors import Bilingual
from claims.materials import ClaimType
from claims.overviews import CaseRow
from claims.trusted_time import BEIJING
from views.case_words import ACK_ICONS, ACK_NAMES, STEP_NAMES, short_number, type_name
from views.clock_words import missing_words, row_words
from views.controls.chips import chip_width, paint_chip
from views.controls.columns import Column, Columns, words_width
from views.controls.labels import money_text
from views.controls.painting import draw_words, paint_icon
from views.controls.row_list import RowPainter
from views.look.look import Look
from views.presentation import Presentation

_Cell = Callable[[QPainter, QRect, CaseRow], None]
STEPS = 5
_DOT, _WIDE_DOT, _DOT_GAP = 8, 14, 3
ALL_STEPS_DONE = Bilingual("完成", "Done")
_LONGEST_NAME = "阿依古丽·买买提"
_LONGEST_SUM = money_text(99_999_999_99)


def queue_columns(ui: Presentation) -> Columns:
    """Return the columns of the queue."""
    return Columns(
        ui,
        (
            Column("number", Bilingual("号", "No."), lambda ui: _room(ui, words_width(ui, ["000000-0"]))),
            _name_column(),
            _type_column(),
            _step_column(),
            Column("clock", Bilingual("时限", "Clock"), lambda ui: ui.look.px(150), grow=2, least=96),
            _money_column(),
            _arrow_column(),
        ),
    )


def cases_columns(ui: Presentation) -> Columns:
    """Return the columns of the cases; where there is less room date and policy stand under number and name."""
    return Columns(
        ui,
        (
            Column(
                "number", Bilingual("案件号", "Case"), lambda ui: _room(ui, words_width(ui, ["QX07-D3-C-000000-00"]))
            ),
            Column(
                "opened",
                Bilingual("立案", "Opened"),
                lambda ui: _room(ui, words_width(ui, ["00-00 00:00"])),
            ),
            _name_column(),
            _type_column(),
            Column(
                "policy",
                Bilingual("保单", "Policy"),
                lambda ui: _room(ui, words_width(ui, ["AT2026070100031 +1"], size="caption")),
            ),
            _step_column(),
            Column("clock", Bilingual("时限", "Clock"), lambda ui: ui.look.px(130), grow=2, least=90),
            Column(
                "safe",
                Bilingual("保存于", "Safe at"),
                lambda ui: _room(ui, ui.look.px(20) + words_width(ui, [*ACK_NAMES.values()], size="caption")),
            ),
            _money_column(),
            _arrow_column(),
        ),
    )


def narrow_cases_columns(ui: Presentation) -> Columns:
    """Return the columns of the cases in two-line rows."""
    return Columns(
        ui,
        (
            Column(
                "name",
                Bilingual("出险人、案件号", "Person, case"),
                lambda ui: _room(ui, words_width(ui, ["QX07-D3-C-000000-00"], size="caption")),
                grow=1,
                least=96,
            ),
            Column(
                "type",
                Bilingual("类型、保单", "Type, policy"),
                lambda ui: _room(
                    ui, max(words_width(ui, _type_names()), words_width(ui, ["AT2026070100031 +1"], size="caption"))
                ),
                grow=1,
                least=90,
            ),
            _step_column(),
            Column("clock", Bilingual("时限、保存于", "Clock, safe at"), lambda ui: ui.look.px(150), grow=2, least=96),
            _money_column(),
            _arrow_column(),
        ),
    )


class CaseRowPainter(RowPainter):
    """Paints a ``CaseRow`` into whatever columns there are. ``now`` is the instant its clocks are said for."""

    def __init__(self, ui: Presentation, columns: Columns, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent=parent)
        self.columns = columns
        self.now: datetime | None = None
        self._whole_number = self._two_lines = False

    def use(self, columns: Columns, *, two_lines: bool) -> None:
        """Paint whole numbers into these columns from now on, with a second line below where there is less room."""
        self.columns, self._two_lines, self._whole_number = columns, two_lines, True
        self._height = "person_row" if two_lines else "table_row"

    def paint_row(self, painter: QPainter, rect: QRect, row: object, *, selected: bool) -> None:  # noqa: ARG002 - the frame shows the selection
        """Draw a case."""
        if not isinstance(row, CaseRow):
            return
        cells = self._two_line_cells() if self._two_lines else self._cells()
        for key in self.columns.spans(rect.width()):
            draw = cells.get(key)
            if draw is not None:
                draw(painter, self.columns.box(key, rect), row)

    def _cells(self) -> dict[str, _Cell]:
        return {
            "number": self._number,
            "opened": self._opened,
            "name": self._name,
            "type": self._type,
            "policy": self._policy,
            "step": self._steps,
            "clock": self._clock,
            "safe": self._safe,
            "money": self._money,
            "arrow": self._arrow,
        }

    def _two_line_cells(self) -> dict[str, _Cell]:
        def below(first: _Cell, second: _Cell) -> _Cell:
            def both(painter: QPainter, rect: QRect, row: CaseRow) -> None:
                pad, middle = self.ui.look.px(6), rect.height() // 2
                first(painter, QRect(rect.x(), rect.y() + pad, rect.width(), middle - pad), row)
                second(painter, QRect(rect.x(), rect.y() + middle, rect.width(), middle - pad), row)

            return both

        return self._cells() | {
            "name": below(self._name, self._small_number),
            "type": below(self._type, self._policy),
            "clock": below(self._clock, self._safe),
            "money": below(self._money, self._small_opened),
        }

    def _number(self, painter: QPainter, rect: QRect, row: CaseRow) -> None:
        text = row.case.case_no if self._whole_number else short_number(row.case.case_no)
        self.words(painter, rect, text, colour="text2")

    def _small_number(self, painter: QPainter, rect: QRect, row: CaseRow) -> None:
        self.words(painter, rect, row.case.case_no, size="caption", colour="text2")

    def _opened(self, painter: QPainter, rect: QRect, row: CaseRow) -> None:
        self.words(painter, rect, _opened(row), colour="text2")

    def _small_opened(self, painter: QPainter, rect: QRect, row: CaseRow) -> None:
        self.words(painter, rect, _opened(row), size="caption", colour="text2", right=True)

    def _name(self, painter: QPainter, rect: QRect, row: CaseRow) -> None:
        self.words(painter, _cut(rect, self.ui.look), row.case.insured.name, bold=True)

    def _type(self, painter: QPainter, rect: QRect, row: CaseRow) -> None:
        self.words(painter, _cut(rect, self.ui.look), self.ui.say(type_name(row.case.claim_type)), colour="text2")

    def _policy(self, painter: QPainter, rect: QRect, row: CaseRow) -> None:
        self.words(painter, _cut(rect, self.ui.look), self.ui.say(_policies(row)), size="caption", colour="text2")

    def _steps(self, painter: QPainter, rect: QRect, row: CaseRow) -> None:
        look = self.ui.look
        x = rect.x() + paint_steps(painter, look, row.done, rect.x(), _middle(rect, look)) + look.space("s")
        word = ALL_STEPS_DONE if row.done >= STEPS else STEP_NAMES[row.step]
        room = QRect(x, rect.y(), max(0, rect.right() - x), rect.height())
        draw_words(painter, look, room, self.ui.say(word), size="caption")

    def _clock(self, painter: QPainter, rect: QRect, row: CaseRow) -> None:
        if self.now is None:
            return
        look = self.ui.look
        words = row_words(row, self.now, look.tokens.clock["soon_fraction"])
        room = rect.width() - look.space("s")
        text = self.ui.say(words.text)
        if words.short is not None and chip_width(look, text, words.icon) > room:
            text = self.ui.say(words.short)
        height = min(look.height("chip"), rect.height())
        width = min(chip_width(look, text, words.icon), room)
        chip = QRect(rect.x(), rect.y() + (rect.height() - height) // 2, width, height)
        paint_chip(painter, look, chip, text, words.icon, words.tone)

    def _safe(self, painter: QPainter, rect: QRect, row: CaseRow) -> None:
        look = self.ui.look
        ack = row.case.ack
        colour = "accent" if ack == "hq" else "text2"
        x = (
            rect.x()
            + paint_icon(painter, look, ACK_ICONS[ack], colour, 16, rect.x(), _middle(rect, look))
            + look.space("xs")
        )
        room = QRect(x, rect.y(), max(0, rect.right() - x), rect.height())
        draw_words(painter, look, room, self.ui.say(ACK_NAMES[ack]), size="caption", colour=colour)

    def _money(self, painter: QPainter, rect: QRect, row: CaseRow) -> None:
        fen = row.case.payable_fen
        self.words(painter, rect, "—" if fen is None else money_text(fen), right=True)

    def _arrow(self, painter: QPainter, rect: QRect, _row: CaseRow) -> None:
        look = self.ui.look
        side = look.px(20)
        paint_icon(painter, look, "arrow", "accent", 20, rect.right() - side + 1, _middle(rect, look))


def paint_steps(painter: QPainter, look: Look, done: int, x: int, middle_y: int) -> int:
    """Draw the five steps as dots: filled up to the current one, which is wider; return the width drawn."""
    start, side = x, look.px(_DOT)
    for place in range(STEPS):
        width = look.px(_WIDE_DOT) if place == min(done, STEPS - 1) else side
        painter.setPen(look.qcolor("accent" if place <= done else "bar2"))
        painter.setBrush(painter.pen().color())
        painter.drawRoundedRect(QRect(x, middle_y - side // 2, width - 1, side - 1), 2, 2)
        x += width + look.px(_DOT_GAP)
    return x - look.px(_DOT_GAP) - start


def say_row(ui: Presentation, row: CaseRow, now: datetime | None) -> str:
    """Return what a screen reader says of a case."""
    words = [row.case.insured.name, ui.say(type_name(row.case.claim_type)), row.case.case_no]
    words.append(ui.say(ALL_STEPS_DONE if row.done >= STEPS else STEP_NAMES[row.step]))
    if now is not None:
        words.append(ui.say(row_words(row, now, ui.look.tokens.clock["soon_fraction"]).text))
    words.append(ui.say(missing_words(row.missing)))
    if row.case.payable_fen is not None:
        words.append(money_text(row.case.payable_fen))
    words.append(ui.say(ACK_NAMES[row.case.ack]))
    return ui.say(Bilingual("，", ", ")).join(each for each in words if each)


def _middle(rect: QRect, look: Look) -> int:
    # Where the eye sees the middle of a line of text: the font's descent is deeper than its letters.
    return rect.center().y() + look.px(1.5)


def _opened(row: CaseRow) -> str:
    return row.case.opened_at.astimezone(BEIJING).strftime("%m-%d %H:%M")


def _policies(row: CaseRow) -> Bilingual:
    numbers = row.case.policy_nos
    if not numbers:
        return Bilingual("保单待查", "Policy to be found")
    more = f" +{len(numbers) - 1}" if len(numbers) > 1 else ""
    return Bilingual(numbers[0] + more, numbers[0] + more)


def _cut(rect: QRect, look: Look) -> QRect:
    return QRect(rect.x(), rect.y(), max(0, rect.width() - look.space("s")), rect.height())


def _room(ui: Presentation, width: int) -> int:
    return width + ui.look.space("l")


def _type_names() -> Sequence[Bilingual]:
    return [type_name(each.value) for each in ClaimType]


def _name_column() -> Column:
    return Column(
        "name",
        Bilingual("出险人", "Person"),
        lambda ui: _room(ui, words_width(ui, [_LONGEST_NAME], bold=True)),
        grow=1,
        least=64,
    )


def _type_column() -> Column:
    return Column("type", Bilingual("类型", "Type"), lambda ui: _room(ui, words_width(ui, _type_names())))


def _step_column() -> Column:
    dots = 4 * _DOT + _WIDE_DOT + 4 * _DOT_GAP + 8

    def width(ui: Presentation) -> int:
        return _room(ui, ui.look.px(dots) + words_width(ui, [*STEP_NAMES.values(), ALL_STEPS_DONE], size="caption"))

    return Column("step", Bilingual("步骤", "Step"), width)


def _money_column() -> Column:
    return Column(
        "money", Bilingual("预计（元）", "Expected (¥)"), lambda ui: words_width(ui, [_LONGEST_SUM]), right=True
    )


def _arrow_column() -> Column:
    return Column("arrow", Bilingual("", ""), lambda ui: ui.look.px(44))
