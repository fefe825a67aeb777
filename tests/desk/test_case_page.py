"""What the page of a case shows, on a real store: steps, clocks and papers through one claim."""

from __future__ import annotations

from datetime import timedelta

import pytest

from claims.desk import Desk
from claims.errors import InputError
from claims.events import Outcome
from claims.materials import Material
from claims.overviews import CaseStep, StepState
from claims.records import PaperState
from claims.signing import Role
from claims.statements import SettlementAnswered
from claims.time_limits import ClockState
from rules.engine.model import Bilingual
from tests.desk.station import (
    CLINIC,
    CLINIC_PAPERS,
    NOON,
    PACK_BYTES,
    Station,
    claimant,
    clinic_facts,
    decide_and_sign,
    new_case,
    payee,
    photo,
    ready_case,
    take_papers,
)


def states(desk: Desk, case_no: str) -> dict[CaseStep, StepState]:
    return {each.step: each.state for each in desk.case_standing(case_no).steps}


def test_a_case_goes_through_its_five_steps(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    assert desk.case_standing(case_no).current is CaseStep.PAPERS
    take_papers(desk, case_no)
    assert desk.case_standing(case_no).current is CaseStep.BENEFIT
    desk.adjudicate(case_no, CLINIC, clinic_facts())
    assert desk.case_standing(case_no).current is CaseStep.SIGN
    assert desk.case_standing(case_no).step(CaseStep.BENEFIT).line.zh == "6,488.24"
    decide_and_sign(desk, case_no)
    assert desk.case_standing(case_no).current is CaseStep.VOUCHER
    (paper,) = desk.conclude(case_no, CLINIC, (payee(),))
    desk.draw(paper.number)
    desk.mark_printed(paper.number, "printer")
    desk.hand_over(paper.number, claimant().name)

    standing = desk.case_standing(case_no)
    assert {each.state for each in standing.steps} == {StepState.DONE}
    assert [each.number for each in standing.papers] == [paper.number]
    assert [each.policy_no for each in standing.policies] == [CLINIC]
    assert standing.completeness == desk.completeness(case_no)
    assert standing.documents == tuple(desk.documents(case_no))
    assert standing.determinations == tuple(desk.determinations(case_no))
    assert [each.role for each in standing.signatures] == ["claimant", "adjuster"]
    assert standing.catastrophe is not None


def test_the_steps_say_before_what_the_use_case_would_refuse(desk: Desk) -> None:
    """A locked step and the error of doing it anyway never contradict each other."""
    case_no = desk.open_case(new_case())
    assert states(desk, case_no)[CaseStep.SIGN] is StepState.LOCKED
    with pytest.raises(InputError, match="nothing_to_sign"):
        desk.sign(case_no, CLINIC, role=Role.CLAIMANT, name="覃建国")
    take_papers(desk, case_no)
    desk.adjudicate(case_no, CLINIC, clinic_facts())
    assert states(desk, case_no)[CaseStep.VOUCHER] is StepState.LOCKED
    with pytest.raises(InputError, match="unsigned"):
        desk.promise(case_no, CLINIC, (payee(),))


def test_a_new_pack_asks_for_another_calculation(desk: Desk, station: Station) -> None:
    case_no = ready_case(desk)
    desk.close()
    changed = PACK_BYTES.replace(b'"version":1', b'"version":2')
    station.shelf().take(station.hq.release("pack", 2, changed), changed)
    again = station.open()
    step = again.case_standing(case_no).step(CaseStep.BENEFIT)
    assert (step.state, step.line.zh) == (StepState.OPEN, "规则已更新，请重算")
    with pytest.raises(InputError, match="rules_changed"):
        again.promise(case_no, CLINIC, (payee(),))
    assert [each.step for each in again.queue()] == [CaseStep.BENEFIT]
    again.close()


def test_without_rules_the_step_says_so_and_a_slip_can_be_given(desk: Desk, station: Station) -> None:
    case_no = desk.open_case(new_case())
    desk.close()
    for path in (station.home / "releases").glob("pack-*"):
        path.unlink()
    again = station.open()
    benefit = again.case_standing(case_no).step(CaseStep.BENEFIT)
    assert benefit.state is StepState.LOCKED
    assert benefit.why is not None
    assert "规则包" in benefit.why.zh
    assert states(again, case_no)[CaseStep.VOUCHER] is StepState.OPEN
    assert again.give_slip(case_no).outcome is Outcome.RECEIPT_ONLY
    again.close()


def test_a_damaged_pack_keeps_no_page_from_opening(desk: Desk, station: Station) -> None:
    case_no = desk.open_case(new_case())
    blob = next((station.home / "releases").glob("pack-*.blob"))
    blob.write_bytes(blob.read_bytes()[:-1])
    assert desk.case_standing(case_no).step(CaseStep.BENEFIT).state is StepState.LOCKED
    assert len(desk.queue()) == 1
    standing = desk.standing()
    assert standing.rules is None
    assert any("不一致" in each.zh for each in standing.problems)


def test_a_person_without_a_policy_is_told_what_to_do(desk: Desk) -> None:
    case_no = desk.open_case(new_case(policy_nos=()))
    why = desk.case_standing(case_no).step(CaseStep.BENEFIT).why
    assert why is not None
    assert "签收单" in why.zh
    unknown = desk.open_case(new_case(policy_nos=("AT0000",)))
    why = desk.case_standing(unknown).step(CaseStep.BENEFIT).why
    assert why is not None
    assert "AT0000" in why.zh


def test_the_clocks_follow_the_events(desk: Desk, station: Station) -> None:
    case_no = desk.open_case(new_case(channel="phone"))
    (contact, *_) = desk.case_standing(case_no).clocks
    assert (contact.limit.id, contact.state) == ("contact", ClockState.RUNNING)
    station.clock.wall += timedelta(minutes=30)
    take_papers(desk, case_no, CLINIC_PAPERS[:5])
    slip = desk.give_slip(case_no)
    desk.draw(slip.number)
    desk.mark_printed(slip.number, "printer")
    desk.hand_over(slip.number, claimant().name)
    found = {each.limit.id: each for each in desk.case_standing(case_no).clocks}
    assert found["contact"].stopped_at == NOON + timedelta(minutes=30)
    assert found["assess"].state is ClockState.PAUSED
    station.clock.wall += timedelta(days=2)
    desk.add_document(case_no, CLINIC_PAPERS[5], "account.jpg", photo(200))
    found = {each.limit.id: each for each in desk.case_standing(case_no).clocks}
    assert found["assess"].state is ClockState.RUNNING
    assert found["finish"].started_at == station.clock.wall
    assert desk.case_standing(case_no).current is CaseStep.BENEFIT


def test_a_minors_papers_are_asked_for_from_the_start_and_on_the_slip(desk: Desk) -> None:
    child = claimant().__class__(name="万俟清禾", birth_date=NOON.date().replace(year=2014))
    case_no = desk.open_case(new_case(insured=child, policy_nos=()))
    asked = {each.alternatives[0][0] for each in desk.completeness(case_no).missing}
    assert {Material.GUARDIAN_ID, Material.GUARDIAN_RELATION} <= asked
    assert desk.case_standing(case_no).completeness == desk.completeness(case_no)


def test_the_life_of_a_paper_is_told_moment_by_moment(desk: Desk, station: Station) -> None:
    case_no = ready_case(desk)
    (paper,) = desk.conclude(case_no, CLINIC, (payee(),))
    for copy in (1, 2):
        station.clock.wall += timedelta(minutes=1)
        desk.draw(paper.number)
        station.clock.wall += timedelta(minutes=1)
        desk.mark_printed(paper.number, "HP 1020")
        if copy == 1:
            desk.hand_over(paper.number, "覃建国")
    told = desk.paper_history(paper.number)
    assert [each.what for each in told] == ["asked", "rendered", "printed", "handed_over", "rendered", "printed"]
    assert [each.copy_no for each in told] == [0, 1, 1, 0, 2, 2]
    assert [each.at for each in told] == [NOON + timedelta(minutes=each) for each in (0, 1, 2, 2, 3, 4)]
    assert "HP 1020" in told[2].detail.zh
    assert told[3].detail.zh == "覃建国"

    answer = station.hq.say(
        SettlementAnswered,
        case_no=case_no,
        voucher_no=paper.number,
        replay="identical",
        settlement="settled",
        amount_fen=paper.amount_fen,
        reason=Bilingual("总部核对一致。", "Checked."),
    )
    desk.close()
    with station.store() as store:
        with store.write() as uow:
            uow.receive(answer)
        assert store.rebuild().identical
    again = station.open()
    assert again.paper(paper.number).state is PaperState.REDEEMED
    (*_, last) = again.paper_history(paper.number)
    assert (last.what, last.detail.zh) == ("redeemed", "总部核对一致。")
    again.close()


def test_the_history_of_an_unknown_number_is_told_in_words(desk: Desk) -> None:
    with pytest.raises(InputError, match="number_unknown"):
        desk.paper_history("QX07-D3-000099-98")
    with pytest.raises(InputError, match="number_unknown"):
        desk.case_standing("QX07-D3-C-000099-56")


def test_a_draft_is_found_by_its_id(desk: Desk) -> None:
    desk.save_draft("report-1", b"{}")
    assert desk.draft("report-1") == b"{}"
    assert desk.draft("report-2") is None
