"""The blocks of numbers on the Paper screen: what became of every number, and how long they last.

Promise: used, voided, blank and unused stand beside the size of their block; a block that does not add up, or that runs out within a day, says
so in words.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.number_blocks import BlockStanding
from claims.numbering import SERIAL_DIGITS, kind_name
from views.controls.bar import Bar, BarState
from views.controls.chips import Chip, Tone
from views.controls.labels import Text
from views.controls.panel import Panel, Rule
from views.presentation import Presentation, Told
from views.sentences import capital

TITLE = Bilingual("号段", "Blocks of numbers")
_NONE = Bilingual(
    "这台电脑还没有号段。联网同步后会领到。", "This laptop has no block of numbers yet; it receives them at a sync."
)
_LASTS = Bilingual("约够 {days} 天", "≈ {days} days")
_LASTS_ONE = Bilingual("约够 1 天", "≈ 1 day")
_LESS = Bilingual("不够一天", "less than a day")
_NOT_USED = Bilingual("近日没有用", "not used lately")
_SPENT = Bilingual("另有 {count} 个已用完", "{count} more are used up")
_USED_SHARE = Bilingual("已占用", "taken")
_COUNTS = Bilingual(
    "已用 {used} ＋ 作废 {voided} ＋ 空白 {blank} ＋ 未用 {unused} ＝ {size}",
    "used {used} + voided {voided} + blank {blank} + unused {unused} = {size}",
)
_BROKEN = Bilingual(
    "号段不完整：已用 {used} ＋ 作废 {voided} ＋ 空白 {blank} ＋ 未用 {unused} ＝ {sum}，应为 {size}。请把诊断文件交给总部。",
    "The block does not add up: used {used} + voided {voided} + blank {blank} + unused {unused} = {sum} instead of {size}. Send the diagnostics file to headquarters.",
)


def counts(block: BlockStanding) -> Bilingual:
    """Return the sum of a block in words; one that does not add up says so."""
    values = {
        "used": block.used,
        "voided": block.voided,
        "blank": block.blank,
        "unused": block.unused,
        "size": block.size,
        "sum": block.used + block.voided + block.blank + block.unused,
    }
    words = _COUNTS if block.unbroken else _BROKEN
    return Bilingual(words.zh.format(**values), words.en.format(**values))


def lasts(block: BlockStanding) -> Bilingual:
    """Return how long the numbers of a block's kind last."""
    match block.days_left:
        case None:
            return _NOT_USED
        case 0:
            return _LESS
        case 1:
            return _LASTS_ONE
        case days:
            return Bilingual(_LASTS.zh.format(days=days), _LASTS.en.format(days=days))


class BlocksPanel(Panel):
    """The panel."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, TITLE, padded=False, parent=parent)
        self.lines: list[BlockLine] = []
        self._shown: tuple[BlockStanding, ...] | None = None
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self.body.addLayout(self._rows)

    def show_blocks(self, blocks: Sequence[BlockStanding]) -> None:
        """Show these, in order of arrival."""
        if self._shown == tuple(blocks):
            return
        self._shown = tuple(blocks)
        # What is used up stands in the registers; here it is only counted.
        living = [each for each in self._shown if each.unused or each.blank or each.warning or not each.unbroken]
        spent = len(self._shown) - len(living)
        self.note(Bilingual(_SPENT.zh.format(count=spent), _SPENT.en.format(count=spent)) if spent else "")
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.lines = []
        for place, block in enumerate(living):
            if place:
                self._rows.addWidget(Rule(self._ui))
            self.lines.append(BlockLine(self._ui, block))
            self._rows.addWidget(self.lines[-1])
        if not self._shown:
            note = Text(self._ui, _NONE, colour="text2", wrap=True)
            note.setContentsMargins(*(self._ui.look.space("panel") for _ in range(4)))
            self._rows.addWidget(note)


class BlockLine(QWidget, Told):
    """One block: which, how long it lasts, how full it is, and what became of its numbers."""

    def __init__(self, ui: Presentation, block: BlockStanding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self.block = ui, block
        self._column = QVBoxLayout(self)
        self._head = QHBoxLayout()
        numbers = f"{block.first:0{SERIAL_DIGITS}d}–{block.last:0{SERIAL_DIGITS}d}"
        self._head.addWidget(Text(ui, capital(kind_name(block.kind)), bold=True))
        self._head.addWidget(Text(ui, f"{block.prefix}  {numbers}", size="caption", colour="text2"), 1)
        self._chip = Chip(ui, lasts(block), tone=Tone.PLAIN if block.warning is None else Tone.AMBER)
        if block.warning is not None:
            self._chip.say(lasts(block), icon="warn")
        self._head.addWidget(self._chip)
        self._column.addLayout(self._head)
        bar = Bar(ui, _USED_SHARE)
        bar.show_share((block.size - block.unused) / block.size, BarState.WAITING)
        self._column.addWidget(bar)
        tone = "text2" if block.unbroken else "red"
        self._column.addWidget(Text(ui, counts(block), size="caption", colour=tone, wrap=True))
        if block.warning is not None:
            self._column.addWidget(Text(ui, block.warning, size="caption", colour="amber", bold=True, wrap=True))
        self.tell()

    @property
    def words(self) -> str:
        """The block in one sentence."""
        said = (kind_name(self.block.kind), lasts(self.block), counts(self.block), self.block.warning)
        return "，".join(self._ui.say(each) for each in said if each is not None)

    def tell(self) -> None:
        """Take name and measures again."""
        look = self._ui.look
        self._column.setContentsMargins(look.space("panel"), look.space("s"), look.space("panel"), look.space("s"))
        self._column.setSpacing(look.space("xs"))
        self._head.setSpacing(look.space("s"))
        self.setAccessibleName(self.words)
