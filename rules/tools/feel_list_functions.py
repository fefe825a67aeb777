"""FEEL's functions on lists and booleans.

Promise: positions count from 1, or from the end when negative; a position outside the list is null. Sums, means and deviations
are computed exactly and rounded once to 34 digits.

Source: DMN 1.5 §10.3.4.4 (lists), §10.3.4.2 (booleans).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cmp_to_key
from typing import Any

from rules.tools.feel_comparison import compare, conjunction, disjunction, equal, negated
from rules.tools.feel_strict import DECIMAL128, number
from rules.tools.feel_values import Builtin, Function, OutOfScope

_Items = tuple[Any, ...]


def _spread(arguments: _Items) -> _Items:
    """FEEL's functions of a list take the list, or its elements one by one."""
    return arguments[0] if len(arguments) == 1 and isinstance(arguments[0], tuple) else arguments


def _all_or_any(function: Callable[[list[Any]], bool | None]) -> Callable[..., Any]:
    def decided(*arguments: Any) -> bool | None:
        return function(list(_spread(arguments)))

    return decided


def _of_numbers(function: Callable[[list[Fraction]], Fraction | None]) -> Callable[..., Any]:
    def folded(*arguments: Any) -> Decimal | None:
        items = _spread(arguments)
        if not items or not all(isinstance(item, Decimal) for item in items):
            return None
        found = function([Fraction(item) for item in items])
        return None if found is None else number(found)

    return folded


def _product(numbers: list[Fraction]) -> Fraction:
    found = Fraction(1)
    for each in numbers:
        found *= each
    return found


def _median(numbers: list[Fraction]) -> Fraction:
    ordered, middle = sorted(numbers), len(numbers) // 2
    return ordered[middle] if len(numbers) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _stddev(numbers: list[Fraction]) -> Fraction | None:
    if len(numbers) < 2:
        return None
    mean = sum(numbers, Fraction(0)) / len(numbers)
    variance = sum(((each - mean) ** 2 for each in numbers), Fraction(0)) / (len(numbers) - 1)
    exact = number(variance)
    return None if exact is None else Fraction(DECIMAL128.sqrt(exact))


def _mode(*arguments: Any) -> _Items | None:
    items = _spread(arguments)
    if not all(isinstance(item, Decimal) for item in items):
        return None
    counts = {item: items.count(item) for item in items}
    return tuple(sorted(item for item, count in counts.items() if count == max(counts.values())))


def _extreme(operator: str) -> Callable[..., Any]:
    def found(*arguments: Any) -> Any:
        items = _spread(arguments)
        best = items[0] if items else None
        for item in items:
            better = compare(operator, item, best)
            if better is None:
                return None
            best = item if better else best
        return best

    return found


def _count(items: Any) -> Decimal | None:
    return Decimal(len(items)) if isinstance(items, tuple) else None


def _contains(items: Any, element: Any) -> bool | None:
    return any(equal(item, element) is True for item in items) if isinstance(items, tuple) else None


def _place(items: Any, position: Any, last: int) -> int | None:
    """Return the index of a position from 1 to ``last`` or from -1 back."""
    if not isinstance(position, Decimal):
        return None
    if position != position.to_integral_value():
        raise OutOfScope("a position that is no whole number")
    at = int(position)
    if at == 0 or at > last or -at > len(items):
        return None
    return at - 1 if at > 0 else len(items) + at


def _sublist(items: Any, start: Any, *length: Any) -> _Items | None:
    at = _place(items, start, len(items)) if isinstance(items, tuple) else None
    if at is None:
        return None
    if not length:
        return tuple(items[at:])
    (count,) = length
    if not isinstance(count, Decimal) or count < 0 or count != count.to_integral_value() or at + count > len(items):
        return None
    return tuple(items[at : at + int(count)])


def _append(items: Any, *added: Any) -> _Items | None:
    return (*items, *added) if isinstance(items, tuple) else None


def _concatenate(*lists: Any) -> _Items | None:
    return tuple(item for each in lists for item in each) if all(isinstance(each, tuple) for each in lists) else None


def _insert(items: Any, position: Any, item: Any) -> _Items | None:
    at = _place(items, position, len(items)) if isinstance(items, tuple) else None
    return None if at is None else (*items[:at], item, *items[at:])


def _remove(items: Any, position: Any) -> _Items | None:
    at = _place(items, position, len(items)) if isinstance(items, tuple) else None
    return None if at is None else (*items[:at], *items[at + 1 :])


