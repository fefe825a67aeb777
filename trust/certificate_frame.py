"""The outer frame of our certificates: what was signed, and by which signature.

Promise: a frame is ``SEQUENCE { tbs, Ed25519, BIT STRING of 64 bytes }`` in DER and nothing else, so that the signature can be
checked before any parser sees what it covers, and no second spelling of one certificate exists. Source: RFC 5280 §4.1, RFC 8410.
"""

from __future__ import annotations

from typing import NamedTuple

from trust.errors import StructureError
from trust.keys import SIGNATURE_BYTES

MAX_CERTIFICATE_BYTES = 4096
_SEQUENCE = 0x30
_ED25519_ALGORITHM = bytes.fromhex("300506032b6570")
_SIGNATURE_HEAD = bytes.fromhex("034100")
_TAIL_BYTES = len(_ED25519_ALGORITHM) + len(_SIGNATURE_HEAD) + SIGNATURE_BYTES


class CertificateFrame(NamedTuple):
    """The part that was signed and its signature."""

    tbs: bytes
    signature: bytes


def join_frame(tbs: bytes, signature: bytes) -> bytes:
    """Return the certificate in DER."""
    content = tbs + _ED25519_ALGORITHM + _SIGNATURE_HEAD + signature
    return _sequence_head(len(content)) + content


def split_frame(der: bytes) -> CertificateFrame:
    """Take a certificate apart.

    Raises:
        StructureError: ``certificate_frame`` when it isn't exactly what ``join_frame`` writes.
    """
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise StructureError("certificate_too_long", length=len(der), limit=MAX_CERTIFICATE_BYTES)
    long_form_bytes = der[1] & 0x7F if len(der) > 1 and der[1] & 0x80 else 0
    frame = CertificateFrame(der[2 + long_form_bytes : -_TAIL_BYTES], der[-SIGNATURE_BYTES:])
    if frame.tbs[:1] != bytes((_SEQUENCE,)) or join_frame(*frame) != der:
        raise StructureError("certificate_frame", length=len(der))
    return frame


def _sequence_head(length: int) -> bytes:
    if length < 0x80:
        return bytes((_SEQUENCE, length))
    size = (length.bit_length() + 7) // 8
    return bytes((_SEQUENCE, 0x80 | size)) + length.to_bytes(size, "big")
