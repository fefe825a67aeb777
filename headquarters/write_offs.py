"""A laptop is lost: what it still could have promised counts as spent, for ever.

Promise: the remainder of its own grants and of what it had received stays kept aside; what it handed on stays with its receivers, also
where only their logs will tell of it. Nothing of it is ever granted again, and papers that turn up are looked at. One that a restored
headquarters has not heard may hold more than anybody knows: it is written off only with a person's decision on that (``headquarters.forgotten_grants``).

Source: design.md "Allowances"; docs/adr/0142, docs/adr/0165.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from claims.errors import Bilingual
from headquarters.devices import give_up, life_of, require_heard
from headquarters.forgotten_grants import ForgottenDecision, Unknown, is_kept_aside, take_on
from headquarters.installation import Headquarters
from headquarters.models import Grant, GrantState
from headquarters.restores import waits_for
from headquarters.turn import Turn

LOST = Bilingual("设备遗失，总部已核销。", "The device is lost and headquarters wrote it off.")


@dataclass(frozen=True)
class WrittenOff:
    """What was given up, in fen: left of its own grants, left of what it had received; and what it had handed on, which is not lost.

    ``unknown``: what it may hold besides, where a restored headquarters had not heard it.
    """

    device: str
    epoch: int
    grants: int
    own_fen: int
    received_fen: int
    handed_on_fen: int
    unknown: Unknown | None = None


def write_off(
    hq: Headquarters,
    device: str,
    reason: Bilingual | None = None,
    epoch: int | None = None,
    *,
    forgotten: ForgottenDecision | None = None,
) -> WrittenOff:
    """Write a device off: its newest life, or the one named (a disk that was replaced and will never hand in its log).

    Args:
        forgotten: what becomes of grants that a restored headquarters forgot; needed for a device that it has not heard, else without effect.

    Raises:
        InputError: ``device_unknown``, ``not_heard_since_restore``, ``words_missing``.
    """
    with hq.database.write() as session:
        found = life_of(session, device, epoch)
        turn, unheard = Turn(hq, session, found, hq.now()), waits_for(hq, session, found)
        if forgotten is None:
            require_heard(hq, session, found)
        unknown = take_on(turn, forgotten) if unheard and forgotten is not None else None
        give_up(turn, reason or LOST)
        session.flush()
        rows = session.scalars(
            select(Grant).where(
                Grant.device == found.device, Grant.epoch == found.epoch, Grant.state == GrantState.WRITTEN_OFF
            )
        ).all()
        grants = [each for each in rows if not is_kept_aside(each)]
        left = [(each.limit_fen - each.spent_fen - each.transferred_fen, each.parent_id is not None) for each in grants]
        return WrittenOff(
            device=found.device,
            epoch=found.epoch,
            grants=len(grants),
            own_fen=sum(fen for fen, received in left if not received),
            received_fen=sum(fen for fen, received in left if received),
            handed_on_fen=sum(each.transferred_fen for each in grants),
            unknown=unknown,
        )
