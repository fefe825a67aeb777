"""Story: a claim is taken while headquarters is gone, and everything arrives when it is back. Real service, real store, real paper."""

from __future__ import annotations

import io
import os
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from app.demo.independent_check import NotGenuineError, check, read_qr, with_one_digit_changed
from app.enrolment import enrol_laptop
from app.settings import Settings
from claims.desk import Desk
from claims.errors import EnvironmentProblem, InputError
from claims.events import PaperKind
from claims.materials import Material
from claims.records import Acknowledgement, PaperState
from headquarters.devices import revoke
from headquarters.exposure import total_exposure
from headquarters.system_clock import system_now
from resources.sample_numbers import CLINIC
from tests.desk.station import clinic_pool, new_case, payee, ready_case
from tests.stories.office import CuttingLink, Laptop, Office, StoppedClock


def noise() -> bytes:
    """Return a picture of about a megabyte that does not compress."""
    out = io.BytesIO()
    Image.frombytes("RGB", (640, 560), os.urandom(640 * 560 * 3)).save(out, "PNG")
    return out.getvalue()


def paper_out(desk: Desk, case_no: str) -> str:
    """Conclude the case and hand its paper over; return the number."""
    (paper,) = desk.conclude(case_no, CLINIC, (payee(),))
    desk.draw(paper.number)
    desk.mark_printed(paper.number, "printer")
    desk.hand_over(paper.number, "覃建国")
    return paper.number


def test_taken_offline_then_receipted_replayed_and_settled(office: Office) -> None:
    with office.serving() as url:
        laptop = office.enrol("D3", url)
        office.allow("D3", clinic_pool(), 1_500_000, 2_000_000)
        with laptop.desk() as desk:
            assert desk.sync().problem is None

    with laptop.desk() as desk:  # headquarters is gone
        lost_link = desk.sync()
        assert lost_link.problem is not None
        assert lost_link.problem.retryable
        assert lost_link.problem.sentence("zh")
        case_no = ready_case(desk)
        number = paper_out(desk, case_no)
        pdf = desk.drawing(number)
        assert desk.case(case_no).ack is Acknowledgement.DISK

    with office.serving() as url, laptop.at(url).desk() as desk:
        first, second = desk.sync(), desk.sync()
        assert first.problem is None
        assert first.events_sent > 0
        assert (second.event_bytes, second.chunk_bytes, second.events_sent) == (0, 0, 0)
        (answer,) = desk.answers(case_no)
        assert (answer.replay, answer.settlement, answer.amount_fen) == ("identical", "settled", 648_824)
        assert desk.case(case_no).ack is Acknowledgement.HQ
        assert desk.paper(number).state is PaperState.REDEEMED
        assert all(each.held_by_hq for each in desk.documents(case_no))
        safety = desk.safety()
        assert (safety.disk, safety.attachments_waiting) == (0, 0)

    root_pem = ssl.DER_cert_to_PEM_cert(office.hq.root_der).encode()
    text = read_qr(pdf)
    assert check(text, root_pem).claims[5] == 648_824
    with pytest.raises(NotGenuineError):
        check(with_one_digit_changed(text), root_pem)


def test_two_stations_without_an_allowance_a_slip_with_a_float_one_settled_one_held(office: Office) -> None:
    with office.serving() as url:
        laptops = {"D3": office.enrol("D3", url), "D4": office.enrol("D4", url)}
        laptops["D5"] = office.enrol("D5", url, float_fen=2_000_000)
        office.allow("D3", clinic_pool(), 1_500_000, 2_000_000)
        for laptop in laptops.values():
            with laptop.desk() as desk:
                assert desk.sync().problem is None
    exposure_fen = total_exposure(office.hq).float_fen

    numbers = {}
    for device, laptop in laptops.items():
        with laptop.desk() as desk:
            numbers[device] = paper_out(desk, ready_case(desk))
            kind = PaperKind.SLIP if device == "D4" else PaperKind.VOUCHER
            assert desk.paper(numbers[device]).kind is kind

    with office.serving() as url:
        verdicts = {}
        for device in ("D5", "D3", "D4"):
            with laptops[device].at(url).desk() as desk:
                assert desk.sync().problem is None
                verdicts[device] = desk.paper(numbers[device]).settlement
                if device != "D4":
                    assert desk.paper(numbers[device]).state is not PaperState.VOIDED
    assert sorted(str(each) for each in verdicts.values()) == ["None", "hold", "settled"]
    assert verdicts["D4"] is None
    assert exposure_fen >= 648_824


