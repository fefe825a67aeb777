"""One policy's result as the benefit step shows it: picture, words for the claimant, what stands in the way, lines, limits.

Promise: shows one stored determination and nothing else; the widgets are made once and filled again.

Source: mock-up 04.
"""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from claims.events import Outcome
from claims.explanation import NotApplied
from claims.plain_words import grouped, in_words
from rules.bilingual import Bilingual
from views.controls.panel import Panel
from views.presentation import Presentation, Told
from views.screens.case.basis_list import BasisPanel
from views.screens.case.benefit_job import Explained
from views.screens.case.benefit_side import BenefitSide, ReasonRows
from views.screens.case.claimant_words import ClaimantWords
from views.screens.case.waterfall import Waterfall

REFERRED = Bilingual("转总部核定的原因", "Why headquarters decides")
RECEIPT_ONLY = Bilingual("今天还不能预核的原因", "Why it can't be pre-approved today")
BY_HEADQUARTERS = Bilingual("由总部的人核定；现场不下结论。", "A person at headquarters decides; the field does not.")
BY_PAPERS = Bilingual("补齐后这里会重新理算。", "Calculated again here once it is handed in.")
BY_LATER = Bilingual("同步或更新之后可以重新理算。", "Can be calculated again after a sync or an update.")
NO_REASON = Bilingual("没有别的原因。", "There is no other reason.")


class BenefitView(QWidget, Told):
    """The body of the step for one policy."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.picture = Panel(ui, padded=False)
        self.waterfall = Waterfall(ui)
        self.picture.body.addWidget(self.waterfall)
        self.words = ClaimantWords(ui)
        self.obstacles = Panel(ui, REFERRED, padded=False, dense=True)
        self.reasons = ReasonRows(ui, REFERRED, NO_REASON)
        self.obstacles.body.addWidget(self.reasons)
        self.basis = BasisPanel(ui)
        self.side = BenefitSide(ui)
        self._lower = QHBoxLayout()
        self._lower.addWidget(self.basis, 576)
        self._lower.addWidget(self.side, 234)
        for part in (self.picture, self.words, self.obstacles):
            self._column.addWidget(part)
        self._column.addLayout(self._lower)
        self._column.addStretch(1)
        self.tell()

    def tell(self) -> None:
        """Take the distances again."""
        gap = self._ui.look.space("gap_case_panels")
        self._column.setSpacing(gap)
        self._lower.setSpacing(gap)

    def show_explained(self, explained: Explained, missing: Collection[Bilingual]) -> None:
        """Show a determination. ``missing`` are the sentences of the papers that are missing now."""
        promised = explained.outcome is Outcome.PRE_APPROVED
        self.waterfall.show_bars(explained.bars, promised=promised)
        self.picture.setVisible(bool(explained.bars))
        self.words.show_words(explained.story, explained.close, promised=promised)
        reasons = grouped(explained.record.outcome_reasons)
        self.obstacles.setVisible(not promised)
        self.obstacles.say_title(REFERRED if explained.outcome is Outcome.REFERRED else RECEIPT_ONLY)
        self.reasons.show_entries(
            [NotApplied(in_words(reason), _who(reason, explained.outcome, missing)) for reason in reasons]
        )
        self.basis.show_explained(explained)
        self.side.show_explained(explained)


def _who(reason: Bilingual, outcome: Outcome, missing: Collection[Bilingual]) -> Bilingual:
    if reason in missing or reason in grouped(tuple(missing)):
        return BY_PAPERS
    return BY_HEADQUARTERS if outcome is Outcome.REFERRED else BY_LATER
