"""One liability worked out step by step, with the whole trace.

Promise: the steps told are the steps taken. A gate that fails ends the liability at 0 and says so; what comes after it is
listed as not reached. A failure ends it at 0 with the failing rule's id. A sum that passes a pool's limit, is negative or
still unrounded never leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from rules.engine.dating import Given
from rules.engine.document import RuleKind
from rules.engine.language import Failure, FailureCode, Place
from rules.engine.loss_keys import loss_key
from rules.engine.margins import margin_of
from rules.engine.model import Bilingual, Facts, LiabilityResult, PoolDraw, Reason, Step, Unit
from rules.engine.pack import AMOUNT, BEFORE, PAID, Draw, Liability, Pack, Rule
from rules.engine.reasons import failure_text, of_failure, of_validity
from rules.engine.scope import Scope
from rules.engine.shares import largest_remainder
from rules.engine.values import canonical_text, decimal_text
from rules.engine.wording import Sentence

_NOT_REACHED = Bilingual(zh="前面的条件未满足，本步未计算", en="not reached: an earlier condition was not met")


@dataclass(slots=True)
class Outcome:
    """What one liability came to. ``concerned`` false: the loss is none of this liability's business, nobody has to decide."""

    result: LiabilityResult
    reasons: list[Reason]
    waivers: list[str]
    outputs_fen: dict[str, int]
    concerned: bool
    failed: bool


@dataclass(slots=True)
class _Run:
    """The state of one liability while it is worked out."""

    pack: Pack
    liability: Liability
    scope: Scope
    amount: Decimal = Decimal(0)
    steps: list[Step] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    waivers: list[str] = field(default_factory=list)
    outputs_fen: dict[str, int] = field(default_factory=dict)
    first_amount: Step | None = None
    zeroed_by: Step | None = None
    stopped: bool = False


def run_liability(
    pack: Pack,
    liability: Liability,
    parameters: Mapping[str, Given],
    facts: Facts,
    drawn: Mapping[str, int],
    *,
    scope: Scope | None = None,
) -> Outcome:
    """Work out one liability. Never raises for a fact: what cannot be worked out is a reason.

    ``scope`` is given where the values are known already and only have to be told (``rules.engine.generated``).
    """
    if scope is None:
        scope = Scope(pack, facts, parameters, drawn, liability.spec.date_basis)
    run = _Run(pack=pack, liability=liability, scope=scope)
    try:
        if not _concerned(run):
            return _outcome(run, concerned=False)
        basis = scope.read(liability.spec.date_basis)
        if basis < pack.valid_from or (pack.valid_to is not None and basis > pack.valid_to):  # type: ignore[operator]
            run.reasons.append(of_validity(pack, liability, basis))  # type: ignore[arg-type]  # a date by its element
            return _outcome(run, concerned=True)
        for rule in liability.steps:
            _take(run, rule)
        return _paid(run)
    except Failure as failure:
        run.reasons.append(of_failure(pack, scope, failure, liability.spec.id, liability.spec.clause))
        failed = pack.rules.get(scope.failed_rule or "")
        if failed is not None and not any(step.rule == failed.spec.id for step in run.steps):
            run.steps.append(_step(run, failed, "", failed.spec.unit, applied=True, reason=failure_text(pack, failure)))
        return _outcome(run, concerned=True, failed=True)


def _concerned(run: _Run) -> bool:
    """Say whether the loss is this liability's business. The step of a concern is applied when it is."""
    for rule in run.liability.concerns:
        at = len(run.steps)
        try:
            holds = run.scope.holds(rule.spec.id)
            reason = _with_source(run, rule, _told(run, rule.not_applied if holds else rule.applied))
            run.steps.append(_step(run, rule, canonical_text(holds), Unit.BOOL, applied=holds, reason=reason))
        finally:
            _tell_inner(run, at, rule)
        if not holds:
            return False
    return True


def _take(run: _Run, rule: Rule) -> None:
    """Take one step, and tell the figures it was worked out from before it: those that are no steps of their own."""
    at = len(run.steps)
    try:
        _take_alone(run, rule)
    finally:
        _tell_inner(run, at, rule)


def _tell_inner(run: _Run, at: int, rule: Rule) -> None:
    own = {each.spec.id for each in (*run.liability.concerns, *run.liability.steps)} | {rule.shows}
    for inner in run.scope.newly_worked_out():
        if inner.spec.id not in own:
            value = canonical_text(run.scope.read(inner.spec.id))
            told = _with_source(run, inner, _told(run, inner.applied))
            run.steps.insert(at, _step(run, inner, value, inner.spec.unit, applied=True, reason=told))
            at += 1


