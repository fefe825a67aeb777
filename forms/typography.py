"""How papers look: colours, sizes of type, and the sheets they are printed on. Lengths are points (1/72 inch).

Promise: one place for every size and colour, so that all papers look like one house. Colours are the light theme's, chosen to stay apart on a
black and white printer; a receipt roll knows black only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from claims.paper_definitions import PaperSize
from forms.fonts import Weight

MM = 72 / 25.4


class Ink(Enum):
    """The colours on paper."""

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
class Style:
    """How a text looks: size and line height, weight, ink."""

    size: float
    line: float
    weight: Weight = Weight.REGULAR
    ink: Ink = Ink.TEXT

    @property
    def rise(self) -> float:
        """Return how far below the top of its line box the foot of a line stands (the glyph box is 0.88 em above it, 0.12 below)."""
        return self.line / 2 + 0.38 * self.size


@dataclass(frozen=True, slots=True)
class TypeScale:
    """The styles of one sheet."""

    title: Style
    number: Style
    company: Style
    heading: Style
    body: Style
    label: Style
    words: Style
    bold: Style
    second: Style
    small: Style
    print: Style
    print_bold: Style
    key_value: Style
    headline: Style
    capitals: Style
    figures: Style
    watermark: Style


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its width, its height (None: as long as what stands on it), its margins, how its type is set, and the padding of rows.

    ``narrow``: one column, tables as stacked lines, no watermark behind the text.
    """

    width: float
    height: float | None
    side: float
    top: float
    bottom: float
    scale: TypeScale
    row_padding: float
    fact_padding: float
    narrow: bool = False

    @property
    def content_width(self) -> float:
        """Return the width between the margins."""
        return self.width - 2 * self.side


_A4_SCALE = TypeScale(
    title=Style(22.5, 30, Weight.BOLD),
    number=Style(15, 21, Weight.BOLD),
    company=Style(12.75, 18, Weight.BOLD),
    heading=Style(11.25, 18, Weight.BOLD),
    body=Style(11.25, 16.5),
    label=Style(10.5, 16.5, Weight.REGULAR, Ink.SECOND),
    words=Style(10.5, 16.5),
    bold=Style(11.25, 16.5, Weight.BOLD),
    second=Style(9.75, 15, Weight.REGULAR, Ink.SECOND),
    small=Style(7.5, 10.5, Weight.REGULAR, Ink.SECOND),
    print=Style(9.75, 15),
    print_bold=Style(9.75, 15, Weight.BOLD),
    key_value=Style(12.75, 18, Weight.BOLD),
    headline=Style(15, 22.5, Weight.BOLD),
    capitals=Style(15, 21, Weight.BOLD),
    figures=Style(21.75, 27, Weight.BOLD),
    watermark=Style(36, 45, Weight.BOLD, Ink.WATERMARK),
)
_ROLL_SCALE = TypeScale(
    title=Style(15, 21, Weight.BOLD),
    number=Style(12, 16.5, Weight.BOLD),
    company=Style(10.5, 15, Weight.BOLD),
    heading=Style(9.75, 15, Weight.BOLD),
    body=Style(9.75, 14.25),
    label=Style(9, 14.25),
    words=Style(9, 13.5),
    bold=Style(9.75, 14.25, Weight.BOLD),
    second=Style(8.25, 12),
    small=Style(7, 9.5),
    print=Style(8.25, 12),
    print_bold=Style(8.25, 12, Weight.BOLD),
    key_value=Style(10.5, 15, Weight.BOLD),
    headline=Style(12, 18, Weight.BOLD),
    capitals=Style(11.25, 16, Weight.BOLD),
    figures=Style(16.5, 21, Weight.BOLD),
    watermark=Style(12, 18, Weight.BOLD),
)

A4 = Sheet(
    width=210 * MM,
    height=297 * MM,
    side=45,
    top=37.5,
    bottom=22,
    scale=_A4_SCALE,
    row_padding=4.1,
    fact_padding=1.9,
)
A4_CLOSE = replace(
    A4,
    scale=replace(
        _A4_SCALE,
        body=Style(11.25, 15),
        label=Style(10.5, 15, Weight.REGULAR, Ink.SECOND),
        words=Style(10.5, 14.75),
        bold=Style(11.25, 15, Weight.BOLD),
        heading=Style(11.25, 16, Weight.BOLD),
        print=Style(9.75, 13.5),
        print_bold=Style(9.75, 13.5, Weight.BOLD),
        second=Style(9.75, 14, Weight.REGULAR, Ink.SECOND),
    ),
    row_padding=1.5,
    fact_padding=0.6,
)
"""A4 with its lines closer together: where that saves a sheet."""
# An 80 mm receipt printer prints 72 mm of it; black only, at 203 dots an inch.
ROLL_80 = Sheet(
    width=80 * MM,
    height=None,
    side=4 * MM,
    top=4 * MM,
    bottom=4 * MM,
    scale=_ROLL_SCALE,
    row_padding=2.5,
    fact_padding=1.9,
    narrow=True,
)


def sheets_of(size: PaperSize) -> tuple[Sheet, ...]:
    """Return the sheet of a size, and after it closer ones."""
    return (A4, A4_CLOSE) if size is PaperSize.A4 else (ROLL_80,)
