"""The signed order: plan, age of the policy, its number; within a policy the date of what is claimed, then its number.

Promise: the order follows from the claims alone. Dates that are not known come last.
"""

from __future__ import annotations

from datetime import date

from rules.engine.coordination.claims import PolicyClaim
from rules.engine.coordination.reading import Claimed, claimed, loss_keys
from rules.engine.document import DateBasis, ValueType
from rules.engine.model import ElementId
from rules.engine.pack import PLAN, Liability, Pack

EFFECTIVE = ElementId("policy_effective")
# A plan that the pack doesn't know is decided last: it can only be referred.
_LAST = 1_000_000

Place = tuple[int, date, str, date, str, str]


def place_of(claim: PolicyClaim) -> Place:
    """Return the key that claims are sorted by; no two claims of a run have the same."""
    plan = claim.pack.plans.get(str(claim.facts.get(PLAN, "")))
    benefits = claimed(claim)
    return (
        plan.spec.order if plan else _LAST,
        _date(claim, EFFECTIVE),
        claim.policy_no,
        min((_happened(claim, benefit) for benefit in benefits), default=date.max),
        ",".join(sorted(key or "" for key in loss_keys(claim).values())),
        claim.claim_no,
    )


def _happened(claim: PolicyClaim, benefit: Claimed) -> date:
    """Return the date of what is claimed: that in its loss key, else that of the treatment, else the benefit's own."""
    pack, liability = claim.pack, benefit.liability
    return min((_date(claim, name) for name in _dates_of_loss(pack, liability)), default=date.max)


def _dates_of_loss(pack: Pack, liability: Liability) -> tuple[ElementId, ...]:
    elements = (ElementId(name) for name in sorted(liability.loss_key.names))
    dated = tuple(
        name for name in elements if (spec := pack.elements.get(name)) is not None and spec.type is ValueType.DATE
    )
    # A disability's key names the accident and the assessment: what is claimed became known with the later one.
    own = tuple(name for name in dated if name != liability.spec.date_basis) or dated
    treated = pack.document.date_bases.get(DateBasis.TREATMENT)
    return own or (ElementId(treated or liability.spec.date_basis),)


def _date(claim: PolicyClaim, name: ElementId) -> date:
    value = claim.facts.get(name)
    return value if isinstance(value, date) else date.max
