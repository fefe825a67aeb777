"""``instance of`` in the FEEL mode. Null is an instance of ``Null`` only.

Source: DMN 1.5 §10.3.2.9.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.tools.feel_syntax import TypeName
from rules.tools.feel_values import OutOfScope, Range, kind_of

_PLAIN = frozenset(
    {"number", "string", "boolean", "date", "time", "date and time", "days and time duration"}
    | {"years and months duration", "Null"}
)


def is_instance(value: Any, asked: TypeName) -> bool:
    """Say whether a value is of a type. Raises ``OutOfScope`` for types that values here do not carry."""
    if asked.name == "Any":
        return value is not None
    if asked.name in _PLAIN and not asked.arguments:
        return kind_of(value) == asked.name
    if value is None:
        return False
    if asked.name == "list" and len(asked.arguments) == 1:
        return isinstance(value, tuple) and all(is_instance(each, asked.arguments[0]) for each in value)
    if asked.name == "range" and len(asked.arguments) == 1:
        ends = [end for end in (value.low, value.high) if end is not None] if isinstance(value, Range) else []
        return isinstance(value, Range) and all(is_instance(end, asked.arguments[0]) for end in ends)
    if asked.name == "context" and asked.fields:
        return isinstance(value, Mapping) and all(
            name in value and is_instance(value[name], field) for name, field in asked.fields
        )
    raise OutOfScope(f"the type {asked.name}")
