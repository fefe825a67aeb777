"""Stacking blocks into pages."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.errors import BugError
from forms.flow import Block, flow
from forms.page import BOTTOM, TOP, Frame

HEAD = Block(40, (Frame(60, 0, 10, 40, 7),), space=10)


def block(height: float, **options: object) -> Block:
    return Block(height, (Frame(60, 0, 100, height, 1),), **options)  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.floats(1, 900), st.floats(0, 30), st.booleans()), min_size=1, max_size=40))
def test_every_block_is_placed_once_in_order_and_inside_the_page(plan: list[tuple[float, float, bool]]) -> None:
    blocks = [block(height, space=space, keep_with_next=keep) for height, space, keep in plan]
    pages = flow(blocks, HEAD)
    bodies = [[item for item in page if isinstance(item, Frame) and item.thickness == 1] for page in pages]
    assert [item.height for page in bodies for item in page] == [height for height, _, _ in plan]
    for page in bodies:
        for one, other in pairwise(page):
            assert other.y >= one.y + one.height - 1e-6
        assert page[0].y >= TOP
        assert page[-1].y + page[-1].height <= BOTTOM + 1e-6
    assert all(page[0] == Frame(60, TOP, 10, 40, 7) for page in pages[1:])


def test_blocks_that_belong_together_move_together() -> None:
    pages = flow([block(800), block(100, keep_with_next=True), block(120, keep_with_next=True), block(50)], HEAD)
    assert [len(page) for page in pages] == [1, 4]


def test_a_table_that_goes_on_repeats_its_head() -> None:
    head = Block(30, (Frame(60, 0, 500, 30, 2),), keep_with_next=True)
    pages = flow([head, *(block(200, repeats=head) for _ in range(9))], HEAD)
    assert len(pages) == 3
    for page in pages:
        assert sum(isinstance(item, Frame) and item.thickness == 2 for item in page) == 1


def test_a_block_taller_than_a_page_is_refused_not_clipped() -> None:
    with pytest.raises(BugError) as caught:
        flow([block(1100)], HEAD)
    assert caught.value.code == "paper_block_too_tall"
