"""What headquarters makes of a promise: settled when everything agrees, held for a person when anything does not."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from claims.events import DeterminationMade, Outcome, PayeeFact, PersonFact, SlipIssued, decode_event
from claims.reference import PriorPayment
from claims.settlement import keyed_amounts
from claims.statements import SettlementAnswered
from headquarters import grants
from headquarters.grants import grant_allowance
from headquarters.models import Grant, PolicyRow, Pool, Settlement
from headquarters.sample import sample_persons, sample_policies
from headquarters.standing import read_standing
from resources.sample_numbers import COUNTER, QUAKE_DEATH, QUAKE_ID
from rules.engine.model import Unit, canonical, digest, read_decision
from tests.headquarters.laptop import AT, LOSS, MEDICAL, MEDICAL_FEN, medical_pool
from trust.vouchers import VoucherClaims, seal_voucher

YEAR_POOL = medical_pool()


def answered(laptop, voucher) -> SettlementAnswered:
    laptop.send_log()
    return laptop.answers()[voucher.voucher_no]


def test_a_promise_that_agrees_in_everything_is_settled(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    answer = answered(laptop, voucher)
    assert (answer.replay, answer.settlement, answer.amount_fen) == ("identical", "settled", MEDICAL_FEN)
    with stocked.database.read() as session:
        assert session.get_one(Pool, YEAR_POOL).settled == MEDICAL_FEN
        assert session.get_one(Settlement, voucher.keys[0].settlement_key).voucher_no == voucher.voucher_no


def test_an_allowance_on_the_pool_moves_from_promised_to_settled(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop()
    grant_id = grant_allowance(stocked, "D3", YEAR_POOL, 500_000, 30)
    laptop.down()
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    assert voucher.debits[0].grant_id == grant_id
    assert answered(laptop, voucher).settlement == "settled"
    with stocked.database.read() as session:
        grant = session.get_one(Grant, grant_id)
        assert (grant.spent_fen, grant.settled_fen, grant.returned_fen) == (MEDICAL_FEN, MEDICAL_FEN, 0)


def test_one_loss_at_two_stations_is_settled_once_and_held_once(stocked, make_laptop, pack, clinic_policy):
    first, second = make_laptop("D3", float_fen=1_000_000), make_laptop("D4", float_fen=1_000_000)
    one, two = first.promise(pack, clinic_policy, MEDICAL), second.promise(pack, clinic_policy, MEDICAL)
    assert answered(first, one).settlement == "settled"
    held = answered(second, two)
    assert (held.replay, held.settlement) == ("identical", "hold")
    assert f"已按凭证 {one.voucher_no} 结算" in held.reason.zh
    assert two.voucher_no in held.reason.zh
    assert read_standing(stocked).settled_fen == MEDICAL_FEN


def test_waivers_of_a_published_catastrophe_settle(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    bill = dict(MEDICAL) | {
        "admission_date": "2026-11-20",
        "bill_total": 821_030,
        "fund_paid": 0,
        "hospital_level": "1",
        "hospital_public": False,
        "self_expense": 191_580,
        "si_settled": False,
    }
    waivers = {
        "waive_hospital_list": True,
        "waive_drug_scope": True,
        "waive_item_scope": True,
        "major_natural_disaster": True,
    }
    voucher = laptop.promise(
        pack, clinic_policy, bill, waivers=waivers, case_changes={"catastrophe_id": QUAKE_ID, "loss_region": "990101"}
    )
    assert voucher.amount_fen == 648_824
    assert answered(laptop, voucher).settlement == "settled"


def test_a_waiver_that_nobody_declared_is_held(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL, waivers={"waive_deductible": True})
    answer = answered(laptop, voucher)
    assert (answer.replay, answer.settlement) == ("identical", "hold")
    assert "waive_deductible" in answer.reason.en


def test_terms_that_differ_from_headquarters_own_are_a_matter_of_settlement_not_replay(
    stocked, make_laptop, pack, clinic_policy
):
    laptop = make_laptop(float_fen=1_000_000)
    doctored = msgspec.structs.replace(clinic_policy, terms={**clinic_policy.terms, "sum_insured": 60_000_000})
    voucher = laptop.promise(pack, doctored, MEDICAL)
    answer = answered(laptop, voucher)
    assert (answer.replay, answer.settlement) == ("identical", "hold")
    assert "sum_insured" in answer.reason.zh


def test_more_used_than_headquarters_knows_is_the_laptops_own_earlier_promise(
    stocked, make_laptop, pack, clinic_policy
):
    laptop = make_laptop(float_fen=1_000_000)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL, used={"used_medical_year": 100})
    assert answered(laptop, voucher).settlement == "settled"


def test_less_used_than_headquarters_knows_is_held(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    doctored = msgspec.structs.replace(clinic_policy, terms={**clinic_policy.terms, "used_medical_year": 100})
    with stocked.database.write() as session:
        session.get_one(PolicyRow, clinic_policy.policy_no).record = msgspec.json.encode(doctored)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    answer = answered(laptop, voucher)
    assert (answer.settlement, "used_medical_year" in answer.reason.zh) == ("hold", True)


def test_a_policy_headquarters_does_not_have_is_held(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    voucher = laptop.promise(pack, msgspec.structs.replace(clinic_policy, policy_no="AT0000000000000"), MEDICAL)
    assert answered(laptop, voucher).settlement == "hold"


def test_a_decision_that_comes_out_differently_is_held_and_names_the_difference(
    stocked, make_laptop, pack, clinic_policy
):
    laptop = make_laptop(float_fen=1_000_000)
    case = laptop.open_case()
    made, decision = laptop.decide(pack, clinic_policy, case, MEDICAL)
    raised = msgspec.structs.replace(
        decision,
        total_fen=decision.total_fen + 1,
        liabilities=tuple(
            msgspec.structs.replace(each, amount_fen=each.amount_fen + 1, shares_fen=(each.amount_fen + 1,))
            if each.amount_fen
            else each
            for each in decision.liabilities
        ),
    )
    made = msgspec.structs.replace(made, decision=msgspec.Raw(canonical(raised)), decision_sha256=digest(raised))
    voucher = laptop.issue(clinic_policy, case, made, raised)
    laptop.commit(case, made, voucher)
    answer = answered(laptop, voucher)
    assert (answer.replay, answer.settlement) == ("different", "hold")
    assert f"total_fen: {MEDICAL_FEN + 1} != {MEDICAL_FEN}" in answer.reason.en


def test_an_unknown_pack_makes_the_replay_impossible(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    case = laptop.open_case()
    made, decision = laptop.decide(pack, clinic_policy, case, MEDICAL)
    made = msgspec.structs.replace(made, pack_hash="0" * 64)
    voucher = laptop.issue(clinic_policy, case, made, decision)
    laptop.commit(case, made, voucher)
    answer = answered(laptop, voucher)
    assert (answer.replay, answer.settlement) == ("impossible", "hold")


def test_a_voucher_without_its_determination_is_held(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    case = laptop.open_case()
    made, decision = laptop.decide(pack, clinic_policy, case, MEDICAL)
    voucher = laptop.issue(clinic_policy, case, made, decision)
    laptop.commit(case, voucher)
    answer = answered(laptop, voucher)
    assert (answer.replay, answer.settlement) == ("impossible", "hold")


def test_a_voucher_whose_paper_says_another_amount_is_held(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    case = laptop.open_case()
    made, decision = laptop.decide(pack, clinic_policy, case, MEDICAL)
    voucher = laptop.issue(clinic_policy, case, made, decision)
    claims = VoucherClaims(
        voucher_no=voucher.voucher_no,
        case_no=case.case_no,
        policy_no=made.policy_no,
        payee="覃建国",
        amount_fen=MEDICAL_FEN * 10,
        issued_at=int(AT.timestamp()),
        station="QX07",
        adjuster="0417",
        pack_hash=made.pack_hash,
        decision_sha256=made.decision_sha256,
        grants=tuple(each.grant_id for each in voucher.debits),
        counter=1,
    )
    forged = msgspec.structs.replace(voucher, cose=seal_voucher(laptop.key, laptop.identity.device_certificate, claims))
    laptop.commit(case, made, forged)
    assert answered(laptop, forged).settlement == "hold"


def test_an_amount_above_the_authority_is_held_also_when_the_case_is_split(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000, authority_fen=MEDICAL_FEN + 1)
    case = laptop.open_case()
    vouchers = []
    for number in ("0000000001", "0000000002"):
        made, decision = laptop.decide(pack, clinic_policy, case, dict(MEDICAL) | {"bill_number": number})
        vouchers.append(laptop.issue(clinic_policy, case, made, decision))
        laptop.commit(*([case] if len(vouchers) == 1 else []), made, vouchers[-1])
    laptop.send_log()
    answers = laptop.answers()
    assert [answers[each.voucher_no].settlement for each in vouchers] == ["settled", "hold"]


def test_debits_beyond_the_grant_are_held_and_never_booked(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=MEDICAL_FEN)
    case = laptop.open_case()
    made, decision = laptop.decide(pack, clinic_policy, case, MEDICAL)
    voucher = laptop.issue(clinic_policy, case, made, decision)
    laptop.commit(case, made, voucher)
    # A restored image spends the same grant again under the next counter.
    again = msgspec.structs.replace(voucher.debits[0], counter=2)
    case2 = laptop.open_case()
    made2, _ = laptop.decide(pack, clinic_policy, case2, dict(MEDICAL) | {"bill_number": "0000000002"})
    stale = laptop.book
    laptop.book = msgspec.structs.replace(
        stale, allowances=tuple(msgspec.structs.replace(each, spent_fen=0) for each in stale.allowances)
    )
    voucher2 = laptop.issue(clinic_policy, case2, made2, read_decision(bytes(made2.decision)))
    assert voucher2.debits[0].counter == again.counter
    laptop.commit(case2, made2, voucher2)
    laptop.send_log()
    assert laptop.answers()[voucher2.voucher_no].settlement == "hold"
    with stocked.database.read() as session:
        grant = session.get_one(Grant, again.grant_id)
        assert grant.spent_fen == grant.limit_fen == MEDICAL_FEN


def test_a_voucher_voided_in_the_same_batch_is_never_settled(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.commit(laptop.void(voucher.voucher_no))
    answer = answered(laptop, voucher)
    assert answer.settlement is None
    assert "作废" in answer.reason.zh
    assert read_standing(stocked).settled_fen == 0


def test_a_voucher_voided_after_settlement_goes_to_a_person(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    assert answered(laptop, voucher).settlement == "settled"
    laptop.commit(laptop.void(voucher.voucher_no))
    laptop.send_log()
    assert laptop.answers()[voucher.voucher_no].settlement == "hold"


def test_a_referred_case_is_answered_without_a_settlement(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop()
    case = laptop.open_case()
    private = dict(MEDICAL) | {"hospital_level": "1", "hospital_public": False}
    made, _ = laptop.decide(pack, clinic_policy, case, private)
    assert made.outcome is Outcome.REFERRED
    laptop.commit(case, made)
    laptop.send_log()
    laptop.down()
    answer = next(each for each in laptop.inbox if isinstance(each, SettlementAnswered))
    assert (answer.case_no, answer.voucher_no, answer.replay, answer.settlement) == (
        case.case_no,
        None,
        "identical",
        None,
    )


def test_a_pre_approval_that_ended_in_a_slip_is_answered_too(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop()
    case = laptop.open_case()
    made, _ = laptop.decide(pack, clinic_policy, case, MEDICAL)
    slip = SlipIssued(
        at=AT, case_no=case.case_no, slip_no=laptop.number("slip"), outcome=Outcome.RECEIPT_ONLY, reasons=()
    )
    laptop.commit(case, made, slip)
    laptop.send_log()
    laptop.down()
    answer = next(each for each in laptop.inbox if isinstance(each, SettlementAnswered))
    assert (answer.replay, answer.settlement) == ("identical", None)


def test_a_pool_that_only_counts_is_settled_from_the_float(stocked, make_laptop, pack):
    laptop = make_laptop(float_fen=1_000_000)
    policy = next(each for each in sample_policies() if each.policy_no == COUNTER)
    counter = {
        "account_paid": 0,
        "admission_date": LOSS.isoformat(),
        "bill_code": "99060124",
        "bill_number": "0012345678",
        "bill_total": 774_362,
        "commercial_paid": 0,
        "emergency": False,
        "fund_paid": 250_172,
        "hospital_designated": True,
        "other_payers_paid": 0,
        "possible_exclusion": False,
        "self_expense": 0,
    }
    changes = {"claim_type": "direct_settlement", "loss_date": LOSS}
    voucher = laptop.promise(pack, policy, counter, case_changes=changes)
    assert voucher.amount_fen == 419_352
    assert answered(laptop, voucher).settlement == "settled"


def voucher_with(laptop, pack, policy, **changes):
    """A promise whose voucher event differs in some fields from what the laptop would write."""
    case = laptop.open_case()
    made, decision = laptop.decide(pack, policy, case, MEDICAL)
    voucher = laptop.issue(policy, case, made, decision)
    changed = msgspec.structs.replace(voucher, **{name: change(voucher) for name, change in changes.items()})
    laptop.commit(case, made, changed)
    return changed


def first_debit(**changes):
    return lambda voucher: (msgspec.structs.replace(voucher.debits[0], **changes),)


def first_key(**changes):
    return lambda voucher: (msgspec.structs.replace(voucher.keys[0], **changes),)


@pytest.mark.parametrize(
    "wrong",
    [
        ({"debits": first_debit(counter=2)}, "次序不对"),
        ({"debits": first_debit(amount_fen=MEDICAL_FEN - 1)}, "没有足额"),
        ({"debits": first_debit(amount_fen=-1)}, "没有足额"),
        ({"debits": first_debit(pool="policy/other")}, "不属于限额池"),
        ({"debits": first_debit(grant_id="G-nobody")}, "没有授予本设备"),
        ({"debits": first_debit(settlement_key="other")}, "凭证以外"),
        ({"debits": lambda _voucher: ()}, "没有足额"),
        ({"keys": first_key(settlement_key="AT/other/key/1/x")}, "推算不符"),
        ({"keys": first_key(pools=())}, "推算不符"),
        ({"keys": first_key(pools=("policy/roomy",))}, "推算不符"),
        ({"keys": first_key(liability="accident_death")}, "没有责任"),
        ({"keys": first_key(liability="unheard_of")}, "没有责任"),
        ({"keys": first_key(amount_fen=1)}, "份额不符"),
        ({"keys": first_key(amount_fen=1)}, "合计不符"),
        ({"keys": lambda voucher: voucher.keys * 2}, "推算不符"),
        ({"keys": lambda _voucher: ()}, "合计不符"),
        ({"amount_fen": lambda _voucher: MEDICAL_FEN * 2}, "合计不符"),
        ({"amount_fen": lambda _voucher: -MEDICAL_FEN}, "合计不符"),
        ({"authority_id": lambda _voucher: "A-nobody"}, "没有授予本设备"),
        ({"case_no": lambda _voucher: "QX07-D3-C-000999-07"}, "没有案件"),
        ({"cose": lambda voucher: voucher.cose[:-1] + bytes([voucher.cose[-1] ^ 1])}, "不能通过验证"),
        ({"cose": lambda _voucher: b"rubbish"}, "不能通过验证"),
    ],
)
def test_a_voucher_that_contradicts_itself_is_held_with_the_reason(stocked, make_laptop, pack, clinic_policy, wrong):
    changes, named = wrong
    laptop = make_laptop(float_fen=1_000_000)
    voucher = voucher_with(laptop, pack, clinic_policy, **changes)
    answer = answered(laptop, voucher)
    assert answer.settlement == "hold"
    assert named in answer.reason.zh
    assert read_standing(stocked).settled_fen == 0


def test_a_voucher_signed_by_another_device_is_held(stocked, make_laptop, pack, clinic_policy):
    laptop, other = make_laptop("D3", float_fen=1_000_000), make_laptop("D4", float_fen=1_000_000)
    case = laptop.open_case()
    made, decision = laptop.decide(pack, clinic_policy, case, MEDICAL)
    laptop.key, own = other.key, laptop.key
    laptop.identity, identity = other.identity, laptop.identity
    voucher = laptop.issue(clinic_policy, case, made, decision)
    laptop.key, laptop.identity = own, identity
    laptop.commit(case, made, voucher)
    answer = answered(laptop, voucher)
    assert (answer.settlement, "另一台设备" in answer.reason.zh) == ("hold", True)


def test_a_voucher_number_used_twice_is_held(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    first = laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.used["voucher"] -= 1
    second = laptop.promise(pack, clinic_policy, dict(MEDICAL) | {"bill_number": "0000000002"})
    assert first.voucher_no == second.voucher_no
    laptop.send_log()
    laptop.down()
    answers = [each for each in laptop.inbox if isinstance(each, SettlementAnswered)]
    assert [each.settlement for each in answers] == ["settled", "hold"]


def test_a_loss_that_was_paid_before_is_held(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    decision = read_decision(bytes(laptop_determination(laptop).decision))
    liability = next(each for each in decision.liabilities if each.amount_fen)
    paid = PriorPayment(
        liability=liability.liability, amount_fen=MEDICAL_FEN, paid_on=LOSS, loss_key=liability.loss_key
    )
    known = msgspec.structs.replace(clinic_policy, prior_payments=(paid,))
    with stocked.database.write() as session:
        session.get_one(PolicyRow, clinic_policy.policy_no).record = msgspec.json.encode(known)
    answer = answered(laptop, voucher)
    assert (answer.settlement, "付过" in answer.reason.zh) == ("hold", True)


def test_a_loss_is_not_paid_twice_to_differently_written_payees(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    for name in ("覃建国", "秦建国"):
        case = laptop.open_case()
        made, decision = laptop.decide(pack, clinic_policy, case, MEDICAL)
        payee = PayeeFact(name=name, id_number=None, relation="self", bank="", account="")
        amounts = keyed_amounts(
            decision,
            policy_no=clinic_policy.policy_no,
            effective=clinic_policy.effective,
            loss_date=LOSS,
            insured=case.insured,
            payees=[payee],
        )[0]
        voucher = laptop.voucher(case, made, amounts)
        laptop.commit(case, made, voucher)
    laptop.send_log()
    answer = laptop.answers()[voucher.voucher_no]
    assert (answer.settlement, "其他领款人" in answer.reason.zh) == ("hold", True)
    assert read_standing(stocked).settled_fen == MEDICAL_FEN


def test_two_keys_of_one_voucher_are_settled_both_or_neither(stocked, make_laptop, pack):
    laptop = make_laptop(float_fen=200_000_000, authority_fen=200_000_000)
    policy = next(each for each in sample_policies() if each.policy_no == QUAKE_DEATH)
    insured = next(each for each in sample_persons() if each.person_id == policy.insured_id)
    person = PersonFact(name=insured.name, id_number=insured.id_number)
    death = {
        "accident": True,
        "accident_date": LOSS.isoformat(),
        "death_date": LOSS.isoformat(),
        "possible_exclusion": False,
    }
    changes = {
        "claim_type": "accident_death",
        "insured": person,
        "catastrophe_id": QUAKE_ID,
        "loss_region": "990101",
    }
    waivers = dict.fromkeys(
        ("waive_hospital_list", "waive_drug_scope", "waive_item_scope", "major_natural_disaster"), True
    )
    voucher = laptop.promise(pack, policy, death, waivers=waivers, case_changes=changes)
    assert len(voucher.keys) == 2
    with stocked.database.write() as session:
        grants.learn_pool_limit(session, voucher.keys[1].pools[0], Unit.FEN, 1)
    assert answered(laptop, voucher).settlement == "hold"
    with stocked.database.read() as session:
        assert session.scalars(select(Settlement)).all() == []
        assert [each.settled for each in session.scalars(select(Pool))] == [0]


def laptop_determination(laptop):
    events = [decode_event(body) for commit in laptop.commits for body in commit.events]
    return next(each for each in events if isinstance(each, DeterminationMade))
