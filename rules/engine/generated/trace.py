"""What a decision by generated code leaves behind, and the explanation made of it.

Promise: a trace holds the facts, the sums and a tuple of integers for each liability: nothing is worked out again to explain it. An
explanation names, for each step, rule and clause, its value, whether it applied, the waiver that lifted it, the running sum before
and after, and the table rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from rules.engine.generated.runtime import decimal_of
from rules.engine.model import ElementId, Value


class Part(msgspec.Struct, frozen=True, gc=False):
    """One liability in a trace: its place in the plan, the site where it ended, and the values there."""

    liability: int
    site: int
    values: tuple[object, ...]


class Trace(msgspec.Struct, frozen=True, gc=False):
    """A decision that generated code made. Its meaning is known to the ``GeneratedPack`` that made it.

    ``total_fen`` is what the benefits come to, ``outputs_fen`` the plan's other sums in the plan's order, None where not told.
    """

    plan: str
    facts: Mapping[ElementId, Value]
    parts: tuple[Part, ...]
    total_fen: int
    outputs_fen: tuple[int | None, ...]


class ExplainedStep(msgspec.Struct, frozen=True, gc=False):
    """One rule looked at, without sentences. Numbers are fixed-point: exact, and read as decimals only where somebody asks.

    ``raw`` is the rule's value (of a step that changes the sum: what it shows, else the change), None where it was not reached; a
    number counts ``raw / 10**scale`` where ``scale`` is not None. ``before`` and ``after`` are the running sum around a step that
    changes it, in fen counted at ``before_scale`` and ``after_scale``. ``rows`` are the table rows, from 0.
    """

    rule: str
    clause: str
    raw: object
    applied: bool
    scale: int | None = None
    waiver: str | None = None
    before: int | None = None
    before_scale: int = 0
    after: int | None = None
    after_scale: int = 0
    rows: tuple[int, ...] = ()

    @property
    def value(self) -> Value | None:
        """The rule's value as the reference has it; None where the step was not reached."""
        raw = self.raw
        if self.scale is None:
            return raw  # type: ignore[return-value]  # a yes/no, fen, a text, a date, or a list of one of them
        if isinstance(raw, tuple):
            return tuple(decimal_of(each, self.scale) for each in raw)
        return decimal_of(raw, self.scale)  # type: ignore[arg-type]  # a number

    @property
    def before_fen(self) -> Decimal | None:
        """The running sum before the step, in fen."""
        return None if self.before is None else decimal_of(self.before, self.before_scale)

    @property
    def after_fen(self) -> Decimal | None:
        """The running sum after the step, in fen."""
        return None if self.after is None else decimal_of(self.after, self.after_scale)


class ExplainedLiability(msgspec.Struct, frozen=True, gc=False):
    """The steps of one liability and how it ended: ``paid``, ``zero``, ``stopped``, ``outside validity``, ``not concerned``."""

    liability: str
    end: str
    amount_fen: int
    steps: tuple[ExplainedStep, ...]


class Explanation(msgspec.Struct, frozen=True, gc=False):
    """A whole decision explained in values."""

    plan: str
    total_fen: int
    outputs_fen: dict[str, int]
    liabilities: tuple[ExplainedLiability, ...]
