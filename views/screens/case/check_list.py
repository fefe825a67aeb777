"""What the claim needs, row by row: there, missing, or waived; a waived paper stays in its place, struck through, with its waiver.

Promise: the order is the matrix's, so a row never jumps while papers come in; every state has its icon and its word; nothing is cut.

Source: mock-up 03; notes/domain.md §1.2, §1.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractSlider, QScrollArea, QToolTip, QWidget

from claims.completeness import MissingMaterial, WaivedMaterial
from claims.errors import Bilingual
from claims.materials import FOR_EVERY_CLAIM, MATRIX, ClaimType, Material, Requirement
from claims.overviews import CaseStanding
from views.controls.painting import paint_box, paint_icon
from views.controls.text_lines import wrapped
from views.controls.wrapped import Wrapped
from views.focus_ring import OWN_FOCUS
from views.presentation import Presentation, Told
from views.screens.case.material_words import full_name, short_name, together

_LIST = Bilingual("清单", "Check-list")
_MISSING = Bilingual("还缺", "missing")
_THERE = Bilingual("已收", "taken in")
_OR = Bilingual("或", "or ")


_SCROLLS = {
    Qt.Key.Key_Down: QAbstractSlider.SliderAction.SliderSingleStepAdd,
    Qt.Key.Key_Up: QAbstractSlider.SliderAction.SliderSingleStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
}


class RowState(StrEnum):
    """Where a needed paper stands."""

    THERE = "there"
    MISSING = "missing"
    WAIVED = "waived"
    MORE = "more"
    """Not asked for, and there."""


@dataclass(frozen=True)
class CheckRow:
    """One row: what is needed in short and in full, what stands beside it, and under it."""

    name: Bilingual
    full: Bilingual
    state: RowState
    note: Bilingual
    below: Bilingual | None = None


@dataclass(frozen=True)
class _Look:
    """How a state is painted."""

    icon: str
    colour: str
    note: str


_LOOKS = {
    RowState.THERE: _Look("pass", "accent", "text2"),
    RowState.MISSING: _Look("warn", "amber", "amber"),
    RowState.WAIVED: _Look("waived", "text2", "accent"),
    RowState.MORE: _Look("paper", "text2", "text2"),
}


def check_rows(standing: CaseStanding) -> tuple[CheckRow, ...]:
    """Return the rows in the order of the matrix, then what came beyond it."""
    claim_type = ClaimType(standing.case.claim_type)
    counts: dict[Material, int] = {}
    for document in standing.documents:
        material = Material(document.material)
        counts[material] = counts.get(material, 0) + 1
    rows: list[CheckRow] = []
    told: set[Material] = set()
    missing = {each.alternatives[0]: each for each in standing.completeness.missing}
    waived = {each.materials: each for each in standing.completeness.waived}
    for requirement in _in_question(claim_type):
        usual = requirement.alternatives[0]
        if usual in missing:
            rows.append(_missing(missing.pop(usual)))
        elif usual in waived:
            found = waived.pop(usual)
            rows.append(_waived(found))
            told.update(() if found.instead is None else (found.instead,))
        else:
            there = next((group for group in requirement.alternatives if counts.keys() >= set(group)), None)
            if there is not None:
                rows.append(_there(there, sum(counts[each] for each in there)))
                told.update(there)
    rows += [_missing(each) for each in missing.values()]
    rows += [_waived(each) for each in waived.values()]
    rows += [_more(each, count) for each, count in counts.items() if each not in told]
    return tuple(rows)


def missing_papers(standing: CaseStanding) -> tuple[Material, ...]:
    """Return every paper that would fill a gap, in the order of the matrix, the usual one of a row first."""
    missing = standing.completeness.missing
    return tuple(dict.fromkeys(each for row in missing for group in row.alternatives for each in group))


def likely_papers(standing: CaseStanding) -> tuple[Material, ...]:
    """Return the papers of this kind of claim: those that are missing first, then those of which there may be more."""
    rows = MATRIX[ClaimType(standing.case.claim_type)]
    usual = tuple(each for row in rows for group in row.alternatives for each in group)
    return tuple(dict.fromkeys((*missing_papers(standing), *usual)))


def _in_question(claim_type: ClaimType) -> tuple[Requirement, ...]:
    """Return the rows of the matrix once each: two conditions may ask for the same papers."""
    rows = {requirement.alternatives[0]: requirement for requirement in (*MATRIX[claim_type], *FOR_EVERY_CLAIM)}
    return tuple(rows.values())


def _there(materials: tuple[Material, ...], count: int) -> CheckRow:
    note = _THERE if count == len(materials) else _files(count)
    return CheckRow(together(materials), _full(materials), RowState.THERE, note)


def _missing(found: MissingMaterial) -> CheckRow:
    usual, *others = found.alternatives
    below = None
    if others:
        names = [together(each) for each in others]
        below = Bilingual(
            "，".join(f"{_OR.zh}{each.zh}" for each in names), ", ".join(f"{_OR.en}{each.en}" for each in names)
        )
    return CheckRow(together(usual), found.sentence, RowState.MISSING, _MISSING, below)


def _waived(found: WaivedMaterial) -> CheckRow:
    waiver = found.waiver
    text = waiver.text
    below = Bilingual(f"{text.zh.rstrip('。')} {waiver.number}", f"{text.en.rstrip('.')} {waiver.number}")
    if found.instead is not None:
        other = short_name(found.instead)
        below = Bilingual(f"由{other.zh}代替 {waiver.number}", f"{other.en} instead, {waiver.number}")
    return CheckRow(together(found.materials), found.sentence, RowState.WAIVED, Bilingual("", ""), below)


def _more(material: Material, count: int) -> CheckRow:
    note = _THERE if count == 1 else _files(count)
    return CheckRow(short_name(material), full_name(material), RowState.MORE, note)


def _files(count: int) -> Bilingual:
    return Bilingual(f"{count} 份", f"{count} files")


def _full(materials: tuple[Material, ...]) -> Bilingual:
    names = [full_name(each) for each in materials]
    return Bilingual("和".join(each.zh for each in names), " and ".join(each.en for each in names))


class CheckList(Wrapped, Told):
    """The rows, at least 44 high; painted, for reading."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._rows: tuple[CheckRow, ...] = ()
        self.setProperty(OWN_FOCUS, True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.tell()

    @property
    def rows(self) -> tuple[CheckRow, ...]:
        """What is shown."""
        return self._rows

    @property
    def sentences(self) -> tuple[str, ...]:
        """The rows as they are read out."""
        say = self._ui.say
        return tuple(
            " ".join(
                part for part in (say(row.full), say(row.note), "" if row.below is None else say(row.below)) if part
            )
            for row in self._rows
        )

    def show_rows(self, rows: tuple[CheckRow, ...]) -> None:
        """Show these."""
        if rows != self._rows:
            self._rows = rows
            self.tell()

    def tell(self) -> None:
        """Say every row again."""
        self.setAccessibleName(self._ui.say(_LIST))
        self.setAccessibleDescription(("；" if self._ui.words.code == "zh" else "; ").join(self.sentences))
        self.updateGeometry()
        self.update()

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """All rows."""
        return sum(self._height(row, width) for row in self._rows)

    def usual_width(self) -> int:
        """The column beside the form."""
        return self._ui.look.px(238)

    def event(self, event: QEvent) -> bool:
        """The whole name of a row is its tool tip; the frame comes and goes with the keyboard."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            top = 0
            for row in self._rows:
                top += self._height(row, self.width())
                if event.pos().y() < top:
                    QToolTip.showText(event.globalPos(), self._ui.say(row.full), self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint icon, name and note of each row."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rule = look.tokens.lines[look.theme].get("row", look.line())
        y = 0
        for row in self._rows:
            height = self._height(row, self.width())
            self._paint_row(painter, QRect(0, y, self.width(), height), row)
            painter.fillRect(0, y + height - rule, self.width(), rule, look.qcolor("line"))
            y += height
        if self.hasFocus():
            paint_box(painter, self.visibleRegion().boundingRect(), None, look.qcolor("focus"), look.line("focus"), 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The arrows scroll what it lies in."""
        action = _SCROLLS.get(Qt.Key(event.key()))
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        if action is None or above is None:
            super().keyPressEvent(event)
            return
        above.verticalScrollBar().triggerAction(action)
        self.update()

    def _paint_row(self, painter: QPainter, rect: QRect, row: CheckRow) -> None:
        look, say = self._ui.look, self._ui.say
        style = _LOOKS[row.state]
        paint_icon(painter, look, style.icon, style.colour, 20, look.space("l"), rect.center().y() + 1)
        x, right = self._indent(), self.width() - look.space("l")
        note = say(row.note)
        names, below = self._name_lines(row, self.width()), self._below_lines(row, self.width())
        line, small = look.line_height("body"), look.line_height("caption")
        y = rect.y() + (rect.height() - len(names) * line - len(below) * small) // 2
        if note:
            painter.setFont(look.font("caption"))
            painter.setPen(look.qcolor(style.note))
            place = QRect(x, y, right - x, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, note)
        painter.setFont(self._name_font(row))
        painter.setPen(look.qcolor("text2" if row.state is RowState.WAIVED else "text"))
        for text in names:
            painter.drawText(QRect(x, y, right - x, line), Qt.AlignmentFlag.AlignVCenter, text)
            y += line
        painter.setFont(look.font("caption"))
        painter.setPen(look.qcolor("accent" if row.state is RowState.WAIVED else "text2"))
        for text in below:
            painter.drawText(QRect(x, y, right - x, small), Qt.AlignmentFlag.AlignVCenter, text)
            y += small

    def _height(self, row: CheckRow, width: int) -> int:
        look = self._ui.look
        names, below = self._name_lines(row, width), self._below_lines(row, width)
        lines = len(names) * look.line_height("body") + len(below) * look.line_height("caption")
        return max(look.height("list_row"), lines + look.space("s"))

    def _name_lines(self, row: CheckRow, width: int) -> tuple[str, ...]:
        look = self._ui.look
        note = self._ui.say(row.note)
        used = QFontMetrics(look.font("caption")).horizontalAdvance(note) + look.space("s") if note else 0
        room = width - self._indent() - look.space("l") - used
        return wrapped(self._ui.say(row.name), self._name_font(row), room)

    def _below_lines(self, row: CheckRow, width: int) -> tuple[str, ...]:
        if row.below is None:
            return ()
        look = self._ui.look
        return wrapped(self._ui.say(row.below), look.font("caption"), width - self._indent() - look.space("l"))

    def _name_font(self, row: CheckRow) -> QFont:
        font = self._ui.look.font("body", bold=row.state is RowState.MISSING)
        font.setStrikeOut(row.state is RowState.WAIVED)
        return font

    def _indent(self) -> int:
        look = self._ui.look
        return look.space("l") + look.px(20) + look.space("s")
