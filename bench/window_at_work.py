"""The window at work over many people: its memory, a keystroke's results on the screen, a case on the screen, another theme or language.

The window is the program's own (``app.window.Program``) over a real store; the people are invented. Baselines, measured in the same run:
memory ÷ an empty PySide6 window's, in a process each; a keystroke ÷ the desk's answer alone in the same lane (the first and the slowest
÷ the 50 ms allowed); a case ÷ the desk's answer alone; a theme ÷ Qt's own palette, font and style sheet over the same widgets; a
language ÷ painting the window once more.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import msgspec

from bench.report import Row, report, row

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.window import Program

# Imports stand where they are needed: the measured processes must load what the program loads and nothing else.
# ruff: noqa: PLC0415

ROUNDS = 9
_PATIENCE_S = 120.0
QUERIES = (
    ("name", "张伟华"),
    ("given name, two characters", "晓禾"),
    ("name, rare character", "㛃"),
    ("pinyin", "zhangwei"),
    ("initials", "zwh"),
    ("ID number, birth date", "19870412"),
    ("ID number, last four", "0159"),
    ("digits most have", "99011990"),
    ("phone", None),
    ("policy number", None),
    ("nobody", "欧阳不存在"),
)


class _Memory(msgspec.Struct):
    """What a measured process says: resident megabytes."""

    first_mb: float
    case_mb: float = 0.0


def at_work(people: int) -> list[Row]:
    """Return the rows over this many people."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        case_no = _make_home(home, people)
        rows = _memory(home, case_no)
        with _window(home) as program:
            rows += _typing(program)
            rows += _opening(program, case_no)
            rows += _switching(program)
    return rows


# The laptop


def _make_home(home: Path, people: int) -> str:
    """Make an enrolled laptop with a case in the middle of it and this many people; return the case's number."""
    from app.settings import Settings, save_settings
    from bench.synthetic_people import persons, policies
    from claims.reference import ExtractHeader
    from headquarters.extract_file import write_extract
    from headquarters.sample import sample_persons, sample_policies
    from local_db.extract.apply import apply_extract
    from local_db.key_file import unlock_keys
    from local_db.key_slots import PassphraseUnlock
    from resources.sample_numbers import CLINIC
    from tests.desk.station import ADJUSTER, PASSPHRASE, Station, clinic_facts, new_case, take_papers

    station = Station(home)
    station.create()
    save_settings(Settings(home=home, adjuster=ADJUSTER))
    stream = home.parent / "people.zst"
    mine = sample_persons(), sample_policies()
    header: ExtractHeader = write_extract(
        stream,
        chain(mine[0], persons(people)),
        chain(mine[1], policies(people, people)),
        2,
        datetime(2026, 11, 20, tzinfo=UTC),
        counts=(len(mine[0]) + people, len(mine[1]) + people),
    )
    assert header.persons > people
    keys = unlock_keys(home, PassphraseUnlock(ADJUSTER, PASSPHRASE), station.clock)
    with stream.open("rb") as source:
        apply_extract(source, home / "extract", keys.file_key("extract"))
    stream.unlink()
    desk = station.open()
    case_no = desk.open_case(new_case())
    take_papers(desk, case_no)
    desk.adjudicate(case_no, CLINIC, clinic_facts())
    desk.close()
    return case_no


