"""Decides one policy of a case beside the case's other policies, so that one bill is never made good twice.

Promise: what an earlier policy pays (signed order, never the order of clicking) is in the facts that a later one is decided on, and
so is every draw on a pool that they share. The decision is the plain one on those facts: headquarters replays it alone. What must
wait for another policy is said beside the decision, never inside it. What was promised stands: where it does not come out again in
its place, it counts as paid before everything that is still open.

Source: notes/domain.md §5 conventions 2, 13, 17; docs/adr/0027, 0118, 0122.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from claims.errors import Bilingual, InputError
from claims.other_policies import FindPolicy, OtherPolicies, OtherPolicy, other_policies
from claims.ports import Reads
from claims.records import CaseRecord, DeterminationRecord
from rules.engine import Pack, decide, decode_facts, encode_facts, read_decision
from rules.engine.coordination import CoordinatedDecision, PolicyClaim, coordinate
from rules.engine.coordination.deciding import Decider
from rules.engine.coordination.holds import earlier_reimbursement, held, open_claim_behind
from rules.engine.coordination.ledger import Effect, effects_of_claiming, effects_of_deciding, informed
from rules.engine.model import Decision, Facts, Reason, Referral, canonical


@dataclass(frozen=True)
class Together:
    """One policy as the others of its case leave it.

    ``facts``: its own with what the others paid and drew. ``decision``: the plain decision on them. ``waits``: why it may not be
    promised yet, empty where nothing of the other policies stands in the way.
    """

    facts: Facts
    decision: Decision
    waits: tuple[Bilingual, ...]


def decide_together(
    reads: Reads,
    pack: Pack,
    case: CaseRecord,
    policy_no: str,
    *,
    opening: Facts,
    find: FindPolicy,
    decider: Decider = decide,
) -> Together:
    """Decide a policy beside the others of its case.

    Args:
        opening: its facts as they are before another policy of this case pays.
        find: finds the policies that are named in the case and not decided yet.
        decider: a back end that decides as the reference does.
    """
    others = other_policies(reads, pack, case, policy_no, find)
    if not others:
        return Together(opening, decider(pack, opening), ())
    return _beside(PolicyClaim(policy_no, pack, opening, loss=case.case_no), others, decider)


def check_beside_others(
    reads: Reads, pack: Pack, case: CaseRecord, record: DeterminationRecord, find: FindPolicy
) -> tuple[Bilingual, ...]:
    """Return what a recorded determination waits for now, beside the case's other policies.

    Args:
        pack: the one that it was made by.

    Raises:
        InputError: ``policies_changed``: another policy of the case was decided since, and this one would come out on other facts.
    """
    others = other_policies(reads, pack, case, record.policy_no, find)
    given = reads.facts(case.case_no, record.policy_no)
    if not others or given is None:
        return ()
    together = _beside(
        PolicyClaim(record.policy_no, pack, decode_facts(pack, given), loss=case.case_no), others, decide
    )
    if encode_facts(pack, together.facts) != record.facts:
        raise InputError(
            "policies_changed",
            Bilingual(
                f"保单 {record.policy_no} 理算之后，本案其他保单又有新的理算结果，这张保单的赔付金额要重新核算。",
                f"After policy {record.policy_no} was calculated, another policy of this case was: what is left for this one is different now.",
            ),
            Bilingual(
                "请重新理算这张保单并重新签字，已录入的内容都在。",
                "Calculate this policy again and sign it again; everything entered is kept.",
            ),
        )
    return together.waits


def _beside(own: PolicyClaim, others: OtherPolicies, decider: Decider) -> Together:
    run = _run(own, others.known, decider)
    place = next(place for place, each in enumerate(run) if each.claim.policy_no == own.policy_no)
    mine, earlier = run[place], run[:place]
    decision = decider(own.pack, mine.claim.facts)
    waits = [
        *(reason.text for reason in _added(decision, mine.decision)),
        *_referred_before(mine, earlier, others.known),
        *(_unclear(policy_no) for policy_no in others.unclear),
    ]
    return Together(mine.claim.facts, decision, tuple(dict.fromkeys(waits)))


def _run(own: PolicyClaim, others: Sequence[OtherPolicy], decider: Decider) -> list[CoordinatedDecision]:
    """Coordinate until every promise either comes out again in its place or stands ahead of the run."""
    ahead: list[Effect] = []
    waiting = {other.claim.policy_no: other for other in others}
    while True:
        claims = [own, *(other.claim for other in waiting.values())]
        run = list(coordinate([informed(claim, ahead)[0] for claim in claims], decider=decider))
        # One at a time: a later promise may come out right once the one before it stands ahead.
        changed = next((each.claim.policy_no for each in run if _changed(each, waiting)), None)
        if changed is None:
            return run
        ahead.extend(_effects_of_promise(waiting.pop(changed)))


def _changed(each: CoordinatedDecision, others: dict[str, OtherPolicy]) -> bool:
    """Say whether a promise rests on other facts or another decision than the run comes to."""
    other = others.get(each.claim.policy_no)
    if other is None or other.promise is None:
        return False
    facts = encode_facts(each.claim.pack, each.claim.facts)
    return facts != other.promise.facts or canonical(each.decision) != other.promise.decision


def _effects_of_promise(other: OtherPolicy) -> tuple[Effect, ...]:
    """Return what a promise changes for everything still open, also for what comes earlier in the signed order."""
    if other.promise is None:
        return ()
    claim = replace(other.claim, facts=decode_facts(other.claim.pack, other.promise.facts))
    decision = read_decision(other.promise.decision)
    return (*effects_of_claiming(claim), *effects_of_deciding(claim, decision, undecided=False))


def _added(plain: Decision, coordinated: Decision) -> Sequence[Reason]:
    """Return the reasons that the coordinator put behind those of the rules."""
    if not isinstance(coordinated, Referral):
        return ()
    return coordinated.reasons[len(plain.reasons) if isinstance(plain, Referral) else 0 :]


def _referred_before(
    mine: CoordinatedDecision, earlier: Sequence[CoordinatedDecision], others: Sequence[OtherPolicy]
) -> list[Bilingual]:
    """Return why the policy waits for an earlier one that was referred though its rules would pay (a red flag, authority)."""
    referred = {other.claim.policy_no for other in others if other.referred and other.promise is None}
    open_ones = [
        replace(each, decision=held(each.decision, [_FOR_A_PERSON]))
        for each in earlier
        if each.claim.policy_no in referred
    ]
    influences = tuple(replace(each, undecided=each.from_claim in referred) for each in mine.influences)
    found = (
        earlier_reimbursement(mine.claim, open_ones),
        open_claim_behind(mine.claim, influences, frozenset()),
    )
    return [reason.text for reason in found if reason is not None]


def _unclear(policy_no: str) -> Bilingual:
    return Bilingual(
        f"保单 {policy_no} 已出凭证，但此后重新理算过或规则已更新，本机无法核对已承诺的金额，本保单转人工核定。",
        f"Policy {policy_no} has a voucher, but was calculated again or the rules changed since: this laptop can't tell what was promised, so a person decides this one.",
    )


_FOR_A_PERSON = Reason(rule="outcome", clause="", text=Bilingual("转人工核定", "referred to a person"))
