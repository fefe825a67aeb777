"""The table of transfers: rights that moved from one device to another.

Promise: a transfer id stands here once, whichever log told of it first, and what it says never changes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from headquarters.models import Base


class Transfer(Base):
    """A transfer as its donor signed it.

    ``donor_seq`` and ``receiver_seq`` are the places of the two events that tell of it, NULL while that log has not come. ``booked``: the
    donor's grant bears it. ``granted``: there is a grant of this id; without one (the receiver is not enrolled here) the sum is kept aside.
    """

    __tablename__ = "transfers"

    transfer_id: Mapped[str] = mapped_column(primary_key=True)
    grant_id: Mapped[str] = mapped_column(index=True)
    counter: Mapped[int]
    pool: Mapped[str] = mapped_column(index=True)
    amount_fen: Mapped[int]
    expires_at: Mapped[datetime]
    from_device: Mapped[str]
    from_epoch: Mapped[int]
    to_device: Mapped[str]
    to_epoch: Mapped[int]
    donor_seq: Mapped[int | None]
    receiver_seq: Mapped[int | None]
    booked: Mapped[bool]
    granted: Mapped[bool]
    noted_at: Mapped[datetime]
