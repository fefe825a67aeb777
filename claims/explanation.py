"""A decision explained for the screen: the picture from bill to payable, the lines beneath it, what did not apply, how near a limit is.

Promise: everything is drawn from the stored determination, nothing is worked out again; the bars begin at zero, follow each other
without a gap and end at the decision's total, to the fen. Nothing here says *declined*.

Source: design.md "Rules"; docs/adr/0103; notes/domain.md §5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from claims.amounts import yuan
from claims.explained_steps import StepRole, ToldStep, number, told_steps, waiver_numbers
from claims.explanation_margins import margin_sentence
from claims.reference import Catastrophe
from rules.bilingual import Bilingual
from rules.engine.model import Decision, PoolScope, Referral, Step, Unit
from rules.engine.values import yuan_text


class BarKind(StrEnum):
    """What a bar of the waterfall is. ``unused``: a cut that took nothing; ``stopped``: the rest falls away, a person decides."""

    START = "start"
    MORE = "more"
    CUT = "cut"
    WAIVED = "waived"
    UNUSED = "unused"
    STOPPED = "stopped"
    RESULT = "result"


@dataclass(frozen=True)
class WaterfallBar:
    """One bar. ``amount_fen`` is signed; of a waived cut it is what would have been taken, None where nobody worked it out.

    ``weight`` ranks bars that took nothing: those of lower weight are left out first when there is little room.
    """

    kind: BarKind
    name: Bilingual
    note: Bilingual
    amount_fen: int | None
    before_fen: int
    after_fen: int
    weight: int = 0


@dataclass(frozen=True)
class BasisLine:
    """One line beneath the picture. ``number`` counts from 1; ``amount_fen`` wins over ``verdict``; ``benefit`` is whose line it is."""

    number: int
    benefit: Bilingual
    name: Bilingual
    clause: str
    text: Bilingual
    amount_fen: int | None
    verdict: Bilingual | None
    waivers: tuple[str, ...]
    role: StepRole


@dataclass(frozen=True)
class NotApplied:
    """What was looked at and changed nothing, and why; or a benefit that has nothing to do with this loss."""

    name: Bilingual
    reason: Bilingual


@dataclass(frozen=True)
class Threshold:
    """How near a limit is. All figures in ``unit`` (fen or days); ``left`` is below zero where the limit is passed."""

    name: Bilingual
    unit: Unit
    limit: int
    used_before: int
    taken: int

    @property
    def left(self) -> int:
        """What is left after this decision."""
        return self.limit - self.used_before - self.taken


@dataclass(frozen=True)
class OtherSum:
    """A sum beside the benefit, such as a refund of premiums."""

    output: str
    name: Bilingual
    amount_fen: int


PASSED = Bilingual("通过", "passed")
CHECKED = Bilingual("已核", "checked")
A_PERSON = Bilingual("转总部", "headquarters")
WITH_NEXT = Bilingual("并入下一步", "with the next")
PAYABLE = Bilingual("应付", "payable")

OUTPUT_NAMES = {
    "patient_pays": Bilingual("柜台自付", "the patient pays at the counter"),
    "refund": Bilingual("退还保险费", "premiums to refund"),
    "cash_value": Bilingual("退还现金价值", "cash value to refund"),
    "recovery": Bilingual("预付多出", "prepaid above the benefit"),
}
_SCOPE_NAMES = {
    (PoolScope.POLICY, Unit.FEN): Bilingual("本保单限额", "limit of the policy"),
    (PoolScope.POLICY_YEAR, Unit.FEN): Bilingual("本年度限额", "limit of the year"),
    (PoolScope.PERSON, Unit.FEN): Bilingual("本人各保单合计限额", "limit of the person, all policies"),
    (PoolScope.ACCIDENT, Unit.FEN): Bilingual("本次事故限额", "limit of the accident"),
    (PoolScope.POLICY, Unit.DAY): Bilingual("本保单天数", "days of the policy"),
    (PoolScope.POLICY_YEAR, Unit.DAY): Bilingual("本年度天数", "days of the year"),
    (PoolScope.PERSON, Unit.DAY): Bilingual("本人合计天数", "days of the person"),
    (PoolScope.ACCIDENT, Unit.DAY): Bilingual("本次事故天数", "days of the accident"),
}
_IN_PICTURE = {
    StepRole.START: BarKind.START,
    StepRole.MORE: BarKind.MORE,
    StepRole.CUT: BarKind.CUT,
    StepRole.UNUSED: BarKind.UNUSED,
    StepRole.STOPPED: BarKind.STOPPED,
}
_IN_BASIS = frozenset(
    {StepRole.START, StepRole.MORE, StepRole.CUT, StepRole.TOGETHER, StepRole.WAIVED, StepRole.STOPPED}
)
_NONE = Bilingual("", "")
# Steps that could have gone the other way: how near they were is worth a word.
_TURNING = frozenset({StepRole.PASSED, StepRole.STOPPED})


def waterfall(decision: Decision, catastrophe: Catastrophe | None = None) -> tuple[WaterfallBar, ...]:
    """Return the bars from the first sum to the payable one; none where no sum was reached.

    Args:
        catastrophe: whose waivers' printed numbers are shown; their codes without it.
    """
    bars: list[WaterfallBar] = []
    for told in told_steps(decision):
        bar = _bar(told, catastrophe, later_benefit=bool(bars))
        if bar is not None and (bars or bar.kind is BarKind.START):
            bars.append(bar)
    if not bars:
        return ()
    note = Bilingual("待总部核定", "headquarters decides") if isinstance(decision, Referral) else _NONE
    return (*bars, WaterfallBar(BarKind.RESULT, PAYABLE, note, decision.total_fen, 0, decision.total_fen))


def basis(decision: Decision, catastrophe: Catastrophe | None = None) -> tuple[BasisLine, ...]:
    """Return the lines that made the sum, those that were waived, and those that stand in the way, numbered in order."""
    return _lines(decision, catastrophe, _IN_BASIS)


def checks(decision: Decision) -> tuple[BasisLine, ...]:
    """Return what was checked besides and left the sum alone, numbered from 1: what several benefits checked alike is told once."""
    seen: set[tuple[str, str, str]] = set()
    found: list[BasisLine] = []
    for line in _lines(decision, None, frozenset({StepRole.PASSED})):
        key = (line.name.zh, line.clause, line.text.zh)
        if key not in seen:
            seen.add(key)
            found.append(replace(line, number=len(found) + 1))
    return tuple(found)


def not_reached(decision: Decision) -> int:
    """Return how many steps come after one that stopped, and were not worked out."""
    return sum(told.role is StepRole.UNREACHED for told in told_steps(decision))


def not_applied(decision: Decision) -> tuple[NotApplied, ...]:
    """Return cuts and limits that took nothing, and benefits that do not concern this loss, each with its reason."""
    found: dict[tuple[str, str], NotApplied] = {}
    for told in told_steps(decision):
        if told.role is StepRole.UNUSED:
            # How near a limit was stands in the bars beside it.
            entry = NotApplied(told.step.name, told.step.reason)
        elif told.role is StepRole.UNCONCERNED:
            entry = NotApplied(told.benefit.name, told.step.reason)
        else:
            continue
        found.setdefault((entry.name.zh, entry.reason.zh), entry)
    return tuple(found.values())


def thresholds(
    decision: Decision,
    *,
    pool_names: Mapping[str, Bilingual] | None = None,
    authority: tuple[int, int] | None = None,
) -> tuple[Threshold, ...]:
    """Return how near each limit is that this decision draws on, and the adjuster's authority.

    Args:
        pool_names: the pack's names of its pools; without one a pool is called by its scope.
        authority: ceiling and sum of the whole case in fen, where the authority is known.
    """
    named = pool_names or {}
    found: dict[str, Threshold] = {}
    for benefit in decision.liabilities:
        for draw in benefit.pools:
            if draw.limit is None:
                continue
            before = found.get(draw.pool)
            found[draw.pool] = Threshold(
                name=named.get(draw.pool) or _SCOPE_NAMES.get((draw.scope, draw.unit), benefit.name),
                unit=draw.unit,
                limit=draw.limit,
                used_before=draw.used_before if before is None else before.used_before,
                taken=draw.amount if before is None else before.taken + draw.amount,
            )
    if authority is not None:
        ceiling_fen, sum_fen = authority
        found["authority"] = Threshold(Bilingual("现场权限", "field authority"), Unit.FEN, ceiling_fen, 0, sum_fen)
    return tuple(found.values())


def other_sums(decision: Decision) -> tuple[OtherSum, ...]:
    """Return the named sums beside the benefit that are not zero."""
    return tuple(
        OtherSum(output, OUTPUT_NAMES.get(output, Bilingual(output, output)), fen)
        for output, fen in decision.outputs_fen.items()
        if fen
    )


def _bar(told: ToldStep, catastrophe: Catastrophe | None, *, later_benefit: bool) -> WaterfallBar | None:
    kind = _IN_PICTURE.get(told.role)
    amount: int | None = told.change_fen
    if told.role is StepRole.WAIVED and told.step.unit is not Unit.BOOL:
        kind = BarKind.WAIVED
        amount = None if told.spared_fen is None else -told.spared_fen
    if kind is None or (kind is BarKind.STOPPED and not amount):
        return None
    if kind is BarKind.START and later_benefit:
        kind = BarKind.MORE
    if kind is BarKind.WAIVED and amount == 0:
        kind = BarKind.UNUSED
    return WaterfallBar(
        kind=kind,
        name=_together(told),
        note=_note(told, catastrophe),
        amount_fen=amount,
        before_fen=told.before_fen,
        after_fen=told.after_fen,
        weight=_weight(told) if kind is BarKind.UNUSED else 0,
    )


def _together(told: ToldStep) -> Bilingual:
    names = [each.name for each in (*told.together, told.step)]
    return Bilingual("、".join(each.zh for each in names), ", ".join(each.en for each in names))


def _weight(told: ToldStep) -> int:
    # A limit that was not reached says more than a deduction of nothing.
    value = number(told.step)
    return 1 if value is not None and value > 0 else 0


def _note(told: ToldStep, catastrophe: Catastrophe | None) -> Bilingual:
    step = told.step
    if told.role is StepRole.WAIVED:
        numbers = waiver_numbers(step.waiver, catastrophe)
        return Bilingual(f"豁免 {'、'.join(numbers)}", f"waived, {', '.join(numbers)}")
    if told.role is StepRole.START:
        return told.benefit.name
    if told.role is StepRole.UNUSED:
        return _unused_note(step)
    if told.ratio is None and told.role is StepRole.STOPPED:
        return A_PERSON
    return _taken_note(told)


def _taken_note(told: ToldStep) -> Bilingual:
    step = told.step
    if told.ratio is not None:
        shown = f"{yuan(told.before_fen - told.base_fen)} × {percent(told.ratio)}"
        return Bilingual(shown, shown)
    value = number(step)
    if step.unit is Unit.FEN and value == told.after_fen - told.base_fen:
        return Bilingual(f"以 {yuan(int(value))} 为限", f"up to {yuan(int(value))}")
    return Bilingual("照扣", "taken off") if told.role is StepRole.CUT else _NONE


def _unused_note(step: Step) -> Bilingual:
    value = number(step)
    if value is None or value <= 0 or step.unit is not Unit.FEN or value != value.to_integral_value():
        return Bilingual("无", "none")
    return Bilingual(f"{yuan(int(value))} 未触及", f"{yuan(int(value))}, not reached")


def percent(ratio: Decimal) -> str:
    """Return a ratio as people read it: ``80%``, ``12.5%``."""
    return f"{(ratio * 100).normalize():f}%"


def _lines(decision: Decision, catastrophe: Catastrophe | None, roles: frozenset[StepRole]) -> tuple[BasisLine, ...]:
    chosen = [told for told in told_steps(decision) if told.role in roles]
    return tuple(
        BasisLine(
            number=place,
            benefit=told.benefit.name,
            name=told.step.name,
            clause=told.step.clause,
            text=_with_margin(told.step) if told.role in _TURNING else told.step.reason,
            amount_fen=_line_amount(told),
            verdict=_verdict(told),
            waivers=waiver_numbers(told.step.waiver, catastrophe),
            role=told.role,
        )
        for place, told in enumerate(chosen, start=1)
    )


def _with_margin(step: Step) -> Bilingual:
    """Return why a step did what it did, and how near it was to doing something else."""
    margin = margin_sentence(step)
    if margin is None:
        return step.reason
    return Bilingual(f"{step.reason.zh}；{margin.zh}", f"{step.reason.en}; {margin.en}")


def _line_amount(told: ToldStep) -> int | None:
    if told.role in (StepRole.START, StepRole.MORE, StepRole.CUT):
        return told.change_fen
    if told.role is StepRole.STOPPED:
        return told.change_fen or None
    if told.role is StepRole.WAIVED and told.step.unit is not Unit.BOOL:
        return 0
    if told.role is StepRole.PASSED and told.step.unit is Unit.FEN:
        value = number(told.step)
        return None if value is None or value != value.to_integral_value() else int(value)
    return None


def _verdict(told: ToldStep) -> Bilingual | None:
    step = told.step
    if told.role is StepRole.WAIVED:
        return PASSED
    if told.role is StepRole.STOPPED:
        return A_PERSON
    if told.role is StepRole.TOGETHER:
        return WITH_NEXT
    if told.role is not StepRole.PASSED:
        return None
    # A condition that held leaves no mark of its own; a value that was worked out shows itself.
    return _shown(step) if step.applied else PASSED


def _shown(step: Step) -> Bilingual:
    value = number(step)
    if value is not None and step.unit is Unit.RATIO:
        return Bilingual(percent(value), percent(value))
    if step.unit is Unit.DAY:
        return Bilingual(f"{step.value} 日", f"{step.value} days")
    if step.unit is Unit.BOOL:
        return Bilingual("是", "yes") if step.value == "true" else Bilingual("否", "no")
    if step.unit is Unit.TEXT:
        # A code of the rules' own; the line's sentence says it in words.
        return CHECKED
    if step.unit is Unit.FEN:
        return _sums(step.value)
    return Bilingual(step.value, step.value)


def _sums(value: str) -> Bilingual:
    """Return fen as yuan, exact where it is no whole fen; of a list each sum."""
    try:
        sums = [yuan_text(Decimal(each)) for each in value.split(",")]
    except InvalidOperation:
        return CHECKED
    return Bilingual("、".join(sums), "; ".join(sums))
