"""Saving what is no paper: a register, a list. The person says where, and is told when it is on its disk.

Promise: nothing waits on the main thread; the dialog opens where something was saved last; ``then`` is called only after the file is on its disk
for good, ``not_done`` with None where the person changed their mind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from claims.errors import Bilingual, OutpostError
from views.durable_file import write_durably
from views.lanes import Lane
from views.presentation import Presentation
from views.printing import documents_folder
from views.save_dialog import ask_where_to_save
from views.tasks import Tasks

SAVE_AS = Bilingual("另存为", "Save as")


@dataclass(frozen=True)
class FileKind:
    """A kind of file: what it is called, and the ending it gets."""

    name: Bilingual
    ending: str


ChooseFile = Callable[[QWidget, Presentation, Path, FileKind, Callable[[Path | None], None]], None]
"""Asks where to save, without blocking: ``(parent, ui, suggested path, kind, chosen)``."""


class FileSaving(QObject):
    """Saves one file at a time."""

    def __init__(
        self,
        ui: Presentation,
        tasks: Tasks,
        *,
        choose_file: ChooseFile | None = None,
        parent: QObject | None = None,
    ) -> None:
        """``choose_file`` stands in for Qt's dialog; what comes after it is the same."""
        super().__init__(parent)
        self._ui, self._tasks, self._choose = ui, tasks, choose_file
        self._folder: Path | None = None
        self._asking = False

    @property
    def busy(self) -> bool:
        """Whether a dialog is open or a file is on its way."""
        return self._asking

    def save(
        self,
        content: bytes,
        name: str,
        kind: FileKind,
        parent: QWidget,
        *,
        then: Callable[[Path], None],
        not_done: Callable[[OutpostError | None], None],
    ) -> None:
        """Ask where, and write the file there. ``not_done`` gets ``EnvironmentProblem`` (``save_full``, ``save_refused``, ...)."""

        def chosen(path: Path | None) -> None:
            if path is None:
                self._asking = False
                not_done(None)
                return

            def saved(_none: None) -> None:
                self._asking = False
                self._folder = path.parent
                then(path)

            def failed(error: OutpostError) -> None:
                self._asking = False
                not_done(error)

            self._tasks.run(lambda: write_durably(path, content), saved, owner=self, failed=failed, lane=Lane.PAGE)

        self._asking = True
        suggested = (self._folder or documents_folder()) / f"{name}.{kind.ending}"
        (self._choose or open_save_dialog)(parent, self._ui, suggested, kind, chosen)


def open_save_dialog(
    parent: QWidget, ui: Presentation, suggested: Path, kind: FileKind, chosen: Callable[[Path | None], None]
) -> None:
    """Open Qt's dialog over ``parent``, with this name and folder filled in."""
    ask_where_to_save(
        parent, ui.say(SAVE_AS), suggested, kind_name=ui.say(kind.name), ending=kind.ending, chosen=chosen
    )
