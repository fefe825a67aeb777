"""What headquarters sent back: verdicts and tasks that a person at the station must look at.

Promise: the newest word on each paper counts; a paper in a claimant's hands is never called void. A task of a case stands until
something was recorded in the case after it came.

Source: design.md "One claim" (7); docs/adr/0092.
"""

from __future__ import annotations

from collections.abc import Sequence

from claims.case_progress import HOLD, CaseGlance, needs_a_person
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual
from claims.overviews import CaseFilter, SentBack
from claims.ports import Reads
from claims.records import PaperState, TaskRecord
from claims.statements import OWNER_HEADQUARTERS, SettlementAnswered

AT_MOST = 200
"""More than a station can look at in a day; the newest come first."""


def sent_back(ports: DeskPorts) -> tuple[SentBack, ...]:
    """Return what was sent back, newest first."""
    with ports.store.read() as reads:
        return all_sent_back(reads, ports.identity.adjuster_name, adjuster=ports.identity.adjuster)


def all_sent_back(reads: Reads, owner: str, *, adjuster: str = "") -> tuple[SentBack, ...]:
    """Return what was sent back, newest first. ``owner`` is the adjuster of this laptop by name, ``adjuster`` by staff number."""
    numbers = reads.case_numbers("", CaseFilter.SENT_BACK, offset=0, limit=AT_MOST)
    if not numbers:
        return ()
    tasks = [each for each in reads.tasks() if each.kind == "assigned"]
    found: list[SentBack] = []
    for glance in reads.glances(numbers):
        found.extend(_verdicts(glance, reads.answers(glance.case.case_no), owner))
        found.extend(_tasks(glance, tasks, adjuster, owner))
    return tuple(sorted(found, key=lambda each: each.at, reverse=True))


def _verdicts(glance: CaseGlance, answers: Sequence[SettlementAnswered], owner: str) -> list[SentBack]:
    voided = {each.number for each in glance.papers if each.state is PaperState.VOIDED}
    newest = {each.voucher_no: each for each in answers}
    return [
        SentBack(
            case=glance.case,
            number=answer.voucher_no,
            amount_fen=answer.amount_fen if answer.voucher_no else None,
            reason=answer.reason,
            owner=owner,
            next_step=_HELD if answer.settlement == HOLD else _DIFFERS,
            at=answer.issued_at,
        )
        for answer in newest.values()
        if answer.voucher_no not in voided and needs_a_person(answer.replay, answer.settlement)
    ]


def owner_of(task: TaskRecord, adjuster: str, name: str) -> str:
    """Return whose a task is, as people call them: ``name`` for the adjuster of this laptop, whose staff number is ``adjuster``."""
    if task.owner == OWNER_HEADQUARTERS:
        return "总部 HQ"
    return name if task.owner in ("", adjuster) else task.owner


def _tasks(glance: CaseGlance, tasks: Sequence[TaskRecord], adjuster: str, name: str) -> list[SentBack]:
    return [
        SentBack(
            case=glance.case,
            number=None,
            amount_fen=None,
            reason=task.text,
            owner=owner_of(task, adjuster, name),
            next_step=_TOLD if task.owner != OWNER_HEADQUARTERS else _THEIRS,
            at=task.at,
        )
        for task in tasks
        if task.case_no == glance.case.case_no and glance.case.last_seq <= task.after_seq
    ]


_HELD = Bilingual(
    "纸面凭证仍有效，总部专人跟进。请按原因与客户核对，补齐后再同步。",
    "The paper stands and a person at headquarters follows it up. Check the reason with the claimant, complete what is missing and sync again.",
)
_DIFFERS = Bilingual(
    "由总部人工处理。请核对录入的票据和事实，有误就重新理算并同步。",
    "A person at headquarters decides. Check the bills and facts entered; if something is wrong calculate again and sync.",
)
_THEIRS = Bilingual("由总部处理，本站无需操作。", "Headquarters sees to it; nothing to do here.")
_TOLD = Bilingual("请按说明在案件里处理，然后再同步。", "Do what it says in the case, then sync again.")
