"""What a pack must pass before it is built: ``check_pack(raw)`` and its report (docs/rules.md "What blocks a build", ADR 0116).

Promise: deterministic but for the one measured time; nothing is repaired or cut; what blocks is named with an example input
where there is one.
"""

from rules.checking.check import check_pack
from rules.checking.findings import Check, Finding, Report

__all__ = ["Check", "Finding", "Report", "check_pack"]
