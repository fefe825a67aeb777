"""The life of one paper, as a list: what has happened with its time, and what is still to come, in words.

Promise: the order is asked, drawn, printed, handed over, settled; a second print and a voiding stand where they happened. Nothing is shown
as done that the disk does not hold. Source: design.md "Vouchers"; mock-up 05.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtWidgets import QWidget

from claims.events import PaperKind
from claims.overviews import PaperMoment
from claims.records import PaperRecord, PaperState
from claims.trusted_time import BEIJING
from rules.bilingual import Bilingual
from views.controls.panel import Panel
from views.controls.state_rows import StateRow, StateRows
from views.presentation import Presentation

_TITLE = Bilingual("这张纸的经过", "Life of this paper")
_NAMES = {
    PaperState.ASKED: Bilingual("已申请", "Asked for"),
    PaperState.RENDERED: Bilingual("已成稿", "Drawn"),
    PaperState.PRINTED: Bilingual("已打印", "Printed"),
    PaperState.HANDED_OVER: Bilingual("已交付客户", "Handed over"),
    PaperState.VOIDED: Bilingual("已作废", "Voided"),
    PaperState.REDEEMED: Bilingual("总部已兑付", "Settled by HQ"),
}
_TO_COME = {
    PaperState.ASKED: (Bilingual("申请号码", "Ask for a number"), Bilingual("未申请", "not yet")),
    PaperState.RENDERED: (Bilingual("生成票面", "Draw the page"), Bilingual("待生成", "to draw")),
    PaperState.PRINTED: (Bilingual("打印", "Print"), Bilingual("待打印", "to print")),
    PaperState.HANDED_OVER: (Bilingual("交付客户", "Hand over"), Bilingual("待确认", "to confirm")),
    PaperState.REDEEMED: (Bilingual("总部兑付", "Settlement by HQ"), Bilingual("待同步", "after a sync")),
}
_ICONS = {PaperState.HANDED_OVER: "hand-over", PaperState.REDEEMED: "hq"}
_ON_DISK = Bilingual("已落盘", "on disk")
_COPY = Bilingual("第 {count} 次", "copy {count}")
_STAGES = (PaperState.ASKED, PaperState.RENDERED, PaperState.PRINTED, PaperState.HANDED_OVER)


class PaperLifeList(Panel):
    """The panel of the list."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, _TITLE, padded=False, dense=True, parent=parent)
        self.rows = StateRows(ui, _TITLE, height="reading_row", ruled=True)
        self.body.addWidget(self.rows)

    def show_life(self, paper: PaperRecord, moments: Sequence[PaperMoment], now: datetime) -> None:
        """Show what happened to a paper."""
        self.rows.show_rows(life_rows(paper, moments, now))


def life_rows(paper: PaperRecord, moments: Sequence[PaperMoment], now: datetime) -> tuple[StateRow, ...]:
    """Return the rows of a paper's life.

    A drawing that was printed is one row with its print; one for a reprint that is not out yet stands alone.
    """
    rows: list[StateRow] = []
    happened = _together(moments)
    rows.extend(_happened(each, now) for each in happened)
    if any(each.what == PaperState.VOIDED for each in moments):
        return tuple(rows)
    seen = {each.what for each in moments}
    # Only a voucher is redeemed.
    stages = (*_STAGES, PaperState.REDEEMED) if paper.kind is PaperKind.VOUCHER else _STAGES
    rows.extend(_to_come(stage) for stage in stages if stage.value not in seen)
    return tuple(rows)


def _together(moments: Sequence[PaperMoment]) -> list[PaperMoment]:
    """Leave out the drawings of copies that were printed, but for the first, and all but the last of several prints in a row."""
    printed = {each.copy_no for each in moments if each.what == PaperState.PRINTED}
    kept: list[PaperMoment] = []
    for each in moments:
        if each.what == PaperState.RENDERED and each.copy_no > 1 and each.copy_no in printed:
            continue
        if kept and each.what == PaperState.PRINTED and kept[-1].what == PaperState.PRINTED:
            kept[-1] = each
        else:
            kept.append(each)
    return kept


def _happened(moment: PaperMoment, now: datetime) -> StateRow:
    state = PaperState(moment.what)
    stamp = "" if moment.at is None else _stamp(moment.at, now)
    details = [Bilingual(stamp, stamp)] if stamp else []
    if state is PaperState.RENDERED:
        details.append(_ON_DISK)
    if state in (PaperState.PRINTED, PaperState.RENDERED) and (moment.copy_no > 1 or state is PaperState.PRINTED):
        details.append(Bilingual(_COPY.zh.format(count=moment.copy_no), _COPY.en.format(count=moment.copy_no)))
    if state in (PaperState.HANDED_OVER, PaperState.VOIDED, PaperState.REDEEMED) and moment.detail.zh:
        details.append(moment.detail)
    found = Bilingual("·".join(each.zh for each in details), ", ".join(each.en for each in details))
    if state is PaperState.VOIDED:
        return StateRow("void", _NAMES[state], found, colour="text2", bold=True)
    return StateRow("pass", _NAMES[state], found, bold=True)


def _to_come(state: PaperState) -> StateRow:
    name, found = _TO_COME[state]
    return StateRow(_ICONS.get(state, "clock"), name, found, colour="text3")


def _stamp(at: datetime, now: datetime) -> str:
    """Return the time of day, with the day where it is another one."""
    here, today = at.astimezone(BEIJING), now.astimezone(BEIJING).date()
    return here.strftime("%H:%M:%S") if here.date() == today else here.strftime("%m-%d %H:%M")