def _replaced(items: Any, position: Any, item: Any) -> _Items | None:
    if not isinstance(items, tuple):
        return None
    if isinstance(position, Function) and len(position.parameters) == 2:
        chosen = [position.body(each, item) for each in items]
        if not all(isinstance(each, bool) for each in chosen):
            return None
        return tuple(item if replace else each for each, replace in zip(items, chosen, strict=True))
    at = _place(items, position, len(items))
    return None if at is None else (*items[:at], item, *items[at + 1 :])


def _reverse(items: Any) -> _Items | None:
    return tuple(reversed(items)) if isinstance(items, tuple) else None


def _index_of(items: Any, match: Any) -> _Items | None:
    if not isinstance(items, tuple):
        return None
    return tuple(Decimal(at) for at, item in enumerate(items, start=1) if equal(item, match) is True)


def _distinct(items: Any) -> _Items | None:
    if not isinstance(items, tuple):
        return None
    found: list[Any] = []
    for item in items:
        if not any(equal(item, each) is True for each in found):
            found.append(item)
    return tuple(found)


def _union(*lists: Any) -> _Items | None:
    return _distinct(_concatenate(*lists))


def _duplicates(items: Any) -> _Items | None:
    if not isinstance(items, tuple):
        return None
    return _distinct(tuple(item for item in items if sum(equal(item, each) is True for each in items) > 1))


def _flatten(items: Any) -> _Items | None:
    if not isinstance(items, tuple):
        return None
    return tuple(each for item in items for each in ((_flatten(item) or ()) if isinstance(item, tuple) else (item,)))


def _sort(items: Any, *precedes: Any) -> _Items | None:
    if not isinstance(items, tuple) or any(isinstance(each, Builtin) for each in precedes):
        return None
    if precedes and (not isinstance(precedes[0], Function) or len(precedes[0].parameters) != 2):
        return None
    undecided: list[Any] = []

    def order(left: Any, right: Any) -> int:
        first = precedes[0].body(left, right) if precedes else compare("<", left, right)
        if not isinstance(first, bool):
            undecided.append(first)
            return 0
        second = precedes[0].body(right, left) if precedes else compare("<", right, left)
        return -1 if first else 1 if second else 0

    found = tuple(sorted(items, key=cmp_to_key(order)))
    return None if undecided else found


_LIST = ("list",)
FUNCTIONS: dict[str, tuple[Function, ...]] = {
    "not": (Function(("negand",), 1, negated),),
    "all": (Function(_LIST, 1, _all_or_any(conjunction), variadic=True),),
    "any": (Function(_LIST, 1, _all_or_any(disjunction), variadic=True),),
    "sum": (Function(_LIST, 1, _of_numbers(lambda numbers: sum(numbers, Fraction(0))), variadic=True),),
    "mean": (Function(_LIST, 1, _of_numbers(lambda numbers: sum(numbers, Fraction(0)) / len(numbers)), variadic=True),),
    "product": (Function(_LIST, 1, _of_numbers(_product), variadic=True),),
    "median": (Function(_LIST, 1, _of_numbers(_median), variadic=True),),
    "stddev": (Function(_LIST, 1, _of_numbers(_stddev), variadic=True),),
    "mode": (Function(_LIST, 1, _mode, variadic=True),),
    "min": (Function(_LIST, 1, _extreme("<"), variadic=True),),
    "max": (Function(_LIST, 1, _extreme(">"), variadic=True),),
    "count": (Function(_LIST, 1, _count),),
    "list contains": (Function(("list", "element"), 2, _contains),),
    "sublist": (Function(("list", "start position", "length"), 2, _sublist),),
    "append": (Function(("list", "item"), 2, _append, variadic=True),),
    "concatenate": (Function(_LIST, 1, _concatenate, variadic=True),),
    "insert before": (Function(("list", "position", "newItem"), 3, _insert),),
    "remove": (Function(("list", "position"), 2, _remove),),
    "list replace": (
        Function(("list", "position", "newItem"), 3, _replaced),
        Function(("list", "match", "newItem"), 3, _replaced),
    ),
    "reverse": (Function(_LIST, 1, _reverse),),
    "index of": (Function(("list", "match"), 2, _index_of),),
    "union": (Function(_LIST, 1, _union, variadic=True),),
    "distinct values": (Function(_LIST, 1, _distinct),),
    "duplicate values": (Function(_LIST, 1, _duplicates),),
    "flatten": (Function(_LIST, 1, _flatten),),
    "sort": (Function(("list", "precedes"), 1, _sort),),
}
