"""Our own icons: SVG files whose ``currentColor`` becomes a token's colour, rendered sharp at the screen's pixel ratio.

Promise: an icon is never the only carrier of a meaning; whoever draws one puts a word beside it.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

import resources


class Icons:
    """Renders icons and keeps what was rendered."""

    def __init__(self) -> None:
        self._sources: dict[str, bytes] = {}
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}

    def pixmap(self, name: str, colour: str, size_px: int, ratio: float = 1.0) -> QPixmap:
        """Return an icon. Raises ``FileNotFoundError`` for a name that has no file.

        Args:
            name: file name without ``.svg``.
            colour: ``#RRGGBB``.
            ratio: device pixels a pixel.
        """
        key = (name, colour, size_px, ratio)
        found = self._pixmaps.get(key)
        if found is None:
            found = self._pixmaps[key] = self._render(name, colour, size_px, ratio)
        return found

    def _render(self, name: str, colour: str, size_px: int, ratio: float) -> QPixmap:
        source = self._sources.get(name)
        if source is None:
            source = self._sources[name] = resources.path("icons", f"{name}.svg").read_bytes()
        renderer = QSvgRenderer(QByteArray(source.replace(b"currentColor", colour.encode())))
        pixmap = QPixmap(QSize(round(size_px * ratio), round(size_px * ratio)))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, pixmap.width(), pixmap.height()))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap
