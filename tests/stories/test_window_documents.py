"""Story: the papers beside a claim. An application is filled in and signed, its consent by itself; the voucher is issued; the decision notice is printed
and handed over; a daughter who reads no Chinese gets a reading copy. All by the names a screen reader says, and without a stall."""

from __future__ import annotations

from pathlib import Path

from claims.events import PaperKind
from claims.paper_definitions import PaperId
from claims.records import PaperState
from claims.signing import Role
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
from views.screens.case.ink_pad import InkPad

PAPERS = ("理赔申请书", "身份证", "病历", "银行卡", "病理报告")


def test_application_consent_decision_notice_and_a_reading_copy(office: Office, tmp_path: Path) -> None:
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

        # The application, before a single paper is there.
        person.press("Ctrl+6")
        assert person.can_see("先出给付凭证"), "what can't be issued yet says why"
        person.click("理赔申请书")
        person.press("Ctrl+Return")
        assert person.can_see("还不能出具")
        person.fill("事故经过", "体检发现，病理确诊为结肠恶性肿瘤。")
        person.fill("社会医疗保险", "职工医保")
        person.choose("其他公司投保", "否")
        person.press("Ctrl+Return")
        assert person.can_see("还有 3 处没签")
        person.sign("申请人", InkPad)
        person.sign("本人（监护人）已阅读并单独同意", InkPad)
        person.press("Ctrl+Return")
        person.click("以登录身份签")
        person.press("Ctrl+Return")
        person.press("Ctrl+Return")
        person.wait_until(lambda: person.can_see("交到客户手里再按"))
        person.press("Ctrl+Return")
        assert person.can_see("这份文书已办完")

        # The claim goes its five steps.
        person.press("Ctrl+2")
        person.drop("拖到这里", files_of(tmp_path / "papers", PAPERS, ("姓名 陈㛃",)))
        person.fill("首次确诊日期", "2026-11-10")
        person.fill("重大疾病种类", "恶性肿瘤")
        person.fill("ICD-10", "C18.7")
        person.fill("ICD-O-3", "8140/3")
        person.choose("是否有病理报告", "是")
        person.press("Ctrl+Return")
        person.press("Ctrl+Return")
        sign_both(person)
        paper_out(person)

        # What was decided, on paper and in English.
        person.press("Ctrl+6")
        person.click("全部文书")
        person.click("理赔决定通知书")
        person.press("Ctrl+Return")
        assert person.can_see("250,000.00")
        person.choose("看哪一份", "英文阅读件")
        assert person.can_see("READING COPY")
        person.click("打印阅读件")
        person.wait_until(lambda: person.can_see("它不编号，也不登记"))
        person.press("Ctrl+Return")
        person.press("Ctrl+Return")
        person.wait_until(lambda: person.can_see("交到客户手里再按"))
        person.press("Ctrl+Return")
        assert person.can_see("这份文书已办完")
        assert person.watch.stalls == []
    with laptop.desk() as desk:
        documents = {each.paper: each for each in desk.papers() if each.kind is PaperKind.DOCUMENT}
        application, notice = documents[PaperId.APPLICATION.value], documents[PaperId.DECISION_NOTICE.value]
        assert len(documents) == 2, "the reading copy is no paper of its own"
        for paper in (application, notice):
            assert (paper.state, paper.copies) == (PaperState.HANDED_OVER, 1)
        signed = {each.role: each.signed for each in desk.signers(application.number)}
        for role in (Role.CLAIMANT, Role.CONSENT):
            found = signed[role]
            assert found is not None
            assert found.ink
            assert not found.refused
        assert signed[Role.ADJUSTER] is not None
