"""Values as a reader of a finding expects them: sums in yuan, yes and no in words, lists one after the other.

Promise: no fen and nothing of the program's own notation in a sentence; both languages whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rules.bilingual import Bilingual
from rules.engine.document import ElementSpec, JsonValue, ValueType
from rules.engine.model import ElementId
from rules.engine.values import canonical_text, yuan_text

NONE = Bilingual(zh="无", en="none")


def yuan(fen: int) -> Bilingual:
    """Return a sum."""
    return Bilingual(zh=f"{yuan_text(fen)} 元", en=f"{yuan_text(fen)} yuan")


def yes_or_no(value: bool) -> Bilingual:
    """Return a yes or no."""
    return Bilingual(zh="是", en="yes") if value else Bilingual(zh="否", en="no")


def listed(texts: list[Bilingual]) -> Bilingual:
    """Return several in a row."""
    return (
        Bilingual(zh="、".join(each.zh for each in texts), en=", ".join(each.en for each in texts)) if texts else NONE
    )


def named(texts: Mapping[str, Bilingual]) -> Bilingual:
    """Return several by name: ``refund = 6,120.00 yuan``."""
    return listed(
        [Bilingual(zh=f"{name} = {each.zh}", en=f"{name} = {each.en}") for name, each in sorted(texts.items())]
    )


def fact(spec: ElementSpec | None, value: object) -> Bilingual:
    """Return a fact, given as JSON or as the engine reads it."""
    if isinstance(value, tuple | list):
        return listed([fact(spec, each) for each in value])
    if isinstance(value, bool):
        return yes_or_no(value)
    if spec is not None and spec.type is ValueType.MONEY and isinstance(value, int | Decimal):
        return yuan(int(value))
    text = canonical_text(value)
    return Bilingual(zh=text, en=text)


def facts(elements: Mapping[ElementId, ElementSpec], given: Mapping[str, JsonValue]) -> Bilingual:
    """Return the facts of an example."""
    return named({name: fact(elements.get(ElementId(name)), value) for name, value in given.items()})
