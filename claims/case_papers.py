"""What a case's papers come to: the link of its loss to a catastrophe, and which papers are missing or waived. Asked in one place."""

from __future__ import annotations

from claims.completeness import Completeness, LossTraits, missing_materials
from claims.materials import ClaimType, Material
from claims.ports import Reads
from claims.records import CaseRecord
from claims.reference import Catastrophe
from claims.waivers import LossLink


def loss_link(case: CaseRecord) -> LossLink:
    """Return what ties a case to a catastrophe."""
    return LossLink(catastrophe_id=case.catastrophe_id, loss_date=case.loss_date, region=case.loss_region)


def papers_of(
    reads: Reads, case: CaseRecord, catastrophe: Catastrophe | None, traits: LossTraits | None = None
) -> Completeness:
    """Return the state of a case's papers; a material this version does not know counts for none."""
    present = {Material(each.material) for each in reads.documents(case.case_no) if each.material in set(Material)}
    return missing_materials(
        ClaimType(case.claim_type), present, loss=loss_link(case), catastrophe=catastrophe, traits=traits
    )
