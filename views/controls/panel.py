"""A flat panel: surface, one line, radius 6, perhaps a head with a title, a count and room for a control at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from rules.bilingual import Bilingual
from views.controls.labels import Said, Text
from views.presentation import Presentation, Told


class Panel(QFrame, Told):
    """``body`` is the layout to fill; ``head`` the row above it (None without a title).

    Args:
        padded: 16 around the body; lists and tables go to the edge.
        dense: a head of 36 instead of 44.
    """

    def __init__(
        self,
        ui: Presentation,
        title: Bilingual | None = None,
        *,
        padded: bool = True,
        dense: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._ui, self._padded, self._dense = ui, padded, dense
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        self.head: QHBoxLayout | None = None
        self._head_row: QWidget | None = None
        self._note: Text | None = None
        self._title_text: Text | None = None
        self._rule: Rule | None = None
        if title is not None:
            self._head_row = QWidget(self)
            self.head = QHBoxLayout(self._head_row)
            self.head.setSpacing(ui.look.space("s"))
            self._title_text = Text(ui, title, bold=True)
            self.head.addWidget(self._title_text)
            self._note = Text(ui, "", size="caption", colour="text2")
            self.head.addWidget(self._note)
            self.head.addStretch(1)
            outer.addWidget(self._head_row)
            self._rule = Rule(ui, self)
            outer.addWidget(self._rule)
            self.setAccessibleName(ui.say(title))
        self._title = title
        self.body = QVBoxLayout()
        self.body.setSpacing(0)
        outer.addLayout(self.body, 1)
        self.tell()

    def note(self, said: Said) -> None:
        """Say something small beside the title: a count, a version."""
        if self._note is None:
            raise ValueError("a panel without a title has no note")
        self._note.say(said)

    def say_title(self, title: Bilingual) -> None:
        """Change the title."""
        if self._title_text is None:
            raise ValueError("a panel without a title gets none")
        self._title = title
        self._title_text.say(title)
        self.setAccessibleName(self._ui.say(title))

    def tell(self) -> None:
        """Take measures and colours again."""
        look = self._ui.look
        pad = look.space("panel") if self._padded else 0
        self.body.setContentsMargins(
            pad, pad if self._head_row is None else look.space("m") if self._padded else 0, pad, pad
        )
        if self._head_row is not None and self.head is not None:
            self._head_row.setFixedHeight(look.height("panel_head_dense" if self._dense else "panel_head"))
            self.head.setContentsMargins(look.space("panel"), 0, look.space("panel"), 0)
        if self._title is not None:
            self.setAccessibleName(self._ui.say(self._title))


class Rule(QFrame, Told):
    """A thin line between rows."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.setAutoFillBackground(True)
        self.tell()

    def tell(self) -> None:
        """Take the line's width and colour again."""
        look = self._ui.look
        self.setFixedHeight(look.tokens.lines[look.theme].get("row", look.line()))
        palette = self.palette()
        palette.setColor(self.backgroundRole(), look.qcolor("line"))
        self.setPalette(palette)
