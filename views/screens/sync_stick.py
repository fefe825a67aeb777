"""The stick on the Sync screen: write a sealed bundle, read headquarters' answers, take a colleague's bundle along.

Promise: "written" is said only after the bundle was read back from the stick; what came back is told answer by answer, foreign and damaged ones
too; pulling the stick loses nothing and is said in words.

Source: mock-up 06; design.md "Sync"; docs/adr/0144, 0161.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from claims.bundles import (
    AnswerOutcome,
    BundleCarried,
    BundlePhase,
    BundleProgressed,
    BundlesRead,
    BundleWritten,
    HeldBundle,
)
from claims.errors import Bilingual
from views.controls.buttons import ActionButton
from views.controls.labels import Said, Text
from views.controls.panel import Panel
from views.presentation import Presentation
from views.progress import ProgressStrip, StripState, bytes_text

TITLE = Bilingual("U 盘", "USB stick")
_SEALED = Bilingual("已加密，只有总部能打开", "sealed: only headquarters can open it")
WRITE = Bilingual("写入", "Write")
READ = Bilingual("读取回执", "Read answers")
CARRY = Bilingual("帮同事带一份…", "Carry a colleague's…")
_WHERE_TO = Bilingual("写到哪个 U 盘或文件夹", "Which stick or folder to write to")
_WHERE_FROM = Bilingual("从哪个 U 盘或文件夹读取", "Which stick or folder to read from")
_WHICH = Bilingual("同事的封存包", "A colleague's sealed bundle")
_WRITING = Bilingual("正在写入", "Writing")
_CHECKING = Bilingual("正在读回核对", "Reading back to compare")
_IDLE = Bilingual(
    "断网时写一份到 U 盘，交到有网的地方；回执用同一个 U 盘带回。",
    "Cut off? Write a bundle, have it taken to where there is a line, and read the answers from the same stick.",
)

ChooseFolder = Callable[[QWidget, str, Callable[[Path | None], None]], None]
"""Asks for a folder without blocking: ``(parent, title, chosen)``."""
ChooseBundle = ChooseFolder


class StickPanel(Panel):
    """The panel. ``writing`` and ``reading`` carry a folder, ``carrying`` a file."""

    writing = Signal(object)
    reading = Signal(object)
    carrying = Signal(object)

    def __init__(
        self,
        ui: Presentation,
        parent: QWidget | None = None,
        *,
        choose_folder: ChooseFolder | None = None,
        choose_bundle: ChooseBundle | None = None,
    ) -> None:
        """``choose_folder`` and ``choose_bundle`` stand in for Qt's dialogs; what comes after them is the same."""
        super().__init__(ui, TITLE, parent=parent)
        self._choose_folder = choose_folder or ask_for_folder
        self._choose_bundle = choose_bundle or _ask_for_bundle
        self.note(_SEALED)
        self._row = QHBoxLayout()
        self.write_button = ActionButton(ui, WRITE, icon="save")
        self.write_button.clicked.connect(lambda _checked: self._ask(_WHERE_TO, self.writing.emit))
        self.read_button = ActionButton(ui, READ, icon="usb")
        self.read_button.clicked.connect(lambda _checked: self._ask(_WHERE_FROM, self.reading.emit))
        self._row.addWidget(self.write_button, 1)
        self._row.addWidget(self.read_button, 1)
        self.body.addLayout(self._row)
        self.strip = ProgressStrip(ui)
        self.strip.hide()
        self.body.addWidget(self.strip)
        self.said = Text(ui, _IDLE, colour="text2", wrap=True)
        self.body.addWidget(self.said)
        self.held = Text(ui, "", size="caption", colour="text2", wrap=True)
        self.held.hide()
        self.body.addWidget(self.held)
        self.carry_button = ActionButton(ui, CARRY)
        self.carry_button.clicked.connect(lambda _checked: self._ask_bundle())
        self.body.addWidget(self.carry_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.tell()

    def show_waiting(self, waiting: int) -> None:
        """Show how many records headquarters has not signed for: what a bundle would take along."""
        label = Bilingual(f"写入 {waiting:,} 条", f"Write {waiting:,}") if waiting else WRITE
        self.write_button.say(label, icon="save")

    def show_held(self, held: tuple[HeldBundle, ...]) -> None:
        """Show what is carried for colleagues."""
        waiting = [each for each in held if each.forwarded_at is None]
        names = "、".join(dict.fromkeys(each.device for each in waiting))
        english = ", ".join(dict.fromkeys(each.device for each in waiting))
        self.held.setVisible(bool(waiting))
        self.held.say(
            Bilingual(
                f"本机代带 {len(waiting)} 份（{names}），联网同步时一并交总部。",
                f"This laptop carries {len(waiting)} for {english}; the next sync hands them to headquarters.",
            )
        )

    def allow(self, *, busy: bool) -> None:
        """Turn the buttons on or off."""
        for button in (self.write_button, self.read_button, self.carry_button):
            button.setEnabled(not busy)

    def show_progress(self, progress: BundleProgressed) -> None:
        """Show how far writing is."""
        what = _WRITING if progress.phase is BundlePhase.WRITING else _CHECKING
        share = progress.bytes_done / progress.bytes_total if progress.bytes_total else 0.0
        self.strip.show()
        size = bytes_text(progress.bytes_done, progress.bytes_total)
        self.strip.show_progress(StripState.RUNNING, what, Bilingual(size, size), share)

    def show_written(self, written: BundleWritten) -> None:
        """Say what is on the stick now."""
        self._say(written_words(written))

    def show_read(self, read: BundlesRead) -> None:
        """Say what the answers were worth."""
        self._say(read_words(read))

    def show_carried(self, carried: BundleCarried) -> None:
        """Say whose bundle is on this disk now."""
        name = carried.held.device
        self._say(
            Bilingual(f"已代带 {name} 的封存包。", f"{name}'s bundle is with you now.")
            if carried.new
            else Bilingual(f"{name} 的这份已经在本机。", f"This bundle of {name} is here already.")
        )

    def end(self) -> None:
        """Take the strip away: it failed, and the problem is shown where problems are."""
        self.strip.hide()

    def tell(self) -> None:
        """Take measures again."""
        super().tell()
        if not hasattr(self, "carry_button"):
            return
        self.body.setSpacing(self._ui.look.space("s"))
        self._row.setSpacing(self._ui.look.space("s"))

    def _say(self, said: Said) -> None:
        self.strip.hide()
        self.said.say(said, colour="text")

    def _ask(self, title: Bilingual, wanted: Callable[[Path], object]) -> None:
        def chosen(path: Path | None) -> None:
            if path is not None:
                wanted(path)

        self._choose_folder(self, self._ui.say(title), chosen)

    def _ask_bundle(self) -> None:
        def chosen(path: Path | None) -> None:
            if path is not None:
                self.carrying.emit(path)

        self._choose_bundle(self, self._ui.say(_WHICH), chosen)


def written_words(written: BundleWritten) -> Bilingual:
    """Return what a written bundle holds, and what was left out."""
    size = bytes_text(written.size_bytes)
    zh = f"已写入并读回核对：{written.events:,} 条记录、{written.files:,} 个文件，{size}。"
    en = f"Written and read back: {written.events:,} records, {written.files:,} files, {size}."
    if written.files_left_out:
        zh += f"{written.files_left_out:,} 个文件没放下，下次再带。"
        en += f" {written.files_left_out:,} files did not fit; they go next time."
    if written.files_unreadable:
        zh += f"{written.files_unreadable:,} 个文件在本机读不出，请看任务。"
        en += f" {written.files_unreadable:,} files can't be read on this disk."
    if written.answers:
        zh += f"另放了 {written.answers:,} 份给同事的回执。"
        en += f" {written.answers:,} answers for colleagues are beside it."
    return Bilingual(zh, en)


def read_words(read: BundlesRead) -> Bilingual:
    """Return what a stick brought, answer by answer where that says more than a number."""
    if not read.read:
        return Bilingual("这里没有总部的回执。", "There is no answer of headquarters here.")
    taken = [each for each in read.read if each.outcome is AnswerOutcome.TAKEN]
    zh = f"收下 {len(taken)} 份回执，{read.statements:,} 条新答复。"
    en = f"{len(taken)} answers taken in, {read.statements:,} of them new statements."
    if read.foreign:
        zh += f"{read.foreign} 份是给同事的，留在原处。"
        en += f" {read.foreign} are for colleagues and stay where they are."
    for each in read.read:
        if each.asks_again or each.outcome not in (AnswerOutcome.TAKEN, AnswerOutcome.FOREIGN):
            zh += each.sentence.zh
            en += f" {each.sentence.en}"
    return Bilingual(zh, en)


def ask_for_folder(parent: QWidget, title: str, chosen: Callable[[Path | None], None]) -> None:
    """Open Qt's dialog for a folder over ``parent``; it never blocks."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    _open(dialog, chosen)


def _ask_for_bundle(parent: QWidget, title: str, chosen: Callable[[Path | None], None]) -> None:
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    _open(dialog, chosen)


def _open(dialog: QFileDialog, chosen: Callable[[Path | None], None]) -> None:
    dialog.setWindowModality(Qt.WindowModality.WindowModal)

    def over(result: int) -> None:
        files = dialog.selectedFiles()
        dialog.deleteLater()
        chosen(Path(files[0]) if result == QFileDialog.DialogCode.Accepted and files else None)

    dialog.finished.connect(over)
    dialog.open()