def _take_alone(run: _Run, rule: Rule) -> None:
    if run.stopped:
        run.steps.append(_step(run, rule, "", rule.spec.unit, applied=False, reason=_NOT_REACHED))
        return
    match rule.spec.kind:
        case RuleKind.VALUE:
            value = run.scope.read(rule.spec.id)
            told = _with_source(run, rule, _told(run, rule.applied))
            run.steps.append(_step(run, rule, canonical_text(value), rule.spec.unit, applied=True, reason=told))
        case RuleKind.GATE:
            _gate(run, rule)
        case RuleKind.REFER:
            refers = run.scope.holds(rule.spec.id)
            reason = _with_source(run, rule, _told(run, rule.applied if refers else rule.not_applied))
            run.steps.append(_step(run, rule, canonical_text(refers), Unit.BOOL, applied=refers, reason=reason))
            if refers:
                run.reasons.append(Reason(rule=rule.spec.id, clause=rule.spec.clause, text=reason))
        case RuleKind.AMOUNT | RuleKind.ROUND:
            _change(run, rule)


def _gate(run: _Run, rule: Rule) -> None:
    holds = run.scope.holds(rule.spec.id)
    value = canonical_text(holds)
    if holds:
        reason = _with_source(run, rule, _told(run, rule.not_applied))
        run.steps.append(_step(run, rule, value, Unit.BOOL, applied=False, reason=reason))
    elif rule.override is not None and run.scope.holds(rule.override.element):
        reason = _told(run, rule.override.reason)
        run.steps.append(_step(run, rule, value, Unit.BOOL, applied=False, reason=reason))
    elif _waived(run, rule):
        run.steps.append(_waived_step(run, rule, value, Unit.BOOL))
    else:
        reason = _with_source(run, rule, _told(run, rule.applied))
        run.amount = Decimal(0)
        run.stopped = True
        run.steps.append(_step(run, rule, value, Unit.BOOL, applied=True, reason=reason))
        run.reasons.append(Reason(rule=rule.spec.id, clause=rule.spec.clause, text=reason))


def _change(run: _Run, rule: Rule) -> None:
    before = run.amount
    run.scope.set(AMOUNT, before)
    run.scope.set(BEFORE, before)
    after = run.scope.evaluate(rule)
    if not isinstance(after, int | Decimal):
        raise _refused(FailureCode.WRONG_TYPE, rule.spec.id)
    after = Decimal(after)
    if after < 0 and rule.spec.remainder is not None and after == after.to_integral_value():
        run.outputs_fen[rule.spec.remainder] = -int(after)
        after = Decimal(0)
    if after < 0:
        run.scope.failed_rule = rule.spec.id
        raise _refused(FailureCode.OUT_OF_RANGE, f"{rule.spec.id}: {decimal_text(after)}")
    value, unit = decimal_text(after - before), Unit.FEN
    if rule.shows is not None:
        value, unit = run.scope.text(rule.shows), run.scope.unit_of(rule.shows)
    if after != before and _waived(run, rule):
        run.steps.append(_waived_step(run, rule, value, unit))
        return
    run.amount = after
    run.scope.set(AMOUNT, after)
    applied = after != before or rule.spec.kind is RuleKind.ROUND
    reason = _with_source(run, rule, _told(run, rule.applied if applied else rule.not_applied))
    step = _step(run, rule, value, unit, applied=applied, reason=reason)
    run.steps.append(step)
    run.first_amount = run.first_amount or step
    if after == 0 and before != 0:
        run.zeroed_by = step


def _waived(run: _Run, rule: Rule) -> bool:
    if rule.waiver is None:
        return False
    # Every element is read, so that a missing one refers whatever the others say.
    lifted = [run.scope.holds(element) for element in rule.waiver.elements]
    return all(lifted)


def _waived_step(run: _Run, rule: Rule, value: str, unit: Unit) -> Step:
    assert rule.waiver is not None  # noqa: S101 - only called where the rule is waived
    run.waivers.extend(rule.waiver.codes)
    step = _step(run, rule, value, unit, applied=False, reason=_told(run, rule.waiver.reason))
    return _with_waiver(step, "+".join(rule.waiver.codes))


def _with_waiver(step: Step, waiver: str) -> Step:
    return Step(
        rule=step.rule,
        name=step.name,
        clause=step.clause,
        value=step.value,
        unit=step.unit,
        applied=step.applied,
        reason=step.reason,
        amount_fen=step.amount_fen,
        waiver=waiver,
        margin=step.margin,
    )


