"""The facts that are typed in beside the papers: kept as a draft of the case until they are decided on, checked by its form.

Promise: what was typed survives a crash and a restart; the benefit step decides on exactly what the papers step shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from claims.form_definitions import form_for, validate
from claims.form_fields import FieldProblem, Form, Validated
from claims.materials import ClaimType
from views.form_parts import part_of


def facts_draft_id(case_no: str) -> str:
    """Return the draft under which the typed facts of a case are kept."""
    return f"facts:{case_no}"


def facts_form(claim_type: str) -> Form:
    """Return the part of a claim type's form whose keys are the rule pack's elements."""
    return part_of(form_for(ClaimType(claim_type)), lambda key: "." not in key)


def encode_raw(raw: Mapping[str, str]) -> bytes:
    """Return typed texts as a draft's bytes; empty ones are left out."""
    return msgspec.json.encode({key: text for key, text in raw.items() if text.strip()})


def decode_raw(draft: bytes | None) -> dict[str, str]:
    """Return the typed texts of a draft; none for no draft."""
    return {} if draft is None else msgspec.json.decode(draft, type=dict[str, str])


def check_facts(claim_type: str, raw: Mapping[str, str], today: date) -> Validated | tuple[FieldProblem, ...]:
    """Check typed facts against the claim type's form."""
    return validate(facts_form(claim_type), raw, today)
