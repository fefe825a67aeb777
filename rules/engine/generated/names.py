"""The names that generated code reads: facts, a plan's parameters, rules worked out once, pools.

Promise: a rule is worked out where it is first read and then stays, as in ``rules.engine.scope``; on a path where it may or may
not have been worked out the code asks. A fact that is read and missing declines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rules.engine.dating import AT, DATE, Timeline
from rules.engine.document import DateBasis
from rules.engine.generated.code import Code, both_at_one_scale, is_numeric, number
from rules.engine.generated.expressions import Expressions
from rules.engine.generated.source import NotGenerated, Source
from rules.engine.generated.tables import write_table
from rules.engine.intervals import element_span, parameter_span
from rules.engine.language import Expression, Type
from rules.engine.language.exact import MAX_MONEY_FEN
from rules.engine.language.ir import Read
from rules.engine.language.table_index import TableIndex
from rules.engine.model import ElementId, Unit
from rules.engine.node_spans import unscaled
from rules.engine.pack import Pack, Rule, pool_of
from rules.engine.span import Span, add, larger, negate
from rules.engine.values import language_type

_MAX_INLINED = 400


@dataclass(frozen=True, slots=True)
class Known:
    """What is known on a path: names worked out (facts: seen to be there) for certain, and those that may have been."""

    names: frozenset[str]
    maybe: frozenset[str]


@dataclass
class PartNames:
    """The names of one liability (``basis`` its date element) or of a plan's outputs."""

    pack: Pack
    parameters: Mapping[str, object]
    elements: Mapping[str, str]
    basis: str | None
    source: Source
    # Pools that an earlier liability of the same decision may draw on, by their place in ``drawn``.
    drawn: Mapping[str, int]
    indexes: dict[tuple[int, ...], TableIndex]
    # By the name of a condition: what has been worked out for certain where it holds.
    when_true: dict[str, frozenset[str]] = field(default_factory=dict)
    # Said when a line has been added that works a rule out.
    worked_out: Callable[[str], None] | None = None
    known: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)
    codes: dict[str, Code] = field(default_factory=dict)
    ever_maybe: set[str] = field(default_factory=set)
    # What the names of variables start with, where several parts share a function.
    prefix: str = ""
    rows: dict[str, str] = field(default_factory=dict)
    _inlined: int = 0
    _expressions: Expressions | None = None
    _variables: dict[str, str] = field(default_factory=dict)

    @property
    def expressions(self) -> Expressions:
        """Return the writer of expressions over these names."""
        if self._expressions is None:
            self._expressions = Expressions(self.source, self)
        return self._expressions

    # --- paths

    def fork(self) -> Known:
        """Return what is known now."""
        return Known(frozenset(self.known), frozenset(self.maybe))

    def back(self, state: object) -> None:
        """Go on with a state: what was worked out elsewhere is not on this path."""
        assert isinstance(state, Known)  # noqa: S101 - only fork makes states
        self.known, self.maybe = set(state.names), set(state.maybe)

    def join(self, *states: object) -> None:
        """Go on after several paths have met."""
        found = [state for state in states if isinstance(state, Known)]
        self.known = set(frozenset.intersection(*(state.names for state in found)))
        anywhere = frozenset[str]().union(*(state.names | state.maybe for state in found))
        self.maybe = {name for name in anywhere - self.known if ElementId(name) not in self.pack.elements}
        self.ever_maybe |= self.maybe

    def holding(self, condition: str, state: object) -> None:
        """Say that a condition (a name) holds only where a state was reached."""
        assert isinstance(state, Known)  # noqa: S101 - only fork makes states
        self.when_true[condition] = state.names

    def grant(self, condition: str) -> None:
        """Go on where a condition holds: what it could only hold by is known."""
        self.known |= self.when_true.get(condition, frozenset())
        self.maybe -= self.known

    # --- reading

    def set(self, name: str, code: Code) -> None:
        """Give the running sum, the benefit or the total its value of the moment."""
        self.codes[name] = code
        self.known.add(name)

    def forget(self, name: str) -> None:
        """Take back a name of the moment."""
        self.codes.pop(name, None)
        self.known.discard(name)

    def read(self, node: Read) -> Code:
        """Return a name's value."""
        return self.value(node.name, node.type)

    def value(self, name: str, kind: Type | None = None) -> Code:  # noqa: PLR0911 - a return for each sort of name
        """Return a name's value; lines that work it out are added. ``kind`` is needed where nothing else tells it."""
        element = self.pack.elements.get(ElementId(name))
        if element is not None:
            return self._element(name)
        if name in self.known:
            return self.codes[name]
        given = self.parameters.get(name)
        if given is not None and not isinstance(given, Timeline):
            return self._given(name, given)
        rule = self.pack.rules.get(name)
        if rule is not None:
            return self._once(name, lambda: self._rule(rule))
        if AT in name:
            return self._once(name, lambda: self._dated(name, kind))
        pool = pool_of(name)
        if pool is not None and pool in self.pack.pools:
            return self._once(name, lambda: self._pool(pool, name))
        return self._never(kind)

    def element_code(self, name: str) -> Code:
        """Return the code of an element's value that is known to be there."""
        spec = self.pack.elements[ElementId(name)]
        kind = language_type(spec.type, spec.many)
        return Code(self.elements[name], kind, element_span(spec), atom=True)

    def _element(self, name: str) -> Code:
        if name not in self.elements:
            raise NotGenerated("an element outside of the plan")
        code = self.element_code(name)
        if name not in self.known:
            with self.source.block(f"if {code.text} is None"):
                self.source.line("raise Declined")
            self.known.add(name)
        return code

    def _given(self, name: str, value: object) -> Code:
        spec = self.pack.parameters[name.partition(AT)[0]]
        code = self.codes.get(name)
        if code is None:
            code = self.expressions.constant(value, language_type(spec.type, spec.many))
            self.codes[name] = code
        return code

    def _once(self, name: str, work_out: Callable[[], Code]) -> Code:
        """Work a name out, unless an earlier path may have done so: then the code asks."""
        self._inlined += 1
        if self._inlined > _MAX_INLINED * max(10, len(self.pack.rules)):
            raise NotGenerated("too many paths")
        if name not in self.maybe:
            code = self._named(name, work_out())
            self.known.add(name)
            return code
        before = self.fork()
        variable = self._variable(name)
        with self.source.block(f"if {variable} is None"):
            code = self._named(name, work_out())
        after = self.fork()
        self.join(before, after)
        self.known.add(name)
        self.maybe.discard(name)
        self.ever_maybe.add(name)
        return code

    def _named(self, name: str, code: Code) -> Code:
        variable = self._variable(name)
        self.source.line(f"{variable} = {code.bare}")
        known = self.codes.get(name)
        found = Code(variable, code.type, code.span, atom=True)
        if known is None and code.text in self.when_true:
            self.when_true[variable] = self.when_true[code.text]
        else:
            # Worked out in several places, of which each knows something else.
            self.when_true.pop(variable, None)
        if known is not None and known.scale != found.scale:
            raise NotGenerated("a name of two scales")
        self.codes[name] = found
        if name in self.pack.rules and self.worked_out is not None:
            self.worked_out(name)
        return found

    def legend(self) -> tuple[tuple[str, str], ...]:
        """Return what each invented name stands for."""
        facts = ((variable, name) for name, variable in self.elements.items())
        return (*facts, *((variable, name) for name, variable in self._variables.items()))

    def undecided(self) -> list[str]:
        """Return the variables that not every path sets: they start as None."""
        names = sorted(self.ever_maybe & self._variables.keys(), key=self._variables.__getitem__)
        return [*(self._variables[name] for name in names), *(self.rows[name] for name in names if name in self.rows)]

    def _variable(self, name: str) -> str:
        known = self._variables.get(name)
        if known is None:
            kind = "r" if name in self.pack.rules else "p"
            known = self._variables[name] = f"{self.prefix}{kind}{len(self._variables)}"
        return known

    def _rule(self, rule: Rule) -> Code:
        kind = language_type(rule.spec.type, rule.spec.many)
        if isinstance(rule.body, Expression):
            code = self.expressions.write(rule.body.node)
        else:
            rows = self.rows[rule.spec.id] = f"{self._variable(rule.spec.id)}_rows"
            code = write_table(self.expressions, rule.body, rows)
        return Code(code.text, kind, code.span, code.atom)

    def _dated(self, name: str, kind: Type | None) -> Code:
        stem, _, basis = name.partition(AT)
        given = self.parameters.get(stem)
        if given is not None and not isinstance(given, Timeline):
            return self._given(name, given)
        element = self.basis if basis == DateBasis.LIABILITY else self.pack.date_bases[DateBasis(basis)]
        if element is None:
            return self._never(kind)
        on = self._element(element)
        if stem == DATE:
            return on
        if isinstance(given, Timeline):
            return self._timeline(stem, given, on)
        return self._never(kind)

    def _timeline(self, stem: str, given: Timeline, on: Code) -> Code:
        spec = self.pack.parameters[stem]
        kind = language_type(spec.type, spec.many)
        span = parameter_span(given)
        values: tuple[object, ...] = given.values
        if is_numeric(kind) and span is not None:
            values = tuple(_scaled(value, span.scale) for value in values)
        at = self.source.temporary()
        self.source.line(f"{at} = bisect_right({self.source.constant(given.starts)}, {on.text}) - 1")
        with self.source.block(f"if {at} < 0"):
            self.source.line("raise Declined")
        return Code(f"{self.source.constant(values)}[{at}]", kind, span)

    def _never(self, kind: Type | None) -> Code:
        """A name that has no value here: reading it declines. What is returned is never reached."""
        self.source.line("raise Declined")
        kind = kind or Type.BOOL
        if is_numeric(kind) and kind.element is None:
            return Code("0", kind, Span(0, 0, 0), atom=True)
        if kind == Type.BOOL:
            return Code("(not 0)", kind, Span(0, 0, 1))
        span = Span(0, 1, 1) if (kind.element or kind) == Type.DATE else Span(0, 0, 0, 0) if is_numeric(kind) else None
        return Code("None", kind, span, atom=True)

    def _pool(self, pool_id: str, name: str) -> Code:
        pool = self.pack.pools[pool_id]
        kind = Type.MONEY if pool.spec.unit is Unit.FEN else Type.NUMBER
        if name.endswith("_limit"):
            self._used(pool_id)
            return self._limit(pool_id, kind)
        used = self._used(pool_id)
        if name.endswith("_used"):
            return used
        if pool.limit is None:
            return self._never(kind)
        limit, used = both_at_one_scale(self._limit(pool_id, kind), used)
        assert limit.span is not None and used.span is not None  # noqa: S101, PT018 - numbers
        left = self.expressions.bound(Code(f"({limit.text} - {used.text})", kind, add(limit.span, negate(used.span))))
        assert left.span is not None  # noqa: S101 - a number
        return Code(f"({left.text} if {left.text} > 0 else 0)", kind, larger(left.span, Span(0, 0, 0)))

    def _limit(self, pool_id: str, kind: Type) -> Code:
        pool = self.pack.pools[pool_id]
        if pool.limit is None:
            return self._never(kind)
        code = self.expressions.write(pool.limit.node)
        return Code(code.text, kind, code.span, code.atom)

    def _used(self, pool_id: str) -> Code:
        pool = self.pack.pools[pool_id]
        code = self._element(pool.spec.used)
        place = self.drawn.get(pool_id)
        if place is None or code.span is None:
            return code
        unit = 10**code.scale
        taken = f"drawn[{place}]" if unit == 1 else f"drawn[{place}] * {number(unit)}"
        most = MAX_MONEY_FEN * unit * max(1, len(self.pack.document.liabilities))
        span = Span(code.scale, code.span.low, code.span.high + most)
        return self.expressions.bound(Code(f"({code.text} + {taken})", code.type, span))


def _scaled(value: object, scale: int) -> object:
    if isinstance(value, tuple):
        return tuple(_scaled(each, scale) for each in value)
    own, whole = unscaled(value)
    return whole * 10 ** (scale - own)
