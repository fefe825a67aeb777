"""Allowances: how money stays safe while cut off. Pure; the same code runs on the laptop and in the simulator.

Promise: over any sequence of spends and transfers no grant is exceeded, every pool of a promise is covered in full, a settlement
key is promised once, and a refusal changes nothing. Whoever makes a promise durably stores its debits in the same
transaction (``VoucherIssued.debits``) and replays them with ``apply_debits``. A transfer is a debit of the donor like a promise; the
receiver may promise from it only after it was received, once.

Source: design.md "Allowances", notes/sync.md §3; docs/adr/0030, docs/adr/0142.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NewType

import msgspec

from claims import allowance_refusals as refusals
from claims.allowance_refusals import Refusal, RefusalCode
from claims.allowance_transfers import MAX_HANDS, ProvenTransfer
from claims.amounts import yuan
from claims.errors import Bilingual, BugError
from claims.events import GrantDebit, KeyedAmount
from claims.trusted_time import TrustedTime

__all__ = [
    "FLOAT_POOL",
    "Allowance",
    "AllowanceBook",
    "Exposure",
    "PoolId",
    "Refusal",
    "RefusalCode",
    "SettlementKey",
    "Spend",
    "TransferDebit",
    "add_grant",
    "apply_debits",
    "apply_transfer",
    "available_fen",
    "close_grant",
    "exposure",
    "exposure_fen",
    "receive",
    "spend",
    "spend_all",
    "transfer",
]

PoolId = NewType("PoolId", str)
SettlementKey = NewType("SettlementKey", str)

FLOAT_POOL = PoolId("*")
"""The device's emergency float: covers any pool; overlaps with other devices are possible up to its limit."""


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """A grant as it stands: the right to promise ``limit_fen`` from ``pool`` until ``expires_at`` (the instant itself is out).

    ``counter`` is the number of debits made so far, promises and transfers in one row; ``closed`` means the device gave its closing
    statement. Never refills. ``transferred_fen`` went to other devices; ``hands`` counts the transfers by which it came here (0: from
    headquarters itself); ``catastrophe_id`` is what headquarters granted it ahead of.
    """

    grant_id: str
    pool: PoolId
    limit_fen: int
    spent_fen: int
    expires_at: datetime
    counter: int
    closed: bool
    transferred_fen: int = 0
    hands: int = 0
    catastrophe_id: str | None = None

    @property
    def gone_fen(self) -> int:
        """What was promised from it and what was handed on."""
        return self.spent_fen + self.transferred_fen

    @property
    def left_fen(self) -> int:
        """What may still be promised or handed on, 0 once closed. Expiry is asked separately because it needs a time."""
        return 0 if self.closed else max(0, self.limit_fen - self.gone_fen)


class AllowanceBook(msgspec.Struct, frozen=True, kw_only=True):
    """All grants of one (device, epoch) and every settlement key it has promised."""

    device: str
    epoch: int
    allowances: tuple[Allowance, ...] = ()
    promised_keys: frozenset[str] = frozenset()


class Spend(msgspec.Struct, frozen=True, kw_only=True):
    """A promise that is covered. ``debits`` must become durable with it; ``float_used`` means it may overlap with another device."""

    debits: tuple[GrantDebit, ...]
    float_used: bool


class TransferDebit(msgspec.Struct, frozen=True, kw_only=True):
    """The donor's side of a transfer. It must become durable before the signed transfer leaves the device."""

    transfer_id: str
    grant_id: str
    pool: PoolId
    amount_fen: int
    counter: int
    expires_at: datetime
    to_device: str
    to_epoch: int


class Exposure(msgspec.Struct, frozen=True, kw_only=True):
    """The most that could be promised beyond limits, by cause. See ``exposure``.

    ``forgotten_fen``: what lost devices may have promised from grants that a restored headquarters forgot; only headquarters knows of it.
    """

    float_fen: int
    respendable_fen: int
    forgotten_fen: int = 0

    @property
    def total_fen(self) -> int:
        """All causes together."""
        return self.float_fen + self.respendable_fen + self.forgotten_fen


