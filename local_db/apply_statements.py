"""What each statement of headquarters changes in the present.

Promise: a function of the statement's bytes, its inbox position and the tables before it. A genuine statement that can't be
followed (an unknown kind, a grant id that comes again with other content) changes nothing but leaves a task for a person, so
that one bad item never blocks the feed.
"""

from __future__ import annotations

from datetime import datetime
from functools import singledispatch

import msgspec

from claims.amounts import yuan
from claims.errors import Bilingual
from claims.statements import (
    AllowanceGranted,
    AttachmentsHeld,
    AttachmentsSafe,
    AuthorityGranted,
    CaseFieldDecided,
    CasesLinked,
    CaseWithdrawn,
    ClaimDecided,
    DeviceRevoked,
    LogReceipted,
    NumberBlockGranted,
    OtherDeviceRevoked,
    PaymentReported,
    PrepaymentMade,
    ResendAsked,
    ReviewOpened,
    SettlementAnswered,
    Statement,
    TaskAssigned,
    decode_statement,
)
from local_db import apply_custody, apply_reviews
from local_db.apply_progress import note_answer
from local_db.connection import Engine
from local_db.row_text import instant_of, instant_text, json_text


class Addressed(msgspec.Struct, frozen=True, kw_only=True):
    """What every statement carries, whatever its kind; other fields are ignored."""

    statement_id: str
    device: str
    epoch: int
    issued_at: datetime


def apply_statement(engine: Engine, position: int, kind: str, body: bytes) -> None:
    """Apply one statement that was verified before and is addressed to this device."""
    issued_at = msgspec.json.decode(body, type=Addressed).issued_at
    try:
        statement = decode_statement(body)
    except msgspec.ValidationError:
        _add_task(
            engine,
            position,
            "not_understood",
            issued_at,
            Bilingual(
                f"总部发来一条本程序还不认识的消息（{kind}）。请更新程序，并向总部询问内容。",
                f"Headquarters sent a message this program doesn't know yet ({kind}). Update the program and ask headquarters what it says.",
            ),
        )
    else:
        _apply(statement, engine, position)
    # Whatever it says, headquarters signed the time.
    _raise_floor(engine, issued_at)


@singledispatch
def _apply(statement: Statement, engine: Engine, position: int) -> None:
    raise NotImplementedError(type(statement).__name__)


@_apply.register
def _allowance_granted(statement: AllowanceGranted, engine: Engine, position: int) -> None:
    row = engine.execute(
        "SELECT pool, limit_fen, expires_at FROM allowance WHERE grant_id = ?", (statement.grant_id,)
    ).fetchone()
    granted = (statement.pool, statement.limit_fen, instant_text(statement.expires_at))
    if row is None:
        engine.execute(
            "INSERT INTO allowance (grant_id, position, pool, limit_fen, expires_at, catastrophe_id) VALUES (?, ?, ?, ?, ?, ?)",
            (statement.grant_id, position, *granted, statement.catastrophe_id),
        )
    elif tuple(row) != granted:
        _add_task(
            engine,
            position,
            "grant_refused",
            statement.issued_at,
            Bilingual(
                f"额度 {statement.grant_id} 又来了一份内容不同的授予（{yuan(statement.limit_fen)} 元），未采用。请报告总部。",
                f"Grant {statement.grant_id} arrived again with other content ({yuan(statement.limit_fen)} yuan) and was not taken. Report it to headquarters.",
            ),
        )


@_apply.register
def _number_block_granted(statement: NumberBlockGranted, engine: Engine, position: int) -> None:
    overlapping = engine.execute(
        "SELECT first, last FROM number_block WHERE kind = ? AND prefix = ? AND first <= ? AND last >= ?",
        (statement.kind, statement.prefix, statement.last, statement.first),
    ).fetchall()
    if not overlapping and statement.last >= statement.first:
        engine.execute(
            "INSERT INTO number_block (position, kind, prefix, first, last) VALUES (?, ?, ?, ?, ?)",
            (position, statement.kind, statement.prefix, statement.first, statement.last),
        )
    elif [tuple(row) for row in overlapping] != [(statement.first, statement.last)]:
        _add_task(
            engine,
            position,
            "block_refused",
            statement.issued_at,
            Bilingual(
                f"号段 {statement.prefix} {statement.first}–{statement.last} 与已有号段重叠，未采用。请报告总部。",
                f"Number block {statement.prefix} {statement.first}-{statement.last} overlaps another one and was not taken. Report it to headquarters.",
            ),
        )


@_apply.register
def _authority_granted(statement: AuthorityGranted, engine: Engine, position: int) -> None:
    # The newest word on an authority holds: headquarters may narrow it.
    engine.execute(
        "INSERT INTO authority (authority_id, position, body) VALUES (?, ?, ?)"
        " ON CONFLICT (authority_id) DO UPDATE SET position = excluded.position, body = excluded.body",
        (statement.authority_id, position, json_text(statement)),
    )


