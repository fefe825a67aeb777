"""Numbers are given in order and once; wrong digits and swaps are noticed; an empty block says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stdnum.iso7064 import mod_97_10

from claims.errors import BugError, EnvironmentProblem, InputError
from claims.numbering import (
    LOW_WATER,
    check_digits,
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


SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
prefixes = st.from_regex(r"[A-Z0-9]{1,6}(-[A-Z0-9]{1,4}){0,2}", fullmatch=True)
serials = st.integers(0, 999_999)


def test_the_published_vectors() -> None:
    """python-stdnum's own, and by hand: QX is 26 33, so 98 - (263300 mod 97) = 60."""
    assert mod_97_10.calc_check_digits("99991234567890121414") == "90"
    assert check_digits("QX") == f"{98 - 263300 % 97:02d}"
    assert check_digits("0") == "98"


def test_a_number_reads_back() -> None:
    assert format_number("QX07-D3", 142) == "QX07-D3-000142-40"
    found = parse_number(" ｑｘ０７-d3-000142-40 ")
    assert (found.prefix, found.serial, found.text) == ("QX07-D3", 142, "QX07-D3-000142-40")


@given(prefixes, serials)
def test_every_number_reads_back(prefix: str, serial: int) -> None:
    found = parse_number(format_number(prefix, serial))
    assert (found.prefix, found.serial) == (prefix, serial)


def every_wrong_character(number: str) -> Iterator[str]:
    for at, right in enumerate(number):
        yield from (number[:at] + wrong + number[at + 1 :] for wrong in SYMBOLS if wrong != right)


def every_swap(number: str) -> Iterator[str]:
    for at, (one, other) in enumerate(pairwise(number)):
        if one != other:
            yield number[:at] + other + one + number[at + 2 :]


def noticed(wrong: str) -> bool:
    try:
        parse_number(wrong)
    except InputError as problem:
        return problem.code in {"number_check_digits", "number_pattern"}
    return False


@settings(max_examples=60)
@given(prefixes, serials)
@example("X3-3X-S", 33)
@example("B1", 111)
def test_any_wrong_character_and_any_swap_of_neighbours_is_noticed(prefix: str, serial: int) -> None:
    number = format_number(prefix, serial)
    missed = [wrong for wrong in (*every_wrong_character(number), *every_swap(number)) if not noticed(wrong)]
    assert missed == []


def test_what_the_way_of_bank_accounts_would_miss_is_noticed() -> None:
    """There X3 and 3X are both 333."""
    assert mod_97_10.calc_check_digits("X3") == mod_97_10.calc_check_digits("3X")
    assert check_digits("X3") != check_digits("3X")


def test_the_sentence_names_the_expected_digits() -> None:
    with pytest.raises(InputError, match="number_check_digits") as caught:
        parse_number("QX07-D3-000142-04")
    assert "应为 40" in caught.value.cause.zh
    assert "should be 40" in caught.value.cause.en


@pytest.mark.parametrize(
    "text", ["", "QX07", "QX07-D3-142-40", "QX07-D3-000142", "QX07-D3-000142-4", "QX07-D3-0000142-40", "000142-40", "*"]
)
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
