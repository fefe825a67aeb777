"""Verifying vouchers at a desk: genuine, used before, voided, stopped, forged, another root; from text, PDF and photo."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from claims.desk import Desk
from claims.errors import InputError
from claims.events import PaperRedeemed
from claims.numbering import check_digits
from claims.records import PaperRecord
from claims.statements import DeviceRevoked, OtherDeviceRevoked
from claims.verification import PaperVerdict, Verdict, verify_text
from rules.bilingual import Bilingual
from tests.desk.station import CLINIC, NOON, Station, payee, ready_case
from tests.forms.reading import raster
from trust.certificates import issue_device, issue_root
from trust.keys import SoftwareKey
from trust.vouchers import VoucherClaims, open_voucher, seal_voucher, voucher_qr_text


@pytest.fixture
def station(tmp_path: Path) -> Station:
    made = Station(tmp_path / "home")
    made.create()
    return made


@pytest.fixture
def desk(station: Station) -> Iterator[Desk]:
    opened = station.open()
    yield opened
    opened.close()


@pytest.fixture
def paper(desk: Desk) -> PaperRecord:
    return desk.promise(ready_case(desk), CLINIC, [payee()])[0]


def text_of(paper: PaperRecord) -> str:
    return voucher_qr_text(paper.cose or b"")


def claims_of(paper: PaperRecord, station: Station) -> VoucherClaims:
    from trust.certificates import TrustStore

    return open_voucher(paper.cose or b"", TrustStore(station.hq.root)).claims


def sealed(station: Station, claims: VoucherClaims, *, device: str = "D9", epoch: int = 1, days: int = 400) -> str:
    """A voucher of a colleague's laptop at another station."""
    key = SoftwareKey.generate()
    certificate = issue_device(
        station.hq.root,
        station.hq.root_key,
        device,
        epoch,
        "QX09",
        key.public_key,
        NOON - timedelta(days=20),
        NOON + timedelta(days=days),
    )
    return voucher_qr_text(seal_voucher(key, certificate, claims))


def told(verdict: PaperVerdict, kind: Verdict) -> PaperVerdict:
    assert verdict.verdict is kind, verdict.sentence.en
    assert all((verdict.sentence.zh, verdict.sentence.en, verdict.next_step.zh, verdict.next_step.en))
    assert (verdict.failed_part is None) == (kind is Verdict.GENUINE)
    return verdict


def test_a_voucher_of_this_laptop_is_genuine_and_says_by_whom_for_whom_and_how_much(
    desk: Desk, paper: PaperRecord
) -> None:
    verdict = told(desk.verify_text(text_of(paper) + "\r\n"), Verdict.GENUINE)
    assert verdict.genuine
    assert verdict.payable
    assert (verdict.station, verdict.device, verdict.adjuster) == ("QX07", "D3", "0417")
    assert (verdict.station_name, verdict.adjuster_name) == (desk.identity.station_name, desk.identity.adjuster_name)
    for words in (verdict.sentence.zh, verdict.sentence.en):
        for value in (
            paper.number,
            paper.payee and paper.payee.name,
            "6,488.24",
            "QX07",
            "D3",
            "0417",
            paper.case_no,
            "sample 1",
        ):
            assert str(value) in words, words


def test_a_colleagues_voucher_is_genuine_with_what_its_certificate_says(
    desk: Desk, paper: PaperRecord, station: Station
) -> None:
    claims = msgspec.structs.replace(
        claims_of(paper, station), voucher_no=_number("QX09-D9-000001"), station="QX09", adjuster="0502"
    )
    verdict = told(desk.verify_text(sealed(station, claims)), Verdict.GENUINE)
    assert (verdict.station, verdict.device, verdict.station_name) == ("QX09", "D9", None)


def test_a_voucher_is_redeemed_once(desk: Desk, paper: PaperRecord) -> None:
    told(desk.redeem(text_of(paper), " 周立安 "), Verdict.GENUINE)
    for again in (desk.redeem(text_of(paper), "别人"), desk.verify_text(text_of(paper))):
        assert told(again, Verdict.USED_BEFORE).genuine
        assert "周立安" in again.sentence.zh
        assert not again.payable
    with desk._ports.store.read() as reads:
        assert [type(each) for each in reads.redemptions(paper.number)] == [PaperRedeemed]


