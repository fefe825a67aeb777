"""The wavefront pays what deciding claim after claim pays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.columns import batch_of_facts, decide_in_order, prepare
from rules.columns.in_order import rounds_of
from rules.engine import Decision, ElementId, Pack, PoolScope, decide, load_pack
from rules.tools.sample import sample_pack_bytes
from tests.rules.columns.comparing import said_by_columns, said_by_reference
from tests.rules.generated.cases import worked

PACK = load_pack(sample_pack_bytes())
PREPARED = prepare(PACK)
WORKED = list(worked(PACK).values())


def one_after_the_other(
    pack: Pack, claims: Sequence[Mapping[Any, Any]], keys: Mapping[PoolScope, Sequence[Any]], order: Sequence[int]
) -> list[Decision]:
    """Decide with the reference, adding what each decision draws to the used sums of later claims of the same key."""
    drawn: defaultdict[tuple[str, Any], int] = defaultdict(int)
    decisions: dict[int, Decision] = {}
    for at in sorted(range(len(claims)), key=lambda claim: order[claim]):
        facts = dict(claims[at])
        for pool in pack.pools.values():
            used = ElementId(pool.spec.used)
            if pool.spec.scope in keys and isinstance(facts.get(used), int | Decimal):
                facts[used] += drawn[pool.spec.id, keys[pool.spec.scope][at]]
        decisions[at] = decide(pack, facts)
        for result in decisions[at].liabilities:
            for draw in result.pools:
                if draw.scope in keys:
                    drawn[draw.pool, keys[draw.scope][at]] += draw.amount
    return [decisions[at] for at in range(len(claims))]


def assert_alike(
    claims: Sequence[Mapping[Any, Any]], keys: Mapping[PoolScope, Sequence[Any]], order: Sequence[int] | None
) -> int:
    """Compare every claim; return how many claims pay less than they would alone."""
    batch = batch_of_facts(PACK, claims)
    amounts = decide_in_order(
        PREPARED, batch, {scope: np.array(each) for scope, each in keys.items()}, order, chunk_rows=5
    )
    decisions = one_after_the_other(PACK, claims, keys, range(len(claims)) if order is None else order)
    for row, decision in enumerate(decisions):
        assert said_by_columns(amounts, row) == said_by_reference(decision), claims[row]
    return int((amounts.total_fen < PREPARED.decide(batch).total_fen).sum())


@given(st.integers(0, 2**32), st.booleans())
@settings(max_examples=15, deadline=None)
def test_claims_that_share_pools_are_decided_one_after_the_other(seed: int, all_scopes: bool) -> None:
    random = Random(seed)
    claims = [dict(random.choice(WORKED)) for _ in range(60)]
    for claim in claims:
        if random.random() < 0.2 and "used_medical_year" in claim:
            claim[ElementId("used_medical_year")] = random.choice((0, 1_900_000, 100_000_000_000))
    keys: dict[PoolScope, list[Any]] = {PoolScope.POLICY_YEAR: [random.randrange(6) for _ in claims]}
    if all_scopes:
        keys[PoolScope.POLICY] = [f"P{random.randrange(5)}" for _ in claims]
        keys[PoolScope.PERSON] = [random.randrange(4) for _ in claims]
        keys[PoolScope.ACCIDENT] = [random.randrange(9) for _ in claims]
    order = [random.randrange(20) for _ in claims] if random.random() < 0.5 else None
    assert_alike(claims, keys, order)


def test_earlier_claims_of_a_policy_year_leave_less_of_its_limit() -> None:
    claims = [facts for facts in WORKED if facts["plan"] == "AT-A"] * 4
    less = assert_alike(claims, {PoolScope.POLICY_YEAR: [0] * len(claims)}, None)
    assert less > len(claims) // 10


def test_the_order_decides_who_gets_what_is_left() -> None:
    claims = [facts for facts in WORKED if facts["plan"] == "AT-A"] * 2
    keys = {PoolScope.POLICY_YEAR: np.zeros(len(claims), dtype=np.int64)}
    batch = batch_of_facts(PACK, claims)
    forward = decide_in_order(PREPARED, batch, keys)
    backward = decide_in_order(PREPARED, batch, keys, np.arange(len(claims))[::-1])
    assert not np.array_equal(forward.total_fen, backward.total_fen)


def test_without_keys_every_claim_stands_alone() -> None:
    batch = batch_of_facts(PACK, WORKED)
    assert np.array_equal(decide_in_order(PREPARED, batch, {}).total_fen, PREPARED.decide(batch).total_fen)


def test_a_key_for_each_claim_is_asked_for() -> None:
    with pytest.raises(ValueError, match="one key for each"):
        decide_in_order(PREPARED, batch_of_facts(PACK, WORKED), {PoolScope.POLICY_YEAR: np.zeros(3)})


def test_no_claims_at_all_come_to_nothing() -> None:
    amounts = decide_in_order(PREPARED, batch_of_facts(PACK, []), {PoolScope.POLICY_YEAR: np.zeros(0, np.int64)})
    assert amounts.rows == 0


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=40))
def test_a_claim_comes_after_every_earlier_claim_that_shares_a_key(keys: list[tuple[int, int]]) -> None:
    columns = [np.array([key[at] for key in keys], dtype=np.int64) for at in range(2)]
    rounds = rounds_of(columns, len(keys)).tolist()
    for later, key in enumerate(keys):
        waits_for = [rounds[at] for at in range(later) if keys[at][0] == key[0] or keys[at][1] == key[1]]
        assert rounds[later] == max(waits_for, default=-1) + 1
