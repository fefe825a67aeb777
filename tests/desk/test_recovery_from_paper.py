"""A laptop is lost; a colleague's reads its vouchers from PDFs and photos. Real stores, real papers, real codes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pikepdf
import pytest
from pikepdf import Name

from claims.desk import Desk
from claims.events import VoucherIssued
from claims.promise_record import DETERMINATION_FILE, SEAL_FILE, VOUCHER_FILE
from claims.records import PaperRecord
from claims.recovery_from_paper import Recovered
from claims.statements import AnyStatement
from forms.archive_reading import MAX_INSIDE_BYTES, files_inside
from tests.desk.station import CLINIC, NOON, Authority, Station, clinic_facts, payee, ready_case
from tests.forms.reading import raster
from trust.certificates import issue_device
from trust.keys import SoftwareKey
from trust.vouchers import VoucherClaims, seal_voucher

SUM_FEN = 648_824


class Colleague(Authority):
    """The same headquarters speaking to another laptop, D4."""

    def __init__(self, first: Authority) -> None:
        self.__dict__.update(first.__dict__)
        self.device_key = SoftwareKey.generate()
        certificate = issue_device(
            self.root, self.root_key, "D4", 1, "QX07", self.device_key.public_key, NOON, NOON.replace(year=2036)
        )
        self.identity = msgspec.structs.replace(first.identity, device="D4", device_certificate=certificate)

    def say(self, statement: type[AnyStatement], /, **fields: object) -> bytes:
        return super().say(statement, **({"device": "D4"} | fields))


@pytest.fixture
def colleague(station: Station, tmp_path: Path) -> Station:
    (tmp_path / "second").mkdir()
    made = Station(tmp_path / "second" / "home", hq=Colleague(station.hq))
    made.create()
    return made


@pytest.fixture
def finder(colleague: Station) -> Iterator[Desk]:
    opened = colleague.open()
    yield opened
    opened.close()


def voucher(desk: Desk, bill: str = "0000731846") -> tuple[PaperRecord, bytes]:
    """Issue and draw a voucher on the laptop that will be lost."""
    case_no = ready_case(desk, clinic_facts(bill))
    (paper,) = desk.promise(case_no, CLINIC, [payee()])
    return paper, desk.draw(paper.number).pdf


def photo(pdf: bytes, dpi: int = 200) -> bytes:
    out = io.BytesIO()
    raster(pdf, dpi).save(out, "JPEG", quality=80)
    return out.getvalue()


def recovered(station: Station) -> list:
    store = station.store()
    try:
        with store.read() as reads:
            return list(reads.recovered())
    finally:
        store.close()


def with_files(pdf: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """Return the PDF with other files inside, as somebody with an editor could make it."""
    files = dict(files_inside(pdf))
    change(files)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for name in list(document.attachments):
            del document.attachments[name]
        for name, content in files.items():
            document.attachments[name] = pikepdf.AttachedFileSpec(document, content, filename=name)
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def test_the_pdf_gives_the_whole_promise_back(desk: Desk, finder: Desk, colleague: Station) -> None:
    paper, pdf = voucher(desk)
    report = finder.recover_vouchers([("usb/voucher.pdf", pdf)])
    (found,) = report.papers
    assert (found.outcome, found.complete, found.code) == (Recovered.NEW, True, None)
    assert (found.voucher_no, found.amount_fen, found.device) == (paper.number, SUM_FEN, "D3")
    assert report.new_fen == SUM_FEN
    assert "648824" not in found.sentence.zh
    assert "6,488.24" in found.sentence.zh
    finder.close()
    (event,) = recovered(colleague)
    assert event.cose == paper.cose
    assert (bytes(event.facts)[:1], bytes(event.decision)[:1]) == (b"{", b"{")
    assert payee().account.encode() in bytes(event.promise)


def test_a_photo_gives_the_code_and_its_pdf_completes_it(desk: Desk, finder: Desk, colleague: Station) -> None:
    paper, pdf = voucher(desk)
    (first,) = finder.recover_vouchers([("photo.jpg", photo(pdf))]).papers
    assert (first.outcome, first.complete, first.voucher_no) == (Recovered.NEW, False, paper.number)
    (again,) = finder.recover_vouchers([("photo2.jpg", photo(pdf, 150))]).papers
    assert again.outcome is Recovered.KNOWN
    (whole,) = finder.recover_vouchers([("voucher.pdf", pdf)]).papers
    assert (whole.outcome, whole.complete) == (Recovered.COMPLETED, True)
    (last,) = finder.recover_vouchers([("voucher.pdf", pdf)]).papers
    assert last.outcome is Recovered.KNOWN
    finder.close()
    assert len(recovered(colleague)) == 2


def test_a_locked_file_and_a_name_that_is_no_text_block_no_other(desk: Desk, finder: Desk, colleague: Station) -> None:
    paper, pdf = voucher(desk)
    _, other = voucher(desk, "0000731847")
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(locked, encryption=pikepdf.Encryption(owner="owner", user="user"))
    report = finder.recover_vouchers([("locked.pdf", locked.getvalue()), ("\udcb4\udcab.pdf", pdf), ("b.pdf", other)])
    assert [(each.outcome, each.code) for each in report.papers] == [
        (Recovered.REFUSED, "file_locked"),
        (Recovered.NEW, None),
        (Recovered.NEW, None),
    ]
    finder.close()
    assert paper.cose in [event.cose for event in recovered(colleague)]


def test_photo_and_pdf_of_one_voucher_together_are_one(desk: Desk, finder: Desk, colleague: Station) -> None:
    _, pdf = voucher(desk)
    _, other = voucher(desk, "0000731847")
    report = finder.recover_vouchers([("a.jpg", photo(pdf)), ("b.pdf", pdf), ("c.pdf", other)])
    assert [(each.source, each.outcome) for each in report.papers] == [
        ("a.jpg", Recovered.KNOWN),
        ("b.pdf", Recovered.NEW),
        ("c.pdf", Recovered.NEW),
    ]
    assert "b.pdf" in report.papers[0].sentence.en
    assert report.count(Recovered.NEW) == 2
    finder.close()
    assert len(recovered(colleague)) == 2


def test_a_laptop_knows_its_own_vouchers(desk: Desk) -> None:
    _, pdf = voucher(desk)
    (found,) = desk.recover_vouchers([("voucher.pdf", pdf)]).papers
    assert found.outcome is Recovered.OWN


def test_what_recovery_recorded_survives_a_rebuild(desk: Desk, finder: Desk, colleague: Station) -> None:
    _, pdf = voucher(desk)
    finder.recover_vouchers([("voucher.pdf", pdf)])
    finder.close()
    store = colleague.store()
    assert store.rebuild().identical
    store.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda files: files.update({DETERMINATION_FILE: files[DETERMINATION_FILE].replace(b"0122", b"9999")}),
        lambda files: files.update({DETERMINATION_FILE: files[DETERMINATION_FILE].replace(b"648824", b"948824")}),
        lambda files: files.update({DETERMINATION_FILE: b"{"}),
        lambda files: files.update({DETERMINATION_FILE: b'{"x":' + b"[" * 100_000}),
        lambda files: files.update({DETERMINATION_FILE: b"\xff\xfe{}"}),
        lambda files: files.update({SEAL_FILE: files[VOUCHER_FILE]}),
        lambda files: files.pop(SEAL_FILE),
    ],
    ids=["account", "amount", "cut", "deep", "bytes", "foreign seal", "no seal"],
)
def test_a_file_with_changed_data_counts_by_its_code_only(
    desk: Desk, finder: Desk, change: Callable[[dict[str, bytes]], None]
) -> None:
    paper, pdf = voucher(desk)
    (found,) = finder.recover_vouchers([("edited.pdf", with_files(pdf, change))]).papers
    assert (found.outcome, found.voucher_no, found.complete) == (Recovered.NEW, paper.number, False)
    assert found.amount_fen == SUM_FEN
    assert "未采用" in found.sentence.zh


def forged(station: Station, **changes: object) -> bytes:
    """Return a voucher for more money under a root of the forger's own."""
    foreign = Authority()
    claims = VoucherClaims(
        voucher_no="QX07-D3-000009-11",
        case_no="QX07-D3-C-000001-64",
        policy_no=CLINIC,
        payee="周立安",
        amount_fen=99_999_999,
        issued_at=int(NOON.timestamp()),
        station="QX07",
        adjuster="0417",
        pack_hash="ab" * 32,
        decision_sha256="cd" * 32,
        grants=(),
        counter=9,
    )
    return seal_voucher(foreign.device_key, foreign.identity.device_certificate, claims)