def test_who_presents_it_must_be_named(desk: Desk, paper: PaperRecord) -> None:
    with pytest.raises(InputError) as refused:
        desk.redeem(text_of(paper), "  ")
    assert refused.value.code == "no_presenter"


def test_nothing_is_redeemed_that_does_not_stand(desk: Desk, paper: PaperRecord) -> None:
    desk.void(paper.number, "打印有误")
    verdict = told(desk.redeem(text_of(paper), "周立安"), Verdict.VOIDED_HERE)
    assert "打印有误" in verdict.sentence.zh
    told(desk.redeem(text_of(paper)[:-9], "周立安"), Verdict.UNREADABLE)
    with desk._ports.store.read() as reads:
        assert not reads.redemptions()


def test_two_vouchers_of_one_number_are_noticed(desk: Desk, paper: PaperRecord, station: Station) -> None:
    claims = msgspec.structs.replace(claims_of(paper, station), case_no="C-1", voucher_no=_number("QX09-D9-000001"))
    told(desk.redeem(sealed(station, claims), "周立安"), Verdict.GENUINE)
    verdict = told(
        desk.verify_text(sealed(station, msgspec.structs.replace(claims, amount_fen=99))), Verdict.USED_BEFORE
    )
    assert "两张" in verdict.sentence.zh


def test_another_content_under_our_number_is_forged(desk: Desk, paper: PaperRecord, station: Station) -> None:
    claims = msgspec.structs.replace(claims_of(paper, station), amount_fen=9_999_999)
    verdict = told(desk.verify_text(sealed(station, claims)), Verdict.FORGED)
    assert not verdict.genuine


def test_a_voucher_in_this_laptops_name_that_it_never_issued_is_forged(
    desk: Desk, paper: PaperRecord, station: Station
) -> None:
    """A copied disk signs with the same key; numbers of the block that this laptop did not use yet, too."""
    for number in (_number("QX07-D3-000002"), _number("QX07-D3-000900")):
        claims = msgspec.structs.replace(claims_of(paper, station), voucher_no=number)
        text = voucher_qr_text(seal_voucher(station.hq.device_key, station.hq.identity.device_certificate, claims))
        verdict = told(desk.redeem(text, "周立安"), Verdict.FORGED)
        assert "复制" in verdict.sentence.zh
        assert not verdict.genuine


def test_our_number_on_another_case_is_forged(desk: Desk, paper: PaperRecord, station: Station) -> None:
    claims = msgspec.structs.replace(claims_of(paper, station), case_no="QX09-D9-C-000001-00")
    told(desk.verify_text(sealed(station, claims)), Verdict.FORGED)


def test_a_stopped_laptop_is_named(desk: Desk, paper: PaperRecord, station: Station) -> None:
    with desk._ports.store.write() as uow:
        uow.receive(station.hq.say(DeviceRevoked, reason=Bilingual("电脑被盗。", "The laptop was stolen.")))
    verdict = told(desk.verify_text(text_of(paper)), Verdict.REVOKED_DEVICE)
    assert not verdict.genuine
    assert "D3" in verdict.sentence.zh


def test_another_laptop_that_headquarters_stopped_is_named(desk: Desk, paper: PaperRecord, station: Station) -> None:
    claims = msgspec.structs.replace(claims_of(paper, station), voucher_no=_number("QX09-D9-000001"), case_no="C-9")
    reason = Bilingual("电脑在转运途中丢失。", "The laptop was lost on the way.")
    with desk._ports.store.write() as uow:
        uow.receive(station.hq.say(OtherDeviceRevoked, revoked_device="D9", revoked_epoch=1, reason=reason))
    verdict = told(desk.redeem(sealed(station, claims), "周立安"), Verdict.REVOKED_DEVICE)
    assert reason.zh in verdict.sentence.zh
    told(desk.verify_text(sealed(station, claims, epoch=2)), Verdict.GENUINE)
    with desk._ports.store.read() as reads:
        assert not reads.redemptions()


def test_signed_outside_the_certificates_validity(desk: Desk, paper: PaperRecord, station: Station) -> None:
    number = _number("QX09-D9-000001")
    late = msgspec.structs.replace(claims_of(paper, station), voucher_no=number)
    told(desk.verify_text(sealed(station, late, days=-10)), Verdict.EXPIRED)


