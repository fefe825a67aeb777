"""If this laptop died now: with copies in custody, in total and case by case; and a disk that must promise nothing more. On a real store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from claims.desk import Desk
from claims.materials import Material
from claims.overviews import AtRisk
from claims.own_disk import DiskFault, mark_disk
from tests.desk.station import Station, photo
from tests.desk.test_custody import finished_case, note, originals, store_of
from tests.views.stage import Stage
from views.controls.chips import Tone
from views.frame.at_risk import AtRiskPanel, RiskRow
from views.frame.notices import Notices, notices_of


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


def dropped(stage: Stage, desk: Desk) -> tuple[AtRiskPanel, AtRisk]:
    frame = QWidget()
    stage.show(frame, 1366, 768)
    panel = AtRiskPanel(stage.ui, stage.tasks, frame)
    panel.drop(lambda: (desk.at_risk(), desk.safety()))
    stage.settle()
    return panel, desk.at_risk()


def test_what_a_custodian_holds_is_not_lost_and_its_sum_is_told_apart(on_stage: Stage, desk: Desk) -> None:
    case_no = finished_case(desk)
    panel, _ = dropped(on_stage, desk)
    assert "6,488.24" in panel.money.full_text
    assert "托管" not in panel.kept.full_text

    note(desk, "ab" * 16, *originals(desk, case_no)[:1])
    panel, risk = dropped(on_stage, desk)
    assert risk.events == 0
    assert f"会丢：{risk.attachments} 个附件" in panel.lost.full_text
    assert "条记录" not in panel.lost.full_text
    assert panel.money.isHidden(), "somebody else holds the voucher"
    assert f"已托管 {risk.custody_events} 条和 {risk.custody_attachments} 个附件" in panel.kept.full_text
    assert "其中已承诺 6,488.24 元" in panel.kept.full_text
    (row,) = panel.rows.rows()
    assert isinstance(row, RiskRow)
    assert row.risk is not None
    assert (row.risk.promised_fen, row.risk.log_only_here) == (0, False)
    on_stage.ui.words.switch("en")
    assert "promised)" in panel.kept.full_text


def test_copies_of_everything_lose_nothing_and_a_new_record_does_again(on_stage: Stage, desk: Desk) -> None:
    case_no = finished_case(desk)
    waiting = [each.sha256 for each in store_of(desk).attachments_waiting()]
    note(desk, "ab" * 16, *waiting)
    panel, risk = dropped(on_stage, desk)
    assert risk.attachments == 0
    assert "别处都有一份" in panel.lost.full_text
    assert panel.list.isHidden()
    desk.add_document(case_no, Material.ACCIDENT_PROOF, "c.jpg", photo(77))
    panel, risk = dropped(on_stage, desk)
    assert f"{risk.events} 条记录" in panel.lost.full_text
    assert panel.sync.isVisible()


def test_a_disk_that_is_not_the_present_one_says_so_in_red_on_top(
    on_stage: Stage, station: Station, desk: Desk
) -> None:
    assert notices_of(desk.standing()) == ()
    with desk._ports.store.write() as uow:
        mark_disk(uow, DiskFault.RESTORED)
    station.clock.wall = station.clock.wall.replace(year=station.clock.wall.year + 2)
    first, *rest = notices_of(desk.standing())
    assert rest, "there are graver and less grave things to say"
    assert first.tone is Tone.RED
    assert not first.closable
    assert "不能再承诺" in first.title.zh
    assert first.text == desk.disk_fault()
    strip = Notices(on_stage.ui)
    on_stage.show(strip, 1200, 200)
    strip.show_standing(desk.standing())
    assert "恢复过旧备份" in strip.sentences[0]
    on_stage.ui.words.switch("en")
    assert "This disk must promise nothing more." in strip.sentences[0]
