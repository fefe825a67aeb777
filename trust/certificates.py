"""Who may say what: certificates below one root, and the store of those that are known.

Promise: a certificate is taken for a role only if the root signed it and its shape is that role's; a device can't speak for
headquarters nor the other way round. Validity periods are read, never judged: how old is too old is policy, not forgery.
The root's signature is checked before any parser sees what it covers.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID

from trust.certificate_frame import split_frame
from trust.certificate_issue import (
    DEVICE_NAME,
    MAX_EPOCH,
    SERIAL_BYTES,
    SERVICE_USAGE,
    issue_device,
    issue_root,
    issue_service,
    issue_tls,
)
from trust.errors import ForgedError, GapError, StructureError
from trust.keys import check_public_key, verify_signature

__all__ = [
    "FIRST_SEQ",
    "CertifiedKey",
    "DeviceCertificate",
    "TrustStore",
    "genesis_hash",
    "issue_device",
    "issue_root",
    "issue_service",
    "issue_tls",
    "read_certified_key",
    "read_device_certificate",
    "read_device_name",
]

FIRST_SEQ = 1
HASH_BYTES = 32
# The deprecation is the library's word for what its next release refuses (a serial of zero); with warnings as errors it does today.
_UNREADABLE = (
    ValueError,
    TypeError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    UnsupportedAlgorithm,
    CryptographyDeprecationWarning,
)
_DEVICE_SUBJECT = re.compile(rf"({DEVICE_NAME.pattern})/(0|[1-9][0-9]{{0,9}})/({DEVICE_NAME.pattern})")


@dataclass(frozen=True, slots=True)
class DeviceCertificate:
    """What a device's certificate says. ``epoch`` counts the lives of one device: a restored or re-enrolled one gets the next."""

    device: str
    epoch: int
    station: str
    public_key: bytes
    der: bytes
    not_before: datetime
    not_after: datetime


class CertifiedKey(NamedTuple):
    """A key and its id: the certificate's serial number in eight bytes, itself a hash of the certificate's content."""

    kid: bytes
    public_key: bytes


def read_device_certificate(der: bytes) -> DeviceCertificate:
    """Read a device's certificate without trusting it.

    Raises:
        StructureError: not a certificate of ours at all.
        ForgedError: ``certificate_role``, one for another role.
    """
    split_frame(der)
    return _read_device(_parse(der), der)


def read_device_name(der: bytes) -> tuple[str, int, str]:
    """Read device, epoch and station of a device's certificate whoever issued it, without trusting it.

    ``read_device_certificate`` reads those of our own issuing only; headquarters' root may live in a box that signs by another algorithm.

    Raises:
        StructureError, ForgedError: as ``read_device_certificate``.
    """
    read = _read_device(_parse(der), der)
    return read.device, read.epoch, read.station


def genesis_hash(device_certificate_der: bytes) -> bytes:
    """Return what the first commit of a device's epoch builds on: a hash of its certificate."""
    return hashlib.sha256(b"outpost-genesis-1\0" + device_certificate_der).digest()


def read_certified_key(der: bytes) -> CertifiedKey:
    """Read which key a certificate is about, without trusting it. Raises ``ForgedError``, ``StructureError``."""
    certificate = _parse(der)
    return CertifiedKey(certificate.serial_number.to_bytes(SERIAL_BYTES, "big"), _ed25519_key(certificate))