def spend(
    book: AllowanceBook, pools: Sequence[PoolId], key: SettlementKey, amount_fen: int, at: TrustedTime
) -> Spend | Refusal:
    """Cover a promise of ``amount_fen`` that draws on every one of ``pools``, or say why not. The book is not changed.

    Each pool is covered in full by live grants on it, the earliest expiry first; when one of them can't be, the whole promise
    goes to the float. A promise that names no pool is covered by the float alone: nothing else keeps two devices apart.
    Every grant has an expiry, so an unbelieved clock refuses everything: the next step, setting the clock, is in the sentence.
    """
    if FLOAT_POOL in pools:
        raise _bug("float_as_pool", f"* 不是限额池（{key}）。", f"* is not a pool ({key}).")
    if amount_fen <= 0:
        return refusals.amount_not_positive(amount_fen)
    if key in book.promised_keys:
        return refusals.key_promised(amount_fen)
    if not at.believed:
        return refusals.clock_not_believed(at)

    debits: list[GrantDebit] = []
    for pool in dict.fromkeys(pools):
        covered = _cover(book, pool, key, amount_fen, at)
        if covered is None:
            break
        debits.extend(covered)
    else:
        if debits:
            return Spend(debits=tuple(debits), float_used=False)
    by_float = _cover(book, FLOAT_POOL, key, amount_fen, at)
    if by_float is not None:
        return Spend(debits=tuple(by_float), float_used=True)
    return _not_covered(book, pools, amount_fen, at)


def spend_all(book: AllowanceBook, keyed: Sequence[KeyedAmount], at: TrustedTime) -> Spend | Refusal:
    """Cover every keyed amount of one voucher, all or nothing, in order. ``float_used`` when any of them took the float."""
    if not keyed:
        return refusals.amount_not_positive(0)
    debits: list[GrantDebit] = []
    float_used = False
    for one in keyed:
        pools = tuple(PoolId(pool) for pool in one.pools)
        result = spend(book, pools, SettlementKey(one.settlement_key), one.amount_fen, at)
        if isinstance(result, Refusal):
            return result
        book = apply_debits(book, result.debits)
        debits.extend(result.debits)
        float_used = float_used or result.float_used
    return Spend(debits=tuple(debits), float_used=float_used)


def apply_debits(book: AllowanceBook, debits: Iterable[GrantDebit]) -> AllowanceBook:
    """Return the book after debits that were made durable.

    Raises:
        BugError: a debit names an unknown or closed grant, skips a counter, or passes the limit: log and inbox contradict each other.
    """
    grants = {one.grant_id: one for one in book.allowances}
    keys = set(book.promised_keys)
    for debit in debits:
        grant = grants.get(debit.grant_id)
        if grant is None or grant.pool != debit.pool:
            raise _bug(
                "debit_without_grant",
                f"记录里用了额度 {debit.grant_id}（{debit.pool}），但没有这份授予。",
                f"The log spends grant {debit.grant_id} ({debit.pool}), which was never received.",
            )
        _require_in_line(grant, debit.counter, debit.amount_fen)
        grants[grant.grant_id] = msgspec.structs.replace(
            grant, spent_fen=grant.spent_fen + debit.amount_fen, counter=debit.counter
        )
        keys.add(debit.settlement_key)
    return msgspec.structs.replace(book, allowances=tuple(grants.values()), promised_keys=frozenset(keys))


def transfer(
    book: AllowanceBook, pool: PoolId, amount_fen: int, to: tuple[str, int], at: TrustedTime
) -> TransferDebit | Refusal:
    """Hand part of an allowance to another (device, epoch), or say why not. The book is not changed.

    One transfer carries one grant: the earliest expiry that has the whole sum. The float never moves. The id is ``<grant_id>/<counter>``.
    """
    live = _live(book, pool, at)
    moving = [one for one in live if one.hands < MAX_HANDS]
    for one in moving:
        if 0 < amount_fen <= one.left_fen and pool != FLOAT_POOL and to != (book.device, book.epoch):
            return TransferDebit(
                transfer_id=f"{one.grant_id}/{one.counter + 1}",
                grant_id=one.grant_id,
                pool=pool,
                amount_fen=amount_fen,
                counter=one.counter + 1,
                expires_at=one.expires_at,
                to_device=to[0],
                to_epoch=to[1],
            )
    if pool == FLOAT_POOL:
        return refusals.float_stays()
    if amount_fen <= 0:
        return refusals.nothing_to_move(amount_fen)
    if to == (book.device, book.epoch):
        return refusals.own_device(book.device)
    if not at.believed:
        return refusals.clock_not_believed(at)
    return _too_little_to_move(live, moving, amount_fen)


