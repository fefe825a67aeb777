"""What stands in the form when a case's papers are opened: the draft, else what was decided on, else what the report already says.

Promise: what was typed comes first; nothing is filled in that nobody said. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from claims.amounts import yuan
from claims.form_fields import FieldKind, Form
from claims.materials import ACCIDENT_CLAIMS, ClaimType
from claims.overviews import CaseStanding
from views.screens.case.facts import decode_raw, facts_form


def begun_facts(standing: CaseStanding, draft: bytes | None) -> dict[str, str]:
    """Return the raw texts of the facts form by field key."""
    form = facts_form(standing.case.claim_type)
    if draft is not None:
        return decode_raw(draft)
    if standing.determinations:
        facts = msgspec.json.decode(standing.determinations[-1].facts, type=dict[str, object])
        return raw_of(form, facts)
    # When it happened is in the report: it need not be typed twice.
    day = "accident_date" if ClaimType(standing.case.claim_type) in ACCIDENT_CLAIMS else ""
    return {field.key: standing.case.loss_date.isoformat() for field in form.fields if field.key == day}


def raw_of(form: Form, facts: Mapping[str, object]) -> dict[str, str]:
    """Return decided facts as somebody would have typed them; what the form has no field for is left out."""
    raw: dict[str, str] = {}
    for field in form.fields:
        value = facts.get(field.key)
        if isinstance(value, bool):
            raw[field.key] = "yes" if value else "no"
        elif isinstance(value, int) and field.kind is FieldKind.AMOUNT:
            raw[field.key] = yuan(value)
        elif isinstance(value, list):
            raw[field.key] = ",".join(str(each) for each in value)
        elif isinstance(value, str | int):
            raw[field.key] = str(value)
    return raw
