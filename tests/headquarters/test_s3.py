"""Attachments in an S3-compatible store: a real client against a real server on loopback."""

from __future__ import annotations

import hashlib
import socket
import warnings
from collections.abc import Iterator
from contextlib import closing

import msgspec
import pytest

from claims.errors import InputError
from claims.statements import AttachmentsHeld
from headquarters.backups import backup_files, make_backup
from headquarters.blobs import CHUNK_BYTES
from headquarters.http_app import create_app
from headquarters.installation import Headquarters, Settings
from headquarters.s3_blobs import DamagedError, open_s3
from tests.headquarters.restoring import cycle, place_of, reopened, set_back
from tests.headquarters.web import TestClient

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import boto3
    from moto.server import ThreadedMotoServer

PHOTO = bytes(range(256)) * 700
SHA256 = hashlib.sha256(PHOTO).hexdigest()


@pytest.fixture(scope="session")
def store() -> Iterator[str]:
    """The address of an S3 server."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def bucket(store, request, monkeypatch):
    """A bucket of this test's own, and the raw client."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    client = boto3.client("s3", endpoint_url=store, region_name="us-east-1")
    name = f"b{abs(hash(request.node.name)) % 10**9}"
    client.create_bucket(Bucket=name)
    yield name, client
    client.close()


@pytest.fixture
def hq(bare_home, tmp_path, clock, store, bucket) -> Iterator[Headquarters]:
    """A headquarters whose files lie in the store."""
    home = _home(bare_home, tmp_path / "hq", f"s3://{bucket[0]}/files?endpoint={store}")
    opened = Headquarters.open(home, clock)
    yield opened
    opened.close()


def _home(bare_home, home, url):
    import shutil

    shutil.copytree(bare_home, home)
    settings = msgspec.json.decode((home / "headquarters.json").read_bytes(), type=Settings)
    changed = msgspec.structs.replace(settings, files_url=url)
    (home / "headquarters.json").write_bytes(msgspec.json.encode(changed))
    return home


def chunk(index: int) -> bytes:
    return PHOTO[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES]


def test_a_file_arrives_in_chunks_across_a_restart_and_is_called_held_once_the_store_has_it(hq, make_laptop, bucket):
    laptop = make_laptop()
    (missing,) = laptop.have(PHOTO).missing
    assert missing.indices == (0, 1, 2)
    laptop.put_chunk(SHA256, 1, chunk(1))
    hq.close()
    with reopened(hq, [laptop]) as again:
        assert laptop.have(PHOTO).missing[0].indices == (0, 2)
        laptop.put_chunk(SHA256, 0, chunk(0))
        assert laptop.put_chunk(SHA256, 2, chunk(2)).status_code == 204
        laptop.down()
        assert laptop.inbox[-1].sha256 == (SHA256,)
        assert laptop.have(PHOTO).held == (SHA256,)
        stored = bucket[1].get_object(Bucket=bucket[0], Key=f"files/{SHA256[:2]}/{SHA256}")["Body"].read()
        assert stored == PHOTO
        assert (again.blobs.read(SHA256), again.blobs.path(SHA256).read_bytes()) == (PHOTO, PHOTO)
        assert list(again.blobs.all()) == [SHA256]
        assert not any((hq.home / "files" / "whole").rglob(SHA256))  # nothing is kept twice


def test_a_missing_file_and_a_damaged_one_are_never_given_out(hq, bucket):
    with pytest.raises(FileNotFoundError):
        hq.blobs.read(SHA256)
    assert (hq.blobs.size(SHA256), SHA256 in hq.blobs, "../etc" in hq.blobs) == (None, False, False)
    hq.blobs.put([PHOTO])
    bucket[1].put_object(Bucket=bucket[0], Key=f"files/{SHA256[:2]}/{SHA256}", Body=PHOTO[:-1] + b"!")
    for read in (hq.blobs.read, hq.blobs.path):
        with pytest.raises(DamagedError):
            read(SHA256)
    with pytest.raises(ValueError, match="SHA-256"):
        hq.blobs.path("../etc")


def test_wrong_bytes_never_reach_the_store(hq, make_laptop):
    laptop = make_laptop()
    laptop.have(PHOTO)
    for index in range(3):
        laptop.put_chunk(SHA256, index, bytes(reversed(chunk(index))))
    assert not list(hq.blobs.all())
    assert laptop.have(PHOTO).missing[0].indices == (0, 1, 2)


def test_while_the_store_is_away_nothing_is_acknowledged_and_nothing_is_lost(bare_home, tmp_path, clock, store, bucket):
    with closing(socket.create_server(("127.0.0.1", 0))) as nobody:
        away = f"s3://{bucket[0]}/files?endpoint=http://127.0.0.1:{nobody.getsockname()[1]}"
    home = _home(bare_home, tmp_path / "hq", f"s3://{bucket[0]}/files?endpoint={store}")
    hq = Headquarters.open(home, clock)
    laptop = _enrolled(hq)
    laptop.have(PHOTO)
    laptop.put_chunk(SHA256, 0, chunk(0))
    laptop.put_chunk(SHA256, 1, chunk(1))
    there = hq.blobs
    object.__setattr__(hq, "blobs", open_s3(away, home / "files"))
    refused = laptop.put_chunk(SHA256, 2, chunk(2))
    assert (refused.status_code, refused.json()["code"]) == (503, "hq_busy")
    assert laptop.post_have(PHOTO).status_code == 503
    laptop.down()
    assert not any(isinstance(each, AttachmentsHeld) for each in laptop.inbox)
    object.__setattr__(hq, "blobs", there)
    assert laptop.have(PHOTO).held == (SHA256,)  # the chunks had stayed: nothing is sent again
    assert hq.blobs.read(SHA256) == PHOTO
    hq.close()


def test_a_backup_lists_what_the_store_keeps_and_a_restore_finds_it_there(hq, make_laptop, tmp_path):
    laptop = make_laptop()
    hq.blobs.put([PHOTO])
    laptop.have(PHOTO)
    cycle(laptop)
    made = make_backup(hq, tmp_path / "backups", copy_files=False)
    assert not made.files_copied
    assert SHA256 in backup_files(place_of(hq))
    place = place_of(hq)
    set_back(hq, place)
    with reopened(hq, [laptop]) as restored:
        cycle(laptop)
        assert laptop.have(PHOTO).held == (SHA256,)
        assert restored.blobs.read(SHA256) == PHOTO


@pytest.mark.parametrize("url", ["http://bucket/x", "s3:///x", "s3://bucket?secret=1"])
def test_an_address_that_makes_no_sense_is_refused(url, tmp_path):
    with pytest.raises(InputError):
        open_s3(url, tmp_path)


def _enrolled(hq):
    from headquarters.enrolment import make_enrolment_code
    from tests.headquarters.laptop import enrol_laptop

    code = make_enrolment_code(
        hq, station="QX07", station_name="清溪服务站", adjuster="0417", adjuster_name="林晓禾", device="D3"
    )
    return enrol_laptop(TestClient(create_app(hq), base_url="https://testserver"), code)
