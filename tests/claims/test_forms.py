"""Forms: every problem at once with a sentence; what passes is ready for the rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.form_definitions import FORMS, form_for, validate
from claims.form_fields import DateOrder, FieldKind, FieldProblem, Form, NeededWhen, SumWithin, Validated
from claims.form_validation import asked_fields
from claims.materials import ClaimType
from rules.engine import ElementId, load_pack
from rules.engine.document import PackTest
from rules.tools.sample import sample_pack_bytes

TODAY = date(2026, 11, 22)
FULL_WIDTH = {ord(c): ord(c) + 0xFEE0 for c in "0123456789,.-"}

A6 = {
    "case.loss_date": "2026-03-01",
    "case.loss_place": "清溪县南坝镇",
    "case.loss_region": "511123",
    "insured.name": "周明",
    "insured.id_number": "990101197809300159",
    "accident_date": "2026-03-01",
    "admission_date": "2026-03-01",
    "discharge_date": "2026-03-09",
    "bill_kind": "住院",
    "bill_code": "11060126",
    "bill_number": "0012345678",
    "bill_total": "8,210.30",
    "self_expense": "1,915.80",
    "si_settled": "否",
    "hospital_level": "1",
    "hospital_public": "否",
    "hospital_designated": "否",
    "emergency": "否",
    "payee.name": "周明",
    "payee.account": "6217001234567890122",
}


def good(raw: dict[str, str], claim_type: ClaimType = ClaimType.ACCIDENT_MEDICAL) -> Validated:
    found = validate(form_for(claim_type), raw, TODAY)
    assert isinstance(found, Validated), found
    return found


def bad(raw: dict[str, str], claim_type: ClaimType = ClaimType.ACCIDENT_MEDICAL) -> dict[str, FieldProblem]:
    found = validate(form_for(claim_type), raw, TODAY)
    assert not isinstance(found, Validated)
    for one in found:
        assert one.sentence.zh
        assert one.sentence.en
    return {one.key: one for one in found}


def test_the_disaster_case_passes_to_the_fen() -> None:
    found = good(A6)
    assert found.elements == {
        "accident": True,
        "accident_date": "2026-03-01",
        "admission_date": "2026-03-01",
        "discharge_date": "2026-03-09",
        "bill_kind": "inpatient",
        "bill_code": "11060126",
        "bill_number": "0012345678",
        "bill_total": 821030,
        "self_expense": 191580,
        "fund_paid": 0,
        "account_paid": 0,
        "other_payers_paid": 0,
        "commercial_paid": 0,
        "si_settled": False,
        "hospital_level": "1",
        "hospital_public": False,
        "hospital_designated": False,
        "emergency": False,
        "possible_exclusion": False,
    }
    assert found.text("insured.name") == "周明"
    assert found.day("case.loss_date") == date(2026, 3, 1)
    assert found.warnings == ()


def test_full_width_digits_and_separators_are_the_same() -> None:
    wide = {key: value.translate(FULL_WIDTH) if value.isascii() else value for key, value in A6.items()}
    wide |= {key: A6[key] for key in ("bill_code", "bill_number")}
    assert good(wide).elements == good(A6).elements


def test_every_problem_is_told_at_once_in_the_order_of_the_form() -> None:
    raw = A6 | {
        "bill_total": "-1",
        "accident_date": "2027-01-01",
        "insured.id_number": "990101197809300158",
        "bill_number": "",
    }
    problems = bad(raw)
    assert list(problems) == ["insured.id_number", "accident_date", "bill_number", "bill_total"]
    assert [one.code for one in problems.values()] == ["id_check_digit", "date_future", "missing", "amount_negative"]


@pytest.mark.parametrize(
    ("key", "value", "code", "part"),
    [
        ("bill_total", "-8210.30", "amount_negative", "-8210.30"),
        ("bill_total", "0", "amount_too_small", "0.00"),
        ("bill_total", "82103000", "amount_too_large", "5,000,000.00"),
        ("bill_total", "9" * 30, "amount_too_large", "不合常理"),
        ("bill_total", "8210.305", "amount_too_precise", "3 位小数"),
        ("bill_total", "八千", "amount_unreadable", "八千"),
        ("accident_date", "2026-11-23", "date_future", "2026-11-22"),
        ("accident_date", "2026-02-29", "date_impossible", "2026 年不是闰年"),
        ("discharge_date", "2026-02-28", "date_order", "早于"),
        ("admission_date", "2026-02-28", "date_order", "事故日期 2026-03-01"),
        ("self_expense", "8210.31", "sum_exceeds", "超过"),
        ("fund_paid", "8210.31", "sum_exceeds", "超过"),
        ("hospital_level", "4", "number_out_of_bounds", "0 至 3"),
        ("hospital_level", "1.5", "number_too_precise", "小数"),
        ("hospital_level", "三", "number_unreadable", "三"),
        ("si_settled", "可能", "yes_no_unreadable", "可能"),
        ("bill_kind", "门急诊", "choice_unknown", "门诊"),
        ("icd10", "骨折", "code_pattern", "C18.7"),
        ("case.loss_region", "5111", "region_pattern", "六位"),
        ("insured.name", "周明1", "name_character", "周明1"),
        ("insured.phone", "1380013800", "phone_length", "10 位"),
        ("payee.account", "62170O", "account_character", "第 6 位"),
        ("insured.birth_date", "1978-09-29", "birth_clash", "1978-09-30"),
        ("insured.sex", "女", "sex_clash", "男"),
        ("case.loss_place", "很" * 121, "text_too_long", "121"),
        ("case.loss_place", "a\x00b", "text_character", "控制字符"),
        ("payee.iban", "x", "unknown_field", "payee.iban"),
    ],
)
def test_a_problem_names_its_value(key: str, value: str, code: str, part: str) -> None:
    problems = bad(A6 | {key: value})
    found = next(one for one in problems.values() if one.code == code)
    assert part in found.sentence.zh


def test_the_round_zero_is_a_letter_of_names() -> None:
    assert good(A6 | {"insured.name": "周〇安"}).text("insured.name") == "周〇安"


def test_29_february_is_a_day_in_leap_years_only() -> None:
    leap = A6 | {
        "case.loss_date": "2024-02-29",
        "accident_date": "2024-02-29",
        "admission_date": "2024-02-29",
        "discharge_date": "2024-03-05",
    }
    assert good(leap).day("accident_date") == date(2024, 2, 29)
    assert bad(A6 | {"accident_date": "2025-02-29"})["accident_date"].code == "date_impossible"


def test_today_is_not_in_the_future() -> None:
    today = TODAY.isoformat()
    good(A6 | dict.fromkeys(("case.loss_date", "accident_date", "admission_date", "discharge_date"), today))


def test_an_inpatient_needs_a_discharge_and_an_outpatient_does_not() -> None:
    without = {key: value for key, value in A6.items() if key != "discharge_date"}
    assert bad(without)["discharge_date"].code == "missing"
    good(without | {"bill_kind": "outpatient"})


def test_parts_may_be_the_whole() -> None:
    assert good(A6 | {"fund_paid": "8210.30"}).elements["fund_paid"] == 821_030


def test_an_unreadable_field_is_told_once_even_where_it_is_needed() -> None:
    found = validate(form_for(ClaimType.ACCIDENT_MEDICAL), A6 | {"discharge_date": "昨天"}, TODAY)
    assert not isinstance(found, Validated)
    assert [(one.key, one.code) for one in found] == [("discharge_date", "date_pattern")]


def test_a_card_that_fails_luhn_warns_and_passes() -> None:
    found = good(A6 | {"payee.account": "6217001234567890123"})
    assert [one.key for one in found.warnings] == ["payee.account"]


def test_a_critical_illness_with_its_readings() -> None:
    raw = {
        "case.loss_date": "2026-10-01",
        "case.loss_place": "家中",
        "insured.name": "李阿依古丽·买买提",
        "diagnosis_date": "2026-10-01",
        "icd10": "c18.7",
        "icdo_morphology": "8140/3",
        "illness": "恶性肿瘤",
        "tnm_t": "t1A",
        "pathology_present": "有",
    }
    found = good(raw, ClaimType.CRITICAL_ILLNESS)
    assert found.elements["icd10"] == "C18.7"
    assert found.elements["illness"] == "malignant_tumour"
    assert found.elements["tnm_t"] == "T1a"
    assert found.elements["accident"] is False
    assert bad(raw | {"accident": "是"}, ClaimType.CRITICAL_ILLNESS)["accident_date"].code == "missing"
    readings = {"troponin_multiple": "14.90", "lvef_percent": "49"}
    heart = good(raw | readings | {"illness": "myocardial_infarction"}, ClaimType.CRITICAL_ILLNESS)
    assert heart.elements["troponin_multiple"] == "14.9"
    assert heart.elements["lvef_percent"] == "49"
    # What belongs to another illness is neither asked for nor sent, and was not lost: it is still among the texts.
    assert not {"tnm_t", "pathology_present", "icdo_morphology"} & heart.elements.keys()
    assert not readings.keys() & good(raw | readings, ClaimType.CRITICAL_ILLNESS).elements.keys()


def test_readings_of_another_illness_are_not_even_checked() -> None:
    raw = {
        "case.loss_date": "2026-10-01",
        "case.loss_place": "家中",
        "insured.name": "覃建国",
        "diagnosis_date": "2026-10-01",
        "illness": "深度昏迷",
        "gcs": "5",
        "limb_strength": "九",
        "condition_since": "2026-10-02",
        "condition_assessed": "2026-10-01",
    }
    assert good(raw, ClaimType.CRITICAL_ILLNESS).elements["gcs"] == "5"
    wrong = bad(raw | {"illness": "脑中风后遗症"}, ClaimType.CRITICAL_ILLNESS)
    assert {key: one.code for key, one in wrong.items()} == {
        "limb_strength": "number_unreadable",
        "condition_assessed": "date_order",
    }
    assert "gcs" not in asked_fields(form_for(ClaimType.CRITICAL_ILLNESS), {"illness": "说不清的病"})
    assert "gcs" not in asked_fields(form_for(ClaimType.CRITICAL_ILLNESS), {})


def test_a_part_of_a_form_without_the_deciding_answer_asks_for_all_of_its_fields() -> None:
    form = form_for(ClaimType.CRITICAL_ILLNESS)
    alone = msgspec.structs.replace(form, fields=(form.field("gcs"),), relations=())
    assert asked_fields(alone, {}) == {"gcs"}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_condition_names_a_choice_of_the_same_form_and_its_values(form: Form) -> None:
    for field in form.fields:
        if field.only_for is not None:
            deciding = form.field(field.only_for[0])
            assert deciding.only_for is None
            assert set(field.only_for[1]) <= {one.value for one in deciding.choices}
            assert not field.required, "a part of the form would ask for it without its condition"


SAMPLE = load_pack(sample_pack_bytes())
CLAIMED = ClaimType.CRITICAL_ILLNESS.value
ILLNESS_CASES = [test for test in SAMPLE.tests if test.facts["claim_types"] == (CLAIMED,) and not test.expect.referred]


@pytest.mark.parametrize("test", ILLNESS_CASES, ids=lambda test: test.name)
def test_the_form_asks_for_all_that_the_rules_read_of_a_listed_illness(test: PackTest) -> None:
    """Whatever pays in the pack's own cases can be typed in for its illness, and nothing of it is hidden."""
    asked = asked_fields(form_for(ClaimType.CRITICAL_ILLNESS), {"illness": str(test.facts["illness"])})
    entered = {
        name
        for name in test.facts
        if name != "claim_types" and SAMPLE.elements[ElementId(name)].source in ("document", "adjuster")
    }
    assert entered <= asked