@_apply.register
def _log_receipted(statement: LogReceipted, engine: Engine, position: int) -> None:
    engine.execute(
        "INSERT OR IGNORE INTO hq_receipt (watermark_seq, issued_at) VALUES (?, ?)",
        (statement.watermark_seq, instant_text(statement.issued_at)),
    )
    engine.execute(
        "UPDATE present SET hq_watermark_seq = max(hq_watermark_seq, ?) WHERE id = 1", (statement.watermark_seq,)
    )
    for seq in statement.rejected_seqs:
        _add_task(
            engine,
            position,
            "event_rejected",
            statement.issued_at,
            Bilingual(
                f"总部已收到第 {seq} 条记录，但未采纳。请向总部询问原因。",
                f"Headquarters received entry {seq} but did not accept it. Ask headquarters why.",
            ),
            task_id=f"rejected-{seq}",
        )


@_apply.register
def _attachments_held(statement: AttachmentsHeld, engine: Engine, position: int) -> None:
    for sha256 in statement.sha256:
        engine.execute("INSERT OR IGNORE INTO attachment_held (sha256, position) VALUES (?, ?)", (sha256, position))
        engine.execute("UPDATE attachment SET held = 1 WHERE sha256 = ?", (sha256,))


@_apply.register
def _attachments_safe(statement: AttachmentsSafe, engine: Engine, position: int) -> None:
    apply_custody.note_safe(engine, statement, position)


@_apply.register
def _resend_asked(statement: ResendAsked, engine: Engine, position: int) -> None:
    apply_custody.offer_again(engine, statement)
    _add_task(engine, position, "resend_asked", statement.issued_at, statement.reason)


@_apply.register
def _settlement_answered(statement: SettlementAnswered, engine: Engine, position: int) -> None:
    engine.execute(
        "INSERT INTO hq_answer (position, case_no, voucher_no, body) VALUES (?, ?, ?, ?)",
        (position, statement.case_no, statement.voucher_no, json_text(statement)),
    )
    note_answer(engine, statement)


@_apply.register
def _claim_decided(statement: ClaimDecided, engine: Engine, position: int) -> None:
    engine.execute(
        "INSERT INTO claim_decision (position, case_no, body) VALUES (?, ?, ?)",
        (position, statement.case_no, json_text(statement)),
    )
    # Somebody has to take it to the claimant; what is recorded in the case after it answers the task.
    _add_task(
        engine,
        position,
        "assigned",
        statement.issued_at,
        Bilingual(
            f"总部已对案件 {statement.case_no} 作出决定（{statement.decided_on}），请打印通知书并当面送达。",
            f"Headquarters decided case {statement.case_no} on {statement.decided_on}: print the notice and hand it to the claimant.",
        ),
        case_no=statement.case_no,
    )


@_apply.register
def _device_revoked(statement: DeviceRevoked, engine: Engine, position: int) -> None:
    engine.execute("UPDATE present SET revoked_reason = ? WHERE id = 1", (json_text(statement.reason),))
    _add_task(engine, position, "revoked", statement.issued_at, statement.reason)


@_apply.register
def _other_device_revoked(statement: OtherDeviceRevoked, engine: Engine, position: int) -> None:
    # The first reason stands: a device is stopped once.
    engine.execute(
        "INSERT OR IGNORE INTO stopped_device (device, epoch, position, reason) VALUES (?, ?, ?, ?)",
        (statement.revoked_device, statement.revoked_epoch, position, json_text(statement.reason)),
    )


@_apply.register
def _task_assigned(statement: TaskAssigned, engine: Engine, position: int) -> None:
    _add_task(
        engine,
        position,
        "assigned",
        statement.issued_at,
        statement.text,
        case_no=statement.case_no,
        owner=statement.owner,
    )


@_apply.register
def _payment_reported(statement: PaymentReported, engine: Engine, position: int) -> None:
    apply_reviews.report_payment(engine, statement, position)


@_apply.register
def _prepayment_made(statement: PrepaymentMade, engine: Engine, position: int) -> None:
    apply_reviews.prepay(engine, statement, position)


@_apply.register
def _cases_linked(statement: CasesLinked, engine: Engine, position: int) -> None:
    apply_reviews.link_case(engine, statement, position)


@_apply.register
def _review_opened(statement: ReviewOpened, engine: Engine, position: int) -> None:
    apply_reviews.open_review(engine, statement, position)


@_apply.register
def _case_field_decided(statement: CaseFieldDecided, engine: Engine, position: int) -> None:
    apply_reviews.decide_field(engine, statement, position)


@_apply.register
def _case_withdrawn(statement: CaseWithdrawn, engine: Engine, position: int) -> None:
    apply_reviews.withdraw_case(engine, statement, position)


def _raise_floor(engine: Engine, issued_at: datetime) -> None:
    known = engine.execute("SELECT time_floor FROM present WHERE id = 1").fetchone()[0]
    if known is None or instant_of(known) < issued_at:
        engine.execute("UPDATE present SET time_floor = ? WHERE id = 1", (instant_text(issued_at),))


def _add_task(
    engine: Engine,
    position: int,
    kind: str,
    issued_at: datetime,
    text: Bilingual,
    *,
    case_no: str | None = None,
    task_id: str | None = None,
    owner: str = "",
) -> None:
    engine.execute(
        "INSERT OR IGNORE INTO task (task_id, position, issued_at, kind, case_no, text_zh, text_en, owner)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (task_id or f"inbox-{position}", position, instant_text(issued_at), kind, case_no, text.zh, text.en, owner),
    )
