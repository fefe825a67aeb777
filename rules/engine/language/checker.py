"""From the syntax tree to the typed form.

Promise: what passes has one type everywhere and cannot meet a wrong type while it is evaluated, provided that the environment
holds what ``names`` promises (which is checked on reading). What does not fit is refused with place and expectation.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from rules.engine.language import standard_functions
from rules.engine.language.dates import read_date, read_duration
from rules.engine.language.errors import LanguageError, Place, Undefined, place_of
from rules.engine.language.exact import terminates
from rules.engine.language.intrinsics import Intrinsic
from rules.engine.language.ir import (
    Among,
    Apply,
    Both,
    Bound,
    Choose,
    Constant,
    Either,
    Element,
    Invoke,
    Items,
    Meets,
    Node,
    Operation,
    Quantifier,
    Read,
    Test,
)
from rules.engine.language.names import Names
from rules.engine.language.parser import KEYWORDS
from rules.engine.language.syntax import (
    AtLiteral,
    Between,
    Binary,
    Call,
    Cell,
    Comparison,
    Conditional,
    In,
    Index,
    Interval,
    ListLiteral,
    Literal,
    MoneyLiteral,
    Name,
    Negation,
    Property,
    Quantified,
    Syntax,
)
from rules.engine.language.tokens import WORD
from rules.engine.language.typing_rules import (
    EQUALITIES,
    NEGATABLE,
    ORDERINGS,
    QUOTIENTS,
    arithmetic,
    comparable,
    equatable,
    join,
    widens,
)
from rules.engine.language.value_types import Days, Kind, Type, Value

_PARTS: dict[tuple[Type, str], Operation] = {
    (Type.DATE, "year"): Operation.YEAR_OF,
    (Type.DATE, "month"): Operation.MONTH_OF,
    (Type.DATE, "day"): Operation.DAY_OF,
    (Type.DATE, "weekday"): Operation.WEEKDAY_OF,
    (Type.DAYS, "days"): Operation.DAYS_OF,
    (Type.MONTHS, "years"): Operation.YEARS_OF,
    (Type.MONTHS, "months"): Operation.MONTHS_OF,
}
_ROUND_IT = "a named rounding around the division, such as `round half up(a / b, 2)`, or a comparison with it"


class Checker:
    """Checks trees of one source text against names and functions; collects the names they read in ``reads``."""

    def __init__(
        self, source: str, names: Mapping[str, Type], functions: Mapping[str, Intrinsic], *, names_checked: bool = False
    ) -> None:
        self.source = source
        self.reads: set[str] = set()
        self._names = names
        self._reads_as = names.reads_as if isinstance(names, Names) else {}
        self._functions = functions
        self._element: tuple[str, Type] | None = None
        if not names_checked:
            check_names(names, functions)

    # --- entrances

    def result(self, tree: Syntax, expected: Type | None) -> Node:
        """Check a whole expression; its result has type ``expected`` where given, and is never an unrounded quotient."""
        node = self.check(tree)
        if expected is None:
            return self._rounded(node, tree)
        return self.as_type(node, expected, tree)

    def tests(self, value: Node, trees: tuple[Syntax, ...], place: Syntax) -> Meets:
        """Check the tests of ``value in (...)`` or of a table's cell."""
        flat: list[Syntax] = []
        for tree in trees:
            ranges = isinstance(tree, ListLiteral) and any(isinstance(item, Interval) for item in tree.items)
            flat.extend(tree.items if ranges and isinstance(tree, ListLiteral) else (tree,))
        common = value.type
        drafts = [self._test(common, tree) for tree in flat]
        for draft in drafts:
            for bound in draft if isinstance(draft, tuple) else ():
                common = join(common, bound.operand.type) or common
        finished = tuple(
            tuple(Bound(bound.operation, self.widen(bound.operand, common, place)) for bound in draft)
            if isinstance(draft, tuple)
            else draft
            for draft in drafts
        )
        return Meets(self.widen(value, common, place), finished)

    def cell(self, cell: Cell, value_type: Type) -> Meets | None:
        """Check a table's cell against the type of its column's input; None for ``-``. Negation is the caller's."""
        if cell.tests is None:
            return None
        return self.tests(Element(value_type), cell.tests, cell.tests[0])

    # --- expressions

    def check(self, tree: Syntax) -> Node:  # noqa: PLR0911, PLR0912 - one branch for each kind of node, in one view
        """Return the typed form of any expression."""
        match tree:
            case Literal(value=value):
                return self._literal(value)
            case MoneyLiteral(fen=fen):
                return Constant(Type.MONEY, fen)
            case AtLiteral(text=text):
                return self.constant_date(text, tree) if "P" not in text else self.constant_duration(text, tree)
            case Name():
                return self._name(tree)
            case Call():
                return self._call(tree)
            case Negation():
                return self._negation(tree)
            case Binary(operator="and" | "or"):
                left, right = self.as_bool(tree.left), self.as_bool(tree.right)
                return Both(left, right) if tree.operator == "and" else Either(left, right)
            case Binary(operator="+" | "-" | "*" | "/"):
                return self._arithmetic(tree)
            case Binary():
                return self._comparison(tree)
            case Between():
                both_ends = Interval(
                    start=tree.start, end=tree.end, low=tree.low, high=tree.high, low_closed=True, high_closed=True
                )
                return self.tests(self.check(tree.value), (both_ends,), tree)
            case In():
                return self.tests(self.check(tree.value), tree.tests, tree)
            case Conditional():
                return self._conditional(tree)
            case ListLiteral():
                return self._list(tree)
            case Quantified():
                return self._quantified(tree)
            case Property():
                return self._property(self.check(tree.operand), tree.name, tree)
            case Index():
                raise self.refusal(
                    "not_allowed", tree, "no index: an element may be missing; use a function of the whole list"
                )
            case Interval() | Comparison():
                raise self.refusal("not_allowed", tree, "an interval only after `in` or in a table's cell")

    @staticmethod
    def _literal(value: Decimal | str | bool) -> Node:
        match value:
            case bool():
                return Constant(Type.BOOL, value)
            case str():
                return Constant(Type.TEXT, value)
            case Decimal():
                return Constant(Type.NUMBER, value)

    def constant_date(self, text: str, tree: Syntax) -> Node:
        """Return the date of a literal."""
        try:
            return Constant(Type.DATE, read_date(text))
        except Undefined:
            raise self.refusal("bad_literal", tree, "a date that exists, such as 2024-02-29") from None

    def constant_duration(self, text: str, tree: Syntax) -> Node:
        """Return the duration of a literal: of whole days or of years and months."""
        try:
            duration = read_duration(text)
        except Undefined:
            raise self.refusal("bad_literal", tree, "whole days (P30D) or years and months (P1Y6M)") from None
        return Constant(type_of_duration(duration), duration)

    def _name(self, tree: Name) -> Node:
        if self._element and tree.name == self._element[0]:
            return Element(self._element[1])
        if tree.name in self._names:
            name = self._reads_as.get(tree.name, tree.name)
            self.reads.add(name)
            return Read(self._names[tree.name], name, self.place(tree))
        stem, _, part = tree.name.rpartition(".")
        if stem and (stem in self._names or (self._element and stem == self._element[0])):
            whole = Name(start=tree.start, end=tree.start + len(stem), name=stem)
            return self._property(self._name(whole), part, tree)
        raise self.refusal("unknown_name", tree, "a name that the pack defines (a text stands in quotation marks)")

    def _call(self, tree: Call) -> Node:
        intrinsic = self._functions.get(tree.function)
        if intrinsic is None:
            return standard_functions.check_call(self, tree)
        self.expect_count(tree, len(intrinsic.parameters))
        operands = tuple(
            self.as_type(self.check(argument), wanted, argument)
            for argument, wanted in zip(tree.arguments, intrinsic.parameters, strict=True)
        )
        return Invoke(intrinsic.result, intrinsic, operands, self.place(tree))

    def _negation(self, tree: Negation) -> Node:
        operand = self._rounded(self.check(tree.operand), tree.operand)
        if operand.type not in NEGATABLE:
            raise self.mismatch(tree.operand, operand.type, "a number, money or a duration after `-`")
        if isinstance(operand, Constant) and isinstance(operand.value, Decimal):
            return Constant(operand.type, operand.value.copy_negate() if operand.value else operand.value)
        if isinstance(operand, Constant) and operand.type == Type.MONEY and isinstance(operand.value, int):
            return Constant(operand.type, -operand.value)
        return Apply(operand.type, Operation.NEGATE, (operand,), self.place(tree))

    def _arithmetic(self, tree: Binary) -> Node:
        left = self._rounded(self.check(tree.left), tree.left)
        right = self._rounded(self.check(tree.right), tree.right)
        place = self.place(tree)
        if tree.operator == "+" and left.type in (Type.DAYS, Type.MONTHS) and right.type == Type.DATE:
            left, right = right, left
        if tree.operator == "*" and left.type == Type.NUMBER and right.type in (Type.DAYS, Type.MONTHS):
            left, right = right, left
        rule = arithmetic(tree.operator, left.type, right.type)
        if rule is None:
            raise self.mismatch(
                tree, f"{left.type} {tree.operator} {right.type}", _expectation(tree.operator, left.type, right.type)
            )
        operation, common, result = rule
        if common is not None:
            left, right = self.widen(left, common, tree.left), self.widen(right, common, tree.right)
        if operation is Operation.QUOTIENT and isinstance(right, Constant) and right.type == Type.NUMBER:
            divisor = right.value
            if isinstance(divisor, Decimal) and not divisor:
                raise self.refusal("bad_literal", tree.right, "a divisor other than zero")
            if isinstance(divisor, Decimal) and terminates(divisor):
                exact = Type.NUMBER if left.type == Type.NUMBER else Type.EXACT_MONEY
                return Apply(exact, Operation.DIVIDE, (left, right), place)
        return Apply(result, operation, (left, right), place)

    def _comparison(self, tree: Binary) -> Node:
        left, right = self.check(tree.left), self.check(tree.right)
        operation = self._compares(tree.operator, left.type, right.type, tree)
        common = join(left.type, right.type)
        if common is None:
            raise self.mismatch(tree, f"{left.type} {tree.operator} {right.type}", _comparable(left.type))
        operands = (self.widen(left, common, tree.left), self.widen(right, common, tree.right))
        return Apply(Type.BOOL, operation, operands, self.place(tree))

    def _compares(self, operator: str, left: Type, right: Type, tree: Syntax) -> Operation:
        common = join(left, right)
        if common is None:
            raise self.mismatch(tree, f"{left} {operator} {right}", _comparable(left))
        if operator in EQUALITIES and equatable(common):
            return EQUALITIES[operator]
        if operator in ORDERINGS and comparable(common):
            return ORDERINGS[operator]
        raise self.mismatch(tree, f"{left} {operator} {right}", "numbers, money, dates, durations or texts to compare")

    def _test(self, value: Type, tree: Syntax) -> Test:
        if isinstance(tree, Comparison):
            operand = self.check(tree.operand)
            return (Bound(self._compares(tree.operator, value, operand.type, tree), operand),)
        if isinstance(tree, Interval):
            low, high = self.check(tree.low), self.check(tree.high)
            low_operator, high_operator = (">=" if tree.low_closed else ">"), ("<=" if tree.high_closed else "<")
            bounds = (
                Bound(self._compares(low_operator, value, low.type, tree.low), low),
                Bound(self._compares(high_operator, value, high.type, tree.high), high),
            )
            if isinstance(low, Constant) and isinstance(high, Constant) and _reversed(low.value, high.value):
                raise self.refusal("bad_literal", tree, "an interval whose low end is not above its high end")
            return bounds
        operand = self.check(tree)
        if operand.type.element is None:
            return (Bound(self._compares("=", value, operand.type, tree), operand),)
        if value in QUOTIENTS or join(value, operand.type.element) is None:
            raise self.mismatch(tree, str(operand.type), f"a list of {value}")
        return Among(operand)

    def _conditional(self, tree: Conditional) -> Node:
        condition = self.as_bool(tree.condition)
        then = self._rounded(self.check(tree.then), tree.then)
        otherwise = self._rounded(self.check(tree.otherwise), tree.otherwise)
        common = join(then.type, otherwise.type)
        if common is None:
            raise self.mismatch(tree.otherwise, otherwise.type, f"{then.type}, as after `then`")
        return Choose(
            common, condition, self.widen(then, common, tree.then), self.widen(otherwise, common, tree.otherwise)
        )

    def _list(self, tree: ListLiteral) -> Node:
        if not tree.items:
            raise self.refusal("not_allowed", tree, "at least one element: the type of an empty list is not known")
        items = [self._rounded(self.check(item), item) for item in tree.items]
        return self.items_of(items, tree.items, tree)

    def items_of(self, nodes: list[Node], trees: tuple[Syntax, ...], tree: Syntax) -> Items:
        """Return a list of nodes widened to their common type."""
        common: Type = nodes[0].type
        for node, each in zip(nodes, trees, strict=True):
            joined = join(common, node.type)
            if joined is None or node.type.kind is Kind.LIST:
                raise self.mismatch(
                    each, node.type, f"{common}, as before it" if joined is None else "an element, not a list"
                )
            common = joined
        widened = tuple(self.widen(node, common, tree) for node in nodes)
        return Items(Type.list_of(common), widened)

    def _quantified(self, tree: Quantified) -> Node:
        if self._element is not None:
            raise self.refusal("not_allowed", tree, "no `some` or `every` inside another")
        if tree.variable in self._names:
            raise self.refusal(
                "bad_name", tree, f"a name for the element that the pack does not use ({tree.variable} is taken)"
            )
        domain = self.check(tree.domain)
        if domain.type.element is None:
            raise self.mismatch(tree.domain, domain.type, "a list after `in`")
        self._element = (tree.variable, domain.type.element)
        condition = self.as_bool(tree.condition)
        self._element = None
        return Quantifier(tree.every, domain, condition)

    def _property(self, operand: Node, part: str, tree: Syntax) -> Node:
        operation = _PARTS.get((operand.type, part))
        if operation is None:
            parts = ", ".join(name for kind, name in _PARTS if kind == operand.type) or "no parts"
            raise self.refusal("unknown_name", tree, f"a part of {operand.type}: {parts}")
        return Apply(Type.NUMBER, operation, (operand,), self.place(tree))

    # --- what the built-in functions need too

    def place(self, tree: Syntax) -> Place:
        """Return where a tree stands in the source."""
        return place_of(self.source, tree.start, tree.end)

    def as_bool(self, tree: Syntax) -> Node:
        """Check a tree that must be a yes/no."""
        return self.as_type(self.check(tree), Type.BOOL, tree)

    def rounded(self, tree: Syntax) -> Node:
        """Check a tree that must not be an unrounded quotient."""
        return self._rounded(self.check(tree), tree)

    def as_type(self, node: Node, wanted: Type, tree: Syntax) -> Node:
        """Return the node widened to ``wanted``; refuse it when it does not widen."""
        self._rounded(node, tree)
        if not widens(node.type, wanted):
            hint = (
                ": name its rounding, such as `round half up(…, 2)`"
                if wanted == Type.MONEY and node.type == Type.EXACT_MONEY
                else ""
            )
            raise self.mismatch(tree, node.type, f"{wanted}{hint}")
        return self.widen(node, wanted, tree)

    def widen(self, node: Node, wanted: Type, tree: Syntax) -> Node:
        """Return the node converted to ``wanted``, which it is known to widen to."""
        if node.type == wanted:
            return node
        return Apply(wanted, Operation.WIDEN, (node,), self.place(tree))

    def expect_count(self, tree: Call, count: int) -> None:
        """Refuse a call with another number of arguments."""
        if len(tree.arguments) != count:
            raise self.refusal("wrong_arguments", tree, f"{count} argument(s), not {len(tree.arguments)}")

    def refusal(self, code: str, tree: Syntax, expected: str) -> LanguageError:
        """Return the error at the tree's place."""
        return LanguageError(code, self.place(tree), expected)

    def mismatch(self, tree: Syntax, found: Type | str, expected: str) -> LanguageError:
        """Return the error ``wrong_type`` at the tree's place."""
        return LanguageError("wrong_type", self.place(tree), expected, found=str(found))

    def _rounded(self, node: Node, tree: Syntax) -> Node:
        if node.type in QUOTIENTS:
            raise self.refusal("unrounded_division", tree, _ROUND_IT)
        return node


