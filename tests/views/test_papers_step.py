"""Papers come in: dropped or chosen, examined in the background, asked about where their name says nothing, refused in words."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from claims.desk import Desk
from claims.materials import Material
from claims.overviews import CaseStep
from tests.desk.station import Station, new_case
from tests.views.papers_table import CLINIC_FILES, Table, drop, laid, pdf, picture, pictures
from tests.views.stage import Stage, type_text
from views.screens.case.handed_in import PaperState
from views.screens.case.taking_in import readable_name


@pytest.fixture
def station(tmp_path: Path) -> Station:
    made = Station(tmp_path / "home")
    made.create()
    return made


@pytest.fixture
def desk(station: Station) -> Iterator[Desk]:
    opened = station.open()
    yield opened
    opened.close()


@pytest.fixture
def table(on_stage: Stage, desk: Desk) -> Table:
    return laid(on_stage, desk)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def materials(table: Table) -> list[tuple[str, str]]:
    return [(each.filename, each.material) for each in table.desk.documents(table.case_no)]


def press(key: str | Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


def click_tile(table: Table, place: int) -> None:
    QTest.mouseClick(table.panel.strip.tiles()[place], Qt.MouseButton.LeftButton)
    table.settle()


# Taking in


def test_six_well_named_files_are_one_action_and_all_taken_in_as_what_they_are(table: Table, stick: Path) -> None:
    table.hand_in(*pictures(stick))
    assert materials(table) == list(
        zip(
            CLINIC_FILES,
            (
                "application", "insured_id", "medical_record", "outpatient_bill", "accident_proof", "bank_account",
            ),
            strict=True,
        )
    )  # fmt: skip
    assert [each.split()[-1] for each in table.tiles()] == ["已收"] * 6
    assert all(tile.has_image for tile in table.panel.strip.tiles())
    assert {row.state.value for row in table.panel.body.check_list.rows} == {"there"}
    assert table.page.stepper.button(CaseStep.PAPERS).accessibleName().endswith("已齐全")
    assert table.panel.reading.reader.paper is not None
    assert table.panel.reading.reader.paper.material is Material.OUTPATIENT_BILL, "the paper to type from lies open"
    assert table.panel.reading.reader.has_picture


def test_a_tile_stands_there_at_once_and_says_that_it_is_read(table: Table, stick: Path) -> None:
    drop(table.panel, [QUrl.fromLocalFile(str(path)) for path in pictures(stick)])
    assert [each.split()[-1] for each in table.tiles()] == ["读取中"] * 6
    assert table.note() != ""
    progress = table.panel._progress.full_text
    assert progress == "正在收第 1 份，共 6 份"
    table.settle()
    assert table.panel._progress.full_text == ""


def test_files_are_chosen_in_a_dialog_that_blocks_nothing(table: Table, stick: Path) -> None:
    paths = pictures(stick, CLINIC_FILES[:2])
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    QTest.keyClick(table.page, "e")
    dialog = table.panel.findChild(QFileDialog)
    assert dialog is not None
    assert "*.ofd" in dialog.nameFilters()[0]
    QTest.keyClick(table.page, "e")
    assert len(table.panel.findChildren(QFileDialog)) == 1
    dialog.filesSelected.emit([str(path) for path in paths])
    dialog.done(QFileDialog.DialogCode.Accepted)
    table.settle()
    assert [name for name, _ in materials(table)] == list(CLINIC_FILES[:2])
    QTest.mouseClick(table.panel.strip.drop_tile, Qt.MouseButton.LeftButton)
    again = table.panel.findChild(QFileDialog)
    assert again is not None
    assert Path(again.directory().absolutePath()) == stick, "it opens where files were chosen last"
    again.reject()
    table.settle()


def test_what_is_no_file_is_not_welcome_and_a_foreign_one_is_named(table: Table, stick: Path) -> None:
    text = QMimeData()
    text.setText("hello")
    entering = QDragEnterEvent(
        QPointF(40, 40),
        Qt.DropAction.CopyAction,
        text,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(table.panel, entering)
    assert not entering.isAccepted()
    drop(table.panel, [QUrl("https://example.org/photos/%E7%97%85%E5%8E%86.jpg")])
    table.settle()
    assert table.tiles() == ["其他材料 未收：无效"]
    assert "病历.jpg" in table.panel.reading.reader.card.words
    assert "存到桌面" in table.panel.reading.reader.card.words


# Which paper


def test_a_name_that_says_nothing_is_asked_about_beside_its_picture_and_enter_accepts(
    table: Table, stick: Path
) -> None:
    table.hand_in(picture(stick, "IMG_0831.jpg"))
    reading = table.panel.reading
    assert materials(table) == [], "nothing is taken in before it is answered"
    assert table.tiles() == ["IMG_0831.jpg 是哪一种？"]
    assert reading.is_asking
    assert reading.reader.has_picture
    assert reading.question.offered[:2] == (Material.APPLICATION, Material.INSURED_ID)
    assert table.next_text() == "选定材料"
    assert QApplication.focusWidget() is reading.question.first
    press(Qt.Key.Key_Return)
    table.settle()
    assert materials(table) == [("IMG_0831.jpg", "application")]
    assert not reading.is_asking
    assert table.panel.facts.isAncestorOf(QApplication.focusWidget()), "typing goes on"


def test_another_paper_is_one_figure_or_its_name(table: Table, stick: Path) -> None:
    table.hand_in(picture(stick, "a.jpg", 1), picture(stick, "b.jpg", 2), picture(stick, "c.jpg", 3))
    question = table.panel.reading.question
    assert question.key == "file:1"
    press("3")
    table.settle()
    assert materials(table) == [("a.jpg", "medical_record")]
    assert question.key == "file:2", "the next one is asked about"
    QTest.mouseClick(question.button(Material.BANK_ACCOUNT), Qt.MouseButton.LeftButton)
    table.settle()
    question.box.setFocus()
    type_text(QApplication.focusWidget() or question.box, "现场或上门照片")
    press(Qt.Key.Key_Return)
    table.settle()
    assert [material for _, material in materials(table)] == ["medical_record", "bank_account", "site_photo"]
    assert table.panel.strip.tiles()[2].accessibleName().startswith("现场")


def test_what_is_under_way_is_not_suggested_again(table: Table, stick: Path) -> None:
    drop(table.panel, [QUrl.fromLocalFile(str(picture(stick, "理赔申请书.jpg", 1)))])
    drop(table.panel, [QUrl.fromLocalFile(str(picture(stick, "x.jpg", 2)))])
    assert table.panel.reading.question.offered[0] is Material.INSURED_ID
    table.settle()


def test_an_unknown_file_can_be_taken_away_and_the_file_is_not_touched(table: Table, stick: Path) -> None:
    path = picture(stick, "a.jpg")
    table.hand_in(path)
    QTest.mouseClick(table.panel.reading.question.away_button, Qt.MouseButton.LeftButton)
    table.settle()
    assert table.tiles() == []
    assert materials(table) == []
    assert path.exists()
    assert not table.panel.reading.is_asking


def test_typing_goes_on_while_a_file_waits_for_its_answer(table: Table, stick: Path) -> None:
    table.hand_in(picture(stick, "身份证.jpg", 1), picture(stick, "a.jpg", 2))
    click_tile(table, 0)
    assert not table.panel.reading.is_asking
    assert table.panel.facts.isVisible()
    action = table.panel.next_action()
    assert action is not None
    action.run()
    table.settle()
    assert table.panel.reading.is_asking
    assert table.panel.strip.tiles()[1].isChecked()


# Refusals


def test_every_bad_file_is_refused_with_cause_and_next_step_and_holds_up_none(table: Table, stick: Path) -> None:
    good = pictures(stick)
    whole = good[0].read_bytes()
    bad = {
        "意外证明.jpg": (b"", "空的", "空文件"),
        "病历.jpg": (whole[: len(whole) // 2], "残缺", "不完整"),
        "银行卡2.jpg": (b"PK\x03\x04" + b"\0" * 60, "不符", "压缩包"),
        "诊断证明.pdf": (b"%PDF-1.7 nothing here %%EOF startxref", "损坏", "损坏"),
        "身份证2.heic": (b"\0\0\0\x18ftypheic" + b"\1" * 40, "格式", "重拍"),
        "电子票据 门诊票据.xml": (b"<?xml version='1.0'?><Order/>", "格式", "电子票据"),
        "门诊病历2.pdf": (b"%PDF-1.7" + b"\1" * 26_000_000, "过大", "25 MB"),
    }
    for name, (content, _chip, _words) in bad.items():
        (stick / name).write_bytes(content)
    table.hand_in(*(stick / name for name in bad), *good, good[1])
    assert [name for name, _ in materials(table)] == list(CLINIC_FILES), "the good ones are all there"
    tiles = table.panel.strip.tiles()
    assert [tile.paper.state for tile in tiles] == [PaperState.REFUSED] * 7 + [PaperState.TAKEN] * 6 + [
        PaperState.REFUSED
    ]
    assert tiles[0].isChecked(), "the first that needs a person lies open"
    for place, (name, (_content, chip, words)) in enumerate(bad.items()):
        assert tiles[place].accessibleName().endswith(f"未收：{chip}"), name
        click_tile(table, place)
        card = table.panel.reading.reader.card
        assert card.isVisible()
        assert words in card.words, name
        assert name in card.words or chip == "空的", name
        assert not card.again_button.isVisible(), "the same file would be refused again"
    assert tiles[-1].accessibleName() == "被保险人身份证明 未收：重复"
    click_tile(table, 13)
    assert "同一个文件" in table.panel.reading.reader.card.words
    QTest.mouseClick(table.panel.reading.reader.card.away_button, Qt.MouseButton.LeftButton)
    table.panel.strip.tiles()[0].setFocus()
    QTest.keyClick(table.panel.strip.tiles()[0], Qt.Key.Key_Delete)
    table.settle()
    assert len(table.tiles()) == 12
    assert len(table.desk.documents(table.case_no)) == 6


def test_a_taken_document_is_never_taken_away(table: Table, stick: Path) -> None:
    table.hand_in(picture(stick, "身份证.jpg"))
    tile = table.panel.strip.tiles()[0]
    tile.setFocus()
    QTest.keyClick(tile, Qt.Key.Key_Delete)
    table.settle()
    assert len(table.tiles()) == 1
    assert len(materials(table)) == 1


def test_a_stick_that_was_pulled_out_is_tried_again(table: Table, stick: Path) -> None:
    path = picture(stick, "身份证.jpg")
    away = path.rename(stick / "gone")
    table.hand_in(path)
    card = table.panel.reading.reader.card
    assert table.tiles() == ["被保险人身份证明 未收：读错"]
    assert "已经不在了" in card.words
    assert "优盘" in card.words
    away.rename(path)
    QTest.mouseClick(card.again_button, Qt.MouseButton.LeftButton)
    table.settle()
    assert table.tiles() == ["被保险人身份证明 已收"]


@pytest.mark.skipif(sys.platform == "win32", reason="file modes")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(table: Table, stick: Path) -> None:
    path = picture(stick, "身份证.jpg")
    path.chmod(0)
    table.hand_in(path)
    assert "没有权限" in table.panel.reading.reader.card.words


def test_a_folder_and_a_pipe_are_told_apart_from_files(table: Table, stick: Path) -> None:
    folder = stick / "病历"
    folder.mkdir()
    table.hand_in(folder)
    assert "是文件夹" in table.panel.reading.reader.card.words
    if hasattr(os, "mkfifo"):
        os.mkfifo(stick / "身份证.jpg")
        table.hand_in(stick / "身份证.jpg")
        assert "不是普通文件" in table.panel.reading.reader.card.words
    assert materials(table) == []


def test_a_huge_file_is_not_even_read(table: Table, stick: Path) -> None:
    path = stick / "病历.pdf"
    with path.open("wb") as out:
        out.truncate(3_000_000_000)
    table.hand_in(path)
    assert "3,000 MB" in table.panel.reading.reader.card.words
    path.unlink()


@pytest.mark.skipif(sys.platform != "linux", reason="only there a name may be bytes without a meaning")
def test_a_name_that_is_no_text_is_kept_readable(table: Table, stick: Path) -> None:
    good = picture(stick, "身份证.jpg")
    odd = Path(os.fsdecode(os.fsencode(str(stick)) + "/身份证".encode() + b"\xff\xfe.jpg"))
    odd.write_bytes(good.read_bytes())
    table.panel.take_files([odd])
    table.settle()
    assert materials(table) == [("身份证\ufffd\ufffd.jpg", "insured_id")]
    assert readable_name("身份证.jpg") == "身份证.jpg"


def test_a_full_disk_is_told_once_for_all_and_every_file_can_be_tried_again(
    on_stage: Stage, station: Station, desk: Desk, stick: Path
) -> None:
    case_no = desk.open_case(new_case())
    desk.close()
    full = station.open(store=station.store(max_pages=1))
    table = laid(on_stage, full, case_no)
    table.hand_in(*(picture(stick, f"病历{shade}.jpg", 6 * shade) for shade in range(1, 41)))
    refused = [tile for tile in table.panel.strip.tiles() if tile.paper.state is PaperState.REFUSED]
    assert refused
    assert {tile.accessibleName().split("：")[-1] for tile in refused} == {"出错"}
    assert len(refused) + len(full.documents(case_no)) == 40, "each is in the log, or stands there refused"
    assert on_stage.problems.codes == ("store_full",)
    card = table.panel.reading.reader.card
    assert card.isVisible()
    assert "磁盘" in card.words
    assert card.again_button.isVisible()
    full.close()


# Several cases


def test_a_file_goes_on_being_taken_in_while_another_case_is_shown(table: Table, desk: Desk, stick: Path) -> None:
    other = desk.open_case(new_case())
    drop(table.panel, [QUrl.fromLocalFile(str(path)) for path in pictures(stick)])
    (stick / "empty.jpg").write_bytes(b"")
    drop(table.panel, [QUrl.fromLocalFile(str(stick / "empty.jpg"))])
    QTest.keyClick(QApplication.focusWidget() or table.page, Qt.Key.Key_Return)
    table.page.show_case(other, CaseStep.PAPERS)
    table.settle()
    assert table.tiles() == []
    assert len(desk.documents(table.case_no)) == 6
    assert not desk.documents(other)
    table.page.show_case(table.case_no, CaseStep.PAPERS)
    table.settle()
    assert len(table.tiles()) == 7, "what was refused is still there to be seen"
    assert "未收" in table.tiles()[-1]


def test_no_picture_of_one_case_is_shown_in_another(on_stage: Stage, desk: Desk, stick: Path) -> None:
    one, other = desk.open_case(new_case()), desk.open_case(new_case())
    for case_no, shade in ((one, 20), (other, 220)):
        content = picture(stick, f"{shade}.jpg", shade).read_bytes()
        document = desk.add_document(case_no, Material.INSURED_ID, "身份证.jpg", content)
        assert document.document_id == "001", "the same in both cases"
    table = laid(on_stage, desk, one)
    table.page.show_case(other, CaseStep.PAPERS)
    table.settle()
    tile = table.panel.strip.tiles()[0]
    assert tile._image is not None
    assert tile._image.pixelColor(9, 9).red() > 200
    shown = table.panel.reading.reader.view.picture
    assert shown is not None
    assert shown.sizes[0].pixelColor(9, 9).red() > 200


# Reading


def test_pages_of_a_pdf_are_turned_and_enlarged(table: Table, stick: Path) -> None:
    table.hand_in(pdf(stick, "门诊病历.pdf", pages=3))
    reading = table.panel.reading
    assert reading.reader.pages == 3
    assert [reading.before.isEnabled(), reading.after.isEnabled()] == [False, True]
    QTest.mouseClick(reading.after, Qt.MouseButton.LeftButton)
    table.settle()
    assert reading.reader.page == 1
    view = reading.reader.view
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    table.settle()
    assert reading.reader.page == 2
    assert not reading.after.isEnabled()
    assert reading._pages.full_text == "3/3"
    QTest.keyClick(view, "+")
    assert view.zoom_step == 1
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.viewport().rect().center())
    assert view.zoom_step == 2
    assert view.verticalScrollBar().maximum() > 0
    QTest.keyClick(view, "0")
    assert view.zoom_step == 0
    QTest.mouseClick(reading.nearer, Qt.MouseButton.LeftButton)
    QTest.mouseClick(reading.farther, Qt.MouseButton.LeftButton)
    assert view.zoom_step == 0
    assert not reading.farther.isEnabled()
    assert table.panel.strip.tiles()[0].has_image, "a PDF's first page is its tile"


def test_a_locked_pdf_is_taken_in_with_a_note_and_says_why_it_shows_nothing(table: Table, stick: Path) -> None:
    table.hand_in(pdf(stick, "门诊病历.pdf", pages=1, password="secret"))
    assert table.tiles() == ["病历、出院小结或诊断证明 请看"]
    reading = table.panel.reading
    assert "加密" in reading._note_line.full_text
    assert "密码" in reading.reader.view.words


def test_an_ebill_without_a_picture_says_what_it_is(table: Table, stick: Path) -> None:
    bill = stick / "门诊票据.xml"
    bill.write_text("<?xml version='1.0' encoding='UTF-8'?><EInvoice><Header/></EInvoice>", encoding="utf-8")
    table.hand_in(bill)
    assert table.tiles() == ["门诊收费票据及清单或处方 已收"]
    assert "没有图像" in table.panel.reading.reader.view.words


def test_a_png_named_jpg_is_taken_in_and_noted(table: Table, stick: Path) -> None:
    table.hand_in(picture(stick, "身份证.jpg", form="PNG"))
    assert table.tiles() == ["被保险人身份证明 请看"]
    assert "PNG" in table.panel.reading._note_line.full_text


def test_a_stored_file_that_was_damaged_says_so_in_place_of_its_picture(
    table: Table, station: Station, stick: Path
) -> None:
    table.hand_in(picture(stick, "身份证.jpg", 1), picture(stick, "银行卡.jpg", 2))
    click_tile(table, 0)
    for stored in (station.home / "attachments").rglob("*"):
        if stored.is_file():
            stored.write_bytes(stored.read_bytes()[:100])
    click_tile(table, 1)
    words = table.panel.reading.reader.view.words
    assert words
    assert "正在" not in words
