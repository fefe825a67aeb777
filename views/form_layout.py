"""Where the fields of a form stand, and the words around them: label above, help or problem below.

Promise: a row is as high as its highest field; columns become fewer where they don't fit; fields not asked for take no room. Words that are only texts are painted: a
form of 25 fields is 25 widgets.

Source: docs/adr/0102.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from claims.form_fields import FieldSpec
from claims.form_validation import longest_text
from rules.bilingual import Bilingual
from views.controls.painting import paint_icon
from views.controls.typed_line import TypedText
from views.form_editors import REQUIRED, Editor
from views.presentation import Presentation
from views.sentences import capital

_TEXT_HEIGHT = 68
_PAGE_HEIGHT = 148
_PAGE = 2000
"""A text that may be longer than this is written like a page."""
_NEARLY_FULL = 0.8
_ICON_INDENT = 16 + 5
_WRAP = Qt.TextFlag.TextWordWrap


@dataclass
class FormField:
    """One field on the screen."""

    spec: FieldSpec
    editor: Editor
    edited: bool = False
    judged: bool = False
    """Whether a problem may be shown: it was left after an edit, or everything was checked."""
    shown: bool = True
    """Whether it is asked for with the answers as they stand; what was typed stays while it is not."""
    outside: Bilingual | None = None
    """What somebody else said is wrong: it stands until the field is edited."""
    problem: Bilingual | None = None
    warning: Bilingual | None = None
    room: Bilingual | None = None
    """How much of a long text still fits, once that matters."""
    label: QRect = field(default_factory=QRect)
    foot: QRect = field(default_factory=QRect)

    @property
    def wide(self) -> bool:
        """Whether it takes a row of its own."""
        return isinstance(self.editor, TypedText)

    @property
    def flaw(self) -> Bilingual | None:
        """What is wrong or to be looked at again, None for nothing."""
        return self.problem or self.warning

    @property
    def said(self) -> Bilingual:
        """What stands below it: what is wrong, else its help."""
        return self.flaw or self.room or self.spec.hint

    @property
    def height(self) -> int:
        """How high a long text's editor is, at the usual size."""
        return _PAGE_HEIGHT if longest_text(self.spec) > _PAGE else _TEXT_HEIGHT

    def tell_room(self) -> bool:
        """Say what still fits into a long text as it stands; return whether something else is said than before."""
        room = _room(self.spec, self.editor.raw()) if self.wide else None
        changed, self.room = room != self.room, room
        return changed


@dataclass(frozen=True)
class _Row:
    """One row of the form as laid out: its fields and the heights of its three parts."""

    fields: tuple[FormField, ...]
    column_width: int
    label: int
    editor: int
    foot: int

    @property
    def height(self) -> int:
        return self.label + self.editor + self.foot


