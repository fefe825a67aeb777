"""Certificates: each role only for its own use, one root, strict structure, and chains that other software accepts."""

from __future__ import annotations

import random
import shutil
import subprocess
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from tests.trust.conftest import DEVICE, EPOCH, NOT_AFTER, NOT_BEFORE, STATION, Authority, flipped, make_authority
from trust.certificate_frame import join_frame, split_frame
from trust.certificate_issue import SERVICE_USAGE
from trust.certificates import (
    TrustStore,
    genesis_hash,
    issue_device,
    issue_root,
    issue_service,
    issue_tls,
    read_certified_key,
    read_device_certificate,
)
from trust.errors import ForgedError, GapError, StructureError, TrustError
from trust.keys import SoftwareKey


def device_certificate(authority: Authority, device: str, epoch: int, station: str) -> bytes:
    return issue_device(
        authority.root,
        authority.root_key,
        device,
        epoch,
        station,
        authority.device_key.public_key,
        NOT_BEFORE,
        NOT_AFTER,
    )


def hand_made(authority: Authority, build: x509.CertificateBuilder) -> bytes:
    """A certificate that the true root signed but ``issue_device`` would never write."""
    builder = (
        build.issuer_name(x509.load_der_x509_certificate(authority.root).subject)
        .serial_number(2**62)
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
    )
    tbs = builder.sign(Ed25519PrivateKey.generate(), None).tbs_certificate_bytes
    return join_frame(tbs, authority.root_key.sign(tbs))


def pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


def plain_builder(authority: Authority, common_name: str) -> x509.CertificateBuilder:
    public = Ed25519PrivateKey.from_private_bytes(authority.device_key.to_bytes()).public_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    return x509.CertificateBuilder().public_key(public).subject_name(subject)


def test_a_device_certificate_reads_back(authority: Authority, roots: TrustStore) -> None:
    read = roots.verify_device(authority.device)
    assert (read.device, read.epoch, read.station) == (DEVICE, EPOCH, STATION)
    assert read.public_key == authority.device_key.public_key
    assert (read.not_before, read.not_after) == (NOT_BEFORE, NOT_AFTER)
    assert read.der == authority.device
    assert read_device_certificate(authority.device) == read
    assert roots.device(DEVICE, EPOCH) == read


def test_the_same_request_gives_the_same_certificate_and_another_gives_another_serial(authority: Authority) -> None:
    again = device_certificate(authority, DEVICE, EPOCH, STATION)
    assert again == authority.device
    others = {read_certified_key(device_certificate(authority, DEVICE, epoch, STATION)).kid for epoch in range(2, 12)}
    assert len(others) == 10
    assert read_certified_key(again).kid not in others


def test_a_device_certificate_is_small_enough_for_a_qr_code(authority: Authority) -> None:
    assert len(authority.device) <= 240


@given(
    device=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,23}", fullmatch=True),
    station=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,23}", fullmatch=True),
    epoch=st.integers(0, 2**32 - 1),
)
def test_every_allowed_name_survives(device: str, station: str, epoch: int) -> None:
    authority = make_authority(1)
    read = TrustStore(authority.root).verify_device(device_certificate(authority, device, epoch, station))
    assert (read.device, read.epoch, read.station) == (device, epoch, station)


@pytest.mark.parametrize("name", ["", "a/b", "张", "x" * 25, "-a", "a b", "a\n", "a\0"])
def test_names_that_could_be_misread_are_not_certified(authority: Authority, name: str) -> None:
    with pytest.raises(TrustError, match="device_name"):
        device_certificate(authority, name, 1, STATION)
    with pytest.raises(TrustError, match="station_name"):
        device_certificate(authority, DEVICE, 1, name)


@pytest.mark.parametrize("epoch", [-1, 2**32])
def test_epochs_out_of_range_are_not_certified(authority: Authority, epoch: int) -> None:
    with pytest.raises(TrustError, match="epoch"):
        device_certificate(authority, DEVICE, epoch, STATION)


def test_a_weak_key_is_not_certified_nor_accepted_when_it_was(authority: Authority, roots: TrustStore) -> None:
    with pytest.raises(ForgedError, match="public_key_weak"):
        issue_device(authority.root, authority.root_key, DEVICE, 1, STATION, b"\1" + bytes(31), NOT_BEFORE, NOT_AFTER)
    tbs = split_frame(authority.device).tbs.replace(authority.device_key.public_key, b"\1" + bytes(31))
    with pytest.raises(ForgedError, match="public_key_weak"):
        roots.verify_device(join_frame(tbs, authority.root_key.sign(tbs)))


