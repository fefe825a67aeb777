"""Vouchers: genuine or not by the root certificate alone, by us and by software that shares nothing with us."""

from __future__ import annotations

import tracemalloc
import zlib

import cbor2
import cwt
import msgspec
import pytest
import segno
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cwt import COSE, COSEKey
from hypothesis import given
from hypothesis import strategies as st

from tests.trust.conftest import DEVICE, EPOCH, NOT_AFTER, NOT_BEFORE, STATION, Authority, flipped, make_authority
from trust.base45 import encode_base45
from trust.certificates import TrustStore, issue_device, read_certified_key
from trust.errors import ForgedError, StructureError, TrustError
from trust.keys import SoftwareKey
from trust.sign1 import sign1
from trust.statements import open_statement, sign_statement
from trust.vouchers import (
    MAX_QR_CHARACTERS,
    MAX_VOUCHER_BYTES,
    VoucherClaims,
    open_voucher,
    seal_voucher,
    voucher_from_qr_text,
    voucher_qr_text,
)

FIELD = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20)
HASH = st.binary(min_size=32, max_size=32).map(bytes.hex)
NUMBER = st.integers(0, 2**53 - 1)
CLAIMS = st.builds(
    VoucherClaims,
    voucher_no=FIELD,
    case_no=FIELD,
    policy_no=FIELD,
    payee=FIELD,
    amount_fen=st.integers(1, 2**53 - 1),
    issued_at=NUMBER,
    station=FIELD,
    adjuster=FIELD,
    pack_hash=HASH,
    decision_sha256=HASH,
    grants=st.lists(FIELD, max_size=4).map(tuple),
    counter=NUMBER,
)
PLAIN = {1: "n", 2: "c", 3: "p", 4: "张", 5: 1, 6: 0, 7: "s", 8: "a", 9: bytes(32), 10: bytes(32), 11: [], 12: 0}


@pytest.fixture(scope="module")
def raw(authority: Authority, claims: VoucherClaims) -> bytes:
    return seal_voucher(authority.device_key, authority.device, claims)


def sealed(authority: Authority, payload: bytes, content_type: str = "op/v1") -> bytes:
    return sign1(authority.device_key, authority.device, content_type, payload)


def test_a_sealed_voucher_opens_to_its_claims(authority: Authority, claims: VoucherClaims, raw: bytes) -> None:
    opened = open_voucher(raw, TrustStore(authority.root))
    assert opened.claims == claims
    assert (opened.certificate.device, opened.certificate.epoch, opened.certificate.station) == (DEVICE, EPOCH, STATION)
    assert seal_voucher(authority.device_key, authority.device, claims) == raw


@given(claims=CLAIMS)
def test_any_claims_survive_sealing_and_the_qr_code(claims: VoucherClaims) -> None:
    authority = make_authority(1)
    raw = seal_voucher(authority.device_key, authority.device, claims)
    assert voucher_from_qr_text(voucher_qr_text(raw)) == raw
    assert open_voucher(raw, TrustStore(authority.root)).claims == claims


def test_a_voucher_of_an_expired_device_still_verifies(authority: Authority, claims: VoucherClaims) -> None:
    key = SoftwareKey.from_bytes(b"\x55" * 32)
    brief = issue_device(authority.root, authority.root_key, DEVICE, 9, STATION, key.public_key, NOT_BEFORE, NOT_BEFORE)
    opened = open_voucher(seal_voucher(key, brief, claims), TrustStore(authority.root))
    assert opened.certificate.not_after == NOT_BEFORE


