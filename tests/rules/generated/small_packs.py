"""A pack of one plan around a few rules, for tests that need expressions of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from rules.engine import Pack, load_pack
from rules.engine.document import PackDocument, write_document

Spec = dict[str, Any]

_UNITS = {"money": "fen", "exact_money": "fen", "number": "count", "text": "text", "bool": "bool", "date": "date"}
_BOUNDS = {
    "money": ("-1000000", "1000000000"),
    "number": ("-1000", "1000"),
    "text": ("0", "12"),
    "bool": ("false", "true"),
    "date": ("2019-01-01", "2026-12-31"),
}
# One element of each type, and lists.
ELEMENTS = {
    "x": "number", "y": "number", "m": "money", "n": "money", "p": "bool", "q": "bool", "d": "date", "e": "date", "t": "text",
    "xs": "numbers", "ms": "moneys",
}  # fmt: skip


def named(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def element(name: str, kind: str, **more: Any) -> Spec:
    """Return an element of a type; ``numbers`` is a list of number."""
    many = kind.endswith("s")
    kind = kind.removesuffix("s")
    low, high = _BOUNDS[kind]
    extra: Spec = {"scale": 3} if kind == "number" else {}
    extra |= {"many": True, "items": 4} if many else {}
    spec = {"id": name, "name": named(name), "type": kind, "unit": _UNITS[kind], "source": "document"}
    return {**spec, "minimum": low, "maximum": high, **extra, **more}


def rule(name: str, kind: str, value_type: str, **more: Any) -> Spec:
    """Return a rule; ``expression`` or ``table`` comes in ``more``."""
    spec = {"id": name, "kind": kind, "name": named(name), "clause": f"clause {name}", "type": value_type}
    told = {"applied": named(f"{name} applied"), "not_applied": named(f"{name} not applied")}
    return {**spec, "unit": _UNITS[value_type], "date_basis": "liability", **told, **more}


def amount(name: str, expression: str, **more: Any) -> Spec:
    return rule(name, "amount", "exact_money", expression=expression, **more)


def small_pack(
    rules: Sequence[Spec],
    steps: Sequence[str],
    *,
    parameters: Mapping[str, tuple[str, Any]] | None = None,
    pools: Sequence[Spec] = (),
    **liability: Any,
) -> Pack:
    """Return a pack with plan ``P`` and one liability ``benefit``; ``parameters`` are (type, value) by name."""
    given = parameters or {}
    document: Spec = {
        "schema": 1,
        "engine_min": "1",
        "pack_id": "small",
        "version": 1,
        "valid_from": "2020-01-01",
        "elements": [
            element("plan", "text", minimum="1", maximum="40"),
            element("claim_types", "texts", minimum="1", maximum="40"),
            element("bill", "text", minimum="1"),
            *(element(name, kind) for name, kind in ELEMENTS.items()),
        ],
        "parameters": [
            {
                "id": name,
                "name": named(name),
                "type": kind.removesuffix("s"),
                "unit": _UNITS[kind.removesuffix("s")],
                "many": kind.endswith("s"),
            }
            for name, (kind, _) in given.items()
        ],
        "rules": [*rules, rule("to_the_fen", "round", "money", expression="round half up(amount, 2)")],
        "pools": list(pools),
        "date_bases": {"accident": "e"},
        "liabilities": [
            {
                "id": "benefit",
                "name": named("L"),
                "clause": "clause L",
                "claimed": ["c"],
                "date_basis": "d",
                "loss_key": "bill:{bill}",
                "steps": [*steps, "to_the_fen"],
                **liability,
            }
        ],
        "plans": [
            {
                "id": "P",
                "name": named("P"),
                "order": 1,
                "liabilities": [{"liability": "benefit"}],
                "parameters": {name: value for name, (_, value) in given.items()},
            }
        ],
    }
    return load_pack(write_document(msgspec.convert(document, type=PackDocument)))
