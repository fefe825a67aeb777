"""The published catastrophes, and whether what a laptop waived for one of them was founded.

Promise: a waiver element that is true in the facts must follow from a published catastrophe that reaches the case; any
version ever published counts, because a laptop may have decided before the newest one arrived.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.errors import Bilingual
from claims.events import CaseOpened
from claims.reference import Catastrophe
from claims.waivers import LossLink, reach, waiver_elements
from headquarters.installation import Headquarters
from headquarters.models import Release
from rules.engine.model import ElementId, Facts


def read_catastrophes(raw: bytes) -> tuple[Catastrophe, ...]:
    """Read a release of kind ``catastrophe``: a JSON array. Raises ``msgspec.DecodeError``."""
    return msgspec.json.decode(raw, type=tuple[Catastrophe, ...])


def unfounded_waivers(hq: Headquarters, session: Session, facts: Facts, case: CaseOpened) -> list[Bilingual]:
    """Return a concern for every waiver in the facts that no published catastrophe gives this case."""
    used = [name for name in waiver_elements(None) if facts.get(ElementId(name)) is True]
    if not used:
        return []
    link = LossLink(catastrophe_id=case.catastrophe_id, loss_date=case.loss_date, region=case.loss_region)
    given: set[str] = set()
    for sha256 in session.scalars(select(Release.sha256).where(Release.kind == "catastrophe")):
        for catastrophe in read_catastrophes(hq.blobs.read(sha256)):
            if reach(catastrophe, link).applies:
                given |= {name for name, holds in waiver_elements(catastrophe).items() if holds}
    return [
        Bilingual(
            f"本案用了便利措施 {name}，但总部发布的突发事件没有给它。",
            f"The case used the waiver {name}, which no published catastrophe gives it.",
        )
        for name in used
        if name not in given
    ]
