"""All policies of a person and all claims of a loss, decided together in the signed order (ADR 0027, ADR 0118).

Promise: the result depends on the claims alone, never on how they were handed in. No pool is passed, no bill is reimbursed above
what it left open, no share loses a fen. Every decision can be replayed alone from the facts it was made on.
"""

from rules.engine.coordination.claims import (
    CoordinatedDecision,
    Coordination,
    Influence,
    InfluenceKind,
    PayeeShare,
    PolicyClaim,
    PolicyTotal,
    PoolStanding,
)
from rules.engine.coordination.deciding import coordinate
from rules.engine.coordination.survival import Beneficiary, Division, Survival, division, survival_of

__all__ = [
    "Beneficiary",
    "CoordinatedDecision",
    "Coordination",
    "Division",
    "Influence",
    "InfluenceKind",
    "PayeeShare",
    "PolicyClaim",
    "PolicyTotal",
    "PoolStanding",
    "Survival",
    "coordinate",
    "division",
    "survival_of",
]
