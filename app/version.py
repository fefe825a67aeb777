"""The program's version, as written in ``pyproject.toml``; a test compares the two. A constant: a frozen program has no metadata to ask."""

from __future__ import annotations

VERSION = "0.1.0"
