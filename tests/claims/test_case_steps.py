"""The five steps: what is done, open or locked, in which words, and that a row and the page of a case never disagree."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from claims.case_papers import known_materials, traits_so_far
from claims.case_steps import Surroundings, current_step, reached, steps
from claims.completeness import Completeness, missing_materials
from claims.events import Outcome
from claims.materials import ClaimType, Material
from claims.overviews import CaseStep, StepStanding, StepState
from claims.trusted_time import TrustedTime
from claims.waivers import LossLink
from tests.claims.case_history import MORNING, NEEDED, OTHER_PACK, PACK, POLICY, SECOND, History

DONE, OPEN, LOCKED = StepState.DONE, StepState.OPEN, StepState.LOCKED


def around(pack_hash: str | None = PACK, known: tuple[str, ...] = (POLICY, SECOND), hours: int = 3) -> Surroundings:
    at = TrustedTime(at=MORNING + timedelta(hours=hours), believed=True)
    return Surroundings(at=at, pack_hash=pack_hash, knows_policy=known.__contains__)


def papers_of(case: History, where: Surroundings) -> Completeness:
    progress = case.progress
    return missing_materials(
        ClaimType(progress.claim_type),
        known_materials(frozenset(progress.materials)),
        loss=LossLink(catastrophe_id=None, loss_date=progress.loss_date, region=None),
        traits=traits_so_far(progress, where.at),
    )


def steps_of(
    case: History, where: Surroundings | None = None, payable_fen: int | None = 648_824
) -> tuple[StepStanding, ...]:
    where = where or around()
    return steps(case.progress, papers_of(case, where), payable_fen, where)


def states(case: History, where: Surroundings | None = None) -> list[StepState]:
    return [each.state for each in steps_of(case, where)]


def line(case: History, step: CaseStep, where: Surroundings | None = None) -> str:
    return next(each.line.zh for each in steps_of(case, where) if each.step is step)


def why(case: History, step: CaseStep, where: Surroundings | None = None) -> str:
    found = next(each for each in steps_of(case, where) if each.step is step)
    assert found.state is LOCKED
    assert found.why is not None
    assert found.why.en
    return found.why.zh


def test_a_fresh_case_waits_for_papers_and_may_be_tried() -> None:
    case = History(POLICY)
    assert states(case) == [DONE, OPEN, OPEN, LOCKED, LOCKED]
    assert line(case, CaseStep.REPORT) == "08:30 完成"
    assert line(case, CaseStep.PAPERS) == "缺 5 项"
    assert line(case, CaseStep.BENEFIT) == "可先试算"
    assert "理算" in why(case, CaseStep.SIGN)
    assert "材料" in why(case, CaseStep.VOUCHER)


def test_the_report_of_another_day_says_which() -> None:
    assert line(History(POLICY), CaseStep.REPORT, around(hours=30)) == "11-22 08:30 完成"


def test_with_the_first_paper_a_slip_is_possible() -> None:
    case = History(POLICY).papers(Material.APPLICATION)
    assert states(case) == [DONE, OPEN, OPEN, LOCKED, OPEN]
    assert line(case, CaseStep.VOUCHER) == "可出签收单"


def test_a_pre_approved_case_is_locked_until_both_have_signed() -> None:
    case = History(POLICY).papers(*NEEDED).decide()
    assert states(case) == [DONE, DONE, DONE, OPEN, LOCKED]
    assert line(case, CaseStep.BENEFIT) == "6,488.24"
    assert "签" in why(case, CaseStep.VOUCHER)
    case.sign("adjuster")
    assert line(case, CaseStep.SIGN) == "待申请人签"
    case.sign("claimant")
    assert states(case) == [DONE, DONE, DONE, DONE, OPEN]
    assert line(case, CaseStep.VOUCHER) == "待出凭证"


def test_a_refusal_is_a_path_too() -> None:
    case = History(POLICY).papers(*NEEDED).decide().sign("claimant", refused=True)
    assert states(case) == [DONE, DONE, DONE, DONE, OPEN]
    assert line(case, CaseStep.SIGN) == "已拒签"
    assert line(case, CaseStep.VOUCHER) == "可出签收单"


def test_a_referred_case_needs_no_signature_for_its_slip() -> None:
    case = History(POLICY).papers(*NEEDED).decide(outcome=Outcome.REFERRED)
    assert states(case) == [DONE, DONE, DONE, DONE, OPEN]
    assert line(case, CaseStep.BENEFIT) == "转总部"
    assert line(case, CaseStep.SIGN) == "不需签字"


def test_a_signature_given_while_papers_were_missing_stays_good_for_the_same_result() -> None:
    case = History(POLICY).papers(*NEEDED[:3]).decide(outcome=Outcome.RECEIPT_ONLY).sign()
    assert states(case) == [DONE, OPEN, DONE, DONE, OPEN]
    case.papers(*NEEDED[3:])
    assert states(case)[2] is OPEN
    assert line(case, CaseStep.BENEFIT) == "有新材料，请重算"
    case.decide()
    assert states(case) == [DONE, DONE, DONE, DONE, OPEN]


def test_an_outdated_result_is_not_to_be_signed() -> None:
    case = History(POLICY).papers(*NEEDED[:4]).decide().papers(*NEEDED[4:])
    assert "重新理算" in why(case, CaseStep.SIGN)


def test_new_rules_ask_for_another_calculation_unless_a_voucher_was_promised() -> None:
    new = around(pack_hash=OTHER_PACK)
    case = History(POLICY).papers(*NEEDED).decide().sign()
    assert states(case, new)[2] is OPEN
    assert line(case, CaseStep.BENEFIT, new) == "规则已更新，请重算"
    case.voucher()
    assert states(case, new) == [DONE, DONE, DONE, DONE, OPEN]
    case.out()
    assert states(case, new) == [DONE] * 5


def test_without_a_policy_number_a_pack_or_the_policy_the_step_says_what_to_do() -> None:
    nobody, known = History(), History(POLICY)
    assert "没有保单号" in why(nobody, CaseStep.BENEFIT)
    assert states(nobody)[4] is OPEN
    assert "规则包" in why(known, CaseStep.BENEFIT, around(pack_hash=None))
    assert f"没有保单 {POLICY}" in why(known, CaseStep.BENEFIT, around(known=()))


def test_every_policy_that_is_here_has_to_be_calculated() -> None:
    case = History(POLICY, SECOND).papers(*NEEDED).decide()
    assert line(case, CaseStep.BENEFIT) == "已算 1/2"
    assert states(case)[2] is OPEN
    assert states(case, around(known=(POLICY,)))[2] is DONE


def test_the_paper_tells_its_life() -> None:
    case = History(POLICY).papers(*NEEDED).decide().sign().voucher()
    told = [line(case, CaseStep.VOUCHER)]
    for happens in (case.draw, case.print, case.give):
        happens()
        told.append(line(case, CaseStep.VOUCHER))
    assert told == ["待打印", "待打印", "已打印 1 次", "08:41 已交付"]
    assert states(case) == [DONE] * 5


def test_a_minor_needs_a_guardian_from_the_first_minute() -> None:
    child = History(POLICY, birth_date=MORNING.date().replace(year=2014))
    assert line(child, CaseStep.PAPERS) == "缺 7 项"


MOVES = st.sampled_from(
    [
        lambda case: case.papers(*NEEDED[:2]),
        lambda case: case.papers(*NEEDED),
        lambda case: case.decide(),
        lambda case: case.decide(outcome=Outcome.RECEIPT_ONLY, decision="two"),
        lambda case: case.decide(outcome=Outcome.REFERRED),
        lambda case: case.decide(SECOND, pack_hash=OTHER_PACK),
        lambda case: case.sign(),
        lambda case: case.sign("claimant", refused=True),
        lambda case: case.voucher(f"V-{case.seq}"),
        lambda case: case.slip(f"S-{case.seq}"),
        lambda case: case.out(case.progress.papers[-1].number) if case.progress.papers else case,
        lambda case: case.void(case.progress.papers[0].number) if case.progress.papers else case,
        lambda case: case.answer("settled", case.progress.papers[0].number) if case.progress.papers else case,
    ]
)


@given(
    moves=st.lists(MOVES, max_size=9),
    policies=st.sampled_from([(), (POLICY,), (POLICY, SECOND)]),
    pack_hash=st.sampled_from([PACK, OTHER_PACK, None]),
    known=st.sampled_from([(), (POLICY,), (POLICY, SECOND)]),
)
def test_a_row_and_the_page_agree_and_every_lock_has_its_words(moves, policies, pack_hash, known) -> None:
    case = History(*policies)
    for move in moves:
        move(case)
    where = around(pack_hash, known)
    papers = papers_of(case, where)
    found = steps(case.progress, papers, 1, where)
    step, done = reached(case.progress, papers.complete, where)
    assert [each.step for each in found] == list(CaseStep)
    assert step is current_step(found)
    assert done == sum(each.state is DONE for each in found)
    for each in found:
        assert each.line.zh
        assert each.line.en
        assert (each.why is not None) == (each.state is LOCKED)
