"""Fonts: coverage, named boxes, embedding, and text that copies right from every plane."""

from __future__ import annotations

import ctypes
import io
import struct
import subprocess
import sys
import threading
import unicodedata

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import reportlab.pdfbase.ttfonts as reportlab_fonts
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from forms.fonts import Run, Weight, bundled_fonts, printable, to_unicode_map
from forms.named_box import _LETTERS, box_strokes_em, box_width_em, code_point_name
from forms.paper_document import draw_paper
from forms.pen import Pen
from forms.typography import Style
from tests.forms import samples
from tests.forms.reading import fonts_used, inflated, page_texts, raster, squeezed
from tests.forms.samples import RARE

UNCOVERED = ["\U0002f9f4", "\U00030000", "😀", "ئ", "\ue000"]
FORMLESS = ["\u202e", "\u200b", "\ufeff", "\u00ad", "\ud800", "\x07", "\u0378"]


def line(text: str, weight: Weight = Weight.REGULAR) -> tuple[str, Style]:
    return text, Style(15, 18, weight)


def page(*lines: tuple[str, Style]) -> bytes:
    """Return a page with these lines under each other, drawn by the pen of every paper."""
    fonts = bundled_fonts()
    with fonts.lock:
        buffer = io.BytesIO()
        canvas = Canvas(buffer, pagesize=(595, 842), invariant=1, initialFontName=fonts.name(Weight.REGULAR))
        for row, (text, style) in enumerate(lines):
            Pen(canvas, fonts).text(45, 767 - 18 * row, text, style)
        canvas.showPage()
        canvas.save()
    return buffer.getvalue()


@pytest.mark.parametrize("weight", list(Weight))
@pytest.mark.parametrize("character", RARE + "−¥×·（）□")
def test_rare_characters_have_glyphs_and_copy_right(character: str, weight: Weight) -> None:
    assert bundled_fonts().covers(character, weight)
    assert squeezed(page_texts(page(line(f"姓{character}名", weight)))[0]) == f"姓{character}名"


@pytest.mark.parametrize("character", RARE)
def test_rare_characters_leave_their_own_ink(character: str) -> None:
    """Not blank, and not the glyph that stands for "missing"."""
    pictures = {each: raster(page(line(each)), 96).tobytes() for each in (character, "一", " ")}
    assert len(set(pictures.values())) == 3


@pytest.mark.parametrize("character", UNCOVERED)
def test_what_no_font_has_is_a_named_box_and_copies_as_itself(character: str) -> None:
    assert bundled_fonts().runs(f"姓{character}", Weight.BOLD) == (
        Run("姓", "OutpostSans-Bold"),
        Run(character, "OutpostNamed", boxed=True),
    )
    pdf = page(line(f"姓{character}名{RARE}"))
    assert page_texts(pdf) == [f"姓{character}名{RARE}"]
    assert all(fonts_used(pdf).values())


@pytest.mark.parametrize("character", FORMLESS)
def test_what_has_no_form_is_shown_and_never_hidden(character: str) -> None:
    """A zero-width or direction character in a name would make two different names look alike."""
    plain, hidden = (raster(page(line(text)), 96).tobytes() for text in ("周立安", f"周{character}立安"))
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
    found = page_texts(page(line(printable(text))))[0]
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
    assert squeezed(page_texts(page(line(printable(text))))[0]) == squeezed(text)


def test_more_than_one_subset_copies_right() -> None:
    """A subset holds 256 characters; 600 different ones need three, with non-BMP ones in the last."""
    text = "".join(chr(0x4E00 + index) for index in range(600)) + "𬭊𠅤"
    items = [line(text[start : start + 30]) for start in range(0, len(text), 30)]
    assert squeezed(page_texts(page(*items))[0]) == text


def test_every_font_is_embedded_and_no_standard_font_is_named() -> None:
    pdf = page(line("金额 1,234.56 㛃"), line("大写", Weight.BOLD))
    assert fonts_used(pdf) == {"NotoSansSC-Regular": True, "NotoSansSC-Bold": True}
    opened = inflated(pdf)
    for name in (b"Helvetica", b"Times", b"Courier", b"ZapfDingbats"):
        assert name not in opened


def test_the_map_writes_supplementary_planes_as_surrogates_in_one_range() -> None:
    cmap = to_unicode_map("X", [0, *range(0x4E00, 0x4E00 + 150), 0x2CB4A])
    assert "1 beginbfrange\n<00> <97>\n" in cmap.replace("> [", ">\n[")
    array = cmap[cmap.index("[") + 1 : cmap.index("]")]
    assert array.startswith("<0000><4E00><4E01>")
    assert array.endswith("<D872DF4A>")
    assert array.count("<") == 152


def test_reportlab_itself_is_left_alone() -> None:
    """Its own map is still the broken one: nothing was patched. When this fails, reportlab mended it and ``EmbeddedFont`` can go."""
    assert reportlab_fonts.makeToUnicodeCMap.__module__ == "reportlab.pdfbase.ttfonts"
    assert "<2CB4A>" in reportlab_fonts.makeToUnicodeCMap("X", [0x2CB4A])


def test_line_breaks_and_tabs_become_spaces_and_nothing_else_changes() -> None:
    assert printable("周\n立\t安\r\u2028\u00a0\u2003x\u3000y\u202ez") == "周 立 安    x\u3000y\u202ez"


def test_papers_drawn_from_several_threads_are_the_same() -> None:
    expected = draw_paper(samples.slip())
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(draw_paper(samples.slip()))) for _ in range(4)]
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
        "import hashlib\nfrom forms.drawing import PdfDrawing\nfrom tests.forms.samples import reprint\n"
        "print(hashlib.sha256(PdfDrawing().paper(reprint())).hexdigest())"
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


def test_an_embedded_font_is_lean_and_still_whole() -> None:
    """The tables that no reader of a PDF uses are gone; those that remain are where the directory says."""
    with pypdfium2.PdfDocument(page(line("金额 㛃"))) as document:
        (text,) = document[0].get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT])
        font = pdfium.FPDFTextObj_GetFont(text.raw)
        size = ctypes.c_size_t()
        pdfium.FPDFFont_GetFontData(font, None, 0, size)
        buffer = (ctypes.c_uint8 * size.value)()
        pdfium.FPDFFont_GetFontData(font, buffer, size.value, size)
    content = bytes(buffer)
    tables = {}
    for entry in range(int.from_bytes(content[4:6], "big")):
        tag, _, at, length = struct.unpack(">4sLLL", content[12 + 16 * entry : 28 + 16 * entry])
        assert at % 4 == 0
        assert at + length <= len(content)
        tables[tag] = content[at : at + length]
    assert set(tables) == {b"cmap", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"prep"}
    assert tables[b"head"][12:16] == bytes.fromhex("5F0F3CF5")
