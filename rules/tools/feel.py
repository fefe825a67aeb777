"""The evaluator's FEEL mode: the language with FEEL's null and without static types, for outside test data only.

Promise: never used for a pack. Every operation and function that packs have is checked and computed by the strict language's
own checker and closures, with the operands' types found at run time; where the strict language refuses types, FEEL's answer is
null (``None``). What FEEL has and packs have not is added in the modules beside this one. What the standard leaves open, or
answers differently from version to version, is refused by ``OutOfScope``, never guessed.

Source: DMN 1.5 chapter 10.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from rules.engine.language.value_types import Days
from rules.tools import feel_arithmetic as arithmetic
from rules.tools import feel_comparison as comparison
from rules.tools import feel_syntax as syntax
from rules.tools.feel_calendar import day_number
from rules.tools.feel_functions import BUILTINS, call
from rules.tools.feel_parser import parse_feel
from rules.tools.feel_parts import part
from rules.tools.feel_strict import number
from rules.tools.feel_syntax import Tree
from rules.tools.feel_types import is_instance
from rules.tools.feel_values import Date, Function, OutOfScope, Range, UnaryTest

# A product of lists or a range longer than this is no decision's business.
MAX_ITERATIONS = 10_000
MAX_CALLS = 200


def evaluate_feel(text: str, env: Mapping[str, Any]) -> Any:
    """Return FEEL's value, ``None`` for null. Raises ``OutOfScope`` or ``LanguageError`` where this mode has no answer."""
    tree = parse_feel(text, BUILTINS.keys(), env.keys(), keys_of(env))
    return Feel(env).value(tree)


def keys_of(value: Any) -> set[str]:
    """Return the names of all entries inside the contexts of a value."""
    if isinstance(value, Mapping):
        return {key for name, each in value.items() for key in ({name} | keys_of(each))}
    if isinstance(value, tuple):
        return {key for each in value for key in keys_of(each)}
    return set()


