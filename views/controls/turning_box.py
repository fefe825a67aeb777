"""Columns that stand one below the other where there is no room for them side by side."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout


def turn_box(box: QBoxLayout, *, narrow: bool) -> None:
    """Put the parts of a box side by side, or one below the other."""
    box.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
