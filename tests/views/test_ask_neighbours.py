"""A promise that lacks allowance, on real parts: a laptop and a hub on loopback; the sum is asked for, comes, and the promise is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from claims.desk import Desk
from claims.events import Outcome
from resources.sample_numbers import CLINIC
from sync.wire.hub_messages import NeighbourRole
from tests.desk.station import Station, clinic_pool, payee, ready_case
from tests.stories.office import Office
from tests.stories.test_station_without_internet import address, at_work
from tests.views.benefit_cases import show_benefit, story_case, take_in, visible_texts
from tests.views.line import until
from tests.views.stage import Stage
from views.controls.message import Message
from views.printing import PrintingDesk
from views.screens.case.voucher_step import VoucherPanel

SUM_FEN = 648_824
HELD_FEN = 100_000


@dataclass
class Pair:
    """A laptop that has too little, and a hub that has enough. ``hub_at`` is where the hub is reached."""

    desk: Desk
    hub: Desk
    hub_at: str


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    office = Office(tmp_path / "office")
    try:
        with office.serving() as url:
            hub, one = office.enrol("H1", url), office.enrol("D1", url)
            office.allow("H1", clinic_pool(), 1_500_000, 3_000_000)
            office.allow("D1", clinic_pool(), HELD_FEN, 3_000_000)
            for laptop in (hub, one):
                with laptop.desk() as desk:
                    assert desk.sync().problem is None
        with at_work(hub, NeighbourRole.HUB) as hub_desk:
            at = address(hub_desk)
            with at_work(one) as desk:
                yield Pair(desk, hub_desk, at)
    finally:
        office.close()


def test_the_missing_sum_is_asked_for_and_the_promise_can_be_made(on_stage: Stage, pair: Pair) -> None:
    desk = pair.desk
    desk.share(True)
    case_no = take_in(desk, story_case("disaster"))
    page = show_benefit(on_stage, desk, case_no)
    ask = page.panel.neighbours
    assert not ask.isHidden()
    assert "5,488.24" in ask.words, "what is missing, not what is needed"
    assert ask.button is not None

    ask.button.click()  # nobody is known yet
    until(lambda: "没有同伴可问" in ask.words, "the answer of nobody")
    assert ask.button.text() == "再问一次"
    desk.add_neighbour(pair.hub_at)
    ask.button.click()
    until(lambda: desk.determinations(case_no)[0].outcome is Outcome.PRE_APPROVED, "the allowance")
    on_stage.settle()
    assert "收到 5,488.24 元额度" in ask.words
    assert ask.button is None, "nothing lacks any more"
    assert pair.hub.allowances().pools[0].left_fen == 1_500_000 - (SUM_FEN - HELD_FEN)
    action = page.panel.next_action()
    assert action is not None
    assert action.text.zh == "去签字"


def test_what_was_signed_and_fell_short_since_is_promised_after_asking(on_stage: Stage, pair: Pair) -> None:
    desk = pair.desk
    desk.share(True)
    desk.add_neighbour(pair.hub_at)
    desk.ask_neighbours(clinic_pool(), SUM_FEN - HELD_FEN)
    case_no = ready_case(desk)
    desk.transfer_allowance(clinic_pool(), 50_000, "D9", 1)  # handed on between the signature and the voucher
    panel = VoucherPanel(on_stage.workplace(desk), printing=PrintingDesk(on_stage.ui, on_stage.tasks))
    on_stage.show(panel, 870, 712)
    panel.show_standing(desk.case_standing(case_no))
    on_stage.settle()
    assert "500.00" in panel.neighbours.words
    button = panel.neighbours.button
    assert button is not None
    button.click()
    until(lambda: "收到 500.00 元额度" in panel.neighbours.words, "the allowance")
    on_stage.settle()
    assert desk.allowance_lacks(case_no) == ()
    (paper,) = desk.promise(case_no, CLINIC, [payee()])
    assert paper.amount_fen == SUM_FEN
    panel.show_standing(desk.case_standing(case_no))
    on_stage.settle()
    assert panel.neighbours.isHidden(), "it is used"


def test_allowance_that_came_another_way_is_noticed_and_used_by_hand(on_stage: Stage, tmp_path: Path) -> None:
    station = Station(tmp_path / "home")
    station.create()
    store = station.store()
    desk = station.open(store=store)
    try:
        desk.transfer_allowance(clinic_pool(), 1_000_000, "D9", 1)
        case_no = take_in(desk, story_case("disaster"))
        page = show_benefit(on_stage, desk, case_no)
        assert desk.promisable_now(case_no) == ()
        assert "现在可以预核了" not in visible_texts(page.panel)
        with store.write() as uow:
            uow.receive(station.allowance(clinic_pool(), 700_000, "G-9"))
        page.load()
        on_stage.settle()
        assert desk.promisable_now(case_no) == (CLINIC,)
        (message,) = [each for each in page.panel.findChildren(Message) if "现在可以预核了" in each.words]
        assert message.action_button is not None
        message.action_button.click()
        on_stage.settle()
        assert desk.determinations(case_no)[0].outcome is Outcome.PRE_APPROVED
        assert desk.promisable_now(case_no) == ()
        assert "现在可以预核了" not in visible_texts(page.panel)
    finally:
        desk.close()


def test_nothing_is_offered_without_neighbours_or_where_more_would_not_help(on_stage: Stage, tmp_path: Path) -> None:
    station = Station(tmp_path / "home")
    station.create()
    desk = station.open()
    try:
        done = ready_case(desk)
        assert desk.allowance_lacks(done) == (), "what is covered lacks nothing"
        desk.promise(done, CLINIC, [payee()])
        assert desk.allowance_lacks(done) == (), "nor does what is promised"
        desk.transfer_allowance(clinic_pool(), desk.allowances().pools[0].left_fen - 5, "D9", 1)
        lacking = take_in(desk, story_case("disaster"))
        page = show_benefit(on_stage, desk, lacking)
        (lack,) = desk.allowance_lacks(lacking)
        assert lack.left_fen == 5
        assert page.panel.neighbours.isHidden(), "there is no local network here"
        without_papers = take_in(desk, story_case("disaster"), papers=False)
        show_benefit(on_stage, desk, without_papers)
        assert desk.allowance_lacks(without_papers) == (), "papers are missing as well"
    finally:
        desk.close()
