"""Figures and log lines: what they say, to whom, and what they never say."""

from __future__ import annotations

import io
import logging

import msgspec
import pytest

from headquarters.grants import grant_allowance
from headquarters.http_app import create_app
from headquarters.installation import Headquarters
from headquarters.logs import write_lines
from tests.headquarters.laptop import MEDICAL
from tests.headquarters.web import TestClient


@pytest.fixture
def lines():
    """The lines that headquarters writes meanwhile."""
    logger = logging.getLogger("headquarters")
    before = (logger.handlers, logger.level, logger.propagate)
    stream = io.StringIO()
    write_lines(stream)
    yield lambda: [msgspec.json.decode(line) for line in stream.getvalue().splitlines()]
    logger.handlers, logger.level, logger.propagate = before


def figures(client) -> dict[str, float]:
    local = TestClient(client.app, base_url="https://testserver", client=("127.0.0.1", 1))
    found = {}
    for line in local.get("/metrics").text.splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            found[name] = float(value)
    return found


def test_figures_follow_what_headquarters_does(  # noqa: PLR0917 - fixtures
    stocked, client, make_laptop, pack, clinic_policy, clock
):
    laptop = make_laptop(float_fen=1_000_000)
    grant_allowance(stocked, "D3", "pool", 500_00, 30)
    laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    laptop.answers()
    clock.forward(minutes=5)
    found = figures(client)
    assert found['outpost_requests_total{path="/v1/log",status="200"}'] == 1
    assert found['outpost_request_seconds_count{path="/v1/log"}'] == 1
    assert found["outpost_receipts_total"] == 1
    assert found["outpost_events_handed_in_total"] == 3
    assert found['outpost_events{state="processed"}'] == 3
    assert found['outpost_vouchers{verdict="settled"}'] == 1
    assert found["outpost_settlements"] == 1
    assert found["outpost_settled_fen"] == 133_204
    assert found['outpost_exposure_fen{cause="float"}'] == 1_000_000
    assert found['outpost_device_last_contact_seconds{device="D3",station="QX07"}'] == 300
    assert found["outpost_recovery_unheard_devices"] == 0


def test_chunks_are_counted_and_paths_are_not_told_apart_by_what_is_in_them(client, make_laptop):
    laptop = make_laptop()
    laptop.have(b"x" * 100)
    laptop.put_chunk("a" * 64, 0, b"x" * 100)
    import hashlib

    laptop.put_chunk(hashlib.sha256(b"x" * 100).hexdigest(), 0, b"x" * 100)
    client.get("/anything/at/all")
    found = figures(client)
    path = "/v1/chunk/{sha256}/{index}"
    assert found[f'outpost_requests_total{{path="{path}",status="204"}}'] == 1
    assert found["outpost_chunk_bytes_total"] == 100
    assert found['outpost_requests_total{path="other",status="404"}'] == 1


def test_figures_are_for_this_machine_or_for_the_holder_of_the_token(hq, client):
    assert client.get("/metrics").status_code == 401
    assert figures(client)
    with_token = msgspec.structs.replace(hq.settings, metrics_token="t0ken")
    (hq.home / "headquarters.json").write_bytes(msgspec.json.encode(with_token))
    opened = Headquarters.open(hq.home, hq.now)
    near = TestClient(create_app(opened), base_url="https://testserver", client=("127.0.0.1", 1))
    assert near.get("/metrics").status_code == 401
    assert near.get("/metrics", headers={"Authorization": "Bearer t0ken "}).status_code == 401
    assert near.get("/metrics", headers={"Authorization": "Bearer t0ken"}).status_code == 200
    opened.close()


def test_a_line_names_device_and_range_and_nothing_of_a_person(  # noqa: PLR0917 - fixtures
    stocked, client, make_laptop, pack, clinic_policy, lines
):
    laptop = make_laptop(float_fen=1_000_000)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    line = next(each for each in lines() if each.get("path") == "/v1/log")
    assert {name: line[name] for name in ("device", "epoch", "first_seq", "last_seq", "watermark_seq", "status")} == {
        "device": "D3",
        "epoch": 1,
        "first_seq": 1,
        "last_seq": 3,
        "watermark_seq": 3,
        "status": 200,
    }
    assert line["ms"] >= 0
    assert line["at"].endswith("+00:00")
    written = msgspec.json.encode(lines()).decode()
    for personal in (
        voucher.payee.name,
        voucher.payee.id_number,
        voucher.case_no,
        voucher.voucher_no,
        "林晓禾",
        "133204",
    ):
        assert personal not in written


def test_a_device_is_not_named_before_its_signature_was_good(client, make_laptop, lines):
    laptop = make_laptop()
    client.post(
        "/v1/hello", content=b"", headers={"Outpost-Device": "D3", "Outpost-Epoch": "1", "Outpost-Signature": "00"}
    )
    assert lines()[-1]["status"] == 401
    assert "device" not in lines()[-1]
    laptop.hello()
    assert lines()[-1]["device"] == "D3"


def test_an_error_is_logged_by_its_kind_and_place_not_by_its_words(lines):
    try:
        raise ValueError("覃建国 990101198005010011")
    except ValueError:
        logging.getLogger("headquarters.anything").exception("event %s got stuck", ("覃建国", 1))
    (line,) = lines()
    assert (line["message"], line["error"]) == ("event %s got stuck", "ValueError")
    assert line["where"][0].startswith("test_metrics.py:")
    assert "覃" not in msgspec.json.encode(line).decode()


def test_the_databases_own_errors_do_not_quote_what_was_stored(hq):
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    with pytest.raises(DBAPIError) as found, hq.database.write() as session:
        session.execute(text("INSERT INTO nowhere VALUES (:name)"), {"name": "覃建国"})
    assert "覃" not in str(found.value)
