"""The value of a field in words: what a paper will print, as a screen says it beforehand.

Promise: the same value as on the paper: sums with two decimals, choices by their names, instants as Beijing time. Pure.
"""

from __future__ import annotations

from datetime import datetime

from claims.form_fields import FieldKind, FieldSpec
from claims.papers import Printed
from claims.trusted_time import BEIJING
from rules.bilingual import Bilingual
from views.controls.labels import money_text
from views.sentences import capital

_YES, _NO = Bilingual("是", "Yes"), Bilingual("否", "No")


def value_words(field: FieldSpec, value: Printed) -> Bilingual:
    """Return a value in words."""
    if isinstance(value, Bilingual):
        return value
    if isinstance(value, list):
        said = [value_words(field, each) for each in value]
        return Bilingual("、".join(each.zh for each in said), ", ".join(each.en for each in said))
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, int) and field.kind is FieldKind.AMOUNT:
        return Bilingual(f"{money_text(value)} 元", f"{money_text(value)} yuan")
    text = str(value)
    if field.kind is FieldKind.INSTANT:
        text = datetime.fromisoformat(text).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    label = next((capital(each.label) for each in field.choices if each.value == text), None)
    return label or Bilingual(text, text)
