"""The field never declines; every legal move is in the table, everything else says why not."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from claims.errors import InputError
from claims.events import Outcome
from claims.lifecycle import (
    MOVES,
    STATE_NAMES,
    Actor,
    CaseState,
    FinalDecision,
    check_decision,
    check_outcome,
    move,
    next_states,
)

HQ_ONLY = {
    CaseState.NOT_REGISTERED,
    CaseState.INVESTIGATING,
    CaseState.REVIEWED,
    CaseState.ESCALATED,
    CaseState.APPROVED,
    CaseState.NOTIFIED_DECISION,
    CaseState.PAYING,
    CaseState.PAID,
    CaseState.CLOSED,
    CaseState.ARCHIVED,
    CaseState.REOPENED,
    CaseState.CANCELLED,
}


def reachable(actor: Actor) -> set[CaseState]:
    found, edge = {CaseState.NOTIFIED}, [CaseState.NOTIFIED]
    while edge:
        for target in next_states(edge.pop(), actor):
            if target not in found:
                found.add(target)
                edge.append(target)
    return found


def test_no_path_of_the_field_leads_to_a_state_of_headquarters() -> None:
    assert reachable(Actor.FIELD) == set(CaseState) - HQ_ONLY


def test_headquarters_reaches_every_state() -> None:
    assert reachable(Actor.HQ) == set(CaseState)


@pytest.mark.parametrize(("state", "to"), list(product(CaseState, HQ_ONLY)))
def test_the_field_is_refused_every_move_into_a_state_of_headquarters(state: CaseState, to: CaseState) -> None:
    with pytest.raises(InputError, match=r"move_(impossible|not_yours)"):
        move(state, to, Actor.FIELD, claimant_signed=True)


def test_the_refusal_names_both_states_and_the_way_out() -> None:
    with pytest.raises(InputError, match="move_not_yours") as caught:
        move(CaseState.REGISTERED, CaseState.NOT_REGISTERED, Actor.FIELD)
    assert "不予立案" in caught.value.sentence()
    assert "签收单" in caught.value.next_step.zh
    with pytest.raises(InputError, match="move_impossible") as caught:
        move(CaseState.NOTIFIED, CaseState.CALCULATED, Actor.FIELD)
    assert "可以转为：受理、撤案" in caught.value.next_step.zh


def test_the_fields_way_from_report_to_sums() -> None:
    way = [CaseState.NOTIFIED, CaseState.ACCEPTED, CaseState.REGISTERED, CaseState.EXAMINED, CaseState.CALCULATED]
    for state, to in pairwise(way):
        assert move(state, to, Actor.FIELD).target is to


def test_a_supplement_leads_back_to_where_it_was_asked() -> None:
    move(CaseState.EXAMINED, CaseState.SUPPLEMENT, Actor.FIELD)
    move(CaseState.SUPPLEMENT, CaseState.EXAMINED, Actor.FIELD, supplement_from=CaseState.EXAMINED)
    with pytest.raises(InputError, match="move_impossible"):
        move(CaseState.SUPPLEMENT, CaseState.EXAMINED, Actor.FIELD, supplement_from=CaseState.ACCEPTED)


def test_a_withdrawal_needs_the_claimants_signature_whoever_records_it() -> None:
    for actor in Actor:
        with pytest.raises(InputError, match="move_unsigned"):
            move(CaseState.NOTIFIED, CaseState.WITHDRAWN, actor)
        assert move(CaseState.NOTIFIED, CaseState.WITHDRAWN, actor, claimant_signed=True).needs_claimant_signature


def test_a_reviewed_case_cannot_be_recalculated_by_the_field() -> None:
    with pytest.raises(InputError, match="move_not_yours"):
        move(CaseState.REVIEWED, CaseState.CALCULATED, Actor.FIELD)


def test_a_returned_payment_is_paid_again() -> None:
    assert move(CaseState.PAID, CaseState.PAYING, Actor.HQ).target is CaseState.PAYING


def test_the_table_has_no_double_and_no_move_to_itself() -> None:
    ends = [(one.source, one.target) for one in MOVES]
    assert len(ends) == len(set(ends))
    assert all(source is not target for source, target in ends)
    assert set(STATE_NAMES) == set(CaseState)


def test_pre_approval_needs_finished_sums() -> None:
    check_outcome(CaseState.CALCULATED, Outcome.PRE_APPROVED)
    with pytest.raises(InputError, match="outcome_too_early"):
        check_outcome(CaseState.EXAMINED, Outcome.PRE_APPROVED)


def test_a_slip_or_a_referral_never_waits_until_headquarters_takes_over() -> None:
    for outcome in (Outcome.REFERRED, Outcome.RECEIPT_ONLY):
        check_outcome(CaseState.NOTIFIED, outcome)
        with pytest.raises(InputError, match="outcome_too_late"):
            check_outcome(CaseState.REVIEWED, outcome)


@pytest.mark.parametrize("decision", list(FinalDecision))
def test_final_decisions_are_headquarters(decision: FinalDecision) -> None:
    check_decision(decision, Actor.HQ)
    with pytest.raises(InputError, match="decision_not_yours"):
        check_decision(decision, Actor.FIELD)
