"""Checks a printed voucher as a stranger would: from the page's picture and headquarters' root certificate alone.

Promise: shares no code with the rest of Outpost (import-linter forbids it). The page is rasterised by PDFium, its QR read
by ZXing, base45 and the CBOR are taken apart here, the signature is verified by the ``cwt`` COSE library and the certificate
by ``cryptography``. Development dependencies only: the product does not need this file.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass

import cbor2
import pypdfium2
import zxingcpp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cwt import COSE, COSEKey, VerifyError

_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_PREFIX = "OP1:"
_X5CHAIN = 33


class NotGenuineError(Exception):
    """The paper does not verify; the text says at which step."""


@dataclass(frozen=True)
class CheckedVoucher:
    """What the paper says, once it verified. Keys of ``claims`` are the integers on the wire."""

    claims: dict[int, object]
    device: str


def read_qr(pdf: bytes, dpi: int = 200) -> str:
    """Rasterise the pages and read the voucher's QR. Raises ``NotGenuineError`` when there is none."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        for page in document:
            for found in zxingcpp.read_barcodes(page.render(scale=dpi / 72).to_pil()):
                if found.text.startswith(_PREFIX):
                    return str(found.text)
    finally:
        document.close()
    raise NotGenuineError("no voucher QR on the paper")


def check(qr_text: str, root_pem: bytes) -> CheckedVoucher:
    """Verify QR text against the root certificate. Raises ``NotGenuineError`` for anything that does not verify."""
    try:
        message = zlib.decompress(_base45(qr_text.removeprefix(_PREFIX)))
        protected = cbor2.loads(cbor2.loads(message).value[0])
        certificate = x509.load_der_x509_certificate(protected[_X5CHAIN])
        root = x509.load_pem_x509_certificate(root_pem)
        certificate.verify_directly_issued_by(root)
        public_key = certificate.public_key()
        if not isinstance(public_key, Ed25519PublicKey):
            raise NotGenuineError("not an Ed25519 certificate")
        pem = public_key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        payload = COSE.new().decode(message, COSEKey.from_pem(pem, alg="EdDSA", kid=protected[4]))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, zlib.error) as error:
        raise NotGenuineError(f"unreadable: {error}") from error
    except (InvalidSignature, VerifyError) as error:
        raise NotGenuineError("the signature does not fit") from error
    claims = cbor2.loads(payload)
    name = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    return CheckedVoucher(claims=claims, device=str(name))


def with_one_digit_changed(qr_text: str) -> str:
    """Return the same QR text with the last decimal digit of its signed amount's bytes changed: a forger's attempt."""
    message = bytearray(zlib.decompress(_base45(qr_text.removeprefix(_PREFIX))))
    place = next(i for i in range(len(message) // 2, len(message)) if 0x30 <= message[i] <= 0x39)
    message[place] = 0x30 + (message[place] - 0x30 + 1) % 10
    return _PREFIX + _to_base45(zlib.compress(bytes(message)))


def _base45(text: str) -> bytes:
    out = bytearray()
    digits = [_BASE45.index(each) for each in text]
    for start in range(0, len(digits), 3):
        group = digits[start : start + 3]
        number = sum(digit * 45**power for power, digit in enumerate(group))
        out += number.to_bytes(2 if len(group) == 3 else 1, "big")
    return bytes(out)


def _to_base45(raw: bytes) -> str:
    out = []
    for start in range(0, len(raw), 2):
        group = raw[start : start + 2]
        number = int.from_bytes(group, "big")
        for _ in range(len(group) + 1):
            number, digit = divmod(number, 45)
            out.append(_BASE45[digit])
    return "".join(out)
