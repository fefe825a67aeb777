"""What of a decision's facts was typed in, and whether the draft beside the papers still says the same.

Promise: facts of the contract, of the catastrophe, of the allowances and of other policies never count as a change by hand. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from claims.form_fields import FactValue
from claims.loss_facts import contract_facts
from claims.records import DeterminationRecord
from claims.reference import ExtractPolicy
from claims.waivers import waiver_elements
from rules.engine import FactsError, Pack, decode_facts, encode_facts

_BY_CASE = "claim_types"


def entered_in(
    record: DeterminationRecord, policy: ExtractPolicy, pack: Pack, given: bytes | None = None
) -> dict[str, object]:
    """Return the typed facts behind a determination, by element id, as the record's JSON holds them.

    Args:
        given: the facts as recorded for the policy, before other policies of the case changed them; None: those of the record.
    """
    facts = msgspec.json.decode(record.facts if given is None else given, type=dict[str, object])
    used = {pool.spec.used for pool in pack.pools.values()}
    not_typed = {_BY_CASE, *contract_facts(policy), *waiver_elements(None), *used}
    return {name: value for name, value in facts.items() if name not in not_typed}


def facts_changed(
    record: DeterminationRecord,
    policy: ExtractPolicy,
    pack: Pack,
    entered: Mapping[str, FactValue],
    given: bytes | None = None,
) -> bool:
    """Say whether other facts are typed in now than those the determination was made on (``given``: see ``entered_in``).

    A determination of another pack is not compared (False): it is outdated for that alone. Facts that the pack refuses are
    a change: the next calculation says what is wrong with them.
    """
    if record.pack_hash != pack.hash:
        return False
    try:
        now = msgspec.json.decode(encode_facts(pack, decode_facts(pack, msgspec.json.encode(entered))))
    except FactsError:
        return True
    return bool(now != entered_in(record, policy, pack, given))
