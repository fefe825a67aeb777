"""The lists over many cases, on a real store: the queue, the chips, the desk at a glance, what headquarters sent back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from claims.desk import Desk
from claims.events import Outcome
from claims.overviews import CaseFilter, CaseStep
from claims.statements import (
    OWNER_HEADQUARTERS,
    AttachmentsHeld,
    DeviceRevoked,
    LogReceipted,
    SettlementAnswered,
    TaskAssigned,
)
from claims.trusted_time import BEIJING
from rules.engine.model import Bilingual
from tests.desk.station import (
    CLINIC,
    CLINIC_PAPERS,
    NOON,
    Station,
    claimant,
    clinic_facts,
    new_case,
    payee,
    photo,
    ready_case,
    take_papers,
)


def hand_out(desk: Desk, number: str) -> None:
    desk.draw(number)
    desk.mark_printed(number, "printer")
    desk.hand_over(number, claimant().name)


def numbers(desk: Desk, only: CaseFilter, text: str = "") -> list[str]:
    return [each.case.case_no for each in desk.case_rows(text, only)]


@pytest.fixture
def five(desk: Desk, station: Station) -> list[str]:
    """Five cases: finished, to print, missing papers, referred, and one just reported by phone."""
    finished = ready_case(desk)
    (paper,) = desk.conclude(finished, CLINIC, (payee(),))
    hand_out(desk, paper.number)
    station.clock.wall += timedelta(minutes=1)
    printing = desk.open_case(new_case())
    for shade, material in enumerate(CLINIC_PAPERS):
        desk.add_document(printing, material, f"{material.value}.jpg", photo(60 + shade))
    desk.give_slip(printing)
    station.clock.wall += timedelta(minutes=1)
    missing = desk.open_case(new_case())
    take_papers(desk, missing, CLINIC_PAPERS[:4])
    station.clock.wall += timedelta(minutes=1)
    referred = desk.open_case(new_case())
    desk.adjudicate(referred, CLINIC, clinic_facts("0000731999", possible_exclusion=True))
    station.clock.wall += timedelta(minutes=1)
    reported = desk.open_case(new_case(channel="phone", insured=claimant().__class__(name="欧阳明")))
    return [finished, printing, missing, referred, reported]


def test_each_chip_shows_its_cases_and_counts_them(desk: Desk, five: list[str]) -> None:
    finished, printing, missing, referred, reported = five
    expected = {
        CaseFilter.ALL: five[::-1],
        CaseFilter.OPEN: [reported, referred, missing, printing],
        CaseFilter.MISSING_PAPERS: [reported, referred, missing],
        CaseFilter.TO_PRINT: [printing],
        CaseFilter.REFERRED: [referred],
        CaseFilter.DISK_ONLY: five[::-1],
        CaseFilter.SENT_BACK: [],
        CaseFilter.DONE: [finished],
    }
    for only, cases in expected.items():
        assert numbers(desk, only) == cases, only
    assert desk.count_cases() == {only: len(cases) for only, cases in expected.items()}
    assert list(desk.count_cases()) == list(CaseFilter)
    for only, cases in expected.items():
        assert numbers(desk, only, "欧阳") == [each for each in cases if each == reported], only
        assert desk.count_cases("欧阳")[only] == (reported in cases), only


def test_pages_hold_together_and_end(desk: Desk, five: list[str]) -> None:
    for only in (CaseFilter.ALL, CaseFilter.MISSING_PAPERS):
        whole = numbers(desk, only)
        pages = [each.case.case_no for start in range(6) for each in desk.case_rows("", only, offset=start, limit=1)]
        assert pages == whole
    assert [each.case.case_no for each in desk.queue(offset=1, limit=2)] == [
        each.case.case_no for each in desk.queue()[1:3]
    ]


def test_the_queue_has_the_clock_that_runs_out_first_on_top(desk: Desk, five: list[str], station: Station) -> None:
    reported = five[4]
    rows = desk.queue()
    assert rows[0].case.case_no == reported
    assert rows[0].clock is not None
    assert rows[0].clock.limit.id == "contact"
    dues = [each.clock.due_at for each in rows if each.clock is not None]
    assert dues == sorted(dues)  # type: ignore[type-var]
    assert five[0] not in [each.case.case_no for each in rows]
    station.clock.wall += timedelta(days=3)
    assert [each.case.case_no for each in desk.queue()] == [each.case.case_no for each in rows]


def test_a_row_says_what_the_page_says(desk: Desk, five: list[str]) -> None:
    for row in desk.case_rows():
        page = desk.case_standing(row.case.case_no)
        assert row.case == page.case
        assert row.step is page.current
        assert row.done == sum(each.state == "done" for each in page.steps)
        assert row.papers == page.papers
        assert len(row.missing) == len(page.completeness.missing)
        assert row.clock == next((each for each in page.clocks if each.runs), None)


def test_what_is_remembered_of_a_case_is_dropped_when_it_moves(desk: Desk, five: list[str], station: Station) -> None:
    missing = five[2]

    def row():
        return next(each for each in desk.queue() if each.case.case_no == missing)

    assert (row().step, desk.count_cases()[CaseFilter.MISSING_PAPERS]) == (CaseStep.PAPERS, 3)
    for shade, material in enumerate(CLINIC_PAPERS[4:]):
        desk.add_document(missing, material, f"{material.value}.jpg", photo(90 + shade))
    assert (row().step, desk.count_cases()[CaseFilter.MISSING_PAPERS]) == (CaseStep.BENEFIT, 2)
    fresh = Desk.today(desk)
    desk.close()
    again = station.open()
    assert again.today() == fresh
    again.close()


def test_a_birthday_changes_what_is_missing_without_any_event(desk: Desk, station: Station) -> None:
    almost = claimant().__class__(name="万俟清禾", birth_date=(NOON + timedelta(days=1)).date().replace(year=2008))
    case_no = desk.open_case(new_case(insured=almost, policy_nos=()))
    before = next(each for each in desk.queue() if each.case.case_no == case_no)
    station.clock.wall += timedelta(days=1)
    after = next(each for each in desk.queue() if each.case.case_no == case_no)
    assert len(before.missing) - len(after.missing) == 2
    assert desk.count_cases()[CaseFilter.MISSING_PAPERS] == 1


def test_the_desk_at_a_glance(desk: Desk, five: list[str], station: Station) -> None:
    today = desk.today()
    assert (today.cases_today, today.cases_yesterday) == (5, 0)
    assert [(each.hour, each.count) for each in today.by_hour if each.count] == [(12, 5)]
    assert len(today.by_hour) == 24
    assert today.promised_today_fen == 648_824
    assert (today.allowance_limit_fen, today.allowance_left_fen) == (1_500_000, 1_500_000 - 648_824)
    assert today.float_left_fen == 0
    assert sum(count for _, count in today.by_step) == today.open_count == 4
    assert today.longest_open is not None
    assert today.longest_open.case_no == five[1]
    assert [case.case_no for case, _ in today.clocks][:1] == [five[4]]
    assert {each.case.case_no for each in today.waiting_papers} == set(five[2:])
    assert today.waiting_count == 3
    assert [each.case_no for each in today.unfinished_papers] == [five[1]]
    station.clock.wall += timedelta(days=1)
    tomorrow = desk.today()
    assert (tomorrow.cases_today, tomorrow.cases_yesterday, tomorrow.promised_today_fen) == (0, 5, 0)


def test_a_beijing_day_ends_at_beijing_midnight(desk: Desk, station: Station) -> None:
    station.clock.wall = NOON.astimezone(BEIJING).replace(hour=23, minute=59)
    desk.open_case(new_case())
    station.clock.wall += timedelta(minutes=2)
    today = desk.today()
    assert (today.cases_today, today.cases_yesterday) == (0, 1)


def test_nothing_is_left_of_an_allowance_while_the_clock_is_not_believed(desk: Desk, station: Station) -> None:
    station.clock.wall = NOON - timedelta(days=30)
    assert desk.today().allowance_left_fen == 0
    assert not desk.standing().at.believed


def test_a_voided_voucher_is_no_promise_of_the_day(desk: Desk, five: list[str]) -> None:
    (paper,) = desk.papers(five[0])
    desk.void(paper.number, "打印模糊")
    assert desk.today().promised_today_fen == 0
    assert desk.at_risk().promised_fen == 0


def test_the_frame_tells_the_truth(desk: Desk, five: list[str]) -> None:
    standing = desk.standing()
    assert standing.safety == desk.safety()
    assert standing.last_contact_at == NOON - timedelta(hours=2)
    assert standing.rules is not None
    assert (standing.rules.days, standing.rules.warning, standing.rules.expired) == (6, False, False)
    assert standing.policies is not None
    assert standing.persons == 11
    assert (standing.numbers_left, standing.slip_numbers_left, standing.case_numbers_left) == (49, 49, 45)
    assert (standing.stopped, standing.sent_back, standing.problems, standing.notices) == (False, 0, (), ())


def test_what_headquarters_signed_for_is_not_at_risk(desk: Desk, five: list[str], station: Station) -> None:
    risk = desk.at_risk()
    assert [each.case_no for each in risk.cases] == five
    assert (risk.events, risk.promised_fen) == (desk.safety().disk, 648_824)
    assert (risk.attachments, risk.attachment_bytes) == (
        desk.safety().attachments_waiting,
        desk.safety().attachment_bytes_waiting,
    )
    last = desk.case(five[1]).last_seq
    desk.close()
    with station.store() as store:
        digest = store.digest_at(last)
        waiting = tuple(each.sha256 for each in store.attachments_waiting())
        with store.write() as uow:
            uow.receive(station.hq.say(LogReceipted, watermark_seq=last, digest=digest, issued_at=NOON))
    again = station.open()
    assert [each.case_no for each in again.at_risk().cases] == [*five[:2], *five[2:]]
    assert again.at_risk().promised_fen == 0
    assert numbers(again, CaseFilter.DISK_ONLY) == five[:1:-1]
    receipts = {each.case.case_no: each for each in again.receipts()}
    assert receipts[five[0]].hq_at == receipts[five[1]].hq_at == NOON
    assert receipts[five[4]].hq_at is None
    assert receipts[five[0]].promised_fen == 648_824
    assert receipts[five[0]].disk_at == again.case(five[0]).updated_at
    assert {each.custody_at for each in receipts.values()} == {None}
    again.close()
    with station.store() as store, store.write() as uow:
        uow.receive(station.hq.say(AttachmentsHeld, sha256=waiting))
    last_desk = station.open()
    assert [each.case_no for each in last_desk.at_risk().cases] == five[2:]
    assert last_desk.at_risk().attachments == 0
    last_desk.close()


def test_what_is_sent_back_has_its_reason_an_owner_and_a_next_step(
    desk: Desk, five: list[str], station: Station
) -> None:
    (paper,) = desk.papers(five[0])
    desk.close()

    def say(kind: type, minutes: int, **fields: object) -> None:
        with station.store() as store, store.write() as uow:
            uow.receive(station.hq.say(kind, issued_at=NOON + timedelta(minutes=minutes), **fields))

    verdict = {"case_no": five[0], "voucher_no": paper.number, "replay": "identical", "amount_fen": 648_824}
    say(SettlementAnswered, 1, settlement="hold", reason=Bilingual("收款户名与证件姓名不符", "names differ"), **verdict)
    say(TaskAssigned, 2, case_no=five[2], text=Bilingual("请补交出院小结。", "Add the summary."), owner="0417")
    say(TaskAssigned, 3, case_no=None, text=Bilingual("总部今晚维护。", "Maintenance tonight."))
    say(TaskAssigned, 4, case_no="QX07-D9-C-000001-14", text=Bilingual("请转交同事。", "Pass it on."))
    again = station.open()
    told, held = again.sent_back()
    assert (told.case.case_no, told.reason.zh, told.number) == (five[2], "请补交出院小结。", None)
    assert (held.case.case_no, held.number, held.amount_fen) == (five[0], paper.number, 648_824)
    assert held.reason.zh == "收款户名与证件姓名不符"
    assert (held.owner, told.owner) == ("林晓禾", "林晓禾")
    assert "仍有效" in held.next_step.zh
    assert again.standing().sent_back == again.count_cases()[CaseFilter.SENT_BACK] == 2
    assert [each.zh for each in again.standing().notices] == ["总部今晚维护。", "请转交同事。"]
    assert again.today().sent_back == (told, held)
    assert [each.case.case_no for each in again.case_rows("", CaseFilter.SENT_BACK)] == [five[2], five[0]]
    assert all(each.sent_back for each in again.case_rows("", CaseFilter.SENT_BACK))
    receipt = next(each for each in again.receipts() if each.case.case_no == five[0])
    assert (receipt.settlement, receipt.replay) == ("hold", "identical")
    assert receipt.reason == held.reason

    again.close()
    say(TaskAssigned, 5, case_no=five[1], text=Bilingual("第 3 条记录未采用。", "Not taken."), owner="0999")
    say(TaskAssigned, 6, case_no=five[3], text=Bilingual("总部程序出错。", "Our fault."), owner=OWNER_HEADQUARTERS)
    say(TaskAssigned, 7, case_no=None, text=Bilingual("第 4 条读不出来。", "Unreadable."), owner=OWNER_HEADQUARTERS)
    again = station.open()
    owners = {each.case.case_no: (each.owner, each.next_step.zh) for each in again.sent_back()}
    assert owners[five[1]][0] == "0999", "another adjuster's, by staff number"
    assert owners[five[3]] == ("总部 HQ", "由总部处理，本站无需操作。")
    assert again.standing().notices[-1].zh == "第 4 条读不出来。（由总部处理）"
    for case_no in (five[1], five[3]):
        again.add_document(case_no, CLINIC_PAPERS[4], f"{case_no}.jpg", photo(121))

    again.add_document(five[2], CLINIC_PAPERS[4], "summary.jpg", photo(120))
    assert [each.number for each in again.sent_back()] == [paper.number]
    again.close()
    say(SettlementAnswered, 9, settlement="settled", reason=Bilingual("一致", "agrees"), **verdict)
    last = station.open()
    assert last.sent_back() == ()
    assert last.standing().sent_back == 0
    last.close()


def test_a_stopped_laptop_says_so(desk: Desk, station: Station) -> None:
    desk.close()
    with station.store() as store, store.write() as uow:
        uow.receive(station.hq.say(DeviceRevoked, reason=Bilingual("设备遗失。", "Lost.")))
    again = station.open()
    assert again.standing().stopped
    assert [each.zh for each in again.standing().notices] == ["设备遗失。"]
    again.close()


def test_a_referral_is_a_referral_in_every_list(desk: Desk, five: list[str]) -> None:
    row = next(each for each in desk.case_rows() if each.case.case_no == five[3])
    assert row.case.outcome is Outcome.REFERRED
    receipt = next(each for each in desk.receipts() if each.case.case_no == five[3])
    assert (receipt.outcome, receipt.promised_fen) == (Outcome.REFERRED, None)
