"""Registers on the Paper screen: which one, from which day to which, saved as a workbook or as text.

Promise: what is saved is what the store holds at that moment; how many rows there are is said before anybody opens the file, and that it is
not encrypted before anybody carries it away.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from claims.calendar_dates import read_date
from claims.errors import Bilingual, InputError, OutpostError
from claims.form_fields import Choice, FieldKind
from claims.papers import Language
from claims.register_columns import REGISTER_NAMES, RegisterKind
from claims.registers import Register, RegisterFormat
from views.controls.buttons import ActionButton
from views.controls.choice_box import ChoiceBox
from views.controls.labelled import Labelled
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.typed_line import TypedLine
from views.file_saving import FileKind, FileSaving
from views.lanes import Lane
from views.workplace import Workplace

TITLE = Bilingual("登记簿", "Registers")
KIND = Bilingual("哪一本登记簿", "Which register")
FIRST = Bilingual("登记簿起日", "First day")
LAST = Bilingual("登记簿止日", "Last day")
EXCEL = Bilingual("存成 Excel", "Save as Excel")
CSV = Bilingual("存成 CSV", "Save as CSV")
_PLAIN = Bilingual(
    "存出的文件含客户姓名和金额，没有加密，请只存到公司的优盘或电脑。",
    "The file holds names and sums and is not encrypted: keep it on the company's sticks and computers.",
)
_SAVED = Bilingual("已存成 {file}，共 {rows} 行。", "{file} is saved: {rows} rows.")
_NOT_SAVED = Bilingual("没有存。", "Nothing was saved.")
_KINDS = {
    RegisterFormat.EXCEL: FileKind(Bilingual("Excel 工作簿", "Excel workbook"), RegisterFormat.EXCEL.value),
    RegisterFormat.CSV: FileKind(Bilingual("CSV 文本", "CSV text"), RegisterFormat.CSV.value),
}


class RegistersPanel(Panel):
    """The panel. ``saving`` may be given to save without Qt's dialog."""

    def __init__(self, work: Workplace, parent: QWidget | None = None, *, saving: FileSaving | None = None) -> None:
        super().__init__(work.ui, TITLE, parent=parent)
        self._work = work
        self._saving = saving or FileSaving(work.ui, work.tasks, parent=self)
        self._today: date | None = None
        self._busy = False
        ui = work.ui
        self.kind = ChoiceBox(ui, tuple(Choice(each.value, REGISTER_NAMES[each]) for each in RegisterKind))
        self.kind.fill(RegisterKind.VOUCHERS.value)
        self.first = TypedLine(FieldKind.DATE, lambda: self._today)
        self.last = TypedLine(FieldKind.DATE, lambda: self._today)
        self.body.addWidget(Labelled(ui, KIND, self.kind))
        self._days, self._buttons = QHBoxLayout(), QHBoxLayout()
        self._days.addWidget(Labelled(ui, FIRST, self.first), 1)
        self._days.addWidget(Labelled(ui, LAST, self.last), 1)
        self.body.addLayout(self._days)
        self.excel = ActionButton(ui, EXCEL, icon="save")
        self.csv = ActionButton(ui, CSV, icon="save")
        for button, form in ((self.excel, RegisterFormat.EXCEL), (self.csv, RegisterFormat.CSV)):
            button.clicked.connect(lambda _checked, form=form: self.save(form))
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self.body.addLayout(self._buttons)
        self.said = Text(ui, _PLAIN, size="caption", colour="text2", wrap=True)
        self.body.addWidget(self.said)
        self.tell()

    def show_today(self, today: date) -> None:
        """Know the day; untouched days become today."""
        before = "" if self._today is None else self._today.isoformat()
        self._today = today
        for line in (self.first, self.last):
            if line.text() in ("", before):
                line.fill(today.isoformat())

    def save(self, form: RegisterFormat) -> None:
        """Make the register, ask where, and save it."""
        if self._busy or self._saving.busy:
            return
        try:
            kind, first, last = self._asked()
        except InputError as error:
            self._work.problems.show_error(error)
            return
        self._busy = True
        language = Language(self._work.ui.words.code)
        desk, tasks = self._work.desk, self._work.tasks
        for code in ("register_days", "register_kind", "date_missing", "date_pattern", "date_impossible"):
            self._work.problems.dismiss(code)

        def made(register: Register) -> None:
            # The store is free again while the file is made.
            tasks.run(
                lambda: desk.register_file(register, form, language),
                lambda content: self._ask_where(register, form, content),
                owner=self,
                failed=self._failed,
                lane=Lane.PAGE,
            )

        tasks.run(lambda: desk.register(kind, first, last), made, owner=self, failed=self._failed)

    def tell(self) -> None:
        """Take measures again."""
        super().tell()
        look = self._ui.look
        self.body.setSpacing(look.space("m"))
        # The panel tells itself once before it has rows.
        for row in (getattr(self, "_days", None), getattr(self, "_buttons", None)):
            if row is not None:
                row.setSpacing(look.space("s"))

    def _asked(self) -> tuple[RegisterKind, date, date]:
        raw = self.kind.raw()
        known = next((each for each in RegisterKind if each.value == raw), None)
        if known is None:
            self.kind.setFocus(Qt.FocusReason.OtherFocusReason)
            raise InputError(
                "register_kind",
                Bilingual(f"没有名为“{raw[:40]}”的登记簿。", f'There is no register "{raw[:40]}".'),
                Bilingual("请从列表里选一本。", "Choose one from the list."),
            )
        return known, self._day(self.first), self._day(self.last)

    def _day(self, line: TypedLine) -> date:
        line.tidy()
        try:
            return read_date(line.text())
        except InputError:
            line.setFocus(Qt.FocusReason.OtherFocusReason)
            raise

    def _ask_where(self, register: Register, form: RegisterFormat, content: bytes) -> None:
        rows = len(register.rows)

        def saved(path: Path) -> None:
            self._busy = False
            for code in ("save_full", "save_refused", "save_gone", "save_failed"):
                self._work.problems.dismiss(code)
            self.said.say(
                Bilingual(
                    _SAVED.zh.format(file=path.name, rows=rows) + _PLAIN.zh,
                    f"{_SAVED.en.format(file=path.name, rows=rows)} {_PLAIN.en}",
                ),
                colour="text",
            )

        def not_saved(error: OutpostError | None) -> None:
            self._busy = False
            self.said.say(Bilingual(_NOT_SAVED.zh + _PLAIN.zh, f"{_NOT_SAVED.en} {_PLAIN.en}"), colour="text2")
            if error is not None:
                self._work.problems.show_error(error, retry=lambda: self._ask_where(register, form, content))

        self._saving.save(content, register.file_name, _KINDS[form], self.window(), then=saved, not_done=not_saved)

    def _failed(self, error: OutpostError) -> None:
        self._busy = False
        self._work.problems.show_error(error)
