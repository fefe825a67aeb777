"""What a form is made of: fields, their kinds and bounds, and the relations between them. Data only.

Promise: a screen, the command line and the checks read the same definition; adding a field is adding a row.
Keys are the rule pack's element ids, or ``insured.*``, ``payee.*``, ``reporter.*`` and ``case.*``.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from claims.errors import Bilingual
from claims.materials import ClaimType

FactValue = bool | int | str | list[bool | int | str]
"""A checked value as the facts' JSON carries it: fen, ISO date, decimal string, text, yes/no, or a list."""


class FieldKind(StrEnum):
    """How a field is typed and what comes out."""

    TEXT = "text"
    NAME = "name"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    ACCOUNT = "account"
    REGION = "region"
    AMOUNT = "amount"
    DATE = "date"
    NUMBER = "number"
    NUMBERS = "numbers"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CODE = "code"


class Choice(msgspec.Struct, frozen=True):
    """One value of a choice and what the screen calls it."""

    value: str
    label: Bilingual


class FieldSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One field.

    ``minimum``/``maximum`` are fen for amounts, plain numbers for numbers, lengths for text. ``default`` is what an empty field
    means; without one an empty optional field says nothing. ``pattern`` and ``example`` belong to codes.
    Dates are never in the future unless ``future_allowed``. ``only_for``: the key of a choice (or yes/no) of the same form, and
    its values for which this field is asked at all; with another value it is neither shown nor asked for, and says nothing.
    """

    key: str
    kind: FieldKind
    label: Bilingual
    help: Bilingual = Bilingual("", "")
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    scale: int = 0
    choices: tuple[Choice, ...] = ()
    default: FactValue | None = None
    pattern: str = ""
    example: str = ""
    future_allowed: bool = False
    only_for: tuple[str, tuple[str, ...]] | None = None


class DateOrder(msgspec.Struct, frozen=True):
    """``earlier`` is not after ``later`` (the same day is fine)."""

    earlier: str
    later: str


class SumWithin(msgspec.Struct, frozen=True):
    """The parts together don't pass the whole."""

    parts: tuple[str, ...]
    whole: str


class NeededWhen(msgspec.Struct, frozen=True):
    """``key`` is needed when ``other`` has this value; else an empty ``key`` means ``otherwise`` (None: it says nothing)."""

    key: str
    other: str
    value: FactValue
    otherwise: FactValue | None = None


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form: what is asked, how the answers relate, and what the claim type itself already says (``constants``)."""

    claim_type: ClaimType
    fields: tuple[FieldSpec, ...]
    relations: tuple[DateOrder | SumWithin | NeededWhen, ...] = ()
    constants: dict[str, FactValue] = {}

    def field(self, key: str) -> FieldSpec:
        """Return a field by its key. Raises ``KeyError`` for a key the form doesn't have."""
        for one in self.fields:
            if one.key == key:
                return one
        raise KeyError(key)


class FieldProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one field; ``code`` is stable, the sentence has the values found and what to do."""

    key: str
    code: str
    sentence: Bilingual


class Validated(msgspec.Struct, frozen=True, kw_only=True):
    """Checked values by key; ``warnings`` ask for a second look and never block."""

    claim_type: ClaimType
    values: dict[str, FactValue]
    warnings: tuple[FieldProblem, ...] = ()

    @property
    def elements(self) -> dict[str, FactValue]:
        """The facts for the rules: the values whose key is an element id."""
        return {key: value for key, value in self.values.items() if "." not in key}

    def text(self, key: str) -> str | None:
        """Return a text value, None where nothing was entered."""
        value = self.values.get(key)
        return value if isinstance(value, str) and value else None

    def day(self, key: str) -> date | None:
        """Return a date value, None where nothing was entered."""
        value = self.text(key)
        return None if value is None else date.fromisoformat(value)
