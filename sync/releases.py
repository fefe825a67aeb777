"""Downloading a release: the signed record first, then the bytes, resumed where the last try stopped, then the hash.

Promise: a file with the release's name exists only when its size and SHA-256 are those of the verified record. What a cut left
is kept under ``<sha256>.part`` and continued, never trusted.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from claims.errors import Bilingual, EnvironmentProblem
from claims.ports import ReleaseSource
from sync.problems import LinkProblem
from sync.wire.faults import LinkFault
from trust.certificates import TrustStore
from trust.errors import TrustError
from trust.releases import ReleaseRecord, open_release

_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DownloadedRelease:
    """A verified release: its record, the record's raw signed bytes (kept as proof) and the file."""

    record: ReleaseRecord
    raw_record: bytes
    path: Path


def download_release(
    source: ReleaseSource, kind: str, folder: Path, roots: TrustStore, *, floor_version: int
) -> DownloadedRelease | None:
    """Fetch the newest release of a kind into ``folder``; None when there is none.

    Args:
        source: where from.
        kind: ``pack``, ``extract``, ...
        folder: an existing folder on the disk where the release will live, so that the last step is a rename.
        roots: who may sign.
        floor_version: the highest version of this kind accepted so far; older ones are refused.

    Raises:
        LinkProblem: the link failed (run again to resume), or ``release_refused``: record or bytes don't verify.
        EnvironmentProblem: ``release_disk``, the file can't be written.
    """
    raw = source.record(kind)
    if raw is None:
        return None
    record = _opened(raw, kind, roots, floor_version)
    path, part = folder / record.sha256, folder / f"{record.sha256}.part"
    try:
        if not (path.exists() and _matches(path, record)):
            _fill(source, kind, part, raw, record)
            part.replace(path)
    except OSError as problem:
        raise EnvironmentProblem(
            "release_disk",
            Bilingual(f"无法保存下载的文件：{problem.strerror}。", f"The download can't be saved: {problem.strerror}."),
            Bilingual("请腾出磁盘空间后再同步。", "Make room on the disk, then sync again."),
            retryable=False,
        ) from problem
    return DownloadedRelease(record=record, raw_record=raw, path=path)


def _opened(raw: bytes, kind: str, roots: TrustStore, floor_version: int) -> ReleaseRecord:
    try:
        record = open_release(raw, roots, floor_version=floor_version)
    except TrustError as problem:
        raise LinkProblem(LinkFault.RELEASE_REFUSED) from problem
    if record.kind != kind:
        raise LinkProblem(LinkFault.RELEASE_REFUSED)
    return record


def _fill(source: ReleaseSource, kind: str, part: Path, raw: bytes, record: ReleaseRecord) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have > record.size_bytes:
        part.unlink()
        have = 0
    if have < record.size_bytes or record.size_bytes == 0:
        with part.open("ab") as file:

            def write(piece: bytes) -> None:
                if file.tell() + len(piece) > record.size_bytes:
                    # Longer than the signed record says: stop before it fills the disk; the hash check below throws it away.
                    raise _TooLongError
                file.write(piece)

            try:
                newest = source.fetch(kind, write, have)
            except _TooLongError:
                newest = None
            finally:
                file.flush()
                os.fsync(file.fileno())
        if newest != raw and newest is not None:
            # HQ published another one meanwhile; what came belongs to that one.
            part.unlink()
            raise LinkProblem(LinkFault.RELEASE_REFUSED)
    if not _matches(part, record):
        part.unlink()
        raise LinkProblem(LinkFault.RELEASE_REFUSED)


class _TooLongError(Exception):
    """More bytes than the record allows."""


def _matches(path: Path, record: ReleaseRecord) -> bool:
    if path.stat().st_size != record.size_bytes:
        return False
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest() == record.sha256
