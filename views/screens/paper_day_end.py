"""Day-end on the Paper screen: what the records say was printed, what is counted by hand, and what differs, in sentences.

Promise: nothing is filled in for the person who counts; what was typed stays until it is recorded; a day that agrees says so only after a count.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from claims.calendar_dates import read_date
from claims.day_end import DayEnd, Difference, DifferenceKind
from claims.errors import Bilingual, InputError
from claims.events import PaperKind
from claims.form_fields import FieldKind
from claims.trusted_time import beijing_text
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.chips import Chip, Tone
from views.controls.labelled import Labelled
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.sentence_rows import Sentence, SentenceRows
from views.controls.typed_line import TypedLine
from views.presentation import Presentation
from views.sentences import capital

TITLE = Bilingual("日结", "Day-end")
DAY = Bilingual("清点哪一天", "Day to count")
COUNT = Bilingual("登记清点", "Record the count")
SHEET = Bilingual("打印日结单", "Print the sheet")
_HOW = Bilingual(
    "清点本站留存的单证：当天每个编号一张，作废的也算，当天印出的空白单证也算。",
    "Count the station's copies of the day: each number once, spoiled ones too, and the blank forms printed that day.",
)
_KIND, _RECORDED, _PRINTED, _COUNTED = (
    Bilingual("种类", "Kind"),
    Bilingual("应有", "On record"),
    Bilingual("已打印", "Printed"),
    Bilingual("清点", "Counted"),
)
_COUNT_OF = Bilingual("清点{kind}", "Counted: {kind}")
_DIFFERENCES = Bilingual("差异", "Differences")
_COUNT_FIRST = Bilingual("登记清点后才能打印", "record the count first")
_BUSY = Bilingual("请稍候", "one moment")
_AGREES, _DIFFERS, _OPEN = Bilingual("相符", "Agrees"), Bilingual("不符", "Differs"), Bilingual("未清点", "Not counted")


class DayEndPanel(Panel):
    """The panel.

    Signals:
        day_wanted: another day was asked for.
        count_wanted: what was counted, by kind, for the day shown.
        sheet_wanted: the sheet of the day shown is to be printed.
        refused: what was typed can't be right (``InputError``).
    """

    day_wanted = Signal(object)
    count_wanted = Signal(object)
    sheet_wanted = Signal()
    refused = Signal(object)

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, TITLE, parent=parent)
        self.shown: DayEnd | None = None
        self._today: date | None = None
        self._typed_for: date | None = None
        self.day = TypedLine(FieldKind.DATE, lambda: self._today)
        self.day.entered.connect(self._ask_day)
        self.day.left.connect(self._ask_day)
        self.chip = Chip(ui, _OPEN)
        if self.head is not None:
            self.head.addWidget(self.chip)
        self._top = QHBoxLayout()
        self._top.addWidget(Labelled(ui, DAY, self.day), 1)
        self._top.addWidget(Text(ui, _HOW, size="caption", colour="text2", wrap=True), 2)
        self.body.addLayout(self._top)
        self._grid = QGridLayout()
        for place, title in enumerate((_KIND, _RECORDED, _PRINTED, _COUNTED)):
            head = Text(ui, title, size="caption", colour="text2")
            if place:
                head.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(head, 0, place)
        self.fields: dict[PaperKind, TypedLine] = {}
        self._figures: dict[PaperKind, tuple[Text, Text, Text]] = {}
        for row, kind in enumerate(PaperKind, 1):
            self._add_kind(row, kind)
        for place in range(4):
            self._grid.setColumnStretch(place, 2 if place == 0 else 1)
        self.body.addLayout(self._grid)
        self.verdict = Text(ui, "", bold=True, wrap=True)
        self.body.addWidget(self.verdict)
        self.differences = SentenceRows(ui, _DIFFERENCES)
        self.body.addWidget(self.differences)
        self.count = ActionButton(ui, COUNT, role=ButtonRole.PRIMARY, icon="check", key="Ctrl+Return")
        self.count.clicked.connect(lambda _checked: self._count())
        self.sheet = ActionButton(ui, SHEET, icon="print")
        self.sheet.clicked.connect(lambda _checked: self.sheet_wanted.emit())
        self._buttons = QHBoxLayout()
        for button in (self.count, self.sheet):
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self.body.addLayout(self._buttons)
        self.tell()
        self.allow(busy=True)

    def show_day(self, found: DayEnd, today: date) -> None:
        """Show a day as it stands. What was typed stays as long as the day does."""
        self._today = today
        if self._typed_for != found.day:
            self._typed_for = found.day
            for field in self.fields.values():
                field.fill("")
        if not self.day.hasFocus() or self.shown is None:
            self.day.fill(found.day.isoformat())
        self.shown = found
        for each in found.kinds:
            name, recorded, printed = self._figures[each.kind]
            name.say(capital(each.name))
            recorded.say(str(each.recorded), colour="text" if each.recorded == each.printed else "red")
            printed.say(str(each.printed))
            if each.counted is not None and not self.fields[each.kind].text():
                self.fields[each.kind].fill(str(each.counted))
        self._say_result(found)
        self.allow(busy=False)

    def allow(self, *, busy: bool) -> None:
        """Turn the buttons on or off."""
        self.count.allow(not busy and self.shown is not None, _BUSY)
        counted = self.shown is not None and self.shown.counted_at is not None
        self.sheet.allow(counted and not busy, _BUSY if counted else _COUNT_FIRST)

    def counted(self) -> Mapping[PaperKind, int]:
        """Return what was typed, by kind; an empty field was not counted. Raises ``InputError`` (``count_unreadable``)."""
        found: dict[PaperKind, int] = {}
        for kind, field in self.fields.items():
            text = field.text().strip()
            if not text:
                continue
            if not (text.isascii() and text.isdigit() and len(text) <= 6):
                field.setFocus(Qt.FocusReason.OtherFocusReason)
                raise InputError(
                    "count_unreadable",
                    Bilingual(f"“{text[:20]}”不是张数。", f'"{text[:20]}" is not a count.'),
                    Bilingual(
                        "请填写清点到的张数，例如 12；一张也没有就填 0。",
                        "Enter how many there are, such as 12; 0 if there is none.",
                    ),
                )
            found[kind] = int(text)
        return found

    def tell(self) -> None:
        """Take measures again."""
        super().tell()
        if not hasattr(self, "_buttons"):
            return
        look = self._ui.look
        self.body.setSpacing(look.space("m"))
        self._top.setSpacing(look.space("l"))
        self._buttons.setSpacing(look.space("s"))
        self._grid.setHorizontalSpacing(look.space("l"))
        self._grid.setVerticalSpacing(look.space("xs"))
        for kind, field in self.fields.items():
            name = self._ui.say(Bilingual(self._figures[kind][0].full_text, self._figures[kind][0].full_text))
            field.setAccessibleName(
                self._ui.say(Bilingual(_COUNT_OF.zh.format(kind=name), _COUNT_OF.en.format(kind=name)))
            )

    def _add_kind(self, row: int, kind: PaperKind) -> None:
        name, recorded, printed = (Text(self._ui, "") for _ in range(3))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for figure in (recorded, printed):
            figure.setAlignment(right)
        field = TypedLine(FieldKind.NUMBER, lambda: None)
        field.setAlignment(right)
        field.entered.connect(lambda: self._after(kind))
        for place, widget in enumerate((name, recorded, printed, field)):
            self._grid.addWidget(widget, row, place)
        self._figures[kind] = (name, recorded, printed)
        self.fields[kind] = field

    def _after(self, kind: PaperKind) -> None:
        """Enter goes from field to field, and from the last to the button."""
        kinds = list(self.fields)
        place = kinds.index(kind) + 1
        target: QWidget = self.fields[kinds[place]] if place < len(kinds) else self.count
        target.setFocus(Qt.FocusReason.TabFocusReason)

    def _say_result(self, found: DayEnd) -> None:
        counted = found.counted_at is not None
        if not found.agrees:
            self.chip.say(_DIFFERS, tone=Tone.AMBER, icon="warn")
        elif counted:
            self.chip.say(_AGREES, tone=Tone.GOOD, icon="pass")
        else:
            self.chip.say(_OPEN, tone=Tone.PLAIN, icon="clock")
        at = "" if found.counted_at is None else beijing_text(found.counted_at)
        words = found.verdict
        if counted:
            words = Bilingual(f"{words.zh}（{at} 清点）", f"{words.en} (counted {at})")
        self.verdict.say(words, colour="text" if found.agrees else "amber")
        rows = tuple(_told(each) for each in found.differences)
        self.differences.show_rows(rows)
        self.differences.setVisible(bool(rows))
        self.tell()

    def _ask_day(self) -> None:
        self.day.tidy()
        if self.shown is not None and self.day.text() == self.shown.day.isoformat():
            return
        try:
            self.day_wanted.emit(read_date(self.day.text()))
        except InputError as error:
            self.refused.emit(error)

    def _count(self) -> None:
        try:
            counted = self.counted()
        except InputError as error:
            self.refused.emit(error)
            return
        self.count_wanted.emit(counted)


def _told(difference: Difference) -> Sentence:
    if difference.kind is DifferenceKind.BLANK_OUT:
        return Sentence("info", capital(difference.text))
    return Sentence("warn", capital(difference.text), "amber")
