"""Sync: where every record is safe, what is being sent, what each case has in hand, and what headquarters sent back.

Promise: three acknowledgements are never one tick; a number stands here only when the disk holds it; a sync that failed says why,
that nothing was lost, and tries again on a key.

Source: mock-up 06; design.md "Sync".
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from claims.errors import Bilingual, OutpostError
from claims.materials import ClaimType
from claims.overviews import CaseReceipt, SentBack, Standing
from views.case_words import type_name
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.chips import Tone
from views.controls.columns import Column, Columns, TableHead, words_width
from views.controls.empty_note import EmptyNote
from views.controls.labels import Text, money_text
from views.controls.message import Message
from views.controls.painting import paint_icon
from views.controls.panel import Panel, Rule
from views.controls.reading_order import read_in_order
from views.controls.row_list import RowList, RowPainter
from views.controls.switch import Switch
from views.lanes import Lane
from views.link import LinkState
from views.paged_rows import PagedRows
from views.practice import Practice
from views.presentation import Presentation
from views.problems import RETRY
from views.progress import ProgressStrip
from views.screens.sync_parts import AckCards, PracticePanel, SentBackCard, TransferRow, turn_box
from views.screens.sync_words import Mark, custody_mark, disk_mark, hq_mark, strip_words, transfers
from views.syncing import Syncing, SyncNow
from views.time_words import span
from views.workplace import Place, Screen, Workplace

_TITLE = Bilingual("同步", "Sync")
_SYNC = Bilingual("立即同步", "Sync now")
_PAUSE = Bilingual("暂停", "Pause")
_RESUME = Bilingual("继续", "Go on")
_MONEY_ONLY = Bilingual("只发金额数据", "Money data only")
_TRANSFERS = Bilingual("传输", "Transfers")
_TRANSFER_ORDER = Bilingual("先日志，再凭证，最后照片", "log first, then vouchers, photos last")
_RECEIPTS = Bilingual("各件三重回执", "Three receipts a case")
_SENT_BACK = Bilingual("总部退回", "Sent back by HQ")
_NONE_BACK = Bilingual(
    "没有退回的。总部退回或要人看的案件列在这里，写明责任人和下一步。",
    "Nothing was sent back. Cases that headquarters returns stand here, with an owner and a next step.",
)
_MORE_BACK = Bilingual("其余的在“案件”里", "the others are under Cases")
_NO_CASES = Bilingual("还没有案件", "No cases yet")
_NO_CASES_TEXT = Bilingual("立案后，每件的三重回执列在这里。", "Once a case is opened, its three receipts stand here.")
_RUNNING = Bilingual("正在同步", "a sync is under way")
_NOT_RUNNING = Bilingual("没有正在进行的同步", "no sync is under way")
_MOST_CARDS = 20
_LEFT, _RIGHT = 822, 400
_NARROW = 1060
"""Below this width (at 100 %) the two columns stand one below the other."""


class SyncScreen(Screen):
    """The screen. ``syncing`` None: one of its own, for a screen that stands alone."""

    def __init__(self, work: Workplace, syncing: Syncing | None = None, parent: QWidget | None = None) -> None:
        super().__init__(work, parent)
        self.syncing = Syncing(work.desk, work.tasks, work.link, parent=self) if syncing is None else syncing
        self.standing: Standing | None = None
        self._narrow = False
        self._counts_old = False
        self._build()
        self.syncing.changed.connect(self._show_sync)
        self.syncing.ended.connect(lambda _problem: self._reload_if_shown())
        work.link.changed.connect(self._show_sync)
        work.tasks.wrote.connect(self._reload_if_shown)
        self.tell()

    def opened(self) -> None:
        """Load counts, receipts and what came back."""
        desk = self.work.desk
        self.work.tasks.run(lambda: (desk.standing(), desk.sent_back()), self._loaded, owner=self)
        self.rows.restart(lambda offset, limit, _cancelled: desk.receipts(offset=offset, limit=limit))
        if self.practice is not None and self.work.practice is not None and self.practice.switch.isEnabled():
            self.practice.show_state(self.work.practice.state())
        self._show_sync()

    def first_focus(self) -> QWidget:
        """The next action has the keyboard; while a sync runs, the pause."""
        return self.pause_button if self.syncing.now.running else self.sync_button

    def tell(self) -> None:
        """Take measures again; everything inside tells itself."""
        look = self.work.ui.look
        page, gap = look.space("page"), look.space("gap_panels")
        self._page.setContentsMargins(page, look.space("page_top_desk"), page, page)
        self._page.setSpacing(look.space("m"))
        for box in (self._columns, self._left, self._right):
            box.setSpacing(gap)
        self._head.setSpacing(look.space("m"))
        self._turn()
        self._show_sync()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fold the columns where the window is narrow for the type size."""
        super().resizeEvent(event)
        self._turn()

    # Building

    def _build(self) -> None:
        ui = self.work.ui
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(self._area)
        page = QWidget()
        page.setObjectName("scrolled")
        self._page = QVBoxLayout(page)
        self._page.addLayout(self._build_head(ui))
        self._columns = QHBoxLayout()
        self._left, self._right = QVBoxLayout(), QVBoxLayout()
        self._columns.addLayout(self._left, _LEFT)
        self._columns.addLayout(self._right, _RIGHT)
        self._page.addLayout(self._columns, 1)
        self.cards = AckCards(ui)
        self._left.addWidget(self.cards)
        self.trouble: Message | None = None
        self._left.addWidget(self._build_transfers(ui))
        self._left.addWidget(self._build_receipts(ui), 1)
        self.practice: PracticePanel | None = None
        if self.work.practice is not None:
            self.practice = self._build_practice(ui, self.work.practice)
            self._right.addWidget(self.practice)
        self._right.addWidget(self._build_sent_back(ui), 1)
        self._area.setWidget(page)

    def _build_head(self, ui: Presentation) -> QBoxLayout:
        self._head = QHBoxLayout()
        self._head.addWidget(Text(ui, _TITLE, size="title"))
        self.line = Text(ui, self._line_words, colour="text2")
        self._head.addWidget(self.line, 1)
        self.money_switch = Switch(ui, _MONEY_ONLY)
        self.money_switch.toggled.connect(self.syncing.use_money_only)
        self.pause_button = ActionButton(ui, _PAUSE, icon="pause", key="P")
        self.pause_button.clicked.connect(lambda _checked: self._pause_or_resume())
        self.sync_button = ActionButton(ui, _SYNC, role=ButtonRole.PRIMARY, icon="sync", key="Y")
        self.sync_button.clicked.connect(lambda _checked: self.syncing.start())
        for widget in (self.money_switch, self.pause_button, self.sync_button):
            self._head.addWidget(widget)
        return self._head

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
        return self.transfers_panel

    def _build_receipts(self, ui: Presentation) -> QWidget:
        panel = Panel(ui, _RECEIPTS, padded=False)
        columns = receipt_columns(ui)
        self.rows: PagedRows[object] = PagedRows(
            self.work.tasks, lambda row: self._row_words(cast(CaseReceipt, row)), parent=self
        )
        painter = ReceiptPainter(ui, columns, self)
        self.list = RowList(ui, self.rows, painter, _RECEIPTS)
        self.list.opened.connect(lambda row: self.work.navigator.open_case(cast(CaseReceipt, row).case.case_no))
        panel.body.addWidget(TableHead(ui, columns, self.list))
        # Its wish for 192 pixels would make the page scroll where there is room enough.
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        panel.body.addWidget(self.list, 1)
        self.empty = EmptyNote(ui, self.rows, self.list, _NO_CASES, _NO_CASES_TEXT)
        return panel

    def _build_practice(self, ui: Presentation, practice: Practice) -> PracticePanel:
        panel = PracticePanel(ui)
        panel.turned.connect(lambda wanted: self._plug(practice, wanted))
        return panel

    def _build_sent_back(self, ui: Presentation) -> QWidget:
        self.back_panel = Panel(ui, _SENT_BACK, padded=False)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder = QWidget()
        holder.setObjectName("scrolled")
        self._back = QVBoxLayout(holder)
        self._back.setContentsMargins(0, 0, 0, 0)
        self._back.setSpacing(0)
        self.no_back = Text(ui, _NONE_BACK, colour="text2", wrap=True)
        self.no_back.setContentsMargins(ui.look.px(16), ui.look.px(16), ui.look.px(16), ui.look.px(16))
        self._back.addWidget(self.no_back)
        self.back_cards: list[SentBackCard] = []
        self.more_back = ActionButton(ui, _MORE_BACK, role=ButtonRole.QUIET, arrow=True)
        self.more_back.clicked.connect(lambda _checked: self.work.navigator.show_place(Place.CASES))
        self.more_back.hide()
        self._back.addWidget(self.more_back)
        self._back.addStretch(1)
        area.setWidget(holder)
        area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.back_panel.body.addWidget(area, 1)
        self._back_area = area
        return self.back_panel

    def _turn(self) -> None:
        look = self.work.ui.look
        self._narrow = self.width() < look.px(_NARROW)
        turn_box(self._columns, narrow=self._narrow)
        self._columns.setStretch(0, 0 if self._narrow else _LEFT)
        self._columns.setStretch(1, 0 if self._narrow else _RIGHT)
        row = look.height("table_row")
        self.list.setMinimumHeight(row * (4 if self._narrow else 2))
        self._back_area.setMinimumHeight(look.px(240 if self._narrow else 96))

    # Showing

    def _reload_if_shown(self) -> None:
        if self.isVisible() and not self.syncing.now.running:
            self.opened()

    def _loaded(self, loaded: tuple[Standing, tuple[SentBack, ...]]) -> None:
        self.standing, back = loaded
        self._counts_old = self.syncing.now.running
        self.work.link.heard(self.standing.last_contact_at)
        self.cards.show_counts(self.standing.safety)
        self._show_back(back)
        self._show_sync()

    def _show_sync(self) -> None:
        now = self.syncing.now
        self.line.tell()
        self._allow(now)
        self.pause_button.say(_RESUME if now.paused else _PAUSE, icon="play" if now.paused else "pause")
        self.money_switch.turn(now.money_only)
        state, what, left, share = strip_words(now)
        self.strip.show_progress(state, what, left, share)
        begun = now.running or now.report is not None or now.problem is not None
        self.strip.setVisible(begun)
        self._strip_rule.setVisible(begun)
        self.list.viewport().update()
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
            self._left.removeWidget(shown)
            shown.hide()
            shown.deleteLater()
            self.trouble = None
        if problem is None or self.trouble is not None:
            return
        tone = Tone.AMBER if problem.retryable else Tone.RED
        action = (RETRY, self.syncing.start)
        self.trouble = Message(self.work.ui, problem.cause, problem.next_step, tone=tone, action=action, closable=False)
        self.trouble.setProperty("code", problem.code)
        self._left.insertWidget(0, self.trouble)
        read_in_order(self)

    def _show_back(self, back: tuple[SentBack, ...]) -> None:
        self.back_panel.note(str(len(back)) if back else "")
        self.no_back.setVisible(not back)
        self.more_back.setVisible(len(back) > _MOST_CARDS)
        shown = back[:_MOST_CARDS]
        while len(self.back_cards) < len(shown):
            card = SentBackCard(self.work.ui)
            self.back_cards.append(card)
            self._back.insertWidget(len(self.back_cards), card)
            card.opened.connect(lambda of=card: self.work.navigator.open_case(str(of.property("case_no"))))
        for place, card in enumerate(self.back_cards):
            card.setVisible(place < len(shown))
            if place < len(shown):
                card.setProperty("case_no", shown[place].case.case_no)
                card.show_matter(shown[place])

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
        if self.syncing.tries_by_itself and link.state is not LinkState.UNADDRESSED:
            words = Bilingual(f"{words.zh}，会自动同步", f"{words.en}, syncs by itself")
        return ui.say(words)

    def _row_words(self, receipt: CaseReceipt) -> str:
        ui, at = self.work.ui, self.now_at(receipt)
        marks = (disk_mark(receipt, at), custody_mark(receipt, at), self.hq_mark(receipt, at))
        names = (Bilingual("本机", "disk"), Bilingual("托管", "custody"), Bilingual("总部", "HQ"))
        said = [f"{ui.say(name)} {ui.say(mark.words)}" for name, mark in zip(names, marks, strict=True)]
        return "，".join([receipt.case.insured.name, ui.say(type_name(receipt.case.claim_type)), *said])

    def now_at(self, receipt: CaseReceipt) -> datetime:
        """Return the instant by which a row says today and yesterday."""
        return self.standing.at.at if self.standing is not None else receipt.disk_at

    def hq_mark(self, receipt: CaseReceipt, at: datetime) -> Mark:
        """Return headquarters' mark of a row as the line stands now."""
        link = self.work.link.state
        return hq_mark(receipt, at, link, running=self.syncing.now.running and link is not LinkState.OFFLINE)

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


