"""Why a right to promise can't be used, moved or taken in now: the cause with its values and what to do, ready to be shown.

Promise: a refusal changes nothing and is no decision on the claim: an acceptance slip follows where a promise was asked for.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from claims.amounts import yuan
from claims.errors import Bilingual
from claims.trusted_time import TrustedTime, beijing_text


class RefusalCode(StrEnum):
    """Why a promise can't be made, or an allowance not moved, now."""

    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    KEY_PROMISED = "key_promised"
    CLOCK_NOT_BELIEVED = "clock_not_believed"
    CLOCK_AHEAD = "clock_ahead"
    EXPIRED = "expired"
    NOT_COVERED = "not_covered"
    FLOAT_STAYS = "float_stays"
    OWN_DEVICE = "own_device"
    TOO_MANY_HANDS = "too_many_hands"
    IN_PARTS = "in_parts"
    OTHER_RECEIVER = "other_receiver"
    CHAIN_BROKEN = "chain_broken"
    TRANSFER_CHANGED = "transfer_changed"


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """No promise, or no transfer: the cause with its values and what to do, ready to be shown."""

    code: RefusalCode
    sentence: Bilingual


def refuse(code: RefusalCode, zh: str, en: str) -> Refusal:
    """Return a refusal."""
    return Refusal(code=code, sentence=Bilingual(zh, en))


def amount_not_positive(amount_fen: int) -> Refusal:
    """There is nothing to promise."""
    return refuse(
        RefusalCode.AMOUNT_NOT_POSITIVE,
        f"金额 {yuan(amount_fen)} 元，没有可预核的给付。请出具签收单。",
        f"The amount is {yuan(amount_fen)} yuan: there is nothing to pre-approve. Give an acceptance slip.",
    )


def key_promised(amount_fen: int) -> Refusal:
    """This laptop promised the same settlement before."""
    return refuse(
        RefusalCode.KEY_PROMISED,
        f"这笔损失（{yuan(amount_fen)} 元）本机已经出过凭证，不能再出一次。请在单证里查找原凭证并重印。",
        f"This loss ({yuan(amount_fen)} yuan) already has a voucher from this laptop. Find it among the papers and reprint it.",
    )


def clock_not_believed(at: TrustedTime) -> Refusal:
    """The clock is behind a signed time."""
    return refuse(
        RefusalCode.CLOCK_NOT_BELIEVED,
        f"电脑时钟早于总部签发过的时间（北京时间 {beijing_text(at.at)}），离线额度暂不能用。请校准电脑时钟后重试，或先出具签收单。",
        f"The laptop's clock is behind a time signed by headquarters ({beijing_text(at.at)} Beijing), so allowances can't be used. Set the clock and try again, or give an acceptance slip.",
    )


def clock_ahead(at: TrustedTime) -> Refusal:
    """The allowances look expired, and the clock is the likelier culprit."""
    return refuse(
        RefusalCode.CLOCK_AHEAD,
        f"电脑时钟显示 {beijing_text(at.at)}，比最近一次总部时间晚了一年以上，离线额度因此显示已过期。请先核对电脑时钟。",
        f"The laptop's clock says {beijing_text(at.at)}, more than a year after headquarters' last signed time, so the allowances look expired. Check the clock first.",
    )


def expired(latest: datetime, amount_fen: int) -> Refusal:
    """What would have covered it is over."""
    return refuse(
        RefusalCode.EXPIRED,
        f"离线额度已于 {beijing_text(latest)} 到期，本次需要 {yuan(amount_fen)} 元。请联网续领额度，或先出具签收单。",
        f"The allowance expired at {beijing_text(latest)} (Beijing); {yuan(amount_fen)} yuan are needed. Fetch a new one when there is a link, or give an acceptance slip.",
    )


def not_covered(amount_fen: int, pool_fen: int, float_fen: int) -> Refusal:
    """There is too little; ``pool_fen`` and ``float_fen`` are what there is."""
    return refuse(
        RefusalCode.NOT_COVERED,
        f"离线额度不足：本次需要 {yuan(amount_fen)} 元，该责任可用 {yuan(pool_fen)} 元，应急额度可用 {yuan(float_fen)} 元。请向同站同事调拨额度，或先出具签收单。",
        f"Not enough allowance: {yuan(amount_fen)} yuan are needed, this benefit has {yuan(pool_fen)} yuan and the emergency float {yuan(float_fen)} yuan. Ask a colleague at the station for theirs, or give an acceptance slip.",
    )


