"""Story: diagnosed within the waiting period. Nothing is declined at the bedside: the case goes to headquarters, the premium to be
refunded is named, and the claimant leaves with an acceptance slip. Case 5 of the demo."""

from __future__ import annotations

from pathlib import Path

from claims.events import PaperKind
from claims.records import PaperState
from tests.stories.at_the_counter import files_of, find_person, prepared, printer_that_writes, unlock
from tests.stories.office import Office
from tests.stories.window import window_at

PAPERS = ("理赔申请书", "身份证", "病历", "银行卡", "病理报告")
LIMIT = 40


def test_a_case_in_the_waiting_period_is_referred_with_a_slip(office: Office, tmp_path: Path) -> None:
    laptop = prepared(office)
    with printer_that_writes(tmp_path / "printed.pdf"), window_at(laptop.settings.home) as person:
        unlock(person, laptop)
        find_person(person, "单雨桐")
        person.press("Return")
        person.choose("理赔类型", "重大疾病")
        person.fill("出险日期", "2026-10-29")
        person.fill("出险地点", "清溪县人民医院")
        person.press("Ctrl+Return")
        person.drop("拖到这里", files_of(tmp_path / "papers", PAPERS, ("姓名 单雨桐",)))
        person.fill("首次确诊日期", "2026-10-29")
        person.fill("重大疾病种类", "恶性肿瘤")
        person.fill("ICD-10", "C18.7")
        person.fill("ICD-O-3", "8140/3")
        person.choose("是否有病理报告", "是")
        person.press("Ctrl+Return")
        assert person.can_see("等待期")
        assert person.can_see("6,120.00")
        assert not person.can_see("拒赔"), "the field never declines"
        person.press("Ctrl+Return")
        person.press("Ctrl+Return")
        person.press("Ctrl+Return")
        person.wait_until(lambda: person.can_see("交到客户手里再按"))
        person.press("Ctrl+Return")
        assert person.actions <= LIMIT, person.actions
        assert person.watch.stalls == []
    with laptop.desk() as desk:
        (paper,) = desk.papers()
        assert paper.kind is PaperKind.SLIP
        assert paper.state is PaperState.HANDED_OVER
        assert paper.amount_fen is None