def test_a_root_key_that_is_not_the_roots_issues_nothing(authority: Authority, foreign: Authority) -> None:
    with pytest.raises(ForgedError, match="signature_wrong"):
        issue_service(authority.root, foreign.root_key, "HQ", foreign.service_key.public_key, NOT_BEFORE, NOT_AFTER)


def test_naive_times_and_reversed_times_are_refused(authority: Authority) -> None:
    with pytest.raises(TrustError, match="time_without_zone"):
        issue_root("HQ", authority.root_key, datetime(2026, 1, 1), NOT_AFTER)  # noqa: DTZ001 - the naive time is the point
    with pytest.raises(TrustError, match="validity_reversed"):
        issue_root("HQ", authority.root_key, NOT_AFTER, NOT_BEFORE)


def test_times_keep_their_instant_whatever_the_zone(authority: Authority) -> None:
    beijing = NOT_BEFORE.astimezone(tz=None) + timedelta(microseconds=999_999)
    der = issue_device(
        authority.root, authority.root_key, DEVICE, 1, STATION, authority.device_key.public_key, beijing, NOT_AFTER
    )
    assert der == authority.device


def test_roles_are_not_interchangeable(authority: Authority, roots: TrustStore) -> None:
    tls_pem, _ = issue_tls(authority.root, authority.root_key, ["hq.example"], NOT_BEFORE, NOT_AFTER)
    tls_der = x509.load_pem_x509_certificate(tls_pem).public_bytes(Encoding.DER)
    assert roots.verify_service(authority.service) == authority.service_key.public_key
    for der in (authority.service, authority.root, tls_der):
        with pytest.raises(ForgedError, match="certificate_role"):
            roots.verify_device(der)
        with pytest.raises(ForgedError, match="certificate_role"):
            roots.add_device(der)
    for der in (authority.device, authority.root, tls_der):
        with pytest.raises(ForgedError, match="certificate_role"):
            roots.verify_service(der)
    for der in (authority.service, authority.device):
        with pytest.raises(ForgedError):
            TrustStore(der)


@pytest.mark.parametrize(
    "usages", [[ExtendedKeyUsageOID.SERVER_AUTH], [SERVICE_USAGE, ExtendedKeyUsageOID.SERVER_AUTH], [SERVICE_USAGE]]
)
@pytest.mark.parametrize("critical", [True, False])
@pytest.mark.parametrize("ca", [True, False])
def test_a_service_has_exactly_its_own_critical_usage(
    authority: Authority, roots: TrustStore, usages: list[x509.ObjectIdentifier], critical: bool, ca: bool
) -> None:
    builder = (
        plain_builder(authority, "HQ")
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=critical)
    )
    der = hand_made(authority, builder)
    if usages == [SERVICE_USAGE] and critical and not ca:
        assert roots.verify_service(der) == authority.device_key.public_key
    else:
        with pytest.raises(ForgedError, match="certificate_role"):
            roots.verify_service(der)


@pytest.mark.parametrize(
    ("ca", "signs_certificates", "issuer"),
    [(False, True, "HQ"), (True, False, "HQ"), (None, None, "HQ"), (True, True, "Another"), (True, True, "HQ")],
)
def test_a_self_signed_certificate_is_a_root_only_if_it_says_so(
    authority: Authority, ca: bool | None, signs_certificates: bool | None, issuer: str
) -> None:
    builder = plain_builder(authority, "HQ")
    if ca is not None and signs_certificates is not None:
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=signs_certificates,
            crl_sign=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        builder = builder.add_extension(usage, critical=True)
    builder = builder.issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
    builder = builder.serial_number(7).not_valid_before(NOT_BEFORE).not_valid_after(NOT_AFTER)
    tbs = builder.sign(Ed25519PrivateKey.generate(), None).tbs_certificate_bytes
    der = join_frame(tbs, authority.device_key.sign(tbs))
    if ca and signs_certificates and issuer == "HQ":
        assert TrustStore(der).root_der == der
    else:
        with pytest.raises(ForgedError, match="certificate_role"):
            TrustStore(der)


