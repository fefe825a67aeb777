"""Which allowances headquarters gives the main laptop beforehand: on the pools of the policies it will likely meet."""

from __future__ import annotations

from dataclasses import dataclass

import resources
from app.demo.story import STORY
from claims.allowances import PoolId
from claims.events import PersonFact
from claims.settlement import person_key, policy_year_start, pool_id
from headquarters.sample import sample_persons, sample_policies
from resources.sample_numbers import CLINIC, COLON, COUNTER
from rules.engine import load_pack
from rules.engine.model import PoolDraw


@dataclass(frozen=True)
class Prepositioned:
    """One allowance to grant."""

    pool: PoolId
    limit_fen: int
    pool_limit_fen: int


# Policy, pool of the pack, what to grant, the pool's own limit.
_WANTED = (
    (COLON, "main_sum", 25_000_000, 25_000_000),
    (COUNTER, "counter", 2_000_000, 10_000_000),
    (CLINIC, "medical_year", 1_500_000, 2_000_000),
)


def allowances_for_story() -> tuple[Prepositioned, ...]:
    """Return the allowances of the main laptop."""
    pack = load_pack(resources.path("packs", "sample.json").read_bytes())
    policies = {each.policy_no: each for each in sample_policies()}
    persons = {each.person_id: each for each in sample_persons()}
    found = []
    for policy_no, pool, limit_fen, pool_limit_fen in _WANTED:
        policy = policies[policy_no]
        person = persons[policy.insured_id]
        case = next(each for each in STORY if each.policy_no == policy_no)
        spec = pack.pools[pool].spec
        draw = PoolDraw(pool=pool, scope=spec.scope, unit=spec.unit, limit=None, used_before=0, amount=0)
        found.append(
            Prepositioned(
                pool=pool_id(
                    draw,
                    policy_no=policy_no,
                    person_key=person_key(PersonFact(name=person.name, id_number=person.id_number)),
                    policy_year_start=policy_year_start(policy.effective, case.loss_date),
                    loss_key="",
                ),
                limit_fen=limit_fen,
                pool_limit_fen=pool_limit_fen,
            )
        )
    return tuple(found)
