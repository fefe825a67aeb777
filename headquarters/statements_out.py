"""How headquarters speaks: signed answers to a request, and the numbered feed of each device.

Promise: a feed has no gap; a statement's place in it is taken in the same transaction as what it tells about, so a
statement exists exactly when the thing happened. A receipt or another answer is no part of the feed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.statements import AnyStatement
from headquarters.installation import Headquarters
from headquarters.models import Device, FeedItem
from headquarters.restores import feed_waits, keep_for_later
from headquarters.turn import Turn
from sync.wire.messages import WireMessage
from trust.statements import sign_statement

MakeStatement = Callable[..., AnyStatement]
"""A statement type, or a partial of one, that still lacks ``statement_id``, ``device``, ``epoch`` and ``issued_at``."""


def signed_answer(hq: Headquarters, message: WireMessage | AnyStatement) -> bytes:
    """Return an answer that counts: signed, its kind the message's tag, its body the message's JSON."""
    return sign_statement(hq.secrets.service, hq.service_der, kind_of(message), msgspec.json.encode(message))


def kind_of(message: WireMessage | AnyStatement) -> str:
    """Return the tag of a message or statement."""
    tag = type(message).__struct_config__.tag
    if not isinstance(tag, str):
        raise TypeError(f"{type(message).__name__} has no tag")
    return tag


def say(turn: Turn, make: MakeStatement) -> None:
    """Append a statement to the device's feed, within the turn's transaction.

    After a restore it waits until the device told what its feed already holds (``headquarters.restores``).
    """
    device = turn.device
    if feed_waits(turn.hq, turn.session, device):
        waiting = make(statement_id="", device=device.device, epoch=device.epoch, issued_at=turn.at)
        keep_for_later(turn.session, device, waiting)
        return
    position = device.feed_length
    statement = make(
        statement_id=f"{device.device}.{device.epoch}.{position}",
        device=device.device,
        epoch=device.epoch,
        issued_at=turn.at,
    )
    turn.session.add(
        FeedItem(
            device=device.device,
            epoch=device.epoch,
            position=position,
            statement_id=statement.statement_id,
            kind=kind_of(statement),
            raw=signed_answer(turn.hq, statement),
        )
    )
    device.feed_length = position + 1


def feed_after(session: Session, device: Device, position: int, max_bytes: int) -> Sequence[bytes]:
    """Return the feed from a position on: at least one item if there is one, then up to ``max_bytes``."""
    rows = session.execute(
        select(FeedItem.raw)
        .where(FeedItem.device == device.device, FeedItem.epoch == device.epoch, FeedItem.position >= position)
        .order_by(FeedItem.position)
        .execution_options(yield_per=64)
    )
    taken: list[bytes] = []
    size = 0
    for (raw,) in rows:
        if taken and size + len(raw) > max_bytes:
            break
        taken.append(raw)
        size += len(raw)
    rows.close()
    return taken
