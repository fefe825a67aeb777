"""The forms, as data: per claim type what is asked, in the adjuster's words, with bounds and relations.

Promise: every element key is one of the rule pack's elements; a value that passes a form is within the element's bounds.
Used-up limits, sums insured and waivers are never asked: they come from the contract, the log and the catastrophe.

Source: notes/domain.md §1.2, §5, §6, §7.
"""

from __future__ import annotations

import msgspec

from claims.critical_illnesses import CRITICAL_ILLNESSES
from claims.errors import Bilingual
from claims.form_fields import Choice, DateOrder, FactValue, FieldKind, FieldSpec, Form, NeededWhen, SumWithin
from claims.form_validation import validate
from claims.materials import ClaimType

__all__ = ["FORMS", "form_for", "validate"]

_MAX_BILL_FEN = 5_000_000_00
"""Nobody's single bill reaches five million yuan; an entry above it has a shifted decimal point."""


def _amount(
    key: str, zh: str, en: str, *, default: int | None = None, required: bool = False, minimum: int = 0
) -> FieldSpec:
    return FieldSpec(
        key=key,
        kind=FieldKind.AMOUNT,
        label=Bilingual(zh, en),
        help=Bilingual("单位：元，最多两位小数", "yuan, two decimals at most"),
        required=required,
        minimum=minimum,
        maximum=_MAX_BILL_FEN,
        default=default,
    )


def _date(key: str, zh: str, en: str, *, required: bool = False, note: Bilingual | None = None) -> FieldSpec:
    return FieldSpec(
        key=key,
        kind=FieldKind.DATE,
        label=Bilingual(zh, en),
        help=note or Bilingual("年-月-日，北京时间", "year-month-day, Beijing time"),
        required=required,
    )


def _yes_no(key: str, zh: str, en: str, *, default: bool | None = None, required: bool = False) -> FieldSpec:
    return FieldSpec(key=key, kind=FieldKind.YES_NO, label=Bilingual(zh, en), default=default, required=required)


def _number(key: str, zh: str, en: str, *, minimum: int = 0, maximum: int, scale: int = 0) -> FieldSpec:
    return FieldSpec(
        key=key, kind=FieldKind.NUMBER, label=Bilingual(zh, en), minimum=minimum, maximum=maximum, scale=scale
    )


def _text(
    key: str, zh: str, en: str, *, required: bool = False, maximum: int = 40, note: Bilingual | None = None
) -> FieldSpec:
    return FieldSpec(
        key=key,
        kind=FieldKind.TEXT,
        label=Bilingual(zh, en),
        help=note or Bilingual("", ""),
        required=required,
        maximum=maximum,
    )


def _code(key: str, zh: str, en: str, pattern: str, example: str, *, required: bool = False) -> FieldSpec:
    return FieldSpec(
        key=key,
        kind=FieldKind.CODE,
        label=Bilingual(zh, en),
        help=Bilingual(f"例如 {example}", f"for example {example}"),
        required=required,
        pattern=pattern,
        example=example,
    )


def _choice(
    key: str, zh: str, en: str, *choices: tuple[str, str, str], required: bool = False, default: str | None = None
) -> FieldSpec:
    return FieldSpec(
        key=key,
        kind=FieldKind.CHOICE,
        label=Bilingual(zh, en),
        choices=tuple(Choice(value, Bilingual(*label)) for value, *label in choices),
        required=required,
        default=default,
    )


def _of(kind: FieldKind, key: str, zh: str, en: str, *, required: bool = False) -> FieldSpec:
    return FieldSpec(key=key, kind=kind, label=Bilingual(zh, en), required=required)


def _only_for(illnesses: str, *fields: FieldSpec) -> tuple[FieldSpec, ...]:
    """The fields, asked for these illnesses (ids with blanks between) only."""
    return tuple(msgspec.structs.replace(one, only_for=("illness", tuple(illnesses.split()))) for one in fields)


def _stage(key: str, letter: str, *values: str) -> FieldSpec:
    return _choice(key, f"TNM 分期：{letter}", f"TNM stage: {letter}", *((one, one, one) for one in values))


_SUBSTAGES = tuple(
    f"T{number}{letter}" for number in "1234" for letter in ("", "a", "b", "c", "d")[: 5 if number == "4" else 4]
)