def check_names(names: Mapping[str, Type], functions: Mapping[str, Intrinsic]) -> None:
    """Refuse names that no text can read, and functions that the language has already. Raises ``LanguageError``."""
    for name in (*names, *(word for function in functions for word in function.split(" "))):
        if not _is_name(name) or (name in names and name in KEYWORDS):
            raise LanguageError(
                "bad_name", Place(1, 1, name), "letters, digits, underscores and dots; no word of the language"
            )
    for function in functions:
        if function in standard_functions.FUNCTION_NAMES:
            raise LanguageError("bad_name", Place(1, 1, function), "a name that no function of the language has")


@lru_cache(maxsize=8_192)
def _is_name(text: str) -> bool:
    # Remembered, because the hundreds of formulas of a pack are checked against the same names.
    return WORD.fullmatch(text) is not None


def type_of_duration(duration: object) -> Type:
    """Return DAYS or MONTHS."""
    return Type.DAYS if isinstance(duration, Days) else Type.MONTHS


def _reversed(low: Value, high: Value) -> bool:
    return bool(low > high)  # type: ignore[operator]  # both were checked to be of one orderable type


def _comparable(kind: Type) -> str:
    if kind in (Type.MONEY, Type.EXACT_MONEY, Type.MONEY_QUOTIENT):
        return "money to compare with money (a literal is written `100.00 yuan`)"
    return f"{kind} to compare with {kind}"


def _expectation(operator: str, left: Type, right: Type) -> str:
    money = {Type.MONEY, Type.EXACT_MONEY}
    if operator in "+-" and (left in money) != (right in money):
        return "money on both sides (a literal is written `100.00 yuan`)"
    if operator == "*" and left in money and right in money:
        return "money times a number"
    return f"operands that `{operator}` is defined for"
