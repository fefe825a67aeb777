"""How many chunks travel beside each other: found out by trying, and given back where more of them bring nothing.

Promise: pure; the window stays within ``WINDOW_MIN`` and ``WINDOW_MAX``. On a line that loses packets each connection is slow by itself and
sixteen fill it; on one that loses none four do, and more would only crowd each other out (and lose packets at the bottleneck). Both look
alike from one chunk, so whole rounds are compared: bytes that landed, by the time they took, times the chunks that travelled together.

Source: docs/adr/0149-sync-over-a-bad-line.md (measured on both kinds of line).
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

WINDOW_MIN = 2
WINDOW_START = 8
WINDOW_MAX = 16
SLOW_CHUNK_S = 9.0
"""Mean seconds of a chunk from which on the line is shared by too many, whatever they bring together (256 kbit/s: four chunks)."""
QUICK_CHUNK_S = 5.0
"""A chunk that is through by then was on a line with room for another one beside it."""
_MORE = 1.15
"""By so much a round must be faster to be worth twice the connections."""
_AS_GOOD = 0.98
"""So near to the best a round with fewer connections must come to be preferred."""
_REST_ROUNDS = 8
"""Rounds after which two more are tried again: lines change."""


class Search(StrEnum):
    """What the present round is to find out."""

    WIDER = "wider"
    NARROWER = "narrower"
    REST = "rest"
    PROBE = "probe"


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the line. A round is as many landed chunks as the window is wide; ``best`` is in bytes a second."""

    search: Search = Search.WIDER
    best: float = 0.0
    best_window: int = WINDOW_START
    rounds: int = 0
    landed: int = 0
    landed_bytes: int = 0
    seconds: float = 0.0
    most: int = WINDOW_MAX
    """No wider than this, by what the carrier knows of its connections (``sync.carrier.WarmingCarrier.most_chunks``)."""


def narrowed(window: int, most: int = WINDOW_MAX) -> tuple[Pace, int]:
    """Give way after a lost chunk: half as many, and no hurry to widen."""
    smaller = max(WINDOW_MIN, window // 2)
    return Pace(search=Search.REST, best_window=smaller, most=most), smaller


def bounded(pace: Pace, window: int, most: int) -> tuple[Pace, int]:
    """Learn how wide is worth trying."""
    most = min(max(most, WINDOW_MIN), WINDOW_MAX)
    return msgspec.structs.replace(pace, most=most, best_window=min(pace.best_window, most)), min(window, most)


def landed(pace: Pace, window: int, size_bytes: int, seconds: float) -> tuple[Pace, int]:
    """Take in one chunk that got through; return what is known now, and the window. ``seconds`` 0.0: nobody measured."""
    pace = msgspec.structs.replace(
        pace,
        landed=pace.landed + 1,
        landed_bytes=pace.landed_bytes + size_bytes,
        seconds=pace.seconds + seconds,
    )
    if pace.landed < window:
        # The first round need not be waited for: a chunk that was quick has shown that there is room for one more.
        early = pace.search is Search.WIDER and not pace.rounds and 0 < seconds <= QUICK_CHUNK_S
        return pace, min(pace.most, window + 1) if early else window
    count, mean_s = pace.landed, pace.seconds / pace.landed
    rate = window * pace.landed_bytes / pace.seconds if pace.seconds > 0 else 0.0
    fresh = msgspec.structs.replace(pace, landed=0, landed_bytes=0, seconds=0.0, rounds=pace.rounds + 1)
    if rate <= 0:
        return fresh, min(pace.most, window + 2)
    if mean_s > SLOW_CHUNK_S and count >= window > WINDOW_MIN:
        fewer = _fewer(window)
        return _resting(pace, rate, fewer), fewer
    return _after_round(fresh, window, rate)


def _after_round(pace: Pace, window: int, rate: float) -> tuple[Pace, int]:
    match pace.search:
        case Search.WIDER:
            return _after_wider(pace, window, rate)
        case Search.NARROWER:
            return _after_narrower(pace, window, rate)
        case Search.PROBE:
            kept = window if rate >= pace.best * (1 + 1 / window) else pace.best_window
            return _resting(pace, rate if kept == window else pace.best, kept), kept
        case Search.REST:
            best = rate if pace.best <= 0 else 0.7 * pace.best + 0.3 * rate
            settled = msgspec.structs.replace(pace, best=best, best_window=window)
            if pace.rounds < _REST_ROUNDS or window >= pace.most:
                return settled, window
            return msgspec.structs.replace(settled, search=Search.PROBE), min(pace.most, window + 2)


def _after_wider(pace: Pace, window: int, rate: float) -> tuple[Pace, int]:
    if window != pace.best_window and pace.rounds == 1:
        # The first round grew on its way: what it measured belongs to no width.
        return msgspec.structs.replace(pace, best_window=window), window
    if rate >= pace.best * _MORE:
        pace = msgspec.structs.replace(pace, best=rate, best_window=window)
        if window < pace.most:
            return pace, min(pace.most, window * 2)
    # All are in use, or the wider round brought nothing: perhaps the line was full with fewer.
    return msgspec.structs.replace(pace, search=Search.NARROWER), _fewer(pace.best_window)


def _after_narrower(pace: Pace, window: int, rate: float) -> tuple[Pace, int]:
    if rate < pace.best * _AS_GOOD:
        return _resting(pace, pace.best, pace.best_window), pace.best_window
    best = max(pace.best, rate)
    if window == WINDOW_MIN:
        return _resting(pace, best, window), window
    return msgspec.structs.replace(pace, best=best, best_window=window), _fewer(window)


def _resting(pace: Pace, best: float, window: int) -> Pace:
    return Pace(search=Search.REST, best=best, best_window=window, most=pace.most)


def _fewer(window: int) -> int:
    return max(WINDOW_MIN, window * 3 // 4)
