"""The one-time code that makes a new laptop a device, and lets it know headquarters before any certificate is on it.

Promise: a code carries 80 bits of the root certificate's SHA-256, so a laptop that holds nothing but the code can tell
headquarters' root from anybody else's; and a 40-bit secret that HQ accepts once. A mistyped code is found before anything
is sent. Both sides use these functions; HQ stores only what ``secret_fingerprint`` returns.

A code reads ``XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX``: Crockford base32 (no I, L, O, U) of 10 bytes fingerprint, 5 bytes
secret and 20 bits of check. Small and full-width letters, spaces and the look-alikes I/L -> 1, O -> 0 are read as meant.

Source: docs/adr/0060-first-contact.md.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

import msgspec

SECRET_BYTES = 5
FINGERPRINT_BYTES = 10
_CHECK_BITS = 20
_GROUP = 4
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAYLOAD_BYTES = FINGERPRINT_BYTES + SECRET_BYTES
_CHARACTERS = (_PAYLOAD_BYTES * 8 + _CHECK_BITS) // 5
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0", " ": None, "-": None, "\u2013": None, "\u2014": None})


class EnrolmentCodeError(ValueError):
    """The text is no enrolment code: wrong length, a foreign character, or a mistyped one (the check does not match)."""


class EnrolmentCode(msgspec.Struct, frozen=True):
    """A code taken apart: what HQ must prove (``fingerprint``) and what the laptop must prove (``secret``)."""

    fingerprint: bytes
    secret: bytes

    def matches(self, root_der: bytes) -> bool:
        """Tell whether a root certificate is the one this code was made for."""
        return hmac.compare_digest(root_fingerprint(root_der), self.fingerprint)


def root_fingerprint(root_der: bytes) -> bytes:
    """Return the first 80 bits of the SHA-256 of a root certificate's DER bytes."""
    return hashlib.sha256(root_der).digest()[:FINGERPRINT_BYTES]


def secret_fingerprint(secret: bytes) -> str:
    """Return the hex digest under which HQ files a secret, so that its database holds no usable code."""
    return hashlib.sha256(b"outpost-enrolment-1\n" + secret).hexdigest()


def make_code(secret: bytes, root_der: bytes) -> str:
    """Return the code for ``SECRET_BYTES`` random bytes. Raises ``ValueError`` for another length."""
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"an enrolment secret has {SECRET_BYTES} bytes, not {len(secret)}")
    return _write(root_fingerprint(root_der) + secret)


def split_code(code: str) -> EnrolmentCode:
    """Read a code as typed. Raises ``EnrolmentCodeError``."""
    text = unicodedata.normalize("NFKC", code).strip().upper().translate(_LOOKALIKES)
    if len(text) != _CHARACTERS:
        raise EnrolmentCodeError(f"an enrolment code has {_CHARACTERS} characters, not {len(text)}")
    number = 0
    for character in text:
        value = _ALPHABET.find(character)
        if value < 0:
            raise EnrolmentCodeError(f"an enrolment code has no character {character!r}")
        number = number * 32 + value
    payload = (number >> _CHECK_BITS).to_bytes(_PAYLOAD_BYTES, "big")
    if number & ((1 << _CHECK_BITS) - 1) != _check(payload):
        raise EnrolmentCodeError("a character of the enrolment code is mistyped")
    return EnrolmentCode(fingerprint=payload[:FINGERPRINT_BYTES], secret=payload[FINGERPRINT_BYTES:])


def canonical_code(code: str) -> str:
    """Return a code as ``make_code`` wrote it, whatever way it was typed. Raises ``EnrolmentCodeError``."""
    parts = split_code(code)
    return _write(parts.fingerprint + parts.secret)


def _check(payload: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"outpost-code-check-1\n" + payload).digest()[:3], "big") >> (24 - _CHECK_BITS)


def _write(payload: bytes) -> str:
    number = (int.from_bytes(payload, "big") << _CHECK_BITS) | _check(payload)
    text = "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(_CHARACTERS)))
    return "-".join(text[start : start + _GROUP] for start in range(0, _CHARACTERS, _GROUP))
