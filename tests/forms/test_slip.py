"""The acceptance slip: every document on it, and no promise anywhere."""

from __future__ import annotations

import pypdfium2
import pytest

from claims.errors import Bilingual
from claims.papers import SlipContent
from forms.drawing import PdfDrawing
from forms.figures import short_hash
from forms.page import PlacedSymbol
from forms.render import render
from forms.slip import draw_slip, lay_out_slip
from tests.forms import samples
from tests.forms.geometry import all_text, assert_nothing_clipped
from tests.forms.reading import fonts_used, page_texts, squeezed, text_in, texts, without_watermark

MANY = samples.slip(
    items=tuple(
        samples.slip_item(
            number,
            material="住院费用清单、" * (1 + number % 4),
            filename=f"扫描件㛃𬭊 {number:02d} " + "很长的文件名" * (number % 5) + ".pdf",
        )
        for number in range(30)
    ),
    reasons=tuple(
        Bilingual("票据合计与清单不符，" * count + "转人工核对。", "The bill and the list differ. " * count)
        for count in range(1, 9)
    ),
    missing=tuple(f"第 {number} 项补充资料" + "，由乡镇以上政府出具" * number for number in range(12)),
    policy_nos=tuple(f"AT-A 2026 990101 {number:04d}" for number in range(9)),
    claimant="阿卜杜热合曼·买买提依明（被保险人之子，受托人）" * 2,
)
EMPTY = samples.slip(
    items=(),
    reasons=(),
    missing=(),
    policy_nos=(),
    head=samples.head(insured_sex=None, catastrophe=None, insured_id_masked=""),
)
ALL = {"usual": samples.slip(), "many": MANY, "empty": EMPTY}


def test_the_port_draws_the_slip() -> None:
    assert PdfDrawing().slip(samples.slip()) == draw_slip(samples.slip())


@pytest.mark.parametrize("content", ALL.values(), ids=ALL)
def test_what_a_reader_extracts_is_what_was_drawn_string_by_string(content: SlipContent) -> None:
    paper = without_watermark(lay_out_slip(content))
    with pypdfium2.PdfDocument(render(paper)) as document:
        for number, items in enumerate(texts(paper)):
            page = document[number].get_textpage()
            for item in items:
                assert squeezed(text_in(page, item)) == squeezed(item.text)


@pytest.mark.parametrize("content", ALL.values(), ids=ALL)
def test_nothing_is_clipped_and_no_text_runs_into_another(content: SlipContent) -> None:
    assert_nothing_clipped(lay_out_slip(content))


def test_the_usual_slip_is_one_page_and_promises_nothing() -> None:
    (text,) = page_texts(draw_slip(samples.slip()))
    for expected in (
        "资料签收单",
        "本单不构成给付承诺",
        "1 被保险人身份证件 身份证正反面.jpg 2 013a 7be1 9c04",
        "以上共 3 件 9 页",
        "1. 本次理算金额 1,000,000.00 元",
        "死亡证明（医疗机构或乡镇以上政府出具）",
        "What happens next",
        "交件人签字",
        "第 1 页，共 1 页",
    ):
        assert expected in text
    for unexpected in ("应付金额", "人民币", "预核凭证"):
        assert unexpected not in text


def test_thirty_documents_are_all_listed_with_pages_and_hash() -> None:
    pages = page_texts(draw_slip(MANY))
    joined = "\n".join(pages)
    assert len(pages) > 1
    for number, item in enumerate(MANY.items, 1):
        assert any(line.startswith(f"{number} 住院费用清单") for line in joined.splitlines())
        assert short_hash(item.sha256) in joined
    drawn = all_text(lay_out_slip(MANY))
    for reason in MANY.reasons:
        assert squeezed(reason.zh) in drawn
        assert squeezed(reason.en) in drawn
    for missing in MANY.missing:
        assert squeezed(missing) in drawn
    for policy_no in MANY.policy_nos:
        assert squeezed(policy_no) in drawn


def test_a_slip_without_documents_says_so() -> None:
    (text,) = page_texts(draw_slip(EMPTY))
    assert "本次没有收到资料" in text
    assert "还需补交" not in text
    assert "未出具给付凭证的原因" not in text


def test_a_slip_carries_no_code_and_embeds_its_fonts() -> None:
    assert not any(isinstance(item, PlacedSymbol) for page in lay_out_slip(MANY).pages for item in page.items)
    assert all(fonts_used(draw_slip(MANY)).values())


def test_same_content_same_bytes() -> None:
    assert draw_slip(MANY) == draw_slip(MANY)
