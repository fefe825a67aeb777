"""Keeps the window's preferences in ``window.json`` under home (``views.preferences.Preferences``)."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from views.preferences import WindowPreferences

FILE_NAME = "window.json"


class FilePreferences:
    """One small file. Garbage, an unknown value or a missing file: the defaults."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE_NAME

    def load(self) -> WindowPreferences:
        """Return what was kept."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=WindowPreferences)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return WindowPreferences()

    def save(self, preferences: WindowPreferences) -> None:
        """Replace the file. Not fsynced: losing it costs a click."""
        temporary = self._path.with_name(f".{FILE_NAME}.new")
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary.write_bytes(msgspec.json.encode(preferences))
            temporary.replace(self._path)
