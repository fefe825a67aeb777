"""A held promise is decided once, by a named person who sees both sides; no decision makes a ledger say more than its limit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import msgspec
import pytest
from sqlalchemy import func, select

from claims.errors import InputError
from claims.events import VoucherRecovered
from claims.statements import SettlementAnswered, TaskAssigned
from headquarters.__main__ import main
from headquarters.hold_decisions import NewHoldDecision, decide_hold
from headquarters.holds import HoldChoice, find_hold, open_holds
from headquarters.models import Grant, Pool, Settlement, Voucher
from headquarters.models_payments import HoldDecision, RealisedExposure
from headquarters.payment_accounts import give_account
from headquarters.payment_batches import make_batch
from headquarters.standing import read_standing
from tests.headquarters.laptop import AT, MEDICAL, MEDICAL_FEN, medical_pool
from tests.headquarters.test_recovered_vouchers import bring, promised

WHY = "已核对两站材料"


def decision(voucher: str, choice: HoldChoice = HoldChoice.SETTLE, by: str = "韦青", **more: object) -> NewHoldDecision:
    return NewHoldDecision(voucher=voucher, choice=choice, by=by, reason=WHY, **more)  # type: ignore[arg-type]  # named fields


@pytest.fixture
def overlap(stocked, make_laptop, pack, clinic_policy):
    """The same bill promised from the floats of two stations: one settled, one held."""
    first, second = make_laptop("D3", float_fen=1_000_000), make_laptop("D4", float_fen=1_000_000)
    one, two = first.promise(pack, clinic_policy, MEDICAL), second.promise(pack, clinic_policy, MEDICAL)
    for laptop in (first, second):
        laptop.send_log()
        laptop.down()
    return first, second, one, two


def newest(laptop, voucher_no) -> SettlementAnswered:
    laptop.down()
    return [each for each in laptop.inbox if isinstance(each, SettlementAnswered) and each.voucher_no == voucher_no][-1]


def test_a_hold_shows_both_sides(stocked, overlap):
    _, _, one, two = overlap
    (hold,) = open_holds(stocked)
    assert (hold.voucher_no, hold.amount_fen) == (two.voucher_no, MEDICAL_FEN)
    (other,) = hold.others
    assert (hold.own.device, hold.own.verdict, hold.own.replay) == ("D4", "hold", "identical")
    assert (other.voucher_no, other.device, other.verdict) == (one.voucher_no, "D3", "settled")
    for side in (hold.own, other):
        assert side.case is not None
        assert side.case.insured.name == "覃建国"
        assert side.payee is not None
        assert side.facts["bill_number"] == "0000000001"
        assert side.decision is not None
        assert side.keys[0].amount_fen == MEDICAL_FEN


def test_paying_an_overlap_says_what_it_passes_and_needs_a_second_person(stocked, overlap):
    _, second, one, two = overlap
    with pytest.raises(InputError, match="beyond_limit") as refused:
        decide_hold(stocked, decision(two.voucher_no))
    assert one.voucher_no in refused.value.cause.zh
    assert "1,332.04" in refused.value.cause.zh
    for partner in (None, "  ", "韦青"):
        with pytest.raises(InputError, match="second_missing"):
            decide_hold(stocked, decision(two.voucher_no, beyond_limit=True, second=partner))
    assert read_standing(stocked).settled_fen == MEDICAL_FEN
    decided = decide_hold(stocked, decision(two.voucher_no, beyond_limit=True, second="莫兰"))
    assert (decided.settled_fen, decided.beyond_fen) == (0, MEDICAL_FEN)
    with stocked.database.read() as session:
        (row,) = session.scalars(select(RealisedExposure))
        assert (row.amount_fen, row.decided_by, row.second) == (MEDICAL_FEN, "韦青", "莫兰")
        # The ledgers say what they said: one settlement of the key, the pool within its limit.
        assert session.scalar(select(func.count()).select_from(Settlement)) == 1
        assert session.get_one(Pool, medical_pool()).settled == MEDICAL_FEN
    told = newest(second, two.voucher_no)
    assert (told.settlement, told.amount_fen, WHY in told.reason.zh) == ("settled", MEDICAL_FEN, True)


def test_a_duplicate_is_refused_and_the_station_gets_a_task(stocked, overlap):
    _, second, one, two = overlap
    decide_hold(stocked, decision(two.voucher_no, HoldChoice.REFUSE_DUPLICATE))
    told = newest(second, two.voucher_no)
    assert (told.settlement, one.voucher_no in told.reason.zh) == (None, True)
    tasks = [each for each in second.inbox if isinstance(each, TaskAssigned)]
    assert two.voucher_no in tasks[-1].text.zh
    assert open_holds(stocked) == ()
    with pytest.raises(InputError, match="hold_decided"):
        find_hold(stocked, two.voucher_no)


def test_there_must_be_another_voucher_to_be_a_duplicate_of(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000, authority_fen=1)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    with pytest.raises(InputError, match="no_duplicate"):
        decide_hold(stocked, decision(voucher.voucher_no, HoldChoice.REFUSE_DUPLICATE))


def test_what_fits_is_settled_under_its_own_key(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000, authority_fen=1)  # held for the authority alone
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    decided = decide_hold(stocked, decision(voucher.voucher_no))
    assert (decided.settled_fen, decided.beyond_fen, decided.passed) == (MEDICAL_FEN, 0, ())
    with stocked.database.read() as session:
        assert session.get_one(Settlement, voucher.keys[0].settlement_key).amount_fen == MEDICAL_FEN
        assert session.get_one(Pool, medical_pool()).settled == MEDICAL_FEN
        grant = session.get_one(Grant, voucher.debits[0].grant_id)
        assert (grant.spent_fen, grant.settled_fen) == (MEDICAL_FEN, MEDICAL_FEN)


def test_a_part_is_settled_and_the_rest_of_the_debit_stays_kept_aside(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000, authority_fen=1)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    assert decide_hold(stocked, decision(voucher.voucher_no, amount_fen=100_000)).settled_fen == 100_000
    with stocked.database.read() as session:
        assert session.get_one(Pool, medical_pool()).settled == 100_000
        assert session.get_one(Grant, voucher.debits[0].grant_id).settled_fen == 100_000


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_fen": 0}, "sum_impossible"),
        ({"amount_fen": -1}, "sum_impossible"),
        ({"amount_fen": MEDICAL_FEN + 1}, "above_promise"),
        ({"by": " "}, "words_missing"),
        ({"voucher": "QX07-D3-999999-00"}, "hold_unknown"),
        ({"voucher": "D9.1.7"}, "hold_unknown"),
    ],
)
def test_nonsense_decides_nothing(stocked, overlap, changes, code):
    two = overlap[3]
    fields = {"voucher": two.voucher_no, "choice": HoldChoice.SETTLE, "by": "韦青", "reason": WHY}
    with pytest.raises(InputError, match=code):
        decide_hold(stocked, NewHoldDecision(**{**fields, **changes}))
    assert len(open_holds(stocked)) == 1


def test_the_same_decision_again_changes_nothing_and_another_one_is_told_who_was_first(stocked, overlap):
    two = overlap[3]
    decide_hold(stocked, decision(two.voucher_no, HoldChoice.VOID))
    assert decide_hold(stocked, decision(two.voucher_no, HoldChoice.VOID)).again
    with pytest.raises(InputError, match="hold_decided") as refused:
        decide_hold(stocked, decision(two.voucher_no, by="莫兰"))
    assert "韦青" in refused.value.cause.zh
    with stocked.database.read() as session:
        assert session.scalar(select(func.count()).select_from(HoldDecision)) == 1


def test_of_two_people_at_once_one_decides(stocked, overlap):
    two = overlap[3]
    together = Barrier(2)

    def decide(by: str) -> str:
        together.wait()
        try:
            decide_hold(stocked, decision(two.voucher_no, HoldChoice.REFUSE_DUPLICATE, by))
        except InputError as problem:
            return problem.code
        return "done"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(decide, ("韦青", "莫兰"))) == ["done", "hold_decided"]


def test_a_number_used_twice_is_decided_by_its_place(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000, authority_fen=1)
    laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.used["voucher"] -= 1
    second = laptop.promise(pack, clinic_policy, dict(MEDICAL) | {"bill_number": "0000000002"})
    laptop.send_log()
    one, two = open_holds(stocked)
    with pytest.raises(InputError, match="hold_ambiguous") as refused:
        decide_hold(stocked, decision(second.voucher_no))
    assert one.hold_id in refused.value.cause.zh
    decide_hold(stocked, decision(two.hold_id, HoldChoice.VOID))
    assert [each.hold_id for each in open_holds(stocked)] == [one.hold_id]


def test_a_voucher_voided_after_settlement_comes_off_the_ledgers_when_a_person_says_so(
    stocked, make_laptop, pack, clinic_policy
):
    laptop = make_laptop(float_fen=1_000_000)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    laptop.commit(laptop.void(voucher.voucher_no))
    laptop.send_log()
    decide_hold(stocked, decision(voucher.voucher_no, HoldChoice.VOID))
    with stocked.database.read() as session:
        pool = session.get_one(Pool, medical_pool())
        assert (pool.settled, pool.used) == (0, 0)
        assert session.scalars(select(Settlement)).all() == []
        assert session.get_one(Grant, voucher.debits[0].grant_id).settled_fen == 0
        assert session.scalars(select(Voucher.verdict)).all() == ["voided"]


def test_or_stays_settled_when_the_person_finds_it_right(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    laptop.commit(laptop.void(voucher.voucher_no))
    laptop.send_log()
    assert decide_hold(stocked, decision(voucher.voucher_no)).settled_fen == MEDICAL_FEN
    assert read_standing(stocked).settled_fen == MEDICAL_FEN


def test_the_commands_show_and_decide(stocked, overlap, tmp_path, capsys):
    _, _, one, two = overlap
    folder = str(tmp_path / "hq")
    assert main(["holds", folder]) == 0
    shown = capsys.readouterr().out
    assert one.voucher_no in shown
    assert two.voucher_no in shown
    assert "bill_number=0000000001" in shown
    arguments = ["decide-hold", folder, two.voucher_no, "--by", "韦青", "--reason", WHY]
    assert main([*arguments, "--settle"]) == 1
    assert "--second" in capsys.readouterr().err
    assert main([*arguments, "--refuse-duplicate"]) == 0
    assert main([*arguments, "--refuse-duplicate"]) == 0
    assert "此前已决定" in capsys.readouterr().out


def test_a_voucher_of_which_only_the_code_is_known_needs_two_people_and_an_account(
    stocked, make_laptop, pack, clinic_policy
):
    lost, reader = make_laptop("D3", float_fen=1_000_000), make_laptop("D4")
    voucher = lost.promise(pack, clinic_policy, MEDICAL)
    reader.commit(VoucherRecovered(at=AT, cose=voucher.cose, source="photo.jpg", source_sha256="ab" * 32))
    reader.send_log()
    (hold,) = open_holds(stocked)
    assert (hold.own.case, hold.own.payee, hold.own.keys) == (None, None, ())
    with pytest.raises(InputError, match="beyond_limit"):
        decide_hold(stocked, decision(voucher.voucher_no))
    decide_hold(stocked, decision(voucher.voucher_no, beyond_limit=True, second="莫兰"))
    made = make_batch(stocked)
    assert (made.batch, voucher.voucher_no in made.left_out[0].zh) == (None, True)
    give_account(stocked, voucher.voucher_no, bank="示例银行", account="6200", by="莫兰", reason=WHY)
    (line,) = make_batch(stocked).batch.instructions
    assert (line.payee_name, line.account, line.amount_fen) == ("覃建国", "6200", MEDICAL_FEN)
    # The lost log turns up afterwards: it is the same promise, and nothing more is paid.
    lost.send_log()
    lost.down()
    assert make_batch(stocked).batch is None
    assert read_standing(stocked).settled_fen == 0
    assert open_holds(stocked) == ()


def test_what_was_let_through_is_decided_anew_after_the_station_voids_it(stocked, overlap):
    _, second, _, two = overlap
    both = {"beyond_limit": True, "second": "莫兰"}
    decide_hold(stocked, decision(two.voucher_no, **both))
    second.commit(second.void(two.voucher_no))
    second.send_log()
    again = decide_hold(stocked, decision(two.voucher_no, amount_fen=100_000, **both))
    assert again.beyond_fen == 100_000
    assert {each.amount_fen for each in make_batch(stocked).batch.instructions} == {MEDICAL_FEN, 100_000}


def test_one_number_on_one_loss_twice_is_never_paid_twice_by_one_person(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.used["voucher"] -= 1
    laptop.book = msgspec.structs.replace(laptop.book, promised_keys=frozenset())  # a restored image
    laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    (hold,) = open_holds(stocked)
    with pytest.raises(InputError, match="beyond_limit"):
        decide_hold(stocked, decision(hold.hold_id))
    decide_hold(stocked, decision(hold.hold_id, HoldChoice.REFUSE_DUPLICATE))
    assert make_batch(stocked).batch.paid_fen == MEDICAL_FEN


def test_a_voucher_paid_from_its_paper_is_not_paid_again_when_its_log_turns_up(
    stocked, make_laptop, pack, clinic_policy
):
    lost, reader = make_laptop("D3", float_fen=1_000_000), make_laptop("D4")
    one = promised(lost, pack, clinic_policy)
    bring(reader, one.paper)
    assert make_batch(stocked).batch.paid_fen == MEDICAL_FEN
    lost.send_log()
    lost.down()
    assert make_batch(stocked).batch is None
    assert open_holds(stocked) == ()
