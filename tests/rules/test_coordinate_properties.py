"""What holds for any handful of claims of one person, in whatever order they are handed in."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.engine import Determination, ElementId, Pack, Value, decide, decode_facts, load_pack
from rules.engine.coordinate import PolicyClaim, coordinate
from rules.engine.coordination.reading import claimed, settled_fen
from rules.tools.sample import sample_pack_bytes

START = date(2024, 1, 1)
Facts = dict[ElementId, Value]
USUAL = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def sample() -> tuple[Pack, dict[str, Facts]]:
    pack = load_pack(sample_pack_bytes())
    return pack, {test.name: dict(decode_facts(pack, msgspec.json.encode(test.facts))) for test in pack.tests}


class Run(tuple[PolicyClaim, ...]):
    """Claims of one person; tells a failing case by its facts, not by the whole pack."""

    def __repr__(self) -> str:
        return "\n".join(f"{claim.name} {dict(claim.facts)}" for claim in self)


def worked(name: str, **changes: Value) -> tuple[Pack, Facts]:
    pack, cases = sample()
    return pack, {**cases[name], **{ElementId(key): value for key, value in changes.items()}}


_MEDICAL = {
    "P-F": ("F-1 cholecystectomy at the counter", "accident_medical"),
    "P-D": ("D-1 tiers", "accident_medical"),
    "P-A1": ("A-1 settled by social insurance", "accident_medical"),
    "P-A2": ("A-1 settled by social insurance", "accident_medical"),
    "P-B": ("B-1 bill less fund less deductible", "accident_medical"),
}


@st.composite
def medical_claims(draw: st.DrawFn) -> Run:
    """Up to three bills of one or two accidents, each claimed on some of the person's policies."""
    openings = {
        policy: {
            "used_medical_year": draw(st.sampled_from([0, 500_000, 1_990_000])),
            "prepaid": draw(st.sampled_from([0, 0, 30_000, 900_000])),
        }
        for policy in _MEDICAL
    }
    claims = []
    for number in range(draw(st.integers(1, 3))):
        accident = START + timedelta(days=draw(st.sampled_from([30, 60])))
        total = draw(st.integers(1, 4_000_000))
        fund = draw(st.integers(0, total))
        shared: dict[str, Value] = {
            "bill_code": "1",
            "bill_number": str(number),
            "bill_total": total,
            "fund_paid": fund,
            "self_expense": draw(st.integers(0, total - fund)),
            "account_paid": 0,
            "other_payers_paid": draw(st.sampled_from([0, 10_000])),
            "commercial_paid": draw(st.sampled_from([0, 20_000])),
            "si_settled": draw(st.booleans()),
            "accident": True,
            "accident_date": accident,
            "diagnosis_date": accident,
            "admission_date": accident + timedelta(days=draw(st.integers(0, 9))),
            "hospital_level": Decimal(3),
            "policy_effective": START,
            "policy_expiry": date(2024, 12, 31),
            "waive_deductible": draw(st.booleans()),
        }
        for policy in draw(st.sets(st.sampled_from(sorted(_MEDICAL)), min_size=1)):
            name, kind = _MEDICAL[policy]
            pack, facts = worked(name, **shared, claim_types=(kind,), possible_exclusion=draw(st.integers(0, 9)) == 0)
            for element, value in openings[policy].items():
                if element in facts:
                    facts[ElementId(element)] = value
            claims.append(PolicyClaim(policy, pack, facts, claim_no=str(number)))
    return Run(claims)


@st.composite
def any_claims(draw: st.DrawFn) -> Run:
    """Worked cases of the sample as claims of one person, on policies of their plans: deaths, illnesses, stays, bills."""
    pack, cases = sample()
    names = draw(st.lists(st.sampled_from(sorted(cases)), min_size=2, max_size=6))
    return Run(
        PolicyClaim(
            f"P-{cases[name].get(ElementId('plan'))}",
            pack,
            cases[name],
            claim_no=str(place),
            loss=draw(st.sampled_from("xy")),
        )
        for place, name in enumerate(names)
    )


@USUAL
@given(st.data(), st.one_of(medical_claims(), any_claims()))
def test_the_order_of_handing_in_changes_nothing_and_twice_is_the_same(data: st.DataObject, claims: Run) -> None:
    once = coordinate(claims)
    assert coordinate(data.draw(st.permutations(claims).map(Run))) == once
    assert coordinate(claims) == once


@USUAL
@given(st.one_of(medical_claims(), any_claims()))
def test_no_pool_is_passed_and_each_goes_on_where_it_stood(claims: Run) -> None:
    standing: dict[tuple[str, str], int] = {}
    for each in coordinate(claims):
        for pool in each.pools:
            if pool.before is None or pool.after is None:
                continue
            if pool.limit is not None:
                assert pool.after <= max(pool.limit, pool.before), pool
            held_by = (pool.pool, pool.holder)
            assert standing.get(held_by, pool.before) <= pool.before, "a draw was forgotten"
            standing[held_by] = pool.after


@USUAL
@given(medical_claims())
def test_no_bill_is_reimbursed_above_what_it_left_open(claims: Run) -> None:
    paid: dict[Value, int] = defaultdict(int)
    loss: dict[Value, int] = {}
    for each in coordinate(claims):
        facts = {str(name): value for name, value in each.claim.facts.items()}
        number = facts["bill_number"]
        handed_in = next(claim for claim in claims if claim.name == each.claim.name)
        left = [
            facts["bill_total"],
            facts["fund_paid"],
            facts["other_payers_paid"],
            handed_in.facts[ElementId("commercial_paid")],
        ]
        assert all(isinstance(value, int) for value in left)
        # Balances of one bill that differ count at the highest: the least is left open.
        loss[number] = min(loss.get(number, 10**12), max(0, left[0] - left[1] - left[2] - left[3]))  # type: ignore[operator,assignment]  # whole fen
        for result in each.decision.liabilities:
            liability = next(benefit.liability for benefit in claimed(each.claim) if benefit.id == result.liability)
            # What a prepayment covered is made good too.
            paid[number] += settled_fen(liability, result) or 0
    for number, fen in paid.items():
        assert fen <= loss[number]


@USUAL
@given(st.one_of(medical_claims(), any_claims()))
def test_shares_and_totals_add_up_to_the_fen(claims: Run) -> None:
    run = coordinate(claims)
    payable = sum(each.decision.total_fen for each in run if isinstance(each.decision, Determination))
    assert sum(share.amount_fen for share in run.shares) == payable == run.payable_fen
    assert sum(total.total_fen for total in run.totals) == sum(each.decision.total_fen for each in run)
    assert all(share.amount_fen >= 0 for share in run.shares)


@USUAL
@given(st.one_of(medical_claims(), any_claims()))
def test_what_is_payable_is_what_its_facts_alone_come_to(claims: Run) -> None:
    for each in coordinate(claims):
        alone = decide(each.claim.pack, each.claim.facts)
        if isinstance(each.decision, Determination):
            assert alone == each.decision
        assert alone.total_fen == each.decision.total_fen
