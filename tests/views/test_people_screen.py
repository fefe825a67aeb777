"""People and policies: each keystroke searches, namesakes stay apart, Enter takes the person that is shown."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from claims.errors import Bilingual, EnvironmentProblem
from claims.overviews import EarlierClaim, PeopleCount, PersonRow, PolicyStanding
from claims.reference import ExtractPerson, ExtractPolicy, PersonHit
from tests.desk.station import Station, ready_case
from tests.views.busy_station import Watched, cut_labels
from tests.views.stage import Stage, type_text
from views.controls.labels import Text
from views.look.tokens import SCALES, Theme
from views.screens.people import ALL, IN_FORCE, PAGE, PeopleScreen
from views.screens.people_found import InForceOnly
from views.screens.people_rows import cover_chips, earlier, id_tail, where
from views.screens.person_summary import id_words


@pytest.fixture
def station(tmp_path: Path) -> Station:
    made = Station(tmp_path / "home")
    made.create()
    return made


@pytest.fixture
def desk(station: Station) -> Iterator[object]:
    opened = station.open()
    yield opened
    opened.close()


def screen_on(stage: Stage, desk: object, width: int = 1286, height: int = 712) -> PeopleScreen:
    screen = PeopleScreen(stage.workplace(desk))  # type: ignore[arg-type] # a desk
    stage.show(screen, width, height)
    return screen


def names(screen: PeopleScreen) -> list[str]:
    return [row.hit.person.name for row in screen.person_rows()]


def go_to_the_end(stage: Stage, screen: PeopleScreen) -> None:
    """Walk down until no page is left."""
    field = screen.first_focus()
    before = 0
    while len(names(screen)) > before:
        before = len(names(screen))
        for _ in range(3):
            QTest.keyClick(field, Qt.Key.Key_PageDown)
            stage.settle()
    for _ in range(before):
        QTest.keyClick(field, Qt.Key.Key_Up)


def shown_words(widget: QWidget) -> str:
    return " ".join(each.full_text for each in widget.findChildren(Text) if each.isVisible())


def test_each_way_of_asking_finds_the_person(on_stage: Stage, desk: object) -> None:
    screen = screen_on(on_stage, desk)
    field = screen.first_focus()
    for text in ("覃建", "qjg", "qinjianguo", "0273", "19900000003", "AT2026070100031"):
        type_text(field, text)
        on_stage.settle()
        assert "覃建国" in names(screen), text
        QTest.keyClick(field, Qt.Key.Key_Escape)


def test_the_selected_person_is_told_beside_the_list_and_enter_opens_a_claim(on_stage: Stage, desk: object) -> None:
    screen = screen_on(on_stage, desk)
    type_text(screen.first_focus(), "1990")
    on_stage.settle()
    assert len(names(screen)) == PAGE
    go_to_the_end(on_stage, screen)
    assert len(names(screen)) == 11
    QTest.keyClick(screen.first_focus(), Qt.Key.Key_Down)
    QTest.keyClick(screen.first_focus(), Qt.Key.Key_Down)
    words = shown_words(screen.summary)
    for said in ("覃建国", "男·46 岁", "证件 990101 19800501 尾号 0273", "安途意外 AT-A", "500,000.00", "15,000.00"):
        assert said in words
    assert "9901011980" not in words, "never a whole ID number"
    QTest.keyClick(screen.first_focus(), Qt.Key.Key_Return)
    QTest.mouseClick(screen.summary.button, Qt.MouseButton.LeftButton)
    assert on_stage.way.taken == [("new", "覃建国", None), ("new", "覃建国", None)]


def test_enter_takes_nobody_while_the_rows_belong_to_another_text(on_stage: Stage, desk: object) -> None:
    screen = screen_on(on_stage, desk)
    field = screen.first_focus()
    type_text(field, "周")
    on_stage.settle()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    type_text(field, "覃")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert on_stage.way.taken == []
    on_stage.settle()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert on_stage.way.taken == [("new", "覃建国", None)]


def test_the_list_is_moved_with_j_and_k_and_opened_from_there_too(on_stage: Stage, desk: object) -> None:
    screen = screen_on(on_stage, desk)
    type_text(screen.first_focus(), "1990")
    on_stage.settle()
    screen.list.setFocus()
    QTest.keyClick(screen.list, Qt.Key.Key_J)
    QTest.keyClick(screen.list, Qt.Key.Key_Return)
    assert on_stage.way.taken == [("new", names(screen)[1], None)]
    QTest.keyClick(screen.list, "/")
    assert screen.search_field.hasFocus()
    assert screen.search_field.selectedText() == "1990", "typing replaces it"


def test_ten_fast_keystrokes_show_only_the_last(on_stage: Stage, desk: object) -> None:
    watched = Watched(desk)  # type: ignore[arg-type] # a desk
    screen = screen_on(on_stage, watched)
    type_text(screen.first_focus(), "qinjianguo")
    on_stage.settle()
    assert names(screen) == ["覃建国"]
    assert screen.search_field.note_text.startswith("11 人中 1 位，")
    assert threading.get_ident() not in set().union(*watched.threads.values())


def test_count_and_milliseconds_are_said_and_the_chips_only_what_is_known(
    on_stage: Stage, desk: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = screen_on(on_stage, desk)
    type_text(screen.first_focus(), "1990")
    on_stage.settle()
    assert screen.search_field.note_text == f"11 人中 11 位，{screen.took_ms} 毫秒"
    assert screen.chips.button(ALL).text() == "全部 11"
    assert screen.chips.button(IN_FORCE).text() == "保单有效", "one of them was not looked at yet"
    go_to_the_end(on_stage, screen)
    assert screen.chips.button(IN_FORCE).text() == "保单有效 10"
    on_stage.ui.words.switch("en")
    assert screen.search_field.note_text == f"11 of 11, {screen.took_ms} ms"
    assert screen.chips.button(IN_FORCE).text() == "In force 10"
    monkeypatch.setattr(
        desk, "count_people", lambda _text, **_: PeopleCount(found=5_000, at_least=True, persons=1_000_000)
    )
    screen.opened()
    on_stage.settle()
    assert screen.search_field.note_text.startswith("5,000+ of 1,000,000, ")
    assert screen.chips.button(IN_FORCE).text() == "In force", "nobody knows how many"


def test_the_chip_shows_only_who_has_cover_in_force(on_stage: Stage, desk: object) -> None:
    screen = screen_on(on_stage, desk)
    type_text(screen.first_focus(), "1990")
    on_stage.settle()
    assert "林若兰" in names(screen)
    QTest.mouseClick(screen.chips.button(IN_FORCE), Qt.MouseButton.LeftButton)
    on_stage.settle()
    assert "林若兰" not in names(screen)
    assert len(names(screen)) == 10
    QTest.keyClick(screen.first_focus(), Qt.Key.Key_Escape)
    type_text(screen.first_focus(), "林若兰")
    on_stage.settle()
    assert names(screen) == []
    assert "没有保单有效的人" in screen.empty_note.words
    assert "选一个人" in shown_words(screen.summary)
    assert not screen.summary.button.isEnabled()


def test_a_filter_is_applied_to_everybody_found_page_by_page() -> None:
    everybody = [person_row(n, covered=n % 3 == 0) for n in range(100)]
    found = InForceOnly(lambda offset, limit, _c: everybody[offset : offset + limit])
    pages: list[PersonRow] = []
    while True:
        page = found(len(pages), 7, lambda: False)
        pages.extend(page)
        if len(page) < 7:
            break
    assert pages == [row for n, row in enumerate(everybody) if n % 3 == 0]
    assert found(0, 7, lambda: True) == ()


def test_without_a_text_the_people_of_the_latest_cases_stand_here(on_stage: Stage, desk: object) -> None:
    ready_case(desk)  # type: ignore[arg-type] # a desk
    screen = screen_on(on_stage, desk)
    assert names(screen) == ["覃建国"]
    assert "最近案件里的人" in shown_words(screen)
    assert screen.search_field.note_text == "本机 11 人"
    words = [row.title for row in screen.summary.claims.rows]
    assert words == ["2026-11-22"]
    QTest.mouseClick(screen.summary.claims.button(0), Qt.MouseButton.LeftButton)
    assert on_stage.way.taken[0][0] == "case"


def test_what_is_written_is_told_of_the_selected_person_at_once(on_stage: Stage, desk: object) -> None:
    screen = screen_on(on_stage, desk)
    type_text(screen.first_focus(), "覃")
    on_stage.settle()
    assert [row.title for row in screen.summary.claims.rows] == []
    on_stage.tasks.run(lambda: ready_case(desk), owner=screen, writes=True)  # type: ignore[arg-type] # a desk
    on_stage.settle()
    assert [row.right for row in screen.summary.claims.rows] == ["6,488.24"]


def test_n_starts_the_claim_of_the_selected_person(on_stage: Stage, desk: object) -> None:
    screen = screen_on(on_stage, desk)
    type_text(screen.first_focus(), "覃")
    on_stage.settle()
    QTest.keyClick(screen.list, "n")
    assert on_stage.way.taken == [("new", "覃建国", None)]


def test_nothing_moves_at_the_first_letter(on_stage: Stage, desk: object) -> None:
    ready_case(desk)  # type: ignore[arg-type] # a desk
    screen = screen_on(on_stage, desk)
    before = screen.list.mapTo(screen, screen.list.pos())
    type_text(screen.first_focus(), "覃")
    on_stage.settle()
    assert screen.list.mapTo(screen, screen.list.pos()) == before


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_person_with_much_of_everything_fits_beside_the_list(
    on_stage: Stage, desk: object, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    on_stage.ui.words.switch(language)  # type: ignore[arg-type] # one of the two
    one = person_row(1, covered=True)
    sums = (
        (Bilingual("意外身故", "accidental death"), 100_000_000),
        (Bilingual("年度医疗限额", "yearly medical limit"), 2_000_000),
    )
    line = Bilingual("至 2027-06-30，等待期至 2026-12-30", "to 2027-06-30, waiting period to 2026-12-30")
    policy = msgspec.structs.replace(one.policies[0], line=line, sums=sums)
    claims = tuple(
        EarlierClaim(
            on=date(2026, 11, day),
            line=Bilingual("本机案件：住院直付", "case on this laptop: direct settlement at the hospital"),
            amount_fen=123_456_789,
            case_no=f"C-{day}",
        )
        for day in range(1, 6)
    )
    much = msgspec.structs.replace(one, policies=(policy,) * 5, allowance_fen=10_000_000_00, earlier=claims)
    monkeypatch.setattr(desk, "person_rows", lambda *_args, **_named: (much,))
    screen = screen_on(on_stage, desk, 1286, 633)
    type_text(screen.first_focus(), "张")
    on_stage.settle()
    assert cut_labels(screen) == []
    words = shown_words(screen.summary)
    assert ("份有效保单" if language == "zh" else "more in force") in words
    assert "10,000,000.00" in words
    assert screen.summary.height() == 633, "the window does not grow for it"
    bottom = screen.summary.claims.mapTo(screen, screen.summary.claims.rect().bottomLeft()).y()
    assert bottom < screen.summary.button.mapTo(screen, screen.summary.button.rect().topLeft()).y()
    assert screen.summary.button.mapTo(screen, screen.summary.button.rect().bottomLeft()).y() <= 633 - 12


def test_somebody_unknown_is_taken_in_all_the_same(on_stage: Stage, desk: object) -> None:
    screen = screen_on(on_stage, desk)
    type_text(screen.first_focus(), "没有此人")
    on_stage.settle()
    assert "本机没有找到“没有此人”" in screen.empty_note.words
    QTest.mouseClick(screen.unknown_button, Qt.MouseButton.LeftButton)
    assert on_stage.way.taken == [("new", None, None)]
    QTest.keyClick(screen.first_focus(), Qt.Key.Key_Escape)
    type_text(screen.first_focus(), "123")
    on_stage.settle()
    assert "数字从 4 位起查" in screen.empty_note.words


def test_the_desk_goes_on_here_with_its_text(on_stage: Stage, desk: object) -> None:
    screen = screen_on(on_stage, desk)
    screen.list.setFocus()
    screen.search("覃")
    type_text(QApplication.focusWidget() or screen, "建")
    on_stage.settle()
    assert screen.search_field.text() == "覃建"
    assert names(screen) == ["覃建国"]
    screen.search("")
    assert screen.search_field.selectedText() == "覃建"


def test_an_extract_that_can_not_be_read_leaves_nobody_standing_and_says_so(
    on_stage: Stage, desk: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = EnvironmentProblem(
        "extract_unreadable",
        Bilingual("保单资料打不开。", "The extract can't be opened."),
        Bilingual("照样受理。", "Go on."),
    )
    screen = screen_on(on_stage, desk)
    type_text(screen.first_focus(), "覃")
    on_stage.settle()

    def broken(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(desk, "person_rows", broken)
    monkeypatch.setattr(desk, "count_people", broken)
    type_text(screen.first_focus(), "建")
    on_stage.settle()
    assert names(screen) == []
    assert "保单资料打不开" in screen.empty_note.words
    assert on_stage.problems.codes == ("extract_unreadable",)
    assert screen.unknown_button.isEnabled()


def test_a_laptop_without_people_says_so(on_stage: Stage, desk: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "person_rows", lambda *_args, **_named: ())
    monkeypatch.setattr(desk, "count_people", lambda _text, **_: PeopleCount(found=0, at_least=False, persons=0))
    screen = screen_on(on_stage, desk)
    assert "本机还没有人员与保单" in screen.empty_note.words


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", SCALES)
def test_nothing_is_cut_at_any_size_and_theme(on_stage: Stage, desk: object, language: str, scale: int) -> None:
    on_stage.ui.words.switch(language)  # type: ignore[arg-type] # one of the two
    ready_case(desk)  # type: ignore[arg-type] # a desk
    screen = screen_on(on_stage, desk, 1366 - round(80 * scale / 100), 689 - round(56 * scale / 100))
    type_text(screen.first_focus(), "1990")
    for theme in Theme:
        on_stage.look.use(theme=theme, scale_percent=scale)
        for place in (0, 1, 2):
            screen.list.select(place)
            on_stage.settle()
            assert cut_labels(screen) == []
    assert screen.summary.isVisible() is (scale == 100)
    assert screen.strip.isVisible() is (scale != 100)
    assert screen.minimumSizeHint().width() <= screen.width()
    assert screen.minimumSizeHint().height() <= screen.height()


def test_tab_goes_in_reading_order_and_every_control_has_a_name(on_stage: Stage, desk: object) -> None:
    screen = screen_on(on_stage, desk)
    type_text(screen.first_focus(), "1990")
    on_stage.settle()
    order: list[QWidget | None] = []
    for _ in range(4):
        QTest.keyClick(QApplication.focusWidget() or screen, Qt.Key.Key_Tab)
        order.append(QApplication.focusWidget())
    assert order == [screen.chips.button(ALL), screen.list, screen.unknown_button, screen.summary.button]
    assert all(each is not None and each.accessibleName() for each in order)


class Painted(QObject):
    """Notes when the list was painted last."""

    def __init__(self) -> None:
        super().__init__()
        self.at_s = 0.0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.Paint:
            self.at_s = time.perf_counter()
        return False


def test_from_the_keystroke_to_the_painted_page(
    on_stage: Stage, desk: object, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = screen_on(on_stage, desk)
    painted = Painted()
    screen.list.viewport().installEventFilter(painted)
    field = screen.first_focus()
    took: list[float] = []
    for text in ("1", "9", "9", "0", "0", "0"):
        before = time.perf_counter()
        type_text(field, text)
        while screen.searching:
            QApplication.processEvents()
        QApplication.processEvents()
        took.append((painted.at_s - before) * 1000)
        on_stage.settle()
    with capsys.disabled():
        print(  # noqa: T201 - a figure to look at
            f"\nkeystroke to painted rows: {', '.join(f'{each:.1f}' for each in took[3:])} ms"
        )
    assert len(names(screen)) == PAGE
    assert all(each > 0 for each in took[3:]), "the page was painted after the keystroke"


# Words


def person_row(number: int, *, covered: bool) -> PersonRow:
    person = ExtractPerson(
        person_id=f"P{number}",
        name="张伟",
        pinyin=("zhangwei",),
        initials=("zw",),
        id_number="99010119840702331X",
        birth_date=date(1984, 7, 2),
        sex="male",
        phone="19900005520",
    )
    policy = ExtractPolicy(
        policy_no=f"AT{number}",
        plan="AT-A",
        product_name=Bilingual("安途意外 AT-A", "AT-A accident"),
        effective=date(2025, 7, 1),
        expiry=date(2026, 6, 30),
        policyholder_id=person.person_id,
        insured_id=person.person_id,
        beneficiaries=(),
        terms={},
    )
    standing = PolicyStanding(
        policy=policy,
        in_force=covered,
        line=Bilingual("2026-06-30 止", "ended 2026-06-30"),
        sums=(),
        allowance_fen=None,
    )
    return PersonRow(
        hit=PersonHit(person=person, roles=("insured",), policy_nos=(policy.policy_no,)),
        age=42,
        policies=(standing,),
        allowance_fen=None,
        earlier=(),
    )


def test_a_person_in_words(on_stage: Stage) -> None:
    person = person_row(1, covered=True).hit.person
    assert id_tail(person) == "331X"
    assert where(person).zh == "990101，电话尾号 5520"
    assert id_words(person).en == "ID 990101 19840702 ends 331X"
    assert cover_chips(on_stage.ui, person_row(1, covered=False))[0][0] == "安途意外 AT-A 2026-06-30 止"


def test_earlier_claims_in_a_line() -> None:
    paid = EarlierClaim(on=date(2025, 3, 1), line=Bilingual("", ""), amount_fen=489_485)
    here = EarlierClaim(on=date(2026, 11, 2), line=Bilingual("", ""), amount_fen=None, case_no="C-1")
    assert earlier(()).zh == "无"
    assert earlier((paid,)) == Bilingual("2025-03 已付 4,894.85", "2025-03 paid 4,894.85")
    assert earlier((here,)).zh == "2026-11 本机案件"
    assert earlier((paid, paid)).zh == "2 件 共 9,789.70"
    assert earlier((paid, here)).en == "2 claims"