def receipt_columns(ui: Presentation) -> Columns:
    """Return the columns of the receipts."""
    return Columns(
        ui,
        (
            Column("name", Bilingual("出险人", "Person"), lambda ui: ui.look.px(100), grow=1, least=72),
            Column("type", Bilingual("类型", "Type"), _type_width, grow=1, least=60),
            Column("money", Bilingual("金额（元）", "Amount (¥)"), lambda ui: ui.look.px(118), right=True),
            Column("gap", Bilingual("", ""), lambda ui: ui.look.px(24)),
            Column("disk", Bilingual("本机", "Disk"), lambda ui: _mark_width(ui, _AT)),
            Column("custody", Bilingual("托管", "Custody"), lambda ui: _mark_width(ui, _AT)),
            Column("hq", Bilingual("总部", "HQ"), lambda ui: _mark_width(ui, _AT_SETTLED)),
        ),
    )


_AT = Bilingual("11-20 17:02", "11-20 17:02")
_AT_SETTLED = Bilingual("11-20 17:02 已结", "11-20 17:02 settled")


def _type_width(ui: Presentation) -> int:
    return words_width(ui, [type_name(each) for each in ClaimType]) + ui.look.space("m")


def _mark_width(ui: Presentation, widest: Bilingual) -> int:
    return words_width(ui, (widest,)) + ui.look.px(20 + 4 + 12)


