"""The voucher's QR: a symbol that carries exactly the signed message, drawn as vectors.

Promise: level M, four modules of quiet zone, no module smaller than 0.45 mm, so that a phone
reads it from a crumpled page. The text is base45, which QR stores in its alphanumeric mode (5.5 bits a character).

A voucher that is committed must be printable: one too long for level M (3,391 characters; a usual one has 900) gets level L.

Source: ISO/IEC 18004, table 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import zxingcpp

from claims.errors import Bilingual, BugError
from trust.errors import StructureError
from trust.vouchers import voucher_qr_text

QUIET_MODULES = 4
SMALLEST_MODULE_MM = 0.45
USUAL_SIDE_MM = 50.0


@dataclass(frozen=True, slots=True)
class QrSymbol:
    """A symbol without its quiet zone: ``bars`` are (column, row, width, height) of dark rectangles, in modules."""

    text: str
    version: int
    modules: int
    bars: tuple[tuple[int, int, int, int], ...]

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
    matrix = _encoded(text, "M") or _encoded(text, "L")
    if matrix is None:
        raise _too_large(len(text))
    modules = len(matrix)
    return QrSymbol(text=text, version=(modules - 17) // 4, modules=modules, bars=_rectangles(matrix))


def _rectangles(matrix: list[bytes]) -> tuple[tuple[int, int, int, int], ...]:
    """Return the dark runs of all rows; one that goes on unchanged in the next row is one rectangle: a quarter fewer, a smaller file."""
    done: list[tuple[int, int, int, int]] = []
    growing: dict[tuple[int, int], int] = {}
    for number, row in enumerate([*matrix, b""]):
        runs = _dark_runs(row)
        for run in growing.keys() - runs:
            done.append((run[0], growing[run], run[1], number - growing[run]))
        growing = {run: growing.get(run, number) for run in runs}
    return tuple(sorted(done, key=lambda bar: (bar[1], bar[0])))


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


def _encoded(text: str, level: str) -> list[bytes] | None:
    """Return the rows of the symbol, a byte a module and 1 where it is dark; None where the text is too long for the level.

    zxing-cpp encodes seven times as fast as segno into symbols of the same size; encoding was the larger half of a voucher's drawing
    (docs/adr/0138).
    """
    try:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    except ValueError:
        return None
    picture = code.to_image(scale=1, add_quiet_zones=False)
    # Light is 255, dark 0, a byte a module.
    modules = bytes(memoryview(picture)).translate(bytes((1,)) + bytes(255))  # type: ignore[arg-type]  # its stubs keep the buffer to themselves
    side = isqrt(len(modules))
    return [modules[start : start + side] for start in range(0, side * side, side)]


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
