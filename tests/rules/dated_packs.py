"""The sample pack with a figure or a rule that changed on some day."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from rules.engine import ElementId, Facts, Pack, Value, decode_facts, load_pack
from tests.rules.edited_packs import Change, Document, by_id, changed

# Another value from each of these days on.
Values = Mapping[str, object]


def dated(values: Values) -> Document:
    """Return a dated parameter's document form."""
    return {"values": [{"valid_from": start, "value": value} for start, value in values.items()]}


def with_parameter(name: str, values: Values, *plans: str) -> Change:
    """Give ``plans`` (all that have the parameter, when none is named) these values over time."""

    def change(document: Document) -> None:
        for plan in document["plans"]:
            if name in plan["parameters"] and plan["id"] in (plans or (plan["id"],)):
                plan["parameters"][name] = dated(values)

    return change


def with_basis(basis: str, *rules: str) -> Change:
    """Let rules read by another basis."""

    def change(document: Document) -> None:
        for name in rules:
            by_id(document, "rules", name)["date_basis"] = basis

    return change


def with_versions(name: str, basis: str, versions: dict[str, str]) -> Change:
    """Make a rule of formula versions, by their first days."""

    def change(document: Document) -> None:
        rule = by_id(document, "rules", name)
        rule.pop("expression", None)
        rule.update(
            date_basis=basis,
            versions=[{"valid_from": start, "expression": text} for start, text in versions.items()],
        )

    return change


def pack_with(*changes: Callable[[Document], object]) -> Pack:
    """Return the sample pack after all the changes."""

    def change(document: Document) -> None:
        for each in changes:
            each(document)

    return load_pack(changed(change))


def facts_in(pack: Pack, case: str, **other: Value) -> Facts:
    """Return a worked case's facts, changed by keyword."""
    test = next(test for test in pack.tests if test.name == case)
    facts = decode_facts(pack, msgspec.json.encode(test.facts))
    return {**facts, **{ElementId(name): value for name, value in other.items()}}
