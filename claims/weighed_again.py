"""A recorded result weighed again as things stand now: what it would come to, without recording anything.

Promise: read-only. What stands in the way is asked of the same weighing that records and promises; whoever acts on the answer is weighed once more.

Source: design.md "One claim, one direction" (3, 4); docs/adr/0164.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from claims.adjudication import Verdict, prepaid_times, promised_amounts, unnamed_payees, weigh_decision
from claims.case_papers import loss_link
from claims.desk_ports import DeskPorts
from claims.events import Outcome
from claims.ports import Reads
from claims.records import DeterminationRecord, PaperState
from claims.settlement import PayeeAmounts
from claims.trusted_time import TrustedTime
from claims.waivers import find_catastrophe
from rules.engine import decode_facts, read_decision
from rules.engine.model import Determination


@dataclass(frozen=True)
class WeighedAgain:
    """A result and what it would come to now; ``promises`` are what unnamed payees would be promised."""

    record: DeterminationRecord
    verdict: Verdict
    promises: tuple[PayeeAmounts, ...]


def weighed_again(ports: DeskPorts, reads: Reads, case_no: str, at: TrustedTime) -> Iterator[WeighedAgain]:
    """Weigh the newest results of a case that no voucher stands for and no person at headquarters decides.

    A result of another rule pack, or without a sum, is left out: it must be calculated anew first.

    Raises:
        InputError: ``number_unknown``.
    """
    case = reads.case(case_no)
    installed = ports.rulebook.installed_pack()
    if installed is None:
        return
    standing = {each.decision_sha256 for each in reads.papers(case_no) if each.state is not PaperState.VOIDED}
    for record in reads.determinations(case_no):
        if (
            record.outcome is Outcome.REFERRED
            or record.pack_hash != installed.pack.hash
            or record.decision_sha256 in standing
        ):
            continue
        decision, policy = read_decision(record.decision), ports.extract.policy(record.policy_no)
        if not isinstance(decision, Determination) or policy is None:
            continue
        prepaid = prepaid_times(reads, policy.policy_no)
        promises = promised_amounts(decision, case, policy, unnamed_payees(decision), prepaid)
        verdict = weigh_decision(
            ports,
            reads,
            case,
            decision,
            facts=decode_facts(installed.pack, record.facts),
            installed=installed,
            policy=policy,
            catastrophe=find_catastrophe(ports.rulebook.catastrophes(), loss_link(case)),
            at=at,
            promises=promises,
        )
        yield WeighedAgain(record, verdict, promises)


def promisable_now(ports: DeskPorts, case_no: str) -> tuple[str, ...]:
    """Return the policies that could not be promised when they were calculated and could now."""
    at = ports.time()
    with ports.store.read() as reads:
        return tuple(
            each.record.policy_no
            for each in weighed_again(ports, reads, case_no, at)
            if each.record.outcome is Outcome.RECEIPT_ONLY and each.verdict.weighing.outcome is Outcome.PRE_APPROVED
        )
