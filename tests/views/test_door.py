"""The door: unlocking, enrolling, and what it says when something is wrong. The port behind it is the test's own here;
``tests/stories`` drives the same door over a real home and a real headquarters."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from claims.errors import Bilingual, EnvironmentProblem, InputError, OutpostError
from tests.views.stage import Stage, type_text
from views.door.door import Door
from views.door.enrol_panel import EnrolPanel, PassphraseOnce
from views.door.unlock_panel import UnlockPanel
from views.entrance import Enrolled, EntranceFacts, Holder, LockKind
from views.look.tokens import Theme

NOW = datetime(2026, 11, 22, 1, 2, tzinfo=UTC)
ENROLLED = EntranceFacts(
    enrolled=True,
    version="0.2.0",
    station="QX07",
    station_name="清溪一中安置点",
    holders=(Holder("0417", "林晓禾"), Holder("0422", "周明远")),
    now=NOW,
    clock_believed=True,
    last_contact_at=NOW - timedelta(hours=3),
    rules_made_at=NOW - timedelta(days=6),
    rules_version="sample 1",
    policies_made_at=NOW - timedelta(days=1),
    persons=1_000_000,
    disk_only=12,
    hq_url="https://hq.example",
    damaged=None,
)
NEW = replace(ENROLLED, enrolled=False, station="", station_name="", holders=(), hq_url="", last_contact_at=None)
WRONG = InputError(
    "wrong_secret",
    Bilingual("PIN 不对，这是第 2 次。", "Wrong PIN, the 2nd time."),
    Bilingual("请重试。", "Try again."),
)


@dataclass
class ScriptedEntrance:
    """Answers as told, and remembers what it was asked."""

    now: EntranceFacts
    kind: LockKind = LockKind.PIN
    passphrase: str | None = None
    trouble: OutpostError | None = None
    unlocked: list[tuple[str, str]] = field(default_factory=list)
    enrolled: list[tuple[str, str, str | None]] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)

    def facts(self) -> EntranceFacts:
        return self.now

    def lock_kind(self) -> LockKind:
        self.threads.add(threading.get_ident())
        return self.kind

    def attempts_wait_s(self) -> float:
        return 0.0

    def unlock(self, adjuster: str, secret: str) -> object:
        self.threads.add(threading.get_ident())
        self.unlocked.append((adjuster, secret))
        if self.trouble is not None:
            raise self.trouble
        return "desk"

    def enrol(self, hq_url: str, code: str, secret: str | None) -> Enrolled:
        self.threads.add(threading.get_ident())
        self.enrolled.append((hq_url, code, secret))
        if self.trouble is not None:
            raise self.trouble
        self.now = replace(ENROLLED, hq_url=hq_url)
        return Enrolled("清溪一中安置点", "林晓禾", self.passphrase)


def door_of(stage: Stage, entrance: ScriptedEntrance) -> tuple[Door, list[object]]:
    door = Door(stage.ui, stage.tasks, entrance, stage.preferences)  # type: ignore[arg-type]  # scripted
    opened: list[object] = []
    door.opened.connect(opened.append)
    stage.show(door, 1366, 768)
    door.start()
    stage.settle()
    return door, opened


def unlocking(door: Door) -> UnlockPanel:
    assert isinstance(door.panel, UnlockPanel)
    return door.panel


def enrolling(door: Door) -> EnrolPanel:
    assert isinstance(door.panel, EnrolPanel)
    return door.panel


def test_a_pin_typed_on_the_keyboard_opens_and_nothing_slow_ran_on_the_main_thread(on_stage: Stage) -> None:
    entrance = ScriptedEntrance(ENROLLED)
    door, opened = door_of(on_stage, entrance)
    boxes = unlocking(door).entry.boxes
    assert boxes.hasFocus(), "typing works at once"
    QTest.keyClicks(boxes, "2580")
    QTest.keyClick(boxes, Qt.Key.Key_Backspace)
    QTest.keyClicks(boxes, "014")
    assert "2580" not in boxes.accessibleDescription()
    QTest.keyClick(boxes, Qt.Key.Key_Return)
    on_stage.settle()
    assert entrance.unlocked == [("0417", "258014")]
    assert opened == ["desk"]
    assert threading.get_ident() not in entrance.threads


def test_the_pad_does_the_same_for_another_adjuster(on_stage: Stage) -> None:
    entrance = ScriptedEntrance(ENROLLED)
    door, opened = door_of(on_stage, entrance)
    panel = unlocking(door)
    QTest.mouseClick(panel.cards[1], Qt.MouseButton.LeftButton)
    keys = {each.text(): each for each in panel.entry.pad._keys}
    for digit in "480261":
        QTest.mouseClick(keys[digit], Qt.MouseButton.LeftButton)
    QTest.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    on_stage.settle()
    assert entrance.unlocked == [("0422", "480261")]
    assert opened == ["desk"]


def test_a_wrong_pin_is_told_in_words_and_the_boxes_are_empty_again(on_stage: Stage) -> None:
    entrance = ScriptedEntrance(ENROLLED, trouble=WRONG)
    door, opened = door_of(on_stage, entrance)
    panel = unlocking(door)
    QTest.keyClicks(panel.entry.boxes, "111222")
    QTest.keyClick(panel.entry.boxes, Qt.Key.Key_Return)
    on_stage.settle()
    assert opened == []
    assert panel.entry.hint.full_text == "PIN 不对，这是第 2 次。请重试。"
    assert panel.entry.typed == ""
    assert panel.button.isEnabled()
    on_stage.ui.words.switch("en")
    assert panel.entry.hint.full_text == "Wrong PIN, the 2nd time. Try again."


def test_an_empty_pin_asks_for_one_instead_of_counting_a_failure(on_stage: Stage) -> None:
    entrance = ScriptedEntrance(ENROLLED)
    door, _ = door_of(on_stage, entrance)
    QTest.keyClick(unlocking(door).entry.boxes, Qt.Key.Key_Return)
    on_stage.settle()
    assert entrance.unlocked == []
    assert unlocking(door).entry.hint.full_text


def test_where_there_is_no_keyring_a_passphrase_is_asked_for_and_typed_digits_are_kept(on_stage: Stage) -> None:
    entrance = ScriptedEntrance(ENROLLED, kind=LockKind.PASSPHRASE)
    door = Door(on_stage.ui, on_stage.tasks, entrance, on_stage.preferences)  # type: ignore[arg-type]  # scripted
    on_stage.show(door, 1366, 768)
    unlocking(door).entry.boxes.add("7")
    door.start()
    on_stage.settle()
    entry = unlocking(door).entry
    assert entry.field.isVisible()
    assert not entry.boxes.isVisible()
    assert entry.typed == "7"


def test_enrolling_with_a_pin_twice_opens_the_desk(on_stage: Stage) -> None:
    entrance = ScriptedEntrance(NEW)
    door, opened = door_of(on_stage, entrance)
    panel = enrolling(door)
    assert panel.url.edit.hasFocus()
    for text in ("https://hq.example:8443", "ABCD-1234", "258014", "258013"):
        focused = on_stage.app.focusWidget()
        type_text(focused, text)
        QTest.keyClick(focused, Qt.Key.Key_Return)
    on_stage.settle()
    assert entrance.enrolled == []
    assert panel.again.edit.text() == ""
    assert panel.again.edit.property("wrong")
    type_text(panel.again.edit, "258014")
    QTest.keyClick(panel.again.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    on_stage.settle()
    assert entrance.enrolled == [("https://hq.example:8443", "ABCD-1234", "258014")]
    assert entrance.unlocked == [("0417", "258014")]
    assert opened == ["desk"]


def test_enrolling_without_a_keyring_shows_the_passphrase_once_and_waits_until_it_is_noted(on_stage: Stage) -> None:
    entrance = ScriptedEntrance(NEW, kind=LockKind.PASSPHRASE, passphrase="bako-tulu-mezi-rona-siku-tefa")
    door, opened = door_of(on_stage, entrance)
    panel = enrolling(door)
    assert not panel.pin.isVisible()
    panel.fill("https://hq.example", "ABCD-1234")
    panel.ask()
    on_stage.settle()
    assert opened == []
    assert isinstance(door.panel, PassphraseOnce)
    assert not door.panel.button.isEnabled()
    QTest.mouseClick(door.panel.box, Qt.MouseButton.LeftButton, pos=door.panel.box.rect().center())
    assert door.panel.box.isChecked(), "the whole line can be touched"
    assert door.panel.button.isEnabled()
    QTest.mouseClick(door.panel.button, Qt.MouseButton.LeftButton)
    on_stage.settle()
    assert entrance.unlocked == [("0417", "bako-tulu-mezi-rona-siku-tefa")]
    assert opened == ["desk"]


def test_a_code_that_is_refused_leaves_everything_typed(on_stage: Stage) -> None:
    used = InputError(
        "code_used", Bilingual("登记码已用过。", "The code was used."), Bilingual("请再要一个。", "Ask for another.")
    )
    entrance = ScriptedEntrance(NEW, kind=LockKind.PASSPHRASE, trouble=used)
    door, _ = door_of(on_stage, entrance)
    panel = enrolling(door)
    panel.fill("https://hq.example", "ABCD-1234")
    panel.ask()
    on_stage.settle()
    assert panel.problem.full_text == "登记码已用过。请再要一个。"
    assert (panel.url.text, panel.code.text) == ("https://hq.example", "ABCD-1234")


def test_a_damaged_key_file_is_said_where_the_pin_would_be(on_stage: Stage) -> None:
    damaged = EnvironmentProblem(
        "key_file_missing",
        Bilingual("密钥文件不见了。", "The key file is gone."),
        Bilingual("请联系总部。", "Ask headquarters."),
    )
    door, _ = door_of(on_stage, ScriptedEntrance(replace(ENROLLED, damaged=damaged)))
    assert not isinstance(door.panel, UnlockPanel)
    names = [each.accessibleName() for each in door.panel.children() if hasattr(each, "accessibleName")]
    assert "密钥文件不见了。 请联系总部。" in names


@pytest.mark.parametrize("theme", [Theme.SUNLIGHT, Theme.NIGHT])
def test_theme_and_language_chosen_at_the_door_are_kept(on_stage: Stage, theme: Theme) -> None:
    door, _ = door_of(on_stage, ScriptedEntrance(ENROLLED))
    QTest.mouseClick(door._sunlight if theme is Theme.SUNLIGHT else door._night, Qt.MouseButton.LeftButton)
    QTest.mouseClick(door._language, Qt.MouseButton.LeftButton)
    on_stage.settle()
    kept = on_stage.preferences.load()
    assert (kept.theme, kept.language) == (theme.value, "en")
    assert "Station QX07" in door.aside.accessibleName()


def test_a_clock_behind_the_signed_time_is_said_before_anybody_types(on_stage: Stage) -> None:
    door, _ = door_of(on_stage, ScriptedEntrance(replace(ENROLLED, clock_believed=False)))
    assert "请先校准" in door.aside._foot().zh
