"""What goes wrong, as the person in front of the window sees it: a sentence with values and a next step, nothing lost, a way on."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest

from app.demo.paperwork import photographed
from app.entrance import LocalEntrance
from app.system_clock import SystemClock
from claims.errors import EnvironmentProblem
from claims.records import PaperRecord, PaperState
from headquarters.devices import revoke
from headquarters.system_clock import system_now
from tests.stories.at_the_counter import files_of, find_person, move, prepared, unlock
from tests.stories.office import CuttingLink, Office, StoppedClock, no_wait
from tests.stories.person import Person
from tests.stories.test_main_job import noise
from tests.stories.test_window_disaster import take_the_claim
from tests.stories.window import window_at


def open_case(person: Person) -> None:
    """Open the quake's clinic case, no papers yet."""
    find_person(person, "覃建国")
    person.press("Return")
    person.choose("理赔类型", "意外医疗")
    person.fill("出险日期", "2026-11-20")
    person.fill("出险地点", "清溪县一中安置点")
    person.click("由清溪 11·20 地震造成")
    person.press("Ctrl+Return")


def test_a_wrong_passphrase_is_counted_and_delayed_and_the_right_one_opens_later(office: Office) -> None:
    laptop = prepared(office)
    with window_at(laptop.settings.home) as person:
        for _ in range(3):
            person.type_here("bako-tulu-mezi-rona-siku-xxxx")
            person.press("Return")
            assert person.can_see("不对") or person.can_see("等待"), person.texts()
        assert person.can_see("次")
        assert not person.can_see("排队")


