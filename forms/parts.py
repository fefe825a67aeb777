"""The parts that voucher and slip share: head, title, facts, tables, signature lines, footer, watermark.

Promise: each part measures itself, grows with its text and returns blocks for ``forms.flow``; Chinese leads, English follows small.
Look: the design's picture of the paper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from claims.papers import PaperHead
from forms.figures import beijing_minute
from forms.flow import Block, flow
from forms.fonts import Weight
from forms.page import CONTENT_WIDTH, FOOTER, LEFT, RIGHT, Frame, Ink, Item, Polyline, Rule, Text
from forms.typesetting import (
    BODY,
    BODY_BOLD,
    BODY_SECOND,
    CAPTION,
    CAPTION_BOLD,
    CAPTION_SECOND,
    KEY_VALUE,
    SMALL_SECOND,
    Style,
    Typesetter,
    baseline_in,
)

Strokes = tuple[tuple[tuple[int, int], ...], ...]

ROOMY = 11.0
COMPACT = 3.0
NOTHING_KNOWN = "—"
TITLE = Style(30, 40, Weight.BOLD)
NUMBER = Style(20, 28, Weight.BOLD)
_FACT_LABEL_WIDTH = 119.0
_FACT_HALF = 349.0
_LABEL_GAP = 5.0
_LINES_A_BLOCK = 12
_INK_HEIGHT = 36.0


def fewest_sheets(blocks_at: Callable[[float], Sequence[Block]], running: Block) -> tuple[tuple[Item, ...], ...]:
    """Return the pages of what ``blocks_at`` builds for a row padding: closer rows are worth it only where they save a sheet."""
    roomy, compact = (flow(blocks_at(padding), running) for padding in (ROOMY, COMPACT))
    return compact if len(compact) < len(roomy) else roomy


@dataclass(frozen=True, slots=True)
class Label:
    """A label in both languages; ``en`` may be empty where there is no room."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Column:
    """A table column: its label, where it starts, how wide it is; numbers and money are set right."""

    label: Label
    x: float
    width: float
    right: bool = False


def labelled(setter: Typesetter, label: Label, x: float, baseline: float, style: Style) -> tuple[Text, ...]:
    """Return a label: Chinese in ``style``, English small after it."""
    zh = setter.left(label.zh, x, baseline, style)
    return (zh, setter.left(label.en, x + zh.width + _LABEL_GAP, baseline, SMALL_SECOND)) if label.en else (zh,)


def labelled_right(setter: Typesetter, label: Label, x: float, baseline: float, style: Style) -> tuple[Text, ...]:
    """Return a label that ends at ``x``."""
    width = setter.width(label.zh, style) + _LABEL_GAP + setter.width(label.en, SMALL_SECOND)
    return labelled(setter, label, x - width, baseline, style)


def head_block(setter: Typesetter, head: PaperHead, number_label: Label) -> Block:
    """Return company, station and hotline on the left, the paper's number on the right."""
    number_width = max(setter.width(head.number, NUMBER), 120.0)
    number_lines, number_style = setter.fitted(head.number, min(number_width, 300.0), NUMBER, 13)
    room = CONTENT_WIDTH - min(number_width, 300.0) - 24
    company_lines, company_style = setter.fitted(head.company, room, KEY_VALUE, 13)
    items: list[Item] = [*setter.stacked(company_lines, LEFT, 0, company_style)]
    y = len(company_lines) * company_style.line
    lines, height = setter.paragraph(f"{head.station}　咨询 {head.hotline}", LEFT, y, room, CAPTION_SECOND)
    items += lines
    items += labelled_right(setter, number_label, RIGHT, baseline_in(0, CAPTION_SECOND), CAPTION_SECOND)
    for index, line in enumerate(number_lines):
        items.append(setter.right(line, RIGHT, baseline_in(20 + index * number_style.line, number_style), number_style))
    return Block(max(y + height, 20 + len(number_lines) * number_style.line), tuple(items))


