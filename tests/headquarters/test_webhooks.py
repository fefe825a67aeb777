"""Facts reach the core system at least once, signed, whatever its server does: fails, hangs, answers late, is away for a day."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from claims.errors import InputError
from headquarters import webhooks
from headquarters.__main__ import main
from headquarters.devices import revoke
from headquarters.hold_decisions import NewHoldDecision, decide_hold
from headquarters.holds import HoldChoice
from headquarters.webhooks import Courier, count_waiting, deliver_due, send_by_http, set_target, signature, wait_after
from tests.headquarters.laptop import MEDICAL, MEDICAL_FEN

Answer = Callable[[BaseHTTPRequestHandler], None]


def say(code: int) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Length", "0")
        if code in {301, 302}:
            handler.send_header("Location", "http://127.0.0.1:9/")
        handler.end_headers()

    return answer


class Receiver:
    """A real HTTP server that keeps what it was sent and answers as it is told, then with 204."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.released = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.taken.append((dict(self.headers), body))
                answer = receiver.answers.pop(0) if receiver.answers else say(204)
                answer(self)

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/facts"

    def kinds(self) -> list[str]:
        return [msgspec.json.decode(body)["kind"] for _, body in self.taken]

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def told(stocked, receiver):
    return set_target(stocked, receiver.url)


def deliver(hq):
    return deliver_due(hq, send_by_http, lambda: 0.5)


