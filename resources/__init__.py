"""Data only: fonts, icons, code tables, forms and papers, the sample rule pack and its numbers. ``path`` names a file in here, also inside a frozen program."""

from __future__ import annotations

from pathlib import Path


def path(*parts: str) -> Path:
    """Return the path of a bundled resource such as ``path("fonts", "NotoSansSC_400Regular.ttf")``."""
    return Path(__file__).resolve().parent.joinpath(*parts)
