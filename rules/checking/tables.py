"""Gaps, overlaps, cells that nothing meets and rows that are never reached, under the declared hit policy.

Promise: what the engine's cover check finds is told with its example input; each table is looked at, not only the first bad one.
"""

from __future__ import annotations

from rules.checking import refusals
from rules.checking.findings import Check, Finding
from rules.engine import Pack, PackError
from rules.engine.language import LanguageError, Table, check_table_cover, unreachable_rows


def findings(pack: Pack) -> list[Finding]:
    """Return what is wrong with the pack's tables."""
    found = []
    for name, rule in pack.rules.items():
        if not isinstance(rule.body, Table):
            continue
        try:
            check_table_cover(rule.body)
        except LanguageError as problem:
            refusal = PackError("bad_expression", part=f"rule {name}", why=problem.code, **problem.values)
            found.append(refusals.finding_of(refusal))
            continue
        found += [
            Finding(check=Check.TABLES, part=f"rule {name}", text=row.sentence, blocking=True, at={"row": str(row.row)})
            for row in unreachable_rows(rule.body)
        ]
    return found
