"""Sentences with places: ``{name}`` in a rule's text is filled with that name's value when the step is told.

Promise: filling never fails and never decides: a value that is not known at that point is shown as ``—``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rules.engine.model import Bilingual

_PLACE = re.compile(r"\{([^{}]*)\}")
UNKNOWN = "—"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text in both languages and the names in it."""

    text: Bilingual
    names: frozenset[str]

    def told(self, speak: Callable[[str], tuple[str, str]]) -> Bilingual:
        """Return the sentence with each place filled by ``speak(name)``, a Chinese and an English reading."""
        if not self.names:
            return self.text
        known = {name: speak(name) for name in sorted(self.names)}
        return Bilingual(
            zh=_PLACE.sub(lambda place: known[place[1]][0], self.text.zh),
            en=_PLACE.sub(lambda place: known[place[1]][1], self.text.en),
        )

    def reading(self, reads_as: Mapping[str, str]) -> Sentence:
        """Return the sentence with places renamed: ``{deductible}`` is filled with ``deductible@accident``."""

        def renamed(text: str) -> str:
            return _PLACE.sub(lambda place: f"{{{reads_as.get(place[1], place[1])}}}", text)

        return sentence(Bilingual(zh=renamed(self.text.zh), en=renamed(self.text.en)))


def sentence(text: Bilingual) -> Sentence:
    """Cut a text at its places. Raises ValueError for a brace that belongs to no place."""
    names: set[str] = set()
    for side in (text.zh, text.en):
        if re.search(r"[{}]", _PLACE.sub("", side)):
            raise ValueError(f"stray brace in {side!r}")
        names.update(place[1] for place in _PLACE.finditer(side))
    return Sentence(text=text, names=frozenset(names))
