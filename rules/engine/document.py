"""The pack as it is written down: the four layers 要素 element, 规则 rule, 责任 liability, 方案 plan, and the pack's tests.

Promise: nothing here computes. A document is plain data in canonical JSON: keys sorted, fields at their default left
out, money in integer fen, every decimal a string, no unknown field (``rules.engine.loading`` refuses the rest).

Source: notes/rules.md §4, docs/rules.md "The pack".
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from rules.engine.language import TableDefinition
from rules.engine.model import Bilingual, PoolScope, Unit

SCHEMA = 1

# A value as JSON: money is fen, a number is a decimal string, a date is ISO text.
JsonValue = bool | int | str | tuple[bool | int | str, ...]


class DateBasis(StrEnum):
    """Which date decides what version of a rule and which value of a dated parameter hold. The pack says which element tells it.

    ``liability`` is the date basis of the liability that the rule serves.
    """

    LIABILITY = "liability"
    INCEPTION = "inception"
    ACCIDENT = "accident"
    TREATMENT = "treatment"
    DIAGNOSIS = "diagnosis"
    DEATH = "death"
    REPORT = "report"


class Layer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all parts of a document share: frozen, strict, and canonical when written."""


class ValueType(StrEnum):
    """Type of an element, a parameter or a rule's value."""

    MONEY = "money"
    EXACT_MONEY = "exact_money"
    NUMBER = "number"
    TEXT = "text"
    BOOL = "bool"
    DATE = "date"


class Source(StrEnum):
    """Where an element's value comes from."""

    DOCUMENT = "document"
    POLICY = "policy"
    SYSTEM = "system"
    ADJUSTER = "adjuster"
    CATASTROPHE = "catastrophe"


class ElementSpec(Layer, frozen=True, kw_only=True):
    """要素: one typed fact. ``minimum``/``maximum`` are canonical text of the type; a text is bounded by its length.

    ``scale`` is the most digits after the point of a number. ``many`` makes it a list, bounded by ``items``.
    """

    id: str
    name: Bilingual
    type: ValueType
    unit: Unit
    source: Source
    minimum: str
    maximum: str
    scale: int | None = None
    many: bool = False
    items: int | None = None


class DatedValue(Layer, frozen=True, kw_only=True):
    """What a parameter is from a date on, until the next one."""

    valid_from: date
    value: JsonValue


class Dated(Layer, frozen=True, kw_only=True):
    """A parameter whose value changed: the values in order of their dates, each date once."""

    values: tuple[DatedValue, ...]


ParameterValue = JsonValue | Dated


class ParameterSpec(Layer, frozen=True, kw_only=True):
    """A figure that plans set: a limit, a ratio, a day count."""

    id: str
    name: Bilingual
    type: ValueType
    unit: Unit
    many: bool = False


class RuleKind(StrEnum):
    """What a rule does to a liability.

    ``value`` names a figure · ``gate`` ends the liability with 0 when it does not hold · ``refer`` sends the case to a person
    when it holds, the sum stands · ``amount`` gives the new running sum · ``round`` is the one named rounding.
    """

    VALUE = "value"
    GATE = "gate"
    REFER = "refer"
    AMOUNT = "amount"
    ROUND = "round"


class WaiverSpec(Layer, frozen=True, kw_only=True):
    """A catastrophe's waiver that lifts a rule when all its elements are true (notes/domain.md §1.3)."""

    elements: tuple[str, ...]
    codes: tuple[str, ...]
    reason: Bilingual


class OverrideSpec(Layer, frozen=True, kw_only=True):
    """A legal ground, no waiver, that lifts a gate: ``element`` true (``emergency``)."""

    element: str
    reason: Bilingual


class RuleVersion(Layer, frozen=True, kw_only=True):
    """How a rule reads from a date on, until the next version: a formula or a table."""

    valid_from: date
    expression: str | None = None
    table: TableDefinition | None = None


class RuleSpec(Layer, frozen=True, kw_only=True):
    """规则: a named formula or decision table with its clause and its sentences.

    ``applied`` is said when the rule bites (a gate stops, an amount changes), ``not_applied`` when it was looked at and changed
    nothing. ``{name}`` in a sentence is replaced by that name's value. ``shows`` names what the step's value is (a ratio, a
    deductible) in ``unit``; without it an amount shows its change. Where an amount
    would fall below 0 it becomes 0 and the rest is told as the output ``remainder`` (a prepayment to recover).

    ``date_basis`` decides by which date the rule reads dated parameters and which of its ``versions`` holds; a rule has either an
    expression, a table, or versions of one kind.
    """

    id: str
    kind: RuleKind
    name: Bilingual
    clause: str
    type: ValueType
    unit: Unit
    applied: Bilingual
    not_applied: Bilingual
    expression: str | None = None
    table: TableDefinition | None = None
    many: bool = False
    shows: str | None = None
    remainder: str | None = None
    waiver: WaiverSpec | None = None
    override: OverrideSpec | None = None
    date_basis: DateBasis
    versions: tuple[RuleVersion, ...] = ()


class PoolSpec(Layer, frozen=True, kw_only=True):
    """限额池: a limit that several claims share. ``limit`` is an expression; ``used`` is the element that tells what is gone.

    Rules read it as ``<id>_limit``, ``<id>_used`` and ``<id>_left``. Without a limit it only counts.
    """

    id: str
    name: Bilingual
    scope: PoolScope
    unit: Unit
    used: str
    limit: str | None = None


