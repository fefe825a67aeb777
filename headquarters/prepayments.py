"""Money paid ahead (预付): an instalment of a loss before its final settlement.

Promise: every prepayment has a settlement key of its own (instalments 1, 2, ...), takes its room from the pools of the loss, and lowers what
the final settlement may come to; the final settlement is the instalment after the last prepayment, so a promise that knows nothing of it has a
key that is taken and waits for a person. Nothing is paid ahead once a final promise of the loss stands or is settled.

Source: Insurance Law art. 25; notes/domain.md §1.1 (PREPAID); docs/adr/0156.
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
from claims.events import DeterminationMade, PayeeFact, decode_event
from claims.settlement import loss_of, payee_key, settlement_key
from claims.statements import PrepaymentMade
from headquarters.advances import advances
from headquarters.devices import current_device
from headquarters.grants import learn_pool_limit
from headquarters.installation import Headquarters
from headquarters.log_intake import opening_of
from headquarters.models import EventState, LogEvent, PoolUse, Settlement, Verdict, Voucher
from headquarters.models_payments import Prepayment
from headquarters.policy_book import find_policy
from headquarters.pool_ledger import no_room, pool_take, take_from_pool
from headquarters.promise import ANY_PAYEE, draws_of
from headquarters.restores import require_allowances_open
from headquarters.statements_out import say
from headquarters.turn import Turn
from headquarters.webhooks import FactKind, note_fact
from rules.engine.model import LiabilityResult, Unit, read_decision

MOST_INSTALMENTS = 12
"""More advances on one loss are no help in an emergency but a benefit paid in parts, which no plan here has."""


@dataclass(frozen=True)
class NewPrepayment:
    """What a person at headquarters pays ahead. ``payee`` with the full account; fen."""

    case_no: str
    policy_no: str
    liability: str
    amount_fen: int
    payee: PayeeFact
    by: str
    reason: str


def prepay(hq: Headquarters, new: NewPrepayment) -> Prepayment:
    """Pay ahead on a loss, up to what the case's newest determination makes of it; tell the laptop that holds the case.

    Raises:
        InputError: ``case_unknown``, ``policy_unknown``, ``no_determination``, ``sum_impossible``, ``words_missing``, ``account_missing``,
            ``final_promise_stands``, ``above_benefit``, ``pool_exhausted``, ``too_many_instalments``, ``recovering``.
    """
    _check_words(new)
    return hq.database.run(partial(_prepay, hq, new))


def _prepay(hq: Headquarters, new: NewPrepayment, session: Session) -> Prepayment:
    found = opening_of(session, new.case_no)
    if found is None:
        raise _refused(
            "case_unknown",
            f"总部没有案件 {new.case_no[:40]} 的记录。",
            f"Headquarters has no case {new.case_no[:40]}.",
        )
    case, opened_by = found
    policy = find_policy(session, new.policy_no)
    if policy is None:
        raise _refused(
            "policy_unknown", f"总部没有保单 {new.policy_no}。", f"Headquarters has no policy {new.policy_no}."
        )
    # A restored headquarters may have forgotten allowances that keep this very room aside.
    require_allowances_open(hq, session, new.liability)
    liability = _liability(session, new)
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

    pools = []
    for pool in draws_of(liability, new.policy_no, policy.effective, case):
        if pool[1].unit is not Unit.FEN:
            continue  # days are taken once, with the final settlement
        take = pool_take(session, pool, key(ANY_PAYEE), liability, new.amount_fen)
        take = replace(take, amount=min(take.amount, new.amount_fen))
        full = no_room(session, take, float_used=True)
        if full is not None:
            raise InputError("pool_exhausted", full, _NEXT)
        take_from_pool(session, take)
        pools.append(take.pool_id)
    prepayment = Prepayment(
        prepayment_no=f"{new.case_no}-Y{_count(session, new.case_no) + 1}",
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
        ),
    )
    return prepayment


def relearn_prepayment(turn: Turn, said: PrepaymentMade) -> bool:
    """Enter a prepayment that a restored headquarters forgot and a laptop was told of; False when it contradicts what is held.

    Its account is not known any more: it is not paid by this, only never paid, or promised, a second time.
    """
    session = turn.session
    known = session.get(Prepayment, said.prepayment_no)
    if known is not None:
        return (known.policy_no, known.liability, known.loss_key, known.amount_fen) == (
            said.policy_no,
            said.liability,
            said.loss_key,
            said.amount_fen,
        )
    payee = PayeeFact(name=said.payee_name, id_number=None, relation="", bank="", account="")
    instalment = len(advances(session, said.policy_no, said.liability, said.loss_key)) + 1

    def key(of: str) -> str:
        return settlement_key(
            policy_no=said.policy_no,
            liability=said.liability,
            loss_key=said.loss_key,
            instalment=instalment,
            payee_key=of,
        )

    loss, own = key(ANY_PAYEE), key(payee_key(payee))
    if session.get(Settlement, own) is not None:
        return False
    for pool_id in dict.fromkeys(said.pools):
        pool = learn_pool_limit(session, pool_id, Unit.FEN, None)
        pool.used, pool.settled = pool.used + said.amount_fen, pool.settled + said.amount_fen
        use = session.get(PoolUse, (pool_id, loss))
        if use is None:
            session.add(PoolUse(pool_id=pool_id, loss=loss, amount=said.amount_fen))
        else:
            use.amount += said.amount_fen
    session.add(
        Prepayment(
            prepayment_no=said.prepayment_no,
            case_no=said.case_no,
            policy_no=said.policy_no,
            liability=said.liability,
            loss_key=said.loss_key,
            instalment=instalment,
            settlement_key=own,
            amount_fen=said.amount_fen,
            payee=msgspec.json.encode(payee),
            pools=msgspec.json.encode(said.pools).decode(),
            decided_by="",
            reason="",
            at=said.issued_at,
        )
    )
    session.add(
        Settlement(
            settlement_key=own,
            loss=loss,
            voucher_no=said.prepayment_no,
            amount_fen=said.amount_fen,
            settled_at=said.issued_at,
        )
    )
    session.flush()
    return True


def _liability(session: Session, new: NewPrepayment) -> LiabilityResult:
    """Return what the case's newest determination of the policy makes of the liability."""
    rows = session.scalars(
        select(LogEvent.body)
        .where(
            LogEvent.type == "determination_made@1",
            LogEvent.subject == new.case_no,
            LogEvent.state != EventState.REJECTED,
        )
        .order_by(LogEvent.epoch.desc(), LogEvent.seq.desc())
    )
    for body in rows:
        made = decode_event(body)
        if isinstance(made, DeterminationMade) and made.policy_no == new.policy_no:
            for liability in read_decision(bytes(made.decision)).liabilities:
                if liability.liability == new.liability:
                    return liability
            break
    raise _refused(
        "no_determination",
        f"案件 {new.case_no} 还没有保单 {new.policy_no} 责任 {new.liability} 的理算结果，不知道损失和限额。",
        f"Case {new.case_no} has no determination of {new.liability} on policy {new.policy_no}: neither loss nor limit is known.",
    )