def test_forgeries_are_refused_in_words_and_nothing_is_recorded(
    desk: Desk, finder: Desk, station: Station, colleague: Station
) -> None:
    paper, pdf = voucher(desk)
    broken = bytearray(paper.cose or b"")
    broken[-1] ^= 1
    # The page still shows the true code, so the true voucher is found beside the refused one.
    swapped = with_files(pdf, lambda files: files.update({VOUCHER_FILE: forged(station)}))
    bent = with_files(pdf, lambda files: files.update({VOUCHER_FILE: bytes(broken)}))
    report = finder.recover_vouchers([("swapped.pdf", swapped), ("bent.pdf", bent)])
    refused = [each for each in report.papers if each.outcome is Recovered.REFUSED]
    assert {each.code for each in refused} == {"voucher_other_root", "voucher_forged"}
    assert all(each.sentence.zh and each.sentence.en for each in refused)
    assert {each.amount_fen for each in report.papers if each.outcome is not Recovered.REFUSED} == {SUM_FEN}
    finder.close()
    assert [each.cose for each in recovered(colleague)] == [paper.cose]


def test_files_without_a_voucher_are_refused_one_by_one(desk: Desk, finder: Desk) -> None:
    _, pdf = voucher(desk)
    blank = io.BytesIO()
    with pikepdf.new() as empty:
        empty.add_blank_page()
        empty.save(blank)
    report = finder.recover_vouchers(
        [
            ("empty.pdf", b""),
            ("note.txt", b"hello"),
            ("cut.pdf", pdf[:5000]),
            ("blank.pdf", blank.getvalue()),
            ("good.pdf", pdf),
        ]
    )
    outcomes = {each.source: each.outcome for each in report.papers}
    assert outcomes.pop("good.pdf") is Recovered.NEW
    assert set(outcomes.values()) == {Recovered.REFUSED}
    assert all(each.code and each.sentence.zh for each in report.papers if each.outcome is Recovered.REFUSED)


