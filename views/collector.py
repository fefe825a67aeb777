"""Garbage of the program is collected between two turns of the event loop only.

Promise: no widget is ever destroyed in the middle of something. Python's collector runs in whichever thread happens to allocate; when
that is a lane, the widgets in a forgotten cycle are handed to the main thread and destroyed there at once, even while Qt lays out a
form and asks Python for a height. Qt ends the program for that, rarely and without a word. Here it happens between two turns.

The same holds for what a lane lets go of last: ``let_go_later`` keeps it until the lane is through with it. A timer destroyed in a lane
stays in Qt's list of timers, and the next turn of the event loop calls what is no longer there.

Small collections every second take a few milliseconds at most; the whole heap is looked at once a minute.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

YOUNG_EVERY_MS = 1000
WHOLE_EVERY = 60
"""Once in so many small collections."""


class Collector(QObject):
    """Takes the collector over for as long as there are lanes beside the main thread."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._turns = 0
        self._let_go: list[object] = []
        self._let_go_next: list[object] = []
        gc.disable()
        timer = QTimer(self)
        timer.setInterval(YOUNG_EVERY_MS)
        timer.timeout.connect(self.collect)
        timer.start()

    def let_go_later(self, *held: object) -> None:
        """Hold on to what a lane may still hold, for a second or two, so that the main thread is the last to let go of it."""
        self._let_go_next.extend(held)

    def collect(self) -> None:
        """Collect what is young; now and then everything."""
        self._turns += 1
        self._let_go, self._let_go_next = self._let_go_next, []
        gc.collect(2 if self._turns % WHOLE_EVERY == 0 else 1)
