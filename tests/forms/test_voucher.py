"""The payment voucher: every word of its content, on pages where nothing is clipped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.errors import InputError
from claims.paper_definitions import PaperSize
from claims.papers import FilledPaper, Language, Mark, Printed
from claims.ports import Drawing
from forms.drawing import PdfDrawing
from forms.figures import amount_in_figures
from forms.paper_document import draw_paper
from tests.forms import samples
from tests.forms.geometry import Drawn, assert_nothing_clipped, drawn_on
from tests.forms.reading import fonts_used, inflated, page_texts, squeezed

LONG_NAME = ("阿卜杜热合曼·买买提依明·" * 6)[:60]
EXTREME = samples.voucher(
    head=samples.head(
        company="示例人寿保险股份有限公司" * 3,
        station="清溪一中安置点服务站" * 5,
        insured_name=LONG_NAME,
        catastrophe=LONG_NAME,
        case_no="QX07-" * 12,
        number="QX07-D3-000142-40-A-MUCH-LONGER-NUMBER-0001",
        copy_no=12,
        adjuster=LONG_NAME,
    ),
    steps=tuple(
        samples.step(
            "给付比例 8,110.30 × 80% 与上期结转合并计算" * (1 + number % 3),
            "条款 2.7，未经社会保险结算 " * (1 + number % 4),
            99_999_999_999 if number % 2 else None,
            None if number % 2 else "本次事故给付限额已经用完",
        )
        for number in range(40)
    ),
    values={
        "voucher.payee": LONG_NAME + samples.RARE + "（法定继承人之一，由监护人代领）",
        "voucher.signs": LONG_NAME + samples.RARE,
        "voucher.account": "示例银行清溪县支行营业部 " * 4,
        "voucher.amount": 99_999_999_999,
        "voucher.patient_pays": 99_999_999_999,
        "voucher.authority": "DZ-" * 30,
        "pack.warning": True,
        "pack.days": 400,
    },
)
VOIDED = samples.voucher(voided=True)
ALL = {"usual": samples.voucher(), "reprint": samples.reprint(), "voided": VOIDED, "extreme": EXTREME}


def words_of(content: FilledPaper) -> list[str]:
    """Return every text of the content that a reader must find."""
    head = content.head
    found = [head.company, head.station, head.hotline, head.number, head.case_no, head.insured_name]
    found += [head.insured_id_masked, "2026-11-20", head.adjuster, head.device, head.catastrophe or "无"]
    hidden = {"pack.warning", "voucher.outlook", "voucher.standing"}
    found += [said(value) for key, value in content.values.items() if key not in hidden]
    found += [said(value) for row in content.tables["steps"] for value in row.values()]
    return found


def said(value: Printed) -> str:
    if isinstance(value, int) and (abs(value) > 1000 or value == 0):
        return amount_in_figures(value)
    return str(getattr(value, "zh", value))


def test_the_drawing_implements_the_port() -> None:
    drawing: Drawing = PdfDrawing()
    assert drawing.paper(samples.voucher()).startswith(b"%PDF-1.7")


@pytest.mark.parametrize("content", ALL.values(), ids=ALL)
def test_the_content_is_all_there(content: FilledPaper) -> None:
    drawn = squeezed("".join(page_texts(draw_paper(content))))
    for text in words_of(content):
        # A cell goes on on the next page or is broken between lines with its neighbours, so it is looked for piece by piece.
        for piece in (squeezed(text)[start : start + 4] for start in range(0, len(squeezed(text)), 4)):
            assert piece in drawn, text


@pytest.mark.parametrize("content", ALL.values(), ids=ALL)
def test_nothing_is_clipped_and_no_text_runs_into_another(content: FilledPaper) -> None:
    assert_nothing_clipped(draw_paper(content))


def test_the_usual_voucher_is_one_page_and_says_what_the_mockup_says() -> None:
    (text,) = page_texts(draw_paper(samples.voucher()))
    for expected in (
        "理赔给付凭证",
        "凭证号码",
        "第一联 客户留存",
        "第 1 次打印",
        "2026 年 11 月 22 日 09:31（北京时间）",
        "周立安（本人）",
        "周立安　男",
        "人民币陆仟肆佰捌拾捌元贰角肆分",
        "¥6,488.24",
        "预核凭证，尚待总部结算",
        "规则包 2026-11-16（6 天）　预核授权 DZ-2026-11-20-03　设备 D3",
        "第 1 页，共 1 页",
    ):
        assert expected in text
    for row in (
        "1 门诊票据合计 票据 99060126 / 0000731846 8,210.30",
        "7 年度限额 20,000.00 条款 2.8，已用 0.00 未触及",
    ):
        assert squeezed(row) in squeezed(text)
    assert text.count("预核 待总部结算") == 3
    for unexpected in ("补打", "作废 VOID", "注意", "患者自付"):
        assert unexpected not in text


def test_a_reprint_says_so_twice() -> None:
    (text,) = page_texts(draw_paper(samples.reprint()))
    assert "第 2 次打印 补打" in text
    assert "REPRINT 2" in text


def test_seven_steps_with_a_patients_part_and_a_warning_stay_on_one_page() -> None:
    content = samples.voucher(values={"voucher.patient_pays": 104838, "pack.warning": True, "pack.days": 84})
    (text,) = page_texts(draw_paper(content))
    assert "医院窗口由患者自付" in text
    assert "已 84 天未更新" in text


def test_direct_settlement_names_the_patients_part() -> None:
    (text,) = page_texts(draw_paper(samples.reprint()))
    assert "医院窗口由患者自付" in text
    assert "¥1,048.38" in text
    (zero,) = page_texts(draw_paper(samples.voucher(values={"voucher.patient_pays": 0})))
    assert "医院窗口由患者自付" in zero
    assert "¥0.00" in zero


def test_a_voided_voucher_says_so_and_promises_nothing() -> None:
    (text,) = page_texts(draw_paper(VOIDED))
    assert "作废 VOID 作废" in text
    assert "本凭证已作废，不得据以领款" in text
    assert "预核凭证，尚待总部结算" not in text
    with_code = samples.voucher(marks=(Mark.VOIDED,))
    assert with_code.code
    assert draw_paper(with_code).count(b"stream") == draw_paper(VOIDED).count(b"stream")
    assert len(draw_paper(with_code)) < len(draw_paper(samples.voucher())) - 4000


def test_a_settled_voucher_is_not_marked_as_pending() -> None:
    (text,) = page_texts(draw_paper(samples.voucher(marks=(), values={"voucher.standing": "总部已结算"})))
    assert "预核 待总部结算" not in text
    assert "总部已结算" in text


def test_forty_steps_flow_on_with_head_number_and_page_count() -> None:
    pages = page_texts(draw_paper(EXTREME))
    assert len(pages) > 2
    for number, text in enumerate(pages, 1):
        assert f"第 {number} 页，共 {len(pages)} 页" in text
        assert "预核 待总部结算" in text
    for text in pages[1:]:
        assert "理赔给付凭证（续）" in text
    for text in pages[:-1]:
        assert "计算步骤" in text
    joined = squeezed("".join(pages))
    for number in range(1, 41):
        assert f"{number}给付比例" in joined
    assert "人民币玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分" in squeezed(pages[-1])
    assert pages[-1].count("¥999,999,999.99") == 2


def test_amount_code_and_signatures_stay_on_one_page() -> None:
    for rows in range(8, 20):
        steps = tuple(samples.step(f"第 {number} 步", "条款", 100) for number in range(rows))
        last = page_texts(draw_paper(samples.voucher(steps=steps)))[-1]
        assert "人民币陆仟" in last
        assert "复核人" in last


def test_signatures_are_vectors_in_proportion_inside_their_place() -> None:
    wide = (((0, 0), (4000, 10)), ((5, 5),))
    signed, unsigned = (
        draw_paper(samples.voucher(signed=ink)) for ink in ((samples.ink("claimant", "周立安", wide),), ())
    )
    boxes = [{(d.left, d.bottom, d.right, d.top) for d in paths(pdf)} for pdf in (signed, unsigned)]
    (stroke,) = boxes[0] - boxes[1]
    assert 45 <= stroke[0] < stroke[2] <= 45 + 160
    assert stroke[3] - stroke[1] < 4


def paths(pdf: bytes) -> list[Drawn]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [item for item in drawn_on(document[0]) if item.text is None]


def test_every_font_is_embedded() -> None:
    pdf = draw_paper(samples.reprint())
    assert fonts_used(pdf) == {"NotoSansSC-Regular": True, "NotoSansSC-Bold": True}
    assert b"Helvetica" not in inflated(pdf)


@pytest.mark.parametrize("draw", [draw_paper, PdfDrawing().paper], ids=["drawn", "archived"])
def test_same_content_same_bytes_and_honest_metadata(draw: Callable[[FilledPaper], bytes]) -> None:
    pdf = draw(samples.voucher())
    assert pdf == draw(samples.voucher())
    assert pdf != draw(samples.voucher(values={"voucher.amount": 648825}))
    with pypdfium2.PdfDocument(pdf) as document:
        found = document.get_metadata_dict()
    assert found["Title"] == "理赔给付凭证 QX07-D3-000142-40"
    assert found["Author"] == "示例人寿保险股份有限公司"
    assert found["Subject"] == "预核凭证，尚待总部结算"
    assert found["Producer"] == found["Creator"] == "Outpost"
    assert found["CreationDate"].startswith("D:20261122013100+00'00")


def test_a_file_date_never_comes_from_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    before = draw_paper(samples.voucher())
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1234567890")
    assert draw_paper(samples.voucher()) == before


def test_a_usual_voucher_stays_below_60_kb() -> None:
    assert len(PdfDrawing().paper(samples.voucher())) <= 60 * 1024


def test_a_negative_amount_is_refused_in_words() -> None:
    with pytest.raises(InputError) as caught:
        draw_paper(samples.voucher(values={"voucher.amount": -1}))
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
        max_size=30,
    ),
    amount_fen=AMOUNTS,
    patient_pays_fen=st.none() | AMOUNTS,
    marks=st.lists(st.sampled_from(list(Mark)), max_size=2),
    language=st.sampled_from(list(Language)),
    size=st.sampled_from(list(PaperSize)),
    copy_no=st.integers(1, 99),
)
@settings(max_examples=25, deadline=None)
def test_any_content_is_laid_out_without_loss(
    *,
    names: list[str],
    steps: list[tuple[str, str, int | None, str | None]],
    amount_fen: int,
    patient_pays_fen: int | None,
    marks: list[Mark],
    language: Language,
    size: PaperSize,
    copy_no: int,
) -> None:
    values: dict[str, Printed] = {
        "voucher.policy": names[5],
        "voucher.payee": names[6],
        "voucher.signs": names[6],
        "voucher.account": names[7],
        "voucher.authority": names[8],
        "voucher.amount": amount_fen,
        "pack.warning": bool(names[8]),
    }
    if patient_pays_fen is not None:
        values["voucher.patient_pays"] = patient_pays_fen
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
        values=values,
        steps=tuple(samples.step(*each) for each in steps),
        marks=tuple(marks),
    )
    pdf = draw_paper(content, language=language, size=size)
    assert_nothing_clipped(pdf, 45.0 if size is PaperSize.A4 else 11.0)