def title_block(
    setter: Typesetter, head: PaperHead, title: Label, copy_label: str | None, *, voided: bool
) -> tuple[Block, ...]:
    """Return the title with the marks for a reprint and a void, and the line that says which print this is, and when."""
    middle = (LEFT + RIGHT) / 2
    items: list[Item] = [
        setter.centred(title.zh, middle, 34, TITLE, spacing=7),
        setter.centred(title.en, middle, 54, SMALL_SECOND, spacing=1),
    ]
    if head.copy_no > 1:
        items += _stamp(setter, Label("补打", f"REPRINT {head.copy_no}"), RIGHT - 104, Ink.TEXT)
    if voided:
        items += _stamp(setter, Label("作废", "VOID"), LEFT, Ink.RED)
    said = [copy_label] if copy_label else []
    said.append(f"第 {head.copy_no} 次打印" + (" 补打" if head.copy_no > 1 else ""))
    said.append(f"{beijing_minute(head.printed_at)}（北京时间）")
    items.append(setter.centred("　　".join(said), middle, 79, CAPTION_SECOND))
    items.append(Rule(LEFT, 96, RIGHT, 96, 2, Ink.TEXT))
    return (Block(97, tuple(items), space=10),)


def _stamp(setter: Typesetter, label: Label, x: float, ink: Ink) -> list[Item]:
    """Return a framed mark, 104 wide and 46 high, beside the title."""
    bold = Style(19, 24, Weight.BOLD, ink)
    small = Style(10, 14, Weight.BOLD, ink)
    return [
        Frame(x + 1, 3, 102, 46, 2, ink),
        setter.centred(label.zh, x + 52, baseline_in(5, bold), bold, spacing=4),
        setter.centred(label.en, x + 52, baseline_in(30, small), small),
    ]


Fact = tuple[Label, tuple[str, ...]]


def fact_blocks(setter: Typesetter, facts: Sequence[Fact]) -> tuple[Block, ...]:
    """Return the facts in two columns, row by row, with a line below. Each value of a fact takes as many lines as it needs."""
    blocks: list[Block] = []
    for left, right in zip_longest(facts[::2], facts[1::2]):
        cells = [_FactCell(setter, left, LEFT, _FACT_HALF - 12)]
        if right is not None:
            cells.append(_FactCell(setter, right, LEFT + _FACT_HALF, CONTENT_WIDTH - _FACT_HALF))
        count = max(len(cell.lines) for cell in cells)
        for first in range(0, count, _LINES_A_BLOCK):
            last = min(first + _LINES_A_BLOCK, count)
            items = tuple(item for cell in cells for item in cell.items(first, last))
            blocks.append(Block((last - first) * BODY.line + 6, items, space=0.0 if blocks else 9.0))
    blocks.append(Block(9, (Rule(LEFT, 8, RIGHT, 8, 1, Ink.TEXT),)))
    return tuple(blocks)


class _FactCell:
    """A fact in its half of the page: its label and its value's lines."""

    def __init__(self, setter: Typesetter, fact: Fact, x: float, width: float) -> None:
        self._setter = setter
        self._label, values = fact
        self._x = x
        fitted = [setter.fitted(value or NOTHING_KNOWN, width - _FACT_LABEL_WIDTH, BODY, 13) for value in values]
        self.lines = [(line, style) for lines, style in fitted for line in lines]

    def items(self, first: int, last: int) -> tuple[Item, ...]:
        """Return lines ``first`` to ``last`` from the top of a block; the label stands beside the first line of all."""
        label = (
            labelled(self._setter, self._label, self._x, baseline_in(3, BODY_SECOND), BODY_SECOND) if first == 0 else ()
        )
        values = tuple(
            self._setter.left(line, self._x + _FACT_LABEL_WIDTH, baseline_in(3 + index * BODY.line, BODY), style)
            for index, (line, style) in enumerate(self.lines[first:last])
        )
        return (*label, *values)


