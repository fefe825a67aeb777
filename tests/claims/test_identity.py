"""Identity numbers: published vectors, every wrong digit noticed, sentences that name the place, 29 February."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.errors import InputError
from claims.identity import (
    IdType,
    age_on,
    birthday_in,
    check_character,
    mask_id,
    normalised_id,
    read_any_id,
    read_id,
)

TODAY = date(2026, 11, 22)
births = st.dates(date(1900, 1, 1), TODAY)
regions = st.sampled_from(["990101", "110105", "440524", "810000"])


@st.composite
def numbers(draw: st.DrawFn) -> str:
    first = f"{draw(regions)}{draw(births):%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return first + check_character(first)


def refused(text: str, code: str, *parts: str, id_type: IdType = IdType.RESIDENT) -> None:
    with pytest.raises(InputError, match=code) as caught:
        read_id(id_type, text, TODAY)
    for part in parts:
        assert part in caught.value.cause.zh


@pytest.mark.parametrize(
    ("number", "birth", "sex"),
    [
        ("11010519491231002X", date(1949, 12, 31), "female"),
        ("440524188001010014", date(1880, 1, 1), "male"),
        ("990101197809300159", date(1978, 9, 30), "male"),
    ],
)
def test_published_and_invented_vectors_pass(number: str, birth: date, sex: str) -> None:
    found = read_any_id(number, TODAY)
    assert (found.id_type, found.number, found.birth_date, found.sex) == (IdType.RESIDENT, number, birth, sex)


def test_a_wrong_check_digit_names_the_expected_one() -> None:
    refused("110105194912310021", "id_check_digit", "应为 X", "录入的是 1")
    refused("440524188001010015", "id_check_digit", "应为 4", "录入的是 5")


@given(numbers(), st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(number: str, place: int, shift: int) -> None:
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(InputError):
        read_id(IdType.RESIDENT, wrong, TODAY)


@given(numbers(), st.integers(0, 15))
def test_any_two_neighbours_swapped_are_noticed(number: str, place: int) -> None:
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if wrong != number:
        with pytest.raises(InputError):
            read_id(IdType.RESIDENT, wrong, TODAY)


@given(numbers())
def test_width_case_and_spaces_do_not_matter(number: str) -> None:
    typed = f" {number[:6]} {number[6:14]} {number[14:]} ".translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789X"})
    assert read_any_id(typed.lower(), TODAY) == read_any_id(number, TODAY)


def test_problems_name_their_place() -> None:
    refused("", "id_missing")
    refused("1101051949123100", "id_length", "18 位", "16 位")
    refused("99010119780930O159", "id_character", "第 15 位", "O")
    refused("99010119780930015Y", "id_character", "第 18 位", "X")
    refused("990101198513150159", "id_birth_date", "没有 13 月")
    refused("990101198504310159", "id_birth_date", "4 月没有 31 日")
    refused("990101185001010159", "id_birth_date", "1850")
    refused("990101203001010159", "id_birth_future", "2030-01-01", "2026-11-22")


def test_29_february_exists_in_leap_years_only() -> None:
    first = "99010120000229001"
    assert read_any_id(first + check_character(first), TODAY).birth_date == date(2000, 2, 29)
    refused("990101190002290017", "id_birth_date", "1900 年不是闰年")
    refused("990101199902290017", "id_birth_date", "1999 年不是闰年")


def test_born_today_is_fine_and_tomorrow_is_not() -> None:
    today, tomorrow = f"990101{TODAY:%Y%m%d}001", f"990101{TODAY + timedelta(days=1):%Y%m%d}001"
    assert read_any_id(today + check_character(today), TODAY).birth_date == TODAY
    refused(tomorrow + check_character(tomorrow), "id_birth_future")


def test_residence_permits_pass_with_the_same_check_digit() -> None:
    found = read_any_id("810000199408230021", TODAY)
    assert found.id_type is IdType.RESIDENCE_PERMIT
    assert found.birth_date == date(1994, 8, 23)
    refused("810000199408230022", "id_check_digit", id_type=IdType.RESIDENCE_PERMIT)
    refused("990101197809300159", "id_prefix", "99", id_type=IdType.RESIDENCE_PERMIT)


@pytest.mark.parametrize(
    ("text", "id_type"),
    [
        ("H12345678", IdType.HK_MACAO_PERMIT),
        ("m12345678", IdType.HK_MACAO_PERMIT),
        ("12345678", IdType.TAIWAN_PERMIT),
        ("E12345678", IdType.PASSPORT),
        ("EA1234567", IdType.PASSPORT),
        ("C01X00T47", IdType.PASSPORT),
        ("CHN123456789012", IdType.FOREIGN_PERMANENT),
        ("Q123456789", IdType.BIRTH_CERTIFICATE),
    ],
)
def test_other_documents_are_known_by_their_shape(text: str, id_type: IdType) -> None:
    assert read_any_id(text, TODAY).id_type is id_type
    assert read_id(id_type, text, TODAY).number == text.upper()


@pytest.mark.parametrize(
    ("text", "id_type"),
    [
        ("H1234567", IdType.HK_MACAO_PERMIT),
        ("1234567", IdType.TAIWAN_PERMIT),
        ("E123456789", IdType.PASSPORT),
        ("1234567890", IdType.BIRTH_CERTIFICATE),
        ("CH123456789012", IdType.FOREIGN_PERMANENT),
        ("12", IdType.OTHER),
    ],
)
def test_other_documents_of_a_wrong_shape_say_what_is_expected(text: str, id_type: IdType) -> None:
    refused(text, "id_pattern", f"{len(text)} 位", id_type=id_type)


def test_a_permanent_residents_number_of_18_digits_is_computed_like_a_citizens() -> None:
    number = "911124198108030024"
    first = number[:17]
    assert read_id(IdType.FOREIGN_PERMANENT, first + check_character(first), TODAY).birth_date == date(1981, 8, 3)
    wrong = "0" if check_character(first) != "0" else "1"
    refused(first + wrong, "id_check_digit", id_type=IdType.FOREIGN_PERMANENT)


def test_an_old_card_of_15_digits_is_the_same_person() -> None:
    assert normalised_id("110105491231002") == "11010519491231002X"
    assert read_any_id("110105491231002", TODAY).birth_date == date(1949, 12, 31)


def test_masking_hides_the_birth_date() -> None:
    assert mask_id("990101197809300159") == "990101********0159"
    assert mask_id("H12345678") == "H1*****78"
    assert mask_id("123") == "1**"
    assert mask_id("") == ""


@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [
        (date(2014, 6, 2), date(2024, 6, 1), 9),
        (date(2014, 6, 2), date(2024, 6, 2), 10),
        (date(2008, 2, 29), date(2026, 2, 27), 17),
        (date(2008, 2, 29), date(2026, 2, 28), 18),
        (date(2008, 2, 29), date(2024, 2, 28), 15),
        (date(2008, 2, 29), date(2024, 2, 29), 16),
    ],
)
def test_age_is_reached_on_the_birthday_and_29_february_falls_on_the_28th(birth: date, on: date, age: int) -> None:
    assert age_on(birth, on) == age


@given(births, st.integers(0, 110))
def test_everybody_has_one_birthday_a_year(birth: date, years: int) -> None:
    day = birthday_in(birth, birth.year + years)
    assert age_on(birth, day) == years
    assert age_on(birth, day - timedelta(days=1)) == years - 1
