"""Statements of a device: what one laptop says to another, or about another, so that nobody between can say it instead.

Promise: ``open_device_statement`` returns only what a device below the root signed; the kind is part of what is signed. A device statement
can't pass for one of headquarters nor for a voucher, since content types and certificate roles differ. Knows no clock and no revocation.

    COSE_Sign1, content type "op/device/<kind>", payload = body verbatim, the device's certificate in x5chain
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from trust.certificates import DeviceCertificate, TrustStore
from trust.errors import StructureError, TrustError
from trust.keys import Signer
from trust.sign1 import sign1, take_apart, verify_sign1

MAX_DEVICE_STATEMENT_BYTES = 64 * 1024
_PREFIX = "op/device/"
_KIND = re.compile(r"[a-z][a-z0-9_.-]{0,63}@[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class DeviceStatement:
    """A verified statement: its kind (``allowance_transfer@1``), its body verbatim, and the device that signed it."""

    kind: str
    body: bytes
    signed_by: DeviceCertificate


def sign_device_statement(signer: Signer, device_certificate_der: bytes, kind: str, body: bytes) -> bytes:
    """Return the signed statement.

    Raises:
        TrustError: ``device_statement_kind``, ``device_statement_too_long``, ``signer_not_certified``.
    """
    if not _KIND.fullmatch(kind):
        raise TrustError("device_statement_kind", kind=kind)
    raw = sign1(signer, device_certificate_der, _PREFIX + kind, body)
    if len(raw) > MAX_DEVICE_STATEMENT_BYTES:
        raise TrustError("device_statement_too_long", length=len(raw), limit=MAX_DEVICE_STATEMENT_BYTES)
    return raw


def open_device_statement(raw: bytes, roots: TrustStore) -> DeviceStatement:
    """Verify a statement.

    Raises:
        StructureError, ForgedError: not a device's statement, or not by a device below the root.
    """
    message = take_apart(raw, max_bytes=MAX_DEVICE_STATEMENT_BYTES)
    kind = message.content_type.removeprefix(_PREFIX)
    if kind == message.content_type or not _KIND.fullmatch(kind):
        raise StructureError("device_statement_kind", content_type=message.content_type)
    certificate = roots.verify_device(message.certificate)
    verify_sign1(message)
    return DeviceStatement(kind, message.payload, certificate)
