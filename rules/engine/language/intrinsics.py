"""How a pure Python function becomes a function of the rule language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rules.engine.language.value_types import Type


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """A pure, total function that the engine adds to the language, e.g. marginal tiers.

    ``name`` may be several words (``add months``). The checker holds every call to ``parameters`` (a MONEY argument is
    widened for an EXACT_MONEY parameter); ``function`` gets the values by position in the representation of ``Type`` and
    returns one of ``result``, which is checked. Where it has no value it raises ``Undefined``; it never returns ``None``,
    reads no clock, file or random, and keeps no state.

    >>> Intrinsic("half of", (Type.MONEY,), Type.EXACT_MONEY, lambda fen: Decimal(fen) / 2)  # doctest: +SKIP
    """

    name: str
    parameters: tuple[Type, ...]
    result: Type
    function: Callable[..., Any]
