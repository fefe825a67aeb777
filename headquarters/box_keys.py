"""Which key opens what is sealed to a laptop: the newest that its own signed log announced, per life of the device."""

from __future__ import annotations

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.events import BoxKeyAnnounced
from headquarters.models import EventState, LogEvent

_TYPE = str(BoxKeyAnnounced.__struct_config__.tag)


def box_key_of(session: Session, device: str, epoch: int) -> bytes | None:
    """Return a device's public box key (X25519), None while its log has not brought one."""
    body = session.scalar(
        select(LogEvent.body)
        .where(
            LogEvent.device == device,
            LogEvent.epoch == epoch,
            LogEvent.type == _TYPE,
            LogEvent.state != EventState.REJECTED,
        )
        .order_by(LogEvent.seq.desc())
        .limit(1)
    )
    return None if body is None else msgspec.json.decode(body, type=BoxKeyAnnounced).public_key
