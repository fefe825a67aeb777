"""The clocks of a case: which event starts and stops each, and that ordering by the next one is right."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from claims.case_clocks import case_clocks, due_next, first_to_run_out, moments, pauses
from claims.case_progress import Mark
from claims.events import Outcome
from claims.materials import Material
from claims.time_limits import CaseClock, ClockState, Moment
from claims.trusted_time import TrustedTime
from tests.claims.case_history import MORNING, NEEDED, POLICY, History


def at(case: History) -> TrustedTime:
    return TrustedTime(at=case.at, believed=True)


def complete_of(case: History) -> Mark | None:
    needed = {each.value for each in NEEDED}
    if not needed <= set(case.progress.materials):
        return None
    return max((case.progress.materials[each] for each in needed), key=lambda mark: mark.seq)


def by_id(case: History) -> dict[str, CaseClock]:
    return {each.limit.id: each for each in case_clocks(case.progress, complete_of(case), at(case))}


def test_a_claimant_who_is_there_has_been_contacted() -> None:
    for channel in ("station", "home_visit", "hospital"):
        assert by_id(History(POLICY, channel=channel))["contact"].state is ClockState.MET
    assert by_id(History(POLICY, channel="phone"))["contact"].state is ClockState.RUNNING


def test_by_phone_the_first_paper_is_the_contact() -> None:
    case = History(POLICY).wait(minutes=59).papers(Material.APPLICATION)
    clock = by_id(case)["contact"]
    assert clock.state is ClockState.MET
    assert clock.stopped_at == MORNING + timedelta(minutes=59)
    assert by_id(History(POLICY).wait(minutes=61).papers(Material.APPLICATION))["contact"].state is ClockState.MISSED


def test_papers_are_complete_with_the_last_needed_one_and_assessed_with_a_decision_after_it() -> None:
    case = History(POLICY).papers(*NEEDED[:4]).decide().wait(minutes=10).papers(NEEDED[4])
    found = moments(case.progress, complete_of(case))
    assert found[Moment.PAPERS_COMPLETE] == MORNING + timedelta(minutes=15)
    assert Moment.ASSESSED not in found
    case.wait(minutes=5).decide()
    assert moments(case.progress, complete_of(case))[Moment.ASSESSED] == MORNING + timedelta(minutes=21)


def test_a_referral_assesses_nothing() -> None:
    case = History(POLICY).papers(*NEEDED).decide(outcome=Outcome.REFERRED)
    assert by_id(case)["finish"].state is ClockState.RUNNING
    assert by_id(case)["assess"].state is ClockState.RUNNING


def test_a_signature_under_a_pre_approval_starts_the_ten_days_and_settling_ends_them() -> None:
    case = History(POLICY).papers(*NEEDED).decide()
    assert "pay" not in by_id(case)
    case.sign()
    assert by_id(case)["pay"].state is ClockState.RUNNING
    case.voucher().answer("settled")
    assert by_id(case)["pay"].state is ClockState.MET


def test_a_refused_signature_is_no_agreement() -> None:
    case = History(POLICY).papers(*NEEDED).decide().sign("claimant", refused=True)
    assert "pay" not in by_id(case)


def test_signed_before_the_papers_were_complete_it_is_agreed_when_the_field_could_say_yes() -> None:
    case = History(POLICY).papers(*NEEDED[:4]).decide(outcome=Outcome.RECEIPT_ONLY).sign().wait(hours=2)
    case.papers(NEEDED[4]).decide()
    agreed = moments(case.progress, complete_of(case))[Moment.AGREED]
    assert agreed == case.progress.decided[POLICY].mark.at


def test_a_slip_that_names_missing_papers_stops_the_clock_until_they_come() -> None:
    case = History(POLICY).papers(Material.APPLICATION).slip().out("S-1").wait(days=40)
    assert by_id(case)["assess"].state is ClockState.PAUSED
    case.papers(*NEEDED[1:])
    assess = by_id(case)["assess"]
    assert assess.state is ClockState.RUNNING
    assert assess.due_at is not None
    assert assess.due_at - MORNING > timedelta(days=69)


def test_a_supplement_notice_stops_the_clock_as_a_slip_does() -> None:
    case = History(POLICY).papers(Material.APPLICATION).supplement_notice("W-1")
    assert by_id(case)["assess"].state is ClockState.RUNNING, "nobody holds it yet"
    case.give("W-1").wait(days=40)
    assert by_id(case)["assess"].state is ClockState.PAUSED
    case.papers(*NEEDED[1:])
    assert by_id(case)["assess"].state is ClockState.RUNNING


def test_a_slip_given_when_nothing_was_missing_stops_nothing() -> None:
    case = History(POLICY).papers(*NEEDED).decide(outcome=Outcome.REFERRED).slip().out("S-1")
    assert pauses(case.progress, complete_of(case)) == ()


def test_a_clock_set_back_between_two_events_does_not_turn_them_round() -> None:
    case = History(POLICY).papers(*NEEDED).wait(hours=-3).decide()
    assert moments(case.progress, complete_of(case))[Moment.ASSESSED] == case.progress.decided[POLICY].mark.at


@given(
    moves=st.lists(
        st.sampled_from(
            [
                lambda case: case.wait(hours=7),
                lambda case: case.wait(days=9),
                lambda case: case.papers(*NEEDED[:2]),
                lambda case: case.papers(*NEEDED),
                lambda case: case.decide(),
                lambda case: case.sign(),
                lambda case: case.slip(f"S-{case.seq}").out(f"S-{case.seq - 1}"),
                lambda case: case.voucher(f"V-{case.seq}").answer("settled"),
            ]
        ),
        max_size=8,
    ),
    channel=st.sampled_from(["phone", "station"]),
)
def test_the_order_of_the_queue_is_that_of_the_clocks_shown(moves, channel) -> None:
    case = History(POLICY, channel=channel)
    for move in moves:
        move(case)
    complete = complete_of(case)
    found = case_clocks(case.progress, complete, at(case))
    first = first_to_run_out(found)
    assert due_next(case.progress, complete) == (None if first is None else first.due_at)
    running = [each for each in found if each.runs]
    assert list(found[: len(running)]) == running
    assert running == sorted(running, key=lambda each: each.due_at or MORNING)
