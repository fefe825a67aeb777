"""The fields of a case that may be corrected after it was opened, and how each reads in its opening.

Promise: only what no rule, pool or settlement key depends on. The insured's identity, the day of loss, the claim type and everything of the policy
are not among them: a mistake there is another case, or headquarters' own word. One list for laptop and headquarters.

Source: design.md "Conflicts"; docs/adr/0158.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from claims.errors import Bilingual
from claims.events import CaseOpened

MAX_VALUE = 2000


class CaseField(StrEnum):
    """A field that may be corrected. The values are what the log carries."""

    INSURED_PHONE = "insured_phone"
    REPORTER_NAME = "reporter_name"
    REPORTER_PHONE = "reporter_phone"
    LOSS_PLACE = "loss_place"
    DESCRIPTION = "description"


FIELD_NAMES: dict[CaseField, Bilingual] = {
    CaseField.INSURED_PHONE: Bilingual("出险人电话", "insured's phone"),
    CaseField.REPORTER_NAME: Bilingual("报案人姓名", "reporter's name"),
    CaseField.REPORTER_PHONE: Bilingual("报案人电话", "reporter's phone"),
    CaseField.LOSS_PLACE: Bilingual("出险地点", "place of loss"),
    CaseField.DESCRIPTION: Bilingual("经过说明", "what happened"),
}


def field_name(field: str) -> Bilingual:
    """Return what people call a field; one that a newer program wrote is shown as it is."""
    try:
        return FIELD_NAMES[CaseField(field)]
    except ValueError:
        return Bilingual(field, field)


def value_of(opening: CaseOpened, field: CaseField) -> str:
    """Return a field's value; nothing entered is empty."""
    match field:
        case CaseField.INSURED_PHONE:
            return opening.insured.phone or ""
        case CaseField.REPORTER_NAME:
            return opening.reporter.name
        case CaseField.REPORTER_PHONE:
            return opening.reporter.phone or ""
        case CaseField.LOSS_PLACE:
            return opening.loss_place
        case CaseField.DESCRIPTION:
            return opening.description


def with_value(opening: CaseOpened, field: CaseField, value: str) -> CaseOpened:
    """Return the opening as it reads with another value of a field."""
    replace = msgspec.structs.replace
    match field:
        case CaseField.INSURED_PHONE:
            return replace(opening, insured=replace(opening.insured, phone=value or None))
        case CaseField.REPORTER_NAME:
            return replace(opening, reporter=replace(opening.reporter, name=value))
        case CaseField.REPORTER_PHONE:
            return replace(opening, reporter=replace(opening.reporter, phone=value or None))
        case CaseField.LOSS_PLACE:
            return replace(opening, loss_place=value)
        case CaseField.DESCRIPTION:
            return replace(opening, description=value)


def trouble_with(field: CaseField, value: str) -> Bilingual | None:
    """Return why a value can't stand in a field, or None."""
    named = FIELD_NAMES[field]
    if len(value) > MAX_VALUE:
        return Bilingual(
            f"{named.zh}有 {len(value)} 字，最多 {MAX_VALUE} 字。",
            f"The {named.en} has {len(value)} characters; {MAX_VALUE} fit.",
        )
    if field in {CaseField.REPORTER_NAME, CaseField.LOSS_PLACE} and not value.strip():
        return Bilingual(f"{named.zh}不能为空。", f"The {named.en} can't be empty.")
    if field in {CaseField.INSURED_PHONE, CaseField.REPORTER_PHONE} and not _phone_like(value):
        return Bilingual(f"“{value[:40]}”不像电话号码。", f'"{value[:40]}" is no telephone number.')
    return None


def _phone_like(value: str) -> bool:
    digits = [each for each in value if each.isascii() and each.isdigit()]
    return not value.strip() or (5 <= len(digits) <= 20 and all(each in "0123456789+-() 转#" for each in value))
