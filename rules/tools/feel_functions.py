"""FEEL's built-in functions by name, and how they are called.

Promise: a call with too few, too many or wrongly named arguments is null, as FEEL says; a function never sees such a call.

Source: DMN 1.5 §10.3.2.13.5 (invocation), §10.3.4 (built-in functions).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rules.tools import (
    feel_context_functions,
    feel_list_functions,
    feel_number_functions,
    feel_range_functions,
    feel_temporal_functions,
    feel_text_functions,
)
from rules.tools.feel_values import Builtin, Function

_MODULES = (
    feel_number_functions,
    feel_text_functions,
    feel_list_functions,
    feel_range_functions,
    feel_temporal_functions,
    feel_context_functions,
)
BUILTINS: dict[str, Builtin] = {
    name: Builtin(name, overloads) for module in _MODULES for name, overloads in module.FUNCTIONS.items()
}


def call(function: Any, arguments: Sequence[Any], names: Sequence[str] = ()) -> Any:
    """Call a function value by position, or by name where ``names`` names every argument; null for what is no function."""
    match function:
        case Builtin():
            overloads: tuple[Function, ...] = function.overloads
        case Function():
            overloads = (function,)
        case _:
            return None
    for overload in overloads:
        fitting = _named(overload, arguments, names) if names else _positional(overload, arguments)
        if fitting is not None:
            return overload.body(*fitting)
    return None


def _positional(function: Function, arguments: Sequence[Any]) -> list[Any] | None:
    count = len(arguments)
    if count < function.required or (count > len(function.parameters) and not function.variadic):
        return None
    return list(arguments)


def _named(function: Function, arguments: Sequence[Any], names: Sequence[str]) -> list[Any] | None:
    given = dict(zip(names, arguments, strict=True))
    if len(given) != len(names) or not given.keys() <= set(function.parameters):
        return None
    if not set(function.parameters[: function.required]) <= given.keys():
        return None
    found: list[Any] = []
    for parameter in function.parameters:
        if parameter in given:
            if len(found) < function.parameters.index(parameter):
                # An optional argument left out before one that is given.
                found += [None] * (function.parameters.index(parameter) - len(found))
            found.append(given[parameter])
    return found
