"""A restored headquarters learns its own statements back from a laptop that only ever meets a stick.

Promise: a device counts as heard only by a bundle written after it had read, and durably noted, that this very life of headquarters asks: from then
on it takes in no answer of an earlier life, so that what it tells is all that its feed will ever hold from before. A bundle that is older,
late or written for another life changes nothing here.

Source: docs/adr/0168.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from headquarters.installation import Headquarters
from headquarters.models import Device
from headquarters.relearning import answer_relearn
from headquarters.restores import end_if_all_heard, feed_waits
from headquarters.turn import Turn
from sync.wire.messages import Relearn, RelearnAnswered


def wanted_from(hq: Headquarters, session: Session, device: Device) -> int | None:
    """Return from which feed position on a device's statements are wanted, None when nothing of its feed is missing here."""
    return device.feed_length if feed_waits(hq, session, device) else None


def note_old_hello(turn: Turn) -> int | None:
    """Take note of a hello that a stick brought: it hears nobody, and ends a recovery in which nobody is missing any more."""
    if turn.hq.incarnation.number:
        end_if_all_heard(turn.hq, turn.session, turn.at)
    return wanted_from(turn.hq, turn.session, turn.device)


def relearn_by_stick(hq: Headquarters, relearn: Relearn) -> RelearnAnswered:
    """Take what a bundle tells again, where it was written for this life of headquarters. Raises ``BodyRefused`` as ``answer_relearn``."""
    if hq.incarnation.number and relearn.incarnation_id == hq.incarnation.name:
        return answer_relearn(hq, relearn)
    with hq.database.read() as session:
        device = session.get_one(Device, (relearn.device, relearn.epoch))
        return RelearnAnswered(
            device=device.device,
            epoch=device.epoch,
            nonce=relearn.nonce,
            hq_time=hq.now(),
            feed_length=device.feed_length,
            relearned=not feed_waits(hq, session, device),
        )
