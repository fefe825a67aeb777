"""The pure engine: a signed pack and the facts of one policy go in, an explained decision comes out."""

from rules.engine.decide import decide
from rules.engine.facts import decode_facts, encode_facts
from rules.engine.loading import load_pack
from rules.engine.model import (
    ENGINE_VERSION,
    Bilingual,
    Decision,
    Determination,
    ElementId,
    Facts,
    FactsError,
    LiabilityResult,
    PackError,
    PoolDraw,
    PoolScope,
    Reason,
    Referral,
    RulesError,
    Step,
    Unit,
    Value,
    canonical,
    digest,
    read_decision,
)
from rules.engine.pack import Pack

__all__ = [
    "ENGINE_VERSION",
    "Bilingual",
    "Decision",
    "Determination",
    "ElementId",
    "Facts",
    "FactsError",
    "LiabilityResult",
    "Pack",
    "PackError",
    "PoolDraw",
    "PoolScope",
    "Reason",
    "Referral",
    "RulesError",
    "Step",
    "Unit",
    "Value",
    "canonical",
    "decide",
    "decode_facts",
    "digest",
    "encode_facts",
    "load_pack",
    "read_decision",
]
