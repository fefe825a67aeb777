"""Story: after the quake, an accident medical claim from first contact to printed voucher while headquarters is gone; it arrives
when headquarters is back. Case 3 of the demo."""

from __future__ import annotations

from pathlib import Path

from app.demo.independent_check import check, read_qr
from claims.records import PaperState
from tests.stories.at_the_counter import (
    files_of,
    find_person,
    move,
    paper_out,
    prepared,
    printer_that_writes,
    sign_both,
    unlock,
)
from tests.stories.office import Office
from tests.stories.person import Person
from tests.stories.window import window_at

PAPERS = ("理赔申请书", "身份证", "病历", "门诊票据", "意外事故证明", "银行卡")
LIMIT = 40
"""Accident medical claim with an e-bill, from *New claim* to printed voucher (the brief's measure)."""


def take_the_claim(person: Person, folder: Path) -> None:
    find_person(person, "覃建国")
    person.press("Return")
    person.choose("理赔类型", "意外医疗")
    person.fill("出险日期", "2026-11-20")
    person.fill("出险地点", "清溪县一中安置点")
    person.click("由清溪 11·20 地震造成")
    person.press("Ctrl+Return")
    person.drop("拖到这里", files_of(folder, PAPERS, ("姓名 覃建国", "日期 2026-11-20")))
    for name, text in (
        ("入院或就诊日期", "2026-11-20"),
        ("票据代码", "99060126"),
        ("票据号码", "0000731846"),
        ("医疗费总额", "8210.30"),
        ("目录外自费金额", "1915.80"),
        ("医院级别", "1"),
    ):
        person.fill(name, text)
    person.choose("票据类别", "门诊")
    person.choose("是否已按医保结算", "否")
    person.choose("是否公立医院", "否")
    person.press("Ctrl+Return")
    assert person.can_see("6,488.24")
    assert person.can_see("您能拿到 6,488.24 元")
    person.press("Ctrl+Return")
    sign_both(person)


def test_from_first_contact_to_printed_voucher_offline_and_receipted_later(office: Office, tmp_path: Path) -> None:
    laptop = prepared(office)
    printed = tmp_path / "printed.pdf"
    with printer_that_writes(printed), window_at(laptop.settings.home) as person:
        unlock(person, laptop)
        take_the_claim(person, tmp_path / "papers")
        paper_out(person)
        assert person.actions <= LIMIT, person.actions
        assert person.watch.stalls == []
        assert printed.stat().st_size > 10_000
        person.press("Ctrl+Return")
        assert person.can_see("排队"), "the next person may sit down"

    with laptop.desk() as desk:
        (paper,) = desk.papers()
        assert (paper.state, paper.amount_fen) == (PaperState.HANDED_OVER, 648_824)
        pdf = desk.drawing(paper.number)
    root_pem = laptop.settings.root_pem.read_bytes()
    assert check(read_qr(pdf), root_pem).claims[5] == 648_824

    with office.serving() as url, window_at(laptop.settings.home) as person:
        move(laptop, url)
        unlock(person, laptop)
        person.click("同步")
        person.press("Y")
        frame = person.window.frame
        assert frame is not None
        assert frame.syncing.now.problem is None
        assert person.can_see("总部回执")
    with laptop.desk() as desk:
        assert desk.paper(paper.number).state is PaperState.REDEEMED
        assert (desk.safety().disk, desk.safety().attachments_waiting) == (0, 0)
