"""The syntax tree: what was written, before types.

Promise: a node keeps the span ``[start, end)`` of the source text it came from, and no tree is deeper than ``MAX_DEPTH``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

MAX_DEPTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a node stands in its source, and how deep the tree below it is."""

    start: int
    end: int
    depth: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Span):
    """A number, text or boolean."""

    value: Decimal | str | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLiteral(Span):
    """``12.50 yuan``."""

    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLiteral(Span):
    """``@"2024-02-29"``: a date or a duration."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Span):
    """A name read from the environment or bound by ``some``/``every``."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Span):
    """A function call; the function is always a fixed name."""

    function: str
    arguments: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Negation(Span):
    """Unary minus."""

    operand: Syntax


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary(Span):
    """``+ - * / **``, a comparison, ``and`` or ``or``."""

    operator: str
    left: Syntax
    right: Syntax


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval(Span):
    """``[a..b)`` and its kin; as an operand of ``in`` or a cell."""

    low: Syntax
    high: Syntax
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Span):
    """A unary test such as ``>= 18``."""

    operator: str
    operand: Syntax


@dataclass(frozen=True, slots=True, kw_only=True)
class Between(Span):
    """``x between a and b``, both ends included."""

    value: Syntax
    low: Syntax
    high: Syntax


@dataclass(frozen=True, slots=True, kw_only=True)
class In(Span):
    """``x in tests``: true when at least one test holds."""

    value: Syntax
    tests: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional(Span):
    """``if c then a else b``."""

    condition: Syntax
    then: Syntax
    otherwise: Syntax


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLiteral(Span):
    """``[a, b, c]``."""

    items: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantified(Span):
    """``some x in list satisfies c`` (``every`` when ``every`` is true)."""

    every: bool
    variable: str
    domain: Syntax
    condition: Syntax


@dataclass(frozen=True, slots=True, kw_only=True)
class Property(Span):
    """``(a).year``: a part of a date or duration. The closed set of parts belongs to the type."""

    operand: Syntax
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(Span):
    """``list[1]``: read so that it can be refused by name."""

    operand: Syntax
    index: Syntax


Syntax = (
    Literal
    | MoneyLiteral
    | AtLiteral
    | Name
    | Call
    | Negation
    | Binary
    | Interval
    | Comparison
    | Between
    | In
    | Conditional
    | ListLiteral
    | Quantified
    | Property
    | Index
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A decision table's test: ``-`` (``tests`` is None), or tests of which one must hold (none, when ``negated``)."""

    tests: tuple[Syntax, ...] | None
    negated: bool = False
