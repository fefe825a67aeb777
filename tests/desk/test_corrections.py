"""Fields that are corrected at the station and at headquarters, and what headquarters says of cases afterwards, on a real store."""

from __future__ import annotations

from datetime import date

import pytest

from claims.errors import Bilingual, InputError
from claims.materials import Material
from claims.overviews import CaseFilter, CaseStep, StepState
from claims.settlement import instalment_of
from claims.statements import (
    CaseFieldDecided,
    CasesLinked,
    CaseWithdrawn,
    PaymentReported,
    PrepaymentMade,
    ReviewOpened,
)
from resources.sample_numbers import CLINIC
from rules.engine import read_decision
from tests.desk.station import clinic_pool, decide_and_sign, new_case, payee, photo, ready_case

WHY = "客户更正"


@pytest.fixture
def case_no(desk):
    return desk.open_case(new_case())


def hear(station, desk, statement, /, **fields):
    """Take one signed statement in, as a sync does."""
    with desk._ports.store.write() as uow:
        uow.receive(station.hq.say(statement, **fields))


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("loss_place", "清溪县三台镇", lambda case: case.loss_place),
        ("description", "落石砸伤左臂", lambda case: case.description),
        ("reporter_name", "覃建民", lambda case: case.reporter.name),
        ("reporter_phone", "199 0000 0099", lambda case: case.reporter.phone),
        ("insured_phone", "+86-19900000099", lambda case: case.insured.phone),
    ],
)
def test_a_corrected_field_reads_anew_everywhere(desk, case_no, field, value, shown):
    assert shown(desk.correct_case(case_no, field, value, WHY)) == value
    assert shown(desk.case(case_no)) == value
    assert shown(desk.cases()[0]) == value
    assert shown(desk.case_rows()[0].case) == value
    (change,) = desk.corrections(case_no)
    assert (change.field, change.value, change.reason, change.by_headquarters) == (field, value, WHY, False)


def test_a_case_is_found_by_its_corrected_name(desk, case_no):
    desk.correct_case(case_no, "reporter_name", "单雨桐", WHY)
    assert [row.case.case_no for row in desk.case_rows("单雨桐")] == [case_no]


@pytest.mark.parametrize(
    ("field", "value", "reason", "code"),
    [
        ("policy_nos", "P-9", WHY, "field_not_correctable"),
        ("loss_date", "2026-11-21", WHY, "field_not_correctable"),
        ("insured_name", "秦建国", WHY, "field_not_correctable"),
        ("loss_place", "  ", WHY, "value_refused"),
        ("reporter_name", "", WHY, "value_refused"),
        ("insured_phone", "电话不详吗", WHY, "value_refused"),
        ("description", "长" * 2001, WHY, "value_refused"),
        ("loss_place", "三台镇", "  ", "reason_missing"),
        ("loss_place", "清溪县", WHY, "nothing_changed"),
    ],
)
def test_what_can_not_be_corrected_changes_nothing(desk, case_no, field, value, *, reason, code):
    with pytest.raises(InputError, match=code) as refused:
        desk.correct_case(case_no, field, value, reason)
    assert refused.value.cause.zh
    assert refused.value.next_step.zh
    assert desk.corrections(case_no) == []


def test_a_second_correction_builds_on_the_first(desk, case_no):
    desk.correct_case(case_no, "loss_place", "三台镇", WHY)
    desk.correct_case(case_no, "loss_place", "二台镇", WHY)
    assert [(each.base, each.value) for each in desk.corrections(case_no)] == [
        ("清溪县", "三台镇"),
        ("三台镇", "二台镇"),
    ]


def test_headquarters_value_is_shown_and_built_on(station, desk, case_no):
    hear(station, desk, CaseFieldDecided, case_no=case_no, field="loss_place", value="总部所记")
    assert desk.case(case_no).loss_place == "总部所记"
    desk.correct_case(case_no, "loss_place", "三台镇", WHY)
    assert desk.corrections(case_no)[-1].base == "总部所记"


def test_a_review_keeps_both_values_until_headquarters_decides(station, desk, case_no):
    desk.correct_case(case_no, "loss_place", "三台镇", WHY)
    hear(
        station,
        desk,
        ReviewOpened,
        review_id="V1",
        case_no=case_no,
        field="loss_place",
        values=("总部所记", "三台镇"),
    )
    (review,) = desk.reviews(case_no)
    assert (review.values, review.value) == (("总部所记", "三台镇"), None)
    assert [each.case.case_no for each in desk.sent_back()] == [case_no]
    assert desk.count_cases()[CaseFilter.SENT_BACK] == 1
    with pytest.raises(InputError, match="field_in_review"):
        desk.correct_case(case_no, "loss_place", "二台镇", WHY)
    desk.correct_case(case_no, "description", "别的字段可以改", WHY)
    hear(station, desk, CaseFieldDecided, case_no=case_no, field="loss_place", value="三台镇", review_id="V1")
    assert (desk.reviews(case_no)[0].value, desk.case(case_no).loss_place) == ("三台镇", "三台镇")
    assert desk.sent_back() == ()
    desk.correct_case(case_no, "loss_place", "二台镇", WHY)


