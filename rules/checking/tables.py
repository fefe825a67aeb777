"""Gaps, overlaps, cells that nothing meets and rows that are never reached, under the declared hit policy.

Promise: what the engine's cover check finds is told with its example input; each table is looked at, not only the first bad one.
"""

from __future__ import annotations

from rules.checking import refusals
from rules.checking.findings import Check, Finding
from rules.engine import Pack
from rules.engine.covering import refusal_of, table_faults
from rules.engine.language import LanguageError


def findings(pack: Pack) -> list[Finding]:
    """Return what is wrong with the pack's tables."""
    return [
        refusals.finding_of(refusal_of(name, fault))
        if isinstance(fault, LanguageError)
        else Finding(
            check=Check.TABLES, part=f"rule {name}", text=fault.sentence, blocking=True, at={"row": str(fault.row)}
        )
        for name, fault in table_faults(pack)
    ]
