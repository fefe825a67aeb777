"""Clients that hang up in the middle or say nothing: no traceback, no connection for ever, a figure for each."""

from __future__ import annotations

import http.client
import io
import logging
import socket
import ssl

import pytest

from headquarters import quiet_clients
from headquarters.console.pages import create_console
from headquarters.logs import FIELDS, REQUESTS
from headquarters.serving import ServiceThread

_PATIENCE_S = 30


def stranger() -> ssl.SSLContext:
    """The clock of these headquarters stands in another month: their certificates are not looked at."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def connected(service: ServiceThread) -> ssl.SSLSocket:
    raw = socket.create_connection(("127.0.0.1", int(service.address.rpartition(":")[2])), timeout=_PATIENCE_S)
    return stranger().wrap_socket(raw)


def asked(service: ServiceThread, path: str) -> str:
    host = service.address.removeprefix("https://")
    connection = http.client.HTTPSConnection(host, context=stranger(), timeout=_PATIENCE_S)
    connection.request("GET", path)
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def uploads(method: str, path: str, length: int) -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: hq\r\nContent-Length: {length}\r\n\r\n".encode() + b"a few bytes"


def is_closed(client: ssl.SSLSocket) -> bool:
    """Wait until the other side ends the connection; a service that holds it lets this run into its time limit."""
    try:
        return client.recv(1) == b""
    except (ConnectionError, ssl.SSLError):
        return True


@pytest.fixture
def alarms():
    """What uvicorn complains about."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("uvicorn.error")
    logger.addHandler(handler)
    yield stream.getvalue
    logger.removeHandler(handler)


def test_an_upload_that_breaks_off_is_a_figure_and_no_traceback(hq, alarms, caplog):
    caplog.set_level(logging.INFO, REQUESTS)
    with ServiceThread(hq) as service:
        for method, path in (("PUT", f"/v1/chunk/{'a' * 64}/0"), ("POST", "/v1/log"), ("POST", "/v1/bundle")):
            client = connected(service)
            client.sendall(uploads(method, path, 60_000))
            client.close()
        figures = ""
        while figures.count('status="499"') < 3:  # each is counted when its connection is seen to be gone
            figures = asked(service, "/metrics")
    assert 'outpost_requests_total{path="/v1/chunk/{sha256}/{index}",status="499"} 1.0' in figures
    assert 'status="500"' not in figures
    assert alarms() == ""
    told = [each for each in caplog.records if getattr(each, FIELDS, {}).get("status") == 499]
    assert [(each.levelno, each.exc_info) for each in told] == [(logging.INFO, None)] * 3


def test_a_form_that_breaks_off_raises_no_alarm_in_the_console(hq, alarms):
    with ServiceThread(hq, app=create_console(hq), leaf="console") as service:
        client = connected(service)
        client.sendall(uploads("POST", "/sign-in", 1_000))
        client.close()
        assert "password" in asked(service, "/sign-in")
    assert alarms() == ""


@pytest.mark.parametrize(
    "words", [b"", b"GET /v1/root HTTP/1.1\r\nHost:", uploads("PUT", f"/v1/chunk/{'a' * 64}/0", 60_000)]
)
def test_a_client_that_says_nothing_any_more_is_given_up(hq, monkeypatch, words):
    monkeypatch.setattr(quiet_clients, "SILENCE_S", 0.2)
    with ServiceThread(hq) as service:
        client = connected(service)
        client.sendall(words)
        assert is_closed(client)
        client.close()


def test_work_of_headquarters_itself_is_never_cut(hq, monkeypatch):
    monkeypatch.setattr(quiet_clients, "SILENCE_S", 0.05)
    looked = []

    async def long_work(scope, receive, send):
        import asyncio

        while len(looked) < 20:
            await asyncio.sleep(0.01)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"done"})

    genuine = quiet_clients.WatchedProtocol._look

    def look(self) -> None:
        looked.append(self)
        genuine(self)

    monkeypatch.setattr(quiet_clients.WatchedProtocol, "_look", look)
    with ServiceThread(hq, app=long_work) as service:
        assert asked(service, "/") == "done"


def test_the_system_asks_whether_clients_still_live(hq):
    with ServiceThread(hq) as service, socket.create_server(("127.0.0.1", 0)) as listening:
        assert service.address
        quiet_clients.probe_dead_clients(listening)
        client = socket.create_connection(listening.getsockname())
        accepted, _ = listening.accept()
        assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        client.close()
        accepted.close()
