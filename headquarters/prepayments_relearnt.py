"""A prepayment that a restored headquarters forgot, learnt again from the laptop that was told of it.

Promise: taken twice it changes nothing; its room in the pools and its settlement key are taken again, and its reference is known, so that the same
order does not pay twice. Its account is not known any more: it is not paid by this.

Source: docs/adr/0154, docs/adr/0165.
"""

from __future__ import annotations

import msgspec

from claims.events import PayeeFact
from claims.settlement import payee_key, settlement_key
from claims.statements import PrepaymentMade
from headquarters.advances import advances
from headquarters.grants import learn_pool_limit
from headquarters.models import PoolUse, Settlement
from headquarters.models_payments import Prepayment
from headquarters.promise_keys import ANY_PAYEE
from headquarters.turn import Turn
from rules.engine.model import Unit


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
    for pool_id, days in said.days.items():
        pool = learn_pool_limit(session, pool_id, Unit.DAY, None)
        pool.used, pool.settled = pool.used + days, pool.settled + days
        session.add(PoolUse(pool_id=pool_id, loss=loss, amount=days))
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
            reference=said.reference or None,
            days=msgspec.json.encode(said.days).decode(),
            confirmed_by=None,
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
