"""Structs as flat fields and back: ``name.zh``, ``waiver.reason.en``.

Promise: driven by the structs themselves; ``assembled(kind, flattened(entry)) == entry``. A field at its default is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, get_args

import msgspec

from rules.workbook.problems import Wrong

Struct = TypeVar("Struct", bound=msgspec.Struct)


@cache
def fields_of(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return a struct's fields; msgspec evaluates its annotations anew each time."""
    return msgspec.structs.fields(kind)


def nested(declared: Any) -> type[msgspec.Struct] | None:
    """Return the struct behind a field's type (``WaiverSpec | None``), if it is one struct."""
    for each in (declared, *get_args(declared)):
        if isinstance(each, type) and issubclass(each, msgspec.Struct):
            return each
    return None


def leaves(kind: type[msgspec.Struct], before: str = "") -> Iterator[tuple[str, bool]]:
    """Return every leaf field's path, and whether its struct cannot be without it."""
    for field in fields_of(kind):
        path = before + field.name
        inner = nested(field.type)
        if inner is None or get_args(field.type)[-1:] == (...,) or _is_list(field.type):
            yield path, field.required
        else:
            for leaf, required in leaves(inner, path + "."):
                yield leaf, required and field.required


def _any_below(path: str, values: Mapping[str, object]) -> bool:
    return any(name.startswith(path + ".") for name in values)


def _is_list(declared: Any) -> bool:
    return getattr(declared, "__origin__", None) in (tuple, dict)


def flattened(entry: msgspec.Struct, path: str) -> object:
    """Return a field's value by its path; None where it stands at its default or its struct is not there."""
    at: object = entry
    for name in path.split("."):
        if at is None:
            return None
        field = next(each for each in fields_of(type(at)) if each.name == name)  # type: ignore[arg-type]  # a struct
        value = getattr(at, name)
        if not field.required and value == _default(field):
            return None
        at = value
    return at


def _default(field: msgspec.structs.FieldInfo) -> object:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def assembled(kind: type[Struct], values: Mapping[str, object], before: str = "") -> Struct:
    """Return the struct of flat values. Raises Wrong ``empty`` with the path of what is missing."""
    arguments: dict[str, object] = {}
    for field in fields_of(kind):
        path = before + field.name
        inner = nested(field.type)
        if path in values:
            arguments[field.name] = values[path]
        elif inner is not None and not _is_list(field.type) and (field.required or _any_below(path, values)):
            arguments[field.name] = assembled(inner, values, path + ".")
        if field.required and field.name not in arguments:
            raise Wrong("empty", path=path)
    return kind(**arguments)
