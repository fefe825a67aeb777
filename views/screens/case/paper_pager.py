"""The line under a paper: the page before, which page this is, the page after; larger, or whole again.

Promise: it stands there only while there is something to turn or to make small again; turning moves no button.
"""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from rules.bilingual import Bilingual
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.labels import Text
from views.presentation import Presentation
from views.screens.case.paper_view import PaperView

_TURN = Bilingual("第 {page} / {pages} 页", "Page {page} of {pages}")
_BEFORE, _AFTER = Bilingual("上一页", "Previous"), Bilingual("下一页", "Next")
_LARGER, _WHOLE = Bilingual("放大", "Enlarge"), Bilingual("整页", "Whole page")


class PaperPager(QWidget):
    """The pager of one view; it follows the view by itself."""

    def __init__(self, ui: Presentation, view: PaperView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._view = ui, view
        self._before = ActionButton(ui, _BEFORE, role=ButtonRole.QUIET, icon="back")
        self._after = ActionButton(ui, _AFTER, role=ButtonRole.QUIET, arrow=True)
        self._turn = Text(ui, self._turn_words, colour="text2")
        self._zoom = ActionButton(ui, _LARGER, role=ButtonRole.QUIET, icon="search")
        self._before.clicked.connect(lambda _checked: view.turn(-1))
        self._after.clicked.connect(lambda _checked: view.turn(1))
        self._zoom.clicked.connect(lambda _checked: view.enlarge())
        for button in (self._before, self._after):
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            button.setSizePolicy(policy)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._before)
        row.addWidget(self._turn)
        row.addWidget(self._after)
        row.addStretch(1)
        row.addWidget(self._zoom)
        view.turned.connect(self._show)
        self.hide()

    def _show(self) -> None:
        view = self._view
        several = view.pages > 1
        self.setVisible(view.shows_paper and (several or view.enlarged))
        self._turn.setVisible(several)
        self._before.setVisible(several and view.page > 0)
        self._after.setVisible(several and view.page < view.pages - 1)
        self._zoom.say(_WHOLE if view.enlarged else _LARGER)
        self._turn.tell()

    def _turn_words(self) -> str:
        return self._ui.say(_TURN).format(page=self._view.page + 1, pages=self._view.pages)
