"""The case page says what headquarters and other stations said, and a mistake in the report is corrected there; on a real store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from claims.desk import Desk
from claims.errors import Bilingual
from claims.overviews import CaseStep
from claims.statements import CaseFieldDecided, CasesLinked, CaseWithdrawn, PaymentReported, ReviewOpened, Statement
from tests.desk.station import Station, ready_case
from tests.views.busy_station import cut_labels
from tests.views.stage import Stage
from views.screens.case.hq_words import said_by_headquarters
from views.screens.case.page import CasePage
from views.screens.case.report_step import ReportPanel


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


def hear(station: Station, desk: Desk, statement: type[Statement], **fields: object) -> None:
    """Take one signed statement in, as a sync does."""
    with desk._ports.store.write() as uow:
        uow.receive(station.hq.say(statement, **fields))


def payment(hearing: tuple[Station, Desk], case_no: str, status: str, day: int, why: str = "") -> None:
    station, desk = hearing
    hear(
        station, desk, PaymentReported, case_no=case_no, voucher_no="QX07-D3-000001-1", instruction_id=f"P{day}",
        status=status, amount_fen=648_824, on=date(2026, 11, day), reason=Bilingual(why, why),
    )  # fmt: skip


def all_words(station: Station, desk: Desk, case_no: str) -> None:
    """Headquarters says everything it can say of a case that goes on."""
    payment((station, desk), case_no, "returned", 24, "户名不符")
    payment((station, desk), case_no, "paid", 26)
    hear(
        station, desk, CasesLinked, case_no=case_no, other_case_no="QX08-D4-C-000001-00", other_station="QX08",
        reason=Bilingual("同一张发票。", "The same bill."),
    )  # fmt: skip
    hear(
        station, desk, ReviewOpened, review_id="R-1", case_no=case_no, field="loss_place",
        values=("清溪县三台镇", "清溪县二台镇"),
    )  # fmt: skip


def report_of(stage: Stage, desk: Desk, case_no: str) -> tuple[CasePage, ReportPanel]:
    page = CasePage(stage.workplace(desk))
    stage.show(page)
    page.show_case(case_no, CaseStep.REPORT)
    stage.settle()
    panel = page.findChild(ReportPanel)
    assert panel is not None
    return page, panel


def test_payments_links_and_reviews_stand_on_the_page(on_stage: Stage, station: Station, desk: Desk) -> None:
    case_no = ready_case(desk)
    page, panel = report_of(on_stage, desk, case_no)
    assert panel.shown.hq.sentences == ()
    all_words(station, desk, case_no)
    page.show_case(case_no, CaseStep.REPORT)
    on_stage.settle()

    review, paid, returned, link = panel.shown.hq.sentences
    assert "“清溪县三台镇”、“清溪县二台镇”" in review
    assert paid.startswith("2026-11-26 已付 6,488.24 元")
    assert returned.startswith("2026-11-24 银行退回 6,488.24 元")
    assert returned.endswith("户名不符")
    assert "QX08-D4-C-000001-00" in link
    summary = page._summary.words
    for piece in ("总部说", "2026-11-26 已付", "户名不符", "同一笔损失", "待定"):
        assert piece in summary
    on_stage.ui.words.switch("en")
    on_stage.settle()
    assert "From headquarters" in page._summary.words
    assert "returned by the bank" in panel.shown.hq.sentences[2]
    assert cut_labels(page) == []

    hear(station, desk, CaseFieldDecided, case_no=case_no, field="loss_place", value="清溪县三台镇", review_id="R-1")
    standing = desk.case_standing(case_no)
    assert said_by_headquarters(standing)[-1].whole.zh.endswith("总部定为“清溪县三台镇”。")
    assert standing.case.loss_place == "清溪县三台镇"


def test_a_status_and_a_field_of_a_newer_headquarters_are_shown_as_they_are(station: Station, desk: Desk) -> None:
    case_no = ready_case(desk)
    payment((station, desk), case_no, "under_audit", 25)
    standing = desk.case_standing(case_no)
    (word,) = said_by_headquarters(standing)
    assert "under_audit" in word.whole.zh


def test_a_case_that_headquarters_closed_says_so_and_is_not_corrected(
    on_stage: Stage, station: Station, desk: Desk
) -> None:
    case_no = ready_case(desk)
    hear(station, desk, CaseWithdrawn, case_no=case_no, reason=Bilingual("与 QX08 的案件重复。", "Opened twice."))
    page, panel = report_of(on_stage, desk, case_no)
    assert panel.shown.hq.sentences[0] == "总部已结束本案：与 QX08 的案件重复。"
    assert "总部已结束本案" in page._summary.words
    assert panel.shown.correct.isHidden()
    action = panel.next_action()
    assert action is not None
    assert (action.allowed, action.text.zh) == (False, "总部已结案")
    for step in list(CaseStep)[1:]:
        page.show_case(case_no, step)
        on_stage.settle()
        assert page._work.currentWidget() is page._locked, step
        assert "回到报案" in page._locked.button.text()
    on_stage.ui.words.switch("en")
    on_stage.settle()
    assert cut_labels(page) == []


def test_a_field_is_corrected_with_its_reason_and_both_values_stay(on_stage: Stage, desk: Desk) -> None:
    case_no = ready_case(desk)
    page, panel = report_of(on_stage, desk, case_no)
    shown = panel.shown
    shown.correct.click()
    on_stage.settle()
    form = shown.form
    assert form.isVisible()
    assert form.line.raw() == "清溪县", "what stands there is what is changed"
    form.line.fill("清溪县三台镇")
    form.save.click()
    on_stage.settle()
    assert "没有写明更正的理由" in form.said.full_text
    assert form.line.raw() == "清溪县三台镇", "a refusal keeps what was typed"
    form.reason.fill("客户更正")
    form.save.click()
    on_stage.settle()
    assert not form.isVisible()
    assert desk.case(case_no).loss_place == "清溪县三台镇"
    assert "清溪县三台镇" in shown.rows.words
    (change,) = shown.changes.sentences
    assert "“清溪县”改为“清溪县三台镇”" in change
    assert change.endswith("客户更正")
    assert shown.correct.isVisible()
    assert page._summary.isVisible()


def test_the_long_entry_has_room_and_leaving_changes_nothing(on_stage: Stage, desk: Desk) -> None:
    case_no = ready_case(desk)
    _, panel = report_of(on_stage, desk, case_no)
    shown = panel.shown
    shown.correct.setFocus(Qt.FocusReason.TabFocusReason)
    shown.correct.click()
    form = shown.form
    form.field.fill("description")
    form.field.typed.emit()
    assert form.text.isVisible()
    assert not form.line.isVisible()
    form.text.fill("落石砸伤左臂")
    form.back.click()
    on_stage.settle()
    assert list(desk.corrections(case_no)) == []
    shown.correct.click()
    assert form.line.isVisible()
    assert form.reason.raw() == ""
