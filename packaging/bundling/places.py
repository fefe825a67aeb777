"""Where the builder finds and leaves things."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
SPEC = PACKAGING / "outpost.spec"
ICON_SOURCE = PACKAGING / "icons" / "outpost.svg"
WORK = ROOT / "build" / "installer"
ICON_FOLDER = WORK / "icons"
DIST = ROOT / "dist"
BUNDLE = DIST / "outpost"
LICENCES = "licences.txt"
"""Beside the program in the bundle; the Debian package shows it as its copyright file."""


def program_in(bundle: Path) -> Path:
    """Return the console program of a bundle folder."""
    return bundle / ("outpost.exe" if sys.platform == "win32" else "outpost")
