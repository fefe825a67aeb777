"""Where a policy stands in the signed order: plan, then the older policy, then the lower number.

Promise: the same order as the rules' coordinator, from the contract alone, so that it is known before anything is decided.

Source: notes/domain.md §5 convention 2; docs/adr/0027.
"""

from __future__ import annotations

from datetime import date

from claims.reference import ExtractPolicy
from rules.engine import Pack

_UNKNOWN_PLAN = 1_000_000

OrderPlace = tuple[int, date, str]
"""Order of the plan in the pack, first day of the policy, its number."""


def order_place(pack: Pack, policy: ExtractPolicy) -> OrderPlace:
    """Return the key that policies of one loss are sorted by; a plan that the pack does not know comes last."""
    plan = pack.plans.get(policy.plan)
    return (_UNKNOWN_PLAN if plan is None else plan.spec.order, policy.effective, policy.policy_no)
