"""A pack ready to decide with: its document, every expression compiled, every name resolved.

Promise: immutable; two packs of the same bytes behave alike. Only ``rules.engine.loading`` makes one, after all its checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from rules.engine.dating import AT, Given, Timeline
from rules.engine.document import (
    CarrySpec,
    DateBasis,
    ElementSpec,
    LiabilitySpec,
    OutputSpec,
    PackDocument,
    PackTest,
    ParameterSpec,
    PlanSpec,
    PoolSpec,
    RuleSpec,
)
from rules.engine.language import Expression, Table
from rules.engine.model import ElementId, Value
from rules.engine.wording import Sentence

AMOUNT = "amount"
BEFORE = "before"
PAID = "paid"
TOTAL = "total"
SETTLED = "settled"
TAKEN = "taken"
PLAN = ElementId("plan")
CLAIM_TYPES = ElementId("claim_types")
POOL_SUFFIXES = ("limit", "used", "left")


def pool_of(name: str) -> str | None:
    """Return the pool that a synthetic name speaks of: ``medical_year_left`` is about ``medical_year``."""
    pool, _, suffix = name.rpartition("_")
    return pool if suffix in POOL_SUFFIXES else None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A rule's waiver with its sentence."""

    elements: tuple[str, ...]
    codes: tuple[str, ...]
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Override:
    """A rule's legal override with its sentence."""

    element: str
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its body compiled and its sentences cut at their places.

    ``shows`` is the name that is read for ``spec.shows``. ``first`` is the first day of the first version, None without versions.
    A table version is a rule too, of kind VALUE, with ``@`` in its id.
    """

    spec: RuleSpec
    body: Expression | Table
    applied: Sentence
    not_applied: Sentence
    waiver: Waiver | None
    override: Override | None
    shows: str | None
    first: date | None

    @property
    def needs(self) -> frozenset[str]:
        """Names that the body reads directly, and those that decide whether the rule is lifted."""
        lifted = (*self.waiver.elements,) if self.waiver else ()
        forced = (self.override.element,) if self.override else ()
        shown = (self.shows,) if self.shows else ()
        return self.body.reads.union(lifted, forced, shown)


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool with its limit compiled; ``limit`` None only counts."""

    spec: PoolSpec
    limit: Expression | None


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw on a pool, compiled."""

    pool: Pool
    amount: Expression
    when: Expression | None


@dataclass(frozen=True, slots=True)
class Carry:
    """What other claims hear of a benefit, compiled."""

    spec: CarrySpec
    value: Expression


@dataclass(frozen=True, slots=True)
class Liability:
    """A liability with its rules in order. ``at_most`` is what the benefit is promised never to exceed."""

    spec: LiabilitySpec
    concerns: tuple[Rule, ...]
    steps: tuple[Rule, ...]
    draws: tuple[Draw, ...]
    loss_key: Sentence
    carries: tuple[Carry, ...] = ()
    at_most: Expression | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """A named sum besides the benefit, compiled."""

    spec: OutputSpec
    expression: Expression
    when: Expression | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: its liabilities in order, each with all the parameters that hold there."""

    spec: PlanSpec
    parameters: Mapping[str, Given]
    liabilities: tuple[tuple[Liability, Mapping[str, Given]], ...]
    outputs: tuple[Output, ...]

    def parameter(self, name: str, on: date) -> Value | None:
        """Return what the plan gives for a parameter on a day, None where it gives nothing (yet)."""
        given = self.parameters.get(name)
        return given.at(on) if isinstance(given, Timeline) else given


@dataclass(frozen=True, slots=True)
class Pack:
    """An immutable rule pack. ``hash`` is the SHA-256 of its bytes in hex."""

    hash: str
    document: PackDocument = field(repr=False)
    elements: Mapping[ElementId, ElementSpec] = field(repr=False)
    parameters: Mapping[str, ParameterSpec] = field(repr=False)
    rules: Mapping[str, Rule] = field(repr=False)
    pools: Mapping[str, Pool] = field(repr=False)
    plans: Mapping[str, Plan] = field(repr=False)

    @property
    def pack_id(self) -> str:
        """The pack's name, the same over all its versions."""
        return self.document.pack_id

    @property
    def version(self) -> int:
        """The pack's version, rising."""
        return self.document.version

    @property
    def valid_from(self) -> date:
        """First date (of each liability's date basis) that the pack decides on."""
        return self.document.valid_from

    @property
    def valid_to(self) -> date | None:
        """Last such date, or None while open."""
        return self.document.valid_to

    @property
    def date_bases(self) -> Mapping[DateBasis, str]:
        """The date element behind each basis but the liability's own."""
        return self.document.date_bases

    @property
    def tests(self) -> tuple[PackTest, ...]:
        """The worked cases inside the pack."""
        return self.document.tests

    def needs(self, names: frozenset[str], constant: frozenset[str] = frozenset()) -> frozenset[str]:
        """Return ``names`` with everything that working them out may read: rules, pools, parameters, elements.

        Of a dated parameter that is in ``constant`` the date is not needed: a plan gives one value for it.
        """
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found.add(name)
            rule = self.rules.get(name)
            if rule is not None:
                waiting.extend(rule.needs)
            elif AT in name:
                waiting.extend(self._dated_needs(name, constant))
            pool = self.pools.get(pool_of(name) or "")
            if pool is not None:
                waiting.append(pool.spec.used)
                waiting.extend(pool.limit.reads if pool.limit else ())
        return frozenset(found)

    def _dated_needs(self, name: str, constant: frozenset[str]) -> tuple[str, ...]:
        stem, _, basis = name.partition(AT)
        parameter = (stem,) if stem in self.parameters else ()
        element = self.date_bases.get(DateBasis(basis))
        # Without an element it is the liability's own date, which is needed anyway.
        return parameter if element is None or stem in constant else (*parameter, element)

    def required_elements(self, plan: str, claim_type: str | None = None) -> tuple[str, ...]:
        """Return the elements that the plan's rules may read, in the pack's order; for one claim type when it is named."""
        chosen = self.plans[plan]
        reached: set[str] = {PLAN, CLAIM_TYPES}
        for liability, parameters in chosen.liabilities:
            if claim_type is None or claim_type in liability.spec.claimed:
                reached |= self.needs(liability_names(liability), _constant(parameters))
        for output in chosen.outputs:
            if claim_type is None or claim_type in output.spec.claimed:
                names = output.expression.reads | (output.when.reads if output.when else frozenset())
                reached |= self.needs(names, _constant(chosen.parameters))
        return tuple(element for element in self.elements if element in reached)


def _constant(parameters: Mapping[str, Given]) -> frozenset[str]:
    return frozenset(name for name, given in parameters.items() if not isinstance(given, Timeline))


def liability_names(liability: Liability) -> frozenset[str]:
    """Return the names that a liability reads directly."""
    names = {liability.spec.date_basis, *liability.loss_key.names}
    names.update(rule.spec.id for rule in (*liability.concerns, *liability.steps))
    if liability.spec.shares:
        names.add(liability.spec.shares)
    for draw in liability.draws:
        names |= draw.amount.reads | (draw.when.reads if draw.when else frozenset())
        names.add(f"{draw.pool.spec.id}_left")
    return frozenset(names)


def carry_names(liability: Liability) -> frozenset[str]:
    """Return the names that a liability's carries read, without those that its own outcome gives."""
    names = frozenset(name for carry in liability.carries for name in carry.value.reads)
    return names - {PAID, SETTLED, TAKEN}