def test_disability_grades_are_a_list() -> None:
    raw = {
        "case.loss_date": "2023-09-02",
        "case.loss_place": "工地",
        "insured.name": "王伟",
        "accident": "是",
        "accident_date": "2023-09-02",
        "assessment_date": "2024-02-29",
        "disability_grades": "8、8，９",
    }
    assert good(raw, ClaimType.DISABILITY).elements["disability_grades"] == ["8", "8", "9"]
    assert (
        bad(raw | {"disability_grades": "8,11"}, ClaimType.DISABILITY)["disability_grades"].code
        == "number_out_of_bounds"
    )
    assert (
        bad(raw | {"disability_grades": ",".join("8" * 21)}, ClaimType.DISABILITY)["disability_grades"].code
        == "numbers_count"
    )


@pytest.mark.parametrize("claim_type", list(ClaimType))
def test_an_empty_form_only_asks_for_what_is_required(claim_type: ClaimType) -> None:
    problems = bad({}, claim_type)
    assert {one.code for one in problems.values()} == {"missing"}
    assert set(problems) == {one.key for one in form_for(claim_type).fields if one.required and one.default is None}


@pytest.mark.parametrize("claim_type", list(ClaimType))
def test_definitions_hold_together(claim_type: ClaimType) -> None:
    form = FORMS[claim_type]
    keys = [one.key for one in form.fields]
    assert len(keys) == len(set(keys))
    for relation in form.relations:
        match relation:
            case DateOrder(earlier=a, later=b):
                named = {a, b}
            case SumWithin(parts=parts, whole=whole):
                named = {*parts, whole}
            case NeededWhen(key=key, other=other):
                named = {key, other} - set(form.constants)
        assert named <= set(keys)
    assert not set(form.constants) & set(keys)


