"""Money after something went wrong: a void, a restore, a stick from long ago. Nothing is paid, settled or granted a second time."""

from __future__ import annotations

import io

import pytest

from claims.errors import InputError
from headquarters.backups import make_backup
from headquarters.bundle_intake import take_bundle
from headquarters.grants import grant_allowance
from headquarters.hold_decisions import decide_hold
from headquarters.holds import HoldChoice, open_holds
from headquarters.models import Grant, Pool
from headquarters.models_money_risks import OverpaymentDecision
from headquarters.overpayments import decide_overpayment, overpayments
from headquarters.payment_accounts import give_account
from headquarters.payment_batches import make_batch
from headquarters.prepayments import prepay
from headquarters.restores import read_recovery
from headquarters.standing import read_standing
from tests.headquarters.laptop import MEDICAL, MEDICAL_FEN, medical_pool
from tests.headquarters.restoring import cycle, place_of, reopened, set_back
from tests.headquarters.test_bundle_intake import bundle, worked
from tests.headquarters.test_holds import decision
from tests.headquarters.test_payments import ahead, row, take

WHO = {"by": "韦青", "reason": "已核对"}
SECOND_BILL = dict(MEDICAL) | {"bill_number": "0000000002"}


@pytest.fixture
def settled(stocked, make_laptop, pack, clinic_policy):
    """A laptop whose one promise was settled."""
    laptop = make_laptop(float_fen=1_000_000)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    laptop.down()
    return laptop, voucher


@pytest.fixture
def calculated(stocked, make_laptop, pack, clinic_policy):
    """A case that was calculated and not promised yet."""
    laptop = make_laptop(float_fen=1_000_000)
    case = laptop.open_case()
    made, outcome = laptop.decide(pack, clinic_policy, case, MEDICAL)
    laptop.commit(case, made)
    laptop.send_log()
    laptop.down()
    return laptop, case, made, outcome


def settled_fen(hq, voucher) -> int:
    with hq.database.read() as session:
        return session.get_one(Grant, voucher.debits[0].grant_id).settled_fen


def void_at_the_station(laptop, voucher) -> None:
    laptop.commit(laptop.void(voucher.voucher_no))
    laptop.send_log()
    laptop.down()


def test_a_smaller_sum_after_the_station_voided_it_is_what_is_settled_and_paid(stocked, settled):
    laptop, voucher = settled
    void_at_the_station(laptop, voucher)
    assert decide_hold(stocked, decision(voucher.voucher_no, amount_fen=100_000)).settled_fen == 100_000
    assert read_standing(stocked).settled_fen == 100_000
    assert settled_fen(stocked, voucher) == 100_000
    assert make_batch(stocked).batch.paid_fen == 100_000


def test_a_sum_that_left_does_not_become_less_by_deciding_it(stocked, settled):
    laptop, voucher = settled
    make_batch(stocked)
    void_at_the_station(laptop, voucher)
    assert decide_hold(stocked, decision(voucher.voucher_no, amount_fen=100_000)).settled_fen == 100_000
    # The money is away: the ledgers say so until it is back, and nothing negative leaves.
    assert read_standing(stocked).settled_fen == MEDICAL_FEN
    assert make_batch(stocked).batch is None
    (above,) = overpayments(stocked)
    assert (above.paid_fen, above.due_fen, above.over_fen) == (MEDICAL_FEN, 100_000, MEDICAL_FEN - 100_000)
    for _ in range(2):  # the same twice is the same
        decide_overpayment(stocked, above.overpayment_id, OverpaymentDecision.RECOVERED, **WHO)
    assert read_standing(stocked).settled_fen == 100_000 == settled_fen(stocked, voucher)
    with stocked.database.read() as session:
        assert session.get_one(Pool, medical_pool()).settled == 100_000
    assert make_batch(stocked).batch is None
    assert overpayments(stocked) == ()
    with pytest.raises(InputError, match="overpayment_decided"):
        decide_overpayment(stocked, above.overpayment_id, OverpaymentDecision.WAIVED, **WHO)


def test_more_decided_after_a_part_left_is_paid_as_a_balance_once(stocked, settled):
    laptop, voucher = settled
    void_at_the_station(laptop, voucher)
    decide_hold(stocked, decision(voucher.voucher_no, amount_fen=100_000))
    (first,) = make_batch(stocked).batch.instructions
    take(stocked, row(first.instruction_id, amount="1000.00"))
    void_at_the_station(laptop, voucher)
    # Within the loss and its pools no second person is needed for the rest.
    assert decide_hold(stocked, decision(voucher.voucher_no)).beyond_fen == 0
    (balance,) = make_batch(stocked).batch.instructions
    assert (balance.subject, balance.amount_fen) == (voucher.voucher_no, MEDICAL_FEN - 100_000)
    assert balance.instruction_id != first.instruction_id
    assert make_batch(stocked).batch is None
    assert read_standing(stocked).settled_fen == MEDICAL_FEN == settled_fen(stocked, voucher)
    with stocked.database.read() as session:
        assert session.get_one(Pool, medical_pool()).settled == MEDICAL_FEN


