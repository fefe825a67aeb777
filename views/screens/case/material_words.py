"""Papers in a word: what a tile of 126 and a row of the check-list call them. The full names are ``MATERIAL_NAMES``.

Promise: every paper has a short name that fits on its tile in both languages at every type size.
"""

from __future__ import annotations

from collections.abc import Sequence

from claims.errors import Bilingual
from claims.materials import MATERIAL_NAMES, Material
from views.sentences import capital

SHORT_NAMES = {
    Material.APPLICATION: Bilingual("理赔申请书", "Application"),
    Material.POLICY: Bilingual("保险合同", "Policy"),
    Material.INSURED_ID: Bilingual("身份证明", "Identity card"),
    Material.MEDICAL_RECORD: Bilingual("病历", "Medical record"),
    Material.INPATIENT_BILL: Bilingual("住院票据", "Inpatient bill"),
    Material.OUTPATIENT_BILL: Bilingual("门诊票据", "Outpatient bill"),
    Material.MEDICAL_REPORT: Bilingual("检查报告", "Test report"),
    Material.ACCIDENT_PROOF: Bilingual("意外证明", "Accident proof"),
    Material.DISABILITY_APPRAISAL: Bilingual("伤残鉴定", "Disability"),
    Material.INCAPACITY_APPRAISAL: Bilingual("失能鉴定", "Incapacity"),
    Material.DEATH_CERTIFICATE: Bilingual("死亡证明", "Death proof"),
    Material.HOUSEHOLD_CANCELLATION: Bilingual("户籍注销", "Deregistered"),
    Material.CREMATION_PROOF: Bilingual("火化证明", "Burial proof"),
    Material.BENEFICIARY_PROOF: Bilingual("受益人证明", "Beneficiaries"),
    Material.BANK_ACCOUNT: Bilingual("银行卡", "Bank account"),
    Material.GUARDIAN_ID: Bilingual("监护人证件", "Guardian's ID"),
    Material.GUARDIAN_RELATION: Bilingual("监护关系", "Guardianship"),
    Material.POWER_OF_ATTORNEY: Bilingual("授权委托书", "Authorisation"),
    Material.AGENT_ID: Bilingual("受托人证件", "Agent's ID"),
    Material.SUCCESSION_PROOF: Bilingual("继承权证明", "Succession"),
    Material.COURT_JUDGMENT: Bilingual("死亡判决书", "Judgment"),
    Material.VILLAGE_PROOF: Bilingual("村居证明", "Village proof"),
    Material.TOWN_DEATH_PROOF: Bilingual("乡镇死亡证明", "Town proof"),
    Material.VICTIM_LIST: Bilingual("遇难名单", "Victim list"),
    Material.SITE_PHOTO: Bilingual("现场照片", "Site photo"),
    Material.OTHER: Bilingual("其他材料", "Other paper"),
}


def short_name(material: Material) -> Bilingual:
    """Return what a tile calls a paper."""
    return SHORT_NAMES[material]


def full_name(material: Material) -> Bilingual:
    """Return a paper's whole name."""
    return capital(MATERIAL_NAMES[material])


def together(materials: Sequence[Material]) -> Bilingual:
    """Return the short names of papers that belong together."""
    names = [short_name(each) for each in materials]
    return Bilingual("和".join(each.zh for each in names), " and ".join(each.en for each in names))
