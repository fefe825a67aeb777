"""Allowances: how money stays safe while cut off. Pure; the same code runs on the laptop and in the simulator.

Promise: over any sequence of spends on a book no grant is exceeded, every pool of a promise is covered in full, a settlement
key is promised once, and a refusal changes nothing. Whoever makes a promise durably stores its debits in the same
transaction (``VoucherIssued.debits``) and replays them with ``apply_debits``.

Source: design.md "Allowances", notes/sync.md §3; docs/adr/0030.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from claims.amounts import yuan
from claims.errors import Bilingual, BugError
from claims.events import GrantDebit, KeyedAmount
from claims.trusted_time import TrustedTime, beijing_text

PoolId = NewType("PoolId", str)
SettlementKey = NewType("SettlementKey", str)

FLOAT_POOL = PoolId("*")
"""The device's emergency float: covers any pool; overlaps with other devices are possible up to its limit."""


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """A grant as it stands: the right to promise ``limit_fen`` from ``pool`` until ``expires_at`` (the instant itself is out).

    ``counter`` is the number of debits made so far; ``closed`` means the device gave its closing statement. Never refills.
    """

    grant_id: str
    pool: PoolId
    limit_fen: int
    spent_fen: int
    expires_at: datetime
    counter: int
    closed: bool

    @property
    def left_fen(self) -> int:
        """What may still be promised, 0 once closed. Expiry is asked separately because it needs a time."""
        return 0 if self.closed else max(0, self.limit_fen - self.spent_fen)


class AllowanceBook(msgspec.Struct, frozen=True, kw_only=True):
    """All grants of one (device, epoch) and every settlement key it has promised."""

    device: str
    epoch: int
    allowances: tuple[Allowance, ...] = ()
    promised_keys: frozenset[str] = frozenset()


class RefusalCode(StrEnum):
    """Why a promise can't be made now. A refusal is no decision on the claim: an acceptance slip follows."""

    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    KEY_PROMISED = "key_promised"
    CLOCK_NOT_BELIEVED = "clock_not_believed"
    CLOCK_AHEAD = "clock_ahead"
    EXPIRED = "expired"
    NOT_COVERED = "not_covered"


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """No promise: the cause with its values and what to do, ready to be shown."""

    code: RefusalCode
    sentence: Bilingual


class Spend(msgspec.Struct, frozen=True, kw_only=True):
    """A promise that is covered. ``debits`` must become durable with it; ``float_used`` means it may overlap with another device."""

    debits: tuple[GrantDebit, ...]
    float_used: bool


class Exposure(msgspec.Struct, frozen=True, kw_only=True):
    """The most that could be promised beyond limits, by cause. See ``exposure``."""

    float_fen: int
    respendable_fen: int

    @property
    def total_fen(self) -> int:
        """Both causes together."""
        return self.float_fen + self.respendable_fen


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
        return _amount_not_positive(amount_fen)
    if key in book.promised_keys:
        return _key_promised(amount_fen)
    if not at.believed:
        return _clock_not_believed(at)

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
        return _amount_not_positive(0)
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
        spent_fen = grant.spent_fen + debit.amount_fen
        if grant.closed or debit.counter != grant.counter + 1 or debit.amount_fen <= 0 or spent_fen > grant.limit_fen:
            raise _bug(
                "debit_out_of_line",
                f"额度 {grant.grant_id} 第 {debit.counter} 次使用与记录不符（已用 {yuan(grant.spent_fen)} / {yuan(grant.limit_fen)} 元，共 {grant.counter} 次）。",
                f"Debit {debit.counter} of grant {grant.grant_id} does not follow (spent {yuan(grant.spent_fen)} of {yuan(grant.limit_fen)} yuan in {grant.counter} debits).",
            )
        grants[grant.grant_id] = msgspec.structs.replace(grant, spent_fen=spent_fen, counter=debit.counter)
        keys.add(debit.settlement_key)
    return msgspec.structs.replace(book, allowances=tuple(grants.values()), promised_keys=frozenset(keys))