_PEOPLE = (
    _of(FieldKind.NAME, "insured.name", "被保险人姓名", "insured's name", required=True),
    _of(FieldKind.ID_NUMBER, "insured.id_number", "被保险人证件号码", "insured's id number"),
    _of(FieldKind.PHONE, "insured.phone", "被保险人电话", "insured's phone"),
    _date("insured.birth_date", "被保险人出生日期", "insured's date of birth"),
    _choice("insured.sex", "被保险人性别", "insured's sex", ("male", "男", "male"), ("female", "女", "female")),
    _of(FieldKind.NAME, "reporter.name", "报案人姓名", "reporter's name"),
    _of(FieldKind.PHONE, "reporter.phone", "报案人电话", "reporter's phone"),
)
_PAYEE = (
    _of(FieldKind.NAME, "payee.name", "领款人姓名", "payee's name"),
    _of(FieldKind.ID_NUMBER, "payee.id_number", "领款人证件号码", "payee's id number"),
    _choice(
        "payee.relation",
        "与被保险人关系",
        "relation to the insured",
        ("self", "本人", "self"),
        ("spouse", "配偶", "spouse"),
        ("child", "子女", "child"),
        ("parent", "父母", "parent"),
        ("guardian", "监护人", "guardian"),
        ("heir", "其他法定继承人", "other legal heir"),
        ("beneficiary", "指定受益人", "named beneficiary"),
        ("hospital", "医院（直付）", "hospital (direct settlement)"),
    ),
    _text("payee.bank", "开户银行", "bank", maximum=60),
    _of(FieldKind.ACCOUNT, "payee.account", "银行账号", "account number"),
)
_CASE = (
    _date("case.loss_date", "出险日期", "date of loss", required=True),
    _text("case.loss_place", "出险地点", "place of loss", required=True, maximum=120),
    _of(FieldKind.REGION, "case.loss_region", "出险地区代码", "region code of the place"),
    _text("case.description", "事故经过", "what happened", maximum=2000),
)
_CAUSE = (
    _yes_no("accident", "是否意外所致", "caused by an accident", required=True),
    _date("accident_date", "事故日期", "date of the accident"),
    _date("diagnosis_date", "首次确诊日期", "date of first diagnosis"),
)
_DOUBT = (_yes_no("possible_exclusion", "疑似责任免除", "an exclusion may apply", default=False),)
_HOSPITAL = (
    _number("hospital_level", "医院级别（0 未评级，1 至 3 级）", "hospital level (0 unrated, 1 to 3)", maximum=3),
    _yes_no("hospital_public", "是否公立医院", "public hospital"),
    _yes_no("hospital_designated", "是否定点医院", "designated hospital"),
    _yes_no("emergency", "是否紧急就医", "emergency treatment", default=False),
)
_ICD10 = _code("icd10", "ICD-10 诊断编码", "ICD-10 code", r"[A-Z]\d{2}(\.[0-9A-Z+]{1,7})?", "C18.7")
_STAY = (
    _date("admission_date", "入院或就诊日期", "date of admission or visit", required=True),
    _date("discharge_date", "出院日期", "date of discharge"),
)
_BILL = (
    _choice(
        "bill_kind",
        "票据类别",
        "kind of bill",
        ("inpatient", "住院", "inpatient"),
        ("outpatient", "门诊", "outpatient"),
        required=True,
    ),
    _code("bill_code", "票据代码", "bill code", r"[0-9A-Z-]{4,20}", "11060124", required=True),
    _code("bill_number", "票据号码", "bill number", r"[0-9A-Z-]{4,20}", "0012345678", required=True),
    _amount("bill_total", "医疗费总额", "bill total", required=True, minimum=1),
    _amount("self_expense", "目录外自费金额", "self-expense outside the catalogue", default=0),
    _amount("fund_paid", "医保统筹支付", "paid by the social insurance fund", default=0),
    _amount("account_paid", "个人账户支付", "paid from the personal account", default=0),
    _amount(
        "other_payers_paid", "其他途径已补偿（非商业保险）", "paid by others (not commercial insurance)", default=0
    ),
    _amount("commercial_paid", "商业保险已赔付", "paid by commercial insurance", default=0),
    _yes_no("si_settled", "是否已按医保结算", "settled through social insurance", required=True),
    _date("stay_admission", "对应住院的入院日期", "admission of the stay an outpatient bill belongs to"),
    _date("stay_discharge", "对应住院的出院日期", "discharge of the stay an outpatient bill belongs to"),
)
_ILLNESS = (
    _date("diagnosis_date", "首次确诊日期", "date of first diagnosis", required=True),
    _yes_no("accident", "是否意外所致", "caused by an accident", default=False),
    _date("accident_date", "事故日期", "date of the accident"),
    _choice(
        "illness",
        "重大疾病种类",
        "listed illness",
        *((illness, name.zh, name.en) for illness, name in CRITICAL_ILLNESSES.items()),
    ),
    _ICD10,
    *_only_for(
        "malignant_tumour intracranial_tumour",
        _code("icdo_morphology", "ICD-O-3 形态学编码", "ICD-O-3 morphology", r"\d{4}/[012369]", "8140/3"),
    ),
    *_only_for(
        "malignant_tumour",
        _yes_no("pathology_present", "是否有病理报告", "pathology report present", default=False),
        _stage("tnm_t", "T", "TX", "T0", "Tis", *_SUBSTAGES),
        _stage(
            "tnm_n", "N", "NX", "N0", "N1", "N1a", "N1b", "N1c", "N2", "N2a", "N2b", "N2c", "N3", "N3a", "N3b", "N3c"
        ),
        _stage("tnm_m", "M", "M0", "M1", "M1a", "M1b", "M1c"),
    ),
    *_only_for(
        "myocardial_infarction",
        _yes_no("infarction_proven", "是否确诊急性心肌梗死", "acute myocardial infarction is proven"),
        _number(
            "troponin_multiple",
            "肌钙蛋白为正常上限的倍数",
            "troponin, multiple of the upper limit",
            maximum=100_000,
            scale=2,
        ),
        _number(
            "ckmb_multiple", "CK-MB 为正常上限的倍数", "CK-MB, multiple of the upper limit", maximum=10_000, scale=2
        ),
        _number("lvef_percent", "左室射血分数（%）", "left ventricular ejection fraction (%)", maximum=100, scale=1),
        _number("lvef_weeks", "测定射血分数距发病周数", "weeks from onset to that measurement", maximum=520),
        _yes_no("infarction_complication", "是否有所列并发症", "a listed complication is present"),
    ),
    *_only_for(
        "stroke_sequelae chronic_kidney_failure paralysis speech_loss",
        _date(
            "condition_since",
            "状态起始日期",
            "condition has lasted since",
            note=Bilingual(
                "确诊或丧失功能之日；肾衰竭为首次规律透析之日",
                "the day of diagnosis or loss; kidney failure: the first regular dialysis",
            ),
        ),
        _date("condition_assessed", "状态评估日期", "date on which the condition was assessed"),
    ),
    *_only_for(
        "stroke_sequelae",
        _number("limb_strength", "最弱一肢的肌力（0 至 5 级）", "strength of the weakest limb (0 to 5)", maximum=5),
    ),
    *_only_for(
        "paralysis", _number("weak_limbs", "肌力 2 级及以下的肢体数", "limbs with a strength of 2 or less", maximum=4)
    ),
    *_only_for("stroke_sequelae speech_loss", _yes_no("speech_lost", "是否丧失语言能力", "speech is lost")),
    *_only_for(
        "speech_loss", _yes_no("vocal_cords_removed", "是否因声带切除所致", "caused by removal of the vocal cords")
    ),
    *_only_for(
        "stroke_sequelae motor_neurone_disease",
        _yes_no("swallowing_lost", "是否丧失咀嚼或吞咽能力", "chewing or swallowing is lost"),
        _number(
            "adl_lost",
            "六项日常活动中不能自理的项数",
            "daily activities, of six, that need another's help",
            maximum=6,
        ),
    ),
    *_only_for(
        "coronary_bypass", _yes_no("pericardium_opened", "手术是否切开心包", "the operation opened the pericardium")
    ),
    *_only_for("heart_valve_surgery", _yes_no("heart_opened", "手术是否切开心脏", "the operation opened the heart")),
    *_only_for("coronary_bypass heart_valve_surgery", _yes_no("by_catheter", "是否经导管介入完成", "done by catheter")),
    *_only_for(
        "chronic_kidney_failure",
        _number(
            "ckd_stage",
            "慢性肾脏病分期（1 至 5 期）",
            "stage of chronic kidney disease (1 to 5)",
            minimum=1,
            maximum=5,
        ),
        _yes_no("regular_dialysis", "是否规律透析", "dialysis is regular"),
    ),
    *_only_for(
        "intracranial_tumour",
        _yes_no("tumour_imaged", "颅内肿瘤是否经影像证实", "imaging shows the intracranial tumour"),
        _yes_no(
            "intracranial_effect",
            "是否颅内压增高或神经功能缺损",
            "raised intracranial pressure or a neurological deficit",
        ),
        _yes_no(
            "resected_or_irradiated", "是否已开颅切除或放射治疗", "resected by craniotomy, or treated by radiotherapy"
        ),
    ),
    *_only_for("deep_coma", _number("gcs", "格拉斯哥昏迷评分", "Glasgow coma score", minimum=3, maximum=15)),
    *_only_for(
        "deep_coma motor_neurone_disease",
        _number("ventilator_hours", "持续使用呼吸机小时数", "hours on a ventilator without a break", maximum=100_000),
    ),
    *_only_for(
        "deafness",
        _number("hearing_db", "较好耳听阈（分贝）", "hearing threshold of the better ear (dB)", maximum=200, scale=1),
    ),
    *_only_for(
        "blindness",
        _number("visual_acuity", "较好眼矫正视力", "corrected acuity of the better eye", maximum=3, scale=3),
        _number(
            "visual_field_degrees",
            "较好眼视野半径（度）",
            "field radius of the better eye (degrees)",
            maximum=90,
            scale=1,
        ),
    ),
    *_only_for(
        "third_degree_burns",
        _number(
            "third_degree_percent",
            "Ⅲ度烧伤面积（体表 %）",
            "third-degree burns (% of body surface)",
            maximum=100,
            scale=1,
        ),
    ),
    *_only_for(
        "pulmonary_hypertension",
        _number(
            "nyha_class", "心功能分级（NYHA 1 至 4 级）", "heart function class (NYHA 1 to 4)", minimum=1, maximum=4
        ),
        _number(
            "mpap_mmhg",
            "平均肺动脉压（毫米汞柱）",
            "mean pulmonary artery pressure (mmHg)",
            maximum=300,
            scale=1,
        ),
    ),
)
_DEATH = (
    _date("death_date", "身故日期", "date of death", required=True),
    _yes_no("suicide", "是否自杀", "suicide", default=False),
    _yes_no("suicide_incapable", "自杀时无民事行为能力", "without civil capacity at the suicide"),
)
_ACCIDENT_DATE = _date("accident_date", "事故日期", "date of the accident", required=True)
_DISABILITY = (
    _yes_no("accident", "是否意外所致", "caused by an accident", required=True),
    _date("accident_date", "事故日期", "date of the accident"),
    _date("assessment_date", "伤残评定日期", "date of the disability assessment", required=True),
    FieldSpec(
        key="disability_grades",
        kind=FieldKind.NUMBERS,
        label=Bilingual("各处伤残等级", "disability grades found"),
        help=Bilingual("每处 1 至 10 级，用逗号隔开，例如 8,8,9", "1 to 10 each, separated by commas, such as 8,8,9"),
        required=True,
        minimum=1,
        maximum=10,
    ),
    _yes_no(
        "earlier_disability_included",
        "本次评定含既往伤残",
        "the assessment includes an earlier disability",
        default=False,
    ),
    _amount("earlier_disability_paid", "既往伤残已付金额", "paid for the earlier disability", default=0),
    _yes_no("insured_died", "被保险人已因同一事故身故", "the insured has died of the same accident", default=False),
)

