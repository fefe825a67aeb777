"""The explanation of one site of one liability as a generated function over the trace's values.

Promise: what is the same in every case (a gate that held, a step not reached) is one object made beforehand; the rest is filled in
from the values. Rules, clauses and codes are data.
"""

from __future__ import annotations

from collections.abc import Callable

from rules.engine.document import RuleKind
from rules.engine.generated.liability import Change, Site, Worth
from rules.engine.generated.runtime import RUNTIME, decimal_of
from rules.engine.generated.source import Source, compiled, function
from rules.engine.generated.trace import ExplainedStep
from rules.engine.language import Type
from rules.engine.language.value_types import Kind
from rules.engine.pack import Liability, Rule

Explain = Callable[[tuple[object, ...]], tuple[ExplainedStep, ...]]


def explain_function(liability: Liability, site: Site, rules: dict[str, Rule], numbered: tuple[str, ...]) -> Explain:
    """Return the function from a trace's values to the steps."""
    writer = _Explaining(liability, site, rules, numbered)
    return writer.function()


class _Explaining:
    def __init__(self, liability: Liability, site: Site, rules: dict[str, Rule], numbered: tuple[str, ...]) -> None:
        self._liability, self._site, self._rules, self._numbered = liability, site, rules, numbered
        self._source = Source()
        self._places = {worth.name: at for at, worth in enumerate(site.values) if worth.name}
        self._own = {each.spec.id for each in (*liability.concerns, *liability.steps)}
        # Each entry: the text of a step, or of a tuple of steps with a star before it.
        self._steps: list[str] = []

    def function(self) -> Explain:
        looked_at = 0
        for at, rule in enumerate(self._liability.concerns):
            if self._site.end == "not concerned" and self._site.stopped is not None and at > self._site.stopped:
                break
            self._inner(looked_at, rule)
            stopped = self._site.end == "not concerned" and at == self._site.stopped
            # The step of a concern is applied where the benefit is concerned.
            self._fixed(rule, value=not stopped, applied=not stopped)
            looked_at += 1
        if self._site.end not in ("not concerned", "outside validity"):
            for at, rule in enumerate(self._liability.steps):
                if self._site.stopped is not None and at > self._site.stopped:
                    self._fixed(rule, value=None, applied=False)
                    continue
                self._inner(looked_at, rule)
                self._step(at, rule)
                looked_at += 1
        places = "".join(f"v{at}, " for at in range(len(self._site.values))).rstrip()
        self._source.lines.insert(0, f"    {places} = values")
        self._source.line(f"return ({''.join(f'{each}, ' for each in self._steps).rstrip()})")
        text = function("explain(values)", self._source.lines)
        data = {**RUNTIME, **self._source.data, "Step": ExplainedStep}
        return compiled(text, "explain", data)  # type: ignore[return-value]  # the text above makes it one

    def _inner(self, looked_at: int, rule: Rule) -> None:
        """Tell the figures that a step was worked out from before it, as the reference does."""
        order = self._site.order[looked_at] if looked_at < len(self._site.order) else ()
        skipped = self._own | {rule.shows}
        if isinstance(order, int):
            made = self._source.constant(self._made(skipped))
            self._steps.append(f"*{made}(v{order}, values)")
            return
        for name in order:
            if name not in skipped:
                inner = self._rules[name]
                self._steps.append(self._told(inner, "True"))

    def _made(
        self, skipped: set[str | None]
    ) -> Callable[[tuple[int, ...], tuple[object, ...]], tuple[ExplainedStep, ...]]:
        """Return what makes steps of rules whose order the case decided."""
        rules, numbered, site, places = self._rules, self._numbered, self._site, self._places

        def made(order: tuple[int, ...], values: tuple[object, ...]) -> tuple[ExplainedStep, ...]:
            found = []
            for number in order:
                name = numbered[number]
                if name not in skipped:
                    scale = _decimals(site.values[places[name]])
                    rows = values[site.rows[name]] if name in site.rows else ()
                    clause = rules[name].spec.clause
                    found.append(ExplainedStep(name, clause, values[places[name]], True, scale, rows=rows))  # type: ignore[arg-type]
            return tuple(found)

        return made

    def _fixed(self, rule: Rule, *, value: bool | None, applied: bool) -> None:
        step = ExplainedStep(rule.spec.id, rule.spec.clause, value, applied)
        self._steps.append(self._source.constant(step))

    def _step(self, at: int, rule: Rule) -> None:
        site = self._site
        match rule.spec.kind:
            case RuleKind.GATE if rule.spec.id in site.rows:
                stopped = site.end == "stopped" and site.stopped == at
                self._steps.append(self._told(rule, str(stopped)))
            case RuleKind.GATE if site.end == "stopped" and site.stopped == at:
                self._fixed(rule, value=False, applied=True)
            case RuleKind.GATE if at in site.lifted:
                waiver = "+".join(rule.waiver.codes) if rule.waiver else None
                choices = [
                    ExplainedStep(rule.spec.id, rule.spec.clause, True, False),
                    ExplainedStep(rule.spec.id, rule.spec.clause, False, False),
                    ExplainedStep(rule.spec.id, rule.spec.clause, False, False, waiver=waiver),
                ]
                self._steps.append(f"{self._source.constant(tuple(choices))}[v{site.lifted[at]}]")
            case RuleKind.GATE:
                self._fixed(rule, value=True, applied=False)
            case RuleKind.REFER:
                choices = [ExplainedStep(rule.spec.id, rule.spec.clause, holds, holds) for holds in (False, True)]
                self._steps.append(f"{self._source.constant(tuple(choices))}[v{self._places[rule.spec.id]}]")
            case RuleKind.VALUE:
                self._steps.append(self._told(rule, "True"))
            case _:
                self._steps.append(self._change(rule, site.changes[at]))

    def _told(self, rule: Rule, applied: str) -> str:
        place = self._places[rule.spec.id]
        scale = _decimals(self._site.values[place])
        head = f"Step({self._constants(rule)}, v{place}, {applied}, {scale}"
        rows = self._site.rows.get(rule.spec.id)
        return f"{head})" if rows is None else f"{head}, None, None, 0, None, 0, v{rows})"

    def _constants(self, rule: Rule) -> str:
        return f"{self._source.constant(rule.spec.id)}, {self._source.constant(rule.spec.clause)}"

    def _change(self, rule: Rule, change: Change) -> str:
        scale = max(change.held[1], change.before[1] if change.before else 0)
        one, two = _at(change.held, scale), _at(change.before, scale)
        value, decimals = f"{one} - {two}", str(scale)
        if change.shown is not None:
            place, worth = change.shown
            value, decimals = f"v{place}", str(_decimals(worth))
        applied = "True" if rule.spec.kind is RuleKind.ROUND else f"{one} != {two}"
        before = "0, 0" if change.before is None else f"v{change.before[0]}, {change.before[1]}"
        sums = f"{before}, v{change.after[0]}, {change.after[1]}"
        waiver = "None"
        if change.waived is not None and rule.waiver is not None:
            lifted = f"v{change.waived}"
            applied = f"{applied} and not {lifted}"
            waiver = f"{self._source.constant('+'.join(rule.waiver.codes))} if {lifted} else None"
        return f"Step({self._constants(rule)}, {value}, {applied}, {decimals}, {waiver}, {sums})"


def _at(place: tuple[int, int] | None, scale: int) -> str:
    """Return a value of the trace counted at a scale."""
    if place is None:
        return "0"
    at, own = place
    return f"v{at}" if own == scale else f"v{at} * {10 ** (scale - own)}"


def _decimals(worth: Worth) -> int | None:
    """Return the scale of a value that the reference has as a decimal."""
    kind = (worth.type.element or worth.type).kind
    return worth.scale if kind in (Kind.NUMBER, Kind.EXACT_MONEY) else None


def plain(value: object, kind: Type, scale: int) -> object:
    """Return a trace's value as the reference has it."""
    if kind.element is not None and isinstance(value, tuple):
        return tuple(plain(each, kind.element, scale) for each in value)
    if kind.kind in (Kind.NUMBER, Kind.EXACT_MONEY):
        return decimal_of(value, scale)  # type: ignore[arg-type]  # a number is an integer in a trace
    return value
