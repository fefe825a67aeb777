"""How a case stands in its signing: whose word is on record for which result, who has to sign, what is not signed here. Pure: functions
of its standing.

Promise: of several words of one role the newest counts; a word belongs to the result whose hash it carries and to no other.

Source: design.md "One claim, one direction" (4); docs/adr/0104.
"""

from __future__ import annotations

from collections.abc import Iterable

from claims.case_papers import ADULT_AGE
from claims.events import Outcome, PaperSigned
from claims.identity import age_on
from claims.materials import DEATH_CLAIMS
from claims.overviews import CaseStanding
from claims.records import DeterminationRecord, PaperRecord, PaperState
from claims.signing import Role
from claims.trusted_time import beijing_date
from rules.bilingual import Bilingual
from views.screens.case.payees import HOSPITAL, NAME, RELATION, Raw, to_sign
from views.sentences import together

_NOTHING_WHY = Bilingual(
    "结果还要由总部核定，现场不承诺给付，所以不请申请人签金额。下一步出资料签收单，写明已收到的材料和后续办理。",
    "Headquarters must decide first; nothing is promised here, so nobody signs a sum. Next comes the acceptance slip: what was handed in and what happens now.",
)


def words_on(standing: CaseStanding, record: DeterminationRecord) -> tuple[PaperSigned, ...]:
    """Return what everybody said about a result, oldest first."""
    return tuple(each for each in standing.signatures if each.content_sha256 == record.decision_sha256)


def signed(standing: CaseStanding, record: DeterminationRecord) -> bool:
    """Say whether claimant and adjuster signed this result and neither refused."""
    words = [_newest(standing, record, role) for role in (Role.CLAIMANT, Role.ADJUSTER)]
    return all(word is not None and not word.refused for word in words)


def refused(standing: CaseStanding, record: DeterminationRecord) -> bool:
    """Say whether the claimant refused to sign this result."""
    word = _newest(standing, record, Role.CLAIMANT)
    return word is not None and word.refused


def all_signed(standing: CaseStanding) -> bool:
    """Say whether there is something to sign and all of it is signed."""
    records = to_sign(standing)
    return bool(records) and all(signed(standing, each) for each in records)


def any_refused(standing: CaseStanding) -> bool:
    """Say whether the claimant refused to sign one of the results to sign."""
    return any(refused(standing, each) for each in to_sign(standing))


def standing_vouchers(standing: CaseStanding) -> tuple[PaperRecord, ...]:
    """Return the vouchers that promise what is signed here and were not voided."""
    hashes = {each.decision_sha256 for each in to_sign(standing)}
    return tuple(
        each
        for each in reversed(standing.papers)
        if each.decision_sha256 in hashes and each.state is not PaperState.VOIDED
    )


def claimant_names(standing: CaseStanding, payees: Iterable[Raw]) -> tuple[str, ...]:
    """Return who signs: each payee where several share, the guardian of a minor, else the payee; at a counter the patient.

    Args:
        payees: what stands in the payees' forms.
    """
    case, raws = standing.case, tuple(payees)
    names = tuple(dict.fromkeys(raw.get(NAME, "").strip() for raw in raws))
    if len(names) > 1:
        return names
    birth = case.insured.birth_date
    if case.claim_type not in DEATH_CLAIMS:
        if birth is not None and age_on(birth, beijing_date(standing.at.at)) < ADULT_AGE:
            return (case.reporter.name,)
        if not raws or raws[0].get(RELATION) == HOSPITAL:
            return (case.insured.name,)
    return names or (case.reporter.name,)


def why_nothing_to_sign(standing: CaseStanding) -> Bilingual:
    """Return why nothing is promised, with the reasons of the results."""
    reasons = dict.fromkeys(reason for each in standing.determinations for reason in each.outcome_reasons)
    return together(*reasons, _NOTHING_WHY)


def other_results(standing: CaseStanding) -> Bilingual:
    """Return a sentence on the policies that are not signed here; an empty one where there are none."""
    others = [each.policy_no for each in standing.determinations if each.outcome is not Outcome.PRE_APPROVED]
    if not others:
        return Bilingual("", "")
    return Bilingual(
        f"另有保单 {'、'.join(others)} 由总部核定，不在这里签。",
        f"Policy {', '.join(others)} goes to headquarters and is not signed here.",
    )


def _newest(standing: CaseStanding, record: DeterminationRecord, role: Role) -> PaperSigned | None:
    return next((each for each in reversed(words_on(standing, record)) if each.role == role.value), None)
