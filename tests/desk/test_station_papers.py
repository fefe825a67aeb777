"""The station's own papers: the leaflet is printed as typed and kept for the next time; a day's sheet needs a counted day."""

from __future__ import annotations

import contextlib

import pytest

from claims.desk import Desk
from claims.documents import EntriesRefusedError
from claims.errors import Bilingual, InputError
from claims.events import PaperKind
from claims.paper_definitions import PaperId, PaperSize
from claims.records import PaperState
from tests.desk.document_desk import content, drawn
from tests.desk.station import NOON, Station, new_case
from tests.forms.reading import page_texts, squeezed

LEAFLET, SHEET = PaperId.SERVICE_LEAFLET, PaperId.DAY_END_COUNT
TODAY = NOON.date()
NO_PAPERS = dict.fromkeys(PaperKind, 0)


def test_the_proposed_leaflet_holds_the_published_commitments(desk: Desk) -> None:
    values = desk.station_form(LEAFLET).values
    text = str(values["leaflet.text"])
    for promise in ("二十四小时", "一小时", "一日", "主动", "上门", "没有保单", "不限医院", "预付", "一次"):
        assert promise in text, promise
    assert len(text.splitlines()) == len(str(values["leaflet.text_en"]).splitlines()) == 10


def test_the_leaflet_is_printed_as_typed_and_kept(station: Station) -> None:
    typed = "一、餐水自取，在帐篷左侧。\n二、名字写不出的，找李𠅤（𬭊姐）。"
    with contextlib.closing(station.open()) as desk:
        paper = desk.station_paper(LEAFLET, {"leaflet.text": typed, "leaflet.text_en": "Water on the left."})
        assert (paper.case_no, paper.kind, paper.state) == ("", PaperKind.DOCUMENT, PaperState.ASKED)
        text = drawn(desk, paper.number)
        for line in typed.splitlines():
            assert squeezed(line) in text
        assert "全天受理" not in text
        assert "Wateronthe" in squeezed("".join(page_texts(desk.reading_copy(paper.number))))
        assert "李𠅤" in squeezed("".join(page_texts(desk.draw(paper.number, PaperSize.ROLL_80).pdf)))
    with contextlib.closing(station.open()) as desk:
        assert desk.station_form(LEAFLET).values == {"leaflet.text": typed, "leaflet.text_en": "Water on the left."}
        assert (
            desk.station_paper(LEAFLET, {"leaflet.text": typed, "leaflet.text_en": "Water on the left."}).number
            == paper.number
        )
        other = desk.station_paper(LEAFLET, {"leaflet.text": typed + "\n三、夜里有人。"})
        assert other.number != paper.number
        assert content(other).values["leaflet.text"] == Bilingual(
            typed + "\n三、夜里有人。", typed + "\n三、夜里有人。"
        )


def test_a_voided_leaflet_is_not_proposed_again(desk: Desk) -> None:
    proposed = desk.station_form(LEAFLET).values
    paper = desk.station_paper(LEAFLET, {"leaflet.text": "写错的承诺。"})
    desk.void(paper.number, "写错")
    assert desk.station_form(LEAFLET).values == proposed


def test_a_leaflet_needs_words(desk: Desk) -> None:
    for wrong in ("", " \n ", "好" * 3001):
        with pytest.raises(EntriesRefusedError):
            desk.station_paper(LEAFLET, {"leaflet.text": wrong})
    assert desk.papers() == []


def test_a_day_has_its_sheet_once_it_was_counted(desk: Desk) -> None:
    day = {"day.date": TODAY.isoformat()}
    with pytest.raises(InputError, match="not_counted"):
        desk.station_paper(SHEET, day)
    desk.count_day(TODAY, NO_PAPERS)
    paper = desk.station_paper(SHEET, day)
    assert desk.station_paper(SHEET, day).number == paper.number, "one count has one sheet"
    text = drawn(desk, paper.number)
    for value in ("2026-11-22", "2026年11月22日12:00", "QX07-D3-000001-", "QX07-D3-W-000050-", "没有差异", "相符"):
        assert value in text, value


def test_the_sheet_names_what_differs(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    slip = desk.give_slip(case_no)
    counted = desk.count_day(TODAY, NO_PAPERS)
    paper = desk.station_paper(SHEET, {"day.date": TODAY.isoformat()})
    text = drawn(desk, paper.number)
    assert slip.number in text
    assert "没有生成票面" in text
    assert content(paper).values["day.verdict"] == counted.verdict


def test_papers_of_a_case_are_no_papers_of_the_station(desk: Desk) -> None:
    for paper in (PaperId.APPLICATION, PaperId.VOUCHER):
        with pytest.raises(InputError, match="not_a_station_paper"):
            desk.station_paper(paper, {})
        with pytest.raises(InputError, match="not_a_station_paper"):
            desk.station_form(paper)


def test_a_leaflet_is_signed_by_nobody_and_a_sheet_by_two(desk: Desk) -> None:
    leaflet = desk.station_paper(LEAFLET, {"leaflet.text": "有事请讲。"})
    assert desk.signers(leaflet.number) == ()
    desk.count_day(TODAY, NO_PAPERS)
    sheet = desk.station_paper(SHEET, {"day.date": TODAY.isoformat()})
    counted, checked = desk.signers(sheet.number)
    assert (counted.name, checked.name) == ("林晓禾", "")
    desk.sign_paper(sheet.number, role=checked.role, name="万俟清禾", ink=(((0, 0), (9, 9)),))
    signed = desk.signers(sheet.number)[1].signed
    assert signed is not None
    assert signed.name == "万俟清禾"