def test_another_library_verifies_with_the_root_certificate_alone(
    authority: Authority, foreign: Authority, claims: VoucherClaims, raw: bytes
) -> None:
    root = x509.load_der_x509_certificate(authority.root)
    protected = cbor2.loads(cbor2.loads(raw).value[0])
    leaf = x509.load_der_x509_certificate(protected[33])
    leaf.verify_directly_issued_by(root)
    public = leaf.public_key()
    assert isinstance(public, Ed25519PublicKey)
    key = COSEKey.new({1: 1, -1: 6, -2: public.public_bytes_raw(), 3: -8, 2: protected[4]})
    payload = cbor2.loads(COSE.new(verify_kid=True).decode(raw, key))
    assert payload[5] == claims.amount_fen
    assert payload[4] == claims.payee
    with pytest.raises(InvalidSignature):
        leaf.verify_directly_issued_by(x509.load_der_x509_certificate(foreign.root))
    for bit in range(8 * raw.index(b"\x58\x40", -70), 8 * len(raw), 37):
        with pytest.raises((cwt.VerifyError, cwt.DecodeError, ValueError)):
            COSE.new(verify_kid=True).decode(flipped(raw, bit), key)


def test_bare_cbor_and_ed25519_verify_it_too(authority: Authority, raw: bytes) -> None:
    protected, unprotected, payload, signature = cbor2.loads(raw).value
    headers = cbor2.loads(protected)
    assert unprotected == {}
    assert list(headers) == [1, 3, 4, 33]
    assert headers[1] == -8
    leaf = x509.load_der_x509_certificate(headers[33])
    leaf.verify_directly_issued_by(x509.load_der_x509_certificate(authority.root))
    assert headers[4] == leaf.serial_number.to_bytes(8, "big")
    public = leaf.public_key()
    assert isinstance(public, Ed25519PublicKey)
    public.verify(signature, cbor2.dumps(["Signature1", protected, b"", payload]))


def test_claims_are_core_deterministic_cbor(raw: bytes, claims: VoucherClaims) -> None:
    payload = cbor2.loads(raw).value[2]
    fields = cbor2.loads(payload)
    assert list(fields) == sorted(fields, key=cbor2.dumps)
    assert cbor2.dumps(fields) == payload
    assert fields[9].hex() == claims.pack_hash


def test_the_qr_code_stays_within_version_17_at_level_m(raw: bytes) -> None:
    text = voucher_qr_text(raw)
    assert len(text) <= 734  # ISO/IEC 18004 table 7: version 17-M holds 734 alphanumeric characters
    code = segno.make(text, error="m", boost_error=False, micro=False)
    assert code.mode == "alphanumeric"
    assert code.version <= 17


def test_every_flipped_bit_is_found(authority: Authority, raw: bytes) -> None:
    roots = TrustStore(authority.root)
    for bit in range(8 * len(raw)):
        with pytest.raises(ForgedError):
            open_voucher(flipped(raw, bit), roots)


def test_every_cut_and_added_byte_is_found(authority: Authority, raw: bytes) -> None:
    roots = TrustStore(authority.root)
    for cut in range(len(raw)):
        with pytest.raises(StructureError):
            open_voucher(raw[:cut], roots)
    for wrong in (raw + b"\0", b"\0" + raw, raw + raw):
        with pytest.raises(StructureError):
            open_voucher(wrong, roots)


def test_every_changed_character_of_the_text_fails_or_changes_nothing(authority: Authority, raw: bytes) -> None:
    roots = TrustStore(authority.root)
    text = voucher_qr_text(raw)
    for place in range(len(text)):
        changed = text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]
        try:
            read = voucher_from_qr_text(changed)
        except StructureError:
            continue
        # Packing has spare bits (zlib's level hint); what is signed hasn't.
        if read != raw:
            with pytest.raises(ForgedError):
                open_voucher(read, roots)


def test_one_changed_digit_of_the_amount_fails(authority: Authority, raw: bytes, claims: VoucherClaims) -> None:
    more = raw.replace(cbor2.dumps(claims.amount_fen), cbor2.dumps(claims.amount_fen + 1))
    assert more != raw
    with pytest.raises(ForgedError, match="signature_wrong"):
        open_voucher(more, TrustStore(authority.root))


