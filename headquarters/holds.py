"""Promises that wait for a person: who looks sees both sides.

Promise: read-only. A hold bears its own evidence and that of every voucher that wants the same loss or bears the same number.

Source: design.md "Pools and settlement keys", "the claimant's paper is never silently void"; docs/adr/0156.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.errors import Bilingual, InputError
from claims.trusted_time import beijing_text
from headquarters.hold_evidence import EvidenceSet, colliding, evidence_set, ground_of, hold_id
from headquarters.installation import Headquarters
from headquarters.models import Verdict, Voucher
from headquarters.models_payments import HoldDecision


class HoldChoice(StrEnum):
    """What may be decided of a held promise."""

    SETTLE = "settle"
    REFUSE_DUPLICATE = "refuse_duplicate"
    VOID = "void"


@dataclass(frozen=True)
class Hold:
    """A promise that waits for a person: its own evidence, and that of every voucher that wants the same loss or bears the same number."""

    hold_id: str
    voucher_no: str
    case_no: str
    amount_fen: int
    reason: Bilingual
    since: datetime
    own: EvidenceSet
    others: tuple[EvidenceSet, ...]


def open_holds(hq: Headquarters) -> tuple[Hold, ...]:
    """Return every promise that waits for a person, the oldest first, with all its evidence."""
    with hq.database.read() as session:
        rows = session.scalars(
            select(Voucher)
            .where(Voucher.verdict == Verdict.HOLD)
            .order_by(Voucher.decided_at, Voucher.voucher_no, Voucher.device, Voucher.epoch, Voucher.seq)
        ).all()
        return tuple(hold_of(hq, session, each) for each in rows)


def find_hold(hq: Headquarters, voucher: str) -> Hold:
    """Return one hold. Raises ``InputError``: ``hold_unknown``, ``hold_ambiguous``, ``hold_decided``."""
    with hq.database.read() as session:
        return hold_of(hq, session, open_row(session, voucher))


def open_row(session: Session, voucher: str) -> Voucher:
    """Return the one voucher of this name that waits. Raises as ``find_hold``."""
    rows = vouchers_named(session, voucher)
    if not rows:
        raise InputError(
            "hold_unknown",
            Bilingual(f"总部没有凭证 {voucher[:60]}。", f"Headquarters has no voucher {voucher[:60]}."),
            Bilingual("请核对凭证号。", "Check the number."),
        )
    waiting = [each for each in rows if each.verdict == Verdict.HOLD]
    if not waiting:
        raise decided_already(rows[0], None)
    if len(waiting) > 1:
        named = "、".join(hold_id(each) for each in waiting)
        raise InputError(
            "hold_ambiguous",
            Bilingual(
                f"凭证号 {voucher} 有 {len(waiting)} 张待人工处理（{named}）。",
                f"{len(waiting)} vouchers bear the number {voucher} and wait ({named}).",
            ),
            Bilingual("请用上面的编号逐张处理。", "Decide them one by one by these names."),
        )
    return waiting[0]


def vouchers_named(session: Session, voucher: str) -> list[Voucher]:
    """Return the vouchers of a number (there may be two), or the one of a hold id."""
    by_number = session.scalars(select(Voucher).where(Voucher.voucher_no == voucher)).all()
    if by_number:
        return list(by_number)
    parts = voucher.rsplit(".", 2)
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        found = session.get(Voucher, (parts[0], int(parts[1]), int(parts[2])))
        return [] if found is None else [found]
    return []


def decided_already(voucher: Voucher, found: HoldDecision | None) -> InputError:
    """Return that a voucher does not wait any more: who decided, when and what."""
    if found is None:
        cause = Bilingual(
            f"凭证 {voucher.voucher_no} 不待人工处理（{voucher.verdict}）：{voucher.reason_zh}",
            f"Voucher {voucher.voucher_no} does not wait for a person ({voucher.verdict}): {voucher.reason_en}",
        )
    else:
        when = beijing_text(found.decided_at)
        cause = Bilingual(
            f"凭证 {voucher.voucher_no} 已由 {found.decided_by} 于 {when} 决定（{_NAMES[found.decision].zh}）：{found.reason}",
            f"{found.decided_by} decided voucher {voucher.voucher_no} at {when} ({_NAMES[found.decision].en}): {found.reason}",
        )
    return InputError(
        "hold_decided",
        cause,
        Bilingual("您的决定没有执行。如需更改，请与其联系。", "Yours was not carried out. Talk to them to change it."),
    )


def hold_of(hq: Headquarters, session: Session, voucher: Voucher) -> Hold:
    own = evidence_set(hq, session, voucher)
    issued = ground_of(hq, session, voucher).issued
    return Hold(
        hold_id=hold_id(voucher),
        voucher_no=voucher.voucher_no,
        case_no=voucher.case_no,
        amount_fen=voucher.amount_fen,
        reason=Bilingual(voucher.reason_zh, voucher.reason_en),
        since=voucher.decided_at,
        own=own,
        others=tuple(evidence_set(hq, session, each) for each in colliding(session, voucher, issued)),
    )


_NAMES = {
    HoldChoice.SETTLE.value: Bilingual("结算", "settle"),
    HoldChoice.REFUSE_DUPLICATE.value: Bilingual("重复，不另付", "refused as a duplicate"),
    HoldChoice.VOID.value: Bilingual("作废", "void"),
}
