"""Fields that belong to no claim form, such as a paper's: checked like those of a form, typed or already checked."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.errors import Bilingual
from claims.form_definitions import FORMS, validate
from claims.form_fields import Choice, DateOrder, FactValue, FieldKind, FieldProblem, FieldSpec, Validated
from claims.form_validation import validate_fields
from claims.materials import ClaimType

TODAY = date(2026, 11, 22)


def spec(kind: FieldKind, key: str = "x", **rest: object) -> FieldSpec:
    return FieldSpec(key=key, kind=kind, label=Bilingual("询问内容", "questions"), **rest)  # type: ignore[arg-type]


def read(field: FieldSpec, entered: FactValue) -> FactValue | None:
    found = validate_fields((field,), {field.key: entered}, TODAY)
    assert isinstance(found, Validated), found
    return found.values.get(field.key)


def refused(field: FieldSpec, entered: FactValue) -> FieldProblem:
    found = validate_fields((field,), {field.key: entered}, TODAY)
    assert not isinstance(found, Validated), found
    assert len(found) == 1
    assert found[0].sentence.zh
    assert found[0].sentence.en
    return found[0]


def test_a_long_text_keeps_its_lines_and_loses_blanks_at_their_ends() -> None:
    typed = "  问：何时出险？ \r\n答：三月一日。\t\r\r\n\u2029完\n\n"
    assert read(spec(FieldKind.LONG_TEXT), typed) == "问：何时出险？\n答：三月一日。\n\n\n完"


def test_the_length_of_a_long_text_is_told_in_numbers() -> None:
    short = spec(FieldKind.LONG_TEXT, minimum=5, maximum=10)
    assert read(short, "一二三四五\n七八九十") == "一二三四五\n七八九十"
    assert refused(short, "好" * 11).code == "text_too_long"
    assert "11" in refused(short, "好" * 11).sentence.zh
    assert refused(short, "好").code == "text_too_short"
    assert "5" in refused(short, "好").sentence.en
    assert read(spec(FieldKind.LONG_TEXT), "好" * 4000) == "好" * 4000
    assert refused(spec(FieldKind.LONG_TEXT), "好" * 4001).code == "text_too_long"
    assert refused(spec(FieldKind.LONG_TEXT), "a\x00b").code == "text_character"
    assert read(short, "") is None
    assert refused(spec(FieldKind.LONG_TEXT, required=True), " \n ").code == "missing"


def test_nobody_types_an_instant() -> None:
    printed_at = spec(FieldKind.INSTANT, required=True)
    empty = validate_fields((printed_at,), {}, TODAY)
    assert isinstance(empty, Validated)
    assert empty.values == {}
    assert refused(printed_at, "2026-11-22T02:00:00Z").code == "unknown_field"


def test_what_a_check_returned_passes_the_next_check_unchanged() -> None:
    fields = (
        spec(FieldKind.AMOUNT, "paid", maximum=100_00),
        spec(FieldKind.YES_NO, "agreed", required=True),
        spec(FieldKind.NUMBERS, "grades", minimum=1, maximum=10),
        spec(FieldKind.DATE, "day"),
        spec(FieldKind.CHOICE, "way", choices=(Choice("cash", Bilingual("现金", "cash")),)),
        spec(FieldKind.LONG_TEXT, "told"),
    )
    typed = {"paid": "12.30", "agreed": "否", "grades": "8，8", "day": "20261101", "way": "现金", "told": "一\n二"}
    once = validate_fields(fields, typed, TODAY)
    assert isinstance(once, Validated)
    assert once.values["paid"] == 1230
    assert validate_fields(fields, once.values, TODAY) == once


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FieldKind.TEXT, True),
        (FieldKind.AMOUNT, True),
        (FieldKind.YES_NO, 1),
        (FieldKind.NUMBER, 3),
        (FieldKind.DATE, 20261122),
        (FieldKind.AMOUNT, ["1"]),
    ],
)
def test_a_value_of_another_kind_is_refused(kind: FieldKind, value: FactValue) -> None:
    assert refused(spec(kind), value).code == "value_of_another_kind"


ANY_VALUE = st.one_of(
    st.booleans(), st.integers(), st.text(max_size=12), st.lists(st.booleans() | st.integers() | st.text(max_size=5))
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(FieldKind)), ANY_VALUE)
def test_no_value_whatever_breaks_a_field(kind: FieldKind, value: FactValue) -> None:
    field = spec(kind, choices=(Choice("a", Bilingual("甲", "a")),), pattern="[a-z]+")
    found = validate_fields((field,), {field.key: value}, TODAY)
    if isinstance(found, Validated):
        assert validate_fields((field,), found.values, TODAY) == found
    else:
        assert all(one.sentence.zh and one.sentence.en for one in found)


def test_a_checked_sum_is_held_to_the_bounds_too() -> None:
    assert refused(spec(FieldKind.AMOUNT, minimum=100), 99).code == "amount_too_small"
    assert refused(spec(FieldKind.AMOUNT, maximum=100), 101).code == "amount_too_large"


def test_fields_without_a_form_may_be_related() -> None:
    fields = (spec(FieldKind.DATE, "from"), spec(FieldKind.DATE, "to"))
    entered = {"from": "2026-11-02", "to": "2026-11-01"}
    found = validate_fields(fields, entered, TODAY, relations=(DateOrder("from", "to"),))
    assert not isinstance(found, Validated)
    assert [(one.key, one.code) for one in found] == [("to", "date_order")]


def test_another_persons_id_number_tells_their_birth_and_sex_too() -> None:
    fields = (
        spec(FieldKind.ID_NUMBER, "agent.id_number"),
        spec(FieldKind.DATE, "agent.birth_date"),
    )
    entered = {"agent.id_number": "990101197809300159", "agent.birth_date": "1978-09-29"}
    found = validate_fields(fields, entered, TODAY)
    assert not isinstance(found, Validated)
    assert [(one.key, one.code) for one in found] == [("agent.birth_date", "birth_clash")]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(ClaimType)), st.data())
def test_checked_values_of_every_form_stay_what_they_are(claim_type: ClaimType, data: st.DataObject) -> None:
    form = FORMS[claim_type]
    values: dict[str, FactValue] = {}
    for field in form.fields:
        if field.kind is FieldKind.CHOICE:
            values[field.key] = data.draw(st.sampled_from([one.value for one in field.choices]))
        elif field.kind is FieldKind.AMOUNT:
            values[field.key] = data.draw(st.integers(field.minimum or 0, field.maximum))
        elif field.kind is FieldKind.YES_NO:
            values[field.key] = data.draw(st.booleans())
        elif field.kind is FieldKind.DATE:
            values[field.key] = data.draw(st.dates(date(2020, 1, 1), TODAY)).isoformat()
        elif field.kind is FieldKind.LONG_TEXT:
            values[field.key] = data.draw(st.text("好\n x", max_size=30)).strip()
    alone = tuple(field for field in form.fields if field.key in values)
    once = validate_fields(alone, values, TODAY)
    assert isinstance(once, Validated), once
    assert validate_fields(alone, once.values, TODAY) == once
    whole = validate(form, values, TODAY)
    assert not isinstance(whole, Validated), "names are required and were not entered"
    assert not {one.code for one in whole} - {"missing", "date_order", "sum_exceeds"}
