"""One answer: genuine or not in the largest type there is, what was signed, what to do now, and the record that it was presented.

Promise: the sign and the words say the same, colour only repeats them; what is not genuine shows no sum that somebody could pay by.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.form_fields import FieldKind
from claims.verification import PaperVerdict, Verdict
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.chips import TONE_COLOURS
from views.controls.labelled import Labelled
from views.controls.labels import Money, Said, Text
from views.controls.painting import paint_box, paint_icon
from views.controls.panel import Rule
from views.controls.scan_field import looks_scanned
from views.controls.typed_line import TypedLine
from views.presentation import Presentation, Told
from views.screens.verify_words import HEADINGS, PAYEE, SUM, facts_of
from views.sentences import together

PRESENTER = Bilingual("出示人姓名", "Presented by")
REDEEM = Bilingual("登记已出示", "Mark as presented")
_CHECKED_ID = Bilingual(
    "核对出示人证件后登记；同一凭证再来时，会提示已出示过。",
    "Check the identity document, then record it: the same voucher is told the next time.",
)
_FAILED_PART = Bilingual("不通过的环节", "What fails")
_RECORDED = Bilingual("已登记：{name} 出示", "Recorded: presented by {name}")
_ICON = 48


class AnswerCard(QWidget, Told):
    """One answer. ``presented`` carries the presenter's name; ``scanned`` a code that a scanner typed into the field of the name."""

    presented = Signal(str)
    scanned = Signal(str)

    def __init__(
        self,
        ui: Presentation,
        verdict: PaperVerdict,
        source: Said,
        *,
        first: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """``first``: the one whose button is the next action of the screen; further ones are plain and have no key."""
        super().__init__(parent)
        self._ui, self.verdict, self._first = ui, verdict, first
        self._heading = HEADINGS[verdict.verdict]
        self._recorded_for = ""
        self.presenter: TypedLine | None = None
        self.redeem: ActionButton | None = None
        colour = TONE_COLOURS[self._heading.tone][2]
        self._column = QVBoxLayout(self)
        self._head = QHBoxLayout()
        self._title = Text(ui, self._heading.words, size="figure", colour=colour)
        self._source = Text(ui, source, size="caption", colour="text2")
        self._head.addWidget(self._title, 1)
        self._head.addWidget(self._source)
        self._column.addLayout(self._head)
        self._build_sum()
        if verdict.verdict is not Verdict.GENUINE:
            self._column.addWidget(Text(ui, verdict.sentence, size="key_value", wrap=True))
        if verdict.failed_part is not None:
            part = verdict.failed_part
            self._column.addWidget(
                Text(
                    ui,
                    lambda: (
                        f"{ui.say(_FAILED_PART)}：{ui.say(part)}"
                        if ui.words.code == "zh"
                        else f"{ui.say(_FAILED_PART)}: {ui.say(part)}"
                    ),
                    wrap=True,
                    colour=colour,
                    bold=True,
                )
            )
        self._column.addWidget(Text(ui, verdict.next_step, wrap=True))
        self._build_facts()
        self._foot: QWidget | None = None
        if verdict.payable:
            self._build_foot()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.tell()

    @property
    def words(self) -> str:
        """The answer in one sentence, as it is read out."""
        verdict = self.verdict
        said = [self._heading.words, verdict.sentence, verdict.next_step]
        if self._recorded_for:
            said.insert(1, _recorded(self._recorded_for))
        return self._ui.say(together(*said))

    def show_recorded(self, name: str) -> None:
        """Say that it was recorded as presented; the field goes, so that nobody records it twice."""
        self._recorded_for = name
        if self._foot is not None:
            self._foot.hide()
        self._column.addWidget(Text(self._ui, _recorded(name), size="key_value", colour="accent", bold=True, wrap=True))
        self.tell()

    def tell(self) -> None:
        """Take measures and the name again; what is inside tells itself."""
        look = self._ui.look
        pad = look.space("panel")
        self._column.setContentsMargins(pad + look.px(_ICON) + look.space("l"), pad, pad, pad)
        self._column.setSpacing(look.space("s"))
        self._facts.setHorizontalSpacing(look.space("l"))
        self._facts.setVerticalSpacing(look.space("xs"))
        self.setAccessibleName(self.words)
        if self.presenter is not None:
            self.presenter.setAccessibleName(self._ui.say(PRESENTER))
            payee = "" if self.verdict.voucher is None else self.verdict.voucher.payee
            self.presenter.setPlaceholderText(
                self._ui.say(Bilingual(f"凭证写明的领款人：{payee}", f"payee on the voucher: {payee}"))
            )
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the box and the sign."""
        look = self._ui.look
        fill, line, colour = TONE_COLOURS[self._heading.tone]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_box(painter, self.rect(), look.qcolor(fill), look.qcolor(line), look.line("strong"), look.radius("panel"))
        pad = look.space("panel")
        paint_icon(painter, look, self._heading.icon, colour, _ICON, pad, pad + look.line_height("figure") // 2)

    def _build_sum(self) -> None:
        claims = self.verdict.voucher
        if claims is None or not self.verdict.genuine:
            return
        ui, row = self._ui, QHBoxLayout()
        for name, value in (
            (PAYEE, Text(ui, claims.payee, size="title")),
            (SUM, Money(ui, claims.amount_fen, size="title")),
        ):
            pair = QVBoxLayout()
            pair.setSpacing(0)
            pair.addWidget(Text(ui, name, size="caption", colour="text2"))
            if isinstance(value, Money):
                value.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            pair.addWidget(value)
            row.addLayout(pair, 1)
        self._column.addLayout(row)

    def _build_facts(self) -> None:
        self._facts = QGridLayout()
        for place, (name, value) in enumerate(facts_of(self.verdict)):
            row, column = place // 2, place % 2 * 2
            self._facts.addWidget(Text(self._ui, name, colour="text2"), row, column)
            shown = Text(self._ui, value)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            shown.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._facts.addWidget(shown, row, column + 1)
        for column in (1, 3):
            self._facts.setColumnStretch(column, 1)
        self._column.addLayout(self._facts)

    def _build_foot(self) -> None:
        ui = self._ui
        foot = self._foot = QWidget(self)
        column = QVBoxLayout(foot)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(ui.look.space("xs"))
        column.addWidget(Rule(ui))
        row = QHBoxLayout()
        line = self.presenter = TypedLine(FieldKind.NAME, lambda: None)
        line.entered.connect(self._enter)
        row.addWidget(Labelled(ui, PRESENTER, line), 1)
        button = self.redeem = ActionButton(
            ui,
            REDEEM,
            role=ButtonRole.PRIMARY if self._first else ButtonRole.SECONDARY,
            icon="check",
            key="Ctrl+Return" if self._first else None,
        )
        button.clicked.connect(lambda _checked: self._present())
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)
        column.addWidget(Text(ui, _CHECKED_ID, size="caption", colour="text2", wrap=True))
        self._column.addWidget(foot)

    def _enter(self) -> None:
        line = self.presenter
        if line is not None and looks_scanned(line.text()):
            text = line.text()
            line.clear()
            self.scanned.emit(text)
        else:
            self._present()

    def _present(self) -> None:
        if self.presenter is not None:
            self.presented.emit(self.presenter.text().strip())


def _recorded(name: str) -> Bilingual:
    return Bilingual(_RECORDED.zh.format(name=name), _RECORDED.en.format(name=name))
