"""What goes into a decision and what comes out: values, steps, liabilities, determinations and referrals.

Promise: every struct here is frozen, serialises in field order by msgspec, and holds no float. Money is integer fen.
``canonical`` of two equal decisions gives the same bytes, on the laptop and at headquarters.

Source: design.md "Rules", notes/rules.md §4, notes/domain.md §5.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NewType

import msgspec

from rules.bilingual import Bilingual as Bilingual  # noqa: PLC0414 - a re-export, spelled as the type checker asks

ElementId = NewType("ElementId", str)
# A money element is int (fen); a ratio or measurement is Decimal; a list element is a tuple of one kind.
Value = bool | int | Decimal | str | date | tuple["Value", ...]
Facts = Mapping[ElementId, Value]

ENGINE_VERSION = "2"


class RulesError(Exception):
    """Root of what this package raises. ``code`` is stable; ``values`` name what was found."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(f"{code}: {values}")
        self.code = code
        self.values = values


class PackError(RulesError):
    """The pack's bytes are not a pack this engine can run: bad structure, type error, unknown name, too large."""


class FactsError(RulesError):
    """A fact has the wrong type, is out of the element's bounds, or names an element that the pack does not know."""


class Unit(StrEnum):
    """Unit of a step's value, so that a reader formats it without knowing the rule."""

    FEN = "fen"
    RATIO = "ratio"
    DAY = "day"
    COUNT = "count"
    BOOL = "bool"
    DATE = "date"
    TEXT = "text"


class MarginKind(StrEnum):
    """What a step's margin measures.

    ``holds``/``fails``: to where the condition would turn · ``left``: room under a cap · ``over``: what a cap cut off · ``still``: what a
    deduction still holds back · ``next``: to the next tier or row.
    """

    HOLDS = "holds"
    FAILS = "fails"
    LEFT = "left"
    OVER = "over"
    STILL = "still"
    NEXT = "next"


class Margin(msgspec.Struct, frozen=True, kw_only=True):
    """How far a step is from another outcome (``rules.engine.margins``).

    ``what`` is measured, ``distance`` is its canonical text in ``unit``, never negative; ``at`` is where the edge lies. ``beyond``: the
    outcome is another only past the edge, not on it.
    """

    kind: MarginKind
    what: Bilingual
    distance: str
    unit: Unit
    at: str
    beyond: bool = False


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One rule looked at. ``applied`` false means: it was looked at and changed nothing; ``reason`` says why.

    ``value`` is canonical text (integer fen, decimal string, ISO date, ``true``/``false``).
    ``amount_fen`` is the sum that stands after this step, where the step belongs to an amount (the waterfall).
    ``margin`` is left out where there is none, and in decisions made before there were margins.
    """

    rule: str
    name: Bilingual
    clause: str
    value: str
    unit: Unit
    applied: bool
    reason: Bilingual
    amount_fen: int | None = None
    waiver: str | None = None
    margin: Margin | msgspec.UnsetType = msgspec.UNSET


class PoolScope(StrEnum):
    """Whose limit a pool is: it decides which cases share it (design.md "Pools and settlement keys")."""

    POLICY = "policy"
    POLICY_YEAR = "policy_year"
    PERSON = "person"
    ACCIDENT = "accident"


class PoolDraw(msgspec.Struct, frozen=True, kw_only=True):
    """What a liability takes from one pool. ``unit`` is FEN or DAY; ``limit`` None means the pool only counts."""

    pool: str
    scope: PoolScope
    unit: Unit
    limit: int | None
    used_before: int
    amount: int


class LiabilityResult(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one liability of one policy.

    ``loss_key`` is derived from evidence (``bill:<code>:<number>``, ``death:<date>``, ...): two stations that take in the
    same loss get the same key. ``shares_fen`` splits ``amount_fen`` over the entitled persons in order and always adds up.
    """

    liability: str
    name: Bilingual
    amount_fen: int
    loss_key: str
    pools: tuple[PoolDraw, ...]
    shares_fen: tuple[int, ...]
    steps: tuple[Step, ...]


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a case goes to a person: the rule, its clause and a sentence."""

    rule: str
    clause: str
    text: Bilingual


class Determination(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="determination"):
    """A payable result of one policy. ``outputs_fen`` holds named sums besides the benefit (``patient_pays``, ``refund``)."""

    plan: str
    pack_id: str
    pack_version: int
    pack_hash: str
    engine: str
    inputs_hash: str
    total_fen: int
    outputs_fen: dict[str, int]
    waivers: tuple[str, ...]
    liabilities: tuple[LiabilityResult, ...]


class Referral(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="referral"):
    """A result that a person must decide. ``total_fen`` is what the rules came to (0 where a gate failed), never a promise."""

    plan: str
    pack_id: str
    pack_version: int
    pack_hash: str
    engine: str
    inputs_hash: str
    total_fen: int
    outputs_fen: dict[str, int]
    waivers: tuple[str, ...]
    liabilities: tuple[LiabilityResult, ...]
    reasons: tuple[Reason, ...]


Decision = Determination | Referral


def canonical(decision: Decision) -> bytes:
    """Return the decision as JSON in field order, with outputs sorted by name. Equal decisions give equal bytes."""
    ordered = dict(sorted(decision.outputs_fen.items()))
    return msgspec.json.encode(msgspec.structs.replace(decision, outputs_fen=ordered))


def digest(decision: Decision) -> str:
    """Return the SHA-256 of the canonical bytes in hex."""
    return hashlib.sha256(canonical(decision)).hexdigest()


def read_decision(raw: bytes) -> Decision:
    """Read canonical bytes back. Raises ``msgspec.ValidationError`` when the bytes are no decision."""
    decision: Decision = msgspec.json.decode(raw, type=Decision)
    return decision
