"""The value types of the rule language and how each is represented in Python.

Promise: every value has exactly one type, known before evaluation; no value is ``None`` and none is a float.

Money is integer fen. What arithmetic leaves unrounded has a type of its own (``EXACT_MONEY``, the two quotients), so a
rounding cannot be forgotten: only a named rounding leads back to ``MONEY`` (docs/rule-language.md "Money").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar


@dataclass(frozen=True, order=True, slots=True)
class Days:
    """A duration of whole days, negative when it runs back."""

    days: int


@dataclass(frozen=True, order=True, slots=True)
class Months:
    """A duration of whole calendar months (``P1Y2M`` is 14), negative when it runs back. Not comparable with ``Days``."""

    months: int


Scalar = bool | int | Decimal | str | date | Days | Months
Value = Scalar | tuple["Value", ...]
# Inside an expression a quotient is an exact fraction until a named rounding takes it.
Operand = Value | Fraction


class Kind(StrEnum):
    """What a type is made of; the text is what an error message shows."""

    BOOL = "bool"
    MONEY = "money"
    EXACT_MONEY = "unrounded money"
    MONEY_QUOTIENT = "unrounded money quotient"
    NUMBER = "number"
    QUOTIENT = "unrounded quotient"
    TEXT = "text"
    DATE = "date"
    DAYS = "days duration"
    MONTHS = "years and months duration"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Type:
    """A value type. Use the constants (``Type.MONEY``) and ``Type.list_of``; never build one by hand.

    ====================  ====================================================================
    ``BOOL``              ``bool``
    ``MONEY``             ``int``, fen
    ``EXACT_MONEY``       ``Decimal``, fen and fractions of a fen: needs a named rounding to become ``MONEY``
    ``NUMBER``            ``Decimal``
    ``TEXT``              ``str``
    ``DATE``              ``datetime.date``
    ``DAYS``              ``Days``: what ``date - date`` gives, ``duration("P30D")``
    ``MONTHS``            ``Months``: ``duration("P1Y6M")``, ``years and months duration(a, b)``
    ``Type.list_of(T)``   ``tuple`` of values of ``T``
    ====================  ====================================================================

    ``QUOTIENT`` and ``MONEY_QUOTIENT`` exist only inside an expression: the result of a division before its rounding.
    """

    kind: Kind
    element: Type | None = None

    BOOL: ClassVar[Type]
    MONEY: ClassVar[Type]
    EXACT_MONEY: ClassVar[Type]
    MONEY_QUOTIENT: ClassVar[Type]
    NUMBER: ClassVar[Type]
    QUOTIENT: ClassVar[Type]
    TEXT: ClassVar[Type]
    DATE: ClassVar[Type]
    DAYS: ClassVar[Type]
    MONTHS: ClassVar[Type]

    @staticmethod
    def list_of(element: Type) -> Type:
        """Return the type of lists of ``element``. Raises ValueError for a list of lists or of quotients."""
        if element.kind is Kind.LIST or element.kind in (Kind.QUOTIENT, Kind.MONEY_QUOTIENT):
            raise ValueError(f"no list of {element}")
        return Type(Kind.LIST, element)

    def __str__(self) -> str:
        return f"list of {self.element}" if self.element else str(self.kind)


Type.BOOL = Type(Kind.BOOL)
Type.MONEY = Type(Kind.MONEY)
Type.EXACT_MONEY = Type(Kind.EXACT_MONEY)
Type.MONEY_QUOTIENT = Type(Kind.MONEY_QUOTIENT)
Type.NUMBER = Type(Kind.NUMBER)
Type.QUOTIENT = Type(Kind.QUOTIENT)
Type.TEXT = Type(Kind.TEXT)
Type.DATE = Type(Kind.DATE)
Type.DAYS = Type(Kind.DAYS)
Type.MONTHS = Type(Kind.MONTHS)
