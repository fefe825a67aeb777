"""Story: headquarters refuses a claim, and the notice is printed and handed over where the claimant is; with a day's other papers around it.

Real service, stores and papers; every event of the day is taken by headquarters.
"""

from __future__ import annotations

from claims.day_end import DifferenceKind
from claims.desk import Desk
from claims.events import PaperKind
from claims.paper_definitions import PaperId
from claims.trusted_time import beijing_date
from headquarters.__main__ import main
from headquarters.standing import read_standing
from tests.desk.document_desk import fill
from tests.desk.station import new_case, take_papers
from tests.forms.reading import page_texts, squeezed
from tests.stories.office import Office

FACTS = "门诊病历记载为既往症复查。"
CLAUSE = "第七条第（三）项：既往症所致的医疗费用，保险人不承担给付责任。"
GROUNDS = "该次门诊与本次意外无关。"


def test_a_refusal_reaches_the_claimant_on_paper(office: Office) -> None:
    with office.serving() as url:
        laptop = office.enrol("D3", url)
        with laptop.desk() as desk:
            assert desk.sync().problem is None
            case_no = desk.open_case(new_case())
            take_papers(desk, case_no)
            slip = desk.give_slip(case_no)
            filled, torn = desk.prepare_blanks(PaperId.INTERVIEW_RECORD, 2)
            for number in (slip.number, filled.number, torn.number):
                desk.draw(number)
                desk.mark_printed(number, "printer")
            desk.hand_over(slip.number, "覃建国")
            today = beijing_date(desk.time().at)
            desk.enter_blank(filled.number, case_no, filled_on=today, receiver="覃建国")
            desk.spoil(torn.number, "撕破")
            assert desk.count_day(today, {PaperKind.SLIP: 1, PaperKind.DOCUMENT: 2}).agrees
            assert desk.sync().problem is None
            assert not _ready(desk, case_no)

        words = ["--facts", FACTS, "--clause", CLAUSE, "--grounds", GROUNDS, "--refund", "120.00"]
        assert main(["decide", str(office.folder / "hq"), case_no, "--decision", "decline", *words]) == 0

        with laptop.desk() as desk:
            assert desk.sync().problem is None
            (told,) = [each for each in desk.sent_back() if each.case.case_no == case_no and each.number is None]
            assert "打印通知书" in told.reason.zh
            notice = fill(desk, case_no, PaperId.REFUSAL_NOTICE)
            drawn = desk.draw(notice.number)
            text = squeezed("".join(page_texts(drawn.pdf)))
            for words_on_it in (FACTS, CLAUSE, GROUNDS, "120.00", notice.number):
                assert squeezed(words_on_it) in text
            desk.mark_printed(notice.number, "printer")
            open_still = desk.day_end(today).differences
            assert (DifferenceKind.NOT_HANDED_OVER, notice.number) in [(each.kind, each.number) for each in open_still]
            desk.hand_over(notice.number, "覃建国")
            assert desk.sync().problem is None
            assert all(told.reason != each.reason for each in desk.sent_back())
            assert all(each.unbroken for each in desk.number_blocks())

        standing = read_standing(office.hq)
        assert set(standing.events) == {"processed"}, "nothing was rejected and nothing is stuck"


def _ready(desk: Desk, case_no: str) -> bool:
    return next(each.ready for each in desk.papers_possible(case_no) if each.paper is PaperId.REFUSAL_NOTICE)
