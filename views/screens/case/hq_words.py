"""What headquarters and other stations said of a case, in words: short for the summary, whole for the report. Pure: no widget.

Promise: each word stands with its day and its sum as headquarters sent it; what waits for a decision says that it waits, and both values stand there.

Source: design.md "Conflicts"; docs/adr/0157, 0158, 0164.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from claims.amounts import yuan
from claims.correctable_fields import field_name
from claims.errors import Bilingual
from claims.overviews import CaseStanding
from claims.records import FieldChangeRecord, FieldReviewRecord
from claims.statements import CasesLinked, PaymentReported
from claims.trusted_time import beijing_short
from views.case_words import short_number
from views.sentences import capital

FROM_HQ = Bilingual("总部说", "From headquarters")
_PAID = {
    "paid": Bilingual("已付", "paid"),
    "returned": Bilingual("银行退回", "returned by the bank"),
    "refused": Bilingual("银行拒付", "refused by the bank"),
}
_PAID_SHORT = {
    "paid": Bilingual("已付", "Paid"),
    "returned": Bilingual("退回", "Returned"),
    "refused": Bilingual("拒付", "Refused"),
}


@dataclass(frozen=True)
class HqWord:
    """One word. ``short`` and ``right`` stand in a narrow row, ``whole`` says all of it; ``colour`` and ``icon`` are its sign."""

    short: Bilingual
    right: Bilingual
    whole: Bilingual
    icon: str
    colour: str = "text"


def said_by_headquarters(standing: CaseStanding) -> tuple[HqWord, ...]:
    """Return every word, what a person should know first on top; decided reviews are history and come last."""
    return tuple(_words(standing))


def change_words(change: FieldChangeRecord, standing: CaseStanding) -> Bilingual:
    """Return a change of a field: from what to what, why, when and by whom."""
    name, at = field_name(change.field), beijing_short(change.at, standing.at.at)
    if change.by_headquarters:
        return Bilingual(
            f"{name.zh}：总部定为“{change.value or '空'}”（{at}）。",
            f'{capital(name).en}: headquarters says "{change.value or "nothing"}" ({at}).',
        )
    return Bilingual(
        f"{name.zh}：“{change.base or '空'}”改为“{change.value or '空'}”（{at}）。理由：{change.reason}",
        f'{capital(name).en}: "{change.base or "nothing"}" became "{change.value or "nothing"}" ({at}). Why: {change.reason}',
    )


def _words(standing: CaseStanding) -> Iterator[HqWord]:
    if standing.withdrawn is not None:
        why = standing.withdrawn
        yield HqWord(
            Bilingual("总部已结案", "Closed by headquarters"),
            Bilingual("", ""),
            Bilingual(f"总部已结束本案：{why.zh}", f"Headquarters closed this case: {why.en}"),
            "void",
            "amber",
        )
    for review in standing.reviews:
        if review.value is None:
            yield _review(review)
    newest: set[str] = set()
    for payment in reversed(standing.payments):
        yield _payment(payment, over=payment.voucher_no in newest)
        newest.add(payment.voucher_no)
    for link in standing.links:
        yield _link(link)
    for review in standing.reviews:
        if review.value is not None:
            yield _review(review)


def _payment(payment: PaymentReported, *, over: bool) -> HqWord:
    """Return what the bank said; ``over``: it said something newer of the same voucher."""
    word = _PAID.get(payment.status, Bilingual(payment.status, payment.status))
    day, fen = payment.on.isoformat(), yuan(payment.amount_fen)
    paid = payment.status == "paid"
    why = payment.reason
    zh = f"{day} {word.zh} {fen} 元（凭证 {payment.voucher_no}）"
    en = f"{day} {word.en}: {fen} yuan (voucher {payment.voucher_no})"
    whole = Bilingual(f"{zh}：{why.zh}" if why.zh else f"{zh}。", f"{en}: {why.en}" if why.en else f"{en}.")
    named = _PAID_SHORT.get(payment.status, word)
    return HqWord(
        Bilingual(f"{named.zh} {day[5:]}", f"{named.en} {day[5:]}"),
        Bilingual(fen, fen),
        whole,
        "pass" if paid else "warn",
        "text2" if over else "accent" if paid else "amber",
    )


def _link(link: CasesLinked) -> HqWord:
    number = short_number(link.other_case_no)
    return HqWord(
        Bilingual(f"同一损失 {number}", f"Same loss {number}"),
        Bilingual(link.other_station, link.other_station),
        Bilingual(
            f"{link.other_station} 的案件 {link.other_case_no} 是同一笔损失：{link.reason.zh}两案分开办理，总部只结算一次。",
            f"Case {link.other_case_no} at {link.other_station} is about the same loss: {link.reason.en} They stay two cases; headquarters settles once.",
        ),
        "peers",
    )


def _review(review: FieldReviewRecord) -> HqWord:
    name = field_name(review.field)
    values_zh = "、".join(f"“{each or '空'}”" for each in review.values)
    values_en = ", ".join(f'"{each or "nothing"}"' for each in review.values)
    if review.value is None:
        return HqWord(
            Bilingual(f"复核 {name.zh}", f"Review: {name.en}"),
            Bilingual("待定", "open"),
            Bilingual(
                f"{name.zh}有两个值：{values_zh}。都已保留，请向客户核实并告诉总部哪个正确。",
                f"The {name.en} has two values: {values_en}. Both are kept; ask the claimant and tell headquarters which is right.",
            ),
            "clock",
            "amber",
        )
    return HqWord(
        Bilingual(f"已定 {name.zh}", f"Decided: {name.en}"),
        Bilingual("", ""),
        Bilingual(
            f"{name.zh}曾有 {values_zh}，总部定为“{review.value or '空'}”。",
            f'The {name.en} had {values_en}; headquarters decided on "{review.value or "nothing"}".',
        ),
        "check",
        "text2",
    )
