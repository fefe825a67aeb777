"""Ways in which files come: chosen in a dialog that blocks nothing, or dropped.

Promise: the dialog opens where files were chosen last; what is dropped without being a file of this machine is named, not ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QFileDialog, QWidget

from claims.errors import Bilingual
from views.presentation import Presentation

CHOOSE = Bilingual("选择文件", "Choose files")
_KINDS = Bilingual("图片、PDF、电子票据", "Pictures, PDF, e-bills")
_ENDINGS = "*.jpg *.jpeg *.jpe *.jfif *.png *.webp *.pdf *.ofd *.xml"
_ALL = Bilingual("所有文件", "All files")


class FileChoice:
    """Lets a person choose several files; ``take`` gets them."""

    def __init__(self, ui: Presentation, parent: QWidget, take: Callable[[list[Path]], None]) -> None:
        self._ui, self._parent, self._take = ui, parent, take
        self._folder = ""
        self._dialog: QFileDialog | None = None

    def open(self, first: Path | None = None) -> None:
        """Show the dialog, unless it is open already; ``first`` is where it opens as long as nothing was chosen."""
        if self._dialog is not None:
            return
        say = self._ui.say
        dialog = self._dialog = QFileDialog(self._parent, say(CHOOSE), self._folder or str(first or ""))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([f"{say(_KINDS)} ({_ENDINGS})", f"{say(_ALL)} (*)"])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self._chosen)
        dialog.finished.connect(lambda _result: self._closed())
        dialog.open()

    def _chosen(self, names: list[str]) -> None:
        paths = [Path(name) for name in names]
        if paths:
            self._folder = str(paths[0].parent)
            self._take(paths)

    def _closed(self) -> None:
        self._dialog = None


def dropped_files(data: QMimeData) -> tuple[list[Path], list[str]]:
    """Return the files that were dropped, and what everything else was called."""
    urls = data.urls()
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()], [
        _called(url) for url in urls if not url.isLocalFile()
    ]


def _called(url: QUrl) -> str:
    return url.fileName() or url.host() or url.scheme()