class DrawSpec(Layer, frozen=True, kw_only=True):
    """What a liability takes from a pool: ``amount`` is an expression over the finished sum ``paid``."""

    pool: str
    amount: str
    when: str | None = None


class CarryWhen(StrEnum):
    """When a benefit of one claim changes what other claims of the person see.

    ``claimed``: it is asked for, whatever comes of it · ``reached``: the step named was taken, paid or not · ``paid``: it pays ·
    ``open``: a person has to decide it.
    """

    CLAIMED = "claimed"
    REACHED = "reached"
    PAID = "paid"
    OPEN = "open"


class CarryReach(StrEnum):
    """Which claims see it: of the same policy and loss, of the policy, of its policy year, or of the person on any policy."""

    LOSS = "loss"
    POLICY = "policy"
    POLICY_YEAR = "policy_year"
    PERSON = "person"


class CarrySpec(Layer, frozen=True, kw_only=True):
    """What other claims of the person hear of a benefit: a deductible consumed, a prepayment used up, an illness paid.

    ``value`` is an expression of the element's type over this claim's names: money and numbers are added to ``element`` (a minus takes
    away), true sets it. It may read ``paid`` (the benefit), ``settled`` (with the prepayment it used up) and ``taken`` (what ``step`` took
    off the sum); with ``claimed`` none of them. ``same`` are elements that must be equal in both claims. ``claimed`` is seen by all,
    the others by later claims.
    """

    element: str
    when: CarryWhen
    reach: CarryReach
    value: str
    step: str | None = None
    same: tuple[str, ...] = ()


class LiabilitySpec(Layer, frozen=True, kw_only=True):
    """责任: one benefit. ``steps`` are rules in order; ``concerns`` must hold, else the benefit is told as not concerned.

    ``claimed`` are the claim types that ask for it; ``loss_key`` is a template over evidence; ``date_basis`` is the element
    whose date must lie in the pack's validity; ``indemnity`` marks a reimbursement and names the element that tells it
    what earlier policies paid of the same loss;
    ``shares`` names the rule or element whose list of weights splits the sum.
    ``exclusions`` are those steps that are exclusions of liability 责任免除; they stand among ``steps``, in their place.
    ``rising_in`` are elements that, when larger, never make the benefit smaller; ``at_most`` is an expression over elements and rules
    that the benefit never exceeds (what is left to reimburse). Both are proven when the pack is built.
    ``carries`` are what other claims of the person hear of it (``rules.engine.coordinate``).
    """

    id: str
    name: Bilingual
    clause: str
    claimed: tuple[str, ...]
    date_basis: str
    loss_key: str
    steps: tuple[str, ...]
    concerns: tuple[str, ...] = ()
    draws: tuple[DrawSpec, ...] = ()
    indemnity: str | None = None
    shares: str | None = None
    exclusions: tuple[str, ...] = ()
    rising_in: tuple[str, ...] = ()
    at_most: str | None = None
    carries: tuple[CarrySpec, ...] = ()


class PlanLiability(Layer, frozen=True, kw_only=True):
    """A liability in a plan, with the parameters that are its own there."""

    liability: str
    parameters: dict[str, ParameterValue] = {}


class OutputSpec(Layer, frozen=True, kw_only=True):
    """A sum besides the benefit (``patient_pays``, ``refund``), over ``total``; told only when ``when`` holds."""

    id: str
    name: Bilingual
    expression: str
    claimed: tuple[str, ...]
    when: str | None = None


class PlanSpec(Layer, frozen=True, kw_only=True):
    """方案: what a policy was sold as. ``order`` is the signed order of coordination, lowest first."""

    id: str
    name: Bilingual
    order: int
    liabilities: tuple[PlanLiability, ...]
    parameters: dict[str, ParameterValue] = {}
    outputs: tuple[OutputSpec, ...] = ()


class Expectation(Layer, frozen=True, kw_only=True):
    """What a test expects. Sums are fen; what is left out is not looked at.

    ``draws`` is what the decision takes from each pool, in the pool's unit; a pool that it takes nothing from is left out.
    ``values`` are the canonical texts that steps tell, by rule (``{"thyroid_stage": "II"}``); other steps are not looked at.
    """

    referred: bool
    total_fen: int
    outputs_fen: dict[str, int] = {}
    liabilities_fen: dict[str, int] | None = None
    shares_fen: tuple[int, ...] | None = None
    waivers: tuple[str, ...] | None = None
    reasons: tuple[str, ...] | None = None
    draws: dict[str, int] | None = None
    values: dict[str, str] | None = None


class PackTest(Layer, frozen=True, kw_only=True):
    """A worked case inside the pack."""

    name: str
    facts: dict[str, JsonValue]
    expect: Expectation


class PackDocument(Layer, frozen=True, kw_only=True):
    """A whole pack. ``valid_to`` None: until superseded. ``date_bases`` says which date element stands behind each date basis."""

    schema: int
    engine_min: str
    pack_id: str
    version: int
    valid_from: date
    elements: tuple[ElementSpec, ...]
    parameters: tuple[ParameterSpec, ...]
    rules: tuple[RuleSpec, ...]
    pools: tuple[PoolSpec, ...]
    liabilities: tuple[LiabilitySpec, ...]
    plans: tuple[PlanSpec, ...]
    valid_to: date | None = None
    supersedes: str | None = None
    date_bases: dict[DateBasis, str] = {}
    tests: tuple[PackTest, ...] = ()


def write_document(document: PackDocument) -> bytes:
    """Return the one canonical form: all keys sorted, no white space, nothing at its default."""
    return msgspec.json.encode(document, order="sorted")
