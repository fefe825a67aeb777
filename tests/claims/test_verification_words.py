"""Every failure code that a verification can meet has a name in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import trust
from claims.verification_words import failed_part
from trust.errors import TrustError

SOURCES = (
    "verifier*",
    "cbor_reading",
    "cbor_structure",
    "der_extensions",
    "base45",
    "vouchers",
    "sign1",
    "certificates",
    "certificate_frame",
    "keys",
)
RAISED = re.compile(r'(?:StructureError|ForgedError)\(\s*"([a-z0-9_]+)"')
ELSEWHERE = {"device_unknown", "device_certificate_conflict", "head_conflict", "head_length"}
"""Of the store of known devices, which verifying a paper does not use."""


def codes() -> list[str]:
    folder = Path(trust.__file__).parent
    files = [file for pattern in SOURCES for file in folder.glob(f"{pattern}.py")]
    found = {code for file in files for code in RAISED.findall(file.read_text(encoding="utf-8"))}
    return sorted(found - ELSEWHERE)


def test_the_codes_are_found() -> None:
    assert len(codes()) > 60


@pytest.mark.parametrize("code", codes())
def test_a_code_has_a_name(code: str) -> None:
    part = failed_part(TrustError(code))
    assert part != failed_part(TrustError("something else")), code
    assert re.search(r"[\u4e00-\u9fff]", part.zh)
    assert part.en.isascii()
