"""The debits of grants as the log tells them, and what a closing statement gives back.

Promise: what a grant's vouchers and transfers (``headquarters.transfers``) took never passes its limit; a debit that would, or that is out of its order, is not booked and
becomes a concern that holds the voucher. A remainder returns only on the device's closing statement, whose figure must be
the sum of the debits held here.

Source: design.md "Allowances"; notes/sync.md §3; docs/adr/0072, docs/adr/0142.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.allowances import FLOAT_POOL
from claims.amounts import yuan
from claims.errors import Bilingual
from claims.events import AllowanceClosed, GrantDebit, KeyedAmount, VoucherIssued
from headquarters.models import Debit, Device, Grant, GrantState
from headquarters.station_tasks import assign
from headquarters.transfers import concern_of, doubt_untold
from headquarters.turn import Turn


def book_debits(
    turn: Turn, voucher: VoucherIssued, issued_at: datetime, *, from_paper: bool = False
) -> list[Bilingual]:
    """Book what the voucher spent, debit by debit; return what is wrong with them. ``turn.device`` is the one that promised.

    Args:
        from_paper: the voucher was recovered from its paper: those before it in the log may not be here, and its device may be written off. The
            debit stands under its counter; when the log brings the same voucher it is not booked again.
    """
    session, concerns = turn.session, []
    for debit in voucher.debits:
        booked = session.get(Debit, (debit.grant_id, debit.counter))
        same = booked is not None and (booked.voucher_no, booked.amount_fen) == (voucher.voucher_no, debit.amount_fen)
        wrong = _wrong_with(turn, debit, booked=same, from_paper=from_paper)
        if wrong is None and booked is not None and not same:
            wrong = _used_by_other(debit, booked)
        if wrong is not None:
            concerns.append(wrong)
            continue
        grant = session.get_one(Grant, debit.grant_id)
        if issued_at >= grant.expires_at:
            # Booked all the same: the laptop has spent it, and its closing statement will say so.
            concerns.append(_expired(grant))
        doubted = concern_of(grant)
        if doubted is not None:
            concerns.append(doubted)
        if not from_paper:
            grant.debits = debit.counter
        if same:
            continue
        grant.spent_fen += debit.amount_fen
        session.add(
            Debit(
                grant_id=debit.grant_id,
                counter=debit.counter,
                voucher_no=voucher.voucher_no,
                amount_fen=debit.amount_fen,
            )
        )
        session.flush()
    concerns.extend(wrong for key in voucher.keys if (wrong := _not_covered(key, voucher.debits)) is not None)
    known = {key.settlement_key for key in voucher.keys}
    concerns.extend(
        Bilingual(
            f"额度 {debit.grant_id} 被用于凭证以外的用途。", f"Grant {debit.grant_id} was debited for something else."
        )
        for debit in voucher.debits
        if debit.settlement_key not in known
    )
    return concerns


def settle_debits(session: Session, voucher_no: str) -> None:
    """Turn what a voucher spent from promised into settled."""
    for debit in session.scalars(select(Debit).where(Debit.voucher_no == voucher_no)):
        session.get_one(Grant, debit.grant_id).settled_fen += debit.amount_fen


def close_grant(turn: Turn, event: AllowanceClosed) -> None:
    """Take back the remainder of a grant, also of one that came by a transfer. The log is complete up to this event: events are processed in order.

    A figure that does not fit returns nothing: the grant stays open and the station gets a task.
    """
    grant = turn.session.get(Grant, event.grant_id)
    if grant is None or not _is_of(grant, turn.device):
        text = Bilingual(f"额度 {event.grant_id} 不是本设备的。", f"Allowance {event.grant_id} is not of this device.")
    elif grant.state != GrantState.OPEN:
        return
    elif event.spent_fen != grant.spent_fen:
        text = Bilingual(
            f"额度 {event.grant_id} 结清数 {yuan(event.spent_fen)} 元，总部记录已用 {yuan(grant.spent_fen)} 元，不一致，余额未收回。",
            f"Allowance {event.grant_id} was closed at {yuan(event.spent_fen)} yuan spent; headquarters has {yuan(grant.spent_fen)}. Nothing was taken back.",
        )
    else:
        # What was handed on stays with its receivers.
        grant.returned_fen = grant.limit_fen - grant.spent_fen - grant.transferred_fen
        grant.state = GrantState.CLOSED
        doubt_untold(turn, grant)
        return
    assign(turn, text)


def by_float(key: KeyedAmount, debits: Sequence[GrantDebit]) -> bool:
    """Tell whether a key was promised from the emergency float, where overlaps are possible."""
    return any(debit.settlement_key == key.settlement_key and debit.pool == FLOAT_POOL for debit in debits)


def _is_of(grant: Grant, device: Device) -> bool:
    return (grant.device, grant.epoch) == (device.device, device.epoch)


def _wrong_with(turn: Turn, debit: GrantDebit, *, booked: bool, from_paper: bool) -> Bilingual | None:
    grant = turn.session.get(Grant, debit.grant_id)
    named = debit.grant_id
    if grant is None or not _is_of(grant, turn.device):
        return Bilingual(f"额度 {named} 没有授予本设备。", f"Allowance {named} was not granted to this device.")
    if grant.pool != debit.pool:
        return Bilingual(
            f"额度 {named} 不属于限额池 {debit.pool}。", f"Allowance {named} is not on the pool {debit.pool}."
        )
    # The remainder of a written-off device is kept aside for the very papers that turn up afterwards.
    usable = (GrantState.OPEN, GrantState.WRITTEN_OFF) if from_paper else (GrantState.OPEN,)
    if grant.state not in usable and not booked:
        return Bilingual(f"额度 {named} 在使用前已结清。", f"Allowance {named} was closed before it was used.")
    return _out_of_line(grant, debit, booked=booked, from_paper=from_paper)


def _used_by_other(debit: GrantDebit, booked: Debit) -> Bilingual:
    return Bilingual(
        f"额度 {debit.grant_id} 第 {debit.counter} 次使用已记在 {booked.voucher_no} 名下。",
        f"Debit {debit.counter} of allowance {debit.grant_id} is booked for voucher {booked.voucher_no}.",
    )


def _expired(grant: Grant) -> Bilingual:
    return Bilingual(
        f"签发时额度 {grant.grant_id} 已到期。", f"Allowance {grant.grant_id} had expired when the voucher was issued."
    )


def _out_of_line(grant: Grant, debit: GrantDebit, *, booked: bool, from_paper: bool) -> Bilingual | None:
    named = grant.grant_id
    if debit.counter != grant.debits + 1 and not from_paper:
        return Bilingual(
            f"额度 {named} 第 {debit.counter} 次使用次序不对，应为第 {grant.debits + 1} 次。",
            f"Debit {debit.counter} of allowance {named} is out of order; {grant.debits + 1} was due.",
        )
    more_fen = 0 if booked else debit.amount_fen
    if debit.amount_fen <= 0 or grant.spent_fen + grant.transferred_fen + more_fen > grant.limit_fen:
        gone_fen = grant.spent_fen + grant.transferred_fen
        return concern_of(grant) or Bilingual(
            f"额度 {named} 共 {yuan(grant.limit_fen)} 元，已用 {yuan(gone_fen)} 元，不够再用 {yuan(debit.amount_fen)} 元。",
            f"Allowance {named} has {yuan(grant.limit_fen)} yuan with {yuan(gone_fen)} gone: {yuan(debit.amount_fen)} more don't fit.",
        )
    return None


def _not_covered(key: KeyedAmount, debits: Sequence[GrantDebit]) -> Bilingual | None:
    spent: dict[str, int] = {}
    for debit in debits:
        if debit.settlement_key == key.settlement_key:
            spent[debit.pool] = spent.get(debit.pool, 0) + debit.amount_fen
    if set(spent) == {FLOAT_POOL}:
        covered = spent[FLOAT_POOL] == key.amount_fen
    else:
        covered = bool(key.pools) and spent == dict.fromkeys(key.pools, key.amount_fen)
    if covered:
        return None
    return Bilingual(
        f"责任 {key.liability} 的 {yuan(key.amount_fen)} 元没有足额的离线额度支持。",
        f"The {yuan(key.amount_fen)} yuan for {key.liability} are not fully covered by allowances.",
    )
