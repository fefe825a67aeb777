"""Headquarters' final decision on a claim, said to the laptop that holds the case so that the notice is printed where the claimant is.

Promise: a decision is signed once, for a case whose opening is held, to the newest life of the device that opened it; nothing is declined
while a promise of the same case stands. Words that must stand on a notice are never empty.

Source: notes/domain.md §1.1, §7 (refusal notice), Insurance Law art. 24; docs/adr/0135.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.amounts import MAX_AMOUNT_FEN, yuan
from claims.errors import Bilingual, InputError
from claims.events import CaseOpened
from claims.lifecycle import FinalDecision
from claims.statements import ClaimDecided, decode_statement
from claims.trusted_time import beijing_date
from headquarters.devices import STOPPED, current_device, reason_of
from headquarters.installation import Headquarters
from headquarters.log_intake import opening_of
from headquarters.models import Device, FeedItem, Verdict, Voucher
from headquarters.prepaid_above_benefit import look_at_refusal
from headquarters.statements_out import kind_of, say
from headquarters.turn import Turn
from trust.statements import open_statement

NOT_PAYING = frozenset({FinalDecision.DECLINE, FinalDecision.RESCIND})
MAX_WORDS = 4000
"""More does not fit on a notice that somebody is to read."""
DECIDED_BY = "总部核赔岗"


@dataclass(frozen=True)
class NewDecision:
    """What a person at headquarters decided. ``policy_no`` None: for every policy of the case; sums in fen."""

    case_no: str
    decision: FinalDecision
    facts: str
    clause: str
    grounds: str
    policy_no: str | None = None
    amount_fen: int = 0
    refund_fen: int = 0
    decided_by: str = DECIDED_BY
    decided_on: date | None = None


def decide_claim(hq: Headquarters, new: NewDecision) -> ClaimDecided:
    """Sign a decision into the feed of the laptop that holds the case; return it as said, without its place in the feed.

    Raises:
        InputError: ``case_unknown``, ``policy_not_in_case``, ``words_missing``, ``words_too_long``, ``sum_impossible``, ``day_impossible``,
            ``promise_stands``, ``decided_already``, ``device_stopped``.
    """
    at = hq.now()
    with hq.database.write() as session:
        opened, opened_by = _opening(session, new.case_no)
        device = current_device(session, opened_by)
        if device.state in STOPPED:
            raise _stopped(device, new.case_no)
        decided_on = new.decided_on or beijing_date(at)
        _check_policy(opened, new.policy_no)
        _check_words(new)
        _check_sums(new)
        _check_day(decided_on, beijing_date(opened.at), beijing_date(at))
        if new.decision in NOT_PAYING:
            _check_promises(session, new)
        make = partial(
            ClaimDecided,
            case_no=new.case_no,
            policy_no=new.policy_no,
            decision=new.decision.value,
            decided_on=decided_on,
            decided_by=new.decided_by.strip(),
            facts=new.facts.strip(),
            clause=new.clause.strip(),
            grounds=new.grounds.strip(),
            amount_fen=new.amount_fen,
            refund_fen=new.refund_fen,
        )
        said = make(statement_id="", device=device.device, epoch=device.epoch, issued_at=at)
        if said in _said_before(hq, session, device, said):
            raise InputError(
                "decided_already",
                Bilingual(
                    f"案件 {new.case_no} 已有一份内容完全相同的决定。",
                    f"The very same decision on case {new.case_no} was sent already.",
                ),
                Bilingual(
                    "不需要重复发送，服务站同步后即可打印。",
                    "Nothing more to do: the station prints it after its next sync.",
                ),
            )
        say(Turn(hq, session, device, at), make)
        if new.decision in NOT_PAYING:
            look_at_refusal(hq, session, new.case_no, new.policy_no, at)
        return said


def _opening(session: Session, case_no: str) -> tuple[CaseOpened, str]:
    found = opening_of(session, case_no)
    if found is None:
        raise InputError(
            "case_unknown",
            Bilingual(f"总部没有案件 {case_no[:40]} 的记录。", f"Headquarters has no case {case_no[:40]}."),
            Bilingual(
                "请核对案件号；如果刚刚报案，请等服务站同步后再决定。",
                "Check the number; if it was reported just now wait for the station's sync.",
            ),
        )
    return found


def _check_policy(opened: CaseOpened, policy_no: str | None) -> None:
    if policy_no is None or policy_no in opened.policy_nos:
        return
    known = "、".join(opened.policy_nos) or "—"
    raise InputError(
        "policy_not_in_case",
        Bilingual(
            f"保单 {policy_no[:40]} 不在案件 {opened.case_no} 里（案件的保单：{known}）。",
            f"Policy {policy_no[:40]} is not in case {opened.case_no} (its policies: {known}).",
        ),
        Bilingual(
            "请核对保单号，或不写 --policy 对全案决定。",
            "Check the number, or leave --policy out to decide the whole case.",
        ),
    )


def _check_words(new: NewDecision) -> None:
    for words, zh, en in (
        (new.facts, "事实", "facts"),
        (new.clause, "条款", "clause"),
        (new.grounds, "理由", "grounds"),
        (new.decided_by, "决定人", "name of who decided"),
    ):
        if not words.strip():
            raise InputError(
                "words_missing",
                Bilingual(f"没有写明{zh}。", f"The {en} are missing."),
                Bilingual(
                    "通知书上必须写明事实、条款原文和理由。",
                    "The notice must state the facts, the clause's wording and the grounds.",
                ),
            )
        if len(words) > MAX_WORDS:
            raise InputError(
                "words_too_long",
                Bilingual(
                    f"{zh}有 {len(words)} 字，最多 {MAX_WORDS} 字。",
                    f"The {en} have {len(words)} characters; {MAX_WORDS} fit.",
                ),
                Bilingual("请写得简明一些。", "Put it more briefly."),
            )


def _check_sums(new: NewDecision) -> None:
    wrong: Bilingual | None = None
    for amount_fen in (new.amount_fen, new.refund_fen):
        if not 0 <= amount_fen <= MAX_AMOUNT_FEN:
            wrong = Bilingual(
                f"金额 {yuan(amount_fen)} 元不合理。", f"The sum of {yuan(amount_fen)} yuan makes no sense."
            )
    if new.decision in NOT_PAYING and new.amount_fen:
        wrong = Bilingual(
            f"不予给付的决定不能有给付金额（{yuan(new.amount_fen)} 元）。",
            f"A decision not to pay can't have a sum to pay ({yuan(new.amount_fen)} yuan).",
        )
    if new.decision not in NOT_PAYING and new.decision is not FinalDecision.WAIVER and not new.amount_fen:
        wrong = Bilingual("给付的决定必须写明金额。", "A decision to pay must state the sum.")
    if wrong is not None:
        raise InputError(
            "sum_impossible",
            wrong,
            Bilingual(
                "给付金额用 --amount，退还的保险费或现金价值用 --refund。",
                "Give what is paid by --amount, and premium or cash value that goes back by --refund.",
            ),
        )


def _check_day(decided_on: date, opened_on: date, today: date) -> None:
    if opened_on <= decided_on <= today:
        return
    raise InputError(
        "day_impossible",
        Bilingual(
            f"决定日期 {decided_on} 应在报案日 {opened_on} 与今天 {today} 之间。",
            f"The day of the decision, {decided_on}, must lie between the report on {opened_on} and today, {today}.",
        ),
        Bilingual("请改正 --on。", "Correct --on."),
    )


def _check_promises(session: Session, new: NewDecision) -> None:
    standing = select(Voucher).where(
        Voucher.case_no == new.case_no, Voucher.verdict.in_((Verdict.SETTLED, Verdict.HOLD))
    )
    if new.policy_no is not None:
        standing = standing.where(Voucher.policy_no == new.policy_no)
    voucher = session.scalars(standing.order_by(Voucher.voucher_no).limit(1)).first()
    if voucher is not None:
        raise InputError(
            "promise_stands",
            Bilingual(
                f"案件 {new.case_no} 的凭证 {voucher.voucher_no}（{yuan(voucher.amount_fen)} 元）仍然有效，不能拒付。",
                f"Voucher {voucher.voucher_no} of case {new.case_no} ({yuan(voucher.amount_fen)} yuan) stands: the claim can't be refused.",
            ),
            Bilingual(
                "纸上的承诺不会自行失效：请先由专人处理这张凭证，作废后再决定。",
                "A promise on paper does not lapse by itself: have a person settle the voucher; decide once it is voided.",
            ),
        )


def _said_before(hq: Headquarters, session: Session, device: Device, said: ClaimDecided) -> list[ClaimDecided]:
    """Return the decisions in the device's feed, made comparable with a new one."""
    rows = session.scalars(
        select(FeedItem.raw).where(
            FeedItem.device == device.device, FeedItem.epoch == device.epoch, FeedItem.kind == kind_of(said)
        )
    )
    found = []
    for raw in rows:
        before = decode_statement(open_statement(raw, hq.trust_store())[1])
        if isinstance(before, ClaimDecided):
            found.append(msgspec.structs.replace(before, statement_id=said.statement_id, issued_at=said.issued_at))
    return found


def _stopped(device: Device, case_no: str) -> InputError:
    reason = reason_of(device)
    return InputError(
        "device_stopped",
        Bilingual(
            f"案件 {case_no} 在设备 {device.device} 上，它已停用（{reason.zh}）。",
            f"Case {case_no} is on device {device.device}, which is stopped ({reason.en}).",
        ),
        Bilingual(
            "请重新登记该设备后再决定，或直接书面通知申请人。",
            "Enrol the device again and decide then, or write to the claimant directly.",
        ),
    )
