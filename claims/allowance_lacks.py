"""What a case lacks in allowance, pool by pool: what to ask the neighbours for, so that the promise can be made after all.

Promise: read-only. A sum is named only where nothing but the allowance stands in the way of a promise: asking for more would help nobody. The
float is this laptop's own and is never asked for.

Source: design.md "Allowances"; docs/adr/0164.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
from claims.desk_ports import DeskPorts
from claims.events import KeyedAmount
from claims.trusted_time import TrustedTime
from claims.weighed_again import WeighedAgain, weighed_again

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
    with ports.store.read() as reads:
        book = reads.allowance_book()
        return tuple(lack for again in weighed_again(ports, reads, case_no, at) for lack in _lacks_of(again, book, at))


def _lacks_of(again: WeighedAgain, book: AllowanceBook, at: TrustedTime) -> Iterator[AllowanceLack]:
    refusal = again.verdict.coverage
    if not isinstance(refusal, Refusal) or refusal.code not in _MENDED_BY_MORE:
        return
    if again.verdict.weighing.reasons != (refusal.sentence,):
        return
    keyed = [key for payee in again.promises for key in payee.keys]
    for pool, lacking_fen, left_fen in lacks(book, keyed, at):
        yield AllowanceLack(again.record.policy_no, pool, lacking_fen, left_fen)


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
