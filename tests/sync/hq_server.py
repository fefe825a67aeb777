"""The simulated headquarters behind real TLS on loopback, with faults made where a network makes them: in the bytes."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.sync.authority import Authority
from tests.sync.hq_simulator import HqSimulator, Reply


class Fault(StrEnum):
    """What happens to one exchange."""

    CUT_REQUEST = "cut_request"
    """The line breaks while the body is still coming in."""
    CUT_BEFORE_ANSWER = "cut_before_answer"
    """HQ does its work; the line breaks before the answer."""
    CUT_ANSWER = "cut_answer"
    """The line breaks in the middle of the answer's body."""
    SILENCE = "silence"
    """Half-open: the connection stands, nobody answers."""


Fate = Callable[[str, str], "Fault | Reply | None"]


def calm(method: str, path: str) -> Fault | Reply | None:
    """Nothing happens."""
    return None


class HqServer:
    """A running server. ``fate`` may be replaced at any time."""

    def __init__(self, hq: HqSimulator, tls: ssl.SSLContext) -> None:
        self.hq = hq
        self.fate: Fate = calm
        self.released = threading.Event()
        self.bytes_up = 0
        self.connections = 0
        self._open: set[ssl.SSLSocket] = set()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 20

            def do_GET(self) -> None:
                owner.exchange(self, "GET")

            def do_POST(self) -> None:
                owner.exchange(self, "POST")

            def do_PUT(self) -> None:
                owner.exchange(self, "PUT")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Be quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = False
            block_on_close = True

            def finish_request(self, request, client_address) -> None:
                # The handshake belongs to the connection's own thread: a client that goes away must not stop the others.
                # One that falls silent in the middle of it must not keep the server from closing.
                request.settimeout(15)
                with tls.wrap_socket(request, server_side=True) as secured:
                    owner.connections += 1
                    owner._open.add(secured)
                    try:
                        super().finish_request(secured, client_address)
                    finally:
                        owner._open.discard(secured)

            def handle_error(self, request, client_address) -> None:
                """A broken line is what these tests are about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"https://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def exchange(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        """Read one request and answer it, or not."""
        length = int(handler.headers.get("Content-Length", "0"))
        fate = self.fate(method, handler.path)
        if fate is Fault.CUT_REQUEST:
            handler.rfile.read(length // 2)
            self._cut(handler)
            return
        body = handler.rfile.read(length)
        self.bytes_up += length
        if fate is Fault.SILENCE:
            self.released.wait(10)
            self._cut(handler)
            return
        reply = fate if isinstance(fate, Reply) else self.hq.handle(method, handler.path, handler.headers, body)
        if fate is Fault.CUT_BEFORE_ANSWER:
            self._cut(handler)
            return
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if reply.status != 204 and "Content-Length" not in reply.headers:
            handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        if fate is Fault.CUT_ANSWER:
            handler.wfile.write(reply.body[: len(reply.body) // 2])
            handler.wfile.flush()
            self._cut(handler)
            return
        handler.wfile.write(reply.body)

    def _cut(self, handler: BaseHTTPRequestHandler) -> None:
        """Break the TCP connection without a TLS good-bye."""
        handler.close_connection = True
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    def close(self) -> None:
        """Stop and wait for every connection."""
        self.released.set()
        self._server.shutdown()
        for connection in list(self._open):
            # A client may keep a connection as long as it likes.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()
        self._thread.join()


@contextmanager
def running(hq: HqSimulator, folder: Path, tls_by: Authority | None = None) -> Iterator[HqServer]:
    """Run a server whose TLS certificate comes from ``tls_by`` (HQ itself by default)."""
    certificate, key = (tls_by or hq.authority).tls("127.0.0.1", "localhost")
    (folder / "tls.pem").write_bytes(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    server = HqServer(hq, context)
    try:
        yield server
    finally:
        server.close()
