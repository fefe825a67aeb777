"""The settlement keys and pools of a promise, worked out again from headquarters' own data.

Promise: read-only. A voucher's keys, pools, shares and instalments are compared with what follows from its determination; what was paid ahead
on a loss, or before this database, is said.

Source: design.md "Pools and settlement keys"; claims/settlement.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from claims.amounts import yuan
from claims.errors import Bilingual, InputError
from claims.events import CaseOpened, VoucherIssued
from claims.reference import ExtractPolicy
from claims.settlement import (
    binding_draws,
    instalment_of,
    loss_of,
    payee_key,
    person_key,
    policy_year_start,
    pool_id,
    settlement_key,
)
from headquarters.advances import advances
from headquarters.policy_book import PREPAID
from rules.engine.model import Determination, Facts, LiabilityResult, PoolDraw

ANY_PAYEE = "*"
"""Stands for the payee in the name of a loss: the settlement key without its payee."""


@dataclass(frozen=True)
class ExpectedKey:
    """A settlement key as headquarters works it out: its liability, its loss (the key without payee), its pools and draws."""

    liability: LiabilityResult
    loss: str
    draws: tuple[tuple[str, PoolDraw], ...]


def draws_of(
    liability: LiabilityResult, policy_no: str, effective: date, case: CaseOpened
) -> tuple[tuple[str, PoolDraw], ...]:
    """Return the pools that a liability draws on, by their ids. Raises ``InputError`` for a loss before the policy began."""
    year_start = policy_year_start(effective, case.loss_date)
    return tuple(
        (
            pool_id(
                draw,
                policy_no=policy_no,
                person_key=person_key(case.insured),
                policy_year_start=year_start,
                loss_key=f"accident:{case.loss_date.isoformat()}",
            ),
            draw,
        )
        for draw in binding_draws(liability)
    )


def key_for(policy_no: str, liability: LiabilityResult, instalment: int, payee: str) -> str:
    """Return the settlement key of an instalment of a loss; ``payee`` is a payee's key, or ``ANY_PAYEE``."""
    return settlement_key(
        policy_no=policy_no,
        liability=liability.liability,
        loss_key=liability.loss_key,
        instalment=instalment,
        payee_key=payee,
    )


def expected_keys(
    session: Session,
    event: VoucherIssued,
    decision: Determination,
    *,
    policy: ExtractPolicy,
    case: CaseOpened,
    concerns: list[Bilingual],
) -> dict[str, ExpectedKey]:
    """Return the keys of a voucher as headquarters works them out; what is wrong with them goes into ``concerns``."""
    found: dict[str, ExpectedKey] = {}
    by_id = {each.liability: each for each in decision.liabilities}
    try:
        policy_year_start(policy.effective, case.loss_date)
    except InputError as problem:
        concerns.append(problem.cause)
        return found
    for key in event.keys:
        liability = by_id.get(key.liability)
        if liability is None:
            concerns.append(
                Bilingual(
                    f"理算结果里没有责任 {key.liability}。", f"The determination has no liability {key.liability}."
                )
            )
            continue
        draws = draws_of(liability, event.policy_no, policy.effective, case)
        instalment = instalment_of(key.settlement_key) or 1
        expected = key_for(event.policy_no, liability, instalment, payee_key(event.payee))
        if key.settlement_key != expected or set(key.pools) != {pool for pool, _ in draws} or expected in found:
            concerns.append(
                Bilingual(
                    f"责任 {key.liability} 的结算标识与总部推算不符。",
                    f"The settlement key or pools of {key.liability} are not those that headquarters works out.",
                )
            )
            continue
        if key.amount_fen <= 0 or key.amount_fen not in liability.shares_fen:
            concerns.append(
                Bilingual(
                    f"责任 {key.liability} 的 {yuan(key.amount_fen)} 元与理算份额不符。",
                    f"The {yuan(key.amount_fen)} yuan for {key.liability} are no share of the determination.",
                )
            )
        concerns.extend(_paid_before(policy, liability))
        concerns.extend(_other_instalment(session, event.policy_no, liability, instalment))
        found[expected] = ExpectedKey(liability, key_for(event.policy_no, liability, instalment, ANY_PAYEE), draws)
    if not event.keys or sum(key.amount_fen for key in event.keys) != event.amount_fen:
        concerns.append(
            Bilingual(
                f"凭证金额 {yuan(event.amount_fen)} 元与各责任合计不符。",
                f"The voucher's {yuan(event.amount_fen)} yuan are not the sum of its parts.",
            )
        )
    return found


def prepaid_otherwise(
    session: Session, facts: Facts, decision: Determination, policy: ExtractPolicy
) -> Sequence[Bilingual]:
    """Return what the facts say differently of what was paid ahead on these losses: the final promise is for the rest only."""
    own = policy.terms.get(PREPAID, 0)
    own_fen = own if isinstance(own, int) else 0
    since_fen = sum(
        each.amount_fen
        for liability in decision.liabilities
        for each in advances(session, policy.policy_no, *loss_of(liability))
    )
    said = facts.get(PREPAID)
    if said == own_fen + since_fen or (said is None and own_fen + since_fen == 0):
        return ()
    said_fen = said if isinstance(said, int) else 0
    return (
        Bilingual(
            f"保单 {policy.policy_no} 总部已预付 {yuan(own_fen + since_fen)} 元，现场按 {yuan(said_fen)} 元扣减。",
            f"Headquarters paid {yuan(own_fen + since_fen)} yuan ahead on policy {policy.policy_no}; the field took {yuan(said_fen)} off.",
        ),
    )


def _other_instalment(
    session: Session, policy_no: str, liability: LiabilityResult, instalment: int
) -> Sequence[Bilingual]:
    paid = advances(session, policy_no, *loss_of(liability))
    if instalment == len(paid) + 1:
        return ()
    paid_fen = sum(each.amount_fen for each in paid)
    return (
        Bilingual(
            f"这笔损失总部已预付 {len(paid)} 次，共 {yuan(paid_fen)} 元；凭证按第 {instalment} 次给付出具，应由人工核定余额。",
            f"Headquarters paid {len(paid)} times ahead on this loss, {yuan(paid_fen)} yuan; the voucher is made out as instalment {instalment}. A person works out the rest.",
        ),
    )


def _paid_before(policy: ExtractPolicy, liability: LiabilityResult) -> list[Bilingual]:
    return [
        Bilingual(
            f"这笔损失已于 {paid.paid_on} 付过 {yuan(paid.amount_fen)} 元。",
            f"{yuan(paid.amount_fen)} yuan were paid for this loss on {paid.paid_on}.",
        )
        for paid in policy.prior_payments
        if paid.liability == liability.liability and paid.loss_key.casefold() == liability.loss_key.casefold()
    ]
