"""The day-end: numbers add up to their blocks after any day's work, and what differs is named number by number."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from claims.day_end import DayEnd, DifferenceKind
from claims.desk import Desk
from claims.errors import InputError
from claims.events import PaperKind
from claims.paper_definitions import PaperId
from claims.records import PaperState
from resources.sample_numbers import CLINIC
from tests.desk.station import Authority, Station, new_case, payee, ready_case

TODAY = date(2026, 11, 22)
NOTHING = dict.fromkeys(PaperKind, 0)


def put_out(desk: Desk, number: str, *, hand_over: bool = True) -> None:
    desk.draw(number)
    desk.mark_printed(number, "printer")
    if hand_over:
        desk.hand_over(number, "覃建国")


def kinds_of(day: DayEnd) -> list[tuple[DifferenceKind, str | None]]:
    return [(each.kind, each.number) for each in day.differences]


def figures(day: DayEnd) -> dict[PaperKind, tuple[int, int, int | None]]:
    return {each.kind: (each.recorded, each.printed, each.counted) for each in day.kinds}


def test_an_empty_day_agrees(desk: Desk) -> None:
    day = desk.day_end(TODAY)
    assert (day.agrees, day.differences, day.counted_at) == (True, (), None)
    assert figures(day) == dict.fromkeys(PaperKind, (0, 0, None))
    assert "还没有清点" in day.verdict.zh
    assert {each.kind for each in day.blocks} == {"voucher", "slip", "case", "document"}


def test_a_day_of_every_paper_agrees_and_is_counted(desk: Desk) -> None:
    case_no = ready_case(desk)
    (voucher,) = desk.conclude(case_no, CLINIC, (payee(),))
    slip = desk.give_slip(case_no)
    for number in (voucher.number, slip.number):
        put_out(desk, number)
    put_out(desk, slip.number, hand_over=False)  # a reprint is the same paper
    (blank,) = desk.prepare_blanks(PaperId.APPLICATION, 1)
    put_out(desk, blank.number, hand_over=False)
    counted = {PaperKind.VOUCHER: 1, PaperKind.SLIP: 1, PaperKind.DOCUMENT: 1}
    day = desk.count_day(TODAY, counted)
    assert figures(day) == dict.fromkeys(PaperKind, (1, 1, 1))
    assert day.agrees
    assert "全部相符" in day.verdict.zh
    assert kinds_of(day) == [(DifferenceKind.BLANK_OUT, blank.number)]
    assert desk.day_end(TODAY) == day


def test_what_was_left_lying_is_named_number_by_number(desk: Desk) -> None:
    case_no = ready_case(desk)
    never_drawn = desk.give_slip(case_no)
    never_printed, not_handed = desk.give_slip(case_no), desk.give_slip(case_no)
    desk.draw(never_printed.number)
    put_out(desk, not_handed.number, hand_over=False)
    voided = desk.give_slip(case_no)
    desk.void(voided.number, "录错")
    day = desk.day_end(TODAY)
    assert kinds_of(day) == [
        (DifferenceKind.NEVER_DRAWN, never_drawn.number),
        (DifferenceKind.NEVER_PRINTED, never_printed.number),
        (DifferenceKind.NOT_HANDED_OVER, not_handed.number),
    ]
    assert all(each.text.zh and each.text.en for each in day.differences)
    assert figures(day)[PaperKind.SLIP] == (3, 1, None)
    assert not day.agrees
    assert "3" in day.verdict.zh
    for number in (never_drawn.number, never_printed.number):
        put_out(desk, number)
    desk.hand_over(not_handed.number, "覃建国")
    assert desk.day_end(TODAY).agrees


def test_what_is_filed_with_the_company_is_handed_to_nobody(desk: Desk) -> None:
    from tests.desk.document_desk import AGENT, fill

    paper = fill(desk, ready_case(desk), PaperId.POWER_OF_ATTORNEY, AGENT)
    put_out(desk, paper.number, hand_over=False)
    assert desk.day_end(TODAY).agrees


def test_a_wrong_count_says_both_figures_and_a_right_one_replaces_it(desk: Desk) -> None:
    case_no = ready_case(desk)
    put_out(desk, desk.give_slip(case_no).number)
    day = desk.count_day(TODAY, NOTHING | {PaperKind.SLIP: 2})
    assert kinds_of(day) == [(DifferenceKind.MISCOUNTED, None)]
    assert "打印记录 1 张，清点 2 张" in day.differences[0].text.zh
    assert desk.count_day(TODAY, NOTHING | {PaperKind.SLIP: 1}).agrees


def test_a_paper_printed_after_the_count_asks_for_another_one(desk: Desk) -> None:
    case_no = ready_case(desk)
    assert desk.count_day(TODAY, NOTHING).agrees
    put_out(desk, desk.give_slip(case_no).number)
    assert kinds_of(desk.day_end(TODAY)) == [(DifferenceKind.MISCOUNTED, None)]


def test_the_sheet_of_the_day_does_not_undo_its_count(desk: Desk) -> None:
    desk.count_day(TODAY, NOTHING)
    sheet = desk.station_paper(PaperId.DAY_END_COUNT, {"day.date": TODAY.isoformat()})
    put_out(desk, sheet.number, hand_over=False)
    day = desk.day_end(TODAY)
    assert day.agrees
    assert figures(day)[PaperKind.DOCUMENT] == (0, 0, 0)


def test_yesterdays_papers_stay_open_and_count_on_the_day_they_were_printed(station: Station) -> None:
    desk = station.open()
    case_no = ready_case(desk)
    late, done = desk.give_slip(case_no), desk.give_slip(case_no)
    put_out(desk, done.number)
    station.clock.wall += timedelta(days=1)
    tomorrow = TODAY + timedelta(days=1)
    assert kinds_of(desk.day_end(tomorrow)) == [(DifferenceKind.NEVER_DRAWN, late.number)]
    assert kinds_of(desk.day_end(TODAY)) == [(DifferenceKind.NEVER_DRAWN, late.number)]
    put_out(desk, late.number)
    newest = desk.give_slip(case_no)
    assert desk.day_end(TODAY).differences == ()
    put_out(desk, newest.number)
    assert figures(desk.day_end(TODAY))[PaperKind.SLIP] == (1, 1, None)
    assert figures(desk.day_end(tomorrow))[PaperKind.SLIP] == (2, 2, None)
    desk.close()


@pytest.mark.parametrize(
    ("day", "counted", "code"),
    [
        (TODAY + timedelta(days=1), NOTHING, "day_in_future"),
        (TODAY, NOTHING | {PaperKind.SLIP: -1}, "count_negative"),
        (TODAY, NOTHING | {PaperKind.SLIP: 10**30}, "count_too_large"),
        (TODAY, {PaperKind.VOUCHER: 0}, "count_missing"),
    ],
)
def test_a_count_that_can_not_be_is_refused(desk: Desk, day: date, counted: dict[PaperKind, int], code: str) -> None:
    put_out(desk, desk.give_slip(ready_case(desk)).number)
    with pytest.raises(InputError, match=code) as refused:
        desk.count_day(day, counted)
    assert refused.value.next_step.zh
    assert desk.day_end(TODAY).counted_at is None


def test_a_number_without_a_record_is_told(station: Station) -> None:
    """What no use case can do: a number between used ones that nobody took."""
    desk = station.open()
    desk.prepare_blanks(PaperId.SLIP, 3)
    desk.close()
    with station.store() as store:
        store._engine.execute("DELETE FROM number_use WHERE kind = 'slip' AND serial = 2")
    desk = station.open()
    (missing, *_) = desk.day_end(TODAY).differences
    assert missing.kind is DifferenceKind.NUMBER_MISSING
    assert "1 个号码没有记录" in missing.text.zh
    assert not desk.day_end(TODAY).agrees
    desk.close()


HQ = Authority()


class DayWork(RuleBasedStateMachine):
    """Any day's work with papers: whatever is done, numbers add up and no number is used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.station = Station(Path(self.folder.name) / "home", HQ)
        self.seen: dict[str, tuple[PaperKind, str]] = {}

    @initialize()
    def start(self) -> None:
        self.station.create(numbers=12)
        self.desk = self.station.open()
        self.case_no = self.desk.open_case(new_case())

    @rule()
    def give_slip(self) -> None:
        if any(each.unused for each in self.desk.number_blocks() if each.kind in {"slip", "document"}):
            self.desk.give_slip(self.case_no)

    @rule(paper=st.sampled_from([PaperId.SLIP, PaperId.INTERVIEW_RECORD]), count=st.integers(1, 3))
    def prepare(self, paper: PaperId, count: int) -> None:
        kind = "slip" if paper is PaperId.SLIP else "document"
        if sum(each.unused for each in self.desk.number_blocks() if each.kind == kind) >= count:
            self.desk.prepare_blanks(paper, count)

    @precondition(lambda self: self.desk.papers())
    @rule(data=st.data(), step=st.sampled_from(["print", "print", "void", "enter", "spoil"]))
    def live_on(self, data: st.DataObject, step: str) -> None:
        paper = data.draw(st.sampled_from(self.desk.papers()), label="paper")
        out = paper.blank and not paper.case_no
        if paper.state is PaperState.VOIDED:
            return
        match step:
            case "print" if paper.case_no and not paper.blank:
                put_out(self.desk, paper.number)
            case "void":
                self.desk.void(paper.number, "录错")
            case "enter" if out:
                self.desk.enter_blank(paper.number, self.case_no, filled_on=TODAY, receiver="覃建国")
            case "spoil" if out:
                self.desk.spoil(paper.number, "撕破")

    @rule()
    def restart(self) -> None:
        self.desk.close()
        self.desk = self.station.open()

    @invariant()
    def numbers_add_up(self) -> None:
        papers = self.desk.papers()
        for each in self.desk.number_blocks():
            assert each.used + each.voided + each.blank + each.unused == each.size
            own = [paper for paper in papers if paper.number.rsplit("-", 2)[0] == each.prefix]
            assert each.voided == sum(paper.state is PaperState.VOIDED for paper in own)
            assert each.blank == sum(
                paper.blank and not paper.case_no and paper.state is not PaperState.VOIDED for paper in own
            )
            assert each.used + each.voided + each.blank == (len(own) if each.kind != "case" else 1)
        for paper in papers:
            assert self.seen.setdefault(paper.number, (paper.kind, paper.paper)) == (paper.kind, paper.paper)
        assert len({paper.number for paper in papers}) == len(papers)

    @invariant()
    def what_is_open_is_what_differs(self) -> None:
        day = self.desk.day_end(TODAY)
        named = {each.number for each in day.differences if each.number and each.kind is not DifferenceKind.BLANK_OUT}
        unprinted = {
            each.number for each in self.desk.papers() if each.state in (PaperState.ASKED, PaperState.RENDERED)
        }
        assert named == unprinted
        for kind in day.kinds:
            own = [each for each in self.desk.papers() if each.kind is kind.kind and each.number in unprinted]
            assert kind.recorded == kind.printed + len(own)

    def teardown(self) -> None:
        self.desk.close()
        self.folder.cleanup()


TestDayWork = DayWork.TestCase
TestDayWork.settings = settings(max_examples=6, stateful_step_count=15, deadline=None)
