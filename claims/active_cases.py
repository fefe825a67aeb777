"""What was reckoned of each case the field still has to do with, remembered until it can have changed.

Promise: a remembered answer is the one that reckoning afresh would give: it is dropped when the case moves (its revision), and all
are when the pack, the catastrophes, the extract or the day change. A desk holds one; it is nothing that needs keeping.

A queue over thousands of cases is asked for after every single step of one of them: docs/adr/0092 has the figures.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from claims.case_progress import CaseProgress, unpromised
from claims.case_reckoning import Basis, Reckoner
from claims.overviews import CaseStep
from claims.ports import Reads
from claims.records import PaperState

NEVER = datetime.max.replace(tzinfo=UTC)
_NOT_PRINTED = frozenset({PaperState.ASKED, PaperState.RENDERED})


@dataclass(frozen=True, slots=True)
class ActiveCase:
    """One case. ``due`` is when its next clock runs out, ``NEVER`` where none runs; ``waits``: a paper is still wanted."""

    case_no: str
    opened_seq: int
    revision: int
    finished: bool
    due: datetime
    step: CaseStep
    to_print: bool
    waits: bool


class ActiveCases:
    """The active cases of one store: those not finished, and those whose missing papers may still come."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._basis: Basis | None = None
        self._known: dict[int, ActiveCase] = {}
        self._lock = threading.Lock()

    def all(self, reads: Reads, reckoner: Reckoner) -> Sequence[ActiveCase]:
        """Return the active cases, oldest first."""
        with self._lock:
            if reckoner.basis != self._basis:
                self._basis, self._known = reckoner.basis, {}
            revisions = reads.active_revisions()
            known = {
                seq: case
                for seq, revision in revisions
                if (case := self._known.get(seq)) is not None and case.revision == revision
            }
            changed = {seq: revision for seq, revision in revisions if seq not in known}
            for progress, finished in reads.active_progress(tuple(changed)):
                seq = progress.opened.seq
                known[seq] = _reckoned(progress, changed[seq], finished, reckoner)
            self._known = known
            return [known[seq] for seq, _ in revisions if seq in known]

    def open(self, reads: Reads, reckoner: Reckoner) -> list[ActiveCase]:
        """Return the cases the field is not finished with, oldest first."""
        return [each for each in self.all(reads, reckoner) if not each.finished]


def _reckoned(progress: CaseProgress, revision: int, finished: bool, reckoner: Reckoner) -> ActiveCase:
    complete = reckoner.completed(progress)
    step, _ = reckoner.reached(progress)
    return ActiveCase(
        case_no=progress.case_no,
        opened_seq=progress.opened.seq,
        revision=revision,
        finished=finished,
        due=NEVER if finished else reckoner.due_next(progress) or NEVER,
        step=step,
        to_print=not finished and _to_print(progress, step),
        waits=complete is None and unpromised(progress),
    )


def _to_print(progress: CaseProgress, step: CaseStep) -> bool:
    """Say whether the case waits for paper: one is not printed yet, or everything before it is done."""
    papers = progress.live_papers
    return any(each.state in _NOT_PRINTED for each in papers) or (not papers and step is CaseStep.VOUCHER)
