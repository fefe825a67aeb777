"""Every paper there is, in every way it can be drawn: all that was filled in is on it, nothing is clipped, every character has its glyph."""

from __future__ import annotations

from functools import cache

import msgspec
import pypdfium2
import pytest

from claims.errors import Bilingual
from claims.field_catalogue import field_of, head_values
from claims.paper_definitions import (
    Code,
    Heading,
    PaperDefinition,
    PaperId,
    PaperSize,
    Signatures,
    Table,
    Ticks,
    Words,
    paper_definition,
)
from claims.papers import FilledPaper, Language, Mark
from forms.drawing import PdfDrawing
from forms.paper_document import draw_paper
from forms.written import TO_WRITE_ON, filled_in, said, written
from tests.forms import sample_papers, samples
from tests.forms.geometry import assert_nothing_clipped, drawn_on
from tests.forms.reading import fonts_used, page_texts, squeezed

WAYS = {
    "zh": (Language.ZH, PaperSize.A4),
    "en": (Language.EN, PaperSize.A4),
    "roll": (Language.ZH, PaperSize.ROLL_80),
}
OURS = {"NotoSansSC-Regular", "NotoSansSC-Bold"}


@cache
def drawn(paper: PaperId, way: str, *, blank: bool = False) -> bytes:
    language, size = WAYS[way]
    content = sample_papers.blank(paper) if blank else sample_papers.filled(paper)
    return draw_paper(content, language=language, size=size)


def text_of(pdf: bytes) -> str:
    return squeezed("".join(page_texts(pdf)))


def on_paper(text: str, whole: str) -> bool:
    """Tell whether a text is there: as it is, or in pieces where its lines or columns were parted."""
    wanted = squeezed(text)
    return wanted in whole or all(wanted[start : start + 3] in whole for start in range(0, len(wanted), 3))


def stands(definition: PaperDefinition, content: FilledPaper, keys: tuple[str, ...]) -> bool:
    return not keys or any(content.tables.get(key) or content.values.get(key) for key in keys)


def expected(content: FilledPaper, language: Language, *, narrow: bool) -> list[str]:
    """Return every text that must be on the paper. On a roll the first column is a row's headline and needs no label."""
    definition = paper_definition(content.paper)
    values = head_values(content.head) | content.values
    texts = [said(definition.title, Language.ZH), definition.title.en, content.head.number, content.head.company]
    shown = sample_papers.printable(definition)
    parts = [part for part in definition.parts if stands(definition, content, part.only_with)]
    for part in parts:
        if isinstance(part, Heading):
            texts.append(said(part.text, language))
        elif isinstance(part, Words):
            for words in part.paragraphs:
                texts += filled_in(
                    words, language, lambda key: written(field_of(definition, key), values.get(key), language)
                )
        elif isinstance(part, Table) and content.tables.get(part.rows):
            texts += [said(field_of(definition, column.key).label, language) for column in part.columns[narrow:]]
        elif isinstance(part, Ticks):
            texts += [said(choice.label, language) for choice in field_of(definition, part.field).choices]
        elif isinstance(part, Signatures):
            texts += [said(line.label, language) for line in part.lines]
        elif isinstance(part, Code):
            texts += [said(words, language) for words in part.beside if "{" not in words.zh]
    ticks = {part.field for part in parts if isinstance(part, Ticks)}
    texts += [
        line
        for key in shown.keys
        if key in content.values and key not in ticks and any(key in str(part) for part in parts)
        for line in written(field_of(definition, key), values[key], language).splitlines()
    ]
    texts += [
        written(field_of(definition, key), value, language)
        for rows in shown.tables
        for row in content.tables.get(rows, ())
        for key, value in row.items()
    ]
    return texts


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("paper", PaperId)
def test_everything_is_on_the_paper(paper: PaperId, way: str) -> None:
    whole = text_of(drawn(paper, way)).lower()
    content = sample_papers.filled(paper)
    for text in expected(content, WAYS[way][0], narrow=way == "roll"):
        assert on_paper(text.lower(), whole), text


