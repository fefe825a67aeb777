"""Money paid ahead (预付): an instalment of a loss before its final settlement.

Promise: every prepayment has a settlement key of its own (instalments 1, 2, ...), takes its room from the pools of the loss, also those that count
days, and lowers what the final settlement may come to; the final settlement is the instalment after the last prepayment, so a promise that knows
nothing of it has a key that is taken and waits for a person. The same order (``reference``) twice is one prepayment. Nothing is paid ahead on a
calculation that headquarters' own replay does not bear out, unless a second person takes that on, and nothing once a final promise stands.

Source: Insurance Law art. 25; notes/domain.md §1.1 (PREPAID); docs/adr/0156, docs/adr/0165.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.amounts import yuan
from claims.errors import Bilingual, InputError
from claims.events import CaseOpened, PayeeFact
from claims.reference import ExtractPolicy
from claims.settlement import loss_of, payee_key, settlement_key
from claims.statements import PrepaymentMade
from claims.trusted_time import beijing_text
from headquarters.advances import MOST_INSTALMENTS, advances
from headquarters.calculations import newest_calculation
from headquarters.devices import current_device
from headquarters.installation import Headquarters
from headquarters.log_intake import opening_of
from headquarters.models import Settlement, Verdict, Voucher
from headquarters.models_payments import Prepayment
from headquarters.policy_book import find_policy
from headquarters.pool_ledger import no_room, pool_take, take_from_pool
from headquarters.promise_keys import ANY_PAYEE, draws_of
from headquarters.restores import require_allowances_open
from headquarters.settlement import joined
from headquarters.statements_out import say
from headquarters.turn import Turn
from headquarters.webhooks import FactKind, note_fact
from headquarters.withdrawals import withdrawn_concern
from headquarters.wrong_input import wrong_input
from rules.engine.model import LiabilityResult, Unit


@dataclass(frozen=True)
class NewPrepayment:
    """What a person at headquarters pays ahead. ``payee`` with the full account; fen.

    ``reference`` is the number of the order as the file at headquarters bears it; ``confirmed_by`` the second person, where the calculation is not borne out.
    """

    case_no: str
    policy_no: str
    liability: str
    amount_fen: int
    payee: PayeeFact
    by: str
    reason: str
    reference: str
    confirmed_by: str | None = None


def prepay(hq: Headquarters, new: NewPrepayment) -> Prepayment:
    """Pay ahead on a loss, up to what the case's newest determination makes of it; tell the laptop that holds the case.

    The same order again (``reference``) changes nothing and returns what it made.

    Raises:
        InputError: ``case_unknown``, ``case_withdrawn``, ``policy_unknown``, ``no_determination``, ``sum_impossible``, ``words_missing``, ``account_missing``,
            ``reference_taken`` (by another order), ``not_borne_out`` (the replay, or headquarters' own data, speak against the calculation),
            ``final_promise_stands``, ``above_benefit``, ``pool_exhausted``, ``too_many_instalments``, ``recovering``.
    """
    _check_words(new)
    return hq.database.run(partial(_prepay, hq, new))


def _prepay(hq: Headquarters, new: NewPrepayment, session: Session) -> Prepayment:
    known = session.scalars(select(Prepayment).where(Prepayment.reference == new.reference.strip())).first()
    if known is not None:
        return _same_order(known, new)
    found = opening_of(session, new.case_no)
    if found is None:
        raise wrong_input(
            "case_unknown",
            f"总部没有案件 {new.case_no[:40]} 的记录。",
            f"Headquarters has no case {new.case_no[:40]}.",
            _NEXT,
        )
    case, opened_by = found
    withdrawn = withdrawn_concern(session, new.case_no)
    if withdrawn is not None:
        raise InputError("case_withdrawn", withdrawn, _NEXT)
    policy = find_policy(session, new.policy_no)
    if policy is None:
        raise wrong_input(
            "policy_unknown", f"总部没有保单 {new.policy_no}。", f"Headquarters has no policy {new.policy_no}.", _NEXT
        )
    # A restored headquarters may have forgotten allowances that keep this very room aside.
    require_allowances_open(hq, session, new.liability)
    liability = _calculated(hq, session, new, opened_by, case, policy)
    before = advances(session, new.policy_no, *loss_of(liability))
    _check_room(session, new, liability, before)
    at = hq.now()
    instalment = len(before) + 1

    def key(payee: str) -> str:
        return settlement_key(
            policy_no=new.policy_no,
            liability=liability.liability,
            loss_key=liability.loss_key,
            instalment=instalment,
            payee_key=payee,
        )

    pools: list[str] = []
    days: dict[str, int] = {}
    for pool in draws_of(liability, new.policy_no, policy.effective, case):
        take = pool_take(session, pool, key(ANY_PAYEE), liability, new.amount_fen)
        if pool[1].unit is Unit.FEN:
            take = replace(take, amount=min(take.amount, new.amount_fen))
        full = no_room(session, take, float_used=True)
        if full is not None:
            raise InputError("pool_exhausted", full, _NEXT)
        take_from_pool(session, take)
        if pool[1].unit is Unit.FEN:
            pools.append(take.pool_id)
        else:
            days[take.pool_id] = take.amount
    prepayment = Prepayment(
        # Forgotten ones lie below (docs/adr/0154).
        prepayment_no=f"{new.case_no}-Y{1000 * hq.incarnation.number + _count(session, new.case_no) + 1}",
        case_no=new.case_no,
        policy_no=new.policy_no,
        liability=liability.liability,
        loss_key=loss_of(liability)[1],
        instalment=instalment,
        settlement_key=key(payee_key(new.payee)),
        amount_fen=new.amount_fen,
        payee=msgspec.json.encode(new.payee),
        pools=msgspec.json.encode(pools).decode(),
        decided_by=new.by.strip(),
        reason=new.reason.strip(),
        at=at,
        reference=new.reference.strip(),
        days=msgspec.json.encode(days).decode(),
        confirmed_by=(new.confirmed_by or "").strip() or None,
    )
    session.add(prepayment)
    session.add(
        Settlement(
            settlement_key=prepayment.settlement_key,
            loss=key(ANY_PAYEE),
            voucher_no=prepayment.prepayment_no,
            amount_fen=new.amount_fen,
            settled_at=at,
        )
    )
    note_fact(
        hq,
        session,
        FactKind.PREPAYMENT_MADE,
        at,
        prepayment_no=prepayment.prepayment_no,
        case_no=new.case_no,
        policy_no=new.policy_no,
        amount_fen=new.amount_fen,
        decided_by=new.by.strip(),
    )
    device = current_device(session, opened_by)
    say(
        Turn(hq, session, device, at),
        partial(
            PrepaymentMade,
            case_no=new.case_no,
            policy_no=new.policy_no,
            prepayment_no=prepayment.prepayment_no,
            liability=liability.liability,
            loss_key=prepayment.loss_key,
            amount_fen=new.amount_fen,
            pools=tuple(pools),
            payee_name=new.payee.name,
            days=days,
            reference=new.reference.strip(),
        ),
    )
    return prepayment


def _same_order(known: Prepayment, new: NewPrepayment) -> Prepayment:
    payee = msgspec.json.decode(known.payee, type=PayeeFact)
    # One that was learnt from a laptop after a restore has lost its account (docs/adr/0154).
    same_payee = payee == new.payee or (not known.decided_by and payee.name == new.payee.name)
    if same_payee and (known.case_no, known.policy_no, known.liability, known.amount_fen) == (
        new.case_no,
        new.policy_no,
        new.liability,
        new.amount_fen,
    ):
        return known
    raise wrong_input(
        "reference_taken",
        f"指令号 {new.reference} 已用于预付 {known.prepayment_no}（{yuan(known.amount_fen)} 元，{beijing_text(known.at)}，{known.decided_by or '—'}），内容与这次不同。",
        f"The order {new.reference} is prepayment {known.prepayment_no} ({yuan(known.amount_fen)} yuan, {beijing_text(known.at)}, {known.decided_by or '—'}); this one says otherwise.",
        _NEXT,
    )


def _calculated(  # noqa: PLR0917 - one order, seen from all sides
    hq: Headquarters, session: Session, new: NewPrepayment, opened_by: str, case: CaseOpened, policy: ExtractPolicy
) -> LiabilityResult:
    """Return what the newest determination makes of the liability, once it is borne out or a second person takes it on."""
    found = newest_calculation(session, new.case_no, new.policy_no)
    liability = None if found is None else found.liability(new.liability)
    if found is None or liability is None:
        raise wrong_input(
            "no_determination",
            f"案件 {new.case_no} 还没有保单 {new.policy_no} 责任 {new.liability} 的理算结果，不知道损失和限额。",
            f"Case {new.case_no} has no determination of {new.liability} on policy {new.policy_no}: neither loss nor limit is known.",
            _NEXT,
        )
    doubts = found.doubts(hq, session, opened_by=opened_by, case=case, policy=policy)
    second = (new.confirmed_by or "").strip()
    if doubts and (not second or second == new.by.strip()):
        said = joined(doubts)
        raise wrong_input(
            "not_borne_out",
            f"最新的理算未经总部核对一致：{said.zh}",
            f"Headquarters does not bear the newest calculation out: {said.en}",
            Bilingual(
                "请先查明；确需预付的，由另一人用 --confirmed-by 姓名 共同决定。没有付出任何款项。",
                "Find out first; where it must be paid all the same another person decides as well, --confirmed-by NAME. Nothing was paid.",
            ),
        )
    return liability


def _check_room(session: Session, new: NewPrepayment, liability: LiabilityResult, before: Sequence[Prepayment]) -> None:
    if len(before) >= MOST_INSTALMENTS:
        raise wrong_input(
            "too_many_instalments",
            f"这笔损失已预付 {len(before)} 次。",
            f"This loss was prepaid {len(before)} times already.",
            _NEXT,
        )
    final = settlement_key(
        policy_no=new.policy_no,
        liability=liability.liability,
        loss_key=liability.loss_key,
        instalment=len(before) + 1,
        payee_key=ANY_PAYEE,
    )
    settled = session.scalars(select(Settlement).where(Settlement.loss == final)).first()
    held = session.scalars(
        select(Voucher).where(
            Voucher.case_no == new.case_no,
            Voucher.policy_no == new.policy_no,
            Voucher.verdict.in_((Verdict.HOLD, Verdict.SETTLED)),
        )
    ).first()
    standing = settled.voucher_no if settled is not None else None if held is None else held.voucher_no
    if standing is not None:
        raise wrong_input(
            "final_promise_stands",
            f"这笔损失已有凭证 {standing}，不能再预付。",
            f"Voucher {standing} stands for this loss: nothing is paid ahead any more.",
            _NEXT,
        )
    paid_fen = sum(each.amount_fen for each in before)
    if new.amount_fen + paid_fen > liability.amount_fen:
        raise wrong_input(
            "above_benefit",
            f"预付 {yuan(new.amount_fen)} 元（此前已预付 {yuan(paid_fen)} 元）超过理算的 {yuan(liability.amount_fen)} 元。",
            f"{yuan(new.amount_fen)} yuan ahead ({yuan(paid_fen)} were before) are more than the {yuan(liability.amount_fen)} calculated.",
            _NEXT,
        )


def _check_words(new: NewPrepayment) -> None:
    if not new.by.strip() or not new.reason.strip() or not new.reference.strip():
        raise wrong_input(
            "words_missing",
            "没有写明决定人、理由或指令号。",
            "Who decides, why, or the order's reference is missing.",
            _NEXT,
        )
    if new.amount_fen <= 0:
        raise wrong_input(
            "sum_impossible",
            f"预付 {yuan(new.amount_fen)} 元不合理。",
            f"A prepayment of {yuan(new.amount_fen)} yuan makes no sense.",
            _NEXT,
        )
    if not new.payee.account.strip() or not new.payee.name.strip():
        raise wrong_input(
            "account_missing", "没有写明收款人姓名或账号。", "The payee's name or account is missing.", _NEXT
        )


def _count(session: Session, case_no: str) -> int:
    return len(session.scalars(select(Prepayment.prepayment_no).where(Prepayment.case_no == case_no)).all())


_NEXT = Bilingual("请核对后重试；没有付出任何款项。", "Check it and try again; nothing was paid.")
