"""From a trace to the full decision in words.

Promise: canonical bytes equal to the reference's. Values, table rows, the order of inner figures and the running sums come from the
trace; the reference's own pipeline tells them, so a sentence is worded in one place only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rules.engine.dating import Given, written_name
from rules.engine.document import RuleKind
from rules.engine.generated.explaining import plain
from rules.engine.generated.liability import Function, Site
from rules.engine.model import Facts, Value
from rules.engine.pack import Liability, Pack, Rule
from rules.engine.scope import Scope


class RecordedScope(Scope):
    """A scope in which what the trace holds is known already."""

    def __init__(  # noqa: PLR0917 - what a scope has, and what was recorded
        self,
        pack: Pack,
        liability: Liability,
        given: tuple[Facts, Mapping[str, Given], Mapping[str, int]],
        function: Function,
        site: Site,
        values: Sequence[object],
    ) -> None:
        facts, parameters, drawn = given
        super().__init__(pack, facts, parameters, drawn, liability.spec.date_basis)
        self._recorded_orders = iter(_orders(pack, function, site, values))
        self._changed: dict[str, Value] = {}
        for at, worth in enumerate(site.values):
            if worth.name in pack.rules and values[at] is not None:
                self._known[worth.name] = plain(values[at], worth.type, worth.scale)  # type: ignore[assignment]
        for name, at in site.rows.items():
            rows = values[at]
            if rows is not None:
                self._rows[written_name(name)] = rows  # type: ignore[assignment]  # the tuple that the look-up gave
        for at, change in site.changes.items():
            rule = liability.steps[at]
            place, scale = change.raw
            self._changed[rule.spec.id] = plain(values[place], rule.body.type, scale)  # type: ignore[union-attr,assignment]

    def evaluate(self, rule: Rule) -> Value:
        """Return a step's recorded result; anything else is worked out as ever."""
        if rule.spec.kind in (RuleKind.AMOUNT, RuleKind.ROUND) and rule.spec.id in self._changed:
            return self._changed[rule.spec.id]
        return super().evaluate(rule)

    def newly_worked_out(self) -> tuple[Rule, ...]:
        """Return the figures that the next concern or step worked out, as recorded."""
        return next(self._recorded_orders, ())


def _orders(pack: Pack, function: Function, site: Site, values: Sequence[object]) -> list[tuple[Rule, ...]]:
    found = []
    for order in site.order:
        if isinstance(order, int):
            numbers = values[order]
            assert isinstance(numbers, tuple)  # noqa: S101 - the list that the code kept
            found.append(tuple(pack.rules[function.rules[number]] for number in numbers))
        else:
            found.append(tuple(pack.rules[name] for name in order))
    return found
