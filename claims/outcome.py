"""Weighs everything that decides between *pre-approved*, *referred* and *receipt only*. The field never declines.

Promise: a pre-approval needs all of it at once: rules that hold today, a payable determination, complete papers, no red flag,
authority, and an allowance. Whatever is missing is said in a sentence, all of it, not the first only.

Source: design.md "One claim, one direction" (3, 4), notes/domain.md §1.1 offline rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claims.events import Outcome
from rules.engine.model import Bilingual, Decision, Referral


@dataclass(frozen=True)
class Weighing:
    """The verdict and its sentences; ``reasons`` is empty exactly when the outcome is pre-approved."""

    outcome: Outcome
    reasons: tuple[Bilingual, ...]


def weigh(
    decision: Decision | None,
    *,
    no_rules: Bilingual | None,
    device_stopped: Bilingual | None,
    missing_papers: Sequence[Bilingual],
    red_flags: Sequence[Bilingual],
    over_authority: Bilingual | None,
    not_covered: Bilingual | None,
    waits: Sequence[Bilingual] = (),
) -> Weighing:
    """Weigh the parts; each argument is None or empty where there is nothing in the way.

    ``receipt_only`` when this laptop may not promise at all or the papers are incomplete or nothing covers the promise;
    ``referred`` when a person at headquarters must decide.

    Args:
        waits: why another policy of the case must be decided first; the decision itself does not know the other policies.
    """
    for_a_person: list[Bilingual] = []
    if isinstance(decision, Referral):
        for_a_person.extend(reason.text for reason in decision.reasons)
    for_a_person.extend(waits)
    for_a_person.extend(red_flags)
    if over_authority is not None:
        for_a_person.append(over_authority)

    no_promise = [each for each in (no_rules, device_stopped) if each is not None]
    no_promise.extend(missing_papers)
    if not_covered is not None and not for_a_person:
        no_promise.append(not_covered)

    if no_rules is not None or device_stopped is not None or decision is None:
        return Weighing(Outcome.RECEIPT_ONLY, (*no_promise, *for_a_person))
    if for_a_person:
        return Weighing(Outcome.REFERRED, (*for_a_person, *no_promise))
    if no_promise:
        return Weighing(Outcome.RECEIPT_ONLY, tuple(no_promise))
    return Weighing(Outcome.PRE_APPROVED, ())
