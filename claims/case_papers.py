"""What a case's papers come to: the link of its loss to a catastrophe, and which papers are missing or waived. Asked in one place."""

from __future__ import annotations

from datetime import date

from claims.case_progress import CaseProgress
from claims.completeness import Completeness, LossTraits, missing_materials
from claims.identity import age_on
from claims.materials import ClaimType, Material
from claims.ports import Reads
from claims.records import CaseRecord
from claims.reference import Catastrophe
from claims.trusted_time import TrustedTime, beijing_date
from claims.waivers import LossLink

ADULT_AGE = 18
"""Civil Code art. 17: of age at eighteen; a minor's guardian signs."""
_MATERIALS = frozenset(each.value for each in Material)


def loss_link(case: CaseRecord) -> LossLink:
    """Return what ties a case to a catastrophe."""
    return LossLink(catastrophe_id=case.catastrophe_id, loss_date=case.loss_date, region=case.loss_region)


def traits_of(accident: bool | None, birth_date: date | None, at: TrustedTime) -> LossTraits:
    """Return what the paper matrix asks of a loss: whether it was an accident, whether the insured is a minor today."""
    minor = birth_date is not None and age_on(birth_date, beijing_date(at.at)) < ADULT_AGE
    return LossTraits(accident=accident, minor=minor)


def traits_so_far(progress: CaseProgress, at: TrustedTime) -> LossTraits:
    """Return the traits of a case by what is on record: the newest facts, else the report."""
    return traits_of(progress.accident, progress.birth_date, at)


def known_materials(names: frozenset[str]) -> frozenset[Material]:
    """Return the materials among these names; one this version does not know counts for none."""
    return frozenset(Material(each) for each in names & _MATERIALS)


def papers_of(reads: Reads, case: CaseRecord, catastrophe: Catastrophe | None, traits: LossTraits) -> Completeness:
    """Return the state of a case's papers: handed in as files, or filled in and signed on this laptop."""
    present = known_materials(frozenset(reads.progress(case.case_no).present))
    return missing_materials(
        ClaimType(case.claim_type), present, loss=loss_link(case), catastrophe=catastrophe, traits=traits
    )
