"""What must hold for every picture, whatever it shows: nothing is cut without a way to read it, everything has a name, a size that a
finger hits, and a place in the reading order.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TypeVar

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSlider,
    QComboBox,
    QLineEdit,
    QScrollBar,
    QWidget,
)

from views.controls.buttons import ActionButton
from views.controls.labels import Text
from views.look.look import Look
from views.main_window import MainWindow
from views.screens.case.page import CasePage

W = TypeVar("W", bound=QWidget)
_TARGET = 44
_TARGETS = (QAbstractButton, QLineEdit, QComboBox)
_SLACK = 4


def defects(window: MainWindow) -> list[str]:
    """Return everything that is wrong with what the window shows now, one sentence each."""
    look = window.ui.look
    found = [*_cut(window), *_nameless(window), *_too_small(window, look), *_out_of_order(window)]
    return list(dict.fromkeys(found))


def _cut(window: MainWindow) -> Iterator[str]:
    look = window.ui.look
    for text in _seen(window, Text):
        full = text.full_text
        if not full:
            continue
        if text.wordWrap():
            if text.heightForWidth(text.width()) > text.height() + 1:
                yield f"cut below: {full!r} in {text.height()} px of {text.heightForWidth(text.width())}"
        elif text.text() != full and text.toolTip() != full:
            yield f"cut without a tool tip: {full!r}"
        elif (
            text.text() == full and QFontMetrics(text.font()).horizontalAdvance(full) > text.contentsRect().width() + 1
        ):
            yield f"runs out of its label: {full!r}"
    for button in _seen(window, ActionButton):
        spare = 2 * (look.px(16) - look.space("s"))
        if button.width() < button.sizeHint().width() - spare:
            yield f"cut on a button: {button.text()!r} has {button.width()} px of {button.sizeHint().width()}"


def _nameless(window: MainWindow) -> Iterator[str]:
    for each in _stops(window):
        if not _name(each):
            yield f"without a name: {_said(each)}"


def _too_small(window: MainWindow, look: Look) -> Iterator[str]:
    for each in _stops(window):
        if isinstance(each, _TARGETS) and each.height() < look.px(_TARGET):
            yield f"too small to touch: {_said(each)} is {each.height()} px high"


def _out_of_order(window: MainWindow) -> Iterator[str]:
    for one, other in pairwise(_chain(window)):
        if _region(window, one) is not _region(window, other):
            continue
        scrolled = set(_scrolls(one)) & set(_scrolls(other))
        if _goes_back(_place(window, one, scrolled), _place(window, other, scrolled)):
            yield f"tab order goes back: from {_said(one)} to {_said(other)}"


def _place(window: MainWindow, widget: QWidget, together: set[QWidget]) -> QRect:
    """Return where a widget is read. What is scrolled away is read at the edge of what scrolls it, ``together`` excepted: what
    scrolls both widgets that are compared.
    """
    place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
    for around in _scrolls(widget):
        if around not in together:
            shown = QRect(around.mapTo(window, QPoint(0, 0)), around.size())
            place.moveTop(max(shown.top() - place.height() + 1, min(place.top(), shown.bottom())))
            place = place.intersected(shown)
    return place


def _scrolls(widget: QWidget) -> Iterator[QWidget]:
    """Yield the viewports around a widget, the nearest first."""
    around = widget.parentWidget()
    while around is not None:
        area = around.parentWidget()
        if isinstance(area, QAbstractScrollArea) and area.viewport() is around:
            yield around
        around = area


def _goes_back(one: QRect, other: QRect) -> bool:
    """Whether reading from one to the other goes against the grain: up in the same column, or left on the same line."""
    same_line = min(one.bottom(), other.bottom()) - max(one.top(), other.top()) > min(one.height(), other.height()) // 2
    if same_line:
        return other.right() <= one.left() + _SLACK
    same_column = min(one.right(), other.right()) - max(one.left(), other.left()) > _SLACK
    return other.bottom() <= one.top() + _SLACK and (same_column or other.right() <= one.left())


def _region(window: MainWindow, widget: QWidget) -> QWidget:
    """Return the part of the window that is read as a whole: rail, bar, messages, a screen, or a part of the case page."""
    frame = window.frame
    if frame is None:
        return window
    case = frame.current()
    edges = [frame, frame.stack, *([case, *_stacks(case)] if isinstance(case, CasePage) else [])]
    now = widget
    while (parent := now.parentWidget()) is not None and parent not in edges:
        now = parent
    return now


def _stacks(page: CasePage) -> list[QWidget]:
    return [each for each in page.children() if isinstance(each, QWidget) and each.inherits("QStackedWidget")]


def _chain(window: MainWindow) -> Iterator[QWidget]:
    """Yield what the Tab key reaches, in its order, from the window on."""
    now: QWidget | None = window.nextInFocusChain()
    while now is not None and now is not window:
        if _takes_tab(window, now):
            yield now
        now = now.nextInFocusChain()


def _stops(window: MainWindow) -> list[QWidget]:
    return [each for each in _seen(window, QWidget) if _takes_tab(window, each)]


def _takes_tab(window: MainWindow, widget: QWidget) -> bool:
    return (
        widget.window() is window
        and widget.isVisible()
        and widget.isEnabled()
        and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and widget.focusProxy() is None
        and not isinstance(widget, QAbstractSlider | QScrollBar)
    )


def _seen(window: MainWindow, kind: type[W]) -> list[W]:
    """Every widget of a kind of which at least a corner can be seen."""
    return [each for each in window.findChildren(kind) if each.isVisible() and not each.visibleRegion().isEmpty()]


def _name(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def _said(widget: QWidget) -> str:
    return f"{type(widget).__name__} {_name(widget)!r}"
