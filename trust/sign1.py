"""COSE_Sign1 (RFC 9052 §4.2) in the one shape Outpost writes: tag 18, EdDSA, everything about the signer protected.

Promise: a message passes only with exactly these protected headers in this order, an empty unprotected map and an embedded
payload; structure, sizes and doubles are checked before a decoder sees it.

    18([<< {1: -8, 3: content type, 4: kid, 33: certificate} >>, {}, payload, signature])
"""

from __future__ import annotations

from dataclasses import dataclass

import cbor2

from trust.cbor_structure import check_cbor, read_string
from trust.certificate_frame import MAX_CERTIFICATE_BYTES
from trust.certificates import read_certified_key
from trust.errors import ForgedError, StructureError, TrustError
from trust.keys import SIGNATURE_BYTES, Signer, verify_signature

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
_MAX_PROTECTED_BYTES = MAX_CERTIFICATE_BYTES + 512
_OPENING = bytes.fromhex("d284")  # tag 18, array of four
_EMPTY_MAP = b"\xa0"
_ALG, _CONTENT_TYPE, _KID, _X5CHAIN = 1, 3, 4, 33  # RFC 9052 §3.1, RFC 9360 §2
_EDDSA = -8  # RFC 9053 §2.2


@dataclass(frozen=True, slots=True)
class Sign1:
    """A message taken apart, **not yet verified**."""

    content_type: str
    kid: bytes
    certificate: bytes
    protected: bytes
    payload: bytes
    signature: bytes


def sign1(signer: Signer, certificate_der: bytes, content_type: str, payload: bytes) -> bytes:
    """Return the signed message as bytes.

    Raises:
        TrustError: ``signer_not_certified`` when the certificate is about another key, so that no reader could verify.
    """
    certified = read_certified_key(certificate_der)
    if certified.public_key != signer.public_key:
        raise TrustError("signer_not_certified", key=signer.public_key.hex())
    protected = cbor2.dumps({_ALG: _EDDSA, _CONTENT_TYPE: content_type, _KID: certified.kid, _X5CHAIN: certificate_der})
    signature = signer.sign(signature_input(protected, payload))
    return b"".join((_OPENING, cbor2.dumps(protected), _EMPTY_MAP, cbor2.dumps(payload), cbor2.dumps(signature)))


def take_apart(raw: bytes, *, max_bytes: int = MAX_MESSAGE_BYTES) -> Sign1:
    """Check the whole structure and return the parts, unverified.

    Raises:
        StructureError: ``sign1_*`` or ``cbor_*``.
    """
    if len(raw) > max_bytes:
        raise StructureError("sign1_too_long", length=len(raw), limit=max_bytes)
    if not raw.startswith(_OPENING):
        raise StructureError("sign1_tag", start=raw[:2].hex())
    protected, offset = read_string(raw, len(_OPENING), max_bytes=_MAX_PROTECTED_BYTES)
    if raw[offset : offset + 1] != _EMPTY_MAP:
        raise StructureError("sign1_unprotected", offset=offset)
    payload, offset = read_string(raw, offset + 1, max_bytes=max_bytes)
    signature, offset = read_string(raw, offset, max_bytes=SIGNATURE_BYTES)
    if offset != len(raw) or len(signature) != SIGNATURE_BYTES:
        raise StructureError("sign1_end", offset=offset, length=len(raw))
    check_cbor(protected, max_bytes=_MAX_PROTECTED_BYTES, max_depth=1)
    headers = cbor2.loads(protected)
    if (
        not isinstance(headers, dict)
        or list(headers) != [_ALG, _CONTENT_TYPE, _KID, _X5CHAIN]
        or headers[_ALG] != _EDDSA
    ):
        raise StructureError("sign1_protected")
    match headers[_CONTENT_TYPE], headers[_KID], headers[_X5CHAIN]:
        case str(content_type), bytes(kid), bytes(certificate):
            return Sign1(content_type, kid, certificate, protected, payload, signature)
        case _:
            raise StructureError("sign1_protected")


def verify_sign1(message: Sign1) -> None:
    """Check the signature by the key of ``message.certificate``, which the caller **has verified** for its role.

    Raises:
        ForgedError: ``kid_mismatch`` or ``signature_wrong``.
    """
    certified = read_certified_key(message.certificate)
    if message.kid != certified.kid:
        raise ForgedError("kid_mismatch", kid=message.kid.hex())
    verify_signature(certified.public_key, message.signature, signature_input(message.protected, message.payload))


def signature_input(protected: bytes, payload: bytes, external_aad: bytes = b"") -> bytes:
    """Return ``Sig_structure`` (RFC 9052 §4.4), the bytes that are signed."""
    return cbor2.dumps(["Signature1", protected, external_aad, payload])
