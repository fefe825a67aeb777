"""What headquarters looks at in an event when it arrives: is it sane, what is it about, does it need work.

Promise: a rule here rejects nonsense (negative sums, foreign numbers), never a promise that somebody may hold on paper: a
voucher that can be read is always settled or held for a person.
"""

from __future__ import annotations

from claims.amounts import MAX_AMOUNT_FEN
from claims.errors import Bilingual
from claims.events import (
    AllowanceClosed,
    AnyEvent,
    CaseOpened,
    DeterminationMade,
    DocumentAdded,
    NumberSpoiled,
    PaperRendered,
    SlipIssued,
    VoucherIssued,
    VoucherVoided,
)
from headquarters.blobs import MAX_FILE_BYTES, is_sha256

_PROCESSED_LATER = (DeterminationMade, VoucherIssued, VoucherVoided, SlipIssued, AllowanceClosed)


def needs_processing(event: AnyEvent) -> bool:
    """Tell whether the event is replayed, settled or reckoned with after it was stored."""
    return isinstance(event, _PROCESSED_LATER)


def subject_of(event: AnyEvent) -> str | None:
    """Return the number, grant or hash that the event is about, for look-ups across events."""
    match event:
        case VoucherIssued() | VoucherVoided():
            return event.voucher_no
        case SlipIssued() | CaseOpened() | DeterminationMade():
            return event.case_no
        case AllowanceClosed():
            return event.grant_id
        case DocumentAdded():
            return event.sha256
        case _:
            return None


def broken_rule(event: AnyEvent, prefix: str) -> Bilingual | None:
    """Return why the event can't be taken, or None. ``prefix`` starts every number of the device (``QX07-D3``)."""
    number = _own_number(event)
    if number is not None and not number.startswith(f"{prefix}-"):
        return Bilingual(
            f"号码 {number} 不属于本设备（{prefix}）。", f"The number {number} is not of this device ({prefix})."
        )
    match event:
        case DocumentAdded() if not is_sha256(event.sha256) or not 0 <= event.size_bytes <= MAX_FILE_BYTES:
            return Bilingual(
                f"附件 {event.filename} 的大小（{event.size_bytes} 字节）或指纹不合理。",
                f"The size ({event.size_bytes} bytes) or hash of the file {event.filename} makes no sense.",
            )
        case PaperRendered() if not is_sha256(event.pdf_sha256) or event.copy_no < 1:
            return Bilingual(
                f"单证 {event.number} 的指纹或份数不合理。",
                f"The hash or copy number of the paper {event.number} makes no sense.",
            )
        case AllowanceClosed() if not 0 <= event.spent_fen <= MAX_AMOUNT_FEN:
            return Bilingual(
                f"额度 {event.grant_id} 的已用金额 {event.spent_fen} 分不合理。",
                f"The sum spent of the allowance {event.grant_id}, {event.spent_fen} fen, makes no sense.",
            )
        case _:
            return None


def _own_number(event: AnyEvent) -> str | None:
    """Return the number that the event takes from the device's blocks."""
    match event:
        case CaseOpened():
            return event.case_no
        case SlipIssued():
            return event.slip_no
        case NumberSpoiled():
            return event.number
        case _:
            return None