def test_another_root_with_the_same_name_counts_for_nothing(authority: Authority, foreign: Authority) -> None:
    roots = TrustStore(authority.root)
    for der in (foreign.device, foreign.service):
        with pytest.raises(ForgedError, match="signature_wrong"):
            roots.verify_device(der)
        with pytest.raises(ForgedError, match="signature_wrong"):
            roots.verify_service(der)


def test_a_certificate_below_another_name_of_the_same_key_is_refused(authority: Authority) -> None:
    renamed = issue_root("Another name", authority.root_key, NOT_BEFORE, NOT_AFTER)
    with pytest.raises(ForgedError, match="certificate_role"):
        TrustStore(renamed).verify_device(authority.device)


@pytest.mark.parametrize(
    "name", ["QX07-D3/1", "QX07-D3/01/QX07", "QX07-D3/4294967296/QX07", "a/1/b/c", "张/1/QX07", "/1/", "a/１/b"]
)
def test_subjects_that_issue_device_never_writes_are_no_devices(
    authority: Authority, roots: TrustStore, name: str
) -> None:
    with pytest.raises(ForgedError, match="certificate_role"):
        roots.verify_device(hand_made(authority, plain_builder(authority, name)))


@pytest.mark.parametrize("second", [NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME])
def test_a_subject_with_a_second_part_is_no_device(
    authority: Authority, roots: TrustStore, second: x509.ObjectIdentifier
) -> None:
    parts = [
        x509.NameAttribute(NameOID.COMMON_NAME, f"{DEVICE}/{EPOCH}/{STATION}"),
        x509.NameAttribute(second, "QX07-D4/1/QX07"),
    ]
    public = Ed25519PrivateKey.from_private_bytes(authority.device_key.to_bytes()).public_key()
    builder = x509.CertificateBuilder().public_key(public).subject_name(x509.Name(parts))
    with pytest.raises(ForgedError, match="certificate_role"):
        roots.verify_device(hand_made(authority, builder))


def test_a_device_with_any_extension_is_no_device(authority: Authority, roots: TrustStore) -> None:
    plain = plain_builder(authority, f"{DEVICE}/{EPOCH}/{STATION}")
    assert roots.verify_device(hand_made(authority, plain)).device == DEVICE
    as_ca = plain.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    with pytest.raises(ForgedError, match="certificate_role"):
        roots.verify_device(hand_made(authority, as_ca))


def test_every_flipped_bit_of_a_certificate_is_found(authority: Authority, roots: TrustStore) -> None:
    for bit in range(8 * len(authority.device)):
        with pytest.raises(ForgedError):
            roots.verify_device(flipped(authority.device, bit))


@pytest.mark.parametrize("warnings_are", ["error", "ignore"])
def test_every_flipped_bit_of_a_root_is_found(authority: Authority, warnings_are: Literal["error", "ignore"]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter(warnings_are)
        for bit in range(8 * len(authority.root)):
            with pytest.raises(ForgedError):
                TrustStore(flipped(authority.root, bit))


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 70, 140, -1])
def test_cut_and_lengthened_certificates_are_refused(authority: Authority, roots: TrustStore, cut: int) -> None:
    for der in (authority.device[:cut], authority.device + b"\0", b"\0" + authority.device):
        with pytest.raises(StructureError):
            roots.verify_device(der)
        with pytest.raises(StructureError):
            read_device_certificate(der)


def test_a_long_spelling_of_the_outer_length_is_refused(authority: Authority, roots: TrustStore) -> None:
    content = authority.device[3:]
    assert authority.device[:2] == b"\x30\x81"
    for head in (b"\x30\x82\x00" + authority.device[2:3], b"\x30\x80"):
        with pytest.raises(StructureError):
            roots.verify_device(head + content)


def test_what_the_root_signed_but_no_parser_reads_is_a_structure_error(authority: Authority, roots: TrustStore) -> None:
    for tbs in (b"\x30\x00", b"\x30\x03\x02\x01\x01", split_frame(authority.device).tbs[:-1]):
        with pytest.raises(StructureError, match="certificate_unreadable"):
            roots.verify_device(join_frame(tbs, authority.root_key.sign(tbs)))


@pytest.mark.parametrize("length", [58, 59, 60, 180, 181, 182, 183, 184])
def test_frames_round_trip_around_the_steps_of_the_length_field(length: int) -> None:
    tbs = b"\x30" + bytes(length - 1)
    assert split_frame(join_frame(tbs, b"s" * 64)) == (tbs, b"s" * 64)


