"""Reading a voucher back: genuine, forged, unreadable, and another company's."""

from __future__ import annotations

import base64
import zlib

import pytest
from cryptography.x509 import load_der_x509_certificate
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.errors import InputError
from forms.read_back import read_voucher
from tests.forms import samples
from trust.vouchers import seal_voucher, voucher_qr_text

ROOTS = samples.issuer().roots
TEXT = voucher_qr_text(samples.signed())


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read_voucher(text, ROOTS)
    error = caught.value
    assert all((error.cause.zh, error.cause.en, error.next_step.zh, error.next_step.en))
    return error


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\t"])
def test_a_genuine_voucher_opens_also_from_a_hand_scanner(ending: str) -> None:
    opened = read_voucher(TEXT + ending, ROOTS)
    assert opened.claims == samples.claims()
    assert opened.certificate.device == "D3"


@pytest.mark.parametrize(
    "text", ["", "OP1:", "https://example.test/v?x=1", TEXT[:-3], TEXT[:40], TEXT.lower(), "OP1:" + "0" * 5000]
)
def test_what_is_no_whole_voucher_asks_for_another_scan(text: str) -> None:
    assert refusal(text).code == "voucher_unreadable"


def test_a_changed_amount_is_forged() -> None:
    raw = samples.signed()
    amount = (648824).to_bytes(4, "big")
    assert raw.count(amount) == 1
    assert refusal(voucher_qr_text(raw.replace(amount, (948824).to_bytes(4, "big")))).code == "voucher_forged"


def test_another_root_is_named_with_who_claims_to_have_signed() -> None:
    stranger = samples.issuer(seed=7)
    error = refusal(voucher_qr_text(seal_voucher(stranger.key, stranger.device_der, samples.claims())))
    assert error.code == "voucher_other_root"
    assert "QX07 D3" in error.cause.zh


def test_our_certificate_over_a_strangers_signature_is_forged() -> None:
    ours, stranger = samples.issuer(), samples.issuer(seed=7)
    raw = seal_voucher(stranger.key, stranger.device_der, samples.claims())
    pairs = [
        (each.device_der, load_der_x509_certificate(each.device_der).serial_number.to_bytes(8, "big"))
        for each in (stranger, ours)
    ]
    (their_certificate, their_kid), (our_certificate, our_kid) = pairs
    swapped = raw.replace(their_certificate, our_certificate)
    assert swapped != raw
    for forgery in (swapped, swapped.replace(their_kid, our_kid)):
        assert refusal(voucher_qr_text(forgery)).code == "voucher_forged"


@given(st.integers(0, len(samples.signed()) - 1), st.integers(1, 255))
@settings(max_examples=150)
def test_no_changed_byte_ever_opens(position: int, difference: int) -> None:
    raw = bytearray(samples.signed())
    raw[position] ^= difference
    assert refusal(voucher_qr_text(bytes(raw))).code in {"voucher_forged", "voucher_other_root"}


@given(st.binary(max_size=300))
@settings(max_examples=60)
def test_foreign_content_in_our_wrapping_is_refused_in_words(raw: bytes) -> None:
    assert refusal(voucher_qr_text(raw)).code == "voucher_forged"


def test_another_encoding_is_unreadable() -> None:
    assert refusal("OP1:" + base64.b64encode(zlib.compress(samples.signed())).decode()).code == "voucher_unreadable"