@pytest.mark.parametrize("blank", [False, True], ids=["filled", "blank"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("paper", PaperId)
def test_nothing_is_clipped_and_every_character_has_its_glyph(paper: PaperId, way: str, *, blank: bool) -> None:
    pdf = drawn(paper, way, blank=blank)
    assert_nothing_clipped(pdf, 45.0 if way != "roll" else 11.0)
    used = fonts_used(pdf)
    assert set(used) <= OURS
    assert all(used.values())


@pytest.mark.parametrize("paper", PaperId)
def test_each_copy_is_the_same_paper_and_counts_its_own_pages(paper: PaperId) -> None:
    copies = paper_definition(paper).copies or (Bilingual("", ""),)
    pages = page_texts(drawn(paper, "zh"))
    each = len(pages) // len(copies)
    assert len(pages) == each * len(copies)
    for number, text in enumerate(pages):
        assert f"第 {number % each + 1} 页，共 {each} 页" in text
    for number, copy in enumerate(copies):
        assert squeezed(copy.zh) in squeezed(pages[number * each])
        assert [
            squeezed(text).replace(squeezed(copy.zh), "") for text in pages[number * each : (number + 1) * each]
        ] == [squeezed(text).replace(squeezed(copies[0].zh), "") for text in pages[:each]]


@pytest.mark.parametrize("paper", PaperId)
def test_a_reading_copy_says_what_it_is_on_every_page_and_promises_nothing(paper: PaperId) -> None:
    pdf = drawn(paper, "en")
    for text in page_texts(pdf):
        assert "READING COPY - the Chinese paper is the valid one" in text
    content = msgspec.structs.replace(sample_papers.filled(paper), signed=())
    assert draw_paper(content, language=Language.EN).count(b" l S") == pdf.count(b" l S"), "no ink"
    with pypdfium2.PdfDocument(pdf) as document:
        assert document.get_metadata_value("Title").startswith(paper_definition(paper).title.en)


@pytest.mark.parametrize("paper", [PaperId.APPLICATION, PaperId.POWER_OF_ATTORNEY])
def test_a_blank_form_is_left_to_write_on(paper: PaperId) -> None:
    filled_lines, blank_lines = (
        sum(item.text is None for page in pypdfium2.PdfDocument(pdf) for item in drawn_on(page))
        for pdf in (drawn(paper, "zh"), drawn(paper, "zh", blank=True))
    )
    assert blank_lines > filled_lines / 2
    text = text_of(drawn(paper, "zh", blank=True))
    assert "空白单证" in text
    assert "周立安" not in text


def test_what_was_chosen_is_ticked_and_nothing_else() -> None:
    content = sample_papers.filled(PaperId.APPLICATION)
    untouched = {key: value for key, value in content.values.items() if key != "claim.type"}
    counts = []
    for chosen in ([], ["illness_medical"], ["illness_medical", "disability", "hospital_cash"]):
        pdf = draw_paper(msgspec.structs.replace(content, values=untouched | {"claim.type": chosen}))
        with pypdfium2.PdfDocument(pdf) as document:
            counts.append(sum(item.text is None for item in drawn_on(document[0])))
    assert [count - counts[0] for count in counts] == [0, 1, 3]


def test_a_missing_value_in_a_sentence_is_a_place_to_write() -> None:
    content = msgspec.structs.replace(sample_papers.filled(PaperId.PREPAYMENT_AGREEMENT), values={})
    assert TO_WRITE_ON in text_of(draw_paper(content))


def test_a_refusal_to_sign_is_said_in_words() -> None:
    content = samples.slip(signed=(samples.ink("claimant", "周立安", refused=True),))
    assert "拒绝签字" in text_of(draw_paper(content))
    assert "refused to sign" in "".join(page_texts(draw_paper(content, language=Language.EN)))


def test_who_signs_beyond_the_lines_gets_a_line_and_nobody_signs_for_another() -> None:
    content = samples.slip(
        signed=(samples.ink("claimant", "周立安"), samples.ink("claimant", "周小荷"), samples.ink("witness", "旁人"))
    )
    text = text_of(draw_paper(content))
    assert text.count("交件人签字") == 2
    assert "周小荷" in text
    assert "旁人" not in text


@pytest.mark.parametrize(
    "marks", [(Mark.VOIDED,), (Mark.BLANK,), (Mark.PRE_APPROVED,), (Mark.VOIDED, Mark.PRE_APPROVED)]
)
def test_a_mark_has_its_watermark_on_every_page(marks: tuple[Mark, ...]) -> None:
    definition = paper_definition(PaperId.DECISION_NOTICE)
    content = msgspec.structs.replace(sample_papers.filled(PaperId.DECISION_NOTICE), marks=marks)
    own = definition.watermarks.get(marks[0].value)
    for text in page_texts(draw_paper(content)):
        assert own is None or squeezed(text).count(squeezed(own.zh)) >= 3
    roll = text_of(draw_paper(samples.voucher(marks=marks), size=PaperSize.ROLL_80))
    assert squeezed(paper_definition(PaperId.VOUCHER).watermarks[marks[0].value].zh) in roll


@pytest.mark.parametrize("paper", PaperId)
def test_a_roll_is_one_page_as_long_as_its_content(paper: PaperId) -> None:
    copies = len(paper_definition(paper).copies) or 1
    with pypdfium2.PdfDocument(drawn(paper, "roll")) as document:
        assert len(document) == copies
        for page in document:
            width, height = page.get_size()
            lowest = min(item.bottom for item in drawn_on(page))
            assert width == pytest.approx(80 / 25.4 * 72, abs=0.1)
            assert lowest < 40
            assert height > 200


@pytest.mark.parametrize("paper", PaperId)
def test_a_stored_paper_is_drawn_as_it_was_asked(paper: PaperId) -> None:
    """The log keeps the content as JSON; what comes back draws the same bytes."""
    content = sample_papers.filled(paper)
    again = msgspec.json.decode(msgspec.json.encode(content), type=FilledPaper)
    assert PdfDrawing().paper(again) == PdfDrawing().paper(content)
