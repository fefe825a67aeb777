"""The forms: per claim type what is asked, read from ``resources/forms``. Nothing of a form stands in code.

Promise: every element key is one of the rule pack's elements; a value that passes a form is within the element's bounds; a field is
defined once, and a claim type changes only whether it must be answered, what an empty answer means, and what it is called there.
Used-up limits, sums insured and waivers are never asked: they come from the contract, the log and the catastrophe.

Source: notes/domain.md §1.2, §5, §6, §7; docs/adr/0130.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

import resources
from claims.errors import Bilingual
from claims.form_fields import FactValue, FieldSpec, Form, Relation
from claims.form_validation import validate
from claims.materials import ClaimType

__all__ = ["FIELDS", "FORMS", "form_for", "validate"]


class _Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fields that belong together, with the relations that hold wherever the whole group is asked."""

    about: str
    source: str
    fields: tuple[FieldSpec, ...]
    relations: tuple[Relation, ...] = ()


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One field of some group, as a claim type asks it. What is left out is as the group has it."""

    field: str
    required: bool | msgspec.UnsetType = msgspec.UNSET
    default: FactValue | msgspec.UnsetType = msgspec.UNSET
    label: Bilingual | msgspec.UnsetType = msgspec.UNSET

    def of(self, field: FieldSpec) -> FieldSpec:
        changes: dict[str, Any] = {
            name: value
            for name in ("required", "default", "label")
            if (value := getattr(self, name)) is not msgspec.UNSET
        }
        return msgspec.structs.replace(field, **changes)


class _ClaimForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``asks``: names of groups, or single fields, in the order of the screen. ``same_as``: another claim type's form."""

    asks: tuple[str | _Asked, ...] = ()
    relations: tuple[Relation, ...] = ()
    constants: dict[str, FactValue] = {}
    same_as: ClaimType | None = None


class _ClaimForms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every form; ``before`` and ``after`` stand around what a claim type asks."""

    about: str
    source: str
    groups: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    claim_types: dict[ClaimType, _ClaimForm]


def _content(name: str) -> bytes:
    return resources.path("forms", f"{name}.json").read_bytes()


_CLAIM_FORMS = msgspec.json.decode(_content("claim_types"), type=_ClaimForms)
_group = msgspec.json.Decoder(_Group)
_GROUPS = {name: _group.decode(_content(name)) for name in _CLAIM_FORMS.groups}

FIELDS: dict[str, FieldSpec] = {field.key: field for group in _GROUPS.values() for field in group.fields}
"""Every field that a form asks, by key, as its group defines it."""


def _asked(asks: tuple[str | _Asked, ...]) -> Iterator[FieldSpec]:
    for ask in asks:
        if isinstance(ask, str):
            yield from _GROUPS[ask].fields
        else:
            yield ask.of(FIELDS[ask.field])


def _form(definition: _ClaimForm) -> Form:
    if definition.same_as is not None:
        return _form(_CLAIM_FORMS.claim_types[definition.same_as])
    asks = (*_CLAIM_FORMS.before, *definition.asks, *_CLAIM_FORMS.after)
    groups = (_GROUPS[ask] for ask in asks if isinstance(ask, str))
    return Form(
        fields=tuple(_asked(asks)),
        relations=(*(relation for group in groups for relation in group.relations), *definition.relations),
        constants=definition.constants,
    )


FORMS: dict[ClaimType, Form] = {claim_type: _form(one) for claim_type, one in _CLAIM_FORMS.claim_types.items()}


def form_for(claim_type: ClaimType) -> Form:
    """Return the form of a claim type."""
    return FORMS[claim_type]
