"""The one presenter of errors: what went wrong, with the values found, and what to do now, in the language in use.

Promise: an error is shown once, stays until it is read, and is never a box that stops the work; the same error again replaces
the first. Input problems and links are amber, everything that stops a promise is red.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from claims.errors import Bilingual, InputError, OutpostError
from views.controls.chips import Tone
from views.controls.message import Message
from views.presentation import Presentation

RETRY = Bilingual("重试", "Try again")
_MOST = 3


class Problems(QWidget):
    """The strip above the work in which messages stand, newest on top. ``left``: the message that had the keyboard went."""

    left = Signal()

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._shown: dict[str, Message] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(ui.look.space("s"))
        self.hide()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of what is shown, newest first."""
        return tuple(reversed(self._shown))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is shown, newest first."""
        return tuple(message.words for message in reversed(self._shown.values()))

    def show_error(
        self, error: OutpostError, *, retry: Callable[[], None] | None = None, action: Bilingual = RETRY
    ) -> None:
        """Show an error; ``retry`` is what the button beside it does."""
        self.dismiss(error.code)

        def again() -> None:
            self.dismiss(error.code)
            if retry is not None:
                retry()

        message = Message(
            self._ui,
            error.cause,
            error.next_step,
            tone=Tone.AMBER if isinstance(error, InputError) or error.retryable else Tone.RED,
            action=None if retry is None else (action, again),
        )
        message.closed.connect(lambda: self.dismiss(error.code))
        self._shown[error.code] = message
        self._column.insertWidget(0, message)
        while len(self._shown) > _MOST:
            self.dismiss(next(iter(self._shown)))
        self.show()

    def dismiss(self, code: str) -> None:
        """Take a message away; harmless when it is not shown."""
        message = self._shown.pop(code, None)
        if message is not None:
            focused = QApplication.focusWidget()
            had_keyboard = focused is not None and message.isAncestorOf(focused)
            self._column.removeWidget(message)
            message.hide()
            message.deleteLater()
            self.setVisible(bool(self._shown))
            if had_keyboard:
                # Qt would give it to whatever stands next, a way out of the case for one.
                self.left.emit()
        self.setVisible(bool(self._shown))

    def clear(self) -> None:
        """Take every message away: another person sits down."""
        for code in tuple(self._shown):
            self.dismiss(code)
