"""How headquarters issues certificates: one root, and below it services, devices and the TLS server.

Promise: roles can't be confused, because their shapes differ (``trust.certificates`` checks them):

    root     CA, self-signed
    service  Ed25519, critical extended key usage ``SERVICE_USAGE`` and nothing else there
    device   Ed25519, common name ``device/epoch/station``, no extension at all: it travels in every QR code
    tls      P-256, extended key usage serverAuth; passes OpenSSL's strict checks below the root

The serial number is a hash of what the certificate says, so that the same request gives the same certificate and the serial
names its content. Times are aware; X.509 keeps whole seconds. Source: RFC 5280; docs/adr/0010-certificates.md.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from trust.certificate_frame import join_frame, split_frame
from trust.errors import TrustError
from trust.keys import Signer, check_public_key, verify_signature

# Self-allotted under 2.25 (ITU-T X.667): signs statements in headquarters' name.
SERVICE_USAGE = x509.ObjectIdentifier("2.25.305163245811370182916498726017154902113")
SERIAL_BYTES = 8
MAX_EPOCH = 2**32 - 1
# Twice 24, an epoch and two strokes fit the 64 characters of a common name.
DEVICE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,23}")
_MAX_COMMON_NAME = 64
_MAX_HOST_NAME = 253
# RFC 1123 §2.1: labels of letters, digits and inner hyphens; international names in their xn-- form, no wildcards.
_HOST_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"{_HOST_LABEL}(?:\.{_HOST_LABEL})*")


def issue_root(name: str, signer: Signer, not_before: datetime, not_after: datetime) -> bytes:
    """Return headquarters' self-signed root certificate (DER). Raises ``TrustError`` for a name X.509 can't carry."""
    subject = _common_name(name)
    key_id = x509.SubjectKeyIdentifier.from_public_key(_ed25519(signer.public_key))
    builder = (
        _builder(subject, subject, signer.public_key, not_before, not_after)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(certificates=True), critical=True)
        .add_extension(key_id, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier(key_id.digest, None, None), critical=False)
    )
    return _sign(builder, signer)


def issue_service(  # noqa: PLR0917 - issuer, subject, validity: the order of X.509 itself
    root_der: bytes, root_signer: Signer, name: str, public_key: bytes, not_before: datetime, not_after: datetime
) -> bytes:
    """Return a certificate (DER) whose key signs statements in headquarters' name."""
    root = _own_root(root_der, root_signer)
    builder = (
        _builder(root.subject, _common_name(name), public_key, not_before, not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([SERVICE_USAGE]), critical=True)
        .add_extension(_authority_key_id(root), critical=False)
    )
    return _sign(builder, root_signer)


def issue_device(  # noqa: PLR0917 - issuer, subject, validity: the order of X.509 itself
    root_der: bytes,
    root_signer: Signer,
    device: str,
    epoch: int,
    station: str,
    public_key: bytes,
    not_before: datetime,
    not_after: datetime,
) -> bytes:
    """Return a device's certificate (DER).

    Raises:
        TrustError: ``device_name``, ``station_name`` (1 to 24 of ``A-Z a-z 0-9 . _ -``) or ``epoch`` (0 to 2**32 - 1).
    """
    for code, name in (("device_name", device), ("station_name", station)):
        if not DEVICE_NAME.fullmatch(name):
            raise TrustError(code, name=name)
    if not 0 <= epoch <= MAX_EPOCH:
        raise TrustError("epoch", epoch=epoch)
    root = _own_root(root_der, root_signer)
    return _sign(
        _builder(root.subject, _common_name(f"{device}/{epoch}/{station}"), public_key, not_before, not_after),
        root_signer,
    )


def issue_tls(
    root_der: bytes, root_signer: Signer, hosts: Sequence[str], not_before: datetime, not_after: datetime
) -> tuple[bytes, bytes]:
    """Return certificate and private key (both PEM) of a TLS server that answers to ``hosts``, names or IP addresses.

    Raises:
        TrustError: ``no_host`` or ``host_name``.
    """
    if not hosts:
        raise TrustError("no_host")
    root = _own_root(root_der, root_signer)
    private = ec.generate_private_key(ec.SECP256R1())
    builder = (
        _unsigned(root.subject, _common_name(hosts[0][:_MAX_COMMON_NAME]), private.public_key(), not_before, not_after)
        .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .add_extension(_authority_key_id(root), critical=False)
    )
    certificate = x509.load_der_x509_certificate(_sign(builder, root_signer))
    key_pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), key_pem


def _builder(
    issuer: x509.Name, subject: x509.Name, public_key: bytes, not_before: datetime, not_after: datetime
) -> x509.CertificateBuilder:
    return _unsigned(issuer, subject, _ed25519(public_key), not_before, not_after)


def _unsigned(
    issuer: x509.Name,
    subject: x509.Name,
    public_key: Ed25519PublicKey | ec.EllipticCurvePublicKey,
    not_before: datetime,
    not_after: datetime,
) -> x509.CertificateBuilder:
    for moment in (not_before, not_after):
        if moment.tzinfo is None:
            raise TrustError("time_without_zone", time=moment)
    start, end = not_before.astimezone(UTC).replace(microsecond=0), not_after.astimezone(UTC).replace(microsecond=0)
    if end < start:
        raise TrustError("validity_reversed", not_before=start, not_after=end)
    key_der = public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(public_key)
        .serial_number(
            _serial(
                issuer.public_bytes(),
                subject.public_bytes(),
                key_der,
                f"{start.isoformat()}/{end.isoformat()}".encode(),
            )
        )
        .not_valid_before(start)
        .not_valid_after(end)
    )


def _serial(*parts: bytes) -> int:
    digest = hashlib.sha256(b"outpost-serial-1\0" + b"".join(hashlib.sha256(part).digest() for part in parts)).digest()
    # The two top bits 01: always eight bytes in DER, never negative, never zero.
    return int.from_bytes(digest[:SERIAL_BYTES], "big") & (2**63 - 1) | 2**62


def _sign(builder: x509.CertificateBuilder, signer: Signer) -> bytes:
    # A signer need not be a key object (it may be a token), so the builder signs with a throw-away key and only what
    # it wrote to be signed is kept: that part doesn't depend on the key.
    draft = builder.sign(Ed25519PrivateKey.generate(), algorithm=None)
    tbs = draft.tbs_certificate_bytes
    return join_frame(tbs, signer.sign(tbs))


def _own_root(root_der: bytes, root_signer: Signer) -> x509.Certificate:
    frame = split_frame(root_der)
    verify_signature(root_signer.public_key, frame.signature, frame.tbs)
    return x509.load_der_x509_certificate(root_der)


def _ed25519(public_key: bytes) -> Ed25519PublicKey:
    check_public_key(public_key)
    return Ed25519PublicKey.from_public_bytes(public_key)


def _common_name(name: str) -> x509.Name:
    try:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    except ValueError as problem:
        raise TrustError("common_name", name=name) from problem


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    if len(host) > _MAX_HOST_NAME or not _HOST_NAME.fullmatch(host):
        raise TrustError("host_name", host=host)
    return x509.DNSName(host)


def _authority_key_id(root: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    key_id = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id)


def _key_usage(*, certificates: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


__all__ = ["MAX_EPOCH", "SERIAL_BYTES", "SERVICE_USAGE", "issue_device", "issue_root", "issue_service", "issue_tls"]
