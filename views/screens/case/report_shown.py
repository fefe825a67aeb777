"""What was reported, once the case is open, what was corrected in it since, and what headquarters said of the case.

Promise: what was reported stays in the log as it was; a correction is another entry beside it, with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.events import PersonFact
from claims.overviews import CaseStanding, CaseStep
from claims.trusted_time import beijing_text
from views.case_words import STEP_NAMES, type_name
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.chips import Tone
from views.controls.labels import Said, Text
from views.controls.message import Message
from views.controls.panel import Panel
from views.controls.reading_order import read_in_order
from views.controls.sentence_rows import Sentence, SentenceRows
from views.focus_ring import OWN_FOCUS
from views.presentation import Presentation, Told
from views.screens.case.correction_form import CORRECT, CorrectionForm
from views.screens.case.hq_words import FROM_HQ, change_words, said_by_headquarters
from views.screens.case.report_forms import CHANNELS

_FIXED = Bilingual("报案内容已签入日志", "The report is signed into the log")
_FIXED_WHY = Bilingual(
    "报案人、电话、地点、经过可以更正，原来的也留着。别的有错，请在“材料”一步按实际填写，并告知总部。",
    "Reporter, phones, place and what happened can be corrected; what stood there is kept. For anything else enter the facts as they are in the Papers step and tell headquarters.",
)
_REPORT = Bilingual("报案内容", "What was reported")
_CORRECTED = Bilingual("更正记录", "Corrections")
_NOTHING = Bilingual("—", "—")


class FactRows(QWidget, Told):
    """Rows of a name and a value, painted; values are broken into lines."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._rows: tuple[tuple[Bilingual, Bilingual | str], ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_rows(self, rows: Sequence[tuple[Bilingual, Bilingual | str]]) -> None:
        """Show these rows."""
        self._rows = tuple(rows)
        self.tell()

    @property
    def words(self) -> str:
        """All rows as text."""
        return "\n".join(f"{self._ui.say(name)}: {self._say(value)}" for name, value in self._rows)

    def tell(self) -> None:
        """Say and measure again."""
        self.setAccessibleName(self._ui.say(STEP_NAMES[CaseStep.REPORT]))
        self.setAccessibleDescription(self.words)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Values wrap."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """As high as the rows."""
        return sum(self._height(value, width) for _, value in self._rows)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """At the width there is."""
        width = self.width() if self.testAttribute(Qt.WidgetAttribute.WA_Resized) else self._ui.look.px(600)
        return QSize(self._ui.look.px(400), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as it must be."""
        return QSize(self._ui.look.px(240), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the rows with a line between them."""
        look = self._ui.look
        painter = QPainter(self)
        y, pad = 0, look.space("l")
        name_width = self._name_width()
        for place, (name, value) in enumerate(self._rows):
            height = self._height(value, self.width())
            top = y + look.px(6)
            if place:
                painter.fillRect(0, y, self.width(), look.line(), look.qcolor("line"))
            painter.setFont(look.font("body"))
            painter.setPen(look.qcolor("text2"))
            painter.drawText(
                QRect(pad, top, name_width, look.line_height("body")), Qt.AlignmentFlag.AlignVCenter, self._ui.say(name)
            )
            painter.setPen(look.qcolor("text"))
            room = QRect(pad + name_width, top, self.width() - name_width - 2 * pad, height - look.px(12))
            painter.drawText(room, int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter), self._say(value))
            y += height

    def _name_width(self) -> int:
        metrics = QFontMetrics(self._ui.look.font("body"))
        widest = max((metrics.horizontalAdvance(self._ui.say(name)) for name, _ in self._rows), default=0)
        return widest + self._ui.look.space("xl")

    def _height(self, value: Bilingual | str, width: int) -> int:
        look = self._ui.look
        metrics = QFontMetrics(look.font("body"))
        room = max(1, width - self._name_width() - 2 * look.space("l"))
        box = metrics.boundingRect(QRect(0, 0, room, 100_000), int(Qt.TextFlag.TextWordWrap), self._say(value))
        return max(look.height("reading_row"), box.height() + look.px(12))

    def _say(self, value: Bilingual | str) -> str:
        return value if isinstance(value, str) else self._ui.say(value)


class TitleRow(QWidget, Told):
    """The title of a step that has no buttons beside it, as high as with them."""

    def __init__(self, ui: Presentation, said: Said, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        row = QVBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.title = Text(ui, said, size="title")
        row.addWidget(self.title)
        self.tell()

    def tell(self) -> None:
        """Measure anew."""
        self.setFixedHeight(self._ui.look.height("control"))


class ReportShown(QWidget, Told):
    """The report of a case. ``correcting`` as of ``CorrectionForm``."""

    correcting = Signal(str, str, str)

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._standing: CaseStanding | None = None
        self._form: CorrectionForm | None = None
        column = self._column = QVBoxLayout(self)
        self._head = QHBoxLayout()
        self._head.addWidget(TitleRow(ui, STEP_NAMES[CaseStep.REPORT]), 1)
        self.correct = ActionButton(ui, CORRECT, role=ButtonRole.QUIET)
        self.correct.clicked.connect(lambda _checked: self._begin())
        self._head.addWidget(self.correct)
        column.addLayout(self._head)
        column.addWidget(Message(ui, _FIXED, _FIXED_WHY, tone=Tone.PLAIN, closable=False))
        self.rows = FactRows(ui)
        box = Panel(ui, padded=False)
        box.body.addWidget(self.rows)
        inside = QWidget()
        inside.setObjectName("scrolled")
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(0, 0, 0, 0)
        self.hq = SentenceRows(ui, FROM_HQ)
        self.changes = SentenceRows(ui, _CORRECTED)
        self._hq_panel, self._changes_panel = Panel(ui, FROM_HQ), Panel(ui, _CORRECTED)
        self._hq_panel.body.addWidget(self.hq)
        self._changes_panel.body.addWidget(self.changes)
        for part in (self._hq_panel, box, self._changes_panel):
            inner.addWidget(part)
        self._inner = inner
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        # It has the keyboard so that the arrows scroll; there is nothing else to do here.
        scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        scroll.setProperty(OWN_FOCUS, True)
        self.setFocusProxy(scroll)
        scroll.setWidget(inside)
        self._scroll = scroll
        column.addWidget(scroll, 1)
        read_in_order(self)
        self.tell()

    def tell(self) -> None:
        """Take the distances again; the parts tell themselves."""
        look = self._ui.look
        self._column.setContentsMargins(0, 0, look.space("page"), look.space("page"))
        self._column.setSpacing(look.space("m"))
        self._inner.setSpacing(look.space("gap_case_panels"))
        self._scroll.setAccessibleName(self._ui.say(_REPORT))

    @property
    def form(self) -> CorrectionForm:
        """Where something is corrected; made when it is first wanted, which is rarely."""
        if self._form is None:
            self._form = CorrectionForm(self._ui)
            self._form.left.connect(self.end)
            self._form.correcting.connect(self.correcting)
            self._inner.insertWidget(0, self._form)
            read_in_order(self)
        return self._form

    def end(self) -> None:
        """Nothing is being corrected any more."""
        self.form.hide()
        self.correct.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _begin(self) -> None:
        if self._standing is not None:
            self.correct.hide()
            self.form.begin(self._standing.case)

    def show_report(self, standing: CaseStanding) -> None:
        """Show what was reported, what was corrected, and what headquarters said."""
        other = self._standing is None or self._standing.case.case_no != standing.case.case_no
        self._standing = standing
        form = self._form
        if other and form is not None:
            form.hide()
        self.correct.setVisible(standing.withdrawn is None and (form is None or form.isHidden()))
        said = said_by_headquarters(standing)
        self.hq.show_rows([Sentence(each.icon, each.whole, each.colour) for each in said])
        self._hq_panel.setVisible(bool(said))
        changes = [Sentence("sign", change_words(each, standing)) for each in standing.corrections]
        self.changes.show_rows(changes)
        self._changes_panel.setVisible(bool(changes))
        self._show_facts(standing)

    def _show_facts(self, standing: CaseStanding) -> None:
        case, event = standing.case, standing.catastrophe
        channel = next(
            (each.label for each in CHANNELS if each.value == case.channel), Bilingual(case.channel, case.channel)
        )
        names = {policy.policy_no: policy.product_name for policy in standing.policies}
        same = case.reporter == case.insured
        self.rows.show_rows(
            (
                (Bilingual("理赔类型", "Kind of claim"), type_name(case.claim_type)),
                (Bilingual("被保险人", "Insured"), _person(case.insured)),
                (
                    Bilingual("报案人", "Reporter"),
                    Bilingual("被保险人本人", "the insured in person") if same else _person(case.reporter),
                ),
                (Bilingual("报案方式", "How it was reported"), channel),
                (
                    Bilingual("报案时间", "Reported at"),
                    Bilingual(
                        f"{beijing_text(case.opened_at)} 北京时间", f"{beijing_text(case.opened_at)} Beijing time"
                    ),
                ),
                (Bilingual("出险日期", "Date of loss"), case.loss_date.isoformat()),
                (
                    Bilingual("出险地点", "Place of loss"),
                    " ".join(each for each in (case.loss_place, case.loss_region or "") if each) or _NOTHING,
                ),
                (Bilingual("突发事件", "Catastrophe"), _NOTHING if event is None else event.name),
                (Bilingual("保单", "Policies"), _policies(case.policy_nos, names)),
                (Bilingual("事故经过", "What happened"), case.description or _NOTHING),
            )
        )


def _person(person: PersonFact) -> str:
    return "  ".join(each for each in (person.name, person.id_number or "", person.phone or "") if each)


def _policies(numbers: Sequence[str], names: dict[str, Bilingual]) -> Bilingual:
    if not numbers:
        return Bilingual("未填，由总部查找", "none: headquarters will look for it")
    empty = Bilingual("", "")
    return Bilingual(
        "\n".join(f"{number}  {names.get(number, empty).zh}".rstrip() for number in numbers),
        "\n".join(f"{number}  {names.get(number, empty).en}".rstrip() for number in numbers),
    )