def test_linked_cases_are_shown_once(station, desk, case_no):
    same = Bilingual("同一笔损失", "the same loss")
    for _ in range(2):
        hear(
            station,
            desk,
            CasesLinked,
            case_no=case_no,
            other_case_no="QX08-D4-C-000001-00",
            other_station="QX08",
            reason=same,
        )
    (link,) = desk.links(case_no)
    assert (link.other_case_no, link.other_station) == ("QX08-D4-C-000001-00", "QX08")


def test_a_withdrawn_case_takes_nothing_new_and_loses_nothing(station, desk, case_no):
    desk.add_document(case_no, Material.MEDICAL_RECORD, "病历.jpg", photo(10))
    hear(station, desk, CaseWithdrawn, case_no=case_no, reason=Bilingual("与 QX08 的案件重复", "opened twice"))
    assert desk.case(case_no).state == "cancelled"
    assert "QX08" in desk.withdrawn(case_no).zh
    assert len(desk.documents(case_no)) == 1
    attempts = (
        lambda: desk.add_document(case_no, Material.OUTPATIENT_BILL, "票.jpg", photo(20)),
        lambda: desk.correct_case(case_no, "description", "还想补充", WHY),
        lambda: desk.give_slip(case_no),
    )
    for attempt in attempts:
        with pytest.raises(InputError, match="case_withdrawn") as refused:
            attempt()
        assert "QX08" in refused.value.cause.zh
    assert desk.queue() == ()
    standing = desk.case_standing(case_no)
    assert (standing.current, standing.clocks) == (CaseStep.REPORT, ())
    assert {each.state for each in standing.steps[1:]} == {StepState.LOCKED}
    assert all("结束本案" in each.why.zh and "closed this case" in each.why.en for each in standing.steps[1:])
    (row,) = desk.case_rows("", CaseFilter.ALL)
    assert (row.step, row.done, row.clock, row.missing) == (CaseStep.REPORT, 1, None, ())
    other = desk.open_case(new_case())
    desk.correct_case(other, "description", "另一案件照常", WHY)


def payment(case_no, status, number="V-1", reason=""):
    return {
        "case_no": case_no,
        "voucher_no": number,
        "instruction_id": f"{number}-P1",
        "status": status,
        "amount_fen": 1_000,
        "on": date(2026, 11, 23),
        "reason": Bilingual(reason, reason),
    }


def test_money_that_came_back_is_a_task_until_it_arrives(station, desk, case_no):
    hear(station, desk, PaymentReported, **payment(case_no, "returned", reason="户名不符"))
    (back,) = desk.sent_back()
    assert "户名不符" in back.reason.zh
    assert desk.receipts()[0].payment == "returned"
    hear(station, desk, PaymentReported, **payment(case_no, "paid"))
    assert desk.sent_back() == ()
    assert [each.status for each in desk.payments(case_no)] == ["returned", "paid"]


def test_the_present_follows_from_log_and_inbox(station, desk, case_no):
    desk.correct_case(case_no, "loss_place", "三台镇", WHY)
    hear(station, desk, CaseFieldDecided, case_no=case_no, field="loss_place", value="二台镇")
    hear(station, desk, PaymentReported, **payment(case_no, "refused"))
    hear(station, desk, CaseWithdrawn, case_no=case_no, reason=Bilingual("撤案", "withdrawn"))
    assert desk._ports.store.rebuild().differing == ()
    assert desk.case(case_no).loss_place == "二台镇"


def test_after_a_prepayment_the_promise_is_the_next_instalment_and_comes_to_the_rest(station, desk):
    case_no = ready_case(desk)
    (record,) = desk.determinations(case_no)
    (liability,) = [each for each in read_decision(record.decision).liabilities if each.amount_fen]
    hear(
        station,
        desk,
        PrepaymentMade,
        case_no=case_no,
        policy_no=CLINIC,
        prepayment_no=f"{case_no}-Y1",
        liability=liability.liability,
        loss_key=liability.loss_key.casefold(),
        amount_fen=100_000,
        pools=(clinic_pool(),),
        payee_name=payee().name,
    )
    decide_and_sign(desk, case_no)
    (paper,) = desk.conclude(case_no, CLINIC, (payee(),))
    assert paper.amount_fen == liability.amount_fen - 100_000
    with desk._ports.store.read() as reads:
        (key,) = reads.voucher_issued(paper.number).keys
    assert instalment_of(key.settlement_key) == 2
