"""Looks at a voucher from every side before money is thought of: is it what it says, and does headquarters agree.

Promise: nothing is written here. Everything that is wrong is found, not the first only; any of it holds the voucher for a
person. The settlement keys and pools are worked out again from headquarters' own data and compared with the voucher's.

Source: design.md "Vouchers", "Pools and settlement keys"; claims/settlement.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims.amounts import yuan
from claims.errors import Bilingual, InputError
from claims.events import CaseOpened, DeterminationMade, Outcome, VoucherIssued, decode_event
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
from headquarters.catastrophes import unfounded_waivers
from headquarters.installation import Headquarters
from headquarters.models import AuthorityRecord, Device, EventState, LogEvent, Replay, Verdict, Voucher
from headquarters.policy_book import PREPAID, disagreements, find_policy
from headquarters.replay import ReplayVerdict
from headquarters.turn import Turn
from rules.engine import decode_facts
from rules.engine.model import Determination, Facts, LiabilityResult, PoolDraw, read_decision
from trust.errors import TrustError
from trust.vouchers import VoucherClaims, open_voucher

ANY_PAYEE = "*"
"""Stands for the payee in the name of a loss: the settlement key without its payee."""


@dataclass(frozen=True)
class ExpectedKey:
    """A settlement key as headquarters works it out: its liability, its loss (the key without payee), its pools and draws."""

    liability: LiabilityResult
    loss: str
    draws: tuple[tuple[str, PoolDraw], ...]


@dataclass(frozen=True)
class Promise:
    """A voucher looked through. ``keys`` is complete when there are no concerns."""

    concerns: tuple[Bilingual, ...]
    replay: ReplayVerdict
    replayed: Replay | None
    issued_at: datetime
    keys: dict[str, ExpectedKey]


@dataclass(frozen=True)
class Evidence:
    """What a voucher rests on: its case, its determination, and what became of that at headquarters (None: not here).

    ``replayed`` is the row of the replay where the determination came with the log.
    """

    case: CaseOpened | None
    made: DeterminationMade | None
    verdict: ReplayVerdict = ReplayVerdict.IMPOSSIBLE
    difference: str | None = None
    replayed: Replay | None = None


def examine_promise(turn: Turn, seq: int, event: VoucherIssued) -> Promise:
    """Look a voucher of the log through."""
    return weigh_promise(turn, event, evidence_in_log(turn.session, turn.device, event, seq))


def evidence_in_log(session: Session, device: Device, event: VoucherIssued, seq: int) -> Evidence:
    """Return what the device's log holds before ``seq`` for a voucher to rest on."""
    case = _case(session, device, event.case_no, seq)
    replayed, made = _determination(session, device, event, seq)
    if replayed is None or made is None:
        return Evidence(case, None)
    return Evidence(case, made, ReplayVerdict(replayed.verdict), replayed.difference, replayed)


def weigh_promise(turn: Turn, event: VoucherIssued, evidence: Evidence) -> Promise:
    """Look a voucher through against what it rests on. ``turn.device`` is the one that promised."""
    session, device = turn.session, turn.device
    concerns: list[Bilingual] = []
    claims = _open(turn.hq, device, event, concerns)
    issued_at = datetime.fromtimestamp(claims.issued_at, UTC) if claims else event.at
    case = evidence.case
    if case is None:
        concerns.append(
            Bilingual(
                f"总部没有案件 {event.case_no} 的报案记录。", f"Headquarters has no record of case {event.case_no}."
            )
        )
    concerns.extend(number_used(session, event.voucher_no))
    concerns.extend(_authority(session, device, event, issued_at, case))

    if evidence.made is None:
        concerns.append(
            Bilingual(
                "凭证依据的理算记录不在总部。", "The determination that the voucher rests on is not at headquarters."
            )
        )
        return Promise(tuple(concerns), ReplayVerdict.IMPOSSIBLE, None, issued_at, {})
    if evidence.verdict is not ReplayVerdict.IDENTICAL:
        concerns.append(_not_identical(evidence.verdict, evidence.difference))
        return Promise(tuple(concerns), evidence.verdict, evidence.replayed, issued_at, {})

    keys = _against_own_data(turn, event, evidence.made, case, concerns)
    return Promise(tuple(concerns), evidence.verdict, evidence.replayed, issued_at, keys)


