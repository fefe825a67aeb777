"""Which attachments headquarters holds, and telling the stations.

Promise: a file is called held only after it lies whole, verified and fsynced in the blob store; every device that offered it
learns so through its feed, once.

Source: sync/wire/messages.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.errors import Bilingual
from claims.statements import AttachmentsHeld
from headquarters.blobs import MAX_FILE_BYTES, Progress, is_sha256
from headquarters.devices import STOPPED
from headquarters.installation import Headquarters
from headquarters.models import Attachment, AttachmentOffer, Device
from headquarters.refusals import BodyRefused, ChunkRefused
from headquarters.statements_out import say
from headquarters.turn import Turn
from sync.wire.messages import HaveItem, MissingChunks

MAX_ITEMS = 2000


def offer(
    hq: Headquarters, device: str, epoch: int, items: Sequence[HaveItem]
) -> tuple[tuple[str, ...], tuple[MissingChunks, ...]]:
    """Note what a device has; return what is held and which chunks are missing. Raises ``BodyRefused`` for nonsense."""
    if len(items) > MAX_ITEMS or not all(
        is_sha256(each.sha256) and 0 <= each.size_bytes <= MAX_FILE_BYTES for each in items
    ):
        raise BodyRefused(
            "offer_unreadable",
            Bilingual("附件清单里的指纹或大小不合理。", "A hash or size in the list of files makes no sense."),
            Bilingual("请联系总部。", "Call headquarters."),
        )
    held = [each.sha256 for each in items if each.sha256 in hq.blobs]
    with hq.database.write() as session:
        for item in items:
            _note_offer(session, device, epoch, item)
        for sha256 in held:
            _note_held(hq, session, sha256, hq.now())
    missing = tuple(
        MissingChunks(
            sha256=each.sha256, indices=hq.blobs.missing(each.sha256, each.size_bytes, sender=_sender(device, epoch))
        )
        for each in items
        if each.sha256 not in held
    )
    return tuple(held), missing


def receive_chunk(hq: Headquarters, device: str, epoch: int, *, sha256: str, index: int, content: bytes) -> Progress:
    """Take in one chunk of an offered file. Raises ``ChunkRefused``."""
    with hq.database.read() as session:
        offered = session.get(AttachmentOffer, (device, epoch, sha256))
    if offered is None:
        raise ChunkRefused(
            "chunk_not_offered",
            Bilingual("总部还没有询问过这个附件。", "This file was not offered to headquarters."),
            Bilingual("程序会自动重新协商。", "The laptop asks again by itself."),
        )
    progress = hq.blobs.put_chunk(sha256, offered.size_bytes, index, content, sender=_sender(device, epoch))
    if progress is Progress.WHOLE:
        with hq.database.write() as session:
            _note_held(hq, session, sha256, hq.now())
    return progress


def _sender(device: str, epoch: int) -> str:
    return f"{device}.{epoch}"


def _note_offer(session: Session, device: str, epoch: int, item: HaveItem) -> None:
    known = session.get(AttachmentOffer, (device, epoch, item.sha256))
    if known is None:
        session.add(
            AttachmentOffer(device=device, epoch=epoch, sha256=item.sha256, size_bytes=item.size_bytes, told=False)
        )
    else:
        known.size_bytes = item.size_bytes
    session.flush()


def _note_held(hq: Headquarters, session: Session, sha256: str, at: datetime) -> None:
    if session.get(Attachment, sha256) is None:
        size_bytes = hq.blobs.size(sha256)
        if size_bytes is None:
            return
        session.add(Attachment(sha256=sha256, size_bytes=size_bytes, held_at=at))
        session.flush()
    waiting = select(AttachmentOffer).where(AttachmentOffer.sha256 == sha256, AttachmentOffer.told.is_(False))
    for offered in session.scalars(waiting).all():
        device = session.get_one(Device, (offered.device, offered.epoch))
        if device.state not in STOPPED:
            say(Turn(hq, session, device, at), partial(AttachmentsHeld, sha256=(sha256,)))
            offered.told = True
