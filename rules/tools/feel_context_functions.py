"""FEEL's functions on contexts.

Source: DMN 1.5 §10.3.4.10.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.tools.feel_values import Function


def _value(context: Any, key: Any) -> Any:
    return context.get(key) if isinstance(context, Mapping) and isinstance(key, str) else None


def _value_at(context: Any, keys: Any) -> Any:
    if isinstance(keys, str):
        return _value(context, keys)
    if not isinstance(keys, tuple) or not keys:
        return None
    for key in keys:
        context = _value(context, key)
    return context


def _entries(context: Any) -> tuple[Any, ...] | None:
    if not isinstance(context, Mapping):
        return None
    return tuple({"key": key, "value": value} for key, value in context.items())


def _of_entries(entries: Any) -> dict[str, Any] | None:
    items = entries if isinstance(entries, tuple) else (entries,)
    found: dict[str, Any] = {}
    for item in items:
        if not isinstance(item, Mapping) or not {"key", "value"} <= item.keys():
            return None
        if not isinstance(item["key"], str) or item["key"] in found:
            return None
        found[item["key"]] = item["value"]
    return found


def _put(context: Any, key: Any, value: Any) -> dict[str, Any] | None:
    if not isinstance(context, Mapping) or not isinstance(key, str):
        return None
    return {**context, key: value}


def _put_at(context: Any, keys: Any, value: Any) -> dict[str, Any] | None:
    if isinstance(keys, str):
        return _put(context, keys, value)
    if not isinstance(context, Mapping) or not isinstance(keys, tuple) or not keys:
        return None
    first, *rest = keys
    if not isinstance(first, str):
        return None
    if not rest:
        return _put(context, first, value)
    inner = _put_at(context.get(first), tuple(rest), value)
    return None if inner is None else {**context, first: inner}


def _merged(contexts: Any) -> dict[str, Any] | None:
    items = contexts if isinstance(contexts, tuple) else (contexts,)
    if not all(isinstance(item, Mapping) for item in items):
        return None
    return {key: value for item in items for key, value in item.items()}


FUNCTIONS: dict[str, tuple[Function, ...]] = {
    "get value": (Function(("m", "key"), 2, _value_at), Function(("context", "keys"), 2, _value_at)),
    "get entries": (Function(("m",), 1, _entries),),
    "context": (Function(("entries",), 1, _of_entries),),
    "context put": (
        Function(("context", "key", "value"), 3, _put_at),
        Function(("context", "keys", "value"), 3, _put_at),
    ),
    "context merge": (Function(("contexts",), 1, _merged),),
}