def _against_own_data(
    turn: Turn,
    event: VoucherIssued,
    made: DeterminationMade,
    case: CaseOpened | None,
    concerns: list[Bilingual],
) -> dict[str, ExpectedKey]:
    decision = read_decision(bytes(made.decision))
    if not isinstance(decision, Determination) or made.outcome is not Outcome.PRE_APPROVED:
        concerns.append(
            Bilingual(
                "这次理算不是预核通过，不能出凭证。",
                "The determination was not pre-approved; no voucher follows from it.",
            )
        )
        return {}
    policy = find_policy(turn.session, event.policy_no)
    if policy is None:
        concerns.append(
            Bilingual(f"总部没有保单 {event.policy_no}。", f"Headquarters has no policy {event.policy_no}.")
        )
        return {}
    pack = turn.hq.packs.find(made.pack_hash)
    if pack is None or case is None:
        return {}
    facts = decode_facts(pack, bytes(made.facts))
    concerns.extend(disagreements(pack, facts, policy))
    concerns.extend(unfounded_waivers(turn.hq, turn.session, facts, case))
    concerns.extend(_prepaid_otherwise(turn.session, facts, decision, policy))
    return _keys(turn.session, event, decision, policy=policy, case=case, concerns=concerns)


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


def _prepaid_otherwise(
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


def _keys(
    session: Session,
    event: VoucherIssued,
    decision: Determination,
    *,
    policy: ExtractPolicy,
    case: CaseOpened,
    concerns: list[Bilingual],
) -> dict[str, ExpectedKey]:
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


def key_for(policy_no: str, liability: LiabilityResult, instalment: int, payee: str) -> str:
    """Return the settlement key of an instalment of a loss; ``payee`` is a payee's key, or ``ANY_PAYEE``."""
    return settlement_key(
        policy_no=policy_no,
        liability=liability.liability,
        loss_key=liability.loss_key,
        instalment=instalment,
        payee_key=payee,
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


def _open(hq: Headquarters, device: Device, event: VoucherIssued, concerns: list[Bilingual]) -> VoucherClaims | None:
    try:
        opened = open_voucher(event.cose, hq.trust_store())
    except TrustError as problem:
        concerns.append(
            Bilingual(
                f"凭证签名不能通过验证（{problem.code}）。",
                f"The voucher's signature does not verify ({problem.code}).",
            )
        )
        return None
    claims = opened.claims
    if opened.certificate.der != device.certificate:
        concerns.append(Bilingual("凭证由另一台设备签名。", "The voucher was signed by another device."))
    said = (claims.voucher_no, claims.case_no, claims.policy_no, claims.amount_fen)
    recorded = (event.voucher_no, event.case_no, event.policy_no, event.amount_fen)
    hashes = (claims.pack_hash, claims.decision_sha256, set(claims.grants))
    if said != recorded or hashes != (event.pack_hash, event.decision_sha256, {each.grant_id for each in event.debits}):
        concerns.append(
            Bilingual("凭证上的内容与登记的不一致。", "What the voucher says is not what was recorded with it.")
        )
    return claims


def _case(session: Session, device: Device, case_no: str, seq: int) -> CaseOpened | None:
    row = session.scalars(
        select(LogEvent)
        .where(
            LogEvent.type == "case_opened@1",
            LogEvent.subject == case_no,
            LogEvent.device == device.device,
            LogEvent.epoch == device.epoch,
            LogEvent.state != EventState.REJECTED,
            LogEvent.seq < seq,
        )
        .order_by(LogEvent.seq)
    ).first()
    event = None if row is None else decode_event(row.body)
    return event if isinstance(event, CaseOpened) else None


def _determination(
    session: Session, device: Device, event: VoucherIssued, seq: int
) -> tuple[Replay | None, DeterminationMade | None]:
    replayed = session.scalars(
        select(Replay)
        .where(
            Replay.device == device.device,
            Replay.epoch == device.epoch,
            Replay.case_no == event.case_no,
            Replay.policy_no == event.policy_no,
            Replay.decision_sha256 == event.decision_sha256,
            Replay.seq < seq,
        )
        .order_by(Replay.seq.desc())
    ).first()
    if replayed is None:
        return None, None
    made = decode_event(session.get_one(LogEvent, (device.device, device.epoch, replayed.seq)).body)
    if not isinstance(made, DeterminationMade) or made.pack_hash != event.pack_hash:
        return None, None
    return replayed, made


def number_used(session: Session, voucher_no: str) -> Sequence[Bilingual]:
    """Return what is wrong when another promise bears this number."""
    if session.scalars(select(Voucher).where(Voucher.voucher_no == voucher_no)).first() is None:
        return ()
    return (Bilingual(f"凭证号 {voucher_no} 用过两次。", f"The voucher number {voucher_no} was used twice."),)


def _authority(
    session: Session, device: Device, event: VoucherIssued, issued_at: datetime, case: CaseOpened | None
) -> Sequence[Bilingual]:
    held = session.get(AuthorityRecord, event.authority_id)
    if held is None or (held.device, held.epoch) != (device.device, device.epoch):
        return (
            Bilingual(
                f"权限 {event.authority_id} 没有授予本设备。",
                f"Authority {event.authority_id} was not granted to this device.",
            ),
        )
    # A voucher carries whole seconds, so the first second counts from its start; the last instant is in (claims/authority.py).
    if not held.valid_from.replace(microsecond=0) <= issued_at <= held.valid_to:
        return (
            Bilingual(
                f"权限 {event.authority_id} 当时无效。", f"Authority {event.authority_id} was not valid at that time."
            ),
        )
    if case is not None and held.catastrophe_id not in (None, case.catastrophe_id):
        return (
            Bilingual(
                f"权限 {event.authority_id} 只用于突发事件 {held.catastrophe_id}。",
                f"Authority {event.authority_id} is for the catastrophe {held.catastrophe_id} only.",
            ),
        )
    if case is not None and held.claim_type not in ("*", case.claim_type):
        return (
            Bilingual(
                f"权限 {event.authority_id} 不含理赔类型 {case.claim_type}。",
                f"Authority {event.authority_id} does not cover the claim type {case.claim_type}.",
            ),
        )
    # The ceiling is for the whole case, over its policies and payees: splitting a case does not pass a limit.
    promised = select(func.sum(Voucher.amount_fen)).where(
        Voucher.case_no == event.case_no,
        Voucher.verdict.in_((Verdict.SETTLED, Verdict.HOLD)),
        Voucher.amount_fen > 0,
    )
    case_fen = int(session.scalar(promised) or 0) + event.amount_fen
    if case_fen > held.ceiling_fen:
        return (
            Bilingual(
                f"本案合计 {yuan(case_fen)} 元，超过权限 {yuan(held.ceiling_fen)} 元。",
                f"The case comes to {yuan(case_fen)} yuan, above the authority of {yuan(held.ceiling_fen)}.",
            ),
        )
    return ()


def _not_identical(verdict: ReplayVerdict, difference: str | None) -> Bilingual:
    if verdict is ReplayVerdict.DIFFERENT:
        return Bilingual(
            f"总部重算结果不同（{difference}）。", f"Headquarters' replay came out differently ({difference})."
        )
    return Bilingual(f"总部无法重算（{difference}）。", f"Headquarters could not replay it ({difference}).")