def nothing_to_move(amount_fen: int) -> Refusal:
    """A transfer of nothing."""
    return refuse(
        RefusalCode.AMOUNT_NOT_POSITIVE,
        f"调拨金额须大于零，现在是 {yuan(amount_fen)} 元。",
        f"A transfer must be above zero and is {yuan(amount_fen)} yuan.",
    )


def float_stays() -> Refusal:
    """The emergency float is this device's own risk."""
    return refuse(
        RefusalCode.FLOAT_STAYS,
        "应急额度只限本机使用，不能调拨。请调拨限额池的离线额度。",
        "The emergency float is for this laptop alone and does not move. Transfer an allowance on a pool.",
    )


def own_device(device: str) -> Refusal:
    """Donor and receiver are one."""
    return refuse(
        RefusalCode.OWN_DEVICE,
        f"{device} 就是本机，不能调拨给自己。请选择同事的电脑。",
        f"{device} is this very laptop. Choose a colleague's.",
    )


def too_many_hands(most: int) -> Refusal:
    """The right has passed through as many hands as it may."""
    return refuse(
        RefusalCode.TOO_MANY_HANDS,
        f"这份额度已经转手 {most} 次，不能再调拨。请由最初持有额度的电脑直接调拨。",
        f"This allowance changed hands {most} times and moves no further. Ask the laptop that holds the original one.",
    )


def in_parts(amount_fen: int, most_fen: int) -> Refusal:
    """Several grants together would do, one transfer carries one."""
    return refuse(
        RefusalCode.IN_PARTS,
        f"{yuan(amount_fen)} 元分散在几份额度里，一次最多调拨 {yuan(most_fen)} 元。请分几次调拨。",
        f"The {yuan(amount_fen)} yuan lie in several allowances; one transfer moves {yuan(most_fen)} at most. Move it in parts.",
    )


def too_little_to_move(amount_fen: int, pool_fen: int) -> Refusal:
    """The donor has not so much."""
    return refuse(
        RefusalCode.NOT_COVERED,
        f"本机该限额池可调拨 {yuan(pool_fen)} 元，不够 {yuan(amount_fen)} 元。请减少金额，或请其他同事调拨。",
        f"This laptop has {yuan(pool_fen)} yuan of that pool to give, not {yuan(amount_fen)}. Move less, or ask another colleague.",
    )


def other_receiver(device: str, epoch: int, own: str, own_epoch: int) -> Refusal:
    """The transfer names somebody else."""
    return refuse(
        RefusalCode.OTHER_RECEIVER,
        f"这份调拨是给 {device}（第 {epoch} 期）的，本机是 {own}（第 {own_epoch} 期），未采用。请交给 {device}，或请同事另行调拨。",
        f"This transfer is for {device} (epoch {epoch}); this is {own} (epoch {own_epoch}). It was not taken. Give it to {device}, or ask for another one.",
    )


def transfer_over(expires_at: datetime) -> Refusal:
    """The transfer came too late."""
    return refuse(
        RefusalCode.EXPIRED,
        f"这份调拨已于 {beijing_text(expires_at)} 到期，未采用。请同事另行调拨，或联网续领额度。",
        f"This transfer expired at {beijing_text(expires_at)} (Beijing) and was not taken. Ask for another one, or fetch a new allowance when there is a link.",
    )


def transfer_changed(transfer_id: str) -> Refusal:
    """The same id, other content: an allowance never refills."""
    return refuse(
        RefusalCode.TRANSFER_CHANGED,
        f"调拨 {transfer_id} 已经收过，这一份内容不同，未采用。对方电脑的硬盘可能被还原过，请联系总部。",
        f"Transfer {transfer_id} was taken in before with other content; this one was not taken. The other laptop's disk may have been put back: call headquarters.",
    )


def chain_broken(transfer_id: str, zh: str, en: str) -> Refusal:
    """The proof does not carry what the transfer says."""
    return refuse(
        RefusalCode.CHAIN_BROKEN,
        f"调拨 {transfer_id} 的来源不成立：{zh}未采用。请同事另行调拨，并报告总部。",
        f"What transfer {transfer_id} rests on does not hold: {en} It was not taken. Ask for another one and report it to headquarters.",
    )
