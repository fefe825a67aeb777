"""Blank forms: numbered before they are drawn, entered once for one case, or spoiled; everything else is refused in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from claims.blank_papers import AT_MOST, BLANK_PAPERS
from claims.desk import Desk
from claims.errors import InputError
from claims.numbering import format_number
from claims.overviews import CaseStep, StepState
from claims.paper_definitions import PaperId, paper_definition
from claims.records import PaperRecord, PaperState
from tests.desk.station import Station, new_case, ready_case
from tests.forms.reading import page_texts, squeezed

TODAY = date(2026, 11, 22)


@pytest.fixture
def blank(desk: Desk) -> PaperRecord:
    (made,) = desk.prepare_blanks(PaperId.SLIP, 1)
    return made


@pytest.mark.parametrize("paper", BLANK_PAPERS)
def test_a_blank_form_is_drawn_empty_with_its_number_and_says_blank(desk: Desk, paper: PaperId) -> None:
    (made,) = desk.prepare_blanks(paper, 1)
    assert (made.blank, made.paper, made.case_no, made.state) == (True, paper.value, "", PaperState.ASKED)
    text = squeezed("".join(page_texts(desk.draw(made.number).pdf)))
    assert made.number in text
    assert "空白单证" in text
    assert "覃建国" not in text


def test_a_reprinted_blank_is_the_same_form(desk: Desk, blank: PaperRecord) -> None:
    assert [desk.draw(blank.number).copy_no for _ in range(2)] == [1, 2]


def test_a_form_is_entered_for_its_case_as_handed_over_that_day(desk: Desk, blank: PaperRecord) -> None:
    desk.draw(blank.number)
    desk.mark_printed(blank.number, "printer")
    case_no = ready_case(desk)
    spoken = blank.number.lower().replace("-", "－")
    found = desk.enter_blank(spoken, case_no, filled_on=TODAY, receiver=" 覃建国 ")
    assert (found.case_no, found.state, found.filled_on, found.blank) == (
        case_no,
        PaperState.HANDED_OVER,
        TODAY,
        True,
    )
    assert desk.paper_history(blank.number)[-1].detail.zh == "覃建国"
    assert desk.case_standing(case_no).step(CaseStep.VOUCHER).state is StepState.DONE


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "number_pattern"),
        ("QX07-D3-S-1", "number_pattern"),
        ("QX07-D3-S-000001-00", "number_check_digits"),
        (format_number("QX07-D4-S", 1), "number_foreign"),
        (format_number("QX07-D3-S", 40), "number_unused"),
        (format_number("QX07-D3-S", 9_999), "number_unused"),
    ],
)
def test_a_number_that_is_no_form_of_ours_is_refused(desk: Desk, blank: PaperRecord, number: str, code: str) -> None:
    case_no = desk.open_case(new_case())
    for refused_by in (
        lambda: desk.enter_blank(number, case_no, filled_on=TODAY, receiver="覃建国"),
        lambda: desk.spoil(number, "撕破"),
    ):
        with pytest.raises(InputError, match=code) as refused:
            refused_by()
        assert refused.value.cause.zh
        assert refused.value.next_step.zh
    assert desk.paper(blank.number).state is PaperState.ASKED


def test_a_form_is_entered_once(desk: Desk, blank: PaperRecord) -> None:
    one, other = desk.open_case(new_case()), desk.open_case(new_case())
    desk.enter_blank(blank.number, one, filled_on=TODAY, receiver="覃建国")
    for case_no in (one, other):
        with pytest.raises(InputError, match="blank_entered") as refused:
            desk.enter_blank(blank.number, case_no, filled_on=TODAY, receiver="覃建国")
        assert one in refused.value.cause.zh
    with pytest.raises(InputError, match="blank_entered"):
        desk.spoil(blank.number, "撕破")
    assert desk.paper(blank.number).case_no == one


def test_what_was_entered_wrongly_is_voided_with_its_reason(desk: Desk, blank: PaperRecord) -> None:
    case_no = desk.open_case(new_case())
    desk.enter_blank(blank.number, case_no, filled_on=TODAY, receiver="覃建国")
    desk.void(blank.number, "补录到了别的案件")
    assert desk.paper(blank.number).void_reason == "补录到了别的案件"
    with pytest.raises(InputError, match="voided"):
        desk.enter_blank(blank.number, case_no, filled_on=TODAY, receiver="覃建国")


def test_a_spoiled_form_stays_spoiled(desk: Desk, blank: PaperRecord) -> None:
    case_no = desk.open_case(new_case())
    desk.spoil(blank.number, "淋湿")
    with pytest.raises(InputError, match="voided") as refused:
        desk.enter_blank(blank.number, case_no, filled_on=TODAY, receiver="覃建国")
    assert "淋湿" in refused.value.cause.zh
    for again in (lambda: desk.spoil(blank.number, "撕破"), lambda: desk.draw(blank.number)):
        with pytest.raises(InputError, match="voided"):
            again()


def test_a_paper_that_is_no_blank_is_neither_entered_nor_spoiled(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    slip = desk.give_slip(case_no)
    with pytest.raises(InputError, match="not_a_blank"):
        desk.enter_blank(slip.number, case_no, filled_on=TODAY, receiver="覃建国")
    with pytest.raises(InputError, match="not_a_blank"):
        desk.spoil(slip.number, "撕破")


def test_the_day_on_it_lies_between_its_making_and_today(station: Station) -> None:
    desk = station.open()
    (blank,) = desk.prepare_blanks(PaperId.SLIP, 1)
    case_no = desk.open_case(new_case())
    station.clock.wall += timedelta(days=2)
    for day, code in (
        (TODAY - timedelta(days=1), "filled_before_prepared"),
        (TODAY + timedelta(days=3), "filled_in_future"),
    ):
        with pytest.raises(InputError, match=code) as refused:
            desk.enter_blank(blank.number, case_no, filled_on=day, receiver="覃建国")
        assert str(day) in refused.value.cause.zh
    assert desk.enter_blank(blank.number, case_no, filled_on=TODAY, receiver="覃建国").filled_on == TODAY
    desk.close()


def test_a_form_needs_a_known_case_and_a_receiver(desk: Desk, blank: PaperRecord) -> None:
    with pytest.raises(InputError, match="number_unknown"):
        desk.enter_blank(blank.number, "QX07-D3-C-000099-56", filled_on=TODAY, receiver="覃建国")
    case_no = desk.open_case(new_case())
    with pytest.raises(InputError, match="no_receiver"):
        desk.enter_blank(blank.number, case_no, filled_on=TODAY, receiver=" ")
    with pytest.raises(InputError, match="no_reason"):
        desk.spoil(blank.number, " ")
    assert desk.paper(blank.number).state is PaperState.ASKED


def test_a_blank_is_entered_and_not_handed_over(desk: Desk, blank: PaperRecord) -> None:
    desk.draw(blank.number)
    desk.mark_printed(blank.number, "printer")
    with pytest.raises(InputError, match="blank_form"):
        desk.hand_over(blank.number, "覃建国")


def test_an_entered_form_is_not_printed_empty_again(desk: Desk, blank: PaperRecord) -> None:
    case_no = desk.open_case(new_case())
    desk.enter_blank(blank.number, case_no, filled_on=TODAY, receiver="覃建国")
    with pytest.raises(InputError, match="filled_by_hand"):
        desk.draw(blank.number)
    assert desk.unfinished_papers() == ()


@pytest.mark.parametrize("paper", sorted(set(PaperId) - set(BLANK_PAPERS)))
def test_what_nobody_can_write_by_hand_has_no_blank(desk: Desk, paper: PaperId) -> None:
    with pytest.raises(InputError, match="no_blank_form") as refused:
        desk.prepare_blanks(paper, 1)
    assert paper_definition(PaperId.SLIP).title.zh in refused.value.next_step.zh


@pytest.mark.parametrize("count", [0, -1, AT_MOST + 1])
def test_a_count_that_is_none_takes_no_number(desk: Desk, count: int) -> None:
    with pytest.raises(InputError, match="blank_count") as refused:
        desk.prepare_blanks(PaperId.APPLICATION, count)
    assert str(count) in refused.value.cause.zh
    assert desk.papers("") == []
