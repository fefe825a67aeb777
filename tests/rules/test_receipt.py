"""The receipt for headquarters: canonical, complete, without facts, and refused where anything in it is another than decided."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from rules.engine import Decision, Pack, decide, digest
from rules.engine.coordinate import PolicyClaim, coordinate
from rules.engine.receipt import ReceiptError, check_receipt, read_receipt, receipt
from tests.rules.conftest import FactsOf
from tests.worked_cases import decided, each_of
from tests.worked_cases import pack as sample


@each_of(decided)
def test_every_worked_case_has_a_receipt_that_checks(decision: Decision) -> None:
    pack = sample()
    raw = receipt(decision, pack=pack)
    found = check_receipt(raw, decision, pack)
    assert found == check_receipt(raw, decision)
    assert (found.engine, found.pack_hash, found.inputs_hash) == (decision.engine, pack.hash, decision.inputs_hash)
    assert found.decision_hash == digest(decision)
    assert receipt(decision, pack=pack) == raw


@each_of(decided)
def test_no_fact_stands_in_a_receipt(decision: Decision) -> None:
    told = json.loads(receipt(decision, pack=sample()))
    for benefit in told["benefits"]:
        benefit.pop("loss_key")
    assert not {"birth_date", "icd10", "bill_total"} & set(json.dumps(told).replace('"', " ").split())


def test_pools_are_told_before_and_after(pack: Pack, facts_of: FactsOf) -> None:
    decision = decide(pack, facts_of("B malignancy, both limits"))
    pools = {pool.pool: pool for pool in read_receipt(receipt(decision)).pools}
    for result in decision.liabilities:
        for draw in result.pools:
            assert (pools[draw.pool].before, pools[draw.pool].after) == (
                draw.used_before,
                draw.used_before + draw.amount,
            )
    assert len(pools) == 2


def test_a_pool_that_nothing_was_taken_from_is_told_by_the_books(pack: Pack, facts_of: FactsOf) -> None:
    decision = decide(pack, facts_of("B-1 bill less fund less deductible"))
    raw = receipt(decision, {"medical_year": 0, "malignancy_year": 7}, pack=pack)
    found = check_receipt(raw, decision, pack)
    assert [(pool.pool, pool.before, pool.after) for pool in found.pools] == [
        ("malignancy_year", 7, 7),
        ("medical_year", 0, 1_552_035),
    ]
    with pytest.raises(ReceiptError, match="unknown_pool"):
        receipt(decision, {"no_such": 1}, pack=pack)


def test_books_that_say_another_balance_are_refused(pack: Pack, facts_of: FactsOf) -> None:
    with pytest.raises(ReceiptError, match="pool_differs"):
        receipt(decide(pack, facts_of("B-1 bill less fund less deductible")), {"medical_year": 5})


def test_a_coordinated_claim_tells_whose_each_pool_is(pack: Pack, facts_of: FactsOf) -> None:
    run = coordinate([PolicyClaim("P-1", pack, facts_of("A-1 settled by social insurance"))])
    raw = receipt(
        run[0].decision,
        {pool.pool: pool.before for pool in run[0].pools if pool.before is not None},
        pack=pack,
        dates={"accident_date": date(2023, 9, 2)},
        holders={pool.pool: pool.holder for pool in run[0].pools},
    )
    found = check_receipt(raw, run[0].decision, pack)
    assert found.pools[0].holder == "P-1/2023-07-01"
    assert found.dates == {"accident_date": date(2023, 9, 2)}


CHANGES: list[tuple[str, Any]] = [
    ("engine", "99"),
    ("inputs_hash", "0" * 64),
    ("pack_hash", "0" * 64),
    ("decision_hash", "0" * 64),
    ("pack_version", 9),
    ("plan", "MG-B-N"),
    ("kind", "referral"),
    ("waivers", ["NO_DEDUCTIBLE"]),
    ("reasons", ["waiting"]),
    ("outputs_fen", {"refund": 1}),
    ("pack_valid_to", "2030-01-01"),
]


@pytest.mark.parametrize(("field", "value"), CHANGES, ids=[field for field, _ in CHANGES])
def test_a_changed_field_is_named(pack: Pack, facts_of: FactsOf, field: str, value: object) -> None:
    decision = decide(pack, facts_of("B-1 bill less fund less deductible"))
    told = json.loads(receipt(decision, pack=pack))
    assert told[field] != value
    raw = json.dumps({**told, field: value}, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    with pytest.raises(ReceiptError) as problem:
        check_receipt(raw, decision, pack)
    assert (problem.value.code, problem.value.values["field"]) == ("differs", field)


def test_sums_that_do_not_add_up_are_refused_without_the_decision(pack: Pack, facts_of: FactsOf) -> None:
    told = json.loads(receipt(decide(pack, facts_of("E-4 shares 50/30/20, the last died first"))))
    for change in (
        {"total_fen": told["total_fen"] + 1},
        {"benefits": [{**told["benefits"][0], "shares_fen": [1, 2, 3]}]},
        {"pools": [{**told["pools"][0], "after": -1}]},
    ):
        raw = json.dumps({**told, **change}, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
        with pytest.raises(ReceiptError, match="does_not_add_up"):
            read_receipt(raw)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"\xff", b'{"schema":1}', b"null"])
def test_other_bytes_are_no_receipt(raw: bytes) -> None:
    with pytest.raises(ReceiptError, match="not_a_receipt"):
        read_receipt(raw)


def test_another_spelling_of_the_same_receipt_is_refused(pack: Pack, facts_of: FactsOf) -> None:
    raw = receipt(decide(pack, facts_of("B-1 bill less fund less deductible")))
    with pytest.raises(ReceiptError, match="not_canonical"):
        read_receipt(json.dumps(json.loads(raw)).encode())