@given(der=st.binary(max_size=300))
def test_random_bytes_are_forged_and_nothing_else(der: bytes) -> None:
    roots = TrustStore(make_authority(1).root)
    for read in (roots.verify_device, roots.verify_service, roots.add_device, read_device_certificate, TrustStore):
        with pytest.raises(ForgedError):
            read(der)


@pytest.mark.parametrize("warnings_are", ["error", "ignore"])
def test_reading_a_damaged_certificate_without_its_root_never_breaks(
    authority: Authority, warnings_are: Literal["error", "ignore"]
) -> None:
    draw = random.Random(7)
    with warnings.catch_warnings():
        warnings.simplefilter(warnings_are)
        for _ in range(3000):
            damaged = bytearray(authority.device)
            for _ in range(draw.randrange(1, 3)):
                damaged[draw.randrange(len(damaged))] = draw.randrange(256)
            try:
                read_device_certificate(bytes(damaged))
                read_certified_key(bytes(damaged))
            except TrustError:
                continue


def test_heads_are_known_from_the_certificate_or_by_being_told(authority: Authority, roots: TrustStore) -> None:
    assert roots.head_before(DEVICE, EPOCH, 1) == genesis_hash(authority.device)
    with pytest.raises(GapError, match="head_unknown"):
        roots.head_before(DEVICE, EPOCH, 2)
    roots.add_head(DEVICE, EPOCH, 2, b"h" * 32)
    roots.add_head(DEVICE, EPOCH, 2, b"h" * 32)
    assert roots.head_before(DEVICE, EPOCH, 2) == b"h" * 32
    with pytest.raises(ForgedError, match="head_conflict"):
        roots.add_head(DEVICE, EPOCH, 2, b"i" * 32)
    with pytest.raises(StructureError, match="head_length"):
        roots.add_head(DEVICE, EPOCH, 3, b"short")
    with pytest.raises(ForgedError, match="device_unknown"):
        roots.head_before("QX07-D4", EPOCH, 1)
    with pytest.raises(ForgedError, match="device_unknown"):
        roots.device(DEVICE, EPOCH + 1)


def test_a_second_certificate_for_one_epoch_is_a_conflict(authority: Authority, roots: TrustStore) -> None:
    roots.add_device(authority.device)
    with pytest.raises(ForgedError, match="device_certificate_conflict"):
        roots.add_device(device_certificate(authority, DEVICE, EPOCH, "OTHER"))
    roots.add_device(device_certificate(authority, DEVICE, EPOCH + 1, "OTHER"))


def test_a_root_and_a_device_never_share_a_genesis(authority: Authority) -> None:
    other = device_certificate(authority, DEVICE, EPOCH + 1, STATION)
    assert genesis_hash(other) != genesis_hash(authority.device)


@pytest.mark.parametrize("kind", ["device", "service", "root"])
@pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is the other verifier here")
def test_the_openssl_command_accepts_the_chain(
    authority: Authority, foreign: Authority, kind: str, tmp_path: Path
) -> None:
    leaf = tmp_path / "leaf.pem"
    leaf.write_bytes(pem(getattr(authority, kind)))
    for root_der, accepted in ((authority.root, True), (foreign.root, False)):
        root = tmp_path / "root.pem"
        root.write_bytes(pem(root_der))
        at = str(int((NOT_BEFORE + timedelta(days=1)).timestamp()))
        done = subprocess.run(
            ["openssl", "verify", "-attime", at, "-CAfile", root, leaf], capture_output=True, check=False, text=True
        )
        assert (done.returncode == 0) is accepted, done.stderr


@pytest.mark.parametrize("host", ["", "*", "a b", "名字.example"])
def test_hosts_that_no_certificate_can_carry_are_refused(authority: Authority, host: str) -> None:
    with pytest.raises(TrustError):
        issue_tls(authority.root, authority.root_key, [host], NOT_BEFORE, NOT_AFTER)


def test_tls_needs_a_host(authority: Authority) -> None:
    with pytest.raises(TrustError, match="no_host"):
        issue_tls(authority.root, authority.root_key, [], NOT_BEFORE, NOT_AFTER)


def test_validity_is_not_judged(authority: Authority) -> None:
    past = datetime(1990, 1, 1, tzinfo=UTC)
    old = issue_device(
        authority.root, authority.root_key, DEVICE, 1, STATION, SoftwareKey.generate().public_key, past, past
    )
    assert TrustStore(authority.root).verify_device(old).not_after == past