def test_files_that_are_no_papers_are_refused_in_words_and_the_others_are_taken(office: Office, tmp_path: Path) -> None:
    laptop = prepared(office)
    good = photographed("身份证", ("姓名 覃建国",))
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "病历.jpg").write_bytes(b"")
    (bad / "门诊票据.jpg").write_bytes(good[: len(good) // 2])
    (bad / "银行卡.pdf").write_bytes(good)
    (bad / "身份证.jpg").write_bytes(good)
    (bad / "身份证（又一份）.jpg").write_bytes(good)
    with window_at(laptop.settings.home) as person:
        unlock(person, laptop)
        open_case(person)
        person.drop("拖到这里", sorted(bad.iterdir()))
        said = " ".join(person.texts())
        for word in ("空", "不完整", "PDF", "同一个文件"):
            assert word in said, (word, said)
    with laptop.desk() as desk:
        (case,) = desk.cases()
        assert [each.material for each in desk.documents(case.case_no)] == ["insured_id"]


def test_absurd_entries_are_told_beside_their_fields(office: Office, tmp_path: Path) -> None:
    laptop = prepared(office)
    with window_at(laptop.settings.home) as person:
        unlock(person, laptop)
        open_case(person)
        person.drop("拖到这里", files_of(tmp_path / "papers", ("身份证",), ("姓名 覃建国",)))
        for name, text in (
            ("入院或就诊日期", "2031-01-01"),
            ("票据号码", "0000731846"),
            ("医疗费总额", "-5"),
            ("目录外自费金额", "99999999999"),
            ("医院级别", "9"),
        ):
            person.fill(name, text)
        person.press("Ctrl+Return")
        said = {
            name: person.find(name).accessibleDescription()
            for name in ("入院或就诊日期", "医疗费总额", "目录外自费金额", "医院级别")
        }
        assert "2031-01-01" in said["入院或就诊日期"]
        assert all(len(words) > 8 for words in said.values()), said
        assert person.can_see("材料"), "nobody was led on with wrong facts"
        assert not person.can_see("您能拿到")


def test_an_unknown_person_with_a_wrong_check_digit_is_told_and_taken_in_once_mended(office: Office) -> None:
    laptop = prepared(office)
    with window_at(laptop.settings.home) as person:
        unlock(person, laptop)
        person.press("N")
        person.choose("理赔类型", "意外医疗")
        person.fill("被保险人姓名", "𠅤䶮")
        person.fill("被保险人证件号码", "990101198203140150")
        person.fill("出险日期", "2026-11-20")
        person.fill("出险地点", "清溪县")
        person.press("Ctrl+Return")
        assert "校验" in person.find("被保险人证件号码").accessibleDescription()
        person.fill("被保险人证件号码", "")
        person.find("被保险人证件号码").setProperty("text", "")
        person.press("Ctrl+Return")
        assert person.can_see("报案，已完成"), person.texts()
    with laptop.desk() as desk:
        assert [each.insured.name for each in desk.cases()] == ["𠅤䶮"], "rare characters stay in the data"


def test_no_printer_is_told_and_the_paper_can_be_saved(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from views import printing

    laptop = prepared(office)
    saved = tmp_path / "stick" / "voucher.pdf"
    saved.parent.mkdir()
    monkeypatch.setattr(printing, "open_save_dialog", lambda _parent, _ui, _suggested, chosen: chosen(saved))
    with window_at(laptop.settings.home) as person:
        unlock(person, laptop)
        take_the_claim(person, tmp_path / "papers")
        person.press("Ctrl+Return")
        person.press("Ctrl+Return")
        assert person.can_see("打印机"), person.texts()
        assert [each.state for each in papers_of(person)] == [PaperState.RENDERED], "nothing claims an unseen paper"
        person.click("存 PDF")
        person.wait_until(lambda: person.can_see("交到客户手里再按"))
        assert saved.read_bytes().startswith(b"%PDF")


def test_a_full_disk_while_a_case_opens_is_told_and_the_same_report_opens_once_there_is_room(office: Office) -> None:
    laptop = prepared(office)
    with window_at(laptop.settings.home) as person:
        unlock(person, laptop)
        assert person.window.frame is not None
        desk = person.window.frame.desk
        store = desk._ports.store  # the drill's own handle on the disk
        find_person(person, "覃建国")
        person.press("Return")
        person.choose("理赔类型", "意外医疗")
        person.fill("出险地点", "清溪县一中安置点")
        person.paste("事故经过", "地震中被倒塌的围墙砸伤左臂。" * 130)
        store.limit_pages(store.pages())
        with contextlib.suppress(EnvironmentProblem):
            for number in range(10_000):
                desk.save_draft(f"filler:{number}", b"x" * 900)
        person.press("Ctrl+Return")
        assert any("full" in code for code in person.window.frame.problems.codes), (
            person.window.frame.problems.sentences
        )
        store.limit_pages(None)
        person.press("Ctrl+Return")
        assert person.can_see("报案，已完成")
    with laptop.desk() as desk:
        assert len(desk.cases()) == 1


@pytest.mark.parametrize("years", [-1, 10])
def test_a_wrong_clock_is_told_and_stops_the_promise_not_the_papers(office: Office, tmp_path: Path, years: int) -> None:
    laptop = prepared(office)
    clock = StoppedClock(system_now() + timedelta(days=365 * years))
    with window_at(laptop.settings.home, clock=clock) as person:
        unlock(person, laptop)
        assert person.can_see("时钟"), person.texts()
        open_case(person)
        person.drop("拖到这里", files_of(tmp_path / "papers", ("身份证", "门诊票据"), ("姓名 覃建国",)))
    with laptop.desk() as desk:
        (case,) = desk.cases()
        assert len(desk.documents(case.case_no)) == 2


def test_a_stopped_laptop_says_so_and_takes_papers_in(office: Office) -> None:
    laptop = prepared(office)
    revoke(office.hq, "D3")
    with office.serving() as url, window_at(laptop.settings.home) as person:
        move(laptop, url)
        unlock(person, laptop)
        person.click("同步")
        person.press("Y")
        assert person.can_see("停用"), person.texts()


@pytest.mark.parametrize("budget", [0, 400, 1_500, 4_000, 12_000, 60_000, 400_000])
def test_headquarters_goes_in_the_middle_of_a_sync_and_everything_arrives_when_it_is_back(
    office: Office, tmp_path: Path, budget: int
) -> None:
    laptop = prepared(office)
    with office.serving() as url:
        link = CuttingLink(url)
        try:
            move(laptop, link.url)
            at_once = LocalEntrance(laptop.settings.home, SystemClock(), wait=no_wait)
            with window_at(laptop.settings.home, entrance=at_once) as person:
                unlock(person, laptop)
                open_case(person)
                (tmp_path / "现场照片.png").write_bytes(noise())
                person.drop("拖到这里", [tmp_path / "现场照片.png"])
                link.budget = budget
                person.click("同步")
                person.press("Y")
                assert person.can_see("重试") or person.can_see("没有送完") or person.can_see("断"), person.texts()
                link.budget = None
                person.press("Y")
                frame = person.window.frame
                assert frame is not None
                assert frame.syncing.now.problem is None, frame.syncing.now.problem
                safety = frame.desk.safety()
                assert (safety.disk, safety.attachments_waiting) == (0, 0)
        finally:
            link.close()
    with laptop.desk() as desk:
        assert len(desk.cases()) == 1


def test_headquarters_comes_back_between_two_tries_and_nobody_presses_anything(office: Office) -> None:
    laptop = prepared(office)
    with office.serving() as url:
        link = CuttingLink(url)
        try:
            move(laptop, link.url)
            with window_at(laptop.settings.home) as person:
                unlock(person, laptop)
                open_case(person)
                link.budget = 0
                person.click("同步")
                person.start("Y")
                person.wait_until(lambda: person.can_see("再试"))
                assert person.window.tasks.under_way, "it is trying by itself"
                link.budget = None
                person.wait()
                frame = person.window.frame
                assert frame is not None
                assert frame.syncing.now.problem is None, frame.syncing.now.problem
                assert frame.desk.safety().disk == 0
        finally:
            link.close()


def test_a_damaged_extract_is_told_and_a_case_can_still_be_opened(office: Office) -> None:
    laptop = prepared(office)
    files = sorted((laptop.settings.home / "extract").glob("*.db"))
    assert files
    for file in files:
        file.write_bytes(b"\0" * file.stat().st_size)
    with window_at(laptop.settings.home) as person:
        unlock(person, laptop)
        person.press("/")
        person.type_here("覃")
        assert person.can_see("保单资料") or person.can_see("资料"), person.texts()
        person.press("Escape")
        person.click("本机没有此人，照样受理")
        assert person.can_see("被保险人姓名")


def test_two_windows_on_one_folder_are_refused_in_words(office: Office) -> None:
    from app.one_window import held

    laptop = prepared(office)
    with held(laptop.settings.home), pytest.raises(EnvironmentProblem) as refused, held(laptop.settings.home):
        pass
    assert refused.value.code == "home_in_use"


def papers_of(person: Person) -> list[PaperRecord]:
    """The numbered papers, read by the window's own desk."""
    assert person.window.frame is not None
    return list(person.window.frame.desk.papers())
