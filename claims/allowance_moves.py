"""Use cases T1 of allowances that move: hand on, take in, give back.

Promise: the donor's debit is durable before the signed transfer leaves the laptop, so that a lost one costs availability and never
money; a transfer counts once at the receiver, and only what headquarters or a chain of donors up to it signed counts at all. After a
closing statement nothing is promised from the grant any more.

A transfer is bytes: it travels over the LAN, as a file on a stick, or as text (``claims.allowance_proof.transfer_text``).

Source: design.md "Allowances"; notes/sync.md §3; docs/adr/0142.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from claims.allowance_proof import open_transfer, refused, signed_transfer, transfer_bytes
from claims.allowances import Allowance, PoolId, Refusal, TransferDebit, receive, transfer
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, BugError, InputError
from claims.events import AllowanceClosed, AllowanceReceived, AllowanceTransferred
from claims.own_disk import disk_fault, require_own_disk
from claims.ports import Reads, UnitOfWork
from claims.stopped_devices import distributed_stop, heard_of_own_stop
from claims.trusted_time import TrustedTime
from trust.certificate_issue import DEVICE_NAME, MAX_EPOCH
from trust.certificates import TrustStore

CLOSING_GRACE = timedelta(days=7)
"""Without a signed time that proves it, a grant is closed for good only so long after its end: a clock set ahead gives nothing away."""

_CLOSINGS_A_COMMIT = 200
_CLOSINGS_A_SYNC = 1000


def transfer_allowance(ports: DeskPorts, pool: str, amount_fen: int, to_device: str, to_epoch: int) -> bytes:
    """Hand part of an allowance to another laptop (T1); return the signed transfer.

    Raises:
        InputError: a ``RefusalCode``, ``device_name`` (no such name of a device), ``device_stopped`` (this laptop, or the other),
            ``disk_not_current``.
        EnvironmentProblem: the store could not commit; nothing was moved.
    """
    if not DEVICE_NAME.fullmatch(to_device) or not 0 < to_epoch <= MAX_EPOCH:
        raise InputError(
            "device_name",
            Bilingual(f"没有叫“{to_device}/{to_epoch}”的电脑。", f'No laptop can be called "{to_device}/{to_epoch}".'),
            Bilingual("请填写对方电脑的设备名和登记期次。", "Enter the other laptop's device name and epoch."),
        )
    at = ports.time()
    with ports.store.write() as uow:
        _require_working(ports, uow, to_device, to_epoch)
        debit = transfer(uow.allowance_book(), PoolId(pool), amount_fen, (to_device, to_epoch), at)
        if isinstance(debit, Refusal):
            raise refused(debit)
        raw = _signed(ports, uow, debit)
        uow.append(
            AllowanceTransferred(
                at=at.at,
                transfer_id=debit.transfer_id,
                grant_id=debit.grant_id,
                pool=debit.pool,
                amount_fen=debit.amount_fen,
                counter=debit.counter,
                to_device=to_device,
                to_epoch=to_epoch,
                transfer=raw,
            )
        )
    ports.probe("after_transfer")
    return raw


def transfers_out(ports: DeskPorts) -> Sequence[AllowanceTransferred]:
    """Return what was handed on, in order; ``transfer`` may be fetched again as often as it takes."""
    with ports.store.read() as reads:
        return reads.transfers_out()


def receive_allowance(ports: DeskPorts, handed: bytes) -> AllowanceReceived:
    """Take a transfer in (T1), from its bytes or its text. The same one again changes nothing and returns the same.

    Raises:
        InputError: ``transfer_unreadable``, ``chain_broken``, ``other_receiver``, ``expired``, ``transfer_changed``, ``device_stopped``,
            ``disk_not_current``.
        EnvironmentProblem: the store could not commit; nothing was taken in.
    """
    proven = open_transfer(transfer_bytes(handed), TrustStore(ports.identity.root_certificate))
    moved = proven.transfer
    at = ports.time()
    with ports.store.write() as uow:
        book = uow.allowance_book()
        after = receive(book, proven, at)
        if isinstance(after, Refusal):
            raise refused(after)
        known = uow.transfer_in(moved.transfer_id)
        if known is not None:
            return known
        _require_working(ports, uow, moved.from_device, moved.from_epoch)
        event = AllowanceReceived(
            at=at.at,
            transfer_id=moved.transfer_id,
            pool=moved.pool,
            amount_fen=moved.amount_fen,
            expires_at=moved.expires_at,
            transfer=proven.raw,
            hands=proven.hands,
            catastrophe_id=proven.catastrophe_id,
        )
        uow.append(event)
    ports.probe("after_receipt_of_transfer")
    return event


def close_allowances(ports: DeskPorts, *, expired_only: bool = True) -> tuple[AllowanceClosed, ...]:
    """Give closing statements: on expired grants, or on all (a laptop that is handed back). Nothing is promised from them again.

    Raises:
        InputError: ``disk_not_current``: a disk that was put back does not know all that it promised.
        EnvironmentProblem: the store could not commit; what was closed before stays closed.
    """
    at = ports.time()
    with ports.store.read() as reads:
        require_own_disk(reads)
        closing = [each for each in reads.allowances() if not each.closed]
        if expired_only:
            signed = _signed_time(ports, reads)
            closing = [each for each in closing if _is_over(each, at, signed)]
    return _close(ports, closing, at)


def close_expired(ports: DeskPorts) -> None:
    """Close what is certainly over, a bounded number at a time: what ``Desk.sync`` does before it begins."""
    at = ports.time()
    with ports.store.read() as reads:
        if disk_fault(reads) is not None:
            return
        signed = _signed_time(ports, reads)
        over = [each for each in reads.allowances() if not each.closed and _is_over(each, at, signed)]
    _close(ports, over[:_CLOSINGS_A_SYNC], at)


def _close(ports: DeskPorts, grants: Sequence[Allowance], at: TrustedTime) -> tuple[AllowanceClosed, ...]:
    closed: list[AllowanceClosed] = []
    for start in range(0, len(grants), _CLOSINGS_A_COMMIT):
        # Small commits: a batch of the log goes over a bad line in one piece.
        with ports.store.write() as uow:
            wanted = {each.grant_id for each in grants[start : start + _CLOSINGS_A_COMMIT]}
            # Read again inside the transaction: a promise may have come between.
            events = [
                AllowanceClosed(at=at.at, grant_id=each.grant_id, spent_fen=each.spent_fen)
                for each in uow.allowances()
                if each.grant_id in wanted and not each.closed
            ]
            uow.append(*events)
        closed.extend(events)
    return tuple(closed)


def _is_over(grant: Allowance, at: TrustedTime, signed: TrustedTime | None) -> bool:
    if signed is not None and signed.at >= grant.expires_at:
        return True
    return at.believed and not at.suspect_ahead and at.at >= grant.expires_at + CLOSING_GRACE


def _signed_time(ports: DeskPorts, reads: Reads) -> TrustedTime | None:
    """Return the highest signed time seen, None where none was."""
    floors = [each for each in (reads.time_floor(), ports.rulebook.newest_signed_at()) if each is not None]
    return TrustedTime(at=max(floors), believed=True) if floors else None


def _signed(ports: DeskPorts, uow: UnitOfWork, debit: TransferDebit) -> bytes:
    proof = uow.grant_proof(debit.grant_id)
    if proof is None:
        raise BugError(
            "grant_without_proof",
            Bilingual(
                f"额度 {debit.grant_id} 的授予原件不在资料库里。",
                f"The signed word that granted {debit.grant_id} is not in the store.",
            ),
            Bilingual("请把诊断文件交给总部。", "Hand the diagnostics file to headquarters."),
        )
    own = ports.identity
    return signed_transfer(debit, proof, (own.device, own.epoch), ports.signer, own.device_certificate)


def _require_working(ports: DeskPorts, uow: UnitOfWork, other: str, other_epoch: int) -> None:
    """Refuse while this laptop, or the other one, is known to be stopped, or this disk is not the current one."""
    require_own_disk(uow)
    if uow.revoked() or heard_of_own_stop(ports):
        raise InputError(
            "device_stopped",
            Bilingual("本机已被总部停用，不能调拨额度。", "Headquarters stopped this laptop; it moves no allowances."),
            Bilingual("请联系总部。", "Call headquarters."),
        )
    reason = uow.stopped_device(other, other_epoch) or distributed_stop(ports, other, other_epoch)
    if reason is not None:
        raise InputError(
            "device_stopped",
            Bilingual(
                f"{other}（第 {other_epoch} 期）已被总部停用（{reason.zh}），不能与它调拨额度。",
                f"Headquarters stopped {other} (epoch {other_epoch}: {reason.en}); allowances are not moved to or from it.",
            ),
            Bilingual("请改向其他同事调拨，或联系总部。", "Turn to another colleague, or call headquarters."),
        )
