"""The verifier core: one way to check a signed QR text, whatever its prefix, algorithm and trust anchor.

Promise: a text passes only if every part holds: prefix, base45, zlib, the COSE message, algorithm, key id, certificate, signature, times and
the use the certificate allows. Each part has a code of its own, so that a person can be told which one failed. It knows no clock: the instant
comes in. For any text the answer is ``Verified`` or a ``ForgedError``.

    text   prefix + base45(zlib(message))
    message  [protected << {1: algorithm, 4: key id, ...} >>, unprotected {}, payload, signature], tagged as the profile allows

Source: RFC 9052 §4.2 and §4.4, RFC 9360 (x5chain), RFC 8392 (times), RFC 9285 (base45); docs/adr/0136.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime

from trust.base45 import decode_base45
from trust.cbor_reading import Tagged, read_cbor
from trust.certificates import read_device_name
from trust.errors import ForgedError, StructureError
from trust.sign1 import signature_input, take_apart
from trust.verifier_certificates import (
    Algorithm,
    SignerCertificate,
    check_issued,
    check_signature,
    check_validity,
    read_signer,
)
from trust.verifier_content import Times, check_health, check_times, check_within, read_times
from trust.verifier_profiles import PROFILES, Content, KidRule, Profile
from trust.vouchers import MAX_QR_CHARACTERS, VoucherClaims, read_voucher_claims

__all__ = [
    "Anchor",
    "Message",
    "Verified",
    "open_text",
    "profile_of",
    "signer_in",
    "take_text_apart",
    "verify_signed_text",
]

_ALG, _CRIT, _CONTENT_TYPE, _KID, _X5CHAIN = 1, 2, 3, 4, 33  # RFC 9052 §3.1, RFC 9360 §2
_VOUCHER_CONTENT_TYPE = "op/v1"
_MAX_DEPTH = 16
_ENDINGS = "\r\n\t"  # What hand scanners add; a space belongs to base45.


@dataclass(frozen=True, slots=True)
class Anchor:
    """What is trusted beforehand: a certificate, read once.

    ``is_root``: signers must be issued by it (their certificate comes in the message's x5chain); else it is the signer itself.
    """

    certificate: SignerCertificate
    is_root: bool

    @classmethod
    def of(cls, content: bytes) -> Anchor:
        """Trust this certificate (DER or PEM): as a root if it may issue certificates, else as the signer.

        Raises:
            StructureError, ForgedError: not a certificate, or of a key that no algorithm goes with.
        """
        certificate = read_signer(content)
        return cls(certificate, certificate.is_authority)


@dataclass(frozen=True, slots=True)
class Message:
    """A message taken apart, **not yet verified**."""

    headers: dict[int | str | bytes, object]
    unprotected: dict[int | str | bytes, object]
    protected: bytes
    payload: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """What was proved. ``voucher`` is set for vouchers, ``device`` (name, epoch, station) where a device's certificate signed."""

    profile: Profile
    algorithm: Algorithm
    kid: bytes
    signer: SignerCertificate
    payload: bytes
    times: Times
    voucher: VoucherClaims | None = None
    device: tuple[str, int, str] | None = None


def profile_of(text: str) -> Profile:
    """Return the profile of a text by its prefix. Raises ``StructureError`` (``text_prefix``)."""
    for profile in PROFILES:
        if text.startswith(profile.prefix):
            return profile
    raise StructureError("text_prefix", start=text[:4])


def verify_signed_text(text: str, anchor: Anchor, at: datetime) -> Verified:
    """Verify a text by the profile its prefix names. ``at``: the instant at which it must be valid, aware.

    Raises:
        StructureError, ForgedError: which part fails is the code.
    """
    profile = profile_of(text)
    message = take_text_apart(text, profile)
    signer = _signer(message, anchor, profile)
    algorithm = _algorithm(message, profile)
    kid = _checked_kid(message, signer, profile)
    check_signature(signer, algorithm, message.signature, signature_input(message.protected, message.payload))
    if not signer.may_sign:
        raise ForgedError("key_usage", expected="digital signature")
    if profile.content is Content.VOUCHER:
        voucher = read_voucher_claims(message.payload)
        device = read_device_name(signer.der) if anchor.is_root else None
        return Verified(profile, algorithm, kid, signer, message.payload, Times(), voucher, device)
    claims = read_cbor(message.payload, max_bytes=profile.max_bytes, max_depth=_MAX_DEPTH)
    times = read_times(claims)
    if profile.dated:
        check_validity(signer, at)
        check_times(times, at)
        check_within(times, signer)
    check_health(claims, signer)
    return Verified(profile, algorithm, kid, signer, message.payload, times)


def take_text_apart(text: str, profile: Profile) -> Message:
    """Return the message that a text carries, **unverified**. Raises ``StructureError``."""
    return _take_apart(open_text(text, profile), profile)


def open_text(text: str, profile: Profile) -> bytes:
    """Return the bytes of the message that a text carries, **unverified**; unpacking stops at the profile's limit.

    Raises:
        StructureError: ``text_*``, ``base45_*``, ``zlib_*``.
    """
    text = text.rstrip(_ENDINGS)
    if not text.startswith(profile.prefix):
        raise StructureError("text_prefix", start=text[:4])
    if len(text) > MAX_QR_CHARACTERS:
        raise StructureError("text_too_long", length=len(text), limit=MAX_QR_CHARACTERS)
    packed = decode_base45(text[len(profile.prefix) :])
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(packed, profile.max_bytes + 1)
    except zlib.error as problem:
        raise StructureError("zlib_broken", length=len(packed)) from problem
    if len(raw) > profile.max_bytes:
        raise StructureError("zlib_too_long", limit=profile.max_bytes)
    if not unpacker.eof:
        raise StructureError("zlib_truncated", length=len(packed))
    if unpacker.unused_data:
        raise StructureError("zlib_trailing_bytes", length=len(unpacker.unused_data))
    return raw


def signer_in(message: Message) -> tuple[SignerCertificate, tuple[str, int, str]]:
    """Return the certificate that a message carries and the device it names, **untrusted**.

    Raises:
        StructureError, ForgedError: there is none, or it is not a device's.
    """
    chain = message.headers.get(_X5CHAIN)
    if not isinstance(chain, bytes):
        raise StructureError("chain_missing")
    signer = read_signer(chain)
    if signer.der != chain:
        raise StructureError("certificate_unreadable", length=len(chain))
    return signer, read_device_name(chain)


def _take_apart(raw: bytes, profile: Profile) -> Message:
    value = read_cbor(raw, max_bytes=profile.max_bytes, max_depth=_MAX_DEPTH)
    tags: tuple[int, ...] = ()
    while isinstance(value, Tagged):
        tags, value = (*tags, value.number), value.value
    if tags not in profile.tags:
        raise StructureError("message_tags", tags=tags)
    match value:
        case [bytes(protected), dict(unprotected), bytes(payload), bytes(signature)]:
            pass
        case _:
            raise StructureError("message_shape")
    headers = read_cbor(protected, max_bytes=profile.max_bytes, max_depth=_MAX_DEPTH) if protected else {}
    if not isinstance(headers, dict):
        raise StructureError("protected_headers")
    if unprotected and not profile.loose_headers:
        raise StructureError("unprotected_headers")
    # A label may stand in one of the two maps only (RFC 9052 §3). The key id is the exception that public papers make: the signed one counts.
    if (headers.keys() & unprotected.keys()) - {_KID}:
        raise StructureError("header_twice")
    if _CRIT in headers or _CRIT in unprotected:
        raise StructureError("header_critical")
    if profile.content is Content.VOUCHER and headers.get(_CONTENT_TYPE) != _VOUCHER_CONTENT_TYPE:
        raise StructureError("voucher_content_type")
    if profile.content is Content.VOUCHER and headers.get(_ALG) == Algorithm.EDDSA:
        # What our own devices sign has one shape only; two readers must never disagree about it.
        take_apart(raw, max_bytes=profile.max_bytes)
    return Message(headers, unprotected, protected, payload, signature)


def _signer(message: Message, anchor: Anchor, profile: Profile) -> SignerCertificate:
    """Return the certificate whose key must have signed: the anchor, or the one in the message that the anchor issued."""
    if profile.content is not Content.VOUCHER or not anchor.is_root:
        return anchor.certificate
    signer, _ = signer_in(message)
    check_issued(signer, anchor.certificate)
    return signer


def _algorithm(message: Message, profile: Profile) -> Algorithm:
    found = _header(message, _ALG, profile)
    for allowed in profile.algorithms:
        if found == allowed and not isinstance(found, bool):
            return allowed
    raise ForgedError("algorithm_not_allowed", algorithm=found)


def _checked_kid(message: Message, signer: SignerCertificate, profile: Profile) -> bytes:
    kid = _header(message, _KID, profile)
    if kid is None:
        raise ForgedError("kid_missing")
    expected = signer.serial_kid if profile.kid is KidRule.SERIAL else signer.sha256_kid
    if not isinstance(kid, bytes) or kid != expected:
        raise ForgedError(
            "kid_mismatch", kid=kid.hex() if isinstance(kid, bytes) else str(kid), expected=expected.hex()
        )
    return kid


def _header(message: Message, label: int, profile: Profile) -> object:
    """Return a header: the signed one, else, where the profile allows it, the unsigned one."""
    if label in message.headers or not profile.loose_headers:
        return message.headers.get(label)
    return message.unprotected.get(label)
