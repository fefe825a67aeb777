"""The mutation score of a pack's worked cases: how many small slips some case notices.

Promise: deterministic. A slip counts as noticed when at least one case that reaches it comes out otherwise than expected. All slips
are tried unless that would take more than ``MAX_DECISIONS`` decisions; then of the parts with most slips every n-th is tried, and
the report says so.

Source: notes/rules.md §4 ("mutation score"), ADR 0116.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules.bilingual import Bilingual
from rules.checking.findings import Check, Finding, Mutation
from rules.checking.mutants import Mutant, mutants
from rules.checking.probing import Case, Notes
from rules.engine import Pack, decide
from rules.tools.pack_tests import differences

LEAST_PERCENT = 90
MAX_DECISIONS = 100_000


@dataclass(frozen=True, slots=True)
class Score:
    """The score, and the slips that no case notices."""

    mutation: Mutation
    survivors: tuple[Mutant, ...]


def score(pack: Pack, notes: Notes, most_decisions: int = MAX_DECISIONS) -> Score:
    """Try the mutants of a pack whose cases all come out. ``most_decisions`` bounds the work."""
    found = list(mutants(pack, notes))
    tried = _within(found, most_decisions)
    survivors = []
    # The case that noticed the last slip of a part often notices the next one: it is tried first. The score does not depend on it.
    noticing: dict[str, dict[int, None]] = {}
    for mutant in tried:
        if mutant.equivalent:
            continue
        earlier = noticing.setdefault(mutant.part, {})
        by = noticed_by(mutant, notes.cases, tuple(earlier))
        if by is None:
            survivors.append(mutant)
        else:
            earlier.pop(by, None)
            noticing[mutant.part] = {by: None, **earlier}
    equivalent = sum(mutant.equivalent for mutant in tried)
    return Score(
        mutation=Mutation(
            mutants=len(tried),
            killed=len(tried) - equivalent - len(survivors),
            equivalent=equivalent,
            sampled=len(tried) < len(found),
        ),
        survivors=tuple(survivors),
    )


def _within(found: Sequence[Mutant], most: int) -> list[Mutant]:
    """Return the mutants to try: parts with few of them whole, of the others every n-th, so that all have a fair share of the work."""
    parts: dict[str, list[Mutant]] = {}
    for mutant in found:
        parts.setdefault(mutant.part, []).append(mutant)
    work = {part: sum(max(1, len(each.cases)) + each.extra_work for each in own) for part, own in parts.items()}
    every: dict[str, int] = {}
    left = most
    for number, part in enumerate(sorted(parts, key=lambda each: (work[each], each))):
        share = max(1, left // (len(parts) - number))
        every[part] = -(-work[part] // share)
        left -= work[part] // every[part]
    return [mutant for part, own in parts.items() for mutant in own[:: every[part]]]


def noticed_by(mutant: Mutant, cases: Sequence[Case], first: Sequence[int] = ()) -> int | None:
    """Return a case (its index) that comes out otherwise than expected with the slip, or None. ``first`` are looked at first."""
    if not mutant.cases:
        return None
    pack = mutant.pack()
    hopeful = [index for index in first if index in set(mutant.cases)]
    for index in dict.fromkeys((*hopeful, *mutant.cases)):
        case = cases[index]
        if differences(case.test, decide(pack, case.facts)):
            return index
    return None


def findings_of(found: Score) -> list[Finding]:
    """Tell the slips that no case notices, and whether they are too many."""
    told: list[Finding] = []
    percent = found.mutation.score_percent
    if percent < LEAST_PERCENT:
        text = Bilingual(
            zh=f"变异得分 {percent:.1f} %，低于 {LEAST_PERCENT} %：请为下列改动补充能分辨的用例",
            en=f"the mutation score is {percent:.1f} %, below {LEAST_PERCENT} %: add cases that notice the changes below",
        )
        told.append(Finding(check=Check.MUTATION, part="tests", text=text, blocking=True))
    for mutant in found.survivors:
        where = (
            ("没有用例经过这里", "no case comes by here")
            if not mutant.cases
            else ("所有用例仍通过", "all cases still pass")
        )
        left_out = mutant.after == "-"
        zh = f"去掉 {mutant.before}" if left_out else f"把 {mutant.before} 改为 {mutant.after}"
        en = f"without {mutant.before}" if left_out else f"with {mutant.before} changed to {mutant.after}"
        text = Bilingual(zh=f"{zh}，{where[0]}", en=f"{en}, {where[1]}")
        told.append(Finding(check=Check.MUTATION, part=mutant.part, text=text, blocking=False))
    return told