_ALWAYS = (DateOrder("insured.birth_date", "case.loss_date"),)
_ACCIDENT_DATE_WHEN = NeededWhen("accident_date", "accident", True)
_ILLNESS_RELATIONS = (
    _ACCIDENT_DATE_WHEN,
    DateOrder("accident_date", "diagnosis_date"),
    DateOrder("condition_since", "condition_assessed"),
)
_STAY_ORDER = (DateOrder("admission_date", "discharge_date"),)
_AFTER_ACCIDENT = (DateOrder("accident_date", "admission_date"),)
_DISCHARGED = (NeededWhen("discharge_date", "bill_kind", "inpatient"),)
_BILL_SUMS = (
    SumWithin(("fund_paid", "other_payers_paid", "commercial_paid"), "bill_total"),
    SumWithin(("self_expense",), "bill_total"),
    # The personal account pays out of the patient's own part, so it stays within what the fund leaves.
    SumWithin(("fund_paid", "account_paid"), "bill_total"),
    DateOrder("stay_admission", "stay_discharge"),
)


def _form(
    claim_type: ClaimType,
    fields: tuple[FieldSpec, ...],
    relations: tuple[DateOrder | SumWithin | NeededWhen, ...] = (),
    constants: dict[str, FactValue] | None = None,
) -> Form:
    return Form(
        claim_type=claim_type,
        fields=(*_CASE, *_PEOPLE, *fields, *_DOUBT, *_PAYEE),
        relations=(*_ALWAYS, *relations),
        constants=constants or {},
    )


