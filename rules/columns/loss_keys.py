"""Which texts may be parts of a loss key, over columns (``rules.engine.loss_keys``)."""

from __future__ import annotations

from typing import Any

from rules.columns import segments
from rules.columns.column import as_lists
from rules.engine.language import Type

UNFIT_PART = "no part of a key"


def unfit_part(kind: Type, values: Any, rows: int) -> Any:
    """Return the rows in which a value is no part of a loss key: empty, or holding a blank or a colon. None: no value is."""
    if kind == Type.TEXT:
        if isinstance(values, str):
            return is_unfit(values)
        return values.each(UNFIT_PART, is_unfit, bool) if values.words.anywhere(UNFIT_PART, is_unfit) else None
    if kind.element is None:
        return None
    lists = as_lists(values, rows)
    empty = lists.counts == 0
    if kind.element != Type.TEXT or not len(lists.flat):
        return empty
    unfit = lists.flat.each("no part of a list in a key", lambda word: word != "" and is_unfit(word), bool)
    blank = lists.flat.each("empty", lambda word: word == "", bool)
    alone = (lists.counts == 1) & (segments.counts_where(blank, lists.offsets) == 1)
    return empty | alone | (segments.counts_where(unfit, lists.offsets) > 0)


def is_unfit(text: str) -> bool:
    """Say whether a text is no part of a loss key (``rules.engine.loss_keys``)."""
    return not text or ":" in text or any(sign.isspace() for sign in text)
