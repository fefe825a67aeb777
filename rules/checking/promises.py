"""The promises of a benefit: what makes it never smaller (``rising_in``), what it never exceeds (``at_most``), what its pools allow.

Promise: each is judged for each plan that has the benefit, worked out alone (what other benefits of the same decision take from a pool
counts as used). Proven from the typed form where that works, else searched for a counterexample; a counterexample blocks.

Source: notes/rules.md §4 ("monotonicity properties"), ADR 0116.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import localcontext

from rules.bilingual import Bilingual
from rules.checking import told_values
from rules.checking.ceilings import Ceilings
from rules.checking.counterexamples import Broken, Search, as_json
from rules.checking.findings import Check, Finding, Promise
from rules.checking.probing import Notes
from rules.checking.trends import Trend, Trends
from rules.engine import ElementId, Pack
from rules.engine.dating import Given
from rules.engine.intervals import PartSpans, liability_spans
from rules.engine.language import Type
from rules.engine.language.errors import Place
from rules.engine.language.exact import EXACT, MAX_MONEY_FEN
from rules.engine.language.ir import Read
from rules.engine.pack import Liability
from rules.engine.span import Span
from rules.engine.values import yuan_text


def judged(pack: Pack, notes: Notes) -> tuple[tuple[Promise, ...], list[Finding]]:
    """Return what became of every promise of the pack, and the broken ones as findings."""
    promises: list[Promise] = []
    findings: list[Finding] = []
    with localcontext(EXACT):
        for plan in pack.plans.values():
            for liability, parameters in plan.liabilities:
                judge = _Judge(pack, plan.spec.id, liability, parameters, notes)
                judge.judge()
                promises += judge.promises
                findings += judge.findings
    return tuple(promises), findings


class _Judge:
    """Judges the promises of one benefit in one plan."""

    def __init__(
        self, pack: Pack, plan: str, liability: Liability, parameters: Mapping[str, Given], notes: Notes
    ) -> None:
        self.promises: list[Promise] = []
        self.findings: list[Finding] = []
        self._pack, self._plan, self._liability = pack, plan, liability
        self._search = Search(pack, plan, liability, parameters, notes)
        self._spans = liability_spans(pack, liability, parameters)
        self._ceilings = Ceilings(pack, liability, self._spans, Trends(pack, liability, "", self._spans))

    def judge(self) -> None:
        """Judge every promise."""
        spec = self._liability.spec
        for element in spec.rising_in:
            self._settle(
                f"rising_in {element}",
                self._rises(element),
                lambda element=element: self._search.falling(element),  # type: ignore[misc]
                lambda broken, element=element: _fell(self._pack, element, broken),  # type: ignore[misc]
            )
        ceiling = self._liability.at_most
        if ceiling is not None:
            self._settle(
                f"at_most {spec.at_most}",
                self._ceilings.holds(ceiling.node),
                lambda: self._search.above(ceiling),
                lambda broken: _above(str(spec.at_most), broken),
            )

    def _rises(self, element: str) -> bool:
        trend = Trends(self._pack, self._liability, element, self._spans).benefit()
        rising = trend in (Trend.RISING, Trend.STEADY)
        return rising and self._whole() and not self._can_be_too_large() and self._within_pools()

    def _whole(self) -> bool:
        """Say whether the finished sum is always in whole fen: a broken fen would end the benefit at 0."""
        ends = self._spans.afters
        return bool(ends) and ends[max(ends)].scale == 0

    def _can_be_too_large(self) -> bool:
        """Say whether some figure could be beyond what the engine lets pass: it would end the benefit at 0."""
        beyond: list[Span] = []
        # A pool without a limit only counts: what earlier benefits may have drawn from it is no sum of this one.
        counters = {f"pool {name}" for name, pool in self._pack.pools.items() if pool.limit is None}

        def watch(span: Span, part: str) -> None:
            if part not in counters and max(-span.least(), span.most()) > MAX_MONEY_FEN:
                beyond.append(span)

        PartSpans(self._pack, self._search.parameters, self._liability, watch).found()
        return bool(beyond)

    def _within_pools(self) -> bool:
        """Say whether no draw can exceed its pool: one that did would end the benefit at 0."""
        for draw in self._liability.draws:
            if draw.pool.limit is not None:
                left = Read(Type.MONEY, f"{draw.pool.spec.id}_left", Place(1, 1, ""))
                when = None if draw.when is None else draw.when.node
                if not self._ceilings.holds(left, when, of=draw.amount.node):
                    return False
        return True

    def _settle(
        self, promise: str, proven: bool, search: Callable[[], Broken | None], tell: Callable[[Broken], Bilingual]
    ) -> None:
        begun = self._search.runs
        broken = None if proven else search()
        name = self._liability.spec.id
        self.promises.append(
            Promise(
                plan=self._plan,
                liability=name,
                promise=promise,
                proven=proven,
                kept=broken is None,
                cases=self._search.runs - begun,
            )
        )
        part = f"plan {self._plan}, liability {name}, {promise}"
        if broken is not None:
            text = tell(broken)
            found = Finding(check=Check.PROMISES, part=part, text=text, blocking=True, example=as_json(broken.facts))
            self.findings.append(found)
        elif not proven and self._search.runs == begun:
            text = Bilingual(
                zh="未能证明，也没有用例可供搜索：请为该方案的这项责任补充用例",
                en="not proven, and no case to search from: add a case of this benefit and plan",
            )
            self.findings.append(Finding(check=Check.PROMISES, part=part, text=text, blocking=True))


def _fell(pack: Pack, element: str, broken: Broken) -> Bilingual:
    spec = pack.elements[ElementId(element)]
    more, less = told_values.fact(spec, broken.facts[ElementId(element)]), told_values.fact(spec, broken.against)
    high, low = yuan_text(broken.paid_fen), yuan_text(broken.against_fen)
    return Bilingual(
        zh=f"{element} 为 {less.zh} 时给付 {low} 元，为 {more.zh} 时反而只给付 {high} 元：请改正规则或去掉承诺",
        en=f"{element} = {less.en} pays {low} yuan, {more.en} pays only {high} yuan: correct the rules or drop the promise",
    )


def _above(ceiling: str, broken: Broken) -> Bilingual:
    paid, most = yuan_text(broken.paid_fen), yuan_text(broken.against_fen)
    return Bilingual(
        zh=f"给付 {paid} 元，超过 {ceiling}（{most} 元）：请改正规则或去掉承诺",
        en=f"{paid} yuan are paid, above {ceiling} ({most} yuan): correct the rules or drop the promise",
    )
