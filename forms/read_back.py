"""Reading a voucher back offline: from the pixels of a page, and from the text of its QR code.

Promise: the answer is either what the device signed, or a sentence that says what is wrong and what to do; never a half-trusted value.
Three things are told apart: a scan that isn't a whole voucher, a voucher whose content doesn't fit its signature, and one that is
consistent in itself but made under another root certificate (another company, a test system, or a forger with a root of their own).
"""

from __future__ import annotations

from collections.abc import Mapping

import zxingcpp
from PIL import Image

from claims.errors import Bilingual, InputError
from claims.overviews import CodesFound, GreyPicture
from forms.archive_reading import files_inside
from forms.code_reading import codes_in_file
from trust.certificates import TrustStore, read_device_certificate
from trust.errors import ForgedError, StructureError
from trust.sign1 import take_apart, verify_sign1
from trust.vouchers import OpenedVoucher, open_voucher, voucher_from_qr_text

__all__ = ["OpenedVoucher", "PageCodeReader", "read_voucher"]

_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)

# What hand scanners add after a code. A space may belong to the text: base45 uses it.
_SCANNER_ENDINGS = "\r\n\t"


class PageCodeReader:
    """``claims.ports.CodeReader`` by zxing-cpp."""

    def texts(self, page: GreyPicture) -> tuple[str, ...]:
        """Return the texts of the QR codes on a page, from top to bottom.

        Raises:
            ValueError: the pixels are not width times height bytes.
        """
        picture = Image.frombytes("L", (page.width, page.height), page.pixels)
        found = zxingcpp.read_barcodes(picture, formats=_QR)
        return tuple(each.text for each in sorted(found, key=lambda each: each.position.top_left.y))

    def in_file(self, filename: str, content: bytes) -> CodesFound:
        """Return the codes in a PDF or a picture. Raises ``InputError`` as ``codes_in_file``."""
        return codes_in_file(filename, content)

    def inside(self, content: bytes) -> Mapping[str, bytes]:
        """Return the machine-readable files inside a PDF by name, unverified."""
        return files_inside(content)

    def voucher(self, text: str, root_certificate: bytes) -> OpenedVoucher:
        """Return the verified voucher behind a text. Raises as ``read_voucher``."""
        return read_voucher(text, TrustStore(root_certificate))


def read_voucher(text: str, roots: TrustStore) -> OpenedVoucher:
    """Return the verified voucher behind the text of a QR code.

    Whether its number was voided or redeemed since is not in the code: the station's list or headquarters knows.

    Raises:
        InputError: ``voucher_unreadable``, ``voucher_forged`` or ``voucher_other_root``.
    """
    try:
        raw = voucher_from_qr_text(text.strip(_SCANNER_ENDINGS))
    except StructureError as error:
        raise _unreadable(text) from error
    try:
        return open_voucher(raw, roots)
    except ForgedError as error:
        signer = _consistent_signer(raw)
        raise (_forged() if signer is None else _other_root(signer)) from error


def _consistent_signer(raw: bytes) -> str | None:
    """Return who claims to have signed when the signature fits the enclosed certificate, else None. Nothing here is trusted."""
    try:
        message = take_apart(raw)
        certificate = read_device_certificate(message.certificate)
        verify_sign1(message)
    except ForgedError:
        return None
    return f"{certificate.station} {certificate.device}"


def _unreadable(text: str) -> InputError:
    return InputError(
        "voucher_unreadable",
        Bilingual(
            f"扫到的内容（{len(text)} 个字符）不是完整的凭证二维码。",
            f"What was scanned ({len(text)} characters) isn't a whole voucher code.",
        ),
        Bilingual(
            "请抚平纸面、对准整个二维码重扫；仍不行时，按凭证号码向总部核对。",
            "Flatten the paper and scan the whole code again; if it still fails, check the voucher number with headquarters.",
        ),
    )


def _forged() -> InputError:
    return InputError(
        "voucher_forged",
        Bilingual(
            "二维码的内容与签名不符：不是本公司设备签发，或签发后被改动。",
            "The code's content doesn't fit its signature: it wasn't issued by one of our devices, or was changed afterwards.",
        ),
        Bilingual(
            "请勿据此付款；留存纸件或拍照，将凭证号码报总部核查。",
            "Don't pay on it. Keep the paper or a photo and report the voucher number to headquarters.",
        ),
    )


def _other_root(signer: str) -> InputError:
    return InputError(
        "voucher_other_root",
        Bilingual(
            f"凭证自称由 {signer} 签发，但该设备的证书不是本公司总部签发的。",
            f"The voucher says it was signed by {signer}, but that device's certificate doesn't come from our headquarters.",
        ),
        Bilingual(
            "请勿据此付款；如果来自其他公司或测试环境，请客户联系原签发单位，否则报总部核查。",
            "Don't pay on it. If it comes from another company or a test system, send the customer there; otherwise report it to headquarters.",
        ),
    )
