"""Files on their way into a case, one after another: each gets its own verdict, and none holds up the rest.

Promise: a file is in the log and on the disk, or it stands there refused with cause and next step; nothing is taken in twice and
nothing is dropped without a word. A file goes on being taken in while another case is shown.

Source: docs/adr/0106.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from claims.errors import Bilingual, EnvironmentProblem, InputError, OutpostError
from claims.intake import TakenIn
from claims.materials import Material
from views.lanes import Lane
from views.screens.case.handed_in import Paper, PaperState
from views.screens.case.material_guess import guess_material
from views.workplace import Workplace

_MOST_BYTES = 64_000_000
"""More than any file that the examination lets pass; what is larger is not even read into memory."""


class TakingIn(QObject):
    """The files handed in for one case while the program runs, in order of arrival, taken in or not.

    ``changed`` after every step; ``took`` carries the ``DocumentRecord`` of a file that was taken in; ``finished`` when nothing is
    being read any more.
    """

    changed = Signal()
    took = Signal(object)
    finished = Signal()

    def __init__(self, work: Workplace, case_no: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work, self._case_no = work, case_no
        self._papers: dict[str, Paper] = {}
        self._made = 0
        self._running: str | None = None
        self._batch = self._done = 0

    @property
    def papers(self) -> tuple[Paper, ...]:
        """What was handed in, in the order in which it came."""
        return tuple(self._papers.values())

    @property
    def busy(self) -> bool:
        """Whether something is being read."""
        return self._running is not None

    @property
    def progress(self) -> tuple[int, int]:
        """Which file of how many is being read; (0, 0) when none is."""
        return (self._done + 1, self._batch) if self.busy else (0, 0)

    def paper(self, key: str) -> Paper | None:
        """Return what was handed in under a key."""
        return self._papers.get(key)

    def add(self, paths: Sequence[Path], missing: Collection[Material], bill_kind: str = "") -> tuple[str, ...]:
        """Queue files and return their keys. Where a name does not say which paper it is, the person is asked first."""
        coming = {each.material for each in self._papers.values() if each.state is PaperState.READING}
        still = [each for each in missing if each not in coming]
        added = []
        for path in paths:
            name = readable_name(path.name)
            guess = guess_material(name, still, bill_kind=bill_kind)
            if guess.material in still:
                still.remove(guess.material)
            state = PaperState.READING if guess.sure else PaperState.ASKING
            added.append(self._put(Paper("", guess.material, name, state, path=path)))
        self._begin(added)
        return tuple(added)

    def refuse_foreign(self, names: Sequence[str]) -> tuple[str, ...]:
        """Say of things that were dropped without being files of this machine that they were not taken in; return their keys."""
        refused = []
        for name in names:
            shown = readable_name(name)
            error = InputError(
                "not_a_file",
                Bilingual(f"“{shown}”不是本机上的文件。", f'"{shown}" is not a file on this machine.'),
                Bilingual("请先把它存到桌面，再拖进来。", "Save it to the desktop first, then drop it here."),
            )
            refused.append(self._put(Paper("", Material.OTHER, shown, PaperState.REFUSED, error=error)))
        self.changed.emit()
        return tuple(refused)

    def say_material(self, key: str, material: Material) -> None:
        """A person says which paper a file is, or wants a refused one tried again."""
        paper = self._papers.get(key)
        if paper is not None and paper.path is not None and paper.state in (PaperState.ASKING, PaperState.REFUSED):
            self._papers[key] = replace(paper, material=material, state=PaperState.READING, error=None)
            self._begin([key])

    def forget(self, key: str) -> None:
        """Take a file off the strip that is not taken in. The file itself is not touched."""
        paper = self._papers.get(key)
        if paper is None or paper.state is PaperState.TAKEN or key == self._running:
            return
        if paper.state is PaperState.READING:
            self._batch -= 1
        del self._papers[key]
        self.changed.emit()

    def _put(self, paper: Paper) -> str:
        self._made += 1
        key = f"file:{self._made}"
        self._papers[key] = replace(paper, key=key)
        return key

    def _begin(self, keys: Sequence[str]) -> None:
        self._batch += sum(self._papers[key].state is PaperState.READING for key in keys)
        self._next()
        self.changed.emit()

    def _next(self) -> None:
        if self._running is not None:
            return
        waiting = next((each for each in self._papers.values() if each.state is PaperState.READING), None)
        if waiting is None or waiting.path is None:
            self._batch = self._done = 0
            return
        self._running = waiting.key
        path = waiting.path
        # A slow stick must not hold up the store.
        self._work.tasks.run(
            lambda: read_file(path),
            lambda content: self._take(waiting, content),
            owner=self,
            failed=lambda error: self._refused(waiting, error),
            lane=Lane.PAGE,
        )

    def _take(self, paper: Paper, content: bytes) -> None:
        desk, case_no = self._work.desk, self._case_no
        self._work.tasks.run(
            lambda: desk.take_in(case_no, paper.material, paper.filename, content),
            lambda taken: self._taken(paper, taken),
            owner=self,
            failed=lambda error: self._refused(paper, error),
            writes=True,
        )

    def _taken(self, paper: Paper, taken: TakenIn) -> None:
        self._papers[paper.key] = replace(
            paper, state=PaperState.TAKEN, document=taken.document, note=taken.note, error=None
        )
        self._go_on()
        self.took.emit(taken.document)

    def _refused(self, paper: Paper, error: OutpostError) -> None:
        self._papers[paper.key] = replace(paper, state=PaperState.REFUSED, error=error)
        if not isinstance(error, InputError) and not error.code.startswith("file_"):
            # Not the file's fault: whoever sits here has to know it whatever paper is chosen.
            self._work.problems.show_error(error)
        self._go_on()

    def _go_on(self) -> None:
        self._running = None
        self._done += 1
        self._next()
        self.changed.emit()
        if not self.busy:
            self.finished.emit()


def readable_name(name: str) -> str:
    """Return a file's name as it can be shown and kept: bytes that are no text become a replacement mark."""
    return "".join("\ufffd" if 0xD800 <= ord(one) <= 0xDFFF else one for one in name)


