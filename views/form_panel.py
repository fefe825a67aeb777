"""A form on the screen, made from its definition: labels above, help below, and what is wrong in words beside the field.

Promise: nothing that was typed is lost or changed in meaning; a field turns red only after it was left or checked, and stops being
red the moment it is right; problems stand where the help stood, so that one line of them moves nothing. A field that another answer
makes pointless is not shown; what was typed in it comes back with it.

Source: notes/domain.md §6; docs/adr/0102.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from claims.form_definitions import validate
from claims.form_fields import FieldProblem, FieldSpec, Form, Validated
from claims.form_validation import asked_fields
from rules.bilingual import Bilingual
from views.controls.choice_box import ChoiceBox
from views.controls.segments import Segments
from views.controls.typed_line import TypedLine, TypedText
from views.controls.wrapped import Wrapped
from views.form_editors import Editor, make_editor, mark_editor, name_editor, retell_editor
from views.form_layout import FormField, FormLayout
from views.form_parts import account_warning, meant_value, only_fields, without_label
from views.presentation import Presentation, Told


class FormPanel(Wrapped, Told):
    """The fields of a form, or those of ``keys`` in that order, in columns that become fewer where they don't fit.

    Every method that takes or gives texts speaks of *raw* texts by field key, as ``claims.form_definitions.validate`` reads them.
    Enter goes to the next field, a new line in a long text; ``Ctrl+Return`` is left to the page. ``edited`` carries the key of a field
    changed by hand; ``finished`` is emitted by Enter in the last field, and by ``Ctrl+Return`` in a long text where the page has no use for it.
    """

    edited = Signal(str)
    finished = Signal()

    def __init__(
        self,
        ui: Presentation,
        form: Form,
        *,
        keys: Sequence[str] | None = None,
        columns: int = 1,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(ui, parent)
        self._form = form if keys is None else only_fields(form, keys)
        self._today: date | None = None
        self._fields = {spec.key: FormField(spec, self._editor_of(spec)) for spec in self._form.fields}
        self._layout = FormLayout(ui, self._fields.values(), columns)
        # The fields whose answers decide which others are asked for.
        self._deciding = {spec.only_for[0] for spec in self._form.fields if spec.only_for} & self._fields.keys()
        self._show_asked()
        self.tell()

    @property
    def form(self) -> Form:
        """The part of the form that is shown."""
        return self._form

    def raw(self) -> dict[str, str]:
        """Return the texts as they stand, empty ones too."""
        return {key: each.editor.raw() for key, each in self._fields.items()}

    def fill(self, raw: Mapping[str, str]) -> None:
        """Show these texts; fields that are not named become empty. Other keys are none of this form's business."""
        for key, each in self._fields.items():
            each.edited = each.judged = False
            each.outside = None
            self._put(each, raw.get(key, ""))
        if self._show_asked():
            self._arrange()
        self._judge()

    def put(self, key: str, text: str) -> None:
        """Show one text, as if it had been typed: a value that was read from a paper. ``edited`` is emitted."""
        each = self._fields[key]
        self._put(each, text)
        each.edited = each.judged = True
        each.outside = None
        if key in self._deciding and self._show_asked():
            self._arrange()
        self._judge()
        self.edited.emit(key)

    def check(self, today: date) -> Validated | tuple[FieldProblem, ...]:
        """Check everything, mark every problem beside its field, and return what ``validate`` returns.

        Args:
            today: the Beijing date of the trusted time.
        """
        self._today = today
        for each in self._fields.values():
            each.editor.tidy()
            each.judged = True
        self._judge()
        return validate(self._form, self.raw(), today)

    def wrong_now(self, today: date) -> tuple[FieldProblem, ...]:
        """Check by this date from now on, as one types; return the problems that are shown now."""
        self._today = today
        self._judge()
        return tuple(
            FieldProblem(key=key, code="shown", sentence=each.problem)
            for key, each in self._fields.items()
            if each.problem is not None and each.shown
        )

    def show_problem(self, key: str, sentence: Bilingual) -> None:
        """Mark a field as wrong for a reason that the form itself can't know; it goes with the next edit of the field."""
        each = self._fields[key]
        each.outside = sentence
        self._mark(each, sentence, None)
        self._arrange()

    def shown_problem(self, key: str) -> str:
        """Return what is shown as wrong (or to be looked at again) beside a field, an empty text for nothing."""
        each = self._fields[key]
        return "" if each.flaw is None else self._ui.say(each.flaw)

    def editor(self, key: str) -> Editor:
        """Return the control of a field. Raises ``KeyError``."""
        return self._fields[key].editor

    def focus_first(self) -> None:
        """Give the first field the keyboard."""
        for each in self._fields.values():
            if each.shown:
                self._focus(each)
                return

    def focus_problem(self) -> bool:
        """Give the first field with a problem the keyboard; return whether there is one."""
        for each in self._fields.values():
            if each.problem is not None and each.shown:
                self._focus(each)
                return True
        return False

    # Qt

    def tell(self) -> None:
        """Say every label, help and problem again, and measure anew."""
        look = self._ui.look
        self.setFont(look.font("caption"))
        for each in self._fields.values():
            name_editor(self._ui, each.spec, each.editor, each.said)
            retell_editor(each.spec, each.editor)
        self._arrange()

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """As high as the rows at this width."""
        return self._layout.height(width)

    def usual_width(self) -> int:
        """A comfortable width for the columns."""
        return self._layout.comfortable_width

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Lay the rows out again."""
        super().resizeEvent(event)
        self._place()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A click on a label goes to its field."""
        for each in self._fields.values():
            if each.label.contains(event.position().toPoint()):
                self._focus(each)
                return
        super().mousePressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw labels, the word for what is required, and help or problem below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._layout.paint(painter)

    # Making

    def _editor_of(self, spec: FieldSpec) -> Editor:
        editor = make_editor(self._ui, spec, lambda: self._today, self)
        editor.typed.connect(lambda key=spec.key: self._on_typed(key))
        editor.left.connect(lambda key=spec.key: self._on_left(key))
        editor.entered.connect(lambda key=spec.key: self._on_entered(key))
        return editor

    def _put(self, each: FormField, text: str) -> None:
        """Show a text; words for yes, no and choices become their values."""
        if isinstance(each.editor, Segments | ChoiceBox) and text:
            text = meant_value(self._form, each.spec, text)
        each.editor.fill(text)
        self._tell_room(each)

    def _tell_room(self, each: FormField) -> None:
        if each.tell_room():
            name_editor(self._ui, each.spec, each.editor, each.said)
            self._arrange()

    def _show_asked(self) -> bool:
        """Show the fields that are asked for with the answers as they stand; return whether others are shown than before."""
        asked = asked_fields(self._form, {key: self._fields[key].editor.raw() for key in self._deciding})
        changed = [each for key, each in self._fields.items() if each.shown != (key in asked)]
        for each in changed:
            each.shown = not each.shown
            each.editor.setVisible(each.shown)
        return bool(changed)

    # What happens

    def _on_typed(self, key: str) -> None:
        each = self._fields[key]
        each.edited = True
        each.outside = None
        if isinstance(each.editor, Segments):
            each.judged = True
        if key in self._deciding and self._show_asked():
            self._arrange()
        if each.problem is not None and not each.judged:
            self._mark(each, None, None)
        self._judge()
        self._tell_room(each)
        self.edited.emit(key)

    def _on_left(self, key: str) -> None:
        each = self._fields[key]
        if each.edited and not each.judged:
            each.judged = True
            self._judge()

    def _on_entered(self, key: str) -> None:
        self._on_left(key)
        keys = list(self._fields)
        following = [] if isinstance(self._fields[key].editor, TypedText) else keys[keys.index(key) + 1 :]
        for each in (self._fields[one] for one in following):
            if each.shown and each.editor.isEnabled():
                self._focus(each)
                return
        self.finished.emit()

    def _focus(self, each: FormField) -> None:
        each.editor.setFocus(Qt.FocusReason.TabFocusReason)
        if isinstance(each.editor, TypedLine):
            each.editor.selectAll()
        self._into_view(each)

    def _into_view(self, each: FormField) -> None:
        above: QWidget | None = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        held = None if above is None else above.widget()
        if above is None or held is None:
            return
        area = each.label.united(each.editor.geometry()).united(each.foot)
        corner = self.mapTo(held, QPoint(area.center().x(), area.bottom()))
        above.ensureVisible(
            corner.x(), corner.y() - area.height() // 2, 0, area.height() // 2 + self._ui.look.space("s")
        )

    def _judge(self) -> None:
        """Mark what is wrong of what may be judged; without a date nothing is judged."""
        today = self._today
        if today is None:
            for each in self._fields.values():
                self._mark(each, each.outside, None)
            return
        raw = self.raw()
        found = validate(self._form, raw, today)
        problems = {} if isinstance(found, Validated) else {one.key: one.sentence for one in reversed(found)}
        changed = False
        for key, each in self._fields.items():
            problem = each.outside or (problems.get(key) if each.judged else None)
            warning = None
            if each.judged and problem is None:
                warning = account_warning(self._form, each.spec, raw[key], today)
            changed |= self._mark(each, without_label(each.spec, problem), without_label(each.spec, warning))
        if changed:
            self._arrange()

    def _mark(self, each: FormField, problem: Bilingual | None, warning: Bilingual | None) -> bool:
        if (problem, warning) == (each.problem, each.warning):
            return False
        was_wrong = each.problem is not None
        each.problem, each.warning = problem, warning
        if was_wrong != (problem is not None):
            mark_editor(each.editor, wrong=problem is not None)
        name_editor(self._ui, each.spec, each.editor, each.said)
        return True

    def _place(self) -> None:
        self._layout.place(self.width())
        self.update()

    def _arrange(self) -> None:
        self._layout.forget()
        self._place()
        self.updateGeometry()
