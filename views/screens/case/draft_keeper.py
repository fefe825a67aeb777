"""What is typed in a step, kept on the disk as a draft of the case a moment after the last keystroke.

Promise: what stands on the disk already is not written again; a draft that could not be kept is said, and kept at the next try.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from claims.errors import OutpostError
from views.workplace import Workplace

SAVE_AFTER_MS = 300
"""A draft is written this long after the last keystroke."""


class DraftKeeper(QObject):
    """Keeps one draft at a time.

    Args:
        draft: returns the name of the draft and its bytes as they should be on the disk; None while there is nothing to keep.
    """

    def __init__(self, work: Workplace, draft: Callable[[], tuple[str, bytes] | None], parent: QObject) -> None:
        super().__init__(parent)
        self._work, self._draft = work, draft
        self._kept: bytes | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self.keep)

    def begin(self, kept: bytes | None) -> None:
        """Another draft is typed now, of which the disk holds this."""
        self._kept = kept

    def keep_soon(self) -> None:
        """Somebody typed: keep it once the hands rest."""
        self._timer.start()

    def keep(self) -> None:
        """Keep what is typed, in the background."""
        self._timer.stop()
        found = self._draft()
        if found is None or found[1] == self._kept:
            return
        name, content = found
        before, self._kept = self._kept, content
        desk = self._work.desk

        def not_kept(error: OutpostError) -> None:
            if self._kept == content:
                self._kept = before
            self._work.problems.show_error(error, retry=self.keep)

        self._work.tasks.run(lambda: desk.save_draft(name, content), owner=self, failed=not_kept)
