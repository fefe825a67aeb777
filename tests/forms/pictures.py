"""Makes the pictures under docs/papers: ``python -m tests.forms.pictures`` (or ``make papers``) writes them.

The tests only compare; they never write a tracked file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from forms.page import Paper, PlacedSymbol
from forms.qr import voucher_symbol
from forms.render import render
from forms.slip import lay_out_slip
from forms.voucher import lay_out_voucher
from tests.forms import samples
from tests.forms.reading import raster_in_colour

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "papers"
DPI = 120

PICTURES: dict[str, Callable[[], Paper]] = {
    "voucher.png": lambda: lay_out_voucher(samples.voucher(), voucher_symbol(samples.voucher().cose)),
    "voucher-reprint.png": lambda: lay_out_voucher(samples.reprint(), voucher_symbol(samples.reprint().cose)),
    "slip.png": lambda: lay_out_slip(samples.slip()),
}


def picture(name: str) -> Image.Image:
    """Return the first page of a sample paper."""
    return raster_in_colour(render(PICTURES[name]()), DPI)


def code_area(name: str) -> tuple[int, int, int, int] | None:
    """Return where the picture shows a QR code, in its pixels; its content changes with every release of the certificates."""
    for item in PICTURES[name]().pages[0].items:
        if isinstance(item, PlacedSymbol):
            scale = DPI / 96
            left, top, right, bottom = (
                scale * edge for edge in (item.x, item.y, item.x + item.side, item.y + item.side)
            )
            return int(left) - 8, int(top) - 8, int(right) + 8, int(bottom) + 8
    return None


def main() -> None:
    """Write all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in PICTURES:
        # 64 colours are enough for a page with one tint, and a third of the size.
        picture(name).quantize(64).save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main()
