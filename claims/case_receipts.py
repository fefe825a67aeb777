"""The three acknowledgements of each case: on this disk, in custody, at headquarters, with headquarters' verdicts.

Promise: a tick stands only for what is there: custody is empty until another machine has signed for the case, headquarters' is
there only when its receipt covers the newest event of the case.

Source: design.md "Sync"; the brief of the screens ("three acknowledgements a case").
"""

from __future__ import annotations

from collections.abc import Sequence

from claims.case_progress import HOLD, SETTLED, CaseGlance
from claims.desk_ports import DeskPorts
from claims.overviews import CaseReceipt
from claims.ports import Reads
from claims.records import Acknowledgement, PaperRecord, PaperState
from claims.statements import PaymentReported, SettlementAnswered

PAID = "paid"


def case_receipts(ports: DeskPorts, offset: int, limit: int) -> tuple[CaseReceipt, ...]:
    """Return the receipts of cases, the one in which something was recorded last first."""
    with ports.store.read() as reads:
        numbers = reads.newest_cases(offset=offset, limit=limit)
        return tuple(_receipt(reads, each) for each in reads.glances(numbers))


def _receipt(reads: Reads, glance: CaseGlance) -> CaseReceipt:
    case = glance.case
    standing = [each for each in glance.papers if each.amount_fen is not None and each.state is not PaperState.VOIDED]
    answers = reads.answers(case.case_no) if glance.progress.answers else ()
    newest: SettlementAnswered | None = answers[-1] if answers else None
    at_hq = case.ack is Acknowledgement.HQ
    return CaseReceipt(
        case=case,
        promised_fen=sum(each.amount_fen or 0 for each in standing) if standing else None,
        ack=case.ack,
        disk_at=case.updated_at,
        custody_at=reads.custody_at(case.last_seq),
        hq_at=reads.received_at(case.last_seq) if at_hq else None,
        outcome=case.outcome,
        replay=None if newest is None else newest.replay,
        settlement=_settlement(standing),
        reason=None if newest is None or not newest.reason.zh else newest.reason,
        payment=_payment(reads.payments(case.case_no), [each.number for each in standing]),
    )


def _payment(said: Sequence[PaymentReported], vouchers: Sequence[str]) -> str | None:
    """Return what the bank said over all vouchers of a case: what did not arrive comes first, paid only when all are."""
    newest = {each.voucher_no: each.status for each in said}
    trouble = [status for status in newest.values() if status != PAID]
    if trouble:
        return trouble[-1]
    return PAID if vouchers and all(newest.get(each) == PAID for each in vouchers) else None


def _settlement(vouchers: list[PaperRecord]) -> str | None:
    """Return the verdict over all vouchers of a case: held if any is, settled only when all are."""
    verdicts = {each.settlement for each in vouchers}
    if HOLD in verdicts:
        return HOLD
    return SETTLED if verdicts == {SETTLED} else None
