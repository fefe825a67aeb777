"""Lists in one cell: one item a line, or with ``;``, ``；`` or ``、`` between; an item with such a sign stands in quotes.

Promise: ``split(join(items)) == items`` for items of text; 无 is the list of nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rules.workbook.problems import Wrong
from rules.workbook.texts import NONE, tidy

LINE_WIDTH = 60

_SEPARATORS = ";；、\n"
_COMMAS = ",，"
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_NEEDS_QUOTES = re.compile(r'[;；、\n,，"]')


def join(items: Sequence[str], *, quotes: bool = True) -> str:
    """Return the items in one cell: a short list on one line, a long one with a line for each.

    ``quotes`` puts an item that holds a separator or a comma in quotes; sums have commas and need none.
    """
    if not items:
        return NONE
    shown = [_quoted(item) for item in items] if quotes else list(items)
    line = "; ".join(shown)
    return line if len(line) <= LINE_WIDTH else "\n".join(shown)


def _quoted(item: str) -> str:
    if item and item == tidy(item) and item != NONE and not _NEEDS_QUOTES.search(item):
        return item
    return '"' + item.replace('"', '""') + '"'


def split(text: str, *, commas: bool = False, refuse_commas: bool = False) -> list[str]:
    """Return the items of a cell. ``commas`` separate too; ``refuse_commas`` asks for quotes around them. Raises Wrong."""
    text = tidy(text)
    if text == NONE:
        return []
    separators = _SEPARATORS + (_COMMAS if commas else "")
    items: list[str] = []
    at = 0
    while True:
        at = _past_blanks(text, at)
        if quoted := _QUOTED.match(text, at):
            item = quoted.group()[1:-1].replace('""', '"')
            at = _to_separator(text, quoted.end(), separators)
            if text[quoted.end() : at].strip():
                raise Wrong("bad_list", found=text)
        else:
            end = _to_separator(text, at, separators)
            item, at = tidy(text[at:end]), end
            if not item:
                raise Wrong("empty_item", found=text)
            if refuse_commas and any(sign in item for sign in _COMMAS):
                raise Wrong("comma_in_list", found=item)
        items.append(item)
        if at >= len(text):
            return items
        at += 1


def _past_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _to_separator(text: str, at: int, separators: str) -> int:
    while at < len(text) and text[at] not in separators:
        at += 1
    return at
