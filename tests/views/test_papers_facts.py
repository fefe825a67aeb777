"""The facts beside the papers: kept while one types, told in words what is missing, and the way on; the check-list; looks and sizes."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QToolTip, QWidget

from claims.desk import Desk
from claims.errors import Bilingual
from claims.materials import ClaimType, Material
from claims.overviews import CaseStep
from claims.reference import Waiver
from headquarters.sample import sample_catastrophes
from local_db.release_shelf import CATASTROPHE
from tests.desk.station import CLINIC_PAPERS, Station, clinic_facts, new_case, ready_case, take_papers
from tests.stories.stall_watch import StallWatch
from tests.views.papers_table import Table, laid, pdf, picture, pictures
from tests.views.stage import Stage, stage, type_text
from views.controls.choice_box import ChoiceBox
from views.controls.labels import Text
from views.look.tokens import SCALES, Theme
from views.screens.case.check_list import RowState, check_rows
from views.screens.case.facts import decode_raw, facts_draft_id
from views.screens.case.papers_step import PapersPanel

WHOLE = {
    "accident_date": "2026-11-20",
    "admission_date": "2026-11-20",
    "bill_kind": "outpatient",
    "bill_code": "99060126",
    "bill_number": "0000731846",
    "bill_total": "8,210.30",
    "si_settled": "no",
}


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


def kept(desk: Desk, case_no: str) -> dict[str, str]:
    return decode_raw(desk.draft(facts_draft_id(case_no)))


def write(table: Table, key: str, text: str) -> None:
    form = table.panel.facts.form
    assert form is not None
    editor = form.editor(key)
    editor.setFocus()
    type_text(editor, text)


def put(table: Table, texts: dict[str, str]) -> None:
    form = table.panel.facts.form
    assert form is not None
    for key, text in texts.items():
        form.put(key, text)


# Typing


def test_what_is_typed_is_on_disk_a_moment_later_and_stands_there_again(on_stage: Stage, station: Station) -> None:
    desk = station.open()
    table = laid(on_stage, desk)
    write(table, "bill_code", "99060126")
    assert kept(desk, table.case_no) == {}
    table.until(lambda: kept(desk, table.case_no).get("bill_code") == "99060126")
    desk.close()
    again = station.open()
    second = laid(on_stage, again, table.case_no)
    form = second.panel.facts.form
    assert form is not None
    assert form.raw()["bill_code"] == "99060126"
    assert form.raw()["accident_date"] == "2026-11-20", "the report already says when it happened"
    again.close()


def test_leaving_the_step_keeps_the_last_keystroke(on_stage: Stage, desk: Desk) -> None:
    table = laid(on_stage, desk)
    write(table, "bill_number", "0000731846")
    table.page.go(CaseStep.REPORT)
    table.settle()
    assert kept(desk, table.case_no)["bill_number"] == "0000731846"


def test_each_case_has_its_own_facts(on_stage: Stage, desk: Desk) -> None:
    table = laid(on_stage, desk)
    write(table, "bill_number", "0000731846")
    other = desk.open_case(new_case(claim_type=ClaimType.ACCIDENT_DEATH))
    table.page.show_case(other, CaseStep.PAPERS)
    table.settle()
    assert table.panel.facts.form is not None
    assert "bill_number" not in table.panel.facts.form.raw()
    write(table, "death_date", "20261121")
    third = desk.open_case(new_case())
    table.page.show_case(third, CaseStep.PAPERS)
    table.settle()
    assert table.panel.facts.typed("bill_number") == ""
    table.page.show_case(table.case_no, CaseStep.PAPERS)
    table.settle()
    assert table.panel.facts.typed("bill_number") == "0000731846"
    assert kept(desk, other)["death_date"] in ("20261121", "2026-11-21")


def test_the_form_comes_with_its_draft_and_takes_the_keyboard_that_waited_for_it(on_stage: Stage, desk: Desk) -> None:
    table = laid(on_stage, desk)
    other = desk.open_case(new_case())
    take_papers(desk, other)
    desk.save_draft(facts_draft_id(other), b'{"bill_code":"11112222"}')
    table.panel.show_standing(desk.case_standing(other))
    assert table.panel.facts.form is None, "nothing of the last case stays in sight"
    assert table.panel.next_action() is None
    assert table.panel.first_focus() is table.panel.facts
    table.panel.first_focus().setFocus()
    table.settle()
    assert table.panel.facts.typed("bill_code") == "11112222"
    form = table.panel.facts.form
    assert form is not None
    assert form.editor("accident_date").hasFocus()


def test_a_damaged_draft_is_told_and_typing_goes_on(on_stage: Stage, desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    desk.save_draft(facts_draft_id(case_no), b"{")
    table = laid(on_stage, desk, case_no)
    assert on_stage.problems.codes == ("draft_damaged",)
    assert "损坏" in on_stage.problems.sentences[0]
    write(table, "bill_code", "99060126")
    table.page.leave()
    table.settle()
    assert kept(desk, case_no)["bill_code"] == "99060126"


def test_a_draft_that_can_not_be_kept_is_told_and_kept_again(on_stage: Stage, station: Station) -> None:
    desk = station.open()
    case_no = desk.open_case(new_case())
    desk.close()
    full = station.open(store=station.store(max_pages=1))
    table = laid(on_stage, full, case_no)
    write(table, "bill_code", "99060126")
    form = table.panel.facts.form
    assert form is not None
    while on_stage.problems.codes == ():
        form.put("icd10", form.raw()["icd10"] + "X" * 3000)
        table.panel.leave()
        table.settle()
        assert len(form.raw()["icd10"]) < 400_000
    assert on_stage.problems.codes == ("store_full",)
    on_stage.problems.dismiss("store_full")
    table.panel.leave()
    table.settle()
    assert on_stage.problems.codes == ("store_full",), "it is tried again, not taken for kept"
    full.close()


def test_a_decided_case_without_a_draft_shows_what_was_decided_on(on_stage: Stage, desk: Desk) -> None:
    case_no = ready_case(desk, clinic_facts())
    table = laid(on_stage, desk, case_no)
    form = table.panel.facts.form
    assert form is not None
    raw = form.raw()
    assert (raw["bill_total"], raw["self_expense"]) == ("8,210.30", "1,915.80")
    assert raw["accident_date"] == "2026-11-20"
    assert raw["si_settled"] == "no"
    assert raw["hospital_level"] == "1"


# The way on


def test_the_next_action_goes_to_the_first_entry_that_is_missing_then_calculates(on_stage: Stage, desk: Desk) -> None:
    table = laid(on_stage, desk)
    assert table.next_text() == "继续填写"
    assert table.note() == "先填“入院或就诊日期”，另有 5 项"
    QTest.keyClick(table.page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    form = table.panel.facts.form
    assert form is not None
    assert form.editor("admission_date").hasFocus()
    assert form.shown_problem("bill_total")
    put(table, WHOLE)
    assert table.next_text() == "理算"
    assert table.note() == "还缺 6 项材料，先试算"
    QTest.keyClick(table.page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    table.settle()
    assert table.page.step is CaseStep.BENEFIT
    assert kept(desk, table.case_no)["bill_total"] == "8,210.30"
    assert desk.determinations(table.case_no)[0].policy_no


def test_a_wrong_entry_is_told_in_words_as_one_types_and_is_gone_to(on_stage: Stage, desk: Desk) -> None:
    table = laid(on_stage, desk)
    take_papers(desk, table.case_no)
    put(table, WHOLE | {"self_expense": "9,999.00"})
    assert table.next_text() == "继续填写"
    form = table.panel.facts.form
    assert form is not None
    action = table.panel.next_action()
    assert action is not None
    action.run()
    assert form.editor("bill_total").hasFocus()
    assert "9,999.00" in form.shown_problem("bill_total")
    put(table, {"self_expense": "1,915.80"})
    table.page.show_case(table.case_no, CaseStep.PAPERS)
    table.settle()
    assert table.note() == "材料已齐"
    assert table.panel.reading._note is not None
    assert table.panel.reading._note.full_text == "必填已齐"


def test_enter_in_the_last_field_goes_on(on_stage: Stage, desk: Desk) -> None:
    table = laid(on_stage, desk)
    put(table, WHOLE)
    form = table.panel.facts.form
    assert form is not None
    last = form.editor(form.form.fields[-1].key)
    last.setFocus()
    QTest.keyClick(last, Qt.Key.Key_Return)
    table.settle()
    assert table.page.step is CaseStep.BENEFIT


# The check-list


def test_the_check_list_keeps_its_order_and_names_what_will_do_as_well(
    on_stage: Stage, desk: Desk, tmp_path: Path
) -> None:
    table = laid(on_stage, desk)
    names = [row.name.zh for row in table.panel.body.check_list.rows]
    assert names == ["理赔申请书", "身份证明", "病历", "住院票据", "意外证明", "银行卡"]
    below = table.panel.body.check_list.rows[3].below
    assert below is not None
    assert below.zh == "或门诊票据"
    take_papers(desk, table.case_no, (Material.OUTPATIENT_BILL, Material.SITE_PHOTO))
    rows = check_rows(desk.case_standing(table.case_no))
    assert [row.name.zh for row in rows] == [
        "理赔申请书",
        "身份证明",
        "病历",
        "门诊票据",
        "意外证明",
        "银行卡",
        "现场照片",
    ]
    assert rows[3].state is RowState.THERE
    assert rows[6].state is RowState.MORE


@pytest.fixture
def relieved(station: Station) -> Iterator[Desk]:
    """A desk where the quake waives papers too."""
    waivers = tuple(
        Waiver(code=code, number=number, text=Bilingual(text, text))
        for code, number, text in (
            ("NO_POLICY", "W-04", "免交保险合同"),
            ("RECEIPT_ONLY", "W-05", "凭收据理赔"),
            ("DEATH_BY_LIST", "W-06", "凭遇难名单认定"),
        )
    )
    known = [msgspec.structs.replace(each, waivers=waivers) for each in sample_catastrophes()]
    blob = msgspec.json.encode(known)
    station.shelf().take(station.hq.release(CATASTROPHE, 2, blob), blob)
    opened = station.open()
    yield opened
    opened.close()


def test_a_waived_paper_is_struck_in_its_place_with_its_waiver(on_stage: Stage, relieved: Desk) -> None:
    case_no = relieved.open_case(new_case(claim_type=ClaimType.ACCIDENT_DEATH))
    take_papers(relieved, case_no, (Material.VICTIM_LIST,))
    table = laid(on_stage, relieved, case_no)
    rows = table.panel.body.check_list.rows
    waived = [row for row in rows if row.state is RowState.WAIVED]
    assert [row.name.zh for row in waived] == ["保险合同", "意外证明", "死亡证明"]
    assert [rows.index(row) for row in waived] == [1, 4, 5], "where they stand in the matrix"
    assert [row.below.zh for row in waived if row.below] == [
        "免交保险合同 W-04",
        "由遇难名单代替 W-06",
        "由遇难名单代替 W-06",
    ]
    assert rows[-1].name.zh == "银行卡", "what stands in for another paper needs no row of its own"
    note = table.panel.body.list_panel._note
    assert note is not None
    assert note.full_text == "需 5，免 3"
    assert "意外事故证明由政府公布的遇难名单代替" in table.panel.body.check_list.accessibleDescription()


def test_the_whole_name_of_a_row_is_its_tool_tip(on_stage: Stage, desk: Desk) -> None:
    table = laid(on_stage, desk)
    at = QPoint(30, 30)
    check_list = table.panel.body.check_list
    QApplication.sendEvent(check_list, QHelpEvent(QEvent.Type.ToolTip, at, check_list.mapToGlobal(at)))
    assert "理赔申请书（含转账授权）" in QToolTip.text()
    QToolTip.hideText()


# Looks


def test_language_theme_and_size_are_switched_live(on_stage: Stage, desk: Desk, tmp_path: Path) -> None:
    table = laid(on_stage, desk)
    table.hand_in(*pictures(tmp_path / "stick"), picture(tmp_path / "stick", "IMG_1.jpg", 200))
    (tmp_path / "stick" / "身份证2.jpg").write_bytes(b"")
    table.hand_in(tmp_path / "stick" / "身份证2.jpg")
    on_stage.ui.words.switch("en")
    table.settle()
    assert table.tiles()[0] == "Claim application with transfer authority taken"
    assert table.tiles()[-1] == "Insured's identity document empty"
    assert table.next_text() == "Sort papers"
    assert table.panel.choose.text() == "Choose files"
    assert not any("\u4e00" <= one <= "\u9fff" for one in shown_words(table.panel)), shown_words(table.panel)
    on_stage.look.use(theme=Theme.SUNLIGHT, scale_percent=150)
    table.settle()
    assert table.panel.strip.tiles()[0].width() == on_stage.look.width("document_tile")
    on_stage.look.use(theme=Theme.NIGHT, scale_percent=100)
    on_stage.ui.words.switch("zh")
    table.settle()
    assert table.tiles()[0].endswith("已收")


def shown_words(panel: QWidget) -> str:
    """Everything the panel says in labels and buttons now (names of files and typed texts aside)."""
    said = [each.full_text for each in panel.findChildren(Text) if each.isVisible()]
    said += [each.text() for each in panel.findChildren(QAbstractButton) if each.isVisible()]
    said += [each.accessibleName() for each in panel.findChildren(QAbstractButton) if each.isVisible()]
    return " ".join(said).replace("身份证2.jpg", "").replace("IMG_1.jpg", "")


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("height", [633, 712])
def test_nothing_that_is_touched_is_small_or_cut_at_any_size(
    tmp_path: Path, desk: Desk, scale: int, height: int
) -> None:
    with stage(tmp_path, "en", Theme.SUNLIGHT, scale) as made:
        table = laid(made, desk, height=height)
        table.hand_in(*pictures(tmp_path / "stick"), pdf(tmp_path / "stick", "x.pdf"))
        body = table.panel.body
        assert body.widget().width() <= body.viewport().width()
        touched = [each for each in table.panel.findChildren(QAbstractButton) if each.isVisible()]
        touched += [each for each in table.panel.findChildren(QLineEdit) if each.isVisible()]
        for each in touched:
            if each.parent() is not None and isinstance(each.parent(), ChoiceBox):
                continue
            assert each.height() >= made.look.height("control"), each
            assert each.accessibleName(), each
        for each in touched:
            parent = each.parentWidget()
            assert parent is not None
            assert each.geometry().right() <= parent.width(), (each, each.geometry(), parent.width())


def test_the_tab_key_goes_in_reading_order(on_stage: Stage, desk: Desk, tmp_path: Path) -> None:
    table = laid(on_stage, desk)
    table.hand_in(*pictures(tmp_path / "stick"))
    table.panel.choose.setFocus()
    visited: list[QWidget] = []
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget() or table.page, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None
        if not table.panel.isAncestorOf(now):
            break
        visited.append(now)
    else:
        pytest.fail("the step is never left")
    form = table.panel.facts.form
    assert form is not None
    tiles = [each for each in visited if each in table.panel.strip.tiles()]
    assert len(tiles) == 1, "one stop for all tiles"
    order = [
        tiles[0],
        table.panel.strip.drop_tile,
        table.panel.reading.nearer,
        table.panel.reading.reader.view,
        form.editor("accident_date"),
        form.editor("possible_exclusion"),
        table.panel.body.check_list,
    ]
    places = [visited.index(each) for each in order]
    assert places == sorted(places)
    assert visited[-1] is table.panel.body.check_list
    assert now is table.page.summary.button


def test_arrows_go_from_tile_to_tile(on_stage: Stage, desk: Desk, tmp_path: Path) -> None:
    table = laid(on_stage, desk)
    table.hand_in(*pictures(tmp_path / "stick"))
    tiles = table.panel.strip.tiles()
    tiles[0].setFocus()
    QTest.keyClick(tiles[0], Qt.Key.Key_Right)
    table.settle()
    assert tiles[1].hasFocus()
    assert tiles[1].isChecked()
    assert table.panel.reading.reader.paper is not None
    assert table.panel.reading.reader.paper.material is Material.INSURED_ID
    tiles[-1].setFocus()
    QTest.keyClick(tiles[-1], Qt.Key.Key_Right)
    assert table.panel.strip.drop_tile.hasFocus()


# Speed


def test_a_photograph_of_sixteen_megapixels_never_stops_the_window(on_stage: Stage, desk: Desk, tmp_path: Path) -> None:
    """The wait of one round of the event loop, from the drop until picture and tile are there."""
    big = tmp_path / "身份证.jpg"
    Image.effect_noise((4608, 3456), 60).convert("RGB").save(big, "JPEG", quality=90)
    assert big.stat().st_size > 10_000_000
    table = laid(on_stage, desk)
    watch = StallWatch()
    # What the other tests of this process left behind is not this window's to collect.
    gc.collect()
    gc.freeze()
    with watch.measuring("taking the file"):
        table.panel.take_files([big])
    begun = time.monotonic()
    while time.monotonic() - begun < 30:
        with watch.measuring("a round"):
            QApplication.processEvents()
        time.sleep(0.001)
        if table.panel.reading.reader.has_picture and on_stage.tasks.under_way == 0:
            break
    assert table.panel.reading.reader.has_picture
    assert table.tiles() == ["被保险人身份证明 已收"]
    view = table.panel.reading.reader.view
    for _ in range(3):
        with watch.measuring("enlarging"):
            view.zoom(1)
            view.repaint()
    gc.unfreeze()
    assert watch.stalls == []


def test_the_step_is_built_and_shown_in_no_time(on_stage: Stage, desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    take_papers(desk, case_no, CLINIC_PAPERS)
    standing = desk.case_standing(case_no)
    took = []
    for _ in range(3):
        begun = time.thread_time()
        panel = PapersPanel(on_stage.workplace(desk))
        panel.show_standing(standing)
        took.append(time.thread_time() - begun)
        panel.leave()
        on_stage.settle()
        panel.deleteLater()
    # Time of this thread alone, about 17 ms; the bound leaves room for a slow machine.
    assert min(took) < 0.05, took
