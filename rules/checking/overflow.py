"""Integer overflow proven impossible, plan by plan, from the bounds of the elements (rules.engine.intervals).

Promise: a plan that is not proven blocks, with the rule and the number that it can reach.
"""

from __future__ import annotations

from rules.checking import refusals
from rules.checking.findings import Finding
from rules.engine import Pack, PackError
from rules.engine.intervals import prove_int64


def findings(pack: Pack) -> list[Finding]:
    """Return the plans whose arithmetic could leave 64 bits."""
    found = []
    for plan in pack.plans:
        try:
            prove_int64(pack, plan)
        except PackError as problem:
            found.append(refusals.finding_of(problem))
    return found
