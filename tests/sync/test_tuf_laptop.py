"""A laptop takes in what headquarters distributes: packs, catastrophes, extracts, stopped devices; cut anywhere, from any source."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import delete

from bench.synthetic_people import persons, policies
from claims.errors import Bilingual, EnvironmentProblem
from claims.ports import SIGNED_TIME
from claims.trusted_time import trusted_time
from headquarters.devices import revoke
from headquarters.duplicates import publish_duplicates
from headquarters.extract_shards import manifest_of, publish_shards, read_keys
from headquarters.http_app import create_app
from headquarters.installation import Headquarters
from headquarters.models_distribution import TufMetadata
from headquarters.releases import ReleaseKind, newest_record, publish
from headquarters.sample import publish_sample, write_sample
from headquarters.sticks import write_stick
from headquarters.tuf_keys import change_keys, move_root_keys, read_root
from headquarters.tuf_repository import metadata_chain, upkeep
from headquarters.tuf_routes import read_distributed
from rules.engine import load_pack
from rules.tools.sample import sample_pack_bytes
from sync.problems import LinkProblem
from sync.tuf_sources import CarrierSource, FolderSource
from sync.wire.faults import LinkFault
from sync.wire.messages import request_bytes
from tests.headquarters.web import TestClient
from tests.sync.tuf_world import HqSource, Laptop, StandingClock, unchanged
from trust.releases import Freshness

PACK = sample_pack_bytes()
VERSION = load_pack(PACK).version


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("distributing")
    hq = Headquarters.create(folder / "hq", StandingClock())
    pack = folder / "pack.json"
    pack.write_bytes(PACK)
    publish_sample(hq, pack, VERSION, others=40)
    hq.close()
    return folder / "hq"


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def hq(tmp_path: Path, published_home: Path, clock: StandingClock) -> Iterator[Headquarters]:
    shutil.copytree(published_home, tmp_path / "hq")
    opened = Headquarters.open(tmp_path / "hq", clock)
    yield opened
    opened.close()


@pytest.fixture
def laptop(tmp_path: Path, hq: Headquarters) -> Iterator[Laptop]:
    made = Laptop(hq, tmp_path / "laptop")
    made.send_log()
    yield made
    made.close()


@pytest.fixture
def source(hq: Headquarters) -> HqSource:
    return HqSource(hq)


def republish_catastrophes(hq: Headquarters, folder: Path, version: int) -> None:
    files = write_sample(folder / f"sample-{version}", version, hq.now(), others=0)
    publish(hq, ReleaseKind.CATASTROPHE, files.catastrophes, version, warn_days=30, expire_days=90)


def publish_people(hq: Headquarters, count: int, changed: int = 0, gone: int = 0) -> None:
    """Publish so many invented people with a policy each; of some the phone changed, some are gone."""
    made = list(persons(count))
    people = [msgspec.structs.replace(each, phone="19900000000") for each in made[:changed]] + made[changed + gone :]
    publish_shards(
        hq, "all", [*people, *policies(count - gone, count)], expected=2 * count, made_at=hq.now(), version=None
    )


def test_everything_listed_is_taken_in(laptop, source):
    taken = laptop.update(source)
    assert taken is not None
    assert taken.problems == ()
    assert taken.installed.keys() == {"pack", "catastrophe", "revocations", "extract/all"}
    assert laptop.shelf.installed_pack().pack.version == VERSION
    assert [each.catastrophe_id for each in laptop.shelf.catastrophes()] == ["CAT-2026-11"]
    assert laptop.extract.header().persons > 40
    assert laptop.extract.search("覃建国")


def test_what_is_current_already_is_not_fetched_again(laptop, source):
    laptop.update(source)
    source.asked.clear()
    laptop.update(source)
    assert source.asked == ["metadata/2.root.json", "metadata/timestamp.json", "keys/@QX07"]


# --- carriers ---


def test_a_stick_brings_the_same(laptop, hq, tmp_path):
    written = write_stick(hq, tmp_path)
    assert (written.readers, written.without_key) == (("D3",), ())
    taken = laptop.update(FolderSource(tmp_path))
    assert taken.installed.keys() == {"pack", "catastrophe", "revocations", "extract/all"}
    assert laptop.extract.search("覃建国")


def test_the_people_on_a_stick_are_readable_by_nobody_else(laptop, hq, tmp_path):
    other = Laptop(hq, tmp_path / "other", device="D9")
    written = write_stick(hq, tmp_path)
    assert written.without_key == ("D9",), "it never told headquarters its box key"
    everything = b"".join(
        path.read_bytes() for path in sorted(tmp_path.rglob("outpost-releases/**/*")) if path.is_file()
    )
    assert "覃建国".encode() not in everything
    shutil.copy(
        tmp_path / "outpost-releases" / "keys" / "D3-1",
        tmp_path / "outpost-releases" / "keys" / f"D9-{other.identity.epoch}",
    )
    taken = other.update(FolderSource(tmp_path))
    assert [each.code for each in taken.problems] == ["extract_without_key"]
    assert other.extract.header() is None
    assert taken.installed.keys() == {"pack", "catastrophe", "revocations"}, "the rest is for everybody"
    other.close()


def test_over_http_the_same_arrives(laptop, hq, monkeypatch):
    monkeypatch.setattr("sync.tuf_fetch.WHOLE_AT_MOST", 1000)  # so that something is large enough to be resumed
    monkeypatch.setattr("headquarters.tuf_routes.WHOLE_AT_MOST", 1000)
    with TestClient(create_app(hq), base_url="https://testserver") as client:
        taken = laptop.update(CarrierSource(WebCarrier(client, laptop)))
    assert taken.problems == ()
    assert laptop.shelf.installed_pack().pack.version == VERSION
    assert laptop.extract.search("覃建国")


def test_an_empty_folder_is_said_to_be_empty(laptop, tmp_path):
    (tmp_path / "stick").mkdir()
    assert laptop.update(FolderSource(tmp_path / "stick")) is None


@pytest.mark.parametrize("kind", ["timestamp", "snapshot", "targets", "1.root", "pack", "extract", "shards", "anchor"])
def test_a_flipped_bit_on_a_stick_is_found(laptop, hq, tmp_path, kind):
    write_stick(hq, tmp_path)
    path = next(
        each
        for each in sorted((tmp_path / "outpost-releases").rglob("*"))
        if each.is_file() and kind in str(each.relative_to(tmp_path))
    )
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0x04
    path.write_bytes(raw)
    try:
        taken = laptop.update(FolderSource(tmp_path))
    except (EnvironmentProblem, LinkProblem):
        assert laptop.shelf.installed_pack() is None
        return
    if kind == "1.root":
        # Not asked for: the anchor holds the same root.
        assert taken.problems == ()
        return
    assert taken.problems
    assert (laptop.shelf.installed_pack() is None) == (kind == "pack")
    assert (laptop.extract.header() is None) == (kind in ("extract", "shards"))


def test_an_old_stick_after_a_new_one_is_refused(laptop, hq, tmp_path, clock):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        write_stick(hq, tmp_path / name)
        clock.forward(days=2)
        republish_catastrophes(hq, tmp_path, 2 if name == "old" else 3)
    laptop.clock.wall = clock.at
    laptop.update(FolderSource(tmp_path / "new"))
    with pytest.raises(EnvironmentProblem) as caught:
        laptop.update(FolderSource(tmp_path / "old"))
    assert caught.value.code == "release_rollback"
    assert laptop.shelf.record("catastrophe").version == 2
    laptop.update(FolderSource(tmp_path / "new"))


def test_an_old_stick_is_refused_by_a_laptop_that_lost_its_files(laptop, hq, tmp_path, clock):
    write_stick(hq, tmp_path)
    clock.forward(days=2)
    republish_catastrophes(hq, tmp_path, 2)
    laptop.clock.wall = clock.at
    laptop.update(HqSource(hq))
    laptop.forget_files()
    with pytest.raises(EnvironmentProblem) as caught:
        laptop.update(FolderSource(tmp_path))
    assert caught.value.code == "release_rollback"
    taken = laptop.update(HqSource(hq))
    assert taken.problems == ()
    assert taken.installed["catastrophe"] == 2


def test_a_neighbour_takes_it_from_a_laptop_that_took_it_in(laptop, hq, tmp_path, clock):
    other = Laptop(hq, tmp_path / "other", device="D9")
    other.send_log()
    write_stick(hq, tmp_path)
    laptop.update(FolderSource(tmp_path))
    clock.forward(hours=1)
    laptop.clock.wall = other.clock.wall = clock.at
    publish_sample(hq, _pack_file(tmp_path), VERSION, others=60)
    laptop.update(HqSource(hq))
    taken = other.update(FolderSource(laptop.releases))
    assert taken.problems == ()
    assert other.extract.header() == laptop.extract.header()
    assert other.shelf.installed_pack().pack.version == VERSION
    names = {each.name for each in (laptop.releases / "outpost-releases" / "shards").iterdir()}
    assert names == {each.sha256 for each in manifest_of(hq, "all").base + manifest_of(hq, "all").delta}
    other.close()


def test_what_could_not_be_taken_is_tried_again_by_the_next_sync(laptop, source):
    source.alter = lambda path, content: None if path.startswith("shards/") else content
    laptop.update(source)
    assert laptop.updater.taken_before() == 0
    source.alter = unchanged
    done = laptop.update(source)
    assert laptop.updater.taken_before() == done.timestamp_version
    next(laptop.releases.glob("*.blob")).write_bytes(b"")
    laptop.start()
    for path in laptop.releases.glob("*.blob"):
        path.write_bytes(b"")
    assert laptop.updater.taken_before() == 0, "what can't be read is fetched again"


# --- attackers between ---


def test_mixed_metadata_of_two_moments_is_refused(laptop, hq, tmp_path, clock, source):
    before = {path: read_distributed(hq, f"metadata/{path}") for path, _ in metadata_chain(hq)}
    clock.forward(hours=1)
    republish_catastrophes(hq, tmp_path, 2)
    old_snapshot = next(raw for name, raw in before.items() if "snapshot" in name)
    source.alter = lambda path, content: old_snapshot if "snapshot" in path else content
    with pytest.raises(EnvironmentProblem) as caught:
        laptop.update(source)
    assert caught.value.code in ("release_forged", "release_rollback")
    old_targets = next(raw for name, raw in before.items() if "targets" in name)
    source.alter = lambda path, content: old_targets if "targets.json" in path else content
    with pytest.raises(EnvironmentProblem):
        laptop.update(source)
    assert laptop.shelf.installed_pack() is None


@pytest.mark.parametrize("part", ["targets/pack/", "targets/extract/", "targets/revocations/", "shards/"])
def test_a_changed_target_is_refused_and_what_was_before_stays(laptop, hq, tmp_path, source, part):
    clock = hq.now
    laptop.update(source)
    clock.forward(hours=1)
    laptop.clock.wall = clock.at
    republish_catastrophes(hq, tmp_path, 2)
    publish_sample(hq, _pack_file(tmp_path), VERSION, others=90)
    before = laptop.extract.header()
    laptop.forget_files() if part == "targets/pack/" else None
    source.alter = lambda path, content: content[:-1] + b"x" if path.startswith(part) and content else content
    taken = laptop.update(source)
    if part in ("targets/extract/", "shards/"):
        assert taken.problems
        assert laptop.extract.header() == before
        assert laptop.shelf.record("extract").version == 1
    assert laptop.shelf.record("catastrophe").version == 3
    source.alter = unchanged
    assert laptop.update(source).problems == ()
    assert laptop.extract.header().persons > before.persons


def test_a_stranger_can_not_distribute(laptop, tmp_path):
    hq = Headquarters.create(tmp_path / "stranger", StandingClock())
    publish_sample(hq, _pack_file(tmp_path), VERSION, others=0)
    with pytest.raises(EnvironmentProblem) as caught:
        laptop.update(HqSource(hq))
    assert caught.value.code == "release_forged"
    hq.close()


# --- time ---


def test_a_frozen_source_warns_first_and_then_collects_only(laptop, hq, tmp_path, clock):
    write_stick(hq, tmp_path)
    laptop.update(FolderSource(tmp_path))
    pack = laptop.shelf.installed_pack()
    for days, standing in ((9, Freshness.FRESH), (10, Freshness.STALE), (44, Freshness.STALE), (45, Freshness.EXPIRED)):
        assert pack.standing(trusted_time(clock.at + timedelta(days=days), None)) is standing
    laptop.clock.wall = clock.at + timedelta(days=11)
    with pytest.raises(EnvironmentProblem) as caught:
        laptop.update(FolderSource(tmp_path))
    assert caught.value.code == "release_stale"
    assert laptop.shelf.installed_pack() is not None, "what was verified stays in use"


def test_contact_alone_makes_it_fresh_again(laptop, hq, source, clock):
    laptop.update(source)
    clock.forward(days=12)
    laptop.clock.wall = clock.at
    assert laptop.shelf.installed_pack().standing(trusted_time(clock.at, None)) is Freshness.STALE
    laptop.update(source)
    assert laptop.shelf.installed_pack().standing(trusted_time(clock.at, None)) is Freshness.FRESH


def test_a_clock_set_back_400_days_does_not_bring_old_metadata_back_to_life(laptop, hq, tmp_path, clock):
    write_stick(hq, tmp_path)
    clock.forward(days=30)
    with laptop.store.write() as uow:  # headquarters was heard of a month later, by whatever way
        uow.raise_floor(SIGNED_TIME, int(clock.at.timestamp() * 1_000_000))
    laptop.clock.wall = clock.at - timedelta(days=400)
    with pytest.raises(EnvironmentProblem) as caught:
        laptop.update(FolderSource(tmp_path))
    assert caught.value.code == "release_stale"


def test_a_verified_timestamp_raises_the_time_floor(laptop, source, clock):
    laptop.clock.wall = clock.at - timedelta(days=400)
    with laptop.store.read() as reads:
        assert (reads.time_floor() or clock.at - timedelta(days=1)) <= clock.at
    laptop.update(source)
    with laptop.store.read() as reads:
        assert reads.time_floor() >= clock.at


def test_headquarters_restored_from_an_older_backup_signs_above_what_laptops_saw(laptop, hq, tmp_path, clock, source):
    shutil.copytree(hq.home, tmp_path / "backup")
    clock.forward(days=1)
    republish_catastrophes(hq, tmp_path, 2)
    laptop.clock.wall = clock.at
    laptop.update(source)
    clock.forward(hours=2)
    restored = Headquarters.open(tmp_path / "backup", clock)
    upkeep(restored, force=True)
    laptop.clock.wall = clock.at
    taken = laptop.update(HqSource(restored))
    assert [each.code for each in taken.problems] == ["release_rollback"], "the catastrophes of the backup are older"
    assert laptop.shelf.record("catastrophe").version == 2
    restored.close()


# --- keys ---


@pytest.mark.parametrize("names", [["timestamp"], ["targets", "snapshot"], ["root_1"], ["root_1", "root_2", "targets"]])
def test_new_keys_are_followed(laptop, hq, source, clock, names):
    laptop.update(source)
    clock.forward(hours=1)
    assert change_keys(hq.home, hq.secrets, hq.service_der, clock.at, names) == 2
    upkeep(hq, force=True)
    laptop.clock.wall = clock.at
    assert laptop.update(source).problems == ()
    with laptop.store.read() as reads:
        assert reads.floor("release:tuf:root") == 2


def test_a_root_that_only_one_of_two_keys_signed_is_refused(laptop, hq, source, clock):
    laptop.update(source)
    clock.forward(hours=1)
    laptop.clock.wall = clock.at
    change_keys(hq.home, hq.secrets, hq.service_der, clock.at, ["targets"])
    upkeep(hq, force=True)
    raw = msgspec.json.decode(read_root(hq.home, 2))
    raw["signatures"] = raw["signatures"][:1]
    source.alter = lambda path, content: msgspec.json.encode(raw) if path.endswith("2.root.json") else content
    with pytest.raises(EnvironmentProblem) as caught:
        laptop.update(source)
    assert caught.value.code == "release_forged"


def test_the_root_keys_can_be_taken_off_the_machine(hq, clock, tmp_path):
    (tmp_path / "safe").mkdir()
    move_root_keys(hq.home, tmp_path / "safe")
    assert not list((hq.home / "secrets" / "tuf").glob("root_*.key"))
    upkeep(hq, force=True)  # daily work needs none of them
    with pytest.raises(EnvironmentProblem, match="tuf_key_missing"):
        change_keys(hq.home, hq.secrets, hq.service_der, clock.at, ["targets"])
    assert change_keys(hq.home, hq.secrets, hq.service_der, clock.at, ["targets"], root_keys=tmp_path / "safe") == 2


def test_keys_are_never_moved_over_others(hq, tmp_path):
    (tmp_path / "safe").mkdir()
    (tmp_path / "safe" / "root_2.key").write_bytes(b"something else")
    with pytest.raises((EnvironmentProblem, OSError)):
        move_root_keys(hq.home, tmp_path / "safe")
    assert len(list((hq.home / "secrets" / "tuf").glob("root_*.key"))) == 2


def test_an_installation_of_before_gets_its_keys_when_it_is_opened(hq, clock, laptop):
    shutil.rmtree(hq.home / "secrets" / "tuf")
    with hq.database.write() as session:
        session.execute(delete(TufMetadata))
    again = Headquarters.open(hq.home, clock)
    assert laptop.update(HqSource(again)).problems == ()
    again.close()


# --- records of before TUF ---


def test_a_laptop_of_before_moves_over_without_fetching_its_pack_again(laptop, hq, source):
    record = newest_record(hq, "pack")
    laptop.shelf.take(record, PACK)
    taken = laptop.update(source)
    assert taken.installed["pack"] == VERSION
    assert not any(path.startswith("targets/pack/") for path in source.asked)
    assert laptop.shelf.installed_pack().record.name == "current"


def test_records_of_before_are_not_taken_once_tuf_was_verified(laptop, hq, source):
    record = newest_record(hq, "pack")
    laptop.shelf.take(record, PACK)  # before: fine
    laptop.update(source)
    with pytest.raises(EnvironmentProblem) as caught:
        laptop.shelf.take(record, PACK)
    assert caught.value.code == "release_forged"


def test_a_record_of_before_that_somebody_put_there_is_not_read(laptop, hq, source, tmp_path):
    source.alter = lambda path, content: None if path.startswith("targets/pack/") else content
    laptop.update(source)
    assert laptop.shelf.installed_pack() is None
    (laptop.releases / f"pack-{VERSION}.record").write_bytes(newest_record(hq, "pack"))
    (laptop.releases / f"pack-{VERSION}.blob").write_bytes(PACK)
    with pytest.raises(EnvironmentProblem) as caught:
        laptop.shelf.installed_pack()
    assert caught.value.code == "release_forged"


def test_a_pack_of_before_stays_in_use_until_the_new_one_is_here(laptop, hq, source):
    laptop.shelf.take(newest_record(hq, "pack"), PACK)
    with laptop.store.write() as uow:
        uow.raise_floor("release:pack", VERSION)
    (laptop.releases / f"pack-{VERSION}.blob").write_bytes(PACK)
    source.alter = lambda path, content: None if path.startswith("targets/catastrophe/") else content
    assert laptop.update(source).problems
    assert laptop.shelf.installed_pack().pack.version == VERSION


# --- what lies on the disk ---


@pytest.mark.parametrize("name", ["verified.json", "*.blob"])
def test_what_was_changed_on_the_disk_is_not_used_and_comes_again(laptop, source, name):
    laptop.update(source)
    for path in laptop.releases.glob(name):
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 2] ^= 1
        path.write_bytes(raw)
    laptop.start()
    with pytest.raises(EnvironmentProblem) as caught:
        laptop.shelf.installed_pack()
    assert caught.value.code == "release_damaged"
    assert laptop.update(source).problems == ()
    assert laptop.shelf.installed_pack().pack.version == VERSION


def test_an_older_register_put_back_is_found(laptop, hq, tmp_path, clock, source):
    laptop.update(source)
    old = (laptop.releases / "verified.json").read_bytes()
    clock.forward(hours=1)
    laptop.clock.wall = clock.at
    republish_catastrophes(hq, tmp_path, 2)
    laptop.update(source)
    (laptop.releases / "verified.json").write_bytes(old)
    laptop.start()
    with pytest.raises(EnvironmentProblem) as caught:
        laptop.shelf.catastrophes()
    assert caught.value.code == "release_rollback"


def test_a_cut_at_every_step_leaves_a_laptop_that_goes_on(laptop, hq, tmp_path, clock, source):
    laptop.update(source)
    clock.forward(hours=1)
    laptop.clock.wall = clock.at
    publish_sample(hq, _pack_file(tmp_path), VERSION, others=50)
    publish_duplicates(hq)
    steps: list[str] = []
    cut_at = 0
    while True:
        passed = 0

        def probe(step: str, most: int = cut_at) -> None:
            nonlocal passed
            passed += 1
            if passed > most:
                steps.append(step)
                raise Cut

        laptop.start(probe)
        try:
            laptop.update(source)
        except Cut:
            cut_at += 1
            laptop.start()
            assert laptop.shelf.installed_pack() is not None
            assert laptop.extract.search("覃建国")
        else:
            break
    assert {"releases.metadata_verified", "releases.blob_kept", "extract.layer_built", "extract.in_use"} <= set(steps)
    assert laptop.extract.header().version == 2


def test_a_link_that_breaks_in_the_shards_is_resumed(laptop, hq, source):
    taken: list[str] = []

    def breaking(path: str, content: bytes | None) -> bytes | None:
        if path.startswith("shards/"):
            if taken:
                raise LinkProblem(LinkFault.CUT)
            taken.append(path)
        return content

    publish_people(hq, 9000)
    source.alter = breaking
    with pytest.raises(LinkProblem):
        laptop.update(source)
    assert laptop.shelf.installed_pack() is not None, "what came before the cut is in use"
    source.alter = unchanged
    source.asked.clear()
    laptop.update(source)
    assert taken[0] not in source.asked
    assert laptop.extract.header().persons == 9000


# --- stopped devices ---


def test_a_stick_tells_which_devices_are_stopped_and_gives_them_no_key(laptop, hq, tmp_path, clock, source):
    other = Laptop(hq, tmp_path / "other", device="D9")
    other.send_log()
    before = {each.key_id for each in manifest_of(hq, "all").base}
    clock.forward(hours=1)
    revoke(hq, "D9", Bilingual("电脑失窃", "stolen"))
    publish_sample(hq, _pack_file(tmp_path), VERSION, others=300)
    write_stick(hq, tmp_path)
    laptop.clock.wall = clock.at
    laptop.update(FolderSource(tmp_path))
    assert [(each.device, each.reason[1]) for each in laptop.shelf.stopped_devices()] == [("D9", "stolen")]
    assert read_keys(hq, "D9-1") is None
    assert {each.key_id for each in manifest_of(hq, "all").base}.isdisjoint(before), "from now on another key"
    other.close()


class WebCarrier:
    """Signed requests to the real application, as ``HttpCarrier`` sends them; without TLS, which a test's clock would upset."""

    def __init__(self, client: TestClient, laptop: Laptop) -> None:
        self._client, self._laptop = client, laptop

    def get(self, path: str) -> bytes | None:
        response = self._send(path, {})
        return None if response.status_code == 404 else response.content

    def download(self, path: str, write, have: int) -> None:
        response = self._send(path, {"Range": f"bytes={have}-"} if have else {})
        assert response.status_code == (206 if have else 200)
        assert "Content-Encoding" not in response.headers, "what may be resumed travels as it is"
        write(response.content)

    def _send(self, path: str, headers: dict[str, str]):
        who = self._laptop.identity
        signature = self._laptop.store.signer.sign(request_bytes("GET", f"/v1{path}", who.device, who.epoch, b""))
        signed = {"Outpost-Device": who.device, "Outpost-Epoch": str(who.epoch), "Outpost-Signature": signature.hex()}
        return self._client.get(f"/v1{path}", headers={**headers, **signed})


class Cut(BaseException):
    """The power goes."""


def _pack_file(folder: Path) -> Path:
    path = folder / "pack.json"
    path.write_bytes(PACK)
    return path
