"""Attachment files: round trips, ranges, damage, full disks and leftovers."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.errors import EnvironmentProblem
from claims.ports import no_probe
from local_db.attachments import CHUNK_BYTES, LocalAttachments

SIZES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 77)


@pytest.fixture
def attachments(tmp_path: Path) -> LocalAttachments:
    return LocalAttachments(tmp_path / "attachments", bytes(range(32)), no_probe)


def content_of(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def files(attachments: LocalAttachments) -> list[Path]:
    return [one for one in attachments._folder.rglob("*") if one.is_file()]


@pytest.mark.parametrize("size", SIZES)
def test_what_goes_in_comes_out(attachments: LocalAttachments, size: int) -> None:
    content = content_of(size)
    sha256 = attachments.put(content)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert sha256 in attachments
    assert attachments.get(sha256) == content
    assert attachments.stored_size(sha256) == size


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.sampled_from(SIZES), offset=st.integers(0, 4 * CHUNK_BYTES), length=st.integers(0, 4 * CHUNK_BYTES))
def test_a_range_is_that_part_of_the_whole(attachments: LocalAttachments, size: int, offset: int, length: int) -> None:
    content = content_of(size)
    assert attachments.read_range(attachments.put(content), offset, length) == content[offset : offset + length]


def test_a_range_reads_only_its_chunks(attachments: LocalAttachments) -> None:
    sha256 = attachments.put(content_of(3 * CHUNK_BYTES))
    (path,) = files(attachments)
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    assert len(attachments.read_range(sha256, 0, 2 * CHUNK_BYTES)) == 2 * CHUNK_BYTES
    with pytest.raises(EnvironmentProblem) as caught:
        attachments.read_range(sha256, 2 * CHUNK_BYTES, 1)
    assert caught.value.code == "attachment_damaged"


def test_putting_twice_is_harmless(attachments: LocalAttachments) -> None:
    content = content_of(5000)
    first = attachments.put(content)
    (path,) = files(attachments)
    before = (path.read_bytes(), path.stat().st_ino)
    assert attachments.put(content) == first
    assert [(one.read_bytes(), one.stat().st_ino) for one in files(attachments)] == [before]


def test_putting_again_mends_a_damaged_file(attachments: LocalAttachments) -> None:
    content = content_of(5000)
    sha256 = attachments.put(content)
    (path,) = files(attachments)
    path.write_bytes(path.read_bytes()[:-7])
    attachments.put(content)
    assert attachments.get(sha256) == content


@pytest.mark.parametrize("size", [0, 100, CHUNK_BYTES, 2 * CHUNK_BYTES + 5])
def test_every_kind_of_damage_is_told(attachments: LocalAttachments, size: int) -> None:
    sha256 = attachments.put(content_of(size))
    (path,) = files(attachments)
    whole = path.read_bytes()
    stored_chunk = CHUNK_BYTES + 16
    flipped = [whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :] for at in (0, 8, len(whole) // 2, len(whole) - 1)]
    cut = [whole[:0], whole[:7], whole[:8], whole[:-1], whole + b"\0", whole[: 8 + stored_chunk]]
    swapped = [
        whole[:8]
        + whole[8 + stored_chunk : 8 + 2 * stored_chunk]
        + whole[8 : 8 + stored_chunk]
        + whole[8 + 2 * stored_chunk :]
    ]
    for bad in flipped + cut + swapped:
        if bad == whole:
            continue
        path.write_bytes(bad)
        with pytest.raises(EnvironmentProblem) as caught:
            attachments.get(sha256)
        assert caught.value.code == "attachment_damaged"
        assert "重新拍摄" in caught.value.sentence()


def test_one_file_cannot_stand_in_for_another(attachments: LocalAttachments) -> None:
    one, other = attachments.put(b"one"), attachments.put(b"two")
    attachments._path(other).write_bytes(attachments._path(one).read_bytes())
    with pytest.raises(EnvironmentProblem):
        attachments.get(other)


def test_another_key_finds_nothing(attachments: LocalAttachments) -> None:
    sha256 = attachments.put(b"secret")
    stranger = LocalAttachments(attachments._folder, bytes(32), no_probe)
    assert sha256 not in stranger
    with pytest.raises(EnvironmentProblem) as caught:
        stranger.get(sha256)
    assert caught.value.code == "attachment_missing"


def test_missing_files_are_told(attachments: LocalAttachments) -> None:
    for ask in (attachments.get, lambda sha256: attachments.read_range(sha256, 0, 1)):
        with pytest.raises(EnvironmentProblem) as caught:
            ask("ab" * 32)
        assert caught.value.code == "attachment_missing"
    assert attachments.stored_size("ab" * 32) is None


def test_names_do_not_tell_the_hash(attachments: LocalAttachments) -> None:
    sha256 = attachments.put(b"a well-known leaflet")
    assert all(sha256[:8] not in str(one) for one in files(attachments))


@contextmanager
def files_may_be_no_longer_than(size: int) -> Iterator[None]:
    """The kernel itself refuses longer writes, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_no_half_file(attachments: LocalAttachments) -> None:
    content = content_of(3 * CHUNK_BYTES)
    with files_may_be_no_longer_than(CHUNK_BYTES), pytest.raises(EnvironmentProblem) as caught:
        attachments.put(content)
    assert (caught.value.code, caught.value.retryable) == ("disk_full", True)
    assert files(attachments) == []
    sha256 = attachments.put(content)
    assert attachments.get(sha256) == content


def test_a_folder_that_refuses_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_bytes(b"a file where the folder should be")
    with pytest.raises(EnvironmentProblem) as caught:
        LocalAttachments(blocked, bytes(32), no_probe).put(b"x")
    assert caught.value.code == "file_unreachable"


def test_leftovers_of_a_killed_process_are_swept(attachments: LocalAttachments) -> None:
    sha256 = attachments.put(b"kept")
    (path,) = files(attachments)
    (path.parent / f".{path.name}.0123456789abcdef.part").write_bytes(b"half")
    assert attachments.sweep() == 1
    assert files(attachments) == [path]
    assert attachments.get(sha256) == b"kept"


def test_the_bytes_are_synced_before_the_name(attachments: LocalAttachments, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def told_fsync(descriptor: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def told_replace(path: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", told_fsync)
    monkeypatch.setattr(Path, "replace", told_replace)
    attachments._probe = steps.append
    attachments.put(b"x")
    assert steps[-4:] == ["file", "rename", "folder", "attachment_durable"]
    assert steps[:-4] == ["folder"] * (len(steps) - 4)
