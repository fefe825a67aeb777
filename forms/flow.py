"""Stacking blocks into pages.

Promise: a block is never split and never runs into the footer; blocks that belong together stay on one page where a page can hold
them; a table that goes on repeats its head. Builders cut long texts into blocks of a few lines; a block that is taller than a page all the
same is refused, never clipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claims.errors import Bilingual, BugError
from forms.page import BOTTOM, TOP, Item, moved


@dataclass(frozen=True, slots=True)
class Block:
    """Items whose y counts from the block's top.

    ``space`` is kept free above, except at the top of a page. ``repeats`` is drawn again when the block opens a page.
    """

    height: float
    items: tuple[Item, ...]
    space: float = 0.0
    keep_with_next: bool = False
    repeats: Block | None = None


def flow(blocks: Sequence[Block], running_head: Block) -> tuple[tuple[Item, ...], ...]:
    """Return the items of each page; ``running_head`` stands at the top of every page but the first.

    Raises:
        BugError: a block is taller than a page.
    """
    pages: list[list[Item]] = [[]]
    fresh = TOP + running_head.height + running_head.space
    y = TOP
    start = 0
    opened = True
    while start < len(blocks):
        group = _group(blocks, start)
        if _height(group) > BOTTOM - fresh:
            # Too much to stay together on any page: let it break between its blocks.
            group = group[:1]
        if not opened and y + group[0].space + _height(group) > BOTTOM:
            pages.append([])
            _place(pages[-1], running_head, TOP)
            y = fresh if group[0].repeats is None else _place(pages[-1], group[0].repeats, fresh)
            opened = True
        for block in group:
            if y + (0.0 if opened else block.space) + block.height > BOTTOM:
                raise _too_tall(block)
            y = _place(pages[-1], block, y + (0.0 if opened else block.space))
            opened = False
        start += len(group)
    return tuple(tuple(page) for page in pages)


def _group(blocks: Sequence[Block], start: int) -> Sequence[Block]:
    """Return the blocks from ``start`` that want to stay together."""
    end = start
    while blocks[end].keep_with_next and end + 1 < len(blocks):
        end += 1
    return blocks[start : end + 1]


def _height(group: Sequence[Block]) -> float:
    return sum(block.height for block in group) + sum(block.space for block in group[1:])


def _place(page: list[Item], block: Block, y: float) -> float:
    page.extend(moved(block.items, 0, y))
    return y + block.height


def _too_tall(block: Block) -> BugError:
    return BugError(
        "paper_block_too_tall",
        Bilingual(
            f"有一段内容高 {block.height:.0f} 像素，一页纸放不下。",
            f"One part of the paper is {block.height:.0f} px tall and doesn't fit a page.",
        ),
        Bilingual(
            "请检查姓名、单位、授权号是否误贴了大段文字；案件数据未受影响。",
            "Check whether a long text was pasted into a name, company or authority number. The case data are safe.",
        ),
    )
