"""A TLS channel between two devices of one headquarters, each proven to the other by its device key.

Promise: after ``open_as_client`` or ``open_as_server`` both ends know which device below their own root is at the other end of *this* TLS
connection; nobody between can be: what each device signs names the certificate of the connection and the other's nonce. The asking end
says who it is only to a proven device. A stopped device, a stranger and a copy of oneself are refused.

The TLS certificate is self-signed and lives as long as the server runs. A device's own certificate would pass TLS, yet Python's ``ssl``
takes private keys from files only: the device key would have to touch the disk, and a key in a token could not be used at all. See
docs/adr/0146.
"""

from __future__ import annotations

import hashlib
import secrets
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sync.lan_frames import FrameStream
from sync.lan_problems import NeighbourFault, NeighbourProblem
from sync.wire.hub_messages import MAX_MESSAGE_BYTES, MAX_PAYLOAD_BYTES, NeighbourRole
from trust.certificates import DeviceCertificate, TrustStore
from trust.device_statements import open_device_statement, sign_device_statement
from trust.errors import TrustError
from trust.keys import Signer

OPENING_WITHIN_S = 10.0
_NONCE_BYTES = 16
# Nobody reads them: who is there is proven inside the channel.
_VALID = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC))


class Opening(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="lan_opening@1"):
    """The first word of the asking end: prove who you are."""

    nonce: str


class ServerProof(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="lan_server@1"):
    """Signed by the answering device: this connection's certificate (SHA-256 of its DER, hex) is mine; now you."""

    nonce: str
    tls_sha256: str
    your_nonce: str
    role: NeighbourRole


class ClientProof(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="lan_client@1"):
    """Signed by the asking device, for this device on this connection only."""

    nonce: str
    tls_sha256: str
    to_device: str
    to_epoch: int


class Opened(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="lan_opened@1"):
    """The answering end's word on the proof: empty for welcome, else the fault."""

    refused: str = ""