def add_grant(book: AllowanceBook, grant: Allowance) -> AllowanceBook:
    """Return the book with a new grant. The same grant again changes nothing.

    Raises:
        BugError: the id is known with another pool, limit or expiry: a grant id never refills.
    """
    for known in book.allowances:
        if known.grant_id == grant.grant_id:
            if (known.pool, known.limit_fen, known.expires_at) == (grant.pool, grant.limit_fen, grant.expires_at):
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
    ``respendable_fen``: if each disk were put back once to an image from before its first spend: what was spent of an open grant,
    the whole limit of a closed one (its remainder may have gone to others). Expiry does not lower it: an image has an old floor too.
    Leave out books of an epoch that headquarters has retired.
    """
    float_fen = respendable_fen = 0
    for book in books:
        for one in book.allowances:
            respendable_fen += one.limit_fen if one.closed else one.spent_fen
            if one.pool == FLOAT_POOL:
                float_fen += one.spent_fen if one.closed else one.limit_fen
    return Exposure(float_fen=float_fen, respendable_fen=respendable_fen)


def exposure_fen(books: Iterable[AllowanceBook]) -> int:
    """Return ``exposure(books).total_fen``: the one figure that is printed beforehand."""
    return exposure(books).total_fen


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


def _amount_not_positive(amount_fen: int) -> Refusal:
    return Refusal(
        code=RefusalCode.AMOUNT_NOT_POSITIVE,
        sentence=Bilingual(
            f"金额 {yuan(amount_fen)} 元，没有可预核的给付。请出具签收单。",
            f"The amount is {yuan(amount_fen)} yuan: there is nothing to pre-approve. Give an acceptance slip.",
        ),
    )


def _key_promised(amount_fen: int) -> Refusal:
    return Refusal(
        code=RefusalCode.KEY_PROMISED,
        sentence=Bilingual(
            f"这笔损失（{yuan(amount_fen)} 元）本机已经出过凭证，不能再出一次。请在单证里查找原凭证并重印。",
            f"This loss ({yuan(amount_fen)} yuan) already has a voucher from this laptop. Find it among the papers and reprint it.",
        ),
    )


def _clock_not_believed(at: TrustedTime) -> Refusal:
    return Refusal(
        code=RefusalCode.CLOCK_NOT_BELIEVED,
        sentence=Bilingual(
            f"电脑时钟早于总部签发过的时间（北京时间 {beijing_text(at.at)}），离线额度暂不能用。请校准电脑时钟后重试，或先出具签收单。",
            f"The laptop's clock is behind a time signed by headquarters ({beijing_text(at.at)} Beijing), so allowances can't be used. Set the clock and try again, or give an acceptance slip.",
        ),
    )


def _not_covered(book: AllowanceBook, pools: Sequence[PoolId], amount_fen: int, at: TrustedTime) -> Refusal:
    wanted = {*pools, FLOAT_POOL}
    lapsed = [one for one in book.allowances if one.pool in wanted and one.left_fen > 0 and at.at >= one.expires_at]
    if lapsed and at.suspect_ahead:
        return Refusal(
            code=RefusalCode.CLOCK_AHEAD,
            sentence=Bilingual(
                f"电脑时钟显示 {beijing_text(at.at)}，比最近一次总部时间晚了一年以上，离线额度因此显示已过期。请先核对电脑时钟。",
                f"The laptop's clock says {beijing_text(at.at)}, more than a year after headquarters' last signed time, so the allowances look expired. Check the clock first.",
            ),
        )
    # The tightest pool is the one to name: more of the others would not help.
    short = min(dict.fromkeys(pools), key=lambda pool: available_fen(book, pool, at), default=FLOAT_POOL)
    pool_fen, float_fen = available_fen(book, short, at), available_fen(book, FLOAT_POOL, at)
    if lapsed and sum(one.left_fen for one in lapsed) >= amount_fen - max(pool_fen, float_fen):
        latest = max(one.expires_at for one in lapsed)
        return Refusal(
            code=RefusalCode.EXPIRED,
            sentence=Bilingual(
                f"离线额度已于 {beijing_text(latest)} 到期，本次需要 {yuan(amount_fen)} 元。请联网续领额度，或先出具签收单。",
                f"The allowance expired at {beijing_text(latest)} (Beijing); {yuan(amount_fen)} yuan are needed. Fetch a new one when there is a link, or give an acceptance slip.",
            ),
        )
    return Refusal(
        code=RefusalCode.NOT_COVERED,
        sentence=Bilingual(
            f"离线额度不足：本次需要 {yuan(amount_fen)} 元，该责任可用 {yuan(0 if short == FLOAT_POOL else pool_fen)} 元，应急额度可用 {yuan(float_fen)} 元。请向同站同事调拨额度，或先出具签收单。",
            f"Not enough allowance: {yuan(amount_fen)} yuan are needed, this benefit has {yuan(0 if short == FLOAT_POOL else pool_fen)} yuan and the emergency float {yuan(float_fen)} yuan. Ask a colleague at the station for theirs, or give an acceptance slip.",
        ),
    )


def _bug(code: str, zh: str, en: str) -> BugError:
    return BugError(
        code,
        Bilingual(zh, en),
        Bilingual(
            "请停止预核，并把诊断文件交给总部。", "Stop pre-approving and hand the diagnostics file to headquarters."
        ),
    )
