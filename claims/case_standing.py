"""One case as its page shows it: everything about it at one moment.

Promise: read in one transaction of the store; a policy or rule pack that can't be read leaves its part out and is said by the
steps, it never keeps the page from opening.
"""

from __future__ import annotations

from claims.case_clocks import case_clocks
from claims.case_reckoning import Reckoner
from claims.case_steps import current_step, steps
from claims.desk_ports import DeskPorts
from claims.errors import EnvironmentProblem
from claims.overviews import CaseStanding
from claims.reference import ExtractPolicy


def case_standing(ports: DeskPorts, case_no: str) -> CaseStanding:
    """Return where a case stands.

    Raises:
        InputError: ``number_unknown``.
    """
    reckoner = Reckoner(ports, ports.time())
    with ports.store.read() as reads:
        case = reads.case(case_no)
        progress = reads.progress(case_no)
        documents = tuple(reads.documents(case_no))
        determinations = tuple(reads.determinations(case_no))
        given = {
            each.policy_no: facts
            for each in determinations
            if (facts := reads.facts(case_no, each.policy_no)) is not None
        }
        signatures = tuple(reads.signatures(case_no))
        papers = tuple(reversed(reads.papers(case_no)))
        payments, links = tuple(reads.payments(case_no)), tuple(reads.links(case_no))
        reviews, corrections = tuple(reads.reviews(case_no)), tuple(reads.corrections(case_no))
        withdrawn = reads.withdrawn(case_no)
    completeness = reckoner.completeness(progress)
    found = steps(progress, completeness, case.payable_fen, reckoner.around)
    named = dict.fromkeys((*case.policy_nos, *progress.decided))
    return CaseStanding(
        case=case,
        at=reckoner.at,
        catastrophe=reckoner.catastrophe(progress),
        steps=found,
        current=current_step(found),
        clocks=() if withdrawn is not None else case_clocks(progress, reckoner.completed(progress), reckoner.at),
        documents=documents,
        completeness=completeness,
        policies=tuple(policy for each in named if (policy := _policy(ports, each)) is not None),
        determinations=determinations,
        signatures=signatures,
        papers=papers,
        given=given,
        payments=payments,
        links=links,
        reviews=reviews,
        corrections=corrections,
        withdrawn=withdrawn,
    )


def _policy(ports: DeskPorts, policy_no: str) -> ExtractPolicy | None:
    try:
        return ports.extract.policy(policy_no)
    except EnvironmentProblem:
        return None
