"""Running the worked cases of a pack through the reference with notes taken: rules worked out, rows hit, branches taken.

Promise: what is noted is what the reference ``decide`` did: the pack is the same but for watchers that give back the value they
see. Decisions are those of the pack itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace

import msgspec

from rules.checking.nodes import children, rebuilt
from rules.checking.pack_parts import with_body, with_node, with_rules
from rules.engine import Decision, Facts, FactsError, Pack, decide, decode_facts
from rules.engine.document import PackTest
from rules.engine.language import Intrinsic, Table, TableHit, Type, Value
from rules.engine.language.errors import Place
from rules.engine.language.ir import Choose, Invoke, Node
from rules.engine.pack import Rule
from rules.tools.pack_tests import differences

_NOWHERE = Place(1, 1, "")


@dataclass(frozen=True, slots=True)
class Case:
    """A worked case with its facts read, what it came to, and where that differs from what it expects."""

    test: PackTest
    facts: Facts
    decision: Decision | None
    wrong: tuple[str, ...]
    refused: FactsError | None = None


@dataclass(slots=True)
class Notes:
    """What the cases reached. Rules and rows by the index of the case; branches with the values seen."""

    cases: tuple[Case, ...] = ()
    rules: dict[str, set[int]] = field(default_factory=dict)
    rows: dict[tuple[str, int], set[int]] = field(default_factory=dict)
    branches: dict[tuple[str, int], set[bool]] = field(default_factory=dict)
    conditions: dict[tuple[str, int], Node] = field(default_factory=dict)
    current: int = 0


@dataclass(frozen=True)
class _Watched(Table):
    """A table that notes the rows it gives."""

    rule: str = ""
    notes: Notes = field(default_factory=Notes)

    def evaluate(self, env: Mapping[str, Value]) -> TableHit:
        """Look up as the table does, and note it."""
        self.notes.rules.setdefault(self.rule, set()).add(self.notes.current)
        hit = super().evaluate(env)
        for row in hit.rows:
            self.notes.rows.setdefault((self.rule, row), set()).add(self.notes.current)
        return hit


def probe(pack: Pack) -> Notes:
    """Run all worked cases of the pack and return what they reached."""
    notes = Notes()
    watched = with_rules(pack, {name: _watched(rule, notes) for name, rule in pack.rules.items()})
    cases: list[Case] = []
    for index, test in enumerate(pack.tests):
        notes.current = index
        try:
            facts = decode_facts(pack, msgspec.json.encode(test.facts))
        except FactsError as problem:
            cases.append(Case(test, {}, None, (f"facts: {problem}",), problem))
            continue
        decision = decide(watched, facts)
        cases.append(Case(test, facts, decision, differences(test, decision)))
    notes.cases = tuple(cases)
    return notes


def _watched(rule: Rule, notes: Notes) -> Rule:
    name = rule.spec.id
    if isinstance(rule.body, Table):
        parts = {each.name: getattr(rule.body, each.name) for each in fields(Table)}
        return with_body(rule, _Watched(**parts, rule=name, notes=notes))
    numbered = iter(range(1_000_000))

    def watch(node: Node) -> Node:
        inside = rebuilt(node, [watch(part) for part in children(node)])
        if isinstance(inside, Choose):
            key = (name, next(numbered))
            notes.conditions[key] = node.condition if isinstance(node, Choose) else inside.condition
            seen = notes.branches.setdefault(key, set())
            return replace(inside, condition=_noting(inside.condition, lambda value: seen.add(value is True)))
        return inside

    def begin() -> bool:
        notes.rules.setdefault(name, set()).add(notes.current)
        return True

    # A condition that always holds, before anything of the rule is worked out: a case that fails inside has reached it too.
    start = Invoke(Type.BOOL, Intrinsic("begin", (), Type.BOOL, begin), (), _NOWHERE)
    node = rule.body.node
    return with_body(rule, with_node(rule.body, Choose(node.type, start, watch(node), node)))


def _noting(node: Node, note: Callable[[object], None]) -> Node:
    def give_back(value: object) -> object:
        note(value)
        return value

    return Invoke(node.type, Intrinsic("watched", (node.type,), node.type, give_back), (node,), _NOWHERE)
