"""What the program knows of itself: given by whoever starts it, shown in Setup."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class About:
    """``version`` empty and ``data_folder`` None: not known. ``data_folder`` holds the encrypted store and its files."""

    version: str = ""
    data_folder: Path | None = None
