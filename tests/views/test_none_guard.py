"""A fault of the Qt binding must not end the program: ``None`` survives more calls than its count had references."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import sys
{guard}
from PySide6.QtCore import QObject
thing = QObject()
for _ in range(sys.getrefcount(None) % (1 << 40) + 100_000):
    thing.setObjectName("x")
print("alive")
"""


def test_none_outlives_a_long_session() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _SCRIPT.format(guard="from views.none_guard import keep_none_alive; keep_none_alive()")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.stdout.strip() == "alive", ran.stderr
    assert ran.returncode == 0, ran.stderr


_EMITS = """
import sys
from views.none_guard import keep_none_alive
keep_none_alive()
from PySide6.QtCore import QObject, Signal
class Bell(QObject):
    rung = Signal()
bell = Bell()
for _ in range(sys.getrefcount(True) % (1 << 40) + 10_000):
    bell.rung.emit()
print("alive")
"""


def test_true_outlives_a_long_session_of_signals() -> None:
    ran = subprocess.run([sys.executable, "-c", _EMITS], capture_output=True, text=True, check=False, timeout=60)
    assert ran.stdout.strip() == "alive", ran.stderr
    assert ran.returncode == 0, ran.stderr