def test_certificates_of_other_roles_and_roots_sign_no_vouchers(
    authority: Authority, foreign: Authority, claims: VoucherClaims
) -> None:
    roots = TrustStore(authority.root)
    with pytest.raises(ForgedError, match="certificate_role"):
        open_voucher(seal_voucher(authority.service_key, authority.service, claims), roots)
    with pytest.raises(ForgedError, match="certificate_role"):
        open_voucher(seal_voucher(authority.root_key, authority.root, claims), roots)
    with pytest.raises(ForgedError, match="signature_wrong"):
        open_voucher(seal_voucher(foreign.device_key, foreign.device, claims), roots)


def test_a_key_that_the_certificate_does_not_name_seals_nothing(
    authority: Authority, foreign: Authority, claims: VoucherClaims
) -> None:
    with pytest.raises(TrustError, match="signer_not_certified"):
        seal_voucher(foreign.device_key, authority.device, claims)


def test_a_voucher_is_no_statement_and_a_statement_no_voucher(authority: Authority, raw: bytes) -> None:
    roots = TrustStore(authority.root)
    with pytest.raises(StructureError):
        open_statement(raw, roots)
    with pytest.raises(StructureError, match="voucher_content_type"):
        open_voucher(sign_statement(authority.service_key, authority.service, "voucher", b"{}"), roots)
    with pytest.raises(StructureError, match="voucher_content_type"):
        open_voucher(sealed(authority, cbor2.dumps(PLAIN), "op/v2"), roots)


def test_plain_claims_pass_and_each_wrong_one_fails_even_when_signed(authority: Authority) -> None:
    roots = TrustStore(authority.root)
    assert open_voucher(sealed(authority, cbor2.dumps(PLAIN)), roots).claims.amount_fen == 1
    wrong: list[dict[object, object]] = [{**PLAIN, key: None} for key in PLAIN]
    wrong += [{key: value for key, value in PLAIN.items() if key != gone} for gone in PLAIN]
    wrong += [{**PLAIN, key: value} for key in (5, 6, 12) for value in (-1, 2**53, True, "1", 1.0)]
    wrong += [{**PLAIN, key: value} for key in (1, 2, 3, 4, 7, 8) for value in ("", "x" * 129, b"x", 1)]
    wrong += [{**PLAIN, key: value} for key in (9, 10) for value in (bytes(31), bytes(33), "00" * 32)]
    wrong += [{**PLAIN, 11: value} for value in ("G", [1], [""], [["G"]], ["G"] * 17, {})]
    wrong += [{**PLAIN, 5: 0}, {**PLAIN, 13: 1}, {0: 1, **PLAIN}, {}]
    for fields in wrong:
        with pytest.raises(StructureError):
            open_voucher(sealed(authority, cbor2.dumps(fields)), roots)
    for payload in (b"", b"\x01", b"\x80", cbor2.dumps(PLAIN) + b"\0", cbor2.dumps(dict(reversed(PLAIN.items())))):
        with pytest.raises(StructureError):
            open_voucher(sealed(authority, payload), roots)


def test_doubled_claims_are_refused_even_when_signed(authority: Authority) -> None:
    entries = [cbor2.dumps(key) + cbor2.dumps(value) for key, value in PLAIN.items()]
    for key in range(len(entries)):
        doubled = b"\xad" + b"".join(entries[: key + 1] + entries[key:])
        assert cbor2.loads(doubled) == PLAIN
        with pytest.raises(StructureError, match="cbor_map_key_order"):
            open_voucher(sealed(authority, doubled), TrustStore(authority.root))


@pytest.mark.parametrize(
    "change",
    [
        {"amount_fen": 0},
        {"amount_fen": -5},
        {"amount_fen": 2**53},
        {"issued_at": -1},
        {"payee": ""},
        {"payee": "张" * 129},
        {"pack_hash": "5C" * 32},
        {"pack_hash": "5c" * 31},
        {"decision_sha256": "no"},
        {"grants": ("G",) * 17},
        {"grants": ("",)},
    ],
)
def test_what_no_reader_would_accept_is_not_sealed(
    authority: Authority, claims: VoucherClaims, change: dict[str, object]
) -> None:
    with pytest.raises(StructureError, match="voucher_"):
        seal_voucher(authority.device_key, authority.device, msgspec.structs.replace(claims, **change))


