# ruff: noqa: PLC0415 - pyhanko is an extra and costs a third of a second to load: only who signs or checks pays for it
"""Signing the file itself (PAdES, ETSI EN 319 142-1, level B-B), an option: any reader of PDF can then tell that no byte was changed.

Promise: the signature covers the whole file, nothing visible changes, and the file stays PDF/A-3. With the device's key (Ed25519) the same drawing
gives the same bytes; a key from a PKCS#12 file (ES256, RSA) is for readers that know no Ed25519. The QR code's signature is another thing and
does not need this one: it survives paper, this one does not. Off unless the setting says otherwise (docs/adr/0139).
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from claims.errors import Bilingual, EnvironmentProblem, InputError
from claims.paper_definitions import PaperSize
from claims.papers import FilledPaper, Language
from claims.ports import Drawing
from trust.keys import Signer

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer as CmsSigner

FIELD = "Outpost"
_PDF_2 = (2, 0)
_REASON = "单证归档 archived paper"
_SPARE = 32
"""Hex digits beyond the estimate: two signatures by one key of an elliptic curve may differ in length by a few bytes."""

Sign = Callable[[bytes, datetime], bytes]
"""Signs a PDF as of an instant (UTC)."""


def sign_by_device(pdf: bytes, at: datetime, *, signer: Signer, certificate: bytes) -> bytes:
    """Sign with the device's key; its certificate (DER) travels in the file.

    Raises:
        EnvironmentProblem: ``signing_missing``, the package that signs is not installed.
    """
    _require_package()
    from forms.document_signers import device_signer

    # RFC 8419 §3.1: Ed25519 in CMS goes with SHA-512.
    return _signed(pdf, at, device_signer(signer, certificate), "sha512")


def sign_by_pkcs12(pdf: bytes, at: datetime, *, pkcs12: bytes, passphrase: str) -> bytes:
    """Sign with the key of a PKCS#12 file.

    Raises:
        InputError: ``pkcs12_unreadable``, a wrong passphrase or no key inside.
        EnvironmentProblem: ``signing_missing``.
    """
    _require_package()
    from forms.document_signers import pkcs12_signer

    return _signed(pdf, at, pkcs12_signer(pkcs12, passphrase), "sha256")


class SignedDrawing:
    """Implements ``claims.ports.Drawing`` over another one: every paper is signed as of its print time. A reading copy is no paper and is not."""

    def __init__(self, drawing: Drawing, sign: Sign) -> None:
        self._drawing = drawing
        self._sign = sign

    def paper(self, content: FilledPaper, *, language: Language = Language.ZH, size: PaperSize = PaperSize.A4) -> bytes:
        """Return a signed paper, or an unsigned reading copy."""
        drawn = self._drawing.paper(content, language=language, size=size)
        return self._sign(drawn, content.head.printed_at) if language is Language.ZH else drawn


def unreadable_pkcs12(problem: Exception) -> InputError:
    """Return the refusal of a key file."""
    return InputError(
        "pkcs12_unreadable",
        Bilingual(
            f"签名密钥文件无法打开（{type(problem).__name__}）：口令不对，或其中没有密钥。",
            f"The signing key file can't be opened ({type(problem).__name__}): a wrong passphrase, or no key inside.",
        ),
        Bilingual("请核对文件和口令。", "Check the file and the passphrase."),
    )


def require_signing() -> None:
    """Raise ``EnvironmentProblem`` (``signing_missing``) where the package that signs is not installed."""
    _require_package()


def _require_package() -> None:
    try:
        import pyhanko.sign  # noqa: F401 - only whether it is here
    except ImportError as missing:
        raise EnvironmentProblem(
            "signing_missing",
            Bilingual(
                "已设定对单证文件签名，但本机没有安装签名组件（pyhanko）。",
                "Papers are set to be signed, but the component that signs (pyhanko) is not installed here.",
            ),
            Bilingual(
                "请安装 outpost[sign]，或在 settings.json 中去掉 sign_documents；二维码签名不受影响。",
                "Install outpost[sign], or take sign_documents out of settings.json; the QR code's signature does not depend on it.",
            ),
        ) from missing


def _signed(pdf: bytes, at: datetime, signer: CmsSigner, digest: str) -> bytes:
    from pyhanko.sign import fields, signers
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    moment = at.astimezone(UTC).replace(microsecond=0)
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=digest,
        subfilter=fields.SigSeedSubFilter.PADES,
        reason=_REASON,
        tight_size_estimates=True,
    )

    async def sign() -> bytes:
        # The steps of pyhanko's ``async_sign_pdf``, which would take the instant from the machine's clock.
        session = signers.PdfSigner(metadata, signer).init_signing_session(_unchanging_writer(pdf))
        session.system_time = moment
        room = await session.estimate_signature_container_size(None, tight=True)
        document = session.prepare_tbs_document(validation_info=None, bytes_reserved=room + _SPARE)
        prepared, written = document.digest_tbs_document()
        finished = await document.perform_signature(
            document_digest=prepared.document_digest,
            pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=moment),
        )
        await finished.post_signature_processing(written)
        written.seek(0)
        return bytes(written.read())

    return asyncio.run(sign())


def _unchanging_writer(pdf: bytes) -> Any:
    """Return pyhanko's writer, kept from changing what the archive step settled: version 1.7, dates, producer, a file id by content."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.reader import PdfFileReader

    class Writer(IncrementalPdfFileWriter):
        def ensure_output_version(self, version: tuple[int, int]) -> None:
            # Ed25519 would be announced as PDF 2.0 (ISO/TS 32002), which a PDF/A-3 is not; no reader needs the word to check it.
            if version < _PDF_2:
                super().ensure_output_version(version)  # type: ignore[no-untyped-call]  # pyhanko leaves it untyped

        def register_extension(self, ext: Any) -> None:
            if ext.prefix_name == "/ESIC":
                super().register_extension(ext)

        def _update_meta(self) -> None:
            """Leave the paper's dates and words as they are: what is signed is the drawing."""

        @classmethod
        def _handle_id(cls, prev: PdfFileReader) -> Any:
            first, _ = prev.trailer["/ID"]
            changed = hashlib.sha256(b"signed" + pdf).digest()[:16]
            return generic.ArrayObject([first, generic.ByteStringObject(changed)])

    return Writer(io.BytesIO(pdf))
