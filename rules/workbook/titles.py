"""Titles of sheets as Excel allows them: 31 characters, none of ``[]:*?/\\``, no two alike.

Promise: the same titles asked for in the same order give the same titles.
"""

from __future__ import annotations

import re

MAX_TITLE = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]|^'|'$")


class Titles:
    """The titles taken so far."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        """Return the title, changed where Excel would not have it or it is taken."""
        plain = _FORBIDDEN.sub("_", wanted)[:MAX_TITLE].rstrip(" '") or "_"
        title, number = plain, 1
        while title.casefold() in self._taken:
            number += 1
            title = f"{plain[: MAX_TITLE - len(str(number)) - 1]}_{number}"
        self._taken.add(title.casefold())
        return title
