"""Why each paper is asked for and how it is handed in, in words for the person who has to find it.

Promise: every material of the matrix has both. Proposals only: the adjuster edits them on the supplement notice.
Source: notes/domain.md §1.2, §2 (art. 22).
"""

from __future__ import annotations

from claims.errors import Bilingual
from claims.materials import Material

_COPY = Bilingual("复印件或清晰照片，带原件核对", "a copy or a clear photograph; bring the original to be compared")
_ORIGINAL = Bilingual("原件，核对后可取回", "the original, given back after it was compared")
_AT_STATION = Bilingual("在本服务站填写签字", "filled in and signed at this station")
_WHO = Bilingual("确认权利人身份", "to confirm who is entitled")
_CAUSE = Bilingual("确认事故的性质和原因", "to establish what happened and why")
_LOSS = Bilingual("确认病情、治疗和损失程度", "to establish illness, treatment and extent of the loss")
_DEATH = Bilingual("确认身故的时间和原因", "to establish time and cause of death")

WHY: dict[Material, Bilingual] = {
    Material.APPLICATION: Bilingual("理赔须由权利人提出并签字", "a claim must be made and signed by who is entitled"),
    Material.POLICY: Bilingual("核对合同内容", "to compare the contract"),
    Material.INSURED_ID: _WHO,
    Material.MEDICAL_RECORD: _LOSS,
    Material.INPATIENT_BILL: Bilingual("核算医疗费用", "to work out the cost of treatment"),
    Material.OUTPATIENT_BILL: Bilingual("核算医疗费用", "to work out the cost of treatment"),
    Material.MEDICAL_REPORT: _LOSS,
    Material.ACCIDENT_PROOF: _CAUSE,
    Material.DISABILITY_APPRAISAL: Bilingual("确定伤残等级", "to establish the grade of disability"),
    Material.INCAPACITY_APPRAISAL: Bilingual("确定丧失劳动能力的程度", "to establish the incapacity for work"),
    Material.DEATH_CERTIFICATE: _DEATH,
    Material.HOUSEHOLD_CANCELLATION: _DEATH,
    Material.CREMATION_PROOF: _DEATH,
    Material.BENEFICIARY_PROOF: Bilingual("确认谁有权领取保险金", "to establish who is entitled to the benefit"),
    Material.BANK_ACCOUNT: Bilingual("把保险金转入本人账户", "to transfer the benefit to the own account"),
    Material.GUARDIAN_ID: _WHO,
    Material.GUARDIAN_RELATION: Bilingual("确认监护人身份", "to confirm who is the guardian"),
    Material.POWER_OF_ATTORNEY: Bilingual("确认代办人有权代办", "to confirm that the agent may act"),
    Material.AGENT_ID: Bilingual("确认代办人身份", "to confirm who the agent is"),
    Material.SUCCESSION_PROOF: Bilingual(
        "保险金作为遗产时确认继承人", "to establish the heirs where the benefit is part of the estate"
    ),
    Material.COURT_JUDGMENT: Bilingual("确认宣告死亡", "to confirm that the person was declared dead"),
    Material.VILLAGE_PROOF: _WHO,
    Material.TOWN_DEATH_PROOF: _DEATH,
    Material.VICTIM_LIST: _DEATH,
    Material.SITE_PHOTO: _CAUSE,
    Material.OTHER: _CAUSE,
}
HOW: dict[Material, Bilingual] = {
    Material.APPLICATION: _AT_STATION,
    Material.POLICY: Bilingual(
        "合同原件或电子保单；遗失的告诉我们即可", "the contract or the electronic policy; if it is lost just tell us"
    ),
    Material.INSURED_ID: Bilingual(
        "身份证、户口簿的复印件或照片；遗失的由派出所或村（居）委会出具证明",
        "copy or photograph of identity card or household book; if lost, a proof by police or village committee",
    ),
    Material.MEDICAL_RECORD: Bilingual(
        "在就诊医院病案室复印并盖章", "copied and stamped at the hospital's records office"
    ),
    Material.INPATIENT_BILL: Bilingual(
        "原件或电子票据；已交医保或其他公司的，交分割单",
        "original or electronic bill; if another payer has it, its split statement",
    ),
    Material.OUTPATIENT_BILL: Bilingual(
        "原件或电子票据；已交医保或其他公司的，交分割单",
        "original or electronic bill; if another payer has it, its split statement",
    ),
    Material.MEDICAL_REPORT: Bilingual("在就诊医院复印并盖章", "copied and stamped at the hospital"),
    Material.ACCIDENT_PROOF: Bilingual(
        "交警、公安、单位、学校或村（居）委会出具",
        "issued by traffic police, police, employer, school or village committee",
    ),
    Material.DISABILITY_APPRAISAL: Bilingual("由有资质的鉴定机构出具，原件", "the original, by a licensed appraiser"),
    Material.INCAPACITY_APPRAISAL: Bilingual(
        "由劳动能力鉴定机构出具，原件", "the original, by the labour capacity board"
    ),
    Material.DEATH_CERTIFICATE: Bilingual(
        "由医院或公安出具，复印件或照片", "by the hospital or the police; copy or photograph"
    ),
    Material.HOUSEHOLD_CANCELLATION: Bilingual(
        "由户籍派出所出具，复印件或照片", "by the registering police station; copy or photograph"
    ),
    Material.CREMATION_PROOF: Bilingual("由殡仪馆出具，复印件或照片", "by the funeral parlour; copy or photograph"),
    Material.BENEFICIARY_PROOF: Bilingual(
        "受益人证件，加户口簿、结婚证或出生证等关系证明",
        "beneficiary's document, and household book, marriage or birth certificate",
    ),
    Material.BANK_ACCOUNT: Bilingual(
        "权利人本人的银行卡或存折首页照片", "photograph of the entitled person's own card or passbook page"
    ),
    Material.GUARDIAN_ID: _COPY,
    Material.GUARDIAN_RELATION: Bilingual(
        "户口簿、出生证或监护证明", "household book, birth certificate or proof of guardianship"
    ),
    Material.POWER_OF_ATTORNEY: _AT_STATION,
    Material.AGENT_ID: _COPY,
    Material.SUCCESSION_PROOF: Bilingual("公证书或法院文书", "notarial deed or court paper"),
    Material.COURT_JUDGMENT: Bilingual("生效判决书复印件", "copy of the judgment in force"),
    Material.VILLAGE_PROOF: _ORIGINAL,
    Material.TOWN_DEATH_PROOF: _ORIGINAL,
    Material.VICTIM_LIST: Bilingual("由我们查对，不用您提供", "we look it up; you need not bring it"),
    Material.SITE_PHOTO: Bilingual("照片，看得清地点和受损情况", "photograph that shows place and damage clearly"),
    Material.OTHER: _COPY,
}
