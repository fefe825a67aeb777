"""The published matrix, and a catastrophe's waivers: struck, replaced, and only where the loss is reached."""

from __future__ import annotations

from datetime import date

import pytest

from claims.completeness import LossTraits, missing_materials, required
from claims.errors import Bilingual
from claims.materials import (
    CLAIM_TYPE_NAMES,
    MATERIAL_NAMES,
    MATRIX,
    ClaimType,
    Material,
    Signatory,
    who_signs,
)
from claims.reference import Catastrophe, Waiver
from claims.waivers import LossLink, WaiverCode, find_catastrophe, reach, reliefs, waiver_elements

LINK = LossLink(catastrophe_id="EQ-1", loss_date=date(2026, 3, 1), region="511123")
PLAIN = LossLink(catastrophe_id=None, loss_date=date(2026, 3, 1), region="511123")


def quake(*codes: str, regions: tuple[str, ...] = ("511100",), major: bool = True) -> Catastrophe:
    return Catastrophe(
        catastrophe_id="EQ-1",
        name=Bilingual("清溪地震", "Qingxi earthquake"),
        peril="earthquake",
        loss_from=date(2026, 2, 28),
        loss_to=date(2026, 4, 30),
        regions=regions,
        major_natural_disaster=major,
        waivers=tuple(
            Waiver(code=code, number=f"W-{place:02d}", text=Bilingual("便利措施", "simplification"))
            for place, code in enumerate(codes, start=1)
        ),
    )


def usual(claim_type: ClaimType, traits: LossTraits | None = None) -> set[Material]:
    return {one for row in required(claim_type, traits or LossTraits()) for one in row.alternatives[0]}


M = Material
BASE = {M.APPLICATION, M.INSURED_ID, M.MEDICAL_RECORD, M.BANK_ACCOUNT}


@pytest.mark.parametrize(
    ("claim_type", "more"),
    [
        (ClaimType.ACCIDENT_MEDICAL, {M.INPATIENT_BILL, M.ACCIDENT_PROOF}),
        (ClaimType.ILLNESS_MEDICAL, {M.INPATIENT_BILL}),
        (ClaimType.CRITICAL_ILLNESS, {M.MEDICAL_REPORT}),
        (ClaimType.DISABILITY, {M.DISABILITY_APPRAISAL}),
        (ClaimType.ACCIDENT_DEATH, {M.POLICY, M.ACCIDENT_PROOF, M.DEATH_CERTIFICATE, M.BENEFICIARY_PROOF}),
        (ClaimType.ILLNESS_DEATH, {M.POLICY, M.MEDICAL_REPORT, M.DEATH_CERTIFICATE, M.BENEFICIARY_PROOF}),
        (ClaimType.HOSPITAL_CASH, set()),
        (ClaimType.DIRECT_SETTLEMENT, {M.INPATIENT_BILL}),
    ],
)
def test_the_matrix_asks_what_is_published(claim_type: ClaimType, more: set[Material]) -> None:
    base = BASE - {M.BANK_ACCOUNT} if claim_type is ClaimType.DIRECT_SETTLEMENT else BASE
    assert usual(claim_type) == base | more


def test_an_accident_adds_its_proof_where_the_matrix_says_so() -> None:
    traits = LossTraits(accident=True)
    for claim_type in (ClaimType.CRITICAL_ILLNESS, ClaimType.DISABILITY, ClaimType.HOSPITAL_CASH):
        assert M.ACCIDENT_PROOF in usual(claim_type, traits)
        assert M.ACCIDENT_PROOF not in usual(claim_type)


def test_a_premium_waiver_asks_by_its_cause() -> None:
    assert M.DEATH_CERTIFICATE not in usual(ClaimType.PREMIUM_WAIVER)
    assert {M.DEATH_CERTIFICATE, M.BENEFICIARY_PROOF} <= usual(ClaimType.PREMIUM_WAIVER, LossTraits(death=True))
    assert M.DISABILITY_APPRAISAL in usual(ClaimType.PREMIUM_WAIVER, LossTraits(disability=True))
    assert M.MEDICAL_REPORT not in usual(ClaimType.PREMIUM_WAIVER, LossTraits(accident=True))


