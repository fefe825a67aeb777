"""One field is one thing everywhere: forms and papers choose from the same definitions, told in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

import resources
from claims import paper_definitions as parts
from claims.errors import Bilingual
from claims.field_catalogue import field_of
from claims.form_definitions import FIELDS, FORMS
from claims.form_fields import DateOrder, FieldKind, FieldSpec, Validated
from claims.form_validation import longest_text, validate_fields
from claims.paper_definitions import PaperDefinition

PAPERS = sorted(resources.path("papers").glob("*.json"))
SHARED = sorted(resources.path("papers").glob("*/*.json"))
FORM_FILES = sorted(resources.path("forms").glob("*.json"))
_KEY = re.compile(r"\{([^{}]*)\}")
_TYPED_IN_WORDS = (FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.NAME)


def paper_at(path: Path) -> PaperDefinition:
    return msgspec.json.decode(path.read_bytes(), type=PaperDefinition, strict=True)


def inside(value: object) -> Iterator[object]:
    """Yield the value and everything in it."""
    yield value
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from inside(getattr(value, name))
    elif isinstance(value, tuple):
        for each in value:
            yield from inside(each)
    elif isinstance(value, dict):
        yield from inside(tuple(value.values()))


def printed_keys(paper: PaperDefinition) -> Iterator[str]:
    """Every key that some part of the paper prints, in a place of its own or within its words."""
    for each in inside(msgspec.structs.replace(paper, fields=())):
        match each:
            case Bilingual():
                yield from _KEY.findall(each.zh)
                yield from _KEY.findall(each.en)
            case parts.Facts(fields=fields):
                yield from fields
            case parts.Table(columns=columns, total=total):
                yield from (column.key for column in columns)
                yield from () if total is None else (total,)
            case parts.Amount(field=key, besides=besides):
                yield from (key, *besides)
            case parts.Ticks(field=key):
                yield key
            case parts.SignatureLine(name=str() as key):
                yield key


def told_in_both(words: Bilingual) -> bool:
    return bool(words.zh.strip()) and bool(words.en.strip())


def check_field(field: FieldSpec) -> None:
    assert told_in_both(field.label), field.key
    assert told_in_both(field.title), field.key
    assert bool(field.hint.zh) == bool(field.hint.en), field.key
    assert field.unit is None or told_in_both(field.unit), field.key
    assert all(told_in_both(choice.label) for choice in field.choices), field.key
    assert bool(field.choices) == (field.kind is FieldKind.CHOICE), field.key
    assert len({choice.value for choice in field.choices}) == len(field.choices), field.key
    assert field.kind is not FieldKind.CODE or (field.pattern and re.fullmatch(field.pattern, field.example)), field.key
    assert field.kind not in _TYPED_IN_WORDS or longest_text(field) >= (field.minimum or 0), field.key


def test_every_field_of_a_form_says_what_it_is_in_both_languages() -> None:
    for form in FORMS.values():
        for field in form.fields:
            check_field(field)


def test_a_form_changes_only_whether_and_under_which_words_a_field_is_asked() -> None:
    for form in FORMS.values():
        for field in form.fields:
            base = FIELDS[field.key]
            same = msgspec.structs.replace(field, required=base.required, default=base.default, label=base.label)
            assert same == base, field.key


def test_a_key_is_defined_once_among_the_forms() -> None:
    keys = [field["key"] for path in FORM_FILES for field in msgspec.json.decode(path.read_bytes()).get("fields", ())]
    assert len(keys) == len(set(keys)) == len(FIELDS)
    named = set(msgspec.json.decode(resources.path("forms", "claim_types.json").read_bytes())["groups"])
    assert named == {path.stem for path in FORM_FILES} - {"claim_types"}


def test_every_field_is_asked_by_some_form() -> None:
    assert set(FIELDS) == {field.key for form in FORMS.values() for field in form.fields}


def test_every_file_of_forms_names_its_source() -> None:
    for path in FORM_FILES:
        content = msgspec.json.decode(path.read_bytes())
        assert content["about"], path.name
        assert content["source"], path.name


def test_a_misspelt_definition_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="lable"):
        msgspec.json.decode(
            b'{"key": "x", "kind": "text", "label": {"zh": "x", "en": "x"}, "lable": 1}', type=FieldSpec
        )
    with pytest.raises(msgspec.ValidationError, match="till"):
        msgspec.json.decode(b'{"rule": "date_order", "earlier": "a", "later": "b", "till": "c"}', type=DateOrder)


def test_a_fields_own_example_passes() -> None:
    shown = [field for field in FIELDS.values() if field.example]
    assert shown
    for field in shown:
        found = validate_fields((field,), {field.key: field.example}, date(2026, 11, 22))
        assert isinstance(found, Validated), found


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_a_paper_prints_only_fields_that_are_defined(path: Path) -> None:
    paper = paper_at(path)
    assert paper.paper.value == path.stem
    for key in printed_keys(paper):
        field_of(paper, key)


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_a_papers_own_fields_are_nobody_elses(path: Path) -> None:
    paper = paper_at(path)
    own = [field.key for field in paper.fields]
    assert len(own) == len(set(own))
    assert not set(own) & FIELDS.keys()
    for field in paper.fields:
        check_field(field)
    shared = {field.key for other in SHARED for field in shared_fields(other)}
    assert not set(own) & shared, "what several papers print stands among the shared fields"


def shared_fields(path: Path) -> tuple[FieldSpec, ...]:
    return msgspec.json.decode(path.read_bytes(), type=tuple[FieldSpec, ...])


def test_what_papers_share_is_no_field_of_a_form() -> None:
    for path in SHARED:
        fields = shared_fields(path)
        assert not {field.key for field in fields} & FIELDS.keys()
        for field in fields:
            check_field(field)


def test_two_papers_mean_the_same_by_a_key() -> None:
    meant: dict[str, FieldSpec] = {}
    for path in PAPERS:
        for field in paper_at(path).fields:
            same = msgspec.structs.replace(field, required=False, default=None, only_for=None, help=Bilingual("", ""))
            assert meant.setdefault(field.key, same) == same, f"{field.key} on {path.stem}"