def _paid(run: _Run) -> Outcome:
    """Turn the running sum into the benefit: whole fen, draws within their pools, shares that add up."""
    spec = run.liability.spec
    if run.amount != run.amount.to_integral_value():
        raise _refused(FailureCode.OUT_OF_RANGE, f"{spec.id}: {decimal_text(run.amount)}")
    paid = int(run.amount)
    if paid == 0:
        if not run.stopped:
            run.reasons.append(_zero_reason(run))
        return _outcome(run, concerned=True)
    run.scope.set(PAID, paid)
    draws = tuple(drawn for draw in run.liability.draws if (drawn := _draw(run, draw)) is not None)
    shares: tuple[int, ...] = (paid,)
    if spec.shares is not None:
        weights = run.scope.read(spec.shares)
        try:
            shares = largest_remainder(paid, [each for each in weights if isinstance(each, Decimal)])  # type: ignore[union-attr]
        except ValueError as problem:
            raise _refused(FailureCode.OUT_OF_RANGE, f"{spec.shares}: {problem}") from problem
    result = LiabilityResult(
        liability=spec.id,
        name=spec.name,
        amount_fen=paid,
        loss_key=loss_key(run.liability, run.scope),
        pools=draws,
        shares_fen=shares,
        steps=tuple(run.steps),
    )
    return Outcome(
        result=result,
        reasons=run.reasons,
        waivers=run.waivers,
        outputs_fen=run.outputs_fen,
        concerned=True,
        failed=False,
    )


def _draw(run: _Run, draw: Draw) -> PoolDraw | None:
    if draw.when is not None and draw.when.evaluate(run.scope) is not True:
        return None
    pool = draw.pool.spec
    amount = _count(draw.amount.evaluate(run.scope), pool.id)
    used = _count(run.scope.read(f"{pool.id}_used"), pool.id)
    limit = None
    if draw.pool.limit is not None:
        limit = _count(run.scope.read(f"{pool.id}_limit"), pool.id)
        # The rules cap the sum themselves; this holds whatever a pack's author forgot.
        if amount > max(0, limit - used):
            raise _refused(FailureCode.OUT_OF_RANGE, f"{pool.id}: {used} + {amount} > {limit}")
    if amount < 0:
        raise _refused(FailureCode.OUT_OF_RANGE, f"{pool.id}: {amount}")
    if amount == 0:
        return None
    return PoolDraw(pool=pool.id, scope=pool.scope, unit=pool.unit, limit=limit, used_before=used, amount=amount)


def _count(value: object, pool: str) -> int:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    if isinstance(value, int):
        return value
    raise _refused(FailureCode.OUT_OF_RANGE, f"{pool}: {value}")


def _zero_reason(run: _Run) -> Reason:
    step = run.zeroed_by or run.first_amount or run.steps[-1]
    return Reason(rule=step.rule, clause=step.clause, text=step.reason)


def _outcome(run: _Run, *, concerned: bool, failed: bool = False) -> Outcome:
    """The liability ends at 0. It has no loss key: nothing of it can be settled."""
    spec = run.liability.spec
    result = LiabilityResult(
        liability=spec.id, name=spec.name, amount_fen=0, loss_key="", pools=(), shares_fen=(), steps=tuple(run.steps)
    )
    return Outcome(
        result=result,
        reasons=run.reasons,
        waivers=run.waivers,
        outputs_fen=run.outputs_fen,
        concerned=concerned,
        failed=failed,
    )


def _step(run: _Run, rule: Rule, value: str, unit: Unit, *, applied: bool, reason: Bilingual) -> Step:
    whole = run.amount == run.amount.to_integral_value()
    in_waterfall = rule.spec.kind in (RuleKind.AMOUNT, RuleKind.ROUND) or (
        rule.spec.kind is RuleKind.GATE and run.stopped
    )
    return Step(
        rule=rule.spec.id,
        name=rule.spec.name,
        clause=rule.spec.clause,
        value=value,
        unit=unit,
        applied=applied,
        reason=reason,
        amount_fen=int(run.amount) if whole and in_waterfall else None,
        margin=(margin_of(run.pack, rule, run.scope) if value else None) or msgspec.UNSET,
    )


def _told(run: _Run, text: Sentence) -> Bilingual:
    return text.told(run.scope.speak)


def _with_source(run: _Run, rule: Rule, text: Bilingual) -> Bilingual:
    """Add to a rule's sentence which of its versions held (or of the rule that it shows), and which row of its table."""
    shows = run.pack.rules.get(rule.shows or "")
    version = run.scope.version(rule) or (run.scope.version(shows) if shows is not None else None)
    rows = run.scope.rows(rule)
    if version is None and not rows:
        return text
    shown = ", ".join(str(row + 1) for row in rows)
    zh = [f"{version} 起的版本"] if version is not None else []
    en = [f"version of {version}"] if version is not None else []
    if rows:
        zh.append(f"表第 {shown} 行")
        en.append(f"table row {shown}")
    return Bilingual(zh=f"{text.zh}（{'，'.join(zh)}）", en=f"{text.en} ({', '.join(en)})")


def _refused(code: FailureCode, detail: str) -> Failure:
    return Failure(code, Place(line=1, column=1, text=detail.partition(":")[0]), detail)
