"""The documents of a case on the real encrypted store: what can be issued, prefilled, refused, asked twice, signed, read in English."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import msgspec
import pytest

from claims.desk import Desk
from claims.documents import EntriesRefusedError
from claims.errors import EnvironmentProblem, InputError
from claims.events import PaperKind, PersonFact
from claims.form_fields import FactValue
from claims.materials import Material
from claims.paper_definitions import PaperId
from claims.papers import Mark
from claims.records import PaperState
from claims.signing import Role
from resources.sample_numbers import CLINIC
from tests.desk.document_desk import (
    AGENT,
    APPLICATION,
    INTERVIEW,
    PREPAYMENT,
    content,
    drawn,
    fill,
    refused,
)
from tests.desk.station import NOON, Station, claimant, clinic_facts, new_case, payee, ready_case, take_papers
from tests.forms.reading import page_texts, squeezed

INK = (((0, 0), (50, 40), (90, 5)),)
RARE_NAMES = ("陈㛃", "周䶮", "𬭊文", "李𠅤")


def possible(desk: Desk, case_no: str) -> dict[PaperId, bool]:
    return {each.paper: each.ready for each in desk.papers_possible(case_no)}


def test_a_case_just_reported_can_have_what_needs_no_decision(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    assert possible(desk, case_no) == {
        PaperId.APPLICATION: True,
        PaperId.POWER_OF_ATTORNEY: True,
        PaperId.SUPPLEMENT_NOTICE: True,
        PaperId.INTERVIEW_RECORD: True,
        PaperId.PREPAYMENT_AGREEMENT: True,
        PaperId.DECISION_NOTICE: False,
        PaperId.REFUSAL_NOTICE: False,
        PaperId.SPLIT_STATEMENT: False,
    }
    for each in desk.papers_possible(case_no):
        assert (each.why_not is None) == each.ready
        assert each.name.zh
        assert each.issued == ()
        if each.why_not is not None:
            with pytest.raises(InputError, match="paper_not_ready") as caught:
                desk.paper_form(case_no, each.paper)
            assert each.why_not.zh in caught.value.sentence("zh")


def test_a_promised_case_can_have_its_decision_and_no_prepayment(desk: Desk) -> None:
    case_no = ready_case(desk)
    desk.promise(case_no, CLINIC, (payee(),))
    found = possible(desk, case_no)
    assert found[PaperId.DECISION_NOTICE]
    assert found[PaperId.SPLIT_STATEMENT]
    assert not found[PaperId.PREPAYMENT_AGREEMENT]
    assert not found[PaperId.REFUSAL_NOTICE]


@pytest.mark.parametrize("paper", [PaperId.VOUCHER, PaperId.SLIP, PaperId.SERVICE_LEAFLET, PaperId.DAY_END_COUNT])
def test_papers_of_other_steps_are_not_issued_here(desk: Desk, paper: PaperId) -> None:
    case_no = desk.open_case(new_case())
    with pytest.raises(InputError, match="not_a_case_document"):
        desk.ask_paper(case_no, paper, {})


def test_the_application_shows_the_report_and_prints_everything(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    form = desk.paper_form(case_no, PaperId.APPLICATION)
    person = claimant()
    assert form.values["loss.cause"] == "accident"
    assert form.values["insured.id_type"] == "resident"
    shown = {each.field.key: each.value for each in form.shown}
    assert shown["insured.name"] == person.name
    assert shown["case.policy_nos"] == CLINIC
    (applicants, _) = form.rows
    assert applicants.rows[0]["applicant.id_number"] == person.id_number

    paper = fill(
        desk,
        case_no,
        PaperId.APPLICATION,
        APPLICATION,
        {
            "accounts": [
                {"payee.name": person.name, "payee.bank": "示例银行", "payee.account": "6217 0012 3456 7890 122"}
            ]
        },
    )

    assert paper.kind is PaperKind.DOCUMENT
    assert (paper.paper, paper.case_no, paper.state) == ("application", case_no, PaperState.ASKED)
    text = drawn(desk, paper.number)
    values = (
        paper.number,
        case_no,
        CLINIC,
        person.name,
        person.id_number,
        person.phone,
        "2026-11-20",
        "09:12",
        "清溪县",
    )
    for value in (*values, "左前臂骨折", "长期", "本人", "居民身份证", "6217001234567890122", "示例银行", "单独签字"):
        assert squeezed(str(value)) in text, value


def test_rare_names_print_on_every_document_that_names_them(desk: Desk) -> None:
    applicants = [
        {
            "applicant.name": name,
            "applicant.relation": "heir",
            "applicant.id_type": "other",
        }
        for name in RARE_NAMES
    ]
    insured = msgspec.structs.replace(claimant(), name="覃𬭊𠅤")
    case_no = desk.open_case(new_case(insured=insured, reporter=PersonFact(name="周䶮")))
    paper = fill(desk, case_no, PaperId.APPLICATION, APPLICATION, {"applicants": applicants})
    text = drawn(desk, paper.number)
    for name in (*RARE_NAMES, "覃𬭊𠅤"):
        assert name in text
    assert [each.name for each in desk.signers(paper.number) if each.role is Role.CLAIMANT] == list(RARE_NAMES)
    assert "周䶮" in drawn(desk, fill(desk, case_no, PaperId.POWER_OF_ATTORNEY, AGENT).number)


def test_wrong_entries_are_told_all_at_once_and_use_no_number(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    row: dict[str, FactValue] = {
        "applicant.name": "张三",
        "applicant.relation": "guardian",
        "applicant.id_type": "resident",
        "applicant.id_number": "12",
    }
    found = refused(
        desk,
        case_no,
        PaperId.APPLICATION,
        {**APPLICATION, "loss.time": "25:99", "social_insurance.kind": "", "other_cover.any": "是"},
        {"applicants": [{}, row], "accounts": [{"payee.name": "张三"}], "secrets": []},
    )
    assert found == {
        "loss.time": "code_pattern",
        "social_insurance.kind": "missing",
        "other_cover.details": "missing",
        "applicants[1].applicant.id_number": "id_length",
        "accounts[0].payee.bank": "missing",
        "accounts[0].payee.account": "missing",
        "secrets": "unknown_table",
    }
    assert desk.papers(case_no) == []
    assert fill(desk, case_no, PaperId.APPLICATION, APPLICATION).number.split("-")[-2] == "000001"


def test_a_problem_names_the_row_where_it_was_typed(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    person = claimant()
    good: dict[str, FactValue] = {
        "applicant.name": person.name,
        "applicant.relation": "self",
        "applicant.id_type": "resident",
        "applicant.id_number": person.id_number or "",
    }
    assert refused(desk, case_no, PaperId.APPLICATION, APPLICATION, {"applicants": [{}, good, {}, good]}) == {
        "applicants[3].applicant.name": "twice"
    }
    assert refused(
        desk, case_no, PaperId.APPLICATION, APPLICATION, {"applicants": [good | {"applicant.id_expiry": "2035-02-31"}]}
    ) == {"applicants[0].applicant.id_expiry": "date_impossible"}
    assert refused(
        desk, case_no, PaperId.APPLICATION, APPLICATION, {"applicants": [good | {"applicant.id_type": "passport"}]}
    ) == {"applicants[0].applicant.id_number": "id_pattern"}
    assert refused(desk, case_no, PaperId.APPLICATION, APPLICATION | {"loss.cause": "illness"}) == {
        "loss.cause": "cause_clash"
    }
    assert refused(desk, case_no, PaperId.APPLICATION, APPLICATION, {"applicants": []}) == {
        "applicants": "rows_missing"
    }


def test_for_a_minor_the_guardian_applies_and_signs(desk: Desk) -> None:
    child = PersonFact(name="万俟清禾", id_number=None, birth_date=NOON.date().replace(year=2015))
    case_no = desk.open_case(new_case(insured=child, reporter=PersonFact(name="万俟宏", phone="19900000005")))
    form = desk.paper_form(case_no, PaperId.APPLICATION)
    assert form.rows[0].rows == (
        {
            "applicant.name": "万俟宏",
            "applicant.relation": "guardian",
            "applicant.on_behalf": "万俟清禾",
            "applicant.phone": "19900000005",
        },
    )
    guardian: dict[str, FactValue] = {**form.rows[0].rows[0], "applicant.id_type": "other"}
    itself = guardian | {"applicant.name": "万俟清禾", "applicant.relation": "self"}
    assert refused(desk, case_no, PaperId.APPLICATION, APPLICATION, {"applicants": [itself]}) == {
        "applicants[0].applicant.name": "minor_applies"
    }
    paper = fill(desk, case_no, PaperId.APPLICATION, APPLICATION, {"applicants": [guardian]})
    assert [(each.role, each.name) for each in desk.signers(paper.number)] == [
        (Role.CLAIMANT, "万俟宏"),
        (Role.ADJUSTER, "林晓禾"),
        (Role.CONSENT, "万俟宏"),
    ]
    with pytest.raises(InputError, match="another_name"):
        desk.sign_paper(paper.number, role=Role.CONSENT, name="万俟清禾", ink=INK)
    assert refused(
        desk,
        case_no,
        PaperId.POWER_OF_ATTORNEY,
        AGENT
        | {
            "principal.relation": "self",
            "principal.id_type": "resident",
            "principal.id_number": claimant().id_number or "",
        },
    ) == {"principal.relation": "minor_applies"}


def test_the_same_paper_asked_twice_is_the_same_paper(desk: Desk, station: Station) -> None:
    case_no = desk.open_case(new_case())
    first = fill(desk, case_no, PaperId.APPLICATION, APPLICATION)
    assert fill(desk, case_no, PaperId.APPLICATION, APPLICATION) == first
    other = fill(desk, case_no, PaperId.APPLICATION, APPLICATION | {"loss.time": "10:00"})
    assert other.number != first.number
    twin = fill(desk, case_no, PaperId.APPLICATION, APPLICATION, another=True)
    assert len({first.number, other.number, twin.number}) == 3
    notice = fill(desk, case_no, PaperId.SUPPLEMENT_NOTICE)
    station.clock.wall = NOON.replace(day=23)
    assert fill(desk, case_no, PaperId.SUPPLEMENT_NOTICE).number == notice.number, "a later day makes no other notice"
    desk.void(notice.number, "打印污损")
    assert fill(desk, case_no, PaperId.SUPPLEMENT_NOTICE).number != notice.number
    issued = next(each.issued for each in desk.papers_possible(case_no) if each.paper is PaperId.SUPPLEMENT_NOTICE)
    assert [each.state for each in issued] == [PaperState.VOIDED, PaperState.ASKED]


def test_nobodys_ink_stands_on_anothers_line(desk: Desk) -> None:
    case_no = desk.open_case(new_case(insured=PersonFact(name="覃建国")))
    rows = [
        {"applicant.name": name, "applicant.relation": "heir", "applicant.id_type": "other"} for name in RARE_NAMES[:3]
    ]
    number = fill(desk, case_no, PaperId.APPLICATION, APPLICATION, {"applicants": rows}).number
    # The last of three signs first.
    desk.sign_paper(number, role=Role.CLAIMANT, name=RARE_NAMES[2], ink=INK)
    signed = [each.signed is not None for each in desk.signers(number) if each.role is Role.CLAIMANT]
    assert signed == [False, False, True]
    text = drawn(desk, number)
    for name in RARE_NAMES[:3]:
        assert name in text
    assert f"（{RARE_NAMES[2]}）" not in text, "a name in brackets: signed on another's line"


def test_what_was_typed_for_a_voided_paper_is_proposed_again(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    rows = [{"material.name": "村委会证明", "material.why": "确认身份", "material.how": "原件"}]
    first = fill(desk, case_no, PaperId.SUPPLEMENT_NOTICE, {"supplement.how": "交给李𠅤。"}, {"materials": rows})
    proposed = desk.paper_form(case_no, PaperId.SUPPLEMENT_NOTICE)
    assert proposed.values["supplement.how"] != "交给李𠅤。", "a paper that stands is not repeated"
    desk.void(first.number, "写错一处")
    form = desk.paper_form(case_no, PaperId.SUPPLEMENT_NOTICE)
    assert form.values["supplement.how"] == "交给李𠅤。"
    assert [dict(row) for row in form.rows[0].rows] == rows
    again = fill(desk, case_no, PaperId.SUPPLEMENT_NOTICE)
    assert again.number != first.number
    assert content(again).tables == content(first).tables
    applied = fill(desk, case_no, PaperId.APPLICATION, APPLICATION)
    desk.void(applied.number, "写错")
    second = fill(desk, case_no, PaperId.APPLICATION)
    assert content(second).values == content(applied).values


def test_the_consent_may_be_refused_apart_from_the_application(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    number = fill(desk, case_no, PaperId.APPLICATION, APPLICATION).number
    name = claimant().name
    desk.sign_paper(number, role=Role.CLAIMANT, name=name, ink=INK)
    desk.sign_paper(number, role=Role.CONSENT, name=name, refused=True, note="不同意提供给第三方")

    signed = {each.role: each.signed for each in desk.signers(number)}
    assert signed[Role.ADJUSTER] is None
    claimant_signed, consent = signed[Role.CLAIMANT], signed[Role.CONSENT]
    assert claimant_signed is not None
    assert (claimant_signed.ink, claimant_signed.refused, claimant_signed.at) == (INK, False, NOON)
    assert consent is not None
    assert consent.refused
    assert "拒绝签字" in drawn(desk, number)
    desk.sign_paper(number, role=Role.CONSENT, name=name, ink=INK)
    assert "拒绝签字" not in drawn(desk, number)


def test_who_may_not_sign_is_told_why(desk: Desk) -> None:
    case_no = ready_case(desk)
    (voucher,) = desk.promise(case_no, CLINIC, (payee(),))
    number = fill(desk, case_no, PaperId.APPLICATION, APPLICATION).number
    with pytest.raises(InputError, match="no_such_role"):
        desk.sign_paper(number, role=Role.INTERVIEWEE, name=claimant().name)
    with pytest.raises(InputError, match="another_name"):
        desk.sign_paper(number, role=Role.CLAIMANT, name="别人")
    with pytest.raises(InputError, match="no_name"):
        desk.sign_paper(number, role=Role.CLAIMANT, name=" ")
    assert desk.signers(voucher.number) == ()
    with pytest.raises(InputError, match="not_signed_here"):
        desk.sign_paper(voucher.number, role=Role.CLAIMANT, name=claimant().name)
    with pytest.raises(InputError, match="number_unknown"):
        desk.signers("QX07-D3-W-000999-00")
    desk.void(number, "写错")
    with pytest.raises(InputError, match="voided"):
        desk.sign_paper(number, role=Role.CLAIMANT, name=claimant().name)
    assert desk.signers(number)[0].signed is None


def test_a_signature_under_one_paper_counts_for_no_other(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    first = fill(desk, case_no, PaperId.APPLICATION, APPLICATION)
    second = fill(desk, case_no, PaperId.APPLICATION, APPLICATION, another=True)
    desk.sign_paper(first.number, role=Role.CLAIMANT, name=claimant().name, ink=INK)
    assert desk.signers(second.number)[0].signed is None


def test_what_is_signed_is_exactly_what_stands_on_the_paper(station: Station) -> None:
    with contextlib.closing(station.open()) as desk:
        case_no = desk.open_case(new_case())
        paper = fill(desk, case_no, PaperId.APPLICATION, APPLICATION)
        desk.sign_paper(paper.number, role=Role.CONSENT, name=claimant().name, note="按指印")
    with station.store() as store, store.read() as reads:
        (event,) = reads.paper_signatures(paper.number)
    assert event.content_sha256 == hashlib.sha256(paper.content or b"").hexdigest()
    assert (event.subject, event.case_no, event.role) == (f"paper:{paper.number}", case_no, "consent")
    assert (event.refused, event.note) == (False, "按指印")


def test_an_interview_takes_two_investigators(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    form = desk.paper_form(case_no, PaperId.INTERVIEW_RECORD)
    assert form.values["investigator.first"] == "林晓禾"
    assert len(form.rows[0].rows) >= 5
    assert refused(desk, case_no, PaperId.INTERVIEW_RECORD, INTERVIEW | {"investigator.second_no": "0417"}) == {
        "investigator.second_no": "one_investigator"
    }
    assert refused(
        desk, case_no, PaperId.INTERVIEW_RECORD, INTERVIEW | {"interview.to": "09:00", "interviewee.name": "林晓禾"}
    ) == {
        "interviewee.name": "interviews_self",
        "interview.to": "time_order",
    }
    answers = [
        {"interview.question": f"第 {number} 问？", "interview.answer": f"第 {number} 答，\n原话。"}
        for number in range(40)
    ]
    paper = fill(desk, case_no, PaperId.INTERVIEW_RECORD, INTERVIEW, {"questions": answers})
    text = drawn(desk, paper.number)
    for value in ("林晓禾", "0417", "万俟清禾", "0533", "陈㛃", "10:05", "10:40", "第39问", "第39答", "与我所说的一致"):
        assert value in text, value
    assert [each.role for each in desk.signers(paper.number)] == [
        Role.INTERVIEWEE,
        Role.INVESTIGATOR,
        Role.SECOND_INVESTIGATOR,
    ]


def test_the_power_of_attorney_names_both_and_leaves_the_money_with_the_principal(desk: Desk) -> None:
    case_no = desk.open_case(new_case(reporter=PersonFact(name="周䶮", phone="19900000002")))
    form = desk.paper_form(case_no, PaperId.POWER_OF_ATTORNEY)
    assert (form.values["principal.name"], form.values["agent.name"]) == (claimant().name, "周䶮")
    assert refused(desk, case_no, PaperId.POWER_OF_ATTORNEY, AGENT | {"authority.to": "2026-11-01"}) == {
        "authority.to": "date_order"
    }
    assert refused(
        desk,
        case_no,
        PaperId.POWER_OF_ATTORNEY,
        AGENT | {"agent.id_type": "resident", "agent.id_number": claimant().id_number or ""},
    ) == {"agent.id_number": "own_agent"}
    paper = fill(desk, case_no, PaperId.POWER_OF_ATTORNEY, AGENT)
    text = drawn(desk, paper.number)
    for value in (
        "周䶮",
        "E12345678",
        claimant().id_number or "",
        "2026-11-22",
        "2027-02-20",
        "领款人仍是委托人本人",
        CLINIC,
    ):
        assert value in text, value
    assert [each.name for each in desk.signers(paper.number)] == [claimant().name, "周䶮", "林晓禾"]


def test_the_supplement_notice_lists_everything_missing_once(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    missing = desk.completeness(case_no).missing
    rows = desk.paper_form(case_no, PaperId.SUPPLEMENT_NOTICE).rows[0].rows
    assert len(rows) == len(missing) > 3
    assert all(row["material.why"] and row["material.how"] for row in rows)
    paper = fill(desk, case_no, PaperId.SUPPLEMENT_NOTICE)
    text = drawn(desk, paper.number)
    for row in rows:
        assert squeezed(str(row["material.name"])) in text
    assert "第二十二条" in text
    english = squeezed("".join(page_texts(desk.reading_copy(paper.number))))
    assert "proofoftheaccident" in english
    assert refused(desk, case_no, PaperId.SUPPLEMENT_NOTICE, {"delivery.method": "post"}) == {"delivery.to": "missing"}
    assert refused(desk, case_no, PaperId.SUPPLEMENT_NOTICE, {"supplement.until": "2026-11-01"}) == {
        "supplement.until": "day_over"
    }
    assert refused(desk, case_no, PaperId.SUPPLEMENT_NOTICE, {}, {"materials": [rows[0], rows[0]]}) == {
        "materials[1].material.name": "twice"
    }


def test_with_all_papers_there_a_supplement_must_say_what(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    take_papers(desk, case_no)
    assert refused(desk, case_no, PaperId.SUPPLEMENT_NOTICE) == {"materials": "rows_missing"}


def test_a_prepayment_stays_below_what_may_become_due(desk: Desk) -> None:
    case_no = ready_case(desk)
    first = fill(desk, case_no, PaperId.PREPAYMENT_AGREEMENT, PREPAYMENT)
    assert content(first).marks == (Mark.PRE_APPROVED,)
    text = drawn(desk, first.number)
    for value in ("叁仟元整", "3,000.00", "6217001234567890122", "继续治疗", "不构成付款承诺", CLINIC):
        assert value in text, value
    assert fill(desk, case_no, PaperId.PREPAYMENT_AGREEMENT, PREPAYMENT).number == first.number
    # The benefit is 6,488.24; 3,000 of it are agreed on.
    assert refused(desk, case_no, PaperId.PREPAYMENT_AGREEMENT, PREPAYMENT | {"prepay.amount": "3,488.25"}) == {
        "prepay.amount": "above_benefit"
    }
    assert (
        fill(desk, case_no, PaperId.PREPAYMENT_AGREEMENT, PREPAYMENT | {"prepay.amount": "3,488.24"}).number
        != first.number
    )
    desk.void(first.number, "改用现场给付")
    assert fill(desk, case_no, PaperId.PREPAYMENT_AGREEMENT, PREPAYMENT).number != first.number
    assert (
        refused(desk, case_no, PaperId.PREPAYMENT_AGREEMENT, PREPAYMENT | {"prepay.reason": "catastrophe"})[
            "prepay.reason"
        ]
        == "no_such_measure"
    )


def test_a_prepayment_needs_a_policy(desk: Desk) -> None:
    case_no = desk.open_case(new_case(policy_nos=()))
    assert not possible(desk, case_no)[PaperId.PREPAYMENT_AGREEMENT]
    values = desk.paper_form(case_no, PaperId.APPLICATION)
    assert "case.policy_nos" in {each.key for each in values.fields}, "what is unknown is asked for"


def test_a_reading_copy_leaves_no_trace(desk: Desk) -> None:
    case_no = ready_case(desk)
    (voucher,) = desk.promise(case_no, CLINIC, (payee(),))
    paper = fill(desk, case_no, PaperId.APPLICATION, APPLICATION)
    desk.draw(paper.number)
    before = desk.paper_history(paper.number), desk.safety()
    english = squeezed("".join(page_texts(desk.reading_copy(paper.number))))
    assert "Claimapplication" in english
    assert claimant().name in english
    assert desk.reading_copy(voucher.number).startswith(b"%PDF")
    assert (desk.paper_history(paper.number), desk.safety()) == before
    assert desk.reading_copy(paper.number) == desk.reading_copy(paper.number)


def test_documents_survive_a_restart_and_a_rebuild(station: Station) -> None:
    with contextlib.closing(station.open()) as desk:
        case_no = desk.open_case(new_case())
        paper = fill(desk, case_no, PaperId.APPLICATION, APPLICATION)
        desk.sign_paper(paper.number, role=Role.CLAIMANT, name=claimant().name, ink=INK)
        before = desk.paper(paper.number), desk.signers(paper.number)
    with station.store() as store:
        store.rebuild()
    with contextlib.closing(station.open()) as desk:
        assert (desk.paper(paper.number), desk.signers(paper.number)) == before
        assert fill(desk, case_no, PaperId.APPLICATION, APPLICATION).number == paper.number


class _Cut(BaseException):
    """The power fails here."""


def test_a_paper_cut_off_after_its_number_is_found_again(station: Station) -> None:
    def probe(step: str) -> None:
        if step == "after_document":
            raise _Cut

    with contextlib.closing(station.open(probe)) as desk:
        case_no = desk.open_case(new_case())
        with pytest.raises(_Cut):
            fill(desk, case_no, PaperId.APPLICATION, APPLICATION)
    with contextlib.closing(station.open()) as desk:
        (paper,) = desk.unfinished_papers()
        assert paper.paper == "application"
        assert fill(desk, case_no, PaperId.APPLICATION, APPLICATION).number == paper.number
        assert drawn(desk, paper.number)
        assert desk.unfinished_papers() == ()


def test_a_form_filled_in_by_hand_is_among_the_papers_and_signed_on_paper(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    (blank,) = desk.prepare_blanks(PaperId.APPLICATION, 1)
    desk.draw(blank.number)
    desk.mark_printed(blank.number, "printer")
    desk.enter_blank(blank.number, case_no, filled_on=NOON.date(), receiver=claimant().name)
    issued = next(each.issued for each in desk.papers_possible(case_no) if each.paper is PaperId.APPLICATION)
    assert [each.number for each in issued] == [blank.number]
    assert desk.signers(blank.number) == ()
    assert fill(desk, case_no, PaperId.APPLICATION, APPLICATION).number != blank.number


def test_without_numbers_nothing_is_issued(tmp_path: Path) -> None:
    station = Station(tmp_path / "home")
    station.create(numbers=1)
    with contextlib.closing(station.open()) as desk:
        case_no = desk.open_case(new_case())
        fill(desk, case_no, PaperId.APPLICATION, APPLICATION)
        with pytest.raises(EnvironmentProblem, match="numbers_exhausted"):
            fill(desk, case_no, PaperId.APPLICATION, APPLICATION, another=True)
        assert len(desk.papers(case_no)) == 1


def test_two_askers_in_a_row_never_share_a_number(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    numbers = [fill(desk, case_no, PaperId.INTERVIEW_RECORD, INTERVIEW, another=True).number for _ in range(5)]
    assert len(set(numbers)) == 5


def test_the_form_repeats_the_fields_that_are_printed(desk: Desk) -> None:
    case_no = ready_case(desk)
    desk.promise(case_no, CLINIC, (payee(),))
    for each in desk.papers_possible(case_no):
        if not each.ready:
            continue
        form = desk.paper_form(case_no, each.paper)
        keys = [field.key for field in form.fields]
        assert len(keys) == len(set(keys))
        assert set(form.values) <= set(keys)
        assert not {shown.field.key for shown in form.shown} & set(keys)
        for table in form.tables:
            assert table.rows


def test_a_problem_does_not_lose_what_was_typed(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    entered: dict[str, FactValue] = {**APPLICATION, "loss.time": "24:00"}
    copy = dict(entered)
    with pytest.raises(EntriesRefusedError) as caught:
        desk.ask_paper(case_no, PaperId.APPLICATION, entered, {})
    assert entered == copy
    assert caught.value.sentence("zh").endswith("已填的内容都在。")


def test_facts_of_a_calculation_are_not_asked_again(desk: Desk) -> None:
    case_no = ready_case(desk, clinic_facts(fund_paid=100_000))
    desk.promise(case_no, CLINIC, (payee(),))
    keys = {field.key for field in desk.paper_form(case_no, PaperId.SPLIT_STATEMENT).fields}
    assert keys == {"split.bill", "split.next_insurer", "split.original", "split.original_place", "notice.addressee"}


def test_an_application_signed_on_this_laptop_is_there_until_it_is_voided(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    name = claimant().name
    number = fill(desk, case_no, PaperId.APPLICATION, APPLICATION).number

    def application_missing() -> bool:
        wanted = [material for one in desk.completeness(case_no).missing for material in one.alternatives[0]]
        return Material.APPLICATION in wanted

    assert application_missing(), "filled in, but nobody has signed it"
    desk.sign_paper(number, role=Role.CONSENT, name=name, ink=INK)
    assert application_missing(), "the consent is not the application"
    desk.sign_paper(number, role=Role.CLAIMANT, name=name, refused=True)
    assert application_missing()
    desk.sign_paper(number, role=Role.CLAIMANT, name=name, ink=INK)
    assert not application_missing()
    desk.void(number, "姓名印错")
    assert application_missing()


def test_a_power_of_attorney_needs_both_signatures(station: Station) -> None:
    found = []
    for role in (None, Role.CLAIMANT, Role.AGENT):
        with contextlib.closing(station.open()) as desk:
            if role is None:
                case_no = desk.open_case(new_case())
                number = fill(desk, case_no, PaperId.POWER_OF_ATTORNEY, AGENT).number
            else:
                name = next(each.name for each in desk.signers(number) if each.role == role)
                desk.sign_paper(number, role=role, name=name, ink=INK)
        with station.store() as store, store.read() as reads:
            found.append(Material.POWER_OF_ATTORNEY.value in reads.progress(case_no).present)
    assert found == [False, False, True]