def table_blocks(
    setter: Typesetter, columns: Sequence[Column], rows: Sequence[Sequence[str]], padding: float = ROOMY
) -> tuple[Block, ...]:
    """Return a table: head, then one block a row. The head is repeated where the table goes on; the first row stays with it.

    ``padding`` is the free height of a row above and below its text.
    """
    head_items: list[Item] = [Rule(LEFT, 32, RIGHT, 32, 1, Ink.TEXT)]
    for column in columns:
        if column.right:
            head_items += labelled_right(
                setter, column.label, column.x + column.width, baseline_in(4, BODY_BOLD), BODY_BOLD
            )
        else:
            head_items += labelled(setter, column.label, column.x, baseline_in(4, BODY_BOLD), BODY_BOLD)
    head = Block(33, tuple(head_items), space=10, keep_with_next=True)
    blocks = [head]
    for row in rows:
        blocks += _row_blocks(setter, columns, row, head, padding)
    return tuple(blocks)


def _row_blocks(
    setter: Typesetter, columns: Sequence[Column], row: Sequence[str], head: Block, padding: float
) -> list[Block]:
    """Return a row as one block, or as several when a text in it is very long."""
    cells = [setter.broken(text, column.width, BODY) for column, text in zip(columns, row, strict=True)]
    count = max(len(lines) for lines in cells)
    blocks: list[Block] = []
    for first in range(0, count, _LINES_A_BLOCK):
        last = min(first + _LINES_A_BLOCK, count)
        items: list[Item] = []
        for column, lines in zip(columns, cells, strict=True):
            for index, line in enumerate(lines[first:last]):
                baseline = baseline_in((padding - 1) / 2 + index * BODY.line, BODY)
                if column.right:
                    items.append(setter.right(line, column.x + column.width, baseline, BODY))
                else:
                    items.append(setter.left(line, column.x, baseline, BODY))
        height = (last - first) * BODY.line + padding
        if last == count:
            items.append(Rule(LEFT, height, RIGHT, height, 0.75, Ink.LINE))
        blocks.append(Block(height, tuple(items), repeats=head))
    return blocks


@dataclass(frozen=True, slots=True)
class Signatory:
    """One who signs: the label, the ink if signed on the screen, and who it is."""

    label: Label
    strokes: Strokes
    caption: str


def signature_block(setter: Typesetter, signatories: Sequence[Signatory]) -> Block:
    """Return the signature lines side by side; ink is fitted into its place, never cut."""
    gap = 32.0
    width = (CONTENT_WIDTH - gap * (len(signatories) - 1)) / len(signatories)
    items: list[Item] = []
    deepest = 0.0
    for index, each in enumerate(signatories):
        x = LEFT + index * (width + gap)
        items += labelled(setter, each.label, x, baseline_in(0, CAPTION_SECOND), CAPTION_SECOND)
        items += pen_strokes(each.strokes, x + 8, 22, width - 16, _INK_HEIGHT)
        line_y = 22 + _INK_HEIGHT + 4
        items.append(Rule(x, line_y, x + width, line_y, 1, Ink.TEXT))
        lines, height = (
            setter.paragraph(each.caption, x, line_y + 3, width, CAPTION_SECOND) if each.caption else ((), 0.0)
        )
        items += lines
        deepest = max(deepest, line_y + 3 + height)
    return Block(deepest, tuple(items), space=14)


def pen_strokes(strokes: Strokes, x: float, y: float, width: float, height: float) -> tuple[Item, ...]:
    """Return signature ink scaled to fit (x, y, width, height), its proportions kept, resting on the line."""
    points = [point for stroke in strokes for point in stroke]
    if not points:
        return ()
    left, top = min(p[0] for p in points), min(p[1] for p in points)
    spread_x, spread_y = max(p[0] for p in points) - left, max(p[1] for p in points) - top
    scale = min(width / max(spread_x, 1), height / max(spread_y, 1))
    drop = y + height - spread_y * scale
    return tuple(
        Polyline(tuple((x + (px - left) * scale, drop + (py - top) * scale) for px, py in stroke), 1.6, Ink.TEXT)
        for stroke in strokes
        if stroke
    )


