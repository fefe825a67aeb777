"""Story: at the bedside of a woman whose name no keyboard has; colon carcinoma, paid in full the day the papers are there. Case 1 of
the demo."""

from __future__ import annotations

from pathlib import Path

from claims.records import PaperState
from tests.stories.at_the_counter import (
    files_of,
    find_person,
    paper_out,
    prepared,
    printer_that_writes,
    sign_both,
    unlock,
)
from tests.stories.office import Office
from tests.stories.window import window_at

PAPERS = ("理赔申请书", "身份证", "病历", "银行卡", "病理报告")
LIMIT = 40


def test_a_critical_illness_at_home_is_pre_approved_and_printed(office: Office, tmp_path: Path) -> None:
    laptop = prepared(office)
    with printer_that_writes(tmp_path / "printed.pdf"), window_at(laptop.settings.home) as person:
        unlock(person, laptop)
        find_person(person, "陈㛃")
        person.press("Return")
        person.choose("理赔类型", "重大疾病")
        person.fill("出险日期", "2026-11-10")
        person.fill("出险地点", "客户家中")
        person.fill("报案方式", "上门")
        person.press("Ctrl+Return")
        person.drop("拖到这里", files_of(tmp_path / "papers", PAPERS, ("姓名 陈㛃",)))
        assert person.can_see("材料齐全")
        person.fill("首次确诊日期", "2026-11-10")
        person.fill("重大疾病种类", "恶性肿瘤")
        person.fill("ICD-10", "C18.7")
        person.fill("ICD-O-3", "8140/3")
        person.choose("是否有病理报告", "是")
        person.press("Ctrl+Return")
        assert person.can_see("250,000.00")
        person.press("Ctrl+Return")
        sign_both(person)
        paper_out(person)
        assert person.actions <= LIMIT, person.actions
        assert person.watch.stalls == []
        assert person.can_see("250,000.00")
    with laptop.desk() as desk:
        (paper,) = desk.papers()
        assert (paper.state, paper.amount_fen) == (PaperState.HANDED_OVER, 25_000_000)
        assert paper.payee is not None
        assert paper.payee.name == "陈㛃"