def test_minors_agents_estates_and_the_declared_dead_bring_more() -> None:
    kind = ClaimType.ILLNESS_MEDICAL
    assert usual(kind, LossTraits(minor=True)) - usual(kind) == {M.GUARDIAN_ID, M.GUARDIAN_RELATION}
    assert usual(kind, LossTraits(agent=True)) - usual(kind) == {M.POWER_OF_ATTORNEY, M.AGENT_ID}
    death = ClaimType.ACCIDENT_DEATH
    assert usual(death, LossTraits(estate=True)) - usual(death) == {M.SUCCESSION_PROOF}
    declared = usual(death, LossTraits(declared_dead=True))
    assert M.COURT_JUDGMENT in declared
    assert M.DEATH_CERTIFICATE not in declared
    assert usual(death, LossTraits(minor=True)) == usual(death)


def test_nothing_is_missing_when_everything_is_there() -> None:
    present = BASE | {M.OUTPATIENT_BILL, M.ACCIDENT_PROOF}
    assert missing_materials(ClaimType.ACCIDENT_MEDICAL, present, loss=PLAIN).complete


def test_the_list_of_what_is_missing_is_complete_at_once() -> None:
    found = missing_materials(ClaimType.ACCIDENT_DEATH, {M.APPLICATION}, loss=PLAIN)
    assert len(found.missing) == len(required(ClaimType.ACCIDENT_DEATH, LossTraits())) - 1
    assert not found.complete


def test_the_medical_death_certificate_alone_suffices_or_the_two_others_together() -> None:
    rest = BASE | {M.POLICY, M.ACCIDENT_PROOF, M.BENEFICIARY_PROOF}
    death = ClaimType.ACCIDENT_DEATH
    assert missing_materials(death, rest | {M.DEATH_CERTIFICATE}, loss=PLAIN).complete
    assert missing_materials(death, rest | {M.HOUSEHOLD_CANCELLATION, M.CREMATION_PROOF}, loss=PLAIN).complete
    found = missing_materials(death, rest | {M.CREMATION_PROOF}, loss=PLAIN)
    assert [one.sentence.zh for one in found.missing] == ["缺：死亡医学证明，或户籍注销证明和火化或殡葬证明。"]


def test_a_waiver_strikes_the_policy_and_says_which() -> None:
    rest = (BASE | {M.ACCIDENT_PROOF, M.BENEFICIARY_PROOF, M.DEATH_CERTIFICATE}) - {M.POLICY}
    found = missing_materials(ClaimType.ACCIDENT_DEATH, rest, loss=LINK, catastrophe=quake("NO_POLICY"))
    assert found.complete
    assert [(one.materials, one.waiver.number) for one in found.waived] == [((M.POLICY,), "W-01")]
    assert "W-01" in found.waived[0].sentence.zh


def test_a_lost_id_card_is_replaced_by_the_villages_proof_not_struck() -> None:
    rest = BASE - {M.INSURED_ID}
    event = quake("ID_BY_VILLAGE")
    without = missing_materials(ClaimType.HOSPITAL_CASH, rest, loss=LINK, catastrophe=event)
    assert not without.complete
    assert "村（居）委会" in without.missing[0].sentence.zh
    assert missing_materials(ClaimType.HOSPITAL_CASH, rest | {M.VILLAGE_PROOF}, loss=LINK, catastrophe=event).complete
    assert not missing_materials(ClaimType.HOSPITAL_CASH, rest | {M.VILLAGE_PROOF}, loss=PLAIN).complete


def test_the_victim_list_stands_for_accident_and_death_proof() -> None:
    rest = BASE | {M.POLICY, M.BENEFICIARY_PROOF, M.VICTIM_LIST}
    found = missing_materials(ClaimType.ACCIDENT_DEATH, rest, loss=LINK, catastrophe=quake("DEATH_BY_LIST"))
    assert found.complete
    assert {one.materials[0] for one in found.waived} == {M.ACCIDENT_PROOF, M.DEATH_CERTIFICATE}


def test_receipts_alone_do_for_medical_claims_only() -> None:
    event = quake("RECEIPT_ONLY")
    medical = missing_materials(
        ClaimType.ILLNESS_MEDICAL, (BASE | {M.INPATIENT_BILL}) - {M.MEDICAL_RECORD}, loss=LINK, catastrophe=event
    )
    assert medical.complete
    critical = missing_materials(
        ClaimType.CRITICAL_ILLNESS, (BASE | {M.MEDICAL_REPORT}) - {M.MEDICAL_RECORD}, loss=LINK, catastrophe=event
    )
    assert not critical.complete


