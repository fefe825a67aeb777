"""The registers a station keeps, and the columns of each, as data.

Promise: a column is a ``FieldSpec``: its kind says what a cell holds (fen, ISO day, ISO instant, whole number, one of several choices, text), so
that screen, workbook and text file show the same cell each in its own way.

Source: notes/domain.md §7 (registers of numbered papers, voided ones and counts); docs/adr/0141.
"""

from __future__ import annotations

from enum import StrEnum

from claims.errors import Bilingual
from claims.events import Outcome
from claims.form_fields import Choice, FieldKind, FieldSpec
from claims.lifecycle import STATE_NAMES
from claims.materials import CLAIM_TYPE_NAMES
from claims.records import Acknowledgement, PaperState


class RegisterKind(StrEnum):
    """Which register. The value is what the command line takes."""

    VOUCHERS = "vouchers"
    SLIPS = "slips"
    DOCUMENTS = "documents"
    BLANKS = "blanks"
    VOIDED = "voided"
    DAY_COUNTS = "day-counts"
    VERIFIED = "verified"
    CASES = "cases"


REGISTER_NAMES: dict[RegisterKind, Bilingual] = {
    RegisterKind.VOUCHERS: Bilingual("给付凭证登记簿", "Register of vouchers"),
    RegisterKind.SLIPS: Bilingual("资料签收单登记簿", "Register of acceptance slips"),
    RegisterKind.DOCUMENTS: Bilingual("文书登记簿", "Register of documents"),
    RegisterKind.BLANKS: Bilingual("空白单证登记簿", "Register of blank forms"),
    RegisterKind.VOIDED: Bilingual("作废单证登记簿", "Register of voided papers"),
    RegisterKind.DAY_COUNTS: Bilingual("日结清点登记簿", "Register of day-end counts"),
    RegisterKind.VERIFIED: Bilingual("凭证出示登记簿", "Register of vouchers presented"),
    RegisterKind.CASES: Bilingual("案件登记簿", "Register of cases"),
}
"""What each is called, and the name of its file."""

PAPER_STATES: dict[PaperState, Bilingual] = {
    PaperState.ASKED: Bilingual("待打印", "to print"),
    PaperState.RENDERED: Bilingual("待打印", "to print"),
    PaperState.PRINTED: Bilingual("已打印", "printed"),
    PaperState.HANDED_OVER: Bilingual("已交付", "handed over"),
    PaperState.VOIDED: Bilingual("已作废", "voided"),
    PaperState.REDEEMED: Bilingual("已兑付", "redeemed"),
}
PAPER_KINDS: dict[str, Bilingual] = {
    "voucher": Bilingual("给付凭证", "voucher"),
    "slip": Bilingual("资料签收单", "acceptance slip"),
    "document": Bilingual("文书", "document"),
    "case": Bilingual("案件号", "case number"),
}
BLANK_WAITING, BLANK_ENTERED, BLANK_SPOILED = "waiting", "entered", "spoiled"

_ACKS = (
    Choice(Acknowledgement.DISK.value, Bilingual("仅本机", "disk only")),
    Choice(Acknowledgement.CUSTODY.value, Bilingual("已托管", "in custody")),
    Choice(Acknowledgement.HQ.value, Bilingual("总部回执", "headquarters' receipt")),
)
_OUTCOMES = (
    Choice(Outcome.PRE_APPROVED.value, Bilingual("预赔通过", "pre-approved")),
    Choice(Outcome.REFERRED.value, Bilingual("转总部", "referred to headquarters")),
    Choice(Outcome.RECEIPT_ONLY.value, Bilingual("仅收资料", "papers taken in only")),
)
_SETTLEMENTS = (
    Choice("settled", Bilingual("已结", "settled")),
    Choice("hold", Bilingual("总部在复核", "held for a person at headquarters")),
)
_BLANK_STATES = (
    Choice(BLANK_WAITING, Bilingual("空白，未用", "blank, not used")),
    Choice(BLANK_ENTERED, Bilingual("已填写并补录", "filled in and entered")),
    Choice(BLANK_SPOILED, Bilingual("已作废", "spoiled")),
)


def _column(
    key: str, zh: str, en: str, kind: FieldKind = FieldKind.TEXT, choices: tuple[Choice, ...] = ()
) -> FieldSpec:
    return FieldSpec(key=key, kind=kind, label=Bilingual(zh, en), choices=choices)


def _at(key: str, zh: str, en: str) -> FieldSpec:
    return _column(key, zh, en, FieldKind.INSTANT)


