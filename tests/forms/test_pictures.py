"""The pictures under docs/papers still show what is drawn."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops

from tests.forms.pictures import FOLDER, PICTURES, code_area, picture

# Greatest difference of grey values, of 255, over patches of 8 x 8 pixels with the code blanked out: another renderer's anti-aliasing
# stays far below, a missing or moved line of text doesn't.
_TOLERANCE = 30


def _comparable(image: Image.Image, name: str) -> Image.Image:
    grey = image.convert("L")
    if (area := code_area(name)) is not None:
        grey.paste(255, area)
    return grey.reduce(8)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_what_is_drawn_today(name: str) -> None:
    kept, drawn = Image.open(FOLDER / name), picture(name)
    assert kept.size == drawn.size
    difference = max(ImageChops.difference(_comparable(kept, name), _comparable(drawn, name)).tobytes())
    assert difference < _TOLERANCE, f"run python -m tests.forms.pictures if {name} was meant to change"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_has_ink_inside_and_white_margins(name: str) -> None:
    grey = picture(name).convert("L")
    left, top, right, bottom = grey.point(lambda value: 255 if value < 250 else 0).getbbox() or (0, 0, 0, 0)
    assert left > 0.07 * grey.width
    assert right < 0.93 * grey.width
    assert top > 0.03 * grey.height
    assert bottom < 0.98 * grey.height
    assert right - left > 0.8 * grey.width
