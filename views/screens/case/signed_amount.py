"""One result as it is put before somebody to sign: the policy, the sum in figures and in capitals, and how it comes about in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from claims.capitals import CURRENCY_PREFIX, amount_in_capitals
from claims.overviews import CaseStanding
from claims.plain_words import plain_sentence
from claims.records import DeterminationRecord
from rules.bilingual import Bilingual
from rules.engine import read_decision
from views.controls.labels import Money, Text
from views.controls.panel import Rule
from views.presentation import Presentation, Told

_SUM = Bilingual("应付（元）", "Payable (yuan)")


@dataclass(frozen=True)
class AmountToSign:
    """What is shown of one result."""

    policy_no: str
    product: Bilingual
    amount_fen: int
    capitals: str
    sentence: Bilingual


def amount_to_sign(standing: CaseStanding, record: DeterminationRecord) -> AmountToSign:
    """Read a result. Runs in a job: a decision is a few kilobytes to read."""
    decision = read_decision(record.decision)
    policy = next((each for each in standing.policies if each.policy_no == record.policy_no), None)
    return AmountToSign(
        record.policy_no,
        Bilingual("", "") if policy is None else policy.product_name,
        decision.total_fen,
        CURRENCY_PREFIX + amount_in_capitals(decision.total_fen),
        plain_sentence(
            decision,
            outcome=record.outcome,
            outcome_reasons=record.outcome_reasons,
            catastrophe=standing.catastrophe,
        ),
    )


class SignedAmount(QWidget, Told):
    """One block; ``ruled`` draws a line above it, between two policies."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._rule = Rule(ui)
        self._product = Text(ui, "", bold=True)
        self._policy = Text(ui, "", size="caption", colour="text2")
        self._unit = Text(ui, _SUM, size="caption", colour="text2")
        self._sum = Money(ui, None, size="title", colour="accent")
        self._capitals = Text(ui, "", bold=True, wrap=True)
        self._sentence = Text(ui, "", wrap=True, colour="text2")
        self._column = QVBoxLayout(self)
        self._head = QHBoxLayout()
        names, sums = QVBoxLayout(), QVBoxLayout()
        names.setSpacing(0)
        sums.setSpacing(0)
        names.addWidget(self._product)
        names.addWidget(self._policy)
        names.addStretch(1)
        self._unit.setAlignment(self._sum.alignment())
        sums.addWidget(self._unit)
        sums.addWidget(self._sum)
        self._head.addLayout(names, 1)
        self._head.addLayout(sums)
        self._column.addWidget(self._rule)
        self._column.addLayout(self._head)
        self._column.addWidget(self._capitals)
        self._column.addWidget(self._sentence)
        self.tell()

    def show_amount(self, shown: AmountToSign, *, ruled: bool) -> None:
        """Show a result."""
        self._rule.setVisible(ruled)
        self._product.say(shown.product)
        self._policy.say(shown.policy_no)
        self._sum.show_fen(shown.amount_fen)
        self._capitals.say(shown.capitals)
        self._sentence.say(shown.sentence)

    def tell(self) -> None:
        """Measure again."""
        look = self._ui.look
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.space("xs"))
        self._head.setSpacing(look.space("m"))
