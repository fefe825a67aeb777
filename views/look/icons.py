"""Our own icons: SVG files whose ``currentColor`` becomes a token's colour, rendered sharp at the screen's pixel ratio.

Promise: an icon is never the only carrier of a meaning; whoever draws one puts a word beside it.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap

import resources


class Icons:
    """Renders icons and keeps what was rendered."""

    def __init__(self, *, later: bool = False) -> None:
        """``later``: everything is blank until ``wake``; the first picture of the program does not wait for icons."""
        self._awake = not later
        self._sources: dict[str, bytes] = {}
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}

    def pixmap(self, name: str, colour: str, size_px: int, ratio: float = 1.0) -> QPixmap:
        """Return an icon. Raises ``FileNotFoundError`` for a name that has no file.

        Args:
            name: file name without ``.svg``.
            colour: ``#RRGGBB``.
            ratio: device pixels a pixel.
        """
        if not self._awake:
            return _blank(size_px, ratio)
        key = (name, colour, size_px, ratio)
        found = self._pixmaps.get(key)
        if found is None:
            found = self._pixmaps[key] = self._render(name, colour, size_px, ratio)
        return found

    def wake(self) -> None:
        """Render from now on."""
        self._awake = True

    def _render(self, name: str, colour: str, size_px: int, ratio: float) -> QPixmap:
        from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415 - not before the first picture

        source = self._sources.get(name)
        if source is None:
            source = self._sources[name] = resources.path("icons", f"{name}.svg").read_bytes()
        renderer = QSvgRenderer(QByteArray(source.replace(b"currentColor", colour.encode())))
        pixmap = _blank(size_px, ratio)
        pixmap.setDevicePixelRatio(1.0)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, pixmap.width(), pixmap.height()))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap


def _blank(size_px: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(QSize(round(size_px * ratio), round(size_px * ratio)))
    pixmap.fill(Qt.GlobalColor.transparent)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
