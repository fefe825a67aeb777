"""The signed record by which a right to promise moves from one device to another (a hub's sub-grant is the same thing).

Promise: a record names donor, receiver, pool, sum and end, and carries what proves the donor's own right: headquarters' grant, or the transfer
by which the donor got it. Moving never makes more of it: the donor debits durably first, and the id is good for one receipt.

Source: design.md "Allowances"; notes/sync.md §3.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from claims.statements import AllowanceGranted

TRANSFER_KIND = "allowance_transfer@1"
MAX_HANDS = 4
"""An allowance changes hands so often at most: from headquarters' grant through three laptops to the fourth."""


class AllowanceTransfer(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=TRANSFER_KIND):
    """The body that the donor signs (``trust.device_statements``). ``transfer_id`` is ``<grant_id>/<counter>``.

    ``proof``: the raw signed ``AllowanceGranted`` of headquarters, or the raw signed transfer that brought the donor its right; a chain ends at
    headquarters. ``counter`` counts in one row with the promises from the same grant. The float (``*``) never moves.
    """

    transfer_id: str
    grant_id: str
    pool: str
    amount_fen: int
    expires_at: datetime
    counter: int
    from_device: str
    from_epoch: int
    to_device: str
    to_epoch: int
    proof: bytes


class ProvenTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer whose signatures and chain up to headquarters' grant were checked (``claims.allowance_proof``).

    ``earlier`` are the transfers by which the donor got its right, the first hand first; ``granted_id`` is headquarters' grant and ``granted`` its
    word. ``raw`` is the signed record, byte for byte.
    """

    transfer: AllowanceTransfer
    raw: bytes
    granted_id: str
    earlier: tuple[AllowanceTransfer, ...] = ()
    catastrophe_id: str | None = None
    granted: AllowanceGranted | None = None

    @property
    def hands(self) -> int:
        """How often the right changed hands, this transfer included."""
        return len(self.earlier) + 1