class ReceiptPainter(RowPainter):
    """Paints one case: name, type, sum, and the three marks, each an icon and a word."""

    def __init__(self, ui: Presentation, columns: Columns, screen: SyncScreen) -> None:
        super().__init__(ui, "table_row", screen)
        self._columns, self._screen = columns, screen

    def paint_row(self, painter: QPainter, rect: QRect, row: object, *, selected: bool) -> None:  # noqa: ARG002 - the contract's
        receipt = cast(CaseReceipt, row)
        box = self._columns.box
        at = self._screen.now_at(receipt)
        gap = self.ui.look.space("s")
        self.words(painter, box("name", rect).adjusted(0, 0, -gap, 0), receipt.case.insured.name, bold=True)
        kind = self.ui.say(type_name(receipt.case.claim_type))
        self.words(painter, box("type", rect).adjusted(0, 0, -gap, 0), kind, colour="text2")
        sum_fen = receipt.promised_fen if receipt.promised_fen is not None else receipt.case.payable_fen
        self.words(painter, box("money", rect), "—" if sum_fen is None else money_text(sum_fen), right=True)
        for key, mark in (
            ("disk", disk_mark(receipt, at)),
            ("custody", custody_mark(receipt, at)),
            ("hq", self._screen.hq_mark(receipt, at)),
        ):
            self._mark(painter, box(key, rect), mark)

    def _mark(self, painter: QPainter, rect: QRect, mark: Mark) -> None:
        look = self.ui.look
        left = look.px(20 + 4) if mark.icon else 0
        if mark.icon:
            paint_icon(painter, look, mark.icon, mark.colour, 20, rect.x(), rect.center().y() + 1)
        colour = mark.colour if mark.colour != "accent" else "text"
        self.words(painter, rect.adjusted(left, 0, -look.space("s"), 0), self.ui.say(mark.words), colour=colour)
