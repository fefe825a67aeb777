"""The control of one field of a form: made by the kind of the field, named for screen readers, marked where it is wrong.

Promise: a choice of few short words is a row of segments, any other a box that is searched; what is presumed is shown as such, not typed in.

Source: notes/domain.md §6; docs/adr/0102.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtWidgets import QWidget

from claims.form_fields import Choice, FieldKind, FieldSpec
from rules.bilingual import Bilingual
from views.controls.choice_box import ChoiceBox
from views.controls.segments import Segment, Segments
from views.controls.typed_line import TypedLine, TypedText
from views.presentation import Presentation
from views.sentences import capital

REQUIRED = Bilingual("必填", "required")
_YES = Segment("yes", Bilingual("是", "Yes"), "y")
_NO = Segment("no", Bilingual("否", "No"), "n")
_NOT_KNOWN = Segment("", Bilingual("不详", "Not known"), "u")
_FEW = 4
_MOST_ZH, _MOST_EN = 20, 48
"""Characters of all choices together that a row of segments shows in full at the smallest window."""

Editor = TypedLine | TypedText | Segments | ChoiceBox


def make_editor(ui: Presentation, spec: FieldSpec, today: Callable[[], date | None], parent: QWidget) -> Editor:
    """Return the control for a field, empty.

    Args:
        today: the Beijing date by which a day is completed while it is typed, None while it is not known.

    Raises ``ValueError`` for a field that nobody types.
    """
    if spec.kind is FieldKind.YES_NO:
        known = (_YES, _NO) if spec.required or spec.default is not None else (_YES, _NO, _NOT_KNOWN)
        presumed = None if spec.default is None else "yes" if spec.default is True else "no"
        if _NOT_KNOWN in known:
            presumed = ""
        return Segments(ui, known, presumed=presumed, parent=parent)
    if spec.kind is FieldKind.CHOICE:
        labels = {each.value: capital(each.label) for each in spec.choices}
        if len(labels) <= _FEW and _fits_a_row(tuple(labels.values())):
            few = tuple(Segment(value, label) for value, label in labels.items())
            presumed = spec.default if isinstance(spec.default, str) else None
            return Segments(ui, few, presumed=presumed, parent=parent)
        return ChoiceBox(ui, tuple(Choice(value, label) for value, label in labels.items()), parent=parent)
    if spec.kind is FieldKind.LONG_TEXT:
        return TypedText(parent)
    if spec.kind is FieldKind.INSTANT:
        raise ValueError(f"{spec.key}: nobody types an instant")
    return TypedLine(spec.kind, today, future_allowed=spec.future_allowed, parent=parent)


def name_editor(ui: Presentation, spec: FieldSpec, editor: Editor, said: Bilingual) -> None:
    """Name a control for screen readers.

    Args:
        said: its help, or what is wrong.
    """
    label = ui.say(capital(spec.title))
    if isinstance(editor, Segments):
        editor.call(capital(spec.title))
    else:
        editor.setAccessibleName(label)
    required = ui.say(REQUIRED) if spec.required else ""
    described = " ".join(part for part in (required, ui.say(said)) if part)
    editor.setAccessibleDescription(described)
    if isinstance(editor, ChoiceBox):
        editor.line.setAccessibleName(label)
        editor.line.setAccessibleDescription(described)


def retell_editor(spec: FieldSpec, editor: Editor) -> None:
    """Set what a control shows while it is empty, and its measures: children are told by the presentation in any order."""
    if isinstance(editor, TypedLine):
        editor.setPlaceholderText(_placeholder(spec))
    if isinstance(editor, Segments):
        editor.tell()


def mark_editor(editor: Editor, *, wrong: bool) -> None:
    """Show a control as wrong, or right again."""
    if isinstance(editor, Segments):
        editor.set_wrong(wrong)
    else:
        editor.setProperty("wrong", wrong)
        editor.style().unpolish(editor)
        editor.style().polish(editor)


def _fits_a_row(labels: Sequence[Bilingual]) -> bool:
    """Return whether the words stand side by side without being cut, in both languages: the control stays when the language changes."""
    return sum(len(each.zh) for each in labels) <= _MOST_ZH and sum(len(each.en) for each in labels) <= _MOST_EN


def _placeholder(spec: FieldSpec) -> str:
    if spec.kind is FieldKind.AMOUNT and isinstance(spec.default, int):
        return f"{spec.default // 100:,}.{spec.default % 100:02d}"
    return ""