def test_a_link_cut_inside_a_chunk_resumes_and_sends_little_twice(office: Office) -> None:
    big = noise()
    with office.serving() as url:
        laptop = office.enrol("D3", url)
        office.allow("D3", clinic_pool(), 1_500_000, 2_000_000)
        with laptop.desk() as desk:
            assert desk.sync().problem is None
        link = CuttingLink(url)
        try:
            with laptop.at(link.url).desk() as desk:
                case_no = desk.open_case(new_case())
                desk.add_document(case_no, Material.OUTPATIENT_BILL, "bill.png", big)
                link.budget = 400_000
                cut = desk.sync()
                assert cut.problem is not None
                assert desk.case(case_no).ack is Acknowledgement.HQ, "the log goes before the pictures"
                assert desk.safety().attachments_waiting > 0

                link.budget = None
                before = link.carried_up
                assert desk.sync().problem is None
                assert desk.safety().attachments_waiting == 0
                assert link.carried_up - before < len(big), "what headquarters held was not sent again"
        finally:
            link.close()


def test_a_restored_disk_is_found_and_frozen(office: Office, tmp_path: Path) -> None:
    with office.serving() as url:
        laptop = office.enrol("D3", url)
        with laptop.desk() as desk:
            assert desk.sync().problem is None
        image = {each.name: each.read_bytes() for each in laptop.settings.home.iterdir() if each.is_file()}
        with laptop.desk() as desk:
            desk.open_case(new_case(description="before the image came back"))
            assert desk.sync().problem is None
        for name, content in image.items():
            (laptop.settings.home / name).write_bytes(content)
        with laptop.desk() as desk:
            desk.open_case(new_case(description="the restored disk does something else"))
            found = desk.sync()
        assert found.problem is not None
        assert found.problem.sentence("zh")


def test_a_code_enrols_one_laptop_only(office: Office, tmp_path: Path) -> None:
    with office.serving() as url:
        code = office.code("D3")
        first = Laptop(Settings(home=tmp_path / "first", hq_url=url, adjuster="0417"))
        second = Laptop(Settings(home=tmp_path / "second", hq_url=url, adjuster="0417"))
        enrol_laptop(first.settings, code, first.unlock)
        with pytest.raises(InputError, match="enrolment_code_refused"):
            enrol_laptop(second.settings, code, second.unlock)
        with pytest.raises(InputError, match="enrolment_code_mistyped"):
            enrol_laptop(second.settings, code[:-1], second.unlock)
    assert not (tmp_path / "second" / "store.db").exists()


def test_a_revoked_laptop_learns_it_and_promises_nothing_more(office: Office) -> None:
    with office.serving() as url:
        laptop = office.enrol("D3", url)
        office.allow("D3", clinic_pool(), 1_500_000, 2_000_000)
        with laptop.desk() as desk:
            assert desk.sync().problem is None
            case_no = ready_case(desk)
            revoke(office.hq, "D3")
            stopped = desk.sync()
            assert stopped.problem is not None
            assert "总部" in stopped.problem.sentence("zh")
    with laptop.desk() as desk:
        (paper,) = desk.conclude(case_no, CLINIC, (payee(),))
        assert paper.kind is PaperKind.SLIP


def test_a_damaged_extract_is_told_and_fetched_again(office: Office) -> None:
    with office.serving() as url:
        laptop = office.enrol("D3", url)
        with laptop.desk() as desk:
            assert desk.sync().problem is None
            assert desk.search_people("陈㛃")
        files = sorted((laptop.settings.home / "extract").glob("*.db"))
        assert files
        for file in files:
            file.write_bytes(b"\0" * file.stat().st_size)
        with laptop.desk() as desk:
            with pytest.raises(EnvironmentProblem, match="extract_unreadable"):
                desk.search_people("陈㛃")
            assert desk.open_case(new_case())
            assert desk.sync().problem is None
            assert desk.search_people("陈㛃")


def test_a_sync_that_only_asked_still_raises_the_time_floor(office: Office) -> None:
    with office.serving() as url:
        laptop = office.enrol("D3", url)
        with laptop.desk() as desk:
            assert desk.sync().problem is None
            before = desk.time()
            assert desk.sync().events_sent == 0
            floor = system_now() - timedelta(minutes=1)
    with laptop.desk(clock=StoppedClock(floor - timedelta(days=365))) as desk:
        assert before.believed
        assert not desk.time().believed
        assert desk.time().at >= floor