@contextmanager
def _window(home: Path) -> Iterator[Program]:
    """Open the program's window and unlock it."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from app.window import Program

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    program = Program(app, home)
    program.window.show()
    program.window.activateWindow()
    program.window.begin()
    _until(lambda: program.window.tasks.under_way == 0 and app.focusWidget() is not None)
    for key in _passphrase():
        _type(_focused(), key)
    QTest.keyClick(_focused(), Qt.Key.Key_Return)
    _until(lambda: program.window.frame is not None and program.window.tasks.under_way == 0)
    try:
        yield program
    finally:
        program.window.close()
        program.close()


def _focused() -> QWidget:
    from PySide6.QtWidgets import QApplication

    focused = QApplication.focusWidget()
    assert focused is not None
    return focused


def _passphrase() -> str:
    # The test station's; read as text, so that a measured process does not load the station's headquarters.
    source = (Path(__file__).parents[1] / "tests" / "desk" / "station.py").read_text("utf-8")
    return next(line for line in source.splitlines() if line.startswith("PASSPHRASE")).split('"')[1]


# Memory


def _memory(home: Path, case_no: str) -> list[Row]:
    empty = _measured("--empty").first_mb
    full = _measured("--memory", str(home), "--case", case_no)
    return [
        row("memory once unlocked", full.first_mb, "MB", empty),
        row("memory with a case open", full.case_mb, "MB", empty),
    ]


def _measured(*arguments: str) -> _Memory:
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.window_at_work", *arguments],
        stdout=subprocess.PIPE,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=_Memory)


def _empty_memory() -> _Memory:
    from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow

    app = QApplication([])
    window = QMainWindow()
    window.setCentralWidget(QLineEdit())
    window.resize(1366, 768)
    window.show()
    _until(window.isActiveWindow)
    app.processEvents()
    return _Memory(_resident_mb())


def _window_memory(home: Path, case_no: str) -> _Memory:
    with _window(home) as program:
        first_mb = _resident_mb()
        _show_case(program, case_no)
        return _Memory(first_mb, _resident_mb())


def _resident_mb() -> float:
    """Return the resident megabytes of this process; where the system does not tell, the most there ever were."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / 1e6 if sys.platform == "darwin" else most / 1e3


# Typing


def _typing(program: Program) -> list[Row]:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from views.lanes import Lane
    from views.screens.people import PeopleScreen
    from views.workplace import Place

    frame = program.window.frame
    assert frame is not None
    frame.show_place(Place.PEOPLE)
    screen = frame.current()
    assert isinstance(screen, PeopleScreen)
    _settle(program)
    painted = _Painted(screen)
    desk, slowest = frame.desk, 0.0
    cold = painted.after(partial(_type, screen.first_focus(), "1"))
    _settle(program)
    QTest.keyClick(screen.first_focus(), Qt.Key.Key_Backspace)
    _settle(program)
    rows = [row("the very first key to painted rows", cold * 1000, "ms", 50.0)]
    for name, given in QUERIES:
        query = given or _known(name)
        taken, alone = [], []
        for _ in range(2):
            for end in range(1, len(query) + 1):
                taken.append(painted.after(partial(_type, screen.first_focus(), query[end - 1])))
                _settle(program)
                text = query[:end]

                def ask(text: str = text) -> float:
                    begun = perf_counter()
                    desk.person_rows(text, limit=20)
                    return perf_counter() - begun

                alone.append(program.workers.submit(Lane.SEARCH, ask).result())
            for _key in query:
                QTest.keyClick(screen.first_focus(), Qt.Key.Key_Backspace)
            _settle(program)
        slowest = max(slowest, *taken)
        rows.append(row(f"key to painted rows: {name}", median(taken) * 1000, "ms", median(alone) * 1000))
        rows.append(row(f"  slowest of {len(taken)} keys", max(taken) * 1000, "ms", max(alone) * 1000))
    rows.append(row("slowest key of all the others", slowest * 1000, "ms", 50.0))
    return rows


def _known(name: str) -> str:
    from bench.synthetic_people import persons, policies

    return next(iter(persons(1))).phone if name == "phone" else next(iter(policies(1, 1))).policy_no.replace(" ", "")


def _type(field: QWidget, key: str) -> None:
    from PySide6.QtGui import QInputMethodEvent
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    if key.isascii():
        QTest.keyClicks(field, key)
        return
    event = QInputMethodEvent()
    event.setCommitString(key)
    QApplication.sendEvent(field, event)


