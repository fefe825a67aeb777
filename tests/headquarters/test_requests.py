"""Who may ask what: signatures over the body as sent, limits on bodies, stopped devices."""

from __future__ import annotations

import hashlib

import pytest
import zstandard

from headquarters.devices import revoke
from headquarters.http_bodies import MAX_UNPACKED_BYTES
from headquarters.releases import current_versions
from headquarters.tuf_repository import timestamp_version
from sync.wire.messages import PROTOCOL, Down, Hello, LogBatch, request_bytes
from tests.headquarters.laptop import asked
from trust.releases import open_release


def down_question(laptop, device=None):
    identity = laptop.identity
    return asked(Down(device=device or identity.device, epoch=identity.epoch, feed_position=0, nonce="n"))


def test_hello_says_how_far_headquarters_is(stocked, make_laptop):
    laptop = make_laptop()
    laptop.commit(laptop.open_case())
    receipt = laptop.send_log()
    answered = laptop.hello()
    assert (answered.watermark_seq, answered.digest, answered.revoked) == (1, receipt.digest, False)
    assert answered.releases == {
        "pack": current_versions(stocked)["pack"],
        "catastrophe": 1,
        "extract": 1,
        "tuf": timestamp_version(stocked),
    }
    assert answered.feed_length == len(laptop.inbox)


@pytest.mark.parametrize("path", ["/v1/hello", "/v1/log", "/v1/have", "/v1/down"])
def test_an_unsigned_request_is_refused(client, path):
    assert client.post(path, content=b"{}").status_code == 401


def test_a_request_signed_for_another_path_is_refused(make_laptop):
    laptop = make_laptop()
    body = down_question(laptop)
    signature = laptop.key.sign(request_bytes("POST", "/v1/have", "D3", 1, body)).hex()
    headers = {"Outpost-Device": "D3", "Outpost-Epoch": "1", "Outpost-Signature": signature, "Content-Encoding": "zstd"}
    response = laptop.client.post("/v1/down", content=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (401, "signature_wrong")


def test_a_body_changed_on_the_way_is_refused(make_laptop):
    laptop = make_laptop()
    body = down_question(laptop)
    signature = laptop.key.sign(request_bytes("POST", "/v1/down", "D3", 1, body)).hex()
    headers = {"Outpost-Device": "D3", "Outpost-Epoch": "1", "Outpost-Signature": signature, "Content-Encoding": "zstd"}
    assert laptop.client.post("/v1/down", content=body + b"\0", headers=headers).status_code == 401


@pytest.mark.parametrize("epoch", ["", "-1", "1.0", "²", "99999999999999999999"])
def test_an_epoch_that_is_no_number_is_refused(make_laptop, epoch):
    laptop = make_laptop()
    headers = {"Outpost-Device": "D3", "Outpost-Epoch": epoch.encode("utf-8"), "Outpost-Signature": "00"}
    assert laptop.client.post("/v1/down", content=b"", headers=headers).status_code == 401


def test_a_message_about_another_device_is_refused(make_laptop):
    laptop, _other = make_laptop("D3"), make_laptop("D4")
    response = laptop.send("POST", "/v1/down", down_question(laptop, "D4"), **{"Content-Encoding": "zstd"})
    assert (response.status_code, response.json()["code"]) == (401, "device_mismatch")


def test_a_body_that_unpacks_to_too_much_is_refused(make_laptop):
    laptop = make_laptop()
    bomb = zstandard.ZstdCompressor().compress(b" " * (MAX_UNPACKED_BYTES + 1))
    assert len(bomb) < 10_000
    assert laptop.send("POST", "/v1/log", bomb, **{"Content-Encoding": "zstd"}).status_code == 413


@pytest.mark.parametrize("body", [b"", b"{}", b"\x28\xb5\x2f\xfd rubbish"])
def test_a_body_that_is_no_message_is_refused(make_laptop, body):
    laptop = make_laptop()
    assert laptop.send("POST", "/v1/log", body, **{"Content-Encoding": "zstd"}).status_code == 400


def test_an_uncompressed_message_is_taken_too(make_laptop):
    laptop = make_laptop()
    import msgspec

    batch = LogBatch(device="D3", epoch=1, commits=(laptop.commit(laptop.open_case()).raw,))
    assert laptop.send("POST", "/v1/log", msgspec.json.encode(batch)).status_code == 200


def test_a_large_answer_is_packed_when_the_client_can_unpack(make_laptop):
    laptop = make_laptop()
    body = down_question(laptop)
    response = laptop.send("POST", "/v1/down", body, **{"Content-Encoding": "zstd", "Accept-Encoding": "zstd"})
    assert response.headers["content-encoding"] == "zstd"


def test_a_revoked_device_learns_it_from_hello_and_feed_and_gets_nothing_else(stocked, make_laptop):
    laptop = make_laptop()
    revoke(stocked, "D3")
    assert laptop.hello().revoked
    down = laptop.send("POST", "/v1/down", down_question(laptop), **{"Content-Encoding": "zstd"})
    assert down.status_code == 200, "the statement that stops it must reach it"
    laptop.commit(laptop.open_case())
    for response in (
        laptop.post_log(laptop.commits[0].raw),
        laptop.put_chunk("0" * 64, 0, b""),
        laptop.send("GET", "/v1/release/pack", b""),
    ):
        assert (response.status_code, response.json()["code"]) == (403, "device_stopped")


def test_another_protocol_is_told_to_update(make_laptop):
    laptop = make_laptop()
    hello = Hello(
        protocol=PROTOCOL + 1,
        device="D3",
        epoch=1,
        next_seq=1,
        head="",
        watermark_seq=0,
        feed_position=0,
        nonce="n",
    )
    assert laptop.ask("/v1/hello", hello).status_code == 426


def test_a_release_is_fetched_whole_and_in_parts(stocked, make_laptop):
    laptop = make_laptop()
    record = open_release(laptop.send("GET", "/v1/release/extract", b"").content, laptop.roots, floor_version=0)
    path = f"/v1/blob/{record.sha256}"
    whole = laptop.send("GET", path, b"").content
    assert (len(whole), hashlib.sha256(whole).hexdigest()) == (record.size_bytes, record.sha256)
    part = laptop.send("GET", path, b"", Range="bytes=100-")
    assert (part.status_code, part.content) == (206, whole[100:])


@pytest.mark.parametrize("path", ["/v1/release/none", f"/v1/blob/{'0' * 64}", "/v1/blob/..%2F..%2Fsecrets%2Froot.key"])
def test_what_was_not_published_is_not_found(make_laptop, path):
    assert make_laptop().send("GET", path, b"").status_code in (401, 404)


def test_an_attachment_is_no_release(make_laptop):
    laptop = make_laptop()
    content = b"a photo of somebody's papers"
    sha256 = hashlib.sha256(content).hexdigest()
    laptop.have(content)
    assert laptop.put_chunk(sha256, 0, content).status_code == 204
    assert laptop.have(content).held == (sha256,)
    assert laptop.send("GET", f"/v1/blob/{sha256}", b"").status_code == 404


def test_the_feed_comes_in_slices_and_from_any_position(stocked, make_laptop):
    laptop = make_laptop(float_fen=100)
    whole = laptop.down(0)
    assert whole.feed_length == len(whole.statements) == 6
    assert laptop.down(3).statements == whole.statements[3:]
    beyond = laptop.down(99)
    assert (beyond.feed_position, beyond.statements) == (6, ())
