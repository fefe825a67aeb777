"""A catastrophe's simplifications: whether they reach this loss, which papers they strike, which rule elements they set.

Promise: a waiver reaches a loss only by all three links at once: the case names the catastrophe as its cause, the date of
loss lies within its days (both included), and the place lies within its regions. A code this version does not know is
carried and printed but changes nothing.

Source: notes/domain.md §1.3; region codes GB/T 2260.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

import msgspec

from claims.errors import Bilingual
from claims.materials import MEDICAL_CLAIMS, ClaimType, Material
from claims.reference import Catastrophe, Waiver


class WaiverCode(StrEnum):
    """The simplifications this version understands."""

    NO_POLICY = "NO_POLICY"
    NO_HOSPITAL_LIST = "NO_HOSPITAL_LIST"
    NO_DRUG_SCOPE = "NO_DRUG_SCOPE"
    NO_ITEM_SCOPE = "NO_ITEM_SCOPE"
    NO_DEDUCTIBLE = "NO_DEDUCTIBLE"
    ID_BY_VILLAGE = "ID_BY_VILLAGE"
    DEATH_BY_TOWN = "DEATH_BY_TOWN"
    DEATH_BY_LIST = "DEATH_BY_LIST"
    RECEIPT_ONLY = "RECEIPT_ONLY"
    NO_REAPPRAISAL = "NO_REAPPRAISAL"
    IMAGES_ONLY = "IMAGES_ONLY"
    PREPAY = "PREPAY"


class LossLink(msgspec.Struct, frozen=True, kw_only=True):
    """What ties a loss to a catastrophe: the cause named in the case, the day and the place (GB/T 2260 code)."""

    catastrophe_id: str | None
    loss_date: date
    region: str | None


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a catastrophe's waivers reach a loss, and why (not)."""

    applies: bool
    reason: Bilingual


class Relief(msgspec.Struct, frozen=True):
    """What one waiver does to one paper: strikes it, or accepts ``instead`` for it."""

    material: Material
    instead: Material | None = None
    claim_types: frozenset[ClaimType] | None = None


RELIEFS: dict[WaiverCode, tuple[Relief, ...]] = {
    WaiverCode.NO_POLICY: (Relief(Material.POLICY),),
    WaiverCode.ID_BY_VILLAGE: (Relief(Material.INSURED_ID, Material.VILLAGE_PROOF),),
    WaiverCode.DEATH_BY_TOWN: (Relief(Material.DEATH_CERTIFICATE, Material.TOWN_DEATH_PROOF),),
    WaiverCode.DEATH_BY_LIST: (
        Relief(Material.DEATH_CERTIFICATE, Material.VICTIM_LIST),
        Relief(Material.ACCIDENT_PROOF, Material.VICTIM_LIST),
    ),
    WaiverCode.RECEIPT_ONLY: (Relief(Material.MEDICAL_RECORD, claim_types=MEDICAL_CLAIMS),),
    WaiverCode.NO_REAPPRAISAL: (Relief(Material.DISABILITY_APPRAISAL),),
}

ELEMENTS: dict[WaiverCode, str] = {
    WaiverCode.NO_HOSPITAL_LIST: "waive_hospital_list",
    WaiverCode.NO_DRUG_SCOPE: "waive_drug_scope",
    WaiverCode.NO_ITEM_SCOPE: "waive_item_scope",
    WaiverCode.NO_DEDUCTIBLE: "waive_deductible",
}
MAJOR_NATURAL_DISASTER = "major_natural_disaster"


def reach(catastrophe: Catastrophe, loss: LossLink) -> Reach:
    """Tell whether a catastrophe's waivers reach a loss; the first broken link is named with its values."""
    name = catastrophe.name
    if loss.catastrophe_id != catastrophe.catastrophe_id:
        return _no(
            f"案件没有登记为“{name.zh}”所致，便利措施不适用。",
            f'The case does not name "{name.en}" as its cause, so its waivers do not apply.',
        )
    if not catastrophe.loss_from <= loss.loss_date <= catastrophe.loss_to:
        return _no(
            f"出险日期 {loss.loss_date} 不在“{name.zh}”的 {catastrophe.loss_from} 至 {catastrophe.loss_to} 之内，便利措施不适用。",
            f'The loss on {loss.loss_date} is outside the days of "{name.en}", {catastrophe.loss_from} to {catastrophe.loss_to}, so its waivers do not apply.',
        )
    if loss.region is None:
        return _no(
            f"没有填写出险地区，无法确认是否在“{name.zh}”范围内，便利措施暂不适用。",
            f'The place of loss has no region code, so it is unknown whether it lies within "{name.en}"; its waivers do not apply yet.',
        )
    if not any(within(loss.region, one) for one in catastrophe.regions):
        return _no(
            f"出险地区 {loss.region} 不在“{name.zh}”的范围（{'、'.join(catastrophe.regions)}）内，便利措施不适用。",
            f'The region {loss.region} is outside "{name.en}" ({", ".join(catastrophe.regions)}), so its waivers do not apply.',
        )
    return Reach(
        applies=True,
        reason=Bilingual(
            f"适用“{name.zh}”的便利措施（{loss.loss_date}，地区 {loss.region}）。",
            f'The waivers of "{name.en}" apply ({loss.loss_date}, region {loss.region}).',
        ),
    )


def find_catastrophe(catastrophes: Sequence[Catastrophe], loss: LossLink) -> Catastrophe | None:
    """Return the catastrophe that reaches this loss, or None. At most one can: the case names its cause by id."""
    return next((one for one in catastrophes if reach(one, loss).applies), None)


def waiver_elements(catastrophe: Catastrophe | None) -> dict[str, bool]:
    """Return every element that a catastrophe may set, true where the one that reaches the loss (or None) sets it."""
    codes = {one.code for one in catastrophe.waivers} if catastrophe else set()
    elements = {element: code in codes for code, element in ELEMENTS.items()}
    elements[MAJOR_NATURAL_DISASTER] = catastrophe is not None and catastrophe.major_natural_disaster
    return elements


def reliefs(waiver: Waiver, claim_type: ClaimType) -> tuple[Relief, ...]:
    """Return what a waiver does to the papers of a claim type; nothing for a code this version does not know."""
    try:
        known = RELIEFS.get(WaiverCode(waiver.code), ())
    except ValueError:
        return ()
    return tuple(one for one in known if one.claim_types is None or claim_type in one.claim_types)


def within(region: str, area: str) -> bool:
    """Say whether a place lies in an area, both by GB/T 2260 code."""
    # 510000 is a whole province, 511100 a whole prefecture, 511123 one county.
    prefix = area
    while len(prefix) > 2 and len(prefix) % 2 == 0 and prefix.endswith("00"):
        prefix = prefix[:-2]
    return bool(prefix) and region.startswith(prefix)


def _no(zh: str, en: str) -> Reach:
    return Reach(applies=False, reason=Bilingual(zh, en))
