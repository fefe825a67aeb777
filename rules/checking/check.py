"""All checks of a pack, in one report.

Promise: a check that cannot run because an earlier one failed is left out of ``Report.checks``, and the earlier one blocks: a pack
that does not load has no cases to run, cases that differ have no mutants to notice.
"""

from __future__ import annotations

import hashlib

from rules.checking import coverage, limits, mutation, overflow, promises, refusals, tables, units
from rules.checking.findings import Check, Finding, Report
from rules.checking.probing import probe
from rules.engine import Pack, PackError, load_pack


def check_pack(raw: bytes, *, most_decisions: int = mutation.MAX_DECISIONS) -> Report:
    """Check a pack's bytes and return everything found. Raises nothing for a bad pack: that is a finding.

    ``most_decisions`` bounds the work of the mutation; what goes beyond is sampled, and the report says so.
    """
    digest = hashlib.sha256(raw).hexdigest()
    try:
        pack = load_pack(raw)
    except PackError as problem:
        found = (refusals.finding_of(problem),)
        return Report(pack="?", version=0, hash=digest, findings=found, checks=(found[0].check,))
    return _checked(raw, pack, most_decisions)


def _checked(raw: bytes, pack: Pack, most_decisions: int) -> Report:
    load_ms, too_much = limits.measured(raw, pack)
    findings: list[Finding] = [*units.findings(pack), *too_much, *overflow.findings(pack), *tables.findings(pack)]
    checks = [Check.LOADING, Check.UNITS, Check.LIMITS, Check.OVERFLOW, Check.TABLES, Check.TESTS]
    notes = probe(pack)
    wrong = coverage.differing(pack, notes)
    findings += wrong
    found_score = None
    if not wrong:
        findings += coverage.rows(pack, notes) + coverage.branches(notes)
        found_score = mutation.score(pack, notes, most_decisions)
        findings += mutation.findings_of(found_score)
        checks += [Check.ROWS, Check.BRANCHES, Check.MUTATION]
    kept, broken = promises.judged(pack, notes)
    return Report(
        pack=pack.pack_id,
        version=pack.version,
        hash=pack.hash,
        findings=(*findings, *broken),
        checks=(*checks, Check.PROMISES),
        load_ms=load_ms,
        mutation=None if found_score is None else found_score.mutation,
        promises=kept,
    )
