"""Rows of a table that are typed by hand: questions and answers, a list of what is still needed. Each row is a small form.

Promise: there is always a row to type in; an empty row is no row unless it is needed; a row that is taken out takes nothing else with it. Checked as any form is:
in words, beside the field.

Source: docs/adr/0140.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from claims.form_fields import FactValue, FieldSpec, Form, Validated
from rules.bilingual import Bilingual
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.reading_order import read_in_order
from views.form_panel import FormPanel
from views.presentation import Presentation, Told

_ADD = Bilingual("加一行", "Add a row")
_REMOVE = Bilingual("删除第 {place} 行", "Remove row {place}")
_ROW = Bilingual("第 {place} 行", "Row {place}")


class _Row(QWidget, Told):
    """One row: its place, its fields, and the way to take it out."""

    removed = Signal()

    def __init__(self, ui: Presentation, form: Form, columns: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._ui = ui
        self._place = 1
        self._column = QVBoxLayout(self)
        self._head = QHBoxLayout()
        self._label = Text(ui, "", size="caption", colour="text2")
        self.form = FormPanel(ui, form, columns=columns)
        self.remove = ActionButton(ui, _REMOVE, role=ButtonRole.QUIET, icon="erase")
        self.remove.clicked.connect(lambda _checked: self.removed.emit())
        self._head.addWidget(self._label)
        self._head.addStretch(1)
        self._column.addLayout(self._head)
        self._column.addWidget(self.form)
        self._foot = QHBoxLayout()
        self._foot.addStretch(1)
        self._foot.addWidget(self.remove)
        self._column.addLayout(self._foot)
        self.tell()

    def stand(self, place: int, *, alone: bool) -> None:
        """Be the row at this place, from 1; the only one can't be taken out."""
        self._place = place
        self._label.say(_numbered(_ROW, place))
        self.remove.say(_numbered(_REMOVE, place))
        self.remove.setVisible(not alone)
        self.tell()

    def tell(self) -> None:
        """Measure again."""
        look = self._ui.look
        self._column.setContentsMargins(0, 0, 0, look.space("s"))
        self._column.setSpacing(look.space("xs"))
        self.setAccessibleName(self._ui.say(_numbered(_ROW, self._place)))


