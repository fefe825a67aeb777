"""A restored headquarters learns from the laptops what it had said itself.

Promise: only what headquarters' own service key signed for that very place in that very feed is taken; taken twice it changes nothing;
a statement that contradicts what is held is kept as evidence and becomes a task for a person. What is said again has its effect again:
allowances are kept aside, numbers are taken, authorities stand, stopped devices are stopped, settled stays settled.

Source: docs/adr/0154; sync/wire/messages.py ``Relearn``.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial

import msgspec
from sqlalchemy import select, update

from claims.errors import Bilingual
from claims.statements import (
    OWNER_HEADQUARTERS,
    AllowanceGranted,
    AnyStatement,
    AttachmentsHeld,
    AttachmentsSafe,
    AuthorityGranted,
    DeviceRevoked,
    NumberBlockGranted,
    OtherDeviceRevoked,
    PrepaymentMade,
    ResendAsked,
    SettlementAnswered,
    TaskAssigned,
    decode_statement,
)
from headquarters.callers import SignedRequest, signature_wrong
from headquarters.devices import STOPPED
from headquarters.grants import grant_as_told
from headquarters.installation import Headquarters
from headquarters.models import (
    Attachment,
    AttachmentOffer,
    AuthorityRecord,
    Device,
    DeviceState,
    FeedItem,
    Grant,
    NumberGrant,
)
from headquarters.models_restores import RememberedVerdict, RestoredDevice, StatementFork, ToldSafe
from headquarters.prepayments_relearnt import relearn_prepayment
from headquarters.refusals import BodyRefused
from headquarters.restores import VOIDED_BEFORE, end_if_all_heard, feed_waits, take_waiting
from headquarters.statements_out import say
from headquarters.turn import Turn
from sync.wire.messages import Hello, Relearn, RelearnAnswered, request_bytes
from trust.certificates import genesis_hash
from trust.errors import TrustError
from trust.keys import verify_signature
from trust.statements import open_statement

RELEARN = "/v1/relearn"


def note_hello(turn: Turn, hello: Hello) -> int | None:
    """Tell from which feed position on a device's statements are wanted; None when headquarters lacks nothing of its own."""
    if not feed_waits(turn.hq, turn.session, turn.device):
        if turn.hq.incarnation.number:
            end_if_all_heard(turn.hq, turn.session, turn.at)
        return None
    if hello.feed_position > turn.device.feed_length:
        return turn.device.feed_length
    _heard(turn)
    return None


def answer_relearn(hq: Headquarters, relearn: Relearn) -> RelearnAnswered:
    """Take statements back into a device's feed, in order; what does not follow what is held is left, and asked for again.

    Raises:
        BodyRefused: ``relearn_forged``, a statement that headquarters did not sign for this place. What came before it was taken.
    """

    def work(session_turn: Turn) -> tuple[RelearnAnswered, int | None]:
        session, device = session_turn.session, session_turn.device
        forged: int | None = None
        for place, raw in enumerate(relearn.statements, start=max(0, relearn.first_position)):
            if place > device.feed_length or (place == device.feed_length and not feed_waits(hq, session, device)):
                break  # what lies between has not come yet, or there is nothing left to learn
            if not _take(session_turn, place, raw):
                forged = place
                break
        if feed_waits(hq, session, device) and device.feed_length >= relearn.feed_position and forged is None:
            _heard(session_turn)
        answered = RelearnAnswered(
            device=device.device,
            epoch=device.epoch,
            nonce=relearn.nonce,
            hq_time=session_turn.at,
            feed_length=device.feed_length,
            relearned=not feed_waits(hq, session, device),
        )
        return answered, forged

    with hq.database.write() as session:
        device = session.get_one(Device, (relearn.device, relearn.epoch))
        answered, forged = work(Turn(hq, session, device, hq.now()))
    if forged is not None:
        raise BodyRefused(
            "relearn_forged",
            Bilingual(
                f"第 {forged} 条总部消息不是总部签发的。",
                f"Statement {forged} was not signed by headquarters for this feed.",
            ),
            Bilingual("请联系总部。", "Call headquarters."),
        )
    return answered


