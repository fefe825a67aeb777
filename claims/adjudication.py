"""Use case: decide one policy of a case. Facts are gathered, the rules decide, and everything that stands in the way is weighed.

Promise: what is recorded is exactly what headquarters replays: the pack's hash, the canonical facts and the canonical
decision. The facts hold what the case's other policies pay first (``claims.policies_together``). Nothing is promised here; ``claims.promising`` weighs again at the moment of the promise.

Source: design.md "One claim, one direction" (3).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from claims.allowances import Refusal, Spend, spend_all
from claims.authority import AuthorityVerdict, find_authority
from claims.case_flags import flags_for_a_person, known_elsewhere
from claims.case_papers import loss_link, papers_of, traits_of
from claims.completeness import Completeness, LossTraits
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, InputError
from claims.events import DeterminationMade, FactsRecorded, Outcome, PayeeFact
from claims.form_fields import FactValue
from claims.lifecycle import CaseState, check_outcome
from claims.loss_facts import contract_facts, merge_facts, reported_facts
from claims.other_policies import other_live_vouchers
from claims.outcome import Weighing, weigh
from claims.own_disk import disk_reason
from claims.policies_together import decide_together
from claims.ports import Reads
from claims.progress import advance
from claims.records import CaseRecord, DeterminationRecord
from claims.reference import Catastrophe, ExtractPolicy
from claims.rulebook import InstalledPack
from claims.settlement import PayeeAmounts, keyed_amounts, loss_of, person_key, policy_year_start, pool_id
from claims.stopped_devices import heard_of_own_stop
from claims.trusted_time import TrustedTime, beijing_date, beijing_text
from claims.waivers import find_catastrophe, waiver_elements
from rules.engine import Pack, encode_facts, read_decision
from rules.engine.model import Decision, Determination, ElementId, Facts, Unit, canonical, digest
from trust.releases import Freshness

PREPAID = "prepaid"
"""The element of a pack that holds what was paid ahead on this loss."""


@dataclass(frozen=True)
class Adjudicated:
    """What the desk shows: the decision, the verdict on it, and the state of the papers."""

    case_no: str
    policy_no: str
    decision: Decision
    outcome: Outcome
    reasons: tuple[Bilingual, ...]
    papers: Completeness
    authority: AuthorityVerdict


def adjudicate(ports: DeskPorts, case_no: str, policy_no: str, entered: Mapping[str, FactValue]) -> Adjudicated:
    """Decide one policy of a case by the installed pack and record facts and determination.

    Args:
        entered: what the adjuster entered for this policy, by the pack's element ids, as JSON values (fen, ISO dates).

    Raises:
        InputError: ``policy_unknown``, ``fact_refused``, ``fact_not_yours``, ``outcome_too_late``.
        EnvironmentProblem: ``no_pack`` when this laptop holds no rules at all.
    """
    at = ports.time()
    installed = ports.rulebook.installed_pack()
    if installed is None:
        raise no_pack()
    policy = find_policy(ports, policy_no)
    with ports.store.write() as uow:
        case = uow.case(case_no)
        catastrophe = find_catastrophe(ports.rulebook.catastrophes(), loss_link(case))
        opening = opening_facts(uow, installed, case, policy, entered=entered, catastrophe=catastrophe)
        together = decide_together(
            uow, installed.pack, case, policy_no, opening=opening, find=ports.extract.policy, decider=installed.decide
        )
        decision = together.decision
        verdict = weigh_decision(
            ports,
            uow,
            case,
            decision,
            facts=together.facts,
            installed=installed,
            policy=policy,
            catastrophe=catastrophe,
            at=at,
            waits=together.waits,
        )
        state = advance(uow, case, CaseState.CALCULATED, at=at.at, reason="adjudicated")
        check_outcome(state, verdict.weighing.outcome)
        uow.append(
            FactsRecorded(
                at=at.at,
                case_no=case_no,
                policy_no=policy_no,
                pack_hash=installed.pack.hash,
                # Before the other policies: what they pay is worked out anew whenever one of them is decided.
                facts=msgspec.Raw(encode_facts(installed.pack, opening)),
            ),
            DeterminationMade(
                at=at.at,
                case_no=case_no,
                policy_no=policy_no,
                pack_hash=installed.pack.hash,
                facts=msgspec.Raw(encode_facts(installed.pack, together.facts)),
                decision=msgspec.Raw(canonical(decision)),
                decision_sha256=digest(decision),
                outcome=verdict.weighing.outcome,
                outcome_reasons=verdict.weighing.reasons,
            ),
        )
    return Adjudicated(
        case_no=case_no,
        policy_no=policy_no,
        decision=decision,
        outcome=verdict.weighing.outcome,
        reasons=verdict.weighing.reasons,
        papers=verdict.papers,
        authority=verdict.authority,
    )


def opening_facts(
    reads: Reads,
    installed: InstalledPack,
    case: CaseRecord,
    policy: ExtractPolicy,
    *,
    entered: Mapping[str, FactValue],
    catastrophe: Catastrophe | None,
) -> Facts:
    """Gather a policy's facts as they are before another policy of the case pays.

    What this laptop promised from the same pools since the extract was made counts as used; what the case's other policies promised
    does not: it comes with their decisions (``claims.policies_together``).
    """

    pack = installed.pack

    def with_used(used_since_fen: Mapping[str, int], prepaid_fen: int = 0) -> Facts:
        return merge_facts(
            pack,
            contract=_with_prepaid(contract_facts(policy), prepaid_fen if ElementId(PREPAID) in pack.elements else 0)
            | {"claim_types": [case.claim_type]}
            | reported_facts(pack, policy.plan, case.claim_type, beijing_date(case.opened_at)),
            entered=entered,
            catastrophe={
                name: value for name, value in waiver_elements(catastrophe).items() if ElementId(name) in pack.elements
            },
            used_since_fen=used_since_fen,
        )

    facts = with_used({})
    decision = installed.decide(pack, facts)
    used = _used_since(reads, pack, case, policy, decision)
    prepaid_fen = sum(
        each.amount_fen
        for each in reads.prepayments(policy.policy_no)
        if (each.liability, each.loss_key) in {loss_of(liability) for liability in decision.liabilities}
    )
    return with_used(used, prepaid_fen) if prepaid_fen or any(used.values()) else facts


def _with_prepaid(contract: dict[str, FactValue], prepaid_fen: int) -> dict[str, FactValue]:
    """Return the contract's facts with what headquarters paid ahead on these losses since the extract was made."""
    if not prepaid_fen:
        return contract
    before = contract.get(PREPAID, 0)
    return contract | {PREPAID: (before if isinstance(before, int) else 0) + prepaid_fen}


