"""What a paper is printed on: a sheet of A4 or the roll of a receipt printer. Shown only where a paper can be printed on both.

Promise: the choice is kept for the next paper: what is in the printer rarely changes. Source: docs/adr/0140.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from claims.paper_definitions import PaperSize
from rules.bilingual import Bilingual
from views.choices import Choices
from views.controls.labels import Text
from views.controls.segments import Segment, Segments
from views.presentation import Told
from views.workplace import Workplace

_LABEL = Bilingual("纸张", "Paper")
_NAMES = {
    PaperSize.A4: Bilingual("A4 纸", "A4 sheet"),
    PaperSize.ROLL_80: Bilingual("80 毫米卷纸", "80 mm roll"),
}


class SizeChoice(QWidget, Told):
    """The choice. ``chosen`` when it was changed by hand."""

    chosen = Signal()

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._choices = Choices(work.ui, work.tasks, work.preferences)
        self._sizes: tuple[PaperSize, ...] = ()
        self._wanted = PaperSize.A4
        self._row = QHBoxLayout(self)
        self._label = Text(work.ui, _LABEL, colour="text2")
        self.segments = Segments(work.ui, [Segment(each.value, name) for each, name in _NAMES.items()])
        self.segments.call(_LABEL)
        self.segments.typed.connect(self._on_chosen)
        self._row.addWidget(self._label)
        self._row.addWidget(self.segments, 1)
        self.tell()
        self.hide()

    @property
    def current(self) -> PaperSize:
        """What is printed on: the choice, or what the paper allows."""
        return self._wanted if self._wanted in self._sizes or not self._sizes else self._sizes[0]

    @property
    def wanted(self) -> PaperSize:
        """What was chosen last, for whatever allows it."""
        return self._wanted

    def begin(self, wanted: PaperSize) -> None:
        """Begin with what was chosen last."""
        self._wanted = wanted

    def offer(self, sizes: Sequence[PaperSize]) -> None:
        """Offer what a paper may be printed on."""
        if tuple(sizes) != self._sizes:
            self._sizes = tuple(sizes)
            self.segments.offer([Segment(each.value, _NAMES[each]) for each in sizes])
        self.segments.fill(self.current.value)
        self.setVisible(len(sizes) > 1)

    def tell(self) -> None:
        """Measure again."""
        look = self._work.ui.look
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(look.space("m"))

    def _on_chosen(self) -> None:
        self._wanted = PaperSize(self.segments.raw())
        self._choices.paper(self._wanted.value, self)
        self.chosen.emit()
