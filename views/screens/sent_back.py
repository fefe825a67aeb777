"""What headquarters sent back or wants a person to look at: one card a case, with its owner and its next step.

Promise: nothing that came back is without an owner and a next step; where nothing did, words say what will stand here.

Source: mock-up 06.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.overviews import SentBack
from views.case_words import type_name
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.labels import Money, Text
from views.controls.panel import Panel
from views.controls.scroll_area import bare_scroll
from views.presentation import Presentation, Told

_SENT_BACK = Bilingual("总部退回", "Sent back by HQ")
_NONE_BACK = Bilingual(
    "没有退回的。总部退回或要人看的案件列在这里，写明责任人和下一步。",
    "Nothing was sent back. Cases that headquarters returns stand here, with an owner and a next step.",
)
_MORE_BACK = Bilingual("其余的在“案件”里", "the others are under Cases")
_OWNER = Bilingual("责任人", "Owner")
_NEXT = Bilingual("下一步", "Next step")
_OPEN = Bilingual("打开案件", "Open the case")
_MOST_CARDS = 20


class SentBackCard(QWidget, Told):
    """One matter: who, how much, why, whose it is, what to do. ``opened`` carries the number of its case."""

    opened = Signal(str)

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._case_no = ""
        self._column = QVBoxLayout(self)
        self._head = QHBoxLayout()
        self._name = Text(ui, "", bold=True)
        self._type = Text(ui, "", size="caption", colour="text2")
        self._money = Money(ui)
        self._head.addWidget(self._name)
        self._head.addWidget(self._type, 1)
        self._head.addWidget(self._money)
        self._column.addLayout(self._head)
        self._reason = Text(ui, "", colour="red", wrap=True)
        self._column.addWidget(self._reason)
        self._grid = QGridLayout()
        self._owner, self._next = Text(ui, "", wrap=True), Text(ui, "", wrap=True)
        for place, (label, value) in enumerate(((_OWNER, self._owner), (_NEXT, self._next))):
            name = Text(ui, label, colour="text2")
            self._grid.addWidget(name, place, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, place, 1)
        self._grid.setColumnStretch(1, 1)
        self._column.addLayout(self._grid)
        self.button = ActionButton(ui, _OPEN, arrow=True)
        self.button.clicked.connect(lambda _checked: self.opened.emit(self._case_no))
        self._column.addWidget(self.button)
        self.tell()

    def show_matter(self, matter: SentBack) -> None:
        """Show this."""
        self._case_no = matter.case.case_no
        self._name.say(matter.case.insured.name)
        self._type.say(type_name(matter.case.claim_type))
        self._money.show_fen(matter.amount_fen)
        self._money.setVisible(matter.amount_fen is not None)
        self._reason.say(matter.reason)
        self._owner.say(matter.owner or Bilingual("本机理赔员", "this laptop's adjuster"))
        self._next.say(matter.next_step)
        self.tell()

    @property
    def words(self) -> str:
        """What is shown, in one line."""
        labels = (self._name, self._type, self._money, self._reason, self._owner, self._next)
        return " ".join(each.full_text for each in labels if not each.isHidden())

    def tell(self) -> None:
        """Take measures again; the labels tell themselves."""
        look = self._ui.look
        pad = look.space("panel")
        self._column.setContentsMargins(pad, look.space("m"), pad, look.space("l"))
        self._column.setSpacing(look.space("xs"))
        self._grid.setContentsMargins(0, 0, 0, look.space("m"))
        self._head.setSpacing(look.space("s"))
        self._grid.setHorizontalSpacing(look.space("m"))
        self._grid.setVerticalSpacing(look.space("xs"))
        self.setAccessibleName(self.words)


class SentBackPanel(Panel):
    """The cards, the newest first, as many as are looked through; the others are a click away.

    Args:
        open_case: shows a case.
        show_others: shows where the others are.
    """

    def __init__(
        self,
        ui: Presentation,
        open_case: Callable[[str], None],
        show_others: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(ui, _SENT_BACK, padded=False, parent=parent)
        self._open_case = open_case
        self.cards: list[SentBackCard] = []
        holder = QWidget()
        self._column = QVBoxLayout(holder)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.none = Text(ui, _NONE_BACK, colour="text2", wrap=True)
        edge = ui.look.px(16)
        self.none.setContentsMargins(edge, edge, edge, edge)
        self._column.addWidget(self.none)
        self.more = ActionButton(ui, _MORE_BACK, role=ButtonRole.QUIET, arrow=True)
        self.more.clicked.connect(lambda _checked: show_others())
        self.more.hide()
        self._column.addWidget(self.more)
        self._column.addStretch(1)
        self.area = bare_scroll(holder)
        self.area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.body.addWidget(self.area, 1)

    def show_matters(self, back: tuple[SentBack, ...]) -> None:
        """Show these."""
        self.note(str(len(back)) if back else "")
        self.none.setVisible(not back)
        self.more.setVisible(len(back) > _MOST_CARDS)
        shown = back[:_MOST_CARDS]
        while len(self.cards) < len(shown):
            card = SentBackCard(self._ui)
            card.opened.connect(self._open_case)
            self.cards.append(card)
            self._column.insertWidget(len(self.cards), card)
        for place, card in enumerate(self.cards):
            card.setVisible(place < len(shown))
            if place < len(shown):
                card.show_matter(shown[place])
