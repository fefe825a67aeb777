"""What a person decides of a promise that waits.

Promise: a decision is taken once, with name, instant and reason, and answered in the feeds of the laptops that wait for it. What would pass a
limit needs a second person and is booked as exposure that came true. Nothing is ever decided by waiting.

Source: docs/adr/0156, docs/adr/0165.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from claims.amounts import yuan
from claims.errors import Bilingual, InputError
from headquarters.hold_evidence import Ground, colliding, ground_of, hold_id, waiting_devices
from headquarters.hold_ledger import Part, own_settlements, realise, settle_parts, take_back
from headquarters.holds import HoldChoice, decided_already, open_row, vouchers_named
from headquarters.installation import Headquarters
from headquarters.models import Verdict, Voucher
from headquarters.models_payments import HoldDecision, RealisedExposure
from headquarters.payment_instructions import note_above, out_of, recall_if_sent
from headquarters.restores import require_allowances_open
from headquarters.settlement import answer
from headquarters.station_tasks import assign
from headquarters.turn import Turn
from headquarters.webhooks import FactKind, note_fact
from headquarters.wrong_input import wrong_input

MAX_REASON = 1000


@dataclass(frozen=True)
class NewHoldDecision:
    """``voucher``: its number, or its hold id where the number was used twice. ``amount_fen`` None: the whole promise."""

    voucher: str
    choice: HoldChoice
    by: str
    reason: str
    amount_fen: int | None = None
    beyond_limit: bool = False
    second: str | None = None


@dataclass(frozen=True)
class HoldDecided:
    """What was decided. ``again``: the same person had decided the same before, and nothing changed. ``passed``: which limits, in words."""

    hold_id: str
    voucher_no: str
    choice: HoldChoice
    settled_fen: int
    beyond_fen: int
    passed: tuple[Bilingual, ...] = ()
    again: bool = False


def decide_hold(hq: Headquarters, new: NewHoldDecision) -> HoldDecided:
    """Carry out a person's decision on a hold and answer it in the devices' feeds.

    Raises:
        InputError: ``hold_unknown``, ``hold_ambiguous``, ``hold_decided`` (somebody else was faster, with name and instant), ``words_missing``,
            ``sum_impossible``, ``above_promise``, ``beyond_limit`` (with what would be passed), ``second_missing``,
            ``no_duplicate``, ``recovering``.
    """
    _check_words(new)
    return hq.database.run(partial(_decide, hq, new))


def _decide(hq: Headquarters, new: NewHoldDecision, session: Session) -> HoldDecided:
    before = _decided_before(session, new)
    if before is not None:
        return before
    voucher = open_row(session, new.voucher)
    ground, at = ground_of(hq, session, voucher), hq.now()
    match new.choice:
        case HoldChoice.SETTLE:
            # A restored headquarters may have forgotten allowances and settlements that this would pass.
            require_allowances_open(hq, session, voucher.voucher_no)
            decided = _settle(hq, session, voucher, ground, new, at)
        case HoldChoice.REFUSE_DUPLICATE:
            decided = _refuse(session, voucher, ground)
        case HoldChoice.VOID:
            decided = HoldDecided(hold_id(voucher), voucher.voucher_no, new.choice, 0, 0)
    if new.choice is not HoldChoice.SETTLE and not recall_if_sent(session, voucher, new.reason, at):
        # Money that may have left comes off the ledgers when the bank says that it is back.
        take_back(session, voucher, ground)
    verdict = _VERDICTS[new.choice]
    reason = _told(new, decided)
    voucher.verdict, voucher.decided_by, voucher.decided_at = verdict, new.by.strip(), at
    voucher.reason_zh, voucher.reason_en = reason.zh, reason.en
    _keep(session, voucher, new, decided, at)
    session.flush()
    _tell(hq, session, voucher, ground, verdict=verdict, decided=decided, reason=reason, at=at)
    note_fact(
        hq,
        session,
        FactKind.HOLD_DECIDED,
        at,
        voucher_no=voucher.voucher_no,
        case_no=voucher.case_no,
        decision=new.choice.value,
        settled_fen=decided.settled_fen,
        beyond_fen=decided.beyond_fen,
        decided_by=new.by.strip(),
    )
    return decided


def _settle(  # noqa: PLR0917 - a decision on one voucher, seen from all sides
    hq: Headquarters, session: Session, voucher: Voucher, ground: Ground, new: NewHoldDecision, at: datetime
) -> HoldDecided:
    amount_fen = voucher.amount_fen if new.amount_fen is None else new.amount_fen
    if amount_fen <= 0:
        raise wrong_input(
            "sum_impossible",
            f"结算 {yuan(amount_fen)} 元不合理。",
            f"Settling {yuan(amount_fen)} yuan makes no sense.",
        )
    if amount_fen > voucher.amount_fen:
        raise wrong_input(
            "above_promise",
            f"结算 {yuan(amount_fen)} 元多于凭证 {voucher.voucher_no} 的 {yuan(voucher.amount_fen)} 元。",
            f"{yuan(amount_fen)} yuan are more than the {yuan(voucher.amount_fen)} that voucher {voucher.voucher_no} promises.",
        )
    own_fen, out_fen = (
        sum(each.amount_fen for each in own_settlements(session, voucher, ground)),
        out_of(session, voucher),
    )
    booked_fen = amount_fen
    if amount_fen < out_fen:
        # It can't become less than what left: the ledgers stay until that is back, and a person sees to it.
        note_above(hq, session, voucher, amount_fen, at)
        booked_fen = max(amount_fen, min(own_fen, out_fen))
    if booked_fen < own_fen:
        # Less than it was settled with before the station voided it: that comes off the ledgers first.
        take_back(session, voucher, ground)
    # What was let through before is decided anew with the rest.
    session.execute(delete(RealisedExposure).where(RealisedExposure.hold_id == hold_id(voucher)))
    parts = settle_parts(session, voucher, ground, booked_fen, at)
    beyond_fen = sum(each.beyond_fen for each in parts)
    passed = _passed(parts)
    if beyond_fen:
        _require_second(new, amount_fen - beyond_fen, beyond_fen, passed)
        realise(session, voucher, parts, by=new.by.strip(), second=(new.second or "").strip(), at=at)
    return HoldDecided(
        hold_id(voucher),
        voucher.voucher_no,
        new.choice,
        amount_fen - beyond_fen,
        beyond_fen,
        passed if beyond_fen else (),
    )


def _require_second(new: NewHoldDecision, within_fen: int, beyond_fen: int, passed: Sequence[Bilingual]) -> None:
    said = Bilingual("".join(each.zh for each in passed), " ".join(each.en for each in passed))
    if not new.beyond_limit:
        raise InputError(
            "beyond_limit",
            Bilingual(
                f"只有 {yuan(within_fen)} 元在限额内，{yuan(beyond_fen)} 元将超出：{said.zh}",
                f"Only {yuan(within_fen)} yuan are within the limits, {yuan(beyond_fen)} would pass them: {said.en}",
            ),
            Bilingual(
                "可用 --amount 只结算限额内的部分；确需全额给付时，用 --beyond-limit 并由第二人 --second 共同决定。",
                "Settle what fits with --amount; to pay it in full use --beyond-limit with a second person, --second.",
            ),
        )
    second = (new.second or "").strip()
    if not second or second == new.by.strip():
        raise InputError(
            "second_missing",
            Bilingual(
                f"超出限额 {yuan(beyond_fen)} 元，须由另一人共同决定。",
                f"{yuan(beyond_fen)} yuan pass a limit: another person must decide as well.",
            ),
            Bilingual("请用 --second 写明第二位决定人。", "Name the second person with --second."),
        )


def _refuse(session: Session, voucher: Voucher, ground: Ground) -> HoldDecided:
    settled = [each for each in colliding(session, voucher, ground.issued) if each.verdict == Verdict.SETTLED]
    if not settled:
        raise InputError(
            "no_duplicate",
            Bilingual(
                f"没有其他已结算的凭证与 {voucher.voucher_no} 重复。",
                f"No other voucher that was settled is about the same as {voucher.voucher_no}.",
            ),
            Bilingual(
                "请结算本凭证（--settle），或写明理由作废（--void）。",
                "Settle this voucher (--settle), or void it with a reason (--void).",
            ),
        )
    return HoldDecided(
        hold_id(voucher),
        voucher.voucher_no,
        HoldChoice.REFUSE_DUPLICATE,
        0,
        0,
        tuple(
            Bilingual(f"同一损失已按凭证 {each.voucher_no} 结算。", f"Voucher {each.voucher_no} pays the same loss.")
            for each in settled[:1]
        ),
    )


def _told(new: NewHoldDecision, decided: HoldDecided) -> Bilingual:
    reason = new.reason.strip()
    match new.choice:
        case HoldChoice.SETTLE:
            fen = decided.settled_fen + decided.beyond_fen
            return Bilingual(
                f"总部人工核定，结算 {yuan(fen)} 元：{reason}",
                f"A person at headquarters settled {yuan(fen)} yuan: {reason}",
            )
        case HoldChoice.REFUSE_DUPLICATE:
            said = decided.passed[0]
            return Bilingual(
                f"总部人工核定，不另行给付：{said.zh}{reason}",
                f"A person at headquarters decided not to pay again: {said.en} {reason}",
            )
        case HoldChoice.VOID:
            return Bilingual(f"总部人工作废此凭证：{reason}", f"A person at headquarters voided the voucher: {reason}")


def _tell(
    hq: Headquarters,
    session: Session,
    voucher: Voucher,
    ground: Ground,
    *,
    verdict: Verdict,
    decided: HoldDecided,
    reason: Bilingual,
    at: datetime,
) -> None:
    promised_by = "" if ground.device is None else ground.device.device
    for device in waiting_devices(session, voucher.case_no, promised_by, voucher.device):
        turn = Turn(hq, session, device, at)
        answer(
            turn,
            case_no=voucher.case_no,
            voucher_no=voucher.voucher_no,
            replay=voucher.replay,
            verdict=verdict,
            amount_fen=decided.settled_fen + decided.beyond_fen or voucher.amount_fen,
            reason=reason,
        )
        if verdict is not Verdict.SETTLED:
            text = Bilingual(
                f"凭证 {voucher.voucher_no} 不再给付，请当面向客户说明并收回纸件：{reason.zh}",
                f"Voucher {voucher.voucher_no} will not be paid: tell the claimant in person and take the paper back. {reason.en}",
            )
            assign(turn, text, case_no=voucher.case_no)


def _keep(session: Session, voucher: Voucher, new: NewHoldDecision, decided: HoldDecided, at: datetime) -> None:
    count = session.scalar(
        select(func.count())
        .select_from(HoldDecision)
        .where(
            HoldDecision.device == voucher.device,
            HoldDecision.epoch == voucher.epoch,
            HoldDecision.seq == voucher.seq,
        )
    )
    session.add(
        HoldDecision(
            device=voucher.device,
            epoch=voucher.epoch,
            seq=voucher.seq,
            number=int(count or 0) + 1,
            voucher_no=voucher.voucher_no,
            decision=new.choice.value,
            amount_fen=decided.settled_fen,
            beyond_fen=decided.beyond_fen,
            decided_by=new.by.strip(),
            second=new.second.strip() if decided.beyond_fen and new.second else None,
            reason=new.reason.strip(),
            decided_at=at,
        )
    )


def _decided_before(session: Session, new: NewHoldDecision) -> HoldDecided | None:
    """Return the decision where the same person decided the same before; somebody else's is an ``InputError``."""
    rows = vouchers_named(session, new.voucher)
    if not rows or any(each.verdict == Verdict.HOLD for each in rows):
        return None
    found = session.scalars(
        select(HoldDecision)
        .where(HoldDecision.voucher_no == rows[0].voucher_no)
        .order_by(HoldDecision.decided_at.desc(), HoldDecision.number.desc())
    ).first()
    if found is None:
        return None
    asked_fen = rows[0].amount_fen if new.amount_fen is None else new.amount_fen
    same_sum = new.choice is not HoldChoice.SETTLE or asked_fen == found.amount_fen + found.beyond_fen
    if (found.decided_by, found.decision) != (new.by.strip(), new.choice.value) or not same_sum:
        raise decided_already(rows[0], found)
    return HoldDecided(hold_id(rows[0]), found.voucher_no, new.choice, found.amount_fen, found.beyond_fen, again=True)


def _check_words(new: NewHoldDecision) -> None:
    if not new.by.strip() or not new.reason.strip() or len(new.reason) > MAX_REASON:
        raise wrong_input(
            "words_missing",
            f"必须写明决定人和理由（理由不超过 {MAX_REASON} 字）。",
            f"Who decides and why must be said (at most {MAX_REASON} characters).",
        )


def _passed(parts: Sequence[Part]) -> tuple[Bilingual, ...]:
    return tuple(dict.fromkeys(each for part in parts if part.beyond_fen for each in part.passes))


_VERDICTS = {
    HoldChoice.SETTLE: Verdict.SETTLED,
    HoldChoice.REFUSE_DUPLICATE: Verdict.REFUSED,
    HoldChoice.VOID: Verdict.VOIDED,
}
