"""What the Voucher step asks of the desk, as jobs for the store lane. They touch no widget.

Promise: each is finished or can be done again: a number that was issued and not drawn is found again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claims.allowance_lacks import AllowanceLack
from claims.desk import Desk
from claims.errors import Bilingual
from claims.events import PayeeFact
from claims.overviews import CaseStanding, PaperMoment
from claims.paper_definitions import PaperSize
from claims.promising import NotPreApprovedError
from claims.records import PaperRecord
from claims.trusted_time import beijing_date
from views.controls.labels import money_text
from views.paper_out import fitting_size, page_to_show
from views.preferences import WindowPreferences
from views.screens.case.paper_flow import Doing, next_paper, policies_to_issue
from views.screens.case.payees import NAME, decode_draft, draft_id, payee_groups, payees_of, reader, typed_payees
from views.screens.case.signing_jobs import known_person


@dataclass(frozen=True)
class Around:
    """What the panel needs besides the standing. ``payees`` by policy; None where they are not complete.

    ``lacks``: the allowance that is missing, with ``sharing``, whether neighbours can be asked for it.
    """

    vouchers_left: int
    slips_left: int
    payees: dict[str, tuple[PayeeFact, ...] | None]
    planned: tuple[Bilingual, ...]
    printer: str
    size: PaperSize
    lacks: tuple[AllowanceLack, ...] = ()
    sharing: bool = False


@dataclass(frozen=True)
class LoadedPaper:
    """One paper, loaded."""

    paper: PaperRecord
    pdf: bytes | None
    moments: tuple[PaperMoment, ...]


def read_around(desk: Desk, standing: CaseStanding, kept: WindowPreferences, size: PaperSize | None) -> Around:
    """Return how many numbers are left, who gets what, and where and on what it is printed; ``size``: what was chosen here."""
    left = desk.standing()
    payees, planned = named_payees(desk, standing)
    sharing = desk.sharing().on
    return Around(
        left.numbers_left,
        left.slip_numbers_left,
        payees,
        planned,
        kept.printer,
        size or PaperSize(kept.paper),
        desk.allowance_lacks(standing.case.case_no) if sharing and standing.determinations else (),
        sharing,
    )


def read_paper(desk: Desk, number: str, size: PaperSize) -> LoadedPaper:
    """Return a paper as it would be printed now, without a page before it was drawn, and its life."""
    paper = desk.paper(number)
    pdf = None if paper.pdf_sha256 is None else page_to_show(desk, paper, size)
    return LoadedPaper(paper, pdf, desk.paper_history(number))


def named_payees(
    desk: Desk, standing: CaseStanding
) -> tuple[dict[str, tuple[PayeeFact, ...] | None], tuple[Bilingual, ...]]:
    """Return who was named in the Sign step, by policy, and in words what each will get."""
    draft = decode_draft(desk.draft(draft_id(standing.case.case_no)))
    check = reader(standing.case.claim_type, beijing_date(standing.at.at))
    found: dict[str, tuple[PayeeFact, ...] | None] = {}
    planned: list[Bilingual] = []
    to_issue = policies_to_issue(standing)
    for group in payee_groups(standing, lambda person_id: known_person(desk, person_id)):
        typed = typed_payees(draft, group)
        found.update(dict.fromkeys(group.policy_nos, payees_of(group, typed, check)))
        if group.policy_nos[0] not in to_issue:
            continue
        for share, raw in zip(group.asked, typed, strict=True):
            name, amount = raw.get(NAME, ""), money_text(share.amount_fen)
            planned.append(
                Bilingual(f"{name or '领款人待填'}  {amount} 元", f"{name or 'payee missing'}  {amount} yuan")
            )
    return found, tuple(planned)


def issue(
    desk: Desk, case_no: str, plan: Sequence[tuple[str, tuple[PayeeFact, ...]]], size: PaperSize
) -> tuple[Bilingual, ...]:
    """Promise policy by policy, then draw what was issued. Return why something was not promised; its slip is given instead."""
    issued: list[PaperRecord] = []
    because: list[Bilingual] = []
    for policy_no, payees in plan:
        try:
            issued.extend(desk.promise(case_no, policy_no, payees))
        except NotPreApprovedError as error:
            because.extend(error.reasons)
    if because:
        issued.append(desk.give_slip(case_no, because))
    for paper in issued:
        draw(desk, paper, size)
    return tuple(because)


def draw(desk: Desk, paper: PaperRecord, size: PaperSize) -> None:
    """Draw a paper for what is in the printer, for A4 where it can't be printed on that."""
    desk.draw(paper.number, fitting_size(paper, size))


def hand_over(desk: Desk, case_no: str, number: str, receiver: str) -> None:
    """Record the hand-over; after the last one the typed accounts are no draft any more, they stand in the vouchers."""
    desk.hand_over(number, receiver)
    if next_paper(desk.case_standing(case_no)).doing is Doing.DONE:
        desk.drop_draft(draft_id(case_no))
