"""The typed form of an expression: what every back end starts from.

Promise: each node has a type; every operation is a member of ``Operation`` with operands of fixed types, every conversion is a
node of its own (``WIDEN``), every name is resolved. A back end needs no further checks but those at run time: division by
zero, range, empty list, and the type of what it reads. Two back ends must agree on every value (ADR 0020).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rules.engine.language.errors import Place
from rules.engine.language.exact import Rounding
from rules.engine.language.intrinsics import Intrinsic
from rules.engine.language.value_types import Type, Value


class Operation(StrEnum):
    """What ``Apply`` does with its operands. Where operands are numbers, their types say which (fen, decimal, fraction)."""

    WIDEN = "widen"
    NEGATE = "negate"
    ADD = "add"
    SUBTRACT = "subtract"
    MULTIPLY = "multiply"
    DIVIDE = "divide"  # by a literal whose reciprocal ends: exact
    QUOTIENT = "quotient"  # any division: an exact fraction
    ABSOLUTE = "absolute"
    EQUAL = "equal"
    NOT_EQUAL = "not equal"
    LESS = "less"
    LESS_OR_EQUAL = "less or equal"
    GREATER = "greater"
    GREATER_OR_EQUAL = "greater or equal"
    NOT = "not"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    LIST_MINIMUM = "list minimum"
    LIST_MAXIMUM = "list maximum"
    LIST_SUM = "list sum"
    LIST_COUNT = "list count"
    LIST_CONTAINS = "list contains"
    LIST_ALL = "list all"
    LIST_ANY = "list any"
    JOIN_TEXT = "join text"
    TEXT_LENGTH = "text length"
    TEXT_CONTAINS = "text contains"
    TEXT_STARTS_WITH = "text starts with"
    TEXT_ENDS_WITH = "text ends with"
    MAKE_DATE = "make date"
    ADD_DAYS = "add days"
    ADD_MONTHS = "add months"
    SUBTRACT_DAYS = "subtract days"
    SUBTRACT_MONTHS = "subtract months"
    SCALE_DAYS = "scale days"
    SCALE_MONTHS = "scale months"
    DAYS_BETWEEN = "days between"
    MONTHS_BETWEEN = "months between"
    YEAR_OF = "year of"
    MONTH_OF = "month of"
    DAY_OF = "day of"
    WEEKDAY_OF = "weekday of"
    DAYS_OF = "days of"
    YEARS_OF = "years of"
    MONTHS_OF = "months of"


COMPARISONS = frozenset(
    {
        Operation.EQUAL,
        Operation.NOT_EQUAL,
        Operation.LESS,
        Operation.LESS_OR_EQUAL,
        Operation.GREATER,
        Operation.GREATER_OR_EQUAL,
    }
)
"""Two operands, a yes or no."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A value known when the pack is built."""

    type: Type
    value: Value


@dataclass(frozen=True, slots=True)
class Read:
    """A name of the environment."""

    type: Type
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Element:
    """The element that an enclosing ``Quantifier`` looks at."""

    type: Type


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation on operands, evaluated from left to right."""

    type: Type
    operation: Operation
    operands: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Round:
    """A named rounding of a number or of money; ``scale`` counts decimals of the number, for money decimals of a yuan."""

    type: Type
    rounding: Rounding
    scale: int
    operand: Node
    place: Place


@dataclass(frozen=True, slots=True)
class Invoke:
    """A call of an intrinsic."""

    type: Type
    intrinsic: Intrinsic
    operands: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Both:
    """``and``: the right side is evaluated only where the left side holds."""

    left: Node
    right: Node
    type: Type = Type.BOOL


@dataclass(frozen=True, slots=True)
class Either:
    """``or``: the right side is evaluated only where the left side does not hold."""

    left: Node
    right: Node
    type: Type = Type.BOOL


@dataclass(frozen=True, slots=True)
class Choose:
    """``if``: only the chosen branch is evaluated."""

    type: Type
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Items:
    """A list literal."""

    type: Type
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a test: ``operation`` compares the tested value with ``operand`` (of the tested value's type)."""

    operation: Operation
    operand: Node


@dataclass(frozen=True, slots=True)
class Among:
    """The tested value is an element of the list."""

    domain: Node


# Bounds that must all hold (one comparison, or the two ends of an interval), or membership of a list.
Test = tuple[Bound, ...] | Among


@dataclass(frozen=True, slots=True)
class Meets:
    """The value meets at least one test. The value is evaluated once, tests from left to right until one holds."""

    value: Node
    tests: tuple[Test, ...]
    type: Type = Type.BOOL


@dataclass(frozen=True, slots=True)
class Quantifier:
    """``some``/``every`` over a list's elements, in order, until the answer is known. Quantifiers do not nest."""

    every: bool
    domain: Node
    condition: Node
    type: Type = Type.BOOL


Node = Constant | Read | Element | Apply | Round | Invoke | Both | Either | Choose | Items | Meets | Quantifier
