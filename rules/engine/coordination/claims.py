"""What goes into a coordination and what comes out: claims, decisions with what informed them, pools, totals, shares.

Promise: plain frozen data; equal coordinations compare equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import overload

from rules.bilingual import Bilingual
from rules.engine.model import Decision, Determination, ElementId, Facts, PoolScope, Unit
from rules.engine.pack import Pack


@dataclass(frozen=True, slots=True)
class PolicyClaim:
    """One claim on one policy of the person: a bill, a stay, a death, a diagnosis.

    ``facts`` stand as they are before any claim of this run is paid. ``claim_no`` tells claims of one policy apart. Claims with the
    same ``loss`` come of one accident or one illness. ``payees`` are who takes the shares, in their order; empty where not known yet.
    """

    policy_no: str
    pack: Pack
    facts: Facts
    claim_no: str = ""
    loss: str = ""
    payees: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The policy, with the claim's number where it has one."""
        return f"{self.policy_no} #{self.claim_no}" if self.claim_no else self.policy_no


class InfluenceKind(StrEnum):
    """Why a fact was changed: the same cost was paid before, a pool was drawn on, or a benefit is heard of."""

    PAID_BEFORE = "paid_before"
    POOL = "pool"
    CARRIED = "carried"


@dataclass(frozen=True, slots=True)
class Influence:
    """One fact of a claim changed by another claim of this run.

    ``amount`` is what was added (fen, or a count); True: the element was set; None: it could not be worked out, so the fact was
    taken out and the claim asks for it. ``undecided``: a person has yet to decide the claim it comes from.
    """

    element: ElementId
    kind: InfluenceKind
    amount: int | Decimal | bool | None
    from_claim: str
    undecided: bool


@dataclass(frozen=True, slots=True)
class PoolStanding:
    """A pool before and after one decision, in ``unit``. ``holder`` says whose it is: policy, year, accident or the person.

    ``limit`` and ``before`` are None where they are not known, ``limit`` also where the pool only counts.
    """

    pool: str
    name: Bilingual
    scope: PoolScope
    holder: str
    unit: Unit
    limit: int | None
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class CoordinatedDecision:
    """A claim's decision. ``claim`` holds the facts that it was made on: ``influences`` are in them."""

    claim: PolicyClaim
    decision: Decision
    influences: tuple[Influence, ...] = ()
    pools: tuple[PoolStanding, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyTotal:
    """One policy's sums over all its claims, in fen.

    ``total_fen`` is what the rules came to, ``payable_fen`` what needs no person any more, ``recovery_fen`` what of the prepayment no claim
    used up.
    """

    policy_no: str
    total_fen: int
    payable_fen: int
    recovery_fen: int


@dataclass(frozen=True, slots=True)
class PayeeShare:
    """What the person at ``place`` (from 0) takes of one payable benefit. ``payee`` is empty where nobody was named."""

    policy_no: str
    claim_no: str
    liability: str
    place: int
    payee: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Coordination(Sequence[CoordinatedDecision]):
    """The decisions of a run in their order, with totals per policy and the payees' shares."""

    decisions: tuple[CoordinatedDecision, ...]
    totals: tuple[PolicyTotal, ...] = ()
    shares: tuple[PayeeShare, ...] = ()

    @property
    def payable_fen(self) -> int:
        """What the whole run may pay."""
        return sum(total.payable_fen for total in self.totals)

    @overload
    def __getitem__(self, index: int) -> CoordinatedDecision: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[CoordinatedDecision, ...]: ...
    def __getitem__(self, index: int | slice) -> CoordinatedDecision | tuple[CoordinatedDecision, ...]:
        return self.decisions[index]

    def __iter__(self) -> Iterator[CoordinatedDecision]:
        return iter(self.decisions)

    def __len__(self) -> int:
        return len(self.decisions)


def shares_of(decided: Sequence[CoordinatedDecision]) -> tuple[PayeeShare, ...]:
    """Return every share of what is payable, benefit by benefit: they add up to it."""
    return tuple(
        PayeeShare(
            policy_no=each.claim.policy_no,
            claim_no=each.claim.claim_no,
            liability=result.liability,
            place=place,
            payee=each.claim.payees[place] if len(each.claim.payees) == len(result.shares_fen) else "",
            amount_fen=share,
        )
        for each in decided
        if isinstance(each.decision, Determination)
        for result in each.decision.liabilities
        for place, share in enumerate(result.shares_fen)
    )
