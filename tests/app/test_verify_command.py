"""``outpost verify`` as a person calls it: files, photos, texts, a root alone, any certificate, and batches."""

from __future__ import annotations

import base64
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest

from app.__main__ import main
from forms.drawing import PdfDrawing
from tests.desk.station import CLINIC, PASSPHRASE, Station, payee, ready_case
from tests.forms import samples
from tests.forms.reading import raster
from tests.trust.health_payloads import AT, Payload, certificate
from trust.vouchers import voucher_qr_text

GOOD = Payload()
NUMBER = "QX07-D3-000142-6"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    file = tmp_path / "root.der"
    file.write_bytes(samples.issuer().root_der)
    return file


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder without a store."""
    return tmp_path / "empty"


def signed_text(**changes: object) -> str:
    return voucher_qr_text(samples.signed(**changes))


def run(home: Path, *arguments: object) -> int:
    return main(["--home", str(home), "verify", *map(str, arguments)])


def test_by_the_root_alone_from_text_pdf_photo_and_a_scanners_file(
    home: Path, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pdf, photo, scanned = tmp_path / "凭证.pdf", tmp_path / "IMG_0001.jpg", tmp_path / "scan.txt"
    pdf.write_bytes(PdfDrawing().paper(samples.voucher()))
    raster(pdf.read_bytes(), 200).rotate(-4, expand=True, fillcolor=190).save(photo, quality=60)
    scanned.write_text(signed_text() + "\r\n")
    assert run(home, "--root", root, pdf, photo, scanned, signed_text()) == 0
    told = capsys.readouterr().out
    assert told.count("Genuine voucher") == 4
    assert told.count("真凭证") == 4
    for value in (samples.claims().voucher_no, "6,488.24", "周立安", "QX07", "D3", "0417"):
        assert value in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (signed_text()[:-6], "不是完整的凭证二维码"),
        ("https://example.test/?no=1", "不是本公司给付凭证"),
        (signed_text(voucher_no="QX07-D3-000142-00"), "校验位"),
        (signed_text(issued_at=1), "有效期"),
    ],
)
def test_what_does_not_stand_is_told_in_words_and_by_the_exit_code(
    home: Path, root: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    assert run(home, "--root", root, text) == 1
    told = capsys.readouterr().out
    assert words in told
    assert "What fails" in told


def test_one_bad_among_good_ones_counts(home: Path, root: Path) -> None:
    assert run(home, "--root", root, "--text", signed_text(), "--text", "OP1:X") == 1


def test_age_by_policy(home: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = (samples.PRINTED_AT + timedelta(days=40)).isoformat()
    assert run(home, "--root", root, "--at", at, signed_text()) == 0
    assert run(home, "--root", root, "--at", at, "--max-age-days", 30, signed_text()) == 1
    assert "40" in capsys.readouterr().out


def test_over_the_laptops_own_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    station = Station(tmp_path / "home")
    station.create()
    desk = station.open()
    paper = desk.promise(ready_case(desk), CLINIC, [payee()])[0]
    pdf = tmp_path / "voucher.pdf"
    pdf.write_bytes(desk.draw(paper.number).pdf)
    text = voucher_qr_text(paper.cose or b"")
    desk.close()
    monkeypatch.setenv("OUTPOST_SECRET", PASSPHRASE)
    assert run(station.home, "--max-age-days", 0, pdf) == 1
    assert "[expired]" in capsys.readouterr().out
    assert run(station.home, pdf) == 0
    assert "清溪一中安置点服务站" in capsys.readouterr().out
    desk = station.open()
    desk.redeem(text, "覃建国")
    desk.close()
    assert run(station.home, pdf) == 1
    assert "覃建国" in capsys.readouterr().out


def test_any_certificate_and_instant(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    der, pem = tmp_path / "signer.der", tmp_path / "signer.pem"
    der.write_bytes(GOOD.der)
    body = base64.encodebytes(GOOD.der).decode()
    pem.write_text(f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")
    for file in (der, pem):
        assert run(home, "--certificate", file, "--at", AT.isoformat(), "--text", GOOD.text) == 0
        assert "Verified: ES256" in capsys.readouterr().out
    assert run(home, "--certificate", pem, "--at", "2031-01-01T00:00:00Z", "--text", GOOD.text) == 1
    assert "certificate_expired" in capsys.readouterr().out


def test_a_bad_file_hides_nothing_that_is_said_of_the_others(
    home: Path, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "scan.txt").write_text(signed_text())
    (tmp_path / "payload.txt").write_text(GOOD.text)
    (tmp_path / "signer.der").write_bytes(GOOD.der)
    assert run(home, "--root", root, tmp_path / "empty.pdf", tmp_path / "none.pdf", tmp_path / "scan.txt") == 1
    told = capsys.readouterr()
    assert "Genuine voucher" in told.out
    assert "empty.pdf" in told.err
    assert "none.pdf" in told.err
    signer = ("--certificate", tmp_path / "signer.der", "--at", AT.isoformat())
    assert run(home, *signer, tmp_path / "empty.pdf", tmp_path / "payload.txt") == 1
    told = capsys.readouterr()
    assert "Verified: ES256" in told.out
    assert "empty.pdf" in told.err


def wide(text: str) -> str:
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)


@pytest.mark.parametrize(
    "saved",
    [
        signed_text().encode("utf-8-sig"),
        signed_text().encode("utf-16"),
        b"\r\n  " + signed_text().lower().encode() + b"\r\n\r\n",
        wide(signed_text()).encode(),
    ],
    ids=["with a mark", "as Windows saves", "caps lock", "Chinese input method"],
)
def test_a_text_file_as_people_save_it(home: Path, root: Path, tmp_path: Path, saved: bytes) -> None:
    (tmp_path / "scan.txt").write_bytes(saved)
    assert run(home, "--root", root, tmp_path / "scan.txt") == 0


def test_each_line_of_a_text_file_is_a_code(
    home: Path, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "scan.txt"
    file.write_text(f"{signed_text()}\n{signed_text()}\n")
    assert run(home, "--root", root, file) == 0
    assert capsys.readouterr().out.count("Genuine voucher") == 2
    file.write_text(f"{signed_text()}\nhello\n")
    assert run(home, "--root", root, file) == 1


def test_a_name_that_the_console_lacks_ends_no_command(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    console = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(console, encoding="gbk", write_through=True))
    assert run(home, "--root", root, signed_text(payee="周𬭊"), signed_text()) == 0
    told = console.getvalue().decode("gbk")
    assert "周\\U0002cb4a" in told
    assert "周立安" in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--root", "{missing}", "OP1:X"), "打不开"),
        (("--root", "{text}", "OP1:X"), "不能作为信任的证书"),
        (("--certificate", "{signer}", "--at", "yesterday", "HC1:X"), "不是时间"),
        (("--root", "{signer}", "OP1:X"), "不能作为信任的证书"),
        (("--root", "{root}", "{text}.pdf"), "损坏"),
        (("--root", "{root}", "{missing}.jpg"), "打不开"),
        (("--root", "{root}", "."), "打不开"),
        (("--root", "{root}", "--max-age-days", "-1", "OP1:X"), "不能是 -1 天"),
        (("--root", "{root}", "--max-age-days", "99999999999999", "OP1:X"), "99999999999999"),
    ],
)
def test_an_impossible_question_is_refused_in_words(  # noqa: PLR0917 - three fixtures and what is asked
    home: Path, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    (tmp_path / "text").write_text("no certificate")
    (tmp_path / "text.pdf").write_bytes(b"%PDF-1.7 nothing")
    (tmp_path / "signer").write_bytes(GOOD.der)
    places = {"missing": tmp_path / "none", "text": tmp_path / "text", "signer": tmp_path / "signer", "root": root}
    assert run(home, *(each.format(**places) for each in arguments)) == 1
    assert words in capsys.readouterr().err


def test_a_question_that_says_too_little_or_too_much(
    home: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(home) == 2
    assert run(home, "", "--text", " ") == 2
    assert run(home, "--root", str(root), "--certificate", str(root), signed_text()) == 2
    assert "--certificate" in capsys.readouterr().out


def test_nothing_to_trust(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, signed_text()) == 1
    assert "--root" in capsys.readouterr().err


def test_the_root_that_enrolment_left_behind_is_enough(home: Path) -> None:
    home.mkdir()
    body = base64.encodebytes(samples.issuer().root_der).decode()
    (home / "hq_root.pem").write_text(f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")
    assert run(home, signed_text()) == 0


# Batches


def answered(home: Path, tmp_path: Path, lines: list[bytes]) -> list[dict[str, object]]:
    asked, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    asked.write_bytes(b"\n".join(lines))
    assert run(home, "--batch", asked, out) == 0
    return [json.loads(line) for line in out.read_bytes().splitlines()]


def test_a_batch_answers_every_line_in_order(home: Path, tmp_path: Path) -> None:
    broken = GOOD.line("b") | {"text": GOOD.text[:-7]}
    late = GOOD.line("late", at="2031-01-01T00:00:00Z")
    naive = GOOD.line({"any": ["id"]}, at="2026-11-22T08:00:00.123456789")
    voucher = {
        "id": 4,
        "text": signed_text(),
        "certificate": base64.b64encode(samples.issuer().root_der).decode(),
        "at": AT.isoformat(),
    }
    questions = [GOOD.line(1), broken, late, naive, voucher]
    found = answered(home, tmp_path, [json.dumps(each).encode() for each in questions])
    assert [each["id"] for each in found] == [1, "b", "late", {"any": ["id"]}, 4]
    assert [each["verified"] for each in found] == [True, False, False, True, True]
    assert all(each["reason"] for each in found)
    assert [set(each) for each in found] == [{"id", "verified", "reason"}] * 5


def test_a_bad_line_becomes_a_verdict(home: Path, tmp_path: Path) -> None:
    good = json.dumps(GOOD.line(9)).encode()
    lines = [
        b"\xef\xbb\xbf" + good,
        b"{",
        b"[1]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps({"id": 1}).encode(),
        json.dumps(GOOD.line(2) | {"text": 5}).encode(),
        json.dumps(GOOD.line(3) | {"certificate": "!!"}).encode(),
        json.dumps(GOOD.line(4) | {"certificate": "A" * 200_000}).encode(),
        json.dumps(GOOD.line(5) | {"at": "soon"}).encode(),
        json.dumps(GOOD.line(6) | {"at": 12}).encode(),
        json.dumps(GOOD.line(7) | {"text": "HC1:\u0416"}).encode(),
        b'{"id": 8, "text": "' + b"x" * 1_000_100 + b'"}',
        b"",
        b"   ",
        good,
    ]
    found = answered(home, tmp_path, lines)
    assert [each["verified"] for each in found] == [True, *[False] * 13, True]
    assert [each["id"] for each in found] == [9, None, None, None, None, None, 1, 2, 3, 4, 5, 6, 7, None, 9]


def test_certificates_as_pem_or_with_line_breaks(home: Path, tmp_path: Path) -> None:
    body = base64.encodebytes(certificate("ec", which=0)).decode()
    payload = Payload(certificate=certificate("ec", which=0))
    pem = f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"
    forms = (body, pem, pem.replace("\n", ""), base64.b64encode(pem.encode()).decode())
    found = answered(home, tmp_path, [json.dumps(payload.line() | {"certificate": each}).encode() for each in forms])
    assert [each["verified"] for each in found] == [True] * 4


def test_the_answer_is_written_whole_or_not_at_all(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = tmp_path / "in.jsonl"
    asked.write_bytes(json.dumps(GOOD.line()).encode())
    assert run(home, "--batch", asked, tmp_path / "nowhere" / "out.jsonl") == 1
    assert capsys.readouterr().err
    assert run(home, "--batch", tmp_path / "none.jsonl", tmp_path / "out.jsonl") == 1
    assert not (tmp_path / "out.jsonl").exists()


def test_a_batch_never_destroys_its_questions(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked, linked = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    asked.write_bytes(json.dumps(GOOD.line()).encode())
    linked.symlink_to(asked)
    before = asked.read_bytes()
    for answered_to in (asked, linked):
        assert run(home, "--batch", asked, answered_to) == 1
        assert "毁掉问题" in capsys.readouterr().err
    assert asked.read_bytes() == before
