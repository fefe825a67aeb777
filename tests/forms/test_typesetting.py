"""Line breaking: nothing lost, nothing too wide, punctuation where it may stand."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from forms.fonts import bundled_fonts, printable
from forms.typesetting import Typesetter
from forms.typography import A4, Style

BODY, CAPTION, HEADING = A4.scale.body, A4.scale.print, A4.scale.heading
SETTER = Typesetter(bundled_fonts())
TEXTS = st.text(st.sampled_from("周立安㛃𬭊，。（）、A1.-% U\u3000") | st.characters(codec="utf-8"), max_size=80)


@given(TEXTS, st.integers(60, 500), st.sampled_from([BODY, CAPTION, HEADING]))
@settings(max_examples=200)
def test_lines_fit_and_join_back_to_the_text(text: str, width: int, style: Style) -> None:
    lines = SETTER.broken(text, width, style)
    assert "".join(lines).replace(" ", "") == printable(text).replace(" ", "")
    for line in lines:
        assert SETTER.width(line, style) <= width or len(line) == 1


@example(words=["8,110.30"] * 5 + ["，"], width=150)
@given(
    st.lists(st.sampled_from(["给付", "条款", "W-02", "8,110.30", "（见附件）", "，", "。", "、", "；"]), max_size=20),
    st.integers(150, 400),
)
def test_closing_marks_never_open_a_line_and_opening_marks_never_end_one(words: list[str], width: int) -> None:
    text = "起"
    for word in words:
        # Two marks in a row make one unbreakable piece; real sentences have one.
        text += word if word not in "，。、；" or text[-1] not in "，。、；" else ""
    lines = SETTER.broken(text, width, BODY)
    assert all(line[0] not in "，。；）、" for line in lines)
    assert all(line[-1] != "（" for line in lines)


def test_latin_words_and_amounts_stay_whole() -> None:
    for width in range(68, 300, 5):
        lines = SETTER.broken("票据金额 8,110.30 元，依据 99060126 号", width, BODY)
        assert any("8,110.30" in line for line in lines)
        assert any("99060126" in line for line in lines)


def test_a_word_longer_than_the_line_is_broken_anywhere() -> None:
    lines = SETTER.broken("X" * 60, 100, BODY)
    assert "".join(lines) == "X" * 60
    assert len(lines) > 1


@given(TEXTS, st.integers(80, 400))
def test_fitting_shrinks_before_it_breaks(text: str, width: int) -> None:
    lines, style = SETTER.fitted(text, width, BODY, 9)
    assert 9 <= style.size <= BODY.size
    assert all(SETTER.width(line, style) <= width + 0.01 or len(line) == 1 for line in lines)
    assert "".join(lines).replace(" ", "") == printable(text).replace(" ", "")
    if SETTER.width(text, BODY) <= width:
        assert (lines, style) == ((printable(text),), BODY)
