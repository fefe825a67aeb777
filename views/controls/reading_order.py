"""The Tab key follows the reading order, also where a widget was made later than what stands below it.

Promise: nothing but the order changes; what the layouts put first comes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QScrollArea, QWidget


def read_in_order(root: QWidget) -> None:
    """Let the Tab key go through everything inside in the order of the layouts. Call it when something was put in later."""
    for before, after in pairwise(_stops(root)):
        QWidget.setTabOrder(before, after)


def _stops(widget: QWidget) -> Iterator[QWidget]:
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
        yield widget
    layout = widget.layout()
    if isinstance(widget, QScrollArea):
        inside = widget.widget()
        if inside is not None:
            yield from _stops(inside)
    elif layout is not None:
        yield from _stops_of(layout)
    elif not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        # A form or a row that wraps places its controls itself, in the order in which it made them.
        for child in widget.children():
            if isinstance(child, QWidget):
                yield from _stops(child)


def _stops_of(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        inner = None if item is None else item.layout()
        widget = None if item is None else item.widget()
        if widget is not None:
            yield from _stops(widget)
        elif inner is not None:
            yield from _stops_of(inner)
