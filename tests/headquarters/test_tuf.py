"""The repository at headquarters: signed in time, by the roles that may; keys made once; commands that do what they say."""

from __future__ import annotations

import stat
import threading
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from tuf.api.metadata import Metadata, Root, Targets, Timestamp

from claims.errors import EnvironmentProblem, InputError
from headquarters import commands
from headquarters.extract_shards import manifest_of
from headquarters.installation import Headquarters
from headquarters.sticks import write_stick
from headquarters.tuf_keys import ROOT_KEYS, Role, ensure_keys, folder_of, read_root, root_versions
from headquarters.tuf_repository import read_file, read_metadata, targets_now, timestamp_version, unpublish, upkeep
from headquarters.tuf_routes import read_distributed
from headquarters.tuf_upkeep import Upkeep
from sync.tuf_targets import STICK_FOLDER


def timestamp(hq):
    return Metadata[Timestamp].from_bytes(read_metadata(hq, "timestamp.json")).signed


def targets(hq):
    version = timestamp(hq).snapshot_meta.version
    return Metadata[Targets].from_bytes(read_metadata(hq, f"{version}.targets.json")).signed


def test_two_keys_stand_behind_the_root_and_nobody_else_may_read_them(hq):
    root = Metadata[Root].from_bytes(read_root(hq.home, 1)).signed
    assert (root.roles["root"].threshold, len(root.roles["root"].keyids)) == (2, 2)
    for name in (*ROOT_KEYS, *Role):
        assert stat.S_IMODE((folder_of(hq.home) / f"{name}.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder_of(hq.home).stat().st_mode) == 0o700


def test_keys_are_made_once_however_many_try(hq, tmp_path, clock):
    home = tmp_path / "many"
    (home / "secrets").mkdir(parents=True)
    starters = [
        threading.Thread(target=ensure_keys, args=(home, hq.secrets, hq.service_der, clock.at)) for _ in range(6)
    ]
    for each in starters:
        each.start()
    for each in starters:
        each.join()
    assert root_versions(home) == [1]
    assert [each.name for each in (home / "secrets").iterdir()] == ["tuf"]


def test_timestamps_last_ten_days_and_targets_forty_five(stocked):
    assert timestamp(stocked).expires - stocked.now() == timedelta(days=10)
    assert targets(stocked).expires - stocked.now() == timedelta(days=45)


@pytest.mark.parametrize(("hours", "again"), [(23, (False, False)), (25, (True, False)), (24 * 7 + 1, (True, True))])
def test_what_is_due_is_signed_again_and_nothing_else(stocked, clock, hours, again):
    upkeep(stocked)
    before = timestamp(stocked).version, targets(stocked).version
    clock.forward(hours=hours)
    upkeep(stocked)
    after = timestamp(stocked).version, targets(stocked).version
    assert tuple(new > old for old, new in zip(before, after, strict=True)) == again


def test_asking_for_the_timestamp_is_enough_to_have_it_signed(stocked, clock):
    clock.forward(days=9)
    assert timestamp(stocked).expires > clock.at + timedelta(days=9)


def test_versions_rise_within_one_second(stocked):
    first = timestamp_version(stocked)
    upkeep(stocked, force=True)
    upkeep(stocked, force=True)
    assert timestamp_version(stocked) >= first + 2


def test_the_service_signs_while_it_runs(stocked, clock):
    upkeep(stocked)
    before = timestamp_version(stocked)
    rounds = threading.Event()
    seen = []

    def pause(_seconds):
        seen.append(timestamp_version(stocked))
        clock.forward(days=2)
        if len(seen) == 3:
            rounds.set()
        return len(seen) == 3

    with Upkeep(stocked, pause):
        assert rounds.wait(20)
    assert seen[0] == before < seen[1] < seen[2]


@pytest.mark.parametrize(
    "path",
    [
        "metadata/root.json",
        "metadata/0.root.json",
        "metadata/2.root.json",
        "metadata/1.timestamp.json",
        "metadata/../secrets/root.key",
        "targets/pack/current",
        f"targets/pack/{'0' * 64}.current",
        "targets/../../secrets/root.key",
        f"shards/{'0' * 64}",
        "shards/../secrets",
        "keys/D3-1",
        "keys/../x-1",
        "keys/D3-",
        "",
        "secrets/tuf/targets.key",
    ],
)
def test_nothing_else_is_given_away(stocked, path):
    assert read_distributed(stocked, path) is None


def test_everything_listed_can_be_fetched(stocked):
    for path, (row, note) in targets_now(stocked).items():
        content = read_file(stocked, f"targets/{note.kind}/{row.sha256}.{note.name}")
        assert len(content) == row.size_bytes, path
    for shard in manifest_of(stocked, "all").base:
        assert len(read_distributed(stocked, f"shards/{shard.sha256}")) == shard.size_bytes


def test_over_http_only_to_devices_that_are_enrolled_and_not_stopped(stocked, make_laptop, client):
    laptop = make_laptop()
    assert client.get("/v1/tuf/metadata/timestamp.json").status_code == 401
    whole = laptop.send("GET", "/v1/tuf/metadata/timestamp.json", b"")
    assert whole.content == read_metadata(stocked, "timestamp.json")
    shard = manifest_of(stocked, "all").base[0]
    part = laptop.send("GET", f"/v1/tuf/shards/{shard.sha256}", b"", Range="bytes=10-")
    assert (part.status_code, len(part.content)) == (206, shard.size_bytes - 10)
    assert laptop.send("GET", "/v1/tuf/metadata/9.root.json", b"").status_code == 404


def test_what_is_taken_out_is_listed_no_more(stocked):
    unpublish(stocked, "catastrophe/current")
    assert "catastrophe/current" not in targets(stocked).targets
    with pytest.raises(InputError, match="target_unknown"):
        unpublish(stocked, "catastrophe/current")


def test_a_stick_replaces_the_one_before_only_when_it_is_whole(stocked, tmp_path, monkeypatch):
    stick = tmp_path / "stick"
    stick.mkdir()
    write_stick(stocked, stick)
    before = sorted(path.name for path in (stick / STICK_FOLDER).rglob("*"))
    monkeypatch.setattr("headquarters.sticks.read_anchor", _breaks)
    with pytest.raises(EnvironmentProblem, match="stick_not_written"):
        write_stick(stocked, stick)
    assert sorted(path.name for path in (stick / STICK_FOLDER).rglob("*")) == before
    assert [each.name for each in stick.iterdir()] == [STICK_FOLDER]


def test_the_commands_do_it_too(stocked, tmp_path, monkeypatch, capsys):
    at = datetime(2026, 12, 1, 7, tzinfo=UTC)
    home = str(stocked.home)
    for module in ("commands_distribution", "commands"):
        monkeypatch.setattr(f"headquarters.{module}.system_now", lambda: at)
    visit = tmp_path / "monday.txt"
    visit.write_text("P90000003\n", "utf-8")
    (tmp_path / "safe").mkdir()
    (tmp_path / "stick").mkdir()
    for line in (
        ["publish-extract", home, "--visit", str(visit), "--station", "QX07"],
        ["publish-extract", home, "--region", "9901"],
        ["publish-extract", home, "--catastrophe", "CAT-2026-11"],
        ["publish-duplicates", home],
        ["tuf-keys", home, "--change", "timestamp"],
        ["tuf-keys", home, "--move-root-to", str(tmp_path / "safe")],
        ["tuf-keys", home, "--change", "root_1", "--root-keys", str(tmp_path / "safe")],
        ["write-stick", home, str(tmp_path / "stick"), "--station", "QX07"],
        ["unpublish", home, "extract/region-9901"],
        ["tuf-sign", home, "--all"],
    ):
        assert commands.run(line) == 0, line
    said = capsys.readouterr().out
    assert "extract/visit-monday" in said
    assert "3" in said.splitlines()[-1] or "duplicates/current" in said
    listed = targets_now(stocked)
    assert "extract/region-9901" not in listed
    assert listed["extract/visit-monday"][1].stations == ("QX07",)
    assert root_versions(stocked.home) == [1, 2, 3]
    assert {each.name for each in (tmp_path / "safe").iterdir()} == {"root_1.key", "root_2.key"}


def test_an_anchor_holds_the_newest_root(hq):
    assert isinstance(hq, Headquarters)
    anchored = read_file(hq, "anchor")
    assert msgspec.json.decode(read_root(hq.home, 1))["signed"]["version"] == 1
    assert read_root(hq.home, 1) in anchored


def _breaks(_home):
    raise OSError(28, "No space left on device")