def apply_transfer(book: AllowanceBook, debit: TransferDebit) -> AllowanceBook:
    """Return the donor's book after a transfer was made durable.

    Raises:
        BugError: it names an unknown or closed grant, skips a counter, passes the limit, or moves the float.
    """
    grant = next((one for one in book.allowances if one.grant_id == debit.grant_id), None)
    if grant is None or grant.pool != debit.pool or grant.pool == FLOAT_POOL:
        raise _bug(
            "transfer_without_grant",
            f"记录里调拨了额度 {debit.grant_id}（{debit.pool}），但没有这份可调拨的授予。",
            f"The log hands on grant {debit.grant_id} ({debit.pool}), which was never received or does not move.",
        )
    _require_in_line(grant, debit.counter, debit.amount_fen)
    after = msgspec.structs.replace(
        grant, transferred_fen=grant.transferred_fen + debit.amount_fen, counter=debit.counter
    )
    return msgspec.structs.replace(book, allowances=tuple(after if one is grant else one for one in book.allowances))


def receive(book: AllowanceBook, proven: ProvenTransfer, at: TrustedTime) -> AllowanceBook | Refusal:
    """Return the receiver's book with a transfer taken in, or say why not. The same transfer again changes nothing.

    ``proven``: signatures and chain were checked (``claims.allowance_proof``). A clock that is not believed stands at the floor, so that what
    is over by a signed time is refused; promising from it waits for the clock in any case.
    """
    moved = proven.transfer
    if (moved.to_device, moved.to_epoch) != (book.device, book.epoch):
        return refusals.other_receiver(moved.to_device, moved.to_epoch, book.device, book.epoch)
    grant = Allowance(
        grant_id=moved.transfer_id,
        pool=PoolId(moved.pool),
        limit_fen=moved.amount_fen,
        spent_fen=0,
        expires_at=moved.expires_at,
        counter=0,
        closed=False,
        hands=proven.hands,
        catastrophe_id=proven.catastrophe_id,
    )
    known = next((one for one in book.allowances if one.grant_id == grant.grant_id), None)
    if known is not None:
        return book if _same_grant(known, grant) else refusals.transfer_changed(grant.grant_id)
    if at.at >= grant.expires_at:
        return refusals.transfer_over(grant.expires_at)
    return msgspec.structs.replace(book, allowances=(*book.allowances, grant))


def add_grant(book: AllowanceBook, grant: Allowance) -> AllowanceBook:
    """Return the book with a new grant. The same grant again changes nothing.

    Raises:
        BugError: the id is known with another pool, limit or expiry: a grant id never refills.
    """
    for known in book.allowances:
        if known.grant_id == grant.grant_id:
            if _same_grant(known, grant):
                return book
            raise _bug(
                "grant_changed",
                f"额度 {grant.grant_id} 又来了一份内容不同的授予，未采用。",
                f"Grant {grant.grant_id} arrived again with other content and was not taken.",
            )
    return msgspec.structs.replace(book, allowances=(*book.allowances, grant))


def close_grant(book: AllowanceBook, grant_id: str) -> AllowanceBook:
    """Return the book after the device's closing statement on a grant: nothing is spent from it any more."""
    if all(one.grant_id != grant_id for one in book.allowances):
        raise _bug("close_without_grant", f"没有额度 {grant_id}，无法关闭。", f"There is no grant {grant_id} to close.")
    return msgspec.structs.replace(
        book,
        allowances=tuple(
            msgspec.structs.replace(one, closed=True) if one.grant_id == grant_id else one for one in book.allowances
        ),
    )


def available_fen(book: AllowanceBook, pool: PoolId, at: TrustedTime) -> int:
    """Return what the live grants on one pool (or ``FLOAT_POOL``) still cover; 0 when the clock is not believed."""
    return sum(one.left_fen for one in _live(book, pool, at))


