"""What was decided to be paid on each policy of a case: by a voucher on the newest determination, or by headquarters.

Promise: sums are those of vouchers, determinations and signed decisions; nothing is added up but what a notice states as a sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claims.document_contents.dossier import Dossier
from claims.errors import Bilingual
from claims.lifecycle import FinalDecision
from claims.records import PaperRecord
from claims.statements import ClaimDecided
from rules.engine import Decision

# What pays; a decision of a kind that this version does not know is told by headquarters alone.
FINAL_NAMES = {
    FinalDecision.PAY.value: Bilingual("给付", "paid"),
    FinalDecision.PARTIAL.value: Bilingual("部分给付", "paid in part"),
    FinalDecision.EX_GRATIA.value: Bilingual("通融给付", "paid ex gratia"),
    FinalDecision.COMPROMISE.value: Bilingual("协议给付", "paid by compromise"),
    FinalDecision.WAIVER.value: Bilingual("豁免保险费", "premiums waived"),
}


@dataclass(frozen=True)
class PolicyOutcome:
    """What one policy pays. ``decision`` is the stored determination, None where headquarters decided without one of this laptop.

    ``vouchers`` are the standing ones. ``final``: headquarters' decision, None while the promise is pre-approved only.
    """

    policy_no: str
    amount_fen: int
    decision: Decision | None
    vouchers: tuple[PaperRecord, ...]
    final: ClaimDecided | None
    settled: bool

    @property
    def pre_approved(self) -> bool:
        """Whether headquarters has neither decided nor settled it yet."""
        return self.final is None and not self.settled

    @property
    def as_calculated(self) -> bool:
        """Whether the determination here comes to what is paid."""
        return self.decision is not None and self.decision.total_fen == self.amount_fen

    @property
    def paid_by_voucher(self) -> bool:
        """Whether the standing vouchers promise exactly what is paid."""
        return bool(self.vouchers) and sum(each.amount_fen or 0 for each in self.vouchers) == self.amount_fen


def paying(dossier: Dossier) -> tuple[PolicyOutcome, ...]:
    """Return the policies on which a payment was decided, in the case's order."""
    keys = dossier.policy_nos or tuple(dossier.finals)
    found: list[PolicyOutcome] = []
    for policy_no in keys:
        final = dossier.final(policy_no)
        if final is None:
            found.extend(_promised(dossier, policy_no))
        elif final.decision in FINAL_NAMES and all(each.final is not final for each in found):
            found.extend(_decided(dossier, final, [each for each in keys if dossier.final(each) is final]))
    return tuple(found)


def undecided(dossier: Dossier) -> tuple[str, ...]:
    """Return the case's policies on which nothing was decided yet."""
    promised = {each.policy_no for each in paying(dossier) if each.final is None}
    return tuple(
        policy_no for policy_no in dossier.policy_nos if policy_no not in promised and policy_no not in dossier.finals
    )


def _promised(dossier: Dossier, policy_no: str) -> list[PolicyOutcome]:
    vouchers, decision = dossier.promise(policy_no), dossier.decisions.get(policy_no)
    if not vouchers or decision is None:
        return []
    amount_fen = sum(each.amount_fen or 0 for each in vouchers)
    return [PolicyOutcome(policy_no, amount_fen, decision, vouchers, None, dossier.settled(policy_no))]


def _decided(dossier: Dossier, final: ClaimDecided, policy_nos: Sequence[str]) -> list[PolicyOutcome]:
    """Return what a decision of headquarters pays: policy by policy where its sum is theirs, else in one sum for all of them."""
    decisions = [dossier.decisions.get(each) for each in policy_nos]
    known = [each for each in decisions if each is not None]
    if len(policy_nos) > 1 and (
        len(known) < len(policy_nos) or sum(each.total_fen for each in known) != final.amount_fen
    ):
        vouchers = tuple(voucher for each in policy_nos for voucher in dossier.vouchers(each))
        return [PolicyOutcome("、".join(policy_nos), final.amount_fen, None, vouchers, final, settled=True)]
    return [
        PolicyOutcome(
            policy_no,
            final.amount_fen if len(policy_nos) == 1 or decision is None else decision.total_fen,
            decision,
            dossier.vouchers(policy_no),
            final,
            settled=True,
        )
        for policy_no, decision in zip(policy_nos, decisions, strict=True)
    ]
