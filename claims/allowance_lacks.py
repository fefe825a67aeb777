"""What a case lacks in allowance, pool by pool: what to ask the neighbours for, so that the promise can be made after all.

Promise: read-only. A sum is named only where nothing but the allowance stands in the way of a promise: asking for more would help nobody. The
float is this laptop's own and is never asked for.

Source: design.md "Allowances"; docs/adr/0164.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claims.adjudication import prepaid_times, promised_amounts, unnamed_payees, weigh_decision
from claims.allowances import (
    AllowanceBook,
    PoolId,
    Refusal,
    RefusalCode,
    SettlementKey,
    apply_debits,
    available_fen,
    spend,
)
from claims.case_papers import loss_link
from claims.desk_ports import DeskPorts
from claims.events import KeyedAmount, Outcome
from claims.ports import Reads
from claims.records import CaseRecord, DeterminationRecord
from claims.rulebook import InstalledPack
from claims.trusted_time import TrustedTime
from claims.waivers import find_catastrophe
from rules.engine import decode_facts, read_decision
from rules.engine.model import Determination

_MENDED_BY_MORE = frozenset({RefusalCode.NOT_COVERED, RefusalCode.EXPIRED})


@dataclass(frozen=True)
class AllowanceLack:
    """What one pool needs for the promise of a policy: ``lacking_fen`` more than the ``left_fen`` that this laptop has."""

    policy_no: str
    pool: PoolId
    lacking_fen: int
    left_fen: int


def allowance_lacks(ports: DeskPorts, case_no: str) -> tuple[AllowanceLack, ...]:
    """Return what the newest results of a case lack; nothing where a rule pack is missing or something else stands in the way.

    Raises:
        InputError: ``number_unknown``.
    """
    at = ports.time()
    installed = ports.rulebook.installed_pack()
    with ports.store.read() as reads:
        case = reads.case(case_no)
        if installed is None:
            return ()
        promised = {
            each.decision_sha256 for each in reads.papers(case_no) if each.decision_sha256 and each.state != "voided"
        }
        return tuple(
            lack
            for record in reads.determinations(case_no)
            if record.outcome is not Outcome.REFERRED
            and record.pack_hash == installed.pack.hash
            and record.decision_sha256 not in promised
            for lack in _lacks_of(ports, reads, case, record, installed=installed, at=at)
        )


def _lacks_of(
    ports: DeskPorts,
    reads: Reads,
    case: CaseRecord,
    record: DeterminationRecord,
    *,
    installed: InstalledPack,
    at: TrustedTime,
) -> Sequence[AllowanceLack]:
    decision, policy = read_decision(record.decision), ports.extract.policy(record.policy_no)
    if not isinstance(decision, Determination) or policy is None:
        return ()
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
    refusal = verdict.coverage
    if not isinstance(refusal, Refusal) or refusal.code not in _MENDED_BY_MORE:
        return ()
    if verdict.weighing.reasons != (refusal.sentence,):
        return ()
    keyed = [key for payee in promises for key in payee.keys]
    book = reads.allowance_book()
    return [
        AllowanceLack(record.policy_no, pool, lacking_fen, left_fen)
        for pool, lacking_fen, left_fen in lacks(book, keyed, at)
    ]


def lacks(book: AllowanceBook, keyed: Sequence[KeyedAmount], at: TrustedTime) -> tuple[tuple[PoolId, int, int], ...]:
    """Return pool, missing sum and what is left there, for amounts of which not all are covered."""
    needed: dict[PoolId, int] = {}
    for one in keyed:
        pools = tuple(PoolId(pool) for pool in one.pools)
        found = spend(book, pools, SettlementKey(one.settlement_key), one.amount_fen, at)
        if isinstance(found, Refusal):
            for pool in dict.fromkeys(pools):
                needed[pool] = needed.get(pool, 0) + one.amount_fen
        else:
            book = apply_debits(book, found.debits)
    left = {pool: available_fen(book, pool, at) for pool in needed}
    return tuple((pool, fen - left[pool], left[pool]) for pool, fen in needed.items() if fen > left[pool])
