"""Whether the adjuster was allowed to promise so much: the authority that a voucher names.

Promise: read-only. The ceiling is for the whole case, over its policies and payees.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims.amounts import yuan
from claims.errors import Bilingual
from claims.events import CaseOpened, VoucherIssued
from headquarters.models import AuthorityRecord, Device, Verdict, Voucher


def beyond_authority(
    session: Session, device: Device, event: VoucherIssued, issued_at: datetime, case: CaseOpened | None
) -> Sequence[Bilingual]:
    """Return why the authority does not bear a voucher; empty where it does."""
    held = session.get(AuthorityRecord, event.authority_id)
    if held is None or (held.device, held.epoch) != (device.device, device.epoch):
        return (
            Bilingual(
                f"权限 {event.authority_id} 没有授予本设备。",
                f"Authority {event.authority_id} was not granted to this device.",
            ),
        )
    # A voucher carries whole seconds, so the first second counts from its start; the last instant is in (claims/authority.py).
    if not held.valid_from.replace(microsecond=0) <= issued_at <= held.valid_to:
        return (
            Bilingual(
                f"权限 {event.authority_id} 当时无效。", f"Authority {event.authority_id} was not valid at that time."
            ),
        )
    if case is not None and held.catastrophe_id not in (None, case.catastrophe_id):
        return (
            Bilingual(
                f"权限 {event.authority_id} 只用于突发事件 {held.catastrophe_id}。",
                f"Authority {event.authority_id} is for the catastrophe {held.catastrophe_id} only.",
            ),
        )
    if case is not None and held.claim_type not in ("*", case.claim_type):
        return (
            Bilingual(
                f"权限 {event.authority_id} 不含理赔类型 {case.claim_type}。",
                f"Authority {event.authority_id} does not cover the claim type {case.claim_type}.",
            ),
        )
    # The ceiling is for the whole case, over its policies and payees: splitting a case does not pass a limit.
    promised = select(func.sum(Voucher.amount_fen)).where(
        Voucher.case_no == event.case_no,
        Voucher.verdict.in_((Verdict.SETTLED, Verdict.HOLD)),
        Voucher.amount_fen > 0,
    )
    case_fen = int(session.scalar(promised) or 0) + event.amount_fen
    if case_fen > held.ceiling_fen:
        return (
            Bilingual(
                f"本案合计 {yuan(case_fen)} 元，超过权限 {yuan(held.ceiling_fen)} 元。",
                f"The case comes to {yuan(case_fen)} yuan, above the authority of {yuan(held.ceiling_fen)}.",
            ),
        )
    return ()
