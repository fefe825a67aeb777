"""What a rule sees while one liability is worked out: facts, parameters, other rules, what is left in the pools.

Promise: a name is worked out when it is first read and then stays; a missing fact is a ``KeyError`` that the language turns
into a ``Failure``, so an untaken branch asks for nothing. The innermost rule that failed is remembered by name. A name with a date
basis (``rules.engine.dating``) has the value of its date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import cast

from rules.engine.dating import AT, DATE, Given, NotInForce, Timeline, dated_name, written_name
from rules.engine.document import DateBasis
from rules.engine.language import Expression, Failure, FailureCode, Place
from rules.engine.model import ElementId, Facts, Unit, Value
from rules.engine.pack import Pack, Rule, pool_of
from rules.engine.values import canonical_text, spoken
from rules.engine.wording import UNKNOWN


class Scope(Mapping[str, Value]):
    """The names of one liability (or of a plan's outputs). ``drawn`` is what this decision already took from each pool.

    ``basis`` is the liability's date element; without one (a plan's outputs) nothing can be read by the liability's date.
    """

    def __init__(
        self,
        pack: Pack,
        facts: Facts,
        parameters: Mapping[str, Given],
        drawn: Mapping[str, int],
        basis: str | None = None,
    ) -> None:
        self._pack = pack
        self._facts = facts
        self._parameters = parameters
        self._drawn = drawn
        self._basis = basis
        self._known: dict[str, Value] = {}
        self._rows: dict[str, tuple[int, ...]] = {}
        self._worked_out: list[Rule] = []
        self.failed_rule: str | None = None

    def __getitem__(self, name: str) -> Value:
        if name in self._known:
            return self._known[name]
        value = self._work_out(name)
        self._known[name] = value
        return value

    def __iter__(self) -> Iterator[str]:
        return iter((*self._facts, *self._parameters, *self._pack.rules))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def set(self, name: str, value: Value) -> None:
        """Give ``amount``, ``before``, ``paid`` or ``total`` its value of the moment."""
        self._known[name] = value

    def read(self, name: str) -> Value:
        """Return a name's value for the engine itself. Raises Failure where it is missing."""
        try:
            return self[name]
        except KeyError:
            raise Failure(FailureCode.MISSING, Place(line=1, column=1, text=name), name) from None

    def holds(self, name: str) -> bool:
        """Return whether a yes/no name is true. Raises Failure."""
        return self.read(name) is True

    def evaluate(self, rule: Rule) -> Value:
        """Return a rule's value. Raises Failure, and remembers the rule if it is the innermost that failed."""
        try:
            if isinstance(rule.body, Expression):
                return _value(rule.body.evaluate(self))
            hit = rule.body.evaluate(self)
            self._rows[written_name(rule.spec.id)] = hit.rows
            return _value(hit.values[0])
        except Failure:
            self.failed_rule = self.failed_rule or written_name(rule.spec.id)
            raise

    def newly_worked_out(self) -> tuple[Rule, ...]:
        """Return the named figures worked out since the last call, inner ones first, and forget them."""
        found = tuple(self._worked_out)
        self._worked_out.clear()
        return found

    def rows(self, rule: Rule) -> tuple[int, ...]:
        """Return the table rows that gave a rule its value, counted from 0; empty for a formula."""
        return self._rows.get(rule.spec.id, ())

    def version(self, rule: Rule) -> date | None:
        """Return the first day of the version that gave a rule its value; None for a rule without versions. Raises Failure."""
        if rule.first is None:
            return None
        on = self.read(dated_name(DATE, rule.spec.date_basis))
        assert isinstance(on, date)  # noqa: S101 - loading takes only date elements for a basis
        return max((version.valid_from for version in rule.spec.versions if version.valid_from <= on), default=None)

    def speak(self, name: str) -> tuple[str, str]:
        """Return a name's value as people read it; what is not known is ``—``. Never fails, and leaves no trace."""
        try:
            value = self._known[name] if name in self._known else self.aside()[name]
        except (KeyError, Failure):
            return UNKNOWN, UNKNOWN
        money, unit = self._reading(name)
        return spoken(value, money, unit)

    def aside(self) -> Scope:
        """Return a scope that sees the same and in which working something out has no effect on this one."""
        other = Scope(self._pack, self._facts, self._parameters, self._drawn, self._basis)
        other._known = dict(self._known)
        return other

    def text(self, name: str) -> str:
        """Return a name's canonical text. Raises Failure."""
        return canonical_text(self.read(name))

    def unit_of(self, name: str) -> Unit:
        """Return the unit a name's value counts."""
        return self._reading(name)[1]

    def _reading(self, name: str) -> tuple[bool, Unit]:
        name = written_name(name)
        if name == DATE:
            return False, Unit.DATE
        specs = (self._pack.elements.get(ElementId(name)), self._pack.parameters.get(name))
        for spec in specs:
            if spec is not None:
                return spec.unit is Unit.FEN, spec.unit
        rule = self._pack.rules.get(name)
        if rule is not None:
            return rule.spec.unit is Unit.FEN, rule.spec.unit
        pool = self._pack.pools.get(pool_of(name) or "")
        if pool is not None:
            return pool.spec.unit is Unit.FEN, pool.spec.unit
        return True, Unit.FEN  # amount, before, paid, total

    def _work_out(self, name: str) -> Value:
        if name in self._facts:
            return self._facts[ElementId(name)]
        given = self._parameters.get(name)
        if given is not None and not isinstance(given, Timeline):
            return given
        rule = self._pack.rules.get(name)
        if rule is not None:
            value = self.evaluate(rule)
            if AT not in name:
                self._worked_out.append(rule)
            return value
        if AT in name:
            return self._dated(name)
        pool = pool_of(name)
        if pool is not None and pool in self._pack.pools:
            return self._pool(pool, name)
        raise KeyError(name)

    def _dated(self, name: str) -> Value:
        stem, _, basis = name.partition(AT)
        given = self._parameters.get(stem)
        if given is not None and not isinstance(given, Timeline):
            return given
        element = self._basis if basis == DateBasis.LIABILITY else self._pack.date_bases[DateBasis(basis)]
        if element is None:
            raise KeyError(name)
        on = self.read(element)
        assert isinstance(on, date)  # noqa: S101 - loading takes only date elements for a basis
        if stem == DATE:
            return on
        if isinstance(given, Timeline):
            value = given.at(on)
            if value is None:
                raise NotInForce(stem, element, on, given.first)
            return value
        rule = self._pack.rules.get(stem)
        if rule is None or rule.first is None:
            raise KeyError(name)
        raise NotInForce(stem, element, on, rule.first)

    def _pool(self, pool_id: str, name: str) -> Value:
        pool = self._pack.pools[pool_id]
        before = self.read(pool.spec.used)
        taken = self._drawn.get(pool_id, 0)
        used: Value = before + taken if isinstance(before, int | Decimal) else before
        if name.endswith("_used"):
            return used
        if pool.limit is None:
            raise KeyError(name)
        limit = _value(pool.limit.evaluate(self))
        if name.endswith("_limit"):
            return limit
        if isinstance(limit, int) and isinstance(used, int):
            return max(0, limit - used)
        if isinstance(limit, Decimal) and isinstance(used, Decimal):
            return max(Decimal(0), limit - used)
        raise Failure(FailureCode.WRONG_TYPE, Place(line=1, column=1, text=name), name)


def _value(value: object) -> Value:
    """Narrow the language's values to those a pack declares: no rule's type is a duration (``ValueType`` has none)."""
    return cast("Value", value)
