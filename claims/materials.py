"""Which papers a claim needs, and who signs it: the published matrix as data.

Promise: adding a claim type or a paper is adding a row. Nothing here knows catastrophes: ``claims.waivers`` strikes rows,
``claims.completeness`` tells what is missing.

Source: notes/domain.md §1.2.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from claims.errors import Bilingual


class ClaimType(StrEnum):
    """What is claimed. The values are what the log carries."""

    ACCIDENT_MEDICAL = "accident_medical"
    ILLNESS_MEDICAL = "illness_medical"
    CRITICAL_ILLNESS = "critical_illness"
    DISABILITY = "disability"
    ACCIDENT_DEATH = "accident_death"
    ILLNESS_DEATH = "illness_death"
    PREMIUM_WAIVER = "premium_waiver"
    HOSPITAL_CASH = "hospital_cash"
    DIRECT_SETTLEMENT = "direct_settlement"


class Material(StrEnum):
    """A paper. The values are what ``DocumentAdded.material`` carries."""

    APPLICATION = "application"
    POLICY = "policy"
    INSURED_ID = "insured_id"
    MEDICAL_RECORD = "medical_record"
    INPATIENT_BILL = "inpatient_bill"
    OUTPATIENT_BILL = "outpatient_bill"
    MEDICAL_REPORT = "medical_report"
    ACCIDENT_PROOF = "accident_proof"
    DISABILITY_APPRAISAL = "disability_appraisal"
    INCAPACITY_APPRAISAL = "incapacity_appraisal"
    DEATH_CERTIFICATE = "death_certificate"
    HOUSEHOLD_CANCELLATION = "household_cancellation"
    CREMATION_PROOF = "cremation_proof"
    BENEFICIARY_PROOF = "beneficiary_proof"
    BANK_ACCOUNT = "bank_account"
    GUARDIAN_ID = "guardian_id"
    GUARDIAN_RELATION = "guardian_relation"
    POWER_OF_ATTORNEY = "power_of_attorney"
    AGENT_ID = "agent_id"
    SUCCESSION_PROOF = "succession_proof"
    COURT_JUDGMENT = "court_judgment"
    # Papers that only a catastrophe's waivers accept instead of another.
    VILLAGE_PROOF = "village_proof"
    TOWN_DEATH_PROOF = "town_death_proof"
    VICTIM_LIST = "victim_list"
    SITE_PHOTO = "site_photo"
    OTHER = "other"


class Condition(StrEnum):
    """When a row of the matrix counts."""

    ALWAYS = "always"
    ACCIDENT = "accident"
    DEATH = "death"
    DISABILITY = "disability"
    ILLNESS = "illness"
    MINOR = "minor"
    AGENT = "agent"
    ESTATE = "estate"
    DECLARED_DEAD = "declared_dead"


class Signatory(StrEnum):
    """Who signs the application."""

    INSURED = "insured"
    GUARDIAN = "guardian"
    EVERY_DEATH_BENEFICIARY = "every_death_beneficiary"
    LEGAL_HEIRS = "legal_heirs"


class Requirement(msgspec.Struct, frozen=True):
    """One row: any one of ``alternatives`` will do, each a set of papers that belong together; the first is the usual one."""

    alternatives: tuple[tuple[Material, ...], ...]
    condition: Condition = Condition.ALWAYS


def _needs(*materials: Material, when: Condition = Condition.ALWAYS) -> Requirement:
    return Requirement(tuple((one,) for one in materials), when)


_APPLICATION = _needs(Material.APPLICATION)
_POLICY = _needs(Material.POLICY)
_INSURED_ID = _needs(Material.INSURED_ID)
_RECORD = _needs(Material.MEDICAL_RECORD)
_BILL = _needs(Material.INPATIENT_BILL, Material.OUTPATIENT_BILL)
_REPORT = _needs(Material.MEDICAL_REPORT)
_ACCIDENT = _needs(Material.ACCIDENT_PROOF)
_IF_ACCIDENT = _needs(Material.ACCIDENT_PROOF, when=Condition.ACCIDENT)
_APPRAISAL = _needs(Material.DISABILITY_APPRAISAL)
_DEATH_SETS = (
    (Material.DEATH_CERTIFICATE,),
    (Material.HOUSEHOLD_CANCELLATION, Material.CREMATION_PROOF),
)
_DEATH = Requirement(_DEATH_SETS)
_BENEFICIARY = _needs(Material.BENEFICIARY_PROOF)
_ACCOUNT = _needs(Material.BANK_ACCOUNT)

MATRIX: dict[ClaimType, tuple[Requirement, ...]] = {
    ClaimType.ACCIDENT_MEDICAL: (_APPLICATION, _INSURED_ID, _RECORD, _BILL, _ACCIDENT, _ACCOUNT),
    ClaimType.ILLNESS_MEDICAL: (_APPLICATION, _INSURED_ID, _RECORD, _BILL, _ACCOUNT),
    ClaimType.CRITICAL_ILLNESS: (_APPLICATION, _INSURED_ID, _RECORD, _REPORT, _IF_ACCIDENT, _ACCOUNT),
    ClaimType.DISABILITY: (_APPLICATION, _INSURED_ID, _RECORD, _IF_ACCIDENT, _APPRAISAL, _ACCOUNT),
    ClaimType.ACCIDENT_DEATH: (_APPLICATION, _POLICY, _INSURED_ID, _RECORD, _ACCIDENT, _DEATH, _BENEFICIARY, _ACCOUNT),
    ClaimType.ILLNESS_DEATH: (_APPLICATION, _POLICY, _INSURED_ID, _RECORD, _REPORT, _DEATH, _BENEFICIARY, _ACCOUNT),
    ClaimType.PREMIUM_WAIVER: (
        _APPLICATION,
        _INSURED_ID,
        _RECORD,
        _needs(Material.MEDICAL_REPORT, when=Condition.ILLNESS),
        _IF_ACCIDENT,
        _needs(Material.DISABILITY_APPRAISAL, Material.INCAPACITY_APPRAISAL, when=Condition.DISABILITY),
        Requirement(_DEATH_SETS, Condition.DEATH),
        _needs(Material.BENEFICIARY_PROOF, when=Condition.DEATH),
        _ACCOUNT,
    ),
    ClaimType.HOSPITAL_CASH: (_APPLICATION, _INSURED_ID, _RECORD, _IF_ACCIDENT, _ACCOUNT),
    # At the hospital counter the hospital is the payee and its account is known; the matrix has no row of its own for it.
    ClaimType.DIRECT_SETTLEMENT: (_APPLICATION, _INSURED_ID, _RECORD, _BILL),
}

# Whatever the claim: who is missing an age, a pen or a body brings these.
FOR_EVERY_CLAIM: tuple[Requirement, ...] = (
    _needs(Material.GUARDIAN_ID, when=Condition.MINOR),
    _needs(Material.GUARDIAN_RELATION, when=Condition.MINOR),
    _needs(Material.POWER_OF_ATTORNEY, when=Condition.AGENT),
    _needs(Material.AGENT_ID, when=Condition.AGENT),
    _needs(Material.SUCCESSION_PROOF, when=Condition.ESTATE),
    _needs(Material.COURT_JUDGMENT, when=Condition.DECLARED_DEAD),
)

DEATH_CLAIMS = frozenset({ClaimType.ACCIDENT_DEATH, ClaimType.ILLNESS_DEATH})
ACCIDENT_CLAIMS = frozenset({ClaimType.ACCIDENT_MEDICAL, ClaimType.ACCIDENT_DEATH})
MEDICAL_CLAIMS = frozenset(
    {ClaimType.ACCIDENT_MEDICAL, ClaimType.ILLNESS_MEDICAL, ClaimType.HOSPITAL_CASH, ClaimType.DIRECT_SETTLEMENT}
)

MATERIAL_NAMES: dict[Material, Bilingual] = {
    Material.APPLICATION: Bilingual("理赔申请书（含转账授权）", "claim application with transfer authority"),
    Material.POLICY: Bilingual("保险合同", "policy"),
    Material.INSURED_ID: Bilingual("被保险人身份证明", "insured's identity document"),
    Material.MEDICAL_RECORD: Bilingual("病历、出院小结或诊断证明", "medical record, discharge summary or diagnosis"),
    Material.INPATIENT_BILL: Bilingual("住院收费票据原件及费用清单", "original inpatient bill with its item list"),
    Material.OUTPATIENT_BILL: Bilingual("门诊收费票据及清单或处方", "outpatient bill with its list or prescription"),
    Material.MEDICAL_REPORT: Bilingual("病理及其他检查报告", "pathology and other reports"),
    Material.ACCIDENT_PROOF: Bilingual("意外事故证明", "proof of the accident"),
    Material.DISABILITY_APPRAISAL: Bilingual("伤残鉴定书", "disability appraisal"),
    Material.INCAPACITY_APPRAISAL: Bilingual("丧失劳动能力鉴定书", "appraisal of incapacity for work"),
    Material.DEATH_CERTIFICATE: Bilingual("死亡医学证明", "medical death certificate"),
    Material.HOUSEHOLD_CANCELLATION: Bilingual("户籍注销证明", "household cancellation"),
    Material.CREMATION_PROOF: Bilingual("火化或殡葬证明", "cremation or burial proof"),
    Material.BENEFICIARY_PROOF: Bilingual("受益人身份及关系证明", "beneficiaries' identity and relation"),
    Material.BANK_ACCOUNT: Bilingual("领款人银行账户复印件", "copy of the payee's bank account"),
    Material.GUARDIAN_ID: Bilingual("监护人身份证明", "guardian's identity document"),
    Material.GUARDIAN_RELATION: Bilingual("监护关系证明", "proof of guardianship"),
    Material.POWER_OF_ATTORNEY: Bilingual("授权委托书", "power of attorney"),
    Material.AGENT_ID: Bilingual("受托人身份证明", "agent's identity document"),
    Material.SUCCESSION_PROOF: Bilingual("继承权证明", "proof of succession"),
    Material.COURT_JUDGMENT: Bilingual("宣告死亡判决书", "court judgment of death"),
    Material.VILLAGE_PROOF: Bilingual(
        "村（居）委会及以上出具的身份证明", "identity proof by the village or residents' committee or above"
    ),
    Material.TOWN_DEATH_PROOF: Bilingual(
        "乡镇政府或救治医院出具的死亡证明", "death proof by the township or the treating hospital"
    ),
    Material.VICTIM_LIST: Bilingual("政府公布的遇难名单", "official list of victims"),
    Material.SITE_PHOTO: Bilingual("现场或上门照片", "photograph on site"),
    Material.OTHER: Bilingual("其他材料", "other paper"),
}

CLAIM_TYPE_NAMES: dict[ClaimType, Bilingual] = {
    ClaimType.ACCIDENT_MEDICAL: Bilingual("意外医疗", "accident medical"),
    ClaimType.ILLNESS_MEDICAL: Bilingual("疾病医疗", "illness medical"),
    ClaimType.CRITICAL_ILLNESS: Bilingual("重大疾病", "critical illness"),
    ClaimType.DISABILITY: Bilingual("伤残", "disability"),
    ClaimType.ACCIDENT_DEATH: Bilingual("意外身故", "accident death"),
    ClaimType.ILLNESS_DEATH: Bilingual("疾病身故", "illness death"),
    ClaimType.PREMIUM_WAIVER: Bilingual("豁免保费", "premium waiver"),
    ClaimType.HOSPITAL_CASH: Bilingual("住院津贴", "hospital cash"),
    ClaimType.DIRECT_SETTLEMENT: Bilingual("住院直付", "direct settlement at the hospital"),
}


def who_signs(claim_type: ClaimType, *, insured_capable: bool, beneficiaries_named: bool) -> Signatory:
    """Return who signs the application: for death every beneficiary or the heirs, else the insured or the guardian."""
    if claim_type in DEATH_CLAIMS:
        return Signatory.EVERY_DEATH_BENEFICIARY if beneficiaries_named else Signatory.LEGAL_HEIRS
    return Signatory.INSURED if insured_capable else Signatory.GUARDIAN
