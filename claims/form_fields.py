"""What a form is made of: fields, their kinds and bounds, and the relations between them. Data only.

Promise: a screen, a paper, the command line and the checks read the same definition; adding a field is adding a row to a file.
Keys are the rule pack's element ids, or ``insured.*``, ``payee.*``, ``reporter.*`` and ``case.*``.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from claims.errors import Bilingual

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
    LONG_TEXT = "long_text"
    """Several lines."""
    INSTANT = "instant"
    """An instant in ISO 8601 UTC, shown as Beijing time to the minute. Only on papers; nobody types one."""


class Choice(msgspec.Struct, frozen=True):
    """One value of a choice and what the screen calls it."""

    value: str
    label: Bilingual


_USUAL_HELP = {
    FieldKind.AMOUNT: Bilingual("单位：元，最多两位小数", "yuan, two decimals at most"),
    FieldKind.DATE: Bilingual("年-月-日，北京时间", "year-month-day, Beijing time"),
}


class FieldSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field.

    ``minimum``/``maximum`` are fen for amounts, plain numbers for numbers, lengths in characters for texts. ``default`` is what an empty field
    means; without one an empty optional field says nothing. ``pattern`` and ``example`` belong to codes.
    Dates are never in the future unless ``future_allowed``. ``only_for``: the key of a choice (or yes/no) of the same form, and
    its values for which this field is asked at all; with another value it is neither shown nor asked for, and says nothing.
    ``unit``: what a number counts (hours, dB); money is in yuan by its kind. ``help``: what the kind's usual help doesn't say.
    """

    key: str
    kind: FieldKind
    label: Bilingual
    unit: Bilingual | None = None
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

    @property
    def title(self) -> Bilingual:
        """The label, with its unit where it has one."""
        if self.unit is None:
            return self.label
        return Bilingual(f"{self.label.zh}（{self.unit.zh}）", f"{self.label.en} ({self.unit.en})")

    @property
    def hint(self) -> Bilingual:
        """How it is answered: its own help, else its example, else what is usual for its kind."""
        if self.help.zh:
            return self.help
        if self.example:
            return Bilingual(f"例如 {self.example}", f"for example {self.example}")
        return _USUAL_HELP.get(self.kind, self.help)


class DateOrder(msgspec.Struct, frozen=True, tag_field="rule", tag="date_order", forbid_unknown_fields=True):
    """``earlier`` is not after ``later`` (the same day is fine)."""

    earlier: str
    later: str


class SumWithin(msgspec.Struct, frozen=True, tag_field="rule", tag="sum_within", forbid_unknown_fields=True):
    """The parts together don't pass the whole."""

    parts: tuple[str, ...]
    whole: str


class NeededWhen(msgspec.Struct, frozen=True, tag_field="rule", tag="needed_when", forbid_unknown_fields=True):
    """``key`` is needed when ``other`` has this value; else an empty ``key`` means ``otherwise`` (None: it says nothing)."""

    key: str
    other: str
    value: FactValue
    otherwise: FactValue | None = None


Relation = DateOrder | SumWithin | NeededWhen


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form: what is asked, how the answers relate, and what is known without asking (``constants``)."""

    fields: tuple[FieldSpec, ...]
    relations: tuple[Relation, ...] = ()
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
