"""Neighbours on the Sync screen: who is on the local network, what they hold of this laptop's log, and what they ask for.

Promise: custody is shown by the neighbour that signed for it; what a colleague asks for is decided here by a person, with the sum in sight; where
no neighbour can be found by itself an address can be typed.

Source: mock-up 06; docs/adr/0146, 0161.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from claims.amounts import yuan
from claims.errors import Bilingual
from claims.form_fields import FieldKind
from claims.neighbours import AllowanceWish, AskedReport, CustodyReport, Neighbour, NeighbourKind, Sharing
from claims.pool_words import pool_words
from claims.trusted_time import TrustedTime, beijing_short
from views.controls.buttons import ActionButton
from views.controls.chips import Tone
from views.controls.labelled import Labelled
from views.controls.labels import Said, Text
from views.controls.panel import Panel
from views.controls.side_rows import SideRow, SideRows
from views.controls.switch import Switch
from views.controls.typed_line import TypedLine
from views.presentation import Presentation

TITLE = Bilingual("本地网同伴", "Local network")
SHARE = Bilingual("与同站电脑互相托管", "Share with the station's laptops")
PUSH = Bilingual("立即托管", "Give into custody now")
ADD = Bilingual("连接", "Connect")
ADDRESS = Bilingual("对方的地址", "Their address")
YES, NO = Bilingual("同意调拨", "Hand it on"), Bilingual("不同意", "Decline")
_OFF = Bilingual(
    "未开启。开启后，同站电脑互相保存对方的封存记录，谁也打不开谁的。",
    "Off. Once on, the laptops of a station keep each other's sealed records; none can open another's.",
)
_ALONE = Bilingual("还没有找到同伴。", "Nobody was found yet.")
_TYPED_ONLY = Bilingual(
    "这个网络不能自动发现，请输入对方地址。", "Nothing can be found by itself on this network: type an address."
)
_KINDS = {
    NeighbourKind.HUB: Bilingual("站点主机", "hub"),
    NeighbourKind.LAPTOP: Bilingual("同事电脑", "colleague"),
}
_MOST = 5


class NeighboursPanel(Panel):
    """The panel. ``shared`` carries whether to take part, ``pushing`` nothing, ``adding`` an address, ``decided`` a wish and a yes or no."""

    shared = Signal(bool)
    pushing = Signal()
    adding = Signal(str)
    decided = Signal(object, bool)

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, TITLE, parent=parent)
        self.switch = Switch(ui, SHARE)
        self.switch.toggled.connect(self.shared)
        self.body.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignLeft)
        self.rows = SideRows(ui, _ALONE)
        self.body.addWidget(self.rows)
        self.said = Text(ui, _OFF, colour="text2", wrap=True)
        self.body.addWidget(self.said)
        self._wishes = QWidget()
        self._wish_column = QVBoxLayout(self._wishes)
        self._wish_column.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self._wishes)
        self.address = TypedLine(FieldKind.TEXT, lambda: None)
        self.add_button = ActionButton(ui, ADD)
        self.add_button.clicked.connect(lambda _checked: self._add())
        self._typed = QWidget()
        self._typed_row = QHBoxLayout(self._typed)
        self._typed_row.setContentsMargins(0, 0, 0, 0)
        self._typed_row.addWidget(
            Labelled(ui, ADDRESS, self.address, hint=Bilingual("如 192.0.2.7", "such as 192.0.2.7")), 1
        )
        self._typed_row.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignBottom)
        self.body.addWidget(self._typed)
        self.push_button = ActionButton(ui, PUSH, icon="custody")
        self.push_button.clicked.connect(lambda _checked: self.pushing.emit())
        self.body.addWidget(self.push_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._on = False
        self._show_parts()
        self.tell()

    def show_neighbours(
        self,
        found: Sequence[Neighbour],
        sharing: Sharing,
        wishes: Sequence[AllowanceWish],
        at: TrustedTime,
        next_seq: int,
    ) -> None:
        """Show who is there. ``next_seq``: where this laptop's log goes on, so that custody of all of it is told apart."""
        self._on = sharing.on
        self.switch.turn(sharing.on)
        self.note(Bilingual(f"{len(found)} 台", str(len(found))) if found else "")
        self.rows.show_rows([_row(each, at, next_seq) for each in found[:_MOST]] if sharing.on else [])
        if not sharing.on:
            self.said.say(_OFF)
        elif not sharing.found_by_itself:
            self.said.say(_TYPED_ONLY)
        else:
            kept = sharing.held_bundles
            self.said.say(
                Bilingual(
                    f"本机替同事保存 {kept} 份封存包。", f"This laptop keeps {kept} sealed bundles for colleagues."
                )
                if kept
                else ""
            )
        self._show_wishes(wishes)
        self._show_parts()

    def show_pushed(self, report: CustodyReport) -> None:
        """Say what was given into custody."""
        self.said.say(pushed_words(report))
        self.said.show()

    def show_asked(self, report: AskedReport) -> None:
        """Say what asking brought."""
        self.said.say(asked_words(report))
        self.said.show()

    def say(self, said: Said) -> None:
        """Say something else about the neighbours."""
        self.said.say(said)
        self.said.show()

    def allow(self, *, busy: bool) -> None:
        """Turn the buttons on or off."""
        for button in (self.push_button, self.add_button):
            button.setEnabled(not busy)

    def tell(self) -> None:
        """Take measures again."""
        super().tell()
        if not hasattr(self, "push_button"):
            return
        look = self._ui.look
        self.body.setSpacing(look.space("s"))
        self._typed_row.setSpacing(look.space("s"))
        self._wish_column.setSpacing(look.space("s"))

    def _show_parts(self) -> None:
        self.rows.setVisible(self._on)
        self._typed.setVisible(self._on)
        self.push_button.setVisible(self._on)
        self.said.setVisible(bool(self.said.full_text))

    def _show_wishes(self, wishes: Sequence[AllowanceWish]) -> None:
        for place in reversed(range(self._wish_column.count())):
            item = self._wish_column.takeAt(place)
            old = item.widget() if item is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        for wish in wishes:
            self._wish_column.addWidget(self._wish(wish))
        self._wishes.setVisible(bool(wishes))

    def _wish(self, wish: AllowanceWish) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        pool = pool_words(wish.pool)
        column.addWidget(
            Text(
                self._ui,
                Bilingual(
                    f"{wish.device} 想要 {yuan(wish.amount_fen)} 元：{pool.zh}",
                    f"{wish.device} asks for {yuan(wish.amount_fen)} yuan: {pool.en}",
                ),
                wrap=True,
            )
        )
        row = QHBoxLayout()
        row.setSpacing(self._ui.look.space("s"))
        for word, yes in ((YES, True), (NO, False)):
            button = ActionButton(self._ui, word)
            button.clicked.connect(lambda _checked, yes=yes: self.decided.emit(wish, yes))
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        return box

    def _add(self) -> None:
        address = self.address.raw().strip()
        if address:
            self.adding.emit(address)


