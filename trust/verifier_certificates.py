"""Certificates of other issuers, read once and asked often: which key, which algorithm, which uses.

Promise: a ``SignerCertificate`` holds a key that one of the three algorithms can be checked with; anything else is refused when it is read.
Validity periods are judged only where the profile says so (``check_validity``): how old a voucher of ours may be is policy, not forgery.

Source: RFC 5280, RFC 8410; RFC 9053 §2.1 and RFC 8230 §2 for which key goes with which algorithm.
"""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning

from trust.der_extensions import read_uses
from trust.errors import ForgedError, StructureError
from trust.keys import check_public_key

MAX_FOREIGN_CERTIFICATE_BYTES = 16_384
KID_BYTES = 8
_MIN_RSA_BITS, _MAX_RSA_BITS = (
    2048,
    8192,
)  # RFC 8230 §6.1; above that a single check could be used to keep a reader busy
_HALF_ES256 = 32
_PEM_MARK = b"-----BEGIN"
_UNREADABLE = (ValueError, TypeError, x509.InvalidVersion, x509.DuplicateExtension, UnsupportedAlgorithm)

PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class Algorithm(IntEnum):
    """COSE algorithms (RFC 9053 §2, RFC 8230 §2)."""

    EDDSA = -8
    ES256 = -7
    PS256 = -37


@dataclass(frozen=True, slots=True)
class SignerCertificate:
    """A certificate, its key and what the key may be used for.

    ``may_sign``: False only where a key usage extension is there and names neither signatures nor commitments. ``usages``: the extended key
    usages, dotted. ``is_authority``: it may issue certificates.
    """

    der: bytes
    key: PublicKey
    algorithm: Algorithm
    sha256_kid: bytes
    serial_kid: bytes
    may_sign: bool
    is_authority: bool
    usages: frozenset[str]
    parsed: x509.Certificate


def read_signer(content: bytes) -> SignerCertificate:
    """Read a certificate, DER or PEM (the first in the file).

    Raises:
        StructureError: ``certificate_unreadable``, ``certificate_too_long``.
        ForgedError: ``certificate_key_kind``, a key that none of the algorithms goes with.
    """
    if len(content) > MAX_FOREIGN_CERTIFICATE_BYTES:
        raise StructureError("certificate_too_long", length=len(content), limit=MAX_FOREIGN_CERTIFICATE_BYTES)
    try:
        with warnings.catch_warnings():
            # Serial numbers of zero and the like: the library will refuse them one day; they change nothing of what is asked here.
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            pem = _PEM_MARK in content
            parsed = x509.load_pem_x509_certificate(content) if pem else x509.load_der_x509_certificate(content)
            key = parsed.public_key()
            serial = parsed.serial_number
            _ = parsed.not_valid_before_utc, parsed.not_valid_after_utc
    except _UNREADABLE as problem:
        raise StructureError("certificate_unreadable", length=len(content)) from problem
    der = parsed.public_bytes(Encoding.DER)
    uses = read_uses(parsed.tbs_certificate_bytes)
    return SignerCertificate(
        der=der,
        key=_known(key),
        algorithm=_algorithm_of(key),
        sha256_kid=hashlib.sha256(der).digest()[:KID_BYTES],
        serial_kid=serial.to_bytes(KID_BYTES, "big") if 0 < serial < 1 << 8 * KID_BYTES else b"",
        may_sign=uses.may_sign,
        is_authority=uses.is_authority,
        usages=uses.extended,
        parsed=parsed,
    )


def check_issued(certificate: SignerCertificate, root: SignerCertificate) -> None:
    """Check that the root itself issued this certificate. Raises ``ForgedError`` (``certificate_role``, ``chain_broken``)."""
    if not root.is_authority:
        raise ForgedError("certificate_role", expected="root")
    try:
        certificate.parsed.verify_directly_issued_by(root.parsed)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise ForgedError("chain_broken", length=len(certificate.der)) from problem


def check_validity(certificate: SignerCertificate, at: datetime) -> None:
    """Check that the certificate is valid at an instant. Raises ``ForgedError`` (``certificate_expired``, ``certificate_not_yet_valid``)."""
    if at > certificate.parsed.not_valid_after_utc:
        raise ForgedError("certificate_expired", until=certificate.parsed.not_valid_after_utc)
    if at < certificate.parsed.not_valid_before_utc:
        raise ForgedError("certificate_not_yet_valid", since=certificate.parsed.not_valid_before_utc)


def check_signature(certificate: SignerCertificate, algorithm: int, signature: bytes, message: bytes) -> None:
    """Check a COSE signature by this certificate's key.

    Raises:
        ForgedError: ``algorithm_key``, the algorithm does not go with the key; ``signature_wrong``.
    """
    if algorithm != certificate.algorithm:
        raise ForgedError("algorithm_key", algorithm=algorithm, key=certificate.algorithm.name)
    key = certificate.key
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        elif isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
            key.verify(signature, message, pss, hashes.SHA256())
        else:
            if len(signature) != 2 * _HALF_ES256:
                raise ForgedError("signature_wrong", length=len(signature))
            r, s = (int.from_bytes(half, "big") for half in (signature[:_HALF_ES256], signature[_HALF_ES256:]))
            key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError) as problem:
        raise ForgedError("signature_wrong") from problem


def _known(key: object) -> PublicKey:
    if isinstance(key, Ed25519PublicKey):
        check_public_key(key.public_bytes_raw())
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    if isinstance(key, rsa.RSAPublicKey) and _MIN_RSA_BITS <= key.key_size <= _MAX_RSA_BITS:
        return key
    raise ForgedError("certificate_key_kind", kind=type(key).__name__)


def _algorithm_of(key: object) -> Algorithm:
    if isinstance(key, Ed25519PublicKey):
        return Algorithm.EDDSA
    return Algorithm.PS256 if isinstance(key, rsa.RSAPublicKey) else Algorithm.ES256
