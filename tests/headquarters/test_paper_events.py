"""Papers, blank forms and counts in the log: own numbers and known cases are taken, anything else is kept and sent back with words."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from sqlalchemy import delete, select

from claims.errors import Bilingual
from claims.events import (
    BlankEntered,
    BlanksPrepared,
    DayCounted,
    NumberSpoiled,
    Outcome,
    PaperAsked,
    PaperKind,
    PaperRedeemed,
    SlipIssued,
)
from claims.numbering import format_number, parse_number
from claims.statements import NumberBlockGranted
from headquarters.enrolment import FirstGrants, make_enrolment_code
from headquarters.grants import grant_numbers
from headquarters.models import FeedItem, NumberGrant
from tests.headquarters.laptop import AT, enrol_laptop

DAY = date(2026, 12, 1)


def asked(number: str, case_no: str | None) -> PaperAsked:
    return PaperAsked(at=AT, number=number, paper="application", case_no=case_no, content=msgspec.Raw(b"{}"))


def blanks(*numbers: str, kind: PaperKind = PaperKind.DOCUMENT) -> BlanksPrepared:
    return BlanksPrepared(at=AT, kind=kind, paper="application", numbers=numbers)


def entered(number: str, case_no: str, kind: PaperKind = PaperKind.DOCUMENT) -> BlankEntered:
    return BlankEntered(at=AT, kind=kind, number=number, case_no=case_no, filled_on=DAY, receiver="覃建国")


def redeemed(sha256: str = "ab" * 32) -> PaperRedeemed:
    return PaperRedeemed(
        at=AT, voucher_no=format_number("QX07-D9", 1), device="D9/1", code_sha256=sha256, presented_by="覃建国"
    )


def counted(count: int = 3) -> DayCounted:
    return DayCounted(at=AT, day=DAY, counted=count, recorded=3, differences=(Bilingual("缺一张", "one short"),))


def blocks(laptop, kind: str) -> list[tuple[int, int]]:
    return [
        (each.first, each.last) for each in laptop.inbox if isinstance(each, NumberBlockGranted) and each.kind == kind
    ]


def test_a_day_of_papers_is_taken_in(make_laptop):
    laptop = make_laptop()
    case = laptop.open_case()
    first, second, third = (laptop.number("document") for _ in range(3))
    laptop.commit(
        case,
        asked(first, case.case_no),
        blanks(second, third),
        entered(second, case.case_no),
        NumberSpoiled(at=AT, kind=PaperKind.DOCUMENT, number=third, reason="淋湿"),
        redeemed(),
        counted(),
        asked(laptop.number("document"), None),
    )
    assert laptop.send_log().rejected_seqs == ()
    assert laptop.tasks() == []


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (lambda case: asked(format_number("QX07-D4-W", 1), case), "不属于本设备"),
        (lambda case: asked(format_number("QX07-D3", 1), case), "不是这类单证"),
        (lambda case: asked("QX07-D3-W-000001-00", case), "校验位"),
        (lambda _: asked(format_number("QX07-D3-W", 1), "QX07-D3-C-000404-00"), "没有记录"),
        (lambda _: blanks(format_number("QX07-D3-W", 1), format_number("QX07-D4-W", 1)), "不属于本设备"),
        (lambda _: blanks(), "没有号码"),
        (lambda _: blanks(*[format_number("QX07-D3-W", 1)] * 2), "重复"),
        (lambda _: blanks(format_number("QX07-D3", 1), kind=PaperKind.VOUCHER), "没有空白件"),
        (lambda _: entered(format_number("QX07-D3-W", 1), "QX07-D3-C-000404-00"), "没有记录"),
        (lambda case: entered(format_number("QX07-D3", 1), case, PaperKind.VOUCHER), "没有空白件"),
        (lambda _: redeemed("no hash"), "指纹不合理"),
        (lambda _: counted(-1), "不合理"),
    ],
)
def test_what_can_not_be_is_kept_and_sent_back_with_words(make_laptop, event, said):
    laptop = make_laptop()
    case = laptop.open_case()
    laptop.commit(case, event(case.case_no))
    laptop.commit(laptop.open_case())
    receipt = laptop.send_log()
    assert (receipt.watermark_seq, receipt.rejected_seqs) == (3, (2,))
    (task,) = laptop.tasks()
    assert said in task.text.zh
    assert task.text.en


def test_a_case_of_another_laptop_is_known(make_laptop):
    one, other = make_laptop("D3"), make_laptop("D4")
    case = one.open_case()
    one.commit(case)
    one.send_log()
    other.commit(asked(other.number("document"), case.case_no))
    assert other.send_log().rejected_seqs == ()


def test_half_a_block_used_brings_the_next_one(hq, client):
    laptop = enrol_laptop(client, code(hq, numbers=10))
    case = laptop.open_case()
    numbers = [laptop.number("document") for _ in range(10)]
    laptop.commit(case, blanks(*numbers[:5]))
    laptop.send_log()
    laptop.down()
    assert blocks(laptop, "document") == [(1, 10)]
    laptop.commit(asked(numbers[5], case.case_no), asked(numbers[6], case.case_no))
    laptop.send_log()
    laptop.send_log()
    laptop.down()
    assert blocks(laptop, "document") == [(1, 10), (11, 20)]
    assert blocks(laptop, "voucher") == [(1, 10)]


def test_a_slip_under_a_documents_number_uses_up_the_documents(hq, client):
    laptop = enrol_laptop(client, code(hq, numbers=4))
    case = laptop.open_case()
    lent = [format_number("QX07-D3-W", serial) for serial in (1, 2, 3)]
    slips = [
        SlipIssued(at=AT, case_no=case.case_no, slip_no=number, outcome=Outcome.RECEIPT_ONLY, reasons=())
        for number in lent
    ]
    laptop.commit(case, *slips)
    assert laptop.send_log().rejected_seqs == ()
    laptop.down()
    assert blocks(laptop, "document") == [(1, 4), (5, 8)]
    assert blocks(laptop, "slip") == [(1, 4)]


def test_a_laptop_enrolled_before_there_were_documents_gets_its_first_block_at_hello(hq, make_laptop):
    laptop = make_laptop()
    with hq.database.write() as session:
        # As a headquarters of before left it: neither block nor statement.
        session.execute(delete(NumberGrant).where(NumberGrant.kind == "document"))
        newest = session.scalars(select(FeedItem).order_by(FeedItem.position)).all()
        assert [each.kind for each in newest[:4]] == ["number_block_granted@1"] * 4
    before = len(laptop.inbox)
    laptop.hello()
    laptop.down()
    granted = laptop.inbox[before:]
    assert [(each.kind, each.prefix, each.first, each.last) for each in granted] == [("document", "QX07-D3-W", 1, 500)]
    laptop.hello()
    laptop.down()
    assert len(laptop.inbox) == before + 1


def test_a_laptop_that_was_given_no_numbers_gets_none_by_itself(hq, client):
    laptop = enrol_laptop(client, code(hq, numbers=0))
    laptop.hello()
    laptop.down()
    assert not any(isinstance(each, NumberBlockGranted) for each in laptop.inbox)


def test_no_two_laptops_and_no_two_lives_of_one_are_ever_granted_the_same_number(hq, client, make_laptop):
    granted: dict[str, int] = {}
    for device in ("D3", "D4", "D3", "D30"):
        laptop = make_laptop(device)
        grant_numbers(hq, device, 7)
        laptop.down()
        for block in laptop.inbox:
            if isinstance(block, NumberBlockGranted):
                for serial in range(block.first, block.last + 1):
                    text = format_number(block.prefix, serial)
                    assert parse_number(text).prefix == block.prefix
                    assert text not in granted
                    granted[text] = laptop.identity.epoch
    assert len(granted) == 4 * 4 * 507


def code(hq, *, numbers: int) -> str:
    return make_enrolment_code(
        hq,
        station="QX07",
        station_name="清溪服务站",
        adjuster="0417",
        adjuster_name="林晓禾",
        device="D3",
        first_grants=FirstGrants(numbers=numbers),
    )
