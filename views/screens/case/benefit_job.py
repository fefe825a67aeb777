"""What the benefit step does in the background: gathers what it shows, decides what is due, explains every decision.

Promise: no Qt here; a figure comes from a determination that is on disk, never from a calculation that is not recorded yet.
What was signed is not decided again on other facts by itself: somebody must ask for it.

Source: docs/adr/0103.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from claims.allowance_lacks import AllowanceLack
from claims.desk import Desk
from claims.entered_facts import facts_changed
from claims.errors import Bilingual, EnvironmentProblem, OutpostError
from claims.events import Outcome, PaperKind
from claims.explanation import (
    BasisLine,
    NotApplied,
    OtherSum,
    Threshold,
    WaterfallBar,
    basis,
    checks,
    not_applied,
    not_reached,
    other_sums,
    thresholds,
    waterfall,
)
from claims.form_fields import FactValue, FieldProblem, Validated
from claims.overviews import CaseStanding, CaseStep, StepState
from claims.plain_words import plain_parts
from claims.records import DeterminationRecord, PaperState
from claims.reference import ExtractPolicy
from claims.rulebook import InstalledPack
from claims.signed_order import order_place
from claims.trusted_time import beijing_date
from rules.engine import Decision, read_decision
from rules.engine.model import Determination
from views.screens.case.facts import check_facts, decode_raw, facts_draft_id


@dataclass(frozen=True)
class Explained:
    """One determination, ready to be drawn."""

    record: DeterminationRecord
    decision: Decision
    bars: tuple[WaterfallBar, ...]
    lines: tuple[BasisLine, ...]
    checked: tuple[BasisLine, ...]
    not_reached: int
    not_applied: tuple[NotApplied, ...]
    thresholds: tuple[Threshold, ...]
    others: tuple[OtherSum, ...]
    story: Bilingual
    close: Bilingual
    rules: Bilingual

    @property
    def outcome(self) -> Outcome:
        """What the field may say of it."""
        return self.record.outcome

    @property
    def payable_fen(self) -> int | None:
        """The sum, None where a person must find it."""
        return self.decision.total_fen if isinstance(self.decision, Determination) else None


@dataclass(frozen=True)
class PolicyBenefit:
    """One policy of the case. ``policy`` None: it is not on this laptop; ``explained`` None: nothing was decided yet."""

    policy_no: str
    policy: ExtractPolicy | None
    explained: Explained | None

    @property
    def name(self) -> Bilingual:
        """What the tab calls it."""
        if self.policy is None:
            return Bilingual(self.policy_no, self.policy_no)
        return self.policy.product_name


@dataclass(frozen=True)
class Benefits:
    """The whole step at one moment.

    ``due``: policies that are to be decided now, by themselves. ``entered``: the checked facts, None where ``problems`` stand.
    ``outdated``: the result stands signed or promised while the typed facts are others.
    """

    policies: tuple[PolicyBenefit, ...]
    due: tuple[str, ...]
    entered: Mapping[str, FactValue] | None
    problems: tuple[FieldProblem, ...]
    drafted: bool
    outdated: tuple[str, ...]
    promised: frozenset[str]
    pack_error: OutpostError | None
    attempt: str
    """What a calculation now would be made of: the same attempt is not repeated by itself."""
    lacks: tuple[AllowanceLack, ...] = ()
    sharing: bool = False
    """Whether neighbours can be asked for what is lacking."""
    ready: tuple[str, ...] = ()
    """Policies that could not be promised when they were calculated and could now."""


def gather(desk: Desk, standing: CaseStanding) -> Benefits:
    """Read everything that the step shows. Raises what the desk raises, but for a pack that can't be read."""
    pack, pack_error = _pack(desk)
    case = standing.case
    draft = desk.draft(facts_draft_id(case.case_no))
    checked = check_facts(case.claim_type, decode_raw(draft), beijing_date(standing.at.at))
    entered = checked.elements if isinstance(checked, Validated) else None
    problems = () if isinstance(checked, Validated) else checked
    known = {each.policy_no: each for each in standing.policies}
    records = {each.policy_no: each for each in standing.determinations}
    promised = _promised(standing)
    changed = _changed(pack, standing, records, known, entered)
    signed = {number for number in changed if _signed(standing, records[number])}
    room = desk.authority_room(case.case_no) if records else None
    authority = None if room is None or room.ceiling_fen is None else (room.ceiling_fen, room.sum_fen)
    names = dict.fromkeys((*case.policy_nos, *records))
    sharing = desk.sharing().on
    due: tuple[str, ...] = ()
    if pack is not None and entered is not None:
        rules = pack.pack
        due = tuple(
            sorted(
                (
                    number
                    for number in names
                    if number in known
                    and number not in promised
                    and number not in signed
                    and (standing.step(CaseStep.BENEFIT).state is not StepState.DONE or number in changed)
                ),
                # In the signed order: what an earlier policy pays is known when a later one is decided.
                key=lambda number: order_place(rules, known[number]),
            )
        )
    return Benefits(
        policies=tuple(
            PolicyBenefit(
                policy_no=number,
                policy=known.get(number),
                explained=_explained(records[number], standing, pack, authority) if number in records else None,
            )
            for number in names
        ),
        due=due,
        entered=entered,
        problems=problems,
        drafted=draft is not None,
        outdated=tuple(number for number in names if number in changed and number in signed | promised),
        promised=promised,
        pack_error=pack_error,
        attempt=f"{case.case_no} {len(standing.documents)} {None if pack is None else pack.pack.hash} {entered} {due}",
        lacks=desk.allowance_lacks(case.case_no) if sharing and records else (),
        sharing=sharing,
        ready=desk.promisable_now(case.case_no) if records else (),
    )


