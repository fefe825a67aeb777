"""The service leaflet on the Paper screen: the station's own words of what it promises, edited here and printed as they stand.

Promise: what was printed last is proposed again; what is being typed is never replaced by it.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from claims.document_types import PaperForm
from claims.errors import Bilingual
from claims.form_fields import FactValue
from views.controls.buttons import ActionButton
from views.controls.labelled import Labelled
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.typed_line import TypedText
from views.presentation import Presentation
from views.sentences import capital

TITLE = Bilingual("服务承诺单", "Service leaflet")
PRINT = Bilingual("打印服务承诺", "Print the leaflet")
_NOTE = Bilingual(
    "照原样打印，每行一段；改过的文字打印后记住。",
    "Printed as typed, a paragraph a line; what was printed is kept for the next time.",
)
_ROWS = 7


class LeafletPanel(Panel):
    """The panel. ``wanted`` carries the texts by key; ``edited`` is emitted for every change by hand."""

    wanted = Signal(object)
    edited = Signal()

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, TITLE, parent=parent)
        self.texts: dict[str, TypedText] = {}
        self._proposed: dict[str, str] = {}
        self._note = Text(ui, _NOTE, size="caption", colour="text2", wrap=True)
        self.print = ActionButton(ui, PRINT, icon="print")
        self.print.clicked.connect(lambda _checked: self.wanted.emit(self.entered()))
        self.body.addWidget(self._note)
        self.body.addWidget(self.print, 0, Qt.AlignmentFlag.AlignLeft)
        self.print.setEnabled(False)
        self.tell()

    def show_form(self, form: PaperForm, draft: Mapping[str, str] | None = None) -> None:
        """Show the fields, with what was printed last where nothing else was typed; ``draft`` is what was being typed before the lock."""
        begun = {} if draft is None or self.texts else draft
        for spec in form.fields:
            value = form.values.get(spec.key, "")
            text = value if isinstance(value, str) else ""
            editor = self.texts.get(spec.key)
            if editor is None:
                editor = self.texts[spec.key] = TypedText()
                editor.typed.connect(self.edited)
                self.body.insertWidget(self.body.count() - 2, Labelled(self._ui, capital(spec.label), editor))
            if editor.raw() == self._proposed.get(spec.key, ""):
                editor.fill(begun.get(spec.key, text))
                self._proposed[spec.key] = text
        self.print.setEnabled(True)
        self.tell()

    def draft(self) -> Mapping[str, str]:
        """Return the texts as they stand, empty ones too."""
        return {key: editor.raw() for key, editor in self.texts.items()}

    def entered(self) -> Mapping[str, FactValue]:
        """Return the texts as they stand; an empty one says nothing."""
        return {key: editor.raw().strip() for key, editor in self.texts.items() if editor.raw().strip()}

    def allow(self, *, busy: bool) -> None:
        """Turn the button on or off."""
        self.print.setEnabled(not busy and bool(self.texts))

    def tell(self) -> None:
        """Take measures again."""
        super().tell()
        if not hasattr(self, "texts"):
            return
        look = self._ui.look
        self.body.setSpacing(look.space("s"))
        for editor in self.texts.values():
            editor.setFixedHeight(_ROWS * look.line_height("body") + look.space("l"))
