"""The strict look at CBOR: what a lenient decoder would let through, and agreement with cbor2 on what passes."""

from __future__ import annotations

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust.cbor_structure import check_cbor
from trust.errors import StructureError


def check(raw: bytes) -> None:
    check_cbor(raw, max_bytes=1 << 20, max_depth=4)


REFUSED = {
    "nothing": "",
    "a second item": "0101",
    "0 in two bytes": "1800",
    "23 in two bytes": "1817",
    "255 in three bytes": "1900ff",
    "65535 in five bytes": "1a0000ffff",
    "2**32-1 in nine bytes": "1b00000000ffffffff",
    "-1 in two bytes": "3800",
    "string length in two bytes": "580161",
    "array length in two bytes": "980101",
    "map length in two bytes": "b8010101",
    "cut number": "19ff",
    "cut bytes": "43ffff",
    "cut text": "63616f",
    "cut array": "8201",
    "cut map": "a101",
    "array that claims 2**64-1 items": "9bffffffffffffffff",
    "bytes that claim 2**63": "5b8000000000000000",
    "indefinite bytes": "5f4101ff",
    "indefinite text": "7f6161ff",
    "indefinite array": "9f01ff",
    "indefinite map": "bf0101ff",
    "break alone": "ff",
    "reserved length 28": "1c",
    "reserved length 30": "5e",
    "doubled key": "a201010102",
    "doubled text key": "a2616101616102",
    "keys out of order": "a202010101",
    "length-first order of RFC 7049": "a2617a01190100" + "02",
    "same number as another type of key, out of order": "a2200101" + "01",
    "half float": "f93c00",
    "float": "fa3f800000",
    "double": "fb3ff0000000000000",
    "undefined": "f7",
    "simple value 0": "e0",
    "simple value 255": "f8ff",
    "true in two bytes": "f815",
    "tag": "c101",
    "bignum tag": "c24101",
    "text not UTF-8": "61ff",
    "surrogate in text": "63eda080",
    "overlong slash in text": "62c0af",
    "too deep": "818181818101",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    with pytest.raises(StructureError):
        check(bytes.fromhex(REFUSED[name]))


SMALLEST_SPELLINGS = "00 17 1818 18ff 190100 1a00010000 1b0000000100000000 20 3818 40 60 80 a0 f4 f5 f6 63e5bca0"
NESTED = "8181818101 a201020201 a219010001617a02"


@pytest.mark.parametrize("raw", f"{SMALLEST_SPELLINGS} {NESTED}".split())
def test_accepted(raw: str) -> None:
    check(bytes.fromhex(raw))


def test_size_limit_counts_before_anything_is_read() -> None:
    with pytest.raises(StructureError, match="cbor_too_long"):
        check_cbor(b"\xff" * 11, max_bytes=10, max_depth=1)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=300) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)


@given(value=VALUES)
def test_what_cbor2_writes_passes_and_reads_back(value: object) -> None:
    raw = cbor2.dumps(value)
    check_cbor(raw, max_bytes=1 << 20, max_depth=20)
    assert cbor2.loads(raw) == value


@given(keys=st.lists(st.integers(0, 70_000) | st.text(max_size=5), unique=True, max_size=8))
def test_maps_pass_only_in_bytewise_order(keys: list[int | str]) -> None:
    entries = sorted(cbor2.dumps(key) + b"\xf6" for key in keys)
    head = cbor2.dumps([None] * len(keys))[0] | 0x20
    check(bytes([head]) + b"".join(entries))
    if len(entries) > 1:
        with pytest.raises(StructureError):
            check(bytes([head]) + b"".join(reversed(entries)))


@given(raw=st.binary(max_size=60))
def test_random_bytes_pass_only_if_cbor2_writes_them_the_same_way(raw: bytes) -> None:
    try:
        check(raw)
    except StructureError:
        return
    assert cbor2.dumps(cbor2.loads(raw)) == raw
