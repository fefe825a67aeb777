"""调查笔录: time, place, two investigators, who was interviewed, questions and answers, "read, correct", every page signed.

Promise: two different investigators; the opening questions are proposed, the answers are the person's own words.
Source: notes/domain.md §1.1 (INVESTIGATING: two investigators), §7.
"""

from __future__ import annotations

from collections.abc import Sequence

from claims.document_contents.content import Asked, Written, fields_of, in_both, said
from claims.document_contents.dossier import Dossier
from claims.document_contents.people_on_paper import identity_problems
from claims.document_types import Entered, RowsForm, problem
from claims.errors import Bilingual
from claims.form_fields import FactValue, FieldProblem
from claims.paper_definitions import PaperId

PAPER = PaperId.INTERVIEW_RECORD
QUESTIONS = "questions"
_KEYS = (
    "interview.date",
    "interview.from",
    "interview.to",
    "interview.place",
    "investigator.first",
    "investigator.first_no",
    "investigator.second",
    "investigator.second_no",
    "interviewee.name",
    "interviewee.sex",
    "interviewee.id_type",
    "interviewee.id_number",
    "interviewee.phone",
    "interviewee.relation",
    "interviewee.address",
    "interview.others",
    "interview.read_to",
)
_ROOM = "\n\n\n"
"""What stands for an answer that nobody typed: lines to write it on by hand."""
_OPENING = (
    Bilingual("我们的身份和来意，您听清楚了吗？", "Have you understood who we are and why we are here?"),
    Bilingual(
        "请介绍一下您自己，您和被保险人是什么关系？", "Please tell us who you are. How are you related to the insured?"
    ),
    Bilingual("请说说事情的经过：什么时间、在哪里、发生了什么？", "What happened, when and where?"),
    Bilingual(
        "事后是怎么处理的？到哪里治疗或报过警？",
        "What was done then? Where was the treatment, was it reported to the police?",
    ),
    Bilingual(
        "被保险人以前身体怎么样？还有其他保险吗？", "How was the insured's health before? Is there other insurance?"
    ),
    Bilingual("还有什么要补充的吗？", "Is there anything you want to add?"),
)


def why_not(dossier: Dossier) -> Bilingual | None:  # noqa: ARG001 - the shape of every content
    """Return None: somebody may be interviewed in any case."""
    return None


def asked(dossier: Dossier) -> Asked:
    """Return the circumstances, the people and the opening questions. The adjuster is proposed as the first investigator."""
    identity = dossier.identity
    values: dict[str, FactValue] = {
        "interview.date": dossier.today.isoformat(),
        "interview.place": identity.station_name,
        "interview.read_to": "read_self",
        "investigator.first": identity.adjuster_name,
        "investigator.first_no": identity.adjuster,
    }
    rows = tuple({"interview.question": each.zh} for each in _OPENING)
    return Asked(
        fields=fields_of(PAPER, *_KEYS),
        values=values,
        rows=(
            RowsForm(
                key=QUESTIONS,
                label=Bilingual("问与答", "Questions and answers"),
                fields=fields_of(PAPER, "interview.question", "interview.answer"),
                rows=rows,
                least=1,
                most=100,
            ),
        ),
    )


def problems(dossier: Dossier, entered: Entered) -> Sequence[FieldProblem]:
    """Return investigators who are one, an interviewee who investigates, times in the wrong order."""
    found = list(
        identity_problems(
            {key: f"interviewee.{key}" for key in ("id_type", "id_number")}, entered.values, dossier.today
        )
    )
    first, second = entered.text("investigator.first"), entered.text("investigator.second")
    if entered.text("investigator.first_no").casefold() == entered.text("investigator.second_no").casefold():
        found.append(
            problem(
                "investigator.second_no",
                "one_investigator",
                f"两名调查人的工号都是 {entered.text('investigator.first_no')}，调查须由两人进行，请核对。",
                f"Both investigators have the staff number {entered.text('investigator.first_no')}; an interview takes two: check it.",
            )
        )
    if entered.text("interviewee.name") in (first, second) and not entered.text("interviewee.id_number"):
        found.append(
            problem(
                "interviewee.name",
                "interviews_self",
                f"被询问人与调查人同名（{entered.text('interviewee.name')}），请核对；确为同名的，请填被询问人证件号码。",
                f"The person interviewed has an investigator's name ({entered.text('interviewee.name')}): check it; for namesakes enter the ID number.",
            )
        )
    began, ended = entered.text("interview.from"), entered.text("interview.to")
    if ended and ended < began:
        found.append(
            problem(
                "interview.to",
                "time_order",
                f"结束时间 {ended} 早于开始时间 {began}，请核对。",
                f"It ended at {ended}, before it began at {began}: check both.",
            )
        )
    return found


def written(dossier: Dossier, entered: Entered) -> Written:  # noqa: ARG001 - the shape of every content
    """Return the record."""
    rows = tuple(
        said(
            {
                "interview.question": in_both(row.get("interview.question"), *_OPENING),
                "interview.answer": row.get("interview.answer", _ROOM),
            }
        )
        for row in entered.rows.get(QUESTIONS, ())
    )
    return Written(values=said(dict(entered.values)), tables={QUESTIONS: rows})
