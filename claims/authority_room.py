"""How much of the adjuster's authority a case takes: the ceiling that holds now beside the sum over all the case's policies.

Promise: asks the same records in the same way as the weighing; shows, never decides.
"""

from __future__ import annotations

import msgspec

from claims.authority import ceiling_fen
from claims.case_papers import loss_link
from claims.desk_ports import DeskPorts
from claims.waivers import find_catastrophe
from rules.engine import read_decision
from rules.engine.model import Determination


class AuthorityRoom(msgspec.Struct, frozen=True, kw_only=True):
    """``ceiling_fen`` None: there is no authority for this case now. ``sum_fen`` is what its determinations come to together."""

    ceiling_fen: int | None
    sum_fen: int


def authority_room(ports: DeskPorts, case_no: str) -> AuthorityRoom:
    """Return the room of a case. Raises ``InputError`` (``number_unknown``)."""
    at = ports.time()
    with ports.store.read() as reads:
        case = reads.case(case_no)
        authorities = reads.authorities()
        decisions = [read_decision(each.decision) for each in reads.determinations(case_no)]
    catastrophe = find_catastrophe(ports.rulebook.catastrophes(), loss_link(case))
    return AuthorityRoom(
        ceiling_fen=ceiling_fen(
            authorities,
            adjuster=ports.identity.adjuster,
            claim_type=case.claim_type,
            catastrophe_id=None if catastrophe is None else catastrophe.catastrophe_id,
            at=at,
        ),
        sum_fen=sum(each.total_fen for each in decisions if isinstance(each, Determination)),
    )
