"""Words of a case that several screens show: its steps, its type, its number in short, and where its record is safe."""

from __future__ import annotations

from claims.errors import Bilingual
from claims.events import PaperKind
from claims.materials import CLAIM_TYPE_NAMES, ClaimType
from claims.overviews import CaseStep
from claims.paper_definitions import PaperId, paper_definition
from claims.records import Acknowledgement, PaperRecord
from views.sentences import capital

STEP_NAMES = {
    CaseStep.REPORT: Bilingual("报案", "Report"),
    CaseStep.PAPERS: Bilingual("材料", "Papers"),
    CaseStep.BENEFIT: Bilingual("理算", "Benefit"),
    CaseStep.SIGN: Bilingual("签字", "Sign"),
    CaseStep.VOUCHER: Bilingual("凭证", "Voucher"),
}

ACK_NAMES = {
    Acknowledgement.DISK: Bilingual("仅本机", "Disk only"),
    Acknowledgement.CUSTODY: Bilingual("已托管", "In custody"),
    Acknowledgement.HQ: Bilingual("总部回执", "HQ receipt"),
}
ACK_ICONS = {Acknowledgement.DISK: "disk", Acknowledgement.CUSTODY: "custody", Acknowledgement.HQ: "hq"}

_KINDS = {
    PaperKind.VOUCHER: Bilingual("凭证", "Voucher"),
    PaperKind.SLIP: Bilingual("签收单", "Slip"),
    PaperKind.DOCUMENT: Bilingual("文书", "Document"),
}
_SHORT = {ClaimType.DIRECT_SETTLEMENT: Bilingual("住院直付", "direct settlement")}


def type_name(claim_type: str) -> Bilingual:
    """Return a claim type for a heading or a column: ``意外医疗``, ``Accident medical``. An unknown one is its code."""
    try:
        known = ClaimType(claim_type)
    except ValueError:
        return Bilingual(claim_type, claim_type)
    return capital(_SHORT.get(known, CLAIM_TYPE_NAMES[known]))


def paper_name(paper: PaperRecord) -> Bilingual:
    """Return what a numbered paper is called: short for voucher and slip, the title of its definition for any other."""
    if paper.kind is PaperKind.DOCUMENT and paper.paper in tuple(PaperId):
        return paper_definition(PaperId(paper.paper)).title
    return _KINDS[paper.kind]


def short_number(case_no: str) -> str:
    """Return a number without the prefix that all numbers of this laptop have: ``000012-4``."""
    return "-".join(case_no.split("-")[-2:])
