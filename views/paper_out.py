"""The drawing that leaves the program next, whether one paper is printed or many: a job for the store lane that touches no widget.

Promise: a drawing that left is never given out twice; one that never left is given out as it is, unless somebody signed since, or another size
is wanted. Whatever is given out is on the disk.
"""

from __future__ import annotations

from claims.desk import Desk
from claims.events import PaperKind
from claims.paper_definitions import PaperId, PaperSize, paper_definition
from claims.records import PaperRecord, PaperState
from views.page_render import sheet_width_mm

_ROLL_MOST_MM = 100.0


def drawing_to_give(desk: Desk, number: str, size: PaperSize = PaperSize.A4) -> tuple[bytes, bool]:
    """Return the drawing that leaves next, and whether it was drawn just now: one that has left is drawn anew as a copy.

    Raises as ``Desk.draw``.
    """
    paper = desk.paper(number)
    size = fitting_size(paper, size)
    moments = desk.paper_history(number)
    drawn = max((each.copy_no for each in moments if each.what == PaperState.RENDERED), default=0)
    out = max((each.copy_no for each in moments if each.what == PaperState.PRINTED), default=0)
    # A voided one is never given out, drawn or not: ``draw`` refuses it.
    if drawn > out and paper.state is not PaperState.VOIDED:
        pdf = drawing_that_stands(desk, paper, size)
        if pdf is not None:
            return pdf, False
    return desk.draw(number, size, instead=True).pdf, True


def drawing_that_stands(desk: Desk, paper: PaperRecord, size: PaperSize) -> bytes | None:
    """Return the newest stored drawing; None where there is none, it has another size, or somebody signed since."""
    if paper.pdf_sha256 is None:
        return None
    pdf = desk.drawing(paper.number)
    return pdf if size_of(pdf) is size and not _signed_since(desk, paper) else None


def page_to_show(desk: Desk, paper: PaperRecord, size: PaperSize) -> bytes:
    """Return a paper as it would be printed now; a voided one as it was. Looking at it leaves no trace in its life.

    Raises as ``Desk.preview``.
    """
    if paper.state is PaperState.VOIDED and paper.pdf_sha256 is not None:
        return desk.drawing(paper.number)
    wanted = fitting_size(paper, size)
    return drawing_that_stands(desk, paper, wanted) or desk.preview(paper.number, wanted)


def sizes_of(paper: PaperRecord | PaperId) -> tuple[PaperSize, ...]:
    """Return what a paper may be printed on, A4 for one whose definition this release does not have."""
    if isinstance(paper, PaperRecord):
        kinds = {PaperKind.VOUCHER: PaperId.VOUCHER, PaperKind.SLIP: PaperId.SLIP}
        named = paper.paper or kinds.get(paper.kind, "")
        if named not in tuple(PaperId):
            return (PaperSize.A4,)
        paper = PaperId(named)
    return paper_definition(paper).sizes


def fitting_size(paper: PaperRecord, wanted: PaperSize) -> PaperSize:
    """Return what is in the printer, or what a paper that is not made for that is printed on."""
    sizes = sizes_of(paper)
    return wanted if wanted in sizes else sizes[0]


def size_of(pdf: bytes) -> PaperSize:
    """Return what a drawing was made for. Raises ``EnvironmentProblem`` (``page_unreadable``)."""
    return PaperSize.ROLL_80 if sheet_width_mm(pdf) < _ROLL_MOST_MM else PaperSize.A4


def _signed_since(desk: Desk, paper: PaperRecord) -> bool:
    """Say whether a document was signed after it was drawn. Vouchers and slips are signed before they have a number."""
    if paper.kind is not PaperKind.DOCUMENT:
        return False
    drawn = [each.at for each in desk.paper_history(paper.number) if each.what == PaperState.RENDERED and each.at]
    signed = [each.signed.at for each in desk.signers(paper.number) if each.signed is not None]
    return bool(drawn) and bool(signed) and max(signed) > max(drawn)
