"""Fetching what verified metadata lists: targets, and the shards that a manifest names.

Promise: bytes leave this module only when their length and SHA-256 are those that were proved. What a cut left of a large target is kept under
``<sha256>.part`` and continued, never trusted; shards are kept one by one, so that a cut costs at most the ones under way.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from claims.distributed import Shard
from claims.errors import Bilingual, EnvironmentProblem
from sync.problems import LinkProblem
from sync.tuf_sources import TufSource
from sync.tuf_targets import WHOLE_AT_MOST, shard_path
from sync.tuf_verified import ListedTarget
from sync.wire.faults import LinkFault

MAX_SHARD_BYTES = 4 * 1024 * 1024


def fetch_target(source: TufSource, target: ListedTarget, folder: Path) -> bytes:
    """Return a target's bytes, verified.

    Args:
        source: where from.
        target: what the metadata says of it.
        folder: an existing folder for what a cut leaves.

    Raises:
        LinkProblem: the source could not bring it (run again to resume), or ``release_refused``: it brought something else.
        EnvironmentProblem: ``release_disk``.
    """
    if target.size_bytes <= WHOLE_AT_MOST:
        content = source.read(target.path, target.size_bytes)
    else:
        try:
            content = _resumed(source, target, folder / f"{target.sha256}.part")
        except OSError as problem:
            raise _disk(problem) from problem
    if content is None or len(content) != target.size_bytes or _digest(content) != target.sha256:
        raise LinkProblem(LinkFault.RELEASE_REFUSED)
    return content


def fetch_shards(
    source: TufSource,
    wanted: Iterable[Shard],
    keep: Callable[[Shard, bytes], None],
    *,
    arrived: Callable[[int], None] = lambda size: None,  # noqa: ARG005 - the port's shape
) -> int:
    """Fetch shards one after another, each handed to ``keep`` once it is proved; return how many bytes came.

    Raises:
        LinkProblem: the source could not bring one; those before it are kept.
    """
    total = 0
    for shard in wanted:
        if shard.size_bytes > MAX_SHARD_BYTES:
            raise LinkProblem(LinkFault.RELEASE_REFUSED)
        content = source.read(shard_path(shard.sha256), shard.size_bytes)
        if content is None or len(content) != shard.size_bytes or _digest(content) != shard.sha256:
            raise LinkProblem(LinkFault.RELEASE_REFUSED)
        keep(shard, content)
        total += len(content)
        arrived(len(content))
    return total


def _resumed(source: TufSource, target: ListedTarget, part: Path) -> bytes:
    have = part.stat().st_size if part.exists() else 0
    if have > target.size_bytes:
        part.unlink()
        have = 0
    if have < target.size_bytes:
        with part.open("ab") as file:

            def write(piece: bytes) -> None:
                if file.tell() + len(piece) > target.size_bytes:
                    raise _TooLongError
                file.write(piece)

            try:
                source.stream(target.path, write, have)
            except _TooLongError:
                pass  # the hash below throws it away
            finally:
                file.flush()
                os.fsync(file.fileno())
    content = part.read_bytes()
    if len(content) >= target.size_bytes or _digest(content) == target.sha256:
        # Whole, or spoiled: the next try begins anew.
        part.unlink()
    return content


class _TooLongError(Exception):
    """More bytes than the metadata allows."""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _disk(problem: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(
        "release_disk",
        Bilingual(f"无法保存下载的文件：{problem.strerror}。", f"The download can't be saved: {problem.strerror}."),
        Bilingual("请腾出磁盘空间后再同步。", "Make room on the disk, then sync again."),
        retryable=False,
    )