def prepaid_times(reads: Reads, policy_no: str) -> Mapping[tuple[str, str], int]:
    """Return how often headquarters has paid ahead on each loss of a policy, as ``keyed_amounts`` counts instalments."""
    return Counter((each.liability, each.loss_key) for each in reads.prepayments(policy_no))


@dataclass(frozen=True)
class Verdict:
    """Everything the weighing looked at."""

    weighing: Weighing
    papers: Completeness
    authority: AuthorityVerdict
    coverage: Spend | Refusal | None


def weigh_decision(
    ports: DeskPorts,
    reads: Reads,
    case: CaseRecord,
    decision: Decision,
    *,
    facts: Facts,
    installed: InstalledPack,
    policy: ExtractPolicy,
    catastrophe: Catastrophe | None,
    at: TrustedTime,
    promises: Sequence[PayeeAmounts] | None = None,
    waits: Sequence[Bilingual] = (),
) -> Verdict:
    """Weigh a decision now.

    Args:
        promises: the real payees' amounts; without them coverage is tried for unnamed payees.
        waits: why the case's other policies stand in the way.
    """
    papers = papers_of(reads, case, catastrophe, loss_traits(facts, case, at))
    flags = (
        *flags_for_a_person(installed.pack, facts, case=case, policy=policy, catastrophe=catastrophe),
        *known_elsewhere(ports.rulebook, facts, case.case_no, reads.documents(case.case_no)),
    )
    payable_fen = decision.total_fen if isinstance(decision, Determination) else 0
    authority = find_authority(
        reads.authorities(),
        adjuster=ports.identity.adjuster,
        claim_type=case.claim_type,
        amount_fen=payable_fen + _other_policies_fen(reads, case.case_no, policy.policy_no),
        catastrophe_id=None if catastrophe is None else catastrophe.catastrophe_id,
        at=at,
    )
    coverage: Spend | Refusal | None = None
    if isinstance(decision, Determination) and authority.covered:
        if promises is None:
            prepaid = prepaid_times(reads, policy.policy_no)
            promises = promised_amounts(decision, case, policy, unnamed_payees(decision), prepaid)
        keyed = [key for payee in promises for key in payee.keys]
        coverage = spend_all(reads.allowance_book(), keyed, at)
    weighing = weigh(
        decision,
        no_rules=_rules_in_the_way(installed, at),
        device_stopped=_STOPPED if reads.revoked() or heard_of_own_stop(ports) else disk_reason(reads),
        missing_papers=[each.sentence for each in papers.missing],
        red_flags=[each.sentence for each in flags],
        over_authority=authority.reason if payable_fen and not authority.covered else None,
        not_covered=coverage.sentence if isinstance(coverage, Refusal) else None,
        waits=waits,
    )
    return Verdict(weighing=weighing, papers=papers, authority=authority, coverage=coverage)