def read_file(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        InputError: ``file_is_folder``, ``file_huge``.
        EnvironmentProblem: ``file_unreadable``, retryable.
    """
    name = readable_name(path.name)
    try:
        if path.is_dir():
            raise InputError(
                "file_is_folder",
                Bilingual(f"“{name}”是文件夹，没有收。", f'"{name}" is a folder and was not taken in.'),
                Bilingual(
                    "请打开它，把里面的文件一起选中再拖进来。", "Open it, select the files inside and drop them."
                ),
            )
        if path.exists() and not path.is_file():
            raise _unreadable(name, Bilingual("不是普通文件", "not an ordinary file"))
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise InputError(
                "file_huge",
                Bilingual(
                    f"“{name}”有 {size / 1e6:,.0f} MB，照片和扫描件不会这么大，没有读取。",
                    f'"{name}" has {size / 1e6:,.0f} MB. No photo or scan is that large; it was not read.',
                ),
                Bilingual(
                    "请看看是不是拖错了文件；要收的话，分成几份再拖。",
                    "See whether it is the wrong file; else split it and drop the parts.",
                ),
            )
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(name, _why(error)) from error


def _why(error: OSError) -> Bilingual:
    if isinstance(error, FileNotFoundError):
        return Bilingual("文件已经不在了", "it is no longer there")
    if isinstance(error, PermissionError):
        return Bilingual("没有权限读取", "reading it is not permitted")
    return Bilingual(f"{error.strerror}", f"{error.strerror}")


def _unreadable(name: str, why: Bilingual) -> EnvironmentProblem:
    return EnvironmentProblem(
        "file_unreadable",
        Bilingual(f"“{name}”读不出来：{why.zh}。", f'"{name}" can\'t be read: {why.en}.'),
        Bilingual("请看看优盘有没有插好，再试一次。", "See whether the stick is plugged in, then try again."),
        retryable=True,
    )
