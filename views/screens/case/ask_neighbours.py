"""Where a promise fails for want of allowance: the sum that is missing, and asking the neighbours for it.

Promise: asked is only what the case lacks; what came is said by name and sum, and the promise stays a person's to make. Nothing is offered where
this laptop takes no part in the local network.

Source: design.md "Allowances"; docs/adr/0164.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from claims.allowance_lacks import AllowanceLack
from claims.amounts import yuan
from claims.desk import Desk
from claims.errors import Bilingual, OutpostError
from claims.neighbours import AskedReport
from claims.pool_words import pool_words
from views.controls.buttons import ActionButton
from views.controls.chips import Tone
from views.controls.message import Message
from views.lanes import Lane
from views.screens.sync_neighbours import asked_words
from views.workplace import Workplace

ASK = Bilingual("向同站同事调拨", "Ask neighbours")
AGAIN = Bilingual("再问一次", "Ask again")
_ASKING = Bilingual("正在问同事…", "Asking…")
_NOW = Bilingual("额度到了，可以承诺了", "The allowance is here; the promise can be made")


class AskNeighbours(QWidget):
    """The notice. ``came``: allowance was taken in, and what is shown of the case is old."""

    came = Signal()

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._case_no = ""
        self._lacks: tuple[AllowanceLack, ...] = ()
        self._said: Bilingual | None = None
        self._brought = self._busy = False
        self._message: Message | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()

    @property
    def button(self) -> ActionButton | None:
        """What asks; None where there is nothing to ask for."""
        return None if self._message is None else self._message.action_button

    @property
    def words(self) -> str:
        """What is said now."""
        return "" if self._message is None else self._message.words

    def show_lacks(self, case_no: str, lacks: Sequence[AllowanceLack], *, sharing: bool) -> None:
        """Show what a case lacks; with nothing lacking, what came last stays until it is used or another case is shown.

        ``sharing`` False: neighbours can't be asked, or there is nothing left to promise.
        """
        if case_no != self._case_no or not sharing:
            self._case_no, self._said, self._brought = case_no, None, False
        wanted = tuple(lacks) if sharing else ()
        if not wanted and not self._brought:
            self._said = None
        if wanted != self._lacks or (self._message is None) == bool(wanted) or not sharing:
            self._lacks = wanted
            self._build()

    def _build(self) -> None:
        old = self._message
        if old is not None:
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
            self._message = None
        if self._lacks:
            title = lacking_words(self._lacks)
            action = (ASK if self._said is None else AGAIN, self._ask)
            self._message = self._made(title, self._said or _pools(self._lacks), Tone.AMBER, action)
        elif self._brought and self._said is not None:
            self._message = self._made(_NOW, self._said, Tone.GOOD, None)
        self.setVisible(self._message is not None)
        if self.button is not None:
            self.button.allow(not self._busy, _ASKING)

    def _made(
        self, title: Bilingual, text: Bilingual, tone: Tone, action: tuple[Bilingual, Callable[[], None]] | None
    ) -> Message:
        message = Message(self._work.ui, title, text, tone=tone, action=action, closable=False)
        self._column.addWidget(message)
        return message

    def _ask(self) -> None:
        if self._busy or not self._lacks:
            return
        desk, case_no, lacks = self._work.desk, self._case_no, self._lacks
        self._busy = True
        self._build()

        def asked(reports: tuple[AskedReport, ...]) -> None:
            self._busy = False
            if case_no == self._case_no:
                self._said = together_words(reports)
                self._brought = any(each.received for each in reports)
                self._build()
            if any(each.received for each in reports):
                self.came.emit()

        def failed(error: OutpostError) -> None:
            self._busy = False
            self._build()
            self._work.problems.show_error(error)

        self._work.tasks.run(
            lambda: ask_for(desk, lacks), asked, owner=self, failed=failed, lane=Lane.SYNC, writes=True
        )


def ask_for(desk: Desk, lacks: Sequence[AllowanceLack]) -> tuple[AskedReport, ...]:
    """Ask for each pool's missing sum once, though several policies may lack it."""
    wanted: dict[str, int] = {}
    for each in lacks:
        # Each policy counted what is left as its own.
        known = wanted.get(each.pool)
        wanted[each.pool] = each.lacking_fen if known is None else known + each.lacking_fen + each.left_fen
    return tuple(desk.ask_neighbours(pool, fen) for pool, fen in wanted.items())


def lacking_words(lacks: Sequence[AllowanceLack]) -> Bilingual:
    """Return the sentence that names the sum: the most that any pool lacks, since one promise draws on all of them."""
    fen = max(each.lacking_fen for each in lacks)
    return Bilingual(f"离线额度还差 {yuan(fen)} 元", f"The allowance is {yuan(fen)} yuan short")


def together_words(reports: Sequence[AskedReport]) -> Bilingual:
    """Return what asking brought over all pools, each sentence once."""
    said = tuple(dict.fromkeys(asked_words(each) for each in reports))
    return Bilingual("".join(each.zh for each in said), " ".join(each.en for each in said))


def _pools(lacks: Sequence[AllowanceLack]) -> Bilingual:
    names = tuple(dict.fromkeys(pool_words(each.pool) for each in lacks))
    return Bilingual(
        f"{'；'.join(each.zh for each in names)}。同事或站点主机可以调给本机；也可以照常出签收单。",
        f"{'; '.join(each.en for each in names)}. A colleague or the hub can hand some on; an acceptance slip is always possible.",
    )
