"""The one presenter: once, until it is read, in the language in use."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from claims.errors import Bilingual, EnvironmentProblem, InputError
from tests.views.stage import Stage
from views.controls.buttons import ActionButton


def problem(code: str, *, retryable: bool = False) -> EnvironmentProblem:
    return EnvironmentProblem(
        code,
        Bilingual(f"{code} 出了问题，值为 3。", f"{code} went wrong, value 3."),
        Bilingual("请再试。", "Try again."),
        retryable=retryable,
    )


def buttons(stage: Stage) -> list[ActionButton]:
    return [each for each in stage.problems.findChildren(ActionButton) if not each.isHidden()]


def test_an_error_has_cause_values_and_next_step_and_stays_until_read(on_stage: Stage) -> None:
    on_stage.show(on_stage.problems)
    on_stage.problems.show_error(problem("printer"))
    on_stage.settle()
    (words,) = on_stage.problems.sentences
    assert "值为 3" in words
    assert "请再试" in words
    (close,) = buttons(on_stage)
    close.setFocus()
    QTest.keyClick(close, Qt.Key.Key_Return)
    on_stage.settle()
    assert on_stage.problems.codes == ()
    assert on_stage.problems.isHidden()


def test_the_same_error_again_replaces_the_first_and_three_at_most_stand(on_stage: Stage) -> None:
    for code in ("a", "b", "a", "c", "d"):
        on_stage.problems.show_error(problem(code))
    assert on_stage.problems.codes == ("d", "c", "a")


def test_a_retry_takes_the_message_away_and_runs(on_stage: Stage) -> None:
    tried: list[int] = []
    on_stage.show(on_stage.problems)
    on_stage.problems.show_error(problem("link", retryable=True), retry=lambda: tried.append(1))
    QTest.mouseClick(buttons(on_stage)[0], Qt.MouseButton.LeftButton)
    on_stage.settle()
    assert tried == [1]
    assert on_stage.problems.codes == ()


def test_the_words_follow_the_language(on_stage: Stage) -> None:
    on_stage.problems.show_error(
        InputError("x", Bilingual("日期不对。", "The date is wrong."), Bilingual("请改。", "Mend it."))
    )
    on_stage.show(on_stage.problems)
    on_stage.ui.words.switch("en")
    assert on_stage.problems.sentences == ("The date is wrong. Mend it.",)
