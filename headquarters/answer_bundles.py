"""Headquarters' answers as sealed bundles, for laptops that a stick or a colleague reaches and no line does.

Promise: what is inside is what the same laptop would have been told over HTTP, each statement signed by itself; only that laptop's box key
opens it. A bundle may be lost, repeated or read late: a newer one holds everything after what the laptop last said it had.

Source: docs/adr/0144.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlalchemy import select

from headquarters.answers import answer_down
from headquarters.box_keys import box_key_of
from headquarters.callers import Caller
from headquarters.core import HAVE, LOG, answer_request
from headquarters.installation import Headquarters
from headquarters.models import Device
from headquarters.models_bundles import AnswerWaiting
from headquarters.processing import process_pending
from headquarters.refusals import RequestRefused
from headquarters.secrets_folder import write_new
from headquarters.statements_out import signed_answer
from sync.wire.bundles import ANSWER_SUFFIX, Answer, AnswerRecord, AnswersBegun, Refused, encode_record
from sync.wire.messages import Down, Have, LogBatch, WireMessage
from trust.boxes import seal_box
from trust.bundles import BUNDLE_ID_BYTES, Purpose, by_service, seal_segments
from trust.errors import TrustError

_MOST_SLICES = 256


def answer_bundle(
    hq: Headquarters,
    caller: Caller,
    *,
    feed_position: int,
    to_bundle: str,
    haves: Sequence[Have] = (),
    refused: Refused | None = None,
) -> bytes | None:
    """Return the sealed answers for a device: the receipt as it stands, word on the files of ``haves``, the feed from a position on.

    None while headquarters knows no key of the device, or one that nothing can be sealed to.
    """
    with hq.database.read() as session:
        public_key = box_key_of(session, caller.device, caller.epoch)
    if public_key is None:
        return None
    try:
        seal_box(public_key, b"", b"probe")
    except TrustError:
        return None
    records: list[AnswerRecord] = [
        AnswersBegun(device=caller.device, epoch=caller.epoch, made_at=hq.now(), to_bundle=to_bundle)
    ]
    records += [Answer(raw=raw) for raw in _answers(hq, caller, feed_position, to_bundle, haves)]
    if refused is not None:
        records.append(refused)
    out = io.BytesIO()
    sign = by_service(hq.secrets.service, hq.service_der)
    sealer = seal_segments(
        out, [public_key], sign, purpose=Purpose.ANSWERS, bundle_id=secrets.token_hex(BUNDLE_ID_BYTES)
    )
    for record in records:
        sealer.add(encode_record(record))
    sealer.finish()
    return out.getvalue()


def write_answers(hq: Headquarters, folder: Path) -> tuple[Path, ...]:
    """Write the answers of every device that asked by bundle into a folder, durably, one file each; return the files.

    They begin at what the device said it had when it asked last, so that a stick that was lost on the way back costs nothing.
    """
    with hq.database.read() as session:
        waiting = session.scalars(select(AnswerWaiting).order_by(AnswerWaiting.device, AnswerWaiting.epoch)).all()
        stations = {each.device: session.get_one(Device, (each.device, each.epoch)).station for each in waiting}
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for each in waiting:
        process_pending(hq, each.device, each.epoch)
        sealed = answer_bundle(
            hq, Caller(each.device, each.epoch), feed_position=each.feed_position, to_bundle=each.to_bundle
        )
        if sealed is None:
            continue
        written.append(keep_answer(folder, f"{stations[each.device]}-{each.device}-{each.epoch}", sealed))
        with hq.database.write() as session:
            session.get_one(AnswerWaiting, (each.device, each.epoch)).written_at = hq.now()
    return tuple(written)


def keep_answer(folder: Path, name: str, sealed: bytes) -> Path:
    """Write one answer bundle durably under a name of its own."""
    path = folder / f"{name}-{secrets.token_hex(4)}{ANSWER_SUFFIX}"
    write_new(path, sealed, 0o644)
    return path


def note_asked(hq: Headquarters, caller: Caller, feed_position: int, bundle_id: str) -> None:
    """Remember that a device asked by bundle and how much of its feed it has; an older bundle that comes late lowers nothing."""
    with hq.database.write() as session:
        row = session.get(AnswerWaiting, (caller.device, caller.epoch))
        if row is None:
            session.add(
                AnswerWaiting(
                    device=caller.device,
                    epoch=caller.epoch,
                    feed_position=feed_position,
                    to_bundle=bundle_id,
                    asked_at=hq.now(),
                    written_at=None,
                )
            )
        elif feed_position >= row.feed_position:
            row.feed_position, row.to_bundle, row.asked_at = feed_position, bundle_id, hq.now()


def _answers(hq: Headquarters, caller: Caller, feed_position: int, nonce: str, haves: Sequence[Have]) -> list[bytes]:
    said = []
    questions: list[tuple[str, WireMessage]] = [(HAVE, have) for have in haves]
    questions.append((LOG, LogBatch(device=caller.device, epoch=caller.epoch, commits=())))
    for path, question in questions:
        try:
            said.append(answer_request(hq, caller, "POST", path, msgspec.json.encode(question)).body)
        except RequestRefused:
            continue  # a stopped device gets no receipt; what stops it is in its feed
    position = feed_position
    for _ in range(_MOST_SLICES):
        slice_ = answer_down(hq, Down(device=caller.device, epoch=caller.epoch, feed_position=position, nonce=nonce))
        said.append(signed_answer(hq, slice_))
        position = slice_.feed_position + len(slice_.statements)
        if position >= slice_.feed_length or not slice_.statements:
            break
    return said
