"""A value as a paper writes it, by the kind of its field.

Promise: nothing is rounded or shortened; what can't be read as its kind is printed as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from claims.errors import Bilingual
from claims.form_fields import FactValue, FieldKind, FieldSpec
from claims.papers import Language, Printed
from forms.figures import amount_in_figures, beijing_minute

_YES_NO = {True: Bilingual("是", "Yes"), False: Bilingual("否", "No")}
_PLACEHOLDER = re.compile(r"\{([a-z0-9_.]+)\}")
TO_WRITE_ON = "＿" * 8
"""Stands in a sentence where a value is to be written by hand."""


def said(words: Bilingual, language: Language) -> str:
    """Return words in a language; the other one where it says nothing."""
    return words.zh or words.en if language is Language.ZH else words.en or words.zh


def written(field: FieldSpec, value: Printed | None, language: Language) -> str:
    """Return a value as text; an empty text for none. A list is joined."""
    if value is None:
        return ""
    if isinstance(value, Bilingual):
        return said(value, language)
    if isinstance(value, list):
        comma = "、" if language is Language.ZH else ", "
        return comma.join(_one(field, each, language) for each in value)
    return _one(field, value, language)


def _one(field: FieldSpec, value: FactValue, language: Language) -> str:
    if isinstance(value, bool):
        return said(_YES_NO[value], language)
    if isinstance(value, int):
        return amount_in_figures(value) if field.kind is FieldKind.AMOUNT else str(value)
    text = str(value)
    if field.kind is FieldKind.CHOICE:
        return next((said(choice.label, language) for choice in field.choices if choice.value == text), text)
    if field.kind is FieldKind.INSTANT:
        return _minute(text, language)
    return text


def _minute(text: str, language: Language) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return beijing_minute(at, english=language is Language.EN)


def filled_in(words: Bilingual, language: Language, value_of: Callable[[str], str]) -> tuple[str, ...]:
    """Return a paragraph with its ``{key}`` filled in; what is empty is left to write on. Line breaks make several paragraphs."""
    text = _PLACEHOLDER.sub(lambda found: value_of(found[1]) or TO_WRITE_ON, said(words, language))
    return tuple(line for line in text.splitlines() if line.strip())


def placeholders(words: Bilingual) -> frozenset[str]:
    """Return the keys that a paragraph asks for."""
    return frozenset(_PLACEHOLDER.findall(words.zh)) | frozenset(_PLACEHOLDER.findall(words.en))
