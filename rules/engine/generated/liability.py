"""One liability of one plan as a function of integers: the steps of ``rules.engine.pipeline``, taken in the same order.

Promise: the function returns where the liability came to an end and what was worked out on the way, or declines. Two functions are
written from one description: one returns the sum alone, the other the values that explain it.

Draws, the loss key and shares are held to what the reference asks of them, so that a sum is only given where it gives one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from rules.engine.document import RuleKind
from rules.engine.generated.code import Code, both_at_one_scale
from rules.engine.generated.names import PartNames
from rules.engine.generated.runtime import RUNTIME
from rules.engine.generated.source import NotGenerated, Source, compiled, function
from rules.engine.language import Expression, Type
from rules.engine.language.exact import MAX_MONEY_FEN
from rules.engine.language.table_index import TableIndex
from rules.engine.model import Unit
from rules.engine.pack import AMOUNT, BEFORE, PAID, Draw, Liability, Pack, Rule
from rules.engine.span import Span, hull

# From the facts' values and what the decision drew before: the sum, or (traced) the site and the values there.
Run = Callable[[tuple[object, ...], list[int]], Any]


@dataclass(frozen=True, slots=True)
class Worth:
    """One value of a trace: which name it belongs to, and how its integer is to be read."""

    name: str
    type: Type
    scale: int


@dataclass(slots=True)
class Change:
    """A step that changes the running sum: its raw result, that held to 0, the sum before and after it, what it shows, and whether
    a waiver lifted it.

    Each is the place of a value in the trace with the scale it is counted at; ``before`` None is 0.
    """

    raw: tuple[int, int]
    held: tuple[int, int]
    shown: tuple[int, Worth] | None
    before: tuple[int, int] | None
    after: tuple[int, int]
    waived: int | None


@dataclass(slots=True)
class Site:
    """A place where a liability ends. ``values`` says what the trace's values are, ``stopped`` at which step or concern.

    ``order`` holds, for each concern and step that was looked at, the rules worked out by it: names, or the place of a list of them.
    """

    end: str
    stopped: int | None
    values: tuple[Worth, ...]
    rows: dict[str, int]
    changes: dict[int, Change]
    lifted: dict[int, int]
    order: tuple[tuple[str, ...] | int, ...]


@dataclass(slots=True)
class Function:
    """A generated function with its text, and what its results mean. ``legend`` tells what the invented names stand for."""

    text: str
    legend: tuple[tuple[str, object], ...]
    run: Run
    sites: tuple[Site, ...]
    rules: tuple[str, ...]


@dataclass
class _Changed:
    raw: Code
    held: Code
    shown: Code | None
    before: Code
    after: Code
    waived: str | None


@dataclass
class LiabilityWriter:
    """Writes one liability. Used once for each of the two functions (``traced`` or not)."""

    pack: Pack
    liability: Liability
    parameters: Mapping[str, object]
    elements: Mapping[str, str]
    drawn: Mapping[str, int]
    indexes: dict[tuple[int, ...], TableIndex]
    traced: bool
    source: Source = field(default_factory=Source)
    sites: list[Site] = field(default_factory=list)
    _order: list[tuple[str, ...] | str] = field(default_factory=list)
    _step_events: list[str] = field(default_factory=list)
    _events_name: str | None = None
    _events_at: int = 0
    _changes: dict[int, _Changed] = field(default_factory=dict)
    _lifted: dict[int, str] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    def function(self, name: str) -> Function:
        """Return the function. Raises NotGenerated."""
        self.names = PartNames(
            pack=self.pack,
            parameters=self.parameters,
            elements=self.elements,
            basis=self.liability.spec.date_basis,
            source=self.source,
            drawn=self.drawn,
            indexes=self.indexes,
            worked_out=self._worked_out,
        )
        self._write()
        head = f"def {name}(values, drawn):"
        lines = []
        if self.elements:
            lines.append(f"    ({''.join(f'{each}, ' for each in self.elements.values()).rstrip()}) = values")
        lines += [f"    {each} = None" for each in self.names.undecided()]
        text = function(head[4:-1], [*lines, *self.source.lines])
        data = {**RUNTIME, **self.source.data}
        legend = (*self.names.legend(), *self.source.data.items())
        return Function(text, legend, cast("Run", compiled(text, name, data)), tuple(self.sites), tuple(self._numbers))

    # --- the pipeline

    def _write(self) -> None:
        spec = self.liability.spec
        for at, rule in enumerate(self.liability.concerns):
            self._begin()
            holds = self.names.value(rule.spec.id)
            self._finish()
            with self.source.block(f"if not {holds.text}"):
                self._return("not concerned", at, "0")
            self.names.grant(holds.text)
        on = self.names.value(spec.date_basis)
        first, last = self.pack.valid_from, self.pack.valid_to
        outside = f"{on.text} < {self.source.constant(first)}"
        if last is not None:
            outside += f" or {on.text} > {self.source.constant(last)}"
        with self.source.block(f"if {outside}"):
            self._return("outside validity", None, "0")
        amount = Code("0", Type.EXACT_MONEY, Span(0, 0, 0), atom=True)
        for at, rule in enumerate(self.liability.steps):
            self._begin()
            amount = self._step(at, rule, amount)
        self._paid(amount)

    def _step(self, at: int, rule: Rule, amount: Code) -> Code:
        match rule.spec.kind:
            case RuleKind.VALUE | RuleKind.REFER:
                self.names.value(rule.spec.id)
                self._finish()
            case RuleKind.GATE:
                self._gate(at, rule)
            case RuleKind.AMOUNT | RuleKind.ROUND:
                amount = self._change(at, rule, amount)
                self._finish()
        return amount

    def _gate(self, at: int, rule: Rule) -> None:
        holds = self.names.value(rule.spec.id)
        lifts: list[str] = []
        before = self.names.fork()
        grounds = ([[rule.override.element]] if rule.override else []) + (
            [list(rule.waiver.elements)] if rule.waiver else []
        )
        self._finish()
        if not grounds:
            with self.source.block(f"if not {holds.text}"):
                self._return("stopped", at, "0")
            self.names.grant(holds.text)
            return
        lifted = f"w{at}"
        if self.traced:
            self.source.line(f"{lifted} = 0")
        with self.source.block(f"if not {holds.text}"):
            depth = self.source.depth
            for number, elements in enumerate(grounds, start=1 if rule.override else 2):
                codes = [self.names.value(element) for element in elements]
                condition = " and ".join(code.text for code in codes)
                lifts.append(condition)
                if self.traced:
                    with self.source.block(f"if {condition}"):
                        self.source.line(f"{lifted} = {number}")
                    self.source.line("else:")
                else:
                    self.source.line(f"if not ({condition}):")
                self.source.depth += 1
            self._return("stopped", at, "0")
            self.source.depth = depth
        after = self.names.fork()
        self.names.join(before, after)
        if self.traced:
            self._lifted[at] = lifted

    def _change(self, at: int, rule: Rule, amount: Code) -> Code:
        body = rule.body
        assert isinstance(body, Expression)  # noqa: S101 - loading lets no table be a step that changes the sum
        for name in (AMOUNT, BEFORE):
            self.names.set(name, Code(amount.text, Type.EXACT_MONEY, amount.span, atom=True))
        raw = self.names.expressions.write(body.node)
        raw = self._as(f"a{at}", raw)
        after = held = self._not_negative(at, rule, raw)
        shown = None if rule.shows is None else self.names.value(rule.shows)
        waived = None
        if rule.waiver is not None:
            after, waived = self._waived(at, rule, amount, after)
        for name in (AMOUNT, BEFORE):
            self.names.forget(name)
        self._changes[at] = _Changed(raw, held, shown, amount, after, waived)
        return after

    def _as(self, name: str, code: Code) -> Code:
        self.source.line(f"{name} = {code.bare}")
        return Code(name, Type.EXACT_MONEY, code.span, atom=True)

    def _not_negative(self, at: int, rule: Rule, raw: Code) -> Code:
        span = raw.span
        assert span is not None  # noqa: S101 - money
        if span.low >= 0:
            return raw
        held = Span(span.scale, 0, max(0, span.high))
        if rule.spec.remainder is None:
            self.names.expressions.refuse_unless(f"{raw.text} >= 0")
            return Code(raw.text, raw.type, held, atom=True)
        if span.scale:
            whole = 10**span.scale
            self.names.expressions.refuse_unless(f"{raw.text} >= 0 or {raw.text} % {whole} == 0")
        return self._as(f"b{at}", Code(f"({raw.text} if {raw.text} > 0 else 0)", raw.type, held))

    def _waived(self, at: int, rule: Rule, before: Code, after: Code) -> tuple[Code, str | None]:
        assert rule.waiver is not None and before.span and after.span  # noqa: S101, PT018 - the caller looked
        one, other = both_at_one_scale(before, after)
        result, lifted = f"c{at}", f"w{at}"
        span = hull(one.span, other.span)  # type: ignore[arg-type]  # both are sums
        self.source.line(f"{result} = {other.bare}")
        if self.traced:
            self.source.line(f"{lifted} = False")
        state = self.names.fork()
        with self.source.block(f"if {result} != {one.text}"):
            codes = [self.names.value(element) for element in rule.waiver.elements]
            with self.source.block("if " + " and ".join(code.text for code in codes)):
                self.source.line(f"{result} = {one.bare}")
                if self.traced:
                    self.source.line(f"{lifted} = True")
        self.names.join(state, self.names.fork())
        return Code(result, Type.EXACT_MONEY, span, atom=True), lifted if self.traced else None

    def _paid(self, amount: Code) -> None:
        """Whole fen, draws within their pools, a loss key, weights that a sum can be split by."""
        paid = self.names.expressions.whole(amount)
        with self.source.block(f"if not {paid.text}"):
            self._return("zero", None, "0")
        self.names.set(PAID, Code(paid.text, Type.MONEY, paid.span, atom=True))
        for draw in self.liability.draws:
            self._draw(draw)
        spec = self.liability.spec
        if spec.shares is not None:
            weights = self.names.value(spec.shares)
            self.source.line(f"weights_split({weights.bare})")
        for name in sorted(self.liability.loss_key.names):
            part = self.names.value(name)
            if part.type == Type.TEXT:
                self.source.line(f"key_part({part.bare})")
            elif part.type.element is not None:
                raise NotGenerated("a list in a loss key")
        self._return("paid", None, paid.text)

    def _draw(self, draw: Draw) -> None:
        pool = draw.pool.spec
        state = self.names.fork()
        depth = self.source.depth
        if draw.when is not None:
            condition = self.names.expressions.write(draw.when.node)
            state = self.names.fork()
            self.source.line(f"if {condition.bare}:")
            self.source.depth += 1
        expressions = self.names.expressions
        amount = expressions.write(draw.amount.node)
        # No more is ever drawn than can be paid: what reads the pool afterwards counts on it.
        amount = expressions.bound(expressions.within(expressions.whole(amount), MAX_MONEY_FEN))
        used = expressions.whole(self.names.value(f"{pool.id}_used"))
        if draw.pool.limit is not None:
            limit = expressions.whole(self.names.value(f"{pool.id}_limit"))
            free = f"{limit.text} - {used.text}"
            # Nothing drawn is always allowed, also from a pool that is overdrawn already.
            expressions.refuse_unless(f"0 <= {amount.text} and ({amount.text} <= {free} or not {amount.text})")
        elif amount.span is None or amount.span.low < 0:
            expressions.refuse_unless(f"{amount.text} >= 0")
        if pool.id in self.drawn:
            self.source.line(f"drawn[{self.drawn[pool.id]}] += {amount.text}")
        if draw.when is not None:
            if len(self.source.lines) and self.source.lines[-1].rstrip().endswith(":"):
                self.source.line("pass")
            self.source.depth = depth
            self.names.join(state, self.names.fork())
        if pool.unit not in (Unit.FEN, Unit.DAY):
            raise NotGenerated("a pool of another unit")

    # --- what the trace keeps

    def _worked_out(self, name: str) -> None:
        """Remember that a rule was worked out in this step; where that hangs on a branch, the code remembers."""
        if not self.traced or "@" in name or name in self._own:
            return
        if self._events_name is not None:
            self.source.line(f"{self._events_name} += ({self._number(name)},)")
        self._step_events.append(name)

    @property
    def _own(self) -> frozenset[str]:
        return frozenset(each.spec.id for each in (*self.liability.concerns, *self.liability.steps))

    def _number(self, name: str) -> int:
        return self._numbers.setdefault(name, len(self._numbers))

    def _begin(self) -> None:
        """Start a concern or step: every rule that it works out is kept in order, by the code itself."""
        self._step_events = []
        if self.traced:
            self._events_name = f"o{len(self._order)}"
            self._events_at = len(self.source.lines)
            self.source.line(f"{self._events_name} = ()")

    def _finish(self) -> None:
        """End it: where no branch was involved the order is known now, and the code need not keep it."""
        if not self.traced:
            return
        name = self._events_name or ""
        added = range(self._events_at, len(self.source.lines))
        kept = [at for at in added if self.source.lines[at].lstrip().startswith(f"{name} ")]
        indents = {len(self.source.lines[at]) - len(self.source.lines[at].lstrip()) for at in kept}
        if indents == {4}:
            for at in reversed(kept):
                del self.source.lines[at]
            self._order.append(tuple(self._step_events))
        else:
            self._order.append(name)
        self._events_name = None

    def _return(self, end: str, stopped: int | None, paid: str) -> None:
        """Return from the function: the sum alone, or the site with what is known there."""
        if not self.traced:
            self.source.line(f"return {paid}")
            return
        texts: list[str] = [paid]
        places: dict[str, int] = {paid: 0}

        def place(text: str) -> int:
            if text not in places:
                places[text] = len(texts)
                texts.append(text)
            return places[text]

        worths = {0: Worth(PAID, Type.MONEY, 0)}
        rows: dict[str, int] = {}
        for name in sorted((self.names.known | self.names.ever_maybe) & self.pack.rules.keys()):
            code = self.names.codes[name]
            if name not in self.names.known and name not in self.names.maybe:
                continue
            worths[place(code.text)] = Worth(name, code.type, code.scale)
            if name in self.names.rows:
                rows[name] = place(self.names.rows[name])
        changes = {}
        for at, change in self._changes.items():
            raw = (place(change.raw.text), change.raw.scale)
            before = None if change.before.literal == 0 else (place(change.before.text), change.before.scale)
            after = (place(change.after.text), change.after.scale)
            waived = None if change.waived is None else place(change.waived)
            held, shown = (place(change.held.text), change.held.scale), None
            if change.shown is not None:
                shown = (place(change.shown.text), Worth("", change.shown.type, change.shown.scale))
            changes[at] = Change(raw, held, shown, before, after, waived)
        lifted = {at: place(text) for at, text in self._lifted.items()}
        order = tuple(each if isinstance(each, tuple) else place(each) for each in self._order)
        filler = Worth("", Type.BOOL, 0)
        values = tuple(worths.get(at, filler) for at in range(len(texts)))
        self.source.line(f"return {len(self.sites)}, ({''.join(f'{text}, ' for text in texts).rstrip()})")
        self.sites.append(Site(end, stopped, values, rows, changes, lifted, order))
