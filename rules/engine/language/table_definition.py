"""A decision table as plain data, as it stands in a pack.

Promise: nothing implicit. The hit policy is always written; a table without a default has none; cells are FEEL unary tests.

Source: DMN 1.4 §8; docs/rule-language.md "Decision tables".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from rules.engine.language.value_types import Value


class HitPolicy(StrEnum):
    """What it means that several rows apply. There is no default policy."""

    UNIQUE = "unique"
    FIRST = "first"
    ANY = "any"
    COLLECT = "collect"


class Aggregation(StrEnum):
    """How COLLECT folds the rows that apply. SUM, MIN and MAX of no row are a failure without a default; COUNT is 0."""

    SUM = "sum"
    MIN = "min"
    MAX = "max"
    COUNT = "count"


class TableInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One input column: an expression of the language.

    ``allowed`` are the values it can have, written like a cell (``"住院", "门诊"`` or ``[0..120]``): a value outside is a
    failure, a row's text that is not among them is refused, and the gap check looks no further.
    """

    expression: str
    allowed: str | None = None


class TableOutput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One output column. ``default`` is the expression that counts when no row applies; then every output needs one."""

    name: str
    default: str | None = None


class TableRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One row: a cell for each input (``-``, literal, comparison, interval, comma list, ``not(...)``), an expression for each output."""

    when: tuple[str, ...]
    then: tuple[str, ...]


class TableDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A decision table.

    ``complete`` asks for the gap check: every combination of input values is met by a row; it needs cells without names.
    The rows of a UNIQUE table that can both apply are always refused, where the cells involved are without names; the rest
    is seen when it happens.
    """

    hit_policy: HitPolicy
    inputs: tuple[TableInput, ...]
    outputs: tuple[TableOutput, ...]
    rows: tuple[TableRow, ...]
    aggregation: Aggregation | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True)
class TableHit:
    """Rows that applied (counted from 0, in table order; empty: the defaults) and a value for each output, in their order."""

    rows: tuple[int, ...]
    values: tuple[Value, ...]
