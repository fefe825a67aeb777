"""What is to be done next about the papers of a case. Pure: a function of its standing.

Promise: one thing at a time, in the order in which a person does it: issue, draw, print, hand over, one paper after another, and then the next
person. A paper that a crash left without its page comes before anything new.

Source: design.md "Vouchers"; docs/adr/0104.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from claims.events import Outcome, PaperKind
from claims.overviews import CaseStanding, CaseStep, StepState
from claims.records import DeterminationRecord, PaperRecord, PaperState
from rules.bilingual import Bilingual
from views.screens.case.signing_state import signed, words_on


class Doing(StrEnum):
    """``locked``: something else comes first; ``why`` says what. ``done``: every paper is in the claimant's hands."""

    LOCKED = "locked"
    ISSUE = "issue"
    SLIP = "slip"
    DRAW = "draw"
    PRINT = "print"
    HAND_OVER = "hand_over"
    DONE = "done"


_WAITING = {PaperState.RENDERED: Doing.PRINT, PaperState.PRINTED: Doing.HAND_OVER}


@dataclass(frozen=True)
class NextPaper:
    """The next thing. ``paper`` is the one it is about; ``policy_nos`` are those to issue vouchers for."""

    doing: Doing
    paper: PaperRecord | None = None
    policy_nos: tuple[str, ...] = ()
    why: Bilingual | None = None


def papers_in_order(standing: CaseStanding) -> tuple[PaperRecord, ...]:
    """Return vouchers and slips in order of issue. Other papers have a panel of their own (``documents_of``)."""
    of_the_step = (each for each in standing.papers if each.kind is not PaperKind.DOCUMENT)
    return tuple(sorted(of_the_step, key=lambda each: each.seq))


def documents_of(standing: CaseStanding) -> tuple[PaperRecord, ...]:
    """Return the papers that are neither voucher nor slip, newest first."""
    documents = (each for each in standing.papers if each.kind is PaperKind.DOCUMENT)
    return tuple(sorted(documents, key=lambda each: -each.seq))


def next_paper(standing: CaseStanding) -> NextPaper:
    """Return what comes next."""
    live = [each for each in papers_in_order(standing) if each.state is not PaperState.VOIDED]
    step = standing.step(CaseStep.VOUCHER)
    to_issue = policies_to_issue(standing)
    undrawn = next((each for each in live if each.state is PaperState.ASKED), None)
    waiting = next((each for each in live if each.state in _WAITING), None)
    if undrawn is not None:
        found = NextPaper(Doing.DRAW, undrawn)
    elif to_issue and step.state is not StepState.LOCKED:
        found = NextPaper(Doing.ISSUE, policy_nos=to_issue)
    elif waiting is not None:
        found = NextPaper(_WAITING[waiting.state], waiting)
    elif step.state is StepState.LOCKED:
        found = NextPaper(Doing.LOCKED, why=step.why)
    elif step.state is StepState.DONE:
        found = NextPaper(Doing.DONE, live[-1] if live else None)
    else:
        found = NextPaper(Doing.SLIP)
    return found


def policies_to_issue(standing: CaseStanding) -> tuple[str, ...]:
    """Return the policies whose result is pre-approved and signed by both, and that have neither a standing voucher nor a slip instead.

    After a voiding it is the desk that says whether another may be issued: to another payee, perhaps; to the same one never.
    """
    papers = [each for each in standing.papers if each.state is not PaperState.VOIDED]
    promised = {each.decision_sha256 for each in papers if each.kind is PaperKind.VOUCHER}
    return tuple(
        each.policy_no
        for each in standing.determinations
        if each.outcome is Outcome.PRE_APPROVED
        and each.decision_sha256 not in promised
        and signed(standing, each)
        and not _slip_instead(standing, each)
    )


def _slip_instead(standing: CaseStanding, record: DeterminationRecord) -> bool:
    """Say whether a slip was given after all that would have led to a voucher: the result, its last signature, a voided voucher."""
    newest_word = max((each.at for each in words_on(standing, record)), default=record.at)
    voided = max((each.seq for each in standing.papers if each.decision_sha256 == record.decision_sha256), default=0)
    return any(
        each.kind is PaperKind.SLIP
        and each.state is not PaperState.VOIDED
        and each.seq > max(record.seq, voided)
        and each.issued_at >= newest_word
        for each in standing.papers
    )


def voided_for(standing: CaseStanding) -> PaperRecord | None:
    """Return the voided voucher of one of the newest results, None where there is none."""
    hashes = {each.decision_sha256 for each in standing.determinations}
    return next(
        (each for each in standing.papers if each.state is PaperState.VOIDED and each.decision_sha256 in hashes),
        None,
    )


def receiver_of(standing: CaseStanding, paper: PaperRecord) -> str:
    """Return who is expected to take a paper: the payee of a voucher, who reported for a slip."""
    return standing.case.reporter.name if paper.payee is None else paper.payee.name
