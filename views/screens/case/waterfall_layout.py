"""Where every part of the waterfall stands: pure geometry, so that it can be tested without painting.

Promise: the picture starts at zero; a bar is never under 3 pixels high; no two sums touch; every name is shown whole. Bars that took
nothing are left out where there is no room for their words, those that say least first.

Source: mock-up rule 8; docs/adr/0103.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from claims.explanation import BarKind, WaterfallBar

LEAST = 3
"""A bar's least height in pixels at any type size."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First pixel to the right of it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First pixel below it."""
        return self.y + self.height

    def meets(self, other: Box) -> bool:
        """Say whether two boxes overlap."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom


@dataclass(frozen=True)
class Measures:
    """The lengths of a theme and type size, and how wide words are in it."""

    line: int
    sum_line: int
    edge: int
    gap: int
    least_plot: int
    foot_gap: int
    name_width: Callable[[str, bool], int]
    sum_width: Callable[[str, bool], int]
    wrap_name: Callable[[str, int, bool], tuple[str, ...]]
    wrap_note: Callable[[str, int], tuple[str, ...]]
    word_height: int


@dataclass(frozen=True)
class Texts:
    """What stands at one bar in the language in use."""

    name: str
    note: str
    sum_text: str
    word: str = ""


@dataclass(frozen=True)
class Placed:
    """One bar as it is drawn. ``level_y`` is where the dotted line to the next bar runs; ``word_box`` is empty without a word."""

    bar: WaterfallBar
    texts: Texts
    slot: Box
    box: Box
    sum_box: Box
    word_box: Box | None
    level_y: int
    name_lines: tuple[str, ...]
    note_lines: tuple[str, ...]


@dataclass(frozen=True)
class WaterfallLayout:
    """The whole picture. ``left_out`` are the bars that took nothing and have no room."""

    placed: tuple[Placed, ...]
    left_out: tuple[WaterfallBar, ...]
    base_y: int
    label_y: int
    height: int


def is_strong(bar: WaterfallBar) -> bool:
    """Say whether a bar's name is bold and its sum larger: the ends of the picture."""
    return bar.kind in (BarKind.START, BarKind.RESULT)


