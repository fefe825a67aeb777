"""What one kind of signed QR text must look like: the profile that the verifier core is asked with.

Promise: a profile is data; everything that differs between our vouchers and other papers of the same family stands here and nowhere else.

``VOUCHER`` describes a voucher of any trust anchor; one below our own Ed25519 root also opens by ``trust.vouchers.open_voucher``, whose single
shape is stricter still. ``HEALTH`` are the European health certificates, on whose public test data the core is tried (docs/adr/0136).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from trust.verifier_certificates import Algorithm
from trust.vouchers import MAX_VOUCHER_BYTES, QR_PREFIX

SIGN1_TAG = 18  # RFC 9052 §2
CWT_TAG = 61  # RFC 8392 §6


class KidRule(Enum):
    """What a key id is made of."""

    SHA256_START = auto()
    """The first eight bytes of the certificate's SHA-256."""
    SERIAL = auto()
    """The certificate's serial number in eight bytes."""


class Content(Enum):
    """What the signed payload is."""

    VOUCHER = auto()
    HEALTH_CERTIFICATE = auto()
    """A CWT with one health certificate (claim -260, entry 1) of one kind."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of signed text.

    ``tags``: the chains of tags that may stand around the message, outermost first. ``loose_headers``: algorithm and key id may stand outside
    the signature where there is none inside (neither can mislead: the certificate alone says which key and so which algorithm).
    ``dated``: certificate and payload (a CWT) must be valid at the asked instant. ``max_bytes``: unpacked.
    """

    name: str
    prefix: str
    algorithms: frozenset[Algorithm]
    tags: frozenset[tuple[int, ...]]
    kid: KidRule
    loose_headers: bool
    dated: bool
    content: Content
    max_bytes: int


VOUCHER = Profile(
    name="voucher",
    prefix=QR_PREFIX,
    algorithms=frozenset(Algorithm),
    tags=frozenset({(SIGN1_TAG,)}),
    kid=KidRule.SERIAL,
    loose_headers=False,
    dated=False,
    content=Content.VOUCHER,
    max_bytes=MAX_VOUCHER_BYTES,
)
HEALTH = Profile(
    name="health",
    prefix="HC1:",
    algorithms=frozenset({Algorithm.ES256, Algorithm.PS256}),
    tags=frozenset({(SIGN1_TAG,), (CWT_TAG, SIGN1_TAG), ()}),
    kid=KidRule.SHA256_START,
    loose_headers=True,
    dated=True,
    content=Content.HEALTH_CERTIFICATE,
    max_bytes=32_768,
)
PROFILES = (VOUCHER, HEALTH)
