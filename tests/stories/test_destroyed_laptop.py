"""Story: a laptop is destroyed before its last sync. Its papers are all that is left, and the promises are kept. Real service, stores, papers."""

from __future__ import annotations

import io
import shutil

from claims.desk import Desk
from claims.recovery_from_paper import Recovered
from headquarters.standing import read_standing
from resources.sample_numbers import CLINIC
from tests.desk.station import clinic_facts, clinic_pool, payee, ready_case
from tests.forms.reading import raster
from tests.stories.office import Office

SUM_FEN = 648_824


def paper_out(desk: Desk, bill: str) -> tuple[str, str, bytes]:
    """Promise, draw and hand a voucher over; return case, number and PDF."""
    case_no = ready_case(desk, clinic_facts(bill))
    (paper,) = desk.promise(case_no, CLINIC, [payee()])
    drawn = desk.draw(paper.number)
    desk.mark_printed(paper.number, "file")
    desk.hand_over(paper.number, payee().name)
    return case_no, paper.number, drawn.pdf


def photo(pdf: bytes) -> bytes:
    out = io.BytesIO()
    raster(pdf, 170).rotate(3, expand=True, fillcolor=255).save(out, "JPEG", quality=70)
    return out.getvalue()


def test_the_promises_of_a_destroyed_laptop_are_kept_from_its_papers(office: Office) -> None:
    with office.serving() as url:
        lost, colleague = office.enrol("D3", url), office.enrol("D4", url)
        office.allow("D3", clinic_pool(), 1_500_000, 2_000_000)
        for laptop in (lost, colleague):
            with laptop.desk() as desk:
                assert desk.sync().problem is None

    with lost.desk() as desk:  # the line is down
        case_no, number, pdf = paper_out(desk, "0000731846")
        _, other, other_pdf = paper_out(desk, "0000731847")
    kept_apart = office.folder / "disk"
    shutil.move(lost.settings.home, kept_apart)  # buried

    with colleague.desk() as desk:
        report = desk.recover_vouchers([("stick/one.pdf", pdf), ("phone/two.jpg", photo(other_pdf))])
        assert [(each.voucher_no, each.outcome, each.complete) for each in report.papers] == [
            (number, Recovered.NEW, True),
            (other, Recovered.NEW, False),
        ]

    with office.serving() as url, colleague.at(url).desk() as desk:
        assert desk.sync().problem is None
        assert desk.sync().problem is None
        told = {answer.voucher_no: answer.settlement for answer in desk.answers(case_no)}
        assert told == {number: "settled"}, "whoever read the paper learns what became of it"
    standing = read_standing(office.hq)
    assert standing.stuck == ()
    assert standing.vouchers == {"settled": 1, "hold": 1}
    assert standing.settled_fen == SUM_FEN
    assert [each.voucher_no for each in standing.holds] == [other]

    shutil.move(kept_apart, lost.settings.home)  # dug out after all
    with office.serving() as url, lost.at(url).desk() as desk:
        assert desk.sync().problem is None
        assert desk.sync().problem is None
        assert {desk.paper(each).settlement for each in (number, other)} == {"settled"}
    standing = read_standing(office.hq)
    assert standing.stuck == ()
    assert standing.vouchers == {"settled": 2}
    assert standing.settled_fen == 2 * SUM_FEN