def promised_amounts(
    decision: Determination,
    case: CaseRecord,
    policy: ExtractPolicy,
    payees: Sequence[PayeeFact],
    prepaid: Mapping[tuple[str, str], int] | None = None,
) -> tuple[PayeeAmounts, ...]:
    """Return what each payee would be promised from this decision; ``prepaid``: see ``prepaid_times``."""
    return keyed_amounts(
        decision,
        policy_no=policy.policy_no,
        effective=policy.effective,
        loss_date=case.loss_date,
        insured=case.insured,
        payees=payees,
        prepaid=prepaid,
    )


def unnamed_payees(decision: Determination) -> tuple[PayeeFact, ...]:
    """Return one stand-in a share, to ask whether the sum is covered before anybody is named."""
    shares = max((len(each.shares_fen) for each in decision.liabilities if each.amount_fen), default=0)
    return tuple(
        PayeeFact(name=f"payee {place + 1}", id_number=None, relation="unnamed", bank="", account="")
        for place in range(shares)
    )


def loss_traits(facts: Facts, case: CaseRecord, at: TrustedTime) -> LossTraits:
    """Return the traits of a loss by these facts, and by the report where they are silent."""
    accident, birth = facts.get(ElementId("accident")), facts.get(ElementId("birth_date"))
    return traits_of(
        accident if isinstance(accident, bool) else None,
        birth if isinstance(birth, date) else case.insured.birth_date,
        at,
    )


def find_policy(ports: DeskPorts, policy_no: str) -> ExtractPolicy:
    """Return the policy from the extract. Raises ``InputError`` (``policy_unknown``) when it is not on this laptop."""
    policy = ports.extract.policy(policy_no)
    if policy is None:
        raise InputError(
            "policy_unknown",
            Bilingual(f"本机资料里没有保单 {policy_no}。", f"Policy {policy_no} is not on this laptop."),
            Bilingual(
                "请核对保单号；仍找不到时照常收件，出具资料签收单，由总部核定。",
                "Check the number; if it stays unknown take the papers in all the same and give an acceptance slip: headquarters will decide.",
            ),
        )
    return policy


def no_pack() -> InputError:
    """Return the error of a laptop without rules."""
    return InputError(
        "no_pack",
        Bilingual("本机还没有规则包，不能理算。", "This laptop holds no rule pack yet, so nothing can be calculated."),
        Bilingual(
            "请先与总部同步一次；在此之前可以照常收件并出具资料签收单。",
            "Sync with headquarters once; until then take papers in and give acceptance slips.",
        ),
    )


def _used_since(
    reads: Reads, pack: Pack, case: CaseRecord, policy: ExtractPolicy, decision: Decision
) -> dict[str, int]:
    used: dict[str, int] = {}
    others = other_live_vouchers(reads, case.case_no, policy.policy_no)
    for liability in decision.liabilities:
        for draw in liability.pools:
            if draw.unit is not Unit.FEN or case.loss_date < policy.effective:
                continue
            pool = pool_id(
                draw,
                policy_no=policy.policy_no,
                person_key=person_key(case.insured),
                policy_year_start=policy_year_start(policy.effective, case.loss_date),
                loss_key=f"accident:{case.loss_date.isoformat()}",
            )
            used[pack.pools[draw.pool].spec.used] = reads.promised_fen(pool, without=others) + reads.prepaid_fen(pool)
    return used


def _other_policies_fen(reads: Reads, case_no: str, policy_no: str) -> int:
    return sum(_payable_fen(each) for each in reads.determinations(case_no) if each.policy_no != policy_no)


def _payable_fen(record: DeterminationRecord) -> int:
    decision = read_decision(record.decision)
    return decision.total_fen if isinstance(decision, Determination) else 0


def _rules_in_the_way(installed: InstalledPack, at: TrustedTime) -> Bilingual | None:
    if installed.standing(at) is not Freshness.EXPIRED:
        return None
    ended = beijing_text(installed.record.expires_at)
    clock = (
        Bilingual("（电脑时钟可能超前，请先核对）", " (the laptop's clock may be ahead: check it first)")
        if at.suspect_ahead
        else Bilingual("", "")
    )
    return Bilingual(
        f"规则包已于 {ended} 过期{clock.zh}，只收件不预核。请联网或用优盘更新规则包。",
        f"The rule pack expired at {ended} (Beijing){clock.en}: papers are taken in, nothing is pre-approved. Update it by link or stick.",
    )


_STOPPED = Bilingual(
    "总部已停用本机，不能预核。请把案件和材料交给站长。",
    "Headquarters has stopped this laptop: it cannot pre-approve. Hand the case and its papers to the station lead.",
)
