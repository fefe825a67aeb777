"""The coordinator under its first name: ``rules.engine.coordination`` holds it."""

from rules.engine.coordination import (
    CoordinatedDecision,
    Coordination,
    Influence,
    InfluenceKind,
    PayeeShare,
    PolicyClaim,
    PolicyTotal,
    PoolStanding,
    coordinate,
)

__all__ = [
    "CoordinatedDecision",
    "Coordination",
    "Influence",
    "InfluenceKind",
    "PayeeShare",
    "PolicyClaim",
    "PolicyTotal",
    "PoolStanding",
    "coordinate",
]
