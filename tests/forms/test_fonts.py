"""Fonts: coverage, named boxes, embedding, and text that copies right from every plane."""

from __future__ import annotations

import subprocess
import sys
import threading
import unicodedata
from datetime import UTC, datetime

import pytest
import reportlab.pdfbase.ttfonts as reportlab_fonts
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.fonts import Run, Weight, bundled_fonts, printable, to_unicode_map
from forms.named_box import _LETTERS, box_strokes_em, box_width_em, code_point_name
from forms.page import Ink, Page, Paper, Text
from forms.render import render
from tests.forms.reading import fonts_used, inflated, page_texts, raster, squeezed
from tests.forms.samples import RARE

UNCOVERED = ["\U0002f9f4", "\U00030000", "😀", "ئ", "\ue000"]
FORMLESS = ["\u202e", "\u200b", "\ufeff", "\u00ad", "\ud800", "\x07", "\u0378"]


def line(text: str, weight: Weight = Weight.REGULAR) -> Text:
    return Text(60, 100, text, 20, weight, Ink.TEXT, bundled_fonts().width(text, 20, weight))


def paper(*items: Text) -> Paper:
    return Paper("t", "s", "a", datetime(2026, 11, 22, tzinfo=UTC), (Page(items),))


@pytest.mark.parametrize("weight", list(Weight))
@pytest.mark.parametrize("character", RARE + "−¥×·（）□")
def test_rare_characters_have_glyphs_and_copy_right(character: str, weight: Weight) -> None:
    assert bundled_fonts().covers(character, weight)
    assert squeezed(page_texts(render(paper(line(f"姓{character}名", weight))))[0]) == f"姓{character}名"


@pytest.mark.parametrize("character", RARE)
def test_rare_characters_leave_their_own_ink(character: str) -> None:
    """Not blank, and not the glyph that stands for "missing"."""
    pictures = {each: raster(render(paper(line(each))), 96).tobytes() for each in (character, "一", " ")}
    assert len(set(pictures.values())) == 3


@pytest.mark.parametrize("character", UNCOVERED)
def test_what_no_font_has_is_a_named_box_and_copies_as_itself(character: str) -> None:
    assert bundled_fonts().runs(f"姓{character}", Weight.BOLD) == (
        Run("姓", "OutpostSans-Bold"),
        Run(character, "OutpostNamed", boxed=True),
    )
    pdf = render(paper(line(f"姓{character}名{RARE}")))
    assert page_texts(pdf) == [f"姓{character}名{RARE}"]
    assert all(fonts_used(pdf).values())


@pytest.mark.parametrize("character", FORMLESS)
def test_what_has_no_form_is_shown_and_never_hidden(character: str) -> None:
    """A zero-width or direction character in a name would make two different names look alike."""
    plain, hidden = (raster(render(paper(line(text))), 96).tobytes() for text in ("周立安", f"周{character}立安"))
    assert plain != hidden
    assert bundled_fonts().runs(character, Weight.REGULAR) == (Run(character, "OutpostNamed", boxed=True),)


def test_the_box_names_the_character_legibly() -> None:
    """Each of the 18 letters has strokes of its own, inside the box."""
    names = [code_point_name(character) for character in ("\U0002f9f4", "\u9f98", "\U0010abcd", "\u0376", "\u1e5b")]
    assert names == ["U+2F9F4", "U+9F98", "U+10ABCD", "U+0376", "U+1E5B"]
    for character in ("\U0002f9f4", "\u0376", "\U0010abcd"):
        width = box_width_em(character)
        points = [point for stroke in box_strokes_em(character) for point in stroke]
        assert all(0 <= x <= width and -0.12 <= y <= 0.88 for x, y in points)
    assert len(set(_LETTERS.values())) == len(_LETTERS) == 18


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "M"]), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_text_draws_and_its_han_characters_copy_back(text: str) -> None:
    """Whole strings are compared for Han and Latin only (next test): pdfium reorders right-to-left scripts and composes marks.

    Turning a line round it also tears pairs of surrogates apart, so such a line is only drawn.
    """
    found = page_texts(render(paper(line(printable(text)))))[0]
    assert isinstance(found, str)
    turned = any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text)
    for character in () if turned else text:
        if 0x3400 <= ord(character) <= 0x9FFF or ord(character) >= 0x20000:
            assert character in found


@given(
    st.text(
        st.sampled_from(RARE + "周立安 ABCxyz0189-.,，。（）《》·①%+\u3000\U0002f9f4\U00030000"),
        min_size=1,
        max_size=40,
    )
)
@settings(max_examples=60, deadline=None)
def test_strings_copy_as_drawn(text: str) -> None:
    assert squeezed(page_texts(render(paper(line(printable(text)))))[0]) == squeezed(text)


def test_more_than_one_subset_copies_right() -> None:
    """A subset holds 256 characters; 600 different ones need three, with non-BMP ones in the last."""
    text = "".join(chr(0x4E00 + index) for index in range(600)) + "𬭊𠅤"
    items = [
        Text(60, 60 + 24 * row, text[start : start + 30], 15, Weight.REGULAR, Ink.TEXT, 450)
        for row, start in enumerate(range(0, len(text), 30))
    ]
    assert squeezed(page_texts(render(paper(*items)))[0]) == text


def test_every_font_is_embedded_and_no_standard_font_is_named() -> None:
    pdf = render(paper(line("金额 1,234.56 㛃"), line("大写", Weight.BOLD)))
    assert fonts_used(pdf) == {"NotoSansSC-Regular": True, "NotoSansSC-Bold": True}
    opened = inflated(pdf)
    for name in (b"Helvetica", b"Times", b"Courier", b"ZapfDingbats"):
        assert name not in opened


def test_the_map_writes_supplementary_planes_as_surrogates_in_blocks_of_a_hundred() -> None:
    cmap = to_unicode_map("X", [0, *range(0x4E00, 0x4E00 + 150), 0x2CB4A])
    assert "<97> <D872DF4A>" in cmap
    blocks = [int(row.split()[0]) for row in cmap.splitlines() if row.endswith("beginbfchar")]
    assert blocks == [100, 52]


def test_reportlab_itself_is_left_alone() -> None:
    """Its own map is still the broken one: nothing was patched. When this fails, reportlab mended it and ``EmbeddedFont`` can go."""
    assert reportlab_fonts.makeToUnicodeCMap.__module__ == "reportlab.pdfbase.ttfonts"
    assert "<2CB4A>" in reportlab_fonts.makeToUnicodeCMap("X", [0x2CB4A])


def test_line_breaks_and_tabs_become_spaces_and_nothing_else_changes() -> None:
    assert printable("周\n立\t安\r\u2028\u00a0\u2003x\u3000y\u202ez") == "周 立 安    x\u3000y\u202ez"


def test_papers_drawn_from_several_threads_are_the_same() -> None:
    sheet = paper(line("并行 㛃𬭊"))
    expected = render(sheet)
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(render(sheet))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def test_threads_that_ask_first_get_the_same_fonts() -> None:
    program = (
        "import threading\nfrom forms.fonts import bundled_fonts\nfound = []\n"
        "threads = [threading.Thread(target=lambda: found.append(id(bundled_fonts()))) for _ in range(4)]\n"
        "[each.start() for each in threads], [each.join() for each in threads]\nprint(len(set(found)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
        == "1"
    )


def test_bytes_do_not_depend_on_the_process() -> None:
    program = (
        "import hashlib\nfrom forms.voucher import draw_voucher\nfrom tests.forms.samples import reprint\n"
        "print(hashlib.sha256(draw_voucher(reprint())).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
    }
    assert len(digests) == 1
