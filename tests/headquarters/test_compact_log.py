"""Headquarters takes the log in the small form, says so in its hello, and refuses clearly what it can't unpack."""

from __future__ import annotations

import msgspec

from claims.statements import LogReceipted
from sync.wire.compact import COMPACT_TYPE, Dictionary, pack_log
from sync.wire.dictionary import accepted, best_dictionary
from sync.wire.messages import EARLY_LOG, LogBatch, request_bytes
from tests.headquarters.laptop import Laptop
from trust.statements import open_statement


def posted(laptop: Laptop, body: bytes):
    device, epoch = laptop.identity.device, laptop.identity.epoch
    signature = laptop.key.sign(request_bytes("POST", "/v1/log", device, epoch, body)).hex()
    headers = {
        "Outpost-Device": device,
        "Outpost-Epoch": str(epoch),
        "Outpost-Signature": signature,
        "Content-Type": COMPACT_TYPE,
    }
    return laptop.client.post("/v1/log", content=body, headers=headers)


def batch(laptop: Laptop) -> LogBatch:
    return LogBatch(
        device=laptop.identity.device,
        epoch=laptop.identity.epoch,
        commits=tuple(each.raw for each in laptop.commits),
    )


def test_the_small_form_is_named_in_hello_and_taken(make_laptop):
    laptop = make_laptop()
    assert laptop.hello().accepts == (*accepted(), EARLY_LOG)
    laptop.commit(laptop.open_case())
    laptop.commit(laptop.open_case())
    body = pack_log(batch(laptop), best_dictionary(laptop.hello().accepts))
    assert body is not None
    response = posted(laptop, body)
    assert response.status_code == 200
    _, content = open_statement(response.content, laptop.roots)
    receipt = msgspec.json.decode(content, type=LogReceipted)
    assert (receipt.watermark_seq, receipt.digest) == (2, laptop.commits[-1].hash.hex())


def test_an_unknown_dictionary_is_refused_by_name_and_nothing_is_stored(make_laptop):
    laptop = make_laptop()
    laptop.commit(laptop.open_case())
    known = best_dictionary(accepted())
    assert known is not None
    body = pack_log(batch(laptop), Dictionary("log-77", known.content))
    assert body is not None
    response = posted(laptop, body)
    assert response.status_code == 415
    assert response.json()["code"] == "dictionary_unknown"
    assert "log-77" in response.json()["en"]
    assert laptop.hello().watermark_seq == 0
    assert laptop.send_log().watermark_seq == 1, "the plain form is always taken"


def test_damage_and_floods_are_refused(make_laptop):
    laptop = make_laptop()
    laptop.commit(laptop.open_case())
    body = pack_log(batch(laptop))
    assert body is not None
    assert posted(laptop, body[:-3]).status_code == 400
    # One hash, named again and again: a few bytes each on the wire, 64 each once unpacked.
    commit = b" ".join([b"ab" * 32] * 140_000) + bytes(64)
    flood = pack_log(LogBatch(device="D3", epoch=1, commits=(commit,)))
    assert flood is not None
    assert len(flood) < 10_000
    assert posted(laptop, flood).status_code == 400
    assert laptop.hello().watermark_seq == 0
