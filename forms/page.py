"""A paper before it is drawn: what stands where, as plain values.

Promise: everything visible on a paper is an item here, with its place and its text; ``forms.render`` adds nothing. So a test can
ask of any paper whether something is clipped or overlaps, and compare every string with what a PDF reader finds.

Lengths are CSS pixels (1/96 inch), the unit of the design's pictures; y grows downwards from the top edge. A4 is 793.7 x 1122.5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from forms.fonts import Weight
from forms.qr import QrSymbol

PX_PER_MM = 96 / 25.4
PAGE_WIDTH = 210 * PX_PER_MM
PAGE_HEIGHT = 297 * PX_PER_MM
LEFT = 60.0
RIGHT = PAGE_WIDTH - 60.0
TOP = 50.0
FOOTER = 1062.0
BOTTOM = FOOTER - 8.0
CONTENT_WIDTH = RIGHT - LEFT


class Ink(Enum):
    """The colours on paper: the light theme's tokens, chosen to stay apart on a black and white printer."""

    TEXT = "#1B2320"
    SECOND = "#4E5853"
    LINE = "#C3C7C3"
    WATERMARK = "#E6EEEA"
    AMBER = "#855300"
    AMBER_GROUND = "#FCF1DB"
    AMBER_LINE = "#DDB467"
    RED = "#A1261D"
    RED_WATERMARK = "#F8E4E1"
    PAPER = "#FFFFFF"
    QR = "#000000"


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text. ``x`` is its left end, ``baseline`` its foot, ``width`` its drawn width; ``tilt_deg`` turns it about that point."""

    x: float
    baseline: float
    text: str
    size: float
    weight: Weight
    ink: Ink
    width: float
    spacing: float = 0.0
    tilt_deg: float = 0.0

    @property
    def top(self) -> float:
        """Return the upper edge of the tallest glyph (Noto Sans SC: 0.88 em above the foot)."""
        return self.baseline - 0.88 * self.size

    @property
    def bottom(self) -> float:
        """Return the lower edge of the deepest glyph (0.12 em; Latin descenders reach a little further)."""
        return self.baseline + 0.12 * self.size


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    thickness: float
    ink: Ink


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle with a line, a ground, or both."""

    x: float
    y: float
    width: float
    height: float
    thickness: float = 1.0
    ink: Ink | None = Ink.TEXT
    ground: Ink | None = None


@dataclass(frozen=True, slots=True)
class Polyline:
    """A pen stroke through ``points``, round at its ends; a single point is a dot."""

    points: tuple[tuple[float, float], ...]
    thickness: float
    ink: Ink
    closed: bool = False


@dataclass(frozen=True, slots=True)
class PlacedSymbol:
    """A QR symbol at (x, y), its quiet zone included; ``side`` is its full side."""

    x: float
    y: float
    side: float
    symbol: QrSymbol


Item = Text | Rule | Frame | Polyline | PlacedSymbol


@dataclass(frozen=True, slots=True)
class Page:
    """The items of one page, in drawing order: what comes first lies underneath."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper and what the PDF says about it. ``made_at`` is the print time, so that the same content gives the same bytes."""

    title: str
    subject: str
    author: str
    made_at: datetime
    pages: tuple[Page, ...]


def moved(items: Iterable[Item], dx: float, dy: float) -> tuple[Item, ...]:
    """Return the items moved right by ``dx`` and down by ``dy``."""
    return tuple(_moved(item, dx, dy) for item in items)


def _moved(item: Item, dx: float, dy: float) -> Item:
    if isinstance(item, Text):
        return replace(item, x=item.x + dx, baseline=item.baseline + dy)
    if isinstance(item, Rule):
        return replace(item, x1=item.x1 + dx, y1=item.y1 + dy, x2=item.x2 + dx, y2=item.y2 + dy)
    if isinstance(item, Polyline):
        return replace(item, points=tuple((x + dx, y + dy) for x, y in item.points))
    return replace(item, x=item.x + dx, y=item.y + dy)
