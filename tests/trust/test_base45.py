"""Base45 against RFC 9285's examples, and no two texts for the same bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust.base45 import decode_base45, encode_base45
from trust.errors import StructureError


@pytest.mark.parametrize(
    ("raw", "text"), [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0")]
)
def test_examples_of_rfc_9285(raw: bytes, text: str) -> None:
    assert encode_base45(raw) == text
    assert decode_base45(text) == raw


@pytest.mark.parametrize("text", ["A", "GGW", ":::", "AAAA", "ab8", "BB８", "5:", "::", "B\n8", "张"])
def test_refused(text: str) -> None:
    with pytest.raises(StructureError):
        decode_base45(text)


@given(raw=st.binary(max_size=100))
def test_round_trip(raw: bytes) -> None:
    assert decode_base45(encode_base45(raw)) == raw


@given(text=st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", max_size=30))
def test_every_accepted_text_is_the_one_text_of_its_bytes(text: str) -> None:
    try:
        raw = decode_base45(text)
    except StructureError:
        return
    assert encode_base45(raw) == text