def test_every_element_is_one_of_the_sample_packs_and_within_its_bounds() -> None:
    raw = Path(__file__).parents[2].joinpath("resources/packs/sample/elements.json").read_bytes()
    elements = {one["id"]: one for one in msgspec.json.decode(raw)["elements"]}
    kinds = {
        "money": {FieldKind.AMOUNT},
        "date": {FieldKind.DATE},
        "bool": {FieldKind.YES_NO},
        "number": {FieldKind.NUMBER, FieldKind.NUMBERS},
        "text": {FieldKind.TEXT, FieldKind.CHOICE, FieldKind.CODE},
    }
    for form in FORMS.values():
        assert set(form.constants) <= set(elements)
        for field in form.fields:
            if "." in field.key:
                continue
            spec = elements[field.key]
            assert field.kind in kinds[spec["type"]], field.key
            assert (field.kind is FieldKind.NUMBERS) == bool(spec.get("many")), field.key
            if spec["type"] in ("money", "number"):
                assert field.minimum is not None
                assert field.maximum is not None
                assert Decimal(spec["minimum"]) <= field.minimum
                assert field.maximum <= Decimal(spec["maximum"])
            if spec["type"] == "number":
                assert field.scale <= spec["scale"]


def test_what_a_death_form_does_not_ask_it_answers_itself() -> None:
    raw = {
        "case.loss_date": "2026-03-01",
        "case.loss_place": "清溪县",
        "insured.name": "周明",
        "accident_date": "2026-03-01",
        "death_date": "2026-03-01",
    }
    assert good(raw, ClaimType.ACCIDENT_DEATH).elements["suicide_incapable"] is False
    asked = bad(raw | {"suicide": "是"}, ClaimType.ACCIDENT_DEATH)
    assert asked["suicide_incapable"].code == "missing"
    assert (
        good(raw | {"suicide": "是", "suicide_incapable": "是"}, ClaimType.ACCIDENT_DEATH).elements["suicide_incapable"]
        is True
    )


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(ClaimType)), st.data())
def test_no_text_whatever_breaks_a_form(claim_type: ClaimType, data: st.DataObject) -> None:
    form = form_for(claim_type)
    keys = st.sampled_from([one.key for one in form.fields])
    typed = st.one_of(st.text(max_size=20), st.sampled_from(["-1", "1e9", "2024-02-30", "９９", "是", "0.001", "\x00"]))
    found = validate(form, data.draw(st.dictionaries(keys, typed, max_size=8)), TODAY)
    if not isinstance(found, Validated):
        assert found
        assert all(one.sentence.zh and one.sentence.en for one in found)
