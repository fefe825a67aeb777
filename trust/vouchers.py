"""Vouchers: a device's signed promise to pay, small enough for a QR code and checkable by anyone who holds the root certificate.

Promise: ``open_voucher`` returns only what a device below the root signed. Neither it nor the text of the QR code knows a clock:
a voucher of any age is genuine or not. What is signed stays the same bytes through printing, reprinting and reading back.

    claims  CBOR map with integer keys (below), RFC 8949 core deterministic
    raw     COSE_Sign1 of the claims, content type "op/v1", the device's certificate in x5chain
    text    "OP1:" + base45(zlib(raw))

Source: docs/adr/0012-vouchers.md.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

import cbor2
import msgspec

from trust.base45 import decode_base45, encode_base45
from trust.cbor_structure import check_cbor
from trust.certificates import DeviceCertificate, TrustStore
from trust.errors import StructureError
from trust.keys import Signer
from trust.sign1 import sign1, take_apart, verify_sign1

MAX_VOUCHER_BYTES = 4096
MAX_QR_CHARACTERS = 4296  # QR version 40 at level L, ISO/IEC 18004 table 7
MAX_GRANTS = 16
QR_PREFIX = "OP1:"
_CONTENT_TYPE = "op/v1"
_CLAIMS_DEPTH = 2
_MAX_TEXT_CHARACTERS = 128
_MAX_NUMBER = 2**53 - 1
_SHA256_HEX = re.compile(r"[0-9a-f]{64}")


class VoucherClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a voucher promises.

    ``amount_fen`` is at least 1. ``issued_at`` counts UTC seconds since 1970. ``pack_hash`` and ``decision_sha256`` are SHA-256 in
    lower-case hex. ``grants`` are the allowances it was promised from. ``counter`` is the voucher's running number on its device.
    """

    voucher_no: str
    case_no: str
    policy_no: str
    payee: str
    amount_fen: int
    issued_at: int
    station: str
    adjuster: str
    pack_hash: str
    decision_sha256: str
    grants: tuple[str, ...]
    counter: int


@dataclass(frozen=True, slots=True)
class OpenedVoucher:
    """A verified voucher and the device that signed it."""

    claims: VoucherClaims
    certificate: DeviceCertificate


def seal_voucher(signer: Signer, device_certificate_der: bytes, claims: VoucherClaims) -> bytes:
    """Sign a voucher.

    Raises:
        StructureError: ``voucher_*``, claims that no reader would accept. Nothing was signed then.
        TrustError: ``signer_not_certified``, the key isn't the certificate's.
    """
    payload = _encode_claims(claims)
    _decode_claims(payload)
    raw = sign1(signer, device_certificate_der, _CONTENT_TYPE, payload)
    if len(raw) > MAX_VOUCHER_BYTES:
        raise StructureError("voucher_too_long", length=len(raw), limit=MAX_VOUCHER_BYTES)
    return raw


def open_voucher(raw: bytes, roots: TrustStore) -> OpenedVoucher:
    """Verify a voucher by the root certificate alone; the device need not be known.

    Raises:
        StructureError, ForgedError: not a voucher, or not signed by a device below the root.
    """
    message = take_apart(raw, max_bytes=MAX_VOUCHER_BYTES)
    if message.content_type != _CONTENT_TYPE:
        raise StructureError("voucher_content_type", content_type=message.content_type)
    certificate = roots.verify_device(message.certificate)
    verify_sign1(message)
    return OpenedVoucher(_decode_claims(message.payload), certificate)


def voucher_qr_text(raw: bytes) -> str:
    """Return the text that the QR code carries. Raises ``StructureError`` (``voucher_too_long``) when no code could."""
    text = QR_PREFIX + encode_base45(zlib.compress(raw, 9))
    if len(raw) > MAX_VOUCHER_BYTES or len(text) > MAX_QR_CHARACTERS:
        raise StructureError("voucher_too_long", length=len(raw), characters=len(text))
    return text


def voucher_from_qr_text(text: str) -> bytes:
    """Return the raw voucher that a QR code carries, **unverified**.

    Raises:
        StructureError: ``qr_*`` or ``base45_*``; also for a text that would unpack to more than a voucher can be.
    """
    if not text.startswith(QR_PREFIX) or len(text) > MAX_QR_CHARACTERS:
        raise StructureError("qr_not_a_voucher", start=text[: len(QR_PREFIX)], length=len(text))
    packed = decode_base45(text[len(QR_PREFIX) :])
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(packed, MAX_VOUCHER_BYTES + 1)
    except zlib.error as problem:
        raise StructureError("qr_not_zlib", length=len(packed)) from problem
    if len(raw) > MAX_VOUCHER_BYTES or not unpacker.eof or unpacker.unused_data:
        raise StructureError("qr_unpacked_length", length=len(raw), limit=MAX_VOUCHER_BYTES)
    return raw


def read_voucher_claims(payload: bytes) -> VoucherClaims:
    """Read the signed claims of a voucher, **after** its signature was checked. Raises ``StructureError`` (``voucher_*``, ``cbor_*``)."""
    return _decode_claims(payload)


def _encode_claims(claims: VoucherClaims) -> bytes:
    for name in ("pack_hash", "decision_sha256"):
        if not _SHA256_HEX.fullmatch(getattr(claims, name)):
            raise StructureError("voucher_hash", name=name, value=getattr(claims, name))
    # Keys rise and cbor2 writes a dict in its own order with shortest heads: that is the deterministic form.
    return cbor2.dumps(
        {
            1: claims.voucher_no,
            2: claims.case_no,
            3: claims.policy_no,
            4: claims.payee,
            5: claims.amount_fen,
            6: claims.issued_at,
            7: claims.station,
            8: claims.adjuster,
            9: bytes.fromhex(claims.pack_hash),
            10: bytes.fromhex(claims.decision_sha256),
            11: list(claims.grants),
            12: claims.counter,
        }
    )


def _decode_claims(payload: bytes) -> VoucherClaims:
    check_cbor(payload, max_bytes=MAX_VOUCHER_BYTES, max_depth=_CLAIMS_DEPTH)
    fields = cbor2.loads(payload)
    if not isinstance(fields, dict) or list(fields) != list(range(1, 13)):
        raise StructureError("voucher_claims")
    grants = fields[11]
    if not isinstance(grants, list) or len(grants) > MAX_GRANTS:
        raise StructureError("voucher_grants")
    return VoucherClaims(
        voucher_no=_text(fields, 1),
        case_no=_text(fields, 2),
        policy_no=_text(fields, 3),
        payee=_text(fields, 4),
        amount_fen=_number(fields, 5, least=1),
        issued_at=_number(fields, 6),
        station=_text(fields, 7),
        adjuster=_text(fields, 8),
        pack_hash=_sha256(fields, 9),
        decision_sha256=_sha256(fields, 10),
        grants=tuple(_text(dict(enumerate(grants)), index) for index in range(len(grants))),
        counter=_number(fields, 12),
    )


def _text(fields: dict[int, object], key: int) -> str:
    value = fields[key]
    if not isinstance(value, str) or not 1 <= len(value) <= _MAX_TEXT_CHARACTERS:
        raise StructureError("voucher_text", key=key)
    return value


def _number(fields: dict[int, object], key: int, least: int = 0) -> int:
    value = fields[key]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _MAX_NUMBER:
        raise StructureError("voucher_number", key=key, value=value)
    return value


def _sha256(fields: dict[int, object], key: int) -> str:
    value = fields[key]
    if not isinstance(value, bytes) or len(value) != 32:
        raise StructureError("voucher_hash", key=key)
    return value.hex()
