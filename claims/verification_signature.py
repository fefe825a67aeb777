"""The signature part of a verification: what the code's text proves under headquarters' root, or which part of it fails.

Promise: a ``CheckedVoucher`` was signed by a device below the root; below a root of our own kind the single strict shape of
``trust.vouchers`` holds as well as the verifier core.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

from claims.errors import Bilingual
from claims.verification_verdicts import PaperVerdict, Verdict, forged, not_a_voucher, unreadable
from claims.verification_words import failed_part
from trust.certificates import TrustStore
from trust.errors import ForgedError, TrustError
from trust.sign1 import signature_input
from trust.verifier import Anchor, open_text, signer_in, take_text_apart, verify_signed_text
from trust.verifier_certificates import Algorithm, check_signature
from trust.verifier_profiles import VOUCHER
from trust.vouchers import VoucherClaims, open_voucher

_ENDINGS = "\r\n\t"
_UNREADABLE = ("base45_", "zlib_", "text_too_long")
_UNKNOWN_KEY = frozenset({"kid_missing", "kid_mismatch", "chain_missing", "certificate_unreadable"})
_EPOCH = datetime.fromtimestamp(0, UTC)  # Vouchers have no times of their own that the core would judge.


@dataclass(frozen=True, slots=True)
class CheckedVoucher:
    """What was proved, and by whose certificate. ``cose`` is the signed message itself."""

    claims: VoucherClaims
    cose: bytes
    device: str
    epoch: int
    station: str
    not_before: datetime
    not_after: datetime


def check_voucher_text(text: str, anchor: Anchor) -> CheckedVoucher | PaperVerdict:
    """Return what a text proves under a root (``root_anchor``), or the verdict on what it is instead."""
    text = as_scanned(text)
    if not text.startswith(VOUCHER.prefix):
        return not_a_voucher(text)
    checked = _checked(text, anchor)
    if isinstance(checked, PaperVerdict) and text.endswith(" "):
        # A blank may be part of the code or have been pasted with it; only one of the two can be right.
        without = _checked(text.rstrip(" "), anchor)
        return checked if isinstance(without, PaperVerdict) else without
    return checked


def as_scanned(text: str) -> str:
    """Return the text of a code as it was printed, from what a scanner or a paste made of it.

    A scanner types like a keyboard: caps lock turns its letters small, a Chinese input method makes its marks wide. Both can be undone without
    a guess, because a code has capital letters and ASCII marks only; what it is worth is the signature's business.
    """
    return unicodedata.normalize("NFKC", text).upper().lstrip().strip(_ENDINGS)


def _checked(text: str, anchor: Anchor) -> CheckedVoucher | PaperVerdict:
    try:
        verified = verify_signed_text(text, anchor, _EPOCH)
        cose = open_text(text, VOUCHER)
        if anchor.certificate.algorithm is Algorithm.EDDSA:
            open_voucher(cose, TrustStore(anchor.certificate.der))
    except TrustError as error:
        return _refusal(text, error)
    if verified.voucher is None or verified.device is None:
        raise ValueError("a voucher below a root names its device")
    device, epoch, station = verified.device
    return CheckedVoucher(
        claims=verified.voucher,
        cose=cose,
        device=device,
        epoch=epoch,
        station=station,
        not_before=verified.signer.parsed.not_valid_before_utc,
        not_after=verified.signer.parsed.not_valid_after_utc,
    )


def root_anchor(root: bytes) -> Anchor:
    """Return a root certificate (DER or PEM) as an anchor. Raises ``ForgedError`` (``certificate_role``) when it may not issue certificates."""
    anchor = Anchor.of(root)
    if not anchor.is_root:
        raise ForgedError("certificate_role", expected="root")
    return anchor


def _refusal(text: str, error: TrustError) -> PaperVerdict:
    part = failed_part(error)
    if error.code.startswith(_UNREADABLE):
        return unreadable(seen=True, characters=len(text), part=part)
    if error.code == "chain_broken":
        claimed = _claimed_signer(text)
        if claimed is not None:
            return forged(
                Verdict.OTHER_ROOT,
                part,
                Bilingual(
                    f"它自称由 {claimed} 签发，但那台设备的证书不是本公司总部签发的。",
                    f"It says that {claimed} signed it, but that device's certificate does not come from our headquarters.",
                ),
            )
    if error.code in _UNKNOWN_KEY:
        return forged(
            Verdict.UNKNOWN_KEY,
            part,
            Bilingual(
                "认不出是谁签的：密钥编号或证书缺失，或两者对不上。",
                "Nobody known signed it: key id or certificate is missing, or they don't belong together.",
            ),
        )
    return forged(
        Verdict.FORGED,
        part,
        Bilingual(
            "二维码的内容与签名不符：不是本公司设备签发，或签发后被改动。",
            "The code's content doesn't fit its signature: no device of ours issued it, or it was changed afterwards.",
        ),
    )


def _claimed_signer(text: str) -> str | None:
    """Return who claims to have signed when the signature fits the enclosed certificate, else None. Nothing here is trusted."""
    try:
        message = take_text_apart(text, VOUCHER)
        signer, (device, _, station) = signer_in(message)
        check_signature(
            signer, signer.algorithm, message.signature, signature_input(message.protected, message.payload)
        )
    except TrustError:
        return None
    return f"{station} {device}"
