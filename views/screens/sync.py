"""Sync: where every record is safe, what is being sent, what each case has in hand, and what headquarters sent back.

Promise: three acknowledgements are never one tick; a number stands here only when the disk holds it; a sync that failed says why,
that nothing was lost, and tries again on a key.

Source: mock-up 06; design.md "Sync".
"""

from __future__ import annotations

from itertools import zip_longest
from typing import cast

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from claims.errors import Bilingual, OutpostError
from claims.overviews import CaseReceipt, SentBack, Standing
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.chips import Tone
from views.controls.labels import Text
from views.controls.message import Message
from views.controls.panel import Panel, Rule
from views.controls.reading_order import read_in_order
from views.controls.switch import Switch
from views.lanes import Lane
from views.link import LinkState
from views.practice import Practice
from views.presentation import Presentation
from views.problems import RETRY
from views.progress import ProgressStrip
from views.screens.folding_page import Fold, FoldingPage
from views.screens.receipts import ReceiptMarks, ReceiptsPanel, receipt_marks
from views.screens.sent_back import SentBackPanel
from views.screens.sync_parts import AckCards, BudgetField, PracticePanel, TransferRow
from views.screens.sync_ways import SyncWays, Ways, load_ways
from views.screens.sync_words import kinds, next_try_words, strip_words, transfers
from views.syncing import Syncing, SyncNow
from views.time_words import span
from views.workplace import Place, Workplace

_TITLE = Bilingual("同步", "Sync")
_SYNC = Bilingual("立即同步", "Sync now")
_PAUSE = Bilingual("暂停", "Pause")
_RESUME = Bilingual("继续", "Go on")
_MONEY_ONLY = Bilingual("只发金额数据", "Money data only")
_TRANSFERS = Bilingual("传输", "Transfers")
_TRANSFER_ORDER = Bilingual("先日志，再凭证，最后照片", "log first, then vouchers, photos last")
_RUNNING = Bilingual("正在同步", "a sync is under way")
_NOT_RUNNING = Bilingual("没有正在进行的同步", "no sync is under way")
_WORDS_MS = 5_000
_FILES_ROW, _MOST_KINDS = 1, 3
"""Below the row of all files stand their kinds, while they are sent."""
_LIMITS_PLACE = 2
"""In the head, after the title and the words beside it."""


