"""Makes the pictures under docs/papers: ``python -m tests.forms.pictures`` (or ``make papers``) writes them.

The tests only compare; they never write a tracked file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from forms.slip import draw_slip
from forms.voucher import draw_voucher
from tests.forms import samples
from tests.forms.reading import raster_in_colour

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "papers"
DPI = 120

PICTURES: dict[str, Callable[[], bytes]] = {
    "voucher.png": lambda: draw_voucher(samples.voucher()),
    "voucher-reprint.png": lambda: draw_voucher(samples.reprint()),
    "slip.png": lambda: draw_slip(samples.slip()),
}


def picture(name: str) -> Image.Image:
    """Return the first page of a sample paper."""
    return raster_in_colour(PICTURES[name](), DPI)


def main() -> None:
    """Write all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in PICTURES:
        # 64 colours are enough for a page with one tint, and a third of the size.
        picture(name).quantize(64).save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main()
