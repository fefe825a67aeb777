"""The acceptance slip: every document on it, and no promise anywhere."""

from __future__ import annotations

import pytest

from claims.errors import Bilingual
from claims.papers import FilledPaper
from forms.paper_document import draw_paper
from tests.forms import samples
from tests.forms.geometry import assert_nothing_clipped
from tests.forms.reading import fonts_used, page_texts, squeezed

REASONS = tuple("票据合计与清单不符，" * count + "转人工核对。" for count in range(1, 9))
MISSING = tuple(f"第 {number} 项补充资料" + "，由乡镇以上政府出具" * number for number in range(12))
POLICIES = tuple(f"AT-A 2026 990101 {number:04d}" for number in range(9))
MANY = samples.slip(
    items=tuple(
        samples.slip_item(
            number,
            material="住院费用清单、" * (1 + number % 4),
            file=f"扫描件㛃𬭊 {number:02d} " + "很长的文件名" * (number % 5) + ".pdf",
        )
        for number in range(30)
    ),
    values={
        "slip.reasons": Bilingual("\n".join(REASONS), "\n".join(REASONS)),
        "slip.missing": Bilingual("\n".join(MISSING), "\n".join(MISSING)),
        "slip.policies": "\n".join(POLICIES),
        "slip.from": "阿卜杜热合曼·买买提依明（被保险人之子，受托人）" * 2,
    },
)
EMPTY = samples.slip(
    items=(),
    values={"slip.reasons": "", "slip.missing": "", "slip.policies": ""},
    head=samples.head(insured_sex=None, catastrophe=None, insured_id_masked=""),
)
ALL = {"usual": samples.slip(), "many": MANY, "empty": EMPTY}


@pytest.mark.parametrize("content", ALL.values(), ids=ALL)
def test_nothing_is_clipped_and_no_text_runs_into_another(content: FilledPaper) -> None:
    assert_nothing_clipped(draw_paper(content))


def test_the_usual_slip_is_one_page_and_promises_nothing() -> None:
    (text,) = page_texts(draw_paper(samples.slip()))
    for expected in (
        "资料签收单",
        "本单不构成给付承诺",
        "It does not promise any payment",
        "1 被保险人身份证件 身份证正反面.jpg 2 013a 7be1 9c04",
        "以上共 3 件 9 页",
        "1. AT-C 2024 990101 0042 的重大疾病责任须由总部核定",
        "医疗费用明细清单（医院收费处打印）",
        "What happens next",
        "交件人签字",
        "第 1 页，共 1 页",
    ):
        assert squeezed(expected) in squeezed(text)
    for unexpected in ("应付金额", "人民币", "预核凭证"):
        assert unexpected not in text


def test_thirty_documents_are_all_listed_with_pages_and_hash() -> None:
    pages = page_texts(draw_paper(MANY))
    joined = squeezed("".join(pages))
    assert len(pages) > 1
    for number, item in enumerate(MANY.tables["documents"], 1):
        assert f"{number}住院费用清单" in joined
        assert squeezed(str(item["document.fingerprint"])) in joined
        assert squeezed(str(item["document.file"])) in joined
    for text in (*REASONS, *MISSING, *POLICIES):
        # A text that goes on on the next page has foot and head between its lines.
        assert all(squeezed(text)[start : start + 6] in joined for start in range(0, len(squeezed(text)), 6)), text


def test_a_slip_without_documents_says_so() -> None:
    (text,) = page_texts(draw_paper(EMPTY))
    assert "本次没有收到资料" in text
    assert "还需补交" not in text
    assert "未出具给付凭证的原因" not in text


def test_a_slip_carries_no_code_and_embeds_its_fonts() -> None:
    assert MANY.code is None
    assert all(fonts_used(draw_paper(MANY)).values())


def test_same_content_same_bytes() -> None:
    assert draw_paper(MANY) == draw_paper(MANY)
