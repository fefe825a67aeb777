"""What a tired adjuster may enter or hand in, and what the machine may do. Each has a sentence; nothing is lost in any of them."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pypdfium2
import pytest

from claims.desk import Desk
from claims.errors import EnvironmentProblem, InputError, OutpostError
from claims.events import Outcome, PaperKind
from claims.materials import Material
from local_db.release_shelf import PACK, ReleaseShelf, release_floor
from resources.sample_numbers import CLINIC
from tests.desk.station import (
    NOON,
    PACK_BYTES,
    Station,
    claimant,
    clinic_facts,
    decide_and_sign,
    new_case,
    payee,
    photo,
    ready_case,
    take_papers,
)
from trust.certificates import TrustStore


def spoken(error: OutpostError, code: str, *words: str) -> None:
    """Check the code, that both languages speak, and that the values are named."""
    assert error.code == code
    assert error.cause.zh
    assert error.next_step.zh
    assert error.cause.en
    assert error.next_step.en
    for word in words:
        assert word in error.sentence("zh"), error.sentence("zh")


def test_an_id_number_with_a_wrong_check_digit(desk: Desk) -> None:
    right = claimant().id_number or ""
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    with pytest.raises(InputError) as refused:
        desk.open_case(new_case(insured=msgspec.structs.replace(claimant(), id_number=wrong)))
    spoken(refused.value, refused.value.code, right[-1])
    assert not desk.cases()


def test_a_loss_in_the_future(desk: Desk) -> None:
    with pytest.raises(InputError) as refused:
        desk.open_case(new_case(loss_date=date(2026, 11, 23)))
    spoken(refused.value, "loss_in_future", "2026-11-23", "2026-11-22")


def test_beijing_has_the_next_day_already(station: Station, desk: Desk) -> None:
    station.clock.wall = NOON.replace(hour=17)  # 01:00 on the 23rd in Beijing
    assert desk.open_case(new_case(loss_date=date(2026, 11, 23)))


@pytest.mark.parametrize("amount_fen", [-1, -821_030, 10**15])
def test_negative_and_absurd_amounts(desk: Desk, amount_fen: int) -> None:
    case_no = desk.open_case(new_case())
    with pytest.raises(InputError) as refused:
        desk.adjudicate(case_no, CLINIC, clinic_facts(bill_total=amount_fen))
    spoken(refused.value, "fact_refused", "bill_total")
    assert not desk.determinations(case_no)


def test_a_date_that_does_not_exist(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    with pytest.raises(InputError) as refused:
        desk.adjudicate(case_no, CLINIC, clinic_facts(accident_date="2026-02-29"))
    spoken(refused.value, "fact_refused", "accident_date")


def test_the_contract_can_not_be_overwritten_by_hand(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    with pytest.raises(InputError) as refused:
        desk.adjudicate(case_no, CLINIC, clinic_facts(sum_insured=10**9, waive_hospital_list=True))
    spoken(refused.value, "fact_not_yours", "sum_insured", "waive_hospital_list")


def test_a_missing_fact_goes_to_a_person_and_never_to_zero(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    take_papers(desk, case_no)
    facts = clinic_facts()
    del facts["fund_paid"]
    found = desk.adjudicate(case_no, CLINIC, facts)
    assert found.outcome is Outcome.REFERRED
    assert found.reasons


def test_born_on_29_february(desk: Desk) -> None:
    hit = desk.search_people("万俟清禾")[0]
    assert hit.person.birth_date == date(2012, 2, 29)
    person = msgspec.structs.replace(
        claimant(), name=hit.person.name, id_number=hit.person.id_number, birth_date=hit.person.birth_date
    )
    case_no = desk.open_case(new_case(insured=person))
    assert desk.case(case_no).insured.birth_date == date(2012, 2, 29)


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("bill.jpg", b""),
        ("bill.jpg", photo(1)[: len(photo(1)) // 2]),
        ("bill.jpg", b"%PDF-1.7\n%%EOF"),
        ("bill.pdf", photo(1)),
        ("bill.jpg", b"MZ\x90\x00" + b"\0" * 400),
    ],
    ids=["empty", "truncated", "pdf named jpg", "jpg named pdf", "program"],
)
def test_a_bad_file_is_refused_and_changes_nothing(desk: Desk, filename: str, content: bytes) -> None:
    case_no = desk.open_case(new_case())
    with pytest.raises(InputError) as refused:
        desk.add_document(case_no, Material.OUTPATIENT_BILL, filename, content)
    spoken(refused.value, refused.value.code)
    assert not desk.documents(case_no)


def test_the_same_file_twice(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    desk.add_document(case_no, Material.OUTPATIENT_BILL, "bill.jpg", photo(1))
    with pytest.raises(InputError) as refused:
        desk.add_document(case_no, Material.OUTPATIENT_BILL, "again.jpg", photo(1))
    spoken(refused.value, "document_twice", "bill.jpg")


def test_a_clock_set_back_a_year_promises_nothing_and_loses_nothing(station: Station, desk: Desk) -> None:
    case_no = ready_case(desk)
    station.clock.wall = NOON - timedelta(days=365)

    (paper,) = desk.conclude(case_no, CLINIC, (payee(),))

    assert paper.kind is PaperKind.SLIP
    assert paper.issued_at >= NOON - timedelta(hours=2)
    assert desk.adjudicate(case_no, CLINIC, clinic_facts()).outcome is Outcome.REFERRED
    assert any("时钟" in reason.zh for reason in desk.determinations(case_no)[0].outcome_reasons)
    station.clock.wall = NOON
    decide_and_sign(desk, case_no)
    assert desk.conclude(case_no, CLINIC, (payee(),))[0].kind is PaperKind.VOUCHER


def test_a_clock_ten_years_ahead_collects_only_names_the_clock_and_heals(station: Station, desk: Desk) -> None:
    case_no = ready_case(desk)
    station.clock.wall = NOON + timedelta(days=3650)

    found = desk.adjudicate(case_no, CLINIC, clinic_facts())

    assert found.outcome is Outcome.RECEIPT_ONLY
    assert any("时钟" in reason.zh for reason in found.reasons)
    station.clock.wall = NOON
    decide_and_sign(desk, case_no)
    assert desk.conclude(case_no, CLINIC, (payee(),))[0].kind is PaperKind.VOUCHER


def test_an_expired_pack_collects_only(station: Station, desk: Desk) -> None:
    case_no = ready_case(desk)
    station.clock.wall = NOON + timedelta(days=61)
    found = desk.adjudicate(case_no, CLINIC, clinic_facts())
    assert found.outcome is Outcome.RECEIPT_ONLY
    assert any("过期" in reason.zh for reason in found.reasons)
    assert desk.conclude(case_no, CLINIC, (payee(),))[0].kind is PaperKind.SLIP


def test_a_pack_past_its_warning_date_says_so_on_the_paper(station: Station, desk: Desk) -> None:
    station.clock.wall = NOON + timedelta(days=25)
    (paper,) = desk.conclude(ready_case(desk), CLINIC, (payee(),))
    assert paper.kind is PaperKind.VOUCHER
    with pypdfium2.PdfDocument(desk.draw(paper.number).pdf) as drawn:
        text = "".join(page.get_textpage().get_text_range() for page in drawn)
    assert "超过提醒期" in text


def test_a_pack_with_a_flipped_byte_is_never_used(station: Station, desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    blob = next((station.home / "releases").glob("pack-1.blob"))
    damaged = bytearray(blob.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    blob.write_bytes(bytes(damaged))

    with pytest.raises(EnvironmentProblem) as refused:
        desk.adjudicate(case_no, CLINIC, clinic_facts())

    spoken(refused.value, "release_damaged")
    assert not desk.determinations(case_no)
    assert desk.give_slip(case_no).kind is PaperKind.SLIP


def test_a_forged_and_an_older_pack_are_not_taken(station: Station) -> None:
    station.install_pack(version=2)
    shelf = station.shelf()
    with pytest.raises(EnvironmentProblem) as older:
        shelf.take(station.hq.release(PACK, 1, PACK_BYTES), PACK_BYTES)
    spoken(older.value, "release_rollback")
    forged = bytearray(station.hq.release(PACK, 3, PACK_BYTES))
    forged[-1] ^= 1
    with pytest.raises(EnvironmentProblem) as refused:
        shelf.take(bytes(forged), PACK_BYTES)
    spoken(refused.value, "release_forged")
    with pytest.raises(EnvironmentProblem) as other:
        shelf.take(station.hq.release(PACK, 3, PACK_BYTES), PACK_BYTES + b" ")
    spoken(other.value, "release_damaged")
    assert shelf.floor(PACK) == 2


def test_older_files_put_back_on_the_disk_are_not_believed(station: Station) -> None:
    station.install_pack(version=2)
    with station.store() as store:
        with store.write() as uow:
            uow.raise_floor(release_floor(PACK), 2)
            uow.raise_floor(release_floor(PACK), 1)

        def kept_floor(kind: str) -> int:
            with store.read() as reads:
                return reads.floor(release_floor(kind))

        shelf = ReleaseShelf(station.home / "releases", TrustStore(station.hq.root), kept_floor)
        assert shelf.installed_pack() is not None
        for file in (station.home / "releases").glob("pack-2.*"):
            file.unlink()
        with pytest.raises(EnvironmentProblem) as refused:
            shelf.installed_pack()
        spoken(refused.value, "release_rollback")


def test_the_number_block_runs_out(station: Station) -> None:
    small = Station(station.home.parent / "small", station.hq, station.clock)
    small.create(numbers=1)
    desk = small.open()
    desk.open_case(new_case())
    with pytest.raises(EnvironmentProblem) as refused:
        desk.open_case(new_case())
    spoken(refused.value, "numbers_exhausted")
    desk.close()


def test_a_revoked_laptop_takes_in_but_promises_nothing(station: Station, desk: Desk) -> None:
    from claims.statements import Bilingual, DeviceRevoked

    case_no = ready_case(desk)
    desk.close()
    with station.store() as store, store.write() as uow:
        uow.receive(station.hq.say(DeviceRevoked, reason=Bilingual("遗失", "lost")))
    again = station.open()
    (paper,) = again.conclude(case_no, CLINIC, (payee(),))
    assert paper.kind is PaperKind.SLIP
    again.close()
