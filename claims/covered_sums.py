"""What a policy carries: its sums insured by name, as the installed pack works them out from the contract's terms.

Promise: a figure is the pack's own limit of a pool, or the term that the contract states; where neither can be worked out there is
no figure. Nothing here decides a claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import msgspec

from claims.errors import Bilingual
from claims.form_fields import FactValue
from claims.loss_facts import contract_facts
from claims.reference import ExtractPolicy
from rules.engine import FactsError, Pack, decode_facts
from rules.engine.document import PoolSpec
from rules.engine.language import Failure
from rules.engine.model import ElementId, Unit
from rules.engine.scope import Scope

SUM_INSURED = "sum_insured"


@dataclass(frozen=True)
class PoolLimit:
    """A pool of a policy's plan and its limit."""

    spec: PoolSpec
    limit: int | None


def covered_sums(pack: Pack | None, policy: ExtractPolicy) -> tuple[tuple[Bilingual, int], ...]:
    """Return name and fen of the sum insured and of each limit of the plan, in the plan's order."""
    found: list[tuple[Bilingual, int]] = []
    stated = policy.terms.get(SUM_INSURED)
    if isinstance(stated, int) and not isinstance(stated, bool):
        spec = None if pack is None else pack.elements.get(ElementId(SUM_INSURED))
        found.append((Bilingual("保额", "sum insured") if spec is None else spec.name, stated))
    found.extend(each for each in _limits(pack, policy) if each[1] not in {fen for _, fen in found})
    return tuple(found)


def waiting_until(pack: Pack | None, policy: ExtractPolicy) -> date | None:
    """Return the last day of a policy's waiting period, None where it has none."""
    plan = None if pack is None else pack.plans.get(policy.plan)
    if plan is None or policy.terms.get("renewal") is True:
        return None
    days = plan.parameter("waiting_days", policy.effective)
    if isinstance(days, bool) or not isinstance(days, int | Decimal) or days <= 0:
        return None
    # The effective date is day 1 (rules.engine "last waiting day").
    return policy.effective + timedelta(days=int(days) - 1)


def liability_name(pack: Pack | None, plan_id: str, liability: str) -> Bilingual:
    """Return a benefit's name; one that the pack does not know keeps its id."""
    plan = None if pack is None else pack.plans.get(plan_id)
    names = () if plan is None else plan.liabilities
    return next((each.spec.name for each, _ in names if each.spec.id == liability), Bilingual(liability, liability))


def pool_limits(
    pack: Pack, policy: ExtractPolicy, loss: Mapping[str, FactValue] | None = None
) -> tuple[PoolLimit, ...]:
    """Return the pools of a policy's plan with their limits in their own unit, each once, in the plan's order.

    ``limit`` is None where the pool only counts, or where what is known does not give it.

    Args:
        loss: facts of a loss that is supposed to happen (its dates among them); None: the contract's terms alone, and a limit that changes
            with time stands as on the contract's first day.
    """
    plan = pack.plans.get(policy.plan)
    if plan is None:
        return ()
    try:
        facts = decode_facts(pack, msgspec.json.encode({**(loss or {}), **contract_facts(policy)}))
    except FactsError:
        # Terms of a contract that this pack does not know: the policy is shown without figures, its claim goes to a person.
        return ()
    found: dict[str, PoolLimit] = {}
    for liability, parameters in plan.liabilities:
        scope = Scope(pack, facts, parameters, {}, "policy_effective" if loss is None else liability.spec.date_basis)
        for draw in liability.draws:
            pool = draw.pool
            known = found.get(pool.spec.id)
            if known is not None and known.limit is not None:
                continue
            limit: object = None
            if pool.limit is not None:
                with suppress(Failure):
                    limit = scope.read(f"{pool.spec.id}_limit")
            given = limit if isinstance(limit, int) and not isinstance(limit, bool) and limit > 0 else None
            found[pool.spec.id] = PoolLimit(spec=pool.spec, limit=given)
    return tuple(found.values())


def _limits(pack: Pack | None, policy: ExtractPolicy) -> list[tuple[Bilingual, int]]:
    pools = () if pack is None else pool_limits(pack, policy)
    return [(each.spec.name, each.limit) for each in pools if each.limit is not None and each.spec.unit is Unit.FEN]
