"""A line that is typed into: it tidies what was meant when it is left, and never changes what it does not understand.

Promise: a date may be typed as ``20261120``, ``11-20`` or ``今天`` and stands there as ``2026-11-20`` before anybody goes on; a sum
gets its separators and its two decimals; an account number stands in groups of four as on the card, while it is typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from claims.amounts import parse_amount, yuan
from claims.calendar_dates import impossible_day, read_date
from claims.errors import InputError
from claims.form_fields import FieldKind

_DAYS_AGO = {"今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2, "前日": 2}
_MONTH_DAY = re.compile(r"(\d{1,2})[-/.月](\d{1,2})[日号]?|(\d{2})(\d{2})", re.ASCII)
_NOT_LEFT = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.MenuBarFocusReason)
_HALF_WIDTH = (FieldKind.ID_NUMBER, FieldKind.CODE, FieldKind.REGION, FieldKind.PHONE)


def tidy_date(text: str, today: date | None, *, future_allowed: bool = False) -> str:
    """Return the ISO day that was meant, the text itself where it is no day.

    Without a year it is the last such day up to ``today`` (the next one from today where the future is allowed); words for days and
    days without a year are left alone while ``today`` is not known.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split()).casefold()
    try:
        return read_date(plain).isoformat()
    except InputError:
        pass
    if today is None:
        return text
    if plain in _DAYS_AGO:
        return (today - timedelta(days=_DAYS_AGO[plain])).isoformat()
    found = _MONTH_DAY.fullmatch(plain)
    if found is None:
        return text
    month, day = (int(one) for one in found.groups() if one is not None)
    # Eight years hold a 29 February always.
    for years in range(9):
        year = today.year + years if future_allowed else today.year - years
        if impossible_day(year, month, day) is None:
            meant = date(year, month, day)
            if (meant >= today) if future_allowed else (meant <= today):
                return meant.isoformat()
    return text


def tidy_amount(text: str) -> str:
    """Return a sum in yuan with separators and two decimals, the text itself where it is no sum."""
    try:
        return yuan(parse_amount(text))
    except InputError:
        return text


def in_fours(text: str) -> str:
    """Return digits in groups of four; anything that is not all digits is left as typed."""
    digits = "".join(unicodedata.normalize("NFKC", text).split())
    if not digits.isascii() or not digits.isdigit():
        return text
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


class TypedLine(QLineEdit):
    """One line for one kind of value.

    ``today`` is asked when a date is tidied; None: not known yet. Signals: ``typed`` for a change by hand, ``left`` when the
    keyboard goes elsewhere (after tidying), ``entered`` for Enter.
    """

    typed = Signal()
    left = Signal()
    entered = Signal()

    def __init__(
        self,
        kind: FieldKind,
        today: Callable[[], date | None],
        *,
        future_allowed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._kind, self._today, self._future_allowed = kind, today, future_allowed
        if kind is FieldKind.AMOUNT:
            self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.textEdited.connect(self._on_typed)
        self.returnPressed.connect(self._enter)

    def raw(self) -> str:
        """Return what stands there."""
        return self.text()

    def fill(self, text: str) -> None:
        """Put a text there, tidied."""
        tidy = self._tidied(text)
        if tidy != self.text():
            self.setText(tidy)
            self.setCursorPosition(0)

    def tidy(self) -> None:
        """Write what was meant."""
        tidy = self._tidied(self.text())
        if tidy != self.text():
            self.setText(tidy)
            self.typed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Up and Down turn a date by a day."""
        if self._kind is FieldKind.DATE and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._turn(1 if event.key() == Qt.Key.Key_Up else -1)
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Tidy, and say that it was left."""
        super().focusOutEvent(event)
        if event.reason() not in _NOT_LEFT:
            self.tidy()
            self.left.emit()

    def _enter(self) -> None:
        self.tidy()
        self.entered.emit()

    def _on_typed(self, text: str) -> None:
        if self._kind is FieldKind.ACCOUNT:
            grouped = in_fours(text)
            if grouped != text:
                before = len(text[: self.cursorPosition()].replace(" ", ""))
                self.setText(grouped)
                self.setCursorPosition(_place_after(grouped, before))
        self.typed.emit()

    def _turn(self, days: int) -> None:
        today = self._today()
        try:
            day = read_date(self.text()) + timedelta(days=days)
        except InputError:
            if today is None:
                return
            day = today
        except OverflowError:
            return
        if today is None or self._future_allowed or day <= today:
            self.setText(day.isoformat())
            self.typed.emit()

    def _tidied(self, text: str) -> str:
        plain = text.strip()
        if not plain:
            return ""
        if self._kind is FieldKind.DATE:
            return tidy_date(plain, self._today(), future_allowed=self._future_allowed)
        if self._kind is FieldKind.AMOUNT:
            return tidy_amount(plain)
        if self._kind is FieldKind.ACCOUNT:
            return in_fours(plain)
        if self._kind in _HALF_WIDTH:
            folded = unicodedata.normalize("NFKC", plain)
            return folded.upper() if self._kind in (FieldKind.ID_NUMBER, FieldKind.CODE) else folded
        return plain


class TypedText(QPlainTextEdit):
    """Several lines of text. Tab leaves it; Enter is a new line; ``entered`` is Ctrl+Enter, where no button of the page has that key."""

    typed = Signal()
    left = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quiet = False
        self.setTabChangesFocus(True)
        self.textChanged.connect(self._on_changed)

    def raw(self) -> str:
        """Return what stands there."""
        return self.toPlainText()

    def fill(self, text: str) -> None:
        """Put a text there."""
        if text == self.toPlainText():
            return
        self._quiet = True
        try:
            self.setPlainText(text)
        finally:
            self._quiet = False

    def tidy(self) -> None:
        """Nothing: a description is its writer's."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Ctrl+Enter is no new line."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.entered.emit()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Say that it was left."""
        super().focusOutEvent(event)
        if event.reason() not in _NOT_LEFT:
            self.left.emit()

    def _on_changed(self) -> None:
        if not self._quiet:
            self.typed.emit()


def _place_after(grouped: str, digits: int) -> int:
    """Return the cursor's place behind so many digits."""
    place = 0
    while digits and place < len(grouped):
        digits -= grouped[place] != " "
        place += 1
    return place
