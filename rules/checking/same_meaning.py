"""Slips that change nothing: recognised where that is cheap, so that no author is asked for a case that cannot exist.

Promise: what is called equivalent is; what is not called so may still be. ADR 0116 says which forms are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

from rules.checking.ceilings import Ceilings
from rules.checking.node_changes import Change
from rules.checking.trends import Trends
from rules.engine import Pack
from rules.engine.intervals import liability_spans
from rules.engine.language import Expression
from rules.engine.language.ir import Apply, Node, Operation, Read
from rules.engine.pack import AMOUNT, Rule


@dataclass(frozen=True, slots=True)
class SafetyNets:
    """The steps ``min(amount, x)`` of which it is proven that the sum never exceeds ``x`` before them: (benefit, rule).

    They guard a plan with other figures; in this pack they never change a sum, so that no case can tell whether they are there.
    """

    proven: frozenset[tuple[str, str]]
    used: frozenset[tuple[str, str]]

    def dropped(self, liability: str, rule: str) -> bool:
        """Say whether a benefit without that step comes to the same."""
        return (liability, rule) in self.proven

    def loosened(self, rule: Rule, change: Change) -> bool:
        """Say whether a slip only takes the bound out of a rule that never changes a sum, wherever it is a step."""
        places = {place for place in self.used if place[1] == rule.spec.id}
        return _is_sum(change.whole) and places != set() and places <= self.proven


def safety_nets(pack: Pack) -> SafetyNets:
    """Return the safety nets of a pack, proven for every plan that has the benefit."""
    used: set[tuple[str, str]] = set()
    bites: set[tuple[str, str]] = set()
    for plan in pack.plans.values():
        for liability, parameters in plan.liabilities:
            spans = liability_spans(pack, liability, parameters)
            ceilings = Ceilings(pack, liability, spans, Trends(pack, liability, "", spans))
            for rule, bounds in ceilings.steps():
                place = (liability.spec.id, rule.spec.id)
                used.add(place)
                body = rule.body.node if isinstance(rule.body, Expression) else None
                if not isinstance(body, Apply) or body.operation is not Operation.MINIMUM:
                    bites.add(place)
                    continue
                others = [operand for operand in body.operands if not _is_sum(operand)]
                held = (any(ceilings.proves(bound, ceilings.plain(other)) for bound in bounds) for other in others)
                if len(others) == len(body.operands) or not all(held):
                    bites.add(place)
    return SafetyNets(proven=frozenset(used - bites), used=frozenset(used))


def _is_sum(node: Node) -> bool:
    while isinstance(node, Apply) and node.operation is Operation.WIDEN:
        node = node.operands[0]
    return isinstance(node, Read) and node.name == AMOUNT
