"""The limits that loading does not refuse by itself: the time to load, and the lines of one case.

Promise: rows, formulas, levels and bytes are refused when a pack loads; here a pack is measured. Nothing is cut to fit.

Source: notes/rules.md §4 "Limits".
"""

from __future__ import annotations

import time

from rules.bilingual import Bilingual
from rules.checking.findings import Check, Finding
from rules.engine import Pack, load_pack

MOST_LOAD_MS = 100
MOST_LINES = 2_000
_LOADS = 5


def measured(raw: bytes, pack: Pack) -> tuple[int, list[Finding]]:
    """Return the best processor time of some loads in whole milliseconds, and what is beyond a limit."""
    best_ns = min(_load_ns(raw) for _ in range(_LOADS))
    load_ms = -(-best_ns // 1_000_000)
    found = []
    if load_ms > MOST_LOAD_MS:
        text = Bilingual(
            zh=f"载入需 {load_ms} 毫秒，上限 {MOST_LOAD_MS} 毫秒，请拆分规则包",
            en=f"loading takes {load_ms} ms, {MOST_LOAD_MS} ms are allowed: split the pack",
        )
        found.append(Finding(check=Check.LIMITS, part="pack", text=text, blocking=True))
    for element in pack.elements.values():
        if element.items is not None and element.items > MOST_LINES:
            text = Bilingual(
                zh=f"清单最多 {element.items} 项，上限 {MOST_LINES} 项，请减少",
                en=f"the list may have {element.items} entries, {MOST_LINES} are allowed: lower it",
            )
            found.append(
                Finding(
                    check=Check.LIMITS, part=f"element {element.id}", text=text, blocking=True, at={"field": "items"}
                )
            )
    return load_ms, found


def _load_ns(raw: bytes) -> int:
    begun = time.process_time_ns()
    load_pack(raw)
    return time.process_time_ns() - begun
