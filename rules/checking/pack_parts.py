"""A pack with one part exchanged: how a changed rule, figure or step gets into an otherwise equal pack.

Promise: the given pack stays as it is; what is not exchanged is shared, so that a variant costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from rules.engine.language import Expression, Table
from rules.engine.language.closures import build
from rules.engine.language.ir import Node
from rules.engine.pack import Liability, Pack, Plan, Pool, Rule


def with_node(expression: Expression, node: Node) -> Expression:
    """Return the expression with another typed form. It may read other names; ``reads`` still tells the old ones."""
    return replace(expression, node=node, _run=build(node))


def with_body(rule: Rule, body: Expression | Table) -> Rule:
    """Return the rule with another body."""
    return replace(rule, body=body)


def with_rules(pack: Pack, changed: Mapping[str, Rule]) -> Pack:
    """Return the pack with some rules exchanged, everywhere they stand."""

    def steps(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        return tuple(changed.get(rule.spec.id, rule) for rule in rules)

    def exchanged(liability: Liability) -> Liability:
        names = {rule.spec.id for rule in (*liability.concerns, *liability.steps)}
        if names.isdisjoint(changed):
            return liability
        return replace(liability, concerns=steps(liability.concerns), steps=steps(liability.steps))

    return with_liabilities(replace(pack, rules={**pack.rules, **changed}), exchanged)


def with_liabilities(pack: Pack, change: Callable[[Liability], Liability]) -> Pack:
    """Return the pack with ``change`` applied to every liability of every plan."""
    plans: dict[str, Plan] = {}
    for name, plan in pack.plans.items():
        changed = tuple((change(liability), parameters) for liability, parameters in plan.liabilities)
        same = all(new is old for (new, _), (old, _) in zip(changed, plan.liabilities, strict=True))
        plans[name] = plan if same else replace(plan, liabilities=changed)
    return replace(pack, plans=plans)


def with_plan(pack: Pack, plan: Plan) -> Pack:
    """Return the pack with one plan exchanged."""
    return replace(pack, plans={**pack.plans, plan.spec.id: plan})


def with_pool(pack: Pack, pool: Pool) -> Pack:
    """Return the pack with one pool exchanged, in its draws too."""

    def exchanged(liability: Liability) -> Liability:
        if all(draw.pool.spec.id != pool.spec.id for draw in liability.draws):
            return liability
        draws = (replace(draw, pool=pool) if draw.pool.spec.id == pool.spec.id else draw for draw in liability.draws)
        return replace(liability, draws=tuple(draws))

    return with_liabilities(replace(pack, pools={**pack.pools, pool.spec.id: pool}), exchanged)
