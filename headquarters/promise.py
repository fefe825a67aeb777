"""Looks at a voucher from every side before money is thought of: is it what it says, and does headquarters agree.

Promise: nothing is written here. Everything that is wrong is found, not the first only; any of it holds the voucher for a
person. What it rests on: ``headquarters.promise_evidence``; its keys and pools: ``headquarters.promise_keys``.

Source: design.md "Vouchers", "Pools and settlement keys".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.errors import Bilingual
from claims.events import CaseOpened, DeterminationMade, Outcome, VoucherIssued
from headquarters.catastrophes import unfounded_waivers
from headquarters.installation import Headquarters
from headquarters.models import Device, Replay, Voucher
from headquarters.policy_book import disagreements, find_policy
from headquarters.promise_authority import beyond_authority
from headquarters.promise_evidence import Evidence, evidence_in_log
from headquarters.promise_keys import ExpectedKey, expected_keys, prepaid_otherwise
from headquarters.replay import ReplayVerdict
from headquarters.turn import Turn
from headquarters.withdrawals import withdrawn_concern
from rules.engine import decode_facts
from rules.engine.model import Determination, read_decision
from trust.errors import TrustError
from trust.vouchers import VoucherClaims, open_voucher


@dataclass(frozen=True)
class Promise:
    """A voucher looked through. ``keys`` is complete when there are no concerns."""

    concerns: tuple[Bilingual, ...]
    replay: ReplayVerdict
    replayed: Replay | None
    issued_at: datetime
    keys: dict[str, ExpectedKey]


def examine_promise(turn: Turn, seq: int, event: VoucherIssued) -> Promise:
    """Look a voucher of the log through."""
    return weigh_promise(turn, event, evidence_in_log(turn.session, turn.device, event, seq))


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
    withdrawn = withdrawn_concern(session, event.case_no)
    if withdrawn is not None:
        concerns.append(withdrawn)
    concerns.extend(number_used(session, event.voucher_no))
    concerns.extend(beyond_authority(session, device, event, issued_at, case))

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
    concerns.extend(prepaid_otherwise(turn.session, facts, decision, policy))
    return expected_keys(turn.session, event, decision, policy=policy, case=case, concerns=concerns)


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


def number_used(session: Session, voucher_no: str) -> Sequence[Bilingual]:
    """Return what is wrong when another promise bears this number."""
    if session.scalars(select(Voucher).where(Voucher.voucher_no == voucher_no)).first() is None:
        return ()
    return (Bilingual(f"凭证号 {voucher_no} 用过两次。", f"The voucher number {voucher_no} was used twice."),)


def _not_identical(verdict: ReplayVerdict, difference: str | None) -> Bilingual:
    if verdict is ReplayVerdict.DIFFERENT:
        return Bilingual(
            f"总部重算结果不同（{difference}）。", f"Headquarters' replay came out differently ({difference})."
        )
    return Bilingual(f"总部无法重算（{difference}）。", f"Headquarters could not replay it ({difference}).")
