"""Downloading releases: resumed where the line broke, and only what the signed record names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from claims.errors import EnvironmentProblem
from sync.carrier_http import HttpCarrier, HttpReleaseSource, root_pem_of
from sync.problems import LinkProblem
from sync.releases import download_release
from sync.wire.faults import LinkFault
from sync.wire.messages import RAW_TYPE
from tests.sync.authority import stranger
from tests.sync.hq_server import Fault, HqServer, running
from tests.sync.hq_simulator import HqSimulator, Reply
from tests.sync.test_carrier_http import QUICK
from tests.sync.test_cycle import World, photo

BLOB = photo(7, 1_000_000)


class Shop:
    """HQ with a release, a laptop that fetches it."""

    def __init__(self, world: World, server: HqServer, folder: Path) -> None:
        self.world, self.hq, self.server, self.folder = world, world.hq, server, folder / "releases"
        self.folder.mkdir()
        pem = folder / "root.pem"
        pem.write_bytes(root_pem_of(world.laptop.authority.root_der))
        self.carrier = HttpCarrier(server.url, pem, device="D3", epoch=1, signer=world.laptop.signer, timeouts=QUICK)
        self.source = HttpReleaseSource(self.carrier, world.laptop.roots)

    def download(self, floor: int = 0):
        return download_release(self.source, "pack", self.folder, self.world.laptop.roots, floor_version=floor)

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    world = World()
    with running(world.hq, tmp_path) as server:
        shop = Shop(world, server, tmp_path)
        yield shop
        shop.carrier.close()


def refused(shop: Shop, floor: int = 0) -> None:
    with pytest.raises(LinkProblem) as caught:
        shop.download(floor)
    assert caught.value.fault is LinkFault.RELEASE_REFUSED


def test_a_release_arrives_whole_and_verified(shop):
    record = shop.hq.publish("pack", 4, BLOB)
    got = shop.download()
    assert got.record == record
    assert got.path.read_bytes() == BLOB
    assert shop.names() == {record.sha256}
    assert got.raw_record == shop.hq.releases["pack"][1]


def test_no_release_is_none(shop):
    assert shop.download() is None


def test_a_cut_download_goes_on_where_it_stopped(shop):
    record = shop.hq.publish("pack", 4, BLOB)
    shop.server.fate = lambda _, path: Fault.CUT_ANSWER if path.startswith("/v1/blob") else None
    with pytest.raises(LinkProblem) as caught:
        shop.download()
    assert caught.value.fault is LinkFault.CUT
    part = shop.folder / f"{record.sha256}.part"
    arrived = part.stat().st_size
    assert 0 < arrived < len(BLOB)
    shop.server.fate = lambda *_: None
    before = shop.carrier.wire_bytes()
    assert shop.download().path.read_bytes() == BLOB
    assert shop.carrier.wire_bytes() - before < len(BLOB) - arrived + 5_000
    assert shop.names() == {record.sha256}


def test_a_server_that_ignores_the_range_still_gives_the_right_file(shop):
    record = shop.hq.publish("pack", 4, BLOB)
    (shop.folder / f"{record.sha256}.part").write_bytes(BLOB[:300_000])
    whole = Reply(200, {"Content-Type": RAW_TYPE}, BLOB)
    shop.server.fate = lambda _, path: whole if path.startswith("/v1/blob") else None
    assert shop.download().path.read_bytes() == BLOB


def test_a_server_that_answers_another_range_is_refused(shop):
    record = shop.hq.publish("pack", 4, BLOB)
    (shop.folder / f"{record.sha256}.part").write_bytes(BLOB[:300_000])
    odd = Reply(206, {"Content-Type": RAW_TYPE, "Content-Range": "bytes 5-9/10"}, BLOB[300_000:])
    shop.server.fate = lambda _, path: odd if path.startswith("/v1/blob") else None
    with pytest.raises(LinkProblem) as caught:
        shop.download()
    assert caught.value.fault is LinkFault.NOT_HEADQUARTERS


def test_what_is_there_already_is_not_fetched_again(shop):
    shop.hq.publish("pack", 4, BLOB)
    shop.download()
    asked = len(shop.hq.requests)
    shop.download()
    assert [path for _, path in shop.hq.requests[asked:]] == ["/v1/release/pack"]


def test_a_damaged_file_on_disk_is_fetched_again(shop):
    record = shop.hq.publish("pack", 4, BLOB)
    (shop.folder / record.sha256).write_bytes(b"x" + BLOB[1:])
    assert shop.download().path.read_bytes() == BLOB


def test_a_damaged_beginning_is_found_at_the_end_and_the_next_try_starts_clean(shop):
    record = shop.hq.publish("pack", 4, BLOB)
    (shop.folder / f"{record.sha256}.part").write_bytes(b"x" * 300_000)
    refused(shop)
    assert shop.names() == set()
    assert shop.download().path.read_bytes() == BLOB


def test_a_part_longer_than_the_release_is_thrown_away(shop):
    record = shop.hq.publish("pack", 4, BLOB)
    (shop.folder / f"{record.sha256}.part").write_bytes(BLOB + b"more")
    assert shop.download().path.read_bytes() == BLOB


def test_a_flipped_byte_is_refused(shop):
    record = shop.hq.publish("pack", 4, BLOB)
    shop.hq.blobs[record.sha256] = BLOB[:-1] + bytes([BLOB[-1] ^ 1])
    refused(shop)
    assert shop.names() == set()


def test_more_bytes_than_the_record_says_do_not_fill_the_disk(shop):
    record = shop.hq.publish("pack", 4, BLOB)
    shop.hq.blobs[record.sha256] = BLOB + bytes(20_000_000)
    refused(shop)
    assert shop.carrier.wire_bytes() < 2 * len(BLOB), "it stopped as soon as it was too long"
    assert shop.names() == set()


def test_an_older_release_than_the_floor_is_refused(shop):
    shop.hq.publish("pack", 4, BLOB)
    refused(shop, floor=5)
    assert shop.download(floor=4) is not None


def test_a_record_of_a_stranger_is_refused(shop):
    other = HqSimulator(stranger())
    other.publish("pack", 9, BLOB)
    shop.hq.releases = other.releases
    refused(shop)


def test_a_record_of_another_kind_is_refused(shop):
    shop.hq.publish("extract", 9, BLOB)
    shop.hq.releases["pack"] = shop.hq.releases["extract"]
    refused(shop)


def test_a_release_published_in_the_middle_is_not_mixed_with_the_old_one(shop):
    shop.hq.publish("pack", 4, BLOB)

    class Moving(HttpReleaseSource):
        def fetch(self, kind, write, have=0):
            shop.hq.publish("pack", 5, photo(8, 1_000_000))
            return super().fetch(kind, write, have)

    shop.source = Moving(shop.carrier, shop.world.laptop.roots)
    refused(shop)
    assert shop.names() == set()
    shop.source = HttpReleaseSource(shop.carrier, shop.world.laptop.roots)
    assert shop.download().record.version == 5


def test_a_folder_that_cannot_be_written_is_the_disks_problem(shop):
    shop.hq.publish("pack", 4, BLOB)
    shop.folder.rmdir()
    with pytest.raises(EnvironmentProblem) as caught:
        shop.download()
    assert caught.value.code == "release_disk"


def test_an_empty_release_is_a_file_too(shop):
    shop.hq.publish("pack", 4, b"")
    assert shop.download().path.read_bytes() == b""