class SyncScreen(FoldingPage):
    """The screen. ``syncing`` None: one of its own, for a screen that stands alone."""

    fold = Fold(beside=(822, 400), narrow=1060)

    def __init__(self, work: Workplace, syncing: Syncing | None = None, parent: QWidget | None = None) -> None:
        super().__init__(work, parent)
        self.syncing = Syncing(work.desk, work.tasks, work.link, parent=self) if syncing is None else syncing
        self.standing: Standing | None = None
        self._counts_old = False
        self._build()
        self.syncing.changed.connect(self._show_sync)
        self.syncing.ended.connect(lambda _problem: self._reload_if_shown())
        self._clock = QTimer(self)
        self._clock.setInterval(_WORDS_MS)
        self._clock.timeout.connect(self._tell_wait)
        work.link.changed.connect(self._show_sync)
        work.tasks.wrote.connect(self._reload_if_shown)
        self.tell()

    def opened(self) -> None:
        """Load counts, receipts and what came back."""
        desk = self.work.desk
        self.work.tasks.run(lambda: (desk.standing(), desk.sent_back(), load_ways(desk)), self._loaded, owner=self)
        self.rows.restart(lambda offset, limit, _cancelled: desk.receipts(offset=offset, limit=limit))
        if self.practice is not None and self.work.practice is not None and self.practice.switch.isEnabled():
            self.practice.show_state(self.work.practice.state())
        self._show_sync()

    def first_focus(self) -> QWidget:
        """The next action has the keyboard; while a sync runs, the pause."""
        return self.pause_button if self.syncing.now.running else self.sync_button

    def tell(self) -> None:
        """Take measures again; everything inside tells itself."""
        self._below_head.setSpacing(self.work.ui.look.space("m"))
        self.measure_page()
        self._show_sync()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Keep telling how long it waits, while anybody can read it."""
        super().showEvent(event)
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Nobody reads it."""
        super().hideEvent(event)
        self._clock.stop()

    # Building

    def _build(self) -> None:
        ui = self.work.ui
        page = self.lay_page()
        self._build_head(ui)
        self._below_head = QHBoxLayout()
        page.addLayout(self._below_head)
        self.lay_columns()
        self.cards = AckCards(ui)
        self.left.addWidget(self.cards)
        self.trouble: Message | None = None
        self.left.addWidget(self._build_transfers(ui))
        receipts = ReceiptsPanel(self.work, self._marks)
        self.rows, self.list, self.empty = receipts.rows, receipts.list, receipts.empty
        self.left.addWidget(receipts, 1)
        self.practice: PracticePanel | None = None
        if self.work.practice is not None:
            self.practice = self._build_practice(ui, self.work.practice)
            self.right.addWidget(self.practice)
        self.ways = SyncWays(self.work, parent=self)
        self.ways.changed.connect(self._reload_if_shown)
        self.ways.fill(self.right)
        navigator = self.work.navigator
        self.sent_back = SentBackPanel(ui, navigator.open_case, lambda: navigator.show_place(Place.CASES))
        self.back_cards, self.no_back, self.more_back = self.sent_back.cards, self.sent_back.none, self.sent_back.more
        self.right.addWidget(self.sent_back, 1)
        self.right.addWidget(self.ways.allowances)

    def _build_head(self, ui: Presentation) -> None:
        self.head.addWidget(Text(ui, _TITLE, size="title"))
        self.line = Text(ui, self._line_words, colour="text2")
        self.head.addWidget(self.line, 1)
        self.money_switch = Switch(ui, _MONEY_ONLY)
        self.money_switch.toggled.connect(self.syncing.use_money_only)
        self.pause_button = ActionButton(ui, _PAUSE, icon="pause", key="P")
        self.pause_button.clicked.connect(lambda _checked: self._pause_or_resume())
        self.sync_button = ActionButton(ui, _SYNC, role=ButtonRole.PRIMARY, icon="sync", key="Y")
        self.sync_button.clicked.connect(lambda _checked: self.syncing.start())
        self.budget = BudgetField(ui)
        self.budget.chosen.connect(self.syncing.use_budget)
        for widget in (self.budget, self.money_switch, self.pause_button, self.sync_button):
            self.head.addWidget(widget)

    def _build_transfers(self, ui: Presentation) -> QWidget:
        self.transfers_panel = Panel(ui, _TRANSFERS, padded=False)
        self.transfers_panel.note(_TRANSFER_ORDER)
        self.strip = ProgressStrip(ui)
        self.strip.cancelled.connect(self.syncing.cancel)
        self.transfers_panel.body.addWidget(self.strip)
        self.transfer_rows = tuple(TransferRow(ui) for _ in range(3))
        self._strip_rule = Rule(ui)
        for place, row in enumerate(self.transfer_rows):
            self.transfers_panel.body.addWidget(Rule(ui) if place else self._strip_rule)
            self.transfers_panel.body.addWidget(row)
            if place == _FILES_ROW:
                self.kind_rows = tuple(TransferRow(ui) for _ in range(_MOST_KINDS))
                for kind in self.kind_rows:
                    self.transfers_panel.body.addWidget(kind)
                    kind.hide()
        return self.transfers_panel

    def _build_practice(self, ui: Presentation, practice: Practice) -> PracticePanel:
        panel = PracticePanel(ui)
        panel.turned.connect(lambda wanted: self._plug(practice, wanted))
        return panel

    def turned(self, *, narrow: bool) -> None:
        """What bounds a sync moves below the title; lists get a height of their own."""
        look = self.work.ui.look
        self._move_limits(below=narrow)
        row = look.height("table_row")
        self.list.setMinimumHeight(row * (4 if narrow else 2))
        self.sent_back.area.setMinimumHeight(look.px(240 if narrow else 96))

    def _move_limits(self, *, below: bool) -> None:
        """Give what bounds a sync a line of its own where it would push the words beside the title out."""
        if below == (self._below_head.count() > 0):
            return
        limits: tuple[QWidget, ...] = (self.budget, self.money_switch)
        for place, widget in enumerate(limits):
            (self.head if below else self._below_head).removeWidget(widget)
            if below:
                self._below_head.addWidget(widget)
            else:
                self.head.insertWidget(_LIMITS_PLACE + place, widget)
        if below:
            self._below_head.addStretch(1)
        else:
            self._below_head.takeAt(0)

    # Showing

    def _reload_if_shown(self) -> None:
        if self.isVisible() and not self.syncing.now.running:
            self.opened()

    def _loaded(self, loaded: tuple[Standing, tuple[SentBack, ...], Ways]) -> None:
        self.standing, back, ways = loaded
        self._counts_old = self.syncing.now.running
        self.work.link.heard(self.standing.last_contact_at)
        self.cards.show_counts(self.standing.safety)
        self.sent_back.show_matters(back)
        self.ways.show_ways(ways)
        self._show_sync()

    def _show_sync(self) -> None:
        now = self.syncing.now
        self.line.tell()
        self._allow(now)
        self.pause_button.say(_RESUME if now.paused else _PAUSE, icon="play" if now.paused else "pause")
        self.money_switch.turn(now.money_only)
        self.budget.show_budget(now.byte_budget)
        state, what, left, share = strip_words(now)
        self.strip.show_progress(state, what, left, share)
        begun = now.running or now.report is not None or now.problem is not None
        self.strip.setVisible(begun)
        self._strip_rule.setVisible(begun)
        self.list.viewport().update()
        told = kinds(now)
        for kind_row, kind in zip_longest(self.kind_rows, told[:_MOST_KINDS]):
            kind_row.setVisible(kind is not None)
            if kind is not None:
                kind_row.show_transfer(kind)
        self._show_trouble(None if now.running or now.stopped else now.problem)
        if now.running:
            self._counts_old = True
        elif self._counts_old:
            return  # what has just arrived would be shown as waiting again; the new counts are on their way
        if self.standing is not None:
            rows = transfers(now, self.standing.safety, self.work.link.state)
            for row, transfer in zip(self.transfer_rows, rows, strict=True):
                row.show_transfer(transfer)

    def _allow(self, now: SyncNow) -> None:
        """Turn sync and pause on and off. The keyboard goes from the one to the other first, or Qt would send it down the page."""
        can_pause = now.running and not now.stopping
        if can_pause:
            self.pause_button.allow(True)
            if self.sync_button.hasFocus():
                self.pause_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.sync_button.allow(not now.running, _RUNNING)
        if not now.running and self.pause_button.hasFocus():
            self.sync_button.setFocus(Qt.FocusReason.OtherFocusReason)
        if not can_pause:
            self.pause_button.allow(False, _NOT_RUNNING)

    def _show_trouble(self, problem: OutpostError | None) -> None:
        shown = self.trouble
        if shown is not None and (problem is None or shown.property("code") != problem.code):
            held = cast(QWidget | None, self.focusWidget())
            if held is not None and shown.isAncestorOf(held):
                self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)
            self.left.removeWidget(shown)
            shown.hide()
            shown.deleteLater()
            self.trouble = None
        if problem is None or self.trouble is not None:
            return
        tone = Tone.AMBER if problem.retryable else Tone.RED
        action = (RETRY, self.syncing.start)
        self.trouble = Message(self.work.ui, problem.cause, problem.next_step, tone=tone, action=action, closable=False)
        self.trouble.setProperty("code", problem.code)
        self.left.insertWidget(0, self.trouble)
        read_in_order(self)

    def _line_words(self) -> str:
        ui, link, standing = self.work.ui, self.work.link, self.standing
        words = {
            LinkState.ONLINE: Bilingual("已联网", "online"),
            LinkState.OFFLINE: Bilingual("断网", "offline"),
            LinkState.UNKNOWN: Bilingual("还没有试过链路", "the line has not been tried yet"),
            LinkState.UNADDRESSED: Bilingual("没有设置总部地址", "no address of headquarters is set"),
        }[link.state]
        since = link.last_contact_at or link.since
        if link.state is LinkState.OFFLINE and since is not None and standing is not None:
            long = span((standing.at.at - since).total_seconds() / 60)
            words = Bilingual(f"断网 {long.zh}", f"offline for {long.en}")
        next_try_s = self.syncing.next_try_s
        if next_try_s is not None:
            told = next_try_words(next_try_s)
            words = Bilingual(f"{words.zh}，{told.zh}", f"{words.en}, {told.en}")
        elif self.syncing.tries_by_itself and link.state is not LinkState.UNADDRESSED:
            words = Bilingual(f"{words.zh}，会自动同步", f"{words.en}, syncs by itself")
        return ui.say(words)

    def _tell_wait(self) -> None:
        if self.syncing.next_try_s is not None:
            self.line.tell()

    def _marks(self, receipt: CaseReceipt) -> ReceiptMarks:
        """Return the marks of a case as the line stands now."""
        link = self.work.link.state
        return receipt_marks(
            receipt,
            self.standing.at.at if self.standing is not None else receipt.disk_at,
            link,
            running=self.syncing.now.running and link is not LinkState.OFFLINE,
        )

    # Doing

    def _pause_or_resume(self) -> None:
        if self.syncing.now.paused:
            self.syncing.resume()
        else:
            self.syncing.pause()

    def _plug(self, practice: Practice, wanted: bool) -> None:
        panel = self.practice
        if panel is None:
            return
        panel.busy(wanted)

        def turned(_done: object) -> None:
            panel.show_state(practice.state())
            panel.switch.setFocus(Qt.FocusReason.OtherFocusReason)

        def failed(error: OutpostError) -> None:
            panel.show_state(practice.state())
            self.work.problems.show_error(error)

        self.work.tasks.run(
            practice.start if wanted else practice.stop, turned, owner=self, failed=failed, lane=Lane.DOOR
        )
