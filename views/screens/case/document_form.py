"""What must be typed before a paper is issued: its form, its tables by hand, and beside them what will be printed anyway.

Promise: the form asks exactly what the paper prints; what is wrong is said in words beside the field while one types; what was typed is kept
as a draft until the paper has its number. Source: docs/adr/0102, 0140.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from claims.document_types import Entered, PaperForm, ShownTable
from claims.form_fields import FieldProblem, Form, Validated
from claims.papers import Printed
from rules.bilingual import Bilingual
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.reading_order import read_in_order
from views.controls.scroll_area import bare_scroll
from views.controls.turning_box import turn_box
from views.fact_words import value_words
from views.form_panel import FormPanel
from views.lanes import Lane
from views.presentation import Presentation, Told
from views.rows_editor import RowsEditor
from views.screens.case.begun_facts import raw_of
from views.sentences import capital
from views.tasks import Tasks

_FIELDS = Bilingual("要填的", "To fill in")
_SHOWN = Bilingual("还会印上", "Also printed")
_NOTHING = Bilingual(
    "没有要填的：纸上的内容都来自案件和理算结果。",
    "There is nothing to fill in: all of it comes from the case and its results.",
)
_NARROW, _SIDE = 700, 240
_ROWS_A_TURN = 2
_IN_ROW = re.compile(r"(?P<table>[^\[]+)\[(?P<place>\d+)\]\.(?P<key>.+)")
"""How a field of a row is named in a problem: ``table[place].field``."""


class DocumentDraft(msgspec.Struct, frozen=True):
    """What was typed for a paper that has no number yet: raw texts by field, and the rows of its tables."""

    fields: dict[str, str] = {}
    rows: dict[str, tuple[dict[str, str], ...]] = {}


def begun_draft(form: PaperForm) -> DocumentDraft:
    """Return what stands in a form before anybody typed: what is known already."""
    rows = {
        each.key: tuple(raw_of(Form(fields=each.fields), row) for row in each.rows) for each in form.rows if each.rows
    }
    return DocumentDraft(raw_of(Form(fields=form.fields), form.values), rows)


class DocumentForm(QWidget, Told):
    """The view. A form of forty fields takes longer to make than a window may be deaf: it is made part by part, a turn each.

    Signals:
        edited: after every change by hand.
        finished: by Enter in the last field.
        completed: every part is there (``complete``).
    """

    edited = Signal()
    finished = Signal()
    completed = Signal()

    def __init__(self, ui: Presentation, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._tasks = ui, tasks
        self.form: FormPanel | None = None
        self.rows: dict[str, RowsEditor] = {}
        self.complete = False
        self._parts: Iterator[None] = iter(())
        self._inside: QWidget | None = None
        self._sides: QBoxLayout | None = None
        self._scroll = bare_scroll(None, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)
        self.tell()

    def show_form(self, form: PaperForm, draft: DocumentDraft | None, today: date) -> None:
        """Show a form, with what was typed before or else what is known; ``completed`` says when all of it is there."""
        self.clear()
        self._parts = self._make(form, begun_draft(form) if draft is None else draft, today)
        self._next_part(self._parts)

    def _next_part(self, parts: Iterator[None]) -> None:
        if parts is not self._parts:
            # Another form, or none, is shown by now.
            return
        try:
            next(parts)
        except StopIteration:
            self.complete = True
            read_in_order(self)
            self.tell()
            self.completed.emit()
            return
        self._tasks.run(lambda: None, lambda _none: self._next_part(parts), owner=self, lane=Lane.PAGE)

    def _make(self, form: PaperForm, begun: DocumentDraft, today: date) -> Iterator[None]:
        """Make the parts; each ``yield`` lets the window work."""
        ui = self._ui
        inside = self._inside = QWidget()
        sides = self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight, inside)
        sides.setContentsMargins(0, 0, 0, 0)
        left = QVBoxLayout()
        # Before anything is shown in it: a widget without a parent would be a window of its own.
        sides.addLayout(left, 1)
        inside.setObjectName("scrolled")
        self._scroll.setWidget(inside)
        # What is put into an area that is on the screen stays hidden without it.
        inside.show()
        yield
        if form.fields or not form.rows:
            left.addWidget(self._fields_panel(form, begun, today))
        yield
        if form.shown or form.tables:
            sides.addLayout(self._shown(form))
        for each in form.rows:
            typed = begun.rows.get(each.key, ())
            editor = RowsEditor(ui, capital(each.label), each.fields, least=each.least, most=each.most)
            editor.fill(typed[:_ROWS_A_TURN])
            editor.begin_checks(today)
            left.addWidget(editor)
            for start in range(_ROWS_A_TURN, len(typed), _ROWS_A_TURN):
                yield
                editor.append(typed[start : start + _ROWS_A_TURN])
            editor.edited.connect(self.edited)
            self.rows[each.key] = editor
            yield
        left.addStretch(1)

    def _fields_panel(self, form: PaperForm, begun: DocumentDraft, today: date) -> Panel:
        panel = Panel(self._ui, _FIELDS, dense=True)
        if form.fields:
            self.form = FormPanel(self._ui, Form(fields=form.fields, relations=form.relations), columns=2)
            self.form.fill(begun.fields)
            self.form.wrong_now(today)
            self.form.edited.connect(lambda _key: self.edited.emit())
            self.form.finished.connect(self._after_fields)
            panel.body.addWidget(self.form)
        else:
            panel.body.addWidget(Text(self._ui, _NOTHING, wrap=True, colour="text2"))
        panel.body.addStretch(1)
        return panel

    def clear(self) -> None:
        """Hold no form any more."""
        self.form, self.rows, self._inside, self._sides = None, {}, None, None
        self.complete, self._parts = False, iter(())
        self._scroll.setWidget(QWidget())

    def draft(self) -> DocumentDraft:
        """Return what is typed now."""
        fields = {} if self.form is None else {key: text for key, text in self.form.raw().items() if text.strip()}
        return DocumentDraft(fields, {key: each.raw() for key, each in self.rows.items() if each.raw()})

    def entered(self, today: date) -> Entered | None:
        """Check everything; return it, None where something is wrong: the first problem then has the keyboard."""
        checked = None if self.form is None else self.form.check(today)
        rows = {key: each.check(today) for key, each in self.rows.items()}
        right = self.form is None or isinstance(checked, Validated)
        if not right or any(each is None for each in rows.values()):
            if right or self.form is None or not self.form.focus_problem():
                any(each.focus_problem() for each in self.rows.values())
            return None
        values = dict(checked.values) if isinstance(checked, Validated) else {}
        return Entered(values, {key: each for key, each in rows.items() if each is not None})

    def show_problems(self, problems: Sequence[FieldProblem]) -> None:
        """Mark what the desk found wrong; the first such field has the keyboard."""
        for each in problems:
            in_row = _IN_ROW.fullmatch(each.key)
            if in_row is not None and in_row["table"] in self.rows:
                self.rows[in_row["table"]].show_problem(int(in_row["place"]), in_row["key"], each.sentence)
            elif self.form is not None and each.key in self.form.raw():
                self.form.show_problem(each.key, each.sentence)
        if self.form is None or not self.form.focus_problem():
            any(each.focus_problem() for each in self.rows.values())

    def first_focus(self) -> QWidget:
        """Return the first field."""
        now = self.nextInFocusChain()
        while now is not None and now is not self:
            if self.isAncestorOf(now) and now.focusPolicy() & Qt.FocusPolicy.TabFocus and now.isVisibleTo(self):
                return now
            now = now.nextInFocusChain()
        return self

    def tell(self) -> None:
        """Measure again."""
        look = self._ui.look
        if self._sides is not None:
            gap = look.space("gap_case_panels")
            self._sides.setSpacing(gap)
            for place in range(self._sides.count()):
                item = self._sides.itemAt(place)
                inner = None if item is None else item.layout()
                if inner is not None:
                    inner.setSpacing(gap)
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Two columns where there is room."""
        super().resizeEvent(event)
        self._lay_out()

    def _shown(self, form: PaperForm) -> QVBoxLayout:
        side = QVBoxLayout()
        self._side = Panel(self._ui, _SHOWN, dense=True)
        for shown in form.shown:
            self._show_fact(shown.field.label, value_words(shown.field, shown.value))
        for table in form.tables:
            for row in table.rows:
                self._show_fact(*_row_words(table, row))
        self._side.body.addStretch(1)
        side.addWidget(self._side)
        side.addStretch(1)
        return side

    def _show_fact(self, name: Bilingual, value: Bilingual) -> None:
        """The name above its value: neither is ever cut."""
        ui, body = self._ui, self._side.body
        if body.count():
            body.addSpacing(ui.look.space("s"))
        body.addWidget(Text(ui, capital(name), size="caption", colour="text2", wrap=True))
        body.addWidget(Text(ui, value, wrap=True))

    def _after_fields(self) -> None:
        """Enter in the last field goes on to the tables."""
        first = next(iter(self.rows.values()), None)
        if first is None:
            self.finished.emit()
        else:
            first.forms()[0].focus_first()

    def _lay_out(self) -> None:
        sides = self._sides
        if sides is None:
            return
        narrow = self.width() < self._ui.look.px(_NARROW)
        turn_box(sides, narrow=narrow)
        if sides.count() > 1:
            self._side.setMinimumWidth(0 if narrow else self._ui.look.px(_SIDE))
            self._side.setMaximumWidth(16_777_215 if narrow else self._ui.look.px(_SIDE))


def _row_words(table: ShownTable, row: Mapping[str, Printed]) -> tuple[Bilingual, Bilingual]:
    """Return a row as a name and the rest of it."""
    said = [value_words(column, row[column.key]) for column in table.columns if column.key in row]
    if not said:
        return Bilingual("", ""), Bilingual("", "")
    rest = Bilingual("，".join(each.zh for each in said[1:]), ", ".join(each.en for each in said[1:]))
    return said[0], rest