def test_a_balance_that_comes_back_waits_for_another_account_and_the_first_part_is_not_paid_again(stocked, settled):
    laptop, voucher = settled
    void_at_the_station(laptop, voucher)
    decide_hold(stocked, decision(voucher.voucher_no, amount_fen=100_000))
    (first,) = make_batch(stocked).batch.instructions
    void_at_the_station(laptop, voucher)
    decide_hold(stocked, decision(voucher.voucher_no))
    (balance,) = make_batch(stocked).batch.instructions
    take(stocked, row(balance.instruction_id, "returned", amount="332.04"))
    assert make_batch(stocked).batch is None
    give_account(stocked, voucher.voucher_no, bank="示例银行", account="6200000000000009", **WHO)
    (again,) = make_batch(stocked).batch.instructions
    assert (again.amount_fen, again.account) == (MEDICAL_FEN - 100_000, "6200000000000009")
    # An old word on the first part: that part alone goes again, and again only to an account given since.
    take(stocked, row(first.instruction_id, "returned", amount="1000.00"))
    (part,) = make_batch(stocked).batch.instructions
    assert (part.amount_fen, part.account) == (100_000, "6200000000000009")
    assert make_batch(stocked).batch is None


def test_every_part_of_a_voucher_that_is_given_up_is_called_back(stocked, settled):
    laptop, voucher = settled
    void_at_the_station(laptop, voucher)
    decide_hold(stocked, decision(voucher.voucher_no, amount_fen=100_000))
    make_batch(stocked)
    void_at_the_station(laptop, voucher)
    decide_hold(stocked, decision(voucher.voucher_no))
    make_batch(stocked)
    void_at_the_station(laptop, voucher)
    decide_hold(stocked, decision(voucher.voucher_no, HoldChoice.VOID))
    recalls = make_batch(stocked).batch.instructions
    assert sorted(each.amount_fen for each in recalls) == [MEDICAL_FEN - 100_000, 100_000]
    small, large = sorted(recalls, key=lambda each: each.amount_fen)
    take(stocked, row(large.instruction_id, "returned", amount="1000.00"))
    assert read_standing(stocked).settled_fen == MEDICAL_FEN  # the rest is still with the payee
    take(stocked, row(small.instruction_id, "returned", amount="332.04"))
    assert read_standing(stocked).settled_fen == 0


def test_a_voucher_that_was_settled_waits_for_a_person_however_often_the_station_voids_it(stocked, settled):
    laptop, voucher = settled
    make_batch(stocked)
    void_at_the_station(laptop, voucher)
    void_at_the_station(laptop, voucher)
    assert [each.voucher_no for each in open_holds(stocked)] == [voucher.voucher_no]


def test_voiding_a_hold_leaves_what_others_settled_from_the_same_grant(
    stocked, settled, make_laptop, pack, clinic_policy
):
    other = make_laptop("D4", float_fen=1_000_000)
    fine = other.promise(pack, clinic_policy, SECOND_BILL)
    held = other.promise(pack, clinic_policy, MEDICAL)
    other.send_log()
    other.down()
    before = settled_fen(stocked, fine)
    decide_hold(stocked, decision(held.voucher_no, HoldChoice.VOID))
    assert settled_fen(stocked, fine) == before > 0


def test_money_of_which_the_bank_says_twice_that_it_is_back_comes_off_the_ledgers_once(
    stocked, settled, pack, clinic_policy
):
    laptop, voucher = settled
    other = laptop.promise(pack, clinic_policy, SECOND_BILL)
    laptop.send_log()
    laptop.down()
    paid = next(each for each in make_batch(stocked).batch.instructions if each.subject == voucher.voucher_no)
    void_at_the_station(laptop, voucher)
    decide_hold(stocked, decision(voucher.voucher_no, HoldChoice.VOID))
    (recall,) = make_batch(stocked).batch.instructions
    take(stocked, row(paid.instruction_id, "returned"))
    take(stocked, row(recall.instruction_id, "returned", on="2026-12-05"))
    assert settled_fen(stocked, voucher) == other.amount_fen == read_standing(stocked).settled_fen


def test_what_left_for_the_bank_after_the_backup_does_not_leave_again_after_the_restore(stocked, settled, tmp_path):
    laptop, voucher = settled
    make_backup(stocked, tmp_path / "backups")
    (sent,) = make_batch(stocked).batch.instructions
    set_back(stocked, place_of(stocked))
    with reopened(stocked, [laptop]) as restored:
        cycle(laptop)
        assert make_batch(restored).batch is None
        assert take(restored, row(sent.instruction_id)).new == 1
        void_at_the_station(laptop, voucher)
        decide_hold(restored, decision(voucher.voucher_no, HoldChoice.VOID))
        (recall,) = make_batch(restored).batch.instructions
        assert recall.recalls == sent.instruction_id


