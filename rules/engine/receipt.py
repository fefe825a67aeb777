"""The receipt of a decision for headquarters: what was decided, by which engine and pack, from which inputs, and what each pool held.

Promise: canonical JSON (keys sorted, no white space), the same bytes wherever it is made. ``check_receipt`` says whether a receipt
belongs to a decision, and whether it adds up in itself. It holds no fact and no name of a person, only hashes, sums and ids.

Source: notes/rules.md §1 (regelrecht's execution receipt) and §4 "Explanation"; docs/adr/0119.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from rules.engine.model import Decision, Determination, PoolScope, Referral, RulesError, Unit, digest
from rules.engine.pack import Pack

SCHEMA = 1


class ReceiptError(RulesError):
    """The bytes are no receipt, or the receipt does not belong to what it is held against. ``values`` name the field."""


class PoolEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pool before and after the decision, in ``unit``. ``holder`` tells whose it is where the caller knows."""

    pool: str
    scope: PoolScope
    unit: Unit
    limit: int | None
    before: int
    after: int
    holder: str = ""


class BenefitEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One benefit: what it came to, for which loss, how it is shared, and which steps changed the sum or stopped it."""

    liability: str
    amount_fen: int
    loss_key: str
    shares_fen: tuple[int, ...]
    applied: tuple[str, ...]


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The receipt. ``decision_hash`` is the SHA-256 of the decision's canonical bytes; ``dates`` are those that versions were chosen by."""

    schema: int
    kind: str
    engine: str
    pack_id: str
    pack_version: int
    pack_hash: str
    pack_valid_from: date | None
    pack_valid_to: date | None
    plan: str
    inputs_hash: str
    decision_hash: str
    dates: dict[str, date]
    total_fen: int
    outputs_fen: dict[str, int]
    waivers: tuple[str, ...]
    benefits: tuple[BenefitEntry, ...]
    pools: tuple[PoolEntry, ...]
    reasons: tuple[str, ...]


def receipt(
    decision: Decision,
    pools_before: Mapping[str, int] | None = None,
    *,
    pack: Pack | None = None,
    dates: Mapping[str, date] | None = None,
    holders: Mapping[str, str] | None = None,
) -> bytes:
    """Return the receipt of a decision.

    Args:
        pools_before: what was used of each pool before the decision, by pool id, as the books have it; pools that the decision took
            nothing from are listed only where they are given here.
        pack: tells the pack's validity, and scope and unit of pools that the decision did not draw on.
        dates: the dates that rules and parameters were chosen by, by element (``accident_date``).
        holders: whose each pool is, by pool id.

    Raises:
        ReceiptError: ``pool_differs`` when the decision saw another balance than ``pools_before`` says, ``pack_differs`` when ``pack`` is
            another one than the decision's, ``unknown_pool`` when nothing tells what a pool counts.
    """
    if pack is not None and pack.hash != decision.pack_hash:
        raise ReceiptError("pack_differs", decision=decision.pack_hash, pack=pack.hash)
    document = Receipt(
        schema=SCHEMA,
        kind="determination" if isinstance(decision, Determination) else "referral",
        engine=decision.engine,
        pack_id=decision.pack_id,
        pack_version=decision.pack_version,
        pack_hash=decision.pack_hash,
        pack_valid_from=None if pack is None else pack.valid_from,
        pack_valid_to=None if pack is None else pack.valid_to,
        plan=decision.plan,
        inputs_hash=decision.inputs_hash,
        decision_hash=digest(decision),
        dates=dict(dates or {}),
        total_fen=decision.total_fen,
        outputs_fen=dict(decision.outputs_fen),
        waivers=decision.waivers,
        benefits=_benefits(decision),
        pools=_pools(decision, pools_before or {}, pack, holders or {}),
        reasons=tuple(reason.rule for reason in decision.reasons) if isinstance(decision, Referral) else (),
    )
    return msgspec.json.encode(document, order="sorted")


