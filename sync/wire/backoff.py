"""How long to wait after a failure: doubling with a cap, spread by a seed so that a station's laptops don't return together.

Promise: pure; the same seed and attempt give the same wait. HQ's own ``Retry-After`` is honoured up to ``RETRY_AFTER_CAP_S``.
"""

from __future__ import annotations

import hashlib

BASE_S = 1.0
CAP_S = 60.0
RETRY_AFTER_CAP_S = 900.0


def share_of(seed: str, label: str, count: int) -> float:
    """Return a number in [0, 1) that looks random and depends on nothing but its arguments."""
    digest = hashlib.sha256(f"{seed}\n{label}\n{count}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / float(1 << 48)


def delay_s(seed: str, attempt: int, retry_after_s: float = 0.0) -> float:
    """Return the seconds to wait after the ``attempt``-th failure in a row (from 1): half to whole of the doubled base."""
    ceiling = min(CAP_S, BASE_S * float(2 ** min(attempt, 16)))
    spread = ceiling * (0.5 + 0.5 * share_of(seed, "jitter", attempt))
    return max(spread, min(max(retry_after_s, 0.0), RETRY_AFTER_CAP_S))
