"""Story: at the hospital counter; what the fund leaves is settled directly, and the patient is told what is left to pay. Case 2 of
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

PAPERS = ("理赔申请书", "身份证", "出院小结", "住院票据")
LIMIT = 40


def test_a_bill_is_settled_at_the_counter(office: Office, tmp_path: Path) -> None:
    laptop = prepared(office)
    with printer_that_writes(tmp_path / "printed.pdf"), window_at(laptop.settings.home) as person:
        unlock(person, laptop)
        find_person(person, "zhouyan")
        person.press("Return")
        person.choose("理赔类型", "住院直付")
        person.fill("出险日期", "2026-11-12")
        person.fill("出险地点", "清溪县人民医院")
        person.fill("报案方式", "医院")
        person.press("Ctrl+Return")
        person.drop("拖到这里", files_of(tmp_path / "papers", PAPERS, ("姓名 周燕",)))
        person.choose("是否意外所致", "否")
        for name, text in (
            ("入院或就诊日期", "2026-11-12"),
            ("出院日期", "2026-11-12"),
            ("票据代码", "99060126"),
            ("票据号码", "0012345678"),
            ("医疗费总额", "7743.62"),
            ("医保统筹支付", "2501.72"),
        ):
            person.fill(name, text)
        person.choose("票据类别", "住院")
        person.choose("是否已按医保结算", "是")
        person.choose("是否定点医院", "是")
        person.press("Ctrl+Return")
        assert person.can_see("4,193.52")
        assert person.can_see("1,048.38"), "the patient is told what is left to pay"
        person.press("Ctrl+Return")
        sign_both(person)
        paper_out(person)
        assert person.actions <= LIMIT, person.actions
        assert person.watch.stalls == []
    with laptop.desk() as desk:
        (paper,) = desk.papers()
        assert (paper.state, paper.amount_fen) == (PaperState.HANDED_OVER, 419_352)
