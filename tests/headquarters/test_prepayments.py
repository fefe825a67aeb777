"""Money paid ahead: one order is one prepayment, on a calculation that headquarters bears out, and never silently more than is due."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from claims.errors import InputError
from claims.lifecycle import FinalDecision
from headquarters.__main__ import main
from headquarters.backups import make_backup
from headquarters.decisions import NewDecision, decide_claim
from headquarters.models import Pool, Replay
from headquarters.models_money_risks import OverpaymentDecision
from headquarters.models_payments import Prepayment
from headquarters.overpayments import decide_overpayment, overpayments
from headquarters.payment_batches import make_batch
from headquarters.prepayments import prepay
from headquarters.reviews import withdraw_case
from headquarters.standing import read_standing
from resources.sample_numbers import CLINIC
from rules.engine.model import canonical
from tests.headquarters.laptop import LOSS, MEDICAL, MEDICAL_FEN
from tests.headquarters.restoring import cycle, place_of, reopened, set_back
from tests.headquarters.test_payments import ahead, promise_after, rest_of

WHO = {"by": "韦青", "reason": "已核对"}
CASH = {
    "accident": True,
    "accident_date": LOSS.isoformat(),
    "admission_date": (LOSS + timedelta(days=1)).isoformat(),
    "possible_exclusion": False,
    "hospital_level": "2",
    "hospital_public": True,
    "emergency": False,
}


@pytest.fixture
def calculated(stocked, make_laptop, pack, clinic_policy):
    """A case that was calculated and not promised yet."""
    laptop = make_laptop(float_fen=1_000_000)
    case = laptop.open_case()
    made, _ = laptop.decide(pack, clinic_policy, case, MEDICAL)
    send(laptop, case, made)
    return laptop, case, made


def send(laptop, *events) -> None:
    laptop.commit(*events)
    laptop.send_log()
    laptop.down()


def prepaid(hq) -> list[Prepayment]:
    with hq.database.read() as session:
        return list(session.scalars(select(Prepayment)))


def days_of(hq) -> dict[str, int]:
    with hq.database.read() as session:
        return {each.pool_id.split("/")[0]: each.used for each in session.scalars(select(Pool)) if each.unit == "day"}


def test_the_same_order_twice_is_one_prepayment(stocked, calculated):
    _, case, _ = calculated
    order = ahead(case.case_no, reference="YF-2026-001")
    first, second = prepay(stocked, order), prepay(stocked, order)
    assert first.prepayment_no == second.prepayment_no
    assert (len(prepaid(stocked)), read_standing(stocked).settled_fen) == (1, 100_000)
    with pytest.raises(InputError, match="reference_taken") as refused:
        prepay(stocked, ahead(case.case_no, 50_000, reference="YF-2026-001"))
    assert first.prepayment_no in refused.value.cause.zh
    with pytest.raises(InputError, match="words_missing"):
        prepay(stocked, ahead(case.case_no, reference=" "))


def test_money_paid_ahead_and_a_withdrawn_case_exclude_each_other(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    one, other = laptop.open_case(), laptop.open_case()
    for case in (one, other):
        send(laptop, case, laptop.decide(pack, clinic_policy, case, MEDICAL)[0])
    prepay(stocked, ahead(one.case_no, reference="YF-2026-011"))
    with pytest.raises(InputError, match="promise_stands"):
        withdraw_case(stocked, one.case_no, **WHO)
    withdraw_case(stocked, other.case_no, **WHO)
    with pytest.raises(InputError, match="case_withdrawn"):
        prepay(stocked, ahead(other.case_no, reference="YF-2026-012"))


def test_the_same_order_after_the_final_promise_or_a_restore_is_still_the_same(stocked, calculated, tmp_path):
    laptop, case, _ = calculated
    make_backup(stocked, tmp_path / "backups")
    order = ahead(case.case_no, reference="YF-2026-001")
    first = prepay(stocked, order)
    laptop.down()
    set_back(stocked, place_of(stocked))
    with reopened(stocked, [laptop]) as restored:
        cycle(laptop)
        assert prepay(restored, order).prepayment_no == first.prepayment_no
        assert len(prepaid(restored)) == 1


def test_the_command_needs_a_reference_and_says_the_same_twice(stocked, calculated, capsys, tmp_path):
    _, case, _ = calculated
    words = ["prepay", str(stocked.home), case.case_no, "--policy", CLINIC, "--liability", "accident_medical"]
    words += ["--payee", "覃建国", "--bank", "示例银行", "--account", "6200", "--amount", "1000", "--by", "韦青"]
    words += ["--reason", "治疗未结束"]
    with pytest.raises(SystemExit):
        main(words)
    capsys.readouterr()
    assert [main([*words, "--reference", "YF-1"]) for _ in range(2)] == [0, 0]
    first, second = capsys.readouterr().out.splitlines()
    assert first == second
    assert len(prepaid(stocked)) == 1


@pytest.mark.parametrize("verdict", ["different", "impossible", None])
def test_a_calculation_that_headquarters_does_not_bear_out_needs_a_second_person(stocked, calculated, verdict):
    _, case, _ = calculated
    with stocked.database.write() as session:
        row = session.scalars(select(Replay)).one()
        if verdict is None:
            session.delete(row)
        else:
            row.verdict, row.difference = verdict, "total_fen"
    with pytest.raises(InputError, match="not_borne_out"):
        prepay(stocked, ahead(case.case_no))
    with pytest.raises(InputError, match="not_borne_out"):
        prepay(stocked, ahead(case.case_no, confirmed_by="韦青"))  # not a second one
    assert prepay(stocked, ahead(case.case_no, confirmed_by="莫兰")).confirmed_by == "莫兰"


def test_a_larger_sum_than_the_rules_come_to_is_no_ground(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop()
    case = laptop.open_case()
    made, outcome = laptop.decide(pack, clinic_policy, case, MEDICAL)
    more = msgspec.structs.replace(outcome.liabilities[0], amount_fen=MEDICAL_FEN * 2, shares_fen=(MEDICAL_FEN * 2,))
    forged = msgspec.structs.replace(outcome, total_fen=MEDICAL_FEN * 2, liabilities=(more,))
    send(laptop, case, msgspec.structs.replace(made, decision=msgspec.Raw(canonical(forged))))
    with pytest.raises(InputError, match="not_borne_out"):
        prepay(stocked, ahead(case.case_no, MEDICAL_FEN * 2))


def test_a_colleagues_calculation_or_other_contract_facts_are_no_ground(
    stocked, calculated, make_laptop, pack, clinic_policy
):
    laptop, case, _ = calculated
    richer = msgspec.structs.replace(clinic_policy, terms=clinic_policy.terms | {"sum_insured": 99_000_000})
    made, _ = laptop.decide(pack, richer, case, MEDICAL)
    send(laptop, made)
    with pytest.raises(InputError, match="not_borne_out") as refused:
        prepay(stocked, ahead(case.case_no))
    assert "sum_insured" in refused.value.cause.zh
    other = make_laptop("D4")
    made, _ = other.decide(pack, clinic_policy, case, dict(MEDICAL) | {"bill_total": 900_000})
    stocked.now.forward(minutes=1)
    send(other, made)
    with pytest.raises(InputError, match="not_borne_out") as refused:
        prepay(stocked, ahead(case.case_no))
    assert "D4" in refused.value.cause.zh


@pytest.mark.parametrize("field_knows", [True, False])
def test_more_paid_ahead_than_the_benefit_is_opened_for_a_person_by_itself(
    stocked, calculated, pack, clinic_policy, field_knows
):
    laptop, case, _ = calculated
    prepay(stocked, ahead(case.case_no, MEDICAL_FEN))
    policy = rest_of(clinic_policy, MEDICAL_FEN) if field_knows else clinic_policy
    smaller = dict(MEDICAL) | {"bill_total": 250_000}
    made, outcome = laptop.decide(pack, policy, case, smaller)
    whole, _ = laptop.decide(pack, clinic_policy, case, smaller)
    benefit_fen = msgspec.json.decode(bytes(whole.decision))["total_fen"]
    assert 0 < benefit_fen < MEDICAL_FEN
    assert ("recovery" in outcome.outputs_fen) is field_knows
    send(laptop, made)
    send(laptop, made)  # once more changes nothing
    (above,) = overpayments(stocked)
    assert (above.paid_fen, above.due_fen, above.over_fen) == (MEDICAL_FEN, benefit_fen, MEDICAL_FEN - benefit_fen)
    assert all(each.amount_fen > 0 for each in make_batch(stocked).batch.instructions)
    decide_overpayment(stocked, above.overpayment_id, OverpaymentDecision.WAIVED, **WHO)
    send(laptop, made)
    assert overpayments(stocked) == ()


def test_a_refused_claim_opens_all_that_was_paid_ahead(stocked, calculated, capsys):
    _, case, _ = calculated
    prepay(stocked, ahead(case.case_no))
    decide_claim(
        stocked,
        NewDecision(case.case_no, FinalDecision.DECLINE, facts="不属保险事故", clause="第五条", grounds="责任免除"),
    )
    assert main(["overpayments", str(stocked.home)]) == 0
    assert "1,000.00" in capsys.readouterr().out
    (above,) = overpayments(stocked)
    assert (
        main(
            [
                "decide-overpayment",
                str(stocked.home),
                above.overpayment_id,
                "--recovered",
                "--by",
                "韦青",
                "--reason",
                "已退回",
            ]
        )
        == 0
    )
    assert overpayments(stocked) == ()


def test_days_are_counted_with_the_first_prepayment_and_never_twice(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    case = laptop.open_case(claim_type="hospital_cash")
    stay = CASH | {"discharge_date": (LOSS + timedelta(days=11)).isoformat()}
    made, outcome = laptop.decide(pack, clinic_policy, case, stay)
    (cash,) = [each for each in outcome.liabilities if each.amount_fen]
    send(laptop, case, made)
    prepay(stocked, ahead(case.case_no, cash.amount_fen // 2, liability=cash.liability))
    assert set(days_of(stocked).values()) == {10}
    prepay(stocked, ahead(case.case_no, cash.amount_fen // 4, liability=cash.liability))
    assert set(days_of(stocked).values()) == {10}
    # The stay went on for two days; the final promise is for the rest of the money and for these two days.
    paid_fen = cash.amount_fen // 2 + cash.amount_fen // 4
    longer = stay | {"discharge_date": (LOSS + timedelta(days=13)).isoformat()}
    made, outcome = laptop.decide(pack, rest_of(clinic_policy, paid_fen), case, longer)
    voucher = promise_after(laptop, case, made, outcome, clinic_policy, times=2)
    assert laptop.answers()[voucher.voucher_no].settlement == "settled"
    assert set(days_of(stocked).values()) == {12}


def test_days_of_a_prepayment_are_known_again_after_a_restore(stocked, make_laptop, pack, clinic_policy, tmp_path):
    laptop = make_laptop(float_fen=1_000_000)
    case = laptop.open_case(claim_type="hospital_cash")
    made, outcome = laptop.decide(
        pack, clinic_policy, case, CASH | {"discharge_date": (LOSS + timedelta(days=11)).isoformat()}
    )
    (cash,) = [each for each in outcome.liabilities if each.amount_fen]
    send(laptop, case, made)
    make_backup(stocked, tmp_path / "backups")
    prepay(stocked, ahead(case.case_no, cash.amount_fen // 2, liability=cash.liability))
    laptop.down()
    before = days_of(stocked)
    set_back(stocked, place_of(stocked))
    with reopened(stocked, [laptop]) as restored:
        cycle(laptop)
        assert days_of(restored) == before


def test_a_pool_that_has_no_day_left_refuses(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop()
    case = laptop.open_case(claim_type="hospital_cash")
    made, outcome = laptop.decide(
        pack, clinic_policy, case, CASH | {"discharge_date": (LOSS + timedelta(days=11)).isoformat()}
    )
    (cash,) = [each for each in outcome.liabilities if each.amount_fen]
    send(laptop, case, made)
    prepay(stocked, ahead(case.case_no, 100, liability=cash.liability))
    with stocked.database.write() as session:
        for pool in session.scalars(select(Pool).where(Pool.unit == "day")):
            pool.used = pool.settled = pool.limit
    other = laptop.open_case(claim_type="hospital_cash", loss_date=LOSS)
    made, _ = laptop.decide(
        pack,
        clinic_policy,
        other,
        CASH
        | {
            "admission_date": (LOSS + timedelta(days=12)).isoformat(),
            "discharge_date": (LOSS + timedelta(days=14)).isoformat(),
        },
    )
    send(laptop, other, made)
    with pytest.raises(InputError, match="pool_exhausted"):
        prepay(stocked, ahead(other.case_no, 100, liability=cash.liability))
