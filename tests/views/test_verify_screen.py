"""The Verify screen on a real desk: what a scanner types, what a photo shows, what was presented before, and that nothing else is recorded."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from claims.desk import Desk
from claims.verification import Verdict
from resources.sample_numbers import CLINIC
from tests.desk.conftest import station  # noqa: F401 - a fixture
from tests.desk.station import Station, payee, ready_case
from tests.forms.reading import raster_in_colour
from tests.views.stage import Stage, type_text
from trust.vouchers import voucher_qr_text
from views.look.tokens import Theme
from views.screens.verify import VerifyScreen
from views.screens.verify_history import check_lines
from views.screens.verify_words import HEADINGS


@pytest.fixture
def open_desk(station: Station) -> Iterator[Desk]:  # noqa: F811 - the fixture's name
    opened = station.open()
    yield opened
    opened.close()


@pytest.fixture
def number(open_desk: Desk) -> str:
    """A voucher that is drawn."""
    (paper,) = open_desk.conclude(ready_case(open_desk), CLINIC, (payee(),))
    open_desk.draw(paper.number)
    return paper.number


@pytest.fixture
def screen(on_stage: Stage, open_desk: Desk, number: str) -> VerifyScreen:
    made = VerifyScreen(on_stage.workplace(open_desk))
    on_stage.show(made)
    return made


def code(open_desk: Desk, number: str) -> str:
    cose = open_desk.paper(number).cose
    assert cose is not None
    return voucher_qr_text(cose)


def scan(stage: Stage, screen: VerifyScreen, text: str, ending: Qt.Key = Qt.Key.Key_Return) -> None:
    """Type as a scanner does: key after key, wherever the keyboard is, then Enter."""
    screen.activateWindow()
    for piece in text:
        type_text(QApplication.focusWidget() or screen, piece)
    QTest.keyClick(QApplication.focusWidget() or screen, ending)
    stage.settle()


def written(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_bytes(content)
    return file


def photo_of(pdf: bytes, kind: str = "JPEG", dpi: int = 200) -> bytes:
    out = io.BytesIO()
    raster_in_colour(pdf, dpi).save(out, kind, quality=70)
    return out.getvalue()


def drop(screen: VerifyScreen, urls: Sequence[QUrl]) -> None:
    data = QMimeData()
    data.setUrls(list(urls))
    where, copy = QPointF(screen.rect().center()), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(where, copy, data, buttons, keys)
    QApplication.sendEvent(screen, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(screen, QDropEvent(where, copy, data, buttons, keys))


def only_card(screen: VerifyScreen) -> str:
    (card,) = screen.cards
    return card.words


def recorded(open_desk: Desk) -> int:
    return open_desk.safety().disk


# A scanner


def test_a_scan_is_answered_with_whom_and_how_much_and_the_field_is_ready_again(
    on_stage: Stage,
    screen: VerifyScreen,
    open_desk: Desk,
    number: str,
) -> None:
    before = recorded(open_desk)
    scan(on_stage, screen, code(open_desk, number))
    said = only_card(screen)
    for each in ("真凭证", number, "覃建国", "6,488.24", "清溪一中安置点服务站", "D3", "林晓禾"):
        assert each in said
    assert screen.field.text() == ""
    assert QApplication.focusWidget() is screen.field
    assert recorded(open_desk) == before
    scan(on_stage, screen, code(open_desk, number))
    assert len(screen.cards) == 1
    assert len(screen.checks) == 2


def test_a_scanner_needs_no_focus(on_stage: Stage, screen: VerifyScreen, open_desk: Desk, number: str) -> None:
    for elsewhere in (screen.choose, screen.history.list):
        elsewhere.setFocus()
        scan(on_stage, screen, code(open_desk, number))
        assert "真凭证" in only_card(screen)
        assert on_stage.way.taken == []


def test_a_scan_into_the_field_of_the_name_is_a_scan_and_no_name(
    on_stage: Stage,
    screen: VerifyScreen,
    open_desk: Desk,
    number: str,
) -> None:
    before = recorded(open_desk)
    scan(on_stage, screen, code(open_desk, number))
    presenter = screen.cards[0].presenter
    assert presenter is not None
    presenter.setFocus()
    scan(on_stage, screen, code(open_desk, number))
    assert recorded(open_desk) == before
    assert [each.verdict.verdict for each in screen.checks] == [Verdict.GENUINE] * 2


def test_caps_lock_and_a_scanners_ending_are_no_forgery(
    on_stage: Stage,
    screen: VerifyScreen,
    open_desk: Desk,
    number: str,
) -> None:
    scan(on_stage, screen, code(open_desk, number).swapcase(), Qt.Key.Key_Tab)
    assert "真凭证" in only_card(screen)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (lambda _text: "https://example.invalid/v/QX07-D3-000001-6", Verdict.NOT_A_VOUCHER),
        (lambda text: text[: len(text) // 2], Verdict.UNREADABLE),
        (lambda _text: "x" * 9000, Verdict.NOT_A_VOUCHER),
    ],
)
def test_what_is_no_voucher_says_what_fails_and_what_to_do(  # noqa: PLR0917 - fixtures and a case
    on_stage: Stage,
    screen: VerifyScreen,
    open_desk: Desk,
    number: str,
    change: Callable[[str], str],
    verdict: Verdict,
) -> None:
    screen.field.setText(change(code(open_desk, number)))
    QTest.keyClick(screen.field, Qt.Key.Key_Return)
    on_stage.settle()
    (card,) = screen.cards
    assert card.verdict.verdict is verdict
    assert on_stage.ui.say(HEADINGS[verdict].words) in card.words
    assert on_stage.ui.say(card.verdict.next_step) in card.words
    assert card.redeem is None
    assert "6,488.24" not in card.words


def test_an_empty_enter_asks_nothing(on_stage: Stage, screen: VerifyScreen) -> None:
    for text in ("", "   "):
        screen.field.setText(text)
        QTest.keyClick(screen.field, Qt.Key.Key_Return)
        on_stage.settle()
    assert screen.cards == []
    assert screen.how.isVisible()


def test_escape_throws_half_a_scan_away(on_stage: Stage, screen: VerifyScreen) -> None:
    type_text(screen.field, "OP1:ABC")
    QTest.keyClick(screen.field, Qt.Key.Key_Escape)
    assert screen.field.text() == ""


# Files


@pytest.mark.parametrize("kind", ["pdf", "PNG", "JPEG"])
def test_a_file_that_is_dropped_is_read(  # noqa: PLR0917 - fixtures and a case
    on_stage: Stage,
    screen: VerifyScreen,
    open_desk: Desk,
    number: str,
    kind: str,
    tmp_path: Path,
) -> None:
    pdf = open_desk.drawing(number)
    file = written(tmp_path / "in", f"凭证.{kind}", pdf if kind == "pdf" else photo_of(pdf, kind))
    drop(screen, [QUrl.fromLocalFile(str(file))])
    on_stage.settle()
    assert "真凭证" in only_card(screen)
    assert number in only_card(screen)
    assert check_lines(on_stage.ui, screen.checks[0])[0] == "真凭证"


def test_several_files_are_answered_one_by_one_with_one_next_action(
    on_stage: Stage,
    screen: VerifyScreen,
    open_desk: Desk,
    number: str,
    tmp_path: Path,
) -> None:
    blank = io.BytesIO()
    Image.new("RGB", (600, 800), "white").save(blank, "PNG")
    files = (
        written(tmp_path / "in", "空白.png", blank.getvalue()),
        written(tmp_path / "in", "凭证.pdf", open_desk.drawing(number)),
        written(tmp_path / "in", "照片.jpg", photo_of(open_desk.drawing(number))),
    )
    screen.check_files(files)
    on_stage.settle()
    assert [card.verdict.verdict for card in screen.cards] == [Verdict.UNREADABLE, Verdict.GENUINE, Verdict.GENUINE]
    assert "没有找到二维码" in screen.cards[0].words
    assert [each.source for each in reversed(screen.checks)] == [file.name for file in files]
    keys = [card.redeem._key for card in screen.cards if card.redeem is not None]
    assert keys == ["Ctrl+Return", None]


def test_a_file_that_cannot_be_read_is_told_and_the_next_one_still_is(
    on_stage: Stage,
    screen: VerifyScreen,
    open_desk: Desk,
    number: str,
    tmp_path: Path,
) -> None:
    screen.check_files((tmp_path / "gone.pdf", written(tmp_path / "in", "凭证.pdf", open_desk.drawing(number))))
    on_stage.settle()
    assert "gone.pdf" in on_stage.problems.sentences[0]
    assert "真凭证" in only_card(screen)


def test_what_is_dropped_without_being_a_file_is_named(on_stage: Stage, screen: VerifyScreen) -> None:
    drop(screen, [QUrl("https://example.invalid/voucher.pdf")])
    on_stage.settle()
    assert "voucher.pdf" in on_stage.problems.sentences[0]
    assert screen.cards == []


# Presenting


def test_marking_as_presented_is_recorded_once_and_the_second_time_is_told(
    on_stage: Stage,
    screen: VerifyScreen,
    open_desk: Desk,
    number: str,
) -> None:
    before = recorded(open_desk)
    scan(on_stage, screen, code(open_desk, number))
    (card,) = screen.cards
    assert card.presenter is not None
    card.presenter.setFocus()
    type_text(card.presenter, "覃建国")
    QTest.keyClick(card.presenter, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    on_stage.settle()
    assert recorded(open_desk) == before + 1
    assert "已登记：覃建国 出示" in card.words
    assert not card.presenter.isVisible()
    assert QApplication.focusWidget() is screen.field
    scan(on_stage, screen, code(open_desk, number))
    assert [each.verdict.verdict for each in screen.checks] == [Verdict.USED_BEFORE, Verdict.GENUINE]
    assert "出示过了，不能再付" in only_card(screen)
    assert "覃建国" in only_card(screen)
    assert screen.cards[0].redeem is None
    assert recorded(open_desk) == before + 1


def test_nobody_presents_without_a_name(on_stage: Stage, screen: VerifyScreen, open_desk: Desk, number: str) -> None:
    before = recorded(open_desk)
    scan(on_stage, screen, code(open_desk, number))
    (card,) = screen.cards
    assert card.presenter is not None
    assert card.redeem is not None
    card.redeem.setFocus()
    card.redeem.click()
    on_stage.settle()
    assert recorded(open_desk) == before
    assert "出示人" in on_stage.problems.sentences[0]
    assert screen.focusWidget() is card.presenter
    assert card.redeem.isEnabled()


def test_what_somebody_else_presented_meanwhile_is_said_instead(
    on_stage: Stage,
    screen: VerifyScreen,
    open_desk: Desk,
    number: str,
) -> None:
    scan(on_stage, screen, code(open_desk, number))
    open_desk.redeem(code(open_desk, number), "韦长风")
    before = recorded(open_desk)
    (card,) = screen.cards
    assert card.presenter is not None
    assert card.redeem is not None
    card.presenter.setText("覃建国")
    card.redeem.click()
    on_stage.settle()
    assert recorded(open_desk) == before
    assert "韦长风" in only_card(screen)
    assert [each.verdict.verdict for each in screen.checks] == [Verdict.USED_BEFORE]


def test_a_voided_voucher_is_genuine_and_must_not_be_paid(
    on_stage: Stage,
    screen: VerifyScreen,
    open_desk: Desk,
    number: str,
) -> None:
    open_desk.void(number, "打印机卡纸")
    scan(on_stage, screen, code(open_desk, number))
    assert "已作废，不能付" in only_card(screen)
    assert "打印机卡纸" in only_card(screen)
    assert screen.cards[0].redeem is None


# The screen


def test_an_earlier_check_comes_back_on_enter(
    on_stage: Stage, screen: VerifyScreen, open_desk: Desk, number: str
) -> None:
    scan(on_stage, screen, code(open_desk, number))
    scan(on_stage, screen, "https://example.invalid/")
    screen.history.list.setFocus()
    QTest.keyClick(screen.history.list, Qt.Key.Key_J)
    QTest.keyClick(screen.history.list, Qt.Key.Key_Return)
    on_stage.settle()
    assert "真凭证" in only_card(screen)
    assert len(screen.checks) == 2


def test_words_follow_the_language_and_everything_has_a_name(
    on_stage: Stage,
    screen: VerifyScreen,
    open_desk: Desk,
    number: str,
) -> None:
    scan(on_stage, screen, code(open_desk, number))
    on_stage.ui.words.switch("en")
    on_stage.look.use(theme=Theme.SUNLIGHT, scale_percent=150)
    on_stage.settle()
    assert "Genuine" in only_card(screen)
    stops = [
        each
        for each in screen.findChildren(QWidget)
        if each.isVisible() and each.focusPolicy() & Qt.FocusPolicy.TabFocus and each.focusProxy() is None
    ]
    assert all(each.accessibleName() and each.accessibleName().isascii() for each in stops)


def test_the_tab_key_reads_from_the_field_to_the_list(
    on_stage: Stage,
    screen: VerifyScreen,
    open_desk: Desk,
    number: str,
) -> None:
    scan(on_stage, screen, code(open_desk, number))
    (card,) = screen.cards
    screen.field.setFocus()
    seen = [screen.field]
    for _ in range(4):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    assert seen == [screen.field, screen.choose, card.presenter, card.redeem, screen.history.list]
