"""Transfers as two logs tell of them: the donor's and the receiver's, in whichever order they come.

Promise: a transfer is booked once, by the first word of it: the donor's grant bears it and a grant of the same id comes to be for the
receiver, so that what is kept aside of a pool stays the same. What does not fit (beyond the donor's limit, a counter that is taken,
a chain that does not hold, a log that tells it otherwise) is not booked or is marked; it holds the receiver's vouchers for a person and both
stations are told. Nothing is rejected, and an id never refills.

Source: design.md "Allowances"; docs/adr/0142.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from claims.allowance_proof import open_transfer
from claims.allowance_transfers import AllowanceTransfer, ProvenTransfer
from claims.amounts import yuan
from claims.errors import Bilingual, InputError
from claims.events import AllowanceReceived, AllowanceTransferred
from claims.statements import AllowanceGranted
from headquarters import transfer_words as words
from headquarters.grants import grant_as_told
from headquarters.models import Debit, Device, DeviceState, Grant, GrantState
from headquarters.models_allowances import Transfer
from headquarters.station_tasks import tell_of_own_task
from headquarters.turn import Turn

_DOUBTED = frozenset({DeviceState.REVOKED, DeviceState.FROZEN})


def note_transferred(turn: Turn, seq: int, event: AllowanceTransferred) -> None:
    """The donor's log tells of a transfer. ``turn.device`` is the donor."""
    try:
        proven = open_transfer(event.transfer, turn.hq.trust_store())
    except InputError as problem:
        _note_unproven(turn, seq, event, problem.cause)
        return
    told = proven.transfer
    if _donors_word(turn, event) != _without_end(told):
        _note_unproven(turn, seq, event, words.says_otherwise(event.transfer_id))
        return
    _register_earlier(turn, proven)
    grant = turn.session.get(Grant, told.grant_id)
    in_line = grant is not None and told.counter == grant.debits + 1
    known = turn.session.get(Transfer, told.transfer_id)
    if known is None:
        concern = None if in_line else words.out_of_line(told, grant)
        known = _register(turn, told, proven.catastrophe_id, concern, by_donor=True)
    elif _content(known) != _terms(told):
        _doubt(turn, told, words.two_versions(told.transfer_id))
        return
    elif not in_line:
        _doubt(turn, told, words.out_of_line(told, grant))
        return
    known.donor_seq = seq
    if grant is not None and in_line and known.booked:
        grant.debits = told.counter
    turn.session.flush()


def note_received(turn: Turn, seq: int, event: AllowanceReceived) -> None:
    """The receiver's log tells of a transfer. ``turn.device`` is the receiver."""
    try:
        proven = open_transfer(event.transfer, turn.hq.trust_store())
    except InputError as problem:
        # Without a genuine record there is nothing to book: its vouchers are held because no such grant was given to this device.
        _tell(turn, problem.cause, (turn.device.device, turn.device.epoch))
        return
    told = proven.transfer
    said = (event.transfer_id, event.pool, event.amount_fen, event.expires_at)
    receiver = (turn.device.device, turn.device.epoch)
    if said != (told.transfer_id, told.pool, told.amount_fen, told.expires_at) or receiver != (
        told.to_device,
        told.to_epoch,
    ):
        _tell(turn, words.says_otherwise(event.transfer_id), receiver, (told.from_device, told.from_epoch))
        return
    _register_earlier(turn, proven)
    known = turn.session.get(Transfer, told.transfer_id)
    if known is None:
        known = _register(turn, told, proven.catastrophe_id, None, by_donor=False)
    elif _content(known) != _terms(told):
        _tell(turn, words.two_versions(told.transfer_id), receiver, (told.from_device, told.from_epoch))
        return
    elif not known.granted:
        # It was told of before its receiver was enrolled here.
        _grant(turn, known, proven.catastrophe_id, None)
    known.receiver_seq = seq
    turn.session.flush()


def doubt_untold(turn: Turn, grant: Grant) -> None:
    """The donor's log is complete on a grant: a transfer from it that the log does not tell of was made by another copy of that disk."""
    untold = select(Transfer).where(Transfer.grant_id == grant.grant_id, Transfer.donor_seq.is_(None))
    for transfer in turn.session.scalars(untold):
        _doubt_row(turn, transfer, words.not_in_log(transfer.transfer_id))


def concern_of(grant: Grant) -> Bilingual | None:
    """Return why vouchers from a grant are held, None where nothing stands against it."""
    return None if grant.concern_zh is None else Bilingual(grant.concern_zh, grant.concern_en or grant.concern_zh)


def _register_earlier(turn: Turn, proven: ProvenTransfer) -> None:
    """Register what came before this hand, which may be known from the proof alone."""
    _learn_grant(turn, proven.granted)
    for link in proven.earlier:
        known = turn.session.get(Transfer, link.transfer_id)
        if known is None:
            _register(turn, link, proven.catastrophe_id, None, by_donor=False)
        elif _content(known) != _terms(link):
            _tell(
                turn,
                words.two_versions(link.transfer_id),
                (link.from_device, link.from_epoch),
                (link.to_device, link.to_epoch),
            )


