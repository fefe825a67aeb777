"""Amounts in capitals: the published vectors, and that every text reads back to its fen."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.capitals import LARGEST_FEN, amount_in_capitals
from claims.errors import InputError

VECTORS = [
    (123456, "壹仟贰佰叁拾肆元伍角陆分"),
    (140950, "壹仟肆佰零玖元伍角整"),
    (600714, "陆仟零柒元壹角肆分"),
    (1640902, "壹万陆仟肆佰零玖元零贰分"),
    (32504, "叁佰贰拾伍元零肆分"),
    (104838, "壹仟零肆拾捌元叁角捌分"),
    (25000000, "贰拾伍万元整"),
    (10000000500, "壹亿零伍元整"),
    (648824, "陆仟肆佰捌拾捌元贰角肆分"),
    (0, "零元整"),
    (5, "伍分"),
    (50, "伍角整"),
    (1000, "壹拾元整"),
    (1005, "壹拾元零伍分"),
    (10000 * 100, "壹万元整"),
    (10001000 * 100, "壹仟万壹仟元整"),
    (120000300 * 100, "壹亿贰仟万零叁佰元整"),
    (99999999999, "玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    (1_000_000_000_100 * 100, "壹万亿零壹佰元整"),
    (1_010_000_000_000 * 100, "壹万零壹佰亿元整"),
    (LARGEST_FEN, "壹拾万亿元整"),
]

_DIGIT = {character: value for value, character in enumerate("零壹贰叁肆伍陆柒捌玖")}
_PLACE = {"拾": 10, "佰": 100, "仟": 1000}


def _whole(text: str) -> int:
    """Read a whole number, splitting at the largest unit: another way than the writer's."""
    for unit, value in (("亿", 10**8), ("万", 10**4)):
        if unit in text:
            high, low = text.rsplit(unit, 1)
            return _whole(high) * value + _whole(low)
    total = digit = 0
    for character in text:
        if character in _PLACE:
            total += digit * _PLACE[character]
            digit = 0
        else:
            digit = _DIGIT[character]
    return total + digit


def read_capitals(text: str) -> int:
    """Return the fen that a text in capitals says."""
    text = text.removesuffix("整")
    yuan, _, cents = text.rpartition("元") if "元" in text else ("", "", text)
    fen = _whole(yuan) * 100
    for character, following in pairwise(cents):
        if following in "角分":
            fen += _DIGIT[character] * (10 if following == "角" else 1)
    return fen


@pytest.mark.parametrize(("amount_fen", "text"), VECTORS)
def test_published_vectors(amount_fen: int, text: str) -> None:
    assert amount_in_capitals(amount_fen) == text


def test_both_conventions_after_jiao() -> None:
    assert amount_in_capitals(140950) == "壹仟肆佰零玖元伍角整"
    assert amount_in_capitals(140950, whole_after_jiao=False) == "壹仟肆佰零玖元伍角"
    for amount_fen in (140900, 140952):
        assert amount_in_capitals(amount_fen) == amount_in_capitals(amount_fen, whole_after_jiao=False)


@given(st.integers(0, LARGEST_FEN) | st.integers(0, 10**6) | st.integers(0, 10**13).map(lambda yuan: yuan * 100))
@settings(max_examples=400)
def test_every_text_reads_back_to_its_fen(amount_fen: int) -> None:
    text = amount_in_capitals(amount_fen)
    assert read_capitals(text) == amount_fen
    assert "零零" not in text
    assert not text.startswith("零") or amount_fen == 0
    assert text.endswith("分") == (amount_fen % 10 != 0)


def test_zeros_around_every_place() -> None:
    for high in range(14):
        for low in range(high + 1):
            amount_fen = (10**high + 10**low) * 10
            assert read_capitals(amount_in_capitals(amount_fen)) == amount_fen


@pytest.mark.parametrize(
    ("amount_fen", "code"),
    [(-1, "amount_negative"), (-648824, "amount_negative"), (LARGEST_FEN + 1, "amount_too_large")],
)
def test_absurd_amounts_are_refused_in_words(amount_fen: int, code: str) -> None:
    with pytest.raises(InputError) as caught:
        amount_in_capitals(amount_fen)
    assert caught.value.code == code
    assert str(amount_fen) in caught.value.cause.zh
    assert caught.value.next_step.zh
    assert caught.value.next_step.en
