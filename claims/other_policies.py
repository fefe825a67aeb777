"""The other policies of a case, as one of them is decided: what they were decided on, what of it was promised, what is only named.

Promise: facts come as they were before any policy of the case paid; nothing is worked out here. A promise that cannot be read by
the rules on this laptop is told apart, never left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from claims.events import Outcome, PaperKind
from claims.ports import Reads
from claims.records import CaseRecord, DeterminationRecord, PaperRecord, PaperState
from claims.reference import ExtractPolicy
from rules.engine import FactsError, Pack, decode_facts
from rules.engine.coordination import PolicyClaim
from rules.engine.model import Facts

FindPolicy = Callable[[str], ExtractPolicy | None]
"""Returns a policy of this laptop's extract by number, None where it is not there."""


@dataclass(frozen=True)
class OtherPolicy:
    """Another policy of the case.

    ``claim`` holds its facts before the case's other policies; of one that is not decided yet only what the contract says.
    ``promise`` is the determination that its vouchers rest on, None without a standing voucher. ``referred``: a person must decide.
    """

    claim: PolicyClaim
    promise: DeterminationRecord | None = None
    referred: bool = False


@dataclass(frozen=True)
class OtherPolicies:
    """All of them; ``unclear`` are the numbers of those whose promise can't be held against the rules here any more."""

    known: tuple[OtherPolicy, ...] = ()
    unclear: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self.known or self.unclear)


def other_policies(reads: Reads, pack: Pack, case: CaseRecord, policy_no: str, find: FindPolicy) -> OtherPolicies:
    """Return the policies that are named in the case or decided in it, without this one.

    A policy that is neither decided here nor on this laptop is left out: headquarters decides it, and sees what was promised.
    """
    records = {record.policy_no: record for record in reads.determinations(case.case_no)}
    names = [name for name in dict.fromkeys((*case.policy_nos, *records)) if name != policy_no]
    if not names:
        return OtherPolicies()
    promised: dict[str | None, set[str | None]] = {}
    for paper in _live_vouchers(reads, case.case_no):
        promised.setdefault(paper.policy_no, set()).add(paper.decision_sha256)
    known: list[OtherPolicy] = []
    unclear: list[str] = []
    for name in names:
        record = records.get(name)
        given = None if record is None else _given(reads, pack, record)
        if (
            record is not None
            and given is not None
            and promised.get(name, {record.decision_sha256}) == {record.decision_sha256}
        ):
            known.append(
                OtherPolicy(
                    claim=PolicyClaim(name, pack, given, loss=case.case_no),
                    promise=record if name in promised else None,
                    referred=record.outcome is Outcome.REFERRED,
                )
            )
        elif name in promised:
            unclear.append(name)
        elif (policy := find(name)) is not None:
            known.append(OtherPolicy(PolicyClaim(name, pack, _named(pack, case, policy), loss=case.case_no)))
    return OtherPolicies(tuple(known), tuple(unclear))


def other_live_vouchers(reads: Reads, case_no: str, policy_no: str) -> tuple[str, ...]:
    """Return the numbers of the standing vouchers of the case's other policies: what they drew comes from their decisions."""
    return tuple(paper.number for paper in _live_vouchers(reads, case_no) if paper.policy_no != policy_no)


def _live_vouchers(reads: Reads, case_no: str) -> list[PaperRecord]:
    return [
        paper
        for paper in reads.papers(case_no)
        if paper.kind is PaperKind.VOUCHER and paper.state is not PaperState.VOIDED
    ]


def _given(reads: Reads, pack: Pack, record: DeterminationRecord) -> Facts | None:
    """Return a decided policy's facts before the others of the case; None where it was decided by other rules."""
    given = reads.facts(record.case_no, record.policy_no)
    if given is None or record.pack_hash != pack.hash:
        return None
    try:
        return decode_facts(pack, given)
    except FactsError:
        return None


def _named(pack: Pack, case: CaseRecord, policy: ExtractPolicy) -> Facts:
    """Return what is known of a policy that is only named: enough for its place and for what it would reimburse, but no bill."""
    named = {
        "plan": policy.plan,
        "policy_effective": policy.effective.isoformat(),
        "claim_types": [case.claim_type],
    }
    return decode_facts(pack, msgspec.json.encode(named))
