"""What a hold rests on, in the words of the rule pack: names of liabilities and facts, values as people read them.

Promise: nothing is left out: a fact that the pack does not name, or a pack that is not here, shows the name as it is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from claims.amounts import yuan
from claims.errors import Bilingual
from headquarters.console.words import name_of
from headquarters.hold_evidence import EvidenceSet
from headquarters.installation import Headquarters
from rules.engine import PackError
from rules.engine.document import ElementSpec, ValueType

_YES, _NO, _NONE = Bilingual("是", "yes"), Bilingual("否", "no"), Bilingual("无", "none")


@dataclass(frozen=True)
class Rests:
    """``liabilities`` by id; ``facts`` in the order they were recorded."""

    liabilities: Mapping[str, Bilingual]
    facts: tuple[tuple[Bilingual, Bilingual], ...]


def rests_on(hq: Headquarters, one: EvidenceSet) -> Rests:
    """Return the words for one side of a hold."""
    elements: Mapping[str, ElementSpec] = {}
    liabilities: dict[str, Bilingual] = {}
    if one.decision is not None:
        liabilities = {each.liability: each.name for each in one.decision.liabilities}
        try:
            pack = hq.packs.find(one.decision.pack_hash)
        except PackError:
            pack = None
        elements = {} if pack is None else {str(key): each for key, each in pack.elements.items()}
    return Rests(
        {**{each.liability: Bilingual(each.liability, each.liability) for each in one.keys}, **liabilities},
        tuple(_line(name, value, elements.get(name)) for name, value in one.facts.items()),
    )


def _line(name: str, value: object, element: ElementSpec | None) -> tuple[Bilingual, Bilingual]:
    return (Bilingual(name, name) if element is None else element.name), _value(value, element)


def _value(value: object, element: ElementSpec | None) -> Bilingual:
    if value is None or value == []:
        return _NONE
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, list):
        each = [_value(one, element) for one in value]
        return Bilingual("、".join(one.zh for one in each), ", ".join(one.en for one in each))
    if isinstance(value, int) and element is not None and element.type is ValueType.MONEY:
        return Bilingual(yuan(value), yuan(value))
    return name_of(str(value))
