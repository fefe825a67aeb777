"""What goes on over pages: heads that are repeated, rows that stay whole, headings that stay with what follows."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.errors import Bilingual, BugError
from claims.form_fields import Choice, FieldKind, FieldSpec
from claims.paper_definitions import (
    AnyPart,
    Facts,
    Heading,
    NewPage,
    PaperDefinition,
    PaperId,
    PaperSize,
    PrintedColumn,
    Side,
    Table,
    Ticks,
    Words,
)
from claims.papers import FilledPaper, Printed
from forms.paper_document import draw_paper
from tests.forms import samples
from tests.forms.geometry import assert_nothing_clipped
from tests.forms.reading import page_texts, squeezed


def both(text: str) -> Bilingual:
    return Bilingual(text, text)


FIELDS = tuple(
    FieldSpec(key=key, kind=kind, label=Bilingual(label, key))
    for key, kind, label in (
        ("row.text", FieldKind.LONG_TEXT, "说明"),
        ("row.amount", FieldKind.AMOUNT, "金额"),
        ("total", FieldKind.AMOUNT, "合计"),
        ("fact", FieldKind.LONG_TEXT, "经过"),
    )
)
TABLE = Table(
    rows="rows",
    columns=(PrintedColumn(key="row.text", share=0.7), PrintedColumn(key="row.amount", share=0.3, side=Side.RIGHT)),
    numbered=True,
    total="total",
)


def definition(*parts: AnyPart, **changes: object) -> PaperDefinition:
    plain = PaperDefinition(
        paper=PaperId.SLIP,
        title=both("试验单"),
        number_label=both("号"),
        parts=parts,
        foot=both("脚注"),
        fields=FIELDS,
    )
    return msgspec.structs.replace(plain, **changes)


def pages(*parts: AnyPart, size: PaperSize = PaperSize.A4, **content: object) -> list[str]:
    filled = FilledPaper(paper=PaperId.SLIP, head=samples.head(), **content)  # type: ignore[arg-type]
    pdf = draw_paper(filled, definition=definition(*parts), size=size)
    assert_nothing_clipped(pdf, 45 if size is PaperSize.A4 else 11)
    return [squeezed(text) for text in page_texts(pdf)]


def rows(*texts: str) -> dict[str, tuple[dict[str, Printed], ...]]:
    return {"rows": tuple({"row.text": text, "row.amount": 100 * number} for number, text in enumerate(texts, 1))}


def test_a_table_that_goes_on_repeats_its_head_and_ends_with_its_sum() -> None:
    found = pages(TABLE, tables=rows(*(f"第{number}行" for number in range(90))), values={"total": 409500})
    assert len(found) > 2
    assert all("说明" in text and "金额" in text for text in found)
    assert [text.count("合计") for text in found] == [0] * (len(found) - 1) + [1]
    assert "4,095.00" in found[-1]
    whole = "".join(found)
    for number in range(90):
        assert f"{number + 1}第{number}行{number + 1}.00" in whole


def test_a_row_stays_whole_where_a_page_can_hold_it_and_goes_on_where_none_can() -> None:
    middle = "中等长的一段。" * 60
    found = pages(TABLE, tables=rows(*(middle for _ in range(8))), values={"total": 1})
    assert sum(text.count(middle) for text in found) == 8
    long = "".join(f"第{number}句很长的话。" for number in range(900))
    found = pages(TABLE, tables=rows(long), values={"total": 1})
    assert len(found) > 2
    whole = "".join(found)
    for number in range(900):
        assert f"{number}句" in whole or f"第{number}" in whole


@pytest.mark.parametrize("lines", range(30, 50))
def test_a_heading_stays_with_what_follows(lines: int) -> None:
    filler = Words(paragraphs=tuple(both(f"第{number}行") for number in range(lines)))
    for part in (TABLE, Facts(fields=("fact",), columns=1), Words(paragraphs=(both("随后的话"),))):
        found = pages(
            filler, Heading(text=both("标题在此")), part, tables=rows("首行"), values={"fact": "某事", "total": 1}
        )
        (page,) = [text for text in found if "标题在此" in text]
        after = page.split("标题在此")[-1]
        assert any(text in after for text in ("首行", "某事", "随后的话"))


def test_a_part_to_keep_is_never_broken() -> None:
    box = Words(paragraphs=tuple(both(f"框内{number}") for number in range(12)), boxed=True, keep=True)
    for lines in range(20, 44, 3):
        filler = Words(paragraphs=tuple(both(f"第{number}行") for number in range(lines)))
        found = pages(filler, box)
        assert [text for text in found if "框内0" in text] == [text for text in found if "框内11" in text]


def test_a_long_text_goes_on_over_pages_without_loss() -> None:
    sentences = "".join(f"第{number}句。" for number in range(1500))
    for part in (
        Words(paragraphs=(both("{fact}"),)),
        Words(paragraphs=(both("{fact}"),), boxed=True),
        Facts(fields=("fact",)),
    ):
        found = pages(part, values={"fact": sentences})
        assert len(found) > 2
        assert all("试验单（续）" in text for text in found[1:])
        whole = "".join(found)
        for number in range(1500):
            assert f"{number}句" in whole or f"第{number}" in whole


def test_boxes_to_tick_go_on_over_pages_too() -> None:
    names = [f"第{number}个很长的选项" + "，写得很长" * (number % 9) for number in range(200)]
    choices = tuple(Choice(str(number), both(name)) for number, name in enumerate(names))
    field = FieldSpec(key="choice", kind=FieldKind.CHOICE, label=both("请选择"), choices=choices)
    filled = FilledPaper(paper=PaperId.SLIP, head=samples.head(), values={"choice": ["7", "自填"]})
    pdf = draw_paper(filled, definition=definition(Ticks(field="choice"), fields=(field,)))
    assert_nothing_clipped(pdf)
    found = [squeezed(text) for text in page_texts(pdf)]
    assert len(found) > 1
    assert all(name in "".join(found) for name in (*names, "自填"))


def test_a_new_page_begins_one_on_a_sheet_and_none_on_a_roll() -> None:
    parts = (Words(paragraphs=(both("前"),)), NewPage(), Words(paragraphs=(both("后"),)))
    assert len(pages(*parts)) == 2
    assert len(pages(*parts, size=PaperSize.ROLL_80)) == 1


def test_a_part_without_anything_to_say_is_left_out() -> None:
    part = Words(paragraphs=(both("只在有值时"),), only_with=("fact", "rows"))
    assert "只在有值时" not in pages(part)[0]
    assert "只在有值时" in pages(part, values={"fact": "有"})[0]
    assert "只在有值时" in pages(part, tables=rows("有"))[0]


def test_a_head_that_no_page_can_hold_is_refused_in_words() -> None:
    filled = FilledPaper(paper=PaperId.SLIP, head=samples.head(company="很长的名字" * 2000))
    with pytest.raises(BugError) as caught:
        draw_paper(filled, definition=definition(NewPage()))
    assert caught.value.code == "paper_block_too_tall"


@given(
    texts=st.lists(st.text(st.sampled_from("周立安㛃𬭊，。（）、A1.-% \n"), max_size=400), max_size=25),
    blank=st.integers(0, 12),
    size=st.sampled_from(list(PaperSize)),
)
@settings(max_examples=25, deadline=None)
def test_any_rows_are_laid_out(texts: list[str], blank: int, size: PaperSize) -> None:
    table = msgspec.structs.replace(TABLE, blank_rows=blank, when_empty=both("没有"))
    found = pages(table, size=size, tables=rows(*texts), values={"total": 1})
    for number in range(1, max(len(texts), blank) + 1):
        assert str(number) in "".join(found)
