"""Fields that change at the station and at headquarters: united where one follows the other, both kept where they stand beside each other."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from claims.errors import InputError
from claims.events import CaseCorrected
from claims.statements import CaseFieldDecided, CaseWithdrawn, ReviewOpened
from headquarters.__main__ import main
from headquarters.hold_decisions import NewHoldDecision, decide_hold
from headquarters.holds import HoldChoice, open_holds
from headquarters.models_payments import FieldChange
from headquarters.reviews import case_fields, correct_case, decide_review, reviews, withdraw_case
from tests.headquarters.laptop import AT, MEDICAL

WHY = {"by": "韦青", "reason": "客户来电更正"}


def correction(case_no: str, value: str, base: str = "清溪镇", field: str = "loss_place") -> CaseCorrected:
    return CaseCorrected(at=AT, case_no=case_no, field=field, base=base, value=value, reason="听错")


@pytest.fixture
def reported(hq, make_laptop):
    laptop = make_laptop()
    case = laptop.open_case()
    laptop.commit(case)
    send(laptop)
    return laptop, case.case_no


def send(laptop, *events) -> None:
    if events:
        laptop.commit(*events)
    laptop.send_log()
    laptop.down()


def heard(laptop, kind):
    return [each for each in laptop.inbox if isinstance(each, kind)]


def test_corrections_that_follow_one_another_are_united_without_asking(hq, reported):
    laptop, case_no = reported
    send(laptop, correction(case_no, "三台镇"), correction(case_no, "二台镇", "三台镇"))
    correct_case(hq, case_no, "loss_place", "四台镇", base="二台镇", **WHY)
    send(laptop)
    send(laptop, correction(case_no, "五台镇", "四台镇"))
    assert case_fields(hq, case_no)["loss_place"] == "五台镇"
    assert reviews(hq, open_only=False) == ()
    assert [each.value for each in heard(laptop, CaseFieldDecided)] == ["四台镇"]
    with hq.database.read() as session:
        kept = session.scalars(select(FieldChange).order_by(FieldChange.position)).all()
        assert [(each.base, each.value) for each in kept] == [
            ("清溪镇", "三台镇"),
            ("三台镇", "二台镇"),
            ("二台镇", "四台镇"),
            ("四台镇", "五台镇"),
        ]


def test_two_changes_of_one_field_from_one_value_keep_both_and_a_person_decides(hq, reported):
    laptop, case_no = reported
    correct_case(hq, case_no, "loss_place", "总部所记", **WHY)
    send(laptop, correction(case_no, "三台镇"))  # it had not heard of headquarters' change
    (review,) = reviews(hq)
    assert (review.field, review.values) == ("loss_place", ("总部所记", "三台镇"))
    (opened,) = heard(laptop, ReviewOpened)
    assert (opened.review_id, opened.values) == (review.review_id, review.values)
    with pytest.raises(InputError, match="field_in_review"):
        correct_case(hq, case_no, "loss_place", "又一处", **WHY)
    decide_review(hq, review.review_id, "三台镇", **WHY)
    laptop.down()
    decided = heard(laptop, CaseFieldDecided)[-1]
    assert (decided.value, decided.review_id) == ("三台镇", review.review_id)
    assert case_fields(hq, case_no)["loss_place"] == "三台镇"
    assert reviews(hq) == ()


def test_a_review_is_decided_once(hq, reported):
    laptop, case_no = reported
    correct_case(hq, case_no, "loss_place", "总部所记", **WHY)
    send(laptop, correction(case_no, "三台镇"))
    (review,) = reviews(hq)
    decide_review(hq, review.review_id, "三台镇", **WHY)
    assert decide_review(hq, review.review_id, "三台镇", **WHY).value == "三台镇"
    with pytest.raises(InputError, match="review_decided") as refused:
        decide_review(hq, review.review_id, "总部所记", by="莫兰", reason="另有说法")
    assert "韦青" in refused.value.cause.zh
    with pytest.raises(InputError, match="review_unknown"):
        decide_review(hq, "V-404", "三台镇", **WHY)


def test_a_third_value_joins_the_same_review(hq, reported):
    laptop, case_no = reported
    correct_case(hq, case_no, "loss_place", "总部所记", **WHY)
    send(laptop, correction(case_no, "三台镇"), correction(case_no, "二台镇", "三台镇"))
    (review,) = reviews(hq)
    assert review.values == ("总部所记", "三台镇", "二台镇")
    assert [each.values for each in heard(laptop, ReviewOpened)][-1] == review.values


def test_the_same_change_in_both_places_is_no_conflict(hq, reported):
    laptop, case_no = reported
    correct_case(hq, case_no, "loss_place", "三台镇", **WHY)
    send(laptop, correction(case_no, "三台镇"))
    assert reviews(hq, open_only=False) == ()


def test_different_fields_never_meet(hq, reported):
    laptop, case_no = reported
    correct_case(hq, case_no, "description", "总部补充", **WHY)
    send(laptop, correction(case_no, "三台镇"), correction(case_no, "199 0000 0009", "", "insured_phone"))
    assert reviews(hq, open_only=False) == ()
    fields = case_fields(hq, case_no)
    assert (fields["loss_place"], fields["description"], fields["insured_phone"]) == (
        "三台镇",
        "总部补充",
        "199 0000 0009",
    )


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["station", "hq", "sync", "decide"]), st.sampled_from("甲乙丙")), max_size=8
    )
)
def test_whatever_the_order_no_value_is_lost_and_both_sides_end_alike(hq, make_laptop, steps):
    if not hasattr(hq, "_laptop"):
        object.__setattr__(hq, "_laptop", make_laptop())
    laptop = hq._laptop
    case = laptop.open_case()
    laptop.commit(case)
    send(laptop)
    case_no, here, heard_to = case.case_no, "清溪镇", len(laptop.inbox)
    entered = set()

    def sync() -> None:
        nonlocal here, heard_to
        send(laptop)
        for each in laptop.inbox[heard_to:]:
            if isinstance(each, CaseFieldDecided) and each.case_no == case_no:
                here = each.value
        heard_to = len(laptop.inbox)

    for who, value in [*steps, ("sync", ""), ("decide", "甲"), ("sync", "")]:
        open_now = [each for each in reviews(hq) if each.case_no == case_no]
        if who == "station" and value != here:
            laptop.commit(correction(case_no, value, here))
            entered.add(value)
            here = value
        elif who == "hq" and not open_now and case_fields(hq, case_no)["loss_place"] != value:
            correct_case(hq, case_no, "loss_place", value, **WHY)
            entered.add(value)
        elif who == "decide":
            for each in open_now:
                decide_review(hq, each.review_id, value, **WHY)
        elif who == "sync":
            sync()
    assert [each for each in reviews(hq) if each.case_no == case_no] == []
    assert case_fields(hq, case_no)["loss_place"] == here
    with hq.database.read() as session:
        kept = set(session.scalars(select(FieldChange.value).where(FieldChange.case_no == case_no)))
    assert entered <= kept


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"case_no": "QX07-D3-C-000777-00"}, "case_unknown"),
        ({"field": "loss_date"}, "field_unknown"),
        ({"value": " "}, "value_refused"),
        ({"value": "清溪镇"}, "nothing_changed"),
        ({"base": "别处"}, "changed_meanwhile"),
        ({"reason": ""}, "words_missing"),
    ],
)
def test_nonsense_changes_nothing(hq, reported, changes, code):
    laptop, case_no = reported
    fields = {"case_no": case_no, "field": "loss_place", "value": "三台镇", **WHY} | changes
    with pytest.raises(InputError, match=code):
        correct_case(hq, **fields)
    laptop.down()
    assert heard(laptop, CaseFieldDecided) == []


def test_a_withdrawn_case_is_told_once_and_never_against_a_promise(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000, authority_fen=1)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    send(laptop)
    with pytest.raises(InputError, match="promise_stands"):
        withdraw_case(stocked, voucher.case_no, **WHY)
    decide_hold(stocked, NewHoldDecision(voucher.voucher_no, HoldChoice.VOID, "韦青", "重复立案"))
    for _ in range(2):
        withdraw_case(stocked, voucher.case_no, **WHY)
    laptop.down()
    assert [each.case_no for each in heard(laptop, CaseWithdrawn)] == [voucher.case_no]


def test_a_promise_of_a_withdrawn_case_that_comes_late_waits_for_a_person(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    case = laptop.open_case()
    made, decision = laptop.decide(pack, clinic_policy, case, MEDICAL)
    laptop.commit(case)
    send(laptop)
    withdraw_case(stocked, case.case_no, **WHY)
    # The station was cut off and promised before it heard.
    voucher = laptop.issue(clinic_policy, case, made, decision)
    laptop.commit(made, voucher)
    send(laptop)
    (hold,) = open_holds(stocked)
    assert hold.voucher_no == voucher.voucher_no
    assert "销案" in hold.reason.zh


def test_the_commands_do_the_same(hq, reported, tmp_path, capsys):
    laptop, case_no = reported
    folder, who = str(tmp_path / "hq"), ["--by", "韦青", "--reason", "更正"]
    assert main(["correct-case", folder, case_no, "--field", "loss_place", "--value", "总部所记", *who]) == 0
    send(laptop, correction(case_no, "三台镇"))
    assert main(["reviews", folder]) == 0
    shown = capsys.readouterr().out
    assert "「总部所记」" in shown
    assert "「三台镇」" in shown
    (review,) = reviews(hq)
    assert main(["decide-review", folder, review.review_id, "--value", "三台镇", *who]) == 0
    assert main(["withdraw-case", folder, case_no, *who]) == 0
    assert case_fields(hq, case_no)["loss_place"] == "三台镇"
