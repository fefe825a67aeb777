"""The paper of a promise, drawn from a real store: the figures of the decision, the signed code, ink over the right name, and what headquarters said since."""

from __future__ import annotations

import io

import pikepdf
import pytest
import zxingcpp

from claims.desk import Desk
from claims.paper_definitions import PaperSize
from claims.promise_record import DETERMINATION_FILE, SEAL_FILE, VOUCHER_FILE
from claims.records import PaperRecord, PaperState
from claims.signing import Role
from claims.statements import SettlementAnswered
from resources.sample_numbers import CLINIC
from rules.bilingual import Bilingual
from tests.desk.station import Station, claimant, clinic_facts, new_case, payee, ready_case, take_papers
from tests.forms.geometry import assert_nothing_clipped
from tests.forms.reading import page_texts, raster, squeezed
from trust.vouchers import voucher_qr_text


def promised(desk: Desk) -> PaperRecord:
    (paper,) = desk.conclude(ready_case(desk), CLINIC, (payee(),))
    return paper


def settled(station: Station, paper: PaperRecord) -> None:
    answer = station.hq.say(
        SettlementAnswered,
        case_no=paper.case_no,
        voucher_no=paper.number,
        replay="identical",
        settlement="settled",
        amount_fen=paper.amount_fen,
        reason=Bilingual("总部核对一致。", "Checked."),
    )
    with station.store() as store, store.write() as uow:
        uow.receive(answer)


@pytest.mark.parametrize("size", PaperSize)
def test_a_voucher_shows_the_decision_and_carries_what_was_signed(desk: Desk, size: PaperSize) -> None:
    paper = promised(desk)
    pdf = desk.draw(paper.number, size).pdf
    (text,) = page_texts(pdf)
    for expected in (
        paper.number,
        paper.case_no,
        f"{claimant().name}（本人）",
        "人民币陆仟肆佰捌拾捌元贰角肆分",
        "¥6,488.24",
        "预核凭证，尚待总部结算",
        "8,210.30",
        "林晓禾",
        "均不影响金额",
    ):
        assert squeezed(expected) in squeezed(text)
    assert_nothing_clipped(pdf, 45 if size is PaperSize.A4 else 11)
    (code,) = zxingcpp.read_barcodes(raster(pdf, 200))
    assert code.text == voucher_qr_text(paper.cose or b"")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert set(document.attachments) == {DETERMINATION_FILE, SEAL_FILE, VOUCHER_FILE}
        assert document.attachments[VOUCHER_FILE].get_file().read_bytes() == paper.cose
    assert len(pdf) < 70_000


def test_a_voucher_is_pre_approved_until_headquarters_settled_it(desk: Desk, station: Station) -> None:
    paper = promised(desk)
    first = squeezed("".join(page_texts(desk.draw(paper.number).pdf)))
    desk.mark_printed(paper.number, "Printer")
    desk.hand_over(paper.number, claimant().name)
    desk.close()
    settled(station, paper)
    again = station.open()
    assert again.paper(paper.number).state is PaperState.REDEEMED
    pdf = again.draw(paper.number).pdf
    second = squeezed("".join(page_texts(pdf)))
    again.close()
    assert "预核待总部结算" in first
    assert "总部已结算" not in first
    assert "预核待总部结算" not in second
    assert "尚待总部结算" not in second
    assert "总部已结算" in second
    assert "REPRINT2" in second
    (code,) = zxingcpp.read_barcodes(raster(pdf, 200))
    assert code.text == voucher_qr_text(paper.cose or b"")


def test_who_signed_for_another_is_named(desk: Desk) -> None:
    """A guardian's ink stands on the payee's line with the guardian's own name."""
    case_no = desk.open_case(new_case())
    take_papers(desk, case_no)
    desk.adjudicate(case_no, CLINIC, clinic_facts())
    desk.sign(case_no, CLINIC, role=Role.CLAIMANT, name="周守信", ink=(((0, 0), (9, 9)),))
    desk.sign(case_no, CLINIC, role=Role.ADJUSTER, name="林晓禾", ink=(((0, 0), (9, 9)),))
    (paper,) = desk.conclude(case_no, CLINIC, (payee(),))
    (text,) = page_texts(desk.draw(paper.number).pdf)
    assert f"{claimant().name}（周守信）" in text