def read_receipt(raw: bytes) -> Receipt:
    """Read a receipt. Raises ReceiptError: ``not_a_receipt``, ``not_canonical``, ``unknown_schema``, ``does_not_add_up``."""
    try:
        found = msgspec.json.decode(raw, type=Receipt)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise ReceiptError("not_a_receipt", detail=str(problem)) from problem
    if found.schema != SCHEMA:
        raise ReceiptError("unknown_schema", expected=str(SCHEMA), found=str(found.schema))
    if msgspec.json.encode(found, order="sorted") != raw:
        raise ReceiptError("not_canonical")
    if sum(benefit.amount_fen for benefit in found.benefits) != found.total_fen:
        raise ReceiptError("does_not_add_up", field="total_fen")
    for benefit in found.benefits:
        if sum(benefit.shares_fen) != benefit.amount_fen:
            raise ReceiptError("does_not_add_up", field=f"shares_fen of {benefit.liability}")
    for pool in found.pools:
        if pool.after < pool.before or (pool.limit is not None and pool.after > max(pool.limit, pool.before)):
            raise ReceiptError("does_not_add_up", field=f"pool {pool.pool}")
    return found


def check_receipt(raw: bytes, decision: Decision, pack: Pack | None = None) -> Receipt:
    """Hold a receipt against the decision that headquarters came to, and return it.

    Raises:
        ReceiptError: as ``read_receipt``; ``differs`` with the first field that is another than the decision's.
    """
    found = read_receipt(raw)
    before = {pool.pool: pool.before for pool in found.pools}
    holders = {pool.pool: pool.holder for pool in found.pools}
    again = _again(decision, found, before, holders, pack)
    for field in Receipt.__struct_fields__:
        if getattr(again, field) != getattr(found, field):
            raise ReceiptError(
                "differs", field=field, receipt=str(getattr(found, field)), decision=str(getattr(again, field))
            )
    return found


def _again(
    decision: Decision, found: Receipt, before: Mapping[str, int], holders: Mapping[str, str], pack: Pack | None
) -> Receipt:
    """Return the receipt made anew; what the decision does not tell (dates, holders, pools untouched) is the found one's."""
    drawn = {draw.pool for result in decision.liabilities for draw in result.pools}
    own = msgspec.json.decode(
        receipt(
            decision,
            {pool: used for pool, used in before.items() if pool in drawn},
            pack=pack,
            dates=found.dates,
            holders=holders,
        ),
        type=Receipt,
    )
    untouched = [pool for pool in found.pools if pool.pool not in drawn and pool.before == pool.after]
    own = msgspec.structs.replace(own, pools=tuple(sorted((*own.pools, *untouched), key=lambda pool: pool.pool)))
    if pack is None:
        own = msgspec.structs.replace(own, pack_valid_from=found.pack_valid_from, pack_valid_to=found.pack_valid_to)
    return own


def _benefits(decision: Decision) -> tuple[BenefitEntry, ...]:
    return tuple(
        BenefitEntry(
            liability=result.liability,
            amount_fen=result.amount_fen,
            loss_key=result.loss_key,
            shares_fen=result.shares_fen,
            applied=tuple(step.rule for step in result.steps if step.applied),
        )
        for result in decision.liabilities
    )


def _pools(
    decision: Decision, before: Mapping[str, int], pack: Pack | None, holders: Mapping[str, str]
) -> tuple[PoolEntry, ...]:
    found: dict[str, PoolEntry] = {}
    for result in decision.liabilities:
        for draw in result.pools:
            so_far = found.get(draw.pool)
            if so_far is not None:
                found[draw.pool] = msgspec.structs.replace(so_far, after=so_far.after + draw.amount)
                continue
            if before.get(draw.pool, draw.used_before) != draw.used_before:
                raise ReceiptError(
                    "pool_differs", pool=draw.pool, decision=str(draw.used_before), books=str(before[draw.pool])
                )
            found[draw.pool] = PoolEntry(
                pool=draw.pool,
                scope=draw.scope,
                unit=draw.unit,
                limit=draw.limit,
                before=draw.used_before,
                after=draw.used_before + draw.amount,
                holder=holders.get(draw.pool, ""),
            )
    for pool, used in before.items():
        if pool not in found:
            found[pool] = _untouched(pool, used, pack, holders)
    return tuple(found[pool] for pool in sorted(found))


def _untouched(pool: str, used: int, pack: Pack | None, holders: Mapping[str, str]) -> PoolEntry:
    known = None if pack is None else pack.pools.get(pool)
    if known is None:
        raise ReceiptError("unknown_pool", pool=pool)
    return PoolEntry(
        pool=pool,
        scope=known.spec.scope,
        unit=known.spec.unit,
        limit=None,
        before=used,
        after=used,
        holder=holders.get(pool, ""),
    )