def readmit(hq: Headquarters, relearn: Relearn, signed: SignedRequest) -> None:
    """Take back a device that a restored headquarters forgot whole: it holds a certificate that only headquarters' root can have signed.

    Changes nothing for a device that is known.

    Raises:
        NotAuthenticated: the certificate is not headquarters' or another device's, or its key did not sign the request.
    """
    with hq.database.read() as session:
        if session.get(Device, (relearn.device, relearn.epoch)) is not None:
            return
    try:
        certificate = hq.trust_store().verify_device(relearn.certificate)
        content = request_bytes(signed.method, signed.path, relearn.device, relearn.epoch, signed.body)
        verify_signature(certificate.public_key, signed.signature, content)
    except (TrustError, ValueError) as problem:
        raise signature_wrong() from problem
    if (certificate.device, certificate.epoch) != (relearn.device, relearn.epoch):
        raise signature_wrong()
    at = hq.now()
    with hq.database.write() as session:
        if session.get(Device, (relearn.device, relearn.epoch)) is not None:
            return
        newer = session.scalars(
            select(Device.epoch).where(Device.device == relearn.device, Device.epoch > relearn.epoch).limit(1)
        ).first()
        if newer is None:
            session.execute(
                update(Device)
                .where(Device.device == relearn.device, Device.state == DeviceState.ACTIVE)
                .values(state=DeviceState.SUPERSEDED)
            )
        device = Device(
            device=relearn.device,
            epoch=relearn.epoch,
            station=certificate.station,
            station_name=relearn.station_name,
            adjuster=relearn.adjuster,
            adjuster_name=relearn.adjuster_name,
            certificate=relearn.certificate,
            enrolled_at=at,
            seen_at=at,
            state=DeviceState.ACTIVE if newer is None else DeviceState.SUPERSEDED,
            state_reason_zh=None,
            state_reason_en=None,
            watermark_seq=0,
            digest=genesis_hash(relearn.certificate),
            feed_length=0,
        )
        session.add(device)
        session.flush()
        session.add(RestoredDevice(device=relearn.device, epoch=relearn.epoch, active=True, heard_at=None))
        _stop_if_others_know(Turn(hq, session, device, at))


def _take(turn: Turn, place: int, raw: bytes) -> bool:
    """Take one statement at its place; False when it is not headquarters' own for this place."""
    session, device = turn.session, turn.device
    try:
        kind, body = open_statement(raw, turn.hq.trust_store())
        addressed = msgspec.json.decode(body, type=_Addressed)
    except (TrustError, msgspec.DecodeError, UnicodeDecodeError):
        return False
    statement_id = f"{device.device}.{device.epoch}.{place}"
    if (addressed.device, addressed.epoch, addressed.type) != (device.device, device.epoch, kind):
        return False
    if place < device.feed_length:
        held = session.get_one(FeedItem, (device.device, device.epoch, place))
        if held.raw != raw and _body(turn, held.raw) != body:
            _keep_fork(turn, statement_id, raw)
        return True
    session.add(
        FeedItem(
            device=device.device, epoch=device.epoch, position=place, statement_id=statement_id, kind=kind, raw=raw
        )
    )
    device.feed_length = place + 1
    session.flush()
    if addressed.statement_id != statement_id:
        _keep_fork(turn, addressed.statement_id, raw)
        return True
    try:
        statement = decode_statement(body)
    except msgspec.ValidationError:
        return True  # of a newer program: its place is kept, its meaning is not known here
    if not _apply(turn, statement):
        _keep_fork(turn, statement_id, raw)
    return True


def _apply(turn: Turn, statement: AnyStatement) -> bool:
    """Give a statement its effect again; False when it contradicts what is held."""
    agrees = True
    match statement:
        case AllowanceGranted():
            agrees = _grant(turn, statement)
        case NumberBlockGranted():
            agrees = _block(turn, statement)
        case AuthorityGranted():
            _authority(turn, statement)
        case SettlementAnswered():
            _verdict(turn, statement)
        case PrepaymentMade():
            agrees = relearn_prepayment(turn, statement)
        case AttachmentsHeld() | AttachmentsSafe():
            _files(turn, statement)
        case DeviceRevoked():
            if turn.device.state not in STOPPED:
                _stop(turn.device, statement.reason)
        case OtherDeviceRevoked():
            other = turn.session.get(Device, (statement.revoked_device, statement.revoked_epoch))
            if other is not None and other.state not in STOPPED:
                _stop(other, statement.reason)
        case _:
            pass
    turn.session.flush()
    return agrees


def _grant(turn: Turn, statement: AllowanceGranted) -> bool:
    known = turn.session.get(Grant, statement.grant_id)
    if known is not None:
        return (known.device, known.epoch, known.pool, known.limit_fen) == (
            statement.device,
            statement.epoch,
            statement.pool,
            statement.limit_fen,
        )
    turn.session.add(grant_as_told(statement, turn.device))
    return True


def _block(turn: Turn, statement: NumberBlockGranted) -> bool:
    overlapping = turn.session.scalars(
        select(NumberGrant).where(
            NumberGrant.prefix == statement.prefix,
            NumberGrant.kind == statement.kind,
            NumberGrant.first <= statement.last,
            NumberGrant.last >= statement.first,
        )
    ).all()
    if overlapping:
        return [(each.first, each.last, each.device, each.epoch) for each in overlapping] == [
            (statement.first, statement.last, statement.device, statement.epoch)
        ]
    turn.session.add(
        NumberGrant(
            prefix=statement.prefix,
            kind=statement.kind,
            first=statement.first,
            last=statement.last,
            device=statement.device,
            epoch=statement.epoch,
        )
    )
    return True


