"""Headquarters' own policy data, and whether a laptop's facts agree with it.

Promise: what the contract decides (plan, dates, terms) must be in the facts as headquarters has it; a used-up sum must not be
below headquarters' figure. A disagreement holds the voucher for a person; it never changes the replay verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path

import msgspec
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from claims.errors import Bilingual
from claims.loss_facts import contract_facts
from claims.reference import ExtractPolicy
from headquarters.extract_file import read_extract
from headquarters.installation import Headquarters
from headquarters.models import PolicyRow
from rules.engine import FactsError, Pack, decode_facts
from rules.engine.model import ElementId, Facts

_BATCH = 2000
PREPAID = ElementId("prepaid")
"""The element of a pack that holds what was paid ahead on this loss."""


def load_policies(hq: Headquarters, extract: Path, version: int) -> int:
    """Replace headquarters' policy data by those of an extract, in one transaction; return how many."""
    count = 0
    with hq.database.write() as session:
        session.execute(delete(PolicyRow))
        policies = (record for record in read_extract(extract) if isinstance(record, ExtractPolicy))
        for batch in _batches(policies):
            session.execute(insert(PolicyRow), [_row(policy, version) for policy in batch])
            count += len(batch)
    return count


def find_policy(session: Session, policy_no: str) -> ExtractPolicy | None:
    """Return headquarters' record of a policy."""
    row = session.get(PolicyRow, policy_no)
    return None if row is None else msgspec.json.decode(row.record, type=ExtractPolicy)


def disagreements(pack: Pack, facts: Facts, policy: ExtractPolicy) -> list[Bilingual]:
    """Return what the facts say differently from headquarters' own record."""
    contract = {name: value for name, value in contract_facts(policy).items() if ElementId(name) in pack.elements}
    try:
        own = decode_facts(pack, msgspec.json.encode(contract))
    except FactsError as problem:
        return [
            Bilingual(
                f"总部的保单 {policy.policy_no} 数据与规则包不符（{problem.code}）。",
                f"Headquarters' data on policy {policy.policy_no} do not fit the pack ({problem.code}).",
            )
        ]
    used = {ElementId(pool.spec.used) for pool in pack.pools.values()}
    found = []
    for name, value in own.items():
        if name == PREPAID:
            continue  # what was paid ahead since is looked at with the loss (headquarters.promise_keys)
        there = facts.get(name)
        if name in used and isinstance(there, int | Decimal) and isinstance(value, int | Decimal):
            agrees = there >= value
        else:
            agrees = there == value
        if not agrees:
            found.append(
                Bilingual(
                    f"保单 {policy.policy_no} 的 {name}：现场按 {_shown(there)}，总部为 {_shown(value)}。",
                    f"Policy {policy.policy_no}, {name}: the field used {_shown(there)}, headquarters has {_shown(value)}.",
                )
            )
    return found


def _batches(policies: Iterator[ExtractPolicy]) -> Iterator[list[ExtractPolicy]]:
    while batch := list(islice(policies, _BATCH)):
        yield batch


def _row(policy: ExtractPolicy, version: int) -> dict[str, object]:
    return {
        "policy_no": policy.policy_no,
        "plan": policy.plan,
        "effective": policy.effective,
        "extract_version": version,
        "record": msgspec.json.encode(policy),
    }


def _shown(value: object) -> str:
    return "—" if value is None else str(value)
