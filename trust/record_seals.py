"""A device's seal on a record that travels beside a voucher: what the QR code has no room for, and headquarters needs to pay.

Promise: ``check_record_seal`` passes only for the very bytes that a device below the root sealed; such a seal can't pass for a voucher nor a
voucher for it, since their content types differ. Knows no clock.

    seal    COSE_Sign1, content type "op/record/v1", payload = SHA-256 of the record, the device's certificate in x5chain

Source: docs/adr/0138.
"""

from __future__ import annotations

import hashlib
import hmac

from trust.certificates import DeviceCertificate, TrustStore
from trust.errors import ForgedError, StructureError
from trust.keys import Signer
from trust.sign1 import sign1, take_apart, verify_sign1

_CONTENT_TYPE = "op/record/v1"
MAX_SEAL_BYTES = 4096


def seal_record(signer: Signer, device_certificate_der: bytes, record: bytes) -> bytes:
    """Return the seal. Raises ``TrustError`` (``signer_not_certified``) when the key isn't the certificate's."""
    return sign1(signer, device_certificate_der, _CONTENT_TYPE, hashlib.sha256(record).digest())


def check_record_seal(seal: bytes, record: bytes, roots: TrustStore) -> DeviceCertificate:
    """Return the device that sealed the record.

    Raises:
        StructureError, ForgedError: not a seal, not by a device below the root, or of another record (``record_changed``).
    """
    message = take_apart(seal, max_bytes=MAX_SEAL_BYTES)
    if message.content_type != _CONTENT_TYPE:
        raise StructureError("record_content_type", content_type=message.content_type)
    certificate = roots.verify_device(message.certificate)
    verify_sign1(message)
    if not hmac.compare_digest(message.payload, hashlib.sha256(record).digest()):
        raise ForgedError("record_changed")
    return certificate
