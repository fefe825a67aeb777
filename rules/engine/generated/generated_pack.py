"""A pack with code generated from its rules: decides as ``rules.engine.decide`` does, to the byte.

Promise: generated code decides a case only where nothing is off; everything else is handed to the reference, which words the
refusal. So a refusal always names rule, element and clause, and no sum comes out where the reference gives none. Made lazily, a plan
at a time; may be shared by threads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import localcontext

from rules.engine.dating import Given
from rules.engine.decide import decide, decided
from rules.engine.facts import encode_facts
from rules.engine.generated.facts_check import Check
from rules.engine.generated.liability import Run
from rules.engine.generated.plan_code import PlanCode
from rules.engine.generated.rendering import RecordedScope
from rules.engine.generated.source import Declined
from rules.engine.generated.trace import ExplainedLiability, Explanation, Part, Trace
from rules.engine.language import Failure, Undefined
from rules.engine.language.exact import EXACT
from rules.engine.language.table_index import TableIndex
from rules.engine.model import Decision, ElementId, Facts, Reason, Value
from rules.engine.pack import CLAIM_TYPES, PLAN, Liability, Pack, Plan
from rules.engine.pipeline import Outcome, run_liability

_LEGEND_WIDTH = 80
# What "there is no value here" looks like in generated code.
_OFF = (Declined, Undefined, Failure, ArithmeticError, ValueError)


class GeneratedPack:
    """A pack and the code generated from it so far."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._plans: dict[object, PlanCode] = {}
        self._indexes: dict[tuple[int, ...], TableIndex] = {}

    def decide(self, facts: Mapping[ElementId, Value]) -> Decision:
        """Decide as the reference does; canonical bytes are equal."""
        trace = self.traced(facts)
        return decide(self.pack, facts) if trace is None else self.render(trace)

    def total(self, facts: Mapping[ElementId, Value]) -> int | None:
        """Return what the benefits come to, in fen; None where the reference has to decide (it may refuse, or not)."""
        code = self._plan(facts.get(PLAN))
        if code is None:
            return None
        try:
            values, route, drawn = code.begin(facts)
            total = 0
            for run in route.sums or code.sums(route):
                total += run(values, drawn)
            if route.run_outputs is not None:
                route.run_outputs(values, total)
        except _OFF:
            return None
        return total

    def traced(self, facts: Mapping[ElementId, Value]) -> Trace | None:
        """Return sum and trace; None where the reference has to decide."""
        code = self._plan(facts.get(PLAN))
        if code is None:
            return None
        try:
            values, route, drawn = code.begin(facts)
            total = 0
            parts = []
            for at, run in route.traces or code.traces(route):
                site, found = run(values, drawn)
                parts.append(Part(at, site, found))
                total += found[0]
            outputs = () if route.run_outputs is None else route.run_outputs(values, total)
        except _OFF:
            return None
        return Trace(code.plan.spec.id, facts, tuple(parts), total, outputs)

    def explain(self, trace: Trace) -> Explanation:
        """Return the steps of a trace in values: rule, clause, value, applied, waiver, sum before and after, table rows."""
        code = self._plan(trace.plan)
        assert code is not None  # noqa: S101 - the trace came from it
        liabilities = []
        for part in trace.parts:
            liability, end, explain = code.explain(part.liability, part.site)
            # The sum stands first among the values.
            liabilities.append(ExplainedLiability(liability, end, part.values[0], explain(part.values)))  # type: ignore[arg-type]
        outputs = self._outputs(code, trace) if trace.outputs_fen else {}
        return Explanation(trace.plan, trace.total_fen, outputs, tuple(liabilities))

    def render(self, trace: Trace) -> Decision:
        """Return the full decision that a trace stands for, in words."""
        code = self._plan(trace.plan)
        assert code is not None  # noqa: S101 - the trace came from it
        parts = iter(trace.parts)

        def run(
            pack: Pack, liability: Liability, parameters: Mapping[str, Given], facts: Facts, drawn: Mapping[str, int]
        ) -> Outcome:
            part = next(parts)
            function = code.traced(part.liability)
            assert function is not None  # noqa: S101 - the trace came from it
            scope = RecordedScope(
                pack, liability, (facts, parameters, drawn), function, function.sites[part.site], part.values
            )
            return run_liability(pack, liability, parameters, facts, drawn, scope=scope)

        def run_outputs(
            _pack: Pack, _plan: Plan, _facts: Facts, _asked: frozenset[str], _total: int
        ) -> tuple[dict[str, int], list[Reason]]:
            return dict(sorted(self._outputs(code, trace).items())), []

        with localcontext(EXACT):
            inputs_hash = hashlib.sha256(encode_facts(self.pack, trace.facts)).hexdigest()
            claimed = trace.facts[CLAIM_TYPES]
            asked = frozenset(str(each) for each in claimed) if isinstance(claimed, tuple) else frozenset[str]()
            return decided(self.pack, code.plan, trace.facts, asked, inputs_hash, run=run, run_outputs=run_outputs)

    def source(self, plan: str, liability: str) -> str:
        """Return the generated Python of a liability, to be read; above it, as comments, what the invented names stand for.

        The comments are for the reader: what is compiled is the text below them.

        Raises KeyError for an unknown plan or liability; the text says so where there is no code.
        """
        code = self._plan(plan)
        if code is None:
            raise KeyError(plan)
        at = code.place_of(liability)
        function = code.traced(at)
        if function is None:
            return "# no code: the reference decides"
        told = (f"# {name}: {ascii(meaning)[:_LEGEND_WIDTH]}" for name, meaning in function.legend)
        return "\n".join([*told, "", function.text])

    def check(self, plan: str) -> Check:
        """Return a plan's check of facts alone: it gives what the rules compute with, or raises ``Declined``. Raises KeyError."""
        code = self._plan(plan)
        if code is None:
            raise KeyError(plan)
        return code.check

    def rules_alone(self, plan: str, liability: str) -> Run | None:
        """Return the function from what ``check`` gives, and a list of what was drawn before, to a liability's sum; None: no code.

        It raises where the reference has to decide. Raises KeyError for an unknown plan or liability.
        """
        code = self._plan(plan)
        if code is None:
            raise KeyError(plan)
        return code.sum_of(code.place_of(liability))

    def _plan(self, name: object) -> PlanCode | None:
        try:
            return self._plans[name]
        except KeyError:
            pass
        except TypeError:
            return None
        plan = self.pack.plans.get(name) if isinstance(name, str) else None
        if plan is None:
            return None
        # Two threads may make one plan's code at the same time; they make the same, and one of them stays.
        return self._plans.setdefault(name, PlanCode(self.pack, plan, self._indexes))

    def _outputs(self, code: PlanCode, trace: Trace) -> dict[str, int]:
        route = code.route(trace.facts[CLAIM_TYPES])
        return {
            output.spec.id: fen for output, fen in zip(route.outputs, trace.outputs_fen, strict=True) if fen is not None
        }


def generate(pack: Pack) -> GeneratedPack:
    """Return the pack ready to generate code: nothing is made before a plan is first asked for."""
    return GeneratedPack(pack)
