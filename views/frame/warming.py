"""Makes screens before they are asked for, one a turn of the event loop, while the person looks at the desk.

Promise: no turn makes more than one thing, so typing never waits for two; a screen that was opened meanwhile is not made again;
nothing is loaded or asked of the desk by making a screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QObject, QTimer


class Warming(QObject):
    """Runs steps, one a turn, when nothing else waits in the event loop."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: Iterator[Callable[[], object]] = iter(())
        self._over = False
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._next)

    @property
    def over(self) -> bool:
        """Whether everything was made."""
        return self._over

    def begin(self, steps: Iterable[Callable[[], object]]) -> None:
        """Make these."""
        self._steps = iter(steps)
        self._timer.start()

    def stop(self) -> None:
        """Make nothing more: the window is being left."""
        self._timer.stop()

    def _next(self) -> None:
        step = next(self._steps, None)
        if step is None:
            self._timer.stop()
            self._over = True
            return
        step()
