"""The one dialog that asks where a file goes.

Promise: it never blocks: ``chosen`` gets the path once it is closed, None where the person changed their mind.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def ask_where_to_save(
    parent: QWidget,
    title: str,
    suggested: Path,
    *,
    kind_name: str,
    ending: str,
    chosen: Callable[[Path | None], None],
) -> None:
    """Open Qt's dialog over ``parent``, with this name and folder filled in. ``ending`` without its dot."""
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(f"{kind_name} (*.{ending})")
    dialog.setDefaultSuffix(ending)
    dialog.setDirectory(str(suggested.parent))
    dialog.selectFile(suggested.name)
    dialog.setWindowModality(Qt.WindowModality.WindowModal)

    def over(result: int) -> None:
        files = dialog.selectedFiles()
        dialog.deleteLater()
        chosen(Path(files[0]) if result == QFileDialog.DialogCode.Accepted and files else None)

    dialog.finished.connect(over)
    dialog.open()