def test_a_packed_bomb_inside_is_left_out_before_it_is_unpacked() -> None:
    with pikepdf.new() as document:
        document.add_blank_page()
        bomb = pikepdf.AttachedFileSpec(document, bytes(MAX_INSIDE_BYTES + 1), filename=DETERMINATION_FILE)
        document.attachments[DETERMINATION_FILE] = bomb
        out = io.BytesIO()
        document.save(out, compress_streams=True, recompress_flate=True)
    with pikepdf.open(io.BytesIO(out.getvalue())) as document:
        stream = document.Root.Names.EmbeddedFiles.Names[1].EF.F
        assert str(stream.get(Name.Filter)) == "/FlateDecode"
    assert len(out.getvalue()) < 100_000
    assert files_inside(out.getvalue()) == {}


def test_the_record_inside_is_the_event_of_the_log(desk: Desk, station: Station) -> None:
    paper, pdf = voucher(desk)
    files = files_inside(pdf)
    whole = msgspec.json.decode(files[DETERMINATION_FILE])
    desk.close()
    store = station.store()
    with store.read() as reads:
        issued = reads.voucher_issued(paper.number)
    store.close()
    assert isinstance(issued, VoucherIssued)
    assert files[VOUCHER_FILE] == issued.cose
    for part in ("keys", "debits", "payee"):
        assert whole["promise"][part] == msgspec.json.decode(msgspec.json.encode(getattr(issued, part)))
    assert whole["promise"]["case"]["insured"]["phone"] is None
    assert whole["decision"]["total_fen"] == SUM_FEN