FORMS: dict[ClaimType, Form] = {
    ClaimType.ACCIDENT_MEDICAL: _form(
        ClaimType.ACCIDENT_MEDICAL,
        (_ACCIDENT_DATE, *_STAY, *_BILL, *_HOSPITAL, _ICD10),
        (*_STAY_ORDER, *_AFTER_ACCIDENT, *_DISCHARGED, *_BILL_SUMS),
        {"accident": True},
    ),
    ClaimType.ILLNESS_MEDICAL: _form(
        ClaimType.ILLNESS_MEDICAL,
        (
            _date("diagnosis_date", "首次确诊日期", "date of first diagnosis", required=True),
            *_STAY,
            *_BILL,
            *_HOSPITAL,
            _ICD10,
        ),
        (*_STAY_ORDER, *_DISCHARGED, *_BILL_SUMS, DateOrder("diagnosis_date", "discharge_date")),
        {"accident": False},
    ),
    ClaimType.CRITICAL_ILLNESS: _form(ClaimType.CRITICAL_ILLNESS, _ILLNESS, _ILLNESS_RELATIONS),
    ClaimType.DISABILITY: _form(
        ClaimType.DISABILITY, _DISABILITY, (_ACCIDENT_DATE_WHEN, DateOrder("accident_date", "assessment_date"))
    ),
    ClaimType.ACCIDENT_DEATH: _form(
        ClaimType.ACCIDENT_DEATH,
        (_ACCIDENT_DATE, *_DEATH),
        (DateOrder("accident_date", "death_date"), NeededWhen("suicide_incapable", "suicide", True, otherwise=False)),
        {"accident": True},
    ),
    ClaimType.ILLNESS_DEATH: _form(
        ClaimType.ILLNESS_DEATH,
        (_date("diagnosis_date", "首次确诊日期", "date of first diagnosis"), *_DEATH, _ICD10),
        (DateOrder("diagnosis_date", "death_date"), NeededWhen("suicide_incapable", "suicide", True, otherwise=False)),
        {"accident": False},
    ),
    ClaimType.PREMIUM_WAIVER: _form(ClaimType.PREMIUM_WAIVER, _ILLNESS, _ILLNESS_RELATIONS),
    ClaimType.DIRECT_SETTLEMENT: _form(
        ClaimType.DIRECT_SETTLEMENT,
        (*_CAUSE, *_STAY, *_BILL, *_HOSPITAL, _ICD10),
        (_ACCIDENT_DATE_WHEN, *_STAY_ORDER, *_AFTER_ACCIDENT, *_DISCHARGED, *_BILL_SUMS),
    ),
    ClaimType.HOSPITAL_CASH: _form(
        ClaimType.HOSPITAL_CASH,
        (
            *_CAUSE,
            _date("admission_date", "入院日期", "date of admission", required=True),
            _date("discharge_date", "出院日期", "date of discharge", required=True),
            *_HOSPITAL,
            _ICD10,
        ),
        (_ACCIDENT_DATE_WHEN, *_STAY_ORDER, *_AFTER_ACCIDENT, NeededWhen("diagnosis_date", "accident", False)),
    ),
}


def form_for(claim_type: ClaimType) -> Form:
    """Return the form of a claim type."""
    return FORMS[claim_type]