@pytest.fixture
def promised(stocked, told, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    return laptop, voucher


def test_a_settled_voucher_is_told_signed_with_the_instant(stocked, told, receiver, promised):
    _, voucher = promised
    assert deliver(stocked).sent == 2
    assert receiver.kinds() == ["case_opened", "voucher_settled"]
    headers, body = receiver.taken[1]
    fact = msgspec.json.decode(body)
    assert (fact["voucher_no"], fact["amount_fen"]) == (voucher.voucher_no, MEDICAL_FEN)
    instant = headers["Outpost-Timestamp"]
    assert int(instant) == int(stocked.now().timestamp())
    assert headers["Outpost-Signature"] == f"sha256={signature(told.secret, instant, body)}"
    assert signature("another secret", instant, body) != signature(told.secret, instant, body)
    assert signature(told.secret, "0", body) != signature(told.secret, instant, body)
    assert headers["Outpost-Fact"] == "voucher_settled"
    assert deliver(stocked).sent == 0


def test_everything_that_matters_is_a_fact(stocked, told, receiver, promised, *, make_laptop, pack, clinic_policy):
    other = make_laptop("D4", float_fen=1_000_000)
    held = other.promise(pack, clinic_policy, MEDICAL)
    other.send_log()
    decide_hold(stocked, NewHoldDecision(held.voucher_no, HoldChoice.REFUSE_DUPLICATE, "韦青", "已核对"))
    revoke(stocked, "D4")
    deliver(stocked)
    assert receiver.kinds() == [
        "case_opened",
        "voucher_settled",
        "case_opened",
        "cases_linked",
        "voucher_held",
        "hold_decided",
        "device_stopped",
    ]


@pytest.mark.parametrize("code", [500, 503, 404, 401, 301, 302])
def test_what_was_not_taken_comes_again_with_the_same_key(stocked, clock, told, receiver, *, promised, code):
    receiver.answers = [say(code)]
    failed = deliver(stocked)
    assert (failed.sent, failed.trouble) == (0, f"HTTP {code}")
    assert deliver(stocked).sent == 0  # not due yet: the wait is written down
    clock.forward(seconds=5)
    assert deliver(stocked).sent == 2
    first, again = receiver.taken[0], receiver.taken[1]
    assert first[0]["Idempotency-Key"] == again[0]["Idempotency-Key"]
    assert first[1] == again[1]


def test_a_receiver_that_answers_too_late_has_it_twice_and_can_tell(
    stocked, clock, told, receiver, *, promised, monkeypatch
):
    monkeypatch.setattr(webhooks, "ANSWER_S", 0.05)

    def late(handler: BaseHTTPRequestHandler) -> None:
        receiver.released.wait(5)
        say(200)(handler)

    receiver.answers = [late]
    failed = deliver(stocked)
    assert "Timeout" in failed.trouble
    receiver.released.set()
    clock.forward(seconds=5)
    assert deliver(stocked).sent == 2
    keys = [headers["Idempotency-Key"] for headers, _ in receiver.taken]
    assert (len(keys), len(set(keys))) == (3, 2)


def test_a_receiver_that_is_away_for_a_day_gets_everything_in_order(
    stocked, clock, receiver, make_laptop, *, pack, clinic_policy
):
    set_target(stocked, "http://127.0.0.1:9/facts")
    laptop = make_laptop(float_fen=10_000_000, authority_fen=100_000_000)
    attempts = 0
    for number in range(12):
        laptop.promise(pack, clinic_policy, dict(MEDICAL) | {"bill_number": f"{number:010d}", "bill_total": 340_000})
        laptop.send_log()
        attempts += deliver(stocked).trouble is not None
        clock.forward(hours=2)
    assert attempts == 12
    assert count_waiting(stocked) == 24
    set_target(stocked, receiver.url)
    clock.forward(hours=1)
    assert deliver(stocked).sent == 24
    instants = [msgspec.json.decode(body)["at"] for _, body in receiver.taken]
    assert instants == sorted(instants)
    assert count_waiting(stocked) == 0


def test_the_wait_doubles_to_an_hour_and_half_of_it_is_chance():
    assert [wait_after(attempt, 1.0).total_seconds() for attempt in (1, 2, 3, 4)] == [5, 10, 20, 40]
    assert wait_after(40, 1.0) == timedelta(hours=1)
    assert wait_after(40, 0.0) == timedelta(minutes=30)


def test_a_fact_of_a_transaction_that_failed_does_not_exist(stocked, told, clock):
    def fail(session) -> None:
        webhooks.note_fact(stocked, session, webhooks.FactKind.TRIAL, clock.at)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        stocked.database.run(fail)
    assert count_waiting(stocked) == 0


def test_nothing_is_kept_where_nobody_is_told(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    assert count_waiting(stocked) == 0


@pytest.mark.parametrize(
    "url", ["http://core.example/facts", "ftp://core.example", "core.example/facts", "https://", ""]
)
def test_only_verified_tls_leaves_the_machine(stocked, url):
    with pytest.raises(InputError, match="webhook_url"):
        set_target(stocked, url)


def test_a_certificate_that_nobody_vouches_for_is_refused(hq, make_laptop):
    from headquarters.serving import ServiceThread
    from headquarters.webhooks import Post

    with ServiceThread(hq) as service:
        trouble = send_by_http(Post(f"{service.address}/v1/root", b"{}", {}, None))
    assert "SSLError" in trouble


def test_the_courier_delivers_in_the_background_and_stops(stocked, told, receiver, promised, monkeypatch):
    monkeypatch.setattr(webhooks, "LOOK_AGAIN_S", 0.01)
    done = threading.Event()

    def send(post: webhooks.Post) -> str | None:
        trouble = send_by_http(post)
        if len(receiver.taken) == 2:
            done.set()
        return trouble

    with Courier(stocked, send):
        assert done.wait(10)
    assert count_waiting(stocked) == 0


def test_the_command_names_lists_tries_and_retries(stocked, receiver, tmp_path, capsys):
    folder = str(tmp_path / "hq")
    assert main(["webhooks", folder, "--set-url", receiver.url]) == 0
    assert "secret" in capsys.readouterr().out
    file = tmp_path / "hq" / "secrets" / "webhook.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert main(["webhooks", folder, "--trial"]) == 0
    assert "待送 waiting: 1" in capsys.readouterr().out
    assert main(["webhooks", folder, "--retry"]) == 0
    assert "due at once: 1" in capsys.readouterr().out
    assert main(["webhooks", folder, "--off"]) == 0
    assert not file.exists()