def test_a_paper_that_is_there_is_neither_missing_nor_waived() -> None:
    found = missing_materials(
        ClaimType.DISABILITY, BASE | {M.DISABILITY_APPRAISAL}, loss=LINK, catastrophe=quake("NO_REAPPRAISAL")
    )
    assert found.complete
    assert found.waived == ()


@pytest.mark.parametrize(
    ("link", "part"),
    [
        (LossLink(catastrophe_id=None, loss_date=date(2026, 3, 1), region="511123"), "没有登记"),
        (LossLink(catastrophe_id="EQ-2", loss_date=date(2026, 3, 1), region="511123"), "没有登记"),
        (LossLink(catastrophe_id="EQ-1", loss_date=date(2026, 2, 27), region="511123"), "2026-02-27"),
        (LossLink(catastrophe_id="EQ-1", loss_date=date(2026, 5, 1), region="511123"), "2026-05-01"),
        (LossLink(catastrophe_id="EQ-1", loss_date=date(2026, 3, 1), region="511223"), "511223"),
        (LossLink(catastrophe_id="EQ-1", loss_date=date(2026, 3, 1), region=None), "没有填写出险地区"),
    ],
)
def test_a_broken_link_is_named_and_nothing_is_waived(link: LossLink, part: str) -> None:
    event = quake("NO_POLICY")
    found = reach(event, link)
    assert not found.applies
    assert part in found.reason.zh
    assert find_catastrophe([event], link) is None
    rest = BASE | {M.ACCIDENT_PROOF, M.BENEFICIARY_PROOF, M.DEATH_CERTIFICATE}
    assert not missing_materials(ClaimType.ACCIDENT_DEATH, rest, loss=link, catastrophe=event).complete


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2026, 4, 30)])
def test_first_and_last_day_are_in(day: date) -> None:
    assert reach(quake(), LossLink(catastrophe_id="EQ-1", loss_date=day, region="511123")).applies


@pytest.mark.parametrize(
    ("region", "inside"),
    [
        ("510000", True),
        ("511100", True),
        ("511123", True),
        ("5111", True),
        ("51", True),
        ("512000", False),
        ("500000", False),
        ("110000", False),
    ],
)
def test_a_region_covers_what_lies_in_it(region: str, inside: bool) -> None:
    assert reach(quake(regions=(region,)), LINK).applies is inside


def test_an_empty_list_of_regions_reaches_nothing() -> None:
    assert not reach(quake(regions=()), LINK).applies
    assert not reach(quake(regions=("",)), LINK).applies


def test_elements_are_all_set_and_true_only_by_the_catastrophe_that_reaches() -> None:
    names = {
        "waive_hospital_list",
        "waive_drug_scope",
        "waive_item_scope",
        "waive_deductible",
        "major_natural_disaster",
    }
    assert waiver_elements(None) == dict.fromkeys(names, False)
    event = quake("NO_HOSPITAL_LIST", "NO_DRUG_SCOPE", "NO_ITEM_SCOPE", "PREPAY")
    assert {key for key, value in waiver_elements(event).items() if value} == names - {"waive_deductible"}
    assert not waiver_elements(quake(major=False))["major_natural_disaster"]


def test_a_code_of_a_later_version_changes_nothing() -> None:
    event = quake("NO_QUESTIONS_AT_ALL")
    assert reliefs(event.waivers[0], ClaimType.DISABILITY) == ()
    assert not any(value for key, value in waiver_elements(event).items() if key != "major_natural_disaster")


def test_every_code_and_name_is_there() -> None:
    assert set(MATRIX) == set(ClaimType) == set(CLAIM_TYPE_NAMES)
    assert set(MATERIAL_NAMES) == set(Material)
    assert len(WaiverCode) == 12


def test_who_signs() -> None:
    assert (
        who_signs(ClaimType.ILLNESS_DEATH, insured_capable=False, beneficiaries_named=True)
        is Signatory.EVERY_DEATH_BENEFICIARY
    )
    assert (
        who_signs(ClaimType.ACCIDENT_DEATH, insured_capable=False, beneficiaries_named=False) is Signatory.LEGAL_HEIRS
    )
    assert who_signs(ClaimType.DISABILITY, insured_capable=True, beneficiaries_named=True) is Signatory.INSURED
    assert who_signs(ClaimType.DISABILITY, insured_capable=False, beneficiaries_named=True) is Signatory.GUARDIAN
