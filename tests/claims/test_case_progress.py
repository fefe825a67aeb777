"""When a case is finished, sent back, or still without a promise: folded from its events."""

from __future__ import annotations

import msgspec
import pytest

from claims.case_progress import CaseProgress, finished, sent_back, unpromised
from claims.events import Outcome
from claims.materials import Material
from tests.claims.case_history import NEEDED, POLICY, SECOND, History


def promised() -> History:
    return History(POLICY).papers(*NEEDED).decide().sign().voucher()


def test_a_case_is_finished_when_its_voucher_is_in_the_claimants_hands() -> None:
    case = promised().draw().print()
    assert not finished(case.progress)
    assert finished(case.give().progress)


def test_a_case_with_two_payees_waits_for_both() -> None:
    case = promised().voucher("V-2").out("V-1")
    assert not finished(case.progress)
    assert finished(case.out("V-2").progress)


def test_a_voided_voucher_opens_the_case_again_until_a_slip_is_given() -> None:
    case = promised().out().void()
    assert not finished(case.progress)
    assert unpromised(case.progress)
    assert finished(case.slip().out("S-1").progress)


def test_a_settled_voucher_counts_even_if_nobody_recorded_handing_it_over() -> None:
    assert finished(promised().draw().answer("settled").progress)


def test_a_paper_that_comes_after_a_slip_opens_the_case_and_one_after_a_voucher_does_not() -> None:
    slip = History(POLICY).papers(Material.APPLICATION).slip().out("S-1")
    assert finished(slip.progress)
    assert not finished(slip.papers(Material.MEDICAL_RECORD).progress)
    voucher = promised().out()
    assert finished(voucher.papers(Material.OTHER).progress)


def test_a_new_decision_after_the_paper_opens_the_case() -> None:
    case = promised().out().decide(SECOND, decision="two")
    assert not finished(case.progress)
    assert finished(case.slip().out("S-1").progress)


def test_the_same_decision_again_does_not_open_the_case() -> None:
    assert finished(promised().out().decide().progress)


def test_two_policies_with_the_same_decision_each_need_their_own_voucher() -> None:
    """The bytes of two decisions can be the same; a voucher promises one policy."""
    case = promised().decide(SECOND).out()
    assert not finished(case.progress)
    assert finished(case.voucher("V-2", SECOND).out("V-2").progress)


def test_a_reprint_leaves_a_paper_where_it_is() -> None:
    case = promised().out().draw(copy_no=2).print(copy_no=2)
    assert finished(case.progress)
    assert case.progress.papers[0].copies_printed == 2


@pytest.mark.parametrize(
    ("settlement", "replay", "expected"),
    [
        ("hold", "identical", True),
        ("settled", "different", False),
        (None, "different", True),
        (None, "impossible", True),
        (None, "identical", False),
    ],
)
def test_what_headquarters_says_is_sent_back_or_not(settlement: str | None, replay: str, expected: bool) -> None:
    assert sent_back(promised().answer(settlement, replay=replay).progress) is expected


def test_a_later_verdict_and_a_void_end_a_hold() -> None:
    held = promised().answer("hold")
    assert not sent_back(promised().answer("hold").answer("settled").progress)
    assert not sent_back(held.void().progress)


def test_a_referral_that_replays_otherwise_is_sent_back() -> None:
    case = History(POLICY).papers(*NEEDED).decide(outcome=Outcome.REFERRED).slip().out("S-1")
    assert not sent_back(case.progress)
    assert sent_back(case.answer(None, None, "different").progress)


def test_progress_reads_back_from_its_bytes() -> None:
    progress = promised().out().answer("hold").facts(accident=True, birth_date="2014-06-02").progress
    assert msgspec.json.decode(msgspec.json.encode(progress), type=CaseProgress) == progress


def test_facts_of_another_meaning_are_left_alone() -> None:
    assert History(POLICY).facts(accident="yes").progress.accident is None
