"""The voucher's QR: a symbol that carries exactly the signed message, drawn as vectors.

Promise: level M (raised where the same size allows it), four modules of quiet zone, no module smaller than 0.45 mm, so that a phone
reads it from a crumpled page. The text is base45, which QR stores in its alphanumeric mode (5.5 bits a character).

A voucher that is committed must be printable: one too long for level M (3,391 characters; a usual one has 900) gets level L.

Source: ISO/IEC 18004, table 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import segno

from claims.errors import Bilingual, BugError
from trust.errors import StructureError
from trust.vouchers import voucher_qr_text

QUIET_MODULES = 4
SMALLEST_MODULE_MM = 0.45
USUAL_SIDE_MM = 50.0


@dataclass(frozen=True, slots=True)
class QrSymbol:
    """A symbol without its quiet zone: ``bars`` are (column, row, length) of dark runs, in modules."""

    text: str
    version: int
    modules: int
    bars: tuple[tuple[int, int, int], ...]

    @property
    def side_modules(self) -> int:
        """Return the side with the quiet zone, in modules."""
        return self.modules + 2 * QUIET_MODULES

    @property
    def side_mm(self) -> float:
        """Return the printed side with the quiet zone: 50 mm, or more when the modules would become too small."""
        return max(USUAL_SIDE_MM, self.side_modules * SMALLEST_MODULE_MM)


def voucher_symbol(cose: bytes) -> QrSymbol:
    """Return the symbol of a signed voucher. Raises ``BugError`` when the signed bytes fit no QR code."""
    try:
        text = voucher_qr_text(cose)
    except StructureError as error:
        raise _too_large(len(cose)) from error
    return symbol(text)


def symbol(text: str) -> QrSymbol:
    """Return the symbol that carries ``text``. Raises ``BugError`` when it fits no QR code."""
    code = _encoded(text, "m") or _encoded(text, "l")
    if code is None:
        raise _too_large(len(text))
    matrix = [bytes(row) for row in code.matrix]
    bars = tuple((start, number, length) for number, row in enumerate(matrix) for start, length in _dark_runs(row))
    return QrSymbol(text=text, version=int(code.version), modules=len(matrix), bars=bars)


def _dark_runs(row: bytes) -> list[tuple[int, int]]:
    """Return (start, length) of each run of dark modules."""
    runs: list[tuple[int, int]] = []
    start = row.find(1)
    while start >= 0:
        end = row.find(0, start)
        end = len(row) if end < 0 else end
        runs.append((start, end - start))
        start = row.find(1, end)
    return runs


def _encoded(text: str, level: str) -> segno.QRCode | None:
    try:
        return segno.make_qr(text, error=level)
    except segno.DataOverflowError:
        return None


def _too_large(length: int) -> BugError:
    return BugError(
        "qr_too_large",
        Bilingual(
            f"签名内容过长（{length}），放不进一个二维码。",
            f"The signed content is too long ({length}) for one QR code.",
        ),
        Bilingual(
            "凭证已记录在本机，请勿手写代替；导出诊断文件交技术支持。",
            "The voucher is recorded on this laptop; don't write one by hand. Export the diagnostics file for support.",
        ),
    )
