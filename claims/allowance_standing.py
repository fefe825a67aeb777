"""How the allowances of this laptop stand, pool by pool, and what they expose the insurer to: read-only, for a screen.

Promise: over every pool what was granted and what came from colleagues is what was promised, handed on, is left, or is over. Exposure is
said beforehand, in words and fen.

Source: design.md "Allowances", promise 2; docs/adr/0142.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from claims.allowances import FLOAT_POOL, Allowance, AllowanceBook, Exposure, PoolId, exposure
from claims.amounts import yuan
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual
from claims.trusted_time import TrustedTime


class PoolStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One pool on this laptop, in fen: ``granted + moved_in == promised + moved_out + left + over``.

    ``over_fen`` expired, or was given back, unused. ``expires_at`` is the next end among what is left, else the last one.
    """

    pool: PoolId
    granted_fen: int
    moved_in_fen: int
    promised_fen: int
    moved_out_fen: int
    left_fen: int
    over_fen: int
    expires_at: datetime
    catastrophe_id: str | None


class AllowanceStanding(msgspec.Struct, frozen=True, kw_only=True):
    """All pools in order of their ids, the emergency float apart (None: there never was one), and this laptop's exposure."""

    at: TrustedTime
    pools: tuple[PoolStanding, ...]
    emergency_float: PoolStanding | None
    exposure: Exposure
    exposure_words: Bilingual


def allowance_standing(ports: DeskPorts) -> AllowanceStanding:
    """Return how the allowances of this laptop stand."""
    at = ports.time()
    with ports.store.read() as reads:
        grants = reads.allowances()
    pools = pool_standings(grants, at)
    found = exposure([AllowanceBook(device="", epoch=0, allowances=tuple(grants))])
    return AllowanceStanding(
        at=at,
        pools=tuple(each for each in pools if each.pool != FLOAT_POOL),
        emergency_float=next((each for each in pools if each.pool == FLOAT_POOL), None),
        exposure=found,
        exposure_words=exposure_words(found),
    )


def pool_standings(grants: Iterable[Allowance], at: TrustedTime) -> tuple[PoolStanding, ...]:
    """Return grants summed pool by pool, in order of the pools' ids."""
    by_pool: dict[PoolId, list[Allowance]] = {}
    for grant in grants:
        by_pool.setdefault(grant.pool, []).append(grant)
    return tuple(_standing(pool, by_pool[pool], at) for pool in sorted(by_pool))


def exposure_words(found: Exposure) -> Bilingual:
    """Return an exposure as a sentence."""
    return Bilingual(
        f"本机敞口 {yuan(found.total_fen)} 元：应急额度 {yuan(found.float_fen)} 元可能与其他电脑重复承诺，"
        f"硬盘若被还原，已用的 {yuan(found.respendable_fen)} 元可能再用一次。",
        f"This laptop's exposure is {yuan(found.total_fen)} yuan: {yuan(found.float_fen)} of emergency float that another laptop may promise as well, "
        f"and {yuan(found.respendable_fen)} already used that a disk put back could use again.",
    )


def _standing(pool: PoolId, grants: Sequence[Allowance], at: TrustedTime) -> PoolStanding:
    live = [each for each in grants if each.left_fen > 0 and at.believed and at.at < each.expires_at]
    left_fen = sum(each.left_fen for each in live)
    return PoolStanding(
        pool=pool,
        granted_fen=sum(each.limit_fen for each in grants if not each.hands),
        moved_in_fen=sum(each.limit_fen for each in grants if each.hands),
        promised_fen=sum(each.spent_fen for each in grants),
        moved_out_fen=sum(each.transferred_fen for each in grants),
        left_fen=left_fen,
        over_fen=sum(each.limit_fen - each.gone_fen for each in grants) - left_fen,
        expires_at=min((each.expires_at for each in live), default=max(each.expires_at for each in grants)),
        catastrophe_id=next((each.catastrophe_id for each in reversed(grants) if each.catastrophe_id), None),
    )
