"""What document tests share: filling a form as the screen does, headquarters' decisions, and the text of a drawn paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from claims.desk import Desk
from claims.document_contents.issued import filled_of
from claims.documents import EntriesRefusedError
from claims.form_fields import FactValue
from claims.paper_definitions import PaperId
from claims.papers import FilledPaper
from claims.records import PaperRecord
from claims.statements import ClaimDecided
from tests.desk.station import Station
from tests.forms.reading import page_texts, squeezed

Rows = Mapping[str, Sequence[Mapping[str, FactValue]]]
APPLICATION: dict[str, FactValue] = {
    "case.description": "地震时从楼梯摔下，左前臂骨折。",
    "insured.id_expiry": "长期",
    "loss.time": "09:12",
    "loss.cause": "accident",
    "social_insurance.kind": "resident",
    "other_cover.any": "否",
}
INTERVIEW: dict[str, FactValue] = {
    "interview.from": "10:05",
    "interview.to": "10:40",
    "investigator.second": "万俟清禾",
    "investigator.second_no": "0533",
    "interviewee.name": "陈㛃",
    "interviewee.relation": "邻居",
}
AGENT: dict[str, FactValue] = {
    "agent.name": "周䶮",
    "agent.relation": "邻居",
    "agent.id_type": "passport",
    "agent.id_number": "E12345678",
    "agent.phone": "19900000002",
}
PREPAYMENT: dict[str, FactValue] = {
    "prepay.amount": "3,000",
    "prepay.purpose": "treatment",
    "prepay.reason": "unfinished",
    "payee.bank": "示例银行",
    "payee.account": "6217001234567890122",
}


def fill(
    desk: Desk,
    case_no: str,
    paper: PaperId,
    values: Mapping[str, FactValue] | None = None,
    rows: Rows | None = None,
    *,
    another: bool = False,
) -> PaperRecord:
    """Issue a paper with what its form proposes, changed by these values and tables."""
    form = desk.paper_form(case_no, paper)
    proposed = {each.key: each.rows for each in form.rows}
    return desk.ask_paper(
        case_no, paper, {**form.values, **(values or {})}, {**proposed, **(rows or {})}, another=another
    )


def refused(
    desk: Desk, case_no: str, paper: PaperId, values: Mapping[str, FactValue] | None = None, rows: Rows | None = None
) -> dict[str, str]:
    """Return what is wrong with these entries, by key: the code. Every sentence is there in both languages."""
    with pytest.raises(EntriesRefusedError) as caught:
        fill(desk, case_no, paper, values, rows)
    problems = caught.value.problems
    assert all(each.sentence.zh and each.sentence.en for each in problems)
    return {each.key: each.code for each in problems}


def content(paper: PaperRecord) -> FilledPaper:
    """Return what was asked to stand on a paper."""
    found = filled_of(paper)
    assert found is not None
    return found


def drawn(desk: Desk, number: str) -> str:
    """Return the text of the whole paper as drawn, without blanks."""
    return squeezed("".join(page_texts(desk.draw(number).pdf)))


def decide_at_headquarters(station: Station, case_no: str, decision: str, **fields: object) -> None:
    """Let headquarters' signed decision arrive. The desk must be closed."""
    said: dict[str, object] = {
        "policy_no": None,
        "decided_on": date(2026, 11, 21),
        "decided_by": "总部理赔部 王审",
        "facts": "事故发生时被保险人酒后驾驶。",
        "clause": "第七条（四）酒后驾驶期间发生的事故不承担给付责任。",
        "grounds": "属于责任免除，投保时已明确说明。",
    }
    with station.store() as store, store.write() as uow:
        uow.receive(station.hq.say(ClaimDecided, case_no=case_no, decision=decision, **(said | fields)))
