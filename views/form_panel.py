"""A form on the screen, made from its definition: labels above, help below, and what is wrong in words beside the field.

Promise: nothing that was typed is lost or changed in meaning; a field turns red only after it was left or checked, and stops being
red the moment it is right; problems stand where the help stood, so that one line of them moves nothing.

Words that are only texts (labels, help, problems) are painted by the form itself: a form of 25 fields is 25 widgets.

Source: notes/domain.md §6; docs/adr/0102.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec
from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from claims.form_definitions import validate
from claims.form_fields import Choice, FieldKind, FieldProblem, FieldSpec, Form, Validated
from rules.bilingual import Bilingual
from views.controls.choice_box import ChoiceBox
from views.controls.painting import paint_icon
from views.controls.segments import Segment, Segments
from views.controls.typed_line import TypedLine, TypedText
from views.look.look import Look
from views.presentation import Presentation, Told
from views.screens.case.facts import part_of

REQUIRED = Bilingual("必填", "required")
_YES = Segment("yes", Bilingual("是", "Yes"), "y")
_NO = Segment("no", Bilingual("否", "No"), "n")
_NOT_KNOWN = Segment("", Bilingual("不详", "Not known"), "u")
_FEW = 4
_LONG_TEXT = 200
_TEXT_HEIGHT = 68
_WRAP = Qt.TextFlag.TextWordWrap
# Any day will do to see which choice a text means.
_SOME_DAY = date(2000, 1, 1)

Editor = TypedLine | TypedText | Segments | ChoiceBox


@dataclass
class _Field:
    """One field on the screen."""

    spec: FieldSpec
    editor: Editor
    edited: bool = False
    judged: bool = False
    """Whether a problem may be shown: it was left after an edit, or everything was checked."""
    outside: Bilingual | None = None
    """What somebody else said is wrong: it stands until the field is edited."""
    problem: Bilingual | None = None
    warning: Bilingual | None = None
    label: QRect = field(default_factory=QRect)
    foot: QRect = field(default_factory=QRect)

    @property
    def wide(self) -> bool:
        """Whether it takes a row of its own."""
        return isinstance(self.editor, TypedText)


@dataclass(frozen=True)
class _Row:
    """One row of the form as laid out: its fields and the heights of its three parts."""

    fields: tuple[_Field, ...]
    column_width: int
    label: int
    editor: int
    foot: int


class FormPanel(QWidget, Told):
    """The fields of a form, or those of ``keys`` in that order, in columns that become fewer where they don't fit.

    Every method that takes or gives texts speaks of *raw* texts by field key, as ``claims.form_definitions.validate`` reads them.
    Enter goes to the next field; ``Ctrl+Return`` is left to the page. ``edited`` carries the key of a field changed by hand;
    ``finished`` is emitted by Enter in the last field.
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
        super().__init__(parent)
        self._ui, self._columns = ui, columns
        self._form = form if keys is None else _only(form, keys)
        self._today: date | None = None
        self._laid_out: dict[int, list[_Row]] = {}
        self._fields = {spec.key: _Field(spec, self._editor_of(spec)) for spec in self._form.fields}
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
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
        self._judge()

    def put(self, key: str, text: str) -> None:
        """Show one text, as if it had been typed: a value that was read from a paper. ``edited`` is emitted."""
        each = self._fields[key]
        self._put(each, text)
        each.edited = each.judged = True
        each.outside = None
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
            if each.problem is not None
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
        said = each.problem or each.warning
        return "" if said is None else self._ui.say(said)

    def editor(self, key: str) -> Editor:
        """Return the control of a field. Raises ``KeyError``."""
        return self._fields[key].editor

    def focus_first(self) -> None:
        """Give the first field the keyboard."""
        for each in self._fields.values():
            self._focus(each)
            return

    def focus_problem(self) -> bool:
        """Give the first field with a problem the keyboard; return whether there is one."""
        for each in self._fields.values():
            if each.problem is not None:
                self._focus(each)
                return True
        return False

    # Qt

    def tell(self) -> None:
        """Say every label, help and problem again, and measure anew."""
        look = self._ui.look
        self.setFont(look.font("caption"))
        for each in self._fields.values():
            self._name(each)
            if isinstance(each.editor, TypedLine):
                each.editor.setPlaceholderText(self._placeholder(each.spec))
            # Children are told by the presentation, in any order; measures must be right now.
            if isinstance(each.editor, Segments):
                each.editor.tell()
        self._arrange()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Words wrap."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """As high as the rows at this width."""
        return sum(row.label + row.editor + row.foot for row in self._rows(width))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A comfortable width for the columns."""
        look = self._ui.look
        width = look.px(300) * self._columns + look.space("l") * (self._columns - 1)
        return QSize(
            width, self.heightForWidth(self.width() if self.testAttribute(Qt.WidgetAttribute.WA_Resized) else width)
        )

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """One column's width; the height follows from the width."""
        width = self._ui.look.px(160)
        return QSize(width, self.heightForWidth(max(self.width(), width)))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Lay the rows out again."""
        super().resizeEvent(event)
        self._place()
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A click on a label goes to its field."""
        for each in self._fields.values():
            if each.label.contains(event.position().toPoint()):
                self._focus(each)
                return
        super().mousePressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw labels, the word for what is required, and help or problem below."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for each in self._fields.values():
            self._paint_label(painter, look, each)
            self._paint_foot(painter, look, each)

    # Making

    def _editor_of(self, spec: FieldSpec) -> Editor:
        editor = self._made(spec)
        editor.typed.connect(lambda key=spec.key: self._on_typed(key))
        editor.left.connect(lambda key=spec.key: self._on_left(key))
        editor.entered.connect(lambda key=spec.key: self._on_entered(key))
        return editor

    def _made(self, spec: FieldSpec) -> Editor:
        if spec.kind is FieldKind.YES_NO:
            known = (_YES, _NO) if spec.required or spec.default is not None else (_YES, _NO, _NOT_KNOWN)
            presumed = None if spec.default is None else "yes" if spec.default is True else "no"
            if _NOT_KNOWN in known:
                presumed = ""
            return Segments(self._ui, known, presumed=presumed, parent=self)
        if spec.kind is FieldKind.CHOICE:
            labels = {each.value: Bilingual(each.label.zh, _capital(each.label.en)) for each in spec.choices}
            if len(labels) <= _FEW:
                few = tuple(Segment(value, label) for value, label in labels.items())
                presumed = spec.default if isinstance(spec.default, str) else None
                return Segments(self._ui, few, presumed=presumed, parent=self)
            return ChoiceBox(self._ui, tuple(Choice(value, label) for value, label in labels.items()), parent=self)
        if spec.kind is FieldKind.TEXT and (spec.maximum or 0) > _LONG_TEXT:
            return TypedText(self)
        return TypedLine(spec.kind, lambda: self._today, future_allowed=spec.future_allowed, parent=self)

    def _placeholder(self, spec: FieldSpec) -> str:
        if spec.kind is FieldKind.AMOUNT and isinstance(spec.default, int):
            return f"{spec.default // 100:,}.{spec.default % 100:02d}"
        return ""

    def _put(self, each: _Field, text: str) -> None:
        """Show a text; words for yes, no and choices become their values."""
        if isinstance(each.editor, Segments | ChoiceBox) and text:
            text = _meant(self._form, each.spec, text)
        each.editor.fill(text)

    def _name(self, each: _Field) -> None:
        label = _capital(self._ui.say(each.spec.label))
        said = each.problem or each.warning or each.spec.help
        if isinstance(each.editor, Segments):
            each.editor.call(Bilingual(each.spec.label.zh, _capital(each.spec.label.en)))
        else:
            each.editor.setAccessibleName(label)
        required = self._ui.say(REQUIRED) if each.spec.required else ""
        described = " ".join(part for part in (required, self._ui.say(said)) if part)
        each.editor.setAccessibleDescription(described)
        if isinstance(each.editor, ChoiceBox):
            each.editor.line.setAccessibleName(label)
            each.editor.line.setAccessibleDescription(described)

    # What happens

    def _on_typed(self, key: str) -> None:
        each = self._fields[key]
        each.edited = True
        each.outside = None
        if isinstance(each.editor, Segments):
            each.judged = True
        if each.problem is not None and not each.judged:
            self._mark(each, None, None)
        self._judge()
        self.edited.emit(key)

    def _on_left(self, key: str) -> None:
        each = self._fields[key]
        if each.edited and not each.judged:
            each.judged = True
            self._judge()

    def _on_entered(self, key: str) -> None:
        self._on_left(key)
        keys = list(self._fields)
        following = keys[keys.index(key) + 1 :]
        for each in (self._fields[one] for one in following):
            if each.editor.isEnabled():
                self._focus(each)
                return
        self.finished.emit()

    def _focus(self, each: _Field) -> None:
        each.editor.setFocus(Qt.FocusReason.TabFocusReason)
        if isinstance(each.editor, TypedLine):
            each.editor.selectAll()
        self._into_view(each)

    def _into_view(self, each: _Field) -> None:
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
            warning = self._warning(each, raw[key], today) if each.judged and problem is None else None
            changed |= self._mark(each, _bare(each.spec, problem), _bare(each.spec, warning))
        if changed:
            self._arrange()

    def _warning(self, each: _Field, text: str, today: date) -> Bilingual | None:
        if each.spec.kind is not FieldKind.ACCOUNT or not text.strip():
            return None
        alone = validate(_only(self._form, (each.spec.key,)), {each.spec.key: text}, today)
        return alone.warnings[0].sentence if isinstance(alone, Validated) and alone.warnings else None

    def _mark(self, each: _Field, problem: Bilingual | None, warning: Bilingual | None) -> bool:
        if (problem, warning) == (each.problem, each.warning):
            return False
        was_wrong = each.problem is not None
        each.problem, each.warning = problem, warning
        if was_wrong != (problem is not None):
            if isinstance(each.editor, Segments):
                each.editor.set_wrong(problem is not None)
            else:
                each.editor.setProperty("wrong", problem is not None)
                each.editor.style().unpolish(each.editor)
                each.editor.style().polish(each.editor)
        self._name(each)
        return True

    # Where everything stands

    def _rows(self, width: int) -> list[_Row]:
        """Return the rows at a width; layouts ask many times between two changes."""
        found = self._laid_out.get(width)
        if found is None:
            found = self._laid_out[width] = self._lay_out(width)
        return found

    def _lay_out(self, width: int) -> list[_Row]:
        look = self._ui.look
        gap = look.space("l")
        columns = max(1, min(self._columns, (width + gap) // (look.px(200) + gap)))
        column_width = (width - gap * (columns - 1)) // columns
        caption = QFontMetrics(look.font("caption"))
        line = look.line_height("caption")
        rows: list[_Row] = []
        in_rows = list(_in_rows(self._fields.values(), columns))
        for fields in in_rows:
            one = width if fields[0].wide else column_width
            label = max(
                self._lines(caption, self._label(each), one - self._required_width(caption, each)) for each in fields
            )
            said = fields is not in_rows[-1] or any(self._says(each) for each in fields)
            foot = max(self._foot_lines(caption, each, one) for each in fields) if said else 0
            editor = look.px(_TEXT_HEIGHT) if fields[0].wide else look.height("control")
            rows.append(
                _Row(fields, one, label * line + look.px(2), editor, foot * line + (look.space("xs") if said else 0))
            )
        return rows

    def _place(self) -> None:
        look = self._ui.look
        gap = look.space("l")
        top = 0
        for row in self._rows(self.width()):
            for place, each in enumerate(row.fields):
                x = place * (row.column_width + gap)
                each.label = QRect(x, top, row.column_width, row.label)
                each.editor.setGeometry(x, top + row.label, row.column_width, row.editor)
                each.foot = QRect(x, top + row.label + row.editor, row.column_width, row.foot)
            top += row.label + row.editor + row.foot
        self.update()

    def _arrange(self) -> None:
        self._laid_out.clear()
        self._place()
        self.updateGeometry()

    def _lines(self, metrics: QFontMetrics, text: str, width: int) -> int:
        if not text:
            return 1
        box = metrics.boundingRect(QRect(0, 0, max(1, width), 10_000), int(_WRAP), text)
        return max(1, round(box.height() / metrics.lineSpacing()))

    def _says(self, each: _Field) -> bool:
        return bool(self._ui.say(each.problem or each.warning or each.spec.help))

    def _foot_lines(self, metrics: QFontMetrics, each: _Field, width: int) -> int:
        said = each.problem or each.warning
        indent = 0 if said is None else self._ui.look.px(16 + 5)
        return self._lines(metrics, self._ui.say(said or each.spec.help), width - indent)

    def _required_width(self, metrics: QFontMetrics, each: _Field) -> int:
        if not each.spec.required:
            return 0
        return metrics.horizontalAdvance(self._ui.say(REQUIRED)) + self._ui.look.space("s")

    def _label(self, each: _Field) -> str:
        return _capital(self._ui.say(each.spec.label))

    def _paint_label(self, painter: QPainter, look: Look, each: _Field) -> None:
        painter.setFont(look.font("caption"))
        painter.setPen(look.qcolor("text2" if each.editor.isEnabled() else "disabled_text"))
        metrics = QFontMetrics(painter.font())
        side = self._required_width(metrics, each)
        _draw_lines(painter, look, each.label.adjusted(0, 0, -side, 0), self._label(each), bottom=True)
        if each.spec.required:
            painter.setPen(look.qcolor("text3"))
            _draw_lines(painter, look, each.label, self._ui.say(REQUIRED), right=True, bottom=True)

    def _paint_foot(self, painter: QPainter, look: Look, each: _Field) -> None:
        said = each.problem or each.warning
        if said is None:
            painter.setPen(look.qcolor("text3"))
            _draw_lines(painter, look, each.foot, self._ui.say(each.spec.help))
            return
        icon, colour = ("refused", "red") if each.problem is not None else ("warn", "amber")
        paint_icon(painter, look, icon, colour, 16, each.foot.x(), each.foot.y() + look.line_height("caption") // 2 + 1)
        painter.setPen(look.qcolor(colour))
        _draw_lines(painter, look, each.foot.adjusted(look.px(16 + 5), 0, 0, 0), self._ui.say(said))


def _draw_lines(
    painter: QPainter, look: Look, rect: QRect, text: str, *, right: bool = False, bottom: bool = False
) -> None:
    """Draw wrapped lines at the line height of captions: Qt's own spacing is the font's."""
    if not text:
        return
    painter.setFont(look.font("caption"))
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    level = Qt.AlignmentFlag.AlignBottom if bottom else Qt.AlignmentFlag.AlignTop
    painter.drawText(rect, int(side | level | _WRAP), text)


def _in_rows(fields: Iterable[_Field], columns: int) -> Iterator[tuple[_Field, ...]]:
    """Yield the fields of each row, in reading order."""
    row: list[_Field] = []
    for each in fields:
        if each.wide or len(row) == columns:
            if row:
                yield tuple(row)
            row = []
        if each.wide:
            yield (each,)
        else:
            row.append(each)
    if row:
        yield tuple(row)


def _only(form: Form, keys: Sequence[str]) -> Form:
    """Return the form of these fields, in this order. Raises ``KeyError`` for a key the form doesn't have."""
    wanted = frozenset(keys)
    part = part_of(form, wanted.__contains__)
    return msgspec.structs.replace(part, fields=tuple(form.field(key) for key in keys))


def _meant(form: Form, spec: FieldSpec, text: str) -> str:
    """Return the value of the choice that a text means, the text itself where it means none."""
    read = validate(
        msgspec.structs.replace(form, fields=(spec,), relations=(), constants={}), {spec.key: text}, _SOME_DAY
    )
    if not isinstance(read, Validated):
        return text
    value = read.values.get(spec.key)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _bare(spec: FieldSpec, sentence: Bilingual | None) -> Bilingual | None:
    """Return a sentence without the label in front of it: it stands beside the field."""
    if sentence is None:
        return None
    return Bilingual(
        sentence.zh.removeprefix(f"{spec.label.zh}："), _capital(sentence.en.removeprefix(f"{spec.label.en}: "))
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
