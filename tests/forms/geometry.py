"""What must hold of any paper's geometry: nothing leaves the page, no text runs into another."""

from __future__ import annotations

from itertools import pairwise

from forms.fonts import bundled_fonts
from forms.page import (
    BOTTOM,
    FOOTER,
    LEFT,
    PAGE_HEIGHT,
    RIGHT,
    Frame,
    Item,
    Page,
    Paper,
    PlacedSymbol,
    Polyline,
    Rule,
    Text,
)

_SLACK = 0.51


def box(item: Item) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) of an item."""
    if isinstance(item, Text):
        return item.x, item.top, item.x + item.width, item.bottom
    if isinstance(item, Rule):
        return min(item.x1, item.x2), min(item.y1, item.y2), max(item.x1, item.x2), max(item.y1, item.y2)
    if isinstance(item, Polyline):
        xs, ys = [x for x, _ in item.points], [y for _, y in item.points]
        return min(xs), min(ys), max(xs), max(ys)
    if isinstance(item, PlacedSymbol):
        return item.x, item.y, item.x + item.side, item.y + item.side
    assert isinstance(item, Frame)
    return item.x, item.y, item.x + item.width, item.y + item.height


def assert_nothing_clipped(paper: Paper) -> None:
    """Fail when an item leaves the margins, a body item runs into the footer, or two texts overlap."""
    fonts = bundled_fonts()
    for page in paper.pages:
        upright = [item for item in page.items if not (isinstance(item, Text) and item.tilt_deg)]
        for item in upright:
            left, top, right, bottom = box(item)
            assert left >= LEFT - _SLACK, item
            assert right <= RIGHT + _SLACK, item
            assert top >= 40, item
            assert bottom <= (BOTTOM + _SLACK if top < FOOTER - _SLACK else PAGE_HEIGHT - 20), item
        _assert_no_overlap(page)
        for item in upright:
            if isinstance(item, Text):
                drawn = fonts.width(item.text, item.size, item.weight) + item.spacing * max(0, len(item.text) - 1)
                assert abs(drawn - item.width) < 0.01, item


def _assert_no_overlap(page: Page) -> None:
    texts = sorted(
        (item for item in page.items if isinstance(item, Text) and not item.tilt_deg and item.text.strip()),
        key=lambda item: item.top,
    )
    for index, one in enumerate(texts):
        for other in texts[index + 1 :]:
            if other.top >= one.bottom - _SLACK:
                break
            assert other.x >= one.x + one.width - _SLACK or one.x >= other.x + other.width - _SLACK, (one, other)


def all_text(paper: Paper) -> str:
    """Return the text of all upright items, in drawing order, without blanks."""
    return (
        "".join(
            item.text for page in paper.pages for item in page.items if isinstance(item, Text) and not item.tilt_deg
        )
        .replace(" ", "")
        .replace("\u3000", "")
    )


def rising(values: list[float]) -> bool:
    """Tell whether every value is above the one before."""
    return all(a < b for a, b in pairwise(values))
