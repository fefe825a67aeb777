"""Registers over a real store: one row a record, days as Beijing counts them, and nothing that was never recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from claims.desk import Desk
from claims.errors import Bilingual, InputError
from claims.events import PaperKind
from claims.paper_definitions import PaperId
from claims.papers import Language
from claims.register_columns import REGISTER_COLUMNS, REGISTER_NAMES, RegisterKind
from claims.registers import MOST_DAYS, Cell, Register, RegisterFormat
from resources.sample_numbers import CLINIC
from tests.desk.conftest import station  # noqa: F401 - a fixture
from tests.desk.station import NOON, Station, claimant, new_case, payee, ready_case
from trust.vouchers import voucher_qr_text

TODAY = date(2026, 11, 22)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def open_desk(station: Station) -> Iterator[Desk]:  # noqa: F811 - the fixture's name
    opened = station.open()
    yield opened
    opened.close()


def rows(desk: Desk, kind: RegisterKind, first: date = TODAY, last: date = TODAY) -> list[dict[str, Cell]]:
    made = desk.register(kind, first, last)
    assert made.columns == REGISTER_COLUMNS[kind]
    return [{column.key: cell for column, cell in zip(made.columns, row, strict=True)} for row in made.rows]


def voucher(desk: Desk, case_no: str | None = None) -> str:
    (paper,) = desk.conclude(case_no or ready_case(desk), CLINIC, (payee(),))
    return paper.number


def told(*parts: object) -> datetime:
    assert len(parts) == 1
    assert isinstance(parts[0], str)
    return datetime.fromisoformat(parts[0])


@pytest.mark.parametrize("kind", RegisterKind)
def test_a_new_laptop_has_every_register_and_each_is_empty(open_desk: Desk, kind: RegisterKind) -> None:
    made = open_desk.register(kind, TODAY, TODAY)
    assert made.rows == ()
    assert (made.kind, made.name, made.station, made.device) == (kind, REGISTER_NAMES[kind], "QX07", "D3")
    assert made.made_at == NOON


def test_a_voucher_is_told_from_its_number_to_the_hand_that_took_it(open_desk: Desk) -> None:
    case_no = ready_case(open_desk)
    number = voucher(open_desk, case_no)
    (row,) = rows(open_desk, RegisterKind.VOUCHERS)
    assert (row["number"], row["case_no"], row["state"], row["copies"]) == (number, case_no, "asked", 0)
    assert [row[key] for key in ("printed_at", "handed_at", "receiver", "reason", "settlement")] == [None] * 5
    open_desk.draw(number)
    open_desk.mark_printed(number, "printer")
    open_desk.draw(number)
    open_desk.mark_printed(number, "printer")
    open_desk.hand_over(number, "=覃建国")
    (row,) = rows(open_desk, RegisterKind.VOUCHERS)
    assert row == {
        "number": number,
        "issued_at": NOON.isoformat(),
        "case_no": case_no,
        "insured": "覃建国",
        "policy_no": CLINIC,
        "payee": "覃建国",
        "account": "6217***********0122",
        "amount": 648_824,
        "state": "handed_over",
        "copies": 2,
        "printed_at": NOON.isoformat(),
        "handed_at": NOON.isoformat(),
        "receiver": "=覃建国",
        "reason": None,
        "settlement": None,
        "ack": "disk",
    }


def test_a_voided_voucher_stands_in_two_registers_with_its_reason(station: Station) -> None:  # noqa: F811 - a fixture
    desk = station.open()
    try:
        number = voucher(desk)
        station.clock.wall += timedelta(days=1)
        desk.void(number, "领款人写错")
        (issued,) = rows(desk, RegisterKind.VOUCHERS, TODAY, TODAY)
        assert (issued["state"], issued["reason"]) == ("voided", "领款人写错")
        assert rows(desk, RegisterKind.VOIDED, TODAY, TODAY) == []
        (row,) = rows(desk, RegisterKind.VOIDED, TOMORROW, TOMORROW)
        assert (row["number"], row["kind"], row["reason"], row["amount"]) == (number, "voucher", "领款人写错", 648_824)
        assert told(row["voided_at"]) == NOON + timedelta(days=1)
        assert told(row["issued_at"]) == NOON
        assert rows(desk, RegisterKind.VOUCHERS, TOMORROW, TOMORROW) == []
    finally:
        desk.close()


def test_a_slip_says_why_there_is_no_voucher(open_desk: Desk) -> None:
    case_no = open_desk.open_case(new_case())
    why = Bilingual("号段用完。", "No number is left.")
    slip = open_desk.give_slip(case_no, (why,))
    (row,) = rows(open_desk, RegisterKind.SLIPS)
    assert (row["number"], row["case_no"], row["outcome"]) == (slip.number, case_no, slip.outcome)
    assert isinstance(row["reasons"], Bilingual)
    assert why.zh in row["reasons"].zh
    assert why.en in row["reasons"].en
    assert rows(open_desk, RegisterKind.VOUCHERS) == []


def test_a_leaflet_is_a_document_of_the_station(open_desk: Desk) -> None:
    form = open_desk.station_form(PaperId.SERVICE_LEAFLET)
    leaflet = open_desk.station_paper(PaperId.SERVICE_LEAFLET, form.values)
    (row,) = rows(open_desk, RegisterKind.DOCUMENTS)
    assert (row["number"], row["case_no"], row["insured"], row["blank"]) == (leaflet.number, None, None, False)
    assert row["paper"] == Bilingual("理赔服务承诺", "What we promise you")


def test_blank_forms_are_waiting_entered_or_spoiled(open_desk: Desk) -> None:
    case_no = open_desk.open_case(new_case())
    slip, torn, waiting = open_desk.prepare_blanks(PaperId.SLIP, 3)
    (form,) = open_desk.prepare_blanks(PaperId.APPLICATION, 1)
    open_desk.enter_blank(slip.number, case_no, filled_on=TODAY, receiver="覃建国")
    open_desk.spoil(torn.number, "被雨淋湿")
    found = {row["number"]: row for row in rows(open_desk, RegisterKind.BLANKS)}
    assert list(found) == [slip.number, torn.number, waiting.number, form.number]
    assert [row["blank_state"] for row in found.values()] == ["entered", "spoiled", "waiting", "waiting"]
    entered = found[slip.number]
    assert (entered["case_no"], entered["filled_on"], entered["receiver"]) == (case_no, "2026-11-22", "覃建国")
    assert found[torn.number]["reason"] == "被雨淋湿"
    assert found[form.number]["paper"] == Bilingual("理赔申请书", "Claim application")
    assert [row["number"] for row in rows(open_desk, RegisterKind.VOIDED)] == [torn.number]
    # A form of a kind stands in the register of that kind as well.
    assert [row["number"] for row in rows(open_desk, RegisterKind.SLIPS)] == [slip.number, torn.number, waiting.number]
    assert [row["blank"] for row in rows(open_desk, RegisterKind.DOCUMENTS)] == [True]


def test_every_count_of_a_day_is_kept_the_wrong_one_too(open_desk: Desk) -> None:
    number = voucher(open_desk)
    open_desk.draw(number)
    open_desk.mark_printed(number, "printer")
    open_desk.hand_over(number, "覃建国")
    open_desk.count_day(TODAY, {PaperKind.VOUCHER: 2})
    open_desk.count_day(TODAY, {PaperKind.VOUCHER: 1})
    wrong, right = rows(open_desk, RegisterKind.DAY_COUNTS)
    assert (wrong["day"], wrong["counted"], wrong["recorded"], wrong["agrees"]) == ("2026-11-22", 2, 1, False)
    assert isinstance(wrong["differences"], Bilingual)
    assert "清点 2 张" in wrong["differences"].zh
    assert (right["counted"], right["agrees"], right["differences"]) == (1, True, None)


def test_a_voucher_that_was_presented_is_told_with_who_presented_it(open_desk: Desk) -> None:
    number = voucher(open_desk)
    cose = open_desk.paper(number).cose
    assert cose is not None
    open_desk.redeem(voucher_qr_text(cose), "韦长风")
    open_desk.redeem(voucher_qr_text(cose), "别人")
    (row,) = rows(open_desk, RegisterKind.VERIFIED)
    assert (row["number"], row["presented_by"], row["device"]) == (number, "韦长风", "D3/1")
    assert told(row["presented_at"]) == NOON
    assert len(str(row["code_sha256"])) == 64


def test_a_case_is_told_with_what_it_comes_to(open_desk: Desk) -> None:
    first, second = ready_case(open_desk), open_desk.open_case(new_case(catastrophe_id=None))
    found = rows(open_desk, RegisterKind.CASES)
    assert [row["case_no"] for row in found] == [first, second]
    assert (found[0]["payable"], found[0]["outcome"], found[0]["policies"]) == (648_824, "pre_approved", CLINIC)
    assert (found[1]["payable"], found[1]["outcome"], found[1]["catastrophe"]) == (None, None, None)
    assert isinstance(found[0]["catastrophe"], Bilingual)
    assert (found[0]["loss_date"], found[0]["insured"]) == ("2026-11-20", claimant().name)


def test_more_cases_than_a_page_are_all_there(open_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claims.registers._PAGE", 2)
    opened = [open_desk.open_case(new_case()) for _ in range(5)]
    assert [row["case_no"] for row in rows(open_desk, RegisterKind.CASES)] == opened


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 22, 15, 59, 59, 999_999, tzinfo=UTC), TODAY),
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), TOMORROW),
        (datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC), TOMORROW),
    ],
)
def test_a_day_ends_at_midnight_in_beijing(station: Station, at: datetime, day: date) -> None:  # noqa: F811 - a fixture
    station.clock.wall = at
    desk = station.open()
    try:
        desk.give_slip(desk.open_case(new_case()))
        for each in (TODAY - timedelta(days=1), TODAY, TOMORROW, TOMORROW + timedelta(days=1)):
            assert len(rows(desk, RegisterKind.SLIPS, each, each)) == (each == day)
            assert len(rows(desk, RegisterKind.CASES, each, each)) == (each == day)
        assert len(rows(desk, RegisterKind.SLIPS, TODAY, TOMORROW)) == 1
    finally:
        desk.close()


def test_a_span_that_is_none_is_refused(open_desk: Desk) -> None:
    for first, last in (
        (TOMORROW, TODAY),
        (TODAY - timedelta(days=MOST_DAYS), TODAY),
        (date(9999, 12, 31), date(9999, 12, 31)),
    ):
        with pytest.raises(InputError) as refused:
            open_desk.register(RegisterKind.VOUCHERS, first, last)
        assert refused.value.code == "register_days"
    whole = open_desk.register(RegisterKind.DAY_COUNTS, TODAY - timedelta(days=MOST_DAYS - 1), TODAY)
    assert isinstance(whole, Register)


def test_a_file_is_named_after_whose_register_it_is(open_desk: Desk) -> None:
    one = open_desk.register(RegisterKind.VOIDED, TODAY, TODAY)
    more = open_desk.register(RegisterKind.VOIDED, TODAY, TOMORROW)
    assert one.file_name == "作废单证登记簿-QX07-D3-2026-11-22"
    assert more.file_name == "作废单证登记簿-QX07-D3-2026-11-22_2026-11-23"
    assert one.place("number") == 0
    with pytest.raises(KeyError):
        one.place("amount_fen")
    for form in RegisterFormat:
        assert open_desk.register_file(one, form, Language.ZH)
