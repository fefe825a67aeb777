"""Suggests, while a report is written, which declared catastrophe the loss belongs to. Only a suggestion: the case names its cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from claims.reference import Catastrophe
from claims.waivers import within


def catastrophe_near(catastrophes: Sequence[Catastrophe], region: str | None, on: date) -> Catastrophe | None:
    """Return the catastrophe whose days and regions hold this loss; without a region the days alone decide.

    Of several the one that began last is suggested, then the one with the fewest regions: the event at hand, not the season.
    """
    found = [
        each
        for each in catastrophes
        if each.loss_from <= on <= each.loss_to
        and (region is None or any(within(region, area) for area in each.regions))
    ]
    return max(found, key=lambda each: (each.loss_from, -len(each.regions), each.catastrophe_id), default=None)