def pushed_words(report: CustodyReport) -> Bilingual:
    """Return what a push brought."""
    if report.stopped is not None:
        return report.stopped
    names, english = "、".join(report.custodians), ", ".join(report.custodians)
    if not report.custodians:
        zh, en = "没有人能托管。", "Nobody could take custody."
    elif not report.bundles:
        zh, en = f"{names} 那里已是最新。", f"{english} had everything already."
    else:
        zh, en = f"已托管到 {names}。", f"In custody with {english} now."
    for name, problem in report.problems:
        zh += f"{name}：{problem.cause.zh}"
        en += f" {name}: {problem.cause.en}"
    return Bilingual(zh, en)


def asked_words(report: AskedReport) -> Bilingual:
    """Return what asking for an allowance brought."""
    zh, en = "", ""
    if report.received:
        zh += f"收到 {yuan(report.amount_fen)} 元额度。"
        en += f"{yuan(report.amount_fen)} yuan came in."
    if report.waiting:
        zh += f"已请 {'、'.join(report.waiting)} 确认，稍后再问一次。"
        en += f" {', '.join(report.waiting)} were asked; ask again in a while."
    for name, problem in report.refused:
        zh += f"{name}：{problem.cause.zh}"
        en += f" {name}: {problem.cause.en}"
    return Bilingual(zh or "没有同伴可问。", en.strip() or "There is nobody to ask.")


def _row(one: Neighbour, at: TrustedTime, next_seq: int) -> SideRow:
    kind = _KINDS[one.kind]
    name = one.name or one.address
    if one.problem is not None:
        return SideRow(
            icon="peers",
            title=name,
            # What never answered is no colleague yet.
            detail=kind if one.name else Bilingual("", ""),
            right=Bilingual("连不上", "not reached"),
            below=(one.problem.cause,),
            tone=Tone.AMBER,
        )
    seen = beijing_short(one.last_contact, at.at) if one.last_contact is not None else ""
    if one.custody_through_seq >= next_seq - 1:
        held = Bilingual("托管了全部记录", "holds all records")
    elif one.custody_through_seq:
        held = Bilingual(f"托管到第 {one.custody_through_seq:,} 条", f"holds records to {one.custody_through_seq:,}")
    else:
        held = Bilingual("还没有托管", "holds nothing yet")
    detail = Bilingual(f"{kind.zh}，{held.zh}", f"{kind.en}, {held.en}")
    return SideRow(icon="peers", title=name, detail=detail, right=seen, tone=Tone.GOOD if seen else Tone.PLAIN)
