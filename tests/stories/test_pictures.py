"""Pictures of every screen on one believable day, in both languages, by day and in the sun; and what must hold on each of them.

`make screens` writes them to ``docs/screens``; the ordinary run writes them to a temporary folder and throws them away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.station_card import read_card, write_card
from app.version import VERSION
from claims.paper_definitions import PaperId
from claims.records import PaperState
from local_db.key_file import add_slot, change_secret
from local_db.key_slots import PassphraseUnlock, PinUnlock
from sync.wire.enrolment import SECRET_BYTES, make_code
from tests.desk.station import PASSPHRASE
from tests.stories.at_the_counter import ACCOUNT, find_person
from tests.stories.person import Person
from tests.stories.picture_album import SCREENS, Album
from tests.stories.picture_papers import DRAWINGS, write_papers
from tests.stories.picture_world import (
    ADJUSTER,
    NOW,
    PIN,
    PictureEntrance,
    PictureKeyring,
    PicturePractice,
    PicturePrinter,
    StandingWatch,
    World,
    fixed_day,
)
from tests.stories.window import window_at
from tests.views.conftest import qt_is_silent  # noqa: F401 - an autouse fixture
from tests.views.line import Gate
from trust.vouchers import voucher_qr_text
from views import printing
from views.about import About
from views.screens.case.ink_pad import InkPad
from views.screens.case.paper_view import PaperView

GUIDES = tuple(SCREENS.parent / f"user-guide.{code}.md" for code in ("zh", "en"))
MOST_BYTES = 9_000_000
_STANDING = (PaperState.PRINTED, PaperState.HANDED_OVER)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with fixed_day():
        made = World(tmp_path_factory.mktemp("world"))
        yield made
        made.close()


@pytest.fixture
def album(tmp_path: Path) -> Album:
    return Album.at(tmp_path / "album")


@pytest.fixture(autouse=True)
def everything_stands_still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """How long a search took, what system this is and whether the caret is just dark must not depend on the machine."""
    monkeypatch.setattr("views.screens.people.QElapsedTimer", StandingWatch)
    monkeypatch.setattr("views.syncing.QElapsedTimer", StandingWatch)
    monkeypatch.setattr("platform.release", lambda: "6.8")
    assert QApplication.instance() or QApplication([])
    before = QApplication.cursorFlashTime()
    QApplication.setCursorFlashTime(0)
    yield
    QApplication.setCursorFlashTime(before)


def unlock(person: Person) -> None:
    person.type_here(PASSPHRASE)
    person.press("Return")


def try_the_line(person: Person) -> None:
    """Sync once, so that the window knows how the line is."""
    person.click("同步")
    person.press("Y")


def test_the_door(world: World, album: Album, tmp_path: Path) -> None:
    code = make_code(bytes(range(1, SECRET_BYTES + 1)), world.hq.root_der)
    world.clock.wall = NOW
    new = tmp_path / "new"
    practice = PicturePractice(world, code=code)
    with window_at(new, entrance=PictureEntrance(world, new), practice=practice) as person:
        album.scene(person, "01-enrol")
    world.unplug()

    home = world.laptop("pin")
    keyring = PictureKeyring()
    by_pin = PinUnlock(ADJUSTER, PIN, keyring)
    change_secret(home, PassphraseUnlock(ADJUSTER, PASSPHRASE), by_pin, world.clock)
    add_slot(home, by_pin, PinUnlock("0422", "715309", keyring), world.clock)
    card = read_card(home)
    card.names["0422"] = "周明远"
    write_card(home, card)
    with window_at(home, entrance=PictureEntrance(world, home, keyring=lambda: keyring)) as person:
        person.type_here("8024")
        album.scene(person, "02-unlock")
        album.by_night(person, "02-unlock")
        person.type_here("99")
        person.press("Return")
        album.scene(person, "03-unlock-wrong")

    home = world.laptop("passphrase")
    with window_at(home, entrance=PictureEntrance(world, home)) as person:
        person.type_here("bako-tulu")
        album.scene(person, "04-unlock-passphrase")
    assert not album.wrong, "\n".join(album.wrong)


def test_the_places(world: World, album: Album) -> None:
    home = world.laptop("places")
    about = About(VERSION, Path("/home/lin/.local/share/outpost"))
    with window_at(home, entrance=PictureEntrance(world, home), about=about) as person:
        unlock(person)
        try_the_line(person)
        person.click("工作台")
        album.scene(person, "05-desk")
        album.by_night(person, "05-desk")
        album.large(person, "05-desk")
        person.click("仅本机")
        album.scene(person, "06-at-risk")
        person.press("Escape")
        person.click("案件")
        album.scene(person, "07-cases")
        person.click("人与保单")
        person.type_here("zla")
        album.scene(person, "08-people")
        person.click("设置")
        album.scene(person, "20-setup")
    assert not album.wrong, "\n".join(album.wrong)


def test_a_case_from_report_to_voucher(
    world: World, album: Album, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = PicturePrinter(tmp_path / "printed.pdf")
    monkeypatch.setattr(printing, "open_print_dialog", printer.choose)
    home = world.laptop("case")
    with window_at(home, entrance=PictureEntrance(world, home)) as person:
        unlock(person)
        try_the_line(person)
        find_person(person, "覃建国")
        person.press("Return")
        person.choose("理赔类型", "意外医疗")
        person.fill("出险日期", "2026-11-20")
        person.fill("出险地点", "清溪县一中安置点")
        person.click("由清溪 11·20 地震造成")
        person.fill("事故经过", "地震时屋檐瓦片坠落，左前臂骨折并裂伤。")
        person.wait_until(lambda: person.can_see("草稿已存盘"))
        album.scene(person, "09-report")
        world.clock.wall = NOW + timedelta(minutes=2)
        person.press("Ctrl+Return")
        person.drop("拖到这里", write_papers(tmp_path / "papers", tuple(DRAWINGS)))
        person.click("门诊票据")
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
        person.find("票据类别").setFocus()
        person.press("Tab")
        album.scene(person, "10-papers")
        album.large(person, "10-papers")
        world.clock.wall = NOW + timedelta(minutes=5)
        person.press("Ctrl+Return")
        assert person.can_see("6,488.24")
        album.scene(person, "11-benefit")
        album.by_night(person, "11-benefit")
        world.clock.wall = NOW + timedelta(minutes=7)
        person.press("Ctrl+Return")
        person.fill("开户银行", "示例银行")
        person.fill("银行账号", ACCOUNT)
        person.click("本人已看过金额和计算")
        person.sign("申请人", InkPad)
        person.sign("经办人", InkPad)
        album.scene(person, "12-sign")
        world.clock.wall = NOW + timedelta(minutes=9)
        for _ in ("record", "issue", "print"):
            person.press("Ctrl+Return")
        album.scene(person, "14-no-printer")
        printer.there = True
        person.click("知道了")
        person.press("Ctrl+Return")
        person.wait_until(lambda: person.can_see("交到客户手里再按"))
        album.scene(person, "13-voucher")
        person.press("Ctrl+Return")
    assert not album.wrong, "\n".join(album.wrong)


def test_the_papers_beside_a_claim(world: World, album: Album, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printer = PicturePrinter(tmp_path / "printed.pdf", there=True)
    monkeypatch.setattr(printing, "open_print_dialog", printer.choose)
    monkeypatch.setattr("views.batch_printing.QElapsedTimer", StandingWatch)
    home = world.laptop("documents")
    with window_at(home, entrance=PictureEntrance(world, home)) as person:
        unlock(person)
        try_the_line(person)
        person.click("案件")
        person.press("/")
        person.type_here("周立安")
        person.press("Return")
        person.press("Ctrl+6")
        person.click("理赔申请书")
        person.fill("事故经过", "地震时货架倒下，右肩砸伤。")
        person.fill("社会医疗保险", "职工医保")
        person.choose("其他公司投保", "否")
        person.find("事故经过").setFocus()
        album.scene(person, "22-document-form")
        person.press("Ctrl+Return")
        person.sign("申请人", InkPad)
        person.wait_until(lambda: all(each.is_sharp for each in person.visible(PaperView)))
        album.scene(person, "23-document")
        album.large(person, "23-document")
        person.press("Ctrl+Return")
        person.choose("看哪一份", "英文阅读件")
        person.wait_until(lambda: all(each.is_sharp for each in person.visible(PaperView)))
        album.scene(person, "24-reading-copy")
        person.press("Ctrl+Return")
        person.click("全部文书")
        person.click("理赔决定通知书")
        person.press("Ctrl+Return")
        person.click("全部文书")
        album.scene(person, "21-documents")
        album.large(person, "21-documents")
        person.click("打印待打印的 2 份")
        person.wait_until(lambda: person.can_see("已打印 2 份"))
        person.find("理赔申请书").setFocus()
        album.scene(person, "25-batch")
    assert not album.wrong, "\n".join(album.wrong)


def test_a_case_that_is_referred(world: World, album: Album) -> None:
    home = world.laptop("referred")
    with window_at(home, entrance=PictureEntrance(world, home)) as person:
        unlock(person)
        try_the_line(person)
        person.click("案件")
        person.press("/")
        person.type_here("万俟")
        person.press("Return")
        album.scene(person, "15-slip")
        person.click("3 理算")
        album.scene(person, "16-referred")
        person.click("1 报案")
        person.click("更正")
        album.scene(person, "30-correct")
    assert not album.wrong, "\n".join(album.wrong)


def test_the_papers_of_the_day_and_a_voucher_that_comes_back(world: World, album: Album) -> None:
    home = world.laptop("paper")
    desk = world.desk(home)
    try:
        cose = next(each.cose for each in desk.papers() if each.cose is not None and each.state in _STANDING)
        for blank in desk.prepare_blanks(PaperId.SLIP, 2):
            desk.draw(blank.number)
            desk.mark_printed(blank.number, "EPSON L4260")
    finally:
        desk.close()
    code = voucher_qr_text(cose)
    with window_at(home, entrance=PictureEntrance(world, home)) as person:
        unlock(person)
        try_the_line(person)
        person.click("单证")
        album.scene(person, "26-paper")
        album.large(person, "26-paper")
        person.click("验真")
        album.scene(person, "27-verify")
        person.paste("凭证二维码的文字", code)
        person.press("Return")
        album.scene(person, "28-verify-genuine")
        album.by_night(person, "28-verify-genuine")
        person.fill("出示人姓名", "周立安")
        person.press("Ctrl+Return")
        person.paste("凭证二维码的文字", code)
        person.press("Return")
        album.scene(person, "29-verify-used")
    assert not album.wrong, "\n".join(album.wrong)


def test_the_line_comes_back(world: World, album: Album) -> None:
    home = world.laptop("sync")
    gate = Gate()
    world.unplug()
    practice = PicturePractice(world, starts=False)
    with window_at(home, entrance=PictureEntrance(world, home, probe=gate), practice=practice) as person:
        unlock(person)
        try_the_line(person)
        album.scene(person, "17-sync-offline")
        practice.starts = True
        person.click("接通总部")
        gate.hold("sync.log_answered")
        QTest.keyClick(QApplication.focusWidget() or person.window, Qt.Key.Key_Y)
        person.wait_until(gate.reached.is_set)
        album.scene(person, "18-sync-running", at_rest=False)
        gate.release()
        person.wait()
        person.press("Y")
        album.scene(person, "19-sync-done")
    world.unplug()
    assert not album.wrong, "\n".join(album.wrong)


def test_what_the_guides_show_is_there_and_is_not_too_large() -> None:
    there = {each.name: each.stat().st_size for each in SCREENS.glob("*.png")}
    for guide in GUIDES:
        shown = set(re.findall(r"\]\(screens/([^)]+)\)", guide.read_text("utf-8")))
        assert shown, f"{guide.name} shows nothing"
        assert shown <= there.keys(), f"{guide.name} shows what is not there: {sorted(shown - there.keys())}"
    assert sum(there.values()) <= MOST_BYTES
