"""The QR on a voucher, read back from the picture by code that shares nothing with ours."""

from __future__ import annotations

import hashlib

import pytest
import zxingcpp
from PIL import Image

from claims.errors import BugError
from forms.drawing import PdfDrawing
from forms.qr import QUIET_MODULES, SMALLEST_MODULE_MM, symbol, voucher_symbol
from tests.forms import samples
from tests.forms.reading import raster
from trust.errors import TrustError
from trust.vouchers import open_voucher, voucher_from_qr_text, voucher_qr_text

LONGEST_USUAL = {
    "grants": tuple(f"G-2026-11-20-{number:02d}" for number in range(4)),
    "payee": "阿卜杜热合曼·买买提依明·" * 5,
    "policy_no": "AT-A 2026 990101 0316 / " * 2,
}


draw = PdfDrawing().paper


def read(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize("changes", [{}, LONGEST_USUAL], ids=["usual", "long"])
@pytest.mark.parametrize(("dpi", "tilt_deg"), [(200, 0), (200, 7), (110, 0), (110, 7), (150, 90)])
def test_the_printed_code_is_the_signed_text_byte_for_byte(dpi: int, tilt_deg: int, changes: dict[str, object]) -> None:
    cose = samples.signed(**changes)
    page = raster(draw(samples.voucher(cose=cose)), dpi)
    turned = page.rotate(tilt_deg, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert read(turned) == [voucher_qr_text(cose)]
    assert voucher_from_qr_text(read(turned)[0]) == cose


def test_one_changed_module_row_of_data_never_gives_another_voucher() -> None:
    """A wiped strip is either repaired by the code or not read; it never verifies as something else."""
    cose = samples.signed()
    page = raster(draw(samples.voucher(cose=cose)), 150)
    for top in range(1180, 1400, 40):
        damaged = page.copy()
        damaged.paste(255, (160, top, 380, top + 14))
        for text in read(damaged):
            try:
                opened = open_voucher(voucher_from_qr_text(text), samples.issuer().roots)
            except TrustError:
                continue
            assert opened.claims == samples.claims()


def test_a_reprint_carries_the_same_bytes() -> None:
    first = samples.voucher()
    again = samples.voucher(head=samples.head(copy_no=2))
    assert read(raster(draw(first), 150)) == read(raster(draw(again), 150)) == [first.code]


def test_a_voided_voucher_and_a_slip_carry_no_code() -> None:
    assert read(raster(draw(samples.voucher(voided=True)), 150)) == []
    assert read(raster(draw(samples.slip()), 150)) == []


@pytest.mark.parametrize("length", [10, 600, 1200, 2400, 3391, 3392, 4296])
def test_modules_stay_large_enough_and_the_zone_quiet(length: int) -> None:
    found = symbol("OP1:" + "A1" * ((length - 4) // 2) + "B" * (length % 2))
    assert found.side_mm / found.side_modules >= SMALLEST_MODULE_MM - 1e-9
    assert found.side_mm >= 50
    assert found.side_modules == found.modules + 2 * QUIET_MODULES
    assert found.modules == 17 + 4 * found.version
    for column, row, width, height in found.bars:
        assert 0 <= column < column + width <= found.modules
        assert 0 <= row < row + height <= found.modules


def test_the_largest_code_still_fits_the_page_and_reads() -> None:
    cose = samples.signed(grants=tuple(hashlib.sha512(bytes([number])).hexdigest() for number in range(16)))
    found = voucher_symbol(cose)
    assert found.version > 22
    assert read(raster(draw(samples.voucher(cose=cose, steps=samples.STEPS[:3])), 200)) == [found.text]


def test_what_fits_no_code_is_refused_in_words() -> None:
    with pytest.raises(BugError) as caught:
        voucher_symbol(bytes(5000))
    assert caught.value.code == "qr_too_large"
    with pytest.raises(BugError):
        symbol("a" * 4000)
