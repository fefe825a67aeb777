"""HTTPS on loopback: pinned, signed, capped; every way a line can break has a name, and a cycle gets over it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import zstandard
from urllib3.connection import HTTPSConnection

from claims.errors import InputError
from sync.carrier_http import HttpCarrier, Timeouts, root_pem_of
from sync.http_connection import SILENCE_S, OnePieceConnection
from sync.http_pacing import Gate, PacedBody
from sync.problems import LinkProblem
from sync.wire.compact import COMPACT_TYPE
from sync.wire.dictionary import accepted
from sync.wire.faults import LinkFault
from sync.wire.messages import CHUNK_BYTES, PROTOCOL, Hello
from sync.wire.state import WINDOW_MAX
from tests.sync.authority import stranger
from tests.sync.hq_server import Fault, HqServer, running
from tests.sync.hq_simulator import Reply
from tests.sync.test_cycle import World, fill, photo

QUICK = Timeouts(connect_s=2.0, read_s=0.4)


class Line:
    """A world whose laptop reaches HQ by HTTPS."""

    def __init__(self, world: World, server: HqServer, folder: Path) -> None:
        self.world, self.server = world, server
        pem = folder / "root.pem"
        pem.write_bytes(root_pem_of(world.laptop.authority.root_der))
        laptop = world.laptop
        self.carrier = HttpCarrier(
            server.url, pem, device=laptop.device, epoch=laptop.epoch, signer=laptop.signer, timeouts=QUICK
        )

    def sync(self, **options):
        return self.world.sync(carrier=self.carrier, **options)

    def hello(self) -> bytes:
        hello = Hello(
            protocol=PROTOCOL,
            device="D3",
            epoch=1,
            next_seq=1,
            head="",
            watermark_seq=0,
            feed_position=0,
            nonce="n",
        )
        return self.carrier.ask("/hello", msgspec.json.encode(hello))


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    world = World()
    with running(world.hq, tmp_path) as server:
        line = Line(world, server, tmp_path)
        yield line
        line.carrier.close()


def once(line: Line, start: str, *fates: Fault | Reply) -> None:
    """Let the next exchanges of a path have a fate each."""
    left = list(fates)
    lock = threading.Lock()

    def fate(method: str, path: str) -> Fault | Reply | None:
        with lock:
            return left.pop(0) if left and path.startswith(start) else None

    line.server.fate = fate


def always(line: Line, start: str, fate: Fault | Reply) -> None:
    line.server.fate = lambda _, path: fate if path.startswith(start) else None


def test_everything_arrives_over_https_and_the_second_sync_sends_nothing(line):
    fill(line.world.laptop)
    first = line.sync()
    assert first.finished, first.problem
    assert line.world.everything_is_at_hq()
    assert first.wire_bytes > first.chunk_bytes
    assert first.wire_bytes < (first.chunk_bytes + first.event_bytes) * 1.1
    second = line.sync()
    assert second.finished
    assert (second.event_bytes, second.chunk_bytes) == (0, 0)
    assert second.wire_bytes < 8_000


def test_connections_are_kept(line):
    line.world.laptop.add_file(photo(1, 40 * CHUNK_BYTES))
    assert line.sync().finished
    # Sixteen chunks, and the question that may go twice.
    assert line.server.connections <= WINDOW_MAX + 2


def test_unpacked_answers_are_read_too(line):
    line.world.hq.packs_answers = False
    fill(line.world.laptop)
    assert line.sync().finished


@pytest.mark.parametrize("fault", [Fault.CUT_REQUEST, Fault.CUT_BEFORE_ANSWER, Fault.CUT_ANSWER, Fault.SILENCE])
@pytest.mark.parametrize("start", ["/v1/hello", "/v1/log", "/v1/have", "/v1/down", "/v1/chunk"])
def test_a_line_that_breaks_anywhere_once_costs_time_only(line, start, fault):
    fill(line.world.laptop, photos=2)
    once(line, start, fault)
    summary = line.sync()
    assert summary.finished, summary.problem
    assert line.world.everything_is_at_hq()
    assert len(line.world.hq.chunk_puts) <= 6 + 1


def test_headquarters_in_trouble_recovers(line):
    fill(line.world.laptop)
    once(line, "/v1/log", Reply(500, {}, b"oops"), Reply(502, {}, b""), Reply(503, {"Retry-After": "7"}, b""))
    summary = line.sync()
    assert summary.finished
    assert len(line.world.waits) == 3
    assert line.world.waits[2] >= 7
    assert line.world.everything_is_at_hq()


@pytest.mark.parametrize(
    ("fate", "fault"),
    [
        (Fault.SILENCE, LinkFault.TIMEOUT),
        (Fault.CUT_BEFORE_ANSWER, LinkFault.CUT),
        (Fault.CUT_ANSWER, LinkFault.CUT),
        (Reply(200, {"Content-Type": "text/html"}, b"<html>log in</html>"), LinkFault.CAPTIVE_PORTAL),
        (Reply(200, {}, b""), LinkFault.CAPTIVE_PORTAL),
        (Reply(204, {}, b""), LinkFault.CAPTIVE_PORTAL),
        (Reply(302, {"Location": "https://127.0.0.1:9/"}, b""), LinkFault.CAPTIVE_PORTAL),
        (Reply(511, {}, b""), LinkFault.CAPTIVE_PORTAL),
        (Reply(407, {}, b""), LinkFault.CAPTIVE_PORTAL),
        (Reply(401, {}, b""), LinkFault.REFUSED),
        (Reply(403, {}, b""), LinkFault.REVOKED),
        (Reply(404, {}, b""), LinkFault.BAD_REQUEST),
        (Reply(418, {}, b""), LinkFault.REFUSED),
        (Reply(409, {}, b""), LinkFault.FROZEN),
        (Reply(413, {}, b""), LinkFault.TOO_LARGE),
        (Reply(422, {}, b""), LinkFault.BAD_REQUEST),
        (Reply(426, {}, b""), LinkFault.TOO_OLD),
        (Reply(429, {"Retry-After": "30"}, b""), LinkFault.BUSY),
        (Reply(500, {}, b""), LinkFault.SERVER_ERROR),
        (Reply(503, {"Retry-After": "Sun, 22 Nov 2026 04:00:00 GMT"}, b""), LinkFault.BUSY),
        (Reply(200, {"Content-Type": "application/cose", "Content-Encoding": "gzip"}, b"x"), LinkFault.CAPTIVE_PORTAL),
        (
            Reply(200, {"Content-Type": "application/cose", "Content-Encoding": "zstd"}, b"x"),
            LinkFault.NOT_HEADQUARTERS,
        ),
    ],
)
def test_each_bad_answer_has_its_name(line, fate, fault):
    always(line, "/v1/hello", fate)
    with pytest.raises(LinkProblem) as caught:
        line.hello()
    assert caught.value.fault is fault


def test_retry_after_in_seconds_is_read(line):
    always(line, "/v1/hello", Reply(429, {"Retry-After": "30"}, b""))
    with pytest.raises(LinkProblem) as caught:
        line.hello()
    assert caught.value.retry_after_s == 30


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_chunk_counts_as_gone_only_with_204(line, status):
    always(line, "/v1/chunk", Reply(status, {"Content-Type": "text/html"}, b"<html>log in</html>"))
    with pytest.raises(LinkProblem) as caught:
        line.carrier.send_chunk("0" * 64, 0, b"x")
    assert caught.value.fault is LinkFault.CAPTIVE_PORTAL


def test_a_small_answer_that_unpacks_to_a_flood_is_refused(line):
    bomb = zstandard.ZstdCompressor().compress(bytes(64 * 1024 * 1024))
    assert len(bomb) < 10_000
    head = {"Content-Type": "application/cose", "Content-Encoding": "zstd"}
    always(line, "/v1/hello", Reply(200, head, bomb))
    with pytest.raises(LinkProblem) as caught:
        line.hello()
    assert caught.value.fault is LinkFault.NOT_HEADQUARTERS


def test_an_answer_that_does_not_end_is_refused(line):
    always(line, "/v1/hello", Reply(200, {"Content-Type": "application/cose"}, bytes(9 * 1024 * 1024)))
    with pytest.raises(LinkProblem) as caught:
        line.hello()
    assert caught.value.fault is LinkFault.NOT_HEADQUARTERS


def test_tls_of_somebody_else_is_not_headquarters_and_hears_nothing(tmp_path):
    world = World()
    fill(world.laptop)
    with running(world.hq, tmp_path, tls_by=stranger()) as server:
        line = Line(world, server, tmp_path)
        summary = line.sync()
        line.carrier.close()
    assert summary.problem.code == "sync_not_headquarters"
    assert not world.hq.requests


def test_a_name_the_certificate_does_not_have_is_not_headquarters(tmp_path):
    world = World()
    with running(world.hq, tmp_path) as server:
        server.url = server.url.replace("127.0.0.1", "127.0.0.2")
        line = Line(world, server, tmp_path)
        with pytest.raises(LinkProblem) as caught:
            line.hello()
        line.carrier.close()
    # Nobody listens on the other address, or the certificate is not for it: either way nothing was said.
    assert caught.value.fault in (LinkFault.NO_ROUTE, LinkFault.NOT_HEADQUARTERS)
    assert not world.hq.requests


def test_system_certificates_and_proxies_from_the_environment_are_ignored(tmp_path, monkeypatch):
    world = World()
    other = tmp_path / "other.pem"
    other.write_bytes(root_pem_of(stranger().root_der))
    for name, value in {
        "REQUESTS_CA_BUNDLE": str(other),
        "CURL_CA_BUNDLE": str(other),
        "SSL_CERT_FILE": str(other),
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    with running(world.hq, tmp_path) as server:
        line = Line(world, server, tmp_path)
        assert line.hello()
        line.carrier.close()
    with running(world.hq, tmp_path, tls_by=stranger()) as server:
        line = Line(world, server, tmp_path)
        with pytest.raises(LinkProblem) as caught:
            line.hello()
        line.carrier.close()
    assert caught.value.fault is LinkFault.NOT_HEADQUARTERS


def test_a_login_page_in_plain_http_on_that_port_is_not_headquarters(tmp_path):
    world = World()
    listener = socket.create_server(("127.0.0.1", 0))

    def portal() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nlog in")

    thread = threading.Thread(target=portal)
    thread.start()
    pem = tmp_path / "root.pem"
    pem.write_bytes(root_pem_of(world.laptop.authority.root_der))
    carrier = HttpCarrier(
        f"https://127.0.0.1:{listener.getsockname()[1]}",
        pem,
        device="D3",
        epoch=1,
        signer=world.laptop.signer,
        timeouts=QUICK,
    )
    with pytest.raises(LinkProblem) as caught:
        carrier.ask("/hello", b"{}")
    thread.join()
    listener.close()
    carrier.close()
    assert caught.value.fault is LinkFault.NOT_HEADQUARTERS


def test_nobody_there_is_no_route(tmp_path):
    world = World()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    pem = tmp_path / "root.pem"
    pem.write_bytes(root_pem_of(world.laptop.authority.root_der))
    carrier = HttpCarrier(
        f"https://127.0.0.1:{port}", pem, device="D3", epoch=1, signer=world.laptop.signer, timeouts=QUICK
    )
    with pytest.raises(LinkProblem) as caught:
        carrier.ask("/hello", b"{}")
    carrier.close()
    assert caught.value.fault is LinkFault.NO_ROUTE


def test_a_connection_that_is_taken_but_never_speaks_tls_times_out(tmp_path):
    world = World()
    pem = tmp_path / "root.pem"
    pem.write_bytes(root_pem_of(world.laptop.authority.root_der))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        carrier = HttpCarrier(
            f"https://127.0.0.1:{silent.getsockname()[1]}",
            pem,
            device="D3",
            epoch=1,
            signer=world.laptop.signer,
            timeouts=Timeouts(connect_s=0.3, read_s=0.3),
        )
        with pytest.raises(LinkProblem) as caught:
            carrier.ask("/hello", b"{}")
        carrier.close()
    assert caught.value.fault is LinkFault.TIMEOUT


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the numbers are Linux's")
def test_a_line_that_is_gone_is_noticed_by_the_system_and_a_slow_one_is_left_its_time(line, monkeypatch):
    made: list[socket.socket] = []
    connect = OnePieceConnection.connect

    def connected(self):
        connect(self)
        made.append(self.sock)
        # A body that leaves slowly is no dead line: the time-out for connecting must not cut it off.
        assert self.sock.gettimeout() > QUICK.connect_s

    monkeypatch.setattr(OnePieceConnection, "connect", connected)
    line.hello()
    connection = made[0]

    def option(number: int) -> int:
        return connection.getsockopt(socket.IPPROTO_TCP, number)

    assert option(socket.TCP_USER_TIMEOUT) == SILENCE_S * 1000
    assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    asked = option(socket.TCP_KEEPIDLE) + option(socket.TCP_KEEPCNT) * option(socket.TCP_KEEPINTVL)
    assert asked == SILENCE_S, "a connection that only waits for an answer is given up as soon as one that sends"


def test_a_request_signed_by_another_key_is_refused(line):
    line.world.laptop.signer = line.world.laptop.authority.service_key
    carrier = HttpCarrier(
        line.server.url,
        line.carrier._root_pem,
        device="D3",
        epoch=1,
        signer=line.world.laptop.signer,
        timeouts=QUICK,
    )
    with pytest.raises(LinkProblem) as caught:
        carrier.ask("/hello", b"{}")
    carrier.close()
    assert caught.value.fault is LinkFault.REFUSED


@pytest.mark.parametrize(
    "address",
    ["", "hq.example", "http://hq.example", "https://", "https://u:p@hq.example", "https://hq.example/?a=1", "ftp://x"],
)
def test_an_address_that_is_none_is_told_at_once(address, tmp_path):
    with pytest.raises(InputError) as caught:
        HttpCarrier(address, tmp_path, device="D3", epoch=1, signer=stranger().root_key)
    assert caught.value.code == "hq_address"
    assert "https://" in caught.value.sentence("zh")


def log_types(line: Line) -> list[str]:
    return [kind for path, kind in line.world.hq.types if path == "/v1/log"]


def test_the_log_goes_in_the_small_form_to_a_headquarters_that_takes_it(line):
    line.world.hq.accepts = accepted()
    fill(line.world.laptop, photos=1)
    assert line.sync().finished
    assert log_types(line) == [COMPACT_TYPE]
    assert line.world.everything_is_at_hq()


def test_a_headquarters_of_before_gets_json(line):
    fill(line.world.laptop, photos=1)
    assert line.sync().finished
    assert log_types(line) == ["application/json"]
    assert line.world.everything_is_at_hq()


def test_a_headquarters_that_lost_its_dictionary_gets_the_same_again_as_json_in_the_same_cycle(line):
    line.world.hq.accepts = accepted()
    fill(line.world.laptop, photos=1)
    once(line, "/v1/log", Reply(415, {}, b""))
    summary = line.sync()
    assert summary.finished, summary.problem
    assert log_types(line) == ["application/json"], "the first one never reached the service behind the refusal"
    line.world.laptop.record(b"later")
    assert line.sync().finished
    assert log_types(line) == ["application/json"] * 2, "and it is not tried again by this carrier"


def test_an_empty_file_has_a_chunk_of_no_bytes(line):
    line.world.laptop.add_file(b"")
    assert line.sync().finished
    assert line.world.everything_is_at_hq()


def test_a_question_is_one_piece_on_the_line(line, monkeypatch):
    pieces: list[int] = []
    plain_send = HTTPSConnection.send
    monkeypatch.setattr(
        HTTPSConnection, "send", lambda self, data: (pieces.append(len(data)), plain_send(self, data))[1]
    )
    line.hello()
    assert len(pieces) == 1
    line.carrier.get("/root")
    assert len(pieces) == 2


def test_a_chunk_stands_back_while_something_urgent_is_on_the_line():
    gate, left = Gate(), []
    body = PacedBody(bytes(40_000), gate, left.append)
    assert len(body.read(16_384)) == 16_384
    waiting = threading.Event()
    got: list[bytes] = []

    def sender() -> None:
        waiting.set()
        got.append(body.read(16_384))

    with gate.urgent():
        thread = threading.Thread(target=sender)
        thread.start()
        assert waiting.wait(10)
        assert not got
    thread.join(10)
    assert len(got[0]) == 16_384
    assert len(body) == 40_000 - 2 * 16_384
    assert sum(left) == 2 * 16_384
