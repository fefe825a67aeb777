"""Scroll areas without a frame, on the ground they stand on: the content scrolls, the area itself takes no keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def bare_scroll(
    content: QWidget | None = None, parent: QWidget | None = None, *, sideways: bool = False
) -> QScrollArea:
    """Return a bare area.

    Args:
        content: what scrolls; None where it comes later.
        sideways: whether content that is too wide may be scrolled to the side.
    """
    area = QScrollArea(parent)
    make_bare(area, content, sideways=sideways)
    return area


def make_bare(area: QScrollArea, content: QWidget | None = None, *, sideways: bool = False) -> None:
    """Make an area bare and let it fit its content to its width."""
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    if not sideways:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    if content is not None:
        content.setObjectName("scrolled")
        area.setWidget(content)
