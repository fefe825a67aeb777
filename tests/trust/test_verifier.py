"""The verifier core on payloads of our own making: every case that public test sets of health certificates ask about."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from datetime import timedelta

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.trust.conftest import Authority
from tests.trust.health_payloads import (
    AT,
    FIRST,
    RECOVERY,
    REGISTERED,
    TEST,
    VACCINATION,
    Payload,
    certificate,
    key,
    kid,
    person,
    text_of,
)
from trust.base45 import encode_base45
from trust.errors import ForgedError, StructureError, TrustError
from trust.verifier import Anchor, Verified, profile_of, verify_signed_text
from trust.verifier_profiles import HEALTH, VOUCHER
from trust.vouchers import VoucherClaims, seal_voucher, voucher_qr_text

NOW = int(AT.timestamp())
GOOD = Payload()


def verified(payload: Payload, at=AT) -> Verified:
    return verify_signed_text(payload.text, Anchor.of(payload.der), at)


def refused(payload: Payload, code: str, at=AT) -> None:
    text_refused(payload.text, payload.der, code, at)


def text_refused(text: str, der: bytes, code: str, at=AT) -> None:
    with pytest.raises(TrustError) as caught:
        verify_signed_text(text, Anchor.of(der), at)
    assert caught.value.code == code, caught.value


# Algorithms and keys


@pytest.mark.parametrize(("kind", "name"), [("ec", "ES256"), ("rsa2048", "PS256"), ("rsa3072", "PS256")])
def test_both_algorithms_of_the_profile_verify(kind: str, name: str) -> None:
    payload = Payload(kind=kind)
    found = verified(payload)
    assert found.algorithm.name == name
    assert found.kid == kid(payload.der)


def test_another_algorithm_is_refused() -> None:
    refused(Payload(kind="ed25519"), "algorithm_not_allowed")
    refused(replace(GOOD, protected={1: -35, 4: kid(GOOD.der)}), "algorithm_not_allowed")
    refused(replace(GOOD, protected={1: "ES256", 4: kid(GOOD.der)}), "algorithm_not_allowed")
    refused(replace(GOOD, protected={4: kid(GOOD.der)}), "algorithm_not_allowed")


def test_the_algorithm_must_go_with_the_key() -> None:
    refused(replace(GOOD, protected={1: -37, 4: kid(GOOD.der)}), "algorithm_key")


@pytest.mark.parametrize("kind", ["rsa1024", "p384"])
def test_weak_or_foreign_keys_are_refused(kind: str) -> None:
    with pytest.raises(ForgedError, match="certificate_key_kind"):
        Anchor.of(certificate(kind))


def test_a_foreign_signature_is_refused() -> None:
    stranger = replace(GOOD, which=1, certificate=GOOD.der)
    refused(stranger, "signature_wrong")


def test_other_external_data_is_refused() -> None:
    refused(replace(GOOD, external=b"context"), "signature_wrong")


def test_a_signature_in_der_spelling_or_of_another_length_is_refused() -> None:
    value = cbor2.loads(GOOD.message()).value
    for signature in (value[3] + b"\0", value[3][:-1], b"", b"\0" * 64):
        text_refused(text_of(cbor2.dumps(cbor2.CBORTag(18, [*value[:3], signature]))), GOOD.der, "signature_wrong")


def test_a_swapped_protected_header_is_refused() -> None:
    value = cbor2.loads(GOOD.message()).value
    other = cbor2.dumps({4: kid(GOOD.der), 1: -7})
    assert other != value[0]
    text_refused(text_of(cbor2.dumps(cbor2.CBORTag(18, [other, *value[1:]]))), GOOD.der, "signature_wrong")


# Key ids


def test_the_key_id_may_stand_outside_where_there_is_none_inside() -> None:
    verified(replace(GOOD, protected={1: -7}, unprotected={4: kid(GOOD.der)}))
    verified(replace(GOOD, protected={}, unprotected={1: -7, 4: kid(GOOD.der)}))


def test_the_signed_key_id_counts() -> None:
    verified(replace(GOOD, unprotected={4: kid(GOOD.der)}))
    verified(replace(GOOD, unprotected={4: b"other"}))
    refused(replace(GOOD, protected={1: -7, 4: b"other"}, unprotected={4: kid(GOOD.der)}), "kid_mismatch")


@pytest.mark.parametrize(
    "wrong", [b"", b"12345678", "text", 5, kid(GOOD.der) + b"\0"], ids=["none", "other", "text", "number", "longer"]
)
def test_a_key_id_of_another_certificate_is_refused(wrong: object) -> None:
    refused(replace(GOOD, protected={1: -7, 4: wrong}), "kid_mismatch")
    refused(replace(GOOD, protected={1: -7}, unprotected={4: wrong}), "kid_mismatch")


def test_a_missing_key_id_is_refused() -> None:
    refused(replace(GOOD, protected={1: -7}), "kid_missing")


# Tags and structure


@pytest.mark.parametrize("tags", [(18,), (61, 18), ()])
def test_allowed_tags(tags: tuple[int, ...]) -> None:
    verified(replace(GOOD, tags=tags))


@pytest.mark.parametrize("tags", [(17,), (98,), (61,), (18, 61), (61, 61, 18), (18, 18), (55799, 18)])
def test_other_tags_are_refused(tags: tuple[int, ...]) -> None:
    refused(replace(GOOD, tags=tags), "message_tags")


def test_critical_headers_are_refused() -> None:
    refused(replace(GOOD, protected={1: -7, 2: [4], 4: kid(GOOD.der)}), "header_critical")
    refused(replace(GOOD, unprotected={2: [4]}), "header_critical")


def test_a_header_in_both_maps_is_refused() -> None:
    refused(replace(GOOD, unprotected={1: -7}), "header_twice")


@pytest.mark.parametrize(
    "value", [[], [b"", {}, b""], [b"", {}, None, b""], {}, 5, [b"", [], b"", b""], "text", [b"", {}, b"", b"", 1]]
)
def test_another_shape_is_refused(value: object) -> None:
    text_refused(text_of(cbor2.dumps(cbor2.CBORTag(18, value))), GOOD.der, "message_shape")


def test_protected_headers_that_are_no_map_are_refused() -> None:
    refused(replace(GOOD, protected=cbor2.dumps([1, 2])), "protected_headers")
    refused(replace(GOOD, protected=b"\xff"), "cbor_reserved")


def test_a_key_twice_is_refused_in_any_spelling() -> None:
    der_kid = kid(GOOD.der)
    refused(replace(GOOD, protected=b"\xa3\x01\x26\x04\x48" + der_kid + b"\x01\x38\x24"), "cbor_map_key_twice")
    refused(replace(GOOD, protected=b"\xa3\x01\x26\x04\x48" + der_kid + b"\x18\x01\x38\x24"), "cbor_map_key_twice")
    claims = cbor2.dumps(GOOD.read_claims())
    assert claims[0] == 0xA4
    refused(replace(GOOD, claims=b"\xa5" + claims[1:] + b"\x04\x1b" + b"\x7f" * 8), "cbor_map_key_twice")


def test_doubled_truncated_and_trailing_messages_are_refused() -> None:
    message = GOOD.message()
    text_refused(text_of(message + message), GOOD.der, "cbor_trailing_bytes")
    text_refused(text_of(message + b"\0"), GOOD.der, "cbor_trailing_bytes")
    text_refused(text_of(message[:-1]), GOOD.der, "cbor_truncated")
    refused(replace(GOOD, claims=cbor2.dumps(GOOD.read_claims()) * 2), "cbor_trailing_bytes")
    refused(replace(GOOD, claims=b""), "cbor_truncated")


def test_deep_nesting_is_refused() -> None:
    for depth in (17, 2000):
        text_refused(text_of(b"\x81" * depth + b"\0"), GOOD.der, "cbor_too_deep")
        text_refused(text_of(b"\xd2" * depth + b"\0"), GOOD.der, "cbor_too_deep")


def test_huge_counts_cost_nothing() -> None:
    for head in (b"\x9b", b"\xbb", b"\x5b", b"\x7b"):
        text_refused(text_of(head + b"\xff" * 8), GOOD.der, "cbor_truncated")


def test_indefinite_lengths_and_other_well_formed_spellings_pass() -> None:
    claims = GOOD.read_claims()
    entry = (
        b"\xbf"
        + b"\x61v"
        + b"\x9f"
        + cbor2.dumps({"tg": "x"})
        + b"\xff"
        + b"\x7f\x62ve\x61r\xff\x65"
        + b"1.3.0"
        + b"\xff"
    )
    payload = (
        b"\xbf\x04"
        + cbor2.dumps(claims[4])
        + b"\x06"
        + cbor2.dumps(claims[6])
        + b"\x39\x01\x03\xa1\x18\x01"
        + entry
        + b"\xff"
    )
    verified(replace(GOOD, claims=payload))


# Text


@pytest.mark.parametrize("prefix", ["HC2:", "HL1:", "HL0:", "hc1:", "", "HC1", " HC1:"])
def test_other_prefixes_are_refused(prefix: str) -> None:
    refused(replace(GOOD, prefix=prefix), "text_prefix")


def test_a_scanners_line_end_does_not_matter() -> None:
    verify_signed_text(GOOD.text + "\r\n", Anchor.of(GOOD.der), AT)


def test_packing() -> None:
    message = GOOD.message()
    text_refused("HC1:" + encode_base45(message), GOOD.der, "zlib_broken")
    text_refused("HC1:" + encode_base45(zlib.compress(message)[:-1]), GOOD.der, "zlib_truncated")
    text_refused("HC1:" + encode_base45(zlib.compress(message) + b"\0"), GOOD.der, "zlib_trailing_bytes")
    text_refused("HC1:" + encode_base45(zlib.compress(b"\0" * 10_000_000)[:2800]), GOOD.der, "zlib_too_long")
    text_refused(GOOD.text + "!", GOOD.der, "base45_character")
    text_refused(GOOD.text.lower().replace("hc1", "HC1"), GOOD.der, "base45_character")
    text_refused(GOOD.text + "é", GOOD.der, "base45_length_or_character")
    text_refused("HC1:" + "0" * 5000, GOOD.der, "text_too_long")


# Times


@pytest.mark.parametrize("exp", [NOW, NOW + 1, float(NOW + 60), NOW + 0.5])
def test_valid_to_the_last_second(exp: float) -> None:
    assert verified(GOOD.with_claims(exp=exp)).times.expires == exp


@pytest.mark.parametrize("exp", [NOW - 1, 0, -5, NOW - 0.5])
def test_expired(exp: float) -> None:
    refused(GOOD.with_claims(exp=exp), "expired")


def test_half_precision_floats_are_read() -> None:
    payload = cbor2.dumps({6: 0, -260: {1: person()}})
    body = b"\xa3" + payload[1:] + b"\x04\xf9" + struct.pack(">e", 1024.0)
    refused(replace(GOOD, claims=body), "expired")


def test_not_yet_issued_or_valid() -> None:
    refused(GOOD.with_claims(iat=NOW + 1), "issued_later")
    refused(GOOD.with_claims(nbf=NOW + 1), "not_yet_valid")
    verified(GOOD.with_claims(iat=NOW, nbf=NOW))
    verified(GOOD.with_claims(iat=None))


def test_one_that_never_expires_is_refused() -> None:
    refused(GOOD.with_claims(exp=None), "expiry_missing")


@pytest.mark.parametrize("exp", [float("nan"), float("inf"), True, "2027-01-01", [1], cbor2.CBORTag(1, NOW + 5), 2**70])
def test_times_that_are_none(exp: object) -> None:
    refused(GOOD.with_claims(exp=exp), "cwt_time")


def test_a_time_beyond_all_reason_is_outside_the_certificate() -> None:
    refused(GOOD.with_claims(exp=2**63), "outside_certificate")


def test_the_certificate_must_be_valid_then() -> None:
    early = Payload(certificate=certificate("ec", (), AT + timedelta(days=1)))
    refused(early, "certificate_not_yet_valid")
    late = Payload(certificate=certificate("ec", (), AT - timedelta(days=9), AT - timedelta(days=1)))
    refused(late, "certificate_expired")
    short = Payload(certificate=certificate("ec", (), AT - timedelta(days=9), AT + timedelta(hours=1)))
    refused(short, "outside_certificate")
    young = Payload(certificate=certificate("ec", (), AT - timedelta(hours=1), AT + timedelta(days=9)))
    refused(young, "outside_certificate")


# Uses of the certificate


@pytest.mark.parametrize("arc", [REGISTERED, FIRST])
@pytest.mark.parametrize(("kind", "use"), [("t", TEST), ("v", VACCINATION), ("r", RECOVERY)])
def test_a_certificate_signs_only_the_kinds_it_names(arc: str, kind: str, use: str) -> None:
    for named in (TEST, VACCINATION, RECOVERY):
        payload = replace(GOOD.with_claims(hcert={1: person(kind)}), certificate=certificate("ec", (arc + named,)))
        if named == use:
            verified(payload)
        else:
            refused(payload, "key_usage")


def test_a_certificate_without_these_uses_signs_every_kind() -> None:
    clients = (ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string, ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string)
    for uses in ((), clients):
        for kind in "tvr":
            verified(replace(GOOD.with_claims(hcert={1: person(kind)}), certificate=certificate("ec", uses)))


def test_an_empty_list_of_uses_names_none() -> None:
    builder = x509.load_der_x509_certificate(certificate("ec"))
    empty = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.37"), bytes.fromhex("3000"))
    der = (
        x509.CertificateBuilder()
        .subject_name(builder.subject)
        .issuer_name(builder.issuer)
        .public_key(builder.public_key())
        .serial_number(3)
        .not_valid_before(builder.not_valid_before_utc)
        .not_valid_after(builder.not_valid_after_utc)
        .add_extension(empty, critical=False)
        .sign(key("ec", 0), hashes.SHA256())  # type: ignore[arg-type]
        .public_bytes(serialization.Encoding.DER)
    )
    verified(replace(GOOD, certificate=der))


def test_key_usage() -> None:
    refused(Payload(certificate=certificate("ec", signs=False)), "key_usage")
    verified(Payload(certificate=certificate("ec", signs=None)))


@pytest.mark.parametrize("more", [{"t": [{"tg": "x"}]}, {"v": []}, {"v": {"tg": "x"}}, {"v": None}])
def test_exactly_one_kind_of_certificate(more: dict[str, object]) -> None:
    refused(GOOD.with_claims(hcert={1: person("v", **more)}), "health_kinds")


def test_empty_lists_of_other_kinds_and_two_doses_pass() -> None:
    verified(GOOD.with_claims(hcert={1: person("v", t=[], r=[])}))
    verified(GOOD.with_claims(hcert={1: person("v", v=[{"dn": 1}, {"dn": 2}])}))
    verified(GOOD.with_claims(hcert={1: person("t", t=[{"sc": cbor2.CBORTag(0, "2026-11-21T08:00:00Z")}])}))


@pytest.mark.parametrize("hcert", [None, {}, {2: person()}, person(), "text", {1: [person()]}])
def test_no_certificate_inside(hcert: object) -> None:
    refused(GOOD.with_claims(hcert=hcert), "health_shape")


def test_a_payload_that_is_no_map() -> None:
    refused(replace(GOOD, claims=cbor2.dumps(cbor2.dumps(GOOD.read_claims()))), "cwt_shape")


# Our vouchers through the same core


def test_our_voucher_below_our_root(authority: Authority, foreign: Authority, claims: VoucherClaims) -> None:
    text = voucher_qr_text(seal_voucher(authority.device_key, authority.device, claims))
    found = verify_signed_text(text, Anchor.of(authority.root), AT)
    assert found.voucher == claims
    assert found.device == ("QX07-D3", 1, "QX07")
    assert profile_of(text) is VOUCHER
    assert profile_of(GOOD.text) is HEALTH
    text_refused(text, foreign.root, "chain_broken")
    assert verify_signed_text(text, Anchor.of(authority.device), AT).voucher == claims


def test_our_voucher_is_of_any_age(authority: Authority, claims: VoucherClaims) -> None:
    text = voucher_qr_text(seal_voucher(authority.device_key, authority.device, claims))
    verify_signed_text(text, Anchor.of(authority.root), AT.replace(year=2099))


def test_a_health_payload_is_no_voucher_and_the_other_way_round(authority: Authority, claims: VoucherClaims) -> None:
    refused(replace(GOOD, prefix="OP1:"), "voucher_content_type")
    text = voucher_qr_text(seal_voucher(authority.device_key, authority.device, claims))
    text_refused(text.replace("OP1:", "HC1:"), authority.device, "algorithm_not_allowed")


@pytest.mark.parametrize("kind", ["ec", "rsa2048"])
def test_a_root_in_a_box_that_signs_otherwise(kind: str, authority: Authority, claims: VoucherClaims) -> None:
    """Headquarters' root of another algorithm: the device keeps its Ed25519 key, its certificate is signed by the box."""
    root_key = key(kind, 0)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "HQ in a box")])
    span = (AT - timedelta(days=30), AT + timedelta(days=365))

    def issued(subject: x509.Name, public: object, serial: int, *, ca: bool) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name)
            .public_key(public)  # type: ignore[arg-type]
            .serial_number(serial)
            .not_valid_before(span[0])
            .not_valid_after(span[1])
        )
        if ca:
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        return builder.sign(root_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)  # type: ignore[arg-type]

    device_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "D3/1/QX07")])
    public = x509.load_der_x509_certificate(authority.device).public_key()
    root = issued(name, root_key.public_key(), 1 << 60, ca=True)
    device = issued(device_name, public, 1 << 59, ca=False)
    text = voucher_qr_text(seal_voucher(authority.device_key, device, claims))
    found = verify_signed_text(text, Anchor.of(root), AT)
    assert found.voucher == claims
    assert found.device == ("D3", 1, "QX07")
    text_refused(text, authority.root, "chain_broken")


@pytest.mark.parametrize(
    "content", [b"", b"x", b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----", b"0" * 20_000]
)
def test_what_is_no_certificate(content: bytes) -> None:
    with pytest.raises(StructureError):
        Anchor.of(content)
