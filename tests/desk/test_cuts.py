"""Cuts and full disks at every durable step of one claim: what was acknowledged is there, once, and work goes on."""

from __future__ import annotations

import contextlib

import pytest

from claims.desk import Desk
from claims.errors import EnvironmentProblem
from claims.events import PaperKind
from claims.records import PaperState
from resources.sample_numbers import CLINIC
from tests.desk.station import Station, clinic_facts, new_case, payee, ready_case, take_papers


class CutError(Exception):
    """The process is gone."""


class CutAt:
    """Cuts the n-th time a step is passed; counts all steps on the way."""

    def __init__(self, nth: int | None) -> None:
        self.nth, self.passed = nth, 0

    def __call__(self, step: str, /) -> None:
        self.passed += 1
        if self.passed == self.nth:
            raise CutError(step)


def play(desk: Desk) -> None:
    """One claim from report to hand-over."""
    case_no = ready_case(desk)
    for paper in desk.conclude(case_no, CLINIC, (payee(),)):
        desk.draw(paper.number)
        desk.mark_printed(paper.number, "printer")
        desk.hand_over(paper.number, "覃建国")


def test_a_cut_at_every_durable_step_leaves_a_store_that_can_be_finished(station: Station) -> None:
    counting = CutAt(None)
    desk = station.open(counting)
    before = counting.passed
    play(desk)
    steps = counting.passed - before
    desk.close()
    assert steps > 20

    for nth in range(1, steps + 1, 3):
        cut_station = Station(station.home.parent / f"cut{nth}", station.hq)
        cut_station.create()
        cut = CutAt(None)
        desk = cut_station.open(cut)
        cut.passed, cut.nth = 0, nth
        with contextlib.suppress(CutError):
            play(desk)
        desk.close()

        again = cut_station.open()
        for paper in again.unfinished_papers():
            again.draw(paper.number)
        vouchers = [each for each in again.papers() if each.kind is PaperKind.VOUCHER]
        assert len(vouchers) <= 1
        assert all(each.state is not PaperState.ASKED for each in again.papers())
        for paper in again.papers():
            assert again.drawing(paper.number).startswith(b"%PDF")
        for case in again.cases():
            for document in again.documents(case.case_no):
                assert again.attachment(document.sha256)
        again.close()
        with cut_station.store() as store:
            assert store.rebuild().identical


def test_a_cut_right_after_t1_keeps_the_voucher_once_and_its_number_used(station: Station) -> None:
    def cut(step: str, /) -> None:
        if step == "after_t1":
            raise CutError(step)

    desk = station.open(cut)
    case_no = ready_case(desk)
    with pytest.raises(CutError):
        desk.conclude(case_no, CLINIC, (payee(),))
    desk.close()

    again = station.open()
    (paper,) = again.unfinished_papers()
    assert again.draw(paper.number).copy_no == 1
    assert paper.amount_fen == 648_824
    other = again.open_case(new_case())
    take_papers(again, other)
    assert [each.number for each in again.papers()] == [paper.number]
    again.close()
    with station.store() as store, store.read() as reads:
        (block,) = reads.number_blocks("voucher")
        assert block.used_to == 1


def test_a_full_disk_while_promising_promises_nothing_and_heals(station: Station) -> None:
    with station.store() as opened:
        desk = station.open(store=opened)
        case_no = ready_case(desk)
        opened.limit_pages(opened.pages())

        def until_full() -> None:
            for _ in range(200):
                desk.adjudicate(case_no, CLINIC, clinic_facts())

        with pytest.raises(EnvironmentProblem) as refused:
            until_full()
        assert refused.value.code == "store_full"
        assert "磁盘" in refused.value.sentence("zh")
        full = desk.determinations(case_no)
        assert desk.determinations(case_no) == full
        assert not desk.papers()

        opened.limit_pages(None)
        (paper,) = desk.conclude(case_no, CLINIC, (payee(),))
        assert paper.number
