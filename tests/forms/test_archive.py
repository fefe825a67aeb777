"""Papers as archive files: PDF/A-3B by the rules that can be checked here, text that copies, data inside."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image, ImageChops, ImageCms, ImageFont
from reportlab.pdfgen.canvas import Canvas

import resources
from claims.paper_definitions import PaperId, paper_definition
from claims.papers import FilledPaper, Language
from forms.archive import archived, media_type
from forms.archive_check import archive_faults
from forms.archive_reading import files_inside
from forms.drawing import PdfDrawing
from forms.fonts import bundled_fonts
from forms.paper_document import draw_paper
from forms.slim_fonts import slimmed
from forms.srgb_profile import srgb_profile
from tests.forms import samples
from tests.forms.reading import page_texts, raster, squeezed
from tests.forms.sample_papers import blank, filled

INSIDE = {"determination.json": b'{"facts":{}}', "voucher.cose": b"\xd2\x84", "promise.cose": b"\xd2\x84\x01"}


def drawn(content: FilledPaper | None = None, **changes: object) -> bytes:
    content = content or samples.voucher(attached=INSIDE, **changes)
    return PdfDrawing().paper(content)


@pytest.fixture(scope="module")
def voucher() -> bytes:
    return drawn()


def edited(pdf: bytes, edit: Callable[[Pdf], object]) -> bytes:
    """Return the PDF with something changed in it."""
    with Pdf.open(io.BytesIO(pdf)) as document:
        edit(document)
        out = io.BytesIO()
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


@pytest.mark.parametrize("paper", list(PaperId))
def test_every_paper_keeps_the_rules_of_the_archive_format(paper: PaperId) -> None:
    definition = paper_definition(paper)
    for size in definition.sizes:
        for language in Language:
            content = msgspec.structs.replace(filled(paper), attached=INSIDE)
            assert archive_faults(PdfDrawing().paper(content, language=language, size=size)) == ()
        assert archive_faults(PdfDrawing().paper(blank(paper), size=size)) == ()


def test_what_an_independent_reader_says_of_it(voucher: bytes) -> None:
    with Pdf.open(io.BytesIO(voucher)) as document:
        with document.open_metadata() as told:
            assert told.pdfa_status == "3B"
            assert told["dc:title"] == "理赔给付凭证 QX07-D3-000142-40"
            assert told["dc:language"] == {"zh-CN"}
            assert told["dc:creator"] == ["示例人寿保险股份有限公司"]
            assert told["xmp:CreateDate"] == "2026-11-22T01:31:00+00:00"
        assert str(document.Root.Lang) == "zh-CN"
        assert document.check_pdf_syntax() == []
        assert set(document.attachments) == set(INSIDE)
        for name, content in INSIDE.items():
            specification = document.attachments[name]
            assert specification.get_file().read_bytes() == content
            assert specification.get_file().mime_type == media_type(name)
            assert specification.relationship == Name.Data
            assert bytes(specification.obj.EF.F.Params.CheckSum) == hashlib.md5(content).digest()  # noqa: S324 - what the format asks for
    with pypdfium2.PdfDocument(voucher) as document:
        assert document.count_attachments() == len(INSIDE)
        assert document.get_metadata_value("Title") == "理赔给付凭证 QX07-D3-000142-40"


def test_the_same_content_gives_the_same_bytes_and_another_an_id_of_its_own(voucher: bytes) -> None:
    assert drawn() == voucher
    other = drawn(samples.voucher(attached=INSIDE | {"voucher.cose": b"\xd2\x85"}))
    identities = []
    for pdf in (voucher, other):
        with Pdf.open(io.BytesIO(pdf)) as document:
            identities.append(bytes(document.trailer.ID[1]))
    assert identities[0] != identities[1]


def test_rare_characters_copy_and_are_found(voucher: bytes) -> None:
    rare = "㛃䶮𬭊𠅤龘"
    pdf = drawn(samples.voucher(values={"voucher.account": f"{rare} 银行"}, attached=INSIDE))
    assert rare in squeezed("".join(page_texts(pdf)))
    with pypdfium2.PdfDocument(pdf) as document:
        text = document[0].get_textpage()
        # pdfium keeps characters outside the basic plane as two halves and finds none of them in any file; they copy all the same.
        for character in "㛃䶮龘":
            assert text.search(character).get_next() is not None
        for character in "𬭊𠅤":
            assert text.get_text_range().count(character) == 1
    assert archive_faults(pdf) == ()


def test_a_character_that_no_font_has_keeps_the_rules_and_stays_in_the_text() -> None:
    nameless = "\U0002f9f4"
    pdf = drawn(samples.voucher(values={"voucher.account": f"{nameless} 银行"}))
    assert nameless in "".join(page_texts(pdf))
    assert archive_faults(pdf) == ()


def test_a_reading_copy_and_a_voided_paper_carry_no_promise() -> None:
    english = PdfDrawing().paper(samples.voucher(attached=INSIDE), language=Language.EN)
    assert files_inside(english) == {}
    assert files_inside(drawn(samples.voucher(attached=INSIDE, voided=True))) == {}
    assert set(files_inside(drawn())) == set(INSIDE)


def test_a_usual_voucher_with_its_data_inside_is_small(voucher: bytes) -> None:
    assert len(voucher) < 60 * 1024


def test_the_archive_step_changes_nothing_that_is_seen() -> None:
    content = samples.voucher(attached=INSIDE)
    plain, kept = raster(draw_paper(content), 200), raster(PdfDrawing().paper(content), 200)
    difference = ImageChops.difference(plain, kept)
    grey = difference.histogram()
    # Outlines on a coarser grid move an edge by a small part of a pixel: a shade here and there, no shape.
    assert sum(grey[96:]) < 0.0001 * sum(grey)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)

NAME = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(title=TEXT, author=TEXT, names=st.dictionaries(NAME, st.binary(max_size=50), max_size=3))
def test_any_words_keep_the_file_readable(title: str, author: str, names: dict[str, bytes]) -> None:
    at = datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)
    made = archived(_plain(), title=title, language=Language.ZH, attached=names, made_at=at, author=author)
    assert made == archived(_plain(), title=title, language=Language.ZH, attached=names, made_at=at, author=author)
    with Pdf.open(io.BytesIO(made)) as document:
        assert document.check_pdf_syntax() == []
        assert {name: each.get_file().read_bytes() for name, each in document.attachments.items()} == names


def _plain() -> bytes:
    out = io.BytesIO()
    with bundled_fonts().lock:
        canvas = Canvas(out, invariant=1, initialFontName="OutpostSans")
        canvas.setFont("OutpostSans", 12)
        canvas.drawString(72, 700, "凭证")
        canvas.save()
    return out.getvalue()


def _drop_font_file(document: Pdf) -> None:
    for found in document.objects:
        if isinstance(found, Dictionary) and Name.FontFile2 in found:
            del found.FontFile2


def _drop_meaning(document: Pdf) -> None:
    for found in document.objects:
        if isinstance(found, Dictionary) and Name.ToUnicode in found:
            del found.ToUnicode


def _add_helvetica(document: Pdf) -> None:
    font = document.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    document.pages[0].resources.Font[Name.Fx] = font


def _see_through(document: Pdf) -> None:
    document.pages[0].resources[Name.ExtGState] = Dictionary(
        G=document.make_indirect(Dictionary(Type=Name.ExtGState, ca=0.5))
    )


def _script(document: Pdf) -> None:
    document.Root.OpenAction = document.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))


def _other_title(document: Pdf) -> None:
    document.docinfo[Name.Title] = "另一份"


def _unrelated(document: Pdf) -> None:
    document.Root.AF = Array(list(document.Root.AF)[1:])


def _outside(document: Pdf) -> None:
    document.Root.Extra = document.make_indirect(Stream(document, b"", F=String("elsewhere.bin")))


def _cmyk(document: Pdf) -> None:
    document.pages[0].contents_add(b"0 0 0 1 k")


BREAKS = {
    "not embedded": (_drop_font_file, "not embedded"),
    "no meaning": (_drop_meaning, "does not say what its codes mean"),
    "Helvetica": (_add_helvetica, "Type1"),
    "transparency": (_see_through, "opacity"),
    "script": (_script, "JavaScript"),
    "title": (_other_title, "/Title"),
    "association": (_unrelated, "not associated"),
    "outside": (_outside, "outside the file"),
    "colours": (_cmyk, "colours of print"),
    "intent": (lambda document: document.Root.__delattr__("OutputIntents"), "output intents"),
    "language": (lambda document: document.Root.__delattr__("Lang"), "/Lang"),
    "metadata": (lambda document: document.Root.__delattr__("Metadata"), "no XMP"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_the_check_sees_each_broken_rule(voucher: bytes, name: str) -> None:
    edit, said = BREAKS[name]
    assert any(said in fault for fault in archive_faults(edited(voucher, edit)))


def test_the_check_sees_what_stands_around_the_file(voucher: bytes) -> None:
    assert archive_faults(voucher + b"more")
    assert archive_faults(b"\n" + voucher)


def test_the_colour_profile_is_srgb() -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))
    assert "sRGB" in ImageCms.getProfileDescription(profile)
    ramp = Image.merge("RGB", [Image.linear_gradient("L").rotate(angle) for angle in (0, 90, 180)])
    through = ImageCms.profileToProfile(ramp, profile, ImageCms.createProfile("sRGB"))
    assert through is not None
    assert max(high for _, high in ImageChops.difference(ramp, through).getextrema()) <= 1
    assert len(srgb_profile()) < 600


def test_coarser_outlines_are_the_same_letters() -> None:
    """A font reader of its own (FreeType) draws the subset before and after."""
    with Pdf.open(io.BytesIO(draw_paper(samples.voucher()))) as document:
        programs = [
            found.FontFile2.read_bytes()
            for found in document.objects
            if isinstance(found, Dictionary) and Name.FontFile2 in found
        ]
    assert len(programs) == 2
    for program in programs:
        slim = slimmed(program)
        assert len(slim) < len(program)
        assert slimmed(slim) == slim
        before, after = (
            ImageFont.truetype(io.BytesIO(each), 200, encoding="armn", layout_engine=ImageFont.Layout.BASIC)
            for each in (program, slim)
        )
        for code in range(1, 40):
            one, other = (font.getmask(chr(code)) for font in (before, after))
            assert abs(one.size[0] - other.size[0]) <= 1
            assert abs(one.size[1] - other.size[1]) <= 1
            assert abs(sum(one) - sum(other)) <= 0.04 * max(sum(one), 1)
            assert abs(before.getlength(chr(code)) - after.getlength(chr(code))) <= 1


@pytest.mark.parametrize("program", [b"", b"\0" * 12, b"OTTO" + bytes(40)])
def test_a_font_of_another_shape_comes_back_unchanged(program: bytes) -> None:
    assert slimmed(program) == program


def test_composite_glyphs_keep_their_parts_in_place() -> None:
    """The bundled font has accented letters that are made of two glyphs; the whole file is slimmed once."""
    source = resources.path("fonts", "NotoSansSC_400Regular.ttf").read_bytes()
    out = io.BytesIO()
    with bundled_fonts().lock:
        canvas = Canvas(out, invariant=1, initialFontName="OutpostSans")
        canvas.setFont("OutpostSans", 300)
        canvas.drawString(30, 300, "ÄÅéǘ")
        canvas.save()
    assert source
    kept = archived(
        out.getvalue(), title="-", language=Language.ZH, attached={}, made_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    difference = ImageChops.difference(raster(out.getvalue(), 100), raster(kept, 100)).histogram()
    assert sum(difference[128:]) < 0.0005 * sum(difference)
