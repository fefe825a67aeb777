"""The payment voucher: every word of its content, in its place, on pages where nothing is clipped."""

from __future__ import annotations

from datetime import UTC, datetime

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.errors import InputError
from claims.papers import VoucherContent
from claims.ports import Drawing
from forms.drawing import PdfDrawing
from forms.page import Frame, Ink, Paper, PlacedSymbol, Polyline, Text
from forms.qr import voucher_symbol
from forms.render import render
from forms.voucher import draw_voucher, lay_out_voucher
from tests.forms import samples
from tests.forms.geometry import all_text, assert_nothing_clipped
from tests.forms.reading import fonts_used, inflated, page_texts, squeezed, text_in, texts, without_watermark

LONG_NAME = ("阿卜杜热合曼·买买提依明·" * 6)[:60]
EXTREME = samples.voucher(
    head=samples.head(
        company="示例人寿保险股份有限公司" * 3,
        station="清溪一中安置点服务站" * 5,
        insured_name=LONG_NAME,
        catastrophe=LONG_NAME,
        case_no="QX07-" * 12,
        number="QX07-D3-000142-6-A-MUCH-LONGER-NUMBER-0001",
        copy_no=12,
        adjuster=LONG_NAME,
    ),
    payee_name=LONG_NAME + samples.RARE,
    payee_relation="法定继承人之一，由监护人代领",
    account_masked="示例银行清溪县支行营业部 " * 4,
    steps=tuple(
        samples.step(
            "给付比例 8,110.30 × 80% 与上期结转合并计算" * (1 + number % 3),
            "条款 2.7，未经社会保险结算 " * (1 + number % 4),
            99_999_999_999 if number % 2 else None,
            None if number % 2 else "本次事故给付限额已经用完",
        )
        for number in range(40)
    ),
    amount_fen=99_999_999_999,
    patient_pays_fen=99_999_999_999,
    pack_warning=True,
    pack_age_days=400,
    authority_id="DZ-" * 30,
)

ALL = {
    "usual": samples.voucher(),
    "reprint": samples.reprint(),
    "voided": samples.voucher(voided=True),
    "extreme": EXTREME,
}


def laid_out(content: VoucherContent) -> Paper:
    return lay_out_voucher(content, None if content.voided else voucher_symbol(content.cose))


def contents_of(content: VoucherContent) -> list[str]:
    """Return every text of the content that a reader must find."""
    head = content.head
    found = [
        head.company,
        head.station,
        head.hotline,
        head.number,
        head.case_no,
        head.insured_name,
        head.insured_id_masked,
    ]
    found += [head.loss_date.isoformat(), head.adjuster, head.device, head.catastrophe or "无", head.insured_sex or ""]
    found += [content.policy_no, f"{content.payee_name}（{content.payee_relation}）", content.account_masked]
    found += [content.pack_version, f"{content.pack_age_days} 天", content.authority_id]
    for step in content.steps:
        found += [step.name, step.basis, step.verdict or ""]
    return found


def test_the_drawing_implements_the_port() -> None:
    drawing: Drawing = PdfDrawing()
    assert drawing.voucher(samples.voucher()) == draw_voucher(samples.voucher())


@pytest.mark.parametrize("content", ALL.values(), ids=ALL)
def test_what_a_reader_extracts_is_what_was_drawn_string_by_string(content: VoucherContent) -> None:
    paper = without_watermark(laid_out(content))
    with pypdfium2.PdfDocument(render(paper)) as document:
        for number, items in enumerate(texts(paper)):
            page = document[number].get_textpage()
            for item in items:
                assert squeezed(text_in(page, item)) == squeezed(item.text)


@pytest.mark.parametrize("content", ALL.values(), ids=ALL)
def test_the_content_is_all_there(content: VoucherContent) -> None:
    drawn = all_text(laid_out(content))
    for text in contents_of(content):
        # A table's cells are drawn line by line side by side, so a broken cell is looked for piece by piece.
        for piece in (text[start : start + 4] for start in range(0, len(text), 4)):
            assert squeezed(piece) in drawn


@pytest.mark.parametrize("content", ALL.values(), ids=ALL)
def test_nothing_is_clipped_and_no_text_runs_into_another(content: VoucherContent) -> None:
    assert_nothing_clipped(laid_out(content))


def test_the_usual_voucher_is_one_page_and_says_what_the_mockup_says() -> None:
    (text,) = page_texts(draw_voucher(samples.voucher()))
    for expected in (
        "理赔给付凭证",
        "凭证号码",
        "第一联 客户留存",
        "第 1 次打印",
        "2026 年 11 月 22 日 09:31（北京时间）",
        "1 门诊票据合计 票据 99060126 / 0000731846 8,210.30",
        "6 给付比例 8,110.30 × 80% 条款 2.7，未经社会保险结算 −1,622.06",
        "7 年度限额 20,000.00 条款 2.8，已用 0.00 未触及",
        "人民币陆仟肆佰捌拾捌元贰角肆分",
        "¥6,488.24",
        "预核凭证，尚待总部结算",
        "规则包 2026-11-16（6 天）　预核授权 DZ-2026-11-20-03　设备 D3",
        "第 1 页，共 1 页",
    ):
        assert expected in text
    assert text.count("预核 待总部结算") == 3
    for unexpected in ("补打", "作废 VOID", "注意", "患者自付"):
        assert unexpected not in text


def test_a_reprint_says_so_twice() -> None:
    (text,) = page_texts(draw_voucher(samples.reprint()))
    assert "第 2 次打印 补打" in text
    assert "REPRINT 2" in text


def test_seven_steps_with_a_patients_part_and_a_warning_stay_on_one_page() -> None:
    (text,) = page_texts(draw_voucher(samples.voucher(patient_pays_fen=104838, pack_warning=True, pack_age_days=84)))
    assert "医院窗口由患者自付" in text
    assert "已 84 天未更新" in text


