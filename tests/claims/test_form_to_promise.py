"""From what is typed to what is promised, through the real pack: form, waivers, rules, keys, allowances."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from claims.allowances import Allowance, AllowanceBook, PoolId, Refusal, Spend, apply_debits, spend_all
from claims.errors import Bilingual
from claims.events import PayeeFact, PersonFact
from claims.form_definitions import form_for, validate
from claims.form_fields import FactValue, Validated
from claims.materials import ClaimType
from claims.reference import Catastrophe, Waiver
from claims.settlement import PayeeAmounts, keyed_amounts
from claims.trusted_time import TrustedTime
from claims.waivers import LossLink, find_catastrophe, waiver_elements
from rules.engine import Determination, ElementId, Pack, Referral, decide, decode_facts, load_pack
from rules.tools.sample import sample_pack_bytes

NOON = datetime(2024, 6, 12, 4, 0, tzinfo=UTC)
QUAKE = Catastrophe(
    catastrophe_id="EQ-1",
    name=Bilingual("清溪地震", "Qingxi earthquake"),
    peril="earthquake",
    loss_from=date(2023, 9, 1),
    loss_to=date(2023, 9, 30),
    regions=("511100",),
    major_natural_disaster=True,
    waivers=tuple(
        Waiver(code=code, number=f"W-{place}", text=Bilingual(code, code))
        for place, code in enumerate(("NO_HOSPITAL_LIST", "NO_DRUG_SCOPE", "NO_ITEM_SCOPE"))
    ),
)
CASE = {"case.loss_place": "清溪县", "insured.name": "周明", "insured.id_number": "990101197809300159"}
ACCIDENT_BILL = CASE | {
    "case.loss_date": "2023-09-02",
    "accident_date": "2023-09-02",
    "admission_date": "2023-09-02",
    "discharge_date": "2023-09-09",
    "bill_kind": "住院",
    "bill_code": "99060123",
    "bill_number": "0000000001",
    "bill_total": "８，２１０．３０",
    "self_expense": "1,915.80",
    "si_settled": "否",
    "hospital_level": "1",
    "hospital_public": "否",
    "emergency": "否",
}
AT_A: dict[str, FactValue] = {
    "plan": "AT-A",
    "policy_effective": "2023-07-01",
    "policy_expiry": "2024-06-30",
    "sum_insured": 50_000_000,
    "prepaid": 0,
    "used_event_deductible": 0,
    "used_medical_year": 0,
}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(sample_pack_bytes())


def decided(
    pack: Pack, claim_type: ClaimType, raw: dict[str, str], contract: dict[str, FactValue], region: str = "511123"
) -> Determination | Referral:
    form = validate(form_for(claim_type), raw, date(2024, 6, 12))
    assert isinstance(form, Validated), form
    loss_date = form.day("case.loss_date")
    assert loss_date is not None
    catastrophe = find_catastrophe([QUAKE], LossLink(catastrophe_id="EQ-1", loss_date=loss_date, region=region))
    facts = {**contract, **waiver_elements(catastrophe), **form.elements, "claim_types": [claim_type.value]}
    assert set(facts) <= {str(one) for one in pack.elements}
    assert ElementId("plan") in pack.elements
    return decide(pack, decode_facts(pack, msgspec.json.encode(facts)))


def promised(determination: Determination | Referral, contract: dict[str, FactValue], loss_date: date) -> PayeeAmounts:
    assert isinstance(determination, Determination), determination.reasons
    (found,) = keyed_amounts(
        determination,
        policy_no="AT-A-0001",
        effective=date.fromisoformat(str(contract["policy_effective"])),
        loss_date=loss_date,
        insured=PersonFact(name="周明", id_number="990101197809300159"),
        payees=[
            PayeeFact(
                name="周明",
                id_number="990101197809300159",
                relation="self",
                bank="农业银行",
                account="6217001234567890122",
            )
        ],
    )
    return found


def test_the_disaster_case_is_promised_to_the_fen_and_only_once(pack: Pack) -> None:
    found = promised(decided(pack, ClaimType.ACCIDENT_MEDICAL, ACCIDENT_BILL, AT_A), AT_A, date(2023, 9, 2))
    assert found.amount_fen == 648_824
    (pool,) = found.keys[0].pools
    assert pool == "year/AT-A-0001/medical_year/2023-07-01"
    grant = Allowance(
        grant_id="G1",
        pool=PoolId(pool),
        limit_fen=2_000_000,
        spent_fen=0,
        expires_at=NOON + timedelta(days=7),
        counter=0,
        closed=False,
    )
    book = AllowanceBook(device="D3", epoch=1, allowances=(grant,))
    at = TrustedTime(at=NOON, believed=True)
    first = spend_all(book, found.keys, at)
    assert isinstance(first, Spend)
    assert isinstance(spend_all(apply_debits(book, first.debits), found.keys, at), Refusal)


def test_outside_the_catastrophe_the_same_bill_is_referred_with_nothing(pack: Pack) -> None:
    result = decided(pack, ClaimType.ACCIDENT_MEDICAL, ACCIDENT_BILL, AT_A, region="110105")
    assert isinstance(result, Referral)
    assert result.total_fen == 0


def test_a_second_station_that_types_the_bill_in_full_width_gets_the_same_key(pack: Pack) -> None:
    other = ACCIDENT_BILL | {"bill_code": "９９０６０１２３", "bill_number": "00000 00001"}
    keys = {
        promised(decided(pack, ClaimType.ACCIDENT_MEDICAL, raw, AT_A), AT_A, date(2023, 9, 2)).keys[0].settlement_key
        for raw in (ACCIDENT_BILL, other)
    }
    assert len(keys) == 1


def test_the_home_visit_case(pack: Pack) -> None:
    raw = CASE | {
        "case.loss_date": "2024-06-11",
        "diagnosis_date": "2024-06-11",
        "illness": "恶性肿瘤",
        "icd10": "C18.7",
        "icdo_morphology": "8140/3",
        "pathology_present": "有",
    }
    contract: dict[str, FactValue] = {
        "plan": "HS-C",
        "policy_effective": "2021-03-01",
        "birth_date": "1979-04-01",
        "sum_insured": 25_000_000,
        "renewal": False,
        "premiums_paid": 2_448_000,
        "premium_due": 0,
        "premiums_after_event": 0,
        "prepaid": 0,
        "severe_paid": False,
        "mild_paid_count": "0",
        "mild_paid_same_event": 0,
        "mild_paid_total": 0,
        "mild_same_illness_paid": False,
        "used_main_sum": 0,
        "used_mild_sum": 0,
    }
    found = promised(decided(pack, ClaimType.CRITICAL_ILLNESS, raw, contract), contract, date(2024, 6, 11))
    assert found.amount_fen == 25_000_000
    assert found.keys[0].pools == ("policy/AT-A-0001/main_sum",)


def test_the_hospital_counter_case_needs_an_allowance_on_the_pool_that_only_counts(pack: Pack) -> None:
    raw = CASE | {
        "case.loss_date": "2024-05-06",
        "accident": "否",
        "admission_date": "2024-05-06",
        "discharge_date": "2024-05-10",
        "bill_kind": "住院",
        "bill_code": "99060124",
        "bill_number": "0012345678",
        "bill_total": "7743.62",
        "fund_paid": "2501.72",
        "si_settled": "是",
        "hospital_designated": "是",
    }
    contract: dict[str, FactValue] = {
        "plan": "KQ-Z",
        "policy_effective": "2024-01-01",
        "policy_expiry": "2024-12-31",
        "used_counter": 0,
    }
    result = decided(pack, ClaimType.DIRECT_SETTLEMENT, raw, contract)
    assert result.outputs_fen == {"patient_pays": 104_838}
    found = promised(result, contract, date(2024, 5, 6))
    assert found.amount_fen == 419_352
    assert found.keys[0].pools == ("year/AT-A-0001/counter/2024-01-01",)
