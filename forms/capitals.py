"""An amount in Chinese capitals (大写) for a paper; the same text stands on the screen where it is signed (``claims.capitals``)."""

from __future__ import annotations

from claims.capitals import CURRENCY_PREFIX, LARGEST_FEN, amount_in_capitals

__all__ = ["CURRENCY_PREFIX", "LARGEST_FEN", "amount_in_capitals"]