def test_age_is_policy(desk: Desk, paper: PaperRecord, station: Station) -> None:
    station.clock.wall = NOON + timedelta(days=31)
    told(desk.verify_text(text_of(paper)), Verdict.GENUINE)
    verdict = told(verify_text(desk._ports, text_of(paper), max_age_days=30), Verdict.EXPIRED)
    assert verdict.genuine
    assert "31" in verdict.sentence.zh


def test_a_signed_number_with_a_wrong_check_digit(desk: Desk, paper: PaperRecord, station: Station) -> None:
    number = _number("QX09-D9-000001")
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    verdict = told(
        desk.verify_text(sealed(station, msgspec.structs.replace(claims_of(paper, station), voucher_no=wrong))),
        Verdict.WRONG_NUMBER,
    )
    assert wrong in verdict.sentence.zh


def test_another_companys_root(desk: Desk, paper: PaperRecord, station: Station) -> None:
    keys = [SoftwareKey.generate() for _ in range(2)]
    span = (NOON - timedelta(days=1), NOON + timedelta(days=30))
    root = issue_root("Outpost HQ root", keys[0], *span)
    device = issue_device(root, keys[0], "D3", 1, "QX07", keys[1].public_key, *span)
    verdict = told(
        desk.verify_text(voucher_qr_text(seal_voucher(keys[1], device, claims_of(paper, station)))), Verdict.OTHER_ROOT
    )
    assert "QX07 D3" in verdict.sentence.zh
    assert not verdict.genuine


def test_a_changed_amount_is_forged_and_the_signature_is_named(desk: Desk, paper: PaperRecord) -> None:
    raw = paper.cose or b""
    amount = (paper.amount_fen or 0).to_bytes(4, "big")
    assert raw.count(amount) == 1
    verdict = told(
        desk.verify_text(voucher_qr_text(raw.replace(amount, (99_999_999).to_bytes(4, "big")))), Verdict.FORGED
    )
    assert verdict.failed_part is not None
    assert "签名" in verdict.failed_part.zh


@pytest.mark.parametrize("text", ["", "https://example.test/v?no=1", "QX07-D3-000001-4", "HC1:NCF", "OP2:0"])
def test_what_is_no_voucher(desk: Desk, text: str) -> None:
    told(desk.verify_text(text), Verdict.NOT_A_VOUCHER)


def test_a_cut_off_scan_asks_for_another(desk: Desk, paper: PaperRecord) -> None:
    for text in (text_of(paper)[:-4], text_of(paper)[:60], "OP1:", "OP1:" + "0" * 5000):
        assert "重试" in told(desk.verify_text(text), Verdict.UNREADABLE).next_step.zh


def test_what_a_keyboard_scanner_or_a_paste_makes_of_a_code(desk: Desk, paper: PaperRecord) -> None:
    text = text_of(paper)
    wide = "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)
    for typed in (text.lower(), text.swapcase(), wide, f"\n  {text}", f"{text}  ", f"{text} \r\n"):
        told(desk.verify_text(typed), Verdict.GENUINE)
    told(desk.verify_text(text.replace(" ", "", 1)), Verdict.UNREADABLE)


def test_from_the_pdf_and_from_a_photo_of_it(desk: Desk, paper: PaperRecord) -> None:
    pdf = desk.draw(paper.number).pdf
    assert [each.verdict for each in desk.verify_file("凭证.pdf", pdf)] == [Verdict.GENUINE]
    photo = io.BytesIO()
    raster(pdf, 200).rotate(7, expand=True, fillcolor=200).save(photo, "JPEG", quality=70)
    assert [each.verdict for each in desk.verify_file("IMG_1.jpg", photo.getvalue())] == [Verdict.GENUINE]


def test_a_picture_without_a_code_says_so(desk: Desk) -> None:
    blank = io.BytesIO()
    Image.new("L", (400, 300), 220).save(blank, "PNG")
    (verdict,) = desk.verify_file("x.png", blank.getvalue())
    told(verdict, Verdict.UNREADABLE)
    assert "没有找到二维码" in verdict.sentence.zh


def test_a_file_that_cannot_be_read_is_refused_in_words(desk: Desk) -> None:
    with pytest.raises(InputError) as refused:
        desk.verify_file("x.pdf", b"%PDF-1.7 broken")
    assert refused.value.code == "file_damaged"


def _number(body: str) -> str:
    return f"{body}-{check_digits(body)}"
