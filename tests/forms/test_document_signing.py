"""Files signed as files (PAdES): whole, visible to validators, any changed byte seen, still an archive file."""

from __future__ import annotations

import builtins
import io
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageChops

from app.drawing import chosen_drawing
from app.settings import Settings, load_settings, save_settings
from claims.errors import EnvironmentProblem, InputError
from claims.papers import Language
from forms.archive_check import archive_faults
from forms.archive_reading import files_inside
from forms.document_check import check_document
from forms.document_signing import SignedDrawing, sign_by_device, sign_by_pkcs12
from forms.drawing import PdfDrawing
from tests.forms import samples
from tests.forms.reading import page_texts, raster
from trust.certificates import issue_service, issue_tls
from trust.keys import SoftwareKey

AT = samples.PRINTED_AT
INSIDE = {"determination.json": b"{}", "voucher.cose": b"\xd2\x84"}


@pytest.fixture(scope="module")
def paper() -> bytes:
    return PdfDrawing().paper(samples.voucher(attached=INSIDE))


def by_device(pdf: bytes, issuer: samples.Issuer | None = None) -> bytes:
    issuer = issuer or samples.issuer()
    return sign_by_device(pdf, AT, signer=issuer.key, certificate=issuer.device_der)


@pytest.fixture(scope="module")
def signed(paper: bytes) -> bytes:
    return by_device(paper)


def test_the_devices_signature_covers_the_whole_file_and_leads_to_the_root(signed: bytes) -> None:
    verdict = check_document(signed, [samples.issuer().root_der])
    assert verdict.genuine
    assert (verdict.covers_file, verdict.intact, verdict.trusted) == (True, True, True)
    assert (verdict.signer, verdict.signed_at) == ("QX07 D3", AT.replace(microsecond=0))
    assert "2026-11-22 09:31" in verdict.sentence.zh


def test_a_signed_file_is_still_an_archive_file_that_shows_and_holds_the_same(paper: bytes, signed: bytes) -> None:
    assert archive_faults(signed) == ()
    assert files_inside(signed) == files_inside(paper) == INSIDE
    assert page_texts(signed) == page_texts(paper)
    assert ImageChops.difference(raster(paper, 100), raster(signed, 100)).getbbox() is None
    with pikepdf.open(io.BytesIO(signed)) as document:
        assert document.pdf_version == "1.7"
        assert "/Version" not in document.Root
    assert len(signed) - len(paper) < 4096


def test_the_same_paper_signed_twice_gives_the_same_bytes(paper: bytes, signed: bytes) -> None:
    assert by_device(paper) == signed


def test_an_unsigned_file_says_so(paper: bytes) -> None:
    verdict = check_document(paper, [samples.issuer().root_der])
    assert not verdict.signed
    assert not verdict.genuine
    assert "没有数字签名" in verdict.sentence.zh


def test_another_root_does_not_vouch_for_it(signed: bytes) -> None:
    verdict = check_document(signed, [samples.issuer(2).root_der])
    assert (verdict.intact, verdict.covers_file, verdict.trusted, verdict.genuine) == (True, True, False, False)


def test_only_a_device_signs_papers_below_headquarters_root(paper: bytes) -> None:
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    root_key = SoftwareKey.from_bytes(bytes([1]) * 32)
    service_key = SoftwareKey.generate()
    service = issue_service(samples.issuer().root_der, root_key, "HQ", service_key.public_key, start, end)
    verdict = check_document(
        sign_by_device(paper, AT, signer=service_key, certificate=service), [samples.issuer().root_der]
    )
    assert verdict.intact
    assert not verdict.genuine
    tls, key = issue_tls(samples.issuer().root_der, root_key, ["localhost"], start, end)
    store = pkcs12.serialize_key_and_certificates(
        b"tls",
        serialization.load_pem_private_key(key, None),  # type: ignore[arg-type]
        x509.load_pem_x509_certificate(tls),
        None,
        serialization.NoEncryption(),
    )
    assert not check_document(
        sign_by_pkcs12(paper, AT, pkcs12=store, passphrase=""), [samples.issuer().root_der]
    ).genuine


def test_what_is_added_behind_the_signature_is_seen(signed: bytes) -> None:
    with pikepdf.open(io.BytesIO(signed)) as document:
        document.docinfo["/Title"] = "另一份"
        out = io.BytesIO()
        document.save(out)
    roots = [samples.issuer().root_der]
    assert not check_document(out.getvalue(), roots).genuine
    update = b"\n1 0 obj\n<<>>\nendobj\ntrailer\n<< /Size 2 >>\nstartxref\n0\n%%EOF\n"
    for more in (b"\n", b"x", update):
        assert not check_document(signed + more, roots).genuine


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_changed_byte_is_seen(signed: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(signed) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = bytearray(signed)
    changed[place] ^= 1 << bit
    assert not check_document(bytes(changed), [samples.issuer().root_der]).genuine


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_changed_byte_inside_the_signature_itself_is_seen(signed: bytes, data: st.DataObject) -> None:
    """The gap that holds the signature is the one place that no signature covers."""
    start = signed.index(b"/Contents <", len(signed) - 8000) + len(b"/Contents <")
    end = signed.index(b">", start)
    place = data.draw(st.integers(start, end - 1))
    value = data.draw(st.sampled_from(b"0123456789abcdefABCDEF "))
    changed = bytearray(signed)
    if changed[place] == value:
        value = ord("z")
    changed[place] = value
    assert not check_document(bytes(changed), [samples.issuer().root_der]).genuine


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(0, 60_000))
def test_a_cut_file_is_never_genuine(signed: bytes, cut: int) -> None:
    assert not check_document(signed[: min(cut, len(signed) - 2)], [samples.issuer().root_der]).genuine


