"""Every test of the window runs offscreen and fails on a warning of Qt that it did not expect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QtMsgType, qInstallMessageHandler

from tests.views.stage import Stage, stage
from views.none_guard import keep_none_alive

# Tests without a background job make as many calls of Qt as those with one.
keep_none_alive()

_EXPECTED = (
    "does not support raise()",
    "does not support grabbing",
    "propagateSizeHints",
)


@pytest.fixture(autouse=True)
def qt_is_silent() -> Iterator[None]:
    """Collect what Qt complains about; any of it fails the test."""
    complaints: list[str] = []

    def note(kind: QtMsgType, _context: object, message: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and not any(each in message for each in _EXPECTED):
            complaints.append(message)

    before = qInstallMessageHandler(note)
    yield
    qInstallMessageHandler(before)
    assert not complaints


@pytest.fixture
def on_stage(tmp_path: Path) -> Iterator[Stage]:
    """A stage in Chinese, by day, at 100 %."""
    with stage(tmp_path) as made:
        yield made
