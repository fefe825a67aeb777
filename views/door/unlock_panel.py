"""Unlocking: who, and the PIN or passphrase. A wrong one is told in words, counted and delayed by the store, not by this screen."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from claims.errors import Bilingual, OutpostError
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.labels import Text
from views.controls.painting import draw_words, paint_box, paint_icon
from views.door.secret_entry import SecretEntry
from views.entrance import EntranceFacts, Holder, LockKind
from views.presentation import Presentation, Told

_UNLOCK = Bilingual("解锁", "Unlock")
_OPENING = Bilingual("正在打开…", "Opening…")


class HolderCard(QAbstractButton, Told):
    """One adjuster who can unlock this laptop."""

    def __init__(self, ui: Presentation, holder: Holder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self.holder = ui, holder
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tell()

    def tell(self) -> None:
        """Say the name again."""
        self.setAccessibleName(f"{self.holder.name} {self.holder.adjuster}".strip())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Two of them fill the column."""
        return QSize(self._ui.look.px(202), self._ui.look.px(60))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint person, name and number; the chosen one in green with a tick."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        paint_box(
            painter,
            self.rect(),
            look.qcolor("accent_soft" if chosen else "surface"),
            look.qcolor("accent" if chosen else "line_strong"),
            look.line("focus") if chosen else look.line("strong"),
            look.radius("control"),
        )
        paint_icon(painter, look, "person", "accent" if chosen else "text2", 24, look.px(14), self.height() // 2)
        x, width = look.px(50), self.width() - look.px(88)
        name, number = self.holder.name, self.holder.adjuster
        draw_words(painter, look, QRect(x, look.px(8), width, look.px(24)), name or number, bold=True)
        if name:
            draw_words(painter, look, QRect(x, look.px(31), width, look.px(20)), number, size="caption", colour="text2")
        if chosen:
            paint_icon(painter, look, "pass", "accent", 20, self.width() - look.px(34), self.height() // 2)


class UnlockPanel(QWidget, Told):
    """The column. ``asked`` carries adjuster number and secret."""

    asked = Signal(str, str)

    def __init__(self, ui: Presentation, facts: EntranceFacts, kind: LockKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(ui.look.space("m"))
        column.addWidget(Text(ui, _UNLOCK, size="title"))
        grid = QGridLayout()
        grid.setSpacing(ui.look.space("m"))
        self._group = QButtonGroup(self)
        self.cards: list[HolderCard] = []
        for place, holder in enumerate(facts.holders):
            card = HolderCard(ui, holder)
            self._group.addButton(card)
            self.cards.append(card)
            grid.addWidget(card, place // 2, place % 2)
        if len(self.cards) == 1:
            grid.setColumnStretch(1, 1)
        if self.cards:
            self.cards[0].setChecked(True)
        column.addLayout(grid)
        self.entry = SecretEntry(ui, kind)
        self.entry.entered.connect(self._ask)
        column.addWidget(self.entry)
        self.button = ActionButton(ui, _UNLOCK, role=ButtonRole.PRIMARY, icon="lock", key="Return", tall=True)
        self.button.clicked.connect(self._ask)
        column.addWidget(self.button)
        column.addStretch(1)

    def busy(self, busy: bool) -> None:
        """While the store opens nothing more can be asked."""
        self.entry.setEnabled(not busy)
        self.button.setEnabled(not busy)
        self.button.say(_OPENING if busy else _UNLOCK)

    def refuse(self, error: OutpostError) -> None:
        """Say why it did not open, and wait for the next try."""
        self.busy(False)
        self.entry.clear()
        self.entry.hint.say(
            Bilingual(f"{error.cause.zh}{error.next_step.zh}", f"{error.cause.en} {error.next_step.en}"), colour="red"
        )
        self.entry.setFocus()

    def tell(self) -> None:
        """Everything inside tells itself."""

    def _ask(self) -> None:
        chosen = self._group.checkedButton()
        if not self.button.isEnabled() or not isinstance(chosen, HolderCard):
            return
        if not self.entry.typed:
            pin = self.entry.kind is LockKind.PIN
            missing = (
                Bilingual("请先输入 PIN。", "Type the PIN first.")
                if pin
                else Bilingual("请先输入口令短语。", "Type the passphrase first.")
            )
            self.entry.hint.say(missing, colour="red")
            self.entry.setFocus()
            return
        self.asked.emit(chosen.holder.adjuster, self.entry.typed)