def _check_room(session: Session, new: NewPrepayment, liability: LiabilityResult, before: Sequence[Prepayment]) -> None:
    if len(before) >= MOST_INSTALMENTS:
        raise _refused(
            "too_many_instalments",
            f"这笔损失已预付 {len(before)} 次。",
            f"This loss was prepaid {len(before)} times already.",
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
        raise _refused(
            "final_promise_stands",
            f"这笔损失已有凭证 {standing}，不能再预付。",
            f"Voucher {standing} stands for this loss: nothing is paid ahead any more.",
        )
    paid_fen = sum(each.amount_fen for each in before)
    if new.amount_fen + paid_fen > liability.amount_fen:
        raise _refused(
            "above_benefit",
            f"预付 {yuan(new.amount_fen)} 元（此前已预付 {yuan(paid_fen)} 元）超过理算的 {yuan(liability.amount_fen)} 元。",
            f"{yuan(new.amount_fen)} yuan ahead ({yuan(paid_fen)} were before) are more than the {yuan(liability.amount_fen)} calculated.",
        )


def _check_words(new: NewPrepayment) -> None:
    if not new.by.strip() or not new.reason.strip():
        raise _refused("words_missing", "没有写明决定人或理由。", "Who decides, or why, is missing.")
    if new.amount_fen <= 0:
        raise _refused(
            "sum_impossible",
            f"预付 {yuan(new.amount_fen)} 元不合理。",
            f"A prepayment of {yuan(new.amount_fen)} yuan makes no sense.",
        )
    if not new.payee.account.strip() or not new.payee.name.strip():
        raise _refused("account_missing", "没有写明收款人姓名或账号。", "The payee's name or account is missing.")


def _count(session: Session, case_no: str) -> int:
    return len(session.scalars(select(Prepayment.prepayment_no).where(Prepayment.case_no == case_no)).all())


def _refused(code: str, zh: str, en: str) -> InputError:
    return InputError(code, Bilingual(zh, en), _NEXT)


_NEXT = Bilingual("请核对后重试；没有付出任何款项。", "Check it and try again; nothing was paid.")
