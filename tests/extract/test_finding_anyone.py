"""Whoever is in the extract is found by any piece of what they are called and numbered by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.reference import ExtractPerson
from headquarters.sample_people import invented_people
from local_db.extract import loading, schema
from local_db.extract.schema import compact, folded
from local_db.extract.search import LocalExtract
from tests.extract.streams import applied, ids, policy, someone

PEOPLE = [
    *invented_people(700),
    someone(1, "阿依古丽·买买提"),
    someone(2, "Anna Müller"),
    someone(3, "欧阳𠅤䶮", date(1999, 9, 9), phone="19999999999"),
    someone(4, "零零", date(2000, 10, 10), phone="10000000002"),
    someone(5, "零一", phone="10000200001"),
]
POLICIES = [
    policy(f"AT-{n % 7} 2026 9901{n % 90 + 10} {n:07d}", f"P{n:08d}", f"P{n * 3 % 700 + 1:08d}", "P1", "P2")
    for n in range(1, 500)
]
EVERYBODY = 100_000


@pytest.fixture(scope="module", params=["one part", "several parts"])
def extract(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalExtract]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "several parts":
            # The format's parts are 65,536 people; smaller ones show the seams between them.
            for module in (schema, loading):
                patch.setattr(module, "PART", 96)
            patch.setattr("local_db.extract.finding.PART", 96)
            patch.setattr(loading, "_PERSONS_A_BUCKET", 64)
            patch.setattr(loading, "_POLICIES_A_LOOKUP", 50)
        made = applied(tmp_path_factory.mktemp("extract"), PEOPLE, POLICIES)
        yield made
        made.close()


def piece(draw: st.DrawFn, text: str, least: int) -> str:
    start = draw(st.integers(0, len(text) - least))
    return text[start : draw(st.integers(start + least, len(text)))]


@st.composite
def person_and_text(draw: st.DrawFn) -> tuple[ExtractPerson, str]:
    person = draw(st.sampled_from(PEOPLE))
    kind = draw(st.sampled_from(["name", "id", "phone", "pinyin", "initials"]))
    if kind == "name":
        return person, piece(draw, person.name, 1)
    if kind == "id":
        return person, piece(draw, person.id_number, 4)
    if kind == "phone":
        return person, piece(draw, person.phone, 4)
    readings = person.pinyin if kind == "pinyin" else person.initials
    if not readings:
        return person, person.name
    reading = draw(st.sampled_from(readings))
    return person, reading[: draw(st.integers(1, len(reading)))]


@settings(max_examples=100, deadline=None)
@given(case=person_and_text())
def test_any_piece_finds_its_person(extract: LocalExtract, case: tuple[ExtractPerson, str]) -> None:
    person, text = case
    if folded(text):
        assert person.person_id in ids(extract.search(text, limit=EVERYBODY))


@settings(max_examples=50, deadline=None)
@given(
    digits=st.integers(4, 11).flatmap(lambda n: st.text("0123456789X", min_size=n, max_size=n))
    | st.text("09", min_size=4, max_size=8)
    | st.sampled_from([each.id_number[n : n + 5] for each in PEOPLE[:40] for n in range(13)])
)
def test_digits_find_exactly_whoever_has_them(extract: LocalExtract, digits: str) -> None:
    expected = {
        each.person_id
        for each in PEOPLE
        if compact(digits) in compact(each.id_number) or compact(digits) in compact(each.phone)
    }
    found = extract.search(digits, limit=EVERYBODY)
    connected = {
        person
        for each in POLICIES
        if folded(each.policy_no).startswith(folded(digits)) or folded(each.policy_no).endswith(folded(digits))
        for person in (each.insured_id, each.policyholder_id, *(one.person_id for one in each.beneficiaries))
    }
    assert set(ids(found)) == expected | connected
    assert len(found) == len(set(ids(found)))


@settings(max_examples=50, deadline=None)
@given(index=st.integers(0, len(POLICIES) - 1), end=st.booleans(), length=st.integers(4, 24))
def test_a_policy_number_finds_everyone_connected(extract: LocalExtract, index: int, end: bool, length: int) -> None:
    wanted = POLICIES[index]
    text = wanted.policy_no[-length:] if end else wanted.policy_no[:length]
    if len(folded(text)) < 4:
        return
    found = set(ids(extract.search(text, limit=EVERYBODY)))
    assert {wanted.insured_id, wanted.policyholder_id, "P1", "P2"} <= found


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=80))
def test_no_text_is_too_strange(extract: LocalExtract, text: str) -> None:
    extract.search(text)


def test_everyone_and_every_policy_comes_back_unchanged(extract: LocalExtract) -> None:
    for person in PEOPLE:
        hit = extract.person(person.person_id)
        assert hit is not None
        assert hit.person == person
        connected = {
            each.policy_no: {
                role
                for role, names in (
                    ("insured", [each.insured_id]),
                    ("policyholder", [each.policyholder_id]),
                    ("beneficiary", [one.person_id for one in each.beneficiaries]),
                )
                if person.person_id in names
            }
            for each in POLICIES
        }
        roles = set().union(*connected.values())
        assert set(hit.roles) == roles
        assert list(hit.policy_nos) == sorted(number for number, found in connected.items() if found)
    assert [extract.policy(each.policy_no) for each in POLICIES] == POLICIES
