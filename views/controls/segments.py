"""A few choices side by side, of which one is chosen: yes and no, man and woman, a handful of tabs.

Promise: one stop of the Tab key; arrows move, a letter or a figure chooses; what is chosen is told by a bar, bold type and the
accessible name, not by colour alone. A choice that is only presumed (a default) is drawn with its bar but in plain type.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.painting import elided, paint_box
from views.focus_ring import OWN_FOCUS
from views.presentation import Presentation, Told


@dataclass(frozen=True)
class Segment:
    """One choice. ``key`` is the letter that chooses it while the control has the keyboard."""

    value: str
    label: Bilingual
    key: str = ""


class Segments(QWidget, Told):
    """The choices in one outlined row, equally wide where there is room.

    Signals: ``typed`` when one was chosen by hand; ``left`` when the keyboard goes elsewhere; ``entered`` for Enter.
    """

    typed = Signal()
    left = Signal()
    entered = Signal()

    def __init__(
        self,
        ui: Presentation,
        segments: Sequence[Segment],
        *,
        presumed: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """``presumed`` is what no choice means."""
        super().__init__(parent)
        self._ui, self._segments, self._presumed = ui, tuple(segments), presumed
        self._chosen: str | None = None
        self._foreign = ""
        self._wrong = False
        self._name = Bilingual("", "")
        self._hover = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty(OWN_FOCUS, True)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def call(self, name: Bilingual) -> None:
        """Give the row of choices its name."""
        self._name = name
        self._name_anew()

    def offer(self, segments: Sequence[Segment]) -> None:
        """Offer other choices; nothing is chosen then."""
        self._segments = tuple(segments)
        self.fill("")
        self.updateGeometry()

    def raw(self) -> str:
        """Return the value chosen, an empty text where none was, and what was filled in where it is no choice."""
        return self._foreign if self._chosen is None else self._chosen

    def fill(self, text: str) -> None:
        """Choose a value; what is none of the choices is kept and shown as nothing chosen."""
        known = any(each.value == text for each in self._segments)
        self._chosen = text if known and text else None
        self._foreign = "" if known else text
        self._name_anew()
        self.update()

    def choose(self, value: str) -> None:
        """Choose as by hand."""
        self._chosen, self._foreign = value, ""
        self._name_anew()
        self.update()
        self.typed.emit()

    def tidy(self) -> None:
        """Nothing to tidy."""

    def set_wrong(self, wrong: bool) -> None:
        """Draw the frame of a wrong field, or not."""
        self._wrong = wrong
        self.update()

    def segment_rect(self, value: str) -> QRect:
        """Return where a choice is."""
        place = next(place for place, each in enumerate(self._segments) if each.value == value)
        return self._rects()[place]

    def tell(self) -> None:
        """Say the words again."""
        self._name_anew()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as its words."""
        look = self._ui.look
        return QSize(sum(self._widths()) + look.line("strong"), look.height("control"))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """May be squeezed; the words are cut then."""
        look = self._ui.look
        return QSize(look.height("control") * len(self._segments), look.height("control"))

    def event(self, event: QEvent) -> bool:
        """Keep the letters that choose here from being a key of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._meant(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover = -1
            self.update()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Arrows move, letters and figures choose, Enter goes on."""
        key = event.key()
        meant = self._meant(event)
        if meant is not None:
            self.choose(meant.value)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Down):
            self._step(-1 if key in (Qt.Key.Key_Left, Qt.Key.Key_Up) else 1)
        elif key == Qt.Key.Key_Space and self._place() < 0:
            self._step(1)
        elif (
            key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose what is under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            for rect, each in zip(self._rects(), self._segments, strict=True):
                if rect.contains(event.position().toPoint()):
                    self.choose(each.value)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show what would be chosen."""
        over = [rect.contains(event.position().toPoint()) for rect in self._rects()]
        now = over.index(True) if any(over) else -1
        if now != self._hover:
            self._hover = now
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the frame of the focus."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Say that it was left."""
        super().focusOutEvent(event)
        self.update()
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.left.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the row: frame, separators, the chosen one with its bar."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius, strong = look.radius("control"), look.line("strong")
        whole = QPainterPath()
        whole.addRoundedRect(self.rect(), radius, radius)
        painter.setClipPath(whole)
        painter.fillRect(self.rect(), look.qcolor("surface" if self.isEnabled() else "disabled"))
        chosen = self._chosen if self._chosen is not None else None if self._foreign else self._presumed
        for place, (rect, each) in enumerate(zip(self._rects(), self._segments, strict=True)):
            self._paint_one(painter, rect, each, is_chosen=each.value == chosen, hover=place == self._hover)
            if place:
                painter.fillRect(rect.x(), rect.y(), look.line(), rect.height(), look.qcolor("line"))
        painter.setClipping(False)
        if self._wrong:
            paint_box(painter, self.rect(), None, look.qcolor("red"), look.line("focus"), radius)
        elif self.hasFocus():
            paint_box(painter, self.rect(), None, look.qcolor("focus"), look.line("focus"), radius)
        else:
            paint_box(
                painter, self.rect(), None, look.qcolor("line_strong" if self.isEnabled() else "line"), strong, radius
            )

    def _paint_one(self, painter: QPainter, rect: QRect, each: Segment, *, is_chosen: bool, hover: bool) -> None:
        look = self._ui.look
        sure = is_chosen and self._chosen is not None
        if is_chosen and self.isEnabled():
            painter.fillRect(rect, look.qcolor("accent_soft"))
        elif hover and self.isEnabled():
            painter.fillRect(rect, look.qcolor("hover"))
        if is_chosen:
            # The frame is drawn over it; a heavy one must leave the bar to be seen.
            bar = look.line("selection_bar") + (look.line("strong") if look.line("strong") > 1 else 0)
            colour = "accent" if self.isEnabled() else "disabled_text"
            painter.fillRect(rect.x(), rect.bottom() + 1 - bar, rect.width(), bar, look.qcolor(colour))
        painter.setFont(look.font("body", bold=sure))
        painter.setPen(look.qcolor("disabled_text" if not self.isEnabled() else "accent" if is_chosen else "text"))
        room = rect.adjusted(look.space("xs"), 0, -look.space("xs"), 0)
        shown = elided(QFontMetrics(painter.font()), self._ui.say(each.label), room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, shown)

    def _widths(self) -> list[int]:
        look = self._ui.look
        metrics = QFontMetrics(look.font("body", bold=True))
        return [metrics.horizontalAdvance(self._ui.say(each.label)) + 2 * look.space("l") for each in self._segments]

    def _rects(self) -> list[QRect]:
        wanted = self._widths()
        equal = self.width() / max(1, len(wanted))
        if max(wanted, default=0) <= equal:
            edges = [round(equal * place) for place in range(len(wanted) + 1)]
        else:
            # Not equally: each gets its share of what its words need.
            total, run, edges = sum(wanted), 0, [0]
            for width in wanted:
                run += width
                edges.append(round(self.width() * run / total))
        return [QRect(left, 0, right - left, self.height()) for left, right in pairwise(edges)]

    def _place(self) -> int:
        chosen = self._chosen if self._chosen is not None else self._presumed
        return next((place for place, each in enumerate(self._segments) if each.value == chosen), -1)

    def _step(self, by: int) -> None:
        place = self._place()
        place = (0 if by > 0 else len(self._segments) - 1) if place < 0 else place + by
        if 0 <= place < len(self._segments):
            self.choose(self._segments[place].value)

    def _meant(self, event: QKeyEvent) -> Segment | None:
        if event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier):
            return None
        text = event.text().casefold()
        if not text:
            return None
        if text.isdigit() and 1 <= int(text) <= len(self._segments):
            return self._segments[int(text) - 1]
        return next((each for each in self._segments if each.key and each.key.casefold() == text), None)

    def _name_anew(self) -> None:
        chosen = self._chosen if self._chosen is not None else self._presumed
        said = next((self._ui.say(each.label) for each in self._segments if each.value == chosen), "")
        name = self._ui.say(self._name)
        self.setAccessibleName(f"{name}: {said}" if said and name else name or said)