def _learn_grant(turn: Turn, granted: AllowanceGranted | None) -> None:
    """A headquarters that was restored from a backup may have forgotten a grant: its own signature brings it back."""
    if granted is None or turn.session.get(Grant, granted.grant_id) is not None:
        return
    device = turn.session.get(Device, (granted.device, granted.epoch))
    if device is None:
        return
    turn.session.add(grant_as_told(granted, device))
    turn.session.flush()


def _register(
    turn: Turn,
    told: AllowanceTransfer,
    catastrophe_id: str | None,
    concern: Bilingual | None,
    *,
    by_donor: bool,
) -> Transfer:
    session = turn.session
    parent = session.get(Grant, told.grant_id)
    unbookable = concern or _unbookable(turn, parent, told)
    if unbookable is None and parent is not None:
        parent.transferred_fen += told.amount_fen
        session.add(
            Debit(
                grant_id=told.grant_id,
                counter=told.counter,
                voucher_no=told.transfer_id,
                amount_fen=told.amount_fen,
            )
        )
    row = Transfer(
        transfer_id=told.transfer_id,
        grant_id=told.grant_id,
        counter=told.counter,
        pool=told.pool,
        amount_fen=told.amount_fen,
        expires_at=told.expires_at,
        from_device=told.from_device,
        from_epoch=told.from_epoch,
        to_device=told.to_device,
        to_epoch=told.to_epoch,
        donor_seq=None,
        receiver_seq=None,
        booked=unbookable is None,
        granted=False,
        noted_at=turn.at,
    )
    session.add(row)
    doubt = unbookable or (None if by_donor else _doubtful(turn, parent, told))
    _grant(turn, row, catastrophe_id if parent is None else parent.catastrophe_id, doubt)
    session.flush()
    if doubt is not None:
        _tell(turn, doubt, (told.from_device, told.from_epoch), (told.to_device, told.to_epoch))
    return row


def _grant(turn: Turn, row: Transfer, catastrophe_id: str | None, concern: Bilingual | None) -> None:
    """Make the receiver's grant, where the receiver is enrolled here. What the donor's grant does not bear has no limit to spend."""
    receiver = turn.session.get(Device, (row.to_device, row.to_epoch))
    if receiver is None:
        return
    row.granted = True
    lost = receiver.state == DeviceState.WRITTEN_OFF
    turn.session.add(
        Grant(
            grant_id=row.transfer_id,
            device=row.to_device,
            epoch=row.to_epoch,
            pool=row.pool,
            limit_fen=row.amount_fen if row.booked else 0,
            spent_fen=0,
            settled_fen=0,
            returned_fen=0,
            debits=0,
            granted_at=turn.at,
            expires_at=row.expires_at,
            # What a written-off device had received counts as spent, like its own.
            state=GrantState.WRITTEN_OFF if lost else GrantState.OPEN,
            transferred_fen=0,
            parent_id=row.grant_id,
            catastrophe_id=catastrophe_id,
            concern_zh=None if concern is None else concern.zh,
            concern_en=None if concern is None else concern.en,
        )
    )
    turn.session.flush()


def _note_unproven(turn: Turn, seq: int, event: AllowanceTransferred, why: Bilingual) -> None:
    """The donor's log says that it handed something on, but what it handed on proves nothing: the sum is gone from it all the same."""
    session, device = turn.session, turn.device
    # Never the id that it claims: that may be another device's.
    transfer_id = f"{event.grant_id}/{event.counter}"
    grant = session.get(Grant, event.grant_id)
    fits = (
        grant is not None
        and (grant.device, grant.epoch, grant.pool) == (device.device, device.epoch, event.pool)
        and event.counter == grant.debits + 1
        and session.get(Debit, (event.grant_id, event.counter)) is None
        and session.get(Transfer, transfer_id) is None
        and 0 < event.amount_fen <= grant.limit_fen - grant.spent_fen - grant.transferred_fen
    )
    if grant is not None and fits:
        grant.transferred_fen += event.amount_fen
        grant.debits = event.counter
        session.add(
            Debit(
                grant_id=event.grant_id,
                counter=event.counter,
                voucher_no=transfer_id,
                amount_fen=event.amount_fen,
            )
        )
        session.add(
            Transfer(
                transfer_id=transfer_id,
                grant_id=event.grant_id,
                counter=event.counter,
                pool=event.pool,
                amount_fen=event.amount_fen,
                expires_at=grant.expires_at,
                from_device=device.device,
                from_epoch=device.epoch,
                to_device=event.to_device,
                to_epoch=event.to_epoch,
                donor_seq=seq,
                receiver_seq=None,
                booked=True,
                granted=False,
                noted_at=turn.at,
            )
        )
        session.flush()
    _tell(turn, why, (device.device, device.epoch), (event.to_device, event.to_epoch))


