"""The story's cases: who claims what, which papers they bring, what the adjuster enters, and the figures that must come out.

Promise: everything else (policies, terms, waivers, limits) comes from headquarters' extract, pack and catastrophe. People and
papers are invented. Source: notes/domain.md §5 worked cases C-1, F-1, A-6, C-4 and the quake death.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from claims.events import Outcome
from claims.form_fields import FactValue
from claims.materials import ClaimType, Material
from resources.sample_numbers import CLINIC, COLON, COUNTER, QUAKE_DEATH, QUAKE_ID, WAITING

MAIN_LAPTOP, SECOND_LAPTOP, FLOAT_LAPTOP = "D3", "D4", "D5"

_REGION = "990101"
_QUAKE_DAY = date(2026, 11, 20)
_BEFORE_THE_QUAKE = date(2026, 11, 18)

_ALWAYS = (Material.APPLICATION, Material.INSURED_ID, Material.MEDICAL_RECORD, Material.BANK_ACCOUNT)


@dataclass(frozen=True)
class Expected:
    """What must come out; sums in fen, None where the case has no such figure."""

    outcome: Outcome
    total_fen: int
    patient_pays_fen: int | None = None
    refund_fen: int | None = None
    settlement: str | None = None
    reason_rule: str | None = None


@dataclass(frozen=True)
class StoryCase:
    """One case of the story. ``claimant`` None: the insured; else who is searched for by this text."""

    name: str
    laptop: str
    title: str
    search: str
    policy_no: str
    claim_type: ClaimType
    loss_date: date
    loss_place: str
    catastrophe_id: str | None
    materials: tuple[Material, ...]
    entered: Mapping[str, FactValue]
    expected: Expected
    channel: str = "station"
    claimant: str | None = None


def _bill(number: str, total_fen: int, day: date, **more: FactValue) -> dict[str, FactValue]:
    return {
        "admission_date": day.isoformat(),
        "bill_code": "99060126",
        "bill_number": number,
        "bill_total": total_fen,
        "account_paid": 0,
        "other_payers_paid": 0,
        "commercial_paid": 0,
        "possible_exclusion": False,
        "emergency": False,
        **more,
    }


def _clinic_bill(number: str, day: date) -> dict[str, FactValue]:
    return _bill(
        number,
        821_030,
        day,
        self_expense=191_580,
        fund_paid=0,
        si_settled=False,
        hospital_level="1",
        hospital_public=False,
        accident=True,
        accident_date=day.isoformat(),
    )


def _colon(day: date) -> dict[str, FactValue]:
    return {
        "accident": False,
        "diagnosis_date": day.isoformat(),
        "possible_exclusion": False,
        "icd10": "C18.7",
        "icdo_morphology": "8140/3",
        "pathology_present": True,
        "illness": "malignant_tumour",
    }


_QUAKE_BILL = _clinic_bill("0000731846", _QUAKE_DAY)
_CLINIC_PAPERS = (*_ALWAYS, Material.OUTPATIENT_BILL, Material.ACCIDENT_PROOF)


class _SameCase(TypedDict):
    """What the quake's clinic case has at every station."""

    title: str
    search: str
    policy_no: str
    claim_type: ClaimType
    loss_date: date
    loss_place: str
    catastrophe_id: str
    materials: tuple[Material, ...]
    entered: Mapping[str, FactValue]


_QUAKE_CLINIC: _SameCase = {
    "title": "震后私立诊所外伤 · injuries treated at a private clinic after the quake",
    "search": "覃建国",
    "policy_no": CLINIC,
    "claim_type": ClaimType.ACCIDENT_MEDICAL,
    "loss_date": _QUAKE_DAY,
    "loss_place": "清溪县一中安置点",
    "catastrophe_id": QUAKE_ID,
    "materials": _CLINIC_PAPERS,
    "entered": _QUAKE_BILL,
}