class Feel:
    """Walks a tree over one environment. ``calls`` counts the functions that the text itself defines, called inside each other."""

    def __init__(self, env: Mapping[str, Any], calls: int = 0) -> None:
        self._env = env
        self._calls = calls

    def value(self, tree: Tree) -> Any:  # noqa: PLR0911, PLR0912 - one branch for each kind of node, in one view
        """Return the value of a tree."""
        match tree:
            case syntax.Constant(value=value):
                return number(value) if isinstance(value, Decimal) else value
            case syntax.Read(name=name):
                return self._read(name)
            case syntax.Minus():
                return arithmetic.minus(self.value(tree.operand))
            case syntax.Operation():
                return self._operation(tree)
            case syntax.Between():
                value, low, high = self.value(tree.value), self.value(tree.low), self.value(tree.high)
                return comparison.within(value, Range(low, high, low_closed=True, high_closed=True))
            case syntax.In():
                return comparison.meets_any(self.value(tree.value), [self.value(test) for test in tree.tests])
            case syntax.If():
                return self.value(tree.then if self._holds(tree.condition) else tree.otherwise)
            case syntax.Items():
                return tuple(self.value(item) for item in tree.items)
            case syntax.Interval():
                return Range(self.value(tree.low), self.value(tree.high), tree.low_closed, tree.high_closed)
            case syntax.Comparison():
                return UnaryTest(tree.operator, self.value(tree.operand))
            case syntax.For():
                return self._for(tree)
            case syntax.Quantified():
                found = [each.value(tree.condition) for each in self._turns(tree.iterators)]
                return comparison.conjunction(found) if tree.every else comparison.disjunction(found)
            case syntax.Entries():
                return self._entries(tree)
            case syntax.Path():
                return part(self.value(tree.operand), tree.name)
            case syntax.Filter():
                return self._filter(tree)
            case syntax.Invocation():
                return self._invoke(tree)
            case syntax.Definition():
                return self._define(tree)
            case syntax.InstanceOf():
                return is_instance(self.value(tree.operand), tree.type)

    def _holds(self, condition: Tree) -> bool:
        """Say whether a condition holds; null does not."""
        found = self.value(condition)
        if found is not None and not isinstance(found, bool):
            raise OutOfScope("a condition that is neither a yes nor a no")
        return found is True

    def _with(self, **names: Any) -> Feel:
        return Feel({**self._env, **names}, self._calls)

    def _read(self, name: str) -> Any:
        if name in self._env:
            return self._env[name]
        if name in BUILTINS:
            return BUILTINS[name]
        raise OutOfScope(f"name {name}")

    def _operation(self, tree: syntax.Operation) -> Any:
        left, right = self.value(tree.left), self.value(tree.right)
        match tree.operator:
            case "and":
                return comparison.conjunction([left, right])
            case "or":
                return comparison.disjunction([left, right])
            case "=":
                return comparison.equal(left, right)
            case "!=":
                return comparison.negated(comparison.equal(left, right))
            case "<" | "<=" | ">" | ">=":
                return comparison.compare(tree.operator, left, right)
            case _:
                return arithmetic.arithmetic(tree.operator, left, right)

    def _entries(self, tree: syntax.Entries) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, entry in tree.entries:
            if key in found:
                raise OutOfScope(f"the entry {key} twice")
            found[key] = self._with(**found).value(entry)
        return found

    # --- iteration

    def _turns(self, iterators: tuple[syntax.Iterator, ...]) -> Iterator[Feel]:
        if not iterators:
            yield self
            return
        first, *rest = iterators
        for item in self._domain(first):
            yield from self._with(**{first.name: item})._turns(tuple(rest))

    def _domain(self, iterator: syntax.Iterator) -> tuple[Any, ...]:
        start = self.value(iterator.domain)
        if iterator.end is not None:
            return _steps(start, self.value(iterator.end))
        if isinstance(start, Range):
            if not start.low_closed or not start.high_closed:
                raise OutOfScope("stepping through an open range")
            return _steps(start.low, start.high)
        if start is None:
            raise OutOfScope("stepping through null")
        return start if isinstance(start, tuple) else (start,)

    def _for(self, tree: syntax.For) -> tuple[Any, ...]:
        found: list[Any] = []
        for turn in self._turns(tree.iterators):
            if len(found) == MAX_ITERATIONS:
                raise OutOfScope(f"more than {MAX_ITERATIONS} turns")
            found.append(turn._with(partial=tuple(found)).value(tree.body))
        return tuple(found)

    # --- filters

    def _filter(self, tree: syntax.Filter) -> Any:
        operand = self.value(tree.operand)
        if operand is None:
            raise OutOfScope("a filter of null")
        items = operand if isinstance(operand, tuple) else (operand,)
        index = self._index(tree.condition)
        if isinstance(index, Decimal):
            return _item(items, index)
        if not items:
            return ()
        kept = [self._keeps(item, tree.condition) for item in items]
        if all(each is None for each in kept):
            raise OutOfScope("a filter that is null for every item")
        return tuple(item for item, keep in zip(items, kept, strict=True) if keep)

    def _index(self, condition: Tree) -> Any:
        """Evaluate the condition without an item: a number picks one item."""
        try:
            return self.value(condition)
        except OutOfScope:
            return None

    def _keeps(self, item: Any, condition: Tree) -> bool | None:
        names = {str(key): value for key, value in item.items()} if isinstance(item, Mapping) else {}
        kept = self._with(**{"item": item} | names).value(condition)
        if kept is not None and not isinstance(kept, bool):
            raise OutOfScope("a filter that is neither a number nor a yes or no")
        return kept

    # --- functions

    def _invoke(self, tree: syntax.Invocation) -> Any:
        function = self.value(tree.function)
        arguments = [self.value(argument) for argument in tree.arguments]
        return call(function, arguments, tree.names)

    def _define(self, tree: syntax.Definition) -> Function:
        if self._calls > MAX_CALLS:
            raise OutOfScope(f"more than {MAX_CALLS} calls inside each other")

        def body(*arguments: Any) -> Any:
            names = dict(zip(tree.parameters, arguments, strict=True))
            return Feel({**self._env, **names}, self._calls + 1).value(tree.body)

        return Function(tree.parameters, len(tree.parameters), body)


def _item(items: tuple[Any, ...], index: Decimal) -> Any:
    if index != index.to_integral_value():
        raise OutOfScope("an index that is no whole number")
    at = int(index)
    if at == 0 or abs(at) > len(items):
        return None
    return items[at - 1 if at > 0 else at]


def _steps(start: Any, end: Any) -> tuple[Any, ...]:
    """Return the whole numbers, or the days, from one end to the other, in either direction."""
    if isinstance(start, Decimal) and isinstance(end, Decimal):
        if start != start.to_integral_value() or end != end.to_integral_value():
            raise OutOfScope("steps between broken numbers")
        return tuple(Decimal(number) for number in _between(int(start), int(end)))
    if isinstance(start, Date) and isinstance(end, Date):
        first = day_number(start)
        return tuple(
            arithmetic.arithmetic("+", start, Days(number - first)) for number in _between(first, day_number(end))
        )
    raise OutOfScope("steps between these")


def _between(first: int, last: int) -> range:
    if abs(last - first) >= MAX_ITERATIONS:
        raise OutOfScope(f"more than {MAX_ITERATIONS} turns")
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)
