"""The program's icon in every size and format that a desktop asks for, drawn from the one SVG."""

from __future__ import annotations

import os
from pathlib import Path

from bundling.places import ICON_FOLDER, ICON_SOURCE

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def draw_icons(source: Path = ICON_SOURCE, folder: Path = ICON_FOLDER) -> Path:
    """Draw ``outpost-<size>.png``, ``outpost.ico`` and ``outpost.icns``; return their folder."""
    # No window appears, and the builder may have no screen.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PIL import Image  # noqa: PLC0415 - only the builder draws
    from PySide6.QtCore import Qt  # noqa: PLC0415 - as above
    from PySide6.QtGui import QImage, QPainter  # noqa: PLC0415 - as above
    from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415 - as above

    folder.mkdir(parents=True, exist_ok=True)
    renderer = QSvgRenderer(str(source))
    for size in SIZES:
        picture = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        renderer.render(painter)
        painter.end()
        picture.save(str(folder / f"outpost-{size}.png"))
    pictures = [Image.open(folder / f"outpost-{size}.png") for size in SIZES]
    for ending in ("ico", "icns"):
        pictures[-1].save(folder / f"outpost.{ending}", append_images=pictures[:-1])
    return folder
