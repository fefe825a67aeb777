"""Search as one types: only the last keystroke is ever shown, and what is no longer waited for is not begun."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from claims.errors import Bilingual, InputError, OutpostError
from tests.views.stage import Stage, type_text
from views.controls.search_field import LONGEST, SearchField
from views.lanes import Lane
from views.live_search import LiveSearch
from views.look.tokens import Theme

NAME, HINT = Bilingual("找人", "Find people"), Bilingual("姓名", "Name")
BROKEN = InputError("odd", Bilingual("查不了。", "It can't be searched."), Bilingual("换一个词。", "Try another word."))


def field_on(stage: Stage, **options: object) -> SearchField:
    holder = QWidget()
    field = SearchField(stage.ui, NAME, HINT, parent=holder, **options)
    holder.setMinimumSize(600, 80)
    field.resize(560, 56)
    stage.show(holder, 600, 80)
    field.setFocus()
    return field


def preedit(field: SearchField, text: str, commit: str = "") -> None:
    event = QInputMethodEvent(text, [])
    if commit:
        event.setCommitString(commit)
    QApplication.sendEvent(field, event)


def test_ten_fast_keystrokes_deliver_only_the_last(on_stage: Stage) -> None:
    gate, begun, came = threading.Event(), [], []

    def find(text: str, _cancelled: Callable[[], bool]) -> str:
        begun.append(text)
        return text.upper()

    # The lane is held up while the ten keystrokes are made.
    on_stage.tasks.run(lambda: gate.wait(10), owner=on_stage.tasks, lane=Lane.SEARCH)
    field = field_on_quietly(on_stage)
    search: LiveSearch[str] = LiveSearch(on_stage.tasks, find, lambda text, found: came.append((text, found)))
    field.searched.connect(search.search)
    type_text(field, "abcdefghij")
    gate.set()
    on_stage.settle()
    assert came == [("abcdefghij", "ABCDEFGHIJ")]
    assert begun == ["abcdefghij"], "a search nobody waits for is never begun"


def field_on_quietly(stage: Stage) -> SearchField:
    """Show a field without waiting for the lanes."""
    field = SearchField(stage.ui, NAME, HINT)
    stage.shown.append(field)
    field.show()
    field.activateWindow()
    field.setFocus()
    return field


def test_a_search_under_way_is_told_and_its_late_result_dropped(on_stage: Stage) -> None:
    running, told, came = threading.Event(), [], []

    def find(text: str, cancelled: Callable[[], bool]) -> str:
        if text == "a":
            running.set()
            for _ in range(2_000):
                if cancelled():
                    told.append(text)
                    break
                threading.Event().wait(0.005)
        return text

    search: LiveSearch[str] = LiveSearch(on_stage.tasks, find, lambda text, _found: came.append(text))
    search.search("a")
    assert running.wait(10)
    search.search("ab")
    on_stage.settle()
    assert told == ["a"]
    assert came == ["ab"]


def test_an_empty_text_searches_nothing_and_says_so_at_once(on_stage: Stage) -> None:
    came, nothing = [], []
    search: LiveSearch[str] = LiveSearch(
        on_stage.tasks, lambda text, _c: text, lambda text, _f: came.append(text), nothing=lambda: nothing.append(1)
    )
    search.search("a")
    search.search("  ")
    assert nothing == [1]
    assert not search.under_way
    on_stage.settle()
    assert came == []
    everything: LiveSearch[str] = LiveSearch(
        on_stage.tasks, lambda text, _c: f"<{text}>", lambda _t, found: came.append(found), also_empty=True
    )
    everything.search(" ")
    on_stage.settle()
    assert came == ["<>"]


def test_an_error_of_the_last_search_is_shown_and_one_of_an_older_is_not(on_stage: Stage) -> None:
    def find(text: str, _cancelled: Callable[[], bool]) -> str:
        if text != "good":
            raise BROKEN
        return text

    heard: list[OutpostError] = []
    came: list[str] = []
    silent: LiveSearch[str] = LiveSearch(on_stage.tasks, find, lambda text, _f: came.append(text), failed=heard.append)
    silent.search("bad")
    silent.search("good")
    on_stage.settle()
    assert (heard, came) == ([], ["good"])
    silent.search("bad")
    on_stage.settle()
    assert heard == [BROKEN]
    assert not silent.under_way
    loud: LiveSearch[str] = LiveSearch(on_stage.tasks, find, lambda text, _f: came.append(text))
    loud.search("bad")
    on_stage.settle()
    assert on_stage.problems.codes == ("odd",)


def test_every_commit_of_an_input_method_searches_and_so_does_the_end_of_composing(on_stage: Stage) -> None:
    field = field_on(on_stage)
    heard: list[str] = []
    field.searched.connect(heard.append)
    preedit(field, "zhang")
    assert heard == [], "what is still being composed is no text yet"
    preedit(field, "", commit="张")
    assert heard == ["张"]
    preedit(field, "wei")
    preedit(field, "")
    assert heard == ["张", "张"], "composing was given up: search what stands there"
    type_text(field, "伟")
    assert heard[-1] == "张伟"
    assert len(heard) == 3


def test_escape_clears_and_then_leaves_and_the_slash_comes_back(on_stage: Stage) -> None:
    field = field_on(on_stage)
    heard, left = [], []
    field.searched.connect(heard.append)
    field.left.connect(lambda: left.append(1))
    type_text(field, "ab")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), heard, left) == ("", ["a", "ab", ""], [])
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert left == [1]
    field.clearFocus()
    QTest.keyClick(field.window(), "/")
    assert field.hasFocus()
    assert field.text() == "", "the key that leads here is not typed"


def test_arrows_and_enter_are_handed_on_and_the_cap_is_a_button(on_stage: Stage) -> None:
    field = field_on(on_stage)
    steps, submitted = [], []
    field.stepped.connect(steps.append)
    field.submitted.connect(lambda: submitted.append(1))
    type_text(field, "a")
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_Return):
        QTest.keyClick(field, key)
    assert steps == [1, -1, 7]
    assert submitted == [1]
    at = field.rect().center()
    at.setX(field.width() - 10)
    QTest.mouseClick(field, Qt.MouseButton.LeftButton, pos=at)
    assert field.text() == ""


def test_a_text_is_cut_to_its_longest_and_going_on_elsewhere_searches_nothing(on_stage: Stage) -> None:
    field = field_on(on_stage)
    heard: list[str] = []
    field.searched.connect(heard.append)
    field.show_text("x" * 200)
    assert field.text() == "x" * LONGEST
    field.empty()
    assert heard == ["x" * LONGEST]
    type_text(field, "x")
    assert heard[-1] == "x", "the same letter again is another search"


def test_name_hint_note_and_height_follow_language_theme_and_size(on_stage: Stage) -> None:
    field = field_on(on_stage, tall=True)
    field.note((Bilingual("共 ", "of "), False), ("12", True))
    assert (field.accessibleName(), field.placeholderText(), field.note_text) == ("找人", "姓名", "共 12")
    on_stage.ui.words.switch("en")
    assert (field.accessibleName(), field.placeholderText(), field.note_text) == ("Find people", "Name", "of 12")
    assert field.sizeHint().height() == 56
    on_stage.look.use(theme=Theme.NIGHT, scale_percent=150)
    assert field.sizeHint().height() == 84
    assert field.minimumSizeHint().height() == 84
