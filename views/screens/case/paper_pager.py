"""The line under a paper: the page before, which page this is, the page after; larger, or whole again.

Promise: it stands there only while there is something to turn or to make small again; turning moves no button.
"""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from rules.bilingual import Bilingual
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.icon_button import IconButton
from views.controls.labels import Text
from views.controls.turning_box import turn_box
from views.presentation import Presentation
from views.screens.case.paper_view import PaperView

_TURN = Bilingual("第 {page} / {pages} 页", "Page {page} of {pages}")
_BEFORE, _AFTER = Bilingual("上一页", "Page before"), Bilingual("下一页", "Next page")
_LARGER, _WHOLE = Bilingual("放大", "Enlarge"), Bilingual("整页", "Whole page")


class PaperPager(QWidget):
    """The pager of one view; it follows the view by itself."""

    def __init__(self, ui: Presentation, view: PaperView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._view = ui, view
        self._before = IconButton(ui, _BEFORE, "back")
        self._after = IconButton(ui, _AFTER, "arrow")
        self._turn = Text(ui, self._turn_words, colour="text2")
        self._zoom = ActionButton(ui, _LARGER, role=ButtonRole.QUIET, icon="search")
        self._before.clicked.connect(lambda _checked: view.turn(-1))
        self._after.clicked.connect(lambda _checked: view.turn(1))
        self._zoom.clicked.connect(lambda _checked: view.enlarge())
        for button in (self._before, self._after):
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            button.setSizePolicy(policy)
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        turning, zooming = QHBoxLayout(), QHBoxLayout()
        for widget in (self._before, self._turn, self._after):
            turning.addWidget(widget)
        turning.addStretch(1)
        zooming.addStretch(1)
        zooming.addWidget(self._zoom)
        self._lines.addLayout(turning)
        self._lines.addLayout(zooming, 1)
        view.turned.connect(self._show)
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Two lines where one is too short."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        parts = (self._before, self._after, self._turn, self._zoom) if self._view.pages > 1 else (self._zoom,)
        wanted = sum(each.sizeHint().width() + self._ui.look.space("m") for each in parts)
        turn_box(self._lines, narrow=self.width() < wanted)

    def _show(self) -> None:
        view = self._view
        several = view.pages > 1
        self.setVisible(view.shows_paper and (several or view.enlarged))
        self._turn.setVisible(several)
        self._before.setVisible(several and view.page > 0)
        self._after.setVisible(several and view.page < view.pages - 1)
        self._zoom.say(_WHOLE if view.enlarged else _LARGER)
        self._turn.tell()
        self._lay_out()

    def _turn_words(self) -> str:
        return self._ui.say(_TURN).format(page=self._view.page + 1, pages=self._view.pages)
