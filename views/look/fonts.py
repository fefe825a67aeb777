"""The bundled type: Noto Sans SC in two weights, loaded from the program's own files so that every machine shows the same.

Promise: after ``load_fonts`` the family exists whatever the machine has installed. Figures are tabular in this family.
"""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase

import resources

FAMILY = "Noto Sans SC"
_FILES = ("NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf")


def load_fonts() -> None:
    """Make the bundled fonts known to Qt. Raises ``FileNotFoundError`` when the program's files are incomplete."""
    for name in _FILES:
        path = resources.path("fonts", name)
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise FileNotFoundError(path)


def font(size_px: int, weight: int) -> QFont:
    """Return the family in a size (pixels) and weight (400 or 700)."""
    made = QFont(FAMILY)
    made.setPixelSize(size_px)
    made.setWeight(QFont.Weight(weight))
    return made