def pkcs12_of_an_outside_authority(passphrase: bytes) -> tuple[bytes, bytes]:
    """Return a PKCS#12 file with an ES256 key, and the root it leads to."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "示例签名 CA")])
    person = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "清溪服务站 签章")])
    start, end = AT - timedelta(days=1), AT + timedelta(days=300)

    def certificate(subject: x509.Name, public: ec.EllipticCurvePublicKey, *, authority: bool) -> x509.Certificate:
        usage = x509.KeyUsage(not authority, not authority, False, False, False, authority, authority, False, False)
        return (
            x509.CertificateBuilder()
            .issuer_name(name)
            .subject_name(subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .sign(root_key, hashes.SHA256())
        )

    root = certificate(name, root_key.public_key(), authority=True)
    own = certificate(person, key.public_key(), authority=False)
    store = pkcs12.serialize_key_and_certificates(
        b"seal", key, own, None, serialization.BestAvailableEncryption(passphrase)
    )
    return store, root.public_bytes(serialization.Encoding.DER)


def test_an_es256_key_from_a_file_signs_as_well(paper: bytes) -> None:
    store, root = pkcs12_of_an_outside_authority(b"open")
    signed = sign_by_pkcs12(paper, AT, pkcs12=store, passphrase="open")
    verdict = check_document(signed, [samples.issuer().root_der, root])
    assert verdict.genuine
    assert "清溪服务站 签章" in (verdict.signer or "")
    assert archive_faults(signed) == ()
    assert not check_document(signed, [samples.issuer().root_der]).genuine
    for _ in range(24):  # such signatures differ in length from time to time
        assert check_document(sign_by_pkcs12(paper, AT, pkcs12=store, passphrase="open"), [root]).genuine
    with pytest.raises(InputError) as refused:
        sign_by_pkcs12(paper, AT, pkcs12=store, passphrase="wrong")
    assert refused.value.code == "pkcs12_unreadable"
    with pytest.raises(InputError):
        sign_by_pkcs12(paper, AT, pkcs12=b"no such file", passphrase="")


def test_papers_are_signed_and_reading_copies_are_not() -> None:
    issuer = samples.issuer()
    drawing = SignedDrawing(PdfDrawing(), partial(sign_by_device, signer=issuer.key, certificate=issuer.device_der))
    assert check_document(drawing.paper(samples.voucher()), [issuer.root_der]).genuine
    assert not check_document(drawing.paper(samples.voucher(), language=Language.EN), [issuer.root_der]).signed


class _Identity:
    device, epoch, station, station_name = "D3", 1, "QX07", "清溪服务站"
    adjuster, adjuster_name, company, hotline = "0417", "林晓禾", "示例人寿", "95000"
    root_certificate, device_certificate = samples.issuer().root_der, samples.issuer().device_der


def test_signing_is_off_unless_the_settings_say_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = samples.issuer()
    assert isinstance(chosen_drawing(Settings(home=tmp_path), issuer.key, _Identity()), PdfDrawing)
    save_settings(Settings(home=tmp_path, sign_documents="device"))
    drawing = chosen_drawing(load_settings(tmp_path), issuer.key, _Identity())
    assert check_document(drawing.paper(samples.voucher()), [issuer.root_der]).genuine
    store, root = pkcs12_of_an_outside_authority(b"open")
    (tmp_path / "seal.p12").write_bytes(store)
    monkeypatch.setenv("OUTPOST_PKCS12_PASSPHRASE", "open")
    settings_now = Settings(home=tmp_path, sign_documents=str(tmp_path / "seal.p12"))
    drawing = chosen_drawing(settings_now, issuer.key, _Identity())
    assert check_document(drawing.paper(samples.voucher()), [root]).genuine
    with pytest.raises(EnvironmentProblem) as missing:
        chosen_drawing(Settings(home=tmp_path, sign_documents=str(tmp_path / "gone.p12")), issuer.key, _Identity())
    assert missing.value.code == "signing_key_missing"


def test_without_the_package_it_says_so_in_words(paper: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def without(name: str, *arguments: object, **named: object) -> object:
        if name.startswith("pyhanko"):
            raise ImportError(name)
        return found(name, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    for job in (lambda: by_device(paper), lambda: check_document(paper, [samples.issuer().root_der])):
        with pytest.raises(EnvironmentProblem) as missing:
            job()
        assert missing.value.code == "signing_missing"
        assert "pyhanko" in missing.value.cause.zh
