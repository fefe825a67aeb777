"""Compiling an expression and evaluating it: the entrance to the rule language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rules.engine.language.checker import Checker
from rules.engine.language.closures import build
from rules.engine.language.intrinsics import Intrinsic
from rules.engine.language.ir import Node
from rules.engine.language.parser import parse
from rules.engine.language.standard_functions import FUNCTION_NAMES
from rules.engine.language.value_types import Operand, Type, Value


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression. Immutable; evaluating it twice with equal values gives equal results, on any machine.

    ``reads`` are the names whose values it may need. ``node`` is the typed form that other back ends are generated from.
    """

    text: str
    type: Type
    reads: frozenset[str]
    node: Node
    _run: Callable[[Mapping[str, object]], Operand] = field(repr=False, compare=False)

    def evaluate(self, env: Mapping[str, Value]) -> Value:
        """Return the value, of type ``type`` and in its representation; numbers come in canonical form (``1.50`` as ``1.5``).

        Names beyond ``reads`` in ``env`` are ignored. Raises ``Failure``: a needed name is missing, ``None`` or of another
        type, a divisor is zero, a list is empty where it must not be, a result is out of range.
        """
        return self._run(env)  # type: ignore[return-value]  # the checker lets no quotient leave an expression


def compile_expression(
    text: str,
    names: Mapping[str, Type],
    functions: Mapping[str, Intrinsic] | None = None,
    *,
    expected: Type | None = None,
) -> Expression:
    """Check ``text`` and return it ready to evaluate.

    ``names`` are the names it may read with their types (ASCII letters, digits, underscores, dots, Chinese characters;
    a dotted name is one name). ``functions`` adds intrinsics by the name they are called by. With ``expected`` the
    result must be of that type. Raises ``LanguageError`` with place, offending text and what was expected.
    """
    functions = functions or {}
    checker = Checker(text, names, functions)
    node = checker.result(parse(text, FUNCTION_NAMES.union(functions)), expected)
    return Expression(text=text, type=node.type, reads=frozenset(checker.reads), node=node, _run=build(node))
