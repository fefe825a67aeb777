"""What each step of a decision did to the sum: read from the decision alone, once, for the window and for the papers.

Promise: every step has exactly one role; the levels run without a gap from 0 to the decision's total. Whole fen only: a cut that
leaves a part of a fen carries the rounding that follows it, so that rounding never looks like a deduction. Nothing is worked
out again: a figure that the steps do not hold is not shown.

Source: docs/adr/0103; notes/domain.md §5 "Canonical order".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from claims.reference import Catastrophe
from rules.bilingual import Bilingual
from rules.engine.model import Decision, LiabilityResult, Referral, Step, Unit


class StepRole(StrEnum):
    """What a step did.

    ``start``: a benefit begins with this sum. ``more``: the sum rose. ``cut``: it fell. ``waived``: a condition or a cut that a
    catastrophe lifted. ``stopped``: the benefit ends here or a person must decide. ``unused``: a cut or limit that took nothing.
    ``rounded``: to the fen. ``together``: its share is in a later cut. ``passed``: looked at, beside the sum. ``unconcerned``: why a
    benefit has nothing to do with the loss. ``unreached``: after a stop.
    """

    START = "start"
    MORE = "more"
    CUT = "cut"
    WAIVED = "waived"
    STOPPED = "stopped"
    UNUSED = "unused"
    ROUNDED = "rounded"
    TOGETHER = "together"
    PASSED = "passed"
    UNCONCERNED = "unconcerned"
    UNREACHED = "unreached"


_NUMBERS = frozenset({Unit.FEN, Unit.RATIO, Unit.DAY, Unit.COUNT})


@dataclass(frozen=True)
class ToldStep:
    """One step with its role.

    ``before_fen``/``after_fen`` run over all benefits of the decision: the second benefit begins where the first ended, at
    ``base_fen``.
    ``spared_fen`` is what a waived cut would have taken, None where the decision does not say. ``together`` are earlier steps
    whose share of this change is no whole number of fen and not known apart.
    """

    benefit: LiabilityResult
    step: Step
    role: StepRole
    before_fen: int
    after_fen: int
    spared_fen: int | None = None
    together: tuple[Step, ...] = ()
    base_fen: int = 0

    @property
    def change_fen(self) -> int:
        """What the step did to the sum."""
        return self.after_fen - self.before_fen

    @property
    def ratio(self) -> Decimal | None:
        """The ratio that alone explains this change, rounded half up; None where it is another kind of step."""
        if self.together or self.step.unit is not Unit.RATIO:
            return None
        ratio = number(self.step)
        if ratio is None or self.role is not StepRole.CUT:
            return None
        left = (self.before_fen - self.base_fen) * ratio
        return ratio if abs(left - (self.after_fen - self.base_fen)) <= Decimal("0.5") else None


def told_steps(decision: Decision) -> tuple[ToldStep, ...]:
    """Return every step of every benefit, in order."""
    because = {reason.rule for reason in decision.reasons} if isinstance(decision, Referral) else set()
    told: list[ToldStep] = []
    base = 0
    for benefit in decision.liabilities:
        told.extend(
            replace(each, before_fen=base + each.before_fen, after_fen=base + each.after_fen, base_fen=base)
            for each in _told_benefit(benefit, because, decision)
        )
        base += benefit.amount_fen
    return tuple(told)


def number(step: Step) -> Decimal | None:
    """Return a step's value as a number, None for text, dates, yes or no, and a value that is missing."""
    if step.unit not in _NUMBERS:
        return None
    try:
        return Decimal(step.value)
    except InvalidOperation:
        return None


def waiver_numbers(codes: str | None, catastrophe: Catastrophe | None) -> tuple[str, ...]:
    """Return the printed numbers of a step's waivers (``W-02``); a code the catastrophe does not list stays as it is."""
    known = {} if catastrophe is None else {each.code: each.number for each in catastrophe.waivers}
    return () if codes is None else tuple(known.get(code, code) for code in codes.split("+"))


def _told_benefit(benefit: LiabilityResult, because: set[str], decision: Decision) -> list[ToldStep]:
    told: list[ToldStep] = []
    level = 0
    begun = False
    unconcerned = _unconcerned(benefit)
    pending: list[int] = []
    for place, step in enumerate(benefit.steps):
        after, role, spared = level, StepRole.PASSED, None
        if _unreached(step):
            role = StepRole.UNREACHED
        elif unconcerned and place == len(benefit.steps) - 1:
            role = StepRole.UNCONCERNED
        elif step.waiver is not None:
            role, spared = StepRole.WAIVED, _spared(step, level)
        elif step.amount_fen is not None:
            after = step.amount_fen
            role, begun = _role_of_amount(step, level, after, begun), True
        elif step.unit is Unit.BOOL:
            role = _role_of_condition(step, because)
        elif step.applied and not step.value:
            role = StepRole.STOPPED
        elif not step.applied:
            role = StepRole.UNUSED
        told.append(ToldStep(benefit, step, role, level, after, spared))
        if _may_leave_part_of_a_fen(step, begun):
            pending.append(place)
        if step.amount_fen is not None and not _unreached(step):
            if pending:
                _carry(told, pending)
            pending = []
            level = after
    if level != benefit.amount_fen:
        _end(told, benefit, level, decision)
    return told


