"""Phones and accounts: what is refused names its place, what may be right only warns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.contacts import mask_account, mask_phone, passes_luhn, read_account, read_phone
from claims.errors import InputError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("８６１３８００１３８０００", "13800138000"),
        ("010-62345678", "01062345678"),
        ("+86 10 62345678", "01062345678"),
        ("0837 6222222", "08376222222"),
        ("400-810-0001", "4008100001"),
        ("00852 2345 6789", "+85223456789"),
    ],
)
def test_phones_as_people_write_them(typed: str, kept: str) -> None:
    assert read_phone(typed) == kept


@pytest.mark.parametrize(
    ("typed", "code", "part"),
    [
        ("", "phone_missing", "没有填写"),
        ("1380013800", "phone_length", "10 位"),
        ("138001380000", "phone_length", "12 位"),
        ("1380013800O", "phone_character", "第 11 位"),
        ("12800138000", "phone_pattern", "12800138000"),
        ("62345678", "phone_pattern", "区号"),
    ],
)
def test_wrong_phones_say_what_is_wrong(typed: str, code: str, part: str) -> None:
    with pytest.raises(InputError, match=code) as caught:
        read_phone(typed)
    assert part in caught.value.sentence()


def test_the_published_card_vector_passes_luhn_without_a_warning() -> None:
    account = read_account("6217 0012 3456 7890 122")
    assert (account.number, account.warning) == ("6217001234567890122", None)


def test_a_card_with_a_wrong_digit_warns_and_is_taken() -> None:
    account = read_account("6217001234567890123")
    assert account.number == "6217001234567890123"
    assert account.warning is not None
    assert "0123" in account.warning.zh


def test_a_passbook_warns_and_is_taken() -> None:
    account = read_account("110900001234567")
    assert account.warning is not None
    assert "15 位" in account.warning.zh


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "account_missing"),
        ("62170O1234567890122", "account_character"),
        ("1234567", "account_length"),
        ("1" * 31, "account_length"),
    ],
)
def test_what_is_no_account_at_all_is_refused(typed: str, code: str) -> None:
    with pytest.raises(InputError, match=code):
        read_account(typed)


@given(st.text("0123456789", min_size=15, max_size=18), st.integers(0, 17), st.integers(1, 9))
def test_luhn_notices_any_single_wrong_digit(body: str, place: int, shift: int) -> None:
    number = next(body + digit for digit in "0123456789" if passes_luhn(body + digit))
    place %= len(number)
    assert not passes_luhn(number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :])


def test_masks_keep_the_ends() -> None:
    assert mask_account("6217001234567890122") == "6217***********0122"
    assert mask_account("12345678") == "********"
    assert mask_phone("13800138000") == "138****8000"
    assert mask_phone("110") == "***"
