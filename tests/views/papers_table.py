"""A table with papers on it: a case open at the papers step of the real page, and files on a stick to hand in."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from reportlab.pdfgen.canvas import Canvas

from claims.desk import Desk
from claims.overviews import CaseStep
from tests.desk.station import new_case
from tests.views.stage import Stage
from views.screens.case.page import CasePage
from views.screens.case.papers_step import PapersPanel

CLINIC_FILES = ("理赔申请书.jpg", "身份证.jpg", "门诊病历.jpg", "门诊票据.jpg", "意外事故证明.jpg", "银行卡.jpg")
"""One file for each paper that an accident medical claim needs."""


@dataclass
class Table:
    """The page, the panel on it, and the case that is open."""

    stage: Stage
    desk: Desk
    page: CasePage
    panel: PapersPanel
    case_no: str

    def settle(self) -> None:
        self.stage.settle()

    def until(self, reached: Callable[[], bool]) -> None:
        """Wait for what a timer brings."""
        deadline = time.monotonic() + 10
        while not reached():
            QTest.qWait(20)
            self.stage.settle()
            assert time.monotonic() < deadline

    def hand_in(self, *paths: Path) -> None:
        """Drop files on the step as a file manager does, and wait until they are dealt with."""
        drop(self.panel, [QUrl.fromLocalFile(str(path)) for path in paths])
        self.settle()

    def tiles(self) -> list[str]:
        """What the tiles say, from left to right."""
        return [tile.accessibleName() for tile in self.panel.strip.tiles()]

    def note(self) -> str:
        """What stands above the next action."""
        action = self.panel.next_action()
        assert action is not None
        assert action.note is not None
        return self.stage.ui.say(action.note)

    def next_text(self) -> str:
        """What the next action says."""
        action = self.panel.next_action()
        assert action is not None
        return self.stage.ui.say(action.text)


def laid(
    on_stage: Stage, desk: Desk, case_no: str | None = None, width: int = 1286, height: int = 712, **report: object
) -> Table:
    """Open a case (a new one, unless named) at its papers."""
    case_no = case_no or desk.open_case(new_case(**report))
    page = CasePage(on_stage.workplace(desk))
    page.show_case(case_no, CaseStep.PAPERS)
    on_stage.show(page, width, height)
    panel = page.panel(CaseStep.PAPERS)
    assert isinstance(panel, PapersPanel)
    return Table(on_stage, desk, page, panel, case_no)


def drop(on: QWidget, urls: Sequence[QUrl]) -> None:
    """Carry something over a widget and let it go there."""
    data = QMimeData()
    data.setUrls(list(urls))
    at = QPointF(40, 40)
    keys = Qt.KeyboardModifier.NoModifier
    action = Qt.DropAction.CopyAction
    entering = QDragEnterEvent(at, action, data, Qt.MouseButton.LeftButton, keys)
    QApplication.sendEvent(on, entering)
    assert entering.isAccepted()
    let_go = QDropEvent(at, action, data, Qt.MouseButton.LeftButton, keys, QEvent.Type.Drop)
    QApplication.sendEvent(on, let_go)
    assert let_go.isAccepted()


def picture(folder: Path, name: str, shade: int = 40, size: tuple[int, int] = (600, 800), form: str = "JPEG") -> Path:
    """Write a picture; each shade is another file."""
    folder.mkdir(exist_ok=True)
    out = io.BytesIO()
    Image.new("RGB", size, (shade, 190, 170)).save(out, form)
    path = folder / name
    path.write_bytes(out.getvalue())
    return path


def pictures(folder: Path, names: Sequence[str] = CLINIC_FILES) -> list[Path]:
    """Write a different picture under each name."""
    return [picture(folder, name, 10 + 20 * place) for place, name in enumerate(names)]


def pdf(folder: Path, name: str, pages: int = 3, password: str | None = None) -> Path:
    """Write a PDF whose pages say which they are."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    canvas = Canvas(str(path), encrypt=password)
    for page in range(pages):
        canvas.drawString(100, 700, f"page {page + 1}")
        canvas.showPage()
    canvas.save()
    return path
