"""What headquarters looks at in an event when it arrives: is it sane, what is it about, does it need work.

Promise: a rule here rejects nonsense (negative sums, foreign numbers), never a promise that somebody may hold on paper: a
voucher that can be read is always settled or held for a person.
"""

from __future__ import annotations

from collections.abc import Callable

from claims.amounts import MAX_AMOUNT_FEN
from claims.errors import Bilingual, InputError
from claims.events import (
    AllowanceClosed,
    AllowanceReceived,
    AllowanceTransferred,
    AnyEvent,
    BlankEntered,
    BlanksPrepared,
    BoxKeyAnnounced,
    CaseCorrected,
    CaseOpened,
    DayCounted,
    DeterminationMade,
    DocumentAdded,
    NumberSpoiled,
    PaperAsked,
    PaperKind,
    PaperRedeemed,
    PaperRendered,
    SlipIssued,
    VoucherIssued,
    VoucherRecovered,
    VoucherVoided,
)
from claims.numbering import parse_number
from headquarters.blobs import MAX_FILE_BYTES, is_sha256
from headquarters.models import Device
from headquarters.number_blocks import number_prefix, taken_numbers
from trust.boxes import BOX_KEY_BYTES

_PROCESSED_LATER = (
    CaseOpened,
    CaseCorrected,
    DeterminationMade,
    VoucherIssued,
    VoucherRecovered,
    VoucherVoided,
    SlipIssued,
    AllowanceClosed,
    AllowanceTransferred,
    AllowanceReceived,
)


_NEW_PAPERS = (PaperAsked, BlanksPrepared, BlankEntered)


def needs_processing(event: AnyEvent) -> bool:
    """Tell whether the event is replayed, settled or reckoned with after it was stored."""
    return isinstance(event, _PROCESSED_LATER)


def subject_of(event: AnyEvent) -> str | None:
    """Return the number, grant or hash that the event is about, for look-ups across events."""
    match event:
        case VoucherIssued() | VoucherVoided() | PaperRedeemed():
            return event.voucher_no
        case PaperAsked() | BlankEntered() | NumberSpoiled():
            return event.number
        case SlipIssued() | CaseOpened() | CaseCorrected() | DeterminationMade():
            return event.case_no
        case (
            AllowanceClosed(grant_id=subject)
            | AllowanceTransferred(transfer_id=subject)
            | AllowanceReceived(transfer_id=subject)
        ):
            return subject
        case DocumentAdded():
            return event.sha256
        case _:
            return None


def broken_rule(event: AnyEvent, device: Device, knows_case: Callable[[str], bool]) -> Bilingual | None:
    """Return why the event can't be taken, or None.

    Args:
        device: who wrote it; every number it takes must be of its own prefix (``QX07-D3``).
        knows_case: whether a case of this number was opened on any laptop whose log is held.
    """
    return _broken_number(event, device) or _unknown_case(event, knows_case) or _nonsense(event)


def _broken_number(event: AnyEvent, device: Device) -> Bilingual | None:
    own = f"{device.station}-{device.device}"
    for kind, number in _numbers_of(event):
        # What older programs wrote is held to the device's prefix; papers are held to the block of their kind as well.
        if not number.startswith(f"{own}-"):
            return Bilingual(
                f"号码 {number} 不属于本设备（{own}）。", f"The number {number} is not of this device ({own})."
            )
        if isinstance(event, _NEW_PAPERS) and not _is_of_kind(number, number_prefix(device, kind)):
            return Bilingual(
                f"号码 {number} 不是这类单证的号码，或校验位不对。",
                f"{number} is no number of this kind of paper, or its check digits are wrong.",
            )
    return None


def _numbers_of(event: AnyEvent) -> tuple[tuple[str, str], ...]:
    match event:
        case VoucherIssued():
            # Somebody may hold it: it is settled or held for a person whatever its number looks like.
            return ()
        case BlankEntered():
            return ((event.kind.value, event.number),)
        case _:
            return taken_numbers(event)


def _is_of_kind(number: str, prefix: str) -> bool:
    try:
        return parse_number(number).prefix == prefix
    except InputError:
        return False


def _unknown_case(event: AnyEvent, knows_case: Callable[[str], bool]) -> Bilingual | None:
    if isinstance(event, PaperAsked | BlankEntered) and event.case_no is not None and not knows_case(event.case_no):
        return Bilingual(
            f"单证 {event.number} 所属的案件 {event.case_no} 总部没有记录。",
            f"Headquarters has no case {event.case_no}, to which the paper {event.number} should belong.",
        )
    return None


def _nonsense(event: AnyEvent) -> Bilingual | None:
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
        case BoxKeyAnnounced() if len(event.public_key) != BOX_KEY_BYTES:
            return Bilingual(
                f"封存公钥应为 {BOX_KEY_BYTES} 字节，实为 {len(event.public_key)}。",
                f"A box key has {BOX_KEY_BYTES} bytes, not {len(event.public_key)}.",
            )
        case AllowanceClosed() if not 0 <= event.spent_fen <= MAX_AMOUNT_FEN:
            return Bilingual(
                f"额度 {event.grant_id} 的已用金额 {event.spent_fen} 分不合理。",
                f"The sum spent of the allowance {event.grant_id}, {event.spent_fen} fen, makes no sense.",
            )
        case AllowanceTransferred() | AllowanceReceived() if not 0 < event.amount_fen <= MAX_AMOUNT_FEN:
            return Bilingual(
                f"调拨 {event.transfer_id} 的金额 {event.amount_fen} 分不合理。",
                f"The sum of transfer {event.transfer_id}, {event.amount_fen} fen, makes no sense.",
            )
        case _:
            return _nonsense_paper(event)


def _nonsense_paper(event: AnyEvent) -> Bilingual | None:
    match event:
        case BlanksPrepared() if not event.numbers or len(set(event.numbers)) != len(event.numbers):
            return Bilingual("空白单证没有号码，或号码重复。", "Blank forms have no number, or the same number twice.")
        case BlanksPrepared(kind=PaperKind.VOUCHER) | BlankEntered(kind=PaperKind.VOUCHER):
            return Bilingual("给付凭证没有空白件。", "There are no blank vouchers: each is signed for one promise.")
        case PaperRedeemed() if not is_sha256(event.code_sha256):
            return Bilingual(
                f"凭证 {event.voucher_no} 的核验指纹不合理。",
                f"The hash of the code presented for voucher {event.voucher_no} makes no sense.",
            )
        case VoucherRecovered() if not is_sha256(event.source_sha256):
            return Bilingual(
                f"找回凭证的来源文件 {event.source} 指纹不合理。",
                f"The hash of the file {event.source}, from which a voucher was recovered, makes no sense.",
            )
        case DayCounted() if event.counted < 0 or event.recorded < 0:
            return Bilingual(
                f"{event.day} 的清点数（{event.counted}、{event.recorded}）不合理。",
                f"The counts of {event.day} ({event.counted}, {event.recorded}) make no sense.",
            )
        case _:
            return None