class RowsEditor(Panel):
    """The rows of one table. ``edited`` after every change by hand."""

    edited = Signal()

    def __init__(
        self,
        ui: Presentation,
        name: Bilingual,
        fields: Sequence[FieldSpec],
        *,
        least: int = 0,
        most: int = 20,
        columns: int = 2,
        parent: QWidget | None = None,
    ) -> None:
        """``least``, ``most``: how many rows are needed, and how many may be."""
        super().__init__(ui, name, dense=True, parent=parent)
        self._needed, self._least, self._most = least, max(1, least), most
        self._form, self._columns = Form(fields=tuple(fields)), columns
        self._rows: list[_Row] = []
        self._today: date | None = None
        self._below = QVBoxLayout()
        self.body.addLayout(self._below)
        self.add = ActionButton(ui, _ADD, icon="plus")
        self.add.clicked.connect(lambda _checked: self._add_row())
        foot = QHBoxLayout()
        foot.addWidget(self.add)
        foot.addStretch(1)
        self.body.addLayout(foot)
        self.fill(())

    def fill(self, rows: Sequence[Mapping[str, str]]) -> None:
        """Show these rows, raw texts by field; one empty row where there is none."""
        wanted = list(rows)[: self._most]
        wanted += [{}] * (self._least - len(wanted))
        while len(self._rows) < len(wanted):
            self._make()
        while len(self._rows) > len(wanted):
            self._drop(self._rows[-1])
        for row, raw in zip(self._rows, wanted, strict=True):
            row.form.fill(raw)
        self._settle()

    def append(self, rows: Sequence[Mapping[str, str]]) -> None:
        """Show these rows below those that are there."""
        for raw in rows[: max(0, self._most - len(self._rows))]:
            self._make().form.fill(raw)
        self._settle()

    def raw(self) -> tuple[dict[str, str], ...]:
        """Return the rows that hold something, as they stand."""
        return tuple(row.form.raw() for row in self._typed())

    def begin_checks(self, today: date) -> None:
        """Check by this date from now on, as one types."""
        self._today = today
        for row in self._rows:
            row.form.wrong_now(today)

    def check(self, today: date) -> tuple[dict[str, FactValue], ...] | None:
        """Check every row that holds something, and as many as are needed; mark what is wrong, and return their values; None where something is."""
        self._today = today
        checked = [row.form.check(today) for row in self._typed()]
        good = [dict(each.values) for each in checked if isinstance(each, Validated)]
        return tuple(good) if len(good) == len(checked) else None

    def show_problem(self, place: int, key: str, sentence: Bilingual) -> None:
        """Mark a field of a row (as ``check`` counts them, from 0) as wrong for a reason that its form can't know."""
        typed = self._typed()
        if place < len(typed) and key in typed[place].form.raw():
            typed[place].form.show_problem(key, sentence)

    def focus_problem(self) -> bool:
        """Give the first field with a problem the keyboard; return whether there is one."""
        return any(row.form.focus_problem() for row in self._rows)

    def forms(self) -> tuple[FormPanel, ...]:
        """The forms of the rows, from top to bottom."""
        return tuple(row.form for row in self._rows)

    def remover(self, place: int) -> ActionButton:
        """Return the button that takes the row at this place (from 0) out."""
        return self._rows[place].remove

    def tell(self) -> None:
        """Measure again."""
        super().tell()
        if hasattr(self, "_below"):
            self._below.setSpacing(self._ui.look.space("s"))

    # Rows

    def _typed(self) -> list[_Row]:
        """Return the rows that count: those that hold something; where they are too few, empty ones as well."""
        held = [row for row in self._rows if _holds(row.form.raw())]
        empty = [row for row in self._rows if row not in held][: max(0, self._needed - len(held))]
        return [row for row in self._rows if row in held or row in empty]

    def _make(self) -> _Row:
        row = _Row(self._ui, self._form, self._columns, self)
        row.form.edited.connect(lambda _key: self.edited.emit())
        row.form.finished.connect(lambda: self._after(row))
        row.removed.connect(lambda: self._remove(row))
        if self._today is not None:
            row.form.wrong_now(self._today)
        self._rows.append(row)
        self._below.addWidget(row)
        # At once, not in the next turn: it may be given the keyboard now.
        row.show()
        return row

    def _add_row(self) -> None:
        if len(self._rows) < self._most:
            row = self._make()
            self._settle()
            row.form.focus_first()

    def _after(self, row: _Row) -> None:
        """Enter in the last field of a row: the next row, a new one after the last that holds something."""
        place = self._rows.index(row)
        if place + 1 < len(self._rows):
            self._rows[place + 1].form.focus_first()
        elif _holds(row.form.raw()):
            self._add_row()
        else:
            self.add.setFocus(Qt.FocusReason.TabFocusReason)

    def _remove(self, row: _Row) -> None:
        place = self._rows.index(row)
        if len(self._rows) <= self._least:
            return
        self._drop(row)
        self._settle()
        self._rows[min(place, len(self._rows) - 1)].form.focus_first()
        self.edited.emit()

    def _drop(self, row: _Row) -> None:
        self._rows.remove(row)
        self._below.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _settle(self) -> None:
        for place, row in enumerate(self._rows, start=1):
            row.stand(place, alone=len(self._rows) <= self._least)
        self.add.setEnabled(len(self._rows) < self._most)
        read_in_order(self)


def _holds(raw: Mapping[str, str]) -> bool:
    return any(text.strip() for text in raw.values())


def _numbered(words: Bilingual, place: int) -> Bilingual:
    return Bilingual(words.zh.format(place=place), words.en.format(place=place))
