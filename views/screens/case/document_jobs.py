"""What the papers of a case ask of the desk, as jobs for the store lane. They touch no widget.

Promise: a paper has its number on the disk before anything of it is drawn; looking at a paper leaves no trace in its life. Each job is finished or
can be done again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from claims.desk import Desk
from claims.document_types import Entered, PaperForm, PossiblePaper, Signer
from claims.overviews import PaperMoment
from claims.paper_definitions import PaperId, PaperSize
from claims.records import PaperRecord
from claims.trusted_time import beijing_date
from views.paper_out import page_to_show, sizes_of
from views.screens.case.document_form import DocumentDraft
from views.screens.case.signers import Signature


@dataclass(frozen=True)
class LoadedForm:
    """A form, and what was typed in it before; ``draft`` None: nothing."""

    form: PaperForm
    draft: DocumentDraft | None
    today: date


@dataclass(frozen=True)
class LoadedSheet:
    """One paper with its page as it would be printed now, who signs it, and its life. ``sizes``: what it may be printed on."""

    paper: PaperRecord
    pdf: bytes
    signers: tuple[Signer, ...]
    moments: tuple[PaperMoment, ...]
    sizes: tuple[PaperSize, ...]
    printer: str
    now: datetime


def draft_id(case_no: str, paper: PaperId) -> str:
    """Return the draft under which the typed contents of a paper are kept."""
    return f"document:{paper.value}:{case_no}"


def read_possible(desk: Desk, case_no: str) -> tuple[PossiblePaper, ...]:
    """Return every paper that can be issued for a case, with those that were."""
    return desk.papers_possible(case_no)


def read_form(desk: Desk, case_no: str, paper: PaperId) -> LoadedForm:
    """Return what must be typed for a paper."""
    kept = desk.draft(draft_id(case_no, paper))
    draft = None if kept is None else msgspec.json.decode(kept, type=DocumentDraft)
    return LoadedForm(desk.paper_form(case_no, paper), draft, beijing_date(desk.time().at))


def ask(desk: Desk, case_no: str, paper: PaperId, entered: Entered) -> str:
    """Issue a paper and let go of what was typed for it; return its number."""
    made = desk.ask_paper(case_no, paper, entered.values, entered.rows)
    desk.drop_draft(draft_id(case_no, paper))
    return made.number


def read_sheet(desk: Desk, number: str, size: PaperSize, printer: str) -> LoadedSheet:
    """Return a paper as it would be printed now, with all that is known of it."""
    paper = desk.paper(number)
    sizes = sizes_of(paper)
    pdf = page_to_show(desk, paper, size)
    return LoadedSheet(paper, pdf, desk.signers(number), desk.paper_history(number), sizes, printer, desk.time().at)


def record(desk: Desk, number: str, signatures: Sequence[Signature]) -> None:
    """Record what was signed or refused, one after another."""
    for each in signatures:
        desk.sign_paper(number, role=each.role, name=each.name, ink=each.ink, refused=each.refused, note=each.note)
