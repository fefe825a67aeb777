"""Cases as rows: the queue by the clock that runs out first, and the list of all cases behind filter chips.

Promise: an order never changes by itself between two readings of the same store at the same time; whatever the store holds, a
page costs a few statements. What only needs the log is filtered by the store; what also needs the catastrophe's waivers and
the installed pack is reckoned here, over the cases it can be true of.

Source: the brief of the screens ("the clock that runs out first on top"); docs/adr/0092.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from claims.active_cases import ActiveCase, ActiveCases
from claims.case_clocks import first_to_run_out
from claims.case_progress import CaseGlance
from claims.case_reckoning import Reckoner
from claims.completeness import MissingMaterial
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual
from claims.lifecycle import CaseState
from claims.materials import MATERIAL_NAMES
from claims.overviews import CaseFilter, CaseRow
from claims.ports import Reads


def queue(ports: DeskPorts, active: ActiveCases, offset: int, limit: int) -> tuple[CaseRow, ...]:
    """Return the open cases, the clock that runs out first on top; those without a running clock last, the oldest first."""
    reckoner = Reckoner(ports, ports.time())
    with ports.store.read() as reads:
        ordered = by_clock(active.open(reads, reckoner))[offset : offset + limit]
        return rows_of(reads, [each.case_no for each in ordered], reckoner)


def case_rows(
    ports: DeskPorts, active: ActiveCases, text: str, only: CaseFilter, *, offset: int, limit: int
) -> tuple[CaseRow, ...]:
    """Return the cases that a text finds and a chip shows, newest first."""
    reckoner = Reckoner(ports, ports.time())
    with ports.store.read() as reads:
        if only in _RECKONED:
            numbers: Sequence[str] = _reckoned(reads, active.all(reads, reckoner), text, only)[offset : offset + limit]
        else:
            numbers = reads.case_numbers(text, only, offset=offset, limit=limit)
        return rows_of(reads, numbers, reckoner)


def count_cases(ports: DeskPorts, active: ActiveCases, text: str) -> Mapping[CaseFilter, int]:
    """Return how many cases that a text finds each chip shows, in the order of the chips."""
    reckoner = Reckoner(ports, ports.time())
    with ports.store.read() as reads:
        counted = dict(reads.count_cases(text))
        cases = active.all(reads, reckoner)
        counted |= {only: len(_reckoned(reads, cases, text, only)) for only in _RECKONED}
    return {only: counted[only] for only in CaseFilter}


def rows_of(reads: Reads, case_nos: Sequence[str], reckoner: Reckoner) -> tuple[CaseRow, ...]:
    """Return the rows of these cases in the order given."""
    return tuple(_row(each, reckoner) for each in reads.glances(case_nos))


def by_clock(cases: Sequence[ActiveCase]) -> list[ActiveCase]:
    """Return cases in the order their next clock runs out; those without a running clock last, the oldest first."""
    return sorted(cases, key=lambda each: (each.due, each.opened_seq))


def paper_name(missing: MissingMaterial) -> Bilingual:
    """Return the usual papers of a missing item by name."""
    usual = missing.alternatives[0]
    return Bilingual(
        "和".join(MATERIAL_NAMES[each].zh for each in usual), " and ".join(MATERIAL_NAMES[each].en for each in usual)
    )


def _reckoned(reads: Reads, cases: Sequence[ActiveCase], text: str, only: CaseFilter) -> Sequence[str]:
    """Return the numbers behind a chip that the store can't tell, newest first."""
    waiting = only is CaseFilter.MISSING_PAPERS
    found = [each.case_no for each in reversed(cases) if (each.waits if waiting else each.to_print)]
    return reads.matching(found, text)


def _row(glance: CaseGlance, reckoner: Reckoner) -> CaseRow:
    step, done = reckoner.reached(glance.progress)
    closed = glance.progress.state == CaseState.CANCELLED
    return CaseRow(
        case=glance.case,
        step=step,
        done=done,
        clock=None if closed else first_to_run_out(reckoner.clocks(glance.progress)),
        missing=() if closed else tuple(paper_name(each) for each in reckoner.completeness(glance.progress).missing),
        sent_back=glance.sent_back,
        papers=glance.papers,
    )


_RECKONED = (CaseFilter.MISSING_PAPERS, CaseFilter.TO_PRINT)
