"""A day's paper work of every kind, a printer whose sheets outlive the laptop, and what must hold after the laptop died anywhere in it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from claims.desk import Desk
from claims.events import PaperKind
from claims.paper_definitions import PaperId
from claims.ports import StepProbe
from claims.records import PaperState
from claims.trusted_time import beijing_date
from resources.sample_numbers import CLINIC
from tests.desk.document_desk import AGENT, fill
from tests.desk.station import Station, payee

RECEIVER = "覃建国"


@dataclass(frozen=True)
class Sheet:
    """One sheet that lies in the world."""

    number: str
    copy_no: int
    sha256: str


@dataclass(frozen=True)
class Printer:
    """Puts sheets into a tray that is no part of the laptop: what lies there can't be taken back."""

    tray: Path
    probe: StepProbe

    def put_out(self, number: str, copy_no: int, pdf: bytes) -> None:
        """Let a page out, durably."""
        with self.tray.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps([number, copy_no, hashlib.sha256(pdf).hexdigest()]) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        self.probe("page_out")

    def sheets(self) -> list[Sheet]:
        """Return what lies in the tray."""
        lines = self.tray.read_text("utf-8").splitlines() if self.tray.exists() else []
        return [Sheet(*json.loads(line)) for line in lines]


def put_on_paper(desk: Desk, printer: Printer, number: str, *, hand_over: bool = True) -> None:
    """Draw, print, note the print, and hand it over."""
    drawn = desk.draw(number)
    printer.put_out(number, drawn.copy_no, drawn.pdf)
    desk.mark_printed(number, "printer")
    if hand_over:
        desk.hand_over(number, RECEIVER)


def _voucher(desk: Desk, printer: Printer) -> None:
    (paper,) = desk.conclude(_case(desk), CLINIC, (payee(),))
    put_on_paper(desk, printer, paper.number)
    put_on_paper(desk, printer, paper.number, hand_over=False)


def _slip(desk: Desk, printer: Printer) -> None:
    paper = desk.give_slip(_case(desk))
    put_on_paper(desk, printer, paper.number)
    put_on_paper(desk, printer, paper.number, hand_over=False)


def _document(desk: Desk, printer: Printer) -> None:
    paper = fill(desk, _case(desk), PaperId.POWER_OF_ATTORNEY, AGENT)
    put_on_paper(desk, printer, paper.number)


def _blanks(desk: Desk, printer: Printer) -> None:
    filled, torn = desk.prepare_blanks(PaperId.SLIP, 2)
    for each in (filled, torn):
        put_on_paper(desk, printer, each.number, hand_over=False)
    desk.enter_blank(filled.number, _case(desk), filled_on=beijing_date(desk.time().at), receiver=RECEIVER)
    desk.spoil(torn.number, "撕破")


def _void(desk: Desk, printer: Printer) -> None:
    slip = desk.give_slip(_case(desk))
    put_on_paper(desk, printer, slip.number, hand_over=False)
    desk.void(slip.number, "打印错位")
    document = fill(desk, _case(desk), PaperId.POWER_OF_ATTORNEY, AGENT)
    desk.void(document.number, "录错受托人")
    (voucher,) = desk.conclude(_case(desk), CLINIC, (payee(),))
    desk.void(voucher.number, "户名有误")


WORK: Mapping[str, Callable[[Desk, Printer], None]] = {
    "voucher": _voucher,
    "slip": _slip,
    "document": _document,
    "blanks": _blanks,
    "void": _void,
}


def check_after_death(station: Station, tray: Path) -> None:
    """Look at what the laptop left: papers and records agree; then finish the work and see that nothing was lost or used twice."""
    printer = Printer(tray, lambda _step: None)
    desk = station.open()
    try:
        _papers_and_records_agree(desk, printer)
        before = {each.number: (each.kind, each.paper, each.case_no, each.content, each.cose) for each in desk.papers()}
        _finish(desk, printer)
        again = {each.number: each for each in desk.papers()}
        for number, (kind, paper, case_no, content, cose) in before.items():
            found = again[number]
            assert (found.kind, found.paper, found.content, found.cose) == (kind, paper, content, cose)
            assert found.case_no == case_no or found.blank
        fresh = desk.give_slip(_case(desk))
        assert fresh.number not in before
        put_on_paper(desk, printer, fresh.number)
        _papers_and_records_agree(desk, printer)
        day = desk.day_end(beijing_date(desk.time().at))
        assert day.agrees, [each.text.en for each in day.differences]
        assert all(each.unbroken for each in day.blocks)
    finally:
        desk.close()
    with station.store() as store:
        assert store.rebuild().identical


def _papers_and_records_agree(desk: Desk, printer: Printer) -> None:
    papers = {each.number: each for each in desk.papers()}
    lying = printer.sheets()
    for sheet in lying:
        # No paper without a record, and the record holds the very drawing that lies there.
        assert papers[sheet.number].copies >= sheet.copy_no
        assert any(
            moment.what == PaperState.RENDERED.value and moment.copy_no == sheet.copy_no
            for moment in desk.paper_history(sheet.number)
        )
    by_sheet = {(each.number, each.copy_no): each.sha256 for each in lying}
    assert len(set(by_sheet.values())) == len(by_sheet)
    for paper in papers.values():
        for moment in desk.paper_history(paper.number):
            if moment.what == PaperState.PRINTED.value:
                # No record claims a paper that nobody saw.
                assert (paper.number, moment.copy_no) in by_sheet
        if paper.pdf_sha256 is not None:
            assert hashlib.sha256(desk.drawing(paper.number)).hexdigest() == paper.pdf_sha256
    newest = {number: sha256 for (number, _), sha256 in sorted(by_sheet.items())}
    for number, sha256 in newest.items():
        if papers[number].copies == max(copy for one, copy in by_sheet if one == number):
            assert papers[number].pdf_sha256 == sha256


def _finish(desk: Desk, printer: Printer) -> None:
    """What a person does after a restart: everything open is drawn, printed and handed over; blank forms are entered."""
    today = beijing_date(desk.time().at)
    for paper in desk.papers():
        if paper.state is PaperState.VOIDED:
            continue
        if paper.state in (PaperState.ASKED, PaperState.RENDERED):
            put_on_paper(desk, printer, paper.number, hand_over=not paper.blank)
        elif paper.state is PaperState.PRINTED and not paper.blank:
            desk.hand_over(paper.number, RECEIVER)
        if paper.blank and not paper.case_no:
            desk.enter_blank(paper.number, _case(desk), filled_on=today, receiver=RECEIVER)
    assert desk.unfinished_papers() == ()
    if not any(each.kind is PaperKind.VOUCHER and each.state is not PaperState.VOIDED for each in desk.papers()):
        return
    voucher = next(each for each in desk.papers() if each.kind is PaperKind.VOUCHER)
    assert desk.paper(voucher.number).state in (PaperState.HANDED_OVER, PaperState.VOIDED)


def _case(desk: Desk) -> str:
    return desk.cases()[-1].case_no
