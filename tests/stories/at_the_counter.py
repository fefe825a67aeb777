"""What an adjuster does at the counter, as the stories tell it: each function is a few acts of a ``Person``.

The printer writes a PDF file instead of paper: Qt's printing runs, only its dialog is answered by the story.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget

from app.demo.paperwork import photographed
from app.demo.preposition import allowances_for_story
from app.settings import save_settings
from tests.stories.office import Laptop, Office
from tests.stories.person import Person
from views import printing
from views.presentation import Presentation
from views.screens.case.ink_pad import InkPad

ACCOUNT = "6217 0012 3456 7890 122"


def prepared(office: Office) -> Laptop:
    """Return a laptop that was enrolled, given the story's allowances, and synced once; headquarters is gone afterwards."""
    with office.serving() as url:
        laptop = office.enrol("D3", url)
        for grant in allowances_for_story():
            office.allow("D3", grant.pool, grant.limit_fen, grant.pool_limit_fen)
        with laptop.desk() as desk:
            assert desk.sync().problem is None
    return laptop


def move(laptop: Laptop, url: str) -> None:
    """Headquarters is at another address now: a loopback port changes at every start."""
    save_settings(laptop.at(url).settings)


@contextmanager
def printer_that_writes(out: Path) -> Iterator[None]:
    """Answer the print dialog with a printer that writes this PDF."""

    def answer(
        _parent: QWidget, _ui: Presentation, _title: str, _offered: str, chosen: Callable[[QPrinter | None], None]
    ) -> None:
        printer = printing.a4_printer()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(out))
        chosen(printer)

    before = printing.open_print_dialog
    printing.open_print_dialog = answer
    try:
        yield
    finally:
        printing.open_print_dialog = before


def unlock(person: Person, laptop: Laptop) -> None:
    """Type the passphrase; the desk opens. Unlocking is not counted: it is done once a day."""
    person.type_here(laptop.unlock.passphrase)
    person.press("Return")
    assert person.can_see("排队")
    # Nobody finds a person in the first half second.
    person.wait_until(lambda: person.window.frame is not None and person.window.frame.warming.over)
    person.actions = 0


def find_person(person: Person, text: str) -> None:
    """Search from wherever one is, and take the first person found."""
    person.press("/")
    person.type_here(text)
    person.press("Return")


def files_of(folder: Path, names: Sequence[str], lines: Sequence[str]) -> list[Path]:
    """Make photographs of papers with these names."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name in names:
        file = folder / f"{name}.jpg"
        file.write_bytes(photographed(name, lines))
        files.append(file)
    return files


def sign_both(person: Person, bank: str | None = "示例银行") -> None:
    """Enter the account where one is needed, tick the consent, and both sign."""
    if bank is not None:
        person.fill("开户银行", bank)
        person.fill("银行账号", ACCOUNT)
    person.click("本人已看过金额和计算")
    person.sign("申请人", InkPad)
    person.sign("经办人", InkPad)
    person.press("Ctrl+Return")


def paper_out(person: Person) -> None:
    """Issue, print, hand over: the paper is in the claimant's hands."""
    person.press("Ctrl+Return")
    person.press("Ctrl+Return")
    person.wait_until(lambda: person.can_see("交到客户手里再按"))
    person.press("Ctrl+Return")
