"""Blank forms on the Paper screen: numbered and printed for the hour when the laptop is dead, entered afterwards, or spoiled with a reason.

Promise: how many are out is always in sight; what was typed stays until it is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from claims.blank_papers import BLANK_PAPERS
from claims.calendar_dates import read_date
from claims.errors import Bilingual, InputError
from claims.form_fields import Choice, FieldKind
from claims.paper_definitions import PaperId, paper_definition
from claims.records import PaperRecord, PaperState
from views.case_words import paper_name
from views.controls.buttons import ActionButton
from views.controls.choice_box import ChoiceBox
from views.controls.labelled import Labelled
from views.controls.labels import Said, Text
from views.controls.panel import Panel
from views.controls.segments import Segment, Segments
from views.controls.typed_line import TypedLine
from views.presentation import Presentation
from views.sentences import capital

TITLE = Bilingual("空白单证", "Blank forms")
DOING = Bilingual("对空白单证做什么", "What to do with blank forms")
PREPARE, ENTER, SPOIL = "prepare", "enter", "spoil"
_DOINGS = (
    Segment(PREPARE, Bilingual("预备", "Prepare")),
    Segment(ENTER, Bilingual("补录", "Enter")),
    Segment(SPOIL, Bilingual("作废", "Spoil")),
)
PAPER = Bilingual("哪种单证", "Which form")
COUNT = Bilingual("张数", "How many")
NUMBER = Bilingual("单证编号", "Number on the form")
CASE = Bilingual("案件号", "Case number")
FILLED_ON = Bilingual("填写日期", "Day on the form")
RECEIVER = Bilingual("签收人", "Received by")
REASON = Bilingual("作废原因", "Why it is spoiled")
DO_PREPARE = Bilingual("取号并打印", "Take numbers and print")
DO_ENTER = Bilingual("登记补录", "Enter the form")
DO_SPOIL = Bilingual("作废这张", "Spoil this form")
_NUMBER_LIKE = Bilingual("照纸上右上角的编号", "as printed at the top of the form")
_NONE_OUT = Bilingual(
    "没有在外的空白单证。断电前预备几张，停电时手填。", "No blank forms are out. Prepare some before the power goes."
)
_OUT = Bilingual("在外 {count} 张：{papers}。", "{count} out: {papers}.")
_MOST_NAMED = 3
_CHOICES = tuple(Choice(each.value, capital(paper_definition(each).title)) for each in BLANK_PAPERS)
"""Read from their files when the screens are loaded in the background, never while somebody waits."""


@dataclass(frozen=True)
class Preparing:
    """Blank forms to prepare."""

    paper: PaperId
    count: int


@dataclass(frozen=True)
class Entering:
    """A form that was filled in by hand."""

    number: str
    case_no: str
    filled_on: date
    receiver: str


@dataclass(frozen=True)
class Spoiling:
    """A form to give up."""

    number: str
    reason: str


class BlanksPanel(Panel):
    """The panel. ``wanted`` carries a ``Preparing``, ``Entering`` or ``Spoiling``; ``refused`` an ``InputError`` of what was typed."""

    wanted = Signal(object)
    refused = Signal(object)

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, TITLE, parent=parent)
        self._today: date | None = None
        self.doing = Segments(ui, _DOINGS)
        self.doing.call(DOING)
        self.doing.fill(PREPARE)
        self.doing.typed.connect(self._show_doing)
        self.body.addWidget(self.doing)
        self.paper = ChoiceBox(ui, _CHOICES)
        self.paper.fill(BLANK_PAPERS[0].value)
        self.count, self.number, self.case_no = (
            _line(FieldKind.NUMBER),
            _line(FieldKind.CODE),
            _line(FieldKind.CODE),
        )
        self.filled_on = TypedLine(FieldKind.DATE, lambda: self._today)
        self.receiver, self.spoiled, self.reason = _line(FieldKind.NAME), _line(FieldKind.CODE), _line(FieldKind.TEXT)
        self._forms: dict[str, QWidget] = {}
        self.buttons: dict[str, ActionButton] = {}
        self._columns: list[QVBoxLayout] = []
        self._add_form(
            PREPARE, ((PAPER, self.paper, None), (COUNT, self.count, None)), DO_PREPARE, "print", self._prepare
        )
        entering = (
            (NUMBER, self.number, _NUMBER_LIKE),
            (CASE, self.case_no, None),
            (FILLED_ON, self.filled_on, None),
            (RECEIVER, self.receiver, None),
        )
        self._add_form(ENTER, entering, DO_ENTER, "check", self._enter)
        spoiling = ((NUMBER, self.spoiled, _NUMBER_LIKE), (REASON, self.reason, None))
        self._add_form(SPOIL, spoiling, DO_SPOIL, "void", self._spoil)
        self.out = Text(ui, _NONE_OUT, size="caption", colour="text2", wrap=True)
        self.said = Text(ui, "", bold=True, colour="accent", wrap=True)
        self.body.addWidget(self.said)
        self.body.addWidget(self.out)
        self.said.hide()
        self._show_doing()
        self.tell()

    def show_today(self, today: date) -> None:
        """Know the day, by which a day without a year is completed."""
        self._today = today

    def show_out(self, papers: Sequence[PaperRecord]) -> None:
        """Show which blank forms are out: printed and neither entered nor spoiled."""
        blanks = [each for each in papers if each.blank and not each.case_no and each.state is PaperState.PRINTED]
        if not blanks:
            self.out.say(_NONE_OUT)
            return
        kinds: dict[str, list[PaperRecord]] = {}
        for each in blanks:
            kinds.setdefault(each.paper, []).append(each)
        self.out.say(
            _together(len(blanks), [(paper_title(held[0]), [each.number for each in held]) for held in kinds.values()])
        )

    def show_done(self, said: Said) -> None:
        """Say what was recorded, and empty the fields it came from."""
        self.said.say(said)
        self.said.show()
        for field in (self.count, self.number, self.case_no, self.receiver, self.spoiled, self.reason):
            field.clear()
        self.filled_on.clear()

    def allow(self, *, busy: bool) -> None:
        """Turn the buttons on or off while something is under way."""
        for button in self.buttons.values():
            button.setEnabled(not busy)

    def tell(self) -> None:
        """Take measures again."""
        super().tell()
        if not hasattr(self, "_columns"):
            return
        self.body.setSpacing(self._ui.look.space("m"))
        for column in self._columns:
            column.setSpacing(self._ui.look.space("s"))

    def _add_form(
        self,
        doing: str,
        fields: Sequence[tuple[Bilingual, QWidget, Bilingual | None]],
        label: Bilingual,
        icon: str,
        act: Callable[[], None],
    ) -> None:
        form = self._forms[doing] = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        self._columns.append(column)
        for name, field, hint in fields:
            column.addWidget(Labelled(self._ui, name, field, hint=hint))
        button = self.buttons[doing] = ActionButton(self._ui, label, icon=icon)
        button.clicked.connect(lambda _checked: self._act(act))
        for (_, field, _), (_, after, _) in zip(fields, (*fields[1:], (label, button, None)), strict=True):
            if isinstance(field, TypedLine | ChoiceBox):
                field.entered.connect(lambda after=after: after.setFocus(Qt.FocusReason.TabFocusReason))
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(form)

    def _show_doing(self) -> None:
        for doing, form in self._forms.items():
            form.setVisible(doing == self.doing.raw())

    def _act(self, act: Callable[[], None]) -> None:
        self.said.hide()
        try:
            act()
        except InputError as error:
            self.refused.emit(error)

    def _prepare(self) -> None:
        raw, text = self.paper.raw(), self.count.text().strip()
        paper = next((each for each in BLANK_PAPERS if each.value == raw), None)
        if paper is None:
            self.paper.setFocus(Qt.FocusReason.OtherFocusReason)
            raise InputError(
                "no_blank_form",
                Bilingual(f"没有叫“{raw[:30]}”的空白单证。", f'There is no blank form "{raw[:30]}".'),
                Bilingual("请从列表里选一种。", "Choose one from the list."),
            )
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            self.count.setFocus(Qt.FocusReason.OtherFocusReason)
            raise InputError(
                "blank_count",
                Bilingual(
                    f"“{text[:20]}”不是张数。" if text else "没有填写张数。",
                    f'"{text[:20]}" is not a count.' if text else "How many is missing.",
                ),
                Bilingual("请填写要几张，例如 10。", "Enter how many, such as 10."),
            )
        self.wanted.emit(Preparing(paper, int(text)))

    def _enter(self) -> None:
        self.filled_on.tidy()
        try:
            day = read_date(self.filled_on.text())
        except InputError:
            self.filled_on.setFocus(Qt.FocusReason.OtherFocusReason)
            raise
        self.wanted.emit(
            Entering(self.number.text().strip(), self.case_no.text().strip(), day, self.receiver.text().strip())
        )

    def _spoil(self) -> None:
        self.wanted.emit(Spoiling(self.spoiled.text().strip(), self.reason.text().strip()))


def paper_title(paper: PaperRecord) -> Bilingual:
    """Return what a form is called in full."""
    if paper.paper in tuple(PaperId):
        return paper_definition(PaperId(paper.paper)).title
    return paper_name(paper)


def _together(count: int, kinds: Sequence[tuple[Bilingual, Sequence[str]]]) -> Bilingual:
    def named(numbers: Sequence[str], language: str) -> str:
        zh = language == "zh"
        more = len(numbers) - _MOST_NAMED
        shown = ("、" if zh else ", ").join(numbers[:_MOST_NAMED])
        return shown if more <= 0 else f"{shown} 等 {len(numbers)} 张" if zh else f"{shown} and {more} more"

    zh = "；".join(f"{name.zh} {named(numbers, 'zh')}" for name, numbers in kinds)
    en = "; ".join(f"{name.en} {named(numbers, 'en')}" for name, numbers in kinds)
    return Bilingual(_OUT.zh.format(count=count, papers=zh), _OUT.en.format(count=count, papers=en))


def _line(kind: FieldKind) -> TypedLine:
    return TypedLine(kind, lambda: None)
