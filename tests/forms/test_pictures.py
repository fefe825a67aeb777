"""The gallery under docs/papers still shows what is drawn."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops

from claims.paper_definitions import PaperSize
from tests.forms.pictures import FOLDER, LIST, SHEETS, code_area, file_of, listed, pages_of, picture

# Greatest difference of grey values, of 255, over patches of 10 x 10 pixels with the code blanked out: another renderer's anti-aliasing
# stays far below, a missing or moved line of text doesn't.
_TOLERANCE = 35
_LARGEST_FOLDER = 6_000_000


def _comparable(image: Image.Image, area: tuple[int, int, int, int] | None) -> Image.Image:
    grey = image.convert("L")
    if area is not None:
        grey.paste(255, area)
    return grey.reduce(10)


@pytest.mark.parametrize("name", SHEETS)
def test_a_picture_shows_what_is_drawn_today(name: str) -> None:
    for page in range(pages_of(name)):
        with Image.open(file_of(name, page)) as opened:
            kept = opened.copy()
        drawn = picture(name, page)
        area = code_area(name, page)
        assert kept.size == drawn.size
        difference = max(ImageChops.difference(_comparable(kept, area), _comparable(drawn, area)).tobytes())
        assert difference < _TOLERANCE, f"run python -m tests.forms.pictures if {name} was meant to change"


@pytest.mark.parametrize("name", [name for name, sheet in SHEETS.items() if sheet.size is PaperSize.A4])
def test_a_picture_has_ink_inside_and_white_margins(name: str) -> None:
    for page in range(pages_of(name)):
        grey = picture(name, page).convert("L")
        left, top, right, bottom = grey.point(lambda value: 255 if value < 245 else 0).getbbox() or (0, 0, 0, 0)
        assert left > 0.07 * grey.width
        assert right < 0.93 * grey.width
        assert top > 0.03 * grey.height
        assert bottom < 0.98 * grey.height
        assert right - left > 0.8 * grey.width


def test_the_list_names_every_picture_and_the_folder_is_small() -> None:
    assert LIST.read_text(encoding="utf-8") == listed()
    shown = {file_of(name, page) for name in SHEETS for page in range(pages_of(name))}
    assert set(FOLDER.glob("*.png")) == shown
    assert sum(path.stat().st_size for path in shown) < _LARGEST_FOLDER
