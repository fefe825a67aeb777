"""Sentences put together: each ends as a sentence does, whoever wrote it."""

from __future__ import annotations

from rules.bilingual import Bilingual

_ENDS = "。！？.!?…；;：:"


def together(*parts: Bilingual) -> Bilingual:
    """Return the sentences one after another; one without its mark gets it, an empty one is left out."""
    chinese = [_ended(each.zh, "。") for each in parts if each.zh.strip()]
    english = [_ended(capital(each).en, ".") for each in parts if each.en.strip()]
    return Bilingual("".join(chinese), " ".join(english))


def capital(text: Bilingual) -> Bilingual:
    """Return a text whose English begins with a capital."""
    return Bilingual(text.zh, text.en[:1].upper() + text.en[1:])


def _ended(text: str, mark: str) -> str:
    plain = text.strip()
    return plain if plain[-1] in _ENDS else plain + mark
