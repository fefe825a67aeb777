"""Blocks of numbers at work: the warning a day ahead, and what still goes when one has run out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from claims.desk import Desk
from claims.errors import EnvironmentProblem
from claims.events import PaperKind
from claims.number_blocks import BlockStanding
from claims.numbering import LOW_WATER
from claims.paper_definitions import PaperId
from claims.statements import NumberBlockGranted
from resources.sample_numbers import CLINIC
from tests.desk.station import NOON, Station, clinic_facts, new_case, payee, ready_case


def block(desk: Desk, kind: str) -> BlockStanding:
    return [each for each in desk.number_blocks() if each.kind == kind][-1]


def grant(station: Station, kind: str, prefix: str, first: int, last: int) -> None:
    with station.store() as store, store.write() as uow:
        uow.receive(station.hq.say(NumberBlockGranted, kind=kind, prefix=prefix, first=first, last=last))


@pytest.fixture
def few(tmp_path: Path) -> Station:
    """A station with two numbers of each kind."""
    made = Station(tmp_path / "few")
    made.create(numbers=2)
    return made


def test_every_block_tells_what_became_of_its_numbers(desk: Desk) -> None:
    case_no = ready_case(desk)
    desk.conclude(case_no, CLINIC, (payee(),))
    torn, kept, filled = desk.prepare_blanks(PaperId.SLIP, 3)
    desk.spoil(torn.number, "撕破")
    desk.enter_blank(filled.number, case_no, filled_on=NOON.date(), receiver="覃建国")
    found = block(desk, "slip")
    assert (found.used, found.voided, found.blank, found.unused, found.size) == (1, 1, 1, 47, 50)
    assert all(each.unbroken for each in desk.number_blocks())
    assert {each.kind for each in desk.number_blocks()} == {"voucher", "slip", "case", "document"}
    assert kept.number.startswith(f"{found.prefix}-")


def test_the_warning_comes_at_twenty_however_quiet_the_days_were(station: Station) -> None:
    desk = station.open()
    desk.prepare_blanks(PaperId.SLIP, 50 - LOW_WATER - 1)
    station.clock.wall += timedelta(days=10)
    assert block(desk, "slip").warning is None
    desk.prepare_blanks(PaperId.SLIP, 1)
    warning = block(desk, "slip").warning
    assert warning is not None
    assert "20" in warning.zh
    assert "20" in warning.en
    desk.close()


def test_the_warning_comes_a_busy_day_ahead(station: Station) -> None:
    grant(station, "slip", "QX07-D3-S", 51, 100)
    desk = station.open()
    desk.prepare_blanks(PaperId.SLIP, 30)
    station.clock.wall += timedelta(days=1, hours=1)
    desk.prepare_blanks(PaperId.SLIP, 10)
    # Sixty left: two days of the busiest of late.
    assert (block(desk, "slip").days_left, block(desk, "slip").warning) == (2, None)
    desk.prepare_blanks(PaperId.SLIP, 25)
    warned = block(desk, "slip")
    assert warned.days_left == 1
    assert warned.warning is not None
    assert "35" in warned.warning.zh
    first = next(each for each in desk.number_blocks() if each.kind == "slip")
    assert first.warning is None  # said once, at the newest block
    station.clock.wall += timedelta(days=30)
    assert (block(desk, "slip").days_left, block(desk, "slip").warning) == (None, None)
    desk.close()


def test_the_frame_knows_how_busy_a_day_was(station: Station) -> None:
    desk = station.open()
    desk.prepare_blanks(PaperId.APPLICATION, 7)
    standing = desk.standing()
    assert standing.document_numbers_left == 43
    assert standing.busiest_day == {"voucher": 0, "slip": 0, "case": 0, "document": 7}
    desk.close()


def test_without_a_voucher_number_the_slip_says_why_and_the_voucher_follows(station: Station) -> None:
    empty = Station(station.home.parent / "none", station.hq)
    empty.create(numbers=1)
    desk = empty.open()
    first = ready_case(desk)
    (voucher,) = desk.conclude(first, CLINIC, (payee(),))
    assert voucher.kind is PaperKind.VOUCHER
    desk.void(voucher.number, "户名有误")
    desk.close()
    grant(empty, "case", "QX07-D3-C", 2, 9)
    grant(empty, "slip", "QX07-D3-S", 2, 9)

    desk = empty.open()
    exhausted = block(desk, "voucher").warning
    assert exhausted is not None
    assert "签收单" in exhausted.zh
    second = ready_case(desk, clinic_facts("0000731999"))
    (slip,) = desk.conclude(second, CLINIC, (payee(),))
    assert slip.kind is PaperKind.SLIP
    assert [each.zh for each in slip.reasons] == ["已预核通过；本机凭证编号已用完，领到新号段后补发给付凭证。"]
    assert desk.draw(slip.number).pdf.startswith(b"%PDF")
    desk.close()

    grant(empty, "voucher", "QX07-D3", 2, 9)
    desk = empty.open()
    (later,) = desk.conclude(second, CLINIC, (payee(),))
    assert (later.kind, later.case_no) == (PaperKind.VOUCHER, second)
    assert later.number.startswith("QX07-D3-000002-")
    desk.close()


def test_a_slip_takes_a_documents_number_when_its_own_have_run_out(few: Station) -> None:
    desk = few.open()
    case_no = desk.open_case(new_case())
    slips = [desk.give_slip(case_no) for _ in range(4)]
    assert [each.number.rsplit("-", 1)[0] for each in slips] == [
        "QX07-D3-S-000001",
        "QX07-D3-S-000002",
        "QX07-D3-W-000001",
        "QX07-D3-W-000002",
    ]
    assert {each.kind for each in slips} == {PaperKind.SLIP}
    assert "PDF" in desk.draw(slips[-1].number).pdf[:8].decode("latin-1")
    assert (block(desk, "document").used, block(desk, "document").unused) == (2, 0)
    assert all(each.unbroken for each in desk.number_blocks())
    with pytest.raises(EnvironmentProblem, match="numbers_exhausted") as refused:
        desk.give_slip(case_no)
    assert "签收单" in refused.value.cause.zh
    assert refused.value.next_step.zh
    desk.close()


def test_documents_wait_for_their_own_block(few: Station) -> None:
    desk = few.open()
    desk.prepare_blanks(PaperId.APPLICATION, 2)
    with pytest.raises(EnvironmentProblem, match="numbers_exhausted"):
        desk.prepare_blanks(PaperId.APPLICATION, 1)
    assert desk.prepare_blanks(PaperId.SLIP, 2)
    desk.close()


def test_blank_forms_are_taken_all_or_none(few: Station) -> None:
    desk = few.open()
    with pytest.raises(EnvironmentProblem, match="numbers_too_few") as refused:
        desk.prepare_blanks(PaperId.SLIP, 3)
    assert "2" in refused.value.cause.zh
    assert block(desk, "slip").unused == 2
    desk.close()
