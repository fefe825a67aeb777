"""A made history: the sample pack's worked cases again and again, by different people, with what was paid for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pyarrow as pa

from rules.engine import ElementId, Facts, Pack, PoolScope, decide, decode_facts, load_pack
from rules.engine.model import Decision, Referral
from rules.replay import write_claims
from rules.tools.sample import sample_pack_bytes

_SCOPES = {
    PoolScope.POLICY: lambda claim: claim.policy_no,
    PoolScope.POLICY_YEAR: lambda claim: (claim.policy_no, claim.policy_year),
    PoolScope.PERSON: lambda claim: claim.person,
    PoolScope.ACCIDENT: lambda claim: (claim.policy_no, claim.accident_no),
}


@dataclass(frozen=True)
class Claim:
    """One claim of the history."""

    claim_no: str
    policy_no: str
    policy_year: int
    person: str
    accident_no: str
    decided_on: date
    facts: Facts = field(repr=False)


def history(pack: Pack, count: int) -> list[Claim]:
    """Return so many claims: every worked case in turn, three policies a person, several claims a policy year."""
    cases = [decode_facts(pack, facts_json(pack, at)) for at in range(len(pack.tests))]
    claims = []
    for number in range(count):
        at = (number * 7) % len(cases)
        person = number % max(1, count // 9)
        claims.append(
            Claim(
                claim_no=f"C{number:06}",
                policy_no=f"P{person:05}-{cases[at].get(ElementId('plan'))}",
                policy_year=number % 2,
                person=f"H{person:05}",
                accident_no=f"A{number % 3}",
                decided_on=date(2026, 1, 1) + timedelta(days=(number * 37) % 300),
                facts=cases[at],
            )
        )
    return claims


def facts_json(pack: Pack, at: int) -> bytes:
    return msgspec.json.encode(pack.tests[at].facts)


def one_by_one(pack: Pack, claims: list[Claim]) -> dict[str, Decision]:
    """Decide claims by the reference, in their order, adding what earlier ones drew to the used sums."""
    drawn: dict[tuple[PoolScope, object, str], int] = {}
    found: dict[str, Decision] = {}
    for claim in sorted(claims, key=lambda each: each.decided_on):
        facts = dict(claim.facts)
        for pool in pack.pools.values():
            taken = drawn.get((pool.spec.scope, _SCOPES[pool.spec.scope](claim), pool.spec.id), 0)
            before = facts.get(ElementId(pool.spec.used))
            if taken and isinstance(before, int | Decimal):
                facts[ElementId(pool.spec.used)] = before + taken
        decision = found[claim.claim_no] = decide(pack, facts)
        for result in decision.liabilities:
            for draw in result.pools:
                key = (draw.scope, _SCOPES[draw.scope](claim), draw.pool)
                drawn[key] = drawn.get(key, 0) + draw.amount
    return found


def write_history(path: Path, pack: Pack, claims: list[Claim], paid: dict[str, int | None] | None = None) -> Path:
    """Write the history as a file, in small row groups; ``paid`` is what was recorded for each claim."""
    record = {
        "claim_no": pa.array([each.claim_no for each in claims]),
        "policy_no": pa.array([each.policy_no for each in claims]),
        "policy_year": pa.array([each.policy_year for each in claims]),
        "person": pa.array([each.person for each in claims]),
        "accident_no": pa.array([each.accident_no for each in claims]),
        "decided_on": pa.array([each.decided_on for each in claims], pa.date32()),
    }
    if paid is not None:
        record["paid_fen"] = pa.array([paid[each.claim_no] for each in claims], pa.int64())
    write_claims(path, pack, [each.facts for each in claims], record, row_group_size=100)
    return path


def payable(decision: Decision) -> int:
    """Return what is paid without a person."""
    return 0 if isinstance(decision, Referral) else decision.total_fen


def sample() -> Pack:
    """Return the sample pack."""
    return load_pack(sample_pack_bytes())
