"""A final decision of headquarters: signed to the laptop that holds the case, once, and never against words, sums or a standing promise."""

from __future__ import annotations

from datetime import date

import pytest

from claims.errors import InputError
from claims.events import VoucherVoided
from claims.lifecycle import FinalDecision
from claims.statements import ClaimDecided
from headquarters.__main__ import main
from headquarters.decisions import MAX_WORDS, NewDecision, decide_claim
from headquarters.devices import revoke
from headquarters.grants import grant_allowance
from headquarters.system_clock import system_now
from resources.sample_numbers import CLINIC
from tests.headquarters.laptop import AT, MEDICAL, medical_pool

WORDS = {
    "facts": "2026-11-20 的门诊病历记载为既往症复查。",
    "clause": "第七条第（三）项：既往症所致的医疗费用，保险人不承担给付责任。",
    "grounds": "该次门诊与本次意外无关，属于第七条第（三）项。",
}


def refusal(case_no: str, **changes: object) -> NewDecision:
    fields: dict[str, object] = {"case_no": case_no, "decision": FinalDecision.DECLINE, "refund_fen": 12_000, **WORDS}
    return NewDecision(**{**fields, **changes})  # type: ignore[arg-type]  # named fields of a decision


@pytest.fixture
def taken_in(make_laptop):
    laptop = make_laptop()
    case = laptop.open_case(policy_nos=(CLINIC,))
    laptop.commit(case)
    laptop.send_log()
    return laptop, case.case_no


def decided(laptop) -> list[ClaimDecided]:
    laptop.down()
    return [each for each in laptop.inbox if isinstance(each, ClaimDecided)]


def test_the_laptop_that_holds_the_case_gets_the_decision_signed(hq, taken_in, make_laptop):
    laptop, case_no = taken_in
    other = make_laptop("D4")
    decide_claim(hq, refusal(case_no, policy_no=CLINIC))
    (said,) = decided(laptop)
    assert (said.case_no, said.policy_no, said.decision, said.refund_fen) == (case_no, CLINIC, "decline", 12_000)
    assert (said.facts, said.clause, said.grounds) == tuple(WORDS.values())
    assert said.decided_on == date(2026, 12, 1)
    assert decided(other) == []


def test_the_command_does_the_same(hq, make_laptop, tmp_path, capsys):
    laptop = make_laptop()
    case = laptop.open_case(policy_nos=(CLINIC,), at=system_now())  # the command goes by the real clock
    laptop.commit(case)
    laptop.send_log()
    folder = str(tmp_path / "hq")
    words = [part for name, text in WORDS.items() for part in (f"--{name}", text)]
    refused = ["decide", folder, case.case_no, "--decision", "decline", "--refund", "120.00", *words]
    assert main([*refused, "--policy", CLINIC]) == 0
    assert "120.00" in capsys.readouterr().out
    (said,) = decided(laptop)
    assert (said.decision, said.policy_no, said.refund_fen) == ("decline", CLINIC, 12_000)
    assert main([*refused, "--policy", CLINIC]) == 1
    assert "完全相同" in capsys.readouterr().err
    assert main(["decide", folder, "QX07-D3-C-000777-00", "--decision", "decline", *words]) == 1
    assert "没有案件" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"case_no": "QX07-D3-C-000777-01"}, "case_unknown"),
        ({"policy_no": "P-404"}, "policy_not_in_case"),
        ({"facts": "  "}, "words_missing"),
        ({"clause": ""}, "words_missing"),
        ({"grounds": "\n"}, "words_missing"),
        ({"decided_by": ""}, "words_missing"),
        ({"grounds": "长" * (MAX_WORDS + 1)}, "words_too_long"),
        ({"refund_fen": -1}, "sum_impossible"),
        ({"refund_fen": 10**15}, "sum_impossible"),
        ({"amount_fen": 1}, "sum_impossible"),
        ({"decision": FinalDecision.PAY}, "sum_impossible"),
        ({"decided_on": date(2026, 12, 2)}, "day_impossible"),
        ({"decided_on": date(2026, 11, 30)}, "day_impossible"),
    ],
)
def test_nonsense_is_refused_in_words_and_nothing_is_sent(hq, taken_in, changes, code):
    laptop, case_no = taken_in
    with pytest.raises(InputError, match=code) as refused:
        decide_claim(hq, refusal(**{"case_no": case_no, **changes}))
    assert refused.value.cause.zh
    assert refused.value.next_step.zh
    assert decided(laptop) == []


def test_a_decision_to_pay_needs_its_sum_only(hq, taken_in):
    laptop, case_no = taken_in
    decide_claim(hq, refusal(case_no, decision=FinalDecision.PARTIAL, amount_fen=50_000, refund_fen=0))
    (said,) = decided(laptop)
    assert (said.decision, said.amount_fen) == ("partial", 50_000)


def test_the_same_decision_is_sent_once_and_another_one_follows_it(hq, taken_in):
    laptop, case_no = taken_in
    decide_claim(hq, refusal(case_no))
    with pytest.raises(InputError, match="decided_already"):
        decide_claim(hq, refusal(case_no))
    decide_claim(hq, refusal(case_no, grounds="复核后补充理由。"))
    assert [each.grounds for each in decided(laptop)] == [WORDS["grounds"], "复核后补充理由。"]


def test_nothing_is_declined_while_a_voucher_of_the_case_stands(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop()
    grant_allowance(stocked, "D3", medical_pool(), 1_000_000, 30)
    laptop.down()
    voucher = laptop.promise(pack, clinic_policy, MEDICAL, case_changes={"policy_nos": (CLINIC,)})
    laptop.send_log()
    laptop.down()
    with pytest.raises(InputError, match="promise_stands") as refused:
        decide_claim(stocked, refusal(voucher.case_no))
    assert voucher.voucher_no in refused.value.cause.zh
    assert decided(laptop) == []


def test_a_voided_voucher_is_no_promise(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop()
    grant_allowance(stocked, "D3", medical_pool(), 1_000_000, 30)
    laptop.down()
    voucher = laptop.promise(pack, clinic_policy, MEDICAL, case_changes={"policy_nos": (CLINIC,)})
    laptop.commit(VoucherVoided(at=AT, voucher_no=voucher.voucher_no, reason="录错"))
    laptop.send_log()
    laptop.down()
    decide_claim(stocked, refusal(voucher.case_no))
    assert len(decided(laptop)) == 1


def test_a_stopped_laptop_can_not_print_it(hq, taken_in):
    _, case_no = taken_in
    revoke(hq, "D3")
    with pytest.raises(InputError, match="device_stopped"):
        decide_claim(hq, refusal(case_no))


def test_a_laptop_enrolled_again_gets_the_decisions_of_its_earlier_cases(hq, taken_in, make_laptop):
    _, case_no = taken_in
    again = make_laptop()
    decide_claim(hq, refusal(case_no))
    assert [each.epoch for each in decided(again)] == [2]