def exposure(books: Iterable[AllowanceBook]) -> Exposure:
    """Return the most that could be promised beyond limits, per cause, as known before anything goes wrong.

    ``float_fen``: every float promise may overlap with another device's: the limit of an open float, what was spent of a closed one.
    ``respendable_fen``: if each disk were put back once to an image from before its first spend: what was spent or handed on of an open
    grant, the whole limit of a closed one (its remainder may have gone to others). What was handed on counts at the receiver as well, once
    it is spent there: two disks can be put back. Expiry does not lower it: an image has an old floor too.
    Leave out books of an epoch that headquarters has retired.
    """
    float_fen = respendable_fen = 0
    for book in books:
        for one in book.allowances:
            respendable_fen += one.limit_fen if one.closed else one.gone_fen
            if one.pool == FLOAT_POOL:
                float_fen += one.spent_fen if one.closed else one.limit_fen
    return Exposure(float_fen=float_fen, respendable_fen=respendable_fen)


def exposure_fen(books: Iterable[AllowanceBook]) -> int:
    """Return ``exposure(books).total_fen``: the one figure that is printed beforehand."""
    return exposure(books).total_fen


def _same_grant(one: Allowance, other: Allowance) -> bool:
    return (one.pool, one.limit_fen, one.expires_at) == (other.pool, other.limit_fen, other.expires_at)


def _require_in_line(grant: Allowance, counter: int, amount_fen: int) -> None:
    if grant.closed or counter != grant.counter + 1 or amount_fen <= 0 or amount_fen > grant.left_fen:
        raise _bug(
            "debit_out_of_line",
            f"额度 {grant.grant_id} 第 {counter} 次使用与记录不符（已用 {yuan(grant.gone_fen)} / {yuan(grant.limit_fen)} 元，共 {grant.counter} 次）。",
            f"Debit {counter} of grant {grant.grant_id} does not follow ({yuan(grant.gone_fen)} of {yuan(grant.limit_fen)} yuan gone in {grant.counter} debits).",
        )


def _live(book: AllowanceBook, pool: PoolId, at: TrustedTime) -> list[Allowance]:
    if not at.believed:
        return []
    live = [one for one in book.allowances if one.pool == pool and one.left_fen > 0 and at.at < one.expires_at]
    return sorted(live, key=lambda one: (one.expires_at, one.grant_id))


def _cover(
    book: AllowanceBook, pool: PoolId, key: SettlementKey, amount_fen: int, at: TrustedTime
) -> list[GrantDebit] | None:
    debits: list[GrantDebit] = []
    left_fen = amount_fen
    for grant in _live(book, pool, at):
        part_fen = min(left_fen, grant.left_fen)
        debits.append(
            GrantDebit(
                grant_id=grant.grant_id,
                pool=pool,
                settlement_key=key,
                amount_fen=part_fen,
                counter=grant.counter + 1,
            )
        )
        left_fen -= part_fen
        if left_fen == 0:
            return debits
    return None


def _too_little_to_move(live: Sequence[Allowance], moving: Sequence[Allowance], amount_fen: int) -> Refusal:
    moving_fen = sum(one.left_fen for one in moving)
    if moving_fen >= amount_fen:
        return refusals.in_parts(amount_fen, max(one.left_fen for one in moving))
    if sum(one.left_fen for one in live) >= amount_fen:
        return refusals.too_many_hands(MAX_HANDS)
    return refusals.too_little_to_move(amount_fen, moving_fen)


def _not_covered(book: AllowanceBook, pools: Sequence[PoolId], amount_fen: int, at: TrustedTime) -> Refusal:
    wanted = {*pools, FLOAT_POOL}
    lapsed = [one for one in book.allowances if one.pool in wanted and one.left_fen > 0 and at.at >= one.expires_at]
    if lapsed and at.suspect_ahead:
        return refusals.clock_ahead(at)
    # The tightest pool is the one to name: more of the others would not help.
    short = min(dict.fromkeys(pools), key=lambda pool: available_fen(book, pool, at), default=FLOAT_POOL)
    pool_fen, float_fen = available_fen(book, short, at), available_fen(book, FLOAT_POOL, at)
    if lapsed and sum(one.left_fen for one in lapsed) >= amount_fen - max(pool_fen, float_fen):
        return refusals.expired(max(one.expires_at for one in lapsed), amount_fen)
    return refusals.not_covered(amount_fen, 0 if short == FLOAT_POOL else pool_fen, float_fen)


def _bug(code: str, zh: str, en: str) -> BugError:
    return BugError(
        code,
        Bilingual(zh, en),
        Bilingual(
            "请停止预核，并把诊断文件交给总部。", "Stop pre-approving and hand the diagnostics file to headquarters."
        ),
    )
