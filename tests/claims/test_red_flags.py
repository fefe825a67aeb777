"""Red flags: each fires on its case and stays silent beside it; none refuses anything."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.bill_checks import Bill, bill_keys, sums_that_differ
from claims.errors import Bilingual
from claims.red_flags import FlagInput, FlagWeight, PersonReading, RedFlag, red_flags, routes_to_person
from claims.reference import Catastrophe
from claims.waivers import LossLink

POLICY, RECORD = Bilingual("保单", "policy"), Bilingual("病历", "record")
QUAKE = Catastrophe(
    catastrophe_id="EQ-1",
    name=Bilingual("清溪地震", "Qingxi earthquake"),
    peril="earthquake",
    loss_from=date(2026, 2, 28),
    loss_to=date(2026, 4, 30),
    regions=("511100",),
    major_natural_disaster=True,
    waivers=(),
)
LINK = LossLink(catastrophe_id="EQ-1", loss_date=date(2026, 3, 1), region="511123")
QUIET = FlagInput(loss_date=date(2026, 3, 1), covered_since=date(2020, 1, 1))


def case(**changes: Any) -> FlagInput:
    return msgspec.structs.replace(QUIET, **changes)


def ids(flags: tuple[RedFlag, ...]) -> list[tuple[str, str]]:
    return [(one.id, one.weight.value) for one in flags]


def test_a_quiet_case_has_no_flag() -> None:
    assert red_flags(QUIET) == ()
    assert red_flags(QUIET, catastrophe=QUAKE, link=LINK) == ()
    assert red_flags(FlagInput(loss_date=date(2026, 3, 1))) == ()


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (date(2026, 3, 1), [("R1", "review")]),
        (date(2026, 1, 31), [("R1", "review")]),
        (date(2026, 1, 30), [("R1", "note")]),
        (date(2025, 3, 2), [("R1", "note")]),
        (date(2025, 3, 1), []),
        (date(2026, 3, 2), []),
    ],
)
def test_r1_an_early_loss(since: date, expected: list[tuple[str, str]]) -> None:
    assert ids(red_flags(case(covered_since=since))) == expected


def test_r1_nobody_chose_the_day_of_an_earthquake_but_cover_bought_after_it_is_looked_at() -> None:
    assert ids(red_flags(case(covered_since=date(2026, 2, 20)), catastrophe=QUAKE, link=LINK)) == [("R1", "note")]
    assert ids(red_flags(case(covered_since=date(2026, 2, 28)), catastrophe=QUAKE, link=LINK)) == [("R1", "review")]


@pytest.mark.parametrize(
    ("diagnosed", "flagged"),
    [(date(2024, 4, 29), False), (date(2024, 4, 30), True), (date(2024, 5, 29), True), (date(2024, 5, 30), False)],
)
def test_r2_a_diagnosis_just_after_the_waiting_period(diagnosed: date, flagged: bool) -> None:
    found = red_flags(
        case(loss_date=diagnosed, covered_since=date(2024, 1, 31), waiting_days=90, diagnosis_date=diagnosed)
    )
    assert any(one.id == "R2" for one in found) is flagged


def test_r2_accidents_have_no_waiting() -> None:
    found = red_flags(
        case(
            covered_since=date(2024, 1, 31),
            waiting_days=90,
            diagnosis_date=date(2024, 4, 30),
            accident=True,
            loss_date=date(2024, 4, 30),
        )
    )
    assert all(one.id != "R2" for one in found)


BILL = Bill(code="11060126", number="0012345678", hospital="清溪县医院", issued_on=date(2026, 3, 9), total_fen=821030)


def test_r5_a_bill_seen_elsewhere_or_twice_or_reversed() -> None:
    assert ids(red_flags(case(bills=(BILL,)), known_bill_keys={"bill:11060126:0012345678"})) == [("R5", "review")]
    other_number = msgspec.structs.replace(BILL, number="０００１")
    assert ids(red_flags(case(bills=(other_number,)), known_bill_keys=set(bill_keys(BILL)))) == [("R5", "review")]
    assert ids(red_flags(case(bills=(BILL, BILL)))) == [("R5", "review")]
    assert ids(red_flags(case(bills=(msgspec.structs.replace(BILL, reversed_or_void=True),)))) == [("R5", "review")]
    assert red_flags(case(bills=(BILL,))) == ()


def test_a_bill_without_enough_on_it_has_no_key() -> None:
    assert bill_keys(Bill(code="11060126")) == ()
    assert bill_keys(Bill(hospital="x", total_fen=1)) == ()
    assert bill_keys(Bill(code="１１０６０１２６ ", number="0012345678")) == ("bill:11060126:0012345678",)


def test_r6_sums_that_do_not_come_out_name_the_difference() -> None:
    good = Bill(
        total_fen=774362,
        fund_fen=250172,
        other_fen=0,
        account_fen=100000,
        own_cash_fen=424190,
        item_fens=(700000, 74362),
    )
    assert sums_that_differ(good) == ()
    off = msgspec.structs.replace(good, own_cash_fen=424290)
    assert "-1.00" in sums_that_differ(off)[0].zh
    assert ids(red_flags(case(bills=(off,)))) == [("R6", "review")]
    assert sums_that_differ(msgspec.structs.replace(good, own_cash_fen=424191)) == ()
    assert len(sums_that_differ(msgspec.structs.replace(good, item_fens=(700000,)))) == 1
    assert sums_that_differ(msgspec.structs.replace(good, own_cash_fen=None)) == ()
    assert len(sums_that_differ(msgspec.structs.replace(good, self_payment_fen=1, self_expense_fen=2))) == 1


def test_r6_a_bill_issued_before_the_discharge() -> None:
    assert ids(red_flags(case(bills=(BILL,), discharge_date=date(2026, 3, 10)))) == [("R6", "review")]
    assert red_flags(case(bills=(BILL,), discharge_date=date(2026, 3, 9))) == ()


def test_r7_another_person_on_the_paper() -> None:
    me = PersonReading(source=POLICY, name="周明", sex="male", birth_date=date(1978, 9, 30))

    def read(**changes: Any) -> list[tuple[str, str]]:
        return ids(red_flags(case(readings=(me, PersonReading(source=RECORD, **changes)))))

    assert read(name="周 明", sex="male", birth_date=date(1978, 9, 30)) == []
    assert read(name="周*") == []
    assert read(name="周铭") == [("R7", "review")]
    assert read(name="周明明") == [("R7", "review")]
    assert read(sex="female") == [("R7", "review")]
    assert read(birth_date=date(1978, 9, 3)) == [("R7", "review")]
    assert read(age=47, on=date(2026, 3, 1)) == []
    assert read(age=60, on=date(2026, 3, 1)) == [("R7", "review")]
    assert red_flags(case(readings=(me,))) == ()


def test_r10_illness_as_accident() -> None:
    assert ids(red_flags(case(accident=True, icd10="I63.9"))) == [("R10", "review")]
    assert red_flags(case(accident=True, icd10="S72.0")) == ()
    assert red_flags(case(accident=False, icd10="I63.9")) == ()


@pytest.mark.parametrize(
    ("history", "flagged"),
    [
        ("既往高血压病史10年，口服药物", True),
        ("高血压病十余年", True),
        ("糖尿病史约二十年。", True),
        ("高血压7年", True),
        ("高血压6年", False),
        ("高血压5年", False),
        ("高血压３年", False),
        ("无高血压、糖尿病史", False),
        ("母亲去世10年", False),
        ("", False),
    ],
)
def test_r10_history_older_than_the_policy(history: str, flagged: bool) -> None:
    found = red_flags(case(history=history, recorded_on=date(2026, 3, 2)))
    assert (ids(found) == [("R10", "review")]) is flagged


def test_r16_place_time_and_namesakes_of_a_catastrophe() -> None:
    outside = msgspec.structs.replace(LINK, region="110105")
    assert ids(red_flags(QUIET, catastrophe=QUAKE, link=outside)) == [("R16", "review")]
    before = msgspec.structs.replace(LINK, loss_date=date(2026, 2, 1))
    assert ids(red_flags(QUIET, catastrophe=QUAKE, link=before)) == [("R16", "review")]
    assert ids(red_flags(case(onset_date=date(2026, 2, 1)), catastrophe=QUAKE, link=LINK)) == [("R16", "review")]
    assert ids(red_flags(case(victim_list_matches=2), catastrophe=QUAKE, link=LINK)) == [("R16", "review")]
    assert red_flags(case(victim_list_matches=1), catastrophe=QUAKE, link=LINK) == ()


def test_notes_do_not_route() -> None:
    flags = red_flags(case(covered_since=date(2025, 6, 1)))
    assert [one.weight for one in flags] == [FlagWeight.NOTE]
    assert routes_to_person(flags) == ()


@given(st.text(max_size=60), st.text(max_size=6), st.text(max_size=6))
def test_no_text_whatever_breaks_a_check(history: str, name: str, code: str) -> None:
    me = PersonReading(source=POLICY, name="周明")
    red_flags(
        case(
            history=history,
            recorded_on=date(2026, 3, 2),
            accident=True,
            icd10=code,
            readings=(me, PersonReading(source=RECORD, name=name)),
            bills=(Bill(code=name, number=code),),
        )
    )
