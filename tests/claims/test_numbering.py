"""Numbers are given in order and once; wrong digits and swaps are noticed; an empty block says what to do."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.errors import BugError, EnvironmentProblem, InputError
from claims.numbering import (
    LOW_WATER,
    check_digit,
    format_number,
    next_number,
    numbers_left,
    parse_number,
)
from claims.records import NumberBlock


def block(
    first: int = 1, last: int = 200, used_to: int | None = None, kind: str = "voucher", prefix: str = "QX07-D3"
) -> NumberBlock:
    return NumberBlock(
        kind=kind, prefix=prefix, first=first, last=last, used_to=first - 1 if used_to is None else used_to
    )


prefixes = st.from_regex(r"[A-Z]{2}[0-9]{2}-[A-Z][0-9]{1,2}", fullmatch=True)
serials = st.integers(0, 999_999)


def test_the_published_vector() -> None:
    assert check_digit("572") == "4"
    assert check_digit("") == "0"


def test_the_table_is_totally_anti_symmetric() -> None:
    for a, x, y in product("0123456789", repeat=3):
        if x != y:
            assert check_digit(a + x + y) != check_digit(a + y + x)
            assert check_digit(a + x) != check_digit(a + y)


def test_a_number_reads_back() -> None:
    assert format_number("QX07-D3", 142) == "QX07-D3-000142-9"
    found = parse_number(" ｑｘ０７-d3-000142-9 ")
    assert (found.prefix, found.serial, found.text) == ("QX07-D3", 142, "QX07-D3-000142-9")


@given(prefixes, serials)
def test_every_number_reads_back(prefix: str, serial: int) -> None:
    found = parse_number(format_number(prefix, serial))
    assert (found.prefix, found.serial) == (prefix, serial)


@given(prefixes, serials, st.integers(0, 40), st.integers(1, 9))
def test_any_wrong_digit_is_noticed(prefix: str, serial: int, place: int, shift: int) -> None:
    number = format_number(prefix, serial)
    digits = [at for at, one in enumerate(number) if one.isdigit()]
    at = digits[place % len(digits)]
    wrong = number[:at] + str((int(number[at]) + shift) % 10) + number[at + 1 :]
    with pytest.raises(InputError, match="number_check_digit"):
        parse_number(wrong)


@given(prefixes, serials, st.integers(0, 40))
def test_two_neighbouring_digits_swapped_are_noticed(prefix: str, serial: int, place: int) -> None:
    number = format_number(prefix, serial)
    digits = [at for at, one in enumerate(number) if one.isdigit()]
    a, b = digits[place % (len(digits) - 1)], digits[place % (len(digits) - 1) + 1]
    letters = list(number)
    letters[a], letters[b] = letters[b], letters[a]
    wrong = "".join(letters)
    # Only digits that stand side by side (dashes aside) are neighbours.
    if wrong != number and not number[a + 1 : b].replace("-", ""):
        with pytest.raises(InputError, match="number_check_digit"):
            parse_number(wrong)


def test_wrong_letters_are_noticed_nine_times_out_of_ten() -> None:
    number = format_number("QX07-D3", 142)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    noticed = tried = 0
    for at in (0, 1, 5):
        for letter in letters.replace(number[at], ""):
            tried += 1
            try:
                parse_number(number[:at] + letter + number[at + 1 :])
            except InputError:
                noticed += 1
    assert noticed / tried >= 0.85


def test_the_sentence_names_the_expected_digit() -> None:
    with pytest.raises(InputError) as caught:
        parse_number("QX07-D3-000142-6")
    assert "应为 9" in caught.value.cause.zh


@pytest.mark.parametrize("text", ["", "QX07", "QX07-D3-142-9", "QX07-D3-000142", "QX07-D3-0000142-9", "000142-9", "*"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_number(text)


def test_numbers_of_a_block_come_in_order_without_gaps() -> None:
    used_to = 0
    texts = []
    for _ in range(200):
        found = next_number([block(used_to=used_to)], "voucher")
        assert found.serial == used_to + 1
        used_to = found.serial
        texts.append(found.text)
    assert len(set(texts)) == 200
    with pytest.raises(EnvironmentProblem, match="numbers_exhausted") as caught:
        next_number([block(used_to=used_to)], "voucher")
    assert "QX07-D3-000200" in caught.value.cause.zh
    assert caught.value.retryable


def test_the_next_block_follows_and_other_kinds_are_left_alone() -> None:
    blocks = [block(kind="slip"), block(1, 10, used_to=10), block(501, 600, prefix="QX07-D4")]
    found = next_number(blocks, "voucher")
    assert (found.serial, found.left, found.low_water) == (501, 99, None)
    assert found.text.startswith("QX07-D4-000501-")


def test_low_water_is_said_in_time_and_counts_all_blocks() -> None:
    assert next_number([block(1, LOW_WATER + 2)], "voucher").low_water is None
    warning = next_number([block(1, LOW_WATER + 1)], "voucher").low_water
    assert warning is not None
    assert str(LOW_WATER) in warning.zh
    assert next_number([block(1, 5), block(6, 100)], "voucher").low_water is None


def test_without_any_block_the_sentence_says_so() -> None:
    with pytest.raises(EnvironmentProblem, match="numbers_exhausted") as caught:
        next_number([], "slip")
    assert "本机没有号段" in caught.value.cause.zh


def test_a_block_from_zero_starts_at_zero() -> None:
    assert numbers_left(block(0, 9)) == 10
    assert next_number([block(0, 9)], "voucher").serial == 0


@pytest.mark.parametrize(
    ("prefix", "serial"), [("qx07", 1), ("", 1), ("A B", 1), ("A*", 1), ("QX07", -1), ("QX07", 10**9)]
)
def test_a_block_that_cannot_be_printed_is_our_bug(prefix: str, serial: int) -> None:
    with pytest.raises(BugError, match="number_block_invalid"):
        format_number(prefix, serial)