def decide_due(
    desk: Desk, case_no: str, due: tuple[str, ...], entered: Mapping[str, FactValue]
) -> dict[str, OutpostError]:
    """Decide and record these policies; return what kept one of them from it. The others are not held up."""
    failed: dict[str, OutpostError] = {}
    for policy_no in due:
        try:
            desk.adjudicate(case_no, policy_no, entered)
        except OutpostError as error:
            failed[policy_no] = error
    return failed


def _pack(desk: Desk) -> tuple[InstalledPack | None, OutpostError | None]:
    try:
        return desk.rules(), None
    except EnvironmentProblem as error:
        return None, error


def _promised(standing: CaseStanding) -> frozenset[str]:
    """Return the policies for whose newest determination a voucher stands: its promise is not decided again."""
    newest = {each.policy_no: each.decision_sha256 for each in standing.determinations}
    return frozenset(
        paper.policy_no
        for paper in standing.papers
        if paper.kind is PaperKind.VOUCHER
        and paper.state is not PaperState.VOIDED
        and paper.policy_no is not None
        and newest.get(paper.policy_no) == paper.decision_sha256
    )


def _changed(
    pack: InstalledPack | None,
    standing: CaseStanding,
    records: Mapping[str, DeterminationRecord],
    known: Mapping[str, ExtractPolicy],
    entered: Mapping[str, FactValue] | None,
) -> set[str]:
    if pack is None or entered is None:
        return set()
    return {
        number
        for number, record in records.items()
        if number in known and facts_changed(record, known[number], pack.pack, entered, standing.given.get(number))
    }


def _signed(standing: CaseStanding, record: DeterminationRecord) -> bool:
    return any(each.content_sha256 == record.decision_sha256 for each in standing.signatures)


def _explained(
    record: DeterminationRecord,
    standing: CaseStanding,
    pack: InstalledPack | None,
    authority: tuple[int, int] | None,
) -> Explained:
    decision = read_decision(record.decision)
    catastrophe = standing.catastrophe
    same_pack = pack is not None and pack.pack.hash == record.pack_hash
    own_pack = pack if same_pack else None
    pool_names = {} if own_pack is None else {name: pool.spec.name for name, pool in own_pack.pack.pools.items()}
    story, close = plain_parts(
        decision, outcome=record.outcome, outcome_reasons=record.outcome_reasons, catastrophe=catastrophe
    )
    return Explained(
        record=record,
        decision=decision,
        bars=waterfall(decision, catastrophe),
        lines=basis(decision, catastrophe),
        checked=checks(decision),
        not_reached=not_reached(decision),
        not_applied=not_applied(decision),
        thresholds=thresholds(decision, pool_names=pool_names, authority=authority),
        others=other_sums(decision),
        story=story,
        close=close,
        rules=_rules_label(decision, own_pack),
    )


def _rules_label(decision: Decision, pack: InstalledPack | None) -> Bilingual:
    """Return which rules decided: the installed ones by their date, others by name and version."""
    if pack is None:
        version = f"{decision.pack_id} {decision.pack_version}"
        return Bilingual(f"条款 {decision.plan}·规则包 {version}", f"terms {decision.plan}, rules {version}")
    made = beijing_date(pack.record.issued_at)
    return Bilingual(f"条款 {decision.plan}·规则包 {made}", f"terms {decision.plan}, rules of {made}")
