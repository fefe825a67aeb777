"""Statements: what headquarters says, signed, so that nobody between can say it instead.

Promise: ``open_statement`` returns only what a service key below the root signed; the kind is part of what is signed, so one
statement can't pass for another kind. Age and order are the reader's matter: each body carries its own.
"""

from __future__ import annotations

import re

from trust.certificates import TrustStore
from trust.errors import StructureError, TrustError
from trust.keys import Signer
from trust.sign1 import sign1, take_apart, verify_sign1

MAX_STATEMENT_BYTES = 4 * 1024 * 1024
_PREFIX = "outpost/"
_KIND = re.compile(r"[a-z][a-z0-9_.-]{0,63}(@[0-9]{1,4})?")


def sign_statement(signer: Signer, service_certificate_der: bytes, kind: str, body: bytes) -> bytes:
    """Return the signed statement. ``kind`` is like ``log_receipted@1``; ``body`` is signed and forwarded verbatim.

    Raises:
        TrustError: ``statement_kind``, ``statement_too_long``, ``signer_not_certified``.
    """
    if not _KIND.fullmatch(kind):
        raise TrustError("statement_kind", kind=kind)
    raw = sign1(signer, service_certificate_der, _PREFIX + kind, body)
    if len(raw) > MAX_STATEMENT_BYTES:
        raise TrustError("statement_too_long", length=len(raw), limit=MAX_STATEMENT_BYTES)
    return raw


def open_statement(raw: bytes, roots: TrustStore) -> tuple[str, bytes]:
    """Verify a statement and return its kind and body.

    Raises:
        StructureError, ForgedError: not a statement, or not one that headquarters signed.
    """
    message = take_apart(raw, max_bytes=MAX_STATEMENT_BYTES)
    kind = message.content_type.removeprefix(_PREFIX)
    if kind == message.content_type or not _KIND.fullmatch(kind):
        raise StructureError("statement_kind", content_type=message.content_type)
    roots.verify_service(message.certificate)
    verify_sign1(message)
    return kind, message.payload