_NUMBER = _column("number", "单证编号", "Paper number")
_ISSUED = _at("issued_at", "出具时间", "Issued at")
_CASE = _column("case_no", "案件号", "Case")
_INSURED = _column("insured", "被保险人", "Insured")
_STATE = _column(
    "state", "状态", "State", FieldKind.CHOICE, tuple(Choice(each.value, name) for each, name in PAPER_STATES.items())
)
_COPIES = _column("copies", "成稿次数", "Times drawn", FieldKind.NUMBER)
_PRINTED = _at("printed_at", "首次打印时间", "First printed at")
_HANDED = _at("handed_at", "交付时间", "Handed over at")
_RECEIVER = _column("receiver", "签收人", "Received by")
_REASON = _column("reason", "作废原因", "Reason for voiding")
_ACK = _column("ack", "记录所在", "Record held by", FieldKind.CHOICE, _ACKS)
_PAPER = _column("paper", "单证名称", "Paper")
_AMOUNT = _column("amount", "金额（元）", "Sum (yuan)", FieldKind.AMOUNT)
_KIND = _column(
    "kind", "种类", "Kind", FieldKind.CHOICE, tuple(Choice(value, name) for value, name in PAPER_KINDS.items())
)
_LIFE = (_STATE, _COPIES, _PRINTED, _HANDED, _RECEIVER, _REASON)

REGISTER_COLUMNS: dict[RegisterKind, tuple[FieldSpec, ...]] = {
    RegisterKind.VOUCHERS: (
        _NUMBER,
        _ISSUED,
        _CASE,
        _INSURED,
        _column("policy_no", "保单号", "Policy"),
        _column("payee", "领款人", "Payee"),
        _column("account", "收款账号（中间隐去）", "Account (middle hidden)"),
        _AMOUNT,
        *_LIFE,
        _column("settlement", "总部结果", "Headquarters' answer", FieldKind.CHOICE, _SETTLEMENTS),
        _ACK,
    ),
    RegisterKind.SLIPS: (
        _NUMBER,
        _ISSUED,
        _CASE,
        _INSURED,
        _column("outcome", "处理结果", "Outcome", FieldKind.CHOICE, _OUTCOMES),
        _column("reasons", "未出凭证的原因", "Why no voucher"),
        *_LIFE,
        _ACK,
    ),
    RegisterKind.DOCUMENTS: (
        _NUMBER,
        _ISSUED,
        _PAPER,
        _CASE,
        _INSURED,
        _column("blank", "手填空白单证", "Filled in by hand", FieldKind.YES_NO),
        *_LIFE,
        _ACK,
    ),
    RegisterKind.BLANKS: (
        _NUMBER,
        _at("prepared_at", "领用时间", "Prepared at"),
        _PAPER,
        _column("blank_state", "状态", "State", FieldKind.CHOICE, _BLANK_STATES),
        _CASE,
        _column("filled_on", "填写日期", "Filled in on", FieldKind.DATE),
        _RECEIVER,
        _REASON,
        _ACK,
    ),
    RegisterKind.VOIDED: (
        _NUMBER,
        _KIND,
        _PAPER,
        _ISSUED,
        _at("voided_at", "作废时间", "Voided at"),
        _CASE,
        _AMOUNT,
        _REASON,
        _ACK,
    ),
    RegisterKind.DAY_COUNTS: (
        _column("day", "日期", "Day", FieldKind.DATE),
        _at("counted_at", "清点时间", "Counted at"),
        _column("counted", "清点张数", "Counted", FieldKind.NUMBER),
        _column("recorded", "应有张数", "On record", FieldKind.NUMBER),
        _column("agrees", "相符", "Agrees", FieldKind.YES_NO),
        _column("differences", "差异", "Differences"),
    ),
    RegisterKind.VERIFIED: (
        _at("presented_at", "出示时间", "Presented at"),
        _column("number", "凭证编号", "Voucher number"),
        _column("device", "出具设备", "Issued by device"),
        _column("presented_by", "出示人", "Presented by"),
        _column("code_sha256", "二维码内容 SHA-256", "SHA-256 of the code"),
    ),
    RegisterKind.CASES: (
        _CASE,
        _at("opened_at", "报案时间", "Reported at"),
        _INSURED,
        _column(
            "claim_type",
            "理赔类型",
            "Claim type",
            FieldKind.CHOICE,
            tuple(Choice(each.value, name) for each, name in CLAIM_TYPE_NAMES.items()),
        ),
        _column("loss_date", "出险日期", "Date of loss", FieldKind.DATE),
        _column("loss_place", "出险地点", "Place of loss"),
        _column("catastrophe", "突发事件", "Catastrophe"),
        _column("policies", "保单号", "Policies"),
        _column(
            "case_state",
            "案件状态",
            "State of the case",
            FieldKind.CHOICE,
            tuple(Choice(each.value, name) for each, name in STATE_NAMES.items()),
        ),
        _column("outcome", "处理结果", "Outcome", FieldKind.CHOICE, _OUTCOMES),
        _column("payable", "应付金额（元）", "Payable (yuan)", FieldKind.AMOUNT),
        _ACK,
    ),
}
"""The columns of each register, in reading order."""
