"""The TLS leaf below the root: a real handshake under OpenSSL's strict checks (Python 3.13's default) and through requests."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.trust.conftest import Authority
from trust.certificates import issue_root, issue_tls

# OpenSSL reads the machine's clock, so these are valid for a century.
START, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)


@pytest.fixture
def root(authority: Authority) -> bytes:
    """The authority's root under those dates."""
    return issue_root("Outpost HQ root", authority.root_key, START, END)


def client_context(root: bytes) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=root)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


@contextmanager
def serving(certificate: bytes, key: bytes, folder: Path) -> Iterator[int]:
    """An HTTPS server on loopback that answers ``ok``."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    (folder / "tls.pem").write_bytes(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def shake_hands(context: ssl.SSLContext, certificate: bytes, key: bytes, folder: Path, host: str) -> str | None:
    """Run a whole handshake in memory; return the protocol's version."""
    (folder / "pair.pem").write_bytes(certificate + key)
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(folder / "pair.pem")
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(to_client, to_server, server_hostname=host)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    waiting = {client, server}
    for _ in range(10):
        for side in tuple(waiting):
            try:
                side.do_handshake()
                waiting.discard(side)
            except ssl.SSLWantReadError:
                continue
    assert not waiting
    return client.version()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "hq.example"])
def test_strict_handshake_for_names_and_addresses(authority: Authority, root: bytes, tmp_path: Path, host: str) -> None:
    pair = issue_tls(root, authority.root_key, ["127.0.0.1", "::1", "localhost", "hq.example"], START, END)
    assert shake_hands(client_context(root), *pair, tmp_path, host) == "TLSv1.3"


def test_another_name_another_root_and_an_expired_leaf_are_refused(
    authority: Authority, foreign: Authority, root: bytes, tmp_path: Path
) -> None:
    other_root = issue_root("Outpost HQ root", foreign.root_key, START, END)
    good = issue_tls(root, authority.root_key, ["localhost"], START, END)
    expired = issue_tls(root, authority.root_key, ["localhost"], START, START + timedelta(days=1))
    forged = issue_tls(other_root, foreign.root_key, ["localhost"], START, END)
    for pair, host in ((good, "elsewhere"), (expired, "localhost"), (forged, "localhost")):
        with pytest.raises(ssl.SSLCertVerificationError):
            shake_hands(client_context(root), *pair, tmp_path, host)


def test_requests_pinned_to_the_root(authority: Authority, root: bytes, tmp_path: Path) -> None:
    pinned = tmp_path / "root.pem"
    pinned.write_bytes(x509.load_der_x509_certificate(root).public_bytes(Encoding.PEM))
    pair = issue_tls(root, authority.root_key, ["127.0.0.1"], START, END)
    with serving(*pair, tmp_path) as port:
        answer = requests.get(f"https://127.0.0.1:{port}/", verify=str(pinned), timeout=10)
        assert answer.text == "ok"


def test_the_leaf_says_what_a_server_leaf_must_say(authority: Authority, root: bytes) -> None:
    pem, _ = issue_tls(root, authority.root_key, ["192.0.2.7", "hq.example"], START, END)
    leaf = x509.load_pem_x509_certificate(pem)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.7"]
    assert names.get_values_for_type(x509.DNSName) == ["hq.example"]
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
