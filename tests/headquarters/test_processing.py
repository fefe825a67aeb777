"""Working off the log: exactly once, in order, over crashes, and never blocked by one event."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from claims.events import CaseStateChanged
from claims.statements import OWNER_HEADQUARTERS, SettlementAnswered, TaskAssigned
from headquarters import processing
from headquarters.audit import replay_all
from headquarters.installation import Headquarters
from headquarters.log_intake import receive_log
from headquarters.models import EventState, FeedItem, LogEvent, Replay
from headquarters.processing import process_event, process_pending, retry_stuck
from headquarters.standing import read_standing
from tests.headquarters.laptop import AT, MEDICAL, MEDICAL_FEN


class PowerCut(BaseException):
    """The process is gone: nothing may catch it."""


@pytest.fixture
def promised(stocked, make_laptop, pack, clinic_policy):
    """A laptop with one promise whose log headquarters holds, not yet processed."""
    laptop = make_laptop(float_fen=1_000_000)
    laptop.voucher_no = laptop.promise(pack, clinic_policy, MEDICAL).voucher_no
    receive_log(stocked, "D3", 1, [each.raw for each in laptop.commits])
    return laptop


@pytest.mark.parametrize("step", ["_replay", "settle_voucher"])
def test_a_crash_in_the_middle_of_an_event_loses_and_repeats_nothing(stocked, promised, monkeypatch, clock, step):
    real = getattr(processing, step)

    def cut_after(*arguments):
        real(*arguments)
        raise PowerCut

    monkeypatch.setattr(processing, step, cut_after)
    with pytest.raises(PowerCut):
        process_pending(stocked, "D3", 1)
    monkeypatch.setattr(processing, step, real)
    restarted = Headquarters.open(stocked.home, clock)
    process_pending(restarted)
    standing = read_standing(restarted)
    assert (standing.vouchers, standing.replays, standing.settled_fen) == (
        {"settled": 1},
        {"identical": 1},
        MEDICAL_FEN,
    )
    assert EventState.PENDING not in standing.events
    answers = [each for each in _feed(promised) if isinstance(each, SettlementAnswered)]
    assert len(answers) == 1
    restarted.close()


def test_a_fault_in_the_last_of_several_events_leaves_those_before_it_done_once(stocked, promised, monkeypatch):
    real = processing.settle_voucher

    def fail_late(*arguments):
        real(*arguments)
        raise ZeroDivisionError("a bug behind the money")

    monkeypatch.setattr(processing, "settle_voucher", fail_late)
    assert process_pending(stocked) == 2
    standing = read_standing(stocked)
    assert (standing.vouchers, standing.replays, standing.settled_fen) == ({}, {"identical": 1}, 0)
    assert len(standing.stuck) == 1
    assert [each for each in _feed(promised) if isinstance(each, SettlementAnswered)] == []
    monkeypatch.setattr(processing, "settle_voucher", real)
    assert retry_stuck(stocked) == 1
    assert read_standing(stocked).settled_fen == MEDICAL_FEN


def test_what_may_be_processed_is_bounded_by_what_was_asked_for(stocked, promised):
    assert process_pending(stocked, "D3", 1, most=2) == 2
    assert read_standing(stocked).vouchers == {}
    assert process_pending(stocked, "D3", 1, most=2) == 1
    assert read_standing(stocked).vouchers == {"settled": 1}


def test_a_processed_event_is_not_processed_again(stocked, promised):
    assert process_pending(stocked) == 3
    assert process_pending(stocked) == 0
    assert not process_event(stocked, ("D3", 1, 2))
    assert read_standing(stocked).settled_fen == MEDICAL_FEN


def test_a_fault_of_our_own_marks_the_event_stuck_and_goes_on(stocked, promised, monkeypatch):
    real = processing._replay

    def fail(*_arguments):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(processing, "_replay", fail)
    process_pending(stocked)
    standing = read_standing(stocked)
    assert standing.vouchers == {"hold": 1}  # the determination is missing, so a person looks
    assert "ZeroDivisionError" in standing.stuck[0]
    (told,) = [each for each in _feed(promised) if isinstance(each, TaskAssigned)]
    assert told.owner == OWNER_HEADQUARTERS, "our own fault is nothing for the station to mend"
    monkeypatch.setattr(processing, "_replay", real)
    assert retry_stuck(stocked) == 1
    assert read_standing(stocked).stuck == ()


def test_feeds_have_no_gap(stocked, promised, make_laptop):
    process_pending(stocked)
    with stocked.database.read() as session:
        positions = list(session.scalars(select(FeedItem.position).order_by(FeedItem.position)))
    assert positions == list(range(len(positions)))


def test_the_log_is_never_rewritten_by_processing(stocked, promised):
    with stocked.database.read() as session:
        before = session.execute(select(LogEvent.seq, LogEvent.body, LogEvent.sha256)).all()
    process_pending(stocked)
    with stocked.database.read() as session:
        assert session.execute(select(LogEvent.seq, LogEvent.body, LogEvent.sha256)).all() == before


def test_an_audit_finds_everything_identical_and_names_what_changed(stocked, promised):
    process_pending(stocked)
    audit = replay_all(stocked)
    assert (dict(audit.verdicts), audit.changed) == ({"identical": 1}, ())
    with stocked.database.write() as session:
        session.scalars(select(Replay)).one().verdict = "different"
    assert "different -> identical" in replay_all(stocked).changed[0]


def _feed(laptop):
    laptop.down()
    return laptop.inbox


def test_events_of_no_consequence_need_no_processing(stocked, make_laptop):
    laptop = make_laptop()
    case = laptop.open_case()
    moved = CaseStateChanged(at=AT, case_no=case.case_no, from_state="notified", to_state="accepted", reason="")
    laptop.commit(case, moved)
    receive_log(stocked, "D3", 1, [laptop.commits[0].raw])
    assert process_pending(stocked) == 1
