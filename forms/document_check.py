# ruff: noqa: PLC0415 - pyhanko is an extra and costs a third of a second to load: only who signs or checks pays for it
"""Checking the signature of a file: whole, unchanged, by a key below one of our roots.

Promise: ``genuine`` only when the newest signature covers every byte of the file, the bytes are those that were signed, and the signer's
certificate leads to one of the given roots and was valid at the signing time it states. A signer below headquarters' own root must be a device:
the shape of the certificate decides, as everywhere (``trust.certificates``). Nothing is fetched from a network.
"""

from __future__ import annotations

import io
import logging
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING

from claims.errors import Bilingual
from claims.trusted_time import beijing_text
from forms.document_signing import require_signing
from trust.certificates import TrustStore
from trust.errors import ForgedError

if TYPE_CHECKING:
    from asn1crypto import x509
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko.sign.validation.status import PdfSignatureStatus

# What a parser of foreign bytes may stumble into; the file is unreadable then, whatever the name of the fault.
_STUMBLES = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
    NotImplementedError,
    OSError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class DocumentVerdict:
    """What a check found. ``signer``: the device, or the name on another certificate. ``signed_at`` is the signer's own word (UTC)."""

    signed: bool
    covers_file: bool = False
    intact: bool = False
    trusted: bool = False
    signer: str | None = None
    signed_at: datetime | None = None
    problem: str | None = None

    @property
    def genuine(self) -> bool:
        """Tell whether everything holds."""
        return self.signed and self.covers_file and self.intact and self.trusted

    @property
    def sentence(self) -> Bilingual:
        """Return the verdict in words."""
        if self.problem is not None:
            return Bilingual(
                f"文件的签名无法读取（{self.problem}），不能据此认定文件未被改动。",
                f"The file's signature can't be read ({self.problem}): it does not show that the file is unchanged.",
            )
        if not self.signed:
            return Bilingual("文件没有数字签名。", "The file carries no signature of its own.")
        if not self.intact:
            return Bilingual(
                "文件签名后被改动：内容与签名不符。",
                "The file was changed after it was signed: content and signature differ.",
            )
        if not self.covers_file:
            return Bilingual(
                "签名之后文件又被追加了内容，签名不包括追加的部分。",
                "Something was added to the file after it was signed; the signature does not cover it.",
            )
        if not self.trusted:
            return Bilingual(
                f"文件未被改动，但签名者 {self.signer} 的证书不是由认可的根证书签发。",
                f"The file is unchanged, but the certificate of its signer {self.signer} does not come from a root that is trusted here.",
            )
        at = "" if self.signed_at is None else beijing_text(self.signed_at)
        return Bilingual(
            f"文件由 {self.signer} 签名（{at}），此后没有改动。",
            f"Signed by {self.signer} ({at}); unchanged since.",
        )


def check_document(pdf: bytes, roots: Sequence[bytes]) -> DocumentVerdict:
    """Check the newest signature of a PDF against root certificates (DER).

    Raises:
        EnvironmentProblem: ``signing_missing``, the package that checks is not installed.
    """
    require_signing()
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    try:
        with _quiet():
            found = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
            if not found:
                return DocumentVerdict(signed=False)
            signature = found[-1]
            status = _validated(signature, roots)
    except (PdfError, *_STUMBLES) as problem:
        return DocumentVerdict(signed=False, problem=type(problem).__name__)
    certificate: x509.Certificate = signature.signer_cert
    role, device = _role(certificate.dump(), roots)
    return DocumentVerdict(
        signed=True,
        covers_file=status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        # Who is not trusted may enclose whatever they like: it is not genuine, and still unchanged.
        intact=bool(status.intact and status.valid)
        and _written_as_ours(pdf, signature, roots if status.trusted else None),
        trusted=bool(status.trusted) and role is not _Role.NOT_A_DEVICE,
        signer=device or str(certificate.subject.human_friendly),
        signed_at=status.signer_reported_dt,
    )


def _validated(signature: EmbeddedPdfSignature, roots: Sequence[bytes]) -> PdfSignatureStatus:
    from asn1crypto import x509
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    context = ValidationContext(
        trust_roots=[x509.Certificate.load(root) for root in roots],
        moment=signature.self_reported_timestamp,
        allow_fetching=False,
    )
    # A device's certificate carries no extension at all: it travels in every QR code (docs/adr/0010). Its shape is checked by ``_role``.
    return validate_pdf_signature(signature, context, key_usage_settings=KeyUsageConstraints(key_usage=frozenset()))


def _written_as_ours(pdf: bytes, signature: EmbeddedPdfSignature, roots: Sequence[bytes] | None) -> bool:
    """Tell whether the gap that no signature can cover holds exactly the signature, spelled as we spell it.

    The format leaves room there: letter case, padding, certificates that nobody needs, fields outside the signed attributes. A byte changed in it
    changes nothing that was signed, and is a changed byte all the same.
    """
    from asn1crypto import cms

    info, own = signature.signer_info, signature.signer_cert
    certificates = signature.signed_data["certificates"]
    digest = {"algorithm": info["digest_algorithm"]["algorithm"].native}
    exact = cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": {
                "version": "v1",
                "digest_algorithms": [digest],
                "encap_content_info": {"content_type": "data"},
                "certificates": certificates,
                "signer_infos": [
                    {
                        "version": "v1",
                        "sid": {"issuer_and_serial_number": {"issuer": own.issuer, "serial_number": own.serial_number}},
                        "digest_algorithm": digest,
                        "signed_attrs": info["signed_attrs"],
                        "signature_algorithm": info["signature_algorithm"],
                        "signature": info["signature"],
                    }
                ],
            },
        }
    ).dump()
    _, start, end, _ = (int(each) for each in signature.byte_range)
    spelled = exact.hex().upper().encode()
    if pdf[start:end] != b"<" + spelled.ljust(end - start - 2, b"0") + b">":
        return False
    return roots is None or all(each.chosen.dump() in {own.dump(), *roots} for each in certificates)


class _Role(Enum):
    """What a certificate is below headquarters' own root; those below another root are judged by their chain alone."""

    DEVICE = auto()
    NOT_A_DEVICE = auto()
    OUTSIDE = auto()


def _role(certificate: bytes, roots: Sequence[bytes]) -> tuple[_Role, str | None]:
    """Return a signer's role, and the device's name where it is one."""
    for root in roots:
        try:
            device = TrustStore(root).verify_device(certificate)
        except ForgedError as problem:
            if problem.code == "certificate_role" and problem.values.get("expected") == "device":
                return _Role.NOT_A_DEVICE, None
        else:
            return _Role.DEVICE, f"{device.station} {device.device}"
    return _Role.OUTSIDE, None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep pyhanko from writing a stack trace for a certificate that is simply not ours: the verdict says it."""
    loggers = [logging.getLogger(f"pyhanko.sign.validation.{name}") for name in ("generic_cms", "pdf_embedded")]
    before = [each.disabled for each in loggers]
    for each in loggers:
        each.disabled = True
    try:
        yield
    finally:
        for each, was in zip(loggers, before, strict=True):
            each.disabled = was