def paragraph_block(
    setter: Typesetter, text: str, style: Style, *, indent: float = 0.0, space: float = 0.0, keep: bool = False
) -> tuple[Block, ...]:
    """Return a paragraph over the full width, in blocks of a few lines."""
    lines = setter.broken(text, CONTENT_WIDTH - indent, style)
    blocks: list[Block] = []
    for first in range(0, len(lines), _LINES_A_BLOCK):
        chunk = lines[first : first + _LINES_A_BLOCK]
        items = setter.stacked(chunk, LEFT + indent, 0, style)
        blocks.append(Block(len(chunk) * style.line, items, space=space if not blocks else 0.0, keep_with_next=keep))
    return tuple(blocks)


def heading_block(setter: Typesetter, label: Label) -> Block:
    """Return a section heading; it stays with what follows."""
    return Block(24, labelled(setter, label, LEFT, baseline_in(0, BODY_BOLD), BODY_BOLD), space=10, keep_with_next=True)


def running_head(setter: Typesetter, head: PaperHead, title: Label) -> Block:
    """Return the short head of the second and later pages: company, title, number."""
    company = setter.broken(head.company, CONTENT_WIDTH * 0.5 - 12, CAPTION_BOLD)
    number = setter.broken(f"{title.zh}（续）　{head.number}", CONTENT_WIDTH * 0.5 - 12, CAPTION)
    height = max(len(company), len(number)) * CAPTION.line
    items: tuple[Item, ...] = (
        *setter.stacked(company, LEFT, 0, CAPTION_BOLD),
        *(
            setter.right(line, RIGHT, baseline_in(index * CAPTION.line, CAPTION), CAPTION)
            for index, line in enumerate(number)
        ),
        Rule(LEFT, height + 8, RIGHT, height + 8, 2, Ink.TEXT),
    )
    return Block(height + 9, items, space=12)


def footer_items(setter: Typesetter, remark: str, page: int, pages: int) -> tuple[Item, ...]:
    """Return the footer: the product's mark, a remark, and which page of how many this is."""
    foot = baseline_in(FOOTER + 9, CAPTION_SECOND)
    page_zh = setter.right(f"第 {page} 页，共 {pages} 页", RIGHT, foot, CAPTION_SECOND)
    page_en = setter.right(f"Page {page} of {pages}", page_zh.x - 8, foot, SMALL_SECOND)
    return (
        Rule(LEFT, FOOTER, RIGHT, FOOTER, 0.75, Ink.LINE),
        *_mark(LEFT, FOOTER + 12, 14 / 24),
        setter.left(remark, LEFT + 24, foot, CAPTION_SECOND),
        page_en,
        page_zh,
    )


def _mark(x: float, y: float, scale: float) -> tuple[Item, ...]:
    """Return the tent of the product's mark (24 wide, 20 high before scaling)."""
    tent = ((0, 20), (12, 0), (24, 20))
    door = ((8.5, 20), (12, 13.5), (15.5, 20))
    return (
        Polyline(tuple((x + px * scale, y + py * scale) for px, py in tent), 1.2, Ink.SECOND, closed=True),
        Polyline(tuple((x + px * scale, y + py * scale) for px, py in door), 1.2, Ink.SECOND),
    )


def watermark_items(setter: Typesetter, text: str, ink: Ink) -> tuple[Item, ...]:
    """Return the watermark: three times over the page, rising, to lie behind everything."""
    style = Style(48, 60, Weight.BOLD, ink)
    return tuple(
        Text(x, baseline, text, style.size, style.weight, ink, setter.width(text, style), tilt_deg=30.0)
        for x, baseline in ((130.0, 456.0), (336.0, 736.0), (130.0, 1016.0))
    )
