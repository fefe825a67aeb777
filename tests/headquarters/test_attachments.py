"""Attachments: cut anywhere and resumed, held only when whole and right."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.statements import AttachmentsHeld
from headquarters.blobs import Blobs, Progress, chunk_count, chunk_length
from headquarters.http_app import create_app
from headquarters.installation import Headquarters
from headquarters.models import Attachment
from headquarters.refusals import ChunkRefused
from sync.wire.messages import CHUNK_BYTES, Have, HaveItem
from tests.headquarters.web import TestClient

PHOTO = bytes(range(256)) * 700  # 2.7 chunks
SHA256 = hashlib.sha256(PHOTO).hexdigest()


def chunk(index: int, content: bytes = PHOTO) -> bytes:
    return content[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES]


def test_a_transfer_cut_short_goes_on_where_it_stopped_after_a_restart(hq, make_laptop, clock):
    laptop = make_laptop()
    assert laptop.have(PHOTO).missing[0].indices == (0, 1, 2)
    assert laptop.put_chunk(SHA256, 2, chunk(2)).status_code == 204
    assert laptop.put_chunk(SHA256, 0, chunk(0)).status_code == 204
    reopened = Headquarters.open(hq.home, clock)
    laptop.client = TestClient(create_app(reopened), base_url="https://testserver")
    answered = laptop.have(PHOTO)
    assert (answered.held, answered.missing[0].indices) == ((), (1,))
    assert laptop.put_chunk(SHA256, 1, chunk(1)).status_code == 204
    answered = laptop.have(PHOTO)
    assert (answered.held, answered.missing) == ((SHA256,), ())
    assert reopened.blobs.read(SHA256) == PHOTO
    laptop.down()
    assert [each.sha256 for each in laptop.inbox if isinstance(each, AttachmentsHeld)] == [(SHA256,)]
    with reopened.database.read() as session:
        assert session.get_one(Attachment, SHA256).size_bytes == len(PHOTO)
    reopened.close()


def test_a_wrong_chunk_spoils_the_file_which_is_asked_for_again(make_laptop):
    laptop = make_laptop()
    laptop.have(PHOTO)
    for index in range(3):
        wrong = bytes(len(chunk(index))) if index == 1 else chunk(index)
        assert laptop.put_chunk(SHA256, index, wrong).status_code == 204
    answered = laptop.have(PHOTO)
    assert (answered.held, answered.missing[0].indices) == ((), (0, 1, 2))
    for index in range(3):
        laptop.put_chunk(SHA256, index, chunk(index))
    assert laptop.have(PHOTO).held == (SHA256,)


@pytest.mark.parametrize(("index", "content"), [(0, b"short"), (3, b""), (999999, b"x")])
def test_a_chunk_that_does_not_fit_is_refused(make_laptop, index, content):
    laptop = make_laptop()
    laptop.have(PHOTO)
    assert laptop.put_chunk(SHA256, index, content).status_code == 422
    assert laptop.have(PHOTO).missing[0].indices == (0, 1, 2)


def test_a_chunk_that_was_never_offered_is_refused(make_laptop):
    assert make_laptop().put_chunk(SHA256, 0, chunk(0)).status_code == 422


@pytest.mark.parametrize("path", ["/v1/chunk/nonsense/0", f"/v1/chunk/{SHA256}/x", f"/v1/chunk/{SHA256.upper()}/0"])
def test_a_chunk_path_that_is_none_is_refused(make_laptop, path):
    assert make_laptop().send("PUT", path, b"").status_code == 422


def test_a_chunk_above_the_limit_is_refused(make_laptop):
    laptop = make_laptop()
    laptop.have(PHOTO)
    assert laptop.put_chunk(SHA256, 0, bytes(CHUNK_BYTES + 1)).status_code == 413


def test_a_second_device_with_the_same_file_sends_nothing_and_is_told(make_laptop):
    first, second = make_laptop("D3"), make_laptop("D4")
    first.have(PHOTO)
    for index in range(3):
        first.put_chunk(SHA256, index, chunk(index))
    assert second.have(PHOTO).held == (SHA256,)
    second.have(PHOTO)
    second.down()
    assert [each.sha256 for each in second.inbox if isinstance(each, AttachmentsHeld)] == [(SHA256,)]


def test_a_device_that_lies_about_the_size_spoils_only_its_own_chunks(make_laptop):
    honest, liar = make_laptop("D3"), make_laptop("D4")

    liar.ask("/v1/have", Have(device="D4", epoch=1, items=(HaveItem(sha256=SHA256, size_bytes=5),), nonce="n"))
    honest.have(PHOTO)
    honest.put_chunk(SHA256, 0, chunk(0))
    assert liar.put_chunk(SHA256, 0, b"12345").status_code == 204
    assert honest.have(PHOTO).missing[0].indices == (1, 2)


def lie(laptop, size_bytes: int) -> None:
    item = HaveItem(sha256=SHA256, size_bytes=size_bytes)
    laptop.ask("/v1/have", Have(device=laptop.identity.device, epoch=1, items=(item,), nonce="n"))


@pytest.mark.parametrize("size_bytes", [len(PHOTO), len(PHOTO) - 1, len(PHOTO) + 1, 5])
def test_a_device_that_spoils_a_file_again_and_again_blocks_nobody(hq, make_laptop, size_bytes):
    """It sends other bytes under the same hash, with the right size or a wrong one, between any two chunks of the honest one."""
    honest, liar = make_laptop("D3"), make_laptop("D4")
    honest.have(PHOTO)
    for index in range(3):
        lie(liar, size_bytes)
        for wrong in range(chunk_count(size_bytes)):
            assert liar.put_chunk(SHA256, wrong, bytes(chunk_length(size_bytes, wrong))).status_code == 204
        assert SHA256 not in hq.blobs
        assert honest.put_chunk(SHA256, index, chunk(index)).status_code == 204
    assert honest.have(PHOTO).held == (SHA256,)
    assert hq.blobs.read(SHA256) == PHOTO


def test_of_two_sizes_the_bytes_decide_and_both_devices_learn_it(hq, make_laptop):
    first, second = make_laptop("D3"), make_laptop("D4")
    lie(first, 5)
    second.have(PHOTO)
    lie(first, 5)
    first.put_chunk(SHA256, 0, b"12345")
    for index in range(3):
        second.put_chunk(SHA256, index, chunk(index))
    assert first.have(PHOTO).held == (SHA256,)
    for laptop in (first, second):
        laptop.down()
        assert [each.sha256 for each in laptop.inbox if isinstance(each, AttachmentsHeld)] == [(SHA256,)]
    assert list((hq.home / "files" / "parts").iterdir()) == [], "no half of another size stays behind"


def test_an_empty_file_is_one_empty_chunk(make_laptop):
    laptop, empty = make_laptop(), hashlib.sha256(b"").hexdigest()
    assert laptop.have(b"").missing[0].indices == (0,)
    assert laptop.put_chunk(empty, 0, b"").status_code == 204
    assert laptop.have(b"").held == (empty,)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), size=st.integers(0, 4 * CHUNK_BYTES))
def test_chunks_in_any_order_and_repeated_make_the_file(tmp_path_factory, data, size):
    content = (b"%07d" % size) * (size // 7 + 1)
    content = content[:size]
    sha256 = hashlib.sha256(content).hexdigest()
    blobs = Blobs(tmp_path_factory.mktemp("blobs"))
    order = data.draw(st.permutations(range(chunk_count(size))))
    order = [*order[:-1], *data.draw(st.lists(st.sampled_from(order), max_size=3)), order[-1]]
    last = [blobs.put_chunk(sha256, size, index, chunk(index, content)) for index in order][-1]
    assert last is Progress.WHOLE
    assert blobs.read(sha256) == content


def test_a_file_name_is_never_built_from_anything_but_a_hash(tmp_path: Path):
    blobs = Blobs(tmp_path)
    for name in ("../secrets/root.key", "A" * 64, "0" * 63, ""):
        assert name not in blobs
        with pytest.raises(ValueError, match="SHA-256"):
            blobs.path(name)
        with pytest.raises((ValueError, ChunkRefused)):
            blobs.put_chunk(name, 4, 0, b"abcd")
