"""Reading the running number out of a paper's or a case's number, to know how far a block is used."""

from __future__ import annotations

import re

# <prefix>-<kind letter, optional><digits>-<check character>: see claims.numbers, which writes them.
_NUMBER = re.compile(r"(?P<prefix>.+?)-(?P<kind>[A-Z]?)(?P<value>[0-9]+)-?(?P<check>[0-9A-Z])")


def split_number(number: str) -> tuple[str | None, int | None]:
    """Return prefix and running number, or two Nones for a number of another shape (it counts as used all the same)."""
    match = _NUMBER.fullmatch(number)
    return (None, None) if match is None else (match["prefix"], int(match["value"]))
