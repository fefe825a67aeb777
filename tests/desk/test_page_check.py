"""The QR of a printed page, read from its pixels: what passes, and every way in which a page is not what it should be."""

from __future__ import annotations

import io

import msgspec
import pypdfium2
import pytest
import segno
from PIL import Image

from claims.desk import Desk
from claims.overviews import CheckItem, GreyPicture, PageCheck
from claims.records import PaperRecord
from tests.desk.station import CLINIC, Authority, Station, new_case, payee, ready_case
from tests.forms.reading import raster
from trust.certificates import TrustStore
from trust.vouchers import VoucherClaims, open_voucher, seal_voucher, voucher_qr_text


def last_page(pdf: bytes, dpi: int) -> Image.Image:
    """Return the page that carries the code."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = len(document)
    return raster(pdf, dpi, pages - 1)


def grey(picture: Image.Image) -> GreyPicture:
    return GreyPicture(picture.width, picture.height, picture.convert("L").tobytes())


def code(*texts: str) -> GreyPicture:
    """Return a page that shows these codes one below the other."""
    pictures = []
    for text in texts:
        out = io.BytesIO()
        segno.make(text, error="m", micro=False).save(out, kind="png", scale=5, border=6)
        pictures.append(Image.open(out).convert("L"))
    page = Image.new("L", (max(each.width for each in pictures), sum(each.height for each in pictures)), 255)
    top = 0
    for each in pictures:
        page.paste(each, (0, top))
        top += each.height
    return grey(page)


def failed(check: PageCheck) -> list[CheckItem]:
    assert check.genuine == (not [each for each in check.items if not each.passed])
    return [each for each in check.items if not each.passed]


@pytest.fixture
def paper(desk: Desk) -> PaperRecord:
    (issued,) = desk.conclude(ready_case(desk), CLINIC, (payee(),))
    return issued


def claims_of(paper: PaperRecord, station: Station) -> VoucherClaims:
    return open_voucher(paper.cose or b"", TrustStore(station.hq.root)).claims


def signed(station: Station, claims: VoucherClaims, authority: Authority | None = None) -> str:
    hq = authority or station.hq
    return voucher_qr_text(seal_voucher(hq.device_key, hq.identity.device_certificate, claims))


@pytest.mark.parametrize("dpi", [96, 150, 300])
def test_the_printed_page_is_genuine_at_any_resolution(desk: Desk, paper: PaperRecord, dpi: int) -> None:
    check = desk.check_page(paper.number, grey(last_page(desk.draw(paper.number).pdf, dpi)))
    assert check.genuine, check
    assert [each.name.zh for each in check.items] == ["签名有效", "号码在本机号段内", "金额、领款人一致", "签发设备"]
    assert [each.found.zh for each in check.items][1:3] == ["000001–000050", "覃建国 6,488.24"]
    assert "证书至" in check.items[3].found.zh


def test_a_reprint_is_as_genuine_as_the_first_print(desk: Desk, paper: PaperRecord) -> None:
    desk.draw(paper.number)
    assert desk.check_page(paper.number, grey(last_page(desk.draw(paper.number).pdf, 150))).genuine


def test_a_turned_and_dim_photograph_is_read(desk: Desk, paper: PaperRecord) -> None:
    page = last_page(desk.draw(paper.number).pdf, 200).convert("L").rotate(7, expand=True, fillcolor=200)
    dim = page.point(lambda shade: 40 + shade // 2)
    assert desk.check_page(paper.number, grey(dim)).genuine


def test_a_blank_page_says_that_nothing_was_read(desk: Desk, paper: PaperRecord) -> None:
    (item,) = failed(desk.check_page(paper.number, grey(Image.new("L", (600, 800), 255))))
    assert "没有读到二维码" in item.found.zh


def test_another_code_is_told_apart_from_a_voucher(desk: Desk, paper: PaperRecord) -> None:
    (item,) = failed(desk.check_page(paper.number, code("https://example.org/pay")))
    assert item.name.zh == "签名无效"
    assert "不是完整的凭证二维码" in item.found.zh


def test_two_codes_are_not_guessed_between(desk: Desk, paper: PaperRecord, station: Station) -> None:
    (item,) = failed(desk.check_page(paper.number, code(voucher_qr_text(paper.cose or b""), "hello")))
    assert "2 个二维码" in item.found.zh


def test_a_voucher_under_another_root_is_refused(desk: Desk, paper: PaperRecord, station: Station) -> None:
    forged = signed(station, claims_of(paper, station), Authority())
    (item,) = failed(desk.check_page(paper.number, code(forged)))
    assert "不是本公司总部签发" in item.found.zh


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        ({"amount_fen": 948_824}, "内容与记录不符", "9,488.24"),
        ({"payee": "覃建军"}, "内容与记录不符", "覃建军"),
        ({"case_no": "QX07-D3-C-000009-40"}, "内容与记录不符", "QX07-D3-C-000009-40"),
        ({"decision_sha256": "0" * 64}, "内容与记录不符", "理算结果"),
        ({"voucher_no": "QX07-D3-000002-06"}, "号码不符", "QX07-D3-000002-06"),
    ],
)
def test_what_was_signed_must_be_what_was_recorded(  # noqa: PLR0917 - three fixtures, three parameters
    desk: Desk, paper: PaperRecord, station: Station, change: dict[str, object], name: str, words: str
) -> None:
    """Signed by this very laptop and still not this voucher: a mix-up, or a disk that was put back."""
    other = msgspec.structs.replace(claims_of(paper, station), **change)
    (item,) = failed(desk.check_page(paper.number, code(signed(station, other))))
    assert item.name.zh == name
    assert words in item.found.zh
    assert item.found.en


def test_a_voided_voucher_is_signed_well_and_worth_nothing(desk: Desk, paper: PaperRecord) -> None:
    pdf = desk.draw(paper.number).pdf
    desk.void(paper.number, "打印模糊")
    (item,) = failed(desk.check_page(paper.number, grey(last_page(pdf, 150))))
    assert (item.name.zh, item.found.zh) == ("凭证已作废", "打印模糊")


def test_a_slip_has_no_code_to_check(desk: Desk) -> None:
    slip = desk.give_slip(desk.open_case(new_case()))
    (item,) = failed(desk.check_page(slip.number, grey(raster(desk.draw(slip.number).pdf, 96))))
    assert "签收单" in item.found.zh
