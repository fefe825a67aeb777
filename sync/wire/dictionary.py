"""The trained dictionaries of the log's wire form: every one that was ever released, under the name that travels with each batch.

Promise: a released dictionary is never changed or dropped, because a laptop of two versions ago packs with it; the newest is the last.
They are trained on invented cases only (``python -m bench.sync_dictionary``) and hold no secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

import resources
from sync.wire.compact import COMPACT, DICTIONARY, Dictionary

_RELEASED = ("log-1",)


@cache
def dictionaries() -> Mapping[str, Dictionary]:
    """Return every released dictionary by name, the oldest first."""
    return MappingProxyType(
        {name: Dictionary(name, resources.path("wire", f"{name}.dictionary").read_bytes()) for name in _RELEASED}
    )


def accepted() -> tuple[str, ...]:
    """Return what a headquarters of this version names in ``HelloAnswered.accepts``."""
    return (COMPACT, *(DICTIONARY + name for name in _RELEASED))


def best_dictionary(accepts: Sequence[str]) -> Dictionary | None:
    """Return the newest dictionary that both sides have, None where they share none."""
    for name in reversed(_RELEASED):
        if DICTIONARY + name in accepts:
            return dictionaries()[name]
    return None