def test_an_old_pack_is_warned_of_in_a_frame() -> None:
    paper = laid_out(samples.reprint())
    assert "规则包2026-08-30已84天未更新" in all_text(paper)
    assert any(isinstance(item, Frame) and item.ground is Ink.AMBER_GROUND for item in paper.pages[0].items)


def test_direct_settlement_names_the_patients_part() -> None:
    (text,) = page_texts(draw_voucher(samples.reprint()))
    assert "医院窗口由患者自付" in text
    assert "¥1,048.38" in text
    (zero,) = page_texts(draw_voucher(samples.voucher(patient_pays_fen=0)))
    assert "医院窗口由患者自付" in zero
    assert "¥0.00" in zero


def test_a_voided_voucher_says_so_and_promises_nothing() -> None:
    paper = laid_out(samples.voucher(voided=True))
    (text,) = page_texts(render(paper))
    assert "作废 VOID 作废" in text
    assert "本凭证已作废，不得据以领款" in text
    assert "预核凭证，尚待总部结算" not in text
    assert not any(isinstance(item, PlacedSymbol) for item in paper.pages[0].items)


def test_forty_steps_flow_on_with_head_number_and_page_count() -> None:
    pages = page_texts(draw_voucher(EXTREME))
    assert len(pages) > 2
    for number, text in enumerate(pages, 1):
        assert f"第 {number} 页，共 {len(pages)} 页" in text
        assert "预核 待总部结算" in text
    for text in pages[1:]:
        assert "理赔给付凭证（续）" in text
    for text in pages[:-1]:
        assert "计算步骤" in text
    rows = [line for text in pages for line in text.splitlines()]
    for number in range(1, 41):
        assert any(line.startswith(f"{number} 给付比例") for line in rows)
    assert "人民币玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分" in squeezed(pages[-1])
    assert pages[-1].count("¥999,999,999.99") == 2


def test_signatures_are_vectors_in_proportion_inside_their_place() -> None:
    wide = (((0, 0), (4000, 10)), ((5, 5),))
    paper = laid_out(samples.voucher(signed_claimant=wide, signed_adjuster=()))
    ink = [item for item in paper.pages[-1].items if isinstance(item, Polyline) and item.thickness == 1.6]
    assert [len(item.points) for item in ink] == [2, 1]
    (x1, y1), (x2, y2) = ink[0].points
    assert (y2 - y1) / (x2 - x1) == pytest.approx(10 / 4000)
    label = next(item for item in paper.pages[-1].items if isinstance(item, Text) and item.text == "领款人签字")
    assert label.x <= x1 < x2 <= label.x + 203


def test_every_font_is_embedded() -> None:
    pdf = draw_voucher(samples.reprint())
    assert fonts_used(pdf) == {"NotoSansSC-Regular": True, "NotoSansSC-Bold": True}
    assert b"Helvetica" not in inflated(pdf)


def test_same_content_same_bytes_and_honest_metadata() -> None:
    pdf = draw_voucher(samples.voucher())
    assert pdf == draw_voucher(samples.voucher())
    assert pdf != draw_voucher(samples.voucher(amount_fen=648825))
    with pypdfium2.PdfDocument(pdf) as document:
        found = document.get_metadata_dict()
    assert found["Title"] == "理赔给付凭证 QX07-D3-000142-6"
    assert found["Author"] == "示例人寿保险股份有限公司"
    assert found["Producer"] == found["Creator"] == "Outpost"
    assert found["CreationDate"] == "D:20261122013100+00'00'"


def test_a_file_date_never_comes_from_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    before = draw_voucher(samples.voucher())
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1234567890")
    assert draw_voucher(samples.voucher()) == before


def test_a_negative_amount_is_refused_in_words() -> None:
    with pytest.raises(InputError) as caught:
        draw_voucher(samples.voucher(amount_fen=-1))
    assert caught.value.code == "amount_negative"


NAMES = st.text(
    st.sampled_from("周立安买提·䶮𬭊\U0002f9f4 ABC-012（），。")
    | st.characters(codec="utf-8", exclude_categories=["Cs"]),
    max_size=60,
)
AMOUNTS = st.integers(0, 99_999_999_999)


@given(
    names=st.lists(NAMES, min_size=9, max_size=9),
    steps=st.lists(
        st.tuples(NAMES, NAMES, st.none() | st.integers(-99_999_999_999, 99_999_999_999), st.none() | NAMES),
        max_size=40,
    ),
    amount_fen=AMOUNTS,
    patient_pays_fen=st.none() | AMOUNTS,
    flags=st.tuples(st.booleans(), st.booleans()),
    copy_no=st.integers(1, 99),
)
@settings(max_examples=40, deadline=None)
def test_any_content_is_laid_out_without_loss(
    *,
    names: list[str],
    steps: list[tuple[str, str, int | None, str | None]],
    amount_fen: int,
    patient_pays_fen: int | None,
    flags: tuple[bool, bool],
    copy_no: int,
) -> None:
    content = samples.voucher(
        head=samples.head(
            company=names[0],
            station=names[1],
            insured_name=names[2],
            catastrophe=names[3],
            adjuster=names[4],
            copy_no=copy_no,
            printed_at=datetime(2026, 2, 28, 16, 30, tzinfo=UTC),
        ),
        policy_no=names[5],
        payee_name=names[6],
        account_masked=names[7],
        authority_id=names[8],
        steps=tuple(samples.step(*each) for each in steps),
        amount_fen=amount_fen,
        patient_pays_fen=patient_pays_fen,
        pack_warning=flags[0],
        voided=flags[1],
    )
    assert_nothing_clipped(laid_out(content))
