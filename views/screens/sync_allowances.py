"""Allowances on the Sync screen: what may still be promised without a line, and moving a part of it to a colleague's laptop.

Promise: what was handed on is on this disk before it can be saved or copied, and can be fetched again at any time; the sums of a pool are told as
they stand, with when they end and what they expose the insurer to.

Source: design.md "Allowances"; docs/adr/0161.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from claims.allowance_standing import AllowanceStanding, PoolStanding
from claims.amounts import parse_amount, yuan
from claims.errors import Bilingual, InputError
from claims.events import AllowanceTransferred
from claims.form_fields import Choice, FieldKind
from claims.pool_words import pool_whose, pool_words
from claims.trusted_time import beijing_text
from views.controls.buttons import ActionButton
from views.controls.choice_box import ChoiceBox
from views.controls.labelled import Labelled
from views.controls.labels import Said, Text
from views.controls.panel import Panel
from views.controls.segments import Segment, Segments
from views.controls.side_rows import SideRow, SideRows
from views.controls.typed_line import TypedLine, TypedText
from views.presentation import Presentation

TITLE = Bilingual("离线额度", "Allowances")
DOING = Bilingual("对离线额度做什么", "What to do with allowances")
SHOW, HAND, TAKE = "show", "hand", "take"
_DOINGS = (
    Segment(SHOW, Bilingual("现有", "Held")),
    Segment(HAND, Bilingual("调给同事", "Hand on")),
    Segment(TAKE, Bilingual("收下", "Take in")),
)
POOL = Bilingual("哪个限额", "Which limit")
AMOUNT = Bilingual("金额（元）", "Sum (yuan)")
DEVICE = Bilingual("对方设备名", "Their device")
EPOCH = Bilingual("对方登记期次", "Their epoch")
TEXT = Bilingual("同事给的调拨凭据", "The transfer a colleague gave you")
DO_HAND = Bilingual("调出并保存凭据", "Hand on and save")
DO_TAKE = Bilingual("收下额度", "Take it in")
_NONE = Bilingual(
    "没有离线额度。断网时只能出签收单，或用应急额度。",
    "No allowance. While cut off only a slip can be given, or the float used.",
)
_NO_AMOUNT = Bilingual("请填写金额。", "Enter the sum.")
_MOST_ROWS = 6
_AGAIN = Bilingual("已调出，再保存一次凭据", "handed on; save again")


@dataclass(frozen=True)
class Handing:
    """A part of an allowance to hand on."""

    pool: str
    amount_fen: int
    device: str
    epoch: int


class AllowancesPanel(Panel):
    """The panel. ``handing`` carries a ``Handing``, ``taking`` the text, ``again`` an ``AllowanceTransferred``; ``refused`` an ``InputError``."""

    handing = Signal(object)
    taking = Signal(str)
    again = Signal(object)
    refused = Signal(object)

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, TITLE, parent=parent)
        self.doing = Segments(ui, _DOINGS)
        self.doing.call(DOING)
        self.doing.fill(SHOW)
        self.doing.typed.connect(self._show_doing)
        self.body.addWidget(self.doing)
        self._columns: list[QVBoxLayout] = []
        self.rows = SideRows(ui, _NONE)
        self.exposure = Text(ui, "", size="caption", colour="text2", wrap=True)
        shown = self._column(self.rows, self.exposure)
        self._pools: tuple[PoolStanding, ...] = ()
        self._boxes = QVBoxLayout()
        self.pool: ChoiceBox | None = None
        self.amount = TypedLine(FieldKind.AMOUNT, lambda: None)
        self.device, self.epoch = TypedLine(FieldKind.CODE, lambda: None), TypedLine(FieldKind.NUMBER, lambda: None)
        self.hand_button = ActionButton(ui, DO_HAND, icon="save")
        self.hand_button.clicked.connect(lambda _checked: self._hand())
        self._choice = QWidget()
        self._choice_column = QVBoxLayout(self._choice)
        self._choice_column.setContentsMargins(0, 0, 0, 0)
        hand = self._column(
            self._choice,
            Labelled(ui, AMOUNT, self.amount),
            Labelled(ui, DEVICE, self.device, hint=Bilingual("如 D5", "such as D5")),
            Labelled(ui, EPOCH, self.epoch, hint=Bilingual("一般是 1", "usually 1")),
            self.hand_button,
        )
        self.text = TypedText()
        self.take_button = ActionButton(ui, DO_TAKE, icon="check")
        self.take_button.clicked.connect(lambda _checked: self.taking.emit(self.text.raw().strip()))
        take = self._column(Labelled(ui, TEXT, self.text), self.take_button)
        self._forms = {SHOW: shown, HAND: hand, TAKE: take}
        self.said = Text(ui, "", bold=True, colour="accent", wrap=True)
        self.said.hide()
        self.body.addWidget(self.said)
        self._show_doing()
        self.tell()

    def show_standing(self, standing: AllowanceStanding, out: Sequence[AllowanceTransferred]) -> None:
        """Show how the allowances stand, and what was handed on."""
        held = [*standing.pools, *([standing.emergency_float] if standing.emergency_float is not None else [])]
        self.note(Bilingual(f"{len(held)} 项", str(len(held))) if held else "")
        rows = [_row(each) for each in held if each.left_fen][:_MOST_ROWS]
        rows += [self._out_row(each) for each in reversed(out[-2:])]
        self.rows.show_rows(rows)
        self.exposure.say(standing.exposure_words)
        self._pools = tuple(each for each in standing.pools if each.left_fen)
        self._fill_choice()

    def show_done(self, said: Said) -> None:
        """Say what was recorded, and empty what it came from."""
        self.said.say(said)
        self.said.show()
        for line in (self.amount, self.device, self.epoch):
            line.fill("")
        self.text.fill("")

    def allow(self, *, busy: bool) -> None:
        """Turn the buttons on or off."""
        self.hand_button.setEnabled(not busy and self.pool is not None)
        self.take_button.setEnabled(not busy)

    def tell(self) -> None:
        """Take measures again."""
        super().tell()
        if not hasattr(self, "said"):
            return
        look = self._ui.look
        self.body.setSpacing(look.space("s"))
        for column in (*self._columns, self._choice_column):
            column.setSpacing(look.space("s"))
        self.text.setFixedHeight(4 * look.line_height("body"))

    def _column(self, *widgets: QWidget) -> QWidget:
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in widgets:
            left = Qt.AlignmentFlag.AlignLeft if isinstance(widget, ActionButton) else Qt.AlignmentFlag(0)
            column.addWidget(widget, 0, left)
        self._columns.append(column)
        self.body.addWidget(form)
        return form

    def _show_doing(self) -> None:
        for name, form in self._forms.items():
            form.setVisible(name == self.doing.raw())

    def _fill_choice(self) -> None:
        chosen = self.pool.raw() if self.pool is not None else ""
        for place in reversed(range(self._choice_column.count())):
            item = self._choice_column.takeAt(place)
            old = item.widget() if item is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        self.pool = None
        if self._pools:
            self.pool = ChoiceBox(self._ui, [Choice(each.pool, pool_words(each.pool)) for each in self._pools])
            ids = [str(each.pool) for each in self._pools]
            self.pool.fill(chosen if chosen in ids else ids[0])
            # As wide as the column: the longest name must not push the columns of the screen about.
            self.pool.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            self._choice_column.addWidget(Labelled(self._ui, POOL, self.pool))
        else:
            self._choice_column.addWidget(Text(self._ui, _NONE, colour="text2", wrap=True))
        self.allow(busy=False)

    def _out_row(self, moved: AllowanceTransferred) -> SideRow:
        return SideRow(
            icon="peers",
            title=Bilingual(f"调给 {moved.to_device}", f"To {moved.to_device}"),
            detail=_AGAIN,
            right=yuan(moved.amount_fen),
            open=lambda: self.again.emit(moved),
        )

    def _hand(self) -> None:
        if self.pool is None:
            return
        try:
            amount_fen = parse_amount(self.amount.raw())
        except InputError as problem:
            self.refused.emit(problem)
            return
        epoch = self.epoch.raw().strip()
        self.handing.emit(
            Handing(
                pool=self.pool.raw(),
                amount_fen=amount_fen,
                device=self.device.raw().strip().upper(),
                epoch=int(epoch) if epoch.isascii() and epoch.isdigit() else 1,
            )
        )


def _row(held: PoolStanding) -> SideRow:
    used = held.promised_fen + held.moved_out_fen
    ends = beijing_text(held.expires_at)
    whose, what = pool_whose(held.pool)
    below = [Bilingual(f"已用 {yuan(used)}，可用到 {ends}", f"{yuan(used)} used, good until {ends}")]
    if what is not None:
        below.insert(0, what)
    return SideRow(
        icon="pass",
        title=whose,
        detail=Bilingual("", ""),
        right=yuan(held.left_fen),
        below=tuple(below),
    )