def test_a_payment_whose_log_came_after_the_backup_does_not_leave_again_either(
    stocked, make_laptop, pack, clinic_policy, tmp_path
):
    laptop = make_laptop(float_fen=1_000_000)
    make_backup(stocked, tmp_path / "backups")
    laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    laptop.down()
    (sent,) = make_batch(stocked).batch.instructions
    set_back(stocked, place_of(stocked))
    with reopened(stocked, [laptop]) as restored:
        assert take(restored, row(sent.instruction_id, "paid")).new == 1
        cycle(laptop)
        assert read_standing(restored).settled_fen == MEDICAL_FEN
        assert make_batch(restored).batch is None


def test_a_payment_that_left_before_the_restore_is_no_silent_matter_when_the_station_voided_it(
    stocked, make_laptop, pack, clinic_policy, tmp_path
):
    laptop = make_laptop(float_fen=1_000_000)
    make_backup(stocked, tmp_path / "backups")
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    laptop.down()
    (sent,) = make_batch(stocked).batch.instructions
    void_at_the_station(laptop, voucher)
    set_back(stocked, place_of(stocked))
    with reopened(stocked, [laptop]) as restored:
        cycle(laptop)
        cycle(laptop)
        assert [each.voucher_no for each in open_holds(restored)] == [voucher.voucher_no]
        decide_hold(restored, decision(voucher.voucher_no, HoldChoice.VOID))
        (recall,) = make_batch(restored).batch.instructions
        assert recall.recalls == sent.instruction_id


def test_nothing_is_paid_ahead_or_settled_by_a_person_while_headquarters_may_have_forgotten_allowances(
    stocked, settled, make_laptop, tmp_path
):
    laptop, voucher = settled
    other = make_laptop("D4")
    void_at_the_station(laptop, voucher)
    make_backup(stocked, tmp_path / "backups")
    grant_allowance(stocked, "D4", medical_pool(), 1_500_000, 30)
    other.down()
    set_back(stocked, place_of(stocked))
    with reopened(stocked, [laptop, other]) as restored:
        cycle(laptop)
        with pytest.raises(InputError, match="recovering"):
            prepay(restored, ahead(voucher.case_no))
        with pytest.raises(InputError, match="recovering"):
            decide_hold(restored, decision(voucher.voucher_no))
        decide_hold(restored, decision(voucher.voucher_no, HoldChoice.VOID))


def test_a_bundle_from_before_the_restore_is_no_word_of_what_the_laptop_holds_today(hq, make_laptop, tmp_path):
    laptop = worked(make_laptop("D3"))
    cycle(laptop)
    old = bundle(hq, laptop)
    make_backup(hq, tmp_path / "backups")
    grant_allowance(hq, "D3", "P1", 100_000, 30, pool_limit_fen=100_000)
    laptop.down()
    set_back(hq, place_of(hq))
    with reopened(hq, [laptop]) as restored:
        assert take_bundle(restored, io.BytesIO(old)).whole
        assert [each.device for each in read_recovery(restored).unheard] == ["D3"]
        with pytest.raises(InputError, match="recovering"):
            grant_allowance(restored, "D3", "P1", 100_000, 30, pool_limit_fen=100_000)
        cycle(laptop)
        assert read_recovery(restored) is None


def test_a_prepayment_that_the_restore_forgot_is_learnt_from_the_laptop(stocked, calculated, tmp_path, clinic_policy):
    laptop, case, made, outcome = calculated
    make_backup(stocked, tmp_path / "backups")
    one = prepay(stocked, ahead(case.case_no))
    make_batch(stocked)
    laptop.down()
    laptop.commit(laptop.issue(clinic_policy, case, made, outcome))  # the whole sum, promised before it heard
    set_back(stocked, place_of(stocked))
    with reopened(stocked, [laptop]) as restored:
        cycle(laptop)
        cycle(laptop)
        assert [each.case_no for each in open_holds(restored)] == [case.case_no]
        assert read_standing(restored).settled_fen == one.amount_fen
        assert make_batch(restored).batch is None
        with restored.database.read() as session:
            assert session.get_one(Pool, medical_pool()).settled == one.amount_fen


def test_a_prepayment_known_from_a_laptop_only_is_not_paid_before_a_person_gives_its_account(
    stocked, calculated, tmp_path
):
    laptop, case, _, _ = calculated
    make_backup(stocked, tmp_path / "backups")
    one = prepay(stocked, ahead(case.case_no))
    laptop.down()
    set_back(stocked, place_of(stocked))
    with reopened(stocked, [laptop]) as restored:
        cycle(laptop)
        made = make_batch(restored)
        assert (made.batch, one.prepayment_no in made.left_out[0].zh) == (None, True)
