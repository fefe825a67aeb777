"""Putting an extract into use: whole, or not at all."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from claims.errors import EnvironmentProblem
from claims.reference import AnyExtractRecord
from headquarters.extract_file import write_extract
from local_db.extract import apply as applying
from local_db.extract import search as searching
from local_db.extract.apply import apply_extract
from local_db.extract.engine import OpenExtract, open_searching
from local_db.extract.pointer import read_pointer
from local_db.extract.search import LocalExtract
from local_db.store_keys import EngineKey
from tests.extract.streams import KEY, applied, header_of, ids, packed_lines, policy, someone, stream_of

OLD = [someone(1, "旧人甲"), someone(2, "旧人乙")]
NEW = [someone(3, "新人丙"), someone(4, "新人丁")]
NEW_POLICIES = [policy("AT-A 1", "P3", "P4", "P3")]
NEW_STREAM = stream_of(NEW, NEW_POLICIES, version=2)


@pytest.fixture
def old(tmp_path: Path) -> LocalExtract:
    """An extract in use, opened by a search."""
    made = applied(tmp_path, OLD)
    assert set(ids(made.search("旧人"))) == {"P1", "P2"}
    return made


def still_in_use(folder: Path, old: LocalExtract) -> None:
    """Nothing has changed: for the search that is open, for one that starts now, and in the folder."""
    for extract in (old, LocalExtract(folder, KEY)):
        header = extract.header()
        assert header is not None
        assert header.version == 1
        assert set(ids(extract.search("旧人"))) == {"P1", "P2"}
        assert extract.search("新人") == ()
        extract.close()
    assert {each.name for each in folder.iterdir()} == {"current.json", pointed_at(folder)}


def pointed_at(folder: Path) -> str:
    pointer = read_pointer(folder)
    assert pointer is not None
    return pointer.file


def test_what_headquarters_writes_is_what_the_laptop_takes(tmp_path: Path) -> None:
    header = write_extract(tmp_path / "stream.zst", NEW, NEW_POLICIES, 7, header_of(0, 0).made_at)
    with (tmp_path / "stream.zst").open("rb") as stream:
        assert apply_extract(stream, tmp_path / "extract", KEY) == header
    extract = LocalExtract(tmp_path / "extract", KEY)
    assert extract.header() == header
    assert [extract.person(each.person_id).person for each in NEW] == NEW  # type: ignore[union-attr]  # a None fails the test all the same
    assert extract.policies_of("P3") == tuple(NEW_POLICIES)
    extract.close()


def test_an_open_search_goes_on_and_then_sees_the_new_extract(tmp_path: Path, old: LocalExtract) -> None:
    reader = open_searching(tmp_path / pointed_at(tmp_path), KEY)
    apply_extract(io.BytesIO(NEW_STREAM), tmp_path, KEY)
    if os.name != "nt":
        # The old file is gone by name, not for whoever reads it.
        assert reader.execute("SELECT count(*) FROM person_number").fetchone()[0] == len(OLD)
    reader.close()
    assert set(ids(old.search("新人"))) == {"P3", "P4"}
    assert old.search("旧人") == ()
    assert {each.name for each in tmp_path.iterdir()} == {"current.json", pointed_at(tmp_path)}
    old.close()


def test_searching_never_stops_while_extracts_come_and_go(tmp_path: Path) -> None:
    extract = applied(tmp_path, NEW, NEW_POLICIES)
    over = threading.Event()
    seen: list[set[str]] = []
    problems: list[BaseException] = []

    def look() -> None:
        try:
            while not over.is_set():
                seen.append(set(ids(extract.search("新人"))))
        except BaseException as error:
            problems.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    for version in range(2, 12):
        apply_extract(io.BytesIO(stream_of(NEW, NEW_POLICIES, version=version)), tmp_path, KEY)
    over.set()
    thread.join()
    assert problems == []
    assert seen
    assert all(each == {"P3", "P4"} for each in seen)
    extract.close()


def test_a_file_replaced_between_pointer_and_opening(
    tmp_path: Path, old: LocalExtract, monkeypatch: pytest.MonkeyPatch
) -> None:
    old.close()

    def late(path: Path, key: EngineKey) -> OpenExtract:
        if pointed_at(tmp_path) == path.name and "extract-1-" in path.name:
            apply_extract(io.BytesIO(NEW_STREAM), tmp_path, KEY)
        return open_searching(path, key)

    monkeypatch.setattr(searching, "open_searching", late)
    assert set(ids(old.search("新人"))) == {"P3", "P4"}
    old.close()


def test_the_same_version_twice(tmp_path: Path, old: LocalExtract) -> None:
    before = pointed_at(tmp_path)
    apply_extract(io.BytesIO(stream_of(OLD)), tmp_path, KEY)
    assert pointed_at(tmp_path) != before
    still_in_use(tmp_path, old)


def test_an_extract_without_policies_or_people(tmp_path: Path) -> None:
    extract = applied(tmp_path, [])
    assert extract.search("张") == ()
    assert extract.search("9901") == ()
    assert extract.policy("AT-A 1") is None
    extract.close()


def test_progress_ends_at_all_records(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    apply_extract(io.BytesIO(NEW_STREAM), tmp_path, KEY, progress=lambda done, expected: seen.append((done, expected)))
    assert seen[-1] == (3, 3)


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_cut_stream_is_not_taken(tmp_path: Path, old: LocalExtract, kept: float) -> None:
    with pytest.raises(EnvironmentProblem) as raised:
        apply_extract(io.BytesIO(NEW_STREAM[: int(len(NEW_STREAM) * kept)]), tmp_path, KEY)
    assert raised.value.code == "extract_damaged"
    assert "原有的保单资料仍可使用" in raised.value.sentence("zh")
    still_in_use(tmp_path, old)


@pytest.mark.parametrize("place", range(0, len(NEW_STREAM), 23))
def test_a_damaged_byte_is_noticed(tmp_path: Path, old: LocalExtract, place: int) -> None:
    damaged = bytearray(NEW_STREAM)
    damaged[place] ^= 0x55
    with pytest.raises(EnvironmentProblem) as raised:
        apply_extract(io.BytesIO(damaged), tmp_path, KEY)
    assert raised.value.code == "extract_damaged"
    still_in_use(tmp_path, old)


TWICE = [*NEW, NEW[0]]
BAD: dict[str, tuple[list[AnyExtractRecord], str]] = {
    "one person too few": ([header_of(3, 1), *NEW, *NEW_POLICIES], "extract_damaged"),
    "one person too many": ([header_of(1, 1), *NEW, *NEW_POLICIES], "extract_damaged"),
    "counts swapped": ([header_of(1, 2), *NEW, *NEW_POLICIES], "extract_damaged"),
    "one policy too few": ([header_of(2, 2), *NEW, *NEW_POLICIES], "extract_damaged"),
    "no header": ([*NEW, *NEW_POLICIES], "extract_damaged"),
    "nothing": ([], "extract_damaged"),
    "a second header": ([header_of(2, 1), *NEW, header_of(2, 1), *NEW_POLICIES], "extract_damaged"),
    "policies first": ([header_of(2, 1), *NEW_POLICIES, *NEW], "extract_damaged"),
    "a person twice": ([header_of(3, 1), *TWICE, *NEW_POLICIES], "extract_damaged"),
    "a newer schema": ([header_of(2, 1, schema=2), *NEW, *NEW_POLICIES], "extract_newer"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_stream_that_contradicts_itself_is_not_taken(tmp_path: Path, old: LocalExtract, case: str) -> None:
    records, code = BAD[case]
    with pytest.raises(EnvironmentProblem) as raised:
        apply_extract(io.BytesIO(packed_lines(records)), tmp_path, KEY)
    assert raised.value.code == code
    still_in_use(tmp_path, old)


@pytest.mark.parametrize("raw", [b"<html>Please log in</html>", b"\x00" * 100], ids=["a login page", "zeros"])
def test_something_else_is_not_taken(tmp_path: Path, old: LocalExtract, raw: bytes) -> None:
    with pytest.raises(EnvironmentProblem) as raised:
        apply_extract(io.BytesIO(raw), tmp_path, KEY)
    assert raised.value.code == "extract_damaged"
    still_in_use(tmp_path, old)


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path, old: LocalExtract) -> None:
    import zstandard

    lines = (
        b'{"t":"h","schema":1,"version":2,"made_at":"2026-11-20T00:00:00Z","persons":1,"policies":0}\n{"t":"p","name":"'
    )
    bomb = zstandard.ZstdCompressor(level=19).compress(lines + b"x" * (64 << 20))
    with pytest.raises(EnvironmentProblem) as raised:
        apply_extract(io.BytesIO(bomb), tmp_path, KEY)
    assert raised.value.code == "extract_damaged"
    assert "too long" in raised.value.cause.en
    still_in_use(tmp_path, old)


def test_a_full_disk_while_loading(tmp_path: Path, old: LocalExtract) -> None:
    with pytest.raises(EnvironmentProblem) as raised:
        apply_extract(io.BytesIO(NEW_STREAM), tmp_path, KEY, max_pages=5)
    assert raised.value.code == "store_full"
    assert raised.value.retryable
    assert "保单资料" in raised.value.sentence("zh")
    still_in_use(tmp_path, old)


class _Failing(io.RawIOBase):
    """A stick that is pulled out after the first bytes."""

    def __init__(self) -> None:
        self._reads = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:  # noqa: ARG002 - what a stream is asked
        self._reads += 1
        if self._reads > 1:
            raise OSError(errno.EIO, "Input/output error")
        return NEW_STREAM[:60]


def test_a_stick_pulled_out_while_reading(tmp_path: Path, old: LocalExtract) -> None:
    with pytest.raises(EnvironmentProblem) as raised:
        apply_extract(_Failing(), tmp_path, KEY)  # type: ignore[arg-type]  # only read() is asked of the stream
    assert raised.value.code == "file_unreachable"
    still_in_use(tmp_path, old)


def test_a_full_disk_while_the_pointer_is_written(
    tmp_path: Path, old: LocalExtract, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(applying, "write_durably", full)
    with pytest.raises(EnvironmentProblem) as raised:
        apply_extract(io.BytesIO(NEW_STREAM), tmp_path, KEY)
    assert raised.value.code == "disk_full"
    still_in_use(tmp_path, old)


KILLED = """
import io, os, sys
from pathlib import Path
from local_db.extract.apply import apply_extract
from local_db.store_keys import EngineKey
from tests.extract.streams import KEY
# The last progress comes after the file is complete and before the pointer is written.
apply_extract(io.BytesIO(sys.stdin.buffer.read()), Path(sys.argv[1]), KEY, progress=lambda *_: os._exit(9))
"""


def test_a_process_killed_before_the_pointer_leaves_the_old_one_and_is_swept_later(
    tmp_path: Path, old: LocalExtract
) -> None:
    root = Path(__file__).parents[2]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], input=NEW_STREAM, cwd=root, check=False, timeout=60
    )
    assert killed.returncode == 9
    assert len(list(tmp_path.glob("extract-*.db"))) == 2
    (tmp_path / "extract-2-0badcafe.loading").write_bytes(b"half a file")
    (tmp_path / "extract-2-0badcafe.db").write_bytes(b"half a file")
    (tmp_path / ".current.json.0badcafe.part").write_bytes(b"{")
    assert set(ids(old.search("旧人"))) == {"P1", "P2"}
    with pytest.raises(EnvironmentProblem):
        apply_extract(io.BytesIO(b"no extract"), tmp_path, KEY)
    still_in_use(tmp_path, old)


def test_no_name_number_or_policy_is_readable_in_any_file(tmp_path: Path) -> None:
    people = [someone(n, "唐晓明显", date(1970, 1, 1)) for n in range(1, 400)]
    policies = [policy(f"AT-A PLAINLY {n}", "P1", f"P{n}", "P2") for n in range(1, 400)]
    snapshots: list[bytes] = []

    def look(_done: int, _expected: int) -> None:
        snapshots.extend(each.read_bytes() for each in tmp_path.iterdir())

    apply_extract(io.BytesIO(stream_of(people, policies)), tmp_path, KEY, progress=look)
    extract = LocalExtract(tmp_path, KEY)
    assert len(extract.search("唐晓明显", limit=1000)) == 399
    look(0, 0)
    assert len(snapshots) > 2
    for text in (
        "晓明",
        people[0].id_number,
        people[0].phone,
        "tangxiaoming",
        "PLAINLY",
        "安途",
        "person_key",
        "SQLite format",
    ):
        assert not any(text.encode() in each for each in snapshots), text
    extract.close()
