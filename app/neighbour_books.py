"""What a custodian asks of this laptop's store: its book of allowances, for neighbours, and how far its own log agrees with what others hold.

Promise: a transfer is made by the same use case as by hand, durable before it leaves. Comparing logs believes only what was proven, and
errs on the side of promising nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from claims import allowance_moves
from claims.allowance_transfers import MAX_HANDS
from claims.custody import LABEL_KIND, BundleLabel
from claims.desk_ports import DeskPorts
from claims.own_disk import DiskFault, mark_disk
from claims.ports import Outbox
from sync.own_chain import own_digest
from sync.wire.hub_inputs import Outstanding
from sync.wire.hub_messages import HighestHeld, Mark
from trust.certificates import DeviceCertificate, TrustStore
from trust.device_statements import open_device_statement
from trust.errors import TrustError


class GivenAwayBook:
    """This laptop's allowances for its neighbours (``sync.lan_hub.GivenAway``)."""

    def __init__(self, ports: DeskPorts, given: Callable[[], None]) -> None:
        """Work over the desk's ports; ``given`` is called after each transfer: the donor's debit is worth custody."""
        self._ports, self._given = ports, given

    def standing(self, pool: str, device: str, epoch: int) -> tuple[int, Sequence[Outstanding]]:
        """Return what one grant could hand on, and the live transfers already made to a device. Raises ``OutpostError``."""
        at = self._ports.time()
        with self._ports.store.read() as reads:
            grants = {each.grant_id: each for each in reads.allowances((pool,)) if each.pool == pool}
            made = reads.transfers_out()
        live = [each for each in grants.values() if at.believed and at.at < each.expires_at]
        left_fen = max((each.left_fen for each in live if each.hands < MAX_HANDS), default=0)
        living = {each.grant_id for each in live}
        outstanding = [
            Outstanding(transfer_id=each.transfer_id, amount_fen=each.amount_fen, transfer=each.transfer)
            for each in made
            if (each.pool, each.to_device, each.to_epoch) == (pool, device, epoch) and each.grant_id in living
        ]
        return left_fen, outstanding

    def transfer(self, pool: str, amount_fen: int, device: str, epoch: int) -> bytes:
        """Debit durably, then return the signed transfer. Raises ``OutpostError``; nothing is debited then."""
        raw = allowance_moves.transfer_allowance(self._ports, pool, amount_fen, device, epoch)
        self._given()
        return raw


def compare_logs(outbox: Outbox, own: DeviceCertificate, roots: TrustStore, held: HighestHeld) -> DiskFault | None:
    """Say what a neighbour's word on this laptop's own log means for this disk, None where it agrees.

    Only what this device's own key, or headquarters' root, signed counts: a mark without its proof says nothing.
    """
    if _is_newer(own, roots, held.newest_certificate):
        return DiskFault.OLDER_LIFE
    next_seq = outbox.position().next_seq
    fault: DiskFault | None = None
    for mark in held.marks:
        if not _is_proven(own, roots, mark):
            continue
        if mark.through_seq >= next_seq:
            fault = fault or DiskFault.RESTORED
        elif mark.through_seq > 0 and own_digest(outbox, mark.through_seq) != mark.digest:
            return DiskFault.COPIED
    return fault


def _is_proven(own: DeviceCertificate, roots: TrustStore, mark: Mark) -> bool:
    try:
        said = open_device_statement(mark.label, roots)
        label = msgspec.json.decode(said.body, type=BundleLabel)
    except (TrustError, msgspec.DecodeError, UnicodeDecodeError):
        return False
    about = (label.device, label.epoch, label.through_seq, label.digest)
    return (
        said.kind == LABEL_KIND
        and said.signed_by.der == own.der
        and about == (own.device, own.epoch, mark.through_seq, mark.digest)
    )


def _is_newer(own: DeviceCertificate, roots: TrustStore, der: bytes) -> bool:
    if not der or der == own.der:
        return False
    try:
        newest = roots.verify_device(der)
    except TrustError:
        return False
    return newest.device == own.device and newest.epoch > own.epoch


def stop_promising(ports: DeskPorts, fault: DiskFault) -> None:
    """Put the mark into the store, durably. Raises ``EnvironmentProblem``."""
    with ports.store.write() as uow:
        mark_disk(uow, fault)