STORY: tuple[StoryCase, ...] = (
    StoryCase(
        name="home_visit",
        laptop=MAIN_LAPTOP,
        title="上门：结肠癌 · home visit: colon carcinoma",
        search="陈㛃",
        policy_no=COLON,
        claim_type=ClaimType.CRITICAL_ILLNESS,
        loss_date=date(2026, 11, 10),
        loss_place="客户家中",
        catastrophe_id=None,
        materials=(*_ALWAYS, Material.MEDICAL_REPORT),
        entered=_colon(date(2026, 11, 10)),
        expected=Expected(Outcome.PRE_APPROVED, 25_000_000, settlement="settled"),
        channel="home_visit",
    ),
    StoryCase(
        name="direct_settlement",
        laptop=MAIN_LAPTOP,
        title="医院柜台直付：胆囊切除 · hospital counter: cholecystectomy 51.23, K80",
        search="zhouyan",
        policy_no=COUNTER,
        claim_type=ClaimType.DIRECT_SETTLEMENT,
        loss_date=date(2026, 11, 12),
        loss_place="清溪县人民医院",
        catastrophe_id=None,
        materials=(*_ALWAYS, Material.INPATIENT_BILL),
        entered=_bill(
            "0012345678",
            774_362,
            date(2026, 11, 12),
            self_expense=0,
            fund_paid=250_172,
            hospital_designated=True,
        ),
        expected=Expected(Outcome.PRE_APPROVED, 419_352, patient_pays_fen=104_838, settlement="settled"),
        channel="hospital",
    ),
    StoryCase(
        name="disaster",
        laptop=MAIN_LAPTOP,
        expected=Expected(Outcome.PRE_APPROVED, 648_824, settlement="settled"),
        **_QUAKE_CLINIC,
    ),
    StoryCase(
        name="disaster_no_waiver",
        laptop=MAIN_LAPTOP,
        title="同样的伤，地震之前 · the same before the quake",
        search="qjg",
        policy_no=CLINIC,
        claim_type=ClaimType.ACCIDENT_MEDICAL,
        loss_date=_BEFORE_THE_QUAKE,
        loss_place="清溪县",
        catastrophe_id=QUAKE_ID,
        materials=_CLINIC_PAPERS,
        entered=_clinic_bill("0000731799", _BEFORE_THE_QUAKE),
        expected=Expected(Outcome.REFERRED, 0, reason_rule="hospital"),
    ),
    StoryCase(
        name="waiting_period",
        laptop=MAIN_LAPTOP,
        title="等待期内确诊 · diagnosed in the waiting period",
        search="单雨桐",
        policy_no=WAITING,
        claim_type=ClaimType.CRITICAL_ILLNESS,
        loss_date=date(2026, 10, 29),
        loss_place="清溪县人民医院",
        catastrophe_id=None,
        materials=(*_ALWAYS, Material.MEDICAL_REPORT),
        entered=_colon(date(2026, 10, 29)),
        expected=Expected(Outcome.REFERRED, 0, refund_fen=612_000, reason_rule="waiting"),
    ),
    StoryCase(
        name="over_authority",
        laptop=MAIN_LAPTOP,
        title="地震身故，超过权限 · quake death above the adjuster's authority",
        search="万俟宏",
        policy_no=QUAKE_DEATH,
        claim_type=ClaimType.ACCIDENT_DEATH,
        loss_date=_QUAKE_DAY,
        loss_place="清溪县",
        catastrophe_id=QUAKE_ID,
        materials=(
            *_ALWAYS,
            Material.POLICY,
            Material.ACCIDENT_PROOF,
            Material.DEATH_CERTIFICATE,
            Material.BENEFICIARY_PROOF,
        ),
        entered={
            "accident": True,
            "accident_date": _QUAKE_DAY.isoformat(),
            "death_date": _QUAKE_DAY.isoformat(),
            "possible_exclusion": False,
        },
        expected=Expected(Outcome.REFERRED, 100_000_000),
        claimant="林若兰",
    ),
    StoryCase(
        name="two_stations_no_allowance",
        laptop=SECOND_LAPTOP,
        expected=Expected(Outcome.RECEIPT_ONLY, 648_824),
        **_QUAKE_CLINIC,
    ),
    StoryCase(
        name="two_stations",
        laptop=FLOAT_LAPTOP,
        expected=Expected(Outcome.PRE_APPROVED, 648_824, settlement="hold"),
        **_QUAKE_CLINIC,
    ),
)


def cases_of(laptop: str) -> tuple[StoryCase, ...]:
    """Return a laptop's cases in order."""
    return tuple(each for each in STORY if each.laptop == laptop)
