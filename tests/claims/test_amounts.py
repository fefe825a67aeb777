"""Money in and out of text: exact, or refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.amounts import MAX_AMOUNT_FEN, parse_amount, yuan
from claims.calendar_dates import read_date
from claims.errors import InputError

FULL_WIDTH = {ord(c): ord(c) + 0xFEE0 for c in "0123456789,.-"}


@given(st.integers(0, MAX_AMOUNT_FEN))
def test_what_is_shown_reads_back_to_the_same_fen(amount_fen: int) -> None:
    shown = yuan(amount_fen)
    assert parse_amount(shown) == amount_fen
    assert parse_amount(shown.replace(",", "")) == amount_fen
    assert parse_amount(f"￥ {shown.translate(FULL_WIDTH)} 元") == amount_fen


@pytest.mark.parametrize(
    ("typed", "amount_fen"),
    [
        ("1,234.50", 123450),
        ("1234.5", 123450),
        ("1234.", 123400),
        ("0.07", 7),
        ("0.29", 29),
        ("8210。30", 821030),
        ("人民币12元整", 1200),
        ("1.500", 150),
        ("0007.5", 750),
    ],
)
def test_amounts_as_people_type_them(typed: str, amount_fen: int) -> None:
    assert parse_amount(typed) == amount_fen


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "amount_missing"),
        ("元", "amount_missing"),
        ("1,23", "amount_unreadable"),
        ("12,3456", "amount_unreadable"),
        ("1.234,50", "amount_unreadable"),
        ("1e5", "amount_unreadable"),
        ("NaN", "amount_unreadable"),
        ("一千", "amount_unreadable"),
        ("١٢", "amount_unreadable"),
        ("1 000.005", "amount_too_precise"),
        ("-1", "amount_negative"),
        ("－６．５０", "amount_negative"),
        ("99999999999999999999", "amount_too_large"),
        ("10000000000.01", "amount_too_large"),
        ("1" * 5000, "amount_too_large"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(typed: str, code: str) -> None:
    with pytest.raises(InputError, match=code) as caught:
        parse_amount(typed)
    assert len(caught.value.sentence()) < 200


@given(st.text(max_size=30))
def test_no_text_whatever_breaks_the_reader(text: str) -> None:
    with suppress(InputError):
        assert 0 <= parse_amount(text) <= MAX_AMOUNT_FEN


def test_negative_fen_are_shown_with_a_sign() -> None:
    assert yuan(-150) == "-1.50"
    assert yuan(-5) == "-0.05"


@pytest.mark.parametrize(
    "typed",
    ["2024-02-29", "2024/2/29", "2024.02.29", "2024年2月29日", "20240229", "２０２４－０２－２９", " 2024 - 2 - 29 "],
)
def test_dates_as_people_type_them(typed: str) -> None:
    assert read_date(typed).isoformat() == "2024-02-29"


@pytest.mark.parametrize(
    ("typed", "code", "part"),
    [
        ("", "date_missing", "没有填写"),
        ("24-02-29", "date_pattern", "24-02-29"),
        ("29/02/2024", "date_pattern", "29/02/2024"),
        ("2023-02-29", "date_impossible", "2023 年不是闰年"),
        ("2100-02-29", "date_impossible", "2100 年不是闰年"),
        ("2024-04-31", "date_impossible", "4 月没有 31 日"),
        ("2024-13-01", "date_impossible", "没有 13 月"),
        ("2024-00-01", "date_impossible", "没有 0 月"),
        ("0204-01-01", "date_impossible", "0204"),
    ],
)
def test_what_is_no_date_is_refused_with_its_reason(typed: str, code: str, part: str) -> None:
    with pytest.raises(InputError, match=code) as caught:
        read_date(typed)
    assert part in caught.value.cause.zh