_Proof = TypeVar("_Proof", ServerProof, ClientProof)
_Message = TypeVar("_Message", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class OwnIdentity:
    """Who this device is on the network, whom it believes, and whom it knows to be stopped."""

    certificate: DeviceCertificate
    signer: Signer
    roots: TrustStore
    stopped: Callable[[str, int], bool]

    def sign(self, kind: str, body: bytes) -> bytes:
        """Return a device statement."""
        return sign_device_statement(self.signer, self.certificate.der, kind, body)


@dataclass(frozen=True, slots=True)
class Proven:
    """The other end: its certificate, and what it is to its neighbours (the asking end says nothing of that)."""

    device: DeviceCertificate
    role: NeighbourRole | None = None


@dataclass(frozen=True, slots=True)
class ServerTls:
    """The TLS side of a server: its context and the hash of the certificate it shows."""

    context: ssl.SSLContext
    sha256: str


def make_server_tls() -> ServerTls:
    """Make a fresh key and certificate. The key touches the disk encrypted under a password that is never kept, and is deleted at once."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "outpost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID[0])
        .not_valid_after(_VALID[1])
        .sign(key, hashes.SHA256())
    )
    password = secrets.token_hex(32)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # Each connection proves its ends anew; a resumed one would show no certificate.
    context.num_tickets = 0
    with TemporaryDirectory(prefix="outpost-lan-") as folder:
        pem = Path(folder) / "tls.pem"
        pem.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(password.encode()),
            )
        )
        context.load_cert_chain(pem, password=password)
    der = certificate.public_bytes(serialization.Encoding.DER)
    return ServerTls(context, hashlib.sha256(der).hexdigest())


def open_as_client(sock: socket.socket, own: OwnIdentity, own_tls: frozenset[str]) -> tuple[FrameStream, Proven]:
    """Open a channel over a connected socket.

    Args:
        sock: closed by this function when it raises.
        own: who asks.
        own_tls: hashes of this program's own servers' certificates, so that a laptop knows itself from a copy of itself.

    Raises:
        NeighbourProblem: nobody there that counts. ``TWIN`` where the other end holds this device's key and is not this program.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    # Whose certificate it is, is proven below by a device key; no authority issues names for laptops in a tent.
    context.verify_mode = ssl.CERT_NONE
    try:
        sock.settimeout(OPENING_WITHIN_S)
        tls = context.wrap_socket(sock)
    except TimeoutError as problem:
        sock.close()
        raise NeighbourProblem(NeighbourFault.TIMEOUT) from problem
    except OSError as problem:
        sock.close()
        raise NeighbourProblem(_fault_of(problem)) from problem
    stream = FrameStream(tls, message_cap=MAX_MESSAGE_BYTES * 2, payload_cap=MAX_PAYLOAD_BYTES)
    try:
        return stream, _prove_as_client(stream, tls, own, own_tls)
    except BaseException:
        stream.close()
        raise


def open_as_server(
    sock: socket.socket, tls: ServerTls, own: OwnIdentity, role: NeighbourRole
) -> tuple[FrameStream, Proven]:
    """Open a channel over an accepted socket; closed by this function when it raises.

    Raises:
        NeighbourProblem: the other end is nobody of ours, or it broke off.
    """
    try:
        sock.settimeout(OPENING_WITHIN_S)
        wrapped = tls.context.wrap_socket(sock, server_side=True)
    except TimeoutError as problem:
        sock.close()
        raise NeighbourProblem(NeighbourFault.TIMEOUT) from problem
    except OSError as problem:
        sock.close()
        raise NeighbourProblem(_fault_of(problem)) from problem
    stream = FrameStream(wrapped, message_cap=MAX_MESSAGE_BYTES * 2, payload_cap=MAX_MESSAGE_BYTES)
    try:
        return stream, _prove_as_server(stream, tls, own, role)
    except BaseException:
        stream.close()
        raise


def _prove_as_client(stream: FrameStream, tls: ssl.SSLSocket, own: OwnIdentity, own_tls: frozenset[str]) -> Proven:
    shown = tls.getpeercert(binary_form=True)
    if not shown:
        raise NeighbourProblem(NeighbourFault.STRANGER)
    tls_sha256 = hashlib.sha256(shown).hexdigest()
    if tls_sha256 in own_tls:
        raise OwnServerError
    nonce = secrets.token_hex(_NONCE_BYTES)
    stream.send(msgspec.json.encode(Opening(nonce=nonce)), within_s=OPENING_WITHIN_S)
    device, proof = _open(_next(stream), own.roots, ServerProof)
    if (proof.nonce, proof.tls_sha256) != (nonce, tls_sha256):
        raise NeighbourProblem(NeighbourFault.STRANGER)
    if device.public_key == own.certificate.public_key:
        raise NeighbourProblem(NeighbourFault.TWIN, device.device)
    if own.stopped(device.device, device.epoch):
        raise NeighbourProblem(NeighbourFault.STOPPED, device.device)
    answer = ClientProof(nonce=proof.your_nonce, tls_sha256=tls_sha256, to_device=device.device, to_epoch=device.epoch)
    stream.send(own.sign("lan_client@1", msgspec.json.encode(answer)), within_s=OPENING_WITHIN_S)
    opened = _decode(_next(stream), Opened)
    if opened.refused:
        raise NeighbourProblem(_REFUSALS.get(opened.refused, NeighbourFault.REFUSED), device.device)
    return Proven(device, proof.role)


def _prove_as_server(stream: FrameStream, tls: ServerTls, own: OwnIdentity, role: NeighbourRole) -> Proven:
    opening = _decode(_next(stream), Opening)
    nonce = secrets.token_hex(_NONCE_BYTES)
    mine = ServerProof(nonce=opening.nonce, tls_sha256=tls.sha256, your_nonce=nonce, role=role)
    stream.send(own.sign("lan_server@1", msgspec.json.encode(mine)), within_s=OPENING_WITHIN_S)
    refused = ""
    device, proof = _open(_next(stream), own.roots, ClientProof)
    meant = (nonce, tls.sha256, own.certificate.device, own.certificate.epoch)
    if (proof.nonce, proof.tls_sha256, proof.to_device, proof.to_epoch) != meant:
        refused = NeighbourFault.STRANGER
    elif device.public_key == own.certificate.public_key:
        refused = NeighbourFault.TWIN
    elif own.stopped(device.device, device.epoch):
        refused = NeighbourFault.STOPPED
    stream.send(msgspec.json.encode(Opened(refused=refused)), within_s=OPENING_WITHIN_S)
    if refused:
        raise NeighbourProblem(NeighbourFault(refused), device.device)
    return Proven(device)


# That this laptop has a twin counts only where it was proven here; another device's word for it stops nobody.
_REFUSALS = {each.value: each for each in (NeighbourFault.STOPPED, NeighbourFault.STRANGER, NeighbourFault.BUSY)}


class OwnServerError(Exception):
    """The other end is this very program: found itself on the network."""


def _next(stream: FrameStream) -> bytes:
    frame = stream.receive(within_s=OPENING_WITHIN_S)
    if frame is None:
        raise NeighbourProblem(NeighbourFault.CUT)
    return frame.message


def _open(raw: bytes, roots: TrustStore, wanted: type[_Proof]) -> tuple[DeviceCertificate, _Proof]:
    try:
        statement = open_device_statement(raw, roots)
    except TrustError as problem:
        raise NeighbourProblem(NeighbourFault.STRANGER) from problem
    if statement.kind != wanted.__struct_config__.tag:
        raise NeighbourProblem(NeighbourFault.STRANGER)
    return statement.signed_by, _decode(statement.body, wanted)


def _decode(raw: bytes, wanted: type[_Message]) -> _Message:
    try:
        return msgspec.json.decode(raw, type=wanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise NeighbourProblem(NeighbourFault.UNREADABLE) from problem


def _fault_of(problem: OSError) -> NeighbourFault:
    if isinstance(problem, ssl.SSLError) and not isinstance(problem, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return NeighbourFault.UNREADABLE
    return NeighbourFault.CUT
