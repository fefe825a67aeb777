"""The signed record by which a right to promise moves from one device to another (a hub's sub-grant is the same thing).

Promise: a record names donor, receiver, pool, sum and end, and carries what proves the donor's own right: headquarters' grant, or the transfer
by which the donor got it. Moving never makes more of it: the donor debits durably first, and the id is good for one receipt.

Source: design.md "Allowances"; notes/sync.md §3.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

TRANSFER_KIND = "allowance_transfer@1"


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
