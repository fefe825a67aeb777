"""Whether a case was withdrawn: nothing more is paid on it without a person.

Promise: a promise of a withdrawn case that still arrives (the station had not heard, or was cut off) waits for a person; nothing is paid
ahead on it. Found by the simulation of a fleet (docs/adr/0167).
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from claims.errors import Bilingual
from headquarters.models_payments import CaseWithdrawal


def withdrawn_concern(session: Session, case_no: str) -> Bilingual | None:
    """Return why nothing is paid on a case by itself, None for one that stands."""
    found = session.get(CaseWithdrawal, case_no)
    if found is None:
        return None
    return Bilingual(
        f"案件 {case_no} 已由 {found.withdrawn_by} 销案（{found.reason}）。",
        f"Case {case_no} was withdrawn by {found.withdrawn_by} ({found.reason}).",
    )