def test_a_packed_bomb_is_stopped_at_the_limit() -> None:
    bomb = "OP1:" + encode_base45(zlib.compress(bytes(2_000_000), 9))
    assert len(bomb) < MAX_QR_CHARACTERS
    tracemalloc.start()
    try:
        with pytest.raises(StructureError, match="qr_unpacked_length"):
            voucher_from_qr_text(bomb)
        assert tracemalloc.get_traced_memory()[1] < 300_000
    finally:
        tracemalloc.stop()
    exact = zlib.compress(bytes(MAX_VOUCHER_BYTES), 9)
    assert voucher_from_qr_text("OP1:" + encode_base45(exact)) == bytes(MAX_VOUCHER_BYTES)


def test_a_text_longer_than_any_code_is_refused_though_it_would_unpack(raw: bytes) -> None:
    packed = zlib.compress(raw, 9)
    empty_block = b"\x00\x00\x00\xff\xff"
    padded, long = (packed[:2] + empty_block * count + packed[2:] for count in (1, 600))
    assert voucher_from_qr_text("OP1:" + encode_base45(padded)) == raw == zlib.decompress(long)
    with pytest.raises(StructureError, match="qr_not_a_voucher"):
        voucher_from_qr_text("OP1:" + encode_base45(long))


def test_texts_that_carry_no_voucher(raw: bytes) -> None:
    text = voucher_qr_text(raw)
    packed = zlib.compress(raw, 9)
    for wrong in (
        "",
        "OP1",
        "OP1:",
        text[1:],
        text.lower(),
        "OP2:" + text[4:],
        "HC1:" + text[4:],
        text + " ",
        text + "000",
        text[:-3],
        text[:200],
        "OP1:" + "0" * MAX_QR_CHARACTERS,
        "OP1:" + encode_base45(raw),
        "OP1:" + encode_base45(packed + b"\0"),
        "OP1:" + encode_base45(packed[2:-4]),
        "https://example.org/",
    ):
        with pytest.raises(StructureError):
            voucher_from_qr_text(wrong)


def test_a_voucher_too_long_for_any_code_is_refused(authority: Authority, claims: VoucherClaims) -> None:
    noise = "".join(chr(0x4E00 + (place * 7919) % 20_000) for place in range(128 * 16))
    grants = tuple(noise[at : at + 128] for at in range(0, len(noise), 128))
    with pytest.raises(StructureError, match="too_long"):
        seal_voucher(authority.device_key, authority.device, msgspec.structs.replace(claims, grants=grants))
    with pytest.raises(StructureError, match="voucher_too_long"):
        voucher_qr_text(bytes(MAX_VOUCHER_BYTES + 1))


@given(raw=st.binary(max_size=300) | st.binary(max_size=300).map(lambda tail: b"\xd2\x84" + tail))
def test_random_bytes_are_forged_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(ForgedError):
        open_voucher(raw, TrustStore(make_authority(1).root))


@given(
    text=st.text(max_size=60)
    | st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", max_size=60).map("OP1:".__add__)
)
def test_random_texts_are_refused_and_nothing_else(text: str) -> None:
    with pytest.raises(StructureError):
        voucher_from_qr_text(text)


def test_the_kid_names_the_certificate(authority: Authority, raw: bytes) -> None:
    kid = cbor2.loads(cbor2.loads(raw).value[0])[4]
    assert kid == read_certified_key(authority.device).kid
    later = issue_device(
        authority.root, authority.root_key, DEVICE, 2, STATION, authority.device_key.public_key, NOT_BEFORE, NOT_AFTER
    )
    assert read_certified_key(later).kid != kid