def _unbookable(turn: Turn, parent: Grant | None, told: AllowanceTransfer) -> Bilingual | None:
    """Return why the donor's grant can't bear a transfer, None where it can."""
    named = told.transfer_id
    if parent is None:
        return Bilingual(
            f"调拨 {named} 依据的额度 {told.grant_id} 总部没有记录。",
            f"Headquarters has no allowance {told.grant_id}, on which transfer {named} rests.",
        )
    if (parent.device, parent.epoch, parent.pool) != (told.from_device, told.from_epoch, told.pool):
        return Bilingual(
            f"额度 {told.grant_id} 没有授予 {told.from_device}，不能由它调拨（{named}）。",
            f"Allowance {told.grant_id} was not given to {told.from_device}, which handed it on ({named}).",
        )
    booked = turn.session.get(Debit, (told.grant_id, told.counter))
    if booked is not None:
        return Bilingual(
            f"额度 {told.grant_id} 第 {told.counter} 次使用已记在 {booked.voucher_no} 名下，调拨 {named} 与之冲突。",
            f"Debit {told.counter} of allowance {told.grant_id} is booked for {booked.voucher_no}; transfer {named} contradicts it.",
        )
    left_fen = parent.limit_fen - parent.spent_fen - parent.transferred_fen
    if parent.state == GrantState.CLOSED or told.amount_fen > left_fen:
        over = parent.state == GrantState.CLOSED
        return Bilingual(
            f"额度 {told.grant_id} {'已结清' if over else f'只剩 {yuan(max(0, left_fen))} 元'}，不够调拨 {named} 的 {yuan(told.amount_fen)} 元。",
            f"Allowance {told.grant_id} {'is closed' if over else f'has {yuan(max(0, left_fen))} yuan left'}: transfer {named} of {yuan(told.amount_fen)} does not fit.",
        )
    return None


def _doubtful(turn: Turn, parent: Grant | None, told: AllowanceTransfer) -> Bilingual | None:
    """Return what stands against a transfer that was booked on the receiver's word (or a proof's), before its donor's log tells of it."""
    if parent is not None and parent.concern_zh is not None:
        return Bilingual(parent.concern_zh, parent.concern_en or "")
    if parent is not None and parent.debits >= told.counter:
        return words.not_in_log(told.transfer_id)
    donor = turn.session.get(Device, (told.from_device, told.from_epoch))
    if donor is not None and donor.state in _DOUBTED:
        return Bilingual(
            f"调拨 {told.transfer_id} 由已停用的 {told.from_device} 签发，需人工核对是否在停用前调拨。",
            f"Transfer {told.transfer_id} was signed by {told.from_device}, which is stopped; a person checks whether it is older than that.",
        )
    return None


def _doubt(turn: Turn, told: AllowanceTransfer, why: Bilingual) -> None:
    row = turn.session.get(Transfer, told.transfer_id)
    if row is not None:
        _doubt_row(turn, row, why)
    if row is not None and (told.to_device, told.to_epoch) != (row.to_device, row.to_epoch):
        _tell(turn, why, (told.to_device, told.to_epoch))


def _doubt_row(turn: Turn, row: Transfer, why: Bilingual) -> None:
    child = turn.session.get(Grant, row.transfer_id)
    if child is not None and child.concern_zh is None:
        child.concern_zh, child.concern_en = why.zh, why.en
    _tell(turn, why, (row.from_device, row.from_epoch), (row.to_device, row.to_epoch))


def _tell(turn: Turn, why: Bilingual, *devices: tuple[str, int]) -> None:
    """Give every station that has a part in it a task."""
    text = Bilingual(
        f"{why.zh}据此出具的凭证由总部人工核定，纸面凭证有效。",
        f"{why.en} Vouchers that rest on it are decided by a person; the papers stand.",
    )
    for key in dict.fromkeys(devices):
        device = turn.session.get(Device, key)
        if device is not None:
            tell_of_own_task(replace(turn, device=device), text)


_Terms = tuple[str, int, str, int, str, int, str, int]


def _donors_word(turn: Turn, event: AllowanceTransferred) -> _Terms:
    return (
        event.grant_id,
        event.counter,
        event.pool,
        event.amount_fen,
        turn.device.device,
        turn.device.epoch,
        event.to_device,
        event.to_epoch,
    )


def _without_end(told: AllowanceTransfer) -> _Terms:
    return (
        told.grant_id,
        told.counter,
        told.pool,
        told.amount_fen,
        told.from_device,
        told.from_epoch,
        told.to_device,
        told.to_epoch,
    )


def _terms(told: AllowanceTransfer) -> tuple[object, ...]:
    return (*_without_end(told), told.expires_at)


def _content(row: Transfer) -> tuple[object, ...]:
    return (
        row.grant_id,
        row.counter,
        row.pool,
        row.amount_fen,
        row.from_device,
        row.from_epoch,
        row.to_device,
        row.to_epoch,
        row.expires_at,
    )