def _authority(turn: Turn, statement: AuthorityGranted) -> None:
    if turn.session.get(AuthorityRecord, statement.authority_id) is None:
        turn.session.add(
            AuthorityRecord(
                authority_id=statement.authority_id,
                device=statement.device,
                epoch=statement.epoch,
                adjuster=statement.adjuster,
                claim_type=statement.claim_type,
                ceiling_fen=statement.ceiling_fen,
                catastrophe_id=statement.catastrophe_id,
                valid_from=statement.valid_from,
                valid_to=statement.valid_to,
            )
        )


def _verdict(turn: Turn, statement: SettlementAnswered) -> None:
    if statement.voucher_no is not None:
        turn.session.merge(
            RememberedVerdict(
                device=statement.device,
                epoch=statement.epoch,
                voucher_no=statement.voucher_no,
                # Without a settlement it was voided: whatever came before it in the feed.
                settlement=statement.settlement or VOIDED_BEFORE,
                amount_fen=statement.amount_fen,
            )
        )


def _files(turn: Turn, statement: AttachmentsHeld | AttachmentsSafe) -> None:
    session, device = turn.session, turn.device
    lost = []
    for sha256 in statement.sha256:
        size_bytes = turn.hq.blobs.size(sha256)
        if size_bytes is None:
            lost.append(sha256)
            continue
        if session.get(Attachment, sha256) is None:
            session.add(Attachment(sha256=sha256, size_bytes=size_bytes, held_at=turn.at))
        offered = session.get(AttachmentOffer, (device.device, device.epoch, sha256))
        if offered is None:
            session.add(
                AttachmentOffer(
                    device=device.device, epoch=device.epoch, sha256=sha256, size_bytes=size_bytes, told=True
                )
            )
        else:
            offered.told = True
        if isinstance(statement, AttachmentsSafe):
            session.merge(ToldSafe(device=device.device, epoch=device.epoch, sha256=sha256))
        session.flush()
    if lost:
        say(turn, partial(ResendAsked, sha256=tuple(lost), reason=LOST_FILES))


LOST_FILES = Bilingual(
    "总部从较早的备份恢复，请重新发送这些附件。",
    "Headquarters was restored from an older backup; please send these files again.",
)


def _stop(device: Device, reason: Bilingual) -> None:
    # Revoked, whatever it was: a write-off is a person's step and is taken again.
    device.state = DeviceState.REVOKED
    device.state_reason_zh, device.state_reason_en = reason.zh, reason.en


def _stop_if_others_know(turn: Turn) -> None:
    """A forgotten device may have been stopped since: the other laptops were told."""
    rows = turn.session.scalars(select(FeedItem.raw).where(FeedItem.kind == "other_device_revoked@1"))
    for raw in rows:
        statement = decode_statement(_body(turn, raw))
        if isinstance(statement, OtherDeviceRevoked) and (statement.revoked_device, statement.revoked_epoch) == (
            turn.device.device,
            turn.device.epoch,
        ):
            _stop(turn.device, statement.reason)
            return


def _heard(turn: Turn) -> None:
    """The device told everything: its feed goes on with what was kept for it."""
    session, device = turn.session, turn.device
    session.get_one(RestoredDevice, (device.device, device.epoch)).heard_at = turn.at
    session.flush()
    for statement in take_waiting(session, device):
        fields = {name: getattr(statement, name) for name in statement.__struct_fields__}
        for own in ("statement_id", "device", "epoch", "issued_at"):
            del fields[own]
        say(turn, partial(type(statement), **fields))
    end_if_all_heard(turn.hq, session, turn.at)


def _keep_fork(turn: Turn, statement_id: str, raw: bytes) -> None:
    turn.session.merge(
        StatementFork(
            statement_id=statement_id,
            sha256=hashlib.sha256(raw).hexdigest(),
            device=turn.device.device,
            epoch=turn.device.epoch,
            raw=raw,
            received_at=turn.at,
        )
    )
    text = Bilingual(
        f"总部恢复后发现消息 {statement_id} 与总部现有记录矛盾，已留证，由总部人工处理；在此之前请勿再用该消息授予的额度或号码。",
        f"After a restore, statement {statement_id} contradicts headquarters' records; a person there looks at it. Until then don't use what it granted.",
    )
    say(replace(turn), partial(TaskAssigned, case_no=None, text=text, owner=OWNER_HEADQUARTERS))


def _body(turn: Turn, raw: bytes) -> bytes:
    return open_statement(raw, turn.hq.trust_store())[1]


class _Addressed(msgspec.Struct, frozen=True):
    type: str
    statement_id: str
    device: str
    epoch: int
