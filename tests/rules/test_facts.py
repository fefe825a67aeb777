"""Facts as canonical JSON: strict in, one form out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from rules.engine import ElementId, FactsError, Pack, Referral, canonical, decide, decode_facts, encode_facts


def facts(**values: object) -> dict[ElementId, object]:
    return {ElementId(name): value for name, value in values.items()}


def test_equal_facts_have_one_form(pack: Pack) -> None:
    first = facts(troponin_multiple=Decimal("1.50"), bill_total=5, diagnosis_date=date(2024, 2, 29), accident=True)
    second = facts(accident=True, diagnosis_date=date(2024, 2, 29), bill_total=5, troponin_multiple=Decimal("1.5"))
    raw = encode_facts(pack, first)  # type: ignore[arg-type]
    assert raw == encode_facts(pack, second)  # type: ignore[arg-type]
    assert raw == b'{"accident":true,"bill_total":5,"diagnosis_date":"2024-02-29","troponin_multiple":"1.5"}'
    assert decode_facts(pack, raw) == second


def test_lists_are_tuples_of_one_kind(pack: Pack) -> None:
    raw = b'{"beneficiary_entitled":[true,false],"claim_types":["a","b"],"disability_grades":["8","9"]}'
    decoded = decode_facts(pack, raw)
    assert decoded == facts(
        beneficiary_entitled=(True, False), claim_types=("a", "b"), disability_grades=(Decimal(8), Decimal(9))
    )
    assert encode_facts(pack, decoded) == raw


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "bad_json"),
        (b"[]", "bad_json"),
        (b"\xff", "bad_json"),
        (b'{"bill_total":1', "bad_json"),
        (b"[" * 100_000, "bad_json"),
        (b'{"bill_total":' + b"9" * 5000 + b"}", "bad_json"),
        (b'{"bill_total":1,"bill_total":2}', "twice"),
        (b'{"bill_total":1.0}', "float"),
        (b'{"bill_total":1e3}', "float"),
        (b'{"bill_total":NaN}', "float"),
        (b'{"bill_total":"100"}', "wrong_type"),
        (b'{"bill_total":true}', "wrong_type"),
        (b'{"bill_total":null}', "wrong_type"),
        (b'{"bill_total":-1}', "out_of_bounds"),
        (b'{"bill_total":100000000001}', "out_of_bounds"),
        (b'{"troponin_multiple":1}', "wrong_type"),
        (b'{"troponin_multiple":"1.505"}', "too_fine"),
        (b'{"troponin_multiple":"1e1"}', "wrong_type"),
        (b'{"troponin_multiple":"NaN"}', "wrong_type"),
        (b'{"troponin_multiple":"-0.01"}', "out_of_bounds"),
        (b'{"troponin_multiple":"111111111111111111111111111111"}', "out_of_bounds"),
        (b'{"diagnosis_date":"2023-02-29"}', "wrong_type"),
        (b'{"diagnosis_date":"20240229"}', "wrong_type"),
        (b'{"diagnosis_date":"1899-12-31"}', "out_of_bounds"),
        (b'{"accident":1}', "wrong_type"),
        (b'{"accident":"true"}', "wrong_type"),
        (b'{"icd10":""}', "out_of_bounds"),
        (b'{"icd10":"C18.7xxxxxxxxx"}', "out_of_bounds"),
        (b'{"icd10":"\\ud800"}', "wrong_type"),
        (b'{"claim_types":"accident_medical"}', "wrong_type"),
        (b'{"claim_types":[["x"]]}', "wrong_type"),
        (b'{"disability_grades":["11"]}', "out_of_bounds"),
        (b'{"no_such":1}', "unknown_element"),
        (b'{"\\ud800":1}', "unknown_element"),
    ],
)
def test_what_is_no_fact_is_refused_by_name(pack: Pack, raw: bytes, code: str) -> None:
    with pytest.raises(FactsError) as caught:
        decode_facts(pack, raw)
    assert caught.value.code == code


def test_too_many_items_and_too_many_bytes_are_refused(pack: Pack) -> None:
    with pytest.raises(FactsError, match="too_many"):
        decode_facts(pack, b'{"disability_grades":[' + b",".join([b'"8"'] * 21) + b"]}")
    with pytest.raises(FactsError, match="too_large"):
        decode_facts(pack, b" " * 1_000_001)


@pytest.mark.parametrize(
    "wrong",
    [
        {"icd10": "\ud800"},
        {"plan": "\ud800"},
        {"\ud800": 1},
        {"troponin_multiple": Decimal("1E+999999")},
        {"troponin_multiple": Decimal("1E-999999")},
        {"bill_total": 10**4000},
        {"claim_types": ("\ud800",)},
    ],
    ids=repr,
)
def test_even_facts_that_cannot_be_written_give_a_referral_that_can(pack: Pack, wrong: dict[str, object]) -> None:
    decision = decide(pack, {ElementId(name): value for name, value in wrong.items()})  # type: ignore[misc]
    assert isinstance(decision, Referral)
    assert canonical(decision)
    with pytest.raises(FactsError):
        encode_facts(pack, {ElementId(name): value for name, value in wrong.items()})  # type: ignore[misc]
