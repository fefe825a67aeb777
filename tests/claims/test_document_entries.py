"""What was typed for a paper is checked by the fields that are printed: all problems at once, nothing guessed, nothing lost."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.document_contents.content import Asked, fields_of, fixed_choice, in_both, said
from claims.document_entries import check_entries, in_typed_places
from claims.document_types import EntriesRefusedError, Row, RowsForm, problem, row_key
from claims.errors import Bilingual
from claims.form_fields import DateOrder, FieldKind
from claims.material_reasons import HOW, WHY
from claims.materials import Material
from claims.paper_definitions import PaperId

TODAY = date(2026, 11, 22)
SUPPLEMENT = Asked(
    fields=fields_of(PaperId.SUPPLEMENT_NOTICE, "supplement.how", "supplement.until"),
    rows=(
        RowsForm(
            key="materials",
            label=Bilingual("需要补充的材料", "Papers still needed"),
            fields=fields_of(PaperId.SUPPLEMENT_NOTICE, "material.name", "material.why", "material.how"),
            least=1,
            most=3,
        ),
    ),
)
HOW_TO: dict[str, str] = {"supplement.how": "交到本站"}
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40
).filter(lambda text: bool(text.strip()))
rows = st.lists(
    st.one_of(
        st.just({}),
        st.fixed_dictionaries({"material.name": texts, "material.why": texts, "material.how": texts}),
    ),
    max_size=5,
)


def codes(asked: Asked, entered: dict[str, str], typed: dict[str, list[Row]]) -> dict[str, str]:
    with pytest.raises(EntriesRefusedError) as caught:
        check_entries(asked, entered, typed, TODAY)
    return {each.key: each.code for each in caught.value.problems}


@settings(max_examples=100, deadline=None)
@given(rows)
def test_rows_keep_their_words_and_their_places(typed: list[Row]) -> None:
    filled = [place for place, row in enumerate(typed) if row]
    if not 1 <= len(filled) <= 3:
        expected = "rows_missing" if not filled else "rows_too_many"
        assert codes(SUPPLEMENT, HOW_TO, {"materials": typed}) == {"materials": expected}
        return
    found = check_entries(SUPPLEMENT, HOW_TO, {"materials": typed}, TODAY)
    assert list(found.places["materials"]) == filled
    again = check_entries(SUPPLEMENT, found.values, found.rows, TODAY)
    assert (again.values, again.rows) == (found.values, found.rows), "what was checked passes unchanged"
    placed = in_typed_places([problem(row_key("materials", 0, "material.why"), "x", "一", "one")], found)
    assert placed[0].key == row_key("materials", filled[0], "material.why")


def test_all_problems_come_at_once_with_their_places() -> None:
    typed: list[Row] = [
        {},
        {"material.name": "病历"},
        {"material.name": "x" * 121, "material.why": "a", "material.how": "b"},
    ]
    assert codes(SUPPLEMENT, {"supplement.until": "2026-13-01", "nonsense": "1"}, {"materials": typed, "more": []}) == {
        "nonsense": "unknown_field",
        "supplement.how": "missing",
        "supplement.until": "date_impossible",
        "more": "unknown_table",
        "materials[1].material.why": "missing",
        "materials[1].material.how": "missing",
        "materials[2].material.name": "text_too_long",
    }


def test_a_problem_in_a_row_says_which_row() -> None:
    with pytest.raises(EntriesRefusedError) as caught:
        check_entries(SUPPLEMENT, HOW_TO, {"materials": [{}, {"material.name": "病历", "material.how": "原件"}]}, TODAY)
    (found,) = caught.value.problems
    assert found.sentence.zh == "需要补充的材料第 2 行，请填写为什么需要。"
    assert found.sentence.en.startswith("Papers still needed, row 2, ")


def test_relations_between_fields_are_held() -> None:
    asked = Asked(
        fields=fields_of(PaperId.POWER_OF_ATTORNEY, "authority.from", "authority.to"),
        relations=(DateOrder("authority.from", "authority.to"),),
    )
    assert codes(asked, {"authority.from": "2026-12-02", "authority.to": "2026-12-01"}, {}) == {
        "authority.to": "date_order"
    }


def test_a_problem_without_a_row_stays_where_it_is() -> None:
    found = check_entries(
        SUPPLEMENT, HOW_TO, {"materials": [{"material.name": "a", "material.why": "b", "material.how": "c"}]}, TODAY
    )
    plain = problem("supplement.how", "x", "一", "one")
    assert in_typed_places([plain], found) == (plain,)


def test_a_choice_of_the_case_takes_only_what_the_case_has() -> None:
    (field,) = fields_of(PaperId.PREPAYMENT_AGREEMENT, "prepay.policy_no")
    choice = fixed_choice(field, ["P-1", "P-2"])
    assert (choice.kind, choice.key, choice.label, choice.required) == (
        FieldKind.CHOICE,
        field.key,
        field.label,
        field.required,
    )
    assert codes(Asked(fields=(choice,)), {"prepay.policy_no": "P-3"}, {}) == {"prepay.policy_no": "choice_unknown"}
    assert fixed_choice(field, ["P-1"]).default == "P-1"


def test_what_was_left_as_proposed_is_printed_in_both_languages() -> None:
    proposed = Bilingual("原件", "the original")
    assert in_both("原件", proposed) == proposed
    assert in_both("原件两份", proposed) == "原件两份"
    assert in_both(None, proposed) is None
    assert said({"a": None, "b": "", "c": [], "d": False, "e": 0, "f": "x"}) == {"d": False, "e": 0, "f": "x"}


@pytest.mark.parametrize("material", list(Material))
def test_every_material_has_a_reason_and_a_way(material: Material) -> None:
    for texts_of in (WHY, HOW):
        assert texts_of[material].zh
        assert texts_of[material].en
