"""What others make of our papers, and we of theirs: the ``cwt`` library and bare ``cryptography``, without our code on their side."""

from __future__ import annotations

import zlib
from dataclasses import replace

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cwt import COSE, COSEKey, COSEMessage

from tests.forms import samples
from tests.trust.health_payloads import AT, Payload, key, kid, text_of
from trust.verifier import Anchor, verify_signed_text
from trust.vouchers import voucher_qr_text

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def unpacked(text: str) -> bytes:
    """Base45 and zlib by the letter of RFC 9285, as a stranger would write it."""
    values = [ALPHABET.index(each) for each in text[4:]]
    out = bytearray()
    for start in range(0, len(values), 3):
        group = values[start : start + 3]
        number = sum(value * 45**place for place, value in enumerate(group))
        out += number.to_bytes(2 if len(group) == 3 else 1, "big")
    return zlib.decompress(bytes(out))


def public_pem(der: bytes) -> str:
    public = x509.load_der_x509_certificate(der).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def test_a_stranger_verifies_our_voucher_with_the_root_alone() -> None:
    message = unpacked(voucher_qr_text(samples.signed()))
    protected = cbor2.loads(cbor2.loads(message).value[0])
    leaf = x509.load_der_x509_certificate(protected[33])
    leaf.verify_directly_issued_by(x509.load_der_x509_certificate(samples.issuer().root_der))
    signer = COSEKey.from_pem(public_pem(protected[33]), kid=protected[4])
    claims = cbor2.loads(COSE.new(verify_kid=True).decode(message, signer))
    assert claims[1] == samples.claims().voucher_no
    assert claims[5] == samples.claims().amount_fen


@pytest.mark.parametrize(("kind", "alg"), [("ec", "ES256"), ("rsa2048", "PS256"), ("rsa3072", "PS256")])
def test_what_cwt_signs_verifies_here(kind: str, alg: str) -> None:
    payload = Payload(kind=kind)
    private = key(kind, 0).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = COSEKey.from_pem(private.decode(), kid=kid(payload.der), alg=alg)
    protected = {1: payload_algorithm(kind), 4: kid(payload.der)}
    message = COSE.new().encode_and_sign(cbor2.dumps(payload.read_claims()), signer, protected=protected)
    assert isinstance(message, bytes)
    found = verify_signed_text(text_of(message), Anchor.of(payload.der), AT)
    assert found.algorithm.name == alg


@pytest.mark.parametrize("kind", ["ec", "rsa2048"])
def test_what_our_equipment_signs_verifies_by_cwt(kind: str) -> None:
    payload = Payload(kind=kind)
    signer = COSEKey.from_pem(public_pem(payload.der), kid=kid(payload.der), alg="ES256" if kind == "ec" else "PS256")
    assert cbor2.loads(COSE.new(verify_kid=True).decode(unpacked(payload.text), signer)) == payload.read_claims()
    assert COSEMessage.loads(unpacked(payload.text)).protected[4] == kid(payload.der)


def test_bare_cryptography_verifies_the_same_bytes() -> None:
    payload = Payload()
    protected, _, content, signature = cbor2.loads(unpacked(payload.text)).value
    public = x509.load_der_x509_certificate(payload.der).public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    signed = cbor2.dumps(["Signature1", protected, b"", content])
    public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    assert cbor2.loads(unpacked(replace(payload, tags=(61, 18)).text)).tag == 61


def payload_algorithm(kind: str) -> int:
    return -7 if kind == "ec" else -37
