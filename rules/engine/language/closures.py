"""The reference back end: the typed form as nested Python closures.

Promise: left to right, each operand once, branches not taken never evaluated. Every step gives a value or raises ``Failure``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import DecimalException
from typing import Any

from rules.engine.language.errors import Failure, FailureCode, Place, Undefined
from rules.engine.language.ir import (
    Among,
    Apply,
    Both,
    Choose,
    Constant,
    Either,
    Element,
    Invoke,
    Items,
    Meets,
    Node,
    Quantifier,
    Read,
    Round,
    Test,
)
from rules.engine.language.reference import Function, canonical, conformity, function_of, round_money, round_number
from rules.engine.language.value_types import Kind, Operand, Type

# The environment, and the element that a quantifier or a table's test looks at (None outside of both).
Step = Callable[[Mapping[str, object], Any], Any]


def build(node: Node) -> Callable[[Mapping[str, object]], Operand]:
    """Return the function from an environment to the value."""
    step = build_step(node)

    def run(env: Mapping[str, object]) -> Operand:
        return canonical(step(env, None))

    return run


def build_step(node: Node) -> Step:  # noqa: PLR0911 - one return a kind of node keeps the dispatch in one view
    """Return the closure of one node."""
    match node:
        case Constant(value=value):
            return lambda _env, _element: value
        case Read():
            return _read(node)
        case Element():
            return lambda _env, element: element
        case Apply(operands=operands):
            return _applied(function_of(node.operation, operands[0].type, node.type), operands, node.place)
        case Round(rounding=rounding, scale=scale):
            rounded = round_money if node.type == Type.MONEY else round_number
            return _applied(lambda value: rounded(value, scale, rounding), (node.operand,), node.place)
        case Invoke(intrinsic=intrinsic):
            return _applied(_checked(intrinsic.function, node.type), node.operands, node.place)
        case Both():
            left, right = build_step(node.left), build_step(node.right)
            return lambda env, element: left(env, element) and right(env, element)
        case Either():
            left, right = build_step(node.left), build_step(node.right)
            return lambda env, element: left(env, element) or right(env, element)
        case Choose():
            condition, then, otherwise = build_step(node.condition), build_step(node.then), build_step(node.otherwise)
            return lambda env, element: then(env, element) if condition(env, element) else otherwise(env, element)
        case Items():
            items = tuple(build_step(item) for item in node.items)
            return lambda env, element: tuple(item(env, element) for item in items)
        case Meets():
            return _meets(node)
        case Quantifier():
            return _quantified(node)


def _read(node: Read) -> Step:
    name, wanted, place = node.name, node.type, node.place
    conforms = conformity(wanted)

    def read(env: Mapping[str, object], _element: Any) -> Any:
        if name not in env:
            raise Failure(FailureCode.MISSING, place, name)
        value = env[name]
        if value is None:
            raise Failure(FailureCode.NULL, place, name)
        if not conforms(value):
            raise Failure(_misfit(value, wanted), place, f"{name} = {value!r}, not {wanted}")
        return value

    return read


def _misfit(value: object, wanted: Type) -> FailureCode:
    """Tell a value beyond its range from one of another type."""
    numeric = wanted.kind in (Kind.MONEY, Kind.NUMBER, Kind.EXACT_MONEY)
    same = type(value).__name__ == ("int" if wanted.kind is Kind.MONEY else "Decimal")
    return FailureCode.OUT_OF_RANGE if numeric and same else FailureCode.WRONG_TYPE


def _applied(function: Function, operands: tuple[Node, ...], place: Place) -> Step:
    steps = tuple(build_step(operand) for operand in operands)
    if len(steps) == 2:
        first, second = steps

        def apply(env: Mapping[str, object], element: Any) -> Any:
            left, right = first(env, element), second(env, element)
            try:
                return function(left, right)
            except (Undefined, DecimalException) as cause:
                raise _failure(cause, place) from cause

        return apply

    def apply_all(env: Mapping[str, object], element: Any) -> Any:
        values = [step(env, element) for step in steps]
        try:
            return function(*values)
        except (Undefined, DecimalException) as cause:
            raise _failure(cause, place) from cause

    return apply_all


def _failure(cause: Undefined | DecimalException, place: Place) -> Failure:
    if isinstance(cause, Undefined):
        return Failure(cause.code, place, cause.detail)
    return Failure(FailureCode.OUT_OF_RANGE, place, "more digits than are kept exactly")


def _checked(function: Function, wanted: Type) -> Function:
    conforms = conformity(wanted)

    def call(*values: Any) -> Any:
        result = function(*values)
        if result is None:
            raise Undefined(FailureCode.NULL, "the function gave nothing")
        if not conforms(result):
            raise Undefined(_misfit(result, wanted), f"{result!r}, not {wanted}")
        return result

    return call


def _meets(node: Meets) -> Step:
    value = build_step(node.value)
    tests = tuple(_test(test, node.value.type) for test in node.tests)

    def meets(env: Mapping[str, object], element: Any) -> bool:
        tested = value(env, element)
        for test in tests:  # noqa: SIM110 - a table's lookup is mostly this loop; a generator doubles its time
            if test(env, element, tested):
                return True
        return False

    return meets


def _test(test: Test, value_type: Type) -> Callable[[Mapping[str, object], Any, Any], bool]:
    if isinstance(test, Among):
        domain = build_step(test.domain)
        return lambda env, element, tested: tested in domain(env, element)
    bounds = tuple((function_of(bound.operation, value_type, Type.BOOL), build_step(bound.operand)) for bound in test)

    def within(env: Mapping[str, object], element: Any, tested: Any) -> bool:
        for compares, operand in bounds:  # noqa: SIM110 - as above
            if not compares(tested, operand(env, element)):
                return False
        return True

    return within


def _quantified(node: Quantifier) -> Step:
    domain, condition = build_step(node.domain), build_step(node.condition)
    judge = all if node.every else any

    def quantified(env: Mapping[str, object], element: Any) -> bool:
        return judge(condition(env, item) for item in domain(env, element))

    return quantified