class TrustStore:
    """One root, the device certificates below it and the chain heads that are known. Kept in memory by its owner.

    Raises:
        ForgedError, StructureError: ``root_der`` is not a self-signed root of ours.
    """

    def __init__(self, root_der: bytes) -> None:
        self._root_key, self._root_name = _read_root(root_der)
        self._root_der = root_der
        self._devices: dict[tuple[str, int], DeviceCertificate] = {}
        self._heads: dict[tuple[str, int, int], bytes] = {}

    @property
    def root_der(self) -> bytes:
        """The root certificate, DER."""
        return self._root_der

    def verify_device(self, der: bytes) -> DeviceCertificate:
        """Check that the root made this device's certificate. Raises ``ForgedError``, ``StructureError``."""
        return _read_device(self._below_root(der), der)

    def verify_service(self, der: bytes) -> bytes:
        """Check that the root lets this key sign statements, and return the key (32 bytes). Raises as ``verify_device``."""
        certificate = self._below_root(der)
        _require(_is_service(certificate), "service")
        return _ed25519_key(certificate)

    def add_device(self, der: bytes) -> None:
        """Learn a device. Raises as ``verify_device``; ``device_certificate_conflict`` when its epoch has another one already."""
        certificate = self.verify_device(der)
        known = self._devices.setdefault((certificate.device, certificate.epoch), certificate)
        if known.der != der:
            raise ForgedError("device_certificate_conflict", device=certificate.device, epoch=certificate.epoch)

    def device(self, device: str, epoch: int) -> DeviceCertificate:
        """Return a known device's certificate. Raises ``ForgedError`` (``device_unknown``)."""
        known = self._devices.get((device, epoch))
        if known is None:
            raise ForgedError("device_unknown", device=device, epoch=epoch)
        return known

    def add_head(self, device: str, epoch: int, next_seq: int, hash: bytes) -> None:  # noqa: A002 - the contract's name; nothing here hashes by the builtin
        """Remember the chain hash just before ``next_seq``, after the commit that ends there was verified.

        Raises:
            ForgedError: ``head_conflict`` when another hash is known there: a cloned or restored disk.
        """
        if len(hash) != HASH_BYTES:
            raise StructureError("head_length", length=len(hash))
        known = self._heads.setdefault((device, epoch, next_seq), hash)
        if known != hash:
            raise ForgedError("head_conflict", device=device, epoch=epoch, next_seq=next_seq)

    def head_before(self, device: str, epoch: int, first_seq: int) -> bytes:
        """Return the chain hash that the commit starting at ``first_seq`` must build on.

        Raises:
            GapError: ``head_unknown``.
            ForgedError: ``device_unknown``.
        """
        certificate = self.device(device, epoch)
        if first_seq == FIRST_SEQ:
            return genesis_hash(certificate.der)
        head = self._heads.get((device, epoch, first_seq))
        if head is None:
            raise GapError("head_unknown", device=device, epoch=epoch, first_seq=first_seq)
        return head

    def _below_root(self, der: bytes) -> x509.Certificate:
        return _made_by(self._root_key, self._root_name, der)


# What is found of a certificate depends on its bytes and the root's only, not even on the time. So a busy service reads each once. Only what the
# root itself signed is kept, so a stranger can't fill the memory.


@lru_cache(maxsize=16)
def _read_root(der: bytes) -> tuple[bytes, bytes]:
    """Return key and name of a root that signed itself."""
    frame = split_frame(der)
    root = _parse(der)
    key = _ed25519_key(root)
    verify_signature(key, frame.signature, frame.tbs)
    _require(_is_root(root), "root")
    return key, root.subject.public_bytes()


@lru_cache(maxsize=2048)
def _made_by(root_key: bytes, root_name: bytes, der: bytes) -> x509.Certificate:
    frame = split_frame(der)
    verify_signature(root_key, frame.signature, frame.tbs)
    certificate = _parse(der)
    _require(certificate.issuer.public_bytes() == root_name, "issuer")
    return certificate


def _parse(der: bytes) -> x509.Certificate:
    try:
        certificate = x509.load_der_x509_certificate(der)
        # The library reads lazily: touch all that is used later, so that what can't be read fails here.
        certificate.public_key()
        _ = certificate.extensions, certificate.subject, certificate.issuer
        _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except _UNREADABLE as problem:
        raise StructureError("certificate_unreadable", length=len(der)) from problem
    if certificate.version is not x509.Version.v3:
        raise StructureError("certificate_version", version=certificate.version.name)
    if not 0 < certificate.serial_number < 1 << 8 * SERIAL_BYTES:
        raise StructureError("certificate_serial", serial=certificate.serial_number)
    return certificate


def _require(holds: bool, role: str) -> None:
    if not holds:
        raise ForgedError("certificate_role", expected=role)


def _ed25519_key(certificate: x509.Certificate) -> bytes:
    key = certificate.public_key()
    if not isinstance(key, Ed25519PublicKey):
        raise ForgedError("certificate_key_kind", kind=type(key).__name__)
    raw = key.public_bytes_raw()
    check_public_key(raw)
    return raw


def _is_root(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    except x509.ExtensionNotFound:
        return False
    return (
        certificate.issuer == certificate.subject
        and constraints.critical
        and constraints.value.ca
        and usage.critical
        and usage.value.key_cert_sign
    )


def _is_service(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    return not constraints.value.ca and usage.critical and list(usage.value) == [SERVICE_USAGE]


def _read_device(certificate: x509.Certificate, der: bytes) -> DeviceCertificate:
    names = [part.value for part in certificate.subject if part.oid == NameOID.COMMON_NAME]
    found = _DEVICE_SUBJECT.fullmatch(str(names[0])) if len(names) == len(certificate.subject) == 1 else None
    if found is None or int(found[2]) > MAX_EPOCH or len(certificate.extensions):
        raise ForgedError("certificate_role", expected="device")
    return DeviceCertificate(
        device=found[1],
        epoch=int(found[2]),
        station=found[3],
        public_key=_ed25519_key(certificate),
        der=der,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )
