"""Parts of a form's definition, and what is said about one field where it stands beside it.

Promise: a part checks exactly what the whole would check of its fields.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import msgspec

from claims.form_definitions import validate
from claims.form_fields import FieldKind, FieldSpec, Form, Validated
from rules.bilingual import Bilingual
from views.sentences import capital

# Any day will do to see which choice a text means.
_SOME_DAY = date(2000, 1, 1)


def part_of(form: Form, wanted: Callable[[str], bool]) -> Form:
    """Return a form of the wanted fields and of the relations that lie wholly within them."""
    fields = tuple(field for field in form.fields if wanted(field.key))
    keys = {field.key for field in fields}

    def inside(relation: object) -> bool:
        named: set[str] = set()
        for name in ("earlier", "later", "whole", "key", "other"):
            value = getattr(relation, name, None)
            if isinstance(value, str):
                named.add(value)
        named.update(getattr(relation, "parts", ()))
        return named <= keys

    return msgspec.structs.replace(
        form,
        fields=fields,
        relations=tuple(each for each in form.relations if inside(each)),
        constants={key: value for key, value in form.constants.items() if wanted(key)},
    )


def only_fields(form: Form, keys: Sequence[str]) -> Form:
    """Return the form of these fields, in this order. Raises ``KeyError`` for a key the form doesn't have."""
    wanted = frozenset(keys)
    part = part_of(form, wanted.__contains__)
    return msgspec.structs.replace(part, fields=tuple(form.field(key) for key in keys))


def meant_value(form: Form, spec: FieldSpec, text: str) -> str:
    """Return the value of the choice that a text means, the text itself where it means none."""
    alone = msgspec.structs.replace(form, fields=(spec,), relations=(), constants={})
    read = validate(alone, {spec.key: text}, _SOME_DAY)
    if not isinstance(read, Validated):
        return text
    value = read.values.get(spec.key)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def account_warning(form: Form, spec: FieldSpec, text: str, today: date) -> Bilingual | None:
    """Return what should be looked at again in an account that may be right, None for nothing and for other fields."""
    if spec.kind is not FieldKind.ACCOUNT or not text.strip():
        return None
    alone = validate(only_fields(form, (spec.key,)), {spec.key: text}, today)
    return alone.warnings[0].sentence if isinstance(alone, Validated) and alone.warnings else None


def without_label(spec: FieldSpec, sentence: Bilingual | None) -> Bilingual | None:
    """Return a sentence without the label in front of it: it stands beside the field."""
    if sentence is None:
        return None
    return capital(
        Bilingual(sentence.zh.removeprefix(f"{spec.title.zh}："), sentence.en.removeprefix(f"{spec.title.en}: "))
    )