def _role_of_amount(step: Step, before: int, after: int, begun: bool) -> StepRole:
    if step.unit is Unit.BOOL and step.applied:
        return StepRole.STOPPED
    if not begun:
        return StepRole.START
    if after < before:
        return StepRole.CUT
    if after > before:
        return StepRole.MORE
    return StepRole.ROUNDED if step.applied else StepRole.UNUSED


def _role_of_condition(step: Step, because: set[str]) -> StepRole:
    return StepRole.STOPPED if step.applied and step.rule in because else StepRole.PASSED


def _unreached(step: Step) -> bool:
    return not step.value and not step.applied


def _unconcerned(benefit: LiabilityResult) -> bool:
    if benefit.amount_fen or not benefit.steps or any(step.amount_fen is not None for step in benefit.steps):
        return False
    last = benefit.steps[-1]
    return last.unit is Unit.BOOL and last.value == "false" and not last.applied and last.waiver is None


def _spared(step: Step, level: int) -> int | None:
    if step.amount_fen is None or step.unit is not Unit.FEN:
        return None
    sum_fen = number(step)
    return None if sum_fen is None else min(int(abs(sum_fen)), level)


def _may_leave_part_of_a_fen(step: Step, begun: bool) -> bool:
    """Say whether this may be a change of the sum whose result is no whole fen: it has no level of its own."""
    if step.amount_fen is not None or not step.applied or not step.value:
        return False
    return step.unit is Unit.RATIO or (step.unit is Unit.FEN and (not begun or not _whole(step)))


def _whole(step: Step) -> bool:
    value = number(step)
    return value is not None and value == value.to_integral_value()


def _carry(told: list[ToldStep], pending: Sequence[int]) -> None:
    """Give the change that the closing step shows to the steps before it that made it."""
    closing = told[-1]
    rounding = Decimal(0)
    if closing.step.unit is Unit.FEN and closing.step.applied and not _whole(closing.step):
        rounding = number(closing.step) or Decimal(0)
    if closing.role is StepRole.START:
        # The values behind a first sum are told before it; only a rounding says that the sum itself had no whole level.
        if rounding:
            _move_change(told, pending[-1], (), StepRole.START)
        return
    exact = closing.after_fen - rounding
    if rounding:
        alone = [place for place in pending if _explains(told[place].step, closing.before_fen, exact)]
        if alone:
            _move_change(told, alone[-1], (), StepRole.CUT)
        else:
            _move_change(told, pending[-1], _join(told, pending[:-1]), StepRole.CUT)
        return
    if closing.role is StepRole.CUT:
        unknown = [place for place in pending if not _explains_whole(told[place].step, closing.before_fen)]
        told[-1] = replace(closing, together=_join(told, unknown))


def _join(told: list[ToldStep], places: Sequence[int]) -> tuple[Step, ...]:
    for place in places:
        told[place] = replace(told[place], role=StepRole.TOGETHER)
    return tuple(told[place].step for place in places)


def _explains(step: Step, before: int, exact: Decimal) -> bool:
    value = number(step)
    if value is None:
        return False
    return before * value == exact if step.unit is Unit.RATIO else before + value == exact


def _explains_whole(step: Step, before: int) -> bool:
    """Say whether a ratio would have left whole fen: then it was no step of the sum, or it would have shown its level."""
    value = number(step)
    return step.unit is Unit.RATIO and value is not None and before * value == (before * value).to_integral_value()


def _move_change(told: list[ToldStep], place: int, joined: tuple[Step, ...], role: StepRole) -> None:
    closing = told[-1]
    carrier = told[place]
    after = closing.after_fen
    if role is StepRole.CUT and after > closing.before_fen:
        role = StepRole.MORE
    told[place] = replace(carrier, role=role, after_fen=after, together=joined)
    for later in range(place + 1, len(told)):
        told[later] = replace(told[later], before_fen=after, after_fen=after)
    told[-1] = replace(told[-1], role=StepRole.ROUNDED)


def _end(told: list[ToldStep], benefit: LiabilityResult, level: int, decision: Decision) -> None:
    """A value was missing after sums had begun: the benefit ends at what the decision says."""
    before, after = level, benefit.amount_fen
    for place, each in enumerate(told):
        if each.role is StepRole.STOPPED:
            told[place] = replace(each, before_fen=before, after_fen=after)
            return
    reasons = decision.reasons if isinstance(decision, Referral) else ()
    reason = next((each for each in reasons if each.rule == benefit.liability), None)
    step = Step(
        rule=benefit.liability,
        name=benefit.name,
        clause="" if reason is None else reason.clause,
        value="",
        unit=Unit.FEN,
        applied=True,
        reason=_UNFINISHED if reason is None else reason.text,
    )
    told.append(ToldStep(benefit, step, StepRole.STOPPED, before, after))


_UNFINISHED = Bilingual("没有算完，须人工核定", "not finished; a person decides")