def lay_out(
    bars: Sequence[WaterfallBar], texts: Callable[[WaterfallBar], Texts], width: int, height: int, measures: Measures
) -> WaterfallLayout:
    """Place the bars in a width; the height grows beyond ``height`` only where words need it."""
    shown = _with_room(bars, texts, width, measures)
    slots = _slots(len(shown), width, measures)
    words = [texts(bar) for bar in shown]
    names = [
        measures.wrap_name(text.name, slot.width - measures.gap, is_strong(bar))
        for bar, text, slot in zip(shown, words, slots, strict=True)
    ]
    notes = [
        measures.wrap_note(text.note, slot.width - measures.gap) if text.note else ()
        for text, slot in zip(words, slots, strict=True)
    ]
    lines = max((len(name) + len(note) for name, note in zip(names, notes, strict=True)), default=1)
    foot = max(lines, 2) * measures.line + measures.foot_gap
    head = measures.sum_line + measures.gap
    plot = max(measures.least_plot, height - foot - head)
    while True:
        boxes = [_box(bar, slot, head, plot, _top(shown)) for bar, slot in zip(shown, slots, strict=True)]
        sums = _sums(shown, words, slots, boxes, measures)
        over = -min((each.y for each in sums), default=0)
        if over <= 0:
            break
        head += over
    base = head + plot
    placed = tuple(
        Placed(
            bar=bar,
            texts=text,
            slot=slot,
            box=box,
            sum_box=sum_box,
            word_box=_word(text, box, slot, base, measures),
            level_y=_y(bar.after_fen, head, plot, _top(shown)),
            name_lines=name,
            note_lines=note,
        )
        for bar, text, slot, box, sum_box, name, note in zip(
            shown, words, slots, boxes, sums, names, notes, strict=True
        )
    )
    left_out = tuple(bar for bar in bars if not any(bar is each for each in shown))
    return WaterfallLayout(placed, left_out, base, base + measures.foot_gap // 2, max(height, base + foot))


def _with_room(
    bars: Sequence[WaterfallBar], texts: Callable[[WaterfallBar], Texts], width: int, measures: Measures
) -> list[WaterfallBar]:
    spare = [bar for bar in bars if bar.kind is BarKind.UNUSED]
    chosen = [bar for bar in bars if bar.kind is not BarKind.UNUSED]
    for bar in sorted(spare, key=lambda each: -each.weight):
        wanted = [*chosen, bar]
        slot = (width - 2 * measures.edge) // len(wanted) - measures.gap
        if all(_fits(each, texts(each), slot, measures) for each in wanted):
            chosen = wanted
    return [bar for bar in bars if any(bar is each for each in chosen)]


def _fits(bar: WaterfallBar, text: Texts, width: int, measures: Measures) -> bool:
    # Two lines of name at most, as long as something can be left out instead.
    if len(measures.wrap_name(text.name, width, is_strong(bar))) > 2:
        return False
    if text.note and len(measures.wrap_note(text.note, width)) > 1:
        return False
    return measures.sum_width(text.sum_text, is_strong(bar)) <= width


def _slots(count: int, width: int, measures: Measures) -> list[Box]:
    if not count:
        return []
    room = width - 2 * measures.edge
    edges = [measures.edge + room * place // count for place in range(count + 1)]
    return [Box(left, 0, right - left, 0) for left, right in pairwise(edges)]


def _top(bars: Sequence[WaterfallBar]) -> int:
    return max((max(bar.before_fen, bar.after_fen) for bar in bars), default=0)


def _y(level_fen: int, head: int, plot: int, top_fen: int) -> int:
    return head + plot - (round(plot * level_fen / top_fen) if top_fen else 0)


def _box(bar: WaterfallBar, slot: Box, head: int, plot: int, top_fen: int) -> Box:
    width = slot.width * 13 // 20
    x = slot.x + (slot.width - width) // 2
    upper, lower = max(bar.before_fen, bar.after_fen), min(bar.before_fen, bar.after_fen)
    if bar.kind is BarKind.WAIVED:
        lower = upper - min(upper, -(bar.amount_fen or 0))
    y = _y(upper, head, plot, top_fen)
    height = max(LEAST, _y(lower, head, plot, top_fen) - y)
    # What would sink below the base line by its least height stands on it.
    return Box(x, min(y, head + plot - height), width, height)


def _sums(
    bars: Sequence[WaterfallBar],
    words: Sequence[Texts],
    slots: Sequence[Box],
    boxes: Sequence[Box],
    measures: Measures,
) -> list[Box]:
    """Put each sum above its bar, and higher where it would touch its neighbour's or a taller bar."""
    placed: list[Box] = []
    for place, (bar, text, slot) in enumerate(zip(bars, words, slots, strict=True)):
        width = measures.sum_width(text.sum_text, is_strong(bar))
        x = slot.x + (slot.width - width) // 2
        x = max(0, min(x, slots[-1].right + measures.edge - width))
        y = boxes[place].y - measures.sum_line
        others = [*placed, *(box for other, box in enumerate(boxes) if other != place)]
        candidate = Box(x, y, width, measures.sum_line)
        while any(candidate.meets(_wider(other, measures.gap)) for other in others):
            y -= measures.line // 2
            candidate = Box(x, y, width, measures.sum_line)
        placed.append(candidate)
    return placed


def _wider(box: Box, gap: int) -> Box:
    return Box(box.x - gap // 2, box.y, box.width + gap, box.height)


def _word(text: Texts, box: Box, slot: Box, base: int, measures: Measures) -> Box | None:
    """Return where the word of a waived cut stands: in its box, or below a box too small for it."""
    if not text.word:
        return None
    width = measures.name_width(text.word, True)
    x = slot.x + (slot.width - width) // 2
    if box.height > measures.word_height + 1:
        return Box(x, box.y + (box.height - measures.word_height) // 2, width, measures.word_height)
    y = min(box.bottom, base - measures.word_height)
    return Box(x, y, width, measures.word_height)
