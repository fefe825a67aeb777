"""A reprint says which copy it is and is otherwise the paper of before, whatever happened to the case since."""

from __future__ import annotations

import io

import pikepdf
import pytest

from claims.desk import Desk
from claims.errors import InputError
from claims.events import PaperKind
from claims.materials import Material
from claims.overviews import CaseFilter
from claims.paper_definitions import PaperId, PaperSize
from claims.records import PaperState
from resources.sample_numbers import CLINIC
from tests.desk.document_desk import AGENT, fill
from tests.desk.station import clinic_facts, decide_and_sign, payee, photo, ready_case
from tests.forms.reading import page_texts
from trust.vouchers import voucher_qr_text


def lines(pdf: bytes) -> list[str]:
    """Return what stands on a paper, without what counts the prints."""
    text = [line for page in page_texts(pdf) for line in page.splitlines()]
    return [line for line in text if "次打印" not in line and not line.startswith(("补打", "REPRINT"))]


def inside(pdf: bytes) -> dict[str, bytes]:
    """Return the files attached to a paper."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return {name: bytes(file.get_file().read_bytes()) for name, file in opened.attachments.items()}


def test_a_slip_lists_what_was_handed_in_when_it_was_given(desk: Desk) -> None:
    case_no = ready_case(desk)
    slip = desk.give_slip(case_no)
    first = desk.draw(slip.number)
    desk.add_document(case_no, Material.OTHER, "后来补交.jpg", photo(77))
    again = desk.draw(slip.number)
    assert (first.copy_no, again.copy_no) == (1, 2)
    assert lines(again.pdf) == lines(first.pdf)
    assert "后来补交" not in "".join(lines(again.pdf))
    assert "后来补交" in "".join(lines(desk.draw(desk.give_slip(case_no).number).pdf))


def test_a_voucher_rests_on_its_own_decision_for_ever(desk: Desk) -> None:
    case_no = ready_case(desk)
    (voucher,) = desk.conclude(case_no, CLINIC, (payee(),))
    first = desk.draw(voucher.number)
    decide_and_sign(desk, case_no, clinic_facts(bill_total=400_000))
    again = desk.draw(voucher.number)
    assert again.copy_no == 2
    assert lines(again.pdf) == lines(first.pdf)
    assert inside(again.pdf) == inside(first.pdf)
    assert "determination.json" in inside(again.pdf)


def test_every_reprint_says_which_it_is(desk: Desk) -> None:
    slip = desk.give_slip(ready_case(desk))
    for copy_no in (1, 2, 3):
        drawn = desk.draw(slip.number)
        assert drawn.copy_no == copy_no
        assert f"第 {copy_no} 次打印" in "".join(page_texts(drawn.pdf))
        desk.mark_printed(slip.number, "printer")
    moments = [(each.what, each.copy_no) for each in desk.paper_history(slip.number)]
    assert moments[-1] == (PaperState.PRINTED.value, 3)


def test_every_kind_of_paper_is_voided_with_a_reason_and_never_drawn_again(desk: Desk) -> None:
    case_no = ready_case(desk)
    (voucher,) = desk.conclude(case_no, CLINIC, (payee(),))
    papers = (voucher, desk.give_slip(case_no), fill(desk, case_no, PaperId.POWER_OF_ATTORNEY, AGENT))
    assert {each.kind for each in papers} == set(PaperKind)
    for paper in papers:
        with pytest.raises(InputError, match="no_reason"):
            desk.void(paper.number, " ")
        desk.draw(paper.number)
        desk.void(paper.number, "打印错位")
        found = desk.paper(paper.number)
        assert (found.state, found.void_reason) == (PaperState.VOIDED, "打印错位")
        for again in (
            lambda number=paper.number: desk.draw(number),
            lambda number=paper.number: desk.hand_over(number, "覃建国"),
            lambda number=paper.number: desk.void(number, "再作废"),
        ):
            with pytest.raises(InputError, match="voided"):
                again()


def test_a_case_whose_slip_was_given_up_is_open_again(desk: Desk) -> None:
    case_no = ready_case(desk)
    slip = desk.give_slip(case_no)
    desk.draw(slip.number)
    desk.mark_printed(slip.number, "printer")
    desk.hand_over(slip.number, "覃建国")
    assert [each.case.case_no for each in desk.case_rows(only=CaseFilter.DONE)] == [case_no]
    desk.void(slip.number, "交错了人")
    assert desk.case_rows(only=CaseFilter.DONE) == ()
    another = fill(desk, case_no, PaperId.POWER_OF_ATTORNEY, AGENT)
    desk.draw(another.number)
    assert desk.case_rows(only=CaseFilter.DONE) == (), "a document is no paper that ends a case"


def test_handing_over_needs_a_print_and_a_name(desk: Desk) -> None:
    slip = desk.give_slip(ready_case(desk))
    with pytest.raises(InputError, match="not_printed"):
        desk.hand_over(slip.number, "覃建国")
    with pytest.raises(InputError, match="not_drawn"):
        desk.mark_printed(slip.number, "printer")
    desk.draw(slip.number)
    desk.mark_printed(slip.number, "printer")
    with pytest.raises(InputError, match="no_receiver"):
        desk.hand_over(slip.number, " ")
    desk.hand_over(slip.number, " 覃建国 ")
    assert desk.paper_history(slip.number)[-1].detail.zh == "覃建国"


def test_a_voucher_that_was_presented_needs_no_hand_over(desk: Desk) -> None:
    (paper,) = desk.conclude(ready_case(desk), CLINIC, (payee(),))
    desk.draw(paper.number)
    desk.mark_printed(paper.number, "printer")
    desk.redeem(voucher_qr_text(paper.cose or b""), "覃建国")
    with pytest.raises(InputError, match="redeemed") as refused:
        desk.hand_over(paper.number, "覃建国")
    assert "不必" in refused.value.cause.zh
    assert desk.paper(paper.number).state is PaperState.REDEEMED


def test_a_paper_is_made_in_its_own_sizes_only(desk: Desk) -> None:
    case_no = ready_case(desk)
    slip = desk.give_slip(case_no)
    assert desk.draw(slip.number, PaperSize.ROLL_80).pdf.startswith(b"%PDF")
    sheet = fill(desk, case_no, PaperId.POWER_OF_ATTORNEY, AGENT)
    with pytest.raises(InputError, match="size_unknown") as refused:
        desk.draw(sheet.number, PaperSize.ROLL_80)
    assert "A4" in refused.value.next_step.zh
    assert desk.paper(sheet.number).state is PaperState.ASKED
