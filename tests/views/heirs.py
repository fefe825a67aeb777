"""A whole life policy with three beneficiaries on a real desk: a death whose benefit goes to several persons, one of whom died first."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from claims.desk import Desk
from claims.events import PersonFact
from claims.form_fields import FactValue
from claims.materials import ClaimType, Material
from claims.reference import Beneficiary, ExtractPolicy
from claims.settlement import person_key, policy_year_start, pool_id
from headquarters.extract_file import write_extract
from headquarters.sample import sample_persons, sample_policies
from local_db.extract.apply import apply_extract
from local_db.key_file import unlock_keys
from local_db.key_slots import PassphraseUnlock
from rules.engine import load_pack
from rules.engine.model import PoolDraw
from tests.desk.station import ADJUSTER, NOON, PACK_BYTES, PASSPHRASE, Station, new_case, photo

POLICY_NO = "CQ2009051200099"
DIED_ON = date(2026, 11, 20)
TOTAL_FEN, FIRST_FEN, SECOND_FEN = 20_000_000, 12_500_000, 7_500_000
PAPERS = (
    Material.APPLICATION,
    Material.POLICY,
    Material.INSURED_ID,
    Material.MEDICAL_RECORD,
    Material.DEATH_CERTIFICATE,
    Material.MEDICAL_REPORT,
    Material.BENEFICIARY_PROOF,
    Material.BANK_ACCOUNT,
)


def insured() -> PersonFact:
    """Return who died."""
    found = next(each for each in sample_persons() if each.name == "曾庆生")
    return PersonFact(
        name=found.name,
        id_number=found.id_number,
        person_id=found.person_id,
        birth_date=found.birth_date,
        sex=found.sex,
        phone=found.phone,
    )


def heirs() -> tuple[str, ...]:
    """Return the beneficiaries' names in order; the third died before the insured."""
    return ("林若兰", "万俟清禾", "单雨桐")


def policy() -> ExtractPolicy:
    """Return the policy."""
    people = {each.name: each.person_id for each in sample_persons()}
    whole = next(each for each in sample_policies() if each.plan == "CQ-L")
    beneficiaries = tuple(
        Beneficiary(person_id=people[name], order=1, share_bp=share)
        for name, share in zip(heirs(), (5000, 3000, 2000), strict=True)
    )
    return ExtractPolicy(
        policy_no=POLICY_NO,
        plan=whole.plan,
        product_name=whole.product_name,
        effective=date(2010, 3, 15),
        expiry=None,
        policyholder_id=whole.policyholder_id,
        insured_id=whole.insured_id,
        beneficiaries=beneficiaries,
        terms={
            "sum_insured": TOTAL_FEN,
            "birth_date": "1955-08-15",
            "premiums_paid": 5_000_000,
            "cash_value": 4_000_000,
            "loan": 0,
            "loan_interest": 0,
            "premium_overdue": False,
            "premium_due": 0,
            "formation_date": "2010-03-15",
            "used_death_benefit": 0,
            "prepaid": 0,
        },
    )


def death_facts() -> dict[str, FactValue]:
    """Return what is entered: the third beneficiary takes nothing."""
    return {
        "death_date": DIED_ON.isoformat(),
        "possible_exclusion": False,
        "suicide": False,
        "suicide_incapable": False,
        "beneficiary_weights": ["50", "30", "20"],
        "beneficiary_orders": ["1", "1", "1"],
        "beneficiary_entitled": [True, True, False],
    }


def station_with_heirs(home: Path) -> Station:
    """Return an enrolled station whose extract holds the policy, with an allowance on it."""
    station = Station(home)
    station.create()
    file = home.parent / "heirs.zst"
    write_extract(file, sample_persons(), (*sample_policies(), policy()), 2, NOON)
    key = unlock_keys(home, PassphraseUnlock(ADJUSTER, PASSPHRASE), station.clock).file_key("extract")
    with file.open("rb") as stream:
        apply_extract(stream, home / "extract", key)
    (pool,) = (name for name in load_pack(PACK_BYTES).pools if name == "death_benefit")
    spec = load_pack(PACK_BYTES).pools[pool].spec
    named = pool_id(
        PoolDraw(pool=pool, scope=spec.scope, unit=spec.unit, limit=None, used_before=0, amount=0),
        policy_no=POLICY_NO,
        person_key=person_key(insured()),
        policy_year_start=policy_year_start(policy().effective, DIED_ON),
        loss_key="",
    )
    with station.store() as store, store.write() as uow:
        uow.receive(station.allowance(named, TOTAL_FEN, grant_id="G-2"))
    return station


def decided_death(desk: Desk) -> str:
    """Open the case, take its papers in, decide; return its number."""
    reporter = PersonFact(name="林若兰")
    number = desk.open_case(
        new_case(
            claim_type=ClaimType.ILLNESS_DEATH,
            insured=insured(),
            reporter=reporter,
            policy_nos=(POLICY_NO,),
            loss_date=DIED_ON,
            catastrophe_id=None,
        )
    )
    for shade, material in enumerate(PAPERS):
        desk.add_document(number, material, f"{material.value}.jpg", photo(shade))
    desk.adjudicate(number, POLICY_NO, death_facts())
    return number
