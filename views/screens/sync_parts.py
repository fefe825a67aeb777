"""The parts of the sync screen: the three acknowledgements, one transfer, the data cap, and the practice plug."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QIntValidator, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.form_fields import FieldKind
from claims.records import SafetyCounts
from views.controls.bar import bar_height, paint_bar
from views.controls.labels import Text
from views.controls.painting import draw_words, paint_box, paint_icon
from views.controls.panel import Panel
from views.controls.switch import Switch
from views.controls.typed_line import TypedLine
from views.practice import PracticeState
from views.presentation import Presentation, Told
from views.screens.sync_words import Transfer
from views.sentences import together

_COUNTING = "—"


class AckCard(QWidget, Told):
    """One acknowledgement: icon, word, number, and what it means. ``safe``: the one that lets anything be deleted."""

    def __init__(
        self,
        ui: Presentation,
        icon: str,
        word: Bilingual,
        meaning: Bilingual,
        *,
        safe: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ui, self._icon, self._word, self._meaning, self._safe = ui, icon, word, meaning, safe
        self._number = _COUNTING
        colour = "accent" if safe else "text"
        self._column = QVBoxLayout(self)
        self._row = QHBoxLayout()
        self._label = Text(ui, word)
        self._figure = Text(ui, _COUNTING, size="figure", colour=colour)
        self._figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self._label, 1)
        self._row.addWidget(self._figure)
        self._column.addLayout(self._row)
        self._text = Text(ui, meaning, size="caption", colour="text2", wrap=True)
        self._column.addWidget(self._text)
        self._column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.tell()

    def show_number(self, number: int, meaning: Bilingual) -> None:
        """Show how many."""
        self._number, self._meaning = f"{number:,}", meaning
        self._figure.say(self._number)
        self._text.say(meaning)
        self.tell()

    def tell(self) -> None:
        """Take name and measures again."""
        look = self._ui.look
        self.setAccessibleName(f"{self._ui.say(self._word)} {self._number}。{self._ui.say(self._meaning)}")
        self._column.setContentsMargins(look.px(16), look.px(9), look.px(16), look.px(9))
        self._column.setSpacing(0)
        self._row.setContentsMargins(look.px(36), 0, 0, 0)
        self.setMinimumHeight(look.px(78))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint box and icon."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill, line = ("accent_soft", "accent_line") if self._safe else ("surface", "line")
        paint_box(painter, self.rect(), look.qcolor(fill), look.qcolor(line), look.line(), look.radius("panel"))
        paint_icon(painter, look, self._icon, "text", 24, look.px(16), look.px(9) + look.line_height("figure") // 2)


class AckCards(QWidget, Told):
    """The three in a row, from this disk to headquarters, with an arrow between; one below the other where they don't fit."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.disk = AckCard(ui, "disk", Bilingual("仅本机", "Disk only"), _DISK)
        self.custody = AckCard(ui, "custody", Bilingual("已托管", "In custody"), _CUSTODY)
        self.hq = AckCard(ui, "hq", Bilingual("总部回执", "HQ receipts"), _HQ, safe=True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for card in (self.disk, self.custody, self.hq):
            self._row.addWidget(card, 1)
        self.tell()

    def show_counts(self, safety: SafetyCounts) -> None:
        """Show how many records are where."""
        lost = Bilingual(
            f"电脑此刻损坏，会丢这 {safety.disk:,} 条" if safety.disk else "没有只在本机的记录",
            f"lost if this laptop died now: {safety.disk:,}" if safety.disk else "nothing is on this disk alone",
        )
        self.disk.show_number(safety.disk, lost)
        self.custody.show_number(safety.custody, _CUSTODY)
        self.hq.show_number(safety.hq, _HQ)

    def tell(self) -> None:
        """Take the room for the arrows again."""
        self._row.setSpacing(self._ui.look.px(36))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the arrows between the cards."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for card in (self.disk, self.custody):
            x = card.geometry().right() + 1 + (look.px(36) - look.px(20)) // 2
            paint_icon(painter, look, "arrow", "text2", 20, x, self.height() // 2)


_DISK = Bilingual("正在清点", "counting")
_CUSTODY = Bilingual("同事、站点主机或 U 盘也有一份", "a colleague, the station's hub or a stick has a copy")
_HQ = Bilingual("总部已签收；只有这些可清除", "signed for; only these may be cleared")


class TransferRow(QWidget, Told):
    """One transfer: what and where to, the bar, how much, and how it stands."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._transfer: Transfer | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tell()

    @property
    def words(self) -> str:
        """What is shown, in one sentence."""
        shown = self._transfer
        if shown is None:
            return ""
        return " ".join(self._ui.say(each) for each in (shown.title, shown.where, shown.amount, shown.state))

    def show_transfer(self, transfer: Transfer) -> None:
        """Show this."""
        if transfer != self._transfer:
            self._transfer = transfer
            self.setAccessibleName(self.words)
            self.setToolTip(self.words)
            self.update()

    def tell(self) -> None:
        """Say it again."""
        self.setFixedHeight(self._ui.look.height("transfer_row"))
        self.setAccessibleName(self.words)
        self.setToolTip(self.words)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as there is room."""
        return QSize(self._ui.look.px(560), self._ui.look.height("transfer_row"))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the row."""
        shown, look = self._transfer, self._ui.look
        if shown is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge, middle, high = look.space("panel"), self.height() // 2, self.height()
        paint_icon(painter, look, shown.icon, "text2", 24, edge, middle)
        left = edge + look.px(24 + 16)
        tick = look.px(24 + 12)
        right = self.width() - edge
        if shown.good:
            paint_icon(painter, look, "pass", "accent", 24, right - look.px(24), middle)
        state_w, amount_w = look.px(150), look.px(132)
        inner = right - left - tick
        title_w = min(look.px(190), max(look.px(120), inner - state_w - amount_w - look.px(60)))
        line = look.px(22)
        top = (high - line - look.px(19)) // 2
        draw_words(painter, look, QRect(left, top, title_w, line), self._ui.say(shown.title))
        where = QRect(left, top + line, title_w, look.px(19))
        draw_words(painter, look, where, self._ui.say(shown.where), size="caption", colour="text2")
        state = QRect(right - tick - state_w, 0, state_w, high)
        colour = "accent" if shown.good else "text"
        draw_words(painter, look, state, self._ui.say(shown.state), colour=colour, bold=shown.good, right=True)
        amount = QRect(state.x() - amount_w, 0, amount_w, high)
        draw_words(painter, look, amount, self._ui.say(shown.amount), right=True)
        bar_x = left + title_w + look.space("m")
        bar_w = amount.x() + amount_w - self._words_width(shown) - look.space("xl") - bar_x
        if bar_w > look.px(24):
            height = bar_height(look)
            bar_w = min(bar_w, amount.x() - bar_x) if amount.x() - bar_x > look.px(60) else bar_w
            paint_bar(painter, look, QRect(bar_x, middle - height // 2, bar_w, height), shown.share, shown.bar)

    def _words_width(self, shown: Transfer) -> int:
        return QFontMetrics(self._ui.look.font("body")).horizontalAdvance(self._ui.say(shown.amount))


class BudgetField(QWidget, Told):
    """The most that one sync may send over a metered line, in MB; empty for no bound. ``chosen`` carries bytes or None."""

    chosen = Signal(object)

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.line = TypedLine(FieldKind.NUMBER, lambda: None)
        self.line.setValidator(QIntValidator(0, _MOST_MB, self.line))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(Text(ui, _BUDGET, colour="text2"))
        self._row.addWidget(self.line)
        self._row.addWidget(Text(ui, Bilingual("MB", "MB"), colour="text2"))
        self.line.left.connect(self._choose)
        self.line.entered.connect(self._choose)
        self.tell()

    def show_budget(self, most_bytes: int | None) -> None:
        """Show what holds, unless somebody is typing."""
        if not self.line.hasFocus():
            self.line.fill("" if most_bytes is None else str(most_bytes // _MB))

    def tell(self) -> None:
        """Say the name and measure again."""
        look = self._ui.look
        self._row.setSpacing(look.space("xs"))
        self.line.setFixedWidth(look.px(80))
        self.line.setPlaceholderText(self._ui.say(_NO_BUDGET))
        self.line.setAccessibleName(self._ui.say(_BUDGET_NAME))
        self.setToolTip(self._ui.say(_BUDGET_MEANS))
        self.line.setAccessibleDescription(self._ui.say(_BUDGET_MEANS))

    def _choose(self) -> None:
        text = self.line.raw().strip()
        megabytes = int(text) if text.isascii() and text.isdigit() else 0
        self.chosen.emit(megabytes * _MB if megabytes else None)


_MB = 1_000_000
_MOST_MB = 99_999
_BUDGET = Bilingual("流量上限", "Data cap")
_NO_BUDGET = Bilingual("不限", "none")
_BUDGET_NAME = Bilingual("每次同步的流量上限，MB", "Data cap of each sync in MB")
_BUDGET_MEANS = Bilingual(
    "每次同步最多用这么多流量。日志总会送，先送；剩下的照片下次再送。空着就不限。",
    "The most data each sync may use. The log always goes, and goes first; photos that are left go next time. Empty: no cap.",
)


class PracticePanel(Panel):
    """The practice headquarters on this computer: in or out, as one pulls a plug. ``turned`` carries what is wanted."""

    turned = Signal(bool)

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, _PRACTICE, parent=parent)
        self.note(_INVENTED)
        self.switch = Switch(ui, _PLUG)
        self.switch.toggled.connect(self.turned)
        self.body.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignLeft)
        self.said = Text(ui, "", colour="text2", wrap=True)
        self.body.addWidget(self.said)

    def show_state(self, state: PracticeState) -> None:
        """Show how it stands."""
        self.switch.turn(state.running)
        self.switch.allow(True)
        if state.problem is not None:
            self.said.say(together(state.problem.cause, state.problem.next_step), colour="red")
        elif state.running:
            self.said.say(
                Bilingual(f"总部在线：{state.hq_url}", f"Headquarters answers at {state.hq_url}"), colour="text2"
            )
        else:
            self.said.say(_PULLED, colour="text2")

    def busy(self, wanted: bool) -> None:
        """Say what is being done; the switch waits for it."""
        self.switch.allow(False, _BUSY)
        self.said.say(_STARTING if wanted else _STOPPING, colour="text2")


_PRACTICE = Bilingual("练习总部", "Practice headquarters")
_INVENTED = Bilingual("在这台电脑上，资料都是虚构的", "on this computer, all invented")
_PLUG = Bilingual("接通总部", "Line to headquarters")
_PULLED = Bilingual(
    "网线已拔：和真的断网一样，工作照常，回头再同步。",
    "Unplugged, just like a line that is down: go on working, sync later.",
)
_STARTING = Bilingual("正在启动总部，要几秒钟…", "Starting headquarters, a few seconds…")
_STOPPING = Bilingual("正在拔线…", "Pulling the plug…")
_BUSY = Bilingual("请稍候", "one moment")
