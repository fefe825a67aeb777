"""The window: how soon the door accepts typing, how much memory it takes, how soon a keystroke's results stand there, and how soon
a case is open.

Baselines, measured in the same run and in turn: an empty PySide6 window that accepts a key, in a process of its own each time. The
searches run over ``--people`` persons (1,000,000 unless told). Offscreen unless ``QT_QPA_PLATFORM`` says otherwise.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.report import Row, report, row

ROUNDS = 15
_EMPTY = """
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow
from PySide6.QtTest import QTest
app = QApplication([])
window = QMainWindow()
line = QLineEdit()
window.setCentralWidget(line)
window.resize(1366, 768)
window.show()
line.setFocus()
while not window.isActiveWindow():
    app.processEvents()
app.processEvents()
QTest.keyClick(line, "1")
assert line.text() == "1"
print("ready", flush=True)
"""
# The real command up to the point at which Qt would wait for a person; then one key is typed where the focus is.
_DOOR = """
import sys
from PySide6.QtWidgets import QApplication
def typed(*_):
    from PySide6.QtTest import QTest
    app = QApplication.instance()
    while QApplication.focusWidget() is None:
        app.processEvents()
    app.processEvents()
    before = QApplication.focusWidget().accessibleDescription(), getattr(QApplication.focusWidget(), "text", str)()
    QTest.keyClick(QApplication.focusWidget(), "1")
    after = QApplication.focusWidget().accessibleDescription(), getattr(QApplication.focusWidget(), "text", str)()
    assert before != after
    print("ready", flush=True)
    return 0
QApplication.exec = typed
from app.__main__ import main
sys.exit(main(["--home", sys.argv[1], "run"]))
"""


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--only-start", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    rows = _start()
    if not options.only_start:
        from bench.window_at_work import at_work  # noqa: PLC0415 - needs the test equipment; the start must not load it

        rows += at_work(options.people)
    report("window", rows)


def _start() -> list[Row]:
    with tempfile.TemporaryDirectory() as home:
        # An installed program has its byte code; the first start of each writes it here.
        compiled = {"PYTHONPYCACHEPREFIX": f"{home}/compiled", "PYTHONDONTWRITEBYTECODE": ""}
        doors, empties = [], []
        for _ in range(ROUNDS + 1):
            empties.append(_ready_s(compiled, _EMPTY))
            doors.append(_ready_s(compiled, _DOOR, f"{home}/home"))
        del empties[0], doors[0]
    return [row("start to a typed key ÷ empty window", median(doors) * 1000, "ms", median(empties) * 1000)]


def _ready_s(environment: dict[str, str], script: str, *arguments: str) -> float:
    begun = perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
        env=os.environ | environment,
    ) as process:
        if process.stdout is None or "ready" not in process.stdout.readline():
            raise RuntimeError("the window did not become ready")
        return perf_counter() - begun


if __name__ == "__main__":
    main()
