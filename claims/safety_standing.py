"""The truth about safety and freshness: what the frame shows all the time, and what would be lost if this laptop died now.

Promise: nothing is called safe but what headquarters signed for. What can't be read is said in a sentence instead of hiding the
rest.

Source: design.md "Sync" (three acknowledgements), "Distribution"; docs/adr/0092.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, EnvironmentProblem
from claims.number_blocks import busiest_day
from claims.numbering import NUMBER_KINDS, numbers_left
from claims.overviews import AtRisk, CaseFilter, ReleaseAge, Standing
from claims.own_disk import disk_reason
from claims.ports import Reads
from claims.records import NumberBlock, TaskRecord
from claims.reference import ExtractHeader
from claims.rulebook import InstalledPack
from claims.statements import OWNER_HEADQUARTERS
from claims.trusted_time import TrustedTime
from trust.releases import Freshness, ReleaseRecord, freshness

_FOR_THE_FRAME = frozenset({"revoked", "not_understood", "grant_refused", "block_refused"})
"""Tasks that concern no case; the others are shown with their case."""


def standing(ports: DeskPorts) -> Standing:
    """Return what the frame shows."""
    at = ports.time()
    problems: list[Bilingual] = []
    rules = _rules(ports, at, problems)
    policies, persons = _policies(ports, at, problems)
    with ports.store.read() as reads:
        return Standing(
            at=at,
            safety=reads.safety(),
            last_contact_at=reads.time_floor(),
            rules=rules,
            policies=policies,
            persons=persons,
            stopped=reads.revoked(),
            numbers_left=_left(reads.number_blocks("voucher")),
            slip_numbers_left=_left(reads.number_blocks("slip")),
            case_numbers_left=_left(reads.number_blocks("case")),
            document_numbers_left=_left(documents) if (documents := reads.number_blocks("document")) else None,
            busiest_day={kind: busiest_day(reads, kind, at.at) for kind in NUMBER_KINDS},
            sent_back=reads.count_cases("")[CaseFilter.SENT_BACK],
            notices=_notices(reads, ports.identity.adjuster),
            problems=tuple(problems),
            disk_fault=disk_reason(reads),
        )


def at_risk(ports: DeskPorts) -> AtRisk:
    """Return what would be lost if this laptop died now."""
    with ports.store.read() as reads:
        safety = reads.safety()
        by_case = tuple(reads.cases_at_risk())
        return AtRisk(
            cases=tuple(reads.cases_only_here()),
            events=safety.disk,
            promised_fen=reads.promised_only_here_fen(),
            attachments=safety.attachments_waiting - safety.attachments_in_custody,
            attachment_bytes=safety.attachment_bytes_waiting - safety.attachment_bytes_in_custody,
            custody_events=safety.custody,
            custody_promised_fen=sum(each.custody_promised_fen for each in by_case),
            custody_attachments=safety.attachments_in_custody,
            custody_attachment_bytes=safety.attachment_bytes_in_custody,
            by_case=by_case,
        )


def _rules(ports: DeskPorts, at: TrustedTime, problems: list[Bilingual]) -> ReleaseAge | None:
    try:
        installed: InstalledPack | None = ports.rulebook.installed_pack()
    except EnvironmentProblem as problem:
        problems.append(problem.cause)
        return None
    if installed is None:
        return None
    label = f"{installed.pack.pack_id} {installed.pack.version}"
    return _age(label, installed.record.issued_at, at, installed.record)


def _policies(ports: DeskPorts, at: TrustedTime, problems: list[Bilingual]) -> tuple[ReleaseAge | None, int]:
    header: ExtractHeader | None = None
    try:
        header = ports.extract.header()
        record = ports.rulebook.extract_record()
    except EnvironmentProblem as problem:
        problems.append(problem.cause)
        record = None
    if header is None:
        return None, 0
    return _age(f"{header.version}", header.made_at, at, record), header.persons


def _age(label: str, made_at: datetime, at: TrustedTime, record: ReleaseRecord | None) -> ReleaseAge:
    judged = Freshness.FRESH if record is None else freshness(record, at.at)
    return ReleaseAge(
        label=label,
        made_at=made_at,
        days=max(0, (at.at - made_at).days),
        warning=judged is not Freshness.FRESH,
        expired=judged is Freshness.EXPIRED,
    )


def _notices(reads: Reads, adjuster: str) -> tuple[Bilingual, ...]:
    """Return headquarters' words that no case of this laptop shows."""
    tasks = reads.tasks()
    assigned = [each for each in tasks if each.kind == "assigned"]
    shown = reads.known_cases([each.case_no for each in assigned if each.case_no is not None])
    return tuple(
        _with_owner(each, adjuster)
        for each in tasks
        if each.kind in _FOR_THE_FRAME or (each.kind == "assigned" and each.case_no not in shown)
    )


def _with_owner(task: TaskRecord, adjuster: str) -> Bilingual:
    """Return a task's words, and behind them whose it is where that is somebody else than the adjuster of this laptop."""
    if task.owner in ("", adjuster):
        return task.text
    whose = Bilingual("总部", "headquarters") if task.owner == OWNER_HEADQUARTERS else Bilingual(task.owner, task.owner)
    return Bilingual(f"{task.text.zh}（由{whose.zh}处理）", f"{task.text.en} (for {whose.en})")


def _left(blocks: Sequence[NumberBlock]) -> int:
    return sum(numbers_left(each) for each in blocks)