class FormLayout:
    """The places of some fields, in at most so many columns."""

    def __init__(self, ui: Presentation, fields: Collection[FormField], columns: int) -> None:
        self._ui, self._fields, self._columns = ui, fields, columns
        self._laid_out: dict[int, list[_Row]] = {}

    @property
    def comfortable_width(self) -> int:
        """A width at which all columns have room."""
        look = self._ui.look
        return look.px(300) * self._columns + look.space("l") * (self._columns - 1)

    def forget(self) -> None:
        """Words, sizes or problems are others now."""
        self._laid_out.clear()

    def height(self, width: int) -> int:
        """Return how high the form is at a width."""
        return sum(row.height for row in self._rows(width))

    def place(self, width: int) -> None:
        """Put every field, its label and its foot where they belong."""
        gap = self._ui.look.space("l")
        top = 0
        for each in self._fields:
            if not each.shown:
                each.label, each.foot = QRect(), QRect()
        for row in self._rows(width):
            for place, each in enumerate(row.fields):
                x = place * (row.column_width + gap)
                each.label = QRect(x, top, row.column_width, row.label)
                each.editor.setGeometry(x, top + row.label, row.column_width, row.editor)
                each.foot = QRect(x, top + row.label + row.editor, row.column_width, row.foot)
            top += row.height

    def paint(self, painter: QPainter) -> None:
        """Draw labels, the word for what is required, and help or problem below."""
        for each in self._fields:
            if each.shown:
                self._paint_label(painter, each)
                self._paint_foot(painter, each)

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
        in_rows = list(_in_rows((each for each in self._fields if each.shown), columns))
        for fields in in_rows:
            one = width if fields[0].wide else column_width
            label = max(
                _lines(caption, self._label(each), one - self._required_width(caption, each)) for each in fields
            )
            said = fields is not in_rows[-1] or any(self._ui.say(each.said) for each in fields)
            foot = max(self._foot_lines(caption, each, one) for each in fields) if said else 0
            editor = look.px(fields[0].height) if fields[0].wide else look.height("control")
            rows.append(
                _Row(fields, one, label * line + look.px(2), editor, foot * line + (look.space("xs") if said else 0))
            )
        return rows

    def _foot_lines(self, metrics: QFontMetrics, each: FormField, width: int) -> int:
        indent = 0 if each.flaw is None else self._ui.look.px(_ICON_INDENT)
        return _lines(metrics, self._ui.say(each.said), width - indent)

    def _required_width(self, metrics: QFontMetrics, each: FormField) -> int:
        if not each.spec.required:
            return 0
        return metrics.horizontalAdvance(self._ui.say(REQUIRED)) + self._ui.look.space("s")

    def _label(self, each: FormField) -> str:
        return self._ui.say(capital(each.spec.title))

    def _paint_label(self, painter: QPainter, each: FormField) -> None:
        look = self._ui.look
        painter.setFont(look.font("caption"))
        painter.setPen(look.qcolor("text2" if each.editor.isEnabled() else "disabled_text"))
        side = self._required_width(QFontMetrics(painter.font()), each)
        _draw_lines(painter, each.label.adjusted(0, 0, -side, 0), self._label(each), bottom=True)
        if each.spec.required:
            painter.setPen(look.qcolor("text3"))
            _draw_lines(painter, each.label, self._ui.say(REQUIRED), right=True, bottom=True)

    def _paint_foot(self, painter: QPainter, each: FormField) -> None:
        look = self._ui.look
        painter.setFont(look.font("caption"))
        said = self._ui.say(each.said)
        if each.flaw is None:
            painter.setPen(look.qcolor("text3"))
            _draw_lines(painter, each.foot, said)
            return
        icon, colour = ("refused", "red") if each.problem is not None else ("warn", "amber")
        paint_icon(painter, look, icon, colour, 16, each.foot.x(), each.foot.y() + look.line_height("caption") // 2 + 1)
        painter.setPen(look.qcolor(colour))
        _draw_lines(painter, each.foot.adjusted(look.px(_ICON_INDENT), 0, 0, 0), said)


def _room(spec: FieldSpec, text: str) -> Bilingual | None:
    longest = longest_text(spec)
    written = len(unicodedata.normalize("NFC", text.strip()))
    if written < longest * _NEARLY_FULL:
        return None
    if written > longest:
        more = written - longest
        return Bilingual(
            f"多了 {more} 个字，最多 {longest} 个。", f"{more} characters too many; at most {longest} fit."
        )
    return Bilingual(f"还可写 {longest - written} 个字。", f"Room for {longest - written} more characters.")


def _in_rows(fields: Iterable[FormField], columns: int) -> Iterator[tuple[FormField, ...]]:
    """Yield the fields of each row, in reading order."""
    row: list[FormField] = []
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


def _lines(metrics: QFontMetrics, text: str, width: int) -> int:
    if not text:
        return 1
    box = metrics.boundingRect(QRect(0, 0, max(1, width), 10_000), int(_WRAP), text)
    return max(1, round(box.height() / metrics.lineSpacing()))


def _draw_lines(painter: QPainter, rect: QRect, text: str, *, right: bool = False, bottom: bool = False) -> None:
    if not text:
        return
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    level = Qt.AlignmentFlag.AlignBottom if bottom else Qt.AlignmentFlag.AlignTop
    painter.drawText(rect, int(side | level | _WRAP), text)