class _Painted:
    """Tells when the rows of the last search stand on the screen."""

    def __init__(self, screen: QWidget) -> None:
        from PySide6.QtCore import QEvent, QObject

        from views.controls.row_list import RowList
        from views.paged_rows import PagedRows

        view = screen.findChild(RowList)
        assert isinstance(view, RowList)
        rows = view.model()
        assert isinstance(rows, PagedRows)
        self._viewport = view.viewport()
        self.came = self.seen = False
        outer = self

        class Watch(QObject):
            def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
                if event.type() == QEvent.Type.Paint and outer.came:
                    outer.seen = True
                return False

        self._watch = Watch()
        self._viewport.installEventFilter(self._watch)
        rows.loaded.connect(self._loaded)

    def _loaded(self, _count: int) -> None:
        self.came = True
        # A hidden list (nobody found) is not painted; its words are, in the same round.
        self._viewport.update()

    def after(self, act: Callable[[], None]) -> float:
        """Act, and return the seconds until what came of it is painted."""
        self.came = self.seen = False
        begun = perf_counter()
        act()
        _until(lambda: self.seen or (self.came and not self._viewport.isVisible()))
        return perf_counter() - begun


# A case


def _opening(program: Program, case_no: str) -> list[Row]:
    from views.lanes import Lane
    from views.workplace import Place

    frame = program.window.frame
    assert frame is not None
    desk = frame.desk
    first = _timed(lambda: _show_case(program, case_no))
    taken, alone = [], []
    for _ in range(ROUNDS):
        frame.show_place(Place.DESK)
        _settle(program)

        def ask() -> float:
            return _timed(lambda: desk.case_standing(case_no))

        alone.append(program.workers.submit(Lane.STORE, ask).result())
        taken.append(_timed(lambda: _show_case(program, case_no)))
    baseline = median(alone) * 1000
    return [
        row("case with papers to painted page", median(taken) * 1000, "ms", baseline),
        row("  the first time, panels made", first * 1000, "ms", baseline),
    ]


def _show_case(program: Program, case_no: str) -> None:
    from claims.overviews import CaseStep

    frame = program.window.frame
    assert frame is not None
    frame.open_case(case_no, CaseStep.PAPERS)
    _settle(program)


# Theme and language


def _switching(program: Program) -> list[Row]:
    from PySide6.QtWidgets import QApplication

    from views.look.tokens import Theme

    ui, window = program.ui, program.window

    def painted(change: Callable[[], None]) -> float:
        begun = perf_counter()
        change()
        QApplication.processEvents()
        return perf_counter() - begun

    themes, plain, languages, paints = [], [], [], []
    for turn in range(ROUNDS):
        plain.append(painted(ui.look.apply))
        themes.append(painted(partial(ui.look.use, theme=(Theme.SUNLIGHT, Theme.LIGHT)[turn % 2])))
        _settle(program)
        paints.append(_timed(window.grab))
        languages.append(painted(partial(ui.words.switch, ("en", "zh")[turn % 2])))
        _settle(program)
    return [
        row("another theme, painted", median(themes) * 1000, "ms", median(plain) * 1000),
        row("another language, painted", median(languages) * 1000, "ms", median(paints) * 1000),
    ]


# Time


def _timed(act: Callable[[], object]) -> float:
    begun = perf_counter()
    act()
    return perf_counter() - begun


def _settle(program: Program) -> None:
    """Let the window come to rest: no job under way, everything painted."""
    _until(lambda: program.window.tasks.under_way == 0)


def _until(reached: Callable[[], bool]) -> None:
    """Run the event loop until something is so, and once more."""
    from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop

    deadline = perf_counter() + _PATIENCE_S
    while not reached():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        if perf_counter() > deadline:
            raise RuntimeError("the window did not come to rest")
    QCoreApplication.processEvents()


def main() -> None:
    """Measure and report; or, in a process of its own, say how much memory is in use."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--empty", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--memory", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--case", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if options.empty:
        print(msgspec.json.encode(_empty_memory()).decode())
    elif options.memory is not None:
        print(msgspec.json.encode(_window_memory(options.memory, options.case)).decode())
    else:
        report("window_at_work", at_work(options.people))


if __name__ == "__main__":
    main()
